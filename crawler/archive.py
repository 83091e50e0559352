"""Writes an archive: Scrapy's HTTP cache over WARC files, from which it re-crawls and replays."""

from __future__ import annotations

import itertools
import json
import logging
import os
import re
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import load_object

from captures.archive import read_response
from captures.index import JSON, NEWEST, OUTCOMES_URI, REFUSED, FileIndexer, index_errors, open_index, scan
from captures.model import ArchiveError
from captures.upkeep import ArchiveLock
from captures.warc import SUFFIX, HttpResponse, digest, warc_files
from crawler.warc import (
    RENDERED,
    Origin,
    WarcFile,
    WarcRecord,
    metadata_record,
    request_record,
    response_record,
    revisit_record,
    warcinfo_record,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from scrapy.utils.request import RequestFingerprinterProtocol

    from captures.model import Outcome

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 1_000_000_000
NOT_MODIFIED = "archive_not_modified"
KNOWN = "archive_known"


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """What an archive has for a request: the answer, how old it is, whether of this run, and what its list said then.

    ``refused`` says that the answer speaks of the server or of us, not of the page.
    """

    response: HttpResponse
    age: timedelta
    of_this_run: bool
    refused: bool
    list_title: str
    list_date: str


class ArchiveWriter:
    """Appends the WARC records of one run to an archive and keeps its index; one per crawler.

    Attributes: ``path`` the archive's folder, ``run_id`` the run's name, by default the time of its start. At the start
    what an earlier run left torn is cut off, and what the index lacks is added to it. Raises ArchiveError where the
    folder or the index cannot be used.
    """

    _of_crawlers: ClassVar[WeakKeyDictionary[Crawler, ArchiveWriter]] = WeakKeyDictionary()

    def __init__(
        self,
        path: Path,
        *,
        run_id: str = "",
        now: Callable[[], datetime] = utc_now,
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        if run_id and not re.fullmatch(r"[\w][\w.-]*", run_id, re.ASCII):
            raise ArchiveError(f"run id {run_id!r}: it names files, so use letters, digits, dot, dash and underscore")
        self.path = path
        self._now = now
        self._max_file_bytes = max_file_bytes
        self._current: tuple[WarcFile, FileIndexer] | None = None
        self._closed = False
        with ExitStack() as opened:
            try:
                path.mkdir(parents=True, exist_ok=True)
                self._lock = opened.enter_context(closing(ArchiveLock(path)))
            except OSError as error:
                raise ArchiveError(f"{path}: {error.strerror}; name a folder that can be written to") from error
            if not self._lock.alone:
                self._lock.share()
            self._index = opened.enter_context(closing(open_index(path, write=True)))
            with index_errors(path):
                if self._lock.alone:
                    self._repair()
                    self._lock.share()
                self.run_id, self._started_at = self._claim(run_id)
            self._opened = opened.pop_all()

    @classmethod
    def for_crawler(cls, crawler: Crawler) -> ArchiveWriter:
        """Return the crawler's writer, opened at the first call; it closes itself when the engine stops.

        Reads the settings ARCHIVE_DIR and, where the run is to have a name of its own, ARCHIVE_RUN_ID.
        """
        writer = cls._of_crawlers.get(crawler)
        if writer is None:
            run_id = crawler.settings.get("ARCHIVE_RUN_ID") or ""
            now = load_object(crawler.settings.get("CLOCK") or utc_now)
            writer = cls(_archive_dir(crawler.settings), run_id=run_id, now=now)
            cls._of_crawlers[crawler] = writer
            crawler.signals.connect(writer.close, signal=signals.engine_stopped)
        return writer

    def append(self, records: Sequence[WarcRecord]) -> None:
        """Write records that belong together, each but the first as concurrent to the first, then index them.

        Raises ArchiveError where the disk refuses.
        """
        self._check_open()
        current = self._current
        if current is None or current[0].size >= self._max_file_bytes:
            current = self._next_file()
        self._write(*current, records)

    def origin(self, fingerprint: str, payload_digest: str) -> Origin | None:
        """Return the newest record that answered this request with this payload."""
        self._check_open()
        with index_errors(self.path):
            row = self._index.execute(
                f"""SELECT record_id, final_url, fetched_at FROM captures
                WHERE fingerprint = ? AND payload_digest = ? AND refers_to = '' ORDER BY {NEWEST} LIMIT 1""",  # noqa: S608
                (fingerprint, payload_digest),
            ).fetchone()
        return row and Origin(*row)

    def newest(self, fingerprint: str) -> Known | None:
        """Return the newest answer to this request, a refusal or server error only where there is no other."""
        self._check_open()
        with index_errors(self.path):
            row = self._index.execute(
                f"""SELECT warc_file, "offset", length, fetched_at, run_id, {REFUSED}, list_title, list_date
                FROM captures WHERE fingerprint = ? ORDER BY {REFUSED}, {NEWEST} LIMIT 1""",  # noqa: S608
                (fingerprint,),
            ).fetchone()
            if row is None:
                return None
            response = read_response(self.path, self._index, *row[:3])
        age = self._now() - datetime.fromisoformat(row[3])
        return Known(response, age, row[4] == self.run_id, bool(row[5]), row[6], row[7])

    def write_outcomes(self, rows: Sequence[Outcome]) -> None:
        """Store outcomes as a WARC record and in the index; ArchiveError where one belongs to another run."""
        for row in rows:
            if row.run_id != self.run_id:
                raise ArchiveError(f"outcome of portal {row.code}: run {row.run_id!r} is not this run, {self.run_id!r}")
        if rows:
            block = json.dumps([asdict(row) for row in rows]).encode()
            self.append([WarcRecord("resource", OUTCOMES_URI + self.run_id, JSON, block, {})])

    def close(self) -> None:
        """Close the files; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._close_file()
        self._opened.close()

    def _check_open(self) -> None:
        if self._closed:
            raise ArchiveError(f"{self.path}: the archive is closed; use it before the engine stops")

    def _timestamp(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _claim(self, wanted: str) -> tuple[str, str]:
        started_at = self._timestamp()
        stem = wanted or self._now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        for number in itertools.count(1):
            run_id = stem if number == 1 else f"{stem}-{number}"
            with self._index:
                claim = self._index.execute("INSERT OR IGNORE INTO runs VALUES (?, ?)", (run_id, started_at))
            if wanted or claim.rowcount:
                break
        row = self._index.execute("SELECT started_at FROM runs WHERE run_id = ?", (run_id,)).fetchone()
        return run_id, row[0]

    def _repair(self) -> None:
        for warc in warc_files(self.path):
            covered = self._covered(warc)
            if warc.stat().st_size <= covered:
                continue
            for problem in scan(self._index, warc, covered):
                log.warning("%s at byte %d: %s", warc, problem.offset, problem.what)
            _cut(warc, self._covered(warc))

    def _covered(self, warc: Path) -> int:
        row = self._index.execute("SELECT size FROM files WHERE warc_file = ?", (warc.name,)).fetchone()
        return row[0] if row else 0

    def _next_file(self) -> tuple[WarcFile, FileIndexer]:
        self._close_file()
        for number in itertools.count(1):  # a run that goes on under its old name finds its files there
            path = self.path / f"{self.run_id}-{number:05}{SUFFIX}"
            try:
                file = WarcFile(path)
            except FileExistsError:
                continue
            break
        self._current = file, FileIndexer(self._index, path.name)
        self._write(*self._current, [warcinfo_record(path.name, self.run_id, self._started_at)])
        return self._current

    def _write(self, file: WarcFile, indexer: FileIndexer, records: Sequence[WarcRecord]) -> None:
        written = file.write(records, self._timestamp())
        try:
            with index_errors(self.path), self._index:
                for offset, length, record in written:
                    indexer.add(offset, length, record)
                indexer.finish()
        except ArchiveError:
            self.close()  # what follows must not be indexed while this is not: the next run makes it up
            raise

    def _close_file(self) -> None:
        if self._current:
            self._current[0].close()
            self._current = None


def _cut(warc: Path, size: int) -> None:
    torn = warc.stat().st_size - size
    if torn:
        log.warning("%s: the last record was torn when a run was killed; its %d bytes are cut off", warc, torn)
        os.truncate(warc, size)
    if not size:
        warc.unlink()


class RevalidatePolicy(RFC2616Policy):
    """Archives every response, and asks the server of each stored page whether it changed.

    Two are taken as they are stored: what the same run has received already, so that a killed run goes on where it
    was, and a report or file younger than REVISIT_DAYS of which the list says what it said then. Else none counts as
    fresh: freshness guessed from Last-Modified misses changed pages for weeks (RFC 9111, 4.2.2). Only a 304 confirms a
    stored response; an error is passed on as what it is, and archived.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._revisit = timedelta(days=settings.getfloat("REVISIT_DAYS"))

    def should_cache_request(self, request: Request) -> bool:
        """Tell that the request's response is archived, whatever its Cache-Control says."""
        return urlparse_cached(request).scheme not in self.ignore_schemes

    def should_cache_response(self, response: Response, request: Request) -> bool:  # noqa: ARG002
        """Tell that the response is archived: all are, but for a 304 to a question that was not ours."""
        return response.status != 304

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        """Tell whether the stored page will do; else make the request conditional, where the page has validators."""
        known: Known | None = request.meta.pop(KNOWN, None)
        if known and self._will_do(known, request):
            return True
        if cachedresponse.status == 200:
            self._set_conditional_validators(request, cachedresponse)
        return False

    def _will_do(self, known: Known, request: Request) -> bool:
        if known.refused or known.of_this_run:
            return not known.refused
        if request.meta.get("kind") not in ("detail", "attachment") or known.response.status >= 400:
            return False
        says_the_same = (known.list_title, known.list_date) == (request.meta["list_title"], request.meta["list_date"])
        return says_the_same and known.age < self._revisit

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:  # noqa: ARG002
        """Tell whether the server confirmed the stored response, and keep its answer for the archive."""
        if response.status != 304:
            return False
        request.meta[NOT_MODIFIED] = response.copy()
        # Scrapy copies every header of the 304 onto the stored response; those about a body would garble it.
        for name in [name for name in response.headers if name.startswith((b"Content-", b"Transfer-"))]:
            del response.headers[name]
        return True


class ArchiveMiddleware(HttpCacheMiddleware):
    """Scrapy's cache middleware, but a portal that fails is seen to fail, and an unusable archive stops the start."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the archive before the first request; ArchiveError where it cannot be used."""
        middleware = super().from_crawler(crawler)
        ArchiveWriter.for_crawler(crawler)
        return middleware

    def process_exception(self, request: Request, exception: Exception, spider: Spider | None = None) -> None:  # noqa: ARG002
        """Leave a failed download failed: Scrapy would pass off the stored response of an earlier run as today's."""
        request.meta.pop("cached_response", None)


class WarcCacheStorage:
    """Scrapy's HTTPCACHE_STORAGE over an archive.

    It sits below Scrapy's decompression, redirects and retries, so bodies are stored with their content encoding, and
    redirects and errors are stored too, each under the address that answered so. Requests are told apart by Scrapy's
    fingerprint, which covers method and body. From ``request.meta`` it keeps portal_code, kind, list_title, list_date
    and robots. Reads the settings ARCHIVE_DIR and ARCHIVE_RUN_ID.
    """

    _writer: ArchiveWriter
    _fingerprinter: RequestFingerprinterProtocol

    def __init__(self, settings: BaseSettings) -> None:
        _archive_dir(settings)

    def open_spider(self, spider: Spider) -> None:
        """Take the crawler's writer."""
        self._writer = ArchiveWriter.for_crawler(spider.crawler)
        self._fingerprinter = spider.crawler.request_fingerprinter

    def close_spider(self, spider: Spider) -> None:
        """Leave the writer open: others store outcomes in it when the spider closes."""

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:  # noqa: ARG002
        """Return the newest answer to the request, or None."""
        known = self._writer.newest(self._fingerprint(request))
        if known is None:
            return None
        request.meta[KNOWN] = known
        stored = known.response
        headers = Headers(stored.headers)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=stored.body)
        return kind(url=request.url, status=stored.status, headers=headers, body=stored.body)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:  # noqa: ARG002
        """Archive a response; an unchanged payload becomes a revisit record, which has no body."""
        not_modified: Response | None = request.meta.pop(NOT_MODIFIED, None)
        fingerprint = self._fingerprint(request)
        payload = digest(response.body)
        origin = self._writer.origin(fingerprint, payload) if response.body else None
        seen = revisit_record(origin, response, payload, not_modified) if origin else response_record(response, payload)
        self._writer.append([seen, request_record(request), metadata_record(request, fingerprint)])

    def _fingerprint(self, request: Request) -> str:
        """What a browser makes of a page is told apart from what was received: it changes with other files too."""
        plain = self._fingerprinter.fingerprint(request).hex()
        return f"{plain}-{RENDERED}" if request.meta.get(RENDERED) else plain


def _archive_dir(settings: BaseSettings) -> Path:
    if not settings.get("ARCHIVE_DIR"):
        raise ArchiveError("the setting ARCHIVE_DIR is empty; name the archive's folder with `-s ARCHIVE_DIR=DIR`")
    return Path(settings["ARCHIVE_DIR"])
