"""The index of an archive: its tables, and how records become rows."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from captures.model import ArchiveError, Capture, NewerIndexError, Outcome, PayloadError, Problem, RecordError
from captures.payload import decode_payload
from captures.warc import SUFFIX, Gap, content_type, members, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from captures.warc import HttpResponse, Record

INDEX_NAME = "index.sqlite"
INDEX_VERSION = 1
JSON = "application/json"
OUTCOMES_URI = "urn:gongkai:outcomes:"
COLUMNS = ", ".join(f'"{field.name}"' for field in fields(Capture))
OUTCOME_COLUMNS = ", ".join(field.name for field in fields(Outcome))
SCHEMA = f"""
CREATE TABLE runs (run_id TEXT PRIMARY KEY, started_at TEXT NOT NULL);
CREATE TABLE files (warc_file TEXT PRIMARY KEY, run_id TEXT NOT NULL, size INTEGER NOT NULL);
CREATE TABLE captures (
    record_id TEXT PRIMARY KEY, refers_to TEXT NOT NULL, payload_digest TEXT NOT NULL,
    fingerprint TEXT NOT NULL, page TEXT NOT NULL, {COLUMNS});
CREATE INDEX captures_by_fingerprint ON captures (fingerprint, fetched_at);
CREATE INDEX captures_unresolved ON captures (refers_to) WHERE refers_to <> '' AND sha256 = '';
CREATE TABLE outcomes ({OUTCOME_COLUMNS}, recorded_at TEXT NOT NULL);
PRAGMA user_version = {INDEX_VERSION};
"""
# What finds outcomes by portal and by run without reading those of all years.
WAYS = (
    "outcomes_by_portal ON outcomes (code, name, report_year, recorded_at)",
    "outcomes_by_run ON outcomes (run_id, code, name)",
)
# Such an answer speaks of the server or of us, not of the page: it never hides what the page said before.
REFUSED = "(http_status >= 500 OR http_status IN (403, 408, 412, 429))"
NEWEST = 'fetched_at DESC, warc_file DESC, "offset" DESC'


def reindex_remedy(path: Path) -> str:
    """Return the words that tell how to rebuild an index."""
    return f"rebuild it with `gongkai archive reindex --archive {path}`"


def open_index(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the index of the archive in a folder, read-only unless ``write``, which also makes a missing one.

    Raises ArchiveError where it is missing, damaged or of another version.
    """
    file = path / INDEX_NAME
    if not write and not file.is_file():
        raise ArchiveError(f"{file}: no such index; if the folder holds WARC files, {reindex_remedy(path)}")
    mode = "rwc" if write else "ro" if os.access(path, os.W_OK) else "ro&immutable=1"
    with index_errors(path):
        index = sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=30)
        try:
            if write:
                _prepare(index)
            _check_version(index, path)
            if write:
                add_ways(index, write=True)
        except BaseException:
            index.close()
            raise
    return index


def _prepare(index: sqlite3.Connection) -> None:
    index.execute("PRAGMA journal_mode = WAL")
    index.execute("PRAGMA synchronous = NORMAL")
    index.execute("BEGIN IMMEDIATE")
    with index:
        if not index.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in SCHEMA.split(";"):
                index.execute(statement)


def add_ways(index: sqlite3.Connection, *, write: bool) -> None:
    """Add what finds outcomes to an index that was made before it had that.

    A reader cannot: it works on a copy of the outcomes, which goes with its connection.
    """
    if index.execute("SELECT 1 FROM pragma_index_list('outcomes') WHERE name = 'outcomes_by_run'").fetchone():
        return
    schema = "main" if write else "temp"
    with index:
        if not write:
            index.execute("CREATE TABLE temp.outcomes AS SELECT * FROM main.outcomes ORDER BY rowid")
        for way in WAYS:
            index.execute(f"CREATE INDEX {schema}.{way}")


def _check_version(index: sqlite3.Connection, path: Path) -> None:
    (version,) = index.execute("PRAGMA user_version").fetchone()
    if version > INDEX_VERSION:
        raise NewerIndexError(
            f"{path / INDEX_NAME}: index version {version}, this gongkai reads {INDEX_VERSION}; update gongkai"
        )
    if version < INDEX_VERSION:
        raise ArchiveError(f"{path / INDEX_NAME}: index version {version} is out of date; {reindex_remedy(path)}")


@contextmanager
def index_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged index into an ArchiveError with the remedy."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise ArchiveError(f"{path / INDEX_NAME}: {error}; {reindex_remedy(path)}") from error


# Like astuple, which copies each value deeply.
_CAPTURE = attrgetter(*(field.name for field in fields(Capture)))
_OUTCOME = attrgetter(*(field.name for field in fields(Outcome)))


