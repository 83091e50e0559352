"""What a release changes against the one before, figure by figure and why, and what is known to be wrong with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normalize.database import connect
from normalize.published import opened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd

    from normalize.published import Release

NEW_COVERAGE, WITHDRAWN, CORRECTION = "new coverage", "withdrawn", "correction"
NEW_CAPTURE, REVISED = "new capture", "revised by the body"
READER_CAUSES = frozenset({"reader changed", "codebook changed", "reader and codebook changed"})
SHOWN = 5

# What decides the figures that are read from the same bytes.
READ_WITH = (
    "schema_version", "codebook", "divisions_sha256", "code_sha256", "reader", "readers", "pyarrow",
    "corrections_sha256",
)  # fmt: skip

# The panel holds one report per body and year; a body or year that is unknown has no counterpart to compare with.
# ``said`` is equal where all that the table says of a report is (64 bits of a hash, which is six times as quick as the
# text): read with the same code, such reports have the same figures, unless those come from other files as well.
_REPORTS = """
SELECT r.report_id, CAST(r.report_year AS INTEGER) AS report_year, r.division_code, r.body, r.url,
       hash(r) AS said, contains(r.flags, 'several_files') AS has_parts
FROM read_parquet({reports}, hive_partitioning = true) r
SEMI JOIN read_parquet({panel}, hive_partitioning = true) p ON p.report_id = r.report_id
WHERE r.division_code <> '' AND r.body <> '' AND list_contains($years, CAST(r.report_year AS INTEGER))
"""
_FIGURES = """
SELECT report_id, indicator, applicant, value, unit, status, sha256,
       list_contains(string_split(flags, ' '), 'corrected') AS corrected
FROM read_parquet({figures}, hive_partitioning = true)
WHERE list_contains($years, CAST(report_year AS INTEGER))
"""
_CHANGES = f"""
CREATE TEMP TABLE changes AS
WITH old AS ({_REPORTS.format(reports="$old_reports", panel="$old_panel")}),
     new AS ({_REPORTS.format(reports="$new_reports", panel="$new_panel")}),
     pairs AS (
         SELECT report_year, division_code, body, old.report_id AS old_id, new.report_id AS new_id,
                old.url AS old_url, new.url AS new_url
         FROM old FULL JOIN new USING (report_year, division_code, body)
         WHERE NOT $same OR old.said IS DISTINCT FROM new.said OR old.has_parts OR new.has_parts
     ),
     o AS (SELECT pairs.*, f.* FROM pairs JOIN ({_FIGURES.format(figures="$old_figures")}) f ON f.report_id = old_id),
     n AS (SELECT pairs.*, f.* FROM pairs JOIN ({_FIGURES.format(figures="$new_figures")}) f ON f.report_id = new_id)
SELECT CASE WHEN o.report_id IS NULL THEN 'ADD' WHEN n.report_id IS NULL THEN 'DEL' ELSE 'MOD' END AS change,
       CASE WHEN coalesce(n.old_id, o.old_id) IS NULL THEN 'new coverage'
            WHEN coalesce(n.new_id, o.new_id) IS NULL THEN 'withdrawn'
            WHEN coalesce(o.corrected, false) OR coalesce(n.corrected, false) THEN 'correction'
            WHEN coalesce(n.old_url, o.old_url) <> coalesce(n.new_url, o.new_url) THEN 'new capture'
            WHEN o.sha256 <> n.sha256 THEN 'revised by the body'
            ELSE $reader END AS cause,
       division_code, body, report_year, indicator, applicant, o.value AS old_value, n.value AS new_value,
       o.unit AS old_unit, n.unit AS new_unit, o.status AS old_status, n.status AS new_status,
       coalesce(n.old_url, o.old_url) AS old_url, coalesce(n.new_url, o.new_url) AS new_url
FROM o FULL JOIN n USING (report_year, division_code, body, indicator, applicant)
WHERE o.report_id IS NULL OR n.report_id IS NULL
   OR o.value IS DISTINCT FROM n.value OR o.unit <> n.unit OR o.status <> n.status
"""  # noqa: S608 - put together from constants, values are bound
_COVERAGE = f"""
WITH old AS ({_REPORTS.format(reports="$old_reports", panel="$old_panel")}),
     new AS ({_REPORTS.format(reports="$new_reports", panel="$new_panel")})
