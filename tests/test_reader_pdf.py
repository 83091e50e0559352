"""PDF: ruled tables, what pages do to them, and the limits."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from normalize import read_document
from normalize.model import RawCell, RawTable, TextBlock
from normalize.readers import UnreadableDocument, pdf, read
from normalize.readers.pages import Page, assemble, mend_radicals
from normalize.readers.stitch import PageCell, PageTable, fill_holes, join
from tests import documents

if TYPE_CHECKING:
    from collections.abc import Callable

pytest.importorskip("pdfplumber", reason="pdfplumber is not installed (extra docs)")
CORPUS = Path(__file__).parents[2] / "corpus"


def drawn(*pages: Callable[[Any], None], password: str = "") -> bytes:
    """A PDF whose pages are drawn by these functions."""
    canvas = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab is not installed")
    font = documents.pdf_font()
    out = BytesIO()
    made = canvas.Canvas(out, encrypt=password or None)
    for page in pages:
        made.setFont(font, 10)
        page(made)
        made.showPage()
    made.save()
    return out.getvalue()


def grid(canvas: Any, rows: list[list[str]], *, sides: bool = True) -> None:
    """A ruled table at the head of a page, 100 points a column and 20 a row."""
    height, width = 20 * len(rows), 100 * len(rows[0])
    for line in range(len(rows) + 1):
        canvas.line(50, 800 - 20 * line, 50 + width, 800 - 20 * line)
    for column in range(len(rows[0]) + 1):
        if sides or 0 < column < len(rows[0]):
            canvas.line(50 + 100 * column, 800, 50 + 100 * column, 800 - height)
    for line, row in enumerate(rows):
        for column, text in enumerate(row):
            canvas.drawString(60 + 100 * column, 786 - 20 * line, text)


def texts(data: bytes) -> list[list[str]]:
    document, _ = read(data)
    return [[cell.text for cell in row] for part in document.parts if isinstance(part, RawTable) for row in part.rows]


@pytest.mark.parametrize("height", [24, 31, 47])
def test_every_figure_wherever_the_pages_cut(height: float) -> None:
    values = documents.figures(int(height))
    report = read_document(documents.pdf(documents.parts(values), row_height=height))
    assert documents.right(report, values) == 200
    assert (report.form, report.body, report.report_year) == ("2021", "云川县人民政府", 2023)
    assert {flag for figure in report.figures for flag in figure.flags} == set()
    assert report.leftovers == []


def test_a_table_that_goes_on_overleaf_is_one_table() -> None:
    document, kind = read(documents.pdf(documents.parts(documents.figures()), row_height=31))
    tables = [part for part in document.parts if isinstance(part, RawTable)]
    assert kind == "application/pdf"
    assert [len(table.rows) for table in tables] == [14, 28, 4]
    assert len(set(tables[1].row_pages)) > 1
    assert list(tables[1].row_pages) == sorted(tables[1].row_pages)
    assert tables[1].page == tables[1].row_pages[0]


def test_page_numbers_do_not_count() -> None:
    document, _ = read(documents.pdf(documents.parts(documents.figures())))
    assert "- 2 -" not in "\n".join(part.text for part in document.parts if isinstance(part, TextBlock))


def test_letters_drawn_twice_count_once() -> None:
    def page(canvas: Any) -> None:
        grid(canvas, [["规章", "12"], ["其他内容", "3"]])
        canvas.drawString(160.4, 786, "12")

    assert texts(drawn(page)) == [["规章", "12"], ["其他内容", "3"]]


def test_two_equal_digits_are_two() -> None:
    assert texts(drawn(lambda canvas: grid(canvas, [["规章", "1100"], ["其他", "22"]])))[0] == ["规章", "1100"]


def test_a_watermark_does_not_count() -> None:
    def page(canvas: Any) -> None:
        grid(canvas, [["规章", "12"], ["其他内容内容", "3"]])
        canvas.translate(150, 780)
        canvas.rotate(30)
        canvas.drawString(0, 0, "99")

    assert texts(drawn(page)) == [["规章", "12"], ["其他内容内容", "3"]]


def test_a_raised_note_is_no_digit() -> None:
    def page(canvas: Any) -> None:
        grid(canvas, [["规章规章规章", "12"], ["其他", "3"]])
        canvas.setFont(documents.pdf_font(), 5)
        canvas.drawString(172, 791, "2")

    assert texts(drawn(page))[0][1].replace("\n", "") in ("12^2", "^212")


def test_open_sides_are_closed() -> None:
    rows = [["信息内容", "本年制发件数", "现行有效件数"], ["规章", "1", "2"]]
    assert texts(drawn(lambda canvas: grid(canvas, rows, sides=False))) == rows


def test_rows_of_dots_are_rules() -> None:
    rows = [["信息内容", "件数"], ["规章", "1"]]

    def page(canvas: Any) -> None:
        for line in range(3):
            for x in range(50, 251, 2):
                canvas.rect(x, 800 - 20 * line, 0.6, 0.6, stroke=0, fill=1)
        for column in range(3):
            for y in range(760, 801, 2):
                canvas.rect(50 + 100 * column, y, 0.6, 0.6, stroke=0, fill=1)
        for line, row in enumerate(rows):
            for column, text in enumerate(row):
                canvas.drawString(60 + 100 * column, 786 - 20 * line, text)

    assert texts(drawn(page)) == rows


def test_prose_in_boxes_is_prose() -> None:
    def page(canvas: Any) -> None:
        for line, text in enumerate(("一、总体情况如下所述", "全年没有收到申请")):
            canvas.rect(50, 800 - 20 * line, 200, 20)
            canvas.drawString(60, 806 - 20 * line, text)
        canvas.translate(0, -20)
        grid(canvas, [["规章", "12"], ["其他", "3"]])

    document, _ = read(drawn(page))
    assert [type(part) for part in document.parts] == [TextBlock, RawTable]
    assert document.parts[0] == TextBlock("一、总体情况如下所述\n全年没有收到申请")


def test_the_figures_say_on_which_page_they_stand() -> None:
    report = read_document(documents.pdf(documents.parts(documents.figures()), row_height=31))
    pages = {figure.indicator: figure.page for figure in report.figures}
    cells = ("proactive.rules.issued", "apply.new", "apply.carried_out", "review.recon.total")
    assert [pages[cell] for cell in cells] == [1, 1, 2, 3]


def test_a_watermark_set_straight_does_not_count() -> None:
    def page(canvas: Any) -> None:
        grid(canvas, [["规章", "12"], ["其他内容内容", ""]])
        canvas.setFont(documents.pdf_font(), 40)
        canvas.drawString(155, 764, "20")

    assert texts(drawn(page)) == [["规章", "12"], ["其他内容内容", ""]]


def test_a_table_that_a_browser_cut_ends_where_its_sides_end() -> None:
    def page(canvas: Any) -> None:
        grid(canvas, [["规章", "12"], ["其他", "3"]])
        for x in (50, 150, 250):
            canvas.line(x, 820, x, 740)
        canvas.drawString(60, 806, "上")
        canvas.drawString(160, 806, "7")
        canvas.drawString(60, 746, "下")
        canvas.drawString(160, 746, "8")

    assert texts(drawn(page)) == [["上", "7"], ["规章", "12"], ["其他", "3"], ["下", "8"]]


def test_a_number_broken_for_lack_of_room_is_one_and_flagged() -> None:
    def page(canvas: Any) -> None:
        for x in (50, 90, 130):
            canvas.line(x, 800, x, 740)
        for y in (800, 770, 740):
            canvas.line(50, y, 130, y)
        for x, y, text in ((60, 788, "规章"), (94, 788, "12345"), (94, 776, "67"), (94, 758, "1"), (94, 746, "2")):
            canvas.drawString(x, y, text)

    (table,) = [part for part in read(drawn(page))[0].parts if isinstance(part, RawTable)]
    assert [row[1] for row in table.rows] == [RawCell("1234567", flags=("digits_joined",)), RawCell("1\n2")]


def test_a_number_that_runs_on_into_the_next_cell_is_nobodys() -> None:
    def page(canvas: Any) -> None:
        for x in (50, 90, 120, 150):
            canvas.line(x, 800, x, 760)
        for y in (800, 780, 760):
            canvas.line(50, y, 150, y)
        for x, y, text in ((60, 786, "规章"), (80, 766, "1234567890"), (124, 786, "12")):
            canvas.drawString(x, y, text)

    (table,) = [part for part in read(drawn(page))[0].parts if isinstance(part, RawTable)]
    assert [[cell.flags for cell in row] for row in table.rows] == [[(), (), ()], [("unreadable",)] * 3]


def test_radicals() -> None:
    assert mend_radicals("⼀、本年新收政府信息公开申请，⾏政，⻓⺠⺟") == "一、本年新收政府信息公开申请，行政，长民母"


def test_a_locked_file_says_so() -> None:
    with pytest.raises(UnreadableDocument, match="password") as error:
        read(drawn(lambda canvas: canvas.drawString(9, 9, "x"), password="secret"))  # noqa: S106 - a test file's
    assert error.value.code == "encrypted"


@pytest.mark.parametrize("keep", [20, 900])
def test_a_cut_file_says_so(keep: int) -> None:
    data = documents.pdf(documents.parts(documents.figures()))[:keep]
    with pytest.raises(UnreadableDocument) as error:
        read(data)
    assert error.value.code == "damaged"


def test_pages_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    data = drawn(*[lambda canvas: canvas.drawString(9, 9, "x")] * 3)
    with pytest.raises(UnreadableDocument, match="3 pages, more than the limit of 2") as error:
        read(data)
    assert error.value.code == "too_large"


def test_objects_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_OBJECTS", 20)
    with pytest.raises(UnreadableDocument, match="objects on page 1") as error:
        read(drawn(lambda canvas: grid(canvas, [["规章", "12"]] * 12)))
    assert error.value.code == "too_large"


@pytest.mark.slow
@pytest.mark.parametrize(
    "style",
    [
        "table{border-collapse:collapse;width:100%}td{border:1px solid #000;text-align:center;font-size:14px}",
        "table{width:100%}td{border:1px solid #000}",
        "table{width:100%;border-spacing:1px;background:#000}td{background:#fff}",
        "table{border-collapse:collapse}td{border:1px dotted #000}",
        "table{border-collapse:collapse}td{border:3px double #000}",
        "table{border-collapse:collapse;width:100%}td{border:.5px solid #000;padding:10px;height:60px}",
    ],
    ids=["collapsed", "separate", "background", "dotted", "double", "tall"],
)
def test_a_page_that_a_browser_printed(style: str, tmp_path: Path) -> None:
    values = documents.figures(11)
    report = read_document(documents.printed_by_browser(documents.parts(values), style, tmp_path))
    assert documents.right(report, values) == 200
    assert documents.wrong(report, values) == []


# Tables over pages -------------------------------------------------------------------------------------------------


def page_table(rows: list[list[str]], *, x0: float = 50, step: float = 100) -> PageTable:
    return PageTable(
        [
            PageCell(text, x0 + step * column, 20.0 * line, x0 + step * (column + 1), 20.0 * (line + 1))
            for line, row in enumerate(rows)
            for column, text in enumerate(row)
        ]
    )


def joined(upper: list[list[str]], lower: list[list[str]], **moved: float) -> list[list[list[str]]]:
    tables = join([(1, page_table(upper)), (2, page_table(lower, **moved))])
    return [[[cell.text for cell in row] for row in table.rows] for table in tables]


def test_a_row_cut_by_the_page_is_one_row() -> None:
    upper = [["2.没有现成信", "7", "0"]]
    assert joined(upper, [["息需要另行制作", "", ""]]) == [[["2.没有现成信\n息需要另行制作", "7", "0"]]]


def test_values_that_slid_overleaf_belong_to_their_label() -> None:
    assert joined([["2.重复申请", "", ""]], [["", "7", "0"]]) == [[["2.重复申请", "7", "0"]]]


def test_blank_rows_stay_rows() -> None:
    upper, lower = [["2.重复申请", "", ""]], [["3.要求提供公开出版物", "", ""]]
    assert joined(upper, lower) == [upper + lower]


def test_a_row_of_its_own_stays_one() -> None:
    upper, lower = [["政府集中采购", "", ""]], [["其他采购方式", "7", "0"]]
    assert joined(upper, lower) == [upper + lower]


def test_a_repeated_head_goes() -> None:
    head = ["信息内容", "本年制发件数", "现行有效件数"]
    upper, lower = [head, ["规章", "1", "2"]], [head, ["行政规范性文件", "3", "4"]]
    assert joined(upper, lower) == [[*upper, lower[1]]]


def test_a_page_set_a_little_wider_has_the_same_columns() -> None:
    assert joined([["规章", "1", "2"]], [["行政许可", "3", "4"]], x0=46, step=103) == [
        [["规章", "1", "2"], ["行政许可", "3", "4"]]
    ]


def test_another_width_is_another_table() -> None:
    assert len(joined([["规章", "1", "2"]], [["行政许可", "3", "4"]], step=60)) == 2


def test_a_group_label_goes_on_overleaf() -> None:
    upper = PageTable([PageCell("（四）无", 0, 0, 50, 20), PageCell("1.本机关不掌握相关政府信息", 50, 0, 200, 20)])
    lower = PageTable(
        [
            PageCell("法提供", 0, 0, 50, 40),
            PageCell("2.没有现成信息需要另行制作", 50, 0, 200, 20),
            PageCell("3.补正后申请内容仍不明确", 50, 20, 200, 40),
        ]
    )
    (table,) = join([(1, upper), (2, lower)])
    assert table.rows[0][0] == RawCell("（四）无\n法提供", rowspan=3)
    assert [len(row) for row in table.rows] == [2, 1, 1]
    assert table.row_pages == (1, 2, 2)


def test_holes_become_cells() -> None:
    cells = [PageCell("a", 0, 0, 10, 10), PageCell("b", 20, 0, 30, 10), PageCell("c", 0, 10, 30, 20)]
    assert fill_holes(cells)[3:] == [PageCell("", 10, 0, 20, 10)]


def test_running_lines_go() -> None:
    pages = [Page(number, [f"云川县人民政府公报\n正文{number}\n第 {number} 页"]) for number in (1, 2, 3)]
    assert assemble(pages) == [TextBlock("正文1\n正文2\n正文3")]


@pytest.mark.parametrize("case", ["gh-pdf-hongze-district-2023", "gh-pdf-huaian-city-2024"])
def test_real_reports(case: str) -> None:
    path = next((p / f"{case}.pdf" for p in (CORPUS, CORPUS.parent / "shared" / "corpus") if p.exists()), None)
    if path is None:
        pytest.skip("the corpus of real reports is not here")
    report = read_document(path.read_bytes(), name=path.name)
    assert sum(figure.status == "reported" for figure in report.figures) == {"2023": 186, "2024": 200}[case[-4:]]
    assert report.report_year == int(case[-4:])
