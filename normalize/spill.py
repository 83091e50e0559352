"""The working store of one build: captures and read reports on disk, so that memory does not grow with their number.

What was read of a document lies in the readings, a file beside the releases that outlives the build; the store knows
which reports there are, and what was decided between them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sqlite3
from contextlib import closing
from itertools import groupby, starmap
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple, Self

from captures import Capture
from normalize.heads import HEAD, said
from normalize.packing import FIGURES_PART, REST_PART, Part, batch_of, pack, unpack
from normalize.published import ReleaseError
from normalize.rows import DUPLICATE_DROPPED, UNREADABLE, ReportRows, leftover
from normalize.schema import FIGURES, LEFTOVERS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from normalize.rows import Row

VERSIONS_DIFFER = "versions_differ"
SAME_FILE = "same_file_two_years"
SEVERAL_FILES, PART = "several_files", "part_of_report"
BATCH = 10_000
# With the usual 2 MB the same pages are read again and again.
CACHE_KB = 32_000

_FACTS = (
    "key", "report_id", "report_year", "division_code", "body", "url", "signature", "form", "cells_reported",
    "published", "fetched_at", "lineage", "office", "body_level", "scope", "sha256", "fault", "flags", "figures_digest",
    "rest_digest", "requests", "totals",
)  # fmt: skip
_COLUMNS = ", ".join(_FACTS)
_FIELDS = tuple(field.name for field in dataclasses.fields(Capture))
_CAPTURE = ", ".join(f'"{name}"' for name in _FIELDS)
_READINGS = f"""
PRAGMA readings.auto_vacuum = FULL; PRAGMA readings.journal_mode = WAL;
CREATE TABLE IF NOT EXISTS readings.readings (key PRIMARY KEY, {", ".join(_FACTS[1:])}, lasting, figures, rest);
CREATE INDEX IF NOT EXISTS readings.passing ON readings (key) WHERE NOT lasting;
CREATE TABLE IF NOT EXISTS readings.published (report_id PRIMARY KEY, figures, rest) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS readings.published_as (release_id);
"""
_SOUND = f"SELECT {_COLUMNS}, lasting, figures, rest FROM readings.readings LIMIT 1"  # noqa: S608 - constants
_TABLES = f"""
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE seen ({_CAPTURE});
CREATE TABLE captures ({_CAPTURE}, seen_at, key, known, PRIMARY KEY (url)) WITHOUT ROWID;
CREATE TABLE reports ({_COLUMNS}, kept DEFAULT 1, panel DEFAULT 1, PRIMARY KEY (report_id));
CREATE TABLE fixed (report_id PRIMARY KEY, figures, rest);
CREATE TABLE dropped (report_id TEXT, reason TEXT, url TEXT);
CREATE TABLE beyond (report_id PRIMARY KEY, source) WITHOUT ROWID;
CREATE TABLE sources (place INTEGER PRIMARY KEY, report_year, report_id, figures, rest);
"""
_SEEN = f"SELECT {_CAPTURE} FROM seen ORDER BY url, fetched_at, rowid"  # noqa: S608 - constants
_INDEXES = """
CREATE INDEX by_body ON reports (report_year, division_code, body, url);
CREATE INDEX by_key ON reports (key);
"""
# What is published of a year, in the order of its files.
_IN_ORDER = "WHERE s.report_year = :year ORDER BY s.place"
_ATTRIBUTABLE = """
SELECT report_id, division_code, body, url, signature, form, cells_reported, published, fetched_at
FROM reports WHERE report_year = :year AND kept AND division_code <> '' AND body <> '' AND (division_code, body) IN (
    SELECT division_code, body FROM reports WHERE report_year = :year AND kept GROUP BY 1, 2 HAVING count(*) > 1
) ORDER BY division_code, body, url
"""
# Of files that say the same, the one with the shortest address speaks; how many different ones there are.
_SEVERAL = """
SELECT report_id, url, form, flags, division_code, body, report_year, scope FROM (
    SELECT *, count(*) OVER (PARTITION BY report_year, division_code, body, scope) AS files FROM (
        SELECT *, row_number() OVER (
            PARTITION BY report_year, division_code, body, scope, signature ORDER BY length(url), url
        ) AS copy FROM reports WHERE report_year > 0 AND division_code <> '' AND body <> ''
        AND (report_year, division_code, body, scope) IN (
            SELECT report_year, division_code, body, scope FROM reports GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
        )
    ) WHERE copy = 1
) WHERE files > 1 ORDER BY report_year, division_code, body, scope, url
"""
_FILES_TWICE = """
UPDATE reports SET flags = trim(flags || ' ' || ?) WHERE kept AND form <> '' AND sha256 IN (
    SELECT sha256 FROM reports WHERE kept AND form <> '' AND report_year > 0
    GROUP BY sha256 HAVING count(DISTINCT report_year) > 1
)
"""  # fmt: skip


# What the published rows of a report follow from: with the same code, equal sources, equal rows in the same order.
_SOURCES = """
INSERT INTO sources (report_year, report_id, figures, rest)
SELECT report_year, r.report_id, figures_digest || ' ' || body,
       rest_digest || ' ' || panel || ' ' || flags || ' ' || coalesce(source, '-') || ' ' || coalesce(names, '-')
