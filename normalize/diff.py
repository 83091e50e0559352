"""Two report years of a release side by side, figure by figure or series by series."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from rapidfuzz import fuzz, process

from normalize import codebook
from normalize.database import MEMORY_LIMIT, connect
from normalize.jumps import find_jumps
from normalize.packing import batch_of
from normalize.panel import all_series
from normalize.published import Release, ReleaseError, load_release, opened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import duckdb
    import pandas as pd

CLOSE_MATCHES = 5
CLOSE_CUTOFF = 40
BATCH = 50_000
# Two years alone take as long with it as with more; medians over all years do not fit.
LITTLE_MEMORY = "160MB"
# What the numbers of the comparison stand for: a table and its columns.
NAMED = {
    "pair": ("pairs", ("division_code", "body")),
    "cell": ("cells", ("indicator", "applicant", "label", "label_en")),
}
REPEATED = frozenset({"unit", "a_status", "b_status", "comparable", "lineage", "jump"})
COMPARABLE, FORM_CHANGED, CALIBER_BREAK, NOT_REPORTED = "comparable", "form changed", "caliber break", "not reported"

# Bodies are paired by lineage and by their name without the county's, so that a renamed county stays the same.
_PICKED = """
CREATE TEMP TABLE picked AS
SELECT r.report_id, CAST(r.report_year AS INTEGER) AS report_year, r.division_code, r.body, r.body_level, r.province,
       r.form, r.flags, r.lineage_code = '' AS divided,
       coalesce(nullif(r.lineage_code, ''), r.division_code) AS lineage, replace(r.body, r.county, '') AS office
FROM read_parquet($reports, hive_partitioning = true) r
SEMI JOIN read_parquet($panel, hive_partitioning = true) p ON p.report_id = r.report_id
WHERE (r.report_year IN ($first, $second) OR $jumps) AND r.body <> ''
"""
# With jumps, the pairs of the same provinces are compared too: they are the peers.
_PAIRS = """
CREATE TEMP TABLE pairs AS
WITH a AS (SELECT *, count(*) OVER (PARTITION BY lineage, office) AS number FROM picked WHERE report_year = $first),
     b AS (SELECT *, count(*) OVER (PARTITION BY lineage, office) AS number FROM picked WHERE report_year = $second),
     every AS (
         SELECT coalesce(b.lineage, a.lineage) AS lineage, coalesce(b.office, a.office) AS office,
                a.report_id AS a_id, b.report_id AS b_id, a.body AS a_body, b.body AS b_body,
                a.division_code AS a_code, b.division_code AS b_code, a.form AS a_form, b.form AS b_form,
                coalesce(b.division_code, a.division_code) AS division_code, coalesce(b.body, a.body) AS body,
                coalesce(b.body_level, a.body_level) AS body_level,
                list_contains(string_split(a.flags, ' '), 'versions_differ') AS a_versions,
                list_contains(string_split(b.flags, ' '), 'versions_differ') AS b_versions,
                CASE WHEN a.number > 1 AND a_code <> b_code THEN 'merged'
                     WHEN b.number > 1 AND a_code <> b_code THEN 'split'
                     WHEN a_code IS NULL AND b.divided OR b_code IS NULL AND a.divided THEN 'divided'
                     WHEN a_code <> b_code THEN 'recoded' WHEN a_body <> b_body THEN 'renamed' ELSE '' END AS mark,
                ($body IS NULL OR a_body = $body OR b_body = $body)
                AND ($division IS NULL OR coalesce(starts_with(a_code, $division), false)
                     OR coalesce(starts_with(b_code, $division), false)) AS selected
         FROM a FULL JOIN b ON a.lineage = b.lineage AND a.office = b.office
     )
SELECT row_number() OVER (ORDER BY division_code, body, a_code, a_body) AS pair, * FROM every
WHERE selected OR $jumps AND left(division_code, 2) IN (SELECT left(division_code, 2) FROM every WHERE selected)
"""
_FIGURES = """
SELECT report_id, CAST(report_year AS INTEGER) AS report_year, indicator, applicant, value, unit, flags, status
FROM read_parquet($figures, hive_partitioning = true)
WHERE ($indicator IS NULL OR indicator = $indicator OR starts_with(indicator, $indicator || '.'))
"""
_ONE_SERIES = """
SELECT report_id, CAST(report_year AS INTEGER) AS report_year, '{name}' AS indicator, '' AS applicant,
       {column} AS value, '' AS unit, replace({column}_flag, 'not_in_form', '') AS flags,
       CASE WHEN {column} IS NOT NULL THEN 'reported' WHEN {column}_flag = 'not_in_form' THEN 'not_in_form'
            ELSE 'not_reported' END AS status
