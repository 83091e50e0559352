"""The checks that failed in a release, the gravest first, each with its report and cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normalize import codebook
from normalize.database import connect
from normalize.published import load_release, opened

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

# A check names its cells; those that a figure stands for are looked up, others (text:2:17) stay as named.
_FAILED = """
WITH failed AS (
    SELECT severity, "check", r.report_year, r.body, r.division_code, c.applicant, c."left", c."right", c.difference,
           c.cells, report_id, r.url, r.sha256
    FROM read_parquet($checks, hive_partitioning = true) c
    JOIN read_parquet($reports, hive_partitioning = true) r USING (report_id, report_year)
    WHERE c.result = 'fail'
), named AS (
    SELECT DISTINCT report_id, report_year, sha256, unnest(string_split(cells, ' ')) AS cell FROM failed
), placed AS (
    SELECT n.report_id, n.cell, f.raw, f.page, f.table_no, f.row_no, f.col_no,
           CASE WHEN f.sha256 = n.sha256 THEN '' ELSE f.sha256 END AS file
    FROM named n
    JOIN read_parquet($figures, hive_partitioning = true) f
      ON f.report_id = n.report_id AND f.report_year = n.report_year
     AND f.indicator || CASE WHEN f.applicant = '' THEN '' ELSE '@' || f.applicant END = split_part(n.cell, '=', 1)
), listed AS (
    SELECT report_id, map(list(cell), list(struct_pack(raw, file, page, table_no, row_no, col_no))) AS places
    FROM placed GROUP BY report_id
)
SELECT severity, "check", report_year, body, applicant, "left", "right", difference, cells, report_id, url, places
FROM failed LEFT JOIN listed USING (report_id)
ORDER BY list_position(['hard', 'soft', 'note'], severity), abs(difference) DESC NULLS LAST,
         division_code, body, report_year, "check", applicant, cells
"""


def failed_checks(release: Path) -> pd.DataFrame:
    """Every failed check of a release, hard before soft, large differences before small.

    Columns: severity, check, says (the identity in words), report_year, body, applicant, left, right, difference,
    cells (separated by spaces), sources (a line a cell: what is printed there, and page, table, row and column, with
    the file's digest where it is not the report's first), report_id, url.
    Raises ReleaseError where there is no release.
    """
    folder = load_release(release).path
    files = {name: str(folder / name / "*" / "*.parquet") for name in ("checks", "reports", "figures")}
    with opened(folder), connect() as connection:
        frame = connection.execute(_FAILED, files).df()
    says = {rule.check: rule.label_en for rule in codebook.check_rules()}
    frame.insert(2, "says", [says.get(check, "") for check in frame["check"]])
    sources = [_sources(*row) for row in zip(frame["cells"], frame.pop("places"), strict=True)]
    frame.insert(10, "sources", sources)
    return frame


def _sources(cells: str, places: Any) -> str:
    """What is printed in each cell of a check, and where."""
    known = places if isinstance(places, dict) else {}
    return "\n".join(_source(cell, known.get(cell)) for cell in cells.split())


def _source(cell: str, place: dict[str, Any] | None) -> str:
    if place is None:
        return cell
    name = cell.partition("=")[0]
    if place["table_no"] < 0:
        return f"{name}: not in the document"
    file = f"file {place['file'][:12]}, " if place["file"] else ""
    page = f"page {place['page']}, " if place["page"] else ""
    where = f"{file}{page}table {place['table_no']}, row {place['row_no']}, column {place['col_no']}"
    return f"{name}: {' '.join(place['raw'].split()) or 'blank'} ({where})"
