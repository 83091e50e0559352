"""The test bed: every family with each quirk, every way to hide a column, every failure, each on a host of its own."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from captures import Archive, PayloadError
from crawler.outcomes import KEPT
from crawler.run import crawl_async
from tests.portals.catalogue import QUICK, YEARS, county_reports
from tests.portals.county import CountyPortal
from tests.portals.families import LISTS, OLDER
from tests.portals.faulty import CODES, FaultyPortal
from tests.portals.hanweb import HanwebPortal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from captures import Outcome
    from crawler.run import CrawlSummary
    from tests.portals.base import FakePortal

ALL_YEARS = list(range(YEARS[0], YEARS[1] + 1))
# Quirks that leave the end of a list unproved, and what a year that is not listed is called then.
CUT_OFF = {"claims_more": "paging_stuck", "empty_reply": "paging_stuck", "repeats": "paging_stuck"}
FORBIDDING = {"robots_deny": "robots_disallow", "robots_403": "robots_disallow", "robots_500": "unreachable"}
# What each way to hide a column comes to, where the catalogue knows the home page alone.
HIDDEN = {
    **dict.fromkeys(("", "splash", "frame", "frameset", "script_home", "image_link", "direct", "column_type"), "found"),
    **dict.fromkeys(("button_code", "footer_code", "name_only", "city_code", "site_map", "sitemap_xml"), "found"),
    **dict.fromkeys(("robots_sitemap", "iframe_column", "script_column", "year_folders", "units"), "found"),
    **dict.fromkeys(("false_friends", "no_year_column", "plain_column", "shown_with_more"), "found"),
    **dict.fromkeys(("wrong_site", "resold", "converted"), "identity_mismatch"),
    **dict.fromkeys(("no_hub", "guess"), "no_hub"),
    "no_column": "no_column",
    "empty_column": "empty_list",
    "waf_inside": "waf_jsl",
    **FORBIDDING,
}
# Other reports and other bodies' reports, which none of these lists may bring.
NOISE = (
    "{name}教育局{year}年政府信息公开工作年度报告",
    "{name}城关镇人民政府{year}年政府信息公开年报",
    "{name}政府网站{year}年度工作报表",
    "{name}{year}年法治政府建设年度报告",
)


@dataclass(frozen=True, slots=True)
class Bench:
    """One portal of the bed: what it is, whether the catalogue knows its column, and what each year is to come to."""

    label: str
    portal: FakePortal
    knows_column: bool
    expected: dict[int, str]


def bed() -> dict[str, Bench]:
    """Return all portals by code."""
    return {f"{140001 + number}": bench for number, bench in enumerate(_benches())}


def _benches() -> Iterator[Bench]:
    number = 0

    def place() -> tuple[str, str]:
        nonlocal number
        number += 1
        return f"第{number}测试县", f"127.0.{1 + number // 200}.{1 + number % 200}"

    for kind in LISTS:
        for quirk in ("", *sorted(kind.quirk_names), "truncated"):
            name, host = place()
            listed = kind(name, county_reports(name, first=ALL_YEARS[1]), {quirk} - {""}, per_page=2, host=host)
            yield Bench(f"{kind.family} {quirk}", listed, True, listed.expected(quirk, ALL_YEARS, ALL_YEARS[0]))
        name, host = place()
        yield Bench(
            f"{kind.family} with others", kind(name, _with_noise(name), per_page=5, host=host), True, _all_but()
        )
    for older in OLDER:
        for quirk in ("", *sorted(older.quirk_names | older.site_quirks)):
            name, host = place()
            # Groups of one page each leave several to ask for.
            size = 1 if older is HanwebPortal else 2
            reports = county_reports(name, first=ALL_YEARS[1])
            portal = older(name, reports, {quirk} - {""}, per_page=size, host=host)
            yield Bench(f"{older.family} {quirk}", portal, True, _of_older(quirk))
        name, host = place()
        yield Bench(
            f"{older.family} with others", older(name, _with_noise(name), per_page=5, host=host), True, _all_but()
        )
    for quirk, code in HIDDEN.items():
        name, host = place()
        county = CountyPortal(name, f"{140000 + number}", county_reports(name), {quirk} - {""}, host=host)
        yield Bench(f"home page {quirk}", county, False, dict.fromkeys(ALL_YEARS, code))
    for fault, code in CODES.items():
        name, host = place()
        yield Bench(f"fault {fault}", FaultyPortal(name, fault, host=host), True, dict.fromkeys(ALL_YEARS, code))


def _all_but() -> dict[int, str]:
    return dict.fromkeys(ALL_YEARS, "found") | {ALL_YEARS[0]: "year_missing"}


def _of_older(quirk: str) -> dict[int, str]:
    if quirk in FORBIDDING:
        return dict.fromkeys(ALL_YEARS, FORBIDDING[quirk])
    expected = _all_but() | {ALL_YEARS[0]: CUT_OFF.get(quirk, "year_missing")}
    return expected | dict.fromkeys(ALL_YEARS[:-3], CUT_OFF[quirk]) if quirk == "empty_reply" else expected


def _with_noise(name: str) -> list[tuple[object, ...]]:
    """A county's reports among others."""
    reports = []
    for report in county_reports(name, first=ALL_YEARS[1]):
        year = int(str(report[1])[:4]) - 1
        reports += [report, *((text.format(name=name, year=year), report[1], report[2]) for text in NOISE)]
    return reports


