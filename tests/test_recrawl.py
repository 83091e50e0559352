"""Crawling again: what is asked for again, what a killed run loses, what is due, and how shards come together."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from captures import Archive, Outcome, reindex, verify
from crawler.due import Visited, due, next_visit
from crawler.plan import Plan, Shard, parents_of
from crawler.portals import Portal, read_portals
from tests.archives import write_outcomes
from tests.portals.catalogue import BODY, QUICK, YEARS, county_reports, crawl_portals, write_catalogue
from tests.portals.county import CountyPortal
from tests.portals.trs import TrsPortal
from tests.test_discovery import ALL_YEARS, FOUND, codes_of, crawl_counties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.portals.base import FakePortal

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"


def articles(portal: FakePortal) -> list[str]:
    return [path for _, path in portal.requests if "/t20" in path or "/P0" in path]


# What is asked for again


@pytest.mark.parametrize("validators", [True, False])
async def test_only_lists_are_asked_for_again(validators: bool, tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县"), validators=validators) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
        assert len(articles(portal)) == 2 * len(ALL_YEARS)
        portal.forget()
        summary = await crawl_portals(tmp_path, {"140221": portal})
        assert [path for _, path in portal.requests] == [
            "/robots.txt",
            *(portal.list_path + page for page in ("", "index_1.html", "index_2.html")),
        ]
    assert (summary.reports, summary.outcomes) == (len(ALL_YEARS), {"found": len(ALL_YEARS)})


async def test_reports_are_asked_for_again_when_the_days_are_over(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县")) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
        portal.forget()
        await crawl_portals(tmp_path, {"140221": portal}, REVISIT_DAYS="0")
        assert len(articles(portal)) == 2 * len(ALL_YEARS)
        assert portal.bodies == 0


@pytest.mark.parametrize("changed", ["title", "date"])
async def test_report_of_which_the_list_says_something_new_is_fetched_and_both_are_kept(
    changed: str, tmp_path: Path
) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县", 2019, 2021)) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
        old = portal.reports[1]
        title = old.title + ("（修订）" if changed == "title" else "")
        url = articles(portal)[2]
        portal.reports[1] = old._replace(title=title, html=BODY + b"<p>2</p>")
        portal.files |= portal.build()
        if changed == "date":
            page = portal.files[portal.list_path]
            revised = page.body.replace(old.date.encode(), b"2021-06-01")
            portal.files[portal.list_path] = type(page)(revised)
        portal.forget()
        await crawl_portals(tmp_path, {"140221": portal})
        assert [path for path in articles(portal) if path.endswith(".html")] == [url]
    with Archive(tmp_path / "archive") as archive:
        kept = [each for each in archive.captures(kind="detail", newest=False) if each.url.endswith(url)]
        assert len({each.sha256 for each in kept}) == len(kept) == 2
    assert codes_of(tmp_path)["140221"][2020] == "found"


# A killed run


def arguments(folder: Path, **more: object) -> dict[str, Any]:
    return {
        "portals": str(folder / "portals.csv"),
        "divisions": str(folder / "divisions.csv"),
        "archive": str(folder / "archive"),
        "years": list(YEARS),
        "settings": QUICK,
        **more,
    }


async def start_job(given: dict[str, Any]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crawler.job", json.dumps(given)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )


async def test_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    portals: dict[str, FakePortal] = {
        "140221": TrsPortal("阳高县", county_reports("阳高县"), latency=0.005, validators=False),
        "140222": TrsPortal("天镇县", county_reports("天镇县"), latency=0.005, validators=False),
    }
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        write_catalogue(tmp_path, portals)
        for stop_after in (6, 15, None):
            before = sum(len(portal.requests) for portal in portals.values())
            process = await start_job(arguments(tmp_path, resume=True))
            while stop_after and process.returncode is None:
                if sum(len(portal.requests) for portal in portals.values()) - before >= stop_after:
                    process.send_signal(signal.SIGKILL)
                    break
                await asyncio.sleep(0.005)
            output, errors = await process.communicate()
            assert bool(process.returncode) == bool(stop_after), errors.decode()
        asked = [Counter(portal.requests) for portal in portals.values()]
        assert json.loads(output)["finish_reason"] == "finished"
    for counts in asked:
        # Each kill may cost the one request of a host that was in flight, never more.
        assert sum(count - 1 for count in counts.values()) <= 2, counts
    assert codes_of(tmp_path) == {"140221": FOUND, "140222": FOUND}
    assert verify(tmp_path / "archive") == []
    with Archive(tmp_path / "archive") as archive:
        assert len(archive.runs()) == 1
        assert Counter(row.code for row in archive.outcomes(newest=False)) == dict.fromkeys(portals, len(ALL_YEARS))


async def test_job_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县"), latency=0.2) as portal:
        write_catalogue(tmp_path, {"140221": portal})
        process = await start_job(arguments(tmp_path))
        while not portal.requests:  # noqa: ASYNC110 - a test may look
            await asyncio.sleep(0.01)
        assert process.stdin
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 5) == 2


async def test_job_says_why_it_failed(tmp_path: Path) -> None:
    process = await start_job(arguments(tmp_path))
    output, errors = await process.communicate()
    assert (process.returncode, output) == (2, b"")
    assert f"{tmp_path / 'divisions.csv'}: no such file" in errors.decode()


# Shards


def test_shards_divide_the_catalogue_by_site() -> None:
    portals = read_portals(DATA / "portals.csv", DATA / "divisions.csv")
    parts = [Plan.of("", f"{i}/4", "").choose(portals, Path(), None) for i in range(1, 5)]
    assert sum(map(len, parts)) == len([portal for portal in portals if portal.status == "active"])
    assert min(map(len, parts)) > 600
    sites: dict[str, int] = {}
    for number, part in enumerate(parts):
        for portal in part:
            assert sites.setdefault(portal.home_url, number) == number


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/4", ""])
def test_bad_shards_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write i/n"):
        Shard.of(text)


async def test_archives_of_shards_come_together_by_copying(tmp_path: Path) -> None:
    portals: dict[str, FakePortal] = {
        f"{140221 + n}": TrsPortal(f"第{n}测试县", county_reports(f"第{n}测试县", 2020, 2021)) for n in range(4)
    }
    whole = tmp_path / "archive"
    whole.mkdir()
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        for shard in ("1of2", "2of2"):
            folder = tmp_path / shard
            folder.mkdir()
            await crawl_portals(folder, portals, shard=shard.replace("of", "/"))
            for warc in (folder / "archive").glob("*.warc.gz"):
                assert shard in warc.name
                shutil.copy(warc, whole)
        for portal in portals.values():
            assert len(articles(portal)) == 4
    reindex(whole)
    assert verify(whole) == []
    codes = codes_of(tmp_path)
    expected = dict.fromkeys(ALL_YEARS, "year_missing") | {2020: "found", 2021: "found"}
    assert codes == dict.fromkeys(portals, expected)


# What is due

NOW = datetime(2026, 2, 15, tzinfo=UTC)
QUIET = datetime(2026, 8, 15, tzinfo=UTC)


def ago(days: float, now: datetime = NOW, *, failed: bool = False, newest: int = 2024) -> Visited:
    return Visited(now - timedelta(days=days), failed, newest)


@pytest.mark.parametrize(
    ("now", "past", "is_due"),
    [
        (NOW, [], True),
        (NOW, [ago(8)], True),
        (NOW, [ago(6)], False),
        (NOW, [ago(8, newest=2025)], False),
        (NOW, [ago(31, newest=2025)], True),
        (QUIET, [ago(8, QUIET)], False),
        (QUIET, [ago(29, QUIET)], False),
        (QUIET, [ago(31, QUIET)], True),
        (NOW, [ago(1.5, failed=True), ago(40)], False),
        (NOW, [ago(2.5, failed=True), ago(40)], True),
        (NOW, [ago(3, failed=True), ago(20, failed=True), ago(40)], False),
        (NOW, [ago(5, failed=True), ago(20, failed=True), ago(40)], True),
        (NOW, [ago(15.9, failed=True), *[ago(40, failed=True)] * 3, ago(99), ago(200, failed=True)], False),
        (NOW, [ago(16.1, failed=True), *[ago(40, failed=True)] * 3, ago(99), ago(200, failed=True)], True),
        (NOW, [ago(29, failed=True)] + [ago(99, failed=True)] * 20, False),
        (NOW, [ago(31, failed=True)] + [ago(99, failed=True)] * 20, True),
        (NOW, [ago(6), ago(9, failed=True)], False),
    ],
)
def test_next_visit(now: datetime, past: list[Visited], is_due: bool) -> None:
    assert (next_visit(past, now) <= now) == is_due


def test_due_portals_are_told_from_the_archive(tmp_path: Path) -> None:
    portals = [Portal(f"14022{n}", f"县{n}", "county", "http://e.gov.cn/") for n in range(1, 6)]
    old = [Outcome(portal.code, portal.name, 2024, "found", "", "", "old") for portal in portals[:4]]
    new = [
        Outcome("140221", "县1", 2024, "found", "", "", "new"),
        Outcome("140222", "县2", 2024, "unreachable", "", "", "new"),
        Outcome("140223", "县3", 2024, "budget_exhausted", "", "the run ended (shutdown) before", "new"),
    ]
    write_outcomes(tmp_path, old, "old", datetime(2026, 1, 1, tzinfo=UTC))
    write_outcomes(tmp_path, new, "new", datetime(2026, 2, 12, tzinfo=UTC))
    with Archive(tmp_path) as opened:
        assert [portal.name for portal in due(portals, opened, NOW)] == ["县2", "县3", "县4", "县5"]


def test_no_more_failures_are_looked_at_than_change_when_a_portal_is_due() -> None:
    looked_at = []

    def past() -> Iterator[Visited]:
        for weeks in range(1, 1000):
            looked_at.append(weeks)
            yield ago(7 * weeks, failed=True)

    assert next_visit(past(), NOW) == NOW + timedelta(days=23)
    assert len(looked_at) == 5


async def test_crawl_of_what_is_due_leaves_the_rest_alone(tmp_path: Path) -> None:
    first = CountyPortal("阳高县", "140221", county_reports("阳高县"))
    second = CountyPortal("天镇县", "140222", county_reports("天镇县"))
    async with first, second:
        await crawl_counties(tmp_path, [first])
        first.forget()
        summary = await crawl_counties(tmp_path, [first, second], due=True)
        assert first.requests == []
        assert (summary.portals, summary.reports) == (1, len(ALL_YEARS))
        nothing = await crawl_counties(tmp_path, [first, second], due=True)
    assert (nothing.portals, nothing.requests, nothing.finish_reason) == (0, 0, "finished")


def test_parent_is_the_city_or_the_province() -> None:
    rows = {
        code: Portal(code, code, level, "http://e.gov.cn/")
        for code, level in (("140000", "province"), ("140200", "city"), ("140221", "county"), ("149001", "county"))
    }
    parent = parents_of(list(rows.values()))
    assert [parent(rows[code]) for code in rows] == [None, rows["140000"], rows["140200"], rows["140000"]]