FROM reports r LEFT JOIN beyond b ON b.report_id = r.report_id LEFT JOIN (
    SELECT report_id, group_concat(reason || ' ' || url, ' ') AS names
    FROM (SELECT * FROM dropped ORDER BY report_id, reason, url) GROUP BY report_id
) d ON d.report_id = r.report_id
WHERE kept ORDER BY report_year, division_code, body, url;
CREATE INDEX by_year ON sources (report_year)
"""
_PUBLISHED = (
    "DELETE FROM readings.published WHERE report_id NOT IN (SELECT report_id FROM sources)",
    "INSERT OR REPLACE INTO readings.published"
    " SELECT s.report_id, s.figures, s.rest FROM sources s LEFT JOIN readings.published p ON p.report_id = s.report_id"
    " WHERE p.figures IS NOT s.figures OR p.rest IS NOT s.rest",
    "DELETE FROM readings.published_as",
)
_COPIES = """
SELECT copy.report_id, copy.url FROM reports copy
JOIN reports part USING (report_year, division_code, body, scope, signature) WHERE part.report_id = ?
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


class OneOfSeveral(NamedTuple):
    """One of several different files of one body, year and scope."""

    report_id: str
    url: str
    form: str
    flags: str
    division_code: str
    body: str
    report_year: int
    scope: str


class Unreadable(NamedTuple):
    """How many documents could not be read, and one of them with the reason; empty where all could."""

    number: int
    example: str


class Kept(NamedTuple):
    """One report as it is published: its flags, whether the panel takes it, and its rows by table.

    ``same`` says that its rows are those of the release before; nothing else is given then.
    """

    report_id: str
    same: bool
    flags: str
    panel: bool
    batches: dict[str, pa.RecordBatch]


class Reading(NamedTuple):
    """One document as read: its facts without the key, whether they outlive the build, and its packed rows."""

    facts: tuple[object, ...]
    lasting: bool
    figures: bytes
    rest: bytes


