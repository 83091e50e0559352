"""Table three (收到和处理政府信息公开申请情况): 23 or 25 rows, each of seven values by applicant.

Three header rows, three columns of stubs; only the leaf label names a row (notices as for table two, section three).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.align import Column, header_columns, is_blank, is_hole
from normalize.codebook import find_label
from normalize.values import parse

if TYPE_CHECKING:
    from normalize.grid import GridCell
    from normalize.sheet import Row, Sheet

SINGLE_OTHER = "apply.result.other"
_OTHER_ROWS = (SINGLE_OTHER, "apply.result.other.no_correction", "apply.result.other.fee_unpaid")
_MISC = "apply.result.other.misc"
_TOTAL = "apply.result.total"
_RESULTS = "apply.result."
_TOTAL_COLUMN = "total"
_OF_ORGANISATIONS = "法人"
# Groups whose leaves are all named: neither 其他 nor a total of theirs is a cell of the form.
_LEAF_GROUPS = frozenset({"denied", "unavailable", "not_processed"})
OTHER_GROUP = (*_OTHER_ROWS[1:], _MISC)


@dataclass(slots=True)
class Leaf:
    """The label that names a row: its index in the row and the row's indicator."""

    index: int
    code: str
    fuzzy: bool


@dataclass(slots=True)
class TableThree:
    """Reads rows of table three; a header stays in force where a page break cuts the table.

    ``aside`` are the places of columns of nobody's form before the applicants: 行次, 序号.
    """

    header: list[list[GridCell]] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    aside: frozenset[tuple[int, int]] = frozenset()
    whole: bool = False
    holes: int = 0
    ragged: bool = False
    end: int = 0
    last: str = ""

    def read_header(self, row: Row, sheet: Sheet, *, first: bool) -> None:
        """Add a header row; ``first`` where it opens a header."""
        if first or self.columns:
            self.header, self.columns, self.aside, self.whole, self.end = [], [], frozenset(), False, 0
        cells = row.cells
        self.header.append(cells)
        self.end = max([self.end, *(cell.end for cell in cells)])
        sheet.use(cells)

    def open_header(self) -> bool:
        """Whether a header was begun and no row has used it yet."""
        return bool(self.header) and not self.columns

    def leaf(self, row: Row, *, inside: bool) -> Leaf | None:
        """The label that names a row, or None where the row has no such label or no value.

        其他 and 总计 stand in headers too: they name a row only where values follow, 其他 only below
        （六）其他处理, and 总计 only ``inside`` the table.
        """
        found: Leaf | None = None
        in_other, grouped = self.last in _OTHER_ROWS, False
        for index, (cell, label) in enumerate(zip(row.cells, row.labels, strict=True)):
            if label is None:
                if found is not None:
                    break
                continue
            if label.kind not in ("row3", "group3", "other", "total", "heading"):
                return None
            code = label.code if label.kind == "row3" else ""
            grouped = grouped or (label.kind == "group3" and label.code in _LEAF_GROUPS)
            in_other = (in_other or code in _OTHER_ROWS) and not grouped
            if label.kind == "other" and in_other and _values_follow(row, index):
                code = _MISC
            elif label.kind == "total" and inside and not grouped and _values_follow(row, index):
                # Behind the last row of the form, or where no result was read, it is a total of something else.
                code = _TOTAL if self.last.startswith(_RESULTS) else ""
            if code == _MISC and grouped:
                # 3.其他 below a group whose leaves are all named is a row of nobody's form.
                continue
            if code == SINGLE_OTHER and cell.bottom - cell.row > 1:
                # Over several rows （六）其他处理 is the heading of a group.
                continue
            if code and cell.row == row.row_no:
                found = Leaf(index, code, label.fuzzy)
        return found if found is not None and found.index + 1 < len(row.cells) else None

    def read_row(self, row: Row, leaf: Leaf, sheet: Sheet) -> None:
        """Place the values behind a row's leaf label."""
        values = row.cells[leaf.index + 1 :]
        columns = self._columns_for(len(values))
        if self.aside:
            beside = list(takewhile(self._is_aside, values))
            values = values[len(beside) :]
            if not values:
                return
            columns = self._columns_for(len(values))
            if any(map(self._is_aside, values)):
                # The row is pushed aside itself: its places mean nothing.
                sheet.leave_open(row, values, [(leaf.code, column.code) for column in columns if column.code])
                return
        if 0 <= columns[0].col < row.cells[leaf.index].end:
            # A header that begins over the labels lost a cell: its places mean nothing.
            columns = [Column(column.code, -1, -1, flags=("header_damaged",)) for column in columns]
        if len(values) == len(columns) + 1 and not is_blank(values[0].text) and parse(values[0].text).status == "text":
            # A label that the form does not have stands between group and values: not this row's figures.
            return
        self.last = leaf.code
        targets = [(leaf.code, column.code) if column.code else None for column in columns]
        sheet.place(row, values, columns, targets, fuzzy=leaf.fuzzy, header_end=self.end)

    def _is_aside(self, cell: GridCell) -> bool:
        return (cell.col, cell.end) in self.aside

    def _columns_for(self, count: int) -> list[Column]:
        """The columns for a row of ``count`` values; a lost or damaged header gives way, flagged, to the form's."""
        if not self.columns:
            firsts = [cell.col for row in self.header for cell in row if _applicant(cell)]
            entries = header_columns(self.header, min(firsts)) if firsts else []
            self.columns = _columns(entries)
            self.aside = _before(self.header, min(firsts, default=0))
            self.ragged = len({row[-1].end for row in self.header if row}) > 1
            self.holes = sum(is_hole(entry, entries) for entry in entries)
            self.whole = [column.code for column in self.columns if column.code] == list(codebook.applicant_codes())
        standard = codebook.applicant_codes()
        if self.whole and not self.holes and not (self.ragged and len(self.columns) > len(standard)):
            return self.columns
        if self.whole and count == len(standard) == len(self.columns) - self.holes:
            # The cell above the labels spans more columns than there are: the labels count, not the places.
            return [replace(column, col=-1, end=-1) for column in self.columns if column.code]
        codes = [column.code for column in self.columns]
        known = [code for code in codes if code]
        in_order = known == [code for code in standard if code in known]
        if not codes or (count == len(standard) >= len(codes) and in_order):
            flag = "header_damaged" if known else "header_missing"
            return [Column(code, -1, -1, flags=(flag,)) for code in standard]
        return [replace(column, flags=(*column.flags, "header_damaged")) for column in self.columns]


