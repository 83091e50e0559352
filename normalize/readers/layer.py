"""The text layer of a page to its text and tables: rules from drawn lines, cells from rules, text from characters.

PDF and OFD both give characters with places and lines; nothing is guessed from white space. Characters drawn twice (a
makeshift bold) count once, text set askew (a watermark) does not count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from normalize.readers.pages import Page, mend_radicals
from normalize.readers.stitch import PageCell, PageTable, fill_holes, rulers

if TYPE_CHECKING:
    from types import ModuleType

_RAISED = 0.8
_DIGITS = re.compile(r"[\d.,]+")
_OPEN_SIDE = 8.0
# Dots no longer than this and no farther apart than that are a rule where they run on for a line's height.
_DOT, _PITCH, _LEAST_RULE = 2.0, 4.0, 8.0
# What stands for a letter whose font does not say which it is (the second: characters for private use).
NAMELESS = re.compile(r"\(cid:|[\ue000-\uf8ff]")
# Two stretches of a page are this far apart where no rule joins them.
_BETWEEN = 12.0
# A side is missing where at least so many level rules end within so much of each other.
_LEAST_RULES, _SAME_RULE = 3, 3.0
# What marks half a number, so that no value is read from it; lines of a cell are this far apart, in their own heights.
_BROKEN, _LEADING = "\ufffd", 0.7
_STRIPES, _LABEL_AND_VALUE = 3, re.compile(r"\D.*\s\d[\d.]*")
# By how much what stands in a cell may reach beyond it.
_SLIP = 2.0
# Letters far larger than the others of a table are a watermark that lies across it.
_TOO_LARGE = 2.0
# The room at the two sides of a cell, in points, that may be free where a number was broken for lack of room.
_PADDING = 12.0

Char = dict[str, Any]
Box = tuple[float, float, float, float]


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


def lay_out(
    plumber: ModuleType,
    page: Any,
    number: int,
    chars: list[Char],
    *,
    unread: list[Box] | None = None,
    flags: tuple[str, ...] = (),
) -> tuple[Page, bool]:
    """The text and tables of a page from top to bottom, and whether it has tables.

    ``page`` has the lines (``edges``) and what else pdfplumber's TableFinder asks for; ``chars`` are ``printed``.
    ``unread`` are the boxes of what is seen on the page and is no character: a cell that holds nothing else is not
    blank. ``flags`` are for every figure of the page.
    """
    boxes = [(_bounds(cells), cells) for cells in (_tables(plumber, page) if chars else [])]
    outside = _fill(boxes, chars, plumber)
    if _are_stripes([PageTable(cells).rows() for _, cells in boxes]):
        boxes, outside = [], [chars]
    found = Page(number)
    for index, (_, cells) in enumerate(boxes):
        _doubt_blanks(cells, unread or [])
        found.items += [*_text(plumber, outside[index]), PageTable(cells, flags)]
    found.items += _text(plumber, outside[-1])
    return found, bool(boxes)


def _is_twice(char: Char, other: Char) -> bool:
    near = 0.3 * char["width"]
    return bool(abs(char["x0"] - other["x0"]) < near and abs(char["top"] - other["top"]) < near)


def _is_one_number(left: Char, right: Char) -> bool:
    """Whether two digits stand side by side without a gap."""
    if not (left["text"].isdigit() and right["text"].isdigit()):
        return False
    same_line = abs(left["top"] - right["top"]) < 0.3 * left["size"]
    return bool(same_line and -0.5 * left["width"] < right["x0"] - left["x1"] < 0.25 * left["width"])


def _doubt_blanks(cells: list[PageCell], unread: list[Box]) -> None:
    """Mark the cells that seem blank and hold something that is no character: a picture of a number, a form's field."""
    for cell in cells if unread else []:
        within = (cell.x0 - _SLIP, cell.top - _SLIP, cell.x1 + _SLIP, cell.bottom + _SLIP)
        if not cell.text.strip() and any(
            x0 >= within[0] and top >= within[1] and x1 <= within[2] and bottom <= within[3]
            for x0, top, x1, bottom in unread
        ):
            cell.flags = (*cell.flags, "unreadable")


def _tables(plumber: ModuleType, page: Any) -> list[list[PageCell]]:
    """The ruled tables of a page from top to bottom."""
    bands = _bands(page.edges)
    found = [table for edges in bands for table in _ruled(plumber, SimpleNamespace(edges=edges, bbox=page.bbox))]
    return sorted(found, key=lambda cells: min(cell.top for cell in cells))


