"""Tables on pages to raw tables: spans from the cells' sides, tables, rows and labels cut by a page joined.

Columns of two pages are matched by their place in the table's width. A row counts as cut only where its label is
complete when both halves are put together, or where values without any label follow a label without values.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise

from normalize.codebook import find_label
from normalize.model import RawCell, RawTable

# Two rules closer than this (page units: points, or pixels of a scan) are one rule.
_SAME_LINE = 2.5
# Shares of a table's width: two rules of two pages that are one, and how far two pages' tables may differ in place.
_SAME_RULE = 0.015
_SAME_PLACE = 0.06
_VALUE = re.compile(r"[+-]?\d[\d.,]*(?:亿元|万元|元)?|[/—–-]+")


@dataclass(slots=True)
class PageCell:
    """One cell of a table on a page, in the page's units, y downwards."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class PageTable:
    """The cells of one table on one page, without holes (``fill_holes``)."""

    cells: list[PageCell]
    flags: tuple[str, ...] = ()

    def rows(self) -> list[list[PageCell]]:
        """The cells of each row from left to right; a cell that spans rows stands in each of them."""
        lines = rulers([y for cell in self.cells for y in (cell.top, cell.bottom)])
        middles = [(above + below) / 2 for above, below in pairwise(lines)]
        return [
            sorted((cell for cell in self.cells if cell.top < middle < cell.bottom), key=lambda cell: cell.x0)
            for middle in middles
        ]

    def between(self, rows: list[list[PageCell]]) -> PageTable:
        """The part of the table that these rows of it are."""
        kept = {id(cell): cell for row in rows for cell in row}
        return replace(self, cells=list(kept.values()))


@dataclass(slots=True)
class _Cell:
    """A cell of a joined table: rows ``row`` to ``end``, its sides as shares of the table's width."""

    text: str
    row: int
    end: int
    left: float
    right: float
    flags: tuple[str, ...]


@dataclass(slots=True)
class _Table:
    """A table while its pages are joined; ``pages`` holds the page of each row."""

    cells: list[_Cell]
    pages: list[int]
    x0: float
    x1: float
    flags: tuple[str, ...]

    def row(self, number: int) -> list[_Cell]:
        """The cells that stand in a row, from left to right."""
        return sorted((cell for cell in self.cells if cell.row <= number < cell.end), key=lambda cell: cell.left)


