"""HTTP responses -> payloads, with their transfer and content encodings undone within a limit."""

from __future__ import annotations

import sys
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
from warcio.bufferedreaders import ChunkedDataReader

from captures.model import PayloadError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

    from captures.warc import HttpResponse

MAX_PAYLOAD = 256 * 1024 * 1024
MAX_CODINGS = 3
CHUNK = 1 << 20
GZIP_MAGIC = b"\x1f\x8b\x08"


def decode_payload(response: HttpResponse, limit: int = MAX_PAYLOAD) -> bytes:
    """Return a response's body with its transfer and content encodings undone.

    Raises PayloadError where an encoding is unknown, the data damaged, or the result longer than ``limit`` bytes.
    """
    body = response.body
    if response.header("transfer-encoding").strip().lower() == "chunked":
        body = ChunkedDataReader(BytesIO(body)).read()
    named = [coding.strip().lower() for coding in response.header("content-encoding").split(",")]
    codings = [coding for coding in named if body and coding not in {"", "identity"}]
    if len(codings) > MAX_CODINGS:
        raise PayloadError(f"{len(codings)} content encodings, one within the other")
    for coding in reversed(codings):
        if coding not in DECODERS:
            raise PayloadError(f"content encoding {coding!r} is not known")
        try:
            body = DECODERS[coding](body, limit)
        except (zlib.error, brotli.error, zstd.ZstdError) as error:
            raise PayloadError(f"damaged {coding} data: {error}") from error
    return _within(body, limit)


def _within(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise PayloadError("the payload is longer than the limit")
    return data


def _gunzip(body: bytes, limit: int) -> bytes:
    out = bytearray()
    while body.startswith(GZIP_MAGIC):  # what follows the last member is padding
        stream = zlib.decompressobj(wbits=31)
        out += _within(stream.decompress(body, limit + 1 - len(out)), limit - len(out))
        if not stream.eof:
            raise PayloadError("the gzip data is cut short")
        body = stream.unused_data
    if body and not out:
        raise PayloadError("what is declared as gzip data is none")
    return bytes(out)


def _inflate(body: bytes, limit: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        out = stream.decompress(body, limit + 1)
    except zlib.error:
        stream = zlib.decompressobj(wbits=-15)  # some servers send raw deflate data, without zlib's frame
        out = stream.decompress(body, limit + 1)
    _within(out, limit)
    if not stream.eof:
        raise PayloadError("the deflate data is cut short")
    return out


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    out = bytearray(stream.process(body, output_buffer_limit=CHUNK))
    while not stream.is_finished() and len(out) <= limit:
        piece = stream.process(b"", output_buffer_limit=CHUNK)
        if not piece:
            raise PayloadError("the br data is cut short")
        out += piece
    return _within(bytes(out), limit)


def _unzstd(body: bytes, limit: int) -> bytes:
    stream = zstd.ZstdDecompressor()
    out = _within(stream.decompress(body, limit + 1), limit)
    if not stream.eof:
        raise PayloadError("the zstd data is cut short")
    return out


DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
