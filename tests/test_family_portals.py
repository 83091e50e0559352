"""Crawls of one fake portal for each quirk of each family: all reports by year, the end proved or its fault named."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from captures import Archive
from crawler.families import FAMILIES, family_of
from crawler.page import Page
from tests.portals.catalogue import YEARS, county_reports, crawl_portals
from tests.portals.families import LISTS, OLDER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.portals.lists import ListPortal

ALL_YEARS = list(range(YEARS[0], YEARS[1] + 1))


def test_every_family_has_a_fake_portal() -> None:
    assert sorted(portal.family for portal in (*LISTS, *OLDER)) == sorted(family.name for family in FAMILIES)


@pytest.mark.parametrize("portal_class", LISTS, ids=lambda portal_class: portal_class.family)
async def test_all_reports_found_whatever_the_quirk(portal_class: type[ListPortal], tmp_path: Path) -> None:
    quirks = ["", *sorted(portal_class.quirk_names), "truncated"]
    portals: dict[str, ListPortal] = {}
    expected = {}
    for number, quirk in enumerate(quirks):
        code, name = f"{140000 + number}", f"第{number}测试县"
        portal = portal_class(name, county_reports(name, first=ALL_YEARS[1]), {quirk} - {""}, per_page=2)
        portals[code] = portal
        expected[code, quirk] = portal.expected(quirk, ALL_YEARS, ALL_YEARS[0])
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        await crawl_portals(tmp_path, portals)
        # A menu of years bears no family's mark; its sub-columns do.
        families = {quirk: _family(portals[code]) for code, quirk in expected if quirk != "year_columns"}
    with Archive(tmp_path / "archive") as archive:
        rows = [(row.code, row.report_year, row.outcome) for row in archive.outcomes()]
    found = {(code, quirk): {year: is_ for c, year, is_ in sorted(rows) if c == code} for code, quirk in expected}
    assert found == expected
    for portal in portals.values():
        portal.assert_no_unknown()
    assert set(families.values()) == {portal_class.family}, families


def _family(portal: ListPortal) -> str:
    """The family that is told by the marks of a portal's column."""
    path = portal.list_url.removeprefix(portal.home_url.rstrip("/")).partition("#")[0]
    return family_of(Page(portal.list_url, portal.files[path].body.decode())).name
