"""Reads an archive through its index."""

from __future__ import annotations

import hashlib
import shutil
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from captures.index import (
    COLUMNS,
    INDEX_NAME,
    NEWEST,
    OUTCOME_COLUMNS,
    REFUSED,
    add_ways,
    index_errors,
    open_index,
    reindex_remedy,
)
from captures.model import ArchiveError, Capture, Outcome, PayloadError, Run
from captures.payload import MAX_PAYLOAD, decode_payload
from captures.store import cache_folder, remote
from captures.warc import HttpResponse, read_record

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from types import TracebackType

# Each step looks up the portal year after the last: the outcomes between are not read. Three look-ups, because a
# comparison of all three columns at once begins at the last portal year and reads through it.
_FOLLOWING = """(
    SELECT rowid FROM outcomes AS each WHERE each.code {} years.code {}
    ORDER BY each.code, each.name, each.report_year LIMIT 1)"""
_PORTAL_YEARS = f"""
WITH RECURSIVE years (code, name, report_year) AS (
    SELECT * FROM (SELECT code, name, report_year FROM outcomes ORDER BY 1, 2, 3 LIMIT 1)
    UNION ALL
    SELECT following.code, following.name, following.report_year FROM years JOIN outcomes AS following
    ON following.rowid = COALESCE(
        {_FOLLOWING.format("=", "AND each.name = years.name AND each.report_year > years.report_year")},
        {_FOLLOWING.format("=", "AND each.name > years.name")},
        {_FOLLOWING.format(">", "")}))
SELECT code, name, report_year FROM years
"""  # noqa: S608 - put together from constants


