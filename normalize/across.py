"""The checks that look beyond one report: at the same body's year before, at its other years, at other bodies.

They run on the figures as published, in DuckDB, and give rows of the table ``checks``. A row stands only where there is
something to compare with; a blank is taken as 0 only where the check holds then, as inside one report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from normalize import codebook
from normalize.database import connect
from normalize.heads import EQUAL_CELLS, HEAD
from normalize.schema import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from normalize.codebook import CheckRule

    Cells = Callable[[Sequence[str]], Iterable[pa.RecordBatch]]

COPY_OF_PREVIOUS = "copy_of_previous_year"
COPY_OF_OTHER = "copy_of_another_body"
FLAGGED = {"copy_previous": COPY_OF_PREVIOUS, "copy_other": COPY_OF_OTHER}
IDENTITIES = frozenset({"=", "<=", ">="})
ON_CELLS = frozenset({"ratio", "share", "unit_doubtful", "zero_decisions"})
# Thresholds of the rules in words; the notes of checks.csv say the same.
TIMES_MEDIAN = 20
TIMES_LAST_YEAR = 20
NATURAL_SHARE = 0.3
YUAN_A_PROJECT = 1000
# So many reports' identities are evaluated at once: what they are put together from cannot be moved to the disk. Years
# that have fewer are taken together.
AT_ONCE = 4_000
BATCH = 10_000
# So many reports' cells are taken over at once.
CELLS_OF = 500

_SIGN = re.compile(r"\s+([+-])\s+")
_TERM = re.compile(r"(?P<code>[a-z][a-z0-9_.]*)(@(?P<applicant>[a-z_.]+))?(?P<before>\[t-1\])?")


@dataclass(frozen=True, slots=True)
class _Term:
    """One operand of an identity: the check's place in the codebook, the side and the cell it takes."""

    rule: int
    applicant: str
    side: str
    place: int
    sign: int
    indicator: str
    who: str
    before: bool


