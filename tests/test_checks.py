"""The identities on hand-made figures: pass, fail, blanks as zero only where that makes them hold."""

from __future__ import annotations

import pytest

from normalize import codebook
from normalize.checks import run_checks
from normalize.model import Check, Figure, Status

Key = tuple[str, str]
NATURAL, TOTAL = "natural_person", "total"


def zeros(form: str) -> dict[Key, Figure]:
    """A form full of zeros, every identity of which holds."""
    return {key: figure(key, 0.0) for key in codebook.form_cells(form)}


def figure(key: Key, value: float | None, status: Status = "reported", unit: str = "") -> Figure:
    return Figure(*key, value, unit, status, "")


def checks(form: str, changes: dict[Key, float | Status], level: str = "county") -> dict[Key, Check]:
    """The checks of a form of zeros with some cells changed, by check and applicant."""
    cells = zeros(form)
    for key, change in changes.items():
        cells[key] = figure(key, change) if isinstance(change, (int, float)) else figure(key, None, change)
    return {(check.check, check.applicant): check for check in run_checks(form, cells.values(), level)}


def one(form: str, changes: dict[Key, float | Status], check: str, applicant: str = "", level: str = "county") -> Check:
    return checks(form, changes, level)[check, applicant]


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_zeros_break_no_hard_check(form: str) -> None:
    found = checks(form, {})
    assert {check.check for check in found.values()} >= {"S3-1", "S3-2", "S3-4", "S4-1", "S4-2", "S4-3"}
    assert [check for check in found.values() if check.result == "fail" and check.severity == "hard"] == []


# Sums --------------------------------------------------------------------------------------------------------------

BALANCE: dict[Key, float | Status] = {
    ("apply.new", NATURAL): 7,
    ("apply.carried_in", NATURAL): 2,
    ("apply.result.granted", NATURAL): 8,
    ("apply.result.total", NATURAL): 8,
    ("apply.carried_out", NATURAL): 1,
}


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_balance_holds(form: str) -> None:
    check = one(form, BALANCE, "S3-1", NATURAL)
    assert (check.result, check.left, check.right, check.difference) == ("pass", 9, 9, 0)
    assert check.severity == "hard"


def test_balance_fails_and_shows_both_sides() -> None:
    check = one("2021", {**BALANCE, ("apply.carried_out", NATURAL): 3}, "S3-1", NATURAL)
    assert (check.result, check.left, check.right, check.difference) == ("fail", 9, 11, -2)
    assert check.cells == (
        "apply.new@natural_person",
        "apply.carried_in@natural_person",
        "apply.result.total@natural_person",
        "apply.carried_out@natural_person",
    )


def test_a_blank_is_zero_where_that_makes_it_hold() -> None:
    check = one("2021", {**BALANCE, ("apply.carried_in", NATURAL): "blank", ("apply.new", NATURAL): 9}, "S3-1", NATURAL)
    assert (check.result, check.left, check.right) == ("pass", 9, 9)
    assert "apply.carried_in@natural_person=blank" in check.cells


def test_a_blank_that_would_have_to_be_a_number_is_not_evaluable() -> None:
    check = one("2021", {**BALANCE, ("apply.carried_in", NATURAL): "blank"}, "S3-1", NATURAL)
    assert (check.result, check.left, check.right) == ("not_evaluable", 7, 9)


@pytest.mark.parametrize("status", ["text", "ambiguous", "unreadable", "missing"])
def test_a_cell_without_a_number_is_not_evaluable(status: Status) -> None:
    check = one("2021", {**BALANCE, ("apply.new", NATURAL): status}, "S3-1", NATURAL)
    assert (check.result, check.left, check.difference) == ("not_evaluable", None, None)
    assert f"apply.new@natural_person={status}" in check.cells


def test_blanks_alone_prove_nothing() -> None:
    blank: dict[Key, float | Status] = dict.fromkeys(BALANCE, "blank")
    assert one("2021", blank, "S3-1", NATURAL).result == "not_evaluable"


@pytest.mark.parametrize(
    ("form", "row"),
    [("2019", "apply.result.other"), ("2021", "apply.result.other.misc"), ("2021", "apply.result.partial")],
)
def test_outcomes_add_up(form: str, row: str) -> None:
    changes: dict[Key, float | Status] = {(row, TOTAL): 5, ("apply.result.denied.internal", TOTAL): 2}
    assert one(form, {**changes, ("apply.result.total", TOTAL): 7}, "S3-2", TOTAL).result == "pass"
    assert one(form, {**changes, ("apply.result.total", TOTAL): 6}, "S3-2", TOTAL).result == "fail"


def test_the_older_single_row_stands_for_the_three() -> None:
    cells = zeros("2021")
    for applicant in codebook.applicant_codes():
        cells["apply.result.other", applicant] = figure(("apply.result.other", applicant), 3.0)
        cells["apply.result.total", applicant] = figure(("apply.result.total", applicant), 3.0)
        for row in ("no_correction", "fee_unpaid", "misc"):
            key = (f"apply.result.other.{row}", applicant)
            cells[key] = figure(key, None, "missing")
    found = {(check.check, check.applicant): check for check in run_checks("2021", cells.values(), "county")}
    assert [found["S3-2", applicant].result for applicant in codebook.applicant_codes()] == ["pass"] * 7


