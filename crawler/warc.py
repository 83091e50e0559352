"""Scrapy's requests and responses -> WARC records, and a WARC file that they are appended to."""

from __future__ import annotations

import json
import os
import uuid
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlunsplit

from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.response import response_status_message
from warcio.statusandheaders import StatusAndHeaders

from captures.index import JSON
from captures.model import ArchiveError
from captures.warc import Record, digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scrapy import Request
    from scrapy.http import Response

LEVEL = 3  # of gzip: a quarter of level 9's time, and the files grow by an eighth
REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
WARC_SPECIFICATION = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
HTTP_RESPONSE = "application/http; msgtype=response"
HTTP_REQUEST = "application/http; msgtype=request"
SECRETS = ("Authorization", "Proxy-Authorization")
KNOWN_OF_A_REQUEST = ("portal_code", "kind", "list_title", "list_date", "robots")
METADATA_URI = "urn:gongkai:metadata:"
# Only there where a browser made the page: what it is called.
RENDERED = "rendered"


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record to be written; ``headers`` are those that its type has beyond what every record has."""

    type: str
    uri: str
    content_type: str
    block: bytes
    headers: dict[str, str]

    def complete(self, record_id: str, date: str, concurrent_to: str) -> tuple[Record, bytes]:
        """Return the record as it will be read again, and its bytes, not yet packed."""
        block_digest = digest(self.block)
        headers = {
            "WARC-Type": self.type,
            "WARC-Record-ID": record_id,
            "WARC-Date": date,
            "WARC-Target-URI": self.uri,
            "WARC-Concurrent-To": concurrent_to,
            "WARC-Block-Digest": block_digest,
            "WARC-Payload-Digest": block_digest,
            **self.headers,
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.block)),
        }
        given = [(name, value) for name, value in headers.items() if value]
        lowered = {name.lower(): value for name, value in given}
        # The block is written as it is; warcio's own writer would rewrite HTTP headers that are not ASCII.
        head = StatusAndHeaders("", given, protocol="WARC/1.1").to_bytes()
        data = b"".join((head, self.block, b"\r\n\r\n"))
        return Record(self.type, record_id, date, self.uri, lowered, self.block), data


@dataclass(frozen=True, slots=True)
class Origin:
    """The record whose payload a revisit shares."""

    record_id: str
    uri: str
    date: str


class WarcFile:
    """A new WARC file, one gzip member per record; FileExistsError where there is one of this name.

    Attributes: ``path``, ``size`` in bytes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._file = path.open("xb", buffering=0)  # a buffer would try to write again what the disk refused

    def write(self, records: Sequence[WarcRecord], date: str) -> list[tuple[int, int, Record]]:
        """Write records that belong together, each but the first as concurrent to the first.

        Returns each with the offset and length of its gzip member.

        Raises ArchiveError where the disk refuses; the file then ends where it ended before.
        """
        ids = [f"<urn:uuid:{uuid.uuid4()}>" for _ in records]
        written = []
        packed = b""
        for number, (wanted, record_id) in enumerate(zip(records, ids, strict=True)):
            record, data = wanted.complete(record_id, date, ids[0] if number else "")
            packer = zlib.compressobj(LEVEL, wbits=31)
            member = packer.compress(data) + packer.flush()
            written.append((self.size + len(packed), len(member), record))
            packed += member
        self._write(packed)
        return written

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._file.truncate(self.size)
            self._file.seek(self.size)
            raise ArchiveError(f"{self.path}: {error}; make room on the disk and crawl again") from error
        self.size += len(data)

    def close(self) -> None:
        """Close the file when the disk has it."""
        os.fsync(self._file.fileno())
        self._file.close()


def warcinfo_record(name: str, run_id: str, started_at: str) -> WarcRecord:
    """Return the record that opens a file and names its run."""
    info = {
        "software": "gongkai",
        "format": "WARC File Format 1.1",
        "conformsTo": WARC_SPECIFICATION,
        "run-id": run_id,
        "run-started": started_at,
    }
    block = "".join(f"{key}: {value}\r\n" for key, value in info.items()).encode()
    return WarcRecord("warcinfo", "", "application/warc-fields", block, {"WARC-Filename": name})


def _http_head(response: Response) -> bytes:
    headers = response.headers
    if "Transfer-Encoding" in headers:  # Scrapy has undone it, the body is plain
        headers = headers.copy()
        headers["X-Archive-Orig-Transfer-Encoding"] = headers.pop("Transfer-Encoding")
    first = f"{response.protocol or 'HTTP/1.1'} {response_status_message(response.status)}".encode()
    return b"\r\n".join(filter(None, (first, headers.to_string()))) + b"\r\n\r\n"


def response_record(response: Response, payload_digest: str) -> WarcRecord:
    """Return the record of a response that was not seen before."""
    headers = {"WARC-IP-Address": str(response.ip_address or ""), "WARC-Payload-Digest": payload_digest}
    return WarcRecord("response", response.url, HTTP_RESPONSE, _http_head(response) + response.body, headers)


def revisit_record(
    origin: Origin, response: Response, payload_digest: str, not_modified: Response | None
) -> WarcRecord:
    """Return the record of a response with the payload of an earlier one, seen again or confirmed by a 304."""
    seen = not_modified or response
    headers = {
        "WARC-IP-Address": str(seen.ip_address or ""),
        "WARC-Profile": REVISIT_PROFILE + ("server-not-modified" if not_modified else "identical-payload-digest"),
        "WARC-Refers-To": origin.record_id,
        "WARC-Refers-To-Target-URI": origin.uri,
        "WARC-Refers-To-Date": origin.date,
        "WARC-Payload-Digest": payload_digest,
    }
    return WarcRecord("revisit", response.url, HTTP_RESPONSE, _http_head(seen), headers)


def request_record(request: Request) -> WarcRecord:
    """Return the record of a request, without the secrets in it."""
    url = urlparse_cached(request)
    headers = request.headers.copy()
    headers.setdefault("Host", url.netloc.rpartition("@")[2])
    for secret in SECRETS:  # an archive is passed on
        headers.pop(secret, None)
    target = urlunsplit(("", "", url.path or "/", url.query, ""))
    head = f"{request.method} {target} HTTP/1.1\r\n".encode() + headers.to_string() + b"\r\n\r\n"
    payload_digest = {"WARC-Payload-Digest": digest(request.body)}
    return WarcRecord("request", request.url, HTTP_REQUEST, head + request.body, payload_digest)


def metadata_record(request: Request, fingerprint: str) -> WarcRecord:
    """Return the record of what the crawler knew of a request; the index is rebuilt from it."""
    known = {key: _text(request.meta.get(key)) for key in KNOWN_OF_A_REQUEST}
    if not known["kind"] and urlparse_cached(request).path == "/robots.txt":
        known["kind"] = "robots"  # these requests are Scrapy's own
    asked = request.meta.get("redirect_urls") or [request.url]
    facts = {"url": asked[0], "method": request.method, "fingerprint": fingerprint, **known}
    if by := request.meta.get(RENDERED):
        facts[RENDERED] = _text(by)
    # Under an address of its own: players show the newest record of an address, whatever its type.
    return WarcRecord("metadata", METADATA_URI + request.url, JSON, json.dumps(facts).encode(), {})


def _text(value: object) -> str:
    # A page can hold half a surrogate pair, which neither file nor index can.
    return "" if value is None else str(value).encode(errors="replace").decode()
