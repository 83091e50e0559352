"""Workbooks (xlsx, xls, et, ods) to text blocks and raw tables: visible sheets, rows and columns, values as stored.

A formula counts by the value that was last computed. Numbers become text with up to 15 digits, as a workbook has them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from normalize.codebook import find_label
from normalize.model import Document, RawCell, RawTable
from normalize.readers import biff
from normalize.readers.blocks import gather
from normalize.readers.limits import member, open_zip, parse_xml
from normalize.readers.unreadable import UnreadableDocument, needed

if TYPE_CHECKING:
    import zipfile

    from lxml import etree

MAX_ROWS = 20_000
MAX_CELLS = 400_000
_BLANK_ROWS = 3
_NUMBER = re.compile(r"[+-]?[\d.,]+")
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT, _LOOSE = b"http://purl.oclc.org/ooxml/spreadsheetml/main", _SHEET[1:-1].encode()
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_TRUE, _NO_HEIGHT = ("1", "true"), ("0", "0.0")
# The formats 0% and 0.00% have no code in a file; in codes a comma at the end counts thousands, !. is a point moved.
_SHARES = ("9", "10")
_QUOTED, _ODD_FORMAT = re.compile(r'"[^"]*"'), re.compile(r"%|,(?:;|$)|!\.|\\\.|^;;")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_REL = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

Blocks = list[str | RawTable]


@dataclass(frozen=True, slots=True)
class _Marks:
    """What the values of a sheet do not tell: its hidden rows and columns, and whether a formula has no value.

    ``flags`` are those of cells by row and column: an error is not blank, and a number that is shown as a share or in
    thousands is not the one that is stored.
    """

    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    unread: bool = False
    flags: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)


def read_workbook(data: bytes) -> Document:
    """The document that a workbook holds; flag ``hidden_skipped`` where it hides sheets, rows or columns.

    Tables of a sheet with a formula that was never computed have the flag ``formula_unread``. Raises UnreadableDocument
    with the codes ``needs_extra``, ``damaged``, ``encrypted`` and ``too_large``.
    """
    calamine = needed("python_calamine", "docs")
    marks = _marks(data) if data.startswith(b"PK") else _marks_of_97(data)
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    except calamine.PasswordError as error:
        raise UnreadableDocument("encrypted", "the workbook is locked with a password") from error
    except (calamine.CalamineError, OSError) as error:
        raise UnreadableDocument("damaged", f"the workbook cannot be opened: {error}; fetch it again") from error
    blocks: Blocks = []
    skipped = False
    for sheet in book.sheets_metadata:
        if sheet.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible is not calamine.SheetVisibleEnum.Visible:
            skipped = True
            continue
        found, left_out = _sheet(book.get_sheet_by_name(sheet.name), marks.get(sheet.name, _Marks()))
        blocks += found
        skipped = skipped or left_out
    document = gather("workbook", blocks)
    if skipped:
        document.flags.append("hidden_skipped")
    return document


def _sheet(sheet: Any, marks: _Marks) -> tuple[Blocks, bool]:
    """The blocks of a sheet, and whether hidden rows or columns were left out."""
    last = sheet.end or (0, 0)
    height, width = last[0] + 1, last[1] + 1
    if height > MAX_ROWS or height * width > MAX_CELLS:
        raise UnreadableDocument("too_large", f"sheet {sheet.name} has {height} rows and {width} columns")
    values = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    seen_rows = [row for row in range(len(values)) if row not in marks.rows]
    seen_columns = [column for column in range(width) if column not in marks.columns]
    left_out = any(any(values[row]) for row in marks.rows if row < len(values)) or any(
        row[column] for row in values for column in marks.columns if column < len(row)
    )
    cells = _cells(values, sheet.merged_cell_ranges or [], seen_rows, seen_columns, marks.flags)
    return _split(cells, ("formula_unread",) if marks.unread else ()), left_out


def _cells(
    values: list[list[str]],
    merged: list[tuple[tuple[int, int], tuple[int, int]]],
    rows: list[int],
    columns: list[int],
    flags: dict[tuple[int, int], tuple[str, ...]],
) -> list[list[RawCell]]:
    """The cells of the rows and columns that are shown; a merged range is one cell at its first shown place."""
    places = {row: number for number, row in enumerate(rows)}
    across = {column: number for number, column in enumerate(columns)}
    spans: dict[tuple[int, int], tuple[str, int, int, tuple[str, ...]]] = {}
    covered: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in merged:
        shown_rows = [places[row] for row in range(top, min(bottom, len(values) - 1) + 1) if row in places]
        shown_columns = [across[column] for column in range(left, right + 1) if column in across]
        if shown_rows and shown_columns:
            text = values[top][left] if left < len(values[top]) else ""
            spans[shown_rows[0], shown_columns[0]] = (
                text,
                len(shown_rows),
                len(shown_columns),
                flags.get((top, left), ()),
            )
            covered.update((row, column) for row in shown_rows for column in shown_columns)
    found = []
    for number, row in enumerate(rows):
        line = []
        for place, column in enumerate(columns):
            if (number, place) in spans:
                line.append(RawCell(*spans[number, place]))
            elif (number, place) not in covered:
                text = values[row][column] if column < len(values[row]) else ""
                line.append(RawCell(text, flags=flags.get((row, column), ())))
        found.append(line)
    return found


def _split(rows: list[list[RawCell]], flags: tuple[str, ...]) -> Blocks:
    """Rows that hold one text and no label are prose; the others are tables, ended by prose or several blank rows."""
    blocks: Blocks = []
    table: list[list[RawCell]] = []
    blank, reaching = 0, 0
    for number, row in enumerate(rows):
        filled = [cell for cell in row if cell.text.strip()]
        inside = reaching > number
        reaching = max([reaching, *(number + cell.rowspan for cell in row)])
        is_prose = not inside and len(filled) == 1 and _is_prose(filled[0].text)
        blank = 0 if filled else blank + 1
        if is_prose or blank > _BLANK_ROWS:
            if table:
                blocks.append(RawTable(table, flags=flags))
                table = []
            if is_prose:
                blocks.append(filled[0].text)
        elif table or filled:
            table.append(row)
    if table:
        blocks.append(RawTable(table, flags=flags))
    return blocks


def _is_prose(text: str) -> bool:
    return find_label(text) is None and not _NUMBER.fullmatch(text.strip())


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return f"{value:.15g}"
    return str(value)


def _marks(data: bytes) -> dict[str, _Marks]:
    """The marks of each sheet of an xlsx file, by the sheet's name; numbers count from 0."""
    found: dict[str, _Marks] = {}
    with open_zip(data) as packed:
        names = set(packed.namelist())
        if _BOOK not in names or _RELATIONS not in names:
            return found
        formats = _odd_formats(packed) if _STYLES in names else frozenset()
        targets = {
            part.get("Id"): part.get("Target") or "" for part in parse_xml(member(packed, _RELATIONS), _RELATIONS)
        }
        for sheet in parse_xml(member(packed, _BOOK).replace(_STRICT, _LOOSE), _BOOK).iter(f"{_SHEET}sheet"):
            target = targets.get(sheet.get(_REL) or sheet.get(_STRICT_REL), "").lstrip("/")
            path = target if target.startswith("xl/") else f"xl/{target}"
            if path in names:
                found[sheet.get("name") or ""] = _marks_of(member(packed, path), path, formats)
    return found


