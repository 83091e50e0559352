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
_NO_TEXT = _DROPPED | {f"{_TEXT}{name}" for name in ("ruby-text", "hidden-text", "hidden-paragraph", "script")}
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_STYLES = "styles.xml"
# Raised: the word, or a share of the height that does not begin with a minus.
_RAISED = ("super", *map(str, range(1, 10)))
_MOST_REPEATED = 1_000

Blocks = list[str | RawTable]


def read_odt(data: bytes) -> Document:
    """The document that an OpenDocument text holds.

    Raises UnreadableDocument with the codes ``damaged``, ``encrypted`` and ``too_large``.
    """
    with open_zip(data) as packed:
        root = parse_xml(member(packed, _CONTENT), _CONTENT)
        styles = [root, *([parse_xml(member(packed, _STYLES), _STYLES)] if _STYLES in packed.namelist() else [])]
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise UnreadableDocument("damaged", f"{_CONTENT} has no text; fetch it again")
    _mark(body, [style for each in styles for style in each.iter(f"{_STYLE}style")])
    return gather("odt", _blocks(body))


def _mark(body: etree._Element, styles: list[etree._Element]) -> None:
    """Take out text that is hidden or struck out, and mark digits that are raised (^) or white."""
    looks = {style.get(f"{_STYLE}name"): style.find(f"{_STYLE}text-properties") for style in styles}
    for element in list(body.iter(f"{_TEXT}span", f"{_TEXT}p")):
        look = looks.get(element.get(f"{_TEXT}style-name"))
        if look is None:
            continue
        text = "".join(str(part) for part in element.itertext())
        if look.get(f"{_TEXT}display") == "none" or look.get(f"{_STYLE}text-line-through-style", "none") != "none":
            _empty(element)
        elif look.get(f"{_STYLE}text-position", "").startswith(_RAISED) and text.strip():
            element.text = f"^{element.text or ''}"
        elif look.get(f"{_FO}color") == "#ffffff" and any(map(str.isdigit, text)) and element.tag == f"{_TEXT}span":
            # White digits fill up a column; nobody sees them.
            element.text = f"{element.text or ''}\ufffd"


def _empty(element: etree._Element) -> None:
    element.text = None
    for child in element.iterdescendants():
        child.text = child.tail = None


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
        elif isinstance(child.tag, str) and child.tag.startswith(_TEXT) and child.tag not in _NO_TEXT:
            # Spans, links, and the results of fields.
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
