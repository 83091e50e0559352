"""HTML to text blocks and raw tables, in reading order.

Line breaks of the source are white space and go; ``<br>`` and block elements become line breaks, so that two numbers in
two paragraphs of a cell never run together. Hidden elements, comments, scripts and struck-out text do not count.
"""

from __future__ import annotations

import re

from lxml import etree

from normalize.model import Document, RawCell, RawTable, TextBlock

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_CONTROLS = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFDD0, 0xFDD1])
# What the page does not show, and what it shows struck out, does not count.
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|line-through", re.IGNORECASE)
_HIDDEN_CLASS = re.compile(
    r"(?:^|\})\s*\.([\w-]+)\s*\{[^{}]*(?:display\s*:\s*none|line-through)[^{}]*\}", re.IGNORECASE
)
_MARKER = re.compile("\ufdd0(\\d+)\ufdd1")
_BREAKS = (
    "p",
    "div",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "tr",
    "table",
    "section",
    "article",
    "dt",
    "dd",
    "caption",
)
_DROPPED = ("script", "style", "template", "noscript", "textarea", "select", "del", "s", "strike", "head")
_SPACES = re.compile(r"[ \t]*\n[ \t]*")
_GAPS = re.compile(r"\n{3,}")
_DIGITS = re.compile(r"\s*(\d{1,6})")
_LONGEST_CELL = 1_000
_MAX_SPAN = 1_000
_TO_THE_END = 65_534
_SIGNS_OF_HIDING = ("none", "hidden", "line-through")


class TooDeepError(Exception):
    """A page nests its elements deeper than the parser follows."""


def read_html(text: str, *, keep_hidden: bool = False) -> Document:
    """The document that an HTML page holds.

    Layout tables (a table inside, a single column, or whole chapters in a cell) are text; the others are raw tables
    with their spans. ``keep_hidden`` reads elements that the page hides as well.
    Raises TooDeepError.
    """
    root = _parse(text)
    if root is None:
        return Document("html", [])
    document = Document("html", [], title=_title(root), metas=_metas(root))
    if not keep_hidden and _drop_hidden(root, text):
        document.flags.append("hidden_dropped")
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    _mark_breaks(root)
    tables = _cut_tables(root)
    for cell in root.iter("td", "th"):
        # What is left are layout tables: their cells are lines of text.
        cell.text = "\n" + (cell.text or "")
        cell.tail = "\n" + (cell.tail or "")
    document.parts.extend(_parts("".join(root.itertext()), tables))
    return document


def _parse(text: str) -> etree._Element | None:
    if "<pre" not in text:
        text = text.replace("\r", " ").replace("\n", " ")
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    text = _XML_DECLARATION.sub("", text, count=1)
    if not text.strip():
        return None
    parser = etree.HTMLParser(huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text, parser)
    if any("depth" in entry.message for entry in parser.error_log.filter_from_fatals()):
        raise TooDeepError("elements are nested beyond what the parser follows; what stands inside is not read")
    return root


def _title(root: etree._Element) -> str:
    title = root.find(".//title")
    return " ".join("".join(title.itertext()).split()) if title is not None else ""


def _metas(root: etree._Element) -> dict[str, str]:
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or "").lower()
        if name:
            metas.setdefault(name, (meta.get("content") or "").strip())
    return metas


def _drop_hidden(root: etree._Element, text: str) -> bool:
    """Mark what the page does not show for removal; whether there was anything."""
    lowered = text.lower()
    if not any(sign in lowered for sign in _SIGNS_OF_HIDING):
        return False
    hidden_classes = frozenset(_HIDDEN_CLASS.findall("".join(style.text or "" for style in root.iter("style"))))
    hidden = [
        e for e in root.iter(etree.Element) if e.get("hidden") is not None or _HIDDEN.search(e.get("style") or "")
    ]
    if hidden_classes:
        hidden += [
            e for e in root.iterfind(".//*[@class]") if hidden_classes.intersection((e.get("class") or "").split())
        ]
    for element in hidden:
        invisible = "visibility" in (element.get("style") or "")
        element.clear(keep_tail=True)
        # A cell that is not displayed has no place in its row; one that is only invisible has.
        if not invisible:
            element.tag = "noscript"
    return bool(hidden)


def _mark_breaks(root: etree._Element) -> None:
    """Put the line breaks that a browser shows into the text."""
    for element in root.iter("br"):
        element.tail = "\n" + (element.tail or "")
    for element in root.iter(*_BREAKS):
        if not _is_alone(element):
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
    for element in root.iter("sup"):
        # 12 with a raised note 2 is not 122.
        element.text = "^" + (element.text or "")


def _is_alone(element: etree._Element) -> bool:
    """Whether a block is all that its table cell holds, so that there is nothing to keep it apart from."""
    while element.tag not in ("td", "th"):
        parent = element.getparent()
        if parent is None or element.getprevious() is not None or element.getnext() is not None:
            return False
        if (parent.text and not parent.text.isspace()) or (element.tail and not element.tail.isspace()):
            return False
        element = parent
    return True


def _cut_tables(root: etree._Element) -> list[RawTable]:
    """Take the data tables out of the tree, a marker in the place of each."""
    tables: list[RawTable] = []
    for element in list(root.iter("table")):
        if element.find(".//table") is not None:
            continue
        rows = _rows(element)
        if not _is_data(rows):
            continue
        element.clear(keep_tail=True)
        element.text = f"\ufdd0{len(tables)}\ufdd1"
        tables.append(RawTable(rows))
    return tables


def _is_data(rows: list[list[RawCell]]) -> bool:
    return any(len(row) > 1 for row in rows) and all(len(cell.text) <= _LONGEST_CELL for row in rows for cell in row)


def _rows(table: etree._Element) -> list[list[RawCell]]:
    """The rows of a table without tables inside; a foot written first stands last, as browsers show it."""
    body: list[list[RawCell]] = []
    foot: list[list[RawCell]] = []
    row: list[RawCell] = []
    parent: etree._Element | None = None
    has_foot = next(table.iter("tfoot"), None) is not None
    for element in table.iter("tr", "td", "th"):
        is_row = element.tag == "tr"
        owner = element if is_row else element.getparent()
        if is_row or owner is not parent:
            row, parent = [], owner
            in_foot = has_foot and next(element.iterancestors("tfoot"), None) is not None
            (foot if in_foot else body).append(row)
        if not is_row:
            row.append(_cell(element))
    return body + foot


def _cell(element: etree._Element) -> RawCell:
    text = etree.tostring(element, method="text", encoding="unicode", with_tail=False).strip(" \t\n")
    if "\n" in text:
        text = _SPACES.sub("\n", text)
    rowspan, colspan = element.get("rowspan"), element.get("colspan")
    return RawCell(text, _span(rowspan, zero=_TO_THE_END) if rowspan else 1, _span(colspan) if colspan else 1)


def _span(value: str, *, zero: int = 1) -> int:
    """A span as browsers read it: leading digits count, rubbish is 1, ``rowspan=0`` reaches to the end."""
    digits = _DIGITS.match(value)
    number = int(digits[1]) if digits else 1
    return min(number, max(zero, _MAX_SPAN)) or zero


def _parts(text: str, tables: list[RawTable]) -> list[TextBlock | RawTable]:
    parts: list[TextBlock | RawTable] = []
    for index, piece in enumerate(_MARKER.split(text)):
        if index % 2:
            parts.append(tables[int(piece)])
        elif piece.strip():
            parts.append(TextBlock(_GAPS.sub("\n\n", _SPACES.sub("\n", piece)).strip(" \n")))
    return parts
