"""Lines of text whose cells pipes or tabs keep apart: which of the pipes are a table's borders, which cells are blank.

A run is lines with cells that follow one another. Where all of its rows have as many cells, it is a table as it stands,
its columns known; where they have not, spans were lost, and only the labels tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PIPES = re.compile(r"[|｜│┃]")
_OPENS = re.compile(r"^\s*[|｜│┃]")
_CLOSES = re.compile(r"[|｜│┃]\s*$")
_DRAWN = frozenset(" \t\xa0\u3000|:+├┼┤┌┬┐└┴┘-─━═")
# A dash or two are a mark in a cell.
_MARK = re.compile(r"(?<![-─━═])[-─━═]{1,2}(?![-─━═])")
_CELL_TABS = re.compile(r"\S[^\S\t]*\t\s*\S")
# In a long run one line may stand out: the frame of the page, a remark.
_LONG_RUN = 10


def level(text: str) -> str:
    """The text without tabs where they indent or end lines and keep no two cells apart."""
    if "\t" not in text or any(_CELL_TABS.search(line) for line in text.split("\n")):
        return text
    return "\n".join(line.strip("\t") for line in text.split("\n"))


def is_rule(line: str) -> bool:
    """Whether a line only draws a border."""
    return not line.isspace() and line != "" and _DRAWN.issuperset(line) and _MARK.search(line) is None


def has_cells(line: str) -> bool:
    """Whether pipes or tabs keep cells of a line apart."""
    return "\t" in line or _PIPES.search(line) is not None


def runs(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines in order, those with cells that follow one another together, each other line alone."""
    run: list[str] = []
    for line in lines:
        if has_cells(line) or (run and is_rule(line)):
            run.append(line)
            continue
        if run:
            yield run
            run = []
        yield [line]
    if run:
        yield run


def split(run: list[str], is_head: Callable[[str], bool]) -> list[list[str]]:
    """The cells of each line of a run, none for a line that only draws a border.

    The first and the last pipe are borders where all lines have them; where some have not, a blank is beside them.
    ``is_head`` tells the cells of headers, which may lack the border that all rows have.
    """
    drawn = [line for line in run if _PIPES.search(line) and not is_rule(line)]
    rows = [line for line in drawn if not any(map(is_head, _PIPES.split(line)))]
    open_ended = sum(not _CLOSES.search(line) for line in rows or drawn)
    closed = open_ended == 0 or (open_ended == 1 and len(drawn) >= _LONG_RUN)
    opened = all(map(_OPENS.search, drawn))
    return [[] if is_rule(line) else _cells(line, opened=opened, closed=closed) for line in run]


def _cells(line: str, *, opened: bool, closed: bool) -> list[str]:
    if not _PIPES.search(line):
        return [cell.strip(" ") for cell in line.split("\t")]
    cells = _PIPES.split(line)
    if closed and not cells[-1].strip():
        cells.pop()
    if cells and not cells[0].strip() and (opened or not line[0].isspace()):
        cells.pop(0)
    return [cell.strip(" ") for cell in cells]


def is_table(rows: list[list[str]]) -> bool:
    """Whether rows of cells are a table as they stand."""
    widths = {len(row) for row in rows if row}
    return len(widths) == 1 and min(widths) > 1 and sum(map(bool, rows)) > 1