def test_applicants_add_up_in_each_row() -> None:
    cells = zeros("2021")
    for applicant, value in ((NATURAL, 3.0), ("org.other", 4.0)):
        cells["apply.new", applicant] = figure(("apply.new", applicant), value)
    rows = [check for check in run_checks("2021", cells.values(), "county") if check.check == "S3-3"]
    assert len(rows) == 25
    assert [(check.left, check.right) for check in rows if check.result == "fail"] == [(0, 7)]


@pytest.mark.parametrize(
    ("check", "group"), [("S4-1", "review.recon"), ("S4-2", "review.suit_direct"), ("S4-3", "review.suit_after_recon")]
)
def test_reviews_add_up(check: str, group: str) -> None:
    results: dict[Key, float | Status] = {(f"{group}.upheld", ""): 10, (f"{group}.corrected", ""): 1}
    assert one("2021", {**results, (f"{group}.total", ""): 11}, check).result == "pass"
    failed = one("2021", results, check)
    assert (failed.result, failed.left, failed.right) == ("fail", 0, 11)


# Single cells ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "result"), [(3, "pass"), (0.5, "fail"), (-1, "fail")])
def test_counts_are_whole(value: float, result: str) -> None:
    check = one("2021", {("apply.new", NATURAL): value}, "S3-4")
    assert check.result == result
    assert check.cells == (() if result == "pass" else ("apply.new@natural_person",))


def test_changes_may_be_negative_but_must_be_whole() -> None:
    assert one("2019", {("permit.licence.items_change", ""): -2626}, "S2-7c").result == "pass"
    assert one("2019", {("permit.licence.items_change", ""): 0.5}, "S2-7c").result == "fail"


def test_money_may_have_decimals_but_no_sign() -> None:
    assert one("2021", {("fee.admin.amount", ""): 59237.2449}, "S2-7a").result == "pass"
    assert one("2021", {("fee.admin.amount", ""): -1}, "S2-7a").result == "fail"


@pytest.mark.parametrize("level", ["county", "township", "department"])
def test_rules_below_the_city(level: str) -> None:
    assert one("2021", {("proactive.rules.in_force", ""): 6}, "S2-1", level=level).result == "fail"
    assert one("2021", {("proactive.rules.in_force", ""): "not_applicable"}, "S2-1", level=level).result == "pass"


@pytest.mark.parametrize("level", ["province", "city"])
def test_cities_and_provinces_have_rules(level: str) -> None:
    assert ("S2-1", "") not in checks("2021", {("proactive.rules.in_force", ""): 6}, level)


def test_no_requests_no_outcomes() -> None:
    assert one("2021", {("apply.result.granted", NATURAL): 1}, "S3-6").result == "fail"
    assert (
        one("2021", {("apply.new", TOTAL): 1, ("apply.result.granted", NATURAL): 1}, "S3-6").result == "not_evaluable"
    )
    assert one("2021", {("apply.new", TOTAL): "blank"}, "S3-6").result == "not_evaluable"


@pytest.mark.parametrize(
    ("items", "change", "decisions", "result"),
    [(182, 205, 387, "fail"), (37215, -2626, 30200, "fail"), (10, 1, 387, "pass"), (0, 0, 0, "pass")],
)
def test_cases_counted_where_items_belong(items: float, change: float, decisions: float, result: str) -> None:
    changes: dict[Key, float | Status] = {
        ("permit.licence.items_prev", ""): items,
        ("permit.licence.items_change", ""): change,
        ("permit.licence.decisions", ""): decisions,
    }
    assert one("2019", changes, "S2-6a").result == result


def test_no_form_no_checks() -> None:
    assert run_checks("", [], "county") == []


def test_a_check_changes_no_figure() -> None:
    cells = zeros("2021")
    before = {key: (each.value, each.status, each.flags) for key, each in cells.items()}
    run_checks("2021", cells.values(), "county")
    assert {key: (each.value, each.status, each.flags) for key, each in cells.items()} == before


@pytest.mark.parametrize(
    ("years", "result", "sides"),
    [
        ({"title1": 2020, "period": 2020}, "pass", (2020.0, 2020.0)),
        ({"title1": 2020, "period": 2020, "signature": 2019}, "fail", (2020.0, 2019.0)),
        ({"title1": 2020}, "not_evaluable", (None, None)),
    ],
)
def test_parts_that_name_other_years(years: dict[str, int], result: str, sides: tuple[float | None, ...]) -> None:
    found = next(check for check in run_checks("2021", [], "county", years=years) if check.check == "P-11")
    assert (found.result, (found.left, found.right)) == (result, sides)
    assert found.cells == (tuple(f"{part}:{year}" for part, year in years.items()) if len(years) > 1 else ())
