"""Word-97 files (doc, wps) and RTF: converted to docx, then read as that.

msdoc2docx first, in this process; where it fails or finds no table, LibreOffice, if it is installed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from normalize.model import Document, RawTable
from normalize.readers.office import convert
from normalize.readers.unreadable import UnreadableDocument, needed
from normalize.readers.word import read_docx


def read_doc(data: bytes) -> Document:
    """The document that a Word-97 file holds.

    Raises UnreadableDocument with the codes ``needs_extra``, ``needs_program``, ``damaged``, ``encrypted`` and
    ``too_slow``.
    """
    converter = needed("doc2docx", "docs")
    try:
        document = read_docx(_converted(converter, data))
    except converter.errors.EncryptedDocumentError as error:
        raise UnreadableDocument("encrypted", "the document is locked with a password") from error
    except (converter.errors.Doc2DocxError, UnreadableDocument, ValueError, LookupError, ArithmeticError) as error:
        return _by_office(data, "doc", f"{type(error).__name__}: {error}")
    document.reader = "doc"
    if any(isinstance(part, RawTable) for part in document.parts):
        return document
    try:
        return _by_office(data, "doc", "no table was found")
    except UnreadableDocument:
        return document


def read_rtf(data: bytes) -> Document:
    """The document that an RTF file holds. Raises UnreadableDocument (``needs_program``, ``damaged``, ``too_slow``)."""
    return _by_office(data, "rtf", "")


def _converted(converter: object, data: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        source, made = Path(folder, "source.doc"), Path(folder, "made.docx")
        source.write_bytes(data)
        converter.convert(source, made)  # type: ignore[attr-defined]
        return made.read_bytes()


def _by_office(data: bytes, ending: str, why: str) -> Document:
    try:
        converted = convert(data, ending, "docx")
    except UnreadableDocument as error:
        raise UnreadableDocument(error.code, f"{error} ({why})" if why else str(error)) from error
    document = read_docx(converted)
    document.reader = ending
    return document