FROM read_parquet($figures, hive_partitioning = true)
WHERE ($indicator IS NULL OR '{name}' = $indicator OR starts_with('{name}', $indicator || '.'))
"""
# Numbers stand for the cells of the form from here on: a million rows of names would not fit.
_CELLS = """
CREATE TEMP TABLE cells AS
SELECT row_number() OVER (ORDER BY position, indicator, applicant) - 1 AS cell, indicator, applicant,
       coalesce(label, indicator) AS label, coalesce(label_en, indicator) AS label_en, labels.unit AS cell_unit,
       break_form, labels.note AS break_note
FROM (SELECT DISTINCT indicator, applicant FROM ({source}) WHERE report_year IN ($first, $second))
LEFT JOIN labels USING (indicator, applicant)
"""
_COMPARED = """
CREATE TEMP TABLE compared AS
WITH figures AS (
         SELECT cell, f.* EXCLUDE (indicator, applicant) FROM ({source}) f JOIN cells USING (indicator, applicant)
     ),
     fa AS (SELECT pair, figures.* FROM pairs JOIN figures ON report_id = a_id AND report_year = $first),
     fb AS (SELECT pair, figures.* FROM pairs JOIN figures ON report_id = b_id AND report_year = $second),
     sides AS (
         SELECT pair, cell, fa.flags AS a_flags, fb.flags AS b_flags,
                fa.value AS a_printed, fb.value AS b_printed, fa.unit AS a_unit, fb.unit AS b_unit,
                coalesce(fa.status, if(a_id IS NULL, 'no_report', 'not_in_form')) AS a_status,
                coalesce(fb.status, if(b_id IS NULL, 'no_report', 'not_in_form')) AS b_status,
                a_yuan.factor AS a_factor, b_yuan.factor AS b_factor,
                coalesce(a_printed IS NOT NULL AND b_printed IS NOT NULL AND a_unit <> b_unit, false) AS units_differ,
                units_differ AND a_factor IS NOT NULL AND b_factor IS NOT NULL AS in_yuan
         FROM fa FULL JOIN fb USING (pair, cell) JOIN pairs USING (pair)
         LEFT JOIN yuan a_yuan ON a_yuan.unit = fa.unit LEFT JOIN yuan b_yuan ON b_yuan.unit = fb.unit
     )
SELECT * EXCLUDE (a_printed, b_printed, a_factor, b_factor),
       if(in_yuan, round(a_printed * a_factor, 4), a_printed) AS a_value,
       if(in_yuan, round(b_printed * b_factor, 4), b_printed) AS b_value,
       CASE WHEN a_status = 'reported' AND b_status = 'reported' AND (in_yuan OR NOT units_differ)
            THEN round(b_value - a_value, 6) END AS change
FROM sides
"""
_DIFF = """
SELECT pair - 1 AS pair, cell,
       CASE WHEN in_yuan THEN '元' WHEN units_differ THEN '' ELSE
            coalesce(nullif(b_unit, ''), nullif(a_unit, ''), cell_unit, '') END AS unit,
       a_value, b_value, a_status, b_status, change,
       round(100 * change / nullif(abs(a_value), 0), 2) AS percent,
       CASE WHEN a_status <> 'reported' OR b_status <> 'reported' THEN 'not reported'
            WHEN a_form = b_form THEN 'comparable'
            WHEN break_form > least(a_form, b_form) AND break_form <= greatest(a_form, b_form) THEN 'caliber break'
            WHEN $series THEN 'comparable' ELSE 'form changed' END AS comparable,
       mark AS lineage,{jumps}
       concat_ws('; ',
           CASE WHEN a_form <> b_form
                THEN 'form changed: ' || coalesce(nullif(a_form, ''), 'none')
                     || ' → ' || coalesce(nullif(b_form, ''), 'none') END,
           CASE WHEN comparable = 'caliber break' THEN 'caliber break: ' || break_note END,
           CASE WHEN a_status <> 'reported' OR b_status <> 'reported'
                THEN 'not reported: ' || a_status || ' → ' || b_status END,
           CASE WHEN in_yuan THEN 'units differ: ' || a_unit || ' → ' || b_unit || ', compared in 元'
                WHEN units_differ THEN 'units differ: ' || coalesce(nullif(a_unit, ''), 'none') || ' → '
                     || coalesce(nullif(b_unit, ''), 'none') || ', not compared' END,
           CASE WHEN a_code <> b_code OR a_body <> b_body
                THEN 'division changed: ' || a_code || ' ' || a_body || ' → ' || b_code || ' ' || b_body END,
           CASE WHEN a_flags <> '' THEN 'flags ' || $first || ': ' || a_flags END,
           CASE WHEN b_flags <> '' THEN 'flags ' || $second || ': ' || b_flags END,
           CASE WHEN a_versions THEN 'versions differ in ' || $first END,
           CASE WHEN b_versions THEN 'versions differ in ' || $second END
       ) AS note