SELECT report_year, count(*) FILTER (old.report_id IS NULL), count(*) FILTER (new.report_id IS NULL)
FROM old FULL JOIN new USING (report_year, division_code, body) GROUP BY report_year ORDER BY report_year
"""  # noqa: S608
_BY_CAUSE = """
SELECT cause, change, count(*), count(DISTINCT (division_code, body, report_year))
FROM changes WHERE cause NOT IN ('new coverage', 'withdrawn') GROUP BY ALL ORDER BY ALL
"""
_BY_INDICATOR = """
SELECT cause, indicator, count(*) FROM changes WHERE cause NOT IN ('new coverage', 'withdrawn')
GROUP BY ALL ORDER BY cause, count(*) DESC, indicator
"""
_BY_YEAR = """
SELECT report_year, count(*) FROM changes WHERE cause NOT IN ('new coverage', 'withdrawn') GROUP BY ALL
"""
_LISTED = "SELECT * FROM changes ORDER BY report_year, division_code, body, indicator, applicant"
_DOUBTFUL = """
SELECT status, count(*) FROM read_parquet($figures, hive_partitioning = true)
WHERE status IN ('ambiguous', 'unreadable', 'missing', 'text') GROUP BY status ORDER BY count(*) DESC, status
"""
_FAILED = """
SELECT "check", count(*), count(DISTINCT report_id) FROM read_parquet($checks, hive_partitioning = true)
WHERE result = 'fail' AND severity = 'hard' GROUP BY ALL ORDER BY count(*) DESC, "check"
"""
_FLAGGED = """
SELECT flag, count(*) FROM (
    SELECT unnest(string_split(flags, ' ')) AS flag FROM read_parquet($reports, hive_partitioning = true)
) WHERE flag <> '' GROUP BY flag ORDER BY count(*) DESC, flag
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """Reports added and withdrawn by year, figures changed by year and by cause.

    ``causes`` maps a cause to what it did: figures added, revised and gone, and in how many reports; ``indicators`` to
    where it did most of it.
    """

    coverage: Mapping[int, tuple[int, int]]
    revised: Mapping[int, int]
    causes: Mapping[str, Mapping[str, int]]
    indicators: Mapping[str, Sequence[tuple[str, int]]]


def figure_changes(old: Release, new: Release) -> pd.DataFrame:
    """Each figure that differs between two releases, by division, body, year, indicator and applicant.

    Columns: change (``ADD``, ``MOD``, ``DEL``), cause, the five of the key, and value, unit, status and url on both
    sides. A figure differs by value, unit or status. The cause is ``new coverage`` or ``withdrawn`` where the report
    came or went, ``correction``, ``new capture`` (another document of the body and year), ``revised by the body``
    (other bytes at the same address), or, of the same bytes, which of reader and codebook changed.
    """
    years = {*old.reports_by_year, *new.reports_by_year}
    with _compared(old, new.path, new.manifest, years) as connection:
        return connection.execute(_LISTED).df()


def count_changes(
    old: Release, folder: Path, facts: Mapping[str, Any], years: Collection[int], scratch: Path
) -> Changes:
    """The changes from a release to the one in ``folder``, whose manifest will hold ``facts``, counted.

    Only ``years`` are looked at; ``scratch`` takes what does not fit in memory.
    """
    with _compared(old, folder, facts, years, scratch) as connection:
        files = _files(old.path, folder)
        coverage = connection.execute(_COVERAGE, _asked(_COVERAGE, files | {"years": sorted(years)})).fetchall()
        causes: dict[str, Counter[str]] = defaultdict(Counter)
        for cause, change, figures, reports in connection.execute(_BY_CAUSE).fetchall():
            causes[cause][change] += figures
            causes[cause]["reports"] = max(causes[cause]["reports"], reports)
        indicators: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for cause, indicator, number in connection.execute(_BY_INDICATOR).fetchall():
            if len(indicators[cause]) < SHOWN:
                indicators[cause].append((indicator, number))
        revised = dict(connection.execute(_BY_YEAR).fetchall())
    return Changes({year: (added, gone) for year, added, gone in coverage}, revised, causes, indicators)


