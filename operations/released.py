"""What a run's release changed against the one before: reports new, changed and withdrawn, checks newly failing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from normalize.database import connect
from normalize.published import MANIFEST, ReleaseError, load_release, opened, verify_release
from operations.doctor import Finding, Verdict
from operations.model import FailingCheck, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from normalize.published import Release

EXAMPLES = 5
_COLUMNS = "h.report_id, h.division_code, h.body, CAST(h.report_year AS INTEGER) AS report_year, h.url"
# A report is the same one by its address, or by whose and of which year it is: portals move, readers get better.
_BOTH = """
CREATE TEMP VIEW old AS SELECT * FROM read_parquet({old}, hive_partitioning = true);
CREATE TEMP VIEW new AS SELECT * FROM read_parquet({new}, hive_partitioning = true);
"""
_ONLY_IN = f"""
SELECT {_COLUMNS} FROM {{here}} h ANTI JOIN {{there}} t ON h.url = t.url
INTERSECT
SELECT {_COLUMNS} FROM {{here}} h ANTI JOIN {{there}} t
    ON h.division_code = t.division_code AND h.body = t.body AND h.report_year = t.report_year AND h.body <> ''
ORDER BY ALL
"""  # noqa: S608 - put together from constants
_NEW = _ONLY_IN.format(here="new", there="old")
_WITHDRAWN = _ONLY_IN.format(here="old", there="new")
_CHANGED = f"""
SELECT {_COLUMNS} FROM new h ANTI JOIN old t ON h.sha256 = t.sha256
EXCEPT {_NEW}
"""  # noqa: S608
_ALL = f"SELECT {_COLUMNS} FROM read_parquet($new, hive_partitioning = true) h ORDER BY ALL"  # noqa: S608
_FAILING = """
SELECT c."check", count(DISTINCT c.report_id),
    count(DISTINCT c.report_id) FILTER (c.report_id IN (SELECT o.report_id FROM old o)),
    list(DISTINCT c.report_id ORDER BY c.report_id)[:$most]
FROM read_parquet($new, hive_partitioning = true) c
ANTI JOIN (SELECT * FROM read_parquet($old, hive_partitioning = true) WHERE result = 'fail') b
    ON b.report_id = c.report_id AND b."check" = c."check" AND b.applicant = c.applicant
WHERE c.result = 'fail' AND c.severity = 'hard' GROUP BY ALL ORDER BY 2 DESC, 1
"""
_HARD_FAILURES = """
SELECT count(*) FROM read_parquet($new, hive_partitioning = true) WHERE result = 'fail' AND severity = 'hard'
"""


@dataclass(frozen=True, slots=True)
class Released:
    """What a release changed; ``measures`` are figures to compare with those of other runs."""

    new: Sequence[Report] = ()
    changed: Sequence[Report] = ()
    withdrawn: Sequence[Report] = ()
    checks: Sequence[FailingCheck] = ()
    measures: Mapping[str, float] = field(default_factory=dict)


def latest(releases: Path) -> str:
    """Return the name of the newest release, empty where there is none."""
    try:
        return load_release(releases).release_id
    except ReleaseError:
        return ""


def look_over(place: Path, archive: Path) -> Finding:
    """Look over the newest release: every file is as its manifest says; ``archive`` is what it can be built from."""
    build = f"gongkai build --archive {archive} --releases {place}"
    if not any(place.glob(f"*/{MANIFEST}")):
        return Finding("releases", Verdict.ABSENT, f"{place}: none yet", build)
    try:
        release = load_release(place)
        problems = verify_release(release.path)
    except ReleaseError as error:
        return Finding("releases", Verdict.AMISS, str(error).partition("; ")[0], build)
    if problems:
        remedy = f"rm -r {release.path} && {build}"
        return Finding("releases", Verdict.AMISS, f"{release.release_id}: {problems[0]}", remedy)
    return Finding("releases", Verdict.WELL, f"{release.release_id}, whole")


def compare(releases: Path, before: str, now: str) -> Released:
    """Compare two releases of a folder by name; ``before`` may be empty: then every report is new.

    Raises ReleaseError where one of them is not there or damaged.
    """
    new = load_release(releases / now)
    old = load_release(releases / before) if before and before != now else None
    with opened(new.path), connect() as connection:
        measures = _measures(connection, new)
        if before == now:
            return Released(measures=measures)
        reports = _table(new, "reports")
        if old is None:
            return Released(new=_reports(connection.execute(_ALL, {"new": reports})), measures=measures)
        connection.execute(_BOTH.format(old=_quoted(_table(old, "reports")), new=_quoted(reports)))
        both = {"old": _table(old, "checks"), "new": _table(new, "checks"), "most": EXAMPLES}
        return Released(
            new=_reports(connection.execute(_NEW)),
            changed=_reports(connection.execute(_CHANGED)),
            withdrawn=_reports(connection.execute(_WITHDRAWN)),
            checks=[FailingCheck(*row) for row in connection.execute(_FAILING, both).fetchall()],
            measures=measures,
        )


def _reports(found: duckdb.DuckDBPyConnection) -> list[Report]:
    return [Report(*row) for row in found.fetchall()]


def _measures(connection: duckdb.DuckDBPyConnection, release: Release) -> dict[str, float]:
    failures = connection.execute(_HARD_FAILURES, {"new": _table(release, "checks")}).fetchone()
    return {
        "reports in the release": release.rows["reports"],
        "documents that cannot be read": release.manifest["unreadable"],
        "hard checks that fail": failures[0] if failures else 0,
    }


def _table(release: Release, table: str) -> str:
    return str(release.path / table / "*" / "*.parquet")


def _quoted(text: str) -> Any:
    # A view takes no parameters.
    return "'" + text.replace("'", "''") + "'"
