"""Every flag that a figure or a report can carry is in the codebook, and every flag of the codebook can be carried."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from normalize import codebook, read_document
from tests.layouts import DAMAGES, STYLES, TEXT_DAMAGES, Layout, damage, damage_text, draw, draw_truth, page, render
from tests.layouts import text_rows as rows_of

ROOT = Path(__file__).resolve().parent.parent
KNOWN = {of: {flag.code for flag in codebook.flags() if flag.of == of} for of in ("figure", "report", "panel")}


def unknown(data: bytes) -> set[tuple[str, str]]:
    """The flags of a document that the codebook does not explain."""
    report = read_document(data)
    carried = {("report", flag) for flag in report.flags}
    carried |= {("figure", flag) for figure in report.figures for flag in figure.flags}
    return {(of, flag) for of, flag in carried if flag not in KNOWN[of]}


def test_flags_are_explained_once() -> None:
    assert sum(map(len, KNOWN.values())) == len(codebook.flags())
    assert all(flag.label and flag.label_en for flag in codebook.flags())


@pytest.mark.parametrize("kind", sorted(DAMAGES))
def test_damaged_tables_carry_known_flags(kind: str) -> None:
    layout = Layout(copies="hidden")
    for seed in range(8):
        drawing = draw(draw_truth("2021", seed), layout)
        damage(drawing, kind, seed)
        assert unknown(page(drawing, layout)) == set()


@pytest.mark.parametrize("kind", TEXT_DAMAGES)
@pytest.mark.parametrize("style", STYLES)
def test_damaged_text_carries_known_flags(kind: str, style: str) -> None:
    rows = rows_of(draw_truth("2019", 1, plain=True))
    damage_text(rows, kind, 1)
    assert unknown(render(rows, style)) == set()


def test_the_codebook_explains_no_flag_that_nothing_carries() -> None:
    words: set[str] = set()
    for path in (ROOT / "normalize").rglob("*.py"):
        constants = (
            node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)
        )
        words |= {value for value in constants if isinstance(value, str)}
    worked_out = {flag for flag in KNOWN["panel"] if flag.endswith("_operand")}
    assert {flag.code for flag in codebook.flags()} - worked_out <= words
