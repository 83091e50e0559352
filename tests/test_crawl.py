"""Crawls of fake portals from the catalogue to the archive."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from captures import Archive
from crawler.families import static
from crawler.portals import PortalError
from tests.portals.base import Answer
from tests.portals.catalogue import BODY, PDF, QUICK, YEARS, county_reports, crawl_portals, write_catalogue
from tests.portals.faulty import CODES, FaultyPortal
from tests.portals.hanweb import HanwebPortal
from tests.portals.static import StaticPortal
from tests.portals.trs import TrsPortal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from captures import Outcome
    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page
    from tests.portals.base import FakePortal

ROOT = Path(__file__).resolve().parent.parent
ALL_YEARS = list(range(YEARS[0], YEARS[1] + 1))
FAMILIES: list[type[FakePortal]] = [TrsPortal, HanwebPortal, StaticPortal]
# Quirks that leave the end of the list unproved, and what a year that is not listed is called then.
CUT_OFF = {"claims_more": "paging_stuck", "empty_reply": "paging_stuck", "repeats": "paging_stuck"}
FORBIDDING = {"robots_deny": "robots_disallow", "robots_403": "robots_disallow", "robots_500": "unreachable"}


def outcomes_of(folder: Path) -> dict[str, dict[int, Outcome]]:
    """The newest outcomes of an archive, by code and year."""
    found: dict[str, dict[int, Outcome]] = {}
    with Archive(folder / "archive") as archive:
        for row in archive.outcomes():
            assert row.report_year not in found.setdefault(row.code, {})
            found[row.code][row.report_year] = row
    return found


def codes_of(folder: Path) -> dict[str, dict[int, str]]:
    return {
        code: {year: row.outcome for year, row in sorted(years.items())} for code, years in outcomes_of(folder).items()
    }


async def serve(stack: AsyncExitStack, portals: Mapping[str, FakePortal]) -> None:
    for portal in portals.values():
        await stack.enter_async_context(portal)


@pytest.mark.parametrize("portal_class", FAMILIES, ids=lambda portal_class: portal_class.family)
async def test_all_reports_found_whatever_the_quirk(portal_class: type[FakePortal], tmp_path: Path) -> None:
    quirks = ["", *sorted(portal_class.quirk_names | portal_class.site_quirks)]
    portals: dict[str, FakePortal] = {}
    for number, quirk in enumerate(quirks):
        name = f"第{number}测试县"
        # Groups of one page each leave several to ask for.
        size = 1 if portal_class is HanwebPortal else 2
        portals[f"{140000 + number}"] = portal_class(
            name, county_reports(name, first=ALL_YEARS[1]), {quirk} - {""}, per_page=size
        )
    async with AsyncExitStack() as stack:
        await serve(stack, portals)
        await crawl_portals(tmp_path, portals)
    for portal in portals.values():
        portal.assert_no_unknown()
    codes = codes_of(tmp_path)
    for code, quirk in zip(portals, quirks, strict=True):
        gap = CUT_OFF.get(quirk, "year_missing")
        expected = {ALL_YEARS[0]: gap} | dict.fromkeys(ALL_YEARS[1:], "found")
        if quirk == "empty_reply":
            expected |= dict.fromkeys(ALL_YEARS[:-3], gap)
        if quirk in FORBIDDING:
            expected = dict.fromkeys(ALL_YEARS, FORBIDDING[quirk])
        assert codes[code] == expected, quirk


@pytest.mark.parametrize("portal_class", FAMILIES, ids=lambda portal_class: portal_class.family)
async def test_list_that_gives_less_than_it_claims_proves_no_gap(
    portal_class: type[FakePortal], tmp_path: Path
) -> None:
    quirk = {"trs": "claims_more", "hanweb": "empty_reply", "static": "repeats"}[portal_class.family]
    reports = county_reports("阳高县", first=2018)
    async with portal_class("阳高县", reports, {quirk}, per_page=1) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
    gap = outcomes_of(tmp_path)["140221"][2017]
    assert gap.outcome == "paging_stuck"
    assert "nothing new" in gap.detail or "gives no more" in gap.detail


async def test_gap_of_a_list_read_to_its_end_is_a_missing_year(tmp_path: Path) -> None:
    reports = [report for report in county_reports("阳高县") if "2020年" not in str(report[0])]
    async with TrsPortal("阳高县", reports) as portal:
        summary = await crawl_portals(tmp_path, {"140221": portal})
    gap = outcomes_of(tmp_path)["140221"][2020]
    assert (gap.outcome, gap.detail) == ("year_missing", "the list was read to its end: 2 of 2 pages read")
    assert (summary.reports, summary.outcomes) == (6, {"found": 6, "year_missing": 1})


async def test_good_portals_are_unharmed_by_faulty_ones(tmp_path: Path) -> None:
    good: dict[str, FakePortal] = {
        "140221": TrsPortal("阳高县", county_reports("阳高县")),
        "320813": HanwebPortal("洪泽区", county_reports("洪泽区")),
    }
    faulty = {f"{150000 + number}": FaultyPortal(f"县{fault}", fault) for number, fault in enumerate(CODES)}
    async with AsyncExitStack() as stack:
        await serve(stack, good | faulty)
        await crawl_portals(tmp_path, good | faulty, RETRY_TIMES="1", DOWNLOAD_TIMEOUT="1")
    outcomes = outcomes_of(tmp_path)
    for code in good:
        assert [row.outcome for row in outcomes[code].values()] == ["found"] * len(ALL_YEARS)
    for code, portal in faulty.items():
        assert {row.outcome for row in outcomes[code].values()} == {CODES[portal.fault]}, portal.fault
        assert sorted(outcomes[code]) == ALL_YEARS
    details = {portal.fault: outcomes[code][2020].detail for code, portal in faulty.items()}
    assert details["refuse"] == "connection refused after 2 tries"
    assert details["hang"] == "no answer in time after 2 tries"
    assert details["error500"] == "HTTP 500"
    assert details["robots_500"] == "robots.txt: HTTP 500"


async def test_refused_host_is_left_alone(tmp_path: Path) -> None:
    portals = {
        f"{150000 + n}": FaultyPortal(f"县{n}", fault) for n, fault in enumerate(("jsl", "throttled", "captcha"))
    }
    async with AsyncExitStack() as stack:
        await serve(stack, portals)
        await crawl_portals(tmp_path, portals, RETRY_TIMES="2")
    for portal in portals.values():
        assert [path for _, path in portal.requests] == ["/robots.txt", portal.list_path]


async def test_second_crawl_sends_no_body_and_replay_needs_no_server(tmp_path: Path) -> None:
    portals: dict[str, FakePortal] = {
        "140221": TrsPortal("阳高县", county_reports("阳高县")),
        "320813": HanwebPortal("洪泽区", county_reports("洪泽区"), per_page=1),
        "130123": StaticPortal("正定县", county_reports("正定县"), {"one_based"}),
    }
    async with AsyncExitStack() as stack:
        await serve(stack, portals)
        first = await crawl_portals(tmp_path, portals)
        found = codes_of(tmp_path)
        for portal in portals.values():
            assert portal.bodies > 2 * len(ALL_YEARS)
            portal.forget()
        second = await crawl_portals(tmp_path, portals)
        assert [portal.bodies for portal in portals.values()] == [0, 0, 0]
    assert (second.bytes, second.reports) == (len("没有".encode()), 3 * len(ALL_YEARS))
    assert second.not_modified > 0
    assert first.bytes > 100 * second.bytes
    assert codes_of(tmp_path) == found
    offline = {
        "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.DummyPolicy",
        "HTTPCACHE_IGNORE_MISSING": "True",
    }
    replayed = await crawl_portals(tmp_path, portals, **offline)
    assert (replayed.bytes, replayed.outcomes, replayed.reports) == (0, first.outcomes, first.reports)


async def test_dead_portal_is_not_answered_for_by_its_archive(tmp_path: Path) -> None:
    portal = TrsPortal("阳高县", county_reports("阳高县"))
    async with portal:
        await crawl_portals(tmp_path, {"140221": portal})
    summary = await crawl_portals(tmp_path, {"140221": portal})
    assert summary.outcomes == {"unreachable": len(ALL_YEARS)}


async def test_one_request_at_a_time(tmp_path: Path) -> None:
    reports = [
        (*report[:3], ((f"{n}.pdf", PDF), (f"{n}.docx", b"PK\x03\x04")))
        for n, report in enumerate(county_reports("阳高县"))
    ]
    async with TrsPortal("阳高县", reports, latency=0.002) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
        assert portal.max_in_flight == 1
        assert len(portal.requests) == 1 + 3 + 7 * 3


async def test_captures_carry_what_the_list_says(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县", 2020, 2020)) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
    with Archive(tmp_path / "archive") as archive:
        captures = {capture.kind: capture for capture in archive.captures(portal_code="140221")}
        assert sorted(captures) == ["attachment", "detail", "list"]
        detail = captures["detail"]
        assert (detail.list_title, detail.list_date) == ("阳高县人民政府2020年政府信息公开工作年度报告", "2021-01-20")
        assert detail.robots == "allowed"
        assert BODY in archive.read(detail)
        assert archive.read(captures["attachment"]) == PDF + b"2020"


async def test_requests_name_the_page_that_linked_them(tmp_path: Path) -> None:
    async with HanwebPortal("阳高县", county_reports("阳高县", 2020, 2021), per_page=9) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
    home = portal.home_url.rstrip("/")
    detail = "/art/2021/1/20/art_311_5001.html"
    file = "/module/download/downfile.jsp?classid=0&filename=0000000100000000.pdf"
    named = {path: portal.referers[path] for path in (portal.list_path, detail, file)}
    assert named == {portal.list_path: "", detail: portal.list_url, file: home + detail}


async def test_other_bodies_are_counted_and_not_fetched(tmp_path: Path) -> None:
    others = [
        ("阳高县教育局2020年政府信息公开工作年度报告", "2021-01-20", BODY),
        ("阳高县王官屯镇人民政府2020年政府信息公开年报", "2021-01-20", BODY),
        ("阳高县政府网站2020年工作年度报表", "2021-01-20", BODY),
    ]
    async with TrsPortal("阳高县", [*others, *county_reports("阳高县", 2021, 2021)], per_page=9) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
        assert len([path for _, path in portal.requests if "/t2021" in path]) == 0
    missing = outcomes_of(tmp_path)["140221"][2020]
    assert missing.outcome == "year_missing"
    assert missing.detail.endswith("2 reports of other bodies are listed")


REPORT = "阳高县人民政府2020年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("reports", "outcome", "detail"),
    [
        ([(REPORT, "2021-01-20", b"<img src='/scan.jpg'><img src='/share.gif'>")], "image_only", ""),
        ([(REPORT, "2021-01-20", b"<p>1</p>")], "soft404", "the page holds no report text, table or file"),
        ([(REPORT, "2021-01-20", b"<p>1</p>", (("a.pdf", PDF),))], "found", ""),
        (
            [(REPORT, "2021-01-20", b"<p>1</p>", (("a.pdf", b"<html>"),))],
            "attachment_failed",
            "the file is no document",
        ),
        ([("政府信息公开工作年度报告", "2021-01-20", BODY)], "year_inferred", "the title names no year"),
        (
            [("阳高县人民政府办公室2020年政府信息公开年报", "2021-01-20", BODY)],
            "found",
            "published as the government office's",
        ),
    ],
)
async def test_outcome_says_what_the_report_is(
    reports: list[tuple[object, ...]], outcome: str, detail: str, tmp_path: Path
) -> None:
    async with TrsPortal("阳高县", reports) as portal:
        portal.files["/scan.jpg"] = Answer(b"\xff\xd8\xff\xe0", "image/jpeg")
        await crawl_portals(tmp_path, {"140221": portal})
        portal.assert_no_unknown()
    row = outcomes_of(tmp_path)["140221"][2020]
    assert (row.outcome, row.detail) == (outcome, detail)
    with Archive(tmp_path / "archive") as archive:
        pictures = [capture.url for capture in archive.captures(kind="attachment") if capture.url.endswith(".jpg")]
    assert len(pictures) == (outcome == "image_only")


async def test_two_reports_for_a_year_are_ambiguous(tmp_path: Path) -> None:
    reports = [(REPORT, "2021-01-20", BODY), ("2020年政府信息公开年度报告", "2021-03-02", BODY + b"2")]
    async with TrsPortal("阳高县", reports) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
    row = outcomes_of(tmp_path)["140221"][2020]
    assert row.outcome == "ambiguous"
    assert row.detail.startswith("several reports: ")
    assert row.detail.count("http://") == 2


async def test_bad_catalogue_stops_before_any_request(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县")) as portal:
        write_catalogue(tmp_path, {"140221": portal}, {"140221": "hanwob"})
        path = tmp_path / "portals.csv"
        path.write_text(path.read_text() + path.read_text().splitlines()[1].replace("hanwob", "trs") + "\n")
        process = await _scrapy(tmp_path, path)
        output = (await process.communicate())[0].decode()
        assert portal.requests == []
    assert "line 2, column family: 'hanwob': unknown family" in output
    assert "line 3, column code: '140221': same code and list_url as line 2" in output
    assert PortalError.__name__ in output


async def test_scrapy_command_crawls_one_county(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县")) as wanted, TrsPortal("天镇县") as other:
        path = write_catalogue(tmp_path, {"140221": wanted, "140222": other})
        process = await _scrapy(
            tmp_path, path, "-a", "county=140221", "-a", "years=2020-2021", "-O", str(tmp_path / "o.csv")
        )
        assert await process.wait() == 0
        wanted.assert_no_unknown()
        assert other.requests == []
    lines = (tmp_path / "o.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "code,name,report_year,outcome,url,detail,run_id"
    assert [line.split(",")[:4] for line in lines[1:]] == [
        ["140221", "阳高县", "2020", "found"],
        ["140221", "阳高县", "2021", "found"],
    ]


async def _scrapy(folder: Path, portals: Path, *arguments: str) -> asyncio.subprocess.Process:
    """Start `scrapy crawl reports`, as a Scrapy user would."""
    settings = QUICK | {"ARCHIVE_DIR": str(folder / "archive"), "DIVISIONS_FILE": str(folder / "divisions.csv")}
    flags = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scrapy", "crawl", "reports", "-a", f"portals={portals}", *flags, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )


PROGRAM = """
import sys
from pathlib import Path
from crawler.run import crawl
folder, archive = Path(sys.argv[1]), Path(sys.argv[2])
told = {}
summary = crawl(
    portals=folder / "portals.csv", divisions=folder / "divisions.csv", archive=archive, counties=["140221"],
    years=(2020, 2021), settings={"DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "False"},
    on_event=lambda what, count: told.update({what: told.get(what, 0) + count}),
)
print(summary.reports, summary.outcomes, summary.finish_reason, told)
"""


async def test_program_crawls_and_is_told_of_progress(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县")) as portal:
        write_catalogue(tmp_path, {"140221": portal})
        output = await _program(tmp_path, tmp_path / "archive")
    assert output.splitlines()[-1] == ("2 {'found': 2} finished {'response': 8, 'portal': 1, 'report': 2}")


async def test_program_is_told_why_a_crawl_cannot_begin(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县")) as portal:
        write_catalogue(tmp_path, {"140221": portal})
        output = await _program(tmp_path, tmp_path / "portals.csv")
        assert portal.requests == []
    assert str(tmp_path / "portals.csv") in output.splitlines()[-1]


async def _program(folder: Path, archive: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(folder), str(archive)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )
    return (await process.communicate())[0].decode()


async def test_run_cut_short_leaves_no_year_without_a_row(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县")) as portal:
        summary = await crawl_portals(tmp_path, {"140221": portal}, CLOSESPIDER_PAGECOUNT="5")
    assert summary.finish_reason == "closespider_pagecount"
    outcomes = outcomes_of(tmp_path)["140221"]
    assert sorted(outcomes) == ALL_YEARS
    assert (outcomes[2023].outcome, outcomes[2017].outcome) == ("found", "budget_exhausted")
    assert "the run ended (closespider_pagecount)" in outcomes[2017].detail


async def test_page_that_breaks_its_reader_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(page: Page, found: Links) -> Reading:
        raise ZeroDivisionError(page.url)

    monkeypatch.setattr(static, "read", broken)
    portals: dict[str, FakePortal] = {
        "140221": TrsPortal("阳高县", county_reports("阳高县")),
        "140222": StaticPortal("天镇县", county_reports("天镇县")),
    }
    async with AsyncExitStack() as stack:
        await serve(stack, portals)
        summary = await crawl_portals(tmp_path, portals)
    assert summary.outcomes == {"found": len(ALL_YEARS), "family_unknown": len(ALL_YEARS)}
    assert outcomes_of(tmp_path)["140222"][2020].detail.startswith("ZeroDivisionError: http://")
