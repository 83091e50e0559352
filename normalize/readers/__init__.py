"""Bytes to text blocks and raw tables. The kind of a document is told by its content, never by name or header."""

from __future__ import annotations

import re
import zipfile
from importlib import import_module
from io import BytesIO

from normalize.model import Document, RawTable
from normalize.readers.decode import UndecodableError, decode
from normalize.readers.embedded import IN_SCRIPT, escaped_markup, json_markup, script_markup
from normalize.readers.html import TooDeepError, read_html
from normalize.readers.text import read_text
from normalize.readers.unreadable import UnreadableDocument
from normalize.readers.viewer import LEAST_TEXT, embedded_pictures, flag_of_viewer, text_length

__all__ = ["MAX_BYTES", "UnreadableDocument", "read", "sniff"]

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
_ZIP, _OLE = "application/zip", "application/x-ole-storage"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ODT, _ODS = "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"
_DOC, _XLS, _OFD = "application/msword", "application/vnd.ms-excel", "application/ofd"
_MHT, _WORD_XML, _EXCEL_XML = "multipart/related", "application/vnd.ms-word.xml", "application/vnd.ms-excel.xml"
# A page saved as one file begins with the head of a letter; a Word or Excel file in XML names its program.
_LETTER = re.compile(
    rb"\s*(?:[\w-]{2,40}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n){0,20}){0,20}?content-type:\s*multipart/", re.I
)
_IN_XML = (
    (re.compile(rb"progid=[\"']Word\.Document|<w:wordDocument\b|<pkg:package\b"), _WORD_XML),
    (re.compile(rb"progid=[\"']Excel\.Sheet"), _EXCEL_XML),
)
_XML_HEAD = 2_000
# What lies in a zip or an OLE file tells what it is.
_IN_ZIP = (
    (re.compile(r"word/document\d*\.xml"), _DOCX),
    (re.compile(r"xl/workbook\.xml"), _XLSX),
    (re.compile(r"OFD\.xml"), _OFD),
)
_IN_OLE = (("WordDocument", _DOC), ("Workbook", _XLS), ("Book", _XLS))
_LONGEST_TYPE = 100
# The reader of each kind: its module and its function. A module is loaded when a document asks for it.
_READERS = {
    "application/pdf": ("pdf", "read_pdf"),
    _DOCX: ("word", "read_docx"),
    _DOC: ("legacy", "read_doc"),
    "application/rtf": ("legacy", "read_rtf"),
    _ODT: ("odf", "read_odt"),
    _XLSX: ("excel", "read_workbook"),
    _XLS: ("excel", "read_workbook"),
    _ODS: ("excel", "read_workbook"),
    _OFD: ("ofd", "read_ofd"),
    _MHT: ("mht", "read_mht"),
    _WORD_XML: ("office_xml", "read_word_xml"),
    _EXCEL_XML: ("office_xml", "read_excel_xml"),
    "image/png": ("scan", "read_image"),
    "image/jpeg": ("scan", "read_image"),
    "image/gif": ("scan", "read_image"),
    "image/tiff": ("scan", "read_image"),
    "image/webp": ("scan", "read_image"),
}
_ARCHIVES = frozenset((_ZIP, "application/vnd.rar", "application/x-7z-compressed"))
_TAG = re.compile(r"<(?:!doctype|html|head|body|table|div|p|br|span|td|meta)\b", re.IGNORECASE)
_LOOKED_AT = 8_192
_FEW_CONTROLS = 20
_CONTROLS = bytes((*range(0x09), *range(0x0E, 0x20)))


