"""One county: its bodies and reports, a report's figures, checks, prose, and who stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from explorer.source import Source

LINEAGE = "coalesce(nullif(lineage_code, ''), division_code)"


def provinces(source: Source) -> list[str]:
    """The provinces of the release's portals and reports, by code."""
    rows = source.rows("SELECT province FROM portals WHERE province <> '' GROUP BY province ORDER BY min(code)")
    return [str(name) for name in rows["province"]]


def counties(source: Source, province: str) -> dict[str, str]:
    """Names by code of all that report in a province."""
    rows = source.rows(
        "SELECT code, any_value(name) AS name, any_value(prefecture) AS prefecture FROM portals "
        "WHERE province = $province GROUP BY code ORDER BY code",
        province=province,
    )
    named = zip(rows["code"], rows["name"], rows["prefecture"], strict=True)
    return {code: f"{name}（{above}）" if above and above != name else name for code, name, above in named}


def province_of(source: Source, code: str) -> str:
    """The province of a code; empty where it is not known."""
    rows = source.rows("SELECT province FROM portals WHERE code = $code LIMIT 1", code=code)
    return str(rows["province"][0]) if len(rows) else ""


def reports(source: Source, code: str) -> pd.DataFrame:
    """The reports of a division and of what it was before, the government's own first, the newest year first.

    ``main`` says whether the report is the one that the panel takes for its body and year.
    """
    return source.rows(
        f"""SELECT r.* EXCLUDE (report_year), CAST(r.report_year AS INTEGER) AS report_year,
                r.report_id IN (SELECT report_id FROM panel WHERE division_code IN (
                    SELECT division_code FROM reports WHERE {LINEAGE} = $code OR division_code = $code)) AS main
            FROM reports r WHERE {LINEAGE} = $code OR division_code = $code
            ORDER BY list_position(['province', 'city', 'county'], body_level) NULLS LAST, body, report_year DESC,
                     main DESC, url""",  # noqa: S608
        code=code,
    )


def report(source: Source, report_id: str) -> pd.DataFrame:
    """One report by its identifier; no row where the release has none."""
    return source.rows(
        "SELECT * EXCLUDE (report_year), CAST(report_year AS INTEGER) AS report_year FROM reports "
        "WHERE report_id = $report",
        report=report_id,
    )


def _of_report(source: Source, table: str, columns: str, report_id: str, year: int) -> pd.DataFrame:
    # The names of tables and columns are this module's own; what was asked for is bound.
    return source.rows(
        f"SELECT {columns} FROM {table} WHERE report_year = $year AND report_id = $report",  # noqa: S608
        report=report_id,
        year=year,
    )


def figures(source: Source, report_id: str, year: int) -> pd.DataFrame:
    """The figures of a report."""
    columns = "indicator, applicant, value, unit, status, raw, flags, sha256, page, table_no, row_no, col_no"
    return _of_report(source, "figures", columns, report_id, year)


def checks(source: Source, report_id: str, year: int) -> pd.DataFrame:
    """The checks of a report."""
    return _of_report(
        source, "checks", '"check", applicant, severity, result, "left", "right", difference, cells', report_id, year
    )


def narrative(source: Source, report_id: str, year: int) -> pd.DataFrame:
    """The figures that a report states in prose."""
    return _of_report(source, "narrative", "indicator, value, unit, cumulative, section, quote", report_id, year)


def sections(source: Source, report_id: str, year: int) -> pd.DataFrame:
    """The chapters of a report."""
    return _of_report(source, "sections", "section, heading, text", report_id, year)


def leftovers(source: Source, report_id: str, year: int) -> pd.DataFrame:
    """What could not be placed."""
    return _of_report(source, "leftovers", "table_no, row_no, col_no, raw, reason", report_id, year)


def panel(source: Source, code: str, body: str) -> pd.DataFrame:
    """The harmonised series of one body over the years."""
    return source.rows(
        f"""SELECT * EXCLUDE (report_year), CAST(report_year AS INTEGER) AS report_year FROM panel
            WHERE ({LINEAGE} = $code OR division_code = $code) AND body = $body AND report_year > 0
            ORDER BY report_year""",  # noqa: S608
        code=code,
        body=body,
    )


def around(source: Source, report_id: str, year: int) -> pd.DataFrame:
    """The bodies of the same level in the same province and year, the nearest in new requests first.

    ``neighbour`` says whether it lies in the same prefecture.
    """
    return source.rows(
        """WITH own AS (SELECT * FROM panel WHERE report_id = $report AND report_year = $year)
           SELECT p.report_id, p.division_code, p.body, p.prefecture, p.prefecture = own.prefecture AS neighbour,
                  p.h_apply_received, p.h_apply_denied, p.h_review_recon_total,
                  abs(p.h_apply_received - own.h_apply_received) AS distance
           FROM panel p JOIN own ON p.province = own.province AND p.body_level = own.body_level
           WHERE p.report_year = $year AND p.report_id <> $report
           ORDER BY distance NULLS LAST, p.division_code, p.body""",
        report=report_id,
        year=year,
    )
