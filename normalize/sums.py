"""Sums that blank cells leave open: where a blank cannot be a 0, a number may stand beside its own cell."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from normalize import codebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from normalize.model import Check, Figure

OPEN = "sum_open"
_BLANK = ("=blank", "=not_applicable")
_TOTAL = "total"
# The row of table three that sums up each applicant's results, and the check of it.
_SUMS = "apply.result.total"
_BY_COLUMN = "S3-2"
_TABLE_FOUR = "S4-"
# So many numbers make a sum, and so many rows a table.
_FEWEST = 2


def doubt_sums(figures: list[Figure], checks: Iterable[Check]) -> list[Figure]:
    """The figures, with a flag on the cells of each sum that does not hold with its blanks as 0.

    A side of which every cell is blank was not filled in, and says nothing of the other. Where in every row of table
    three the total is blank and the number before it is as large as all others together, the table was pushed aside.
    """
    unproven = [check for check in checks if check.result == "not_evaluable" and check.left is not None]
    if not unproven:
        return figures
    filled = any(f.indicator == _SUMS and f.applicant != _TOTAL and f.value for f in figures)
    doubtful = {name.partition("=")[0] for check in unproven if _is_open(check, filled=filled) for name in check.cells}
    if _is_pushed(figures):
        doubtful |= {_name(figure) for figure in figures if figure.applicant}
    if not doubtful:
        return figures
    return [
        figure
        if figure.status == "missing" or _name(figure) not in doubtful
        else replace(figure, flags=(*figure.flags, OPEN))
        for figure in figures
    ]


def _name(figure: Figure) -> str:
    return f"{figure.indicator}@{figure.applicant}" if figure.applicant else figure.indicator


def _is_open(check: Check, *, filled: bool) -> bool:
    """Whether no side was left out; ``filled``: table three gives the sums of applicants, so a blank one is 0."""
    if check.severity != "hard" or not (terms := _left_terms().get(check.check, 0)):
        return False
    if check.check == _BY_COLUMN and check.applicant != _TOTAL and filled:
        return True
    left, right = check.cells[:terms], check.cells[terms:]
    if _all_blank(left):
        # In a row of fifteen cells one blank among numbers is rather a lost one than a total not filled in.
        return check.check.startswith(_TABLE_FOUR) and not any(name.endswith(_BLANK) for name in right)
    return not _all_blank(right)


def _all_blank(names: Sequence[str]) -> bool:
    return all(name.endswith(_BLANK) for name in names)


@cache
def _left_terms() -> dict[str, int]:
    """How many cells stand on the left of each check that is an equation."""
    return {rule.check: rule.left.count(" + ") + 1 for rule in codebook.check_rules() if rule.op == "="}


def _is_pushed(figures: list[Figure]) -> bool:
    """Whether in all rows of several numbers the total is blank, and what stands before it makes up for the others."""
    sums: list[bool] = []
    for _, row in groupby(figures, attrgetter("indicator")):
        *parts, total = row
        values = [figure.value or 0.0 for figure in parts]
        if total.applicant != _TOTAL or sum(map(bool, values)) < _FEWEST:
            continue
        if total.status != "blank" or values[-1] < sum(values[:-1]):
            return False
        sums.append(values[-1] == sum(values[:-1]))
    return len(sums) > _FEWEST or (len(sums) == _FEWEST and all(sums))
