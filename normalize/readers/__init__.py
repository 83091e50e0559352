"""Bytes to text blocks and raw tables. The kind of a document is told by its content, never by name or header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from normalize.readers.decode import UndecodableError, decode
from normalize.readers.html import TooDeepError, read_html
from normalize.readers.text import read_text

if TYPE_CHECKING:
    from normalize.model import Document

MAX_BYTES = 32 * 1024 * 1024

_MAGIC = (
    (b"%PDF", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_TAG = re.compile(r"<(?:!doctype|html|head|body|table|div|p|br|span|td|meta)\b", re.IGNORECASE)
_LOOKED_AT = 65_536
_FEW_CONTROLS = 20
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


class UnreadableDocument(Exception):  # noqa: N818 - it is an outcome of a document, not a fault of the program
    """A document that no reader can read; ``code`` is its outcome, the text says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def sniff(data: bytes) -> str:
    """The media type that the first bytes show; empty where they may be text."""
    return next((media_type for magic, media_type in _MAGIC if data.startswith(magic)), "")


def read(data: bytes, *, charset: str = "", keep_hidden: bool = False) -> tuple[Document, str]:
    """The document that ``data`` holds, and its media type.

    Raises UnreadableDocument with the codes ``empty``, ``too_large``, ``too_deep``, ``charset_failed``, ``binary`` and
    ``no_reader``.
    """
    if not data.strip():
        raise UnreadableDocument("empty", "the file is empty; fetch it again")
    if len(data) > MAX_BYTES:
        raise UnreadableDocument("too_large", f"{len(data)} bytes, more than the limit of {MAX_BYTES}")
    if media_type := sniff(data):
        raise UnreadableDocument("no_reader", f"its content is {media_type}, and no reader for that is installed")
    try:
        text, flags = decode(data, charset)
    except UndecodableError as error:
        raise UnreadableDocument("charset_failed", f"{error}; name its encoding or fetch it again") from error
    controls = len(_CONTROL.findall(text, 0, _LOOKED_AT))
    if controls > _FEW_CONTROLS and controls * 100 > min(len(text), _LOOKED_AT):
        raise UnreadableDocument("binary", "its content is binary data of no known kind, whatever its name says")
    html = _TAG.search(text) is not None
    try:
        document = read_html(text, keep_hidden=keep_hidden) if html else read_text(text)
    except TooDeepError as error:
        raise UnreadableDocument("too_deep", str(error)) from error
    document.flags.extend(flags)
    if "\ufffd" in text:
        document.flags.append("mojibake")
    return document, "text/html" if html else "text/plain"
