"""Tables that print one figure a row behind its label and unit: the forms 2014 and 2008 share this grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from normalize import codebook
from normalize.align import Column, is_blank
from normalize.codebook import UNCONFIRMED, find_row
from normalize.fold import key_of, squeeze
from normalize.model import NOT_READ, Leftover
from normalize.sheet import MAX_LEFTOVER_TEXT, Row, Sheet
from normalize.values import MONEY_UNITS, UNCLEAR, header_unit, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from normalize.codebook import RowLabel
    from normalize.grid import Grid, GridCell

Role = Literal["unit", "value", "cumulative", "code", "aside", "unknown"]

HEADING_NUMBER = "heading_number"
CUMULATIVE = "cumulative"
# The form whose units are the same everywhere.
UNITS_FIXED = "2014"
STUBS = frozenset(("统计指标", "指标名称", "指标"))
CODE_HEADS = frozenset(("代码", "序号", "编号"))
UNIT_HEADS = frozenset(("单位", "计量单位"))
_YEAR_HEAD = re.compile(r"^(?:本年累计|本年实际|本年度?|本年数|(20\d{2})年?度?)")
# Columns that a body put in beside its figures: remarks, other years, what changed since.
_ASIDE_HEAD = re.compile(r"^(?:备注|说明|上一?年|去年|前年|同比|增减|增长|20\d{2}年?度?|其中)")
_COUNT_UNITS = frozenset(
    ("条", "件", "次", "篇", "个", "人", "人次", "份", "起", "宗", "场", "期", "项", "件次", "条次", "户次")
)
_MARKS = frozenset(("", "/", "-", "--", "—", "——", "－", "–"))
# Fewer labels than these in one table may stand there by chance.
FEWEST_LABELS = 3
_HEADER_ROWS = 5
_LONGEST_HEAD = 20
# Without a header: the place of a cell is not known, only the number of cells.
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class _Header:
    """One group of columns: where its labels stand, and the columns to the right of them."""

    col: int
    columns: list[Column]


@dataclass(frozen=True, slots=True)
class _Segment:
    """A label with the cells between it and the next label of its row."""

    row: Row
    cell: GridCell
    label: RowLabel
    values: list[GridCell]


@dataclass(slots=True)
class RowTables:
    """Reads the tables of one form; ``roles`` tells what the columns of a header hold, by their printed heads."""

    form: str
    roles: Callable[[list[str]], list[Role]]
    sheet: Sheet = field(default_factory=Sheet)
    headers: list[_Header] = field(default_factory=list)
    last: str = ""
    open: bool = False

    def read_table(self, grid: Grid, number: int, flags: tuple[str, ...]) -> None:
        """Read one grid, the ``number``-th of the document, if it holds rows of the form; else leave all of it over."""
        rows = [
            Row(grid, number, row_no, cells, [None] * len(cells), flags, grid.page_of(row_no))
            for row_no, cells in enumerate(grid.rows)
        ]
        self.sheet.used.clear()
        if NOT_READ in flags:
            self.sheet.note_other()
            return
        rows_before = self.sheet.rows
        labels = self._labels(grid)
        if len(labels) >= FEWEST_LABELS or (self.open and labels):
            if not self.open or has_stub(grid):
                self.headers = []
            self.open = True
            self._read_rows(rows)
        else:
            self.open = False
        if self.sheet.rows == rows_before and has_stub(grid) and _count_numbers(rows) >= FEWEST_LABELS:
            self.sheet.note_other()
        self._leave(rows, "no_place" if self.open else "not_statutory")

    def _labels(self, grid: Grid) -> set[str]:
        texts = {cell.text for row in grid.rows for cell in row if not is_blank(cell.text)}
        found = (find_row(self.form, text) for text in texts if not text.isdecimal())
        return {code for label in found if label and not label.fuzzy for code in label.codes}

    def _leave(self, rows: list[Row], reason: str) -> None:
        self.sheet.leftovers.extend(
            Leftover(row.table_no, row.row_no, cell.col, cell.text[:MAX_LEFTOVER_TEXT], reason)
            for row in rows
            for cell in row.cells
            if cell.row == row.row_no and not is_blank(cell.text) and id(cell) not in self.sheet.used
        )

    def _read_rows(self, rows: list[Row]) -> None:
        """Read the rows between two headers at a time."""
        segments: list[_Segment] = []
        for row in rows:
            stubs = [index for index, cell in enumerate(row.cells) if is_stub(cell.text)]
            if stubs:
                self._read_segments(segments)
                segments = []
                self._read_header(row.cells, stubs)
            else:
                segments += self._segments(row)
        self._read_segments(segments)

    def _read_segments(self, segments: list[_Segment]) -> None:
        """Read groups of columns that stand beside each other one after the other, as the form goes on.

        A label behind the values of another begins a group: where one does in any row, the group begins in all.
        """
        pairs = pairwise(segments)
        starts = {after.cell.col for before, after in pairs if before.row is after.row and before.values}
        for segment in sorted(segments, key=lambda each: sum(start <= each.cell.col for start in starts)):
            self._read_segment(segment)

    def _read_header(self, cells: list[GridCell], stubs: list[int]) -> None:
        self.headers = []
        for start, stop in zip(stubs, [*stubs[1:], len(cells)], strict=True):
            heads = cells[start + 1 : stop]
            while heads and is_blank(heads[-1].text):
                heads.pop()
            roles = self.roles([head.text for head in heads])
            columns = [Column(role, head.col, head.end) for role, head in zip(roles, heads, strict=True)]
            self.headers.append(_Header(cells[start].col, columns))
        self.sheet.use(cells)

    def _segments(self, row: Row) -> list[_Segment]:
        """Each label that begins in a row, with the cells between it and the next."""
        found: list[_Segment] = []
        for cell in row.cells:
            label = None if cell.row != row.row_no or is_blank(cell.text) else find_row(self.form, cell.text)
            if label is not None:
                found.append(_Segment(row, cell, label, []))
            elif found:
                found[-1].values.append(cell)
        return found

    def _read_segment(self, segment: _Segment) -> None:
        row, label, values = segment.row, segment.label, segment.values
        if not label.codes:
            self._read_heading(row, segment.cell, values)
            return
        code = self._resolve(label)
        if not code:
            return
        self.last = code
        self.sheet.use([segment.cell])
        if not values:
            return
        columns = self._columns(segment, code)
        if not columns:
            self.sheet.leave_open(row, values, [(code, "")])
            return
        while columns[0].col == _NOWHERE and len(values) > len(columns) and is_blank(values[-1].text):
            # Blanks to fill up the last row of a group of columns.
            values.pop()
        targets = [(code, "") if column.code == "value" else None for column in columns]
        self._take_beside(row, values, columns)
        self.sheet.place(row, values, columns, targets, fuzzy=label.fuzzy)

    def _read_heading(self, row: Row, label_cell: GridCell, values: list[GridCell]) -> None:
        """A heading holds marks only; a number beside it is left over under a reason of its own."""
        numbers = [cell for cell in values if parse(cell.text).status == "reported"]
        self.sheet.leftovers.extend(
            Leftover(row.table_no, row.row_no, cell.col, cell.text[:MAX_LEFTOVER_TEXT], HEADING_NUMBER)
            for cell in numbers
        )
        marks = [cell for cell in values if squeeze(cell.text) in _MARKS]
        self.sheet.use([label_cell, *numbers, *marks])

    def _resolve(self, label: RowLabel) -> str:
        """The one indicator that a label names here; empty where the rows above do not tell.

        The outcomes of reconsiderations and of lawsuits share their labels: the block that they stand in decides.
        """
        block = self.last.rpartition(".")[0]
        beside = [code for code in label.codes if code.rpartition(".")[0] == block]
        if len(beside) == 1:
            return beside[0]
        code = label.codes[0]
        return code if len(label.codes) == 1 and not _is_outcome(code) else ""

    def _columns(self, segment: _Segment, code: str) -> list[Column]:
        """The columns of a row; none where its header does not tell which of several holds the figure."""
        label_cell, values = segment.cell, segment.values
        header = next((header for header in reversed(self.headers) if header.col <= label_cell.col), None)
        columns = header.columns if header else []
        roles = [column.code for column in columns]
        if roles.count("value") != 1:
            if "aside" in roles or roles.count("value") + roles.count("unknown") > 1:
                return []
            named = len(values) > 1 or is_unit(values[0].text)
            columns = [Column("unit", _NOWHERE, _NOWHERE)] if named and is_unit(values[0].text) else []
            columns = [*columns, Column("value", _NOWHERE, _NOWHERE)]
        unit, flags = _unit_of(label_cell.text, values, code)
        return [
            replace(column, unit=unit, flags=(*column.flags, *flags)) if column.code == "value" else column
            for column in columns
        ]

    def _take_beside(self, row: Row, values: list[GridCell], columns: list[Column]) -> None:
        """Take units and row codes off the grid; totals over years are left over under a reason of their own."""
        roles = {(column.col, column.end): column.code for column in columns}
        for cell in values:
            role = roles.get((cell.col, cell.end))
            if role == "code" or is_unit(cell.text):
                self.sheet.use([cell])
            elif role == "cumulative" and not is_blank(cell.text):
                self.sheet.use([cell])
                self.sheet.leftovers.append(
                    Leftover(row.table_no, row.row_no, cell.col, cell.text[:MAX_LEFTOVER_TEXT], CUMULATIVE)
                )


def _count_numbers(rows: list[Row]) -> int:
    return sum(parse(cell.text).status == "reported" for row in rows for cell in row.cells)


def is_stub(text: str) -> bool:
    """Whether a cell is the head over the labels of a table of one figure a row."""
    return "指" in text and len(text) < _LONGEST_HEAD and key_of(text) in STUBS


def has_stub(grid: Grid) -> bool:
    """Whether a grid begins with the header of a table of one figure a row."""
    return any(is_stub(cell.text) for row in grid.rows[:_HEADER_ROWS] for cell in row)


def side_role(head: str) -> Role:
    """What a column beside the figures holds, by its folded head; ``unknown`` where nobody has such a column."""
    if head in UNIT_HEADS:
        return "unit"
    if head in CODE_HEADS:
        return "code"
    return "aside" if _ASIDE_HEAD.match(head) else "unknown"


def names_year(head: str, year: int) -> bool:
    """Whether a folded head names the report's year; any year does where that (0) is not known."""
    match = _YEAR_HEAD.match(head)
    return match is not None and (not match[1] or not year or int(match[1]) == year)


