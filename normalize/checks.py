"""The identities of ``data/codebook/checks.csv``, evaluated on one report: a check makes rows and changes no value.

A side of a check is terms joined by `` + `` or `` - ``: an indicator, a number, or ``prefix.*`` for all indicators of
the form that begin so, each with ``@applicant`` where the check's axis does not supply it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

from normalize import codebook
from normalize.model import Check, Figure, Result, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from normalize.codebook import CheckRule

_TERM = re.compile(r"\s*([+-])\s+")
_TOLERANCE = 1e-6
_MANY_ITEMS = 5_000

Cell = tuple[str, str]
Cells = dict[Cell, Figure]
# A term that is taken: its sign, and its cell, or its number.
Term = tuple[int, Cell | None, float]


@dataclass(frozen=True, slots=True)
class _Instance:
    """One check on one applicant or row: both sides as terms."""

    rule: CheckRule
    applicant: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]


def run_checks(form: str, figures: Iterable[Figure], body_level: str) -> list[Check]:
    """Evaluate every check of a form on a report's figures, one row per check and applicant or row of table three.

    A blank stands for 0 only where the check holds then, and is named so in ``cells``; with any other cell without a
    number the result is ``not_evaluable`` (reference: the forms' own words, see the ``origin`` of each check).
    """
    cells = {(figure.indicator, figure.applicant): figure for figure in figures}
    single_row = any(code == "apply.result.other" and figure.status != "missing" for (code, _), figure in cells.items())
    found: list[Check] = []
    for instance in _instances(form, single_row and form == "2021"):
        if instance.rule.check == "S2-1" and body_level in ("province", "city"):
            continue
        found.append(_evaluate(instance, cells))
    return found


@cache
def _instances(form: str, single_row: bool) -> tuple[_Instance, ...]:
    """All checks of a form, their wildcards and axes spelled out.

    ``single_row``: a report of form 2021 that kept the older single row （六）其他处理 in the place of three.
    """
    found: list[_Instance] = []
    for rule in codebook.check_rules():
        if rule.level != "report" or form not in rule.forms or rule.op not in _OPERATIONS:
            continue
        left, right = rule.left, rule.right
        if single_row and rule.check == "S3-2":
            right = right.replace("apply.result.other.*", "apply.result.other")
        for applicant, row in _axis(rule, form):
            sides = [
                _terms(side.replace("{row}", row), form, applicant if rule.axis == "applicant" else "")
                for side in (left, right)
            ]
            found.append(_Instance(rule, applicant, sides[0], sides[1]))
    return tuple(found)


def _axis(rule: CheckRule, form: str) -> list[tuple[str, str]]:
    if rule.axis == "applicant":
        return [(applicant, "") for applicant in codebook.applicant_codes()]
    if rule.axis == "row":
        return [("total", indicator.code) for indicator in codebook.form_indicators(form, "3")]
    return [("", "")]


def _terms(text: str, form: str, applicant: str) -> tuple[Term, ...]:
    if not text:
        return ()
    parts = ["+", *_TERM.split(text)]
    terms: list[Term] = []
    for sign, word in zip(parts[::2], parts[1::2], strict=True):
        factor = 1 if sign == "+" else -1
        if re.fullmatch(r"\d+(\.\d+)?", word):
            terms.append((factor, None, float(word)))
        else:
            terms.extend((factor, cell, 0.0) for cell in _named(word, form, applicant))
    return tuple(terms)


def _named(word: str, form: str, applicant: str) -> list[Cell]:
    code, _, own = word.partition("@")
    if not code.endswith(".*"):
        return [(code, own or applicant)]
    cells = [cell for cell in codebook.form_cells(form) if cell[0].startswith(code[:-1])]
    return [cell for cell in cells if cell[1] == (own or applicant)] if own or applicant else cells


# Evaluation --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Side:
    """One side's sum; ``blanks`` counts cells taken as 0, ``known`` is False where a cell has no number at all."""

    total: float = 0.0
    blanks: int = 0
    known: bool = True


def _sum(terms: tuple[Term, ...], cells: Cells, used: list[str]) -> _Side:
    side = _Side()
    for sign, cell, number in terms:
        if cell is None:
            side.total += sign * number
            continue
        figure = cells.get(cell)
        name = f"{cell[0]}@{cell[1]}" if cell[1] else cell[0]
        if figure is not None and figure.status == "reported" and figure.value is not None:
            side.total += sign * figure.value
            used.append(name)
        elif figure is not None and figure.status in ("blank", "not_applicable"):
            side.blanks += 1
            used.append(f"{name}={figure.status}")
        else:
            side.known = False
            used.append(f"{name}={figure.status if figure else 'missing'}")
    return side


def _evaluate(instance: _Instance, cells: Cells) -> Check:
    used: list[str] = []
    result, left, right = _OPERATIONS[instance.rule.op](instance, cells, used)
    difference = None if left is None or right is None else round(left - right, 6)
    rule = instance.rule
    return Check(
        rule.check, instance.applicant, cast("Severity", rule.severity), result, left, right, difference, tuple(used)
    )


Outcome = tuple[Result, float | None, float | None]


def _compare(holds: Callable[[float, float], bool]) -> Callable[[_Instance, Cells, list[str]], Outcome]:
    def operation(instance: _Instance, cells: Cells, used: list[str]) -> Outcome:
        left, right = _sum(instance.left, cells, used), _sum(instance.right, cells, used)
        if not (left.known and right.known):
            return "not_evaluable", None, None
        if holds(left.total, right.total):
            all_blank = left.blanks == len(instance.left) and right.blanks == len(instance.right)
            return ("not_evaluable", None, None) if all_blank else ("pass", left.total, right.total)
        return ("not_evaluable" if left.blanks or right.blanks else "fail"), left.total, right.total

    return operation


def _each(is_bad: Callable[[Figure], bool]) -> Callable[[_Instance, Cells, list[str]], Outcome]:
    """A rule on single cells: the left side counts the cells that break it, ``used`` names them."""

    def operation(instance: _Instance, cells: Cells, used: list[str]) -> Outcome:
        figures = [cells[cell] for _, cell, _ in instance.left if cell in cells]
        given = [figure for figure in figures if figure.status == "reported"]
        if not given:
            return "not_evaluable", None, None
        bad = [figure for figure in given if is_bad(figure)]
        used.extend(
            f"{figure.indicator}@{figure.applicant}" if figure.applicant else figure.indicator for figure in bad
        )
        return ("fail" if bad else "pass"), float(len(bad)), 0.0

    return operation


def _all_zero_if(instance: _Instance, cells: Cells, used: list[str]) -> Outcome:
    condition = _sum(instance.right, cells, used)
    if not condition.known or condition.blanks or condition.total:
        return "not_evaluable", None, None
    return _each(lambda figure: bool(figure.value))(instance, cells, used)


def _items_misfiled(instance: _Instance, cells: Cells, used: list[str]) -> Outcome:
    """Cases counted as items: last year's items and the change equal this year's decisions, or are too many."""
    left, right = _sum(instance.left, cells, used), _sum(instance.right, cells, used)
    if not (left.known and right.known) or left.blanks or right.blanks:
        return "not_evaluable", None, None
    items = cells[cast("Cell", instance.left[0][1])].value or 0.0
    misfiled = items > _MANY_ITEMS or (left.total == right.total != 0)
    return ("fail" if misfiled else "pass"), left.total, right.total


def _is_whole(figure: Figure) -> bool:
    return figure.value is not None and float(figure.value).is_integer() and not figure.unit


_OPERATIONS: dict[str, Callable[[_Instance, Cells, list[str]], Outcome]] = {
    "=": _compare(lambda left, right: abs(left - right) < _TOLERANCE),
    "<=": _compare(lambda left, right: left <= right + _TOLERANCE),
    ">=": _compare(lambda left, right: left >= right - _TOLERANCE),
    "integer": _each(lambda figure: not _is_whole(figure) or (figure.value or 0.0) < 0),
    "signed_integer": _each(lambda figure: not _is_whole(figure)),
    "decimal": _each(lambda figure: (figure.value or 0.0) < 0),
    "zero_or_blank": _each(lambda figure: bool(figure.value)),
    "all_zero_if": _all_zero_if,
    "items_misfiled": _items_misfiled,
}
