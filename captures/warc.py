"""Bytes of WARC files -> members, records and HTTP responses."""

from __future__ import annotations

import hashlib
import mmap
import re
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from captures.model import PayloadError, RecordError
from captures.store import read_range

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHA256 = "sha256:"
SUFFIX = ".warc.gz"
CHUNK = 1 << 16
GZIP_MAGIC = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class Member:
    """One gzip member of a WARC file, which holds one record: its place, and its bytes unpacked."""

    offset: int
    length: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a WARC file that holds no whole record; at the end of the file it is a torn record."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response as it was received: the body with its content encoding, the header names in any case."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of this name, or an empty string."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record: its named headers, all of them by lower-case name, and its block."""

    type: str
    id: str
    date: str
    uri: str
    headers: dict[str, str]
    block: bytes

    def http(self) -> HttpResponse:
        """Return the block read as an HTTP response; RecordError where it has no status line."""
        head, _, body = self.block.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        match = re.fullmatch(rb"HTTP/[\d.]+ (\d{3})\b.*", first)
        if match is None:
            raise RecordError(f"no HTTP status line: {first[:80]!r}")
        pairs = (line.partition(b":") for line in lines)
        return HttpResponse(int(match[1]), [(name.strip(), value.strip()) for name, _, value in pairs], body)


def digest(data: bytes) -> str:
    """Return a WARC digest: ``sha256:`` and the hash in hexadecimal digits."""
    return SHA256 + hashlib.sha256(data).hexdigest()


def warc_files(path: Path) -> list[Path]:
    """Return the WARC files of an archive in the order of their names."""
    return sorted(path.glob(f"*{SUFFIX}"))


def members(path: Path, start: int = 0) -> Iterator[Member | Gap]:
    """Yield the records of a WARC file from a byte on, and the gaps between them where it is damaged."""
    size = path.stat().st_size
    if start >= size:  # an empty file cannot be mapped
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as view:
        offset = start
        while offset < size:
            member = _member_at(view, offset)
            if member is None:
                end = _next_member(view, offset + 1)
                yield Gap(offset, end - offset)
                offset = end
                continue
            yield member
            offset += member.length


def _member_at(view: mmap.mmap, offset: int) -> Member | None:
    stream = zlib.decompressobj(wbits=31)
    data = bytearray()
    position = offset
    while not stream.eof:
        chunk = view[position : position + CHUNK]
        if not chunk:
            return None
        try:
            data += stream.decompress(chunk)
        except zlib.error:
            return None
        position += len(chunk)
    if not data.startswith(b"WARC/"):
        return None
    return Member(offset, position - len(stream.unused_data) - offset, bytes(data))


def _next_member(view: mmap.mmap, start: int) -> int:
    while (start := view.find(GZIP_MAGIC, start)) >= 0:
        if _member_at(view, start) is not None:
            return start
        start += 1
    return len(view)


def parse_record(data: bytes) -> Record:
    """Return the record that an unpacked member holds; RecordError where its length or a digest is wrong."""
    try:
        record = next(iter(ArchiveIterator(BytesIO(data), no_record_parse=True)))
    except (ArchiveLoadFailed, StopIteration) as error:
        raise RecordError(f"no WARC record: {error}") from error
    headers = {name.lower(): value for name, value in record.rec_headers.headers}
    block = record.raw_stream.read()
    if str(len(block)) != headers.get("content-length"):
        raise RecordError(f"the block has {len(block)} bytes, Content-Length says {headers.get('content-length')}")
    claimed = headers.get("warc-block-digest", "")
    if claimed.startswith(SHA256) and claimed != digest(block):
        raise RecordError("the block does not fit its WARC-Block-Digest")
    try:
        return Record(
            type=headers["warc-type"],
            id=headers["warc-record-id"],
            date=headers["warc-date"],
            uri=headers.get("warc-target-uri", ""),
            headers=headers,
            block=block,
        )
    except KeyError as error:
        raise RecordError(f"the record has no header {error}") from error


def read_record(path: Path, offset: int, length: int) -> Record:
    """Return the record at a place of a WARC file; PayloadError where it cannot be read."""
    try:
        return parse_record(zlib.decompress(read_range(path, offset, length), wbits=31))
    except (OSError, zlib.error, RecordError) as error:
        remedy = f"see what else is damaged with `gongkai archive verify --archive {path.parent}`"
        raise PayloadError(f"{path} at byte {offset}: {error}; {remedy}") from error


def content_type(response: HttpResponse) -> tuple[str, str]:
    """Return a response's media type and its declared charset, both in lower case, empty where it names none."""
    media_type, _, parameters = response.header("content-type").partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([^\s\"';,]+)", parameters, re.IGNORECASE)
    return media_type.strip().lower(), charset[1].lower() if charset else ""
