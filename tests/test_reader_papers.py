"""PDF: however a page is drawn, what is claimed stood there; what cannot be read is open or flagged, never blank."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

import pytest

from normalize import read_document
from normalize.model import RawTable, TextBlock
from normalize.readers import read
from tests import documents, papers
from tests.documents import Paper

pytest.importorskip("pdfplumber", reason="pdfplumber is not installed (extra docs)")
pytest.importorskip("reportlab", reason="reportlab is not installed (extra writers)")


def spoilt(seed: int, share: float) -> documents.Figures:
    """Figures of any size, some of them blank or signs."""
    dice = random.Random(seed)  # noqa: S311 - the same figures in every run
    values = documents.figures(seed, largest=dice.choice((9, 400, 90_000)))
    return {key: dice.choice(("", "/", "-")) if dice.random() < share else text for key, text in values.items()}


@pytest.mark.parametrize("kind", papers.BORDERED)
def test_every_figure_within_rules_of_any_kind(kind: str) -> None:
    values = documents.figures(5)
    report = read_document(papers.printed(values, kind, "center"))
    assert documents.right(report, values) == 200


@pytest.mark.parametrize(("kind", "least"), [("level", 190), ("upright", 170), ("none", 190)])
def test_most_figures_without_rules(kind: str, least: int) -> None:
    values = documents.figures(5)
    report = read_document(papers.printed(values, kind, "center"))
    assert documents.right(report, values) >= least
    assert papers.silent(report, values) == []


@pytest.mark.parametrize("seed", range(24))
def test_nothing_is_claimed_that_was_not_printed(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same pages in every run
    values = spoilt(seed, dice.choice((0.1, 0.5)))
    kind, align = dice.choice(sorted(papers.RULES)), dice.choice(("left", "center", "right"))
    report = read_document(papers.printed(values, kind, align, height=dice.choice((20, 24, 31, 47))))
    assert papers.silent(report, values) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(papers.RULES))
def test_nothing_is_claimed_that_was_not_printed_on_many_pages(kind: str) -> None:
    for seed in range(100, 130):
        dice = random.Random(seed)  # noqa: S311 - the same pages in every run
        values = spoilt(seed, dice.choice((0, 0.1, 0.5)))
        align, height = dice.choice(("left", "center", "right")), dice.choice((20, 24, 31, 47))
        assert papers.silent(read_document(papers.printed(values, kind, align, height=height)), values) == []


class Padded(Paper):
    """A white nine after each number, as some pad their columns."""

    def after(self, left: float, right_: float, high: float, text: str, size: float) -> None:
        if text.isdigit():
            self.canvas.setFillColorRGB(1, 1, 1)
            self.canvas.drawString(left + 2 + len(text) * size / 2, high - size - 1, "9")
            self.canvas.setFillColorRGB(0, 0, 0)


class Struck(Paper):
    """A nine that is crossed out after each number."""

    def after(self, left: float, right_: float, high: float, text: str, size: float) -> None:
        if text.isdigit():
            x, y = left + 2 + len(text) * size / 2, high - size - 1
            self.canvas.drawString(x, y, "9")
            self.canvas.setLineWidth(0.3)
            self.canvas.line(x, y + 0.3 * size, x + size / 2, y + 0.3 * size)


class Layered(Paper):
    """A number that is not to be seen after each number, as a search layer may hold it."""

    def after(self, left: float, right_: float, high: float, text: str, size: float) -> None:
        if text.isdigit():
            layer = self.canvas.beginText(left + 2 + len(text) * size / 2, high - size - 1)
            layer.setTextRenderMode(3)
            layer.textOut("9")
            self.canvas.drawText(layer)


class Reversed(Paper):
    """Labels in white on blue cells."""

    def rule(self, left: float, low: float, right_: float, high: float) -> None:
        self.canvas.setFillColorRGB(0.1, 0.2, 0.6)
        self.canvas.rect(left, low, right_ - left, high - low, fill=1)
        self.canvas.setFillColorRGB(1, 1, 1)


class Fields(Paper):
    """Numbers in the fields of a form that was filled on the screen."""

    made = 0

    def write(self, left: float, right_: float, y: float, line: str, size: float) -> None:
        if not line.isdigit():
            super().write(left, right_, y, line, size)
            return
        self.made += 1
        self.canvas.acroForm.textfield(name=f"f{self.made}", value=line, x=left + 2, y=y - 2, width=28, height=10)


class Drawn(Paper):
    """Numbers drawn as curves instead of set."""

    def write(self, left: float, right_: float, y: float, line: str, size: float) -> None:
        if not line.isdigit():
            super().write(left, right_, y, line, size)
            return
        path = self.canvas.beginPath()
        for number in range(len(line)):
            x = left + 3 + 4 * number
            path.moveTo(x, y)
            path.curveTo(x - 2, y + 4, x + 4, y + 4, x + 2, y)
        self.canvas.drawPath(path)


def test_white_letters_on_paper_do_not_count() -> None:
    values = documents.figures(5)
    assert documents.right(read_document(papers.on_paper(Padded, values)), values) == 200


def test_white_letters_on_a_ground_do() -> None:
    values = documents.figures(5)
    assert documents.right(read_document(papers.on_paper(Reversed, values)), values) == 200


def test_text_that_is_not_to_be_seen_leaves_every_figure_in_doubt() -> None:
    values = documents.figures(5)
    report = read_document(papers.on_paper(Layered, values))
    assert papers.silent(report, values) == []
    assert all("hidden_text" in figure.flags for figure in report.figures if figure.status == "reported")


@pytest.mark.parametrize("paper", [Struck, Fields, Drawn])
def test_what_is_no_letter_is_not_blank(paper: type[Paper]) -> None:
    values = documents.figures(5)
    report = read_document(papers.on_paper(paper, values))
    numbers = {key for key, text in values.items() if text.isdigit()}
    seen = [figure for figure in report.figures if (figure.indicator, figure.applicant) in numbers]
    assert {figure.status for figure in seen} == {"unreadable"}
    assert len(seen) == len(numbers) == 199


@pytest.mark.slow
def test_letters_that_their_font_does_not_name_are_looked_at() -> None:
    pytest.importorskip("rapidocr", reason="rapidocr is not installed (extra ocr)")
    if not documents.FONT.exists():
        pytest.skip("fonts-wqy-zenhei, whose letters are embedded, is not installed")
    values = documents.figures(5)
    data = papers.on_paper(Paper, values, pageCompression=0).replace(b"/ToUnicode", b"/ToUnknown")
    report = read_document(data)
    assert documents.right(report, values) >= 196
    assert all("ocr" in figure.flags for figure in report.figures if figure.status == "reported")


def test_rules_of_two_tables_that_nearly_meet_are_two() -> None:
    module = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab is not installed")
    out = BytesIO()
    canvas = module.Canvas(out)
    canvas.setFont(documents.pdf_font(), 8)

    def table(top: float, edges: list[float], texts: list[str]) -> None:
        canvas.drawString(50, top + 20, "如下表所示")
        for edge in edges:
            canvas.line(edge, top, edge, top - 40)
        for y in (top, top - 20, top - 40):
            canvas.line(edges[0], y, edges[-1], y)
        for left, text in zip(edges, texts, strict=False):
            canvas.drawString(left + 2, top - 12, text)

    table(800, [50, 100, 147, 200], ["规章", "1", "2"])
    table(700, [50, 100, 144.5, 200], ["规章", "3", "4"])
    table(600, [50, 100, 142, 200], ["规章", "5", "6"])
    canvas.save()
    document, _ = read(out.getvalue())
    first_rows = [[cell.text for cell in part.rows[0]] for part in document.parts if isinstance(part, RawTable)]
    assert first_rows == [["规章", "1", "2"], ["规章", "3", "4"], ["规章", "5", "6"]]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["规章 1865 7", "06"], "规章 1865� 7\n06�"),
        (["规章 1865 7", "文件 1906 3"], "规章 1865 7\n文件 1906 3"),
        (["没有现成信息 1865 7", "另行制作 06"], "没有现成信息 1865� 7\n另行制作 06�"),
    ],
)
def test_a_number_broken_where_no_rules_are(lines: list[str], text: str) -> None:
    module = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab is not installed")
    out = BytesIO()
    canvas: Any = module.Canvas(out)
    canvas.setFont(documents.pdf_font(), 10)
    for number, line in enumerate(lines):
        words = line.split()
        places = [50, 150, 250] if len(words) > 1 else [150]
        for x, word in zip(places, words, strict=False):
            canvas.drawString(x, 800 - 12 * number, word)
    canvas.save()
    (part,) = read(out.getvalue())[0].parts
    assert part == TextBlock(text)
