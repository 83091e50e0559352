"""Archived documents made harmless, with one cell marked."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest

pytest.importorskip("nh3", reason="needs the extra explore")

from explorer.archived import ANCHOR, _box, show_html, show_other
from normalize import codebook, read_document
from normalize.readers import UnreadableDocument
from tests import documents

CASES = Path(__file__).parent / "cases"
HOSTILE = (
    '<html><head><meta http-equiv="refresh" content="0;url=http://evil.example/"><base href="http://evil.example/">'
    '<link rel=stylesheet href="http://evil.example/a.css"><script>top.location="http://evil.example"</script>'
    "<style>@import url(http://evil.example/b.css)</style></head><body onload=alert(1)>"
    "<h1>阳高县人民政府2023年政府信息公开工作年度报告</h1><svg onload=alert(2)><script>alert(3)</script></svg>"
    '<img src="http://evil.example/p.png" onerror=alert(4)><iframe src="http://evil.example/f"></iframe>'
    '<a href="javascript:alert(5)" ping="http://evil.example/ping">go</a><form action="http://evil.example/s"><input></form>'
    "<table background='http://evil.example/t.png'><tr><td colspan=4>第二十条第（一）项"
    "<tr><td>信息内容<td>本年制发件数<td>本年废止件数<td>现行有效件数<tr><td>规章<td>0<td>0<td>0"
    f'<tr><td id="{ANCHOR}">行政规范性文件<td>0<td style="background:url(http://evil.example/c.png)"><p>0</p></td><td>17</table>'
    "</body></html>"
)


@pytest.mark.parametrize("case", ["suqian-2024", "hongze-2023", "shanghai-office-2019"])
def test_the_cell_that_is_marked_is_the_one_that_was_read(case: str) -> None:
    data = (CASES / case / "source.html").read_bytes()
    report = read_document(data)
    marked = 0
    for figure in report.figures[::7]:
        if figure.table_no < 0 or figure.status == "ambiguous":
            continue
        shown = show_html(data, "", (figure.table_no, figure.row_no, figure.col_no))
        assert shown.text is not None
        assert shown.text.split() == figure.raw.split()
        assert shown.html.count(f'id="{ANCHOR}"') == int(shown.marked)
        marked += shown.marked
    assert marked > 5


def test_of_equal_cells_the_right_one_is_marked() -> None:
    report = read_document(HOSTILE.encode())
    (figure,) = (each for each in report.figures if each.indicator == "proactive.normdocs.repealed")
    shown = show_html(HOSTILE.encode(), "utf-8", (figure.table_no, figure.row_no, figure.col_no))
    assert re.search(rf'<td id="{ANCHOR}"><p>0</p></td>', shown.html)
    assert shown.html.count(ANCHOR) == 2  # the cell and the style; what the page itself named so has lost its name


def test_nothing_that_acts_or_fetches_is_left() -> None:
    body = show_html(HOSTILE.encode(), "utf-8", (0, 3, 1)).html.partition("<body>")[2]
    assert "17" in body
    for word in (
        "evil",
        "script",
        "alert",
        "onload",
        "onerror",
        "<img",
        "<iframe",
        "<form",
        "<meta",
        "<base",
        "href",
        "style",
    ):
        assert word not in body


def test_a_deep_page_and_a_huge_one_are_refused_and_pictures_in_a_page_count_nothing() -> None:
    deep = "<div>" * 20_000 + HOSTILE + "</div>" * 20_000
    with pytest.raises(UnreadableDocument, match="nested"):
        show_html(deep.encode(), "utf-8", (0, 3, 1))
    huge = HOSTILE.replace("</table>", "</table>" + "<p>x</p>" * 700_000)
    with pytest.raises(UnreadableDocument, match="gongkai trace"):
        show_html(huge.encode(), "utf-8", (0, 3, 1))
    picture = f'<img src="data:image/png;base64,{"A" * 5_000_000}">'
    shown = show_html(HOSTILE.replace("</table>", "</table>" + picture).encode(), "utf-8", (0, 3, 1))
    assert len(shown.html) < 10_000
    assert shown.marked


def test_the_box_on_the_page_of_a_pdf_holds_what_was_read() -> None:
    plumber = pytest.importorskip("pdfplumber", reason="needs the extra docs")
    values = {cell: str(number % 9) for number, cell in enumerate(codebook.form_cells("2021"))}
    data = documents.pdf(documents.parts(values))
    report = read_document(data)
    checked = 0
    with plumber.open(BytesIO(data)) as pdf:
        for figure in report.figures[::23]:
            place = (figure.table_no, figure.row_no, figure.col_no)
            shown = show_other(data, figure.page, place)
            assert shown.png.startswith(b"\x89PNG")
            assert (shown.text, shown.marked) == (figure.raw, True)
            box = _box(pdf.pages[figure.page - 1], figure.raw, report, place)
            assert pdf.pages[figure.page - 1].crop(box).extract_text() == values[figure.indicator, figure.applicant]
            checked += 1
    assert checked == 9
