"""Archives for tests: responses written without a crawl, and a clock."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http import Response

from captures.warc import digest
from crawler.archive import ArchiveWriter
from crawler.warc import metadata_record, request_record, response_record, revisit_record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from captures import Outcome

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
URL = "http://a.example/art_1.html"


def clock(start: datetime = START) -> Callable[[], datetime]:
    """Return a clock that is one second on at each look."""
    ticks = iter(range(1_000_000))
    return lambda: start + timedelta(seconds=next(ticks))


def open_writer(path: Path, day: int = 0, run_id: str = "", max_file_bytes: int = 10**9) -> ArchiveWriter:
    """Open a writer whose clock begins at a day of the test's calendar."""
    return ArchiveWriter(path, run_id=run_id, now=clock(START + timedelta(days=day)), max_file_bytes=max_file_bytes)


def put(
    writer: ArchiveWriter,
    url: str = URL,
    body: bytes = b"<p>page</p>",
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **meta: str,
) -> None:
    """Archive one response as the storage does; its fingerprint is its URL."""
    request = Request(url, meta={"portal_code": "140221", "kind": "detail", **meta})
    response = Response(url, status=status, headers=headers or {"Content-Type": "text/html; charset=GBK"}, body=body)
    payload = digest(body)
    origin = writer.origin(url, payload)
    record = revisit_record(origin, response, payload, None) if origin else response_record(response, payload)
    writer.append([record, request_record(request), metadata_record(request, url)])


def write_outcomes(path: Path, rows: Sequence[Outcome], run_id: str, when: datetime) -> None:
    """Store a run's outcomes in an archive, at a time."""
    with closing(ArchiveWriter(path, run_id=run_id, now=lambda: when)) as writer:
        writer.write_outcomes(rows)
