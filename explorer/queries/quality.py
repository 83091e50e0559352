"""Quality: checks that fail, flags by reader and form, and values in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from explorer.source import Source


def checks(source: Source) -> pd.DataFrame:
    """Each check: how often it failed, and how often it could be evaluated; the gravest and most frequent first."""
    return source.rows(
        """SELECT "check", severity, count(*) FILTER (result = 'fail') AS failed,
                  count(*) FILTER (result <> 'not_evaluable') AS evaluated
           FROM checks GROUP BY "check", severity HAVING failed > 0
           ORDER BY list_position(['hard', 'soft', 'note'], severity), failed DESC, "check" """
    )


def failures(source: Source, check: str, limit: int) -> pd.DataFrame:
    """The reports in which a check failed, large differences first; ``total`` counts all."""
    return source.rows(
        """SELECT r.body, r.division_code, CAST(c.report_year AS INTEGER) AS report_year, c.applicant, c."left",
                  c."right", c.difference, c.cells, c.report_id, count(*) OVER () AS total
           FROM checks c JOIN reports r ON r.report_id = c.report_id AND r.report_year = c.report_year
           WHERE c."check" = $check AND c.result = 'fail'
           ORDER BY abs(c.difference) DESC NULLS LAST, r.division_code, r.body, c.report_year, c.cells LIMIT $limit""",
        check=check,
        limit=limit,
    )


def flags(source: Source) -> pd.DataFrame:
    """How many reports and figures carry each flag, by reader and form."""
    return source.rows(
        """WITH heads AS (SELECT report_id, reader, form, flags FROM reports),
           carried AS (
               SELECT 'report' AS "of", reader, form, unnest(string_split(flags, ' ')) AS flag, 1 AS n
               FROM heads WHERE flags <> ''
               UNION ALL
               SELECT 'figure', reader, h.form, unnest(string_split(f.flags, ' ')), f.n
               FROM (SELECT report_id, flags, count(*) AS n FROM figures WHERE flags <> '' GROUP BY ALL) f
               JOIN heads h USING (report_id))
           SELECT "of", flag, reader, form, CAST(sum(n) AS BIGINT) AS n FROM carried GROUP BY "of", flag, reader, form
           ORDER BY n DESC, "of", flag, reader, form"""
    )


def doubtful(source: Source, flag: str, limit: int) -> pd.DataFrame:
    """Figures that carry a flag, the largest values first; ``total`` counts all."""
    return source.rows(
        """WITH f AS (
               SELECT report_id, indicator, applicant, value, unit, status, raw, flags,
                      CAST(report_year AS INTEGER) AS report_year, count(*) OVER () AS total
               FROM figures WHERE flags <> '' AND ($flag = '' OR list_contains(string_split(flags, ' '), $flag))
               ORDER BY value DESC NULLS LAST, report_id, indicator, applicant LIMIT $limit)
           SELECT f.*, r.body, r.division_code FROM f
           JOIN reports r ON r.report_id = f.report_id AND r.report_year = f.report_year
           ORDER BY value DESC NULLS LAST, f.report_id, indicator, applicant""",
        flag=flag,
        limit=limit,
    )
