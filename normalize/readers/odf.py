"""OpenDocument texts (odt) to text blocks and raw tables, from the file's own XML (OASIS OpenDocument 1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normalize.model import Document, RawCell, RawTable
from normalize.readers.blocks import gather, is_data
from normalize.readers.limits import member, open_zip, parse_xml
from normalize.readers.unreadable import UnreadableDocument

if TYPE_CHECKING:
    from lxml import etree

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CONTENT = "content.xml"
_DROPPED = frozenset((f"{_TEXT}tracked-changes", f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}sequence-decls"))
_MOST_REPEATED = 1_000

Blocks = list[str | RawTable]


def read_odt(data: bytes) -> Document:
    """The document that an OpenDocument text holds.

    Raises UnreadableDocument with the codes ``damaged``, ``encrypted`` and ``too_large``.
    """
    with open_zip(data) as packed:
        root = parse_xml(member(packed, _CONTENT), _CONTENT)
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise UnreadableDocument("damaged", f"{_CONTENT} has no text; fetch it again")
    return gather("odt", _blocks(body))


def _blocks(parent: etree._Element) -> Blocks:
    found: Blocks = []
    for element in parent:
        if element.tag in _DROPPED or not isinstance(element.tag, str):
            continue
        if element.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            found.append(_text(element))
            found += [block for table in element.iter(f"{_TABLE}table") for block in _table(table)]
        elif element.tag == f"{_TABLE}table":
            found += _table(element)
        else:
            found += _blocks(element)
    return found


def _text(element: etree._Element) -> str:
    """The text of a paragraph; frames in it are no part of it."""
    texts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}line-break":
            texts.append("\n")
        elif child.tag in (f"{_TEXT}s", f"{_TEXT}tab"):
            texts.append(" ")
        elif child.tag in (f"{_TEXT}span", f"{_TEXT}a"):
            texts.append(_text(child))
        texts.append(child.tail or "")
    return "".join(texts)


def _table(table: etree._Element) -> Blocks:
    if next(table.iterfind(f".//{_TABLE}table"), None) is None:
        rows = _rows(table)
        if is_data(rows):
            return [RawTable(rows)]
    cells = (cell for cell in table.iter(f"{_TABLE}table-cell") if next(cell.iterancestors(f"{_TABLE}table")) is table)
    return [block for cell in cells for block in _blocks(cell)]


def _rows(table: etree._Element) -> list[list[RawCell]]:
    rows: list[list[RawCell]] = []
    for line in table.iter(f"{_TABLE}table-row"):
        row: list[RawCell] = []
        # A covered cell belongs to the span that covers it.
        for cell in line.iterchildren(f"{_TABLE}table-cell"):
            text = "\n".join(block for block in _blocks(cell) if isinstance(block, str)).strip("\n")
            made = RawCell(text, _number(cell, "number-rows-spanned"), _number(cell, "number-columns-spanned"))
            row += [made] * _number(cell, "number-columns-repeated")
        rows += [row] * _number(line, "number-rows-repeated")
    return rows


def _number(element: etree._Element, name: str) -> int:
    value = element.get(f"{_TABLE}{name}") or "1"
    return min(max(int(value), 1), _MOST_REPEATED) if value.isdecimal() else 1
