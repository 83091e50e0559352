"""Word files and what becomes of them in other word processors' formats."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from normalize import read_document
from normalize.model import RawCell, RawTable, TextBlock
from normalize.readers import UnreadableDocument, legacy, limits, read
from tests import documents

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS = Path(__file__).parents[2] / "corpus"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


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
    ],
)
def test_what_the_printed_page_shows(cell_text: str, read_as: str) -> None:
    assert texts(word(table(cell("规章") + cell(cell_text)))) == [["规章", read_as]]


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

    def convert(files: list[bytes], source: str, target: str) -> list[bytes]:
        asked.append((source, target))
        return [word(table(cell("规章") + cell("1"))) for _ in files]

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