class Spill:
    """An SQLite file that holds what one build has gathered, thrown away with the build's folder.

    ``readings`` is the file of readings, made where it is absent.
    """

    def __init__(self, path: Path, readings: Path, *, new: bool = False) -> None:
        self._connection = sqlite3.connect(path)
        self._readings = readings
        if not new:
            self._attach()

    @classmethod
    def create(cls, path: Path, readings: Path) -> Self:
        """A new, empty store; readings that are damaged are begun anew."""
        store = cls(path, readings, new=True)
        # The store dies with its build: syncing it would cost much and save nothing.
        store._connection.executescript(_TABLES)
        try:
            store._prepare_readings()
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                readings.with_name(readings.name + suffix).unlink(missing_ok=True)
            store._prepare_readings()
        return store

    def _attach(self) -> None:
        self._connection.execute("ATTACH ? AS readings", (str(self._readings),))
        for store in ("main", "readings"):
            self._connection.execute(f"PRAGMA {store}.cache_size = -{CACHE_KB}")

    def _prepare_readings(self) -> None:
        attached = [name for _, name, _ in self._connection.execute("PRAGMA database_list")]
        if "readings" in attached:
            self._connection.execute("DETACH readings")
        self._attach()
        self._connection.executescript(_READINGS)
        self._connection.execute(_SOUND)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    # Captures ------------------------------------------------------------------------------------------------------

    def add_captures(self, captures: Iterable[Capture], key: Callable[[Capture], str]) -> int:
        """Keep the newest capture of each address, dated to when its bytes were first received; how many there are.

        ``key`` names the reading of a capture: equal keys, equal readings.
        """
        self._connection.executemany(f"INSERT INTO seen VALUES ({_marks(_FIELDS)})", map(_fields, captures))  # noqa: S608 - marks alone
        with closing(self._connection.execute(_SEEN)) as seen:
            newest = (_newest(list(of_url)) for _, of_url in groupby(starmap(Capture, seen), key=attrgetter("url")))
            self._connection.executemany(
                f"INSERT INTO captures VALUES ({_marks(_FIELDS)}, ?, ?, 0)",  # noqa: S608 - marks alone
                ((*_fields(capture), seen_at, key(capture)) for capture, seen_at in newest),
            )
        self._connection.execute("DELETE FROM seen")
        self._connection.commit()
        (count,) = self._connection.execute("SELECT count(*) FROM captures").fetchone()
        return int(count)

    def newest_fetch(self) -> str:
        """When the newest capture was received; empty where there is none."""
        (newest,) = self._connection.execute("SELECT coalesce(max(seen_at), '') FROM captures").fetchone()
        return str(newest)

    def keys(self) -> Iterator[str]:
        """The keys of the captures, by address."""
        return (key for (key,) in self._connection.execute("SELECT key FROM captures ORDER BY url"))

    # Readings ------------------------------------------------------------------------------------------------------

    def recall(self) -> int:
        """Take over what earlier builds have read of the captures; of how many documents."""
        found = self._connection.execute(
            f"INSERT INTO reports ({_COLUMNS}) SELECT {_COLUMNS} FROM readings.readings"  # noqa: S608 - constants
            " WHERE lasting AND key IN (SELECT key FROM captures)"
        )
        self._connection.execute("UPDATE captures SET known = 1 WHERE key IN (SELECT key FROM reports)")
        self._connection.commit()
        return found.rowcount

    def chunks(self, size: int) -> Iterator[list[tuple[str, Capture]]]:
        """The captures that are yet to be read, each with its key, in lists of at most ``size``."""
        unread = f"SELECT key, {_CAPTURE} FROM captures WHERE url > ? AND NOT known ORDER BY url LIMIT ?"  # noqa: S608
        # A list at a time, for reports are added meanwhile, and all of them would not fit into memory.
        last = ""
        while found := self._connection.execute(unread, (last, size)).fetchall():
            chunk = [(key, Capture(*fields)) for key, *fields in found]
            last = chunk[-1][1].url
            yield chunk

    def add(self, read: Iterable[tuple[str, Reading]]) -> None:
        """Store readings by key, here and, for the builds to come, among the readings."""
        for key, reading in read:
            facts = (key, *reading.facts)
            self._connection.execute(
                f"INSERT INTO reports ({_COLUMNS}) VALUES ({_marks(facts)})",  # noqa: S608
                facts,
            )
            row = (*facts, reading.lasting, reading.figures, reading.rest)
            self._connection.execute(f"INSERT OR REPLACE INTO readings.readings VALUES ({_marks(row)})", row)  # noqa: S608
        self._connection.commit()

    def forget(self) -> None:
        """Drop the readings that this build had no use for, and those that the next one must make again."""
        # Both by indexes alone: the rows themselves are most of the file.
        self._connection.execute("DELETE FROM readings.readings WHERE NOT lasting")
        self._connection.execute(
            "DELETE FROM readings.readings WHERE key IN"
            " (SELECT key FROM readings.readings EXCEPT SELECT key FROM captures)"
        )
        self._connection.commit()

    # Decisions -----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Decide between the documents of one body and year.

        Of documents that say the same, the one with the shortest address stays and is flagged ``duplicate_dropped``.
        Different documents that hold a statutory form all stay, flagged ``versions_differ``; the panel takes the one
        that was published last. A file that stands under two years is flagged ``same_file_two_years``.
        """
        self._connection.executescript(_INDEXES)
        # Year 0 is no year: documents whose year is unknown cannot be said to be of the same one.
        for year in filter(None, self.years()):
            known = map(_Known._make, self._connection.execute(_ATTRIBUTABLE, {"year": year}).fetchall())
            for _, group in groupby(known, key=lambda each: each.group):
                self._settle_group(list(group))
        self._connection.execute(_FILES_TWICE, (SAME_FILE,))
        self._connection.commit()

    def _settle_group(self, group: list[_Known]) -> None:
        by_signature: dict[str, list[_Known]] = {}
        for known in sorted(group, key=lambda known: (len(known.url), known.url)):
            by_signature.setdefault(known.signature, []).append(known)
        stay = [same[0] for same in by_signature.values()]
        for keeper, *others in by_signature.values():
            if others:
                self.flag(keeper.report_id, DUPLICATE_DROPPED)
            for other in others:
                self._connection.execute("UPDATE reports SET kept = 0 WHERE report_id = ?", (other.report_id,))
                named = (keeper.report_id, DUPLICATE_DROPPED, other.url)
                self._connection.execute("INSERT INTO dropped VALUES (?, ?, ?)", named)
        versions = [known for known in stay if known.form]
        if len(versions) > 1:
            for known in versions:
                self.flag(known.report_id, VERSIONS_DIFFER)
        chosen = max(stay, key=lambda known: (known.cells_reported > 0, known.published, known.fetched_at, known.url))
        for known in stay:
            if known is not chosen:
                self._connection.execute("UPDATE reports SET panel = 0 WHERE report_id = ?", (known.report_id,))

    def several(self) -> Iterator[list[OneOfSeveral]]:
        """The files of each body, year and scope that has several different ones."""
        found = map(OneOfSeveral._make, self._connection.execute(_SEVERAL).fetchall())
        for _, files in groupby(found, key=lambda each: each[4:]):
            yield list(files)

    def join(self, report_id: str, parts: Sequence[str]) -> None:
        """Make documents, and their copies, parts of a report: they are named, and no reports of their own."""
        self.flag(report_id, SEVERAL_FILES)
        for part in parts:
            copies = self._connection.execute(_COPIES, (part,)).fetchall()
            self._connection.executemany(
                "UPDATE reports SET kept = 0 WHERE report_id = ?", [each[:1] for each in copies]
            )
            named = [(report_id, PART, url) for _, url in copies]
            self._connection.executemany("INSERT INTO dropped VALUES (?, ?, ?)", named)

    def flag(self, report_id: str, flag: str) -> None:
        """Add a flag to a report."""
        self._connection.execute(
            "UPDATE reports SET flags = trim(flags || ' ' || ?) WHERE report_id = ?", (flag, report_id)
        )

    # Corrections ---------------------------------------------------------------------------------------------------

    def documents(self, division_code: str, body: str, report_year: int) -> list[tuple[str, bytes]]:
        """The documents of one body and year that hold a form: identifier and packed figures."""
        query = """
            SELECT report_id, k.figures FROM reports r JOIN readings.readings k USING (key, report_id)
            WHERE r.division_code = ? AND r.body = ? AND r.report_year = ? AND r.form <> '' ORDER BY report_id
        """
        return self._connection.execute(query, (division_code, body, report_year)).fetchall()

    def packed(self, report_id: str) -> tuple[bytes, bytes]:
        """The packed rows of one report as they would be published: its figures, and the rest."""
        query = """
            SELECT coalesce(f.figures, k.figures), coalesce(f.rest, k.rest) FROM reports r
            JOIN readings.readings k USING (key) LEFT JOIN fixed f ON f.report_id = r.report_id WHERE r.report_id = ?
        """
        figures, rest = self._connection.execute(query, (report_id,)).fetchone()
        return bytes(figures), bytes(rest)

    def fix(self, report_id: str, figures: bytes, rest: bytes) -> None:
        """Publish other rows of a report than those that were read."""
        self._connection.execute("INSERT OR REPLACE INTO fixed VALUES (?, ?, ?)", (report_id, figures, rest))
        rows = unpack(figures, FIGURES_PART)["figures"].select(_SAID).to_pylist()
        self._connection.execute(
            "UPDATE reports SET figures_digest = ?, rest_digest = ?, requests = ?, totals = ? WHERE report_id = ?",
            (_digest(figures), _digest(rest), *said(tuple(row.values()) for row in rows), report_id),
        )

    def commit(self) -> None:
        """Let other processes see what was decided."""
        self._connection.commit()

    # Looking -------------------------------------------------------------------------------------------------------

    def unreadable(self) -> Unreadable:
        """How many documents could not be read, and the first by address with the reason."""
        count, first = self._connection.execute(
            "SELECT count(*), min(url) FROM reports WHERE instr(' ' || flags || ' ', ?)", (f" {UNREADABLE} ",)
        ).fetchone()
        if not count:
            return Unreadable(0, "")
        (packed,) = self._connection.execute(
            "SELECT rest FROM readings.readings JOIN reports USING (key) WHERE reports.url = ?", (first,)
        ).fetchone()
        reason = unpack(packed, REST_PART)["leftovers"]["reason"][-1]
        return Unreadable(count, f"{first}: {reason}")

    def faults(self) -> list[str]:
        """What is wrong with the figures of the reports that are published."""
        found = self._connection.execute(
            "SELECT fault FROM reports WHERE kept AND fault <> '' ORDER BY report_year, url"
        )
        return [fault for (fault,) in found]

    def years(self) -> list[int]:
        """The report years that have reports, ascending; 0 stands for unknown."""
        return [
            year
            for (year,) in self._connection.execute("SELECT DISTINCT report_year FROM reports WHERE kept ORDER BY 1")
        ]

    def settle_sources(self, beyond: Iterable[tuple[str, str]]) -> None:
        """Write down what the published rows of each report follow from, once all is decided but the checks across.

        ``beyond`` says what those of a report follow from.
        """
        self._connection.executemany("INSERT INTO beyond VALUES (?, ?)", beyond)
        self._connection.executescript(_SOURCES)
        self._connection.commit()

    def fingerprint(self, year: int, part: Part) -> str:
        """A digest that changes with what is published of one year in one part of the tables."""
        digest = hashlib.sha256()
        query = f"SELECT report_id, {part.name} FROM sources s {_IN_ORDER}"  # noqa: S608
        for row in self._connection.execute(query, {"year": year}):
            digest.update(repr(row).encode())
        return digest.hexdigest()

    def published_as(self) -> str:
        """The release whose reports' sources lie among the readings; empty where there is none."""
        (release_id,) = self._connection.execute("SELECT coalesce(max(release_id), '') FROM published_as").fetchone()
        return str(release_id)

    def publish(self, release_id: str) -> None:
        """Keep the sources of this release's reports among the readings, for the build to come."""
        for statement in _PUBLISHED:
            self._connection.execute(statement)
        self._connection.execute("INSERT INTO readings.published_as VALUES (?)", (release_id,))
        self._connection.commit()

    def fresh(self, year: int, *, again: bool) -> Iterator[list[str]]:
        """The reports of a year that have other rows beside their figures than published before, in lists.

        ``again`` is false where all are to be made anew.
        """
        query = f"""
            SELECT s.report_id FROM sources s LEFT JOIN readings.published p ON p.report_id = s.report_id
            WHERE s.report_year = :year AND NOT {_same(REST_PART)}
        """  # noqa: S608 - constants
        with closing(self._connection.execute(query, {"year": year, "again": again})) as found:
            while rows := found.fetchmany(BATCH):
                yield [report_id for (report_id,) in rows]

    def heads(self) -> Iterator[pa.RecordBatch]:
        """Whose report of which year and form the panel takes, where all that is known; in batches."""
        query = f"""
            SELECT {", ".join(HEAD.names)} FROM reports
            WHERE kept AND panel AND report_year > 0 AND form <> '' AND lineage <> '' AND body <> '' ORDER BY report_id
        """  # noqa: S608 - constants
        with closing(self._connection.execute(query)) as found:
            while rows := found.fetchmany(BATCH):
                yield batch_of(HEAD, rows)

    def cells(self, reports: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The figures of some reports, in no set order."""
        query = f"""
            SELECT r.report_id, r.figures_digest, coalesce(f.figures, k.figures) FROM reports r
            JOIN readings.readings k USING (key) LEFT JOIN fixed f ON f.report_id = r.report_id
            WHERE r.report_id IN ({_marks(reports)})
        """  # noqa: S608 - marks alone
        with closing(self._connection.execute(query, tuple(reports))) as found:
            for row in found:
                yield from self._sound(FIGURES_PART, *row).values()

    def published(self, year: int, part: Part, *, again: bool) -> Generator[Kept, None, None]:
        """What is published of each report of one year in one part, sorted by division, body and address.

        ``again`` is false where all rows are to be given, also those that the release before has.
        """
        query = f"""
            SELECT s.report_id, r.report_id IS NULL, r.flags, r.panel, r.{part.name}_digest,
                   coalesce(f.{part.name}, k.{part.name})
            FROM sources s LEFT JOIN readings.published p ON p.report_id = s.report_id
            LEFT JOIN reports r ON r.report_id = s.report_id AND NOT {_same(part)}
            LEFT JOIN readings.readings k ON k.key = r.key
            LEFT JOIN fixed f ON f.report_id = r.report_id {_IN_ORDER}
        """  # noqa: S608 - constants
        with closing(self._connection.execute(query, {"year": year, "again": again})) as found:
            for report_id, same, flags, panel, digest, packed in found:
                if same:
                    yield Kept(report_id, True, "", False, {})
                    continue
                batches = self._sound(part, report_id, digest, packed)
                if part is REST_PART and _names_others(flags):
                    self._name_others(report_id, batches)
                yield Kept(report_id, False, flags, bool(panel), batches)

    def _sound(self, part: Part, report_id: str, digest: str, packed: bytes) -> dict[str, pa.RecordBatch]:
        if digest != _digest(packed):
            raise ReleaseError(f"{self._readings}: damaged at {report_id}; remove this file and build again")
        return unpack(packed, part)

    def _name_others(self, report_id: str, batches: dict[str, pa.RecordBatch]) -> None:
        """Add the documents that are no reports beside this one to its leftovers."""
        if dropped := self._dropped(report_id):
            before = batches["leftovers"].to_pylist() if "leftovers" in batches else []
            rows: list[Row] = [list(row.values()) for row in before]
            rows += [leftover(report_id, reason, url) for reason, url in dropped]
            batches["leftovers"] = batch_of(LEFTOVERS.schema, rows)

    def _dropped(self, report_id: str) -> list[tuple[str, str]]:
        query = "SELECT reason, url FROM dropped WHERE report_id = ? ORDER BY reason, url"
        return self._connection.execute(query, (report_id,)).fetchall()


def reading_of(rows: ReportRows, *, lasting: bool = True) -> Reading:
    """One report as ``Spill.add`` takes it.

    ``lasting`` is false where a second reading may give something else. Raises ValueError (UnicodeEncodeError among
    them) where a cell could not be written to Parquet: a lone surrogate, a number that is not finite.
    """
    figures, rest = (pack(rows.tables, part) for part in (FIGURES_PART, REST_PART))
    facts = (
        rows.report_id, rows.report_year, rows.division_code, rows.body, rows.url, rows.signature, rows.form,
        rows.cells_reported, rows.published, rows.fetched_at, rows.lineage, rows.office, rows.body_level, rows.scope,
        rows.sha256, rows.fault, " ".join(rows.flags), _digest(figures), _digest(rest),
        *said(_CELL_OF(row) for row in rows.tables["figures"]),
    )  # fmt: skip
    return Reading(facts, lasting, figures, rest)


def _newest(seen: Sequence[Capture]) -> tuple[Capture, str]:
    """The last of one address's captures, dated to when its bytes were first received, and when it was itself."""
    last = seen[-1]
    first = next(capture.fetched_at for capture in seen if capture.sha256 == last.sha256)
    return (last if first == last.fetched_at else dataclasses.replace(last, fetched_at=first)), last.fetched_at


def _names_others(flags: str) -> bool:
    return DUPLICATE_DROPPED in flags or SEVERAL_FILES in flags


def _same(part: Part) -> str:
    """Whether the rows of a report in one part follow from the same as before."""
    return f"(:again AND p.{part.name} IS s.{part.name})"


_SAID = ("indicator", "applicant", "value", "status")
_CELL_OF = itemgetter(*map(FIGURES.position, _SAID))
# As quick as a capture's fields can be had: dataclasses.astuple copies each of them.
_fields = attrgetter(*_FIELDS)


def _digest(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()[:32]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
