"""HTML to text blocks and raw tables, in reading order.

Line breaks of the source are white space and go; ``<br>`` and block elements become line breaks, so that two numbers in
two paragraphs of a cell never run together. Hidden elements, comments, scripts and struck-out text do not count.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import turbohtml
from turbohtml import Document as Tree
from turbohtml import Element, Text

from normalize.model import Document, RawCell, RawTable, TextBlock

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20)])
# These two characters mark the places of tables here; no text holds them (Unicode: noncharacters).
_NOT_TEXT = dict.fromkeys([*_CONTROLS, 0xFDD0, 0xFDD1])
# What the page does not show, and what it shows struck out, does not count.
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|line-through|font-size\s*:\s*(?:0(?![.\d])|1p[xt])"
    r"|(?<![\w-])opacity\s*:\s*0(?![.\d])|mso-hide\s*:\s*all|(?<![\w-])(?:left|top|text-indent)\s*:\s*-\d{3,}"
    r"|^(?=.*overflow\s*:\s*hidden).*(?<![\w-])(?:max-)?(?:width|height)\s*:\s*0(?![.\d])",
    re.IGNORECASE | re.DOTALL,
)
_NOT_DISPLAYED = re.compile(r"display\s*:\s*none|line-through", re.IGNORECASE)
_BRACES = re.compile(r"([^{}]*)([{}])")
# Selectors of tags, classes and ids; what depends on anything else is not known here.
_COMPOUND = r"(?=[a-z.#])(?:[a-z][\w-]*)?(?:[.#][a-z_][\w-]*)*"
_SELECTOR = re.compile(rf"{_COMPOUND}(?:\s*[\s>]\s*{_COMPOUND}){{0,5}}", re.IGNORECASE)
_LONGEST_SELECTOR = 100
_RAISED = re.compile(r"vertical-align\s*:\s*su[pb]", re.IGNORECASE)
_RAISED_TAGS = ("sup", "sub", "rt")
_INLINE = ("span", "font", "a", "b", "strong", "em", "i", "u", "small")
# Notes that no style raises: 12<a>1</a>.
_NOTES = ("a", "small", ".MsoFootnoteReference", ".MsoEndnoteReference")
_AT_NOTE = re.compile(r"[\d\u3400-\u9fff]$")
_SHOWN_FIELDS = ("", "text", "number", "tel")
_CELL = re.compile(r"<t[dh]\b", re.IGNORECASE)
_MARKER = re.compile("\ufdd0(\\d+)\ufdd1")
_BLOCKS = ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section", "article", "dt", "dd", "caption")
# A block that is all that its cell holds needs no line break, unless there is text beside it. Tag by tag they are found
# more quickly than all at once.
_SET_APART = tuple(f"{tag}:not(:is(td, th) > :only-child)" for tag in _BLOCKS)
_ONLY_BLOCK = f":scope > :is({', '.join(_BLOCKS)}):only-child"
_CELL_TAGS = ("td", "th")
_COUNTED = (*_CELL_TAGS, "thead")
_CELLS_WITH_TEXT = "//td[text()[normalize-space()]][*] | //th[text()[normalize-space()]][*]"
_DROPPED = (
    "script", "style", "template", "noscript", "textarea", "select", "del", "s", "strike", "iframe", "noframes",
    "noembed", "head", "input",
)  # fmt: skip
_SPACES = re.compile(r"[ \t]*\n[ \t]*")
_GAPS = re.compile(r"\n{3,}")
_DIGITS = re.compile(r"\s*(\d{1,6})")
_LONGEST_CELL = 1_000
# A label printed downwards has many lines too, but it is short.
_LONG_CELL = 200
_MOST_LINES = 12
_LONGEST_FIELD = 40
_LONGEST_MARKUP = 4_000
_CELL_ENDS = re.compile(r"</?(?:t[drh]|tbody|thead|tfoot|table)\b", re.IGNORECASE)
_MAX_SPAN = 1_000
_TO_THE_END = 65_534
# Like browsers, the parser puts what is nested deeper than 512 elements beside each other.
_DEEPEST_TABLE = 500


class TooDeepError(Exception):
    """A page nests its tables deeper than the parser follows."""


class _Scan(NamedTuple):
    """What a page says before it is parsed; ``cells`` counts the tags that begin with ``td`` or ``th``."""

    cells: int
    has_pre: bool
    has_controls: bool


def read_html(text: str, *, keep_hidden: bool = False, keep_markup: bool = False) -> Document:
    """The document that an HTML page holds.

    Layout tables (a table inside, a single column, or whole chapters in a cell) are text; the others are raw tables
    with their spans. ``keep_hidden`` reads elements that the page hides as well, ``keep_markup`` keeps the markup of
    each cell.
    Raises TooDeepError.
    """
    page = _scan(text)
    if not page.has_pre:
        text = text.replace("\r", " ").replace("\n", " ")
    if page.has_controls:
        text = text.translate(_NOT_TEXT)
    text, tree = _parse(text, page.cells, located=keep_markup)
    _drop_marks(tree)
    document = Document("html", [], title=_title(tree), metas=_metas(tree))
    # A page has many elements and few styles.
    styles = set(cast("list[str]", tree.xpath("//@style")))
    if not keep_hidden and _drop_hidden(tree, styles):
        document.flags.append("hidden_dropped")
    for element in [element for tag in _DROPPED for element in tree.select(tag)]:
        if element.tag in ("input", "textarea"):
            _show_field(element)
        element.extract()
    _mark_notes(tree, styles)
    _mark_breaks(tree)
    tables = _cut_tables(tree, text if keep_markup else "")
    for element in tree.select("tr, td, th"):
        # What is left are layout tables: their rows and cells are lines of text.
        _set_apart(element)
    document.parts.extend(_parts(tree.text, tables))
    return document


def _scan(text: str) -> _Scan:
    """What is asked of the whole page, looked at in one go: searching for each word alone takes four times as long."""
    codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    low = codes[codes < ord(" ")]
    tags = np.flatnonzero(codes[:-3] == ord("<"))
    # With this bit set a letter is a small one.
    first = codes[tags + 1] | 0x20
    of_tables = codes[tags[first == ord("t")] + 2] | 0x20
    others = tags[first == ord("p")]
    return _Scan(
        cells=int(np.count_nonzero((of_tables == ord("d")) | (of_tables == ord("h")))),
        has_pre=bool(np.any((codes[others + 2] | 0x20 == ord("r")) & (codes[others + 3] | 0x20 == ord("e")))),
        has_controls=bool(np.any((low != ord("\t")) & (low != ord("\n")) & (low != ord("\r")))),
    )


def _parse(text: str, cells: int, *, located: bool) -> tuple[str, Tree]:
    """The page's text as it was parsed, and its tree; ``cells`` is how many cells the page begins."""
    tree = _tree(text, located=located)
    if sum(len(tree.select(tag)) for tag in _COUNTED) < cells:
        # Cells outside a table lose their tags, and their numbers would run together: each on its own line then.
        text = _CELL.sub(r"<br>\g<0>", text)
        tree = _tree(text, located=located)
    return text, tree


