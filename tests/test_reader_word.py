"""Word files and what becomes of them in other word processors' formats."""

from __future__ import annotations

import base64
import quopri
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from normalize import read_document
from normalize.model import RawCell, RawTable, TextBlock
from normalize.readers import UnreadableDocument, legacy, limits, mht, read
from tests import documents

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS = Path(__file__).parents[2] / "corpus"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def word(body: str) -> bytes:
    """A Word file with this body and nothing that a reader does not need."""
    return documents.zipped(
        {"word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode()}
    )


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{text if text.startswith('<') else run(text)}</w:p></w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def tables(data: bytes) -> list[list[list[RawCell]]]:
    return [part.rows for part in read(data)[0].parts if isinstance(part, RawTable)]


def texts(data: bytes) -> list[list[str]]:
    return [[each.text for each in row] for rows in tables(data) for row in rows]


def test_every_figure() -> None:
    values = documents.figures(3)
    report = read_document(documents.docx(documents.parts(values)))
    assert documents.right(report, values) == 200
    assert (report.form, report.body, report.report_year, report.reader) == ("2021", "云川县人民政府", 2023, "docx")
    assert report.leftovers == []


def test_spans_are_those_that_were_merged() -> None:
    values = documents.figures(3)
    assert tables(documents.docx(documents.parts(values))) == [table.rows for table in documents.tables(values)]


def test_a_table_in_a_cell_is_a_table_of_its_own() -> None:
    inner = table(cell("规章") + cell("1"), cell("其他") + cell("2"))
    data = word(table(f"<w:tc><w:p>{run('说明')}</w:p>{inner}<w:p/></w:tc>{cell('边')}"))
    document, _ = read(data)
    assert [type(part) for part in document.parts] == [TextBlock, RawTable, TextBlock]
    assert texts(data) == [["规章", "1"], ["其他", "2"]]


def test_a_frame_around_one_text_is_no_table_of_its_own() -> None:
    framed = f"<w:tc>{table(cell('1'))}<w:p/></w:tc>"
    assert texts(word(table(cell("规章") + framed, cell("其他") + cell("2")))) == [["规章", "1"], ["其他", "2"]]


def test_a_table_in_a_text_box_is_found_once() -> None:
    box = f"<w:txbxContent>{table(cell('规章') + cell('1'))}</w:txbxContent>"
    both = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    )
    data = word(f"<w:p><w:r><w:t>前</w:t></w:r><w:r>{both}</w:r></w:p>")
    assert texts(data) == [["规章", "1"]]


@pytest.mark.parametrize(
    ("cell_text", "read_as"),
    [
        (run("1") + run("2", "<w:vanish/>"), "1"),
        (run("1") + run("2", "<w:strike/>"), "1"),
        (run("1") + run("2", '<w:strike w:val="0"/>'), "12"),
        (run("1") + f"<w:del>{run('2')}</w:del>", "1"),
        (run("1") + f"<w:ins>{run('2')}</w:ins>", "12"),
        (run("12") + run("2", '<w:vertAlign w:val="superscript"/>'), "12^2"),
        ("<w:r><w:t>1</w:t><w:br/><w:t>2</w:t></w:r>", "1\n2"),
        ("<w:fldSimple>" + run("7") + "</w:fldSimple>", "7"),
        (f"<w:moveFrom>{run('2')}</w:moveFrom><w:moveTo>{run('3')}</w:moveTo>", "3"),
        ('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>=1+8</w:instrText></w:r>' + run("9"), "9"),
        (run("1") + '<w:r><w:footnoteReference w:id="2"/></w:r>', "1"),
        (f'<m:oMath xmlns:m="{MATH}"><m:r><m:t>7</m:t></m:r></m:oMath>', "7"),
        (run("1") + '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', "1\uf0fc"),
    ],
)
def test_what_the_printed_page_shows(cell_text: str, read_as: str) -> None:
    assert texts(word(table(cell("规章") + cell(cell_text)))) == [["规章", read_as]]


