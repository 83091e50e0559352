"""An archive to a published release: all tables as Parquet, checked, described and put in place in one step."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from itertools import chain, groupby
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from captures import Archive
from normalize import codebook, read_document
from normalize.changes import changes_text, count_changes
from normalize.divisions import DIVISIONS
from normalize.gates import GateError, check_gates, reports_by_year
from normalize.panel import all_series
from normalize.partitions import UNKNOWN_YEAR, WrittenFile, write_rows, write_year, written
from normalize.published import LATEST, MANIFEST, Release, ReleaseError, file_sha256, load_release, verify_release
from normalize.reading import CHUNK, ArchiveReader, Job, read_all
from normalize.schema import OUTCOMES, SCHEMA_VERSION, Table, datapackage, panel_table, report_tables
from normalize.spill import Spill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from captures import Capture, Outcome
    from normalize.model import Report
    from normalize.spill import Unreadable

__all__ = ["GateError", "Release", "ReleaseError", "build", "load_release", "verify_release"]

TEXT_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
COMPARED = frozenset({"figures", "panel"})


def build(
    archive: Path,
    releases: Path,
    *,
    workers: int = 1,
    reader: Callable[..., Report] = read_document,
    open_archive: Callable[[Path], ArchiveReader] = Archive,
    allow_shrink: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Release:
    """Read every report of an archive and publish the result under ``releases``; ``latest`` then leads to it.

    The release's name and its Parquet bytes follow from the archive and the code alone, whatever the clock and the
    number of workers. A release that is already there, whole, is given back. ``on_progress`` is told how many of how
    many documents are read. Worker processes import ``reader`` and ``open_archive`` by name.

    Raises GateError where the result is not fit to publish, ReleaseError where another build is at work, ArchiveError
    where the archive cannot be read; the release before stays as it was.
    """
    job = Job(archive, open_archive, reader)
    releases.mkdir(parents=True, exist_ok=True)
    with _only_build(releases), _work_folder(releases) as work:
        store = work / "store.sqlite"
        gathered = _gather(job, store)
        final = releases / gathered.release_id
        if not _is_whole(final):
            previous = _previous(releases, gathered.release_id)
            unreadable = _read(job, store, gathered.documents, workers, on_progress)
            folder = work / gathered.release_id
            files, faults = _write(store, folder, gathered, workers)
            notes = check_gates(files, faults, unreadable, previous.reports_by_year if previous else {}, allow_shrink)
            _describe(folder, gathered, files, previous=previous, unreadable=unreadable, notes=notes)
            _publish(folder, final, work)
        _point_latest(releases, gathered.release_id)
    return load_release(final)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What a build starts from; ``facts`` go into the manifest and decide the release's name."""

    release_id: str
    documents: int
    outcomes: list[Outcome]
    facts: dict[str, Any]


def _gather(job: Job, store: Path) -> _Gathered:
    with job.open_archive(job.archive) as archive, Spill.create(store) as spill:
        found = chain(*(archive.captures(kind=kind, newest=False) for kind in ("detail", "attachment")))
        documents = spill.add_captures(filter(_is_readable, found))
        outcomes = sorted(archive.outcomes(), key=lambda each: (each.report_year, each.code, each.name, each.url))
        runs = sorted(run.run_id for run in archive.runs())
        facts = {
            "schema_version": SCHEMA_VERSION,
            "data_as_of": spill.newest_fetch(),
            "archive_runs": runs,
            "archive_sha256": _digest(chain(map(repr, map(_content, spill.captures())), map(repr, outcomes))),
            "codebook": codebook.version(),
            "divisions_sha256": file_sha256(DIVISIONS),
            "code_sha256": _code_digest(),
            "reader": f"{job.reader.__module__}.{job.reader.__qualname__}",
            "pyarrow": pa.__version__,
        }
    return _Gathered(f"r{_digest(map(repr, facts.values()))[:12]}", documents, outcomes, facts)


