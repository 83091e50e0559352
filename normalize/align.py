"""A row's values to the columns of its header: which value stands under which label."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normalize.grid import GridCell

# As many columns as each group of table four has.
_LEAST_NUMBERED = 5
FIRST_NUMBERS = ("1", "2")
_LONGEST_NUMBERING = 2


@dataclass(slots=True)
class Column:
    """One column of a header: the code it stands for (None for a column that the form does not have) and its extent."""

    code: str | None
    col: int
    end: int
    unit: str = ""
    flags: tuple[str, ...] = ()


def is_blank(text: str) -> bool:
    """Whether a cell holds nothing but white space."""
    return not text or text.isspace()


def is_numbering(texts: list[str]) -> bool:
    """Whether a row only numbers its columns: 1 2 3 4 5, one of them perhaps lost. No row of a form is like that."""
    if len(texts) < _LEAST_NUMBERED or texts[0] not in FIRST_NUMBERS:
        return False
    if not all(text.isdecimal() and len(text) <= _LONGEST_NUMBERING for text in texts):
        return False
    steps = [int(after) - int(before) for before, after in pairwise(texts)]
    return set(steps) <= {1, 2} and steps.count(2) <= 1


def align(values: list[GridCell], columns: list[Column], *, loose: bool) -> list[GridCell] | None:
    """The value cell for each column, in the order of the columns, or None where that cannot be known.

    As many values as columns: the k-th value belongs to the k-th column, since spans of header and rows often disagree.
    Blanks outside the header's extent do not count as values. More values than columns: what stands exactly under a
    column counts, if all else is blank. Fewer: only a blank that spans several columns exactly is one for each of them;
    else nobody can tell which cell was lost or merged.
    ``loose`` rows come from a source without cell borders, so that their positions mean nothing.
    """
    if loose or columns[0].col < 0:
        return values if len(values) == len(columns) else None
    inside = _inside(values, columns[0].col, columns[-1].end)
    if len(inside) <= len(columns):
        return inside if len(inside) == len(columns) else _spread(inside, columns)
    under = {(cell.col, cell.end): cell for cell in inside}
    found = [under.pop((column.col, column.end), None) for column in columns]
    aligned = [cell for cell in found if cell is not None]
    only_blanks_over = all(is_blank(cell.text) for cell in under.values())
    return aligned if len(aligned) == len(columns) and only_blanks_over else None


def _spread(values: list[GridCell], columns: list[Column]) -> list[GridCell] | None:
    """The value cell for each column where some are blanks over several; None where one lies otherwise."""
    found: list[GridCell] = []
    for cell in values:
        under = [column for column in columns if cell.col <= column.col and column.end <= cell.end]
        if not under or (under[0].col, under[-1].end) != (cell.col, cell.end):
            return None
        if len(under) > 1 and not is_blank(cell.text):
            return None
        found += [cell] * len(under)
    return found if len(found) == len(columns) else None


def _inside(values: list[GridCell], first: int, last: int) -> list[GridCell]:
    """The values without the blanks to the left and to the right of a header."""
    start, stop = 0, len(values)
    while start < stop and is_blank(values[start].text) and values[start].end <= first:
        start += 1
    while start < stop and is_blank(values[stop - 1].text) and values[stop - 1].col >= last:
        stop -= 1
    return values[start:stop]


def header_columns(rows: list[list[GridCell]], first: int) -> list[tuple[GridCell, list[GridCell]]]:
    """The columns of a header of several rows, from column ``first`` on.

    Each entry is the lowest printed cell over a column and all cells above it; columns under one cell are one entry.
    See ``is_hole`` for an entry whose own label is not there.
    """
    printed = [cell for row in rows for cell in row if not is_blank(cell.text)]
    last = max((cell.end for cell in printed), default=0)
    found: list[tuple[GridCell, list[GridCell]]] = []
    for col in range(first, last):
        stack = [cell for cell in printed if cell.col <= col < cell.end]
        if not stack:
            continue
        lowest = stack[-1]
        if not found or found[-1][0] is not lowest:
            found.append((lowest, [cell for cell in stack if cell is not lowest]))
    return found


def is_hole(entry: tuple[GridCell, list[GridCell]], entries: list[tuple[GridCell, list[GridCell]]]) -> bool:
    """Whether a column of a header has only the cell above its neighbours' labels over it, and no label of its own."""
    return any(entry[0] is cell for _, above in entries for cell in above)
