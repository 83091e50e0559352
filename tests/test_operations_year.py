"""A year simulated: portals publish, revise, move, lose and break, and each event is told by the run that saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from captures import verify
from operations.history import History
from operations.model import Status, Summary
from operations.text import markdown
from tests.operating import FaultyNow, county, plan_of, run_at, served, statutory
from tests.portals.county import CountyPortal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.portals.base import FakePortal

pytestmark = pytest.mark.slow
NAMES = {"140221": "阳高县", "140222": "天镇县", "140223": "广灵县", "140224": "灵丘县", "140225": "浑源县"}
MOVING = "140226"
YEARS = (2022, 2023)


def publish(portal: FakePortal, year: int) -> None:
    portal.reports.insert(0, FaultyNow("", [statutory(portal.name, year, year)]).reports[0])
    portal.files = portal.build()


def revise(portal: FakePortal, year: int) -> None:
    """Other figures at the same address; the list says nothing of it."""
    place = next(n for n, report in enumerate(portal.reports) if str(year) in report.title)
    portal.reports[place] = FaultyNow("", [statutory(portal.name, year, seed=77)]).reports[0]
    portal.files = portal.build()


def withdraw(portal: FakePortal, year: int) -> None:
    portal.reports = [report for report in portal.reports if str(year) not in report.title]
    portal.files = portal.build()


def move(portal: FakePortal) -> None:
    portal.quirks |= {"moved"}
    portal.files = portal.build()


def new(summary: Summary) -> set[tuple[str, int]]:
    return {(report.division_code, report.report_year) for report in summary.new}


def alarms(summary: Summary) -> set[str]:
    return {alarm.kind for alarm in summary.alarms if not alarm.standing}


def test_a_year(tmp_path: Path) -> None:  # noqa: PLR0915 - a year is one story
    portals: dict[str, FaultyNow] = {code: county(name, YEARS, int(code)) for code, name in NAMES.items()}
    a, b, c, d, e = portals.values()
    moving = CountyPortal("左云县", MOVING, [statutory("左云县", year, year) for year in YEARS])
    every: dict[str, FakePortal] = {**portals, MOVING: moving}
    with served(every):
        plan = plan_of(tmp_path, every, everything=False, years=(2022, 2024))

        def run(day: str) -> Summary:
            summary = run_at(plan, f"{day}T02:30:00+00:00")
            assert summary.status is Status.OK, summary.errors
            return summary

        first = run("2025-01-05")
        assert new(first) == {(code, year) for code in every for year in YEARS}
        assert (first.portals, alarms(first)) == (6, set())

        publish(a, 2024)
        summary = run("2025-02-05")
        assert (new(summary), len(summary.changed), alarms(summary)) == ({("140221", 2024)}, 0, set())

        # In season portals are visited weekly until the report is there, and then monthly.
        publish(b, 2024)
        summary = run("2025-02-13")
        assert (new(summary), summary.portals) == ({("140222", 2024)}, 5)

        for portal in (c, d, e, moving):
            publish(portal, 2024)
        revise(a, 2023)
        summary = run("2025-03-20")
        assert new(summary) == {(code, 2024) for code in ("140223", "140224", "140225", MOVING)}
        assert [(report.division_code, report.report_year) for report in summary.changed] == [("140221", 2023)]
        assert summary.coverage
        assert (summary.coverage.report_year, summary.coverage.kept, summary.coverage.portals) == (2024, 6, 6)

        move(moving)
        summary = run("2025-04-25")
        assert [(moved.portal, moved.years) for moved in summary.moved] == [("140226 左云县", [2022, 2023, 2024])]
        assert "/xxgk2024/" in summary.moved[0].now
        assert "140226 左云县: 2022 2023 2024 now at" in markdown(summary)
        assert (new(summary), summary.withdrawn) == (set(), [])

        withdraw(e, 2022)
        summary = run("2025-05-30")
        assert alarms(summary) == {"gone"}
        assert summary.gone == ["140225 浑源县: reports of 2022 were there and are not any more (year_missing)"]
        # What was archived stays in the release.
        assert summary.withdrawn == []

        c.fault = "5xx"
        summary = run("2025-07-01")
        assert [(fall.portal, fall.outcome, fall.family) for fall in summary.fallen] == [
            ("140223 广灵县", "unreachable", "trs")
        ]
        # One portal that is down is no alarm; it is listed.
        assert alarms(summary) == set()

        c.fault = ""
        summary = run("2025-08-02")
        assert summary.recovered == ["140223 广灵县"]

        # A new version of one software: its reader finds nothing any more.
        for portal in (b, c, d):
            portal.fault = "empty"
        summary = run("2025-09-05")
        assert alarms(summary) == {"drift", "family", "gone", "portals"}
        assert {(alarm.kind, alarm.subject) for alarm in summary.alarms} >= {
            ("family", "trs"),
            ("portals", "empty_list"),
        }
        assert summary.calls
        # Nothing is lost by that: six new reports since, and one in a second version.
        assert summary.measures["reports in the release"] == first.measures["reports in the release"] + 7

        summary = run("2025-09-20")
        assert alarms(summary) == set()
        assert [alarm.subject for alarm in summary.alarms if alarm.standing and alarm.kind == "family"] == ["trs"]
        assert not summary.calls

        for portal in (b, c, d):
            portal.fault = ""
        summary = run("2025-10-25")
        assert sorted(summary.recovered) == ["140222 天镇县", "140223 广灵县", "140224 灵丘县"]
        assert summary.alarms == []

        quiet = run("2025-11-28")
        assert (new(quiet), quiet.changed, quiet.gone, quiet.fallen, alarms(quiet)) == (set(), [], [], [], set())

        # The next season: who was first last year is late this year.
        plan = plan_of(tmp_path, every, everything=False, years=(2022, 2025))
        publish(b, 2025)
        summary = run("2026-02-06")
        assert new(summary) == {("140222", 2025)}
        assert summary.coverage
        assert (summary.coverage.kept, summary.coverage.kept_a_year_ago) == (1, 1)
        assert summary.coverage.portals_a_year_ago == 6
    assert len(History(plan.state).names()) == 13
    assert verify(plan.archive) == []
