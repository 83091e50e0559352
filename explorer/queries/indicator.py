"""One indicator over all bodies: a year's values, and medians by province and year."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from explorer.source import Source

# Money is compared in 元; money without a unit, and what carries no number, has no value here.
_YUAN = "round(f.value * CASE f.unit WHEN '万元' THEN 10000 WHEN '亿元' THEN 100000000 WHEN '元' THEN 1 END, 4)"


def _told(money: bool) -> str:
    # Every column costs a reading of all figures: what the panel knows of a report is taken from there.
    return f"""
SELECT f.report_id, m.division_code, m.report_year, f.flags, f.indicator,
       if(f.status = 'reported', {_YUAN if money else "f.value"}, NULL) AS value
FROM figures f
JOIN (SELECT report_id, division_code, CAST(report_year AS INTEGER) AS report_year FROM panel
      WHERE body_level = $level) m USING (report_id)
WHERE f.indicator IN ($indicator, $of) AND f.applicant = $applicant
"""  # noqa: S608 - put together of this module's own words


def values(
    source: Source, indicator: str, applicant: str, level: str, year: int, *, money: bool, of: str = ""
) -> pd.DataFrame:
    """The values of one year with their bodies, largest first; null where the report has no number.

    ``whole`` is the value of ``of``, the indicator that the values are a share of; null where none is named.
    """
    return source.rows(
        # One pass over the year's figures gives both.
        f"""WITH told AS MATERIALIZED ({_told(money)} AND f.report_year = $year)
            SELECT v.*, r.body, r.province, r.county, w.whole
            FROM (SELECT * FROM told WHERE indicator = $indicator) v
            JOIN (SELECT report_id, body, province, county FROM reports WHERE report_year = $year) r USING (report_id)
            LEFT JOIN (SELECT report_id, value AS whole FROM told WHERE indicator <> $indicator) w USING (report_id)
            ORDER BY value DESC NULLS LAST, division_code, body""",  # noqa: S608
        indicator=indicator, applicant=applicant, level=level, year=year, of=of or indicator,
    )  # fmt: skip


def medians(
    source: Source, indicator: str, applicant: str, level: str, least: int, *, money: bool, of: str = ""
) -> pd.DataFrame:
    """The median of each province and year, with the number ``n`` of bodies behind it.

    ``of`` is the indicator that the values are a share of; bodies with fewer than ``least`` of it are left out.
    """
    # One pass over the figures gives both: they are by far the largest table.
    share = f"""SELECT any_value(division_code) AS division_code, report_year,
                       max(value) FILTER (indicator = $indicator) / max(value) FILTER (indicator = $of) AS value
                FROM ({_told(money)}) GROUP BY report_id, report_year
                HAVING max(value) FILTER (indicator = $of) >= $least"""  # noqa: S608
    inner = share if of else _told(money)
    return source.rows(
        f"""WITH v AS ({inner}), p AS (SELECT left(code, 2) AS start, any_value(province) AS province
                FROM portals WHERE province <> '' GROUP BY 1)
            SELECT p.start, p.province, v.report_year, median(v.value) AS median, count(v.value) AS n
            FROM v JOIN p ON p.start = left(v.division_code, 2) WHERE v.report_year > 0
            GROUP BY ALL ORDER BY p.start, v.report_year""",  # noqa: S608
        indicator=indicator, applicant=applicant, level=level, of=of or indicator, least=least,
    )  # fmt: skip


def years(source: Source) -> list[int]:
    """The report years of the release, newest first."""
    return sorted((year for year in source.release.reports_by_year if year), reverse=True)
