"""The view of runs: alarms over time from the records of unattended runs, and what an archive's crawls found."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from captures import Outcome
from crawler.outcomes import NOT_SEEN as CRAWLER_NOT_SEEN
from explorer import settings
from explorer.model import Asked, Chart, Table, Text, View
from explorer.queries import runs as query
from explorer.source import Source
from explorer.views import runs
from explorer.words import NOT_SEEN
from operations.history import History
from operations.model import Alarm, Fall, Report, Status, Summary
from tests.archives import open_writer

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
GONE = Alarm("gone", "140221 阳高县", "reports of 2020 were there and are not any more (year_missing)")
FIRST = Summary(run_id="20260101T030000Z", host="a", started_at="2026-01-01T03:00:00+00:00", status=Status.OK)
SECOND = Summary(
    run_id="20260201T030000Z", host="a", started_at="2026-02-01T03:00:00+00:00", status=Status.OK, seconds=61.2,
    new=[Report("r", "140221", "<b>阳高县", 2020, "http://x.example/")] * 3, alarms=[GONE],
)  # fmt: skip
THIRD = Summary(
    run_id="20260301T030000Z", host="a", started_at="2026-03-01T03:00:00+00:00", status=Status.REFUSED,
    errors=["the gates refused: 2 reports fewer"], fallen=[Fall("140221 阳高县", "unreachable", "no answer", "trs")],
    alarms=[Alarm(GONE.kind, GONE.subject, GONE.detail, standing=True), Alarm("coverage", "2025", "3 of 9")],
)  # fmt: skip


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Path]:
    before = settings.current()
    settings.use(settings.Settings(SAMPLE, tmp_path / "archive", tmp_path / "operations"))
    yield tmp_path
    settings.use(before)


def shown(**asked: str) -> View:
    with closing(Source(SAMPLE)) as source:
        return runs.show(source, Asked(asked, "en"))


def table(view: View, name: str) -> list[list[str]]:
    (found,) = (block for block in view.blocks if isinstance(block, Table) and block.name == name)
    return [[cell.text for cell in row] for row in found.rows]


def said(view: View) -> str:
    return "\n".join(block.text for block in view.blocks if isinstance(block, Text))


def test_a_portal_that_was_not_seen_is_the_crawler_s() -> None:
    assert set(NOT_SEEN) == CRAWLER_NOT_SEEN


def test_the_records_of_runs_are_shown_with_their_alarms_over_time(places: Path) -> None:
    for each in (FIRST, SECOND, THIRD):
        History(places / "operations").write(each)
    view = shown()
    rows = table(view, "operations")
    assert [row[:2] for row in rows] == [
        ["20260301T030000Z", "refused"],
        ["20260201T030000Z", "ok"],
        ["20260101T030000Z", "ok"],
    ]
    assert rows[1][2:9] == ["61", "0", "0", "3", "0", "0", "1"]
    (chart,) = (block for block in view.blocks if isinstance(block, Chart) and block.name == "alarms")
    assert "pale" in chart.alt
    told = query.told(places / "operations").alarms
    counted = list(zip(told["run_id"].str[:6], told["kind"], told["standing"], strict=True))
    assert counted == [("202602", "gone", False), ("202603", "gone", True), ("202603", "coverage", False)]
    assert [row[:2] for row in table(view, "run-alarms")] == [["coverage", "2025"], ["gone", "140221 阳高县"]]
    assert table(view, "fallen") == [["140221 阳高县", "unreachable trs", "no answer"]]
    assert "the gates refused" in said(view)
    assert table(shown(run="20260201T030000Z"), "run-alarms") == [[GONE.kind, GONE.subject, GONE.detail]]


def test_a_record_that_comes_is_seen(places: Path) -> None:
    History(places / "operations").write(FIRST)
    assert len(table(shown(), "operations")) == 1
    History(places / "operations").write(SECOND)
    assert len(table(shown(), "operations")) == 2


def test_without_records_and_archive_it_says_so(places: Path) -> None:
    assert "No run is on record; --state" in said(shown())
    assert "No archive to look at" in said(shown(run="../../etc/passwd"))
    History(places / "operations").write(Summary(version=99, run_id="20260101T030000Z", host="", started_at=""))
    assert "update it" in said(shown())


def test_reports_lost_are_those_of_portals_that_were_seen(places: Path) -> None:
    year, down, back = ("140221", "阳高县", 2020), ("140222", "天镇县", 2020), ("140223", "广灵县", 2020)
    crawls = (
        ("20260101T030000Z", {year: "found", down: "found", back: "found"}),
        ("20260201T030000Z", {year: "year_missing", down: "unreachable", back: "soft404"}),
        ("20260301T030000Z", {year: "throttled", down: "unreachable", back: "found"}),
    )
    for run_id, outcomes in crawls:
        with closing(open_writer(places / "archive", run_id=run_id)) as writer:
            writer.write_outcomes([Outcome(*key, what, "", "", run_id) for key, what in outcomes.items()])
    view = shown()
    assert table(view, "lost") == [["140221 阳高县", "2020", "year_missing", "20260201T030000Z"]]
    assert [[row[0], *row[2:]] for row in table(view, "runs")] == [[run_id, "0", "3"] for run_id, _ in crawls[::-1]]
    assert any(isinstance(block, Chart) and block.name == "runs" for block in view.blocks)
