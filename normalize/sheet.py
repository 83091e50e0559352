"""The statutory cells of one document while its tables are read: what was claimed, and what stayed over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from normalize import codebook
from normalize.align import Column, align, is_blank
from normalize.codebook import find_label
from normalize.model import Figure, Leftover
from normalize.values import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normalize.codebook import Label
    from normalize.grid import Grid, GridCell
    from normalize.model import Status

MAX_LEFTOVER_TEXT = 500
UNREADABLE: Status = "unreadable"
# What stands in a cell that is not left empty: a number, or a mark for nothing.
PRINTED = frozenset({"reported", "not_applicable"})
COPIES = "copies_differ"
TWO_REPORTS = "two_reports"
# So many cells that differ are another table, fewer may be misprints.
_WHOLE = 4
_TABLES = {"apply": "3", "review": "4"}
_OTHERS = "2"
# The name that all figures have.
_ALL = ""


@dataclass(slots=True)
class Row:
    """One row of a grid: its cells from left to right, and the label that each prints, if it prints one.

    ``page`` is the page that the row stands on, 0 where the source has none.
    """

    grid: Grid
    table_no: int
    row_no: int
    cells: list[GridCell]
    labels: list[Label | None]
    flags: tuple[str, ...] = ()
    page: int = 0

    def kinds(self) -> set[str]:
        """The kinds of the labels that begin in this row."""
        row_no = self.row_no
        return {label.kind for cell, label in zip(self.cells, self.labels, strict=True) if label and cell.row == row_no}


@dataclass(slots=True)
class Sheet:
    """What has been claimed so far, by indicator and applicant.

    ``used`` holds the cells that were understood, ``empty`` the last row without any value, as its number and cells,
    ``twice`` what was printed again with the same contents, ``rows`` how
    many rows were read, and ``unread`` the tables of which none was, though they name rows or columns of the form: what
    they name, and their numbers as printed.
    """

    found: dict[tuple[str, str], Figure] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    empty: tuple[int, list[tuple[str, str] | None]] = (-1, [])
    twice: set[tuple[str, str]] = field(default_factory=set)
    rows: int = 0
    unread: list[tuple[frozenset[str], list[float | None]]] = field(default_factory=list)

    def seen(self) -> set[str]:
        """The indicators of which the document prints a cell."""
        return {code for code, _ in self.found}

    def use(self, cells: list[GridCell]) -> None:
        """Take cells off the grid; what is never taken off is left over."""
        self.used.update(map(id, cells))

    def place(
        self,
        row: Row,
        values: list[GridCell],
        columns: list[Column],
        targets: list[tuple[str, str] | None],
        *,
        fuzzy: bool = False,
        header_end: int = 0,
    ) -> None:
        """Put a row's values into their cells.

        ``targets`` are indicator and applicant of each column, None for a column that the form does not have. Where the
        alignment is open, all cells of the row are ``ambiguous``. ``header_end`` is where the header's cells end, the
        empty ones too: a row that goes beyond may have lost a label there, which its flag ``row_longer`` says.
        """
        self.rows += 1
        flags = row.flags + (("label_fuzzy",) if fuzzy else ())
        if 0 < header_end < values[-1].end:
            flags = (*flags, "row_longer")
        aligned = align(values, columns, loose=row.row_no in row.grid.loose)
        row_no = row.row_no
        hanging = [cell for cell in values if cell.row < row_no]
        if any(find_label(cell.text) for cell in hanging):
            # A label that hangs down from the header pushes the values aside.
            aligned = None
        if aligned is None:
            self.leave_open(row, values, targets, flags)
            return
        if all(is_blank(cell.text) for cell in aligned):
            self.empty = (row_no, targets)
        found, used = self.found, self.used
        for cell, column, target in zip(aligned, columns, targets, strict=True):
            if target:
                figure = _figure(row, cell, target, column, flags)
                used.add(id(cell))
                if found.setdefault(target, figure) is not figure:
                    self.claim(target, figure)

    def read_unlabelled(self, row: Row) -> None:
        """Numbers and nothing else below a row without values: a page break may have parted them from its label."""
        above, targets = self.empty
        if above == row.row_no - 1 and is_numbers([cell.text for cell in row.cells if cell.row == row.row_no]):
            self.doubt([target for target in targets if target], "several_rows")

    def leave_open(
        self,
        row: Row,
        values: list[GridCell],
        targets: Sequence[tuple[str, str] | None],
        flags: tuple[str, ...] = (),
    ) -> None:
        """Say of a row's cells that what stands in which cannot be told."""
        self.rows += 1
        raw = " ".join(cell.text.strip() for cell in values if not is_blank(cell.text))
        flags = tuple(dict.fromkeys([*flags, *(flag for cell in values for flag in cell.flags)]))
        for target in targets:
            if target:
                where = (row.page, row.table_no, row.row_no, values[0].col)
                self.claim(target, Figure(*target, None, "", "ambiguous", raw, flags, *where))
        self.use(values)

    def claim(self, key: tuple[str, str], figure: Figure) -> None:
        """Record the figure of a cell; a second, different one for the same cell makes both doubtful."""
        known = self.found.get(key)
        if known is None:
            self.found[key] = figure
            return
        if (known.status, known.value, known.unit) == (figure.status, figure.value, figure.unit):
            self.twice.add(key)
            return
        self.flags.add(COPIES)
        self.doubt([key], COPIES)
        self.leftovers.append(
            Leftover(figure.table_no, figure.row_no, figure.col_no, figure.raw[:MAX_LEFTOVER_TEXT], "second_copy")
        )

    def doubt_single(self) -> None:
        """Where whole tables are printed twice and differ, say of what is printed once that it may be of either report.

        One table that differs from its copy makes its own cells doubtful, two of them all cells.
        """
        differing = Counter(key[0].partition(".")[0] for key, each in self.found.items() if COPIES in each.flags)
        tables = {_TABLES.get(name, _OTHERS) for name, count in differing.items() if count >= _WHOLE}
        for key, each in list(self.found.items()):
            table = _TABLES.get(key[0].partition(".")[0], _OTHERS)
            if (table in tables or len(tables) > 1) and key not in self.twice and COPIES not in each.flags:
                self.doubt([key], TWO_REPORTS)

    def note_unread(self, rows: list[Row]) -> None:
        """Remember a table of which no row could be read, though it is more than a header."""
        labels = {label for row in rows for label in row.labels if label}
        named = {label.code for label in labels if label.kind in ("row2", "row3")}
        numbers = [
            value.number
            for row in rows
            for cell in row.cells
            if cell.row == row.row_no and (value := parse(cell.text)).status in PRINTED
        ]
        below = list(takewhile(lambda row: not any(row.labels), reversed(rows)))
        has_words = any(not is_blank(cell.text) for row in below for cell in row.cells)
        if numbers or has_words or max(len(named), len(below)) >= _WHOLE:
            named |= {f".{label.code}" for label in labels if label.kind == "column2"}
            if any(label.kind == "column4" for label in labels):
                named |= {f"review.{label.code}" for label in labels if label.kind == "group4"}
            # A few rows under the applicants' names are a summary of the table, not another one.
            is_three = sum(label.kind == "applicant" for label in labels) >= _WHOLE
            if is_three and max(len(numbers) // len(codebook.applicant_codes()), len(below)) >= _WHOLE:
                named.add("apply")
            if named:
                self.unread.append((frozenset(named), numbers))

    def note_other(self) -> None:
        """Remember another table of the form as a whole, of which no row could be read."""
        self.unread.append((frozenset({_ALL}), []))

    def doubt_unread(self) -> None:
        """Say of figures that they may be of another report, where a table that could not be read names them as well.

        Not where that table prints all their numbers in the same order.
        """
        for named, numbers in self.unread:
            for figures in self._named(named):
                values = [figure.value for figure in figures if figure.status in PRINTED]
                if not _follow(values, numbers):
                    self.doubt([(figure.indicator, figure.applicant) for figure in figures], TWO_REPORTS)

    def _named(self, named: frozenset[str]) -> list[list[Figure]]:
        """The figures of each thing that a table names, in their order: a row, or a whole table."""
        found: dict[str, list[Figure]] = {}
        for figure in sorted(self.found.values(), key=attrgetter("table_no", "row_no", "col_no")):
            row, _, column = figure.indicator.rpartition(".")
            own = {_ALL, figure.indicator, row, f".{column}", row.partition(".")[0]} & named
            if f".{column}" in own:
                own = {row}
            for name in own:
                found.setdefault(name, []).append(figure)
        return list(found.values())

    def doubt(self, keys: list[tuple[str, str]], flag: str) -> None:
        """Put a flag on figures that were claimed."""
        for key in keys:
            known = self.found.get(key)
            if known is not None and flag not in known.flags:
                self.found[key] = replace(known, flags=(*known.flags, flag))


def is_numbers(texts: list[str]) -> bool:
    """Whether a row prints numbers, marks for nothing and blanks, and is not all blank."""
    statuses = {parse(text).status for text in texts}
    return bool(statuses & PRINTED) and statuses <= PRINTED | {"blank", "ambiguous"}


def _follow(values: list[float | None], numbers: list[float | None]) -> bool:
    """Whether values stand one behind another among numbers."""
    count = len(values)
    return any(numbers[start : start + count] == values for start in range(len(numbers) - count + 1))


def _figure(row: Row, cell: GridCell, target: tuple[str, str], column: Column, flags: tuple[str, ...]) -> Figure:
    code, applicant = target
    text, page = cell.text, row.page
    value = parse(text, codebook.value_type(code), column.unit)
    flags = flags + column.flags + value.flags + cell.flags
    if UNREADABLE in cell.flags:
        return Figure(code, applicant, None, "", UNREADABLE, text, flags, page, row.table_no, row.row_no, cell.col)
    if cell.bottom - cell.row > 1:
        # One cell printed across several rows: whose number it is, nobody can tell.
        flags = (*flags, "merged_cell")
        return Figure(code, applicant, None, "", "ambiguous", text, flags, page, row.table_no, row.row_no, cell.col)
    number, unit, status = value.number, value.unit, value.status
    return Figure(code, applicant, number, unit, status, text, flags, page, row.table_no, row.row_no, cell.col)