# The one report of a body that the year before has beside the one of this year.
_BEFORES = """
CREATE TABLE befores AS
WITH single AS (
    FROM heads QUALIFY count(*) OVER (PARTITION BY report_year, lineage, office, scope) = 1
)
SELECT b.report_id, b.report_year, b.form, a.report_id AS before, a.form AS before_form,
       a.figures_digest AS before_figures
FROM single b JOIN single a
    ON a.report_year = b.report_year - 1 AND a.lineage = b.lineage AND a.office = b.office AND a.scope = b.scope
"""
# Reports whose total column of table three is the same; each is compared with the first other body among them.
_PARTNERS = """
CREATE TABLE partners AS
WITH own AS (FROM heads WHERE totals <> ''),
bodies AS (
    SELECT report_year, totals, lineage, office, min(report_id) AS report_id FROM own GROUP BY ALL
),
first_two AS (
    FROM bodies QUALIFY row_number() OVER (PARTITION BY report_year, totals ORDER BY report_id) <= 2
)
SELECT a.report_id, min(b.report_id) AS other
FROM own a JOIN first_two b
    ON a.report_year = b.report_year AND a.totals = b.totals AND (a.lineage <> b.lineage OR a.office <> b.office)
GROUP BY ALL
"""
# The right side stands only where it matters: else each new year would change the rows of all others.
_MEDIANS = """
CREATE TABLE medians AS
WITH received AS (
    SELECT *, count(*) OVER others AS number, median(requests) OVER others AS middle
    FROM heads WHERE requests IS NOT NULL
    WINDOW others AS (
        PARTITION BY lineage, office, scope ORDER BY report_year
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW
    )
)
SELECT report_id, coalesce(middle > 0 AND requests > $times * middle, false) AS above,
       if(above, $times * middle, NULL) AS most
FROM received WHERE number >= 2
"""
# All that the rows of a report follow from, beside rules and code.
_SOURCES = """
SELECT h.report_id,
       concat_ws(' ', h.figures_digest, coalesce(b.before, '-'), coalesce(b.before_figures, '-'),
                 coalesce(p.other, '-'), coalesce(o.figures_digest, '-'), coalesce(m.above::TEXT, '-'),
                 coalesce(m.most::TEXT, '-'))
FROM heads h LEFT JOIN befores b USING (report_id) LEFT JOIN partners p USING (report_id)
LEFT JOIN heads o ON o.report_id = p.other LEFT JOIN medians m ON m.report_id = h.report_id
"""
# What is to be evaluated of some years, and the reports whose cells that takes.
_PAIRS = """
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT *, (row_number() OVER (ORDER BY report_id) - 1) // $at_once AS slice
FROM befores SEMI JOIN fresh USING (report_id) WHERE report_year BETWEEN $first AND $last
"""
_OWN = """
CREATE OR REPLACE TEMP TABLE own AS
FROM heads SEMI JOIN fresh USING (report_id) WHERE report_year BETWEEN $first AND $last
"""
_WANTED = """
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT report_id FROM own UNION SELECT before FROM pairs
UNION SELECT other FROM partners SEMI JOIN own USING (report_id)
"""
_STILL_WANTED = "CREATE OR REPLACE TABLE cells AS FROM cells SEMI JOIN wanted USING (report_id)"
_LACKING = "SELECT report_id FROM wanted ANTI JOIN cells USING (report_id) ORDER BY report_id"
# Of the noughts, which are most of all, only those that a rule names.
_CELLS = """
INSERT INTO cells SELECT report_id, indicator, applicant, value, unit, status FROM given
WHERE value <> 0 OR indicator IN (SELECT indicator FROM terms)
"""
_IDENTITIES = """
INSERT INTO found
WITH operands AS (
    SELECT p.report_id, t.rule, t.applicant, t.side, t.sign, t.place, c.value,
           coalesce(c.status, 'missing') AS status,
           t.indicator || if(t.who = '', '', '@' || t.who) || if(t."before", '[t-1]', '') AS name
    FROM (FROM pairs WHERE slice = $slice) p
    JOIN rules r ON list_contains(r.forms, p.form) AND list_contains(r.forms, p.before_form)
    JOIN terms t ON t.rule = r.rule AND r.op IN ('=', '<=', '>=')
    LEFT JOIN cells c ON c.report_id = if(t."before", p.before, p.report_id)
                     AND c.indicator = t.indicator AND c.applicant = t.who
),
sides AS (
    SELECT report_id, rule, applicant,
           sum(sign * coalesce(value, 0)) FILTER (side = 'left' AND status = 'reported') AS "left",
           sum(sign * coalesce(value, 0)) FILTER (side = 'right' AND status = 'reported') AS "right",
           count(*) AS number, count(*) FILTER (status IN ('blank', 'not_applicable')) AS blanks,
           count(*) FILTER (status NOT IN ('reported', 'blank', 'not_applicable')) AS unknown,
           string_agg(name || if(status = 'reported', '', '=' || status), ' ' ORDER BY side, place) AS cells
    FROM operands GROUP BY report_id, rule, applicant
),
compared AS (
    SELECT *, coalesce("left", 0) AS l, coalesce("right", 0) AS r,
           CASE op WHEN '=' THEN abs(l - r) < 1e-6 WHEN '<=' THEN l <= r + 1e-6 ELSE l >= r - 1e-6 END AS holds
    FROM sides JOIN rules USING (rule)
)
SELECT report_id, rule, applicant,
       CASE WHEN unknown > 0 OR blanks = number THEN 'not_evaluable' WHEN holds THEN 'pass'
            WHEN blanks > 0 THEN 'not_evaluable' ELSE 'fail' END,
       if(unknown > 0 OR blanks = number, NULL, l), if(unknown > 0 OR blanks = number, NULL, r), cells
FROM compared
"""
# The cells of tables two and three that are not zero, this year's beside last year's, where the form is the same.
_COPY_PREVIOUS = """
INSERT INTO found
WITH given AS (
    SELECT report_id, indicator, applicant, value FROM cells
    WHERE status = 'reported' AND value <> 0 AND NOT starts_with(indicator, 'review.')
),
a AS (SELECT p.report_id, indicator, applicant, value FROM pairs p JOIN given c ON c.report_id = p.before),
b AS (SELECT p.report_id, indicator, applicant, value FROM pairs p JOIN given c ON c.report_id = p.report_id),
counted AS (
    SELECT report_id, count(*) FILTER (a.value = b.value) AS equal, count(*) AS given
    FROM a FULL JOIN b USING (report_id, indicator, applicant) GROUP BY report_id
)
SELECT report_id, r.rule, '', if(equal = given, 'fail', 'pass'), equal, given, p.before
FROM counted JOIN pairs p USING (report_id)
JOIN rules r ON r.op = 'copy_previous' AND list_contains(r.forms, p.form)
WHERE p.form = p.before_form
"""
_COPY_OTHER = """
INSERT INTO found
WITH compared AS (
    SELECT p.report_id, count(*) AS equal
    FROM partners p SEMI JOIN own USING (report_id)
    JOIN cells a ON a.report_id = p.report_id
    JOIN cells b ON b.report_id = p.other AND b.indicator = a.indicator AND b.applicant = a.applicant
    WHERE starts_with(a.indicator, 'apply.') AND a.status = 'reported' AND b.status = 'reported'
      AND a.value = b.value AND a.value <> 0
    GROUP BY ALL
)
SELECT own.report_id, r.rule, '', if(coalesce(equal, 0) >= $equal_cells, 'fail', 'pass'), coalesce(equal, 0),
       $equal_cells, coalesce(other, '')
FROM own JOIN rules r ON r.op = 'copy_other' AND list_contains(r.forms, own.form)
LEFT JOIN partners USING (report_id) LEFT JOIN compared USING (report_id)
WHERE totals IS NOT NULL
"""
_RATIO = """
INSERT INTO found
SELECT p.report_id, t.rule, '', if(b.value / a.value BETWEEN 1.0 / $times AND $times, 'pass', 'fail'),
       b.value, a.value, t.indicator || ' ' || t.indicator || '[t-1]'
FROM pairs p JOIN rules r ON r.op = 'ratio' AND list_contains(r.forms, p.form) JOIN terms t ON t.rule = r.rule
JOIN cells b ON b.report_id = p.report_id AND b.indicator = t.indicator
JOIN cells a ON a.report_id = p.before AND a.indicator = t.indicator
WHERE p.form = p.before_form AND a.status = 'reported' AND b.status = 'reported' AND a.value > 0 AND b.value > 0
"""
_MEDIAN = """
INSERT INTO found
SELECT own.report_id, r.rule, '', if(above, 'fail', 'pass'), requests, most, 'apply.new@total'
FROM own JOIN medians USING (report_id) JOIN rules r ON r.op = 'above_median' AND list_contains(r.forms, own.form)
"""
_SHARE = """
INSERT INTO found
SELECT h.report_id, r.rule, '', if(n.value < $share * t.value, 'fail', 'pass'), n.value, $share * t.value,
       'apply.result.total@natural_person apply.result.total@total'
FROM own h JOIN rules r ON r.op = 'share' AND list_contains(r.forms, h.form)
JOIN cells n ON n.report_id = h.report_id AND n.indicator = 'apply.result.total' AND n.applicant = 'natural_person'
JOIN cells t ON t.report_id = h.report_id AND t.indicator = 'apply.result.total' AND t.applicant = 'total'
WHERE n.status = 'reported' AND t.status = 'reported' AND t.value > 0
"""
_UNIT = """
INSERT INTO found
WITH spent AS (
    SELECT h.report_id, h.form, $yuan * p.value AS floor,
           a.value * CASE a.unit WHEN '元' THEN 1 WHEN '万元' THEN 1e4 WHEN '亿元' THEN 1e8 END AS yuan
    FROM own h JOIN cells a ON a.report_id = h.report_id AND a.indicator = 'procure.central.amount'
    JOIN cells p ON p.report_id = h.report_id AND p.indicator = 'procure.central.projects'
    WHERE a.status = 'reported' AND p.status = 'reported' AND a.value > 0
)
SELECT report_id, r.rule, '', if(coalesce(yuan >= floor, false), 'pass', 'fail'), yuan, floor,
       'procure.central.amount procure.central.projects'
FROM spent JOIN rules r ON r.op = 'unit_doubtful' AND list_contains(r.forms, form)
"""
_ZERO = """
INSERT INTO found
SELECT h.report_id, t.rule, '', if(c.value = 0, 'fail', 'pass'), c.value, 0, t.indicator
FROM own h JOIN rules r ON r.op = 'zero_decisions' AND list_contains(r.forms, h.form) JOIN terms t ON t.rule = r.rule
JOIN cells c ON c.report_id = h.report_id AND c.indicator = t.indicator
WHERE h.body_level = 'county' AND h.scope = 'government' AND c.status = 'reported'
"""
_YEARS = "SELECT report_year, count(*) FROM heads SEMI JOIN fresh USING (report_id) GROUP BY ALL ORDER BY ALL"
_TABLES = (
    "CREATE TABLE fresh (report_id TEXT)",
    "CREATE TABLE cells (report_id TEXT, indicator TEXT, applicant TEXT, value DOUBLE, unit TEXT, status TEXT)",
    'CREATE TABLE found (report_id TEXT, rule INTEGER, applicant TEXT, result TEXT, "left" DOUBLE, "right" DOUBLE,'
    " cells TEXT)",
)
_FOUND = """
SELECT f.report_id, r."check", f.applicant, r.severity, f.result, f."left", f."right",
       round(f."left" - f."right", 6) AS difference, f.cells
FROM found f JOIN rules r USING (rule) JOIN heads h USING (report_id)
WHERE h.report_year = $year
ORDER BY f.report_id, f.rule, list_position($applicants, f.applicant), f.cells
"""