def _is_outcome(code: str) -> bool:
    return code.startswith(("review.recon14.", "review.suit14.")) and not code.endswith(".total")


def is_unit(text: str) -> bool:
    """Whether a cell holds a unit of the forms and nothing else."""
    plain = squeeze(text) if len(text) < 10 else ""
    return plain in _COUNT_UNITS or plain in MONEY_UNITS


def _unit_of(label: str, values: list[GridCell], code: str) -> tuple[str, tuple[str, ...]]:
    """The money unit printed in a row or its label, and what is doubtful about the row.

    A count under another unit than the form's (``unit_differs``) may be the number of another row; the local annexes
    have units of their own.
    """
    indicator = codebook.by_code(code)
    units = [cell for cell in values if is_unit(cell.text)]
    printed = next((squeeze(cell.text) for cell in units or values[:-1] if not _is_number_or_mark(cell.text)), "")
    if indicator is None:
        return "", ()
    flags = ("form_unconfirmed",) if indicator.note == UNCONFIRMED else ()
    if indicator.value_type == "decimal":
        return header_unit(printed or label) or (UNCLEAR if printed else ""), flags
    if printed and printed not in _COUNT_UNITS:
        flags = (*flags, "unit_unclear")
    elif printed not in ("", indicator.unit) and indicator.form == UNITS_FIXED:
        flags = (*flags, "unit_differs")
    return "", flags


def _is_number_or_mark(text: str) -> bool:
    return is_blank(text) or parse(text).status in ("reported", "not_applicable")
