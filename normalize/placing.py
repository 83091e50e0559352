"""Raw tables to the cells of a form, worked out once for all reports whose tables are laid out alike.

What a portal publishes year by year, and its neighbours on the same system, are tables of the same labels and spans
that differ in their numbers. Which cell a number belongs to does not depend on the number: it is worked out on tables
with a number of its own in every cell, where what became of each is plain to see. Where it does depend, nothing is
shared.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from normalize.align import FIRST_NUMBERS, is_numbering
from normalize.forms import Reading, read_grids
from normalize.grid import expand
from normalize.model import Figure
from normalize.sheet import TWO_REPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normalize.model import Leftover, RawCell, RawTable

Tables = list[tuple["RawTable", tuple[str, ...]]]

_LAYOUTS = 256
_MOST_CELLS = 2_000
# The numbers that stand in for those of a report have as many digits as the longest that they stand for.
_DIGITS = 6
_FIRST = 100_000
_ZERO = "0"
_NUMBER = re.compile(r"\d+")


def place(tables: Tables, year: int) -> Reading:
    """What raw tables hold, each with the flags of its source; ``year`` is the report year, 0 where it is unknown.

    See ``normalize.forms.read_grids``. Raises GridTooLargeError.
    """
    if sum(len(row) for table, _ in tables for row in table.rows) > _MOST_CELLS:
        return _read(tables, year)
    layout = _Layout(tables, year)
    plan = _plan(layout)
    return plan.fill(layout.numbers) if plan else _read(tables, year)


def forget_layouts() -> None:
    """Work out again what was worked out before, for measurements."""
    _plan.cache_clear()


def _read(tables: Tables, year: int) -> Reading:
    return read_grids([expand(table) for table, _ in tables], [flags for _, flags in tables], year)


@dataclass(slots=True, eq=False)
class _Layout:
    """Tables without their plain numbers, which ``numbers`` holds in reading order; equal where all else is."""

    tables: Tables
    year: int
    numbers: list[str] = field(default_factory=list)
    _key: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        parts: list[object] = [self.year]
        numbers = self.numbers
        for table, flags in self.tables:
            parts.append((table.page, table.loose, flags, table.row_pages))
            for row in table.rows:
                parts.append(len(row))
                # Asked of each row, so the dearer question only where the first cell allows it.
                counts = not (row and row[0].text in FIRST_NUMBERS and _is_numbered(row))
                for cell in row:
                    text = cell.text
                    if counts and text.isdecimal() and _is_plain(text):
                        numbers.append(text)
                        parts.append(None)
                    else:
                        parts.append(text)
                    if cell.colspan != 1 or cell.rowspan != 1 or cell.flags:
                        parts.append((cell.rowspan, cell.colspan, cell.flags))
        self._key = tuple(parts)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Layout) and self._key == other._key


@dataclass(frozen=True, slots=True)
class _Plan:
    """The reading of a layout; what prints one of its numbers comes with the number's place, all else with -1.

    Most of what reports print is 0: ``zeros`` are the figures for that, which all reports share.
    """

    form: str
    flags: list[str]
    figures: list[tuple[Figure, int]]
    zeros: list[Figure]
    leftovers: list[tuple[Leftover, int]]

    def fill(self, numbers: list[str]) -> Reading:
        """The reading of a report with these numbers."""
        figures = [
            like if at < 0 else zero if numbers[at] == _ZERO else _filled(like, numbers[at])
            for (like, at), zero in zip(self.figures, self.zeros, strict=True)
        ]
        leftovers = [replace(one, raw=numbers[at]) if at >= 0 else one for one, at in self.leftovers]
        return Reading(self.form, figures, leftovers, self.flags.copy())


def _filled(like: Figure, number: str) -> Figure:
    return Figure(
        like.indicator, like.applicant, None if like.value is None else float(number), like.unit, like.status, number,
        like.flags, like.page, like.table_no, like.row_no, like.col_no,
    )  # fmt: skip


@lru_cache(maxsize=_LAYOUTS)
def _plan(layout: _Layout) -> _Plan | None:
    """How a layout is read; None where its numbers have a say: one cell printed twice, or values run together."""
    stand_ins = {str(_FIRST + at): at for at in range(len(layout.numbers))}
    reading = _read(_with_stand_ins(layout), layout.year)
    figures = [(each, stand_ins.get(each.raw, -1)) for each in reading.figures]
    leftovers = [(each, stand_ins.get(each.raw, -1)) for each in reading.leftovers]
    others = [figure.raw for figure, at in figures if at < 0] + [one.raw for one, at in leftovers if at < 0]
    run_together = any(not stand_ins.keys().isdisjoint(_NUMBER.findall(raw)) for raw in others)
    worked_out = any(at >= 0 and figure.value not in (None, float(figure.raw)) for figure, at in figures)
    compared = "copies_differ" in reading.flags or any(TWO_REPORTS in figure.flags for figure, _ in figures)
    if run_together or worked_out or compared:
        return None
    zeros = [_filled(figure, _ZERO) for figure, _ in figures]
    return _Plan(reading.form, reading.flags, figures, zeros, leftovers)


def _with_stand_ins(layout: _Layout) -> Tables:
    numbers = itertools.count(_FIRST)
    return [
        (dataclasses.replace(table, rows=[_row_of_stand_ins(row, numbers) for row in table.rows]), flags)
        for table, flags in layout.tables
    ]


def _row_of_stand_ins(row: list[RawCell], numbers: Iterator[int]) -> list[RawCell]:
    return row if _is_numbered(row) else [_stand_in(cell, numbers) for cell in row]


def _is_numbered(row: list[RawCell]) -> bool:
    """Whether a row is known for what it is by its numbers."""
    return is_numbering([cell.text for cell in row])


def _stand_in(cell: RawCell, numbers: Iterator[int]) -> RawCell:
    return replace(cell, text=str(next(numbers))) if _is_plain(cell.text) else cell


@lru_cache(maxsize=4096)
def _is_plain(text: str) -> bool:
    """Whether a cell prints a number and nothing else, and none that may be the year of its column."""
    return len(text) <= _DIGITS and text.isdecimal() and text.isascii() and not (len(text) == 4 and text[:2] == "20")
