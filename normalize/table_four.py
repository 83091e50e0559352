"""Table four (政府信息公开行政复议、行政诉讼情况): one row of fifteen values under a header of two or three rows.

Printed as one table, or as two, of 行政复议 and of 行政诉讼 (notices as for table two, section four).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.align import Column, header_columns, is_blank
from normalize.codebook import find_label

if TYPE_CHECKING:
    from normalize.codebook import Label
    from normalize.grid import GridCell
    from normalize.sheet import Row, Sheet


@dataclass(slots=True)
class TableFour:
    """Reads the header and the value row of table four."""

    header: list[list[GridCell]] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    blank: tuple[Row, list[GridCell], list[Column]] | None = None

    def read_header(self, row: Row, sheet: Sheet, *, first: bool) -> None:
        """Add a header row; ``first`` where it opens a header."""
        if first or self.columns:
            self.header, self.columns = [], []
        self.header.append(row.cells)
        sheet.use(row.cells)

    def open_header(self) -> bool:
        """Whether a header was read and no row has used it yet: the row may stand in the next table."""
        return bool(self.header) and not self.columns

    def read_row(self, row: Row, sheet: Sheet) -> None:
        """Place a value row. A blank row is the answer only where no other row gives one (``close``)."""
        cells = row.cells
        first = min((column.col for column in self._columns_for(len(cells))), default=0)
        values = [cell for cell in cells if cell.col >= first]
        columns = self._columns_for(len(values))
        if not columns or len(values) < len(columns):
            return
        keys = [(column.code, "") for column in columns if column.code]
        if all(is_blank(cell.text) for cell in values):
            self.blank = self.blank or (row, values, columns)
        elif any(key in sheet.found for key in keys):
            # Which of several rows is the body's own, their labels do not tell.
            sheet.flags.add("several_rows")
            sheet.doubt(keys, "several_rows")
        else:
            self.blank = None
            _place(row, values, columns, sheet)

    def close(self, sheet: Sheet) -> None:
        """The end of a table: a blank row that no other row answered is placed."""
        if self.blank is None:
            return
        row, values, columns = self.blank
        self.blank = None
        if not any((column.code, "") in sheet.found for column in columns if column.code):
            _place(row, values, columns, sheet)

    def _columns_for(self, count: int) -> list[Column]:
        if not self.columns:
            firsts = [cell.col for row in self.header for cell in row if _is_result(cell)]
            entries = header_columns(self.header, min(firsts)) if firsts else []
            self.columns = _columns(entries)
        codes = [column.code for column in self.columns]
        order = [indicator.code for indicator in codebook.form_indicators("2021", "4")]
        if codes and None not in codes and len(set(codes)) == len(codes):
            groups = {str(code).rpartition(".")[0] for code in codes}
            if codes == [code for code in order if code.rpartition(".")[0] in groups]:
                return self.columns
            return [replace(column, flags=(*column.flags, "header_damaged")) for column in self.columns]
        if count == len(order):
            return [Column(code, -1, -1, flags=("header_damaged",)) for code in order]
        return []


def _place(row: Row, values: list[GridCell], columns: list[Column], sheet: Sheet) -> None:
    sheet.place(row, values, columns, [(column.code, "") if column.code else None for column in columns])


def _is_result(cell: GridCell) -> bool:
    label = find_label(cell.text)
    return label is not None and label.kind in ("column4", "total")


def _columns(entries: list[tuple[GridCell, list[GridCell]]]) -> list[Column]:
    """Each column's indicator: the result that its lowest label names, in the group named above it.

    A group's label that does not span its columns stands over the first of them, and holds until the next label.
    """
    columns: list[Column] = []
    group: Label | None = None
    for cell, above in entries:
        found = (find_label(upper.text) for upper in reversed(above))
        group = next((label for label in found if label and label.kind == "group4"), group)
        label = find_label(cell.text)
        if label is None or label.kind not in ("column4", "total") or group is None:
            columns.append(Column(None, cell.col, cell.end))
            continue
        flags = ("label_fuzzy",) if label.fuzzy or group.fuzzy else ()
        columns.append(Column(f"review.{group.code}.{label.code or 'total'}", cell.col, cell.end, flags=flags))
    return columns
