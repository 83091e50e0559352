"""Text without tables to raw tables of the forms 2014 and 2008: rows of a label, its unit and its figure.

They stand on one line or on several, parted by pipes, tabs or spaces. A row that lost a cell stays short, and so open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from normalize.annexes import FORM as ANNEX
from normalize.bordered import has_cells, level, runs, split
from normalize.codebook import find_row
from normalize.model import NOT_READ, RawCell, RawTable
from normalize.row_table import FEWEST_LABELS, is_stub, is_unit
from normalize.statistics import FORM as STATISTICS
from normalize.values import parse

_FORMS = (STATISTICS, ANNEX)
# A text without any of these holds no such table; most texts need not be looked at line by line.
_SIGNS = ("统计指标", "指标名称", "收到申请数", "申请办结数", "申请答复数", "申请总数")
_LONGEST_LINE = 200
_LONGEST_ROW = 8
# From this share of rows before which a number one higher than before the last stands, these are the rows' numbers.
_NUMBERED = 0.8


@dataclass(slots=True)
class _Region:
    """What stands below one header: how many labels, how many cells behind them, how many numbers of no row."""

    labels: int = 0
    cells: int = 0
    numbers: int = 0

    def is_unread(self) -> bool:
        return not self.cells and max(self.labels, self.numbers) >= FEWEST_LABELS


@dataclass(slots=True)
class _Rows:
    """Rows while the lines are read; ``open`` while what follows may be a cell of the last one.

    ``waiting`` is a stretch of text that may be the first half of a label.
    """

    form: str
    rows: list[list[str]] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    open: bool = False
    header: bool = False
    waiting: str = ""
    regions: list[_Region] = field(default_factory=lambda: [_Region()])


def rebuild_rows(text: str) -> list[tuple[RawTable, tuple[str, ...]]]:
    """The table of one figure a row that a text holds, for the form of which it prints most labels; else nothing."""
    if not any(sign in text for sign in _SIGNS):
        return []
    found = [_read(form, level(text).split("\n")) for form in _FORMS]
    best = max(found, key=lambda rows: len(rows.labels))
    if len(best.labels) < FEWEST_LABELS:
        return []
    _drop_numbers(best.rows)
    rows = [[RawCell(cell) for cell in row] for row in best.rows]
    unread = [(RawTable([]), (NOT_READ,)) for region in best.regions if region.is_unread()]
    return [(RawTable(rows, loose=frozenset(range(len(rows)))), _doubts(best)), *unread]


def _doubts(rows: _Rows) -> tuple[str, ...]:
    """What is doubtful about all rows.

    Where most numbers stand behind no label, those that do may be others'. Without a header, a row that has fewer
    numbers than most has lost one of them.
    """
    if sum(region.numbers - region.cells for region in rows.regions if not region.is_unread()) > 0:
        return ("label_around",)
    if any(is_stub(row[0]) for row in rows.rows):
        return ()
    numbers = [sum(_is_number(cell) for cell in row[1:]) for row in rows.rows]
    return ("row_longer",) if 2 * sum(count > 1 for count in numbers) > len(numbers) else ()


def _read(form: str, lines: list[str]) -> _Rows:
    rows = _Rows(form)
    for run in runs(lines):
        celled = split(run, is_stub) if has_cells(run[0]) else [_parts(form, line) for line in run]
        for line, parts in zip(run, celled, strict=True):
            if len(line) > _LONGEST_LINE:
                # Prose: what stands behind it is no cell of the last row.
                rows.open, rows.waiting = False, ""
                continue
            for part in _unnumbered(form, parts):
                _take(rows, part)
    return rows


def _unnumbered(form: str, parts: list[str]) -> list[str]:
    """The cells of a line without the row's number before its label."""
    numbered = len(parts) > 1 and parts[0].isdecimal() and find_row(form, parts[1]) is not None
    return parts[1:] if numbered else parts


def _drop_numbers(rows: list[list[str]]) -> None:
    """Take the rows' numbers, each on a line before its label, off the rows before, where they were put."""
    last = [int(row[-1]) if len(row) > 1 and row[-1].isdecimal() else None for row in rows[:-1]]
    steps = sum(after == before + 1 for before, after in pairwise(last) if before is not None and after is not None)
    from_one = next((number for number in last if number is not None), 0) in (1, 2)
    if not from_one or steps < FEWEST_LABELS or steps < _NUMBERED * (len(last) - 1):
        return
    if len(rows[-1]) >= max(map(len, rows)):
        # No number follows the last row: one as long as the others holds figures only.
        return
    for row, number in zip(rows, last, strict=False):
        if number is not None:
            row.pop()


def _parts(form: str, line: str) -> list[str]:
    """The cells of a line without pipes or tabs."""
    if not line.strip() or len(line) > _LONGEST_LINE:
        return []
    if find_row(form, line) is not None:
        return [line.strip()]
    words = line.split()
    stop = len(words)
    while stop and _is_cell(words[stop - 1]):
        stop -= 1
    if any(is_stub(word) for word in words):
        return words
    if stop > 1 and words[0].isdecimal() and find_row(form, "".join(words[1:stop])):
        words, stop = words[1:], stop - 1
    return [*filter(None, ["".join(words[:stop])]), *words[stop:]]


def _take(rows: _Rows, part: str) -> None:
    if is_stub(part):
        rows.rows.append([part])
        rows.regions.append(_Region())
        rows.open = rows.header = True
        return
    region = rows.regions[-1]
    text = next((text for text in (part, rows.waiting + part) if find_row(rows.form, text)), "")
    rows.waiting = ""
    if text:
        region.labels += 1
        _start_row(rows, text)
    elif rows.open and (rows.header or _is_cell(part)) and len(rows.rows[-1]) < _LONGEST_ROW:
        region.cells += not rows.header and _is_number(part)
        rows.rows[-1].append(part)
    elif not (rows.open and len(rows.rows[-1]) == 1 and part[0] in "(（"):
        # A remark in brackets ends a label; anything else is no part of the row.
        rows.open, rows.waiting = False, part
        region.numbers += _is_number(part)


def _start_row(rows: _Rows, text: str) -> None:
    label = find_row(rows.form, text)
    rows.rows.append([text])
    rows.open, rows.header = True, False
    rows.labels.update(label.codes if label and not label.fuzzy else ())


def _is_number(part: str) -> bool:
    return parse(part).status == "reported"


def _is_cell(part: str) -> bool:
    return not part or is_unit(part) or parse(part).status in ("reported", "not_applicable")
