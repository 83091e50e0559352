"""Two report years of a release side by side, figure by figure."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from rapidfuzz import fuzz, process

from normalize import codebook
from normalize.published import Release, ReleaseError, load_release, opened

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import pandas as pd

MEMORY_LIMIT = "512MB"
CLOSE_MATCHES = 5
CLOSE_CUTOFF = 40

# Bodies are paired by lineage and by their name without the county's, so that a renamed county stays the same.
_PICKED = """
CREATE TEMP TABLE picked AS
SELECT r.report_id, CAST(r.report_year AS INTEGER) AS report_year, r.division_code, r.body, r.form, r.flags,
       coalesce(nullif(r.lineage_code, ''), r.division_code) AS lineage, replace(r.body, r.county, '') AS office
FROM read_parquet($reports, hive_partitioning = true) r
SEMI JOIN read_parquet($panel, hive_partitioning = true) p ON p.report_id = r.report_id
WHERE r.report_year IN ($first, $second) AND r.body <> ''
"""
_DIFF = """
WITH a AS (SELECT * FROM picked WHERE report_year = $first),
     b AS (SELECT * FROM picked WHERE report_year = $second),
     pairs AS (
         SELECT row_number() OVER () AS pair, a.report_id AS a_id, b.report_id AS b_id,
                a.body AS a_body, b.body AS b_body, a.division_code AS a_code, b.division_code AS b_code,
                a.form AS a_form, b.form AS b_form,
                list_contains(string_split(a.flags, ' '), 'versions_differ') AS a_versions,
                list_contains(string_split(b.flags, ' '), 'versions_differ') AS b_versions
         FROM a FULL JOIN b ON a.lineage = b.lineage AND a.office = b.office
         WHERE ($body IS NULL OR a.body = $body OR b.body = $body)
           AND ($division IS NULL OR starts_with(a.division_code, $division) OR starts_with(b.division_code, $division))
     ),
     figures AS (
         SELECT report_id, CAST(report_year AS INTEGER) AS report_year, indicator, applicant, value, unit, status, flags
         FROM read_parquet($figures, hive_partitioning = true)
         WHERE report_year IN ($first, $second)
           AND ($indicator IS NULL OR indicator = $indicator OR starts_with(indicator, $indicator || '.'))
     ),
     fa AS (SELECT pair, figures.* FROM pairs JOIN figures ON report_id = a_id AND report_year = $first),
     fb AS (SELECT pair, figures.* FROM pairs JOIN figures ON report_id = b_id AND report_year = $second),
     cells AS (
         SELECT pair, indicator, applicant, fa.flags AS a_flags, fb.flags AS b_flags,
                fa.value AS a_printed, fb.value AS b_printed, fa.unit AS a_unit, fb.unit AS b_unit,
                coalesce(fa.status, if(a_id IS NULL, 'no_report', 'not_in_form')) AS a_status,
                coalesce(fb.status, if(b_id IS NULL, 'no_report', 'not_in_form')) AS b_status,
                a_yuan.factor AS a_factor, b_yuan.factor AS b_factor,
                coalesce(a_printed IS NOT NULL AND b_printed IS NOT NULL AND a_unit <> b_unit, false) AS units_differ,
                units_differ AND a_factor IS NOT NULL AND b_factor IS NOT NULL AS in_yuan
         FROM fa FULL JOIN fb USING (pair, indicator, applicant) JOIN pairs USING (pair)
         LEFT JOIN yuan a_yuan ON a_yuan.unit = fa.unit LEFT JOIN yuan b_yuan ON b_yuan.unit = fb.unit
     ),
     compared AS (
         SELECT *, if(in_yuan, round(a_printed * a_factor, 4), a_printed) AS a_value,
                if(in_yuan, round(b_printed * b_factor, 4), b_printed) AS b_value,
                CASE WHEN a_status = 'reported' AND b_status = 'reported' AND (in_yuan OR NOT units_differ)
                     THEN round(b_value - a_value, 6) END AS change
         FROM cells
     )