FROM compared JOIN pairs USING (pair) JOIN cells USING (cell) {joined}
WHERE selected ORDER BY pair, cell
"""
_JUMPS = " jump, history_n, history_median, peers_n, peers_of, peers_median,"
_YUAN = pa.table({"unit": ["元", "万元", "亿元"], "factor": [1.0, 1e4, 1e8]})


class DiffError(ReleaseError):
    """What was asked to be compared is not in the release; the text says what is."""


def years(
    release: str | Path,
    first: int,
    second: int,
    *,
    body: str | None = None,
    division: str | None = None,
    province: str | None = None,
    indicator: str | None = None,
    series: bool = False,
    jumps: bool = False,
) -> pd.DataFrame:
    """Each figure of two report years side by side, one report per body and year (the panel's).

    ``release`` is a release, the link to one, or the folder of releases. ``body`` is a body's full name, ``division`` a
    code or the start of one (``1402`` for a prefecture), ``province`` a name or two digits, ``indicator`` a code or the
    part before a dot. With ``series`` the harmonised series of the panel are compared in place of the figures.

    Columns: division_code, body, indicator, applicant, label, label_en, unit, value_<first>, value_<second>,
    status_<first>, status_<second>, change, percent, comparable, lineage, note. ``change`` stands only where both
    figures are ``reported`` in units that can be compared: 元, 万元 and 亿元 are compared in 元, and the note says so.
    ``percent`` is the change in percent of the first year's value. Beside the statuses of figures there are
    ``no_report`` (the body has no report of that year) and ``not_in_form``. ``comparable`` says ``comparable``,
    ``form changed``, ``caliber break`` (the codebook knows that something else is counted) or ``not reported``;
    ``lineage`` says ``renamed``, ``recoded``, ``merged``, ``split`` or ``divided`` where the division changed.
    Texts that are said many times are categories. Rows stand by division, body and the order of the form. ``jumps``
    adds the columns of ``normalize.jumps``.

    Raises DiffError where the year, body, division or indicator is unknown, ReleaseError where there is no release.
    """
    found = load_release(Path(release))
    _check_years(found, first, second)
    files = {name: str(found.path / name / "*" / "*.parquet") for name in ("reports", "panel", "figures")}
    span = {"first": first, "second": second}
    source = {"figures": files["panel" if series else "figures"], "indicator": indicator}
    with _connected(found.path, MEMORY_LIMIT if jumps else LITTLE_MEMORY) as connection:
        connection.register("labels", _series_labels() if series else _labels())
        connection.register("yuan", _YUAN)
        picked = {"reports": files["reports"], "panel": files["panel"], "jumps": jumps}
        connection.execute(_PICKED, {**picked, **span})
        division = _division(connection, division, province)
        _check_filters(connection, span, body, division)
        _check_indicator(indicator, series)
        connection.execute(_PAIRS, {**span, "body": body, "division": division, "jumps": jumps})
        given = _series_cells() if series else _FIGURES
        for query in (_CELLS, _COMPARED):
            connection.execute(query.format(source=given), {**source, **span})
        if jumps:
            find_jumps(connection, given, source, span)
        added = {"jumps": _JUMPS, "joined": "LEFT JOIN jumps USING (pair, cell)"}
        query = _DIFF.format(**(added if jumps else dict.fromkeys(added, "")))
        rows = _frame(connection, query, {**span, "series": series})
    sides = {"a": first, "b": second}
    names = {f"{side}_{name}": f"{name}_{year}" for side, year in sides.items() for name in ("value", "status")}
    rows.attrs = {"release_id": found.release_id, "first": first, "second": second}
    return rows.rename(columns=names)


def _frame(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> pd.DataFrame:
    """The rows of the comparison, with the names of bodies and cells in the place of their numbers."""
    rows = connection.sql(query, params=values).to_arrow_reader(BATCH)
    found = pa.Table.from_batches([_coded(batch) for batch in rows], _coded(batch_of(rows.schema, [])).schema)
    columns: dict[str, pa.ChunkedArray] = {}
    for number, (table, names) in NAMED.items():
        texts = connection.sql(f"SELECT {', '.join(names)} FROM {table} ORDER BY {number}").to_arrow_table()  # noqa: S608
        for name in names:
            coded = texts[name].combine_chunks().dictionary_encode()
            parts = [
                pa.DictionaryArray.from_arrays(coded.indices.take(part), coded.dictionary)
                for part in found[number].chunks
            ]
            columns[name] = pa.chunked_array(parts, coded.type)
    columns |= {name: found[name] for name in found.column_names if name not in NAMED}
    frame: pd.DataFrame = pa.table(columns).unify_dictionaries().to_pandas()
    return frame


def _coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Few texts that are said many times, as numbers."""
    columns = {
        name: column.dictionary_encode() if name in REPEATED else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    return pa.RecordBatch.from_pydict(columns)


@contextmanager
def _connected(release: Path, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with (
        opened(release),
        TemporaryDirectory() as scratch,
        connect(Path(scratch), memory=memory) as connection,
    ):
        yield connection


def _check_years(release: Release, first: int, second: int) -> None:
    if first == second:
        raise DiffError(f"{first} and {second} are the same year; name two")
    known = [year for year in release.reports_by_year if year]
    for year in (first, second):
        if year not in known:
            listed = ", ".join(map(str, known)) or "none"
            raise DiffError(f"{release.release_id}: no report of {year}; years with reports: {listed}")


def _division(connection: duckdb.DuckDBPyConnection, division: str | None, province: str | None) -> str | None:
    """The start of the codes asked for: that of the division, or of the province by name or digits."""
    if province is None:
        return division
    rows = connection.execute("SELECT DISTINCT province, left(division_code, 2) FROM picked").fetchall()
    codes = {name: code for name, code in rows if name} | {code: code for _, code in rows if code}
    _check_known("province", province, codes, "the release")
    if division is not None and not division.startswith(codes[province]):
        raise DiffError(f"division {division} is not in {province}; name one of them")
    return division or codes[province]


def _check_filters(
    connection: duckdb.DuckDBPyConnection, span: dict[str, int], body: str | None, division: str | None
) -> None:
    which = f"{span['first']} or {span['second']}"
    in_years = "FROM picked WHERE report_year IN ($first, $second)"
    if body is not None:
        bodies = {name for (name,) in connection.execute(f"SELECT DISTINCT body {in_years}", span).fetchall()}
        _check_known("body", body, bodies, which)
    if division is not None:
        codes = {code for (code,) in connection.execute(f"SELECT DISTINCT division_code {in_years}", span).fetchall()}
        if not any(code.startswith(division) for code in codes):
            _check_known("division", division, codes, which)


def _check_indicator(indicator: str | None, series: bool) -> None:
    if indicator is None:
        return
    names = {each.name for each in all_series()} if series else {each.code for each in codebook.indicators()}
    if not any(name.startswith(f"{indicator}.") for name in names):
        _check_known("series" if series else "indicator", indicator, names, "the codebook")


def _check_known(what: str, asked: str, known: Collection[str], where: str) -> None:
    if asked in known:
        return
    close = process.extract(asked, sorted(known), scorer=fuzz.ratio, limit=CLOSE_MATCHES, score_cutoff=CLOSE_CUTOFF)
    hint = f"; close to it: {', '.join(match for match, _, _ in close)}" if close else ""
    raise DiffError(f"no {what} {asked!r} in {where}{hint}")


def _series_cells() -> str:
    """The panel's series as cells, one below the other."""
    return " UNION ALL ".join(_ONE_SERIES.format(name=each.name, column=each.column) for each in all_series())


def _series_labels() -> pa.Table:
    rows = [
        {
            "indicator": each.name, "applicant": "", "label": each.label, "label_en": each.label_en, "unit": "",
            "position": position, "break_form": each.break_form, "note": each.note,
        }
        for position, each in enumerate(all_series())
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_LABELS)


_LABELS = pa.schema(
    [
        *((name, pa.string()) for name in ("indicator", "applicant", "label", "label_en", "unit")),
        ("position", pa.int32()), ("break_form", pa.string()), ("note", pa.string()),
    ]
)  # fmt: skip


def _labels() -> pa.Table:
    """Label, unit, place in the form and break of each cell, the newest form's where several hold it.

    Money has no unit here: it differs from report to report and stands beside the figure.
    """
    applicants = {
        "": ("", ""),
        **{each.code: (f"·{each.label}", f", {each.label_en}") for each in codebook.applicants()},
    }
    newest = {each.code: (position, each) for position, each in enumerate(codebook.indicators())}
    breaks = _breaks()
    rows = [
        {
            "indicator": code,
            "applicant": applicant,
            "label": indicator.label + suffix,
            "label_en": indicator.label_en + suffix_en,
            "unit": "" if indicator.value_type == "decimal" else indicator.unit,
            "position": position * len(applicants) + column,
            "break_form": breaks.get(code, ("", ""))[0],
            "note": breaks.get(code, ("", ""))[1],
        }
        for code, (position, indicator) in newest.items()
        for column, (applicant, (suffix, suffix_en)) in enumerate(applicants.items())
        if bool(applicant) == bool(indicator.axis)
    ]
    return pa.Table.from_pylist(rows, schema=_LABELS)


def _breaks() -> dict[str, tuple[str, str]]:
    """The breaks of the series that an indicator alone makes up, with their notes."""
    return {
        terms[0].code: (each.break_form, each.note)
        for each in all_series()
        for terms in each.terms.values()
        if len(terms) == 1 and each.break_form
    }