@pytest.mark.parametrize(
    ("content", "flags"),
    [
        ("<w:r><w:drawing/></w:r>", ("unreadable",)),
        ("<w:r><w:pict/></w:r>", ("unreadable",)),
        ("<w:r><w:ffData><w:ddList/></w:ffData></w:r>", ("unreadable",)),
        ('<w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr>', ("unreadable",)),
        ('<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>', ()),
        (run("1") + run("2", '<w:color w:val="FFFFFF"/>'), ("hidden_text",)),
        (run("1", '<w:color w:val="FF0000"/>'), ()),
    ],
)
def test_what_a_cell_shows_is_not_blank(content: str, flags: tuple[str, ...]) -> None:
    assert tables(word(table(cell("规章") + cell(content))))[0][0][1].flags == flags


def test_white_on_a_ground_is_a_heading() -> None:
    white = cell(run("1", '<w:color w:val="FFFFFF"/>'), '<w:shd w:fill="1F3864"/>')
    assert tables(word(table(cell("规章") + white)))[0][0][1] == RawCell("1")


def test_text_of_a_hidden_style_does_not_count() -> None:
    styles = (
        '<w:style w:styleId="a"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style><w:style w:styleId="c"/>'
    )
    shown = run("1", '<w:rStyle w:val="c"/>') + run("2", '<w:rStyle w:val="b"/>')
    body = f'<w:document xmlns:w="{W}"><w:body>{table(cell("规章") + cell(shown))}</w:body></w:document>'
    named = f'<w:styles xmlns:w="{W}">{styles}</w:styles>'
    data = documents.zipped({"word/document.xml": body.encode(), "word/styles.xml": named.encode()})
    assert texts(data) == [["规章", "1"]]


def test_a_cell_that_goes_on_from_the_left_is_no_cell() -> None:
    rows = tables(word(table(cell("规章", '<w:hMerge w:val="restart"/>') + cell("", "<w:hMerge/>") + cell("1"))))[0]
    assert rows == [[RawCell("规章", 1, 2), RawCell("1")]]


def test_a_hidden_row_is_gone() -> None:
    gone = "<w:trPr><w:hidden/></w:trPr>" + cell("规章") + cell("1")
    assert texts(word(table(gone, cell("规章") + cell("2")))) == [["规章", "2"]]


def with_chunk(name: str, chunk: bytes) -> bytes:
    """A Word file whose body is another document, as buttons that export a page write it."""
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = f'<w:document xmlns:w="{W}"><w:body><w:altChunk xmlns:r="{relations}" r:id="c1"/></w:body></w:document>'
    links = f'<Relationships><Relationship Id="c1" Target="/word/{name}"/></Relationships>'
    members = {"word/document.xml": body.encode(), "word/_rels/document.xml.rels": links.encode()}
    return documents.zipped({**members, f"word/{name}": chunk})


def saved_page(charset: str, encode: Callable[[bytes], bytes], how: str) -> bytes:
    """The report as a page saved as one file."""
    page = documents.html(documents.parts(documents.figures(4))).decode().encode(charset)
    head = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary="b"\r\n\r\n--b\r\n'
        f'Content-Transfer-Encoding: {how}\r\nContent-Type: text/html; charset="{charset}"\r\n\r\n'
    )
    return head.encode() + encode(page) + b"\r\n--b--\r\n"


@pytest.mark.parametrize(
    ("data", "reader"),
    [
        (saved_page("utf-8", quopri.encodestring, "quoted-printable"), "html"),
        (saved_page("gb2312", base64.encodebytes, "base64"), "html"),
        (b"From: <Saved>\r\n" + saved_page("gbk", base64.encodebytes, "base64"), "html"),
        (with_chunk("a.mht", saved_page("utf-8", quopri.encodestring, "quoted-printable")), "docx"),
        (with_chunk("a.htm", documents.html(documents.parts(documents.figures(4)))), "docx"),
    ],
    ids=["quoted", "gb2312", "saved", "chunk", "page_chunk"],
)
def test_a_page_saved_as_a_word_file(data: bytes, reader: str) -> None:
    report = read_document(data)
    assert documents.right(report, documents.figures(4)) == 200
    assert (report.reader, report.body, report.report_year) == (reader, "云川县人民政府", 2023)


def test_a_saved_page_without_a_page_is_damaged() -> None:
    with pytest.raises(UnreadableDocument, match="holds no page"):
        read(b'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n--b--\n')


