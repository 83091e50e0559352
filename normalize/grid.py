"""Raw table to rectangular grid: spans expanded, each cell keeps its origin."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from normalize.model import RawCell, RawTable

# A statutory table has some 30 rows and 15 columns; a page that claims far more is damaged or hostile.
MAX_COLUMNS = 1_000
MAX_CELLS = 200_000


class GridTooLargeError(Exception):
    """A table expands to more cells than ``MAX_CELLS``."""


class GridCell(Struct, gc=False, eq=False):
    """A cell at its origin: ``row`` and ``col`` of its upper left corner, ``end`` the column after its last.

    ``flags`` are for the figure that stands in it.
    """

    text: str
    row: int
    col: int
    end: int
    bottom: int
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class Grid:
    """The rows of a table; each row lists the cells that cover it from left to right, once each.

    A cell that spans rows stands in each of them; its ``row`` tells where it began. ``row_pages`` holds the page of
    each row where pages cut the table.
    """

    rows: list[list[GridCell]]
    page: int = 0
    loose: frozenset[int] = frozenset()
    row_pages: tuple[int, ...] = ()

    def page_of(self, row_no: int) -> int:
        """The page that a row stands on."""
        return self.row_pages[row_no] if row_no < len(self.row_pages) else self.page


def expand(table: RawTable) -> Grid:
    """Lay out a raw table as browsers do (HTML living standard, "forming a table").

    Raises GridTooLargeError where spans blow the table up beyond ``MAX_CELLS``.
    """
    rows: list[list[GridCell]] = []
    hanging: list[GridCell] = []
    count, height = 0, len(table.rows)
    for number, raw_row in enumerate(table.rows):
        row = _lay_out(raw_row, number, height, hanging)
        count += len(row)
        if count > MAX_CELLS:
            raise GridTooLargeError(f"a table of more than {MAX_CELLS} cells")
        hanging = [cell for cell in row if cell.bottom > number + 1]
        rows.append(row)
    return Grid(rows, table.page, table.loose, table.row_pages)


def _lay_out(raw_row: list[RawCell], number: int, height: int, hanging: list[GridCell]) -> list[GridCell]:
    """The cells of one row from left to right, among those that hang down from rows above."""
    row = list(hanging)
    taken = {col for cell in hanging for col in range(cell.col, cell.end)} if hanging else ()
    col, below = 0, number + 1
    for raw in raw_row:
        while col in taken:
            col += 1
        end = col + raw.colspan
        if end > MAX_COLUMNS:
            end = MAX_COLUMNS
            if end <= col:
                break
        bottom = below if raw.rowspan == 1 else min(number + raw.rowspan, height)
        row.append(GridCell(raw.text, number, col, end, bottom, raw.flags))
        col = end
    if hanging:
        row.sort(key=attrgetter("col"))
    return row