@dataclass(slots=True)
class Figures:
    """What a crawl of the bed came to; ``wrong`` lists outcomes that are not as expected, ``strange`` bad captures."""

    summary: CrawlSummary
    portals: int = 0
    published: int = 0
    kept: int = 0
    true: int = 0
    right: int = 0
    rows: int = 0
    requests: int = 0
    requests_where_found: int = 0
    most_in_flight: int = 0
    wrong: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    families: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def recall(self) -> float:
        """The share of the reports to be found that were."""
        return self.true / self.published

    @property
    def precision(self) -> float:
        """The share of what was kept that is what it is called."""
        return self.true / self.kept

    def lines(self) -> list[str]:
        """Return the figures in words."""
        each = self.requests_where_found / self.true
        return [
            f"{self.portals} portals, {self.rows} portal-years, {self.requests} requests in one crawl",
            f"recall {self.recall:.2%} ({self.true} of {self.published}), precision {self.precision:.2%}",
            f"outcomes right {self.right / self.rows:.2%} ({self.right} of {self.rows})",
            f"most requests in flight for one host: {self.most_in_flight}",
            f"requests for a report and its file, lists and robots.txt shared: {each:.2f}",
            *(f"  {family}: {found} of {wanted}" for family, (found, wanted) in sorted(self.families.items())),
            *self.wrong,
            *self.strange,
        ]


async def crawl_bed(folder: Path, benches: dict[str, Bench]) -> Figures:
    """Crawl the whole bed in one run and say what it came to."""
    async with AsyncExitStack() as stack:
        for bench in benches.values():
            await stack.enter_async_context(bench.portal)
        rows = [
            f"{code},{bench.portal.name},county,{bench.portal.home_url},"
            f"{bench.portal.list_url if bench.knows_column else ''}"
            for code, bench in benches.items()
        ]
        (folder / "portals.csv").write_text("\n".join(["code,name,level,home_url,list_url", *rows, ""]), "utf-8")
        (folder / "divisions.csv").write_text("\n".join(["code", *benches, ""]), encoding="utf-8")
        summary = await crawl_async(
            portals=folder / "portals.csv",
            divisions=folder / "divisions.csv",
            archive=folder / "archive",
            years=YEARS,
            settings=QUICK | {"DOWNLOAD_TIMEOUT": "10"},
        )
    return _figures(folder, benches, summary)


def _figures(folder: Path, benches: dict[str, Bench], summary: CrawlSummary) -> Figures:
    figures = Figures(summary, portals=len(benches))
    with Archive(folder / "archive") as archive:
        found: dict[str, dict[int, Outcome]] = {}
        for row in archive.outcomes():
            found.setdefault(row.code, {})[row.report_year] = row
        for code, bench in benches.items():
            _judge(figures, archive, bench, found.get(code, {}))
    return figures


def _judge(figures: Figures, archive: Archive, bench: Bench, rows: dict[int, Outcome]) -> None:
    wanted = {year for year, code in bench.expected.items() if code in KEPT}
    kept = {year for year, row in rows.items() if row.outcome in KEPT}
    true = {year for year in kept & wanted if _is_that_report(archive, rows[year], bench)}
    figures.strange += [f"{bench.label} {year}: {rows[year].url}" for year in sorted(kept - true)]
    for year, code in bench.expected.items():
        got = rows[year].outcome if year in rows else "no row"
        figures.right += got == code
        if got != code:
            figures.wrong.append(
                f"{bench.label} {year}: {got}, not {code}: {rows[year].detail if year in rows else ''}"
            )
    figures.rows += len(bench.expected)
    figures.published += len(wanted)
    figures.kept += len(kept)
    figures.true += len(true)
    figures.requests += len(bench.portal.requests)
    figures.requests_where_found += len(bench.portal.requests) if wanted else 0
    figures.most_in_flight = max(figures.most_in_flight, bench.portal.max_in_flight)
    family = bench.label.split()[0]
    before = figures.families.get(family, (0, 0))
    figures.families[family] = (before[0] + len(true), before[1] + len(wanted))


def _is_that_report(archive: Archive, row: Outcome, bench: Bench) -> bool:
    """Tell whether what was archived under an outcome's address is the county's report of that year."""
    report = next(r for r in bench.portal.reports if f"{row.report_year}年" in r.title and "人民政府2" in r.title)
    for capture in archive.captures(portal_code=row.code):
        if row.url in (capture.url, capture.final_url):
            try:
                body = archive.read(capture)
            except PayloadError:
                return False
            encoding = "gbk" if "gbk" in bench.portal.quirks else "utf-8"
            return report.title.encode(encoding) in body or any(body == data for _, data in report.attachments)
    return False