SELECT coalesce(b_code, a_code) AS division_code, coalesce(b_body, a_body) AS body, indicator, applicant,
       coalesce(label, indicator) AS label, coalesce(label_en, indicator) AS label_en,
       CASE WHEN in_yuan THEN '元' WHEN units_differ THEN '' ELSE
            coalesce(nullif(b_unit, ''), nullif(a_unit, ''), labels.unit, '') END AS unit,
       a_value, b_value, a_status, b_status, change,
       round(100 * change / nullif(abs(a_value), 0), 2) AS percent,
       concat_ws('; ',
           CASE WHEN a_form <> b_form
                THEN 'form changed: ' || coalesce(nullif(a_form, ''), 'none')
                     || ' → ' || coalesce(nullif(b_form, ''), 'none') END,
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
FROM compared JOIN pairs USING (pair) LEFT JOIN labels USING (indicator, applicant)
ORDER BY division_code, body, labels.position, indicator, applicant, a_code, a_body
"""
_YUAN = pa.table({"unit": ["元", "万元", "亿元"], "factor": [1.0, 1e4, 1e8]})


class DiffError(ReleaseError):
    """What was asked to be compared is not in the release; the text says what is."""


def years(
    release: Path,
    first: int,
    second: int,
    *,
    body: str | None = None,
    division: str | None = None,
    indicator: str | None = None,
) -> pd.DataFrame:
    """Each figure of two report years side by side, one report per body and year (the panel's).

    ``release`` is a release, the link to one, or the folder of releases. ``body`` is a body's full name, ``division`` a
    code or the start of one (``1402`` for a prefecture), ``indicator`` a code or the part before a dot.

    Columns: division_code, body, indicator, applicant, label, label_en, unit, value_<first>, value_<second>,
    status_<first>, status_<second>, change, percent, note. ``change`` stands only where both figures are ``reported``
    in units that can be compared: 元, 万元 and 亿元 are compared in 元, and the note says so. ``percent`` is the change
    in percent of the first year's value. Beside the statuses of figures there are ``no_report`` (the body has no report
    of that year) and ``not_in_form``. Rows stand by division, body and the order of the form.

    Raises DiffError where the year, body, division or indicator is unknown, ReleaseError where there is no release.
    """
    found = load_release(release)
    _check_years(found, first, second)
    tables = {name: str(found.path / name / "*" / "*.parquet") for name in ("reports", "panel", "figures")}
    span = {"first": first, "second": second}
    with (
        opened(found.path),
        TemporaryDirectory() as scratch,
        duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": scratch}) as connection,
    ):
        connection.register("labels", _labels())
        connection.register("yuan", _YUAN)
        connection.execute(_PICKED, {"reports": tables["reports"], "panel": tables["panel"], **span})
        _check_filters(connection, span, body, division, indicator)
        asked = {"body": body, "division": division, "indicator": indicator}
        rows = connection.execute(_DIFF, {"figures": tables["figures"], **span, **asked}).df()
    sides = {"a": first, "b": second}
    names = {f"{side}_{name}": f"{name}_{year}" for side, year in sides.items() for name in ("value", "status")}
    return rows.rename(columns=names)


def _check_years(release: Release, first: int, second: int) -> None:
    if first == second:
        raise DiffError(f"{first} and {second} are the same year; name two")
    known = [year for year in release.reports_by_year if year]
    for year in (first, second):
        if year not in known:
            listed = ", ".join(map(str, known)) or "none"
            raise DiffError(f"{release.release_id}: no report of {year}; years with reports: {listed}")


def _check_filters(
    connection: duckdb.DuckDBPyConnection,
    span: dict[str, int],
    body: str | None,
    division: str | None,
    indicator: str | None,
) -> None:
    which = f"{span['first']} or {span['second']}"
    if body is not None:
        bodies = {name for (name,) in connection.execute("SELECT DISTINCT body FROM picked").fetchall()}
        _check_known("body", body, bodies, which)
    if division is not None:
        codes = {code for (code,) in connection.execute("SELECT DISTINCT division_code FROM picked").fetchall()}
        if not any(code.startswith(division) for code in codes):
            _check_known("division", division, codes, which)
    if indicator is not None:
        names = {each.code for each in codebook.indicators()}
        if not any(name.startswith(f"{indicator}.") for name in names):
            _check_known("indicator", indicator, names, "the codebook")


def _check_known(what: str, asked: str, known: Collection[str], where: str) -> None:
    if asked in known:
        return
    close = process.extract(asked, sorted(known), scorer=fuzz.ratio, limit=CLOSE_MATCHES, score_cutoff=CLOSE_CUTOFF)
    hint = f"; close to it: {', '.join(match for match, _, _ in close)}" if close else ""
    raise DiffError(f"no {what} {asked!r} in {where}{hint}")


def _labels() -> pa.Table:
    """Label, unit and place in the form of each cell, the newest form's where several hold it.

    Money has no unit here: it differs from report to report and stands beside the figure.
    """
    applicants = {
        "": ("", ""),
        **{each.code: (f"·{each.label}", f", {each.label_en}") for each in codebook.applicants()},
    }
    newest = {each.code: (position, each) for position, each in enumerate(codebook.indicators())}
    rows = [
        {
            "indicator": code,
            "applicant": applicant,
            "label": indicator.label + suffix,
            "label_en": indicator.label_en + suffix_en,
            "unit": "" if indicator.value_type == "decimal" else indicator.unit,
            "position": position * len(applicants) + column,
        }
        for code, (position, indicator) in newest.items()
        for column, (applicant, (suffix, suffix_en)) in enumerate(applicants.items())
        if bool(applicant) == bool(indicator.axis)
    ]
    return pa.Table.from_pylist(rows)