class Archive:
    """A folder of WARC files, read through its index; a context manager.

    The folder may lie on an object store (``s3://bucket/archive``): then the index is fetched, and records one by one.
    Raises ArchiveError where the index is missing, damaged or of another version.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._index = open_index(index_folder(self.path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def captures(
        self, *, kind: str | None = None, portal_code: str | None = None, newest: bool = True
    ) -> Iterator[Capture]:
        """Yield captures ordered by portal, URL and time, all of them or of one kind or portal.

        ``newest`` gives one per URL asked for (and per request body, for lists that are POSTed): the newest that speaks
        of the page itself; a redirect, a refusal or a server error is given only where there is nothing better.
        """
        wanted = "kind = COALESCE(:kind, kind) AND portal_code = COALESCE(:portal_code, portal_code)"
        source = f"captures WHERE {wanted}"
        if newest:
            place = f"PARTITION BY page ORDER BY {REFUSED} OR http_status BETWEEN 300 AND 399, {NEWEST}"
            source = f"(SELECT *, ROW_NUMBER() OVER ({place}) AS place FROM {source}) WHERE place = 1"  # noqa: S608
        query = f'SELECT {COLUMNS} FROM {source} ORDER BY portal_code, url, page, fetched_at, warc_file, "offset"'  # noqa: S608
        yield from (Capture(*row) for row in self._rows(query, {"kind": kind, "portal_code": portal_code}))

    def read(self, capture: Capture, *, limit: int = MAX_PAYLOAD) -> bytes:
        """Return a capture's payload, its transfer and content encodings undone and its sha256 verified.

        Raises PayloadError where the record is lost or damaged, or cannot be decoded within ``limit`` bytes.
        """
        place = f"{self.path / capture.warc_file} at byte {capture.offset}"
        with index_errors(self.path):
            response = read_response(self.path, self._index, capture.warc_file, capture.offset, capture.length)
        try:
            payload = decode_payload(response, limit)
        except PayloadError as error:
            raise PayloadError(f"{place}: {error}; the page itself was received so: crawl it again") from error
        if (found := hashlib.sha256(payload).hexdigest()) != capture.sha256:
            raise PayloadError(
                f"{place}: the payload's sha256 is {found}, not {capture.sha256}; "
                f"see what else is damaged with `gongkai archive verify --archive {self.path}`"
            )
        return payload

    def outcomes(self, *, newest: bool = True) -> list[Outcome]:
        """Return outcomes ordered by code, name, year and time; ``newest`` gives one per portal and report year.

        The newest is that of the last run that came to it: what the end of a run cut short says nothing of a portal,
        and stands only where there is nothing else. Those of all runs grow without end; ``histories`` does not hold
        them.
        """
        if newest:
            return [_newest(history) for history in self.histories()]
        rows = self._rows(
            f"SELECT {OUTCOME_COLUMNS} FROM outcomes ORDER BY code, name, report_year, recorded_at, rowid",  # noqa: S608
            {},
        )
        return [Outcome(*row) for row in rows]

    def histories(self, *, until: str = "") -> Iterator[Iterator[Outcome]]:
        """Yield for each portal and report year its outcomes, the newest first, by code, name and year.

        Only what is asked of a history is read, so that years of runs cost no more than the last ones. ``until`` leaves
        out what was recorded later (ISO 8601 in UTC); what then has no outcome is left out too.
        """
        self._find_outcomes()
        query = f"""SELECT {OUTCOME_COLUMNS} FROM outcomes
            WHERE code = :code AND name = :name AND report_year = :year AND recorded_at <= :until
            ORDER BY recorded_at DESC, rowid DESC"""  # noqa: S608 - put together from constants
        for code, name, year in self._rows(_PORTAL_YEARS, {}):
            rows = self._rows(query, {"code": code, "name": name, "year": year, "until": until or "~"})
            if newest := next(rows, None):
                yield (Outcome(*row) for row in chain((newest,), rows))

    def run_outcomes(self, run_id: str, code: str = "", name: str = "") -> list[Outcome]:
        """Return the outcomes of one run by code, name, year and time, or those of one portal in it."""
        self._find_outcomes()
        one = "AND code = :code AND name = :name" if code else ""
        rows = self._rows(
            f"""SELECT {OUTCOME_COLUMNS} FROM outcomes INDEXED BY outcomes_by_run WHERE run_id = :run_id {one}
            ORDER BY code, name, report_year, recorded_at, rowid""",  # noqa: S608 - put together from constants
            {"run_id": run_id, "code": code, "name": name},
        )
        return [Outcome(*row) for row in rows]

    def started(self) -> dict[str, str]:
        """Return when each run began, the oldest first."""
        return dict(self._rows("SELECT run_id, started_at FROM runs ORDER BY started_at, run_id", {}))

    def runs(self) -> list[Run]:
        """Return the runs, oldest first, with the number of their captures and outcomes; ``started`` counts nothing."""
        rows = self._rows(
            """SELECT run_id, started_at, COALESCE(c.number, 0), COALESCE(o.number, 0) FROM runs
            LEFT JOIN (SELECT run_id, COUNT(*) AS number FROM captures GROUP BY run_id) AS c USING (run_id)
            LEFT JOIN (SELECT run_id, COUNT(*) AS number FROM outcomes GROUP BY run_id) AS o USING (run_id)
            ORDER BY started_at, run_id""",
            {},
        )
        return [Run(*row) for row in rows]

    def _find_outcomes(self) -> None:
        with index_errors(self.path):
            add_ways(self._index, write=False)

    def _rows(self, query: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        with index_errors(self.path):
            yield from self._index.execute(query, values)


def index_folder(path: Path) -> Path:
    """The folder that holds the index: the archive's own, or the one that keeps a store's index of this state."""
    store = remote(path)
    if store is None:
        return path
    index = store / INDEX_NAME
    found = index.info()
    if not found.is_file:
        raise ArchiveError(f"{index}: no such index; copy an archive there with `gongkai archive copy DIR {store}`")
    kept = cache_folder(store)
    folder = kept / f"{found.mtime_ns}-{found.size}"
    if not (folder / INDEX_NAME).exists():
        for old in kept.glob("*-*"):
            shutil.rmtree(old, ignore_errors=True)
        index.fetch(folder / INDEX_NAME)
    return folder


def read_response(path: Path, index: sqlite3.Connection, warc_file: str, offset: int, length: int) -> HttpResponse:
    """Return the response at a place of the archive, a revisit filled from the record that it refers to.

    Raises PayloadError where either cannot be read.
    """
    record = read_record(path / warc_file, offset, length)
    seen = record.http()
    if record.type != "revisit":
        return seen
    origin_id = record.headers.get("warc-refers-to", "")
    place = index.execute(
        'SELECT warc_file, "offset", length FROM captures WHERE record_id = ?', (origin_id,)
    ).fetchone()
    if place is None:
        raise PayloadError(
            f"{path / warc_file} at byte {offset}: refers to record {origin_id}, which the index does not know; "
            f"put its WARC file back and {reindex_remedy(path)}"
        )
    origin = read_record(path / place[0], *place[1:]).http()
    if seen.status == 304:
        return HttpResponse(origin.status, _freshened(origin.headers, seen.headers), origin.body)
    return HttpResponse(seen.status, seen.headers, origin.body)


def _freshened(stored: list[tuple[bytes, bytes]], fresh: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    # What a 304 says about a body (RFC 9111, 3.2) is not about the body that is stored.
    fresh = [(name, value) for name, value in fresh if not name.lower().startswith((b"content-", b"transfer-"))]
    replaced = {name.lower() for name, _ in fresh}
    return [(name, value) for name, value in stored if name.lower() not in replaced] + fresh


def _newest(history: Iterator[Outcome]) -> Outcome:
    last = next(history)
    return next((each for each in chain((last,), history) if not each.is_cut_short), last)
