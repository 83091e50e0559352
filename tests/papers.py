"""Pages of PDF in the many ways that programs draw them: rules of all kinds or none, text set anywhere in its cell."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from tests import documents
from tests.documents import Paper

if TYPE_CHECKING:
    from collections.abc import Callable

    from normalize import Report

# What a cell prints instead of a number, and the status that it then has.
SIGNS = {"": "blank", "/": "not_applicable", "-": "not_applicable"}


class Rules(Paper):
    """A paper whose rules and whose place of text are chosen by name."""

    kind, align = "boxes", "left"

    def rule(self, left: float, low: float, right_: float, high: float) -> None:
        RULES[self.kind](self, left, low, right_, high)

    def write(self, left: float, right_: float, y: float, line: str, size: float) -> None:
        width = sum(size if ord(char) > 0x2E80 else size / 2 for char in line)
        starts = {"left": left + 2, "center": (left + right_ - width) / 2, "right": right_ - 2 - width}
        self.canvas.drawString(starts[self.align], y, line)


def _is_outer(x: float) -> bool:
    return abs(x - 45) < 1 or abs(x - 555) < 6


def _boxes(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    paper.canvas.rect(left, low, right_ - left, high - low)


def _bars(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    """Rules as thin filled rectangles, as word processors print them."""
    thick = 3
    for x, y, width, height in (
        (left, low, right_ - left, 0),
        (left, high, right_ - left, 0),
        (left, low, 0, high - low),
        (right_, low, 0, high - low),
    ):
        paper.canvas.rect(x - thick / 2, y - thick / 2, width + thick, height + thick, stroke=0, fill=1)


def _dashes(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    paper.canvas.setDash(3, 2)
    _boxes(paper, left, low, right_, high)
    paper.canvas.setDash()


def _double(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    _boxes(paper, left, low, right_, high)
    _boxes(paper, left + 2, low + 2, right_ - 2, high - 2)


def _gaps(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    """Rules that do not meet at the corners."""
    for y in (low, high):
        paper.canvas.line(left + 2, y, right_ - 2, y)
    for x in (left, right_):
        paper.canvas.line(x, low + 2, x, high - 2)


def _shaded(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    _boxes(paper, left, low, right_, high)
    paper.canvas.setFillGray(0.9)
    paper.canvas.rect(left + 2, low + 2, right_ - left - 4, high - low - 4, stroke=0, fill=1)
    paper.canvas.setFillGray(0)


def _open(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    """No border at the two sides of the table."""
    _level(paper, left, low, right_, high)
    for x in (left, right_):
        if not _is_outer(x):
            paper.canvas.line(x, low, x, high)


def _level(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    paper.canvas.line(left, low, right_, low)
    paper.canvas.line(left, high, right_, high)


def _upright(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    paper.canvas.line(left, low, left, high)
    paper.canvas.line(right_, low, right_, high)


def _none(paper: Rules, left: float, low: float, right_: float, high: float) -> None:
    pass


RULES: dict[str, Callable[[Rules, float, float, float, float], None]] = {
    "boxes": _boxes,
    "bars": _bars,
    "dashes": _dashes,
    "double": _double,
    "gaps": _gaps,
    "shaded": _shaded,
    "open": _open,
    "level": _level,
    "upright": _upright,
    "none": _none,
}
BORDERED = ("boxes", "bars", "dashes", "double", "gaps", "shaded", "open")


def printed(values: documents.Figures, kind: str, align: str = "left", *, height: float = 24) -> bytes:
    """The whole report with these rules."""

    class Chosen(Rules):
        pass

    Chosen.kind, Chosen.align = kind, align
    return on_paper(Chosen, values, height=height)


def on_paper(paper: type[Paper], values: documents.Figures, *, height: float = 24, **options: Any) -> bytes:
    """The whole report on a paper of this kind."""
    module = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab is not installed (extra writers)")
    out = BytesIO()
    canvas = module.Canvas(out, **options)
    paper(canvas, documents.pdf_font(), height).set(documents.parts(values))
    canvas.save()
    return out.getvalue()


def silent(report: Report, values: documents.Figures) -> list[tuple[str, str, str, str, float | None]]:
    """The cells that claim, without any flag, what was not printed there."""
    found = {(figure.indicator, figure.applicant): figure for figure in report.figures}
    problems: list[tuple[str, str, str, str, float | None]] = []
    for key, text in values.items():
        figure = found.get(key)
        if figure is None or figure.flags or figure.status not in ("reported", "blank", "not_applicable"):
            continue
        is_right = figure.status == SIGNS[text] if text in SIGNS else figure.value == float(text)
        if not is_right:
            problems.append((*key, text, figure.status, figure.value))
    return problems
