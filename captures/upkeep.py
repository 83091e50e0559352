"""Keeps an archive sound: its lock, the rebuilding of its index, and the check of every record."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

from captures.archive import index_folder
from captures.index import INDEX_NAME, index_errors, open_index, reindex_remedy, scan
from captures.model import ArchiveError, Problem
from captures.store import remote
from captures.warc import SUFFIX, warc_files

try:
    import fcntl
except ImportError:  # Windows has no such lock: there only one crawl at a time may write
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

LOCK_NAME = "lock"


class ArchiveLock:
    """An archive's lock: whoever writes shares it, whoever repairs or rebuilds needs it alone (``alone``)."""

    def __init__(self, path: Path) -> None:
        self._file = (path / LOCK_NAME).open("ab")
        self.alone = True
        if fcntl:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.alone = False

    def share(self) -> None:
        """Let other writers in, or wait until whoever is alone with the archive has done."""
        self.alone = False
        if fcntl:
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def close(self) -> None:
        """Give the lock back."""
        self._file.close()


def reindex(path: str | Path) -> int:
    """Rebuild an archive's index from its WARC files alone and return the number of captures.

    The old index stays in place until the new one is whole. Damaged records are left out and logged. Raises
    ArchiveError where there is no such folder, or where a crawl is writing into it.
    """
    path = _folder(path)
    with closing(ArchiveLock(path)) as lock, tempfile.TemporaryDirectory(dir=path, prefix=".reindex-") as folder:
        if not lock.alone:
            raise ArchiveError(f"{path}: a crawl writes into this archive; rebuild the index when it is done")
        for problem in _build(Path(folder), path):
            log.warning("%s at byte %d: %s; left out of the index", problem.warc_file, problem.offset, problem.what)
        for leftover in ("-wal", "-shm"):  # SQLite would play an old journal into the new file
            (path / f"{INDEX_NAME}{leftover}").unlink(missing_ok=True)
        (Path(folder) / INDEX_NAME).replace(path / INDEX_NAME)
    with closing(open_index(path)) as index:
        return int(index.execute("SELECT COUNT(*) FROM captures").fetchone()[0])


def verify(path: str | Path) -> list[Problem]:
    """Read every record of an archive again and return what is wrong with records and index, in the order of place.

    Lengths, digests and payload hashes are checked, and that index and records agree both ways. A crawl that is
    writing shows up as trouble at the end of its file. Raises ArchiveError where there is no such folder.
    """
    path = _folder(path)
    with tempfile.TemporaryDirectory() as folder:
        problems = _build(Path(folder), path)
        with closing(open_index(Path(folder), write=True)) as fresh:
            problems += _lost_origins(fresh)
            try:
                open_index(path).close()
                with index_errors(path):
                    problems += _differences(fresh, path)
            except ArchiveError as error:
                problems.append(Problem(INDEX_NAME, 0, str(error)))
    return sorted(problems, key=astuple)


def copy_archive(source: str | Path, target: str | Path) -> int:
    """Bring the WARC files and the index of an archive to another place, either of them on a store perhaps.

    WARC files only ever grow, so what is there in the same length stays; returns the number of files brought. The index
    comes last and whole, so that a copy broken off is read as it was before. Raises ArchiveError where there is no
    archive at ``source``.
    """
    source, target = Path(source), Path(target)
    known, there = _sizes(source), _sizes(target)
    if not known:
        raise ArchiveError(f"{source}: no WARC file; name the folder or s3:// place of an archive")
    wanted = [name for name, size in known.items() if there.get(name) != size]
    for name in wanted:
        _bring(source / name, target / name)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / INDEX_NAME
        with closing(open_index(index_folder(source))) as index, closing(sqlite3.connect(fresh)) as copy:
            index.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        _bring(fresh, target / INDEX_NAME)
    return len(wanted)


def _sizes(place: Path) -> dict[str, int]:
    store = remote(place)
    if store is None:
        return {warc.name: warc.stat().st_size for warc in warc_files(place)}
    return {info.base_name: info.size for info in store.listing() if info.is_file and info.path.endswith(SUFFIX)}


def _bring(source: Path, target: Path) -> None:
    origin, place = remote(source), remote(target)
    if origin and place:
        with tempfile.TemporaryDirectory() as folder:
            origin.fetch(Path(folder) / target.name)
            place.put(Path(folder) / target.name)
    elif origin:
        origin.fetch(target)
    elif place:
        place.put(source)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _folder(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_dir():
        raise ArchiveError(f"{path}: no such folder; name the archive with --archive DIR")
    return path


def _build(folder: Path, archive: Path) -> list[Problem]:
    with closing(open_index(folder, write=True)) as index:
        return [problem for warc in warc_files(archive) for problem in scan(index, warc)]


def _lost_origins(index: sqlite3.Connection) -> list[Problem]:
    rows = index.execute(
        """SELECT warc_file, "offset", refers_to FROM captures WHERE refers_to <> ''
        AND NOT EXISTS (SELECT 1 FROM captures AS origin WHERE origin.record_id = captures.refers_to)"""
    )
    return [Problem(file, offset, f"refers to record {origin}, which no file holds") for file, offset, origin in rows]


def _differences(fresh: sqlite3.Connection, path: Path) -> list[Problem]:
    remedy = reindex_remedy(path)
    missing = f"the index has no such row for this record; {remedy}"
    unfounded = f"the index has a row that this record does not bear out; {remedy}"
    fresh.execute("ATTACH ? AS kept", (f"{(path / INDEX_NAME).absolute().as_uri()}?mode=ro",))
    problems = []
    for first, second, what in (("main", "kept", missing), ("kept", "main", unfounded)):
        rows = fresh.execute(f"SELECT * FROM {first}.captures EXCEPT SELECT * FROM {second}.captures")  # noqa: S608
        places = [name for name, *_ in rows.description]
        file, offset = places.index("warc_file"), places.index("offset")
        problems += [Problem(row[file], row[offset], what) for row in rows]
        (count,) = fresh.execute(
            f"SELECT COUNT(*) FROM (SELECT * FROM {first}.outcomes EXCEPT SELECT * FROM {second}.outcomes)"  # noqa: S608
        ).fetchone()
        if count:
            problems.append(Problem(INDEX_NAME, 0, f"{count} outcomes: {what}"))
    return problems
