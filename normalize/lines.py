"""Rows of table three as the text layer of a PDF prints them: which line is which row.

A line holds the seven values of a row; its label stands on the line itself, or is broken over the lines around it,
mixed with the vertical labels of the groups. The rows keep the form's order, and a row is taken only where most of its
label's characters stand around its line.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from normalize import codebook
from normalize.codebook import find_label
from normalize.fold import key_of

_ACCEPT = 0.75
_OWN_LINE = 2.0
_MARGIN = 0.2
_SHORT = 6
_OLDER, _NEWER = "apply.result.other", "apply.result.other.no_correction"


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One line of seven values: the words on it, its values, and how many fragments of text came before it."""

    words: str
    values: list[str]
    after: int


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A printed row with the form's label; ``around`` where that label stood only on the lines about it."""

    label: str
    values: list[str]
    around: bool


def place_rows(printed: list[PrintedRow], fragments: list[str]) -> list[PlacedRow]:
    """The printed rows that could be told, in the form's order.

    The assignment keeps the order of both and explains most labels; a line that no label explains stays out.
    """
    if not printed:
        return []
    rows = _rows("".join([*fragments, *(row.words for row in printed)]))
    scores = [[_score(text, own, row.code) for row in rows] for text, own in _windows(printed, fragments)]
    return [
        PlacedRow(rows[row].row_label, printed[line].values, scores[line][row] < _OWN_LINE)
        for line, row in _best_path(scores)
    ]


def _rows(text: str) -> list[codebook.Indicator]:
    """The rows that a text can hold: one that prints the newer three rows of a group has not the older single one."""
    newer = any(key in key_of(text) for key in codebook.row3_keys(_NEWER))
    return [row for row in codebook.table3_rows() if not (newer and row.code == _OLDER)]


def _windows(printed: list[PrintedRow], fragments: list[str]) -> list[tuple[str, str]]:
    """For each line the folded text around it, from the line before to the line after, and its own words."""
    found = []
    for index, row in enumerate(printed):
        before = fragments[printed[index - 1].after if index else max(0, row.after - 8) : row.after]
        after = fragments[row.after : printed[index + 1].after if index + 1 < len(printed) else row.after + 3]
        # A neighbour's own words count as well: a label may begin on the line of a group's last row.
        text = "".join((*before, row.words, *after))
        found.append((key_of(text), row.words))
    return found


def _score(text: str, own: str, code: str) -> float:
    label = find_label(own) if own else None
    if label is not None and (
        label.code == code
        or (label.kind, code) in (("other", "apply.result.other.misc"), ("total", "apply.result.total"))
    ):
        return _OWN_LINE
    words = key_of(own)
    share = max((_share(key, near) for key in codebook.row3_keys(code) for near in (text, words)), default=0.0)
    return share if share >= _ACCEPT else 0.0


def _share(key: str, text: str) -> float:
    """How much of a label stands in a text, in order; a short label must stand there unbroken."""
    if len(key) <= _SHORT:
        return float(key in text)
    return LCSseq.similarity(key, text) / len(key)


def _best_path(scores: list[list[float]]) -> list[tuple[int, int]]:
    """The pairs of line and row with the greatest sum of scores, both in rising order.

    A pair is kept only where every other row for that line would make the sum clearly smaller.
    """
    lines, rows = len(scores), len(scores[0])
    ahead = _sums(scores)
    behind = _sums([row[::-1] for row in scores[::-1]])
    pairs = []
    for line in range(lines):
        totals = [
            scores[line][row] and behind[lines - line][rows - row] + scores[line][row] + ahead[line + 1][row + 1]
            for row in range(rows)
        ]
        best = max(range(rows), key=totals.__getitem__)
        others = max((total for row, total in enumerate(totals) if row != best), default=0.0)
        skipped = max(behind[lines - line][rows - row] + ahead[line + 1][row] for row in range(rows + 1))
        if totals[best] >= max(others, skipped) + _MARGIN:
            pairs.append((line, best))
    return pairs


def _sums(scores: list[list[float]]) -> list[list[float]]:
    """For each corner the greatest sum of scores that the lines and rows from there on allow."""
    lines, rows = len(scores), len(scores[0])
    best = [[0.0] * (rows + 1) for _ in range(lines + 1)]
    for line in range(lines - 1, -1, -1):
        for row in range(rows - 1, -1, -1):
            score = scores[line][row]
            taken = score + best[line + 1][row + 1] if score else 0.0
            best[line][row] = max(taken, best[line + 1][row], best[line][row + 1])
    return best
