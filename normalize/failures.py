"""The checks that failed in a release, the gravest first, each with its report and cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normalize import codebook
from normalize.database import connect
from normalize.published import load_release, opened

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_FAILED = """
SELECT severity, "check", r.report_year, r.body, c.applicant, c."left", c."right", c.difference, c.cells, r.url
FROM read_parquet($checks, hive_partitioning = true) c
JOIN read_parquet($reports, hive_partitioning = true) r USING (report_id)
WHERE c.result = 'fail'
ORDER BY list_position(['hard', 'soft', 'note'], severity), abs(difference) DESC NULLS LAST,
         r.division_code, r.body, r.report_year, "check", applicant, cells
"""


def failed_checks(release: Path) -> pd.DataFrame:
    """Every failed check of a release, hard before soft, large differences before small.

    Columns: severity, check, says (the identity in words), report_year, body, applicant, left, right, difference,
    cells (separated by spaces), url. Raises ReleaseError where there is no release.
    """
    folder = load_release(release).path
    files = {name: str(folder / name / "*" / "*.parquet") for name in ("checks", "reports")}
    with opened(folder), connect() as connection:
        frame = connection.execute(_FAILED, files).df()
    says = {rule.check: rule.label_en for rule in codebook.check_rules()}
    frame.insert(2, "says", [says.get(check, "") for check in frame["check"]])
    return frame
