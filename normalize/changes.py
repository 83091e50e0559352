"""What a release changes against the one before, counted by year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from normalize.published import opened

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

MEMORY_LIMIT = "512MB"

# The panel holds one report per body and year; a body or year that is unknown has no counterpart to compare with.
_REPORTS = """
SELECT report_id, CAST(report_year AS INTEGER) AS report_year, division_code, body
FROM read_parquet({panel}, hive_partitioning = true)
WHERE division_code <> '' AND body <> '' AND list_contains($years, CAST(report_year AS INTEGER))
"""
_FIGURES = """
SELECT report_id, indicator, applicant, value, unit, status
FROM read_parquet({figures}, hive_partitioning = true)
WHERE list_contains($years, CAST(report_year AS INTEGER))
"""
_COUNTS = f"""
WITH old AS ({_REPORTS.format(panel="$old_panel")}),
     new AS ({_REPORTS.format(panel="$new_panel")}),
     pairs AS (
         SELECT report_year, old.report_id AS old_id, new.report_id AS new_id
         FROM old FULL JOIN new USING (report_year, division_code, body)
     ),
     coverage AS (
         SELECT report_year, count(*) FILTER (old_id IS NULL) AS added, count(*) FILTER (new_id IS NULL) AS withdrawn
         FROM pairs GROUP BY report_year
     ),
     revisions AS (
         SELECT report_year, count(*) AS revised
         FROM pairs
         JOIN ({_FIGURES.format(figures="$old_figures")}) o ON o.report_id = old_id
         JOIN ({_FIGURES.format(figures="$new_figures")}) n
           ON n.report_id = new_id AND n.indicator = o.indicator AND n.applicant = o.applicant
         WHERE o.value IS DISTINCT FROM n.value OR o.unit <> n.unit OR o.status <> n.status
         GROUP BY report_year
     )
SELECT report_year, added, coalesce(revised, 0), withdrawn
FROM coverage LEFT JOIN revisions USING (report_year) ORDER BY report_year
"""  # noqa: S608 - put together from constants, values are bound


@dataclass(frozen=True, slots=True)
class YearChanges:
    """What one year gained and lost: reports added, figures revised, reports withdrawn."""

    report_year: int
    added: int
    revised: int
    withdrawn: int


def count_changes(old: Path, new: Path, years: Collection[int], scratch: Path) -> list[YearChanges]:
    """The changes between two release folders in ``years``, a figure counting as revised by value, unit or status.

    ``scratch`` takes what does not fit in memory.
    """
    parameters = {
        "years": sorted(years),
        "old_panel": _pattern(old, "panel"),
        "new_panel": _pattern(new, "panel"),
        "old_figures": _pattern(old, "figures"),
        "new_figures": _pattern(new, "figures"),
    }
    with (
        opened(old),
        duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(scratch)}) as connection,
    ):
        return [YearChanges(*row) for row in connection.execute(_COUNTS, parameters).fetchall()]


def changes_text(release_id: str, previous: str, changes: Sequence[YearChanges], notes: Sequence[str]) -> str:
    """``CHANGES.md``: the counts as a table, the notes below; ``previous`` is empty for the first release."""
    lines = [f"# {release_id}", ""]
    if not previous:
        lines.append("The first release in this place: nothing to compare with.")
    elif not any(each.added or each.revised or each.withdrawn for each in changes):
        lines.append(f"Against {previous}: no report added or withdrawn, no figure revised.")
    else:
        lines += [f"Against {previous}:", "", "| Report year | Reports added | Figures revised | Reports withdrawn |"]
        lines.append("| ---: | ---: | ---: | ---: |")
        lines += [f"| {each.report_year} | {each.added} | {each.revised} | {each.withdrawn} |" for each in changes]
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"


def _pattern(release: Path, table: str) -> str:
    return str(release / table / "*" / "*.parquet")
