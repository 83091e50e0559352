"""An archive to a published release: all tables as Parquet, checked, described and put in place in one step."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sqlite3
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa

from captures import Archive
from normalize import codebook, read_document
from normalize.changes import changes_text, count_changes, known_issues
from normalize.cluster import read_on_cluster
from normalize.corrections import CORRECTIONS, correct, read_corrections
from normalize.describe import LICENSE_TEXT, citation, croissant, datapackage
from normalize.dictionary import FILES, dictionary
from normalize.divisions import DIVISIONS
from normalize.gates import GateError, check_gates, reports_by_year
from normalize.lock import only_one
from normalize.mirror import mirrored
from normalize.panel import tables
from normalize.partitions import written
from normalize.parts import join_parts
from normalize.published import (
    LATEST,
    MANIFEST,
    Release,
    ReleaseError,
    file_sha256,
    load_release,
    point_latest,
    sync,
    verify_release,
)
from normalize.readers.installed import installed
from normalize.reading import CHUNK, ArchiveReader, Job, read_all
from normalize.schema import OUTCOMES, SCHEMA_VERSION
from normalize.spill import Spill
from normalize.writing import Plan, Written, write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from captures import Capture, Outcome
    from normalize.corrections import Correction
    from normalize.model import Report
    from normalize.spill import Unreadable

__all__ = ["GateError", "Release", "ReleaseError", "build", "load_release", "verify_release"]

READINGS = ".readings-"
COMPARED = frozenset({"figures", "panel"})


def build(
    archive: Path,
    releases: Path,
    *,
    workers: int = 1,
    cluster: str = "",
    reader: Callable[..., Report] = read_document,
    open_archive: Callable[[Path], ArchiveReader] = Archive,
    corrections: Path = CORRECTIONS,
    allow_shrink: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Release:
    """Read every report of an archive and publish the result under ``releases``; ``latest`` then leads to it.

    The release's name and its Parquet bytes follow from the archive and the code alone, whatever the clock and the
    number of workers. A release that is already there, whole, is given back. ``on_progress`` is told how many of how
    many documents are read. Worker processes import ``reader`` and ``open_archive`` by name. ``cluster`` is the address
    of a Dask scheduler whose workers read the documents; they see ``archive`` under the same path. Both places may lie
    on an object store (``s3://bucket/folder``): the release is made in a folder of this machine, then published there.

    Raises GateError where the result is not fit to publish, CorrectionError where a line of ``corrections`` does not
    fit what was read, ReleaseError where another build is at work, ArchiveError where the archive cannot be read; the
    release before stays as it was.
    """
    job = Job(archive, open_archive, reader)
    with mirrored(releases) as folder, only_one(folder), _work_folder(folder) as work, _trouble(folder):
        store = work / "store.sqlite"
        gathered = _gather(job, store, folder, corrections)
        final = folder / gathered.release_id
        is_new = not _is_whole(final)
        if is_new:
            previous = _previous(folder, gathered.release_id)
            plan = Plan(
                store,
                gathered.readings,
                work / gathered.release_id,
                gathered.release_id,
                gathered.stamp,
                previous,
                workers,
            )
            known = read_corrections(corrections)
            documents = gathered.documents
            read = _read(job, plan, documents, corrections=known, cluster=cluster, on_progress=on_progress)
            done = write_all(plan, gathered.outcomes)
            before = previous.reports_by_year if previous else {}
            notes = check_gates(done.files, read.faults, read.unreadable, before, allow_shrink)
            _describe(plan, gathered, done, read, notes)
            _publish(plan.folder, final, work)
        point_latest(folder, gathered.release_id)
        _keep(store, gathered.readings, gathered.release_id if is_new else "")
    return load_release(final)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What a build starts from; ``facts`` go into the manifest and decide the release's name.

    ``stamp`` is a digest of all that decides what is read in a document, ``readings`` the file for what is.
    """

    release_id: str
    documents: int
    outcomes: list[Outcome]
    facts: dict[str, Any]
    stamp: str
    readings: Path


def _gather(job: Job, store: Path, releases: Path, corrections: Path) -> _Gathered:
    code = {
        "schema_version": SCHEMA_VERSION,
        "codebook": codebook.version(),
        "divisions_sha256": file_sha256(DIVISIONS),
        "code_sha256": _code_digest(),
        "reader": f"{job.reader.__module__}.{job.reader.__qualname__}",
        "pyarrow": pa.__version__,
        "readers": installed(),
    }
    stamp = _digest(code.values())[:16]
    readings = releases / f"{READINGS}{stamp}.sqlite"
    with job.open_archive(job.archive) as archive, Spill.create(store, readings) as spill:
        found = chain(*(archive.captures(kind=kind, newest=False) for kind in ("detail", "attachment")))
        documents = spill.add_captures(filter(_is_readable, found), _content_digest)
        outcomes = sorted(archive.outcomes(), key=lambda each: (each.report_year, each.code, each.name, each.url))
        facts = {
            "data_as_of": spill.newest_fetch(),
            "archive_runs": sorted(run.run_id for run in archive.runs()),
            "archive_sha256": _digest(chain(spill.keys(), map(repr, outcomes))),
            "corrections_sha256": file_sha256(corrections),
            **code,
        }
    release_id = f"r{_digest(map(repr, facts.values()))[:12]}"
    return _Gathered(release_id, documents, outcomes, facts, stamp, readings)


def _is_readable(capture: Capture) -> bool:
    """Whether a capture can be a report: a page or an attachment received well."""
    return capture.http_status == HTTPStatus.OK and bool(capture.sha256)


def _content_digest(capture: Capture) -> str:
    """A digest of what of a capture reaches a release; where it lies in the archive does not."""
    said = (
        capture.url, capture.portal_code, capture.kind, capture.list_title, capture.fetched_at, capture.media_type,
        capture.charset, capture.sha256,
    )  # fmt: skip
    return hashlib.sha256("\0".join((*said, "")).encode()).hexdigest()


class _Read(NamedTuple):
    unreadable: Unreadable
    faults: list[str]
    corrections: dict[str, int]


def _read(
    job: Job,
    plan: Plan,
    documents: int,
    *,
    corrections: Sequence[Correction],
    cluster: str,
    on_progress: Callable[[int, int], None] | None,
) -> _Read:
    """Read what no earlier build has read and decide between duplicates; what is wrong with the documents."""
    with Spill(plan.store, plan.readings) as spill:
        done = spill.recall()
        chunks = spill.chunks(CHUNK)
        for read in read_on_cluster(cluster, job, chunks) if cluster else read_all(job, chunks, plan.workers):
            spill.add(read)
            done += len(read)
            if on_progress:
                on_progress(done, documents)
        used, unused = correct(spill, corrections)
        join_parts(spill)
        spill.settle()
        return _Read(spill.unreadable(), spill.faults(), {"used": used, "unused": unused})


def _keep(store: Path, readings: Path, published: str) -> None:
    """Keep what the next build can use, and nothing of other code; ``published`` is the release made now, if any."""
    with Spill(store, readings) as spill:
        if published:
            spill.publish(published)
        spill.forget()
    for file in readings.parent.glob(f"{READINGS}*"):
        if not file.name.startswith(readings.name):
            file.unlink()


def _describe(plan: Plan, gathered: _Gathered, done: Written, read: _Read, notes: list[str]) -> None:
    """Write what lies beside the tables: ``CHANGES.md``, ``datapackage.json`` and, last, ``release.json``."""
    folder, previous = plan.folder, plan.previous
    entries = [file.entry() for file in done.files]
    changes = None
    if previous:
        changes = count_changes(previous, folder, gathered.facts, _changed_years(previous, entries), folder.parent)
    issues = known_issues(folder, read.unreadable.number)
    text = changes_text(gathered.release_id, previous.release_id if previous else "", changes, notes, issues)
    name, created, every = gathered.release_id, gathered.facts["data_as_of"], (*tables(), OUTCOMES)
    beside = {
        "CHANGES.md": text,
        "CITATION.cff": citation(name, created),
        "LICENSE": LICENSE_TEXT,
        "croissant.json": _json(croissant(name, created, every)),
        "datapackage.json": _json(datapackage(name, created, entries, every)),
        **{file: dictionary(language) for language, file in FILES.items()},
    }
    for file, content in beside.items():
        (folder / file).write_text(content, encoding="utf-8")
        entries.append(written(folder / file, file, "", None, 0).entry())
    rows: Counter[str] = Counter()
    for each in done.files:
        rows[each.table] += each.rows
    manifest = {
        "release_id": gathered.release_id,
        **gathered.facts,
        "previous": previous.release_id if previous else "",
        "rows": dict(sorted(rows.items())),
        "reports_by_year": {str(year): count for year, count in reports_by_year(done.files).items()},
        "unreadable": read.unreadable.number,
        "corrections": read.corrections,
        "gates": notes or ["passed"],
        "parts": done.parts,
        "files": entries,
    }
    (folder / MANIFEST).write_text(_json(manifest), encoding="utf-8")


def _changed_years(previous: Release, entries: Iterable[dict[str, Any]]) -> set[int]:
    """The years whose figures or panel are other bytes than before: files hold no release name, so equal is equal."""

    def contents(files: Iterable[dict[str, Any]]) -> set[tuple[int, str, str]]:
        return {(each["report_year"], each["table"], each["sha256"]) for each in files if each["table"] in COMPARED}

    return {year for year, _, _ in contents(previous.manifest["files"]) ^ contents(entries)}


def _publish(folder: Path, final: Path, work: Path) -> None:
    """Make the folder durable, then give it its name in one step; a damaged release of that name makes way."""
    for path in [*folder.rglob("*"), folder]:
        sync(path)
    if final.exists():
        final.replace(work / "damaged")
    folder.replace(final)
    sync(final.parent)


def _previous(releases: Path, release_id: str) -> Release | None:
    """The release that ``latest`` leads to, unless there is none or it is the one being built again."""
    latest = releases / LATEST
    if not latest.exists():
        return None
    if not latest.is_symlink():
        raise ReleaseError(f"{latest}: is no link; move it away, then build again")
    release = load_release(releases)
    return None if release.release_id == release_id else release


def _is_whole(folder: Path) -> bool:
    return (folder / MANIFEST).exists() and not verify_release(folder)


@contextmanager
def _trouble(releases: Path) -> Iterator[None]:
    """Turn what the disk and the store say into a ReleaseError with the remedy."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        remedy = f"free space, or remove {releases / READINGS}* if that is damaged; then build again"
        raise ReleaseError(f"{releases}: the working store failed ({error}); {remedy}") from error
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        said = str(error).partition("\n")[0]
        remedy = "free space there, where what does not fit into memory is kept meanwhile; then build again"
        raise ReleaseError(f"{releases}: the checks across reports failed ({said}); {remedy}") from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ReleaseError(f"{releases}: the disk is full; free space and build again") from error


@contextmanager
def _work_folder(releases: Path) -> Iterator[Path]:
    """A folder for one build, removed at its end; what killed builds left is removed first."""
    for debris in releases.glob(".build-*"):
        shutil.rmtree(debris)
    work = releases / f".build-{os.getpid()}"
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work)


def _code_digest() -> str:
    """A digest of the code that decides what a release says."""
    root = Path(__file__).parent.parent
    sources = sorted([*root.glob("normalize/**/*.py"), *root.glob("captures/**/*.py")])
    return _digest(file_sha256(path) for path in sources)


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
