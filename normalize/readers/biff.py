"""What the values of an Excel 97 workbook (xls, et) do not tell: hidden rows and columns, cells that hold an error.

From the records of its sheets ([MS-XLS]).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from normalize.readers.unreadable import needed

if TYPE_CHECKING:
    from collections.abc import Iterator

    Marks = tuple[frozenset[int], frozenset[int], frozenset[tuple[int, int]]]

_SHEET, _ROW, _COLUMNS, _END = 0x0085, 0x0208, 0x007D, 0x000A
_FORMULA, _BOOLEAN_OR_ERROR = 0x0006, 0x0205
_HEADER = 4
_LAST_COLUMN = 255


def marks(data: bytes) -> dict[str, Marks]:
    """Hidden rows, hidden columns and cells with an error of each sheet, by the sheet's name; numbers count from 0.

    Empty where the file is not laid out so. Raises UnreadableDocument (``needs_extra``).
    """
    files = needed("doc2docx.cfb", "docs")
    errors = needed("doc2docx.errors", "docs")
    try:
        book = bytes(files.CompoundFile(data).open_stream("Workbook"))
        return {name: _of_sheet(book, start) for name, start in _sheets(book)}
    except (errors.Doc2DocxError, LookupError, ValueError, struct.error):
        # What reads the values tells whether the file is damaged.
        return {}


def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The records from ``start`` to the end of the sheet or of the globals: their kind and content."""
    while start + _HEADER <= len(book):
        kind, length = struct.unpack_from("<HH", book, start)
        yield kind, book[start + _HEADER : start + _HEADER + length]
        if kind == _END:
            return
        start += _HEADER + length


def _sheets(book: bytes) -> Iterator[tuple[str, int]]:
    for kind, content in _records(book, 0):
        if kind == _SHEET:
            place, length, is_wide = struct.unpack_from("<I", content)[0], content[6], content[7] & 1
            name = content[8 : 8 + length * (1 + is_wide)]
            yield name.decode("utf-16-le" if is_wide else "latin-1"), place


def _of_sheet(book: bytes, start: int) -> Marks:
    rows: set[int] = set()
    columns: set[int] = set()
    errors: set[tuple[int, int]] = set()
    for kind, content in _records(book, start):
        if kind == _ROW and struct.unpack_from("<H", content, 12)[0] & 0x20:
            rows.add(struct.unpack_from("<H", content)[0])
        if kind == _COLUMNS and struct.unpack_from("<H", content, 8)[0] & 1:
            first, last = struct.unpack_from("<HH", content)
            columns.update(range(first, min(last, _LAST_COLUMN) + 1))
        if _is_error(kind, content):
            errors.add(struct.unpack_from("<HH", content))
    return frozenset(rows), frozenset(columns), frozenset(errors)


def _is_error(kind: int, content: bytes) -> bool:
    if kind == _FORMULA:
        return content[6] == 2 and content[12:14] == b"\xff\xff"
    return kind == _BOOLEAN_OR_ERROR and content[7] == 1
