"""Workbooks (xlsx, xls, et, ods) to text blocks and raw tables: visible sheets, rows and columns, values as stored.

A formula counts by the value that was last computed. Numbers become text with up to 15 digits, as a workbook has them.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

from normalize.codebook import find_label
from normalize.model import Document, RawCell, RawTable
from normalize.readers.blocks import gather
from normalize.readers.limits import member, open_zip, parse_xml
from normalize.readers.unreadable import UnreadableDocument, needed

if TYPE_CHECKING:
    from lxml import etree

MAX_ROWS = 20_000
MAX_CELLS = 400_000
_BLANK_ROWS = 3
_NUMBER = re.compile(r"[+-]?[\d.,]+")
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_REL = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

Hidden = tuple[frozenset[int], frozenset[int]]
Blocks = list[str | RawTable]


def read_workbook(data: bytes) -> Document:
    """The document that a workbook holds; flag ``hidden_skipped`` where it hides sheets, rows or columns.

    Raises UnreadableDocument with the codes ``needs_extra``, ``damaged``, ``encrypted``, ``too_large``.
    """
    calamine = needed("python_calamine", "docs")
    hidden = _hidden(data) if data.startswith(b"PK") else {}
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
        found, left_out = _sheet(book.get_sheet_by_name(sheet.name), hidden.get(sheet.name, (frozenset(), frozenset())))
        blocks += found
        skipped = skipped or left_out
    document = gather("workbook", blocks)
    if skipped:
        document.flags.append("hidden_skipped")
    return document


def _sheet(sheet: Any, hidden: Hidden) -> tuple[Blocks, bool]:
    """The blocks of a sheet, and whether hidden rows or columns were left out."""
    last = sheet.end or (0, 0)
    height, width = last[0] + 1, last[1] + 1
    if height > MAX_ROWS or height * width > MAX_CELLS:
        raise UnreadableDocument("too_large", f"sheet {sheet.name} has {height} rows and {width} columns")
    values = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    no_rows, no_columns = hidden
    seen_rows = [row for row in range(len(values)) if row not in no_rows]
    seen_columns = [column for column in range(width) if column not in no_columns]
    left_out = any(any(values[row]) for row in no_rows if row < len(values)) or any(
        row[column] for row in values for column in no_columns if column < len(row)
    )
    return _split(_cells(values, sheet.merged_cell_ranges or [], seen_rows, seen_columns)), left_out


def _cells(
    values: list[list[str]], merged: list[tuple[tuple[int, int], tuple[int, int]]], rows: list[int], columns: list[int]
) -> list[list[RawCell]]:
    """The cells of the rows and columns that are shown; a merged range is one cell at its first shown place."""
    places = {row: number for number, row in enumerate(rows)}
    across = {column: number for number, column in enumerate(columns)}
    spans: dict[tuple[int, int], tuple[str, int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in merged:
        shown_rows = [places[row] for row in range(top, min(bottom, len(values) - 1) + 1) if row in places]
        shown_columns = [across[column] for column in range(left, right + 1) if column in across]
        if shown_rows and shown_columns:
            text = values[top][left] if left < len(values[top]) else ""
            spans[shown_rows[0], shown_columns[0]] = (text, len(shown_rows), len(shown_columns))
            covered.update((row, column) for row in shown_rows for column in shown_columns)
    found = []
    for number, row in enumerate(rows):
        line = []
        for place, column in enumerate(columns):
            if (number, place) in spans:
                line.append(RawCell(*spans[number, place]))
            elif (number, place) not in covered:
                line.append(RawCell(values[row][column] if column < len(values[row]) else ""))
        found.append(line)
    return found


def _split(rows: list[list[RawCell]]) -> Blocks:
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
                blocks.append(RawTable(table))
                table = []
            if is_prose:
                blocks.append(filled[0].text)
        elif table or filled:
            table.append(row)
    if table:
        blocks.append(RawTable(table))
    return blocks


def _is_prose(text: str) -> bool:
    return find_label(text) is None and not _NUMBER.fullmatch(text.strip())


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return f"{value:.15g}"
    return str(value)


def _hidden(data: bytes) -> dict[str, Hidden]:
    """The hidden rows and columns of each sheet of an xlsx file, by the sheet's name; numbers count from 0."""
    with open_zip(data) as packed:
        names = set(packed.namelist())
        if "xl/workbook.xml" not in names:
            return {}
        relations = parse_xml(member(packed, "xl/_rels/workbook.xml.rels"), "xl/_rels/workbook.xml.rels")
        targets = {relation.get("Id"): relation.get("Target") or "" for relation in relations}
        book = parse_xml(member(packed, "xl/workbook.xml").replace(_STRICT, _SHEET[1:-1].encode()), "xl/workbook.xml")
        found = {}
        for sheet in book.iter(f"{_SHEET}sheet"):
            target = (targets.get(sheet.get(_REL) or sheet.get(_STRICT_REL)) or "").lstrip("/")
            path = target if target.startswith("xl/") else f"xl/{target}"
            if path in names:
                part = member(packed, path)
                if b"hidden=" in part:
                    root = parse_xml(part.replace(_STRICT, _SHEET[1:-1].encode()), path)
                    found[sheet.get("name") or ""] = (_hidden_rows(root), _hidden_columns(root))
    return found


def _hidden_rows(root: etree._Element) -> frozenset[int]:
    rows = (row for row in root.iter(f"{_SHEET}row") if row.get("hidden") in ("1", "true"))
    return frozenset(int(number) - 1 for row in rows if (number := row.get("r") or "").isdecimal())


def _hidden_columns(root: etree._Element) -> frozenset[int]:
    columns = (column for column in root.iter(f"{_SHEET}col") if column.get("hidden") in ("1", "true"))
    return frozenset(
        number
        for column in columns
        for number in range(int(column.get("min") or 1) - 1, min(int(column.get("max") or 1), MAX_ROWS))
    )
