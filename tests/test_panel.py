"""Harmonised series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normalize.codebook import CodebookError, form_indicators
from normalize.model import Figure
from normalize.panel import FORMS, Series, Term, all_series, evaluate, panel_values, parse_terms, read_series
from tests.fake_archive import figures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.fake_archive import Value


def value_of(
    name: str, form: str, values: Mapping[str, Value], flags: Mapping[str, str] | None = None
) -> tuple[float | None, str]:
    """The value and flag of one series of the codebook in a form that is 0 but for ``values``."""
    (series,) = (each for each in all_series() if each.name == name)
    return evaluate(
        series, form, {(each.indicator, each.applicant): each for each in figures(form, values, flags or {})}
    )


def test_terms() -> None:
    assert parse_terms("a.b@total + c.*@org.other - d") == (
        Term(1, "a.b", "total"),
        Term(1, "c.*", "org.other"),
        Term(-1, "d", ""),
    )


@pytest.mark.parametrize("expression", ["", "a +", "a b", "a * b", "a  + b", "sum(a)", "a.*.b", "A", "- a"])
def test_what_is_no_expression(expression: str) -> None:
    with pytest.raises(ValueError, match="is no expression of indicator codes"):
        parse_terms(expression)


def test_one_cell() -> None:
    assert value_of("h.apply.received", "2019", {"apply.new@total": 12.0, "apply.new@natural_person": 5.0}) == (
        12.0,
        "",
    )


def test_a_prefix_adds_up_its_rows_for_the_applicant_named() -> None:
    values: dict[str, Value] = {
        "apply.result.denied.state_secret@total": 2.0,
        "apply.result.denied.law_prohibited@total": 3.0,
        "apply.result.denied.law_prohibited@natural_person": 100.0,
        "apply.result.granted@total": 50.0,
    }
    assert value_of("h.apply.denied", "2021", values) == (5.0, "")


def test_cells_add_up() -> None:
    values: dict[str, Value] = {"review.suit_direct.total": 4.0, "review.suit_after_recon.total": 3.0}
    assert value_of("h.review.suit.total", "2019", values) == (7.0, "")


def test_cells_are_taken_off() -> None:
    series = Series("h.x", "甲", "X", {"2014": parse_terms("a - b")})
    found = {
        ("a", ""): Figure("a", "", 9.0, "", "reported", "9"),
        ("b", ""): Figure("b", "", 2.0, "", "reported", "2"),
    }
    assert evaluate(series, "2014", found) == (7.0, "")


def test_a_blank_is_not_zero() -> None:
    values: dict[str, Value] = {"review.suit_direct.total": 4.0, "review.suit_after_recon.total": "blank"}
    assert value_of("h.review.suit.total", "2019", values) == (None, "blank_operand")


def test_every_obstacle_is_named() -> None:
    values: dict[str, Value] = {
        "review.suit_direct.total": "not_applicable",
        "review.suit_after_recon.total": "ambiguous",
    }
    flags = {"review.suit_direct.total": "noted"}
    assert value_of("h.review.suit.total", "2019", values, flags) == (None, "ambiguous_operand not_applicable_operand")


def test_a_flagged_figure_counts_and_is_told() -> None:
    assert value_of("h.apply.received", "2021", {"apply.new@total": 8.0}, {"apply.new@total": "loose"}) == (
        8.0,
        "flagged_operand",
    )


def test_an_inferred_figure_does_not_count() -> None:
    series = Series("h.x", "甲", "X", {"2019": parse_terms("a")})
    inferred = {("a", ""): Figure("a", "", 3.0, "", "blank", "", ("inferred",))}
    assert evaluate(series, "2019", inferred) == (None, "blank_operand")


def test_a_form_without_the_series() -> None:
    assert value_of("h.apply.pending", "2014", {}) == (None, "not_in_form")
    assert value_of("h.proactive.items", "2021", {}) == (None, "not_in_form")


def test_a_cell_the_report_lacks() -> None:
    (series,) = (each for each in all_series() if each.name == "h.apply.denied")
    assert evaluate(series, "2019", {}) == (None, "missing_operand")


def test_the_older_single_row_stands_for_the_rows_that_replaced_it() -> None:
    (series,) = (each for each in all_series() if each.name == "h.apply.other")
    rows = [each.code for each in form_indicators("2021", "3") if each.code.startswith("apply.result.other.")]
    found = {(code, "total"): Figure(code, "total", None, "", "missing", "") for code in rows}
    found["apply.result.other", "total"] = Figure("apply.result.other", "total", 6.0, "", "reported", "6")
    assert len(rows) == 3
    assert evaluate(series, "2021", found) == (6.0, "")
    found[rows[0], "total"] = Figure(rows[0], "total", 1.0, "", "reported", "1")
    assert evaluate(series, "2021", found) == (None, "missing_operand")


def test_columns_stand_in_the_order_of_the_crosswalk() -> None:
    cells = panel_values(
        figures("2019", {"apply.new@total": 2.0, "apply.result.total@total": "text"}, {}), "2019", all_series()
    )
    assert [each.column for each in all_series()][:2] == ["h_apply_received", "h_apply_answered"]
    assert cells[:4] == [2.0, "", None, "text_operand"]
    assert len(cells) == 2 * len(all_series()) == 40


def test_every_operand_of_the_codebook_is_an_indicator_of_its_form() -> None:
    operands = {(form, term.code) for each in all_series() for form, terms in each.terms.items() for term in terms}
    assert {form for form, _ in operands} == set(FORMS)
    for form, code in operands:
        known = {each.code for each in form_indicators(form)}
        assert code in known or any(each.startswith(code[:-1]) for each in known if code.endswith(".*")), (form, code)


def test_a_crosswalk_with_a_bad_expression_is_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "crosswalk.csv"
    header = "series,label,label_en,form_2008,form_2014,form_2019,form_2021,break_form,note"
    path.write_text(f"{header}\nh.a,甲,A,,,a,a,,\nh.b,乙,B,,,sum(a),a,,\n", encoding="utf-8")
    with pytest.raises(CodebookError, match=r"crosswalk\.csv, line 3: 'sum\(a\)' is no expression"):
        read_series(path)
    with pytest.raises(CodebookError, match="cannot be read"):
        read_series(tmp_path / "absent.csv")
