"""Table four (政府信息公开行政复议、行政诉讼情况): one row of fifteen values under a header of two or three rows.

Printed as one table, or as two, of 行政复议 and of 行政诉讼 (notices as for table two, section four).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.align import Column, align, header_columns, is_blank, is_numbering
from normalize.codebook import find_label
from normalize.sheet import is_numbers

if TYPE_CHECKING:
    from normalize.codebook import Label
    from normalize.grid import GridCell
    from normalize.sheet import Row, Sheet


@dataclass(slots=True)
class TableFour:
    """Reads the header and the value row of table four; ``short``: a row of numbers could not be placed."""

    header: list[list[GridCell]] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    blank: tuple[Row, list[GridCell], list[Column]] | None = None
    short: bool = False

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
        if is_numbering([cell.text for cell in cells]):
            return
        first = min((column.col for column in self._columns_for(len(cells))), default=0)
        values = [cell for cell in cells if cell.col >= first]
        columns = self._columns_for(len(values))
        if any(find_label(cell.text) for cell in values):
            return
        if not columns or (len(values) < len(columns) and align(values, columns, loose=False) is None):
            # Short of a cell it cannot be placed, and may be the body's own all the same.
            self.short = self.short or is_numbers([cell.text for cell in cells])
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

    def read_named_row(self, row: Row, sheet: Sheet) -> bool:
        """Read a row that names its group itself, before the values of all results or one result with its value.

        False where it is no such row.
        """
        index = max((place for place, label in enumerate(row.labels) if label and label.kind == "group4"), default=-1)
        group, cells, labels = row.labels[index], row.cells[index + 1 :], row.labels[index + 1 :]
        if index < 0 or group is None or not cells:
            return False
        first = labels[0]
        if first is None and not any(labels):
            columns = self._results()
        elif first is not None and _is_result(cells[0]) and len(cells) == 2 and labels[1] is None:
            columns, cells = [Column(_result(first), -1, -1, flags=_fuzzy(first))], cells[1:]
        else:
            return False
        if not columns:
            return False
        targets = [(f"review.{group.code}.{column.code}", "") for column in columns]
        sheet.place(row, cells, columns, list(targets), fuzzy=group.fuzzy)
        return True

    def _results(self) -> list[Column]:
        """The columns of a header that names results only, none where it names groups as well."""
        cells = [cell for row in self.header for cell in row]
        labels = [find_label(cell.text) for cell in cells]
        if any(label and label.kind == "group4" for label in labels):
            return []
        named = [
            Column(_result(label), cell.col, cell.end, flags=_fuzzy(label))
            for cell, label in zip(cells, labels, strict=True)
            if label and _is_result(cell)
        ]
        return named if len({column.code for column in named}) == len(named) else []

    def close(self, sheet: Sheet) -> None:
        """The end of a table: a blank row that no other row answered is placed, one beside a short row is doubtful."""
        placed = [key for column in self.columns if column.code and (key := (column.code, "")) in sheet.found]
        if self.short and placed:
            sheet.flags.add("several_rows")
            sheet.doubt(placed, "several_rows")
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


def _result(label: Label) -> str:
    return label.code or "total"


def _fuzzy(label: Label) -> tuple[str, ...]:
    return ("label_fuzzy",) if label.fuzzy else ()


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
        flags = _fuzzy(label) or _fuzzy(group)
        columns.append(Column(f"review.{group.code}.{_result(label)}", cell.col, cell.end, flags=flags))
    return columns
