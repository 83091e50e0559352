"""Workbooks: merged ranges, what is hidden, values as stored."""

from __future__ import annotations

import zipfile
from io import BytesIO
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest

from normalize import read_document
from normalize.model import RawCell, RawTable, TextBlock
from normalize.readers import UnreadableDocument, excel, read
from normalize.readers.office import PROGRAMS
from tests import documents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("python_calamine", reason="python-calamine is not installed (extra docs)")


def workbook(fill: Callable[[Any], None]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = openpyxl.Workbook()
    fill(book)
    return documents._saved(book.save)


def rows(data: bytes) -> list[list[str]]:
    return [
        [cell.text for cell in row] for part in read(data)[0].parts if isinstance(part, RawTable) for row in part.rows
    ]


def test_every_figure() -> None:
    values = documents.figures(4)
    report = read_document(documents.xlsx(documents.parts(values)))
    assert documents.right(report, values) == 200
    assert (report.form, report.body, report.report_year) == ("2021", "云川县人民政府", 2023)
    assert report.leftovers == []


@pytest.mark.slow
@pytest.mark.parametrize("target", ["xls", "ods"])
def test_the_form_in_another_format(target: str, tmp_path: Path) -> None:
    values = documents.figures(6)
    made = documents.convert(documents.xlsx(documents.parts(values)), "xlsx", target, tmp_path)
    assert documents.right(read_document(made), values) == 200


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (12.0, "12"),
        (0.1 + 0.2, "0.3"),
        ("12", "12"),
        (7730.28, "7730.28"),
        (True, "TRUE"),
        ("减2626", "减2626"),
    ],
)
def test_numbers_as_a_workbook_shows_them(value: object, text: str) -> None:
    def fill(book: Any) -> None:
        book.active.append(["规章", value])

    assert rows(workbook(fill)) == [["规章", text]]


def test_hidden_sheets_rows_and_columns_are_left_out() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.append(["信息内容", "旧", "本年制发件数"])
        sheet.append(["规章", 8, 1])
        sheet.append(["草稿", 8, 9])
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        book.create_sheet("底稿").append(["规章", 7])
        book["底稿"].sheet_state = "hidden"

    data = workbook(fill)
    assert rows(data) == [["信息内容", "本年制发件数"], ["规章", "1"]]
    assert read(data)[0].flags == ["hidden_skipped"]


def test_a_workbook_of_97_hides_as_well(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.title = "表二"
        sheet.append(["信息内容", "旧", "本年制发件数"])
        sheet.append(["规章", 8, 1])
        sheet.append(["草稿", 8, 9])
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True

    data = documents.convert(workbook(fill), "xlsx", "xls", tmp_path)
    assert rows(data) == [["信息内容", "本年制发件数"], ["规章", "1"]]
    assert read(data)[0].flags == ["hidden_skipped"]


def cells(data: bytes) -> list[RawCell]:
    return [cell for part in read(data)[0].parts if isinstance(part, RawTable) for row in part.rows for cell in row]


@pytest.mark.parametrize(
    ("code", "flags"),
    [
        ("0%", ("unit_unclear",)),
        ("0.0%", ("unit_unclear",)),
        ("#,##0,", ("unit_unclear",)),
        ('0!.0,"万元"', ("unit_unclear",)),
        (";;;", ("unit_unclear",)),
        ("#,##0.00", ()),
        ('0"件, "', ()),
        ("General", ()),
    ],
)
def test_a_number_shown_as_another_is_in_doubt(code: str, flags: tuple[str, ...]) -> None:
    def fill(book: Any) -> None:
        book.active.append(["规章", 12])
        book.active["B1"].number_format = code

    assert cells(workbook(fill)) == [RawCell("规章"), RawCell("12", flags=flags)]


def test_a_merged_range_under_a_hidden_row_keeps_its_text() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        for line in (["规章", 1], ["", 2], ["其他", 3]):
            sheet.append(line)
        sheet.merge_cells("A1:A2")
        sheet.row_dimensions[1].hidden = True

    assert rows(workbook(fill)) == [["规章", "2"], ["其他", "3"]]


def computed(value: str) -> bytes:
    """A workbook whose cell B1 is a formula with this value stored beside it."""

    def fill(book: Any) -> None:
        book.active.append(["总计", 0])

    out = {}
    with zipfile.ZipFile(BytesIO(workbook(fill))) as packed:
        for name in packed.namelist():
            out[name] = packed.read(name)
    sheet = "xl/worksheets/sheet1.xml"
    out[sheet] = out[sheet].replace(b"<v>0</v></c></row>", f"<f>1+2</f>{value}</c></row>".encode())
    assert b"<f>" in out[sheet]
    return documents.zipped(out)


@pytest.mark.parametrize("target", ["xlsx", "xls"])
def test_an_error_is_not_blank(target: str, tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book.active.append(["规章", 3, "=1/0"])

    data = documents.convert(workbook(fill), "xlsx", target, tmp_path)
    assert [cell.flags for cell in cells(data)] == [(), (), ("unreadable",)]


def test_a_formula_counts_by_its_last_value() -> None:
    assert rows(computed("<v>3</v>")) == [["总计", "3"]]
    assert [part.flags for part in read(computed("<v>3</v>"))[0].parts if isinstance(part, RawTable)] == [()]


def test_a_formula_never_computed_says_so() -> None:
    assert [part.flags for part in read(computed(""))[0].parts if isinstance(part, RawTable)] == [("formula_unread",)]


def test_prose_and_tables_are_told_apart() -> None:
    def fill(book: Any) -> None:
        for line in (["云川县2023年报告"], ["规章", 1], [], ["其他", 2], ["五、存在的问题"], ["行政许可", 3]):
            book.active.append(line)

    parts = read(workbook(fill))[0].parts
    assert [type(part) for part in parts] == [TextBlock, RawTable, TextBlock, RawTable]
    assert [len(part.rows) for part in parts if isinstance(part, RawTable)] == [3, 1]


def test_cells_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(book: Any) -> None:
        for _ in range(12):
            book.active.append([1])

    monkeypatch.setattr(excel, "MAX_CELLS", 10)
    with pytest.raises(UnreadableDocument, match="12 rows and 1 columns") as error:
        read(workbook(fill))
    assert error.value.code == "too_large"


def test_damaged() -> None:
    data = documents.zipped({"xl/workbook.xml": b"<workbook", "xl/_rels/workbook.xml.rels": b"<R/>"})
    with pytest.raises(UnreadableDocument) as error:
        read(data)
    assert error.value.code == "damaged"


def test_a_workbook_in_one_xml_file() -> None:
    if not any(map(which, PROGRAMS)):
        pytest.skip("LibreOffice is not installed")
    names = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    )
    lines = "".join(
        f'<Row><Cell><Data ss:Type="String">{label}</Data></Cell>'
        f'<Cell><Data ss:Type="Number">{value}</Data></Cell></Row>'
        for label, value in (("规章", 12), ("行政规范性文件", 3))
    )
    data = (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook {names}>'
        f'<Worksheet ss:Name="表二"><Table>{lines}</Table></Worksheet></Workbook>'
    ).encode()
    assert rows(data) == [["规章", "12"], ["行政规范性文件", "3"]]