def _is_readable(capture: Capture) -> bool:
    """Whether a capture can be a report: a page received well, or an attachment that is text."""
    received = capture.http_status == HTTPStatus.OK and bool(capture.sha256)
    return received and (capture.kind == "detail" or capture.media_type in TEXT_TYPES)


def _content(capture: Capture) -> tuple[str, ...]:
    """What of a capture reaches a release; where it lies in the archive does not."""
    return (
        capture.url, capture.portal_code, capture.kind, capture.list_title, capture.fetched_at, capture.media_type,
        capture.charset, capture.sha256,
    )  # fmt: skip


def _read(
    job: Job, store: Path, documents: int, workers: int, on_progress: Callable[[int, int], None] | None
) -> Unreadable:
    """Read all documents into the store and decide between duplicates; what could not be read."""
    done = 0
    with Spill(store) as spill:
        for packed in read_all(job, spill.chunks(CHUNK), workers):
            spill.add_reports(packed)
            done += len(packed)
            if on_progress:
                on_progress(done, documents)
        spill.settle()
        return spill.unreadable()


def _write(store: Path, folder: Path, gathered: _Gathered, workers: int) -> tuple[list[WrittenFile], list[str]]:
    """Write all tables; their files by table and year, and the faults found in figures."""
    tables = _report_tables()
    with Spill(store) as spill:
        years = spill.years()
    write = partial(write_year, store, folder, gathered.release_id, tables)
    if workers == 1:
        done = [write(year) for year in years]
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            done = list(pool.map(write, years))
    files = [file for year in done for file in year.files]
    for year, outcomes in groupby(gathered.outcomes, key=lambda each: each.report_year):
        rows = [(each.code, each.name, each.outcome, each.url, each.detail, each.run_id) for each in outcomes]
        files += write_rows(folder, gathered.release_id, OUTCOMES, year, rows)
    filled = {file.table for file in files}
    for table in (*tables, OUTCOMES):
        if table.name not in filled:
            files += write_rows(folder, gathered.release_id, table, UNKNOWN_YEAR, [])
    return sorted(files, key=lambda file: file.path), [fault for year in done for fault in year.faults]


def _report_tables() -> tuple[Table, ...]:
    return report_tables(panel_table((each.column, each.label, each.label_en) for each in all_series()))


def _describe(
    folder: Path,
    gathered: _Gathered,
    files: list[WrittenFile],
    *,
    previous: Release | None,
    unreadable: Unreadable,
    notes: list[str],
) -> None:
    """Write what lies beside the tables: ``CHANGES.md``, ``datapackage.json`` and, last, ``release.json``."""
    entries = [file.entry() for file in files]
    changes = count_changes(previous.path, folder, _changed_years(previous, entries), folder.parent) if previous else []
    text = changes_text(gathered.release_id, previous.release_id if previous else "", changes, notes)
    package = datapackage(gathered.release_id, gathered.facts["data_as_of"], entries, (*_report_tables(), OUTCOMES))
    beside = {"CHANGES.md": text, "datapackage.json": _json(package)}
    for name, content in beside.items():
        (folder / name).write_text(content, encoding="utf-8")
        entries.append(written(folder / name, name, "", None, 0).entry())
    rows: Counter[str] = Counter()
    for file in files:
        rows[file.table] += file.rows
    manifest = {
        "release_id": gathered.release_id,
        **gathered.facts,
        "previous": previous.release_id if previous else "",
        "rows": dict(sorted(rows.items())),
        "reports_by_year": {str(year): count for year, count in reports_by_year(files).items()},
        "unreadable": unreadable.number,
        "gates": notes or ["passed"],
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
        _sync(path)
    if final.exists():
        final.replace(work / "damaged")
    folder.replace(final)
    _sync(final.parent)


def _point_latest(releases: Path, release_id: str) -> None:
    fresh = releases / ".latest-new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(release_id)
    fresh.replace(releases / LATEST)
    _sync(releases)


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
def _only_build(releases: Path) -> Iterator[None]:
    """Keep other builds out; the lock goes with the process, however it ends."""
    with (releases / ".build.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise ReleaseError(
                f"{releases}: process {lock.read()} is building here; wait until it has ended"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


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


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