@contextmanager
def _compared(
    old: Release, new: Path, facts: Mapping[str, Any], years: Collection[int], scratch: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    read_with = {
        "reader": _reader_cause(old.manifest, facts),
        "same": all(old.manifest.get(fact) == facts.get(fact) for fact in READ_WITH),
    }
    with opened(old.path), connect(scratch) as connection:
        connection.execute(_CHANGES, {**_files(old.path, new), "years": sorted(years), **read_with})
        yield connection


def _files(old: Path, new: Path) -> dict[str, Any]:
    return {
        f"{side}_{table}": str(folder / table / "*" / "*.parquet")
        for side, folder in (("old", old), ("new", new))
        for table in ("reports", "panel", "figures")
    }


def _asked(query: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"${name}" in query}


def _reader_cause(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What can have changed figures that were read from the same bytes."""
    codebook = old["codebook"] != new["codebook"]
    code = any(old.get(fact) != new.get(fact) for fact in ("code_sha256", "reader", "divisions_sha256"))
    if codebook and code:
        return "reader and codebook changed"
    return "codebook changed" if codebook else "reader changed"


def known_issues(folder: Path, unreadable: int) -> list[str]:
    """What is known to be wrong with the release in ``folder``, in words with counts."""
    issues = [f"{unreadable} documents could not be read (flag unreadable)"] if unreadable else []
    with connect() as connection:

        def rows(query: str, table: str) -> list[tuple[Any, ...]]:
            return connection.execute(query, {table: str(folder / table / "*" / "*.parquet")}).fetchall()

        issues += [f"{number} figures have the status {status}" for status, number in rows(_DOUBTFUL, "figures")]
        failed = rows(_FAILED, "checks")
        issues += [f"hard check {check} fails {times} times, in {reports} reports" for check, times, reports in failed]
        flagged = [(flag, number) for flag, number in rows(_FLAGGED, "reports") if flag != "unreadable"]
        issues += [f"{number} reports are flagged {flag}" for flag, number in flagged]
    return issues


def changes_text(
    release_id: str, previous: str, changes: Changes | None, notes: Sequence[str], issues: Sequence[str]
) -> str:
    """``CHANGES.md``: new coverage, revised values, withdrawn, reader fixes and known issues, with counts.

    ``previous`` is empty and ``changes`` None for the first release; ``notes`` are what the gates let through.
    """
    lines = [f"# {release_id}", ""]
    if changes is None:
        lines.append("The first release in this place: nothing to compare with.")
    else:
        lines += _coverage_lines(previous, changes)
        own = {cause: counts for cause, counts in changes.causes.items() if cause not in READER_CAUSES}
        lines += _cause_lines("Revised values", own, changes)
        fixes = {cause: counts for cause, counts in changes.causes.items() if cause in READER_CAUSES}
        lines += _cause_lines("Reader fixes", fixes, changes)
    if notes:
        lines += ["", "## Gates", "", *(f"- {note}" for note in notes)]
    if issues:
        lines += ["", "## Known issues", "", *(f"- {issue}" for issue in issues)]
    return "\n".join(lines) + "\n"


def _coverage_lines(previous: str, changes: Changes) -> list[str]:
    changed = {year for year, counts in changes.coverage.items() if any(counts)} | changes.revised.keys()
    if not changed:
        return [f"Against {previous}: no report added or withdrawn, no figure revised."]
    return [
        f"Against {previous}:",
        "",
        "| Report year | Reports added | Figures revised | Reports withdrawn |",
        "| ---: | ---: | ---: | ---: |",
        *(
            f"| {year} | {changes.coverage.get(year, (0, 0))[0]} | {changes.revised.get(year, 0)}"
            f" | {changes.coverage.get(year, (0, 0))[1]} |"
            for year in sorted(changed)
        ),
    ]


def _cause_lines(heading: str, causes: Mapping[str, Mapping[str, int]], changes: Changes) -> list[str]:
    if not causes:
        return []
    lines = ["", f"## {heading}", ""]
    for cause, counts in sorted(causes.items()):
        figures = f"{counts['ADD']} figures added, {counts['MOD']} revised, {counts['DEL']} gone"
        most = ", ".join(f"{indicator} ({number})" for indicator, number in changes.indicators[cause])
        lines.append(f"- {cause}: {figures}, in {counts['reports']} reports; most: {most}")
    return lines