class Across:
    """The checks across reports of one release; ``scratch`` takes what spills.

    ``heads`` are the reports that may be compared, ``cells`` gives the figures of reports by their identifiers.
    """

    def __init__(self, heads: Iterable[pa.RecordBatch], cells: Cells, scratch: Path) -> None:
        rules = [rule for rule in codebook.check_rules() if rule.level == "release" and rule.op != "none"]
        self._ops = {rule.op: rule for rule in rules}
        self._cells = cells
        self._connection = connect(scratch, scratch / "across.duckdb")
        self._register("rules", _rules(rules))
        self._register("terms", _terms(rules))
        for statement in _TABLES:
            self._run(statement)
        self._register("given", HEAD.empty_table())
        self._run("CREATE TABLE heads AS FROM given")
        for batch in heads:
            self._register("given", pa.Table.from_batches([batch]))
            self._run("INSERT INTO heads FROM given")
        self._run(_BEFORES)
        self._run(_PARTNERS)
        self._run(_MEDIANS, times=TIMES_MEDIAN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def sources(self) -> Iterator[tuple[str, str]]:
        """What the rows of each report follow from: they are the same where that is."""
        found = self._connection.execute(_SOURCES)
        while rows := found.fetchmany(BATCH):
            yield from rows

    def evaluate(self, fresh: Iterable[Sequence[str]]) -> list[int]:
        """Evaluate the checks of some reports, given in lists; the years that have any.

        Memory holds the figures of a year, or of more years that have few reports.
        """
        for ids in fresh:
            self._register("given", pa.table({"report_id": ids}))
            self._run("INSERT INTO fresh FROM given")
        counts = self._connection.execute(_YEARS).fetchall()
        for years in _together(counts):
            self._evaluate(years[0], years[-1])
        return [year for year, _ in counts]

    def _evaluate(self, first: int, last: int) -> None:
        self._run(_OWN, first=first, last=last)
        self._run(_PAIRS, first=first, last=last, at_once=AT_ONCE)
        self._load_cells()
        for (number,) in self._connection.execute("SELECT DISTINCT slice FROM pairs").fetchall():
            self._run(_IDENTITIES, slice=number)
        self._run(_COPY_PREVIOUS)
        self._run(_COPY_OTHER, equal_cells=EQUAL_CELLS)
        self._run(_MEDIAN)
        self._run(_RATIO, times=TIMES_LAST_YEAR)
        self._run(_SHARE, share=NATURAL_SHARE)
        self._run(_UNIT, yuan=YUAN_A_PROJECT)
        self._run(_ZERO)

    def _load_cells(self) -> None:
        """Have the cells at hand that these years take; those of the year before are there mostly."""
        self._run(_WANTED)
        self._run(_STILL_WANTED)
        lacking = [report_id for (report_id,) in self._connection.execute(_LACKING).fetchall()]
        for place in range(0, len(lacking), CELLS_OF):
            if batches := list(self._cells(lacking[place : place + CELLS_OF])):
                self._register("given", pa.Table.from_batches(batches))
                self._run(_CELLS)

    def checks(self, year: int) -> pa.Table:
        """The rows found for one year, by report, in the order of the codebook."""
        applicants = ["", *codebook.applicant_codes()]
        asked = {"year": year, "applicants": applicants}
        found: pa.Table = self._connection.sql(_FOUND, params=asked).to_arrow_table()
        return found.select([field.name for field in CHECKS.schema]).cast(CHECKS.schema)

    def copies(self) -> Iterator[tuple[str, str]]:
        """The reports that are copies, each with the flag that says of what."""
        rules = {rule.check: FLAGGED[op] for op, rule in self._ops.items() if op in FLAGGED}
        found = self._connection.execute(
            'SELECT report_id, "check" FROM found JOIN rules USING (rule)'
            " WHERE result = 'fail' AND list_contains($checks, \"check\") ORDER BY ALL",
            {"checks": list(rules)},
        ).fetchall()
        return ((report_id, rules[check]) for report_id, check in found)

    def _register(self, name: str, table: pa.Table) -> None:
        self._connection.register(name, table)

    def _run(self, query: str, **values: Any) -> None:
        self._connection.execute(query, values)


def _together(counts: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Years in the groups that are evaluated at once; ``counts`` are their reports."""
    groups: list[list[int]] = []
    number = AT_ONCE
    for year, count in counts:
        number += count
        if number > AT_ONCE:
            groups.append([])
            number = count
        groups[-1].append(year)
    return groups


def _rules(rules: list[CheckRule]) -> pa.Table:
    rows = [
        {"rule": number, "check": rule.check, "severity": rule.severity, "op": rule.op, "forms": list(rule.forms)}
        for number, rule in enumerate(rules)
    ]
    return pa.Table.from_pylist(rows)


def _terms(rules: list[CheckRule]) -> pa.Table:
    """The cells that rules name; those on tables as a whole name none."""
    found = [
        term
        for number, rule in enumerate(rules)
        if rule.op in IDENTITIES or rule.op in ON_CELLS
        for applicant in _axis(rule)
        for side in ("left", "right")
        for term in _operands(getattr(rule, side), number, applicant, side)
    ]
    names = ("rule", "applicant", "side", "place", "sign", "indicator", "who", "before")
    return pa.Table.from_pylist([{name: getattr(term, name) for name in names} for term in found])


def _axis(rule: CheckRule) -> tuple[str, ...]:
    return codebook.applicant_codes()[:-1] if rule.axis == "part" else ("",)


def _operands(side: str, rule: int, applicant: str, name: str) -> list[_Term]:
    words = ["+", *_SIGN.split(side)] if side else []
    terms: list[_Term] = []
    for place, (sign, word) in enumerate(zip(words[::2], words[1::2], strict=True)):
        match = _TERM.fullmatch(word)
        if match is None:
            raise codebook.CodebookError(f"{codebook.FOLDER / 'checks.csv'}: {word!r} is no cell; correct the check")
        who = match["applicant"] or applicant
        terms.append(
            _Term(rule, applicant, name, place, 1 if sign == "+" else -1, match["code"], who, bool(match["before"]))
        )
    return terms