def test_parts_of_a_saved_page_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mht, "MAX_PARTS", 1)
    with pytest.raises(UnreadableDocument, match="2 parts in the page, the limit is 1") as error:
        read(saved_page("utf-8", base64.encodebytes, "base64"))
    assert error.value.code == "too_large"


def test_a_word_file_in_one_xml_file() -> None:
    values = documents.figures(4)
    with zipfile.ZipFile(BytesIO(documents.docx(documents.parts(values)))) as packed:
        body = packed.read("word/document.xml").decode().partition("?>")[2]
    head = '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
    names = 'xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"'
    part = f'<pkg:part pkg:name="/word/document.xml"><pkg:xmlData>{body}</pkg:xmlData></pkg:part>'
    data = f"{head}<pkg:package {names}>{part}</pkg:package>".encode()
    assert documents.right(read_document(data), values) == 200


def test_a_word_file_of_2003_in_xml() -> None:
    old = "http://schemas.microsoft.com/office/word/2003/wordml"
    gone = f'<aml:annotation w:type="Word.Deletion"><aml:content>{run("5")}</aml:content></aml:annotation>'
    rows = table(
        cell("（三）不予公开", '<w:vmerge w:val="restart"/>') + cell("1.属于国家秘密") + cell(run("1") + gone),
        cell("", "<w:vmerge/>") + cell("8.属于行政查询事项") + cell("2"),
    )
    data = (
        f'<?xml version="1.0"?><w:wordDocument xmlns:w="{old}" xmlns:aml="http://schemas.microsoft.com/aml/2001/core">'
        f"<w:body>{rows}</w:body></w:wordDocument>"
    ).encode()
    assert tables(data) == [
        [
            [RawCell("（三）不予公开", 2), RawCell("1.属于国家秘密"), RawCell("1")],
            [RawCell("8.属于行政查询事项"), RawCell("2")],
        ]
    ]


def test_a_row_that_begins_later_keeps_its_columns() -> None:
    gap = '<w:trPr><w:gridBefore w:val="2"/></w:trPr>'
    rows = tables(word(table(cell("a") + cell("b") + cell("c"), gap + cell("d"))))[0]
    assert rows[1] == [RawCell("", 1, 2), RawCell("d")]


def test_a_deleted_row_is_gone() -> None:
    gone = "<w:trPr><w:del/></w:trPr>" + cell("规章") + cell("1")
    assert texts(word(table(gone, cell("规章") + cell("2")))) == [["规章", "2"]]


def test_one_column_is_prose() -> None:
    assert read(word(table(cell("一、总体情况"), cell("全年公开政府信息。"))))[0].parts == [
        TextBlock("一、总体情况\n全年公开政府信息。")
    ]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: word("<w:p>")[:-40], "damaged"),
        (lambda: documents.zipped({"word/document.xml": b"<w:document"}), "damaged"),
        (lambda: documents.zipped({"word/document.xml": f'<w:document xmlns:w="{W}"/>'.encode()}), "damaged"),
    ],
    ids=["cut", "not_xml", "no_body"],
)
def test_damaged(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(UnreadableDocument) as error:
        read(make())
    assert error.value.code == code


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    body = f'{bomb}<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>'
    document, _ = read(documents.zipped({"word/document.xml": body.encode()}))
    assert document.parts == []


def test_unpacked_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1_000)
    with pytest.raises(UnreadableDocument, match="the limit is 1000") as error:
        read(word("<w:p/>" * 1_000))
    assert error.value.code == "too_large"


def test_a_packed_lie_about_its_size_is_damage() -> None:
    """A member that unpacks to more than it declares is read no further than that, and fails its checksum."""
    data = bytearray(word("<w:p/>" * 1_000))
    with zipfile.ZipFile(BytesIO(data)) as packed:
        size = packed.getinfo("word/document.xml").file_size
    place = bytes(data).rindex(size.to_bytes(4, "little"))
    data[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(UnreadableDocument) as error:
        read(bytes(data))
    assert error.value.code == "damaged"


# Other word processors' formats ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("target", ["doc", "rtf", "odt", "pdf", "html"])
def test_the_form_in_another_format(target: str, tmp_path: Path) -> None:
    values = documents.figures(5)
    made = documents.convert(documents.docx(documents.parts(values)), "docx", target, tmp_path)
    report = read_document(made)
    assert documents.right(report, values) == 200
    assert (report.form, report.body, report.report_year) == ("2021", "云川县人民政府", 2023)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["docx", "doc", "rtf", "odt", "pdf", "html"])