def rulers(values: list[float], same: float = _SAME_LINE) -> list[float]:
    """The distinct places of rules among ``values``, in rising order."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > same:
            found.append(value)
    return found


def fill_holes(cells: list[PageCell]) -> list[PageCell]:
    """The cells and, for each stretch of a row that no cell covers, one more: a border may be missing, its text not."""
    xs = rulers([x for cell in cells for x in (cell.x0, cell.x1)])
    ys = rulers([y for cell in cells for y in (cell.top, cell.bottom)])
    found = list(cells)
    for top, bottom in pairwise(ys):
        middle = (top + bottom) / 2
        covered = sorted((cell.x0, cell.x1) for cell in cells if cell.top < middle < cell.bottom)
        left = xs[0]
        for x0, x1 in [*covered, (xs[-1], xs[-1])]:
            if x0 - left > _SAME_LINE:
                found.append(PageCell("", left, top, x0, bottom))
            left = max(left, x1)
    return found


def join(run: list[tuple[int, PageTable]]) -> list[RawTable]:
    """The raw tables of a run of tables, each with its page, between which nothing stands."""
    tables: list[_Table] = []
    for page, table in run:
        part = _laid_out(page, table)
        if tables and _goes_on(tables[-1], part):
            _append(tables[-1], part)
        else:
            tables.append(part)
    return [_raw(table) for table in tables]


def _laid_out(page: int, table: PageTable) -> _Table:
    ys = rulers([y for cell in table.cells for y in (cell.top, cell.bottom)])
    x0, x1 = min(cell.x0 for cell in table.cells), max(cell.x1 for cell in table.cells)
    width = max(x1 - x0, 1.0)
    cells = []
    for cell in table.cells:
        row = bisect_right(ys, cell.top + _SAME_LINE) - 1
        end = max(row + 1, bisect_right(ys, cell.bottom + _SAME_LINE) - 1)
        left, right = (cell.x0 - x0) / width, (cell.x1 - x0) / width
        cells.append(_Cell(cell.text, row, end, left, right, cell.flags))
    return _Table(cells, [page] * (len(ys) - 1), x0, x1, table.flags)


def _goes_on(upper: _Table, lower: _Table) -> bool:
    """Whether two tables stand in the same place of their pages."""
    allowed = _SAME_PLACE * max(upper.x1 - upper.x0, 1.0)
    return abs(upper.x0 - lower.x0) <= allowed and abs(upper.x1 - lower.x1) <= allowed


def _append(upper: _Table, lower: _Table) -> None:
    """Add the rows of the next page to a table."""
    skip = _repeated(upper, lower)
    height = len(upper.pages)
    pairs = _pairs(upper, lower, skip)
    cut_row = _is_cut(pairs) and len(pairs) == len(lower.row(skip))
    merged = set()
    for above, below in pairs:
        if cut_row or _continues(above, below):
            merged.add(id(below))
            above.text = "\n".join(text for text in (above.text, below.text) if text.strip())
            above.flags = tuple(dict.fromkeys(above.flags + below.flags))
            above.end = height + below.end - skip - cut_row
    shift = height - skip - cut_row
    upper.cells += [
        replace(cell, row=max(cell.row + shift, height), end=cell.end + shift)
        for cell in lower.cells
        if id(cell) not in merged and cell.end > skip
    ]
    upper.pages += lower.pages[skip + cut_row :]
    upper.flags = tuple(dict.fromkeys(upper.flags + lower.flags))


def _repeated(upper: _Table, lower: _Table) -> int:
    """How many rows at the head of the lower table repeat the head of the upper one."""
    count = 0
    while count < min(len(upper.pages), len(lower.pages) - 1):
        ours, theirs = ([_plain(cell) for cell in table.row(count)] for table in (upper, lower))
        if ours != theirs or not any(ours) or any(_VALUE.fullmatch(text) for text in ours):
            break
        count += 1
    # A label that begins in the head and reaches below it is no repeated head.
    return count if all(cell.end <= count or cell.row >= count for cell in lower.cells) else 0


def _pairs(upper: _Table, lower: _Table, skip: int) -> list[tuple[_Cell, _Cell]]:
    """The cells of the last row above and of the first row below that have the same sides."""
    above = upper.row(len(upper.pages) - 1)
    return [
        (cell, other)
        for other in lower.row(skip)
        for cell in above
        if abs(cell.left - other.left) <= _SAME_RULE and abs(cell.right - other.right) <= _SAME_RULE
    ]


def _plain(cell: _Cell) -> str:
    return "".join(cell.text.split())


def _is_cut(pairs: list[tuple[_Cell, _Cell]]) -> bool:
    """Whether the first row below is the rest of the last row above."""
    upper, lower = ([_plain(pair[side]) for pair in pairs] for side in (0, 1))
    if any(above and below and _VALUE.fullmatch(below) for above, below in zip(upper, lower, strict=True)):
        return False
    if any(_is_row(text) for text in lower):
        return False
    rejoined = any(
        above and below and not _is_row(above) and _is_row(above + below)
        for above, below in zip(upper, lower, strict=True)
    )
    values_above, values_below = (any(_VALUE.fullmatch(text) for text in side) for side in (upper, lower))
    words_below = any(text and not _VALUE.fullmatch(text) for text in lower)
    return rejoined or (any(map(_is_row, upper)) and values_below and not values_above and not words_below)


def _is_row(text: str) -> bool:
    label = find_label(text) if text else None
    return label is not None and not label.fuzzy and label.kind in ("row2", "row3", "total", "stub")


def _continues(above: _Cell, below: _Cell) -> bool:
    """Whether a cell below is the rest of a group's label: a blank below 三、本年度办理结果, 法提供 below （四）无."""
    upper, lower = _plain(above), _plain(below)
    if not upper or _VALUE.fullmatch(upper):
        return False
    group = find_label(upper + lower)
    if group is None or group.fuzzy:
        return False
    return group.kind == "group3"


def _raw(table: _Table) -> RawTable:
    edges: list[float] = []
    for cell in table.cells:
        cell.left, cell.right = _edge(edges, cell.left), _edge(edges, cell.right)
    places = {edge: index for index, edge in enumerate(edges)}
    by_row: list[list[_Cell]] = [[] for _ in table.pages]
    for cell in table.cells:
        if cell.row < len(by_row):
            by_row[cell.row].append(cell)
    rows = [
        [
            RawCell(cell.text, cell.end - cell.row, max(places[cell.right] - places[cell.left], 1), cell.flags)
            for cell in sorted(row, key=lambda cell: cell.left)
        ]
        for row in by_row
    ]
    return RawTable(rows, table.pages[0], flags=table.flags, row_pages=tuple(table.pages))


def _edge(edges: list[float], value: float) -> float:
    """The known edge that a side stands on; a new one where there is none."""
    at = bisect_left(edges, value)
    near = [edge for edge in edges[max(at - 1, 0) : at + 1] if abs(edge - value) <= _SAME_RULE]
    if near:
        return min(near, key=lambda edge: abs(edge - value))
    edges.insert(at, value)
    return value
