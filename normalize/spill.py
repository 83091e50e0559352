"""The working store of one build: captures and read reports on disk, so that memory does not grow with their number."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import zlib
from contextlib import closing
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple, Self

from captures import Capture
from normalize.rows import DUPLICATE_DROPPED, UNREADABLE, ReportRows, Row, leftover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

VERSIONS_DIFFER = "versions_differ"

_TABLES = """
CREATE TABLE captures (url TEXT PRIMARY KEY, fetched_at TEXT, data TEXT) WITHOUT ROWID;
CREATE TABLE reports (
    report_id TEXT PRIMARY KEY, report_year INTEGER, division_code TEXT, body TEXT, url TEXT, signature TEXT, form TEXT,
    cells_reported INTEGER, published TEXT, fetched_at TEXT, flags TEXT, rows BLOB,
    kept INTEGER DEFAULT 1, panel INTEGER DEFAULT 1
);
CREATE TABLE dropped (report_id TEXT, url TEXT);
"""
_GROUPS = "CREATE INDEX by_body ON reports (report_year, division_code, body, url)"
_KEPT = """
SELECT report_id, flags, panel, rows FROM reports WHERE report_year = ? AND kept ORDER BY division_code, body, url
"""
_ATTRIBUTABLE = """
SELECT report_id, division_code, body, url, signature, form, cells_reported, published, fetched_at
FROM reports WHERE report_year = ? AND division_code <> '' AND body <> '' ORDER BY division_code, body, url
"""


class _Known(NamedTuple):
    report_id: str
    division_code: str
    body: str
    url: str
    signature: str
    form: str
    cells_reported: int
    published: str
    fetched_at: str

    @property
    def group(self) -> tuple[str, str]:
        return self.division_code, self.body


class Unreadable(NamedTuple):
    """How many documents could not be read, and one of them with the reason; empty where all could."""

    number: int
    example: str


class Spill:
    """An SQLite file that holds what one build has gathered; thrown away with the build's folder."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new, empty store."""
        store = cls(path)
        # The store dies with its build: syncing it would cost much and save nothing.
        store._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def add_captures(self, captures: Iterable[Capture]) -> int:
        """Keep the newest capture of each address; how many addresses there are."""
        self._connection.executemany(
            "INSERT INTO captures VALUES (?, ?, ?) ON CONFLICT (url) DO UPDATE"
            " SET fetched_at = excluded.fetched_at, data = excluded.data WHERE excluded.fetched_at >= fetched_at",
            ((each.url, each.fetched_at, json.dumps(dataclasses.astuple(each))) for each in captures),
        )
        self._connection.commit()
        (count,) = self._connection.execute("SELECT count(*) FROM captures").fetchone()
        return int(count)

    def newest_fetch(self) -> str:
        """When the newest capture was received; empty where there is none."""
        (newest,) = self._connection.execute("SELECT coalesce(max(fetched_at), '') FROM captures").fetchone()
        return str(newest)

    def captures(self) -> Iterator[Capture]:
        """The captures, by address."""
        with closing(self._connection.execute("SELECT data FROM captures ORDER BY url")) as found:
            for (data,) in found:
                yield Capture(*json.loads(data))

    def chunks(self, size: int) -> Iterator[list[Capture]]:
        """The captures in lists of at most ``size``."""
        captures = self.captures()
        while chunk := list(islice(captures, size)):
            yield chunk

    def add_reports(self, packed: Iterable[tuple[object, ...]]) -> None:
        """Store reports that ``pack`` made ready."""
        self._connection.executemany(
            "INSERT INTO reports (report_id, report_year, division_code, body, url, signature, form, cells_reported,"
            " published, fetched_at, flags, rows) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            packed,
        )

    def settle(self) -> None:
        """Decide between the documents of one body and year.

        Of documents that say the same, the one with the shortest address stays and is flagged ``duplicate_dropped``.
        Different documents that hold a statutory form all stay, flagged ``versions_differ``; the panel takes the one
        that was published last.
        """
        self._connection.execute(_GROUPS)
        for year in self.years():
            # Year 0 is no year: documents whose year is unknown cannot be said to be of the same one.
            known = map(_Known._make, self._connection.execute(_ATTRIBUTABLE, (year,)).fetchall()) if year else ()
            for _, members in groupby(known, key=lambda each: each.group):
                group = list(members)
                if len(group) > 1:
                    self._settle_group(group)
        self._connection.commit()

    def _settle_group(self, group: list[_Known]) -> None:
        by_signature: dict[str, list[_Known]] = {}
        for known in sorted(group, key=lambda known: (len(known.url), known.url)):
            by_signature.setdefault(known.signature, []).append(known)
        stay = [same[0] for same in by_signature.values()]
        for keeper, *others in by_signature.values():
            if others:
                self._flag(keeper, DUPLICATE_DROPPED)
            for other in others:
                self._connection.execute("UPDATE reports SET kept = 0 WHERE report_id = ?", (other.report_id,))
                self._connection.execute("INSERT INTO dropped VALUES (?, ?)", (keeper.report_id, other.url))
        versions = [known for known in stay if known.form]
        if len(versions) > 1:
            for known in versions:
                self._flag(known, VERSIONS_DIFFER)
        chosen = max(stay, key=lambda known: (known.cells_reported > 0, known.published, known.fetched_at, known.url))
        for known in stay:
            if known is not chosen:
                self._connection.execute("UPDATE reports SET panel = 0 WHERE report_id = ?", (known.report_id,))

    def _flag(self, known: _Known, flag: str) -> None:
        self._connection.execute(
            "UPDATE reports SET flags = trim(flags || ' ' || ?) WHERE report_id = ?", (flag, known.report_id)
        )

    def unreadable(self) -> Unreadable:
        """How many documents could not be read, and the first by address with the reason."""
        count, first = self._connection.execute(
            "SELECT count(*), min(url) FROM reports WHERE instr(' ' || flags || ' ', ?)", (f" {UNREADABLE} ",)
        ).fetchone()
        if not count:
            return Unreadable(0, "")
        (packed,) = self._connection.execute("SELECT rows FROM reports WHERE url = ?", (first,)).fetchone()
        *_, reason = json.loads(zlib.decompress(packed))["leftovers"][-1]
        return Unreadable(count, f"{first}: {reason}")

    def years(self) -> list[int]:
        """The report years that have reports, ascending; 0 stands for unknown."""
        return [
            year
            for (year,) in self._connection.execute("SELECT DISTINCT report_year FROM reports WHERE kept ORDER BY 1")
        ]

    def tables(self, year: int) -> Iterator[dict[str, list[Row]]]:
        """The rows of each report of one year, sorted by division, body and address, flags in place."""
        with closing(self._connection.execute(_KEPT, (year,))) as found:
            for report_id, flags, panel, packed in found:
                tables: dict[str, list[Row]] = json.loads(zlib.decompress(packed))
                tables["reports"] = [[*row, flags] for row in tables["reports"]]
                tables["panel"] = [[*row, flags] for row in tables["panel"]] if panel else []
                tables["leftovers"] += self._dropped(report_id)
                yield tables

    def _dropped(self, report_id: str) -> list[Row]:
        found = self._connection.execute("SELECT url FROM dropped WHERE report_id = ? ORDER BY url", (report_id,))
        return [leftover(report_id, DUPLICATE_DROPPED, url) for (url,) in found]


def pack(rows: ReportRows) -> tuple[object, ...]:
    """One report as ``Spill.add_reports`` takes it.

    Raises ValueError (UnicodeEncodeError among them) where a cell could not be written to Parquet: a lone surrogate,
    a number that is not finite.
    """
    text = json.dumps(rows.tables, ensure_ascii=False, allow_nan=False)
    return (
        rows.report_id, rows.report_year, rows.division_code, rows.body, rows.url, rows.signature, rows.form,
        rows.cells_reported, rows.published, rows.fetched_at, " ".join(rows.flags), zlib.compress(text.encode(), 1),
    )  # fmt: skip