def _are_stripes(tables: list[list[list[PageCell]]]) -> bool:
    """Whether tables are the shaded or ruled rows of one whose other rows have no rules: all of it is text then.

    Either the rows between stand outside, so that many tables are one row; or they are one cell of several values.
    """
    single = sum(len(rows) == 1 and len(rows[0]) > 1 for rows in tables)
    several = sum(any(len(row) > 1 for row in rows) for rows in tables) - single
    unruled = sum(
        len(row) == 1 and _LABEL_AND_VALUE.fullmatch(row[0].text) is not None for rows in tables for row in rows
    )
    return (single >= _STRIPES and single >= several) or (unruled >= _STRIPES and single + several > 0)


def _bands(edges: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The rules of each stretch of a page, apart from one another: rules of two tables that nearly meet are two."""
    bands: list[list[dict[str, Any]]] = []
    end = 0.0
    for edge in sorted(edges, key=lambda edge: float(edge["top"])):
        if not bands or edge["top"] - end > _BETWEEN:
            bands.append([])
        bands[-1].append(edge)
        end = max(end, float(edge["bottom"]))
    return bands


def _ruled(plumber: ModuleType, page: Any) -> list[list[PageCell]]:
    """The tables that rules make; open sides and ends are closed where the rules across them end."""
    page.edges = page.edges + _frame(page.edges)
    finder = plumber.table.TableFinder(page)
    if not finder.tables and (rules := _dotted(page.edges)):
        page = SimpleNamespace(edges=rules, bbox=page.bbox)
        finder = plumber.table.TableFinder(page)
    sides, ends = _open_sides(finder), _open_ends(finder)
    if sides or ends:
        missing = {"explicit_vertical_lines": sides, "explicit_horizontal_lines": ends}
        finder = plumber.table.TableFinder(page, missing)
    return [
        fill_holes([PageCell("", *cell) for cell in table.cells])
        for table in finder.tables
        if len(table.cells) > 1 or _holds_much(table.cells)
    ]


def _frame(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sides that a net of rules has not got: where several level rules end and no upright rule stands.

    A row of one cell from side to side has no rule of its own to be told by.
    """
    # The ends of a rule that is a thin bar are no rules.
    across = [edge for edge in edges if edge["orientation"] == "h" and edge["x1"] - edge["x0"] > _OPEN_SIDE]
    uprights = [float(e["x0"]) for e in edges if e["orientation"] == "v" and e["bottom"] - e["top"] > _OPEN_SIDE]
    if not across or not uprights:
        return []
    top, bottom = (pick(float(edge[side]) for edge in edges) for pick, side in ((min, "top"), (max, "bottom")))
    found = []
    for pick, side in ((min, "x0"), (max, "x1")):
        place = pick(float(edge[side]) for edge in across)
        reach = {round(float(edge["top"])) for edge in across if abs(edge[side] - place) <= _SAME_RULE}
        if len(reach) >= _LEAST_RULES and all(abs(x - place) > _OPEN_SIDE for x in uprights):
            found.append(upright(place, top, bottom))
    return found


def _dotted(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that rows of dots make."""
    rules: list[dict[str, Any]] = []
    for orientation, start, end, across in (("h", "x0", "x1", "top"), ("v", "top", "bottom", "x0")):
        dots = [
            (round(float(edge[across]), 1), float(edge[start]), float(edge[end]))
            for edge in edges
            if edge["orientation"] == orientation and edge[end] - edge[start] <= _DOT
        ]
        runs: list[list[float]] = []
        for place, low, high in sorted(dots):
            if runs and runs[-1][0] == place and low - runs[-1][2] <= _PITCH:
                runs[-1][2] = max(runs[-1][2], high)
            else:
                runs.append([place, low, high])
        draw = level if orientation == "h" else upright
        rules += [draw(*run) for run in runs if run[2] - run[1] > _LEAST_RULE]
    return rules


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


def _open_ends(finder: Any) -> list[dict[str, Any]]:
    """Where both sides of a table run on beyond its outermost level rule: a browser cut it by a page, border too."""
    uprights = [edge for edge in finder.edges if edge["orientation"] == "v"]
    ends: list[dict[str, Any]] = []
    for table in finder.tables:
        x0, top, x1, bottom = table.bbox
        own = [
            [edge for edge in uprights if abs(edge["x0"] - side) <= 1 and edge["top"] < bottom and edge["bottom"] > top]
            for side in (x0, x1)
        ]
        if not all(own):
            continue
        upper = max(min(edge["top"] for edge in edges) for edges in own)
        lower = min(max(edge["bottom"] for edge in edges) for edges in own)
        ends += [level(end, x0, x1) for end, border in ((upper, top), (lower, bottom)) if _apart(end, border)]
    return ends


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
    before: tuple[Char, PageCell | None] | None = None
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        table = next((i for i, ((x0, y0, x1, y1), _) in enumerate(boxes) if x0 <= x <= x1 and y0 <= y <= y1), None)
        index = finds[table].at(x, y) if table is not None else None
        cell = None
        if table is None or index is None:
            outside[sum(y > bounds[1] for bounds, _ in boxes)].append(char)
        else:
            inside[table].setdefault(index, []).append(char)
            cell = boxes[table][1][index]
        if before and before[1] is not cell and _is_one_number(before[0], char):
            # A number wider than its cell runs on into the next one: whose digits are whose cannot be told.
            for crossed in filter(None, (before[1], cell)):
                crossed.flags = ("unreadable",)
        before = char, cell
    for (_, cells), texts in zip(boxes, inside, strict=True):
        usual = _usual_size([char for own in texts.values() for char in own])
        for index, own in texts.items():
            _write(plumber, cells[index], [char for char in own if char["size"] <= _TOO_LARGE * usual])
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


def _write(plumber: ModuleType, cell: PageCell, chars: list[Char]) -> None:
    """Give a cell its text; a number that was broken for lack of room is one number, and flagged."""
    if not chars:
        return
    usual = _usual_size(chars)
    # 12 with a raised note 2 is not 122.
    marked = [
        {**char, "text": "^" + char["text"]} if char["text"].isdigit() and char["size"] < _RAISED * usual else char
        for char in chars
    ]
    cell.text = mend_radicals(str(plumber.utils.extract_text(marked)))
    if NAMELESS.search(cell.text):
        cell.flags = (*cell.flags, "unreadable")
    lines = cell.text.split("\n")
    if len(lines) > 1 and all(map(_DIGITS.fullmatch, lines)) and _is_full(cell, chars):
        cell.text, cell.flags = "".join(lines), (*cell.flags, "digits_joined")


def _is_full(cell: PageCell, chars: list[Char]) -> bool:
    """Whether no line but the last has room for one more character."""
    lines: list[list[Char]] = []
    for char in sorted(chars, key=lambda char: float(char["top"])):
        if lines and char["top"] - lines[-1][0]["top"] < char["size"] / 2:
            lines[-1].append(char)
        else:
            lines.append([char])
    room = cell.x1 - cell.x0 - _PADDING
    widest = max(float(char["width"]) for char in chars)
    return all(max(c["x1"] for c in line) - min(c["x0"] for c in line) + widest > room for line in lines[:-1])


def _usual_size(chars: list[Char]) -> float:
    sizes = Counter(round(float(char["size"]), 1) for char in chars)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _text(plumber: ModuleType, chars: list[Char]) -> list[str]:
    broken = _broken(plumber, chars)
    chars = [{**char, "text": f"{char['text']}{_BROKEN}"} if id(char) in broken else char for char in chars]
    text = mend_radicals(str(plumber.utils.extract_text(chars))) if chars else ""
    return [text] if text.strip() else []


def _broken(plumber: ModuleType, chars: list[Char]) -> set[int]:
    """The last characters, by identity, of numbers that may be halves: of two that stand close below one another.

    Without rules a number broken for lack of room looks like two. A line with a label and as many numbers as the line
    above is a row of its own.
    """
    found: set[int] = set()
    above: list[Char] = []
    for line in _lines(plumber.utils.extract_words(chars, return_chars=True)):
        numbers = [word for word in line if _DIGITS.fullmatch(word["text"])]
        is_row = len(numbers) < len(line) and len(numbers) >= len(above)
        halves = [] if is_row else [(upper, word) for word in numbers for upper in above if _is_below(upper, word)]
        found.update(id(word["chars"][-1]) for pair in halves for word in pair)
        above = numbers
    return found


def _lines(words: list[Char]) -> list[list[Char]]:
    """Words by the lines that they stand on, from top to bottom."""
    lines: list[list[Char]] = []
    for word in sorted(words, key=lambda word: float(word["bottom"])):
        if lines and word["bottom"] - lines[-1][0]["bottom"] < 0.5 * (word["bottom"] - word["top"]):
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines


def _is_below(upper: Char, lower: Char) -> bool:
    close = lower["top"] - upper["bottom"] < _LEADING * (lower["bottom"] - lower["top"])
    return bool(close and lower["x0"] < upper["x1"] and lower["x1"] > upper["x0"])