def _marks_of_97(data: bytes) -> dict[str, _Marks]:
    """The marks of each sheet of an Excel 97 file, by the sheet's name."""
    return {
        name: _Marks(rows, columns, flags=dict.fromkeys(errors, ("unreadable",)))
        for name, (rows, columns, errors) in biff.marks(data).items()
    }


def _odd_formats(packed: zipfile.ZipFile) -> frozenset[str]:
    """The styles, by number, that show another number than the one stored: a share, thousands, a moved point, none."""
    root = parse_xml(member(packed, _STYLES).replace(_STRICT, _LOOSE), _STYLES)
    codes = {each.get("numFmtId"): each.get("formatCode") or "" for each in root.iter(f"{_SHEET}numFmt")}
    styles = root.find(f"{_SHEET}cellXfs")
    numbers = [] if styles is None else [style.get("numFmtId") for style in styles]
    return frozenset(
        str(place)
        for place, number in enumerate(numbers)
        if number in _SHARES or _ODD_FORMAT.search(_QUOTED.sub("", codes.get(number, "")))
    )


def _marks_of(part: bytes, path: str, formats: frozenset[str]) -> _Marks:
    if not formats and not any(sign in part for sign in (b"hidden=", b"<f", b't="e"', b'ht="0')):
        return _Marks()
    root = parse_xml(part.replace(_STRICT, _LOOSE), path)
    rows = (
        row.get("r") or "" for row in root.iter(f"{_SHEET}row") if row.get("hidden") in _TRUE or row.get("ht") == "0"
    )
    columns = (column for column in root.iter(f"{_SHEET}col") if column.get("hidden") in _TRUE)
    return _Marks(
        frozenset(int(number) - 1 for number in rows if number.isdecimal()),
        frozenset(number for column in columns for number in _reach(column)),
        any(not (cell.findtext(f"{_SHEET}v") or "") for cell in root.iter(f"{_SHEET}c") if _computed(cell)),
        {
            place: flags
            for cell in root.iter(f"{_SHEET}c")
            if (flags := _flags(cell, formats)) and (place := _place(cell.get("r") or ""))
        },
    )


def _flags(cell: etree._Element, formats: frozenset[str]) -> tuple[str, ...]:
    if cell.get("t") == "e":
        return ("unreadable",)
    return ("unit_unclear",) if cell.get("s") in formats else ()


def _place(reference: str) -> tuple[int, int] | None:
    """Row and column, from 0, of a cell such as B3."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1


def _computed(cell: etree._Element) -> bool:
    """Whether a cell is computed, and not to a text that may be empty."""
    return cell.find(f"{_SHEET}f") is not None and cell.get("t") != "str"


def _reach(column: etree._Element) -> range:
    return range(int(column.get("min") or 1) - 1, min(int(column.get("max") or 1), MAX_ROWS))
