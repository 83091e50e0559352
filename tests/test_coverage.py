"""Coverage and alarms from outcomes alone, and the page that explains the outcomes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from captures import Outcome
from crawler.coverage import Alarm, alarms, changes, covered
from crawler.outcomes import CODES, KEPT, NOT_SEEN, STOPS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def row(code: str, year: int, outcome: str, run: str = "2", detail: str = "") -> Outcome:
    return Outcome(code, f"县{code}", year, outcome, "", detail, run)


def family(outcome: Outcome) -> str:
    return {"1": "trs", "2": ""}.get(outcome.code[:1], "hanweb")


def test_groups_are_counted_against_the_run_before() -> None:
    rows = [
        *(row("1a", 2020, "found", "1"), row("1a", 2020, "found")),
        *(row("1a", 2021, "year_missing", "1"), row("1a", 2021, "found")),
        *(row("1b", 2020, "found", "1"), row("1b", 2020, "year_missing")),
        *(row("1b", 2021, "image_only", "1"), row("1b", 2021, "unreachable")),
        row("3a", 2020, "no_column"),
    ]
    by_family = covered(changes(rows), family)
    assert [(each.group, each.portals, each.years) for each in by_family] == [("hanweb", 1, 1), ("trs", 2, 4)]
    trs = by_family[1]
    assert (trs.kept, trs.missing, trs.failed, trs.new, trs.gone, trs.share) == (2, 1, 1, 1, 1, 0.5)
    by_year = covered(changes(rows), lambda outcome: str(outcome.report_year))
    assert [(each.group, each.kept) for each in by_year] == [("2020", 1), ("2021", 1)]


@pytest.mark.parametrize(
    ("past", "now", "is_gone"),
    [
        (["found"], "year_missing", True),
        (["found"], "soft404", True),
        (["found"], "empty_list", True),
        (["year_inferred"], "no_column", True),
        (["found"], "found", False),
        (["found"], "ambiguous", False),
        (["found"], "unreachable", False),
        (["found"], "waf_jsl", False),
        (["found", "unreachable"], "year_missing", True),
        (["found", "year_missing"], "year_missing", False),
        (["year_missing"], "year_missing", False),
        ([], "year_missing", False),
    ],
)
def test_report_that_was_there_is_missed_once_the_portal_is_seen_without_it(
    past: list[str], now: str, is_gone: bool
) -> None:
    rows = [row("3a", 2020, outcome, str(run)) for run, outcome in enumerate([*past, now])]
    raised = alarms(changes(rows), family)
    said = f"reports of 2020 were there and are not any more ({now})"
    assert raised == ([Alarm("gone", "3a 县3a", said)] if is_gone else [])


def test_visit_that_the_run_cut_short_compares_with_nothing() -> None:
    rows = [row("3a", 2020, "found", "1"), row("3a", 2020, "budget_exhausted", "2", "the run ended (shutdown)")]
    assert [change.now.outcome for change in changes(rows)] == ["found"]
    assert changes(rows[1:]) == []


def failing(count: int, outcome: str = "empty_list", first: str = "1") -> list[Outcome]:
    return [row(f"{first}{n}", year, outcome) for n in range(count) for year in (2020, 2021)]


def test_three_failing_portals_of_a_family_are_an_alarm() -> None:
    assert alarms(changes(failing(2)), family) == []
    (alarm,) = alarms(changes(failing(3)), family)
    assert (alarm.kind, alarm.subject) == ("family", "trs")
    assert alarm.detail.startswith("3 portals show no report (empty_list 3), such as 10 县10 11 县11 12 县12")
    assert alarm.detail.endswith("look whether its reader still fits")


def test_family_that_is_not_reached_is_no_fault_of_its_reader() -> None:
    (alarm,) = alarms(changes(failing(3, "unreachable")), family)
    assert alarm.detail == "3 portals show no report (unreachable 3), such as 10 县10 11 县11 12 县12"


def test_portals_of_no_known_family_or_with_a_read_column_do_not_count() -> None:
    assert alarms(changes(failing(5, first="2")), family) == []
    assert alarms(changes(failing(5, "year_missing")), family) == []
    mixed = [*failing(2), row("19", 2020, "found"), row("19", 2021, "empty_list")]
    assert alarms(changes(mixed), family) == []


def test_gone_reports_come_first_and_the_worst_portal_before_others() -> None:
    rows = [row("3a", 2020, "found", "1"), row("3a", 2020, "soft404")]
    for year in (2020, 2021):
        rows += [row("3b", year, "found", "1"), row("3b", year, "year_missing")]
    raised = alarms(changes(sorted(rows + failing(3), key=lambda each: (each.code, each.report_year))), family)
    assert [alarm.subject for alarm in raised] == ["3b 县3b", "3a 县3a", "trs"]


def test_every_outcome_is_explained_once() -> None:
    page = (DOCS / "outcomes.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)
    assert sorted(code for code, _, _ in lines) == sorted(CODES)
    assert all(meaning and remedy for _, meaning, remedy in lines)


def test_codes_of_the_two_kinds_do_not_meet() -> None:
    assert KEPT.isdisjoint(NOT_SEEN)
    assert STOPS <= NOT_SEEN <= CODES.keys()
