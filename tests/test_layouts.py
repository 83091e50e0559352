"""Two laws over random layouts: what a layout keeps reads back exactly; what damage hides is never claimed silently."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize import read_document
from tests.layouts import (
    BORDERED,
    DAMAGES,
    LAYOUTS,
    STYLES,
    TEXT_DAMAGES,
    TRUTHS,
    Layout,
    Truth,
    damage,
    damage_text,
    differences,
    draw,
    draw_truth,
    misspan,
    page,
    render,
    silent_errors,
    text_rows,
)

FORMS = st.sampled_from(["2019", "2021"])
SEEDS = st.integers(0, 2**32 - 1)
bounded = settings(max_examples=120, derandomize=True, deadline=None, database=None)
short = settings(max_examples=15, derandomize=True, deadline=None, database=None)

KEEPS_BLANKS = tuple(
    style for style in BORDERED if style not in ("trailing", "blank_lines", "blank_paragraphs", "tabs")
)


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_the_generator_draws_the_whole_form(form: str) -> None:
    truth = draw_truth(form, 1)
    drawing = draw(truth, Layout())
    assert len(drawing.answers) == {"2019": 198, "2021": 200}[form]
    assert len(drawing.tables) == 3
    assert {answer[0] for answer in drawing.answers.values()} == {"reported", "blank", "not_applicable"}


@given(TRUTHS, LAYOUTS)
@bounded
def test_every_layout_reads_back_exactly(truth: Truth, layout: Layout) -> None:
    drawing = draw(truth, layout)
    assert differences(read_document(page(drawing, layout)), drawing.answers) == []


@given(TRUTHS, LAYOUTS)
@bounded
def test_no_layout_is_claimed_silently(truth: Truth, layout: Layout) -> None:
    drawing = draw(truth, layout)
    assert silent_errors(read_document(page(drawing, layout)), drawing.answers) == []


@pytest.mark.parametrize("kind", sorted(DAMAGES))
@given(truth=TRUTHS, layout=LAYOUTS, seed=SEEDS)
@short
def test_damage_is_never_claimed_silently(kind: str, truth: Truth, layout: Layout, seed: int) -> None:
    drawing = draw(truth, layout)
    damage(drawing, kind, seed)
    assert silent_errors(read_document(page(drawing, layout)), drawing.answers) == []


@given(truth=TRUTHS, layout=LAYOUTS, seed=SEEDS)
@bounded
def test_a_wrong_span_is_never_claimed_silently(truth: Truth, layout: Layout, seed: int) -> None:
    drawing = draw(truth, layout)
    report = read_document(misspan(page(drawing, layout), seed))
    assert silent_errors(report, drawing.answers) == []


@pytest.mark.parametrize("style", KEEPS_BLANKS)
@given(truth=TRUTHS, stub=st.booleans())
@short
def test_text_with_borders_reads_back_exactly(style: str, truth: Truth, stub: bool) -> None:
    report = read_document(render(text_rows(truth, stub=stub), style))
    assert differences(report, {key: cell.answer for key, cell in truth.cells.items()}) == []


@pytest.mark.parametrize("style", sorted({*BORDERED, "lines", "paragraphs", "spaces"}))
@given(form=FORMS, seed=SEEDS, stub=st.booleans())
@short
def test_full_text_reads_back_exactly(style: str, form: str, seed: int, stub: bool) -> None:
    truth = draw_truth(form, seed, plain=True)
    report = read_document(render(text_rows(truth, stub=stub), style))
    assert differences(report, {key: cell.answer for key, cell in truth.cells.items()}) == []


@pytest.mark.parametrize("style", STYLES)
@given(truth=TRUTHS, stub=st.booleans())
@short
def test_no_text_is_claimed_silently(style: str, truth: Truth, stub: bool) -> None:
    report = read_document(render(text_rows(truth, stub=stub), style))
    assert silent_errors(report, {key: cell.answer for key, cell in truth.cells.items()}) == []


@pytest.mark.parametrize("kind", TEXT_DAMAGES)
@given(form=FORMS, seed=SEEDS, stub=st.booleans(), style=st.sampled_from(STYLES))
@short
def test_damaged_text_is_never_claimed_silently(kind: str, form: str, seed: int, stub: bool, style: str) -> None:
    truth = draw_truth(form, seed, plain=True)
    rows = text_rows(truth, stub=stub)
    damage_text(rows, kind, seed)
    assert silent_errors(read_document(render(rows, style)), {k: cell.answer for k, cell in truth.cells.items()}) == []
