"""Crawls as the archive's index tells them, and unattended runs as their own records do."""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from captures.archive import index_folder
from captures.index import INDEX_NAME, index_errors, open_index
from explorer.words import KEPT, NOT_SEEN
from operations.history import RUNS, History
from operations.model import RunError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from operations.model import Summary

# So many runs are looked at, the newest.
MOST_RUNS = 100
# Of a run's record, what is shown of every run; of lists their lengths.
COUNTED = ("started_at", "seconds", "portals", "requests", "new", "changed", "gone", "alarms", "release_id")
_CRAWLS = """
SELECT run_id, started_at, coalesce(captures, 0) AS captures, coalesce(outcomes, 0) AS outcomes FROM runs
LEFT JOIN (SELECT run_id, count(*) AS captures FROM captures GROUP BY run_id) USING (run_id)
LEFT JOIN (SELECT run_id, count(*) AS outcomes FROM outcomes GROUP BY run_id) USING (run_id)
ORDER BY started_at, run_id
"""
_TALLY = "SELECT run_id, outcome, count(*) AS n FROM outcomes GROUP BY run_id, outcome ORDER BY run_id, outcome"
# A portal that was not seen has lost nothing.
_LOST = """
WITH newest AS (
    -- SQLite takes the other columns from the row that holds the maximum.
    SELECT code, name, report_year, outcome, run_id, max(recorded_at || printf('%020d', rowid)) FROM outcomes
    WHERE outcome NOT IN (SELECT value FROM json_each(:not_seen)) GROUP BY code, name, report_year
), had AS (
    SELECT DISTINCT code, name, report_year FROM outcomes WHERE outcome IN (SELECT value FROM json_each(:kept))
)
SELECT code, name, report_year, outcome, run_id FROM newest JOIN had USING (code, name, report_year)
WHERE outcome NOT IN (SELECT value FROM json_each(:kept)) ORDER BY code, name, report_year
"""


class Crawls(NamedTuple):
    """The crawls of an archive, their outcomes counted, and reports that were found once and are no more."""

    crawls: pd.DataFrame
    tally: pd.DataFrame
    lost: pd.DataFrame


class Told(NamedTuple):
    """What unattended runs tell: a row for each run, the oldest first, and one for each of their alarms."""

    runs: pd.DataFrame
    alarms: pd.DataFrame


def crawls(archive: Path) -> Crawls:
    """The crawls of an archive. Raises ArchiveError where it cannot be read."""
    folder = index_folder(archive)
    files = (folder / name for name in (INDEX_NAME, f"{INDEX_NAME}-wal"))
    return _crawls(folder, tuple(_stamp(file) for file in files))


@lru_cache(maxsize=2)
def _crawls(folder: Path, _stamps: tuple[object, ...]) -> Crawls:
    import pandas as pd  # noqa: PLC0415 - the edge

    values = {"kept": json.dumps(KEPT), "not_seen": json.dumps(NOT_SEEN)}
    index = open_index(folder)
    try:
        with index_errors(folder):
            found = [pd.read_sql_query(query, index, params=values) for query in (_CRAWLS, _TALLY, _LOST)]
    finally:
        index.close()
    return Crawls(*found)


def told(state: Path) -> Told:
    """What the newest runs recorded in a folder tell. Raises RunError where a newer gongkai wrote one of them."""
    return _told(state, tuple(_stamp(file) for file in sorted((state / RUNS).glob("*.json"))[-MOST_RUNS:]))


@lru_cache(maxsize=2)
def _told(state: Path, _stamps: tuple[object, ...]) -> Told:
    import pandas as pd  # noqa: PLC0415 - the edge

    past = list(islice(History(state).past(), MOST_RUNS))[::-1]
    runs = [[each.run_id, str(each.status), *(_size(getattr(each, name)) for name in COUNTED)] for each in past]
    alarms = [
        (each.run_id, alarm.kind, alarm.subject, alarm.detail, alarm.standing) for each in past for alarm in each.alarms
    ]
    return Told(
        pd.DataFrame(runs, columns=["run_id", "status", *COUNTED]),
        pd.DataFrame(alarms, columns=["run_id", "kind", "subject", "detail", "standing"]),
    )


def record(state: Path, run_id: str) -> Summary | None:
    """The record of one run; None where there is none that can be read."""
    try:
        return History(state).read(run_id) if run_id in History(state).names() else None
    except RunError:
        return None


def _size(value: Any) -> Any:
    return len(value) if isinstance(value, list) else value


def _stamp(file: Path) -> object:
    """What changes when a file does."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return file.name, found.st_mtime_ns, found.st_size