def sniff(data: bytes) -> str:
    """The media type that the content shows; empty where it may be text."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    media_type = next((media_type for magic, media_type in _MAGIC if data.startswith(magic)), "")
    if media_type == _ZIP:
        return _kind_of_zip(data)
    if media_type == _OLE:
        return next((kind for name, kind in _IN_OLE if name.encode("utf-16-le") in data), _OLE)
    return media_type or _kind_of_text(data)


def _kind_of_text(data: bytes) -> str:
    """The kind of a text that is a file of another program; empty where it is none."""
    head = data[:_XML_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<?xml"):
        return next((kind for sign, kind in _IN_XML if sign.search(head)), "")
    return _MHT if head[:1] not in (b"<", b"{") and _LETTER.match(data, 0, 20 * _XML_HEAD) else ""


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            names = set(packed.namelist())
            if "mimetype" in names and packed.getinfo("mimetype").file_size < _LONGEST_TYPE:
                declared = packed.read("mimetype").decode("ascii", "replace").strip()
                return declared if declared in (_ODT, _ODS) else _ZIP
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return _ZIP
    return next((kind for name, kind in _IN_ZIP if any(map(name.fullmatch, names))), _ZIP)


def read(
    data: bytes, *, charset: str = "", keep_hidden: bool = False, keep_markup: bool = False, depth: int = 0
) -> tuple[Document, str]:
    """The document that ``data`` holds, and its media type; ``depth`` counts the archives around it.

    Raises UnreadableDocument with the codes ``empty``, ``too_large``, ``too_deep``, ``too_slow``, ``charset_failed``,
    ``binary``, ``no_reader``, ``damaged``, ``encrypted``, ``several_reports``, ``needs_extra`` and ``needs_program``.
    """
    if not data.strip():
        raise UnreadableDocument("empty", "the file is empty; fetch it again")
    if len(data) > MAX_BYTES:
        raise UnreadableDocument("too_large", f"{len(data)} bytes, more than the limit of {MAX_BYTES}")
    if media_type := sniff(data):
        return _read_file(data, media_type, depth), media_type
    try:
        text, flags = decode(data, charset)
    except UndecodableError as error:
        raise UnreadableDocument("charset_failed", f"{error}; name its encoding or fetch it again") from error
    head = text[:_LOOKED_AT].encode(errors="replace")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > _FEW_CONTROLS and controls * 100 > min(len(text), _LOOKED_AT):
        raise UnreadableDocument("binary", "its content is binary data of no known kind, whatever its name says")
    try:
        document = _read_text(text, keep_hidden=keep_hidden, keep_markup=keep_markup)
    except TooDeepError as error:
        raise UnreadableDocument("too_deep", str(error)) from error
    document.flags.extend(flags)
    if "\ufffd" in text:
        document.flags.append("mojibake")
    return document, "text/html" if document.reader == "html" else "text/plain"


def _read_text(text: str, *, keep_hidden: bool, keep_markup: bool) -> Document:
    """A page, plain text, or the markup that JSON carries."""
    page = json_markup(text) or text
    if _TAG.search(page) is None:
        return read_text(page)
    document = read_html(page, keep_hidden=keep_hidden, keep_markup=keep_markup)
    for find_markup in (script_markup, escaped_markup):
        if not _has_tables(document) and (markup := find_markup(page)):
            _take_in(document, read_html(markup, keep_hidden=keep_hidden, keep_markup=keep_markup))
    if page is not text:
        document.flags.append(IN_SCRIPT)
    if (flag := flag_of_viewer(page, document)) and not _read_embedded(page, document):
        document.flags.append(flag)
    return document


def _has_tables(document: Document) -> bool:
    return any(isinstance(part, RawTable) for part in document.parts)


def _take_in(document: Document, inner: Document) -> None:
    """Add what a page's script holds, where that is tables, or the text of a page that has none itself."""
    if not _has_tables(inner) and (text_length(document) >= LEAST_TEXT or text_length(inner) < LEAST_TEXT):
        return
    document.parts += inner.parts
    document.flags += [*inner.flags, IN_SCRIPT]


def _read_embedded(page: str, document: Document) -> bool:
    """Read the pictures that lie in a page without a table; whether that gave it one."""
    pictures = embedded_pictures(page)
    if pictures:
        from normalize.readers.limits import bounded  # noqa: PLC0415 - pages of text need none of this
        from normalize.readers.scan import read_pictures  # noqa: PLC0415

        with bounded():
            read_pictures(pictures, document)
    return _has_tables(document)


def _read_file(data: bytes, media_type: str, depth: int) -> Document:
    """A document that is no text, read within the limits of time and memory."""
    from normalize.readers.limits import bounded  # noqa: PLC0415 - pages of text need none of this

    if media_type in _ARCHIVES:
        from normalize.readers.archives import read_archive  # noqa: PLC0415

        return read_archive(data, media_type, depth, lambda member, deeper: read(member, depth=deeper)[0])
    if media_type not in _READERS:
        raise UnreadableDocument("no_reader", f"its content is {media_type}, and there is no reader for that")
    module, function = _READERS[media_type]
    read_as = getattr(import_module(f"normalize.readers.{module}"), function)
    try:
        with bounded():
            document: Document = read_as(data)
    except UnreadableDocument:
        raise
    except Exception as error:
        # What a damaged file does to a library that parses it is that file's outcome.
        raise UnreadableDocument("damaged", f"it cannot be parsed ({type(error).__name__}: {error})") from error
    return document