def test_the_official_form_filled(target: str, tmp_path: Path) -> None:
    """The blank form of the notice, our figures written into its cells."""
    name = "gh-docx-official-blank-form-2021.docx"
    form = next((p / name for p in (CORPUS, CORPUS.parent / "shared" / "corpus") if (p / name).exists()), None)
    if form is None:
        pytest.skip("the corpus of real reports is not here")
    opened = pytest.importorskip("docx", reason="python-docx is not installed").Document(str(form))
    values = documents.figures(51)
    for figure in read_document(form.read_bytes()).figures:
        cell = opened.tables[figure.table_no].cell(figure.row_no, figure.col_no)
        cell.paragraphs[0].text = values[figure.indicator, figure.applicant]
    made = documents._saved(opened.save)
    if target != "docx":
        made = documents.convert(made, "docx", target, tmp_path)
    report = read_document(made)
    assert documents.wrong(report, values) == []
    assert documents.right(report, values) == 200


def test_word_97_falls_back_to_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("doc2docx", reason="msdoc2docx is not installed (extra docs)")
    asked: list[tuple[str, str]] = []

    def convert(_data: bytes, source: str, target: str) -> bytes:
        asked.append((source, target))
        return word(table(cell("规章") + cell("1")))

    monkeypatch.setattr(legacy, "convert", convert)
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(600)
    document, kind = read(data)
    assert (document.reader, kind, asked) == ("doc", "application/msword", [("doc", "docx")])
    assert texts(word(table(cell("规章") + cell("1")))) == [["规章", "1"]]


def test_an_absent_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("normalize.readers.unreadable.import_module", absent)
    with pytest.raises(UnreadableDocument, match=r"doc2docx.*pip install 'gongkai\[docs\]'") as error:
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"))
    assert error.value.code == "needs_extra"


def test_an_absent_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normalize.readers.unreadable.shutil.which", lambda _name: None)
    with pytest.raises(UnreadableDocument, match="soffice; install it: apt install libreoffice-writer-nogui") as error:
        read(b"{\\rtf1 x}")
    assert error.value.code == "needs_program"


def open_text(cells: str, styles: str) -> bytes:
    """An OpenDocument text of one table row."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("style", "style"),
            ("fo", "xsl-fo-compatible"),
        )
    )
    body = f"<office:body><office:text><table:table><table:table-row>{cells}</table:table-row></table:table>"
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"{body}</office:text></office:body></office:document-content>"
    )
    return documents.zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


@pytest.mark.parametrize(
    ("look", "content", "read_as"),
    [
        ('text:display="none"', "1<text:span {s}>9</text:span>", "1"),
        ('style:text-line-through-style="solid"', "1<text:span {s}>9</text:span>", "1"),
        ('style:text-line-through-style="none"', "1<text:span {s}>9</text:span>", "19"),
        ('style:text-position="super 58%"', "1<text:span {s}>2</text:span>", "1^2"),
        ('style:text-position="33% 58%"', "1<text:span {s}>2</text:span>", "1^2"),
        ('fo:color="#ffffff"', "1<text:span {s}>9</text:span>", "19\ufffd"),
        ('fo:color="#ff0000"', "1<text:span {s}>9</text:span>", "19"),
        ("", "<text:expression>7</text:expression>", "7"),
        ("", "7<text:note><text:note-body><text:p>1</text:p></text:note-body></text:note>", "7"),
    ],
)
def test_what_the_page_of_an_open_document_shows(look: str, content: str, read_as: str) -> None:
    style = f'<style:style style:name="T1"><style:text-properties {look}/></style:style>'
    shown = content.format(s='text:style-name="T1"')
    cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in ("规章", shown))
    assert texts(open_text(cells, style)) == [["规章", read_as]]
