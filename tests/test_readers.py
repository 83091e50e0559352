"""Bytes to text and tables: encodings, what a file is, and what of a page counts."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from normalize import UnreadableDocument, read_document
from normalize.model import Document, RawTable, TextBlock
from normalize.readers import MAX_BYTES, read, sniff
from normalize.readers.decode import UndecodableError, decode
from normalize.readers.html import read_html
from tests.layouts import Layout, draw, draw_truth, page

PROSE = "二、主动公开政府信息情况，规章与行政规范性文件。"
TABLE = (
    "<table><tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
    "<tr><td>规章</td><td>{}</td><td>2</td><td>3</td></tr></table>"
)
ISSUED = "proactive.rules.issued"
CASES = Path(__file__).resolve().parent / "cases"


def tables(page: str) -> list[list[list[str]]]:
    return [
        [[cell.text for cell in row] for row in part.rows]
        for part in read_html(page).parts
        if isinstance(part, RawTable)
    ]


def prose(page: str) -> str:
    return "\n".join(part.text for part in read_html(page).parts if isinstance(part, TextBlock))


def issued(cell: str, *, around: str = "{}") -> tuple[str, float | None]:
    """Status and value of the cell that holds ``cell``."""
    report = read_document(around.format(TABLE.format(cell)).encode())
    return next((f.status, f.value) for f in report.figures if f.indicator == ISSUED)


# Encodings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "declared", "flags"),
    [
        (PROSE.encode(), "", []),
        (codecs.BOM_UTF8 + PROSE.encode(), "", []),
        (codecs.BOM_UTF16_LE + PROSE.encode("utf-16-le"), "", []),
        (codecs.BOM_UTF16_BE + PROSE.encode("utf-16-be"), "", []),
        (PROSE.encode("gb18030"), "", []),
        (PROSE.encode("gb18030"), "gb2312", []),
        (PROSE.encode("gb18030"), "GBK", []),
        (PROSE.encode("gb18030"), "no-such-label", []),
        (PROSE.encode("gb18030"), "iso-8859-1", []),
        (PROSE.encode(), "utf-8", []),
        (PROSE.encode(), "gb2312", ["charset_wrong"]),
        (PROSE.encode("gb18030"), "utf-8", ["charset_wrong"]),
    ],
)
def test_decode(data: bytes, declared: str, flags: list[str]) -> None:
    assert decode(data, declared) == (PROSE, flags)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_label_inside_the_page_wins(encoding: str) -> None:
    page = f"<meta charset='{encoding}'>{PROSE}"
    assert decode(page.encode(encoding), "big5") == (page, [])


def test_label_gb2312_over_characters_it_lacks() -> None:
    page = "<meta charset=gb2312>镕堃㐂€"
    assert decode(page.encode("gb18030")) == (page, [])


@pytest.mark.parametrize("cut", [1, 2])
def test_cut_inside_a_character(cut: int) -> None:
    assert decode(PROSE.encode()[:-cut]) == (PROSE[:-1], ["truncated"])


def test_cut_inside_a_gb18030_character() -> None:
    assert decode(PROSE.encode("gb18030")[:-1]) == (PROSE[:-1], ["truncated"])


def test_one_damaged_byte_costs_one_character() -> None:
    text = PROSE * 60
    data = bytearray(text.encode())
    data[300] = 0xFF
    decoded, flags = decode(bytes(data))
    assert flags == ["charset_damaged"]
    assert len(decoded.replace("\ufffd", "")) >= len(text) - 1


def test_no_encoding() -> None:
    with pytest.raises(UndecodableError):
        decode(bytes(range(0x80, 0x100)) * 40)


def test_replacement_characters_are_mojibake() -> None:
    document, _ = read("规\ufffd章".encode())
    assert document.flags == ["mojibake"]


def test_wrong_label_is_flagged_and_read() -> None:
    page = f"<html><head><meta charset=utf-8></head><body>{TABLE.format(1)}</body></html>"
    report = read_document(page.encode("gb18030"))
    assert "charset_wrong" in report.flags
    assert [f.value for f in report.figures if f.indicator == ISSUED] == [1.0]


@pytest.mark.parametrize("label", ["GBK", "ISO-8859-1"])
def test_label_of_the_transport(label: str) -> None:
    report = read_document(TABLE.format(1).encode("gb18030"), media_type=f"text/html; charset={label}")
    assert [f.value for f in report.figures if f.indicator == ISSUED] == [1.0]


# What a file is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x1f\x8b", "application/gzip"),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_sniff(start: bytes, media_type: str) -> None:
    assert sniff(start + b" rest") == media_type


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"PK\x03\x04rest", "damaged"),
        (b"\x01\x02\x03\x04" * 200, "binary"),
        (b"<html>" + b"\x00\x01\x02\x05" * 200, "binary"),
        (bytes(range(0x80, 0x100)) * 40, "charset_failed"),
        (b"a" * (MAX_BYTES + 1), "too_large"),
    ],
    ids=["nothing", "white_space", "gzip", "binary", "binary_html", "no_encoding", "large"],
)
def test_unreadable(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read_document(data, name="report.html")
    assert caught.value.code == code
    assert str(caught.value).startswith("report.html: ")


def test_a_page_without_tables() -> None:
    report = read_document("<html><body><p>某县2020年政府信息公开工作年度报告</p></body></html>".encode())
    assert (report.form, report.figures, report.checks) == ("", [], [])
    assert "no_tables" in report.flags
    assert report.report_year == 2020


def test_a_page_cut_inside_its_table() -> None:
    page = TABLE.format(1) + TABLE.format(1)
    report = read_document(page[: page.index("<td>3</td>", page.index("</table>"))].encode())
    assert [f.value for f in report.figures if f.indicator.startswith("proactive.rules")] == [1.0, 2.0, 3.0]


def test_a_truncated_report_claims_only_what_it_holds() -> None:
    page = (CASES / "suqian-2024" / "source.html").read_bytes()
    whole = {(f.indicator, f.applicant): f.value for f in read_document(page).figures}
    cut = read_document(page[: len(page) // 2])
    assert {f.status for f in cut.figures} >= {"reported", "missing"}
    assert all(whole[f.indicator, f.applicant] == f.value for f in cut.figures if f.status == "reported")


def test_text_and_html_are_told_apart_by_content() -> None:
    assert read(PROSE.encode())[1] == "text/plain"
    assert read(f"<p>{PROSE}</p>".encode())[1] == "text/html"
    assert read(b"3 < 5 and 7 > 2")[1] == "text/plain"


# What of a page counts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "status", "value"),
    [
        ("1", "reported", 1.0),
        ("<p>1</p>", "reported", 1.0),
        ("<p>1</p><p></p>", "reported", 1.0),
        ("<span>1</span><span>2</span>", "reported", 12.0),
        ("1<o:p></o:p>", "reported", 1.0),
        ("&nbsp;1&nbsp;", "reported", 1.0),
        ("\n  1\n  ", "reported", 1.0),
        ("<!-- 7 -->1", "reported", 1.0),
        ("<script>7</script>1", "reported", 1.0),
        ("<s>7</s>1", "reported", 1.0),
        ("<del>7</del>1", "reported", 1.0),
        ("<del><s>7</s></del>1<del>2</del>", "reported", 1.0),
        ('<span style="text-decoration:line-through">7</span>1', "reported", 1.0),
        ('<span style="display : none">7</span>1', "reported", 1.0),
        ("<span hidden>7</span>1", "reported", 1.0),
        ('<span style="opacity:0">7</span>1', "reported", 1.0),
        ('<span style="opacity:0.9">7</span>', "reported", 7.0),
        ('<span style="mso-hide:all">7</span>1', "reported", 1.0),
        ('<span style="position:absolute;left:-9999px">7</span>1', "reported", 1.0),
        ('<div style="left:50%;margin-left:-500px">7</div>', "reported", 7.0),
        ('<div style="width:0;overflow:hidden">7</div>1', "reported", 1.0),
        ('<div style="overflow:hidden;line-height:0;width:10px">7</div>', "reported", 7.0),
        ('<font style="FONT-SIZE: 1px">7</font>1', "reported", 1.0),
        ('<input value="7">', "reported", 7.0),
        ('<input type="hidden" value="7">1', "reported", 1.0),
        ("<textarea>7</textarea>", "reported", 7.0),
        ("<p>1</p><p>2</p>", "ambiguous", None),
        ("1<br>2", "ambiguous", None),
        ("1 2", "ambiguous", None),
        ("1<sup>2</sup>", "text", None),
        ("1<sup>注</sup>", "text", None),
        ('1<span style="vertical-align: super">2</span>', "text", None),
        ('1<span class="MsoFootnoteReference">2</span>', "text", None),
        ('1<a href="#note">2</a>', "text", None),
        ('<a href="#all">12</a>', "reported", 12.0),
        ("1<small>2</small>", "text", None),
        ('<p style="vertical-align:super">1</p>', "reported", 1.0),
        ("&nbsp;", "blank", None),
        ("<p><br></p>", "blank", None),
        ("<p>&nbsp;</p>", "blank", None),
        ("　　", "blank", None),
    ],
)
def test_cells(cell: str, status: str, value: float | None) -> None:
    assert issued(cell) == (status, value)


def test_a_class_that_hides() -> None:
    around = "<html><head><style>.gone{{display:none}}</style></head><body>{}</body></html>"
    assert issued('<span class="gone">7</span>1', around=around) == ("reported", 1.0)


@pytest.mark.parametrize(
    ("sheet", "hidden"),
    [
        ("#x{display:none}", True),
        ("p , span#x { color:red; display : none }", True),
        ("td > .gone{display:none}", True),
        ("@media print{.gone{display:none}}", False),
        ("@media (max-width:9px){.a{color:red}.gone{display:none}}.b{color:red}", False),
        ("@media print{.a{color:red}}.gone{display:none}", True),
        ("table.gone{display:none}", False),
        (".gone:hover{display:none}", False),
        (".other .gone{display:none}", False),
    ],
)
def test_what_a_style_sheet_hides(sheet: str, hidden: bool) -> None:
    head = sheet.replace("{", "{{").replace("}", "}}")
    around = f"<html><head><style>{head}</style></head><body>{{}}</body></html>"
    assert issued('<span class="gone" id="x">7</span>1', around=around) == ("reported", 1.0 if hidden else 71.0)


@pytest.mark.parametrize("copy", ['<div style="display:none">{}</div>', "<div hidden>{}</div>", "<!-- {} -->"])
def test_copies_that_no_reader_sees(copy: str) -> None:
    assert issued("1", around=copy.format(TABLE.format(9)).replace("{", "{{").replace("}", "}}") + "{}") == (
        "reported",
        1.0,
    )


def test_a_page_that_hides_all_it_says_is_read_with_a_flag() -> None:
    report = read_document(f'<div style="display:none">{TABLE.format(1)}</div>'.encode())
    assert [f.value for f in report.figures if f.indicator == ISSUED] == [1.0]
    assert "hidden_content" in report.flags


def test_layout_tables_are_text() -> None:
    page = f"<table><tr><td>&nbsp;</td><td><p>前</p>{TABLE.format(1)}<p>后</p></td></tr></table>"
    assert len(tables(page)) == 1
    assert prose(page).split() == ["前", "后"]


def test_numbers_in_fields_outside_a_table_are_its_text() -> None:
    assert prose('<li>规章</li><li><input value="7"></li><p><input value="请输入关键字">文</p>').split() == [
        "规章",
        "7",
        "文",
    ]


def test_a_report_line_by_line_beside_a_menu_is_text() -> None:
    lines = [
        "二、主动公开政府信息情况",
        "信息内容",
        "本年制发件数",
        "本年废止件数",
        "现行有效件数",
        "规章",
        "7",
        "8",
        "9",
    ]
    lines += ["三、收到和处理政府信息公开申请情况", *["本机关全年没有收到政府信息公开申请，也没有需要结转的申请。"] * 8]
    page = f"<table><tr><td>导航</td><td>{'<br>'.join(lines)}</td></tr></table>"
    assert tables(page) == []
    assert [f.value for f in read_document(page.encode()).figures if f.indicator == ISSUED] == [7.0]


def test_unclosed_cells_and_rows() -> None:
    assert tables("<table><tr><td>a<td>b<tr><td>c<td>d</table>") == [[["a", "b"], ["c", "d"]]]


def test_cells_of_head_body_and_foot_in_printed_order() -> None:
    page = "<table><tfoot><tr><td>e<td>f</tfoot><thead><tr><th>a<th>b</thead><tbody><tr><td>c<td>d</tbody></table>"
    assert tables(page) == [[["a", "b"], ["c", "d"], ["e", "f"]]]


def test_an_empty_row_is_a_row() -> None:
    assert tables("<table><tr><td>a<td>b<tr></tr><tr><td>c<td>d</table>") == [[["a", "b"], [], ["c", "d"]]]


def test_reading_order_of_text_and_tables() -> None:
    parts = read_html("<p>一</p><table><tr><td>a<td>b</table><p>二</p><table><tr><td>c<td>d</table>三").parts
    assert [part.text if isinstance(part, TextBlock) else part.rows[0][0].text for part in parts] == [
        "一",
        "a",
        "二",
        "c",
        "三",
    ]


def test_line_ends_of_the_source_are_white_space() -> None:
    assert prose("<p>政府\n信息</p>") == "政府 信息"
    assert prose("政府<br>信息") == "政府\n信息"


def test_title_and_metas() -> None:
    document = read_html(
        "<head><title> 某县 \n 报告</title><meta name='PubDate' content=' 2024-01-15 '><meta content=x></head><p>文</p>"
    )
    assert (document.title, document.metas) == ("某县 报告", {"pubdate": "2024-01-15"})


@pytest.mark.parametrize("page", ["", "   ", "<html></html>", "<!-- nothing -->"])
def test_nothing(page: str) -> None:
    assert read_html(page).parts == Document("html", []).parts


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1<sub>2</sub>", (None, "text")),
        ("<ruby>1<rt>2</rt></ruby>", (None, "text")),
        ("<span style='font-size:0'>7</span>1", (1.0, "reported")),
        ("<span style='font-size: 0px'>7</span>1", (1.0, "reported")),
        ("<span style='font-size:0.8em'>1</span>", (1.0, "reported")),
    ],
)
def test_small_and_sizeless_digits_do_not_glue(cell: str, expected: tuple[float | None, str]) -> None:
    head = "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
    page = f"<table>{head}<tr><td>规章</td><td>{cell}</td><td>2</td><td>3</td></tr></table>".encode()
    figure = next(f for f in read_document(page).figures if f.indicator == "proactive.rules.issued")
    assert (figure.value, figure.status) == expected


@pytest.mark.parametrize(("dropped", "flagged"), [(-1, False), (3, True)])
def test_hidden_parts_are_named_only_beside_a_gap(dropped: int, flagged: bool) -> None:
    layout = Layout(dropped=dropped, copies="hidden")
    report = read_document(page(draw(draw_truth("2021", 5), layout), layout))
    assert ("hidden_dropped" in report.flags) is flagged
