"""Bytes to text, decided once: byte order mark, strict UTF-8, the declared label widened, then trial."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""", re.IGNORECASE)
# Pages labelled gb2312 or gbk hold characters that only gb18030 has.
_WIDENED = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030"}
# Servers send these by default, whatever the page is.
_NO_LABEL = frozenset({"iso8859-1", "latin-1", "cp1252", "ascii", "us-ascii"})
_TAIL = 4


class UndecodableError(Exception):
    """No encoding makes text of the bytes."""


def decode(data: bytes, declared: str = "") -> tuple[str, list[str]]:
    """The text of ``data`` and the flags of what had to be bent.

    ``declared`` is the label of the transport, if any; the label inside an HTML page is found here.
    Flags: ``truncated`` (cut inside a character), ``charset_wrong`` (the label was not the encoding),
    ``charset_damaged`` (some bytes belong to no character; U+FFFD stands for them). Raises UndecodableError.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").lstrip("\ufeff"), []
    label = _label(data, declared)
    for encoding in dict.fromkeys(("utf-8", label, "gb18030")):
        text, flags = _try(data, encoding)
        if text is not None:
            return text, flags + (["charset_wrong"] if label and label != encoding else [])
    return _guess(data)


def _label(data: bytes, declared: str) -> str:
    found = _DECLARED.search(data[:4096])
    label = (found[1].decode("ascii") if found else declared).lower()
    label = _WIDENED.get(label, label)
    try:
        name = codecs.lookup(label).name if label else ""
    except LookupError:
        return ""
    return "" if name in _NO_LABEL else name


def _try(data: bytes, encoding: str) -> tuple[str | None, list[str]]:
    if not encoding:
        return None, []
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError as error:
        if error.start < len(data) - _TAIL:
            return None, []
        return data[: error.start].decode(encoding), ["truncated"]


def _guess(data: bytes) -> tuple[str, list[str]]:
    best = from_bytes(data).best()
    if best is not None and best.encoding not in ("cp1252", "latin_1"):
        return str(best), ["charset_guessed"]
    for encoding in ("utf-8", "gb18030"):
        text = data.decode(encoding, errors="replace")
        if text.count("\ufffd") * 200 < len(text):
            return text, ["charset_damaged"]
    raise UndecodableError("the bytes are text in no encoding known here")
