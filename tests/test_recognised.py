"""Families that no catalogue names, told from what the portals showed in earlier runs."""

from __future__ import annotations

import sqlite3
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from captures import Archive
from crawler.recognised import LOOKED_AT, recognised
from gongkai import app
from operations.crawled import examine
from tests.portals.base import Answer
from tests.portals.catalogue import county_reports, crawl_portals
from tests.portals.trs import TrsPortal

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NAMES = {"140221": "阳高县", "140222": "天镇县", "140223": "广灵县"}


async def test_family_that_breaks_at_once_is_an_alarm_though_no_catalogue_names_it(tmp_path: Path) -> None:
    portals = {code: TrsPortal(name, county_reports(name)) for code, name in NAMES.items()}
    runs = []
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        runs.append(await crawl_portals(tmp_path, portals))
        # Rebuilt with software that no reader knows, with another page each time: the alarm has to outlast them.
        for week in range(LOOKED_AT + 1):
            for portal in portals.values():
                page = Answer(portal.page(portal.name, f"<p>第{week}次改版，敬请期待。</p>"))
                portal.files = dict.fromkeys(["/", portal.list_path], page)
            runs.append(await crawl_portals(tmp_path, portals))
    assert [run.reports for run in runs] == [21, *[0] * (LOOKED_AT + 1)]
    told = examine(tmp_path / "archive", {}, runs[-1].run_id, datetime.now(UTC))
    (alarm,) = [alarm for alarm in told.alarms if alarm.kind == "family"]
    assert alarm.subject == "trs"
    assert alarm.detail.startswith("3 portals show no report (")
    assert alarm.detail.endswith("; look whether its reader still fits")
    shown = CliRunner().invoke(
        app,
        ["status", "--strict", "--archive", str(tmp_path / "archive"), "--portals", str(tmp_path / "portals.csv")],
    )
    assert shown.exit_code == 1
    assert "alarm (family): trs: 3 portals show no report" in shown.stderr


async def test_status_by_family_counts_what_the_pages_tell(tmp_path: Path) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县")) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
    words = ["--archive", str(tmp_path / "archive"), "--portals", str(tmp_path / "portals.csv")]
    shown = CliRunner().invoke(app, ["status", "--by", "family", "--format", "csv", *words])
    assert shown.stdout.splitlines()[1].startswith("trs,1,7,7,100.0%")
    with Archive(tmp_path / "archive") as archive:
        # Asked of nobody, nothing is read.
        assert recognised(archive, set()) == {}
        assert recognised(archive, {("140221", "阳高县")}) == {("140221", "阳高县"): "trs"}


async def test_pages_that_the_archive_cannot_give_back_are_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with TrsPortal("阳高县", county_reports("阳高县"), per_page=4) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
    with sqlite3.connect(tmp_path / "archive" / "index.sqlite") as index:
        index.execute("UPDATE captures SET sha256 = ? WHERE kind = 'list'", ("0" * 64,))
    with Archive(tmp_path / "archive") as archive:
        damaged = list(archive.captures(kind="list", newest=False))
        assert recognised(archive, {("140221", "阳高县")}) == {}
    # The pages now say to be the same, of which one is looked at.
    first, summary = [record.getMessage() for record in caplog.records if record.name == "crawler.recognised"]
    assert any(f"{capture.warc_file} at byte {capture.offset}: " in first for capture in damaged)
    assert "`gongkai archive verify --archive " in first
    assert summary == "the families of portals were told without 1 list pages that cannot be read"