def _tree(text: str, *, located: bool) -> Tree:
    return turbohtml.parse(text, positions=False, source_locations=located, allow_declarative_shadow_roots=False)


def _drop_marks(tree: Tree) -> None:
    """Take out of the page's own text the characters that mark tables."""
    text = tree.text
    if "\ufdd0" in text or "\ufdd1" in text:
        for node in list(tree.descendants):
            if isinstance(node, Text):
                node.data = node.data.translate(_NOT_TEXT)


def _title(tree: Tree) -> str:
    title = tree.find("title")
    return " ".join(title.text.split()) if title is not None else ""


def _metas(tree: Tree) -> dict[str, str]:
    metas: dict[str, str] = {}
    for meta in tree.select("meta"):
        if name := meta.attr("name"):
            metas.setdefault(name.lower(), (meta.attr("content") or "").strip())
    return metas


def _drop_hidden(tree: Tree, styles: set[str]) -> bool:
    """Take out what the page does not show; whether there was anything."""
    hidden = tree.select("[hidden]") + _styled(tree, styles, _is_hiding)
    sheet = "".join(style.text for style in tree.select("style"))
    if selectors := _hiding_selectors(sheet):
        hidden += tree.select(", ".join(selectors))
    for element in hidden:
        if "visibility" in (element.attr("style") or "").lower():
            # A cell that is only invisible keeps its place in the row; one that is not displayed has none.
            element.clear()
        else:
            element.extract()
    return bool(hidden)


def _styled(tree: Tree, styles: set[str], fits: Callable[[str], bool]) -> list[Element]:
    """The elements with a style of their own, out of ``styles``, that fits."""
    fitting = set(filter(fits, styles))
    return [element for element in tree.select("[style]") if element.attr("style") in fitting] if fitting else []


# Word processors write the same few styles into all their pages.
@lru_cache(maxsize=4096)
def _is_hiding(style: str) -> bool:
    return _HIDDEN.search(style) is not None


@lru_cache(maxsize=4096)
def _is_raising(style: str) -> bool:
    return _RAISED.search(style) is not None


def _hiding_selectors(sheet: str) -> list[str]:
    """What a style sheet hides always; rules for some media count for none."""
    found: list[str] = []
    depth, head = 0, ""
    for text, brace in _BRACES.findall(sheet) if _NOT_DISPLAYED.search(sheet) else ():
        if brace == "{":
            depth += 1
            head = text
            continue
        if depth == 1 and _NOT_DISPLAYED.search(text):
            found += [part.strip() for part in head.split(",") if len(part) < _LONGEST_SELECTOR]
        depth = max(depth - 1, 0)
    return [selector for selector in dict.fromkeys(found) if _SELECTOR.fullmatch(selector)]


