"""Coverage: which portal years have a report, by place and by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.words import KEPT

if TYPE_CHECKING:
    import pandas as pd

    from explorer.source import Source

# A release without outcomes (made from files) still tells which years its own reports cover.
_CELLS = """
WITH told AS (
    SELECT o.code, CAST(o.report_year AS INTEGER) AS report_year,
           arg_max(o.outcome, list_contains($kept, o.outcome)) AS outcome,
           arg_max(o.detail, list_contains($kept, o.outcome)) AS detail
    FROM outcomes o GROUP BY ALL
), cells AS (
    SELECT * FROM told
    UNION ALL
    SELECT r.division_code, CAST(r.report_year AS INTEGER), 'found', '' FROM reports r
    ANTI JOIN told ON told.code = r.division_code AND told.report_year = r.report_year
    WHERE r.body_level IN ('province', 'city', 'county') AND r.report_year > 0 GROUP BY ALL
)
SELECT p.province, p.prefecture, p.name, p.family, c.* FROM cells c JOIN portals p USING (code)
"""


def by_province(source: Source) -> pd.DataFrame:
    """Portals and kept reports by province and year, and the provinces' codes."""
    return source.rows(
        f"SELECT province, left(min(code), 2) AS province_code, report_year, count(*) AS portals, "  # noqa: S608
        f"CAST(sum(list_contains($kept, outcome)) AS INTEGER) AS kept FROM ({_CELLS}) "
        "GROUP BY province, report_year ORDER BY province_code, report_year",
        kept=KEPT,
    )


def by_family(source: Source) -> pd.DataFrame:
    """Portal years and kept reports by family; nothing where the catalogue names none."""
    return source.rows(
        f"SELECT family, count(DISTINCT code) AS portals, count(*) AS years, "  # noqa: S608
        f"CAST(sum(list_contains($kept, outcome)) AS INTEGER) AS kept FROM ({_CELLS}) "
        "GROUP BY family ORDER BY portals DESC, family",
        kept=KEPT,
    )


def of_province(source: Source, province: str) -> pd.DataFrame:
    """Every portal year of a province: its outcome in code and words."""
    return source.rows(
        f"SELECT * FROM ({_CELLS}) WHERE province = $province ORDER BY code, report_year",  # noqa: S608
        kept=KEPT,
        province=province,
    )


def of_portal(source: Source, code: str) -> pd.DataFrame:
    """Every outcome of one portal, by year."""
    return source.rows(
        "SELECT CAST(report_year AS INTEGER) AS report_year, outcome, detail, url FROM outcomes WHERE code = $code "
        "ORDER BY report_year, outcome",
        code=code,
    )
