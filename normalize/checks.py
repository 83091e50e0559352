"""The identities of ``data/codebook/checks.csv``, evaluated on one report: a check makes rows and changes no value.

A side of a check is terms joined by `` + `` or `` - ``: an indicator, a number, or ``prefix.*`` for all indicators of
the form that begin so, each with ``@applicant`` where the check's axis does not supply it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import count
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple, cast

from normalize import codebook
from normalize.model import Check, Figure, Leftover, Narrative, Result, Severity
from normalize.row_table import HEADING_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from normalize.codebook import CheckRule

_TERM = re.compile(r"\s*([+-])\s+")
_TOLERANCE = 1e-6
_MANY_ITEMS = 5_000
_AS_ZERO = frozenset({"blank", "not_applicable"})
# The check that compares the report years of a document's parts.
SAME_YEAR = "P-11"

# Indicator and applicant by a number of their own, which is looked up more quickly.
Cell = int
_NUMBERS: defaultdict[tuple[str, str], Cell] = defaultdict(count().__next__)
# A term that is a cell: its sign, the cell, and its name.
Term = tuple[int, Cell, str]
# What a check comes to: result, left, right, and the cells that were used.
Outcome = tuple[Result, float | None, float | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Terms:
    """One side of a check; ``number`` is the sum of its plain numbers.

    ``total`` gives the sum where every cell has a number, and raises KeyError where one has none.
    """

    terms: tuple[Term, ...]
    number: float
    has_number: bool
    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    total: Callable[[dict[Cell, float]], float]


@dataclass(frozen=True, slots=True)
class _Instance:
    """One check on one applicant or row: both sides as terms."""

    rule: CheckRule
    severity: Severity
    operation: Callable[[_Instance, _Cells], Outcome]
    applicant: str
    left: _Terms
    right: _Terms
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Cells:
    """The figures of a report by cell, and the numbers of those that are ``reported``.

    ``odd`` are those whose number is no plain count: it has a unit, a sign or a fraction.
    """

    figures: dict[Cell, Figure]
    values: dict[Cell, float]
    odd: set[Cell]
    prose: dict[str, list[Narrative]]
    heading_numbers: int
    years: dict[str, int]


def run_checks(
    form: str,
    figures: Iterable[Figure],
    body_level: str,
    *,
    narrative: Iterable[Narrative] = (),
    leftovers: Iterable[Leftover] = (),
    years: dict[str, int] | None = None,
) -> list[Check]:
    """Evaluate every check of a form on a report's figures, one row per check and applicant or row of table three.

    A blank stands for 0 only where the check holds then, and is named so in ``cells``; with any other cell without a
    number the result is ``not_evaluable`` (reference: the forms' own words, see the ``origin`` of each check).
    ``narrative`` is what the prose states, ``leftovers`` what stands in the tables outside the form's cells, ``years``
    the report years that the document's parts name.
    """
    by_cell: dict[Cell, Figure] = {}
    values: dict[Cell, float] = {}
    odd: set[Cell] = set()
    for figure in figures:
        cell = _NUMBERS[figure.indicator, figure.applicant]
        by_cell[cell] = figure
        if figure.status == "reported" and (value := figure.value) is not None:
            values[cell] = value
            if figure.unit or value < 0 or value % 1:
                odd.add(cell)
    heading_numbers = sum(leftover.reason == HEADING_NUMBER for leftover in leftovers)
    cells = _Cells(by_cell, values, odd, _stated(form, narrative), heading_numbers, years or {})
    single_row = any(
        cell in by_cell and by_cell[cell].status != "missing"
        for cell in (_NUMBERS["apply.result.other", applicant] for applicant in codebook.applicant_codes())
    )
    found: list[Check] = []
    for instance in _instances(form, single_row and form == "2021"):
        rule = instance.rule
        if rule.check == "S2-1" and body_level in ("province", "city"):
            continue
        result, left, right, used = instance.operation(instance, cells)
        difference = None if left is None or right is None else left - right
        if difference and difference % 1:
            difference = round(difference, 6)
        found.append(Check(rule.check, instance.applicant, instance.severity, result, left, right, difference, used))
    return found


def _stated(form: str, narrative: Iterable[Narrative]) -> dict[str, list[Narrative]]:
    """The exact figures of the year that the prose states, by the name of the statement."""
    found: dict[str, list[Narrative]] = {}
    for each in narrative:
        exact = not (each.cumulative or each.approximate or each.unit.startswith(("万", "亿")))
        name = codebook.statement_names(form).get(each.indicator)
        if exact and name:
            found.setdefault(name, []).append(each)
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
        severity, operation = cast("Severity", rule.severity), _OPERATIONS[rule.op]
        left, right = rule.left, rule.right
        if single_row and rule.check == "S3-2":
            right = right.replace("apply.result.other.*", "apply.result.other")
        for applicant, row in _axis(rule, form):
            sides = [
                _terms(side.replace("{row}", row), form, applicant if rule.axis == "applicant" else "")
                for side in (left, right)
            ]
            found.append(
                _Instance(rule, severity, operation, applicant, sides[0], sides[1], sides[0].names + sides[1].names)
            )
    return tuple(found)


def _axis(rule: CheckRule, form: str) -> list[tuple[str, str]]:
    if rule.axis == "applicant":
        return [(applicant, "") for applicant in codebook.applicant_codes()]
    if rule.axis == "row":
        return [("total", indicator.code) for indicator in codebook.form_indicators(form, "3")]
    return [("", "")]


def _terms(text: str, form: str, applicant: str) -> _Terms:
    parts = ["+", *_TERM.split(text)] if text else []
    terms: list[Term] = []
    number, has_number = 0.0, False
    for sign, word in zip(parts[::2], parts[1::2], strict=True):
        factor = 1 if sign == "+" else -1
        if re.fullmatch(r"\d+(\.\d+)?", word):
            number += factor * float(word)
            has_number = True
        else:
            terms.extend((factor, _NUMBERS[cell], _name(*cell)) for cell in _named(word, form, applicant))
    return _Terms(
        tuple(terms),
        number,
        has_number,
        tuple(name for _, _, name in terms),
        tuple(cell for _, cell, _ in terms),
        _total(terms, number),
    )


def _total(terms: list[Term], number: float) -> Callable[[dict[Cell, float]], float]:
    """What adds up terms that all have a number."""
    added = [cell for factor, cell, _ in terms if factor > 0]
    taken = [cell for factor, cell, _ in terms if factor < 0]
    if len(added) == 1 and not taken and not number:
        return itemgetter(added[0])

    def total(values: dict[Cell, float]) -> float:
        found = sum(map(values.__getitem__, added), number)
        return found - sum(map(values.__getitem__, taken)) if taken else found

    return total


def _name(indicator: str, applicant: str) -> str:
    return f"{indicator}@{applicant}" if applicant else indicator


def _named(word: str, form: str, applicant: str) -> list[tuple[str, str]]:
    code, _, own = word.partition("@")
    if not code.endswith(".*"):
        return [(code, own or applicant)]
    cells = [cell for cell in codebook.form_cells(form) if cell[0].startswith(code[:-1])]
    return [cell for cell in cells if cell[1] == (own or applicant)] if own or applicant else cells


# Evaluation --------------------------------------------------------------------------------------------------------


class _Side(NamedTuple):
    """One side's sum; ``blanks`` counts cells taken as 0, ``known`` is False where a cell has no number at all."""

    total: float
    blanks: int
    known: bool
    all_blank: bool


def _sum(side: _Terms, cells: _Cells, used: list[str]) -> _Side:
    """One side's sum where some cells may have no number."""
    values = cells.values
    total, blanks, known = side.number, 0, True
    for sign, cell, name in side.terms:
        value = values.get(cell)
        if value is not None:
            total += value if sign > 0 else -value
            used.append(name)
            continue
        figure = cells.figures.get(cell)
        status = figure.status if figure else "missing"
        used.append(f"{name}={status}")
        if status in _AS_ZERO:
            blanks += 1
        else:
            known = False
    return _Side(total, blanks, known, blanks == len(side.terms) and not side.has_number)


def _compare(holds: Callable[[float, float], bool]) -> Callable[[_Instance, _Cells], Outcome]:
    def operation(instance: _Instance, cells: _Cells) -> Outcome:
        try:
            left, right = instance.left.total(cells.values), instance.right.total(cells.values)
        except KeyError:
            return _compare_with_gaps(instance, cells, holds)
        return ("pass" if holds(left, right) else "fail"), left, right, instance.names

    return operation


def _compare_with_gaps(instance: _Instance, cells: _Cells, holds: Callable[[float, float], bool]) -> Outcome:
    used: list[str] = []
    left, right = _sum(instance.left, cells, used), _sum(instance.right, cells, used)
    if not (left.known and right.known):
        return "not_evaluable", None, None, tuple(used)
    if not holds(left.total, right.total):
        return "not_evaluable", left.total, right.total, tuple(used)
    if left.all_blank and right.all_blank:
        return "not_evaluable", None, None, tuple(used)
    return "pass", left.total, right.total, tuple(used)


def _each(
    is_bad: Callable[[Figure], bool], among: Callable[[_Cells], Container[Cell]]
) -> Callable[[_Instance, _Cells], Outcome]:
    """A rule on single cells, which only some can break: the left side counts the cells that do, and names them."""

    def operation(instance: _Instance, cells: _Cells) -> Outcome:
        if cells.values.keys().isdisjoint(instance.left.cells):
            return "not_evaluable", None, None, ()
        suspects = among(cells)
        figures = [cells.figures[cell] for cell in instance.left.cells if cell in suspects]
        bad = tuple(_name(figure.indicator, figure.applicant) for figure in figures if is_bad(figure))
        return ("fail" if bad else "pass"), float(len(bad)), 0.0, bad

    return operation


def _all_zero_if(instance: _Instance, cells: _Cells) -> Outcome:
    used: list[str] = []
    condition = _sum(instance.right, cells, used)
    if not condition.known or condition.blanks or condition.total:
        return "not_evaluable", None, None, tuple(used)
    result, left, right, bad = _NOT_ZERO(instance, cells)
    return result, left, right, (*used, *bad)


def _items_misfiled(instance: _Instance, cells: _Cells) -> Outcome:
    """Cases counted as items: last year's items and the change equal this year's decisions, or are too many."""
    used: list[str] = []
    left, right = _sum(instance.left, cells, used), _sum(instance.right, cells, used)
    if not (left.known and right.known) or left.blanks or right.blanks:
        return "not_evaluable", None, None, tuple(used)
    misfiled = cells.values[instance.left.cells[0]] > _MANY_ITEMS or (left.total == right.total != 0)
    return ("fail" if misfiled else "pass"), left.total, right.total, tuple(used)


def _prose(*, some: bool) -> Callable[[_Instance, _Cells], Outcome]:
    """What the prose states, by the name on the right, is the sum on the left; or its first term alone, if ``some``."""

    def operation(instance: _Instance, cells: _Cells) -> Outcome:
        used: list[str] = []
        left = _sum(instance.left, cells, used)
        stated = cells.prose.get(instance.rule.right, [])
        if not stated or not left.known or left.all_blank:
            return "not_evaluable", None, None, tuple(used)
        first = cells.values.get(instance.left.cells[0])
        accepted = (left.total, first) if some else (left.total,)
        other = next((each for each in stated if each.value not in accepted), None)
        shown = other or stated[0]
        used.append(f"text:{shown.section}:{shown.start}")
        if other is None:
            return "pass", shown.value, shown.value, tuple(used)
        return ("not_evaluable" if left.blanks else "fail"), left.total, shown.value, tuple(used)

    return operation


def _no_number(_: _Instance, cells: _Cells) -> Outcome:
    """The headings of form 2014 hold no number."""
    if not cells.values:
        return "not_evaluable", None, None, ()
    return ("fail" if cells.heading_numbers else "pass"), float(cells.heading_numbers), 0.0, ()


def _same_year(_: _Instance, cells: _Cells) -> Outcome:
    """The parts of a document name one report year: left the first, right the first that differs from it."""
    if len(cells.years) < 2:
        return "not_evaluable", None, None, ()
    used = tuple(f"{part}:{year}" for part, year in cells.years.items())
    first, *others = cells.years.values()
    other = next((year for year in others if year != first), first)
    return ("pass" if other == first else "fail"), float(first), float(other), used


def _is_not_whole(figure: Figure) -> bool:
    return figure.value is None or figure.value % 1 != 0 or figure.unit != ""


def _is_not_count(figure: Figure) -> bool:
    return figure.value is None or figure.value < 0 or figure.value % 1 != 0 or figure.unit != ""


def _is_negative(figure: Figure) -> bool:
    return figure.value is not None and figure.value < 0


def _is_not_zero(figure: Figure) -> bool:
    return figure.value != 0


_ODD = attrgetter("odd")
_NOT_ZERO = _each(_is_not_zero, attrgetter("values"))
_OPERATIONS: dict[str, Callable[[_Instance, _Cells], Outcome]] = {
    "=": _compare(lambda left, right: abs(left - right) < _TOLERANCE),
    "<=": _compare(lambda left, right: left <= right + _TOLERANCE),
    ">=": _compare(lambda left, right: left >= right - _TOLERANCE),
    "integer": _each(_is_not_count, _ODD),
    "signed_integer": _each(_is_not_whole, _ODD),
    "decimal": _each(_is_negative, _ODD),
    "zero_or_blank": _NOT_ZERO,
    "all_zero_if": _all_zero_if,
    "items_misfiled": _items_misfiled,
    "prose": _prose(some=False),
    "prose_some": _prose(some=True),
    "no_number": _no_number,
    "same_year": _same_year,
}
