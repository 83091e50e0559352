"""Captures to readings, in one process or in many; a bad document costs itself."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Protocol, Self

from captures import ArchiveError
from captures.store import StoreError, remote
from normalize.codebook import CodebookError
from normalize.divisions import all_divisions
from normalize.panel import all_series
from normalize.readers import UnreadableDocument
from normalize.readers.office import ConversionDeferred, converted, deferring
from normalize.rows import report_rows, unreadable_rows
from normalize.spill import reading_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from captures import Capture, Outcome, Run
    from normalize.model import Report
    from normalize.spill import Reading

    # A capture and its reading, each with the key that joins them.
    Keyed = tuple[str, Capture]
    Read = tuple[str, Reading]

CHUNK = 16
AHEAD = 2


class ArchiveReader(Protocol):
    """What a build needs of an archive; ``captures.Archive`` has it."""

    def __enter__(self) -> Self:
        """Open the archive."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the archive."""

    def captures(self, *, kind: str | None = None, newest: bool = True) -> Iterable[Capture]:
        """The captures of one kind; all of them, or the newest of each address."""

    def read(self, capture: Capture) -> bytes:
        """The payload; ArchiveError where it cannot be given back."""

    def outcomes(self) -> Iterable[Outcome]:
        """The newest outcome of each portal and year."""

    def runs(self) -> Iterable[Run]:
        """The crawls that filled the archive."""


@dataclass(frozen=True, slots=True)
class Job:
    """How to open the archive and read its documents; sent to worker processes, so functions must be importable."""

    archive: Path
    open_archive: Callable[[Path], ArchiveReader]
    reader: Callable[..., Report]


def read_all(job: Job, chunks: Iterable[list[Keyed]], workers: int) -> Iterator[list[Read]]:
    """The readings of each chunk of captures by their keys, as it is done, in no set order.

    With one worker all is read in this process. With more, a document that kills its worker is found out by reading
    those in flight one at a time; it is given as unreadable and the rest goes on.
    """
    if workers == 1:
        with job.open_archive(job.archive) as archive:
            yield from (read_chunk(job, archive, chunk) for chunk in chunks)
        return
    remaining = iter(chunks)
    while suspects := (yield from _until_crash(job, remaining, workers, workers * AHEAD)):
        yield from read_suspects(job, [keyed for chunk in suspects for keyed in chunk])


def _until_crash(
    job: Job, chunks: Iterator[list[Keyed]], workers: int, ahead: int
) -> Generator[list[Read], None, list[list[Keyed]]]:
    """Read chunks in a pool, at most ``ahead`` in flight; the chunks in flight when a worker died, none at the end."""
    pending: dict[Future[list[Read]], list[Keyed]] = {}
    # A fresh interpreter per worker: a fork of a process with threads may hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        while True:
            for chunk in islice(chunks, ahead - len(pending)):
                pending[pool.submit(_read_chunk, job, chunk)] = chunk
            if not pending:
                return []
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    yield future.result()
                except BrokenProcessPool:
                    return list(pending.values())
                del pending[future]


def read_suspects(job: Job, captures: list[Keyed]) -> Iterator[list[Read]]:
    """Read documents one at a time, so that the one in flight when a worker dies is the one to blame."""
    singles = iter([[keyed] for keyed in captures])
    died = "the process that read it died"
    while culprits := (yield from _until_crash(job, singles, workers=1, ahead=1)):
        yield [(key, _unreadable(capture, died, lasting=False)) for chunk in culprits for key, capture in chunk]


@cache
def _opened(job: Job) -> ArchiveReader:
    return job.open_archive(job.archive).__enter__()


def _read_chunk(job: Job, captures: list[Keyed]) -> list[Read]:
    return read_chunk(job, _opened(job), captures)


def read_chunk(job: Job, archive: ArchiveReader, captures: list[Keyed]) -> list[Read]:
    """The readings of some captures by their keys; those that LibreOffice has to convert come last, in one run of it.

    Raises what ``read_capture`` raises.
    """
    found: list[Read] = []
    waiting: list[Keyed] = []
    for key, capture in captures:
        try:
            with deferring():
                found.append((key, read_capture(job, archive, capture)))
        except ConversionDeferred:
            waiting.append((key, capture))
    if waiting:
        with converted():
            found += [(key, read_capture(job, archive, capture)) for key, capture in waiting]
    return found


def read_capture(job: Job, archive: ArchiveReader, capture: Capture) -> Reading:
    """What is read of one capture; a document that cannot be read is a report without figures.

    Raises ArchiveError where its WARC file is gone or its store does not answer, CodebookError where the codebook is
    damaged.
    """
    divisions, series = all_divisions(), all_series()
    try:
        report = job.reader(
            archive.read(capture),
            url=capture.url,
            media_type=f"{capture.media_type}; charset={capture.charset}" if capture.charset else capture.media_type,
            division_code=capture.portal_code,
            list_title=capture.list_title,
        )
        return reading_of(report_rows(report, capture, divisions, series))
    except (CodebookError, StoreError):
        raise
    except ArchiveError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            place = remote(job.archive) or job.archive
            remedy = f"put it back, or have the index forget it with: gongkai archive reindex --archive {place}"
            missing = error.__cause__.filename
            raise ArchiveError(f"{missing}: not there, though the index names it; {remedy}") from error
        # The place in the archive, not the error's text: that names a folder of this machine.
        why = f"{type(error).__name__}: {capture.warc_file} at byte {capture.offset}"
        return _unreadable(capture, why, lasting=False)
    except UnreadableDocument as error:
        return _unreadable(capture, f"{error.code}: {error}")
    except Exception as error:  # noqa: BLE001 - whatever a document does to its reader costs that document alone
        return _unreadable(capture, f"{type(error).__name__}: {error}", lasting=False)


def _unreadable(capture: Capture, why: str, *, lasting: bool = True) -> Reading:
    printable = why.encode(errors="replace").decode()
    return reading_of(unreadable_rows(capture, printable, all_divisions(), all_series()), lasting=lasting)
