"""Harmonised series: crosswalk expressions evaluated on one report, a value and a flag each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from normalize.codebook import FOLDER, CodebookError, read_table
from normalize.schema import panel_table, report_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from normalize.model import Figure
    from normalize.schema import Table

CROSSWALK = FOLDER / "crosswalk.csv"
FORMS = ("2008", "2014", "2019", "2021")
OUTSIDE_FORM = "not_in_form"
FLAGGED = "flagged_operand"

_TERM = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*(\.\*)?(@[a-z_.]+)?")
_SIGNS = {"+": 1, "-": -1}

FigureKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Term:
    """One operand: ``sign`` is 1 or -1; ``code`` an indicator, or a prefix with ``.*`` for all indicators under it."""

    sign: int
    code: str
    applicant: str


@dataclass(frozen=True, slots=True)
class Series:
    """One harmonised series; ``terms`` maps a form to what the series adds up there.

    ``break_form`` is the form from which on something else is counted than before, or empty; ``note`` says what.
    """

    name: str
    label: str
    label_en: str
    terms: Mapping[str, tuple[Term, ...]]
    break_form: str = ""
    note: str = ""

    @property
    def column(self) -> str:
        """The series' column in the panel."""
        return self.name.replace(".", "_")


def parse_terms(expression: str) -> tuple[Term, ...]:
    """The operands of an expression such as ``a.b@total + c.*@total - d``; ValueError where it is none."""
    words = ["+", *expression.split(" ")]
    signs, operands = words[::2], words[1::2]
    whole = len(signs) == len(operands) and all(map(_TERM.fullmatch, operands)) and _SIGNS.keys() >= set(signs)
    if not whole:
        raise ValueError(f"{expression!r} is no expression of indicator codes joined by ' + ' or ' - '")
    terms: list[Term] = []
    for sign, operand in zip(signs, operands, strict=True):
        code, _, applicant = operand.partition("@")
        terms.append(Term(_SIGNS[sign], code, applicant))
    return tuple(terms)


def read_series(path: Path = CROSSWALK) -> tuple[Series, ...]:
    """The series of the crosswalk in its order.

    Raises CodebookError, naming file and line, where the file cannot be read or an expression is none.
    """
    return tuple(_series(row, path, line) for line, row in enumerate(read_table(path), 2))


@cache
def read_expressions(path: Path = CROSSWALK) -> dict[str, dict[str, str]]:
    """What each series adds up in each form, as the crosswalk writes it."""
    return {row["series"]: {form: row[f"form_{form}"] for form in FORMS} for row in read_table(path)}


@cache
def all_series() -> tuple[Series, ...]:
    """The series of the codebook, read once."""
    return read_series()


@cache
def tables() -> tuple[Table, ...]:
    """The tables filled from reports, the panel with the codebook's series among them."""
    return report_tables(panel_table((each.column, each.label, each.label_en) for each in all_series()))


def _series(row: Mapping[str, str], path: Path, line: int) -> Series:
    try:
        terms = {form: parse_terms(row[f"form_{form}"]) for form in FORMS if row[f"form_{form}"]}
        return Series(row["series"], row["label"], row["label_en"], terms, row["break_form"], row["note"])
    except (KeyError, ValueError) as error:
        raise CodebookError(f"{path}, line {line}: {error}; correct the crosswalk") from error


def evaluate(series: Series, form: str, figures: Mapping[FigureKey, Figure]) -> tuple[float | None, str]:
    """The value of a series in one report, and why it is empty or doubtful.

    There is a value only where every operand is ``reported``: a blank is not zero. The flag names what stands in the
    way (``blank_operand``, ``missing_operand`` ...), says ``flagged_operand`` where a counted figure carries a flag,
    and ``not_in_form`` where the form has no such series.
    """
    terms = series.terms.get(form)
    if not terms:
        return None, OUTSIDE_FORM
    total = 0.0
    flags: set[str] = set()
    for term in terms:
        for figure in _operands(term, figures):
            if figure is None or figure.status != "reported" or figure.value is None:
                flags.add(f"{figure.status if figure else 'missing'}_operand")
                continue
            total += term.sign * figure.value
            if figure.flags:
                flags.add(FLAGGED)
    return (None if flags - {FLAGGED} else total), " ".join(sorted(flags))


def panel_values(figures: Sequence[Figure], form: str, series: Iterable[Series]) -> list[float | str | None]:
    """Value and flag of each series in turn, as the panel's columns stand."""
    by_key = {(figure.indicator, figure.applicant): figure for figure in figures}
    cells: list[float | str | None] = []
    for each in series:
        cells.extend(evaluate(each, form, by_key))
    return cells


def _operands(term: Term, figures: Mapping[FigureKey, Figure]) -> list[Figure | None]:
    if not term.code.endswith(".*"):
        return [figures.get((term.code, term.applicant))]
    prefix = term.code[:-1]
    found = [figure for (code, who), figure in figures.items() if who == term.applicant and code.startswith(prefix)]
    # A 2021 report may carry the older single row instead of the rows that replaced it: that row is their sum.
    single = figures.get((prefix[:-1], term.applicant))
    if single is not None and all(figure.status == "missing" for figure in found):
        return [single]
    return list(found) or [None]
