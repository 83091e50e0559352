"""The text layer of a page to its text and tables: rules from drawn lines, cells from rules, text from characters.

PDF and OFD both give characters with places and lines; nothing is guessed from white space. Characters drawn twice (a
makeshift bold) count once, text set askew (a watermark) does not count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any

from normalize.readers.pages import Page, mend_radicals
from normalize.readers.stitch import PageCell, PageTable, fill_holes, rulers

if TYPE_CHECKING:
    from types import ModuleType

_RAISED = 0.8
_OPEN_SIDE = 8.0

Char = dict[str, Any]


def printed(chars: list[Char]) -> list[Char]:
    """The characters without those set askew, each once; a character is a dict as pdfplumber makes them."""
    found: list[Char] = []
    seen: dict[str, list[Char]] = {}
    for char in chars:
        slope, lean = char["matrix"][1], char["matrix"][2]
        if slope and lean and char["matrix"][0]:
            continue
        same = seen.setdefault(char["text"], [])
        if not char["text"].isspace() and any(_is_twice(char, other) for other in same[-8:]):
            continue
        same.append(char)
        found.append(char)
    return found


def lay_out(plumber: ModuleType, page: Any, number: int, chars: list[Char]) -> tuple[Page, bool]:
    """The text and tables of a page from top to bottom, and whether it has tables.

    ``page`` has the lines (``edges``) and what else pdfplumber's TableFinder asks for; ``chars`` are ``printed``.
    """
    boxes = [(_bounds(cells), cells) for cells in (_tables(plumber, page) if chars else [])]
    outside = _fill(boxes, chars, plumber)
    found = Page(number)
    for index, (_, cells) in enumerate(boxes):
        found.items += [*_text(plumber, outside[index]), PageTable(cells)]
    found.items += _text(plumber, outside[-1])
    return found, bool(boxes)


def _is_twice(char: Char, other: Char) -> bool:
    near = 0.3 * char["width"]
    return bool(abs(char["x0"] - other["x0"]) < near and abs(char["top"] - other["top"]) < near)


def _tables(plumber: ModuleType, page: Any) -> list[list[PageCell]]:
    """The ruled tables of a page from top to bottom; open sides are closed where the cross rules end."""
    finder = plumber.table.TableFinder(page)
    sides = _open_sides(finder)
    if sides:
        finder = plumber.table.TableFinder(page, {"explicit_vertical_lines": sides})
    tables = [
        fill_holes([PageCell("", *cell) for cell in table.cells])
        for table in finder.tables
        if len(table.cells) > 1 or _holds_much(table.cells)
    ]
    return sorted(tables, key=lambda cells: min(cell.top for cell in cells))


def _holds_much(cells: list[tuple[float, float, float, float]]) -> bool:
    return any(bottom - top > 2 * _OPEN_SIDE for _, top, _, bottom in cells)


def _open_sides(finder: Any) -> list[dict[str, Any]]:
    """Where cross rules run on beyond the outermost upright rule of their table: the table has no border there."""
    across = [edge for edge in finder.edges if edge["orientation"] == "h"]
    sides: list[dict[str, Any]] = []
    for table in finder.tables:
        x0, top, x1, bottom = table.bbox
        own = [edge for edge in across if top - 1 <= edge["top"] <= bottom + 1 and edge["x0"] < x1 and edge["x1"] > x0]
        left, right = min(edge["x0"] for edge in own), max(edge["x1"] for edge in own)
        sides += [upright(side, top, bottom) for side, border in ((left, x0), (right, x1)) if _apart(side, border)]
    return sides


def _apart(side: float, border: float) -> bool:
    return abs(side - border) > _OPEN_SIDE


def level(y: float, x0: float, x1: float) -> dict[str, Any]:
    """A level rule as pdfplumber has it."""
    return _edge(x0, y, x1, y, "h")


def upright(x: float, top: float, bottom: float) -> dict[str, Any]:
    """An upright rule as pdfplumber has it."""
    return _edge(x, top, x, bottom, "v")


def _edge(x0: float, top: float, x1: float, bottom: float, orientation: str) -> dict[str, Any]:
    size = {"width": x1 - x0, "height": bottom - top, "orientation": orientation, "object_type": "line_edge"}
    return {"x0": x0, "top": top, "x1": x1, "bottom": bottom, **size}


def _bounds(cells: list[PageCell]) -> tuple[float, float, float, float]:
    return (
        min(cell.x0 for cell in cells),
        min(cell.top for cell in cells),
        max(cell.x1 for cell in cells),
        max(cell.bottom for cell in cells),
    )


def _fill(
    boxes: list[tuple[tuple[float, float, float, float], list[PageCell]]], chars: list[Char], plumber: ModuleType
) -> list[list[Char]]:
    """Give each cell the text of the characters in it; those in no table, by how many tables stand above them."""
    outside: list[list[Char]] = [[] for _ in range(len(boxes) + 1)]
    inside: list[dict[int, list[Char]]] = [{} for _ in boxes]
    finds = [_Finder(cells) for _, cells in boxes]
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        table = next((i for i, ((x0, y0, x1, y1), _) in enumerate(boxes) if x0 <= x <= x1 and y0 <= y <= y1), None)
        cell = finds[table].at(x, y) if table is not None else None
        if table is None or cell is None:
            outside[sum(y > bounds[1] for bounds, _ in boxes)].append(char)
        else:
            inside[table].setdefault(cell, []).append(char)
    for (_, cells), texts in zip(boxes, inside, strict=True):
        for index, own in texts.items():
            cells[index].text = _cell_text(plumber, own)
    return outside


class _Finder:
    """Finds the cell at a point of one table."""

    def __init__(self, cells: list[PageCell]) -> None:
        self.xs = rulers([x for cell in cells for x in (cell.x0, cell.x1)])
        self.ys = rulers([y for cell in cells for y in (cell.top, cell.bottom)])
        self.cells: dict[tuple[int, int], int] = {}
        for index, cell in enumerate(cells):
            for row in range(self._row(cell.top), self._row(cell.bottom)):
                for column in range(self._column(cell.x0), self._column(cell.x1)):
                    self.cells[row, column] = index

    def _row(self, line: float) -> int:
        return bisect_right(self.ys, line + 1)

    def _column(self, line: float) -> int:
        return bisect_right(self.xs, line + 1)

    def at(self, x: float, y: float) -> int | None:
        """The index of the cell at a point."""
        return self.cells.get((bisect_right(self.ys, y), bisect_right(self.xs, x)))


def _cell_text(plumber: ModuleType, chars: list[Char]) -> str:
    sizes = Counter(round(char["size"], 1) for char in chars)
    usual = sizes.most_common(1)[0][0]
    if len(sizes) > 1:
        # 12 with a raised note 2 is not 122.
        chars = [
            {**char, "text": "^" + char["text"]} if char["text"].isdigit() and char["size"] < _RAISED * usual else char
            for char in chars
        ]
    return mend_radicals(str(plumber.utils.extract_text(chars)))


def _text(plumber: ModuleType, chars: list[Char]) -> list[str]:
    text = mend_radicals(str(plumber.utils.extract_text(chars))) if chars else ""
    return [text] if text.strip() else []
