"""Portals whose lists exist only after a script has run, shown by the system's Chromium."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from captures import Archive
from captures.warc import Member, members, parse_record
from crawler import render
from crawler.families import static
from crawler.families.links import Links
from crawler.job import run_job
from crawler.page import Page
from crawler.run import crawl_async
from tests.portals.catalogue import QUICK, YEARS, county_reports, write_catalogue
from tests.portals.scripted import ScriptedPortal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from captures import Outcome

ALL_YEARS = list(range(YEARS[0], YEARS[1] + 1))
FOUND = dict.fromkeys(ALL_YEARS, "found") | {2017: "year_missing"}
SHOWN = {"": FOUND, "turned": FOUND, "scripted_reports": FOUND, "pictures": FOUND, "elsewhere": FOUND}
EXPECTED = SHOWN | {"broken": dict.fromkeys(ALL_YEARS, "empty_list")}


def write_rendered(folder: Path, portals: Mapping[str, ScriptedPortal]) -> Path:
    """A catalogue of portals with render=true."""
    path = write_catalogue(folder, portals)
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{header},render", *(f"{row},true" for row in rows)]) + "\n", encoding="utf-8")
    return path


def outcomes(folder: Path) -> dict[str, dict[int, Outcome]]:
    found: dict[str, dict[int, Outcome]] = {}
    with Archive(folder / "archive") as archive:
        for row in archive.outcomes():
            found.setdefault(row.code, {})[row.report_year] = row
    return found


@pytest.mark.slow
@pytest.mark.skipif(
    not any(map(shutil.which, render.BROWSERS)), reason="no Chromium on the path: apt-get install chromium"
)
@pytest.mark.parametrize("delay", ["0", "0.4"])
async def test_lists_that_only_a_script_makes_are_found(delay: str, tmp_path: Path) -> None:
    pytest.importorskip("scrapy_playwright", reason="needs the extra js")
    portals = {
        f"{140221 + number}": ScriptedPortal("阳高县", county_reports("阳高县", first=2018), {quirk} - {""})
        for number, quirk in enumerate(EXPECTED)
    }
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        arguments: dict[str, Any] = {
            "portals": str(write_rendered(tmp_path, portals)),
            "divisions": str(tmp_path / "divisions.csv"),
            "archive": str(tmp_path / "archive"),
            "years": YEARS,
            # What a click asks for comes only after the host's delay.
            "settings": QUICK | {"DOWNLOAD_DELAY": delay, "DOWNLOAD_DELAY_JITTER": "0"},
        }
        # In a process of its own, where Twisted's reactor can be had.
        await asyncio.to_thread(run_job, arguments)
    rows = outcomes(tmp_path)
    found = [{year: row.outcome for year, row in rows[code].items()} for code in portals]
    assert dict(zip(EXPECTED, found, strict=True)) == EXPECTED
    assert {portal.max_in_flight for portal in portals.values()} == {1}
    for portal in portals.values():
        portal.assert_no_unknown()
    turned = rows["140222"][2017].detail
    assert turned == "the list was read to its end: 2 pages turned in a browser, and the last has no next"
    _check_archive(tmp_path / "archive")


def _check_archive(folder: Path) -> None:
    """What was received is kept, scripts and data too; of a report also what a browser made of it, marked so."""
    with Archive(folder) as archive:
        captures = list(archive.captures(portal_code="140223", newest=False))
        paths = [capture.url.split("/", 3)[3] for capture in captures if capture.kind == "list"]
        assert sorted(paths) == ["data/rows.json?n=1", "js/list.js", "nb/"]
        details = [capture for capture in captures if capture.url.endswith("/html/20000.html")]
        received, shown = (archive.read(capture).decode() for capture in details)
    assert ("依申请公开" in received, "依申请公开" in shown) == (False, True)
    (warc,) = folder.glob("*.warc.gz")
    records = [parse_record(member.data) for member in members(warc) if isinstance(member, Member)]
    notes = [record.block.decode() for record in records if record.type == "metadata"]
    assert sum('"rendered": "chromium"' in note for note in notes) == 6


async def test_without_a_browser_the_page_is_read_as_it_is_and_the_outcome_says_why(tmp_path: Path) -> None:
    portals = {"140221": ScriptedPortal("阳高县", county_reports("阳高县", first=2018))}
    async with portals["140221"] as portal:
        await crawl_async(
            portals=write_rendered(tmp_path, portals),
            divisions=tmp_path / "divisions.csv",
            archive=tmp_path / "archive",
            years=YEARS,
            settings=QUICK,
        )
        # The script is read, and nothing ran it.
        assert not [path for _, path in portal.requests if path.startswith("/data/")]
    row = outcomes(tmp_path)["140221"][2020]
    assert row.outcome == "empty_list"
    # Which of them is lacking depends on what is installed; inside a running loop one always is.
    assert "; render=true needs " in row.detail


def test_what_is_lacking_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Settings({"CHROMIUM": "", "TWISTED_REACTOR_ENABLED": True})
    monkeypatch.setattr(render, "find_spec", lambda name: None)
    assert "install gongkai with its extra js" in render.lacking(here)
    monkeypatch.setattr(render, "find_spec", lambda name: name)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "needs Chromium, which is not on the path" in render.lacking(here)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert render.lacking(here) == ""
    assert "Twisted's reactor" in render.lacking(Settings({"CHROMIUM": "", "TWISTED_REACTOR_ENABLED": False}))


def test_pages_that_a_browser_turned_prove_the_end_only_where_the_last_has_no_next() -> None:
    rows = "".join(f"<li><a href='/html/2000{n}.html'>{2020 - n}年政府信息公开年报</a></li>" for n in range(3))
    page = f"<html><head>{{}}</head><body>{rows}<span>下一页</span><a onclick='turn()'>下一页</a></body></html>"
    ends = []
    for mark in ("<meta name='gongkai-turned' content='3'>", ""):
        reading = static.read(Page("http://a.gov.cn/nb/", page.format(mark)), Links())
        with pytest.raises(StopIteration) as stop:
            next(reading)
        ends.append(stop.value.value.code)
    assert ends == ["", "paging_stuck"]