def _values_follow(row: Row, index: int) -> bool:
    rest = row.labels[index + 1 :]
    return bool(rest) and not any(rest)


def _columns(entries: list[tuple[GridCell, list[GridCell]]]) -> list[Column]:
    """The applicant of each column; of two totals, the one below 法人或其他组织 is none of the form's."""
    columns: list[Column] = []
    totals = sum(_applicant(cell) == _TOTAL_COLUMN for cell, _ in entries)
    for cell, above in entries:
        label = find_label(cell.text)
        flags = ("label_fuzzy",) if label and label.fuzzy else ()
        code = _applicant(cell)
        if code == _TOTAL_COLUMN and totals > 1 and any(_OF_ORGANISATIONS in upper.text for upper in above):
            code = None
        columns.append(Column(code, cell.col, cell.end, flags=flags))
    return columns


def _before(header: list[list[GridCell]], first: int) -> frozenset[tuple[int, int]]:
    """The places of a header's cells without a label of the form, before the applicants' columns."""
    return frozenset(
        (cell.col, cell.end)
        for row in header
        for cell in row
        if cell.col > 0 and cell.end <= first and not is_blank(cell.text) and find_label(cell.text) is None
    )


def _applicant(cell: GridCell) -> str | None:
    label = find_label(cell.text)
    if label is None or label.kind not in ("applicant", "other", "total"):
        return None
    return {"other": "org.other", "total": _TOTAL_COLUMN}.get(label.kind, label.code)