def _show_field(field: Element) -> None:
    """Put what a field of a form shows into the text: numbers, and in a cell short texts; long ones are templates."""
    is_input = field.tag == "input" and (field.attr("type") or "").lower() in _SHOWN_FIELDS
    shown = field.attr("value") if is_input else field.text if field.tag == "textarea" else ""
    if shown and len(shown) <= _LONGEST_FIELD and (shown.isdecimal() or field.closest("td, th") is not None):
        field.insert_before(Text(shown))


def _mark_notes(tree: Tree, styles: set[str]) -> None:
    """Part the number of a note from the number before it: 12 with a raised note 2 is not 122."""
    for note in _styled(tree, styles, _is_raising):
        if note.tag in _INLINE:
            note.insert(0, Text("^"))
    for note in [note for selector in _NOTES for note in tree.select(selector)]:
        before = note.previous_sibling
        if isinstance(before, Text) and _AT_NOTE.search(before.data) and note.text[:1].isdecimal():
            note.insert_before(Text("^"))


def _mark_breaks(tree: Tree) -> None:
    """Put the line breaks that a browser shows into the text."""
    beside_text = [
        block
        for cell in cast("list[Element]", tree.xpath(_CELLS_WITH_TEXT))
        if _has_text(cell)
        for block in cell.select(_ONLY_BLOCK)
    ]
    blocks = [block for selector in _SET_APART for block in tree.select(selector)]
    breaks = tree.select("br")
    raised = [element for tag in _RAISED_TAGS for element in tree.select(tag)]
    for block in blocks + beside_text:
        _set_apart(block)
    for element in breaks:
        element.insert_after(Text("\n"))
    for element in raised:
        # 12 with a raised note 2 is not 122.
        element.insert(0, Text("^"))


def _has_text(cell: Element) -> bool:
    """Whether a cell holds text of its own, outside its elements; no-break spaces are none."""
    return any(isinstance(child, Text) and not child.data.isspace() for child in cell.children)


def _set_apart(block: Element) -> None:
    block.insert_before(Text("\n"))
    block.insert_after(Text("\n"))


def _cut_tables(tree: Tree, source: str) -> list[RawTable]:
    """Take the data tables out of the tree, a marker in the place of each; ``source`` gives the cells' markup."""
    tables: list[RawTable] = []
    for element in tree.find_all("table"):
        if len(tuple(element.ancestors)) > _DEEPEST_TABLE:
            raise TooDeepError("tables are nested beyond what the parser follows; what stands inside is not read")
        if element.find("table") is not None:
            continue
        rows = _rows(element, source)
        if not _is_data(rows):
            continue
        element.replace_with(Text(f"\ufdd0{len(tables)}\ufdd1"))
        tables.append(RawTable(rows))
    return tables


def _is_data(rows: list[list[RawCell]]) -> bool:
    long = [cell.text for row in rows for cell in row if len(cell.text) > _LONG_CELL]
    return any(len(row) > 1 for row in rows) and not any(map(_is_prose, long))


def _is_prose(text: str) -> bool:
    """Whether a long cell holds chapters, or a report line by line."""
    return len(text) > _LONGEST_CELL or text.count("\n") > _MOST_LINES


def _rows(table: Element, source: str) -> list[list[RawCell]]:
    """The rows of a table without tables inside; a foot written first stands last, as browsers show it."""
    body: list[list[RawCell]] = []
    foot: list[list[RawCell]] = []
    has_foot = table.find("tfoot") is not None
    spanned = set(table.select("[rowspan], [colspan]"))
    pictured = {image.closest("td, th") for image in table.select("img") if not _is_spacer(image)}
    for line in table.iter_elements(("tr",)):
        row: list[RawCell] = []
        (foot if has_foot and line.closest("tfoot") else body).append(row)
        for element in line.iter_elements(_CELL_TAGS):
            text = element.text.strip(" \t\n")
            if "\n" in text:
                text = _SPACES.sub("\n", text)
            cell = RawCell(text)
            if not text and element in pictured:
                cell.flags = ("unreadable",)
            if element in spanned:
                cell.rowspan = _span(element.attr("rowspan") or "", _TO_THE_END)
                cell.colspan = _span(element.attr("colspan") or "", 1)
            if source:
                cell.markup = _markup(element, source)
            row.append(cell)
    return body + foot


def _is_spacer(image: Element) -> bool:
    """Whether a picture only keeps a blank cell open."""
    sizes = (image.attr("width") or "", image.attr("height") or "")
    return any(size in ("0", "1", "2", "1px") for size in sizes) or "spacer" in (image.attr("src") or "").lower()


def _markup(element: Element, source: str) -> str:
    """A cell as the page writes it; one whose end tag is left out ends where the next row or cell begins."""
    place = element.source_location
    if place is None:
        return ""
    start = place.start_tag.start_offset
    if place.end_tag is not None:
        return source[start : place.end_tag.end_offset][:_LONGEST_MARKUP]
    after = _CELL_ENDS.search(source, place.start_tag.end_offset)
    return source[start : after.start() if after else len(source)][:_LONGEST_MARKUP].rstrip()


@lru_cache(maxsize=1024)
def _span(value: str, zero: int) -> int:
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
