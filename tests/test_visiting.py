"""Visits side by side: as many hosts as there may be requests, and none forgotten that had no turn."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from captures import Archive
from tests.portals.catalogue import county_reports, crawl_portals
from tests.portals.trs import TrsPortal

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {"140221": "阳高县", "140222": "天镇县", "140223": "广灵县"}


async def test_hosts_are_visited_in_turn_and_those_without_a_turn_are_booked(tmp_path: Path) -> None:
    portals = {code: TrsPortal(name, county_reports(name)) for code, name in NAMES.items()}
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        await crawl_portals(tmp_path, portals, CONCURRENT_REQUESTS="1", CLOSESPIDER_PAGECOUNT="4")
        asked = [len(portal.requests) for portal in portals.values()]
        with Archive(tmp_path / "archive") as archive:
            rows = archive.outcomes()
        await crawl_portals(tmp_path, portals, CONCURRENT_REQUESTS="1")
    assert asked[0] >= 4
    assert asked[1:] == [0, 0]
    assert Counter(row.code for row in rows) == dict.fromkeys(NAMES, 7)
    unseen = {(row.outcome, row.detail) for row in rows if row.code != "140221"}
    told = "the run ended (closespider_pagecount) before the column was read to its end"
    assert unseen == {("budget_exhausted", told)}
    with Archive(tmp_path / "archive") as archive:
        assert {row.outcome for row in archive.outcomes()} == {"found"}