class FileIndexer:
    """Turns the records of one WARC file, in their order, into rows of the index.

    A response is followed by a metadata record that holds what the crawler knew of it, as a JSON object.
    """

    def __init__(self, index: sqlite3.Connection, warc_file: str) -> None:
        self._index = index
        self._warc_file = warc_file
        self._covered = 0
        self._waiting: tuple[int, int, Record] | None = None
        self._revisits = True  # those of other files may have waited for what stands in this one
        known = index.execute("SELECT run_id FROM files WHERE warc_file = ?", (warc_file,)).fetchone()
        self._run_id = known[0] if known else warc_file.removesuffix(SUFFIX)

    def add(self, offset: int, length: int, record: Record) -> None:
        """Index the record of a member; RecordError where it is damaged or known already, and then it is left out."""
        self.cover(offset + length)
        if record.type == "warcinfo":
            self._add_run(record)
        elif record.type in {"response", "revisit"}:
            self._add_capture({})
            self._waiting = offset, length, record
        elif record.type == "metadata" and self._belongs(record):
            self._add_capture(_json(record, dict))
        elif record.type == "resource" and record.uri.startswith(OUTCOMES_URI):
            self._add_outcomes(record)

    def cover(self, end: int) -> None:
        """Note that the file is read up to a byte."""
        self._covered = end

    def finish(self) -> None:
        """Index a last response whose metadata record never came, and store how far the file is read."""
        if not self._covered:
            return
        self._index.execute(
            "INSERT INTO files VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET run_id = ?2, size = MAX(size, ?3)",
            (self._warc_file, self._run_id, self._covered),
        )
        self._add_capture({})
        if not self._revisits:
            return
        self._revisits = False
        # A revisit has the payload of the record that it refers to, which may lie in a file that is indexed later.
        self._index.execute(
            """UPDATE captures SET sha256 = origin.sha256,
                http_status = CASE captures.http_status WHEN 304 THEN origin.http_status ELSE captures.http_status END,
                media_type = CASE captures.http_status WHEN 304 THEN origin.media_type ELSE captures.media_type END,
                charset = CASE captures.http_status WHEN 304 THEN origin.charset ELSE captures.charset END
            FROM captures AS origin
            WHERE origin.record_id = captures.refers_to AND captures.refers_to <> '' AND captures.sha256 = ''"""
        )

    def _belongs(self, metadata: Record) -> bool:
        if self._waiting is None or metadata.headers.get("content-type") != JSON:
            return False
        return metadata.headers.get("warc-concurrent-to") == self._waiting[2].id

    def _add_run(self, record: Record) -> None:
        lines = (line.partition(":") for line in record.block.decode(errors="replace").splitlines())
        info = {name: value.strip() for name, _, value in lines}
        self._run_id = info.get("run-id", self._run_id)
        started = info.get("run-started", record.date)
        self._index.execute("INSERT OR IGNORE INTO runs VALUES (?, ?)", (self._run_id, started))

    def _add_capture(self, known: dict[str, str]) -> None:
        if self._waiting is None:
            return
        offset, length, record = self._waiting
        self._waiting = None
        response = record.http()
        media_type, charset = content_type(response)
        url = known.get("url", record.uri)
        fingerprint = known.get("fingerprint", "")
        refers_to = record.headers.get("warc-refers-to", "") if record.type == "revisit" else ""
        self._revisits = self._revisits or bool(refers_to)
        capture = Capture(
            url=url,
            final_url=record.uri,
            portal_code=known.get("portal_code", ""),
            kind=known.get("kind", ""),
            list_title=known.get("list_title", ""),
            list_date=known.get("list_date", ""),
            fetched_at=record.date,
            http_status=response.status,
            media_type=media_type,
            charset=charset,
            sha256="" if refers_to else _payload_sha256(response),
            warc_file=self._warc_file,
            offset=offset,
            length=length,
            robots=known.get("robots", ""),
            run_id=self._run_id,
        )
        row = (
            record.id,
            refers_to,
            record.headers.get("warc-payload-digest", ""),
            fingerprint,
            url if known.get("method", "GET") == "GET" else fingerprint,
            *_CAPTURE(capture),
        )
        try:
            self._index.execute(f"INSERT INTO captures VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
        except sqlite3.IntegrityError as error:
            raise RecordError(f"the record {row[0]} stands in the archive twice") from error

    def _add_outcomes(self, record: Record) -> None:
        try:
            rows = [Outcome(**row) for row in _json(record, list)]
        except TypeError as error:
            raise RecordError(f"no outcomes: {error}") from error
        values = [(*_OUTCOME(row), record.date) for row in rows]
        self._index.executemany("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def _json(record: Record, shape: type) -> Any:
    try:
        found = json.loads(record.block)
    except ValueError as error:
        raise RecordError(f"the block is no JSON: {error}") from error
    if not isinstance(found, shape):
        raise RecordError(f"the block is no JSON {shape.__name__}")
    return found


def _payload_sha256(response: HttpResponse) -> str:
    try:
        return hashlib.sha256(decode_payload(response)).hexdigest()
    except PayloadError:
        return ""  # Capture.sha256 says that such a payload has none; reading it tells why


def scan(index: sqlite3.Connection, warc: Path, start: int = 0) -> list[Problem]:
    """Index the records of a WARC file from a byte on, in one transaction; return what was damaged and left out."""
    indexer = FileIndexer(index, warc.name)
    problems = []
    offset = start
    with index:
        for member in members(warc, start):
            if isinstance(member, Gap):
                problems.append(Problem(warc.name, member.offset, f"{member.length} bytes hold no whole record"))
                continue
            offset = member.offset
            indexer.cover(offset + member.length)
            try:
                indexer.add(offset, member.length, parse_record(member.data))
            except RecordError as error:
                problems.append(Problem(warc.name, offset, str(error)))
        try:
            indexer.finish()
        except RecordError as error:
            problems.append(Problem(warc.name, offset, str(error)))
    return problems
