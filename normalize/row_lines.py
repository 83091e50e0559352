"""Text without tables to raw tables of the forms 2014 and 2008: rows of a label, its unit and its figure.

They stand on one line or on several, parted by pipes, tabs or spaces. A row that lost a cell stays short, and so open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from normalize.annexes import FORM as ANNEX
from normalize.codebook import find_row
from normalize.model import RawCell, RawTable
from normalize.row_table import FEWEST_LABELS, is_stub, is_unit
from normalize.statistics import FORM as STATISTICS
from normalize.values import parse

_FORMS = (STATISTICS, ANNEX)
# A text without any of these holds no such table; most texts need not be looked at line by line.
_SIGNS = ("统计指标", "指标名称", "收到申请数", "申请办结数", "申请答复数", "申请总数")
_CELLS = re.compile(r"[|｜│┃\t]")
_BORDER = re.compile(r"^\s*[|｜│┃]|[|｜│┃]\s*$")
_LONGEST_LINE = 200
_LONGEST_ROW = 8


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


def rebuild_rows(text: str) -> list[tuple[RawTable, tuple[str, ...]]]:
    """The table of one figure a row that a text holds, for the form of which it prints most labels; else nothing."""
    if not any(sign in text for sign in _SIGNS):
        return []
    found = [_read(form, text.split("\n")) for form in _FORMS]
    best = max(found, key=lambda rows: len(rows.labels))
    if len(best.labels) < FEWEST_LABELS:
        return []
    rows = [[RawCell(cell) for cell in row] for row in best.rows]
    return [(RawTable(rows, loose=frozenset(range(len(rows)))), ())]


def _read(form: str, lines: list[str]) -> _Rows:
    rows = _Rows(form)
    for line in lines:
        if not line.strip():
            continue
        if len(line) > _LONGEST_LINE:
            # Prose: what stands behind it is no cell of the last row.
            rows.open, rows.waiting = False, ""
            continue
        for part in _parts(form, line):
            _take(rows, part)
    return rows


def _parts(form: str, line: str) -> list[str]:
    """The cells of a line; blank ones only where pipes or tabs show them."""
    if _CELLS.search(line):
        return [cell.strip() for cell in _CELLS.split(_BORDER.sub("", line))]
    if find_row(form, line) is not None:
        return [line.strip()]
    words = line.split()
    stop = len(words)
    while stop and _is_cell(words[stop - 1]):
        stop -= 1
    if any(is_stub(word) for word in words):
        return words
    return [*filter(None, ["".join(words[:stop])]), *words[stop:]]


def _take(rows: _Rows, part: str) -> None:
    if is_stub(part):
        rows.rows.append([part])
        rows.open = rows.header = True
        return
    text = next((text for text in (part, rows.waiting + part) if find_row(rows.form, text)), "")
    rows.waiting = ""
    if text:
        _start_row(rows, text)
    elif rows.open and (rows.header or _is_cell(part)) and len(rows.rows[-1]) < _LONGEST_ROW:
        rows.rows[-1].append(part)
    elif not (rows.open and len(rows.rows[-1]) == 1 and part[0] in "(（"):
        # A remark in brackets ends a label; anything else is no part of the row.
        rows.open, rows.waiting = False, part


def _start_row(rows: _Rows, text: str) -> None:
    label = find_row(rows.form, text)
    rows.rows.append([text])
    rows.open, rows.header = True, False
    rows.labels.update(label.codes if label and not label.fuzzy else ())


def _is_cell(part: str) -> bool:
    return not part or is_unit(part) or parse(part).status in ("reported", "not_applicable")
