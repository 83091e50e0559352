"""Word files (docx) to text blocks and raw tables, in reading order, from the file's own XML (ECMA-376).

Merged cells are exact (gridSpan, vMerge). Tables inside a table and in text boxes are tables of their own. Deleted,
hidden and struck-out text does not count; a raised digit is marked, so that 12 with a note 2 is not 122. A cell that
shows what is no text (a picture, a list box) is not blank but unreadable.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from normalize.model import Document, RawCell, RawTable
from normalize.readers.blocks import first_line, gather, is_data
from normalize.readers.limits import member, open_zip, parse_xml
from normalize.readers.scan import read_pictures
from normalize.readers.unreadable import UnreadableDocument

if TYPE_CHECKING:
    import zipfile

    from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_LOOSE = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BODY, _STYLES = re.compile(r"word/document\d*\.xml"), "word/styles.xml"
_DROPPED = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}pPr", f"{_W}delText", _FALLBACK))
# What a reader of the page sees in a cell that holds no text.
_SEEN = tuple(f"{_W}{name}" for name in ("drawing", "pict", "object", "ddList", "numId"))
_WHITE, _NO_GROUND = "FFFFFF", ("", "AUTO", "FFFFFF")
_OFF = frozenset(("0", "false", "off", "none"))
_INVISIBLE = (f"{_W}vanish", f"{_W}strike", f"{_W}dstrike")
_CHARACTERS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_PICTURE = 20_000

Blocks = list[str | RawTable]


def read_docx(data: bytes) -> Document:
    """The document that a Word file holds. Raises UnreadableDocument (``damaged``, ``encrypted``, ``too_large``)."""
    with open_zip(data) as packed:
        names = packed.namelist()
        name = next((name for name in names if _BODY.fullmatch(name)), "word/document.xml")
        styles = _xml(packed, _STYLES) if _STYLES in names else None
        root = _xml(packed, name)
        document = read_body(root, styles, name)
        for part in _chunks(packed, name, root):
            document.parts += part.parts
            document.flags += part.flags
        if not any(isinstance(part, RawTable) for part in document.parts):
            # A report whose tables are pictures.
            read_pictures(_pictures(packed), document)
    document.title = first_line(document.parts)
    return document


def read_body(root: etree._Element, styles: etree._Element | None, name: str) -> Document:
    """The document of a body of WordprocessingML. Raises UnreadableDocument (``damaged``) where there is none."""
    body = root.find(f"{_W}body")
    if body is None:
        raise UnreadableDocument("damaged", f"{name} has no body; fetch it again")
    _drop_hidden(body, _hidden_styles(styles))
    return gather("docx", _blocks(body))


def _xml(packed: zipfile.ZipFile, name: str) -> etree._Element:
    return parse_xml(member(packed, name).replace(_STRICT, _LOOSE), name)


def _chunks(packed: zipfile.ZipFile, name: str, root: etree._Element) -> list[Document]:
    """The documents of other formats that the body takes in whole; programs that export from pages write such."""
    from normalize.readers import read  # noqa: PLC0415 - what reads them reads this one too

    wanted = {chunk.get(_RELATION) for chunk in root.iter(f"{_W}altChunk")}
    if not wanted:
        return []
    folder, file = posixpath.split(name)
    relations = _xml(packed, f"{folder}/_rels/{file}.rels")
    paths = [each.get("Target") or "" for each in relations if each.get("Id") in wanted]
    return [read(member(packed, posixpath.join(folder, path).lstrip("/")), depth=1)[0] for path in paths]


def _hidden_styles(styles: etree._Element | None) -> set[str]:
    """The identifiers of the styles whose text is not seen, those based on them too."""
    if styles is None:
        return set()
    known = {style.get(f"{_W}styleId") or "": style for style in styles.iter(f"{_W}style")}
    bases = {name: style.find(f"{_W}basedOn") for name, style in known.items()}
    above = {name: base.get(f"{_W}val") or "" for name, base in bases.items() if base is not None}
    found = {name for name, style in known.items() if any(_is_on(style.find(f"{_W}rPr/{tag}")) for tag in _INVISIBLE)}
    while more := {name for name, base in above.items() if base in found} - found:
        found |= more
    return found


def _drop_hidden(body: etree._Element, hidden: set[str]) -> None:
    """Take out the runs and paragraphs of hidden styles."""
    for kind, holder in (("rStyle", "r"), ("pStyle", "p")):
        for style in list(body.iter(f"{_W}{kind}")) if hidden else []:
            owner = next(style.iterancestors(f"{_W}{holder}"), None)
            if style.get(f"{_W}val") in hidden and owner is not None:
                for text in [*owner.iter(f"{_W}t")]:
                    text.text = ""


def _pictures(packed: zipfile.ZipFile) -> list[bytes]:
    names = sorted(info.filename for info in packed.infolist() if info.filename.startswith("word/media/"))
    return [picture for name in names if len(picture := member(packed, name)) > _PICTURE]


def _blocks(parent: etree._Element) -> Blocks:
    found: Blocks = []
    for element in parent:
        if element.tag in _DROPPED or not isinstance(element.tag, str):
            continue
        if element.tag == f"{_W}p":
            found.append(_paragraph(element))
            # A text box hangs on a paragraph; one box inside another comes with the outer one.
            for box in element.iter(f"{_W}txbxContent"):
                if not _inside_fallback(box, element) and not _inside_box(box, element):
                    found += _blocks(box)
        elif element.tag == f"{_W}tbl":
            found += _table(element)
        elif element.tag != f"{_W}sectPr":
            found += _blocks(element)
    return found


def _inside_fallback(element: etree._Element, top: etree._Element) -> bool:
    return any(parent.tag == _FALLBACK for parent in _parents(element, top))


def _inside_box(element: etree._Element, top: etree._Element) -> bool:
    return any(parent.tag == f"{_W}txbxContent" for parent in _parents(element, top))


def _parents(element: etree._Element, top: etree._Element) -> list[etree._Element]:
    found = []
    parent = element.getparent()
    while parent is not None and parent is not top:
        found.append(parent)
        parent = parent.getparent()
    return found


def _paragraph(element: etree._Element) -> str:
    texts: list[str] = []
    _collect(element, texts)
    return "".join(texts)


def _collect(element: etree._Element, texts: list[str]) -> None:
    """Add the text that a reader of the printed page sees."""
    for child in element:
        tag = child.tag
        if tag in _DROPPED or tag == f"{_W}txbxContent":
            continue
        if tag in (f"{_W}t", _MATH):
            texts.append(child.text or "")
        elif tag == f"{_W}sym":
            texts.append(_symbol(child))
        elif tag in _CHARACTERS:
            texts.append(_CHARACTERS[tag])
        elif tag == f"{_W}r":
            _run(child, texts)
        elif len(child):
            _collect(child, texts)


def _symbol(element: etree._Element) -> str:
    """A letter of a font of symbols: which one it shows, its number does not tell."""
    number = element.get(f"{_W}char") or ""
    return chr(int(number, 16)) if re.fullmatch(r"[0-9A-Fa-f]{4}", number) else "\ufffd"


def _run(run: etree._Element, texts: list[str]) -> None:
    properties = run.find(f"{_W}rPr")
    if properties is not None:
        if any(_is_on(properties.find(tag)) for tag in _INVISIBLE):
            return
        position = properties.find(f"{_W}vertAlign")
        if position is not None and position.get(f"{_W}val") == "superscript":
            texts.append("^")
    _collect(run, texts)


def _is_on(element: etree._Element | None) -> bool:
    return element is not None and (element.get(f"{_W}val") or "true") not in _OFF


def _table(table: etree._Element) -> Blocks:
    """A table of data; of a table that lays out the page, what its cells hold."""
    if not any(_is_table_of_data(inner) for inner in table.iterfind(f".//{_W}tc//{_W}tbl")):
        rows = _rows(table)
        if is_data(rows):
            return [RawTable(rows)]
    return [block for cell in _own(table, "tc", "tbl") for block in _blocks(cell)]


def _is_table_of_data(inner: etree._Element) -> bool:
    """Whether a table inside a cell is one of its own; a frame around a single text is part of that text."""
    return next(inner.iterfind(f".//{_W}tbl"), None) is not None or is_data(_rows(inner))


def _own(parent: etree._Element, name: str, holder: str) -> list[etree._Element]:
    """The elements in ``parent`` that are not those of a table inside it: their nearest ``holder`` is ``parent``."""
    return [each for each in parent.iter(f"{_W}{name}") if next(each.iterancestors(f"{_W}{holder}"), None) is parent]


def _rows(table: etree._Element) -> list[list[RawCell]]:
    rows: list[list[RawCell]] = []
    open_: dict[int, RawCell] = {}
    for line in _own(table, "tr", "tbl"):
        properties = line.find(f"{_W}trPr")
        if properties is not None and any(properties.find(f"{_W}{gone}") is not None for gone in ("del", "hidden")):
            continue
        row, column = _gap(properties, "gridBefore")
        for cell in _own(line, "tc", "tr"):
            span, merge = _spans(cell)
            above = open_.get(column)
            if _goes_on_from_the_left(cell) and row:
                row[-1].colspan += span
                column += span
                continue
            if merge == "continue" and above is not None and above.colspan == span:
                above.rowspan += 1
            else:
                text = _cell_text(cell)
                made = RawCell(text, 1, span, _doubts(cell, text))
                row.append(made)
                if merge:
                    open_[column] = made
            if not merge:
                open_.pop(column, None)
            column += span
        rows.append(row + _gap(properties, "gridAfter")[0])
    return rows


def _gap(properties: etree._Element | None, name: str) -> tuple[list[RawCell], int]:
    """The columns that a row leaves out at its begin or end, as a blank cell, and how many they are."""
    gap = properties.find(f"{_W}{name}") if properties is not None else None
    span = _number(gap)
    return ([RawCell("", 1, span)], span) if span else ([], 0)


def _spans(cell: etree._Element) -> tuple[int, str]:
    """The columns that a cell spans, and whether it begins (``restart``) or goes on (``continue``) a cell over rows."""
    properties = cell.find(f"{_W}tcPr")
    if properties is None:
        return 1, ""
    merge = properties.find(f"{_W}vMerge")
    kind = "" if merge is None else merge.get(f"{_W}val") or "continue"
    return max(_number(properties.find(f"{_W}gridSpan")), 1), kind


def _goes_on_from_the_left(cell: etree._Element) -> bool:
    """Whether a cell is the rest of the one to its left (hMerge, as old files merge)."""
    merge = cell.find(f"{_W}tcPr/{_W}hMerge")
    return merge is not None and (merge.get(f"{_W}val") or "continue") == "continue"


def _doubts(cell: etree._Element, text: str) -> tuple[str, ...]:
    """The flags of a cell: ``unreadable`` where what it shows is no text, ``hidden_text`` where digits are white."""
    if not text.strip():
        # Number 0 ends a list.
        seen = any(each.get(f"{_W}val") != "0" for each in cell.iter(*_SEEN))
        return ("unreadable",) if seen else ()
    ground = cell.find(f"{_W}tcPr/{_W}shd")
    is_shaded = ground is not None and (ground.get(f"{_W}fill") or "").upper() not in _NO_GROUND
    return ("hidden_text",) if not is_shaded and any(map(_is_white_number, cell.iter(f"{_W}r"))) else ()


def _is_white_number(run: etree._Element) -> bool:
    colour = run.find(f"{_W}rPr/{_W}color")
    if colour is None or (colour.get(f"{_W}val") or "").upper() != _WHITE:
        return False
    return any(char.isdigit() for text in run.iter(f"{_W}t") for char in text.text or "")


def _number(element: etree._Element | None) -> int:
    value = element.get(f"{_W}val") if element is not None else None
    return min(int(value), 1_000) if value and value.isdecimal() else 0


def _cell_text(cell: etree._Element) -> str:
    lines = [block for block in _blocks(cell) if isinstance(block, str)]
    return "\n".join(lines).strip("\n")
