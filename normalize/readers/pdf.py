"""PDF to text blocks and raw tables: the text layer (``layer``); pages that are pictures go to the scans (``scan``)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from io import BytesIO
from typing import TYPE_CHECKING, Any

from normalize.model import Document
from normalize.readers.blocks import first_line
from normalize.readers.layer import NAMELESS, Box, Char, lay_out, printed
from normalize.readers.pages import Page, assemble
from normalize.readers.ruling import PAGE_HEIGHT
from normalize.readers.scan import read_scan
from normalize.readers.unreadable import UnreadableDocument, needed

if TYPE_CHECKING:
    from types import ModuleType

    import numpy as np

MAX_PAGES = 200
MAX_OBJECTS = 200_000
_FEW_CHARS = 10
# A page with more curves than this and without text has its letters drawn.
_MANY_CURVES = 100
# Where this much of a page are such letters it can only be looked at.
_MOST_NAMELESS = 0.3
_INVISIBLE = re.compile(rb"\b[37]\s+Tr\b")
# Colours that are paper's, by how many numbers they have: gray; red, green and blue; four inks.
_PAPER = {1: (1.0,), 3: (1.0, 1.0, 1.0), 4: (0.0, 0.0, 0.0, 0.0)}
_NEARLY = 0.02
# Between these heights above the line that a letter stands on, in its sizes, a line through it crosses it out.
_THROUGH = (0.12, 0.55)
_DRAWN_ON = frozenset(("Widget", "FreeText"))
# A picture this large is the page itself; text above it is what a scanner's own software guessed.
_FULL_PAGE = 0.7


def read_pdf(data: bytes) -> Document:
    """The document that a PDF holds.

    Raises UnreadableDocument with the codes ``damaged``, ``encrypted``, ``too_large`` (pages, objects) and
    ``needs_extra``.
    """
    plumber = needed("pdfplumber", "docs")
    document = Document("pdf", [])
    with _opened(plumber, data) as pdf:
        if len(pdf.pages) > MAX_PAGES:
            raise UnreadableDocument("too_large", f"{len(pdf.pages)} pages, more than the limit of {MAX_PAGES}")
        pages = []
        for page in pdf.pages:
            pages.append(_read_page(plumber, page, data, document))
            page.close()
    document.parts.extend(assemble(pages))
    if not document.parts and "pages_unread" in document.flags:
        raise UnreadableDocument("needs_extra", "its pages are pictures; install: pip install 'gongkai[ocr]'")
    document.title = first_line(document.parts)
    return document


def _opened(plumber: ModuleType, data: bytes) -> Any:
    """The opened PDF; whatever its parser stumbles over says that the file is damaged."""
    try:
        pdf = plumber.open(BytesIO(data), raise_unicode_errors=False)
        len(pdf.pages)
    except MemoryError:
        raise
    except Exception as error:
        inner = str(error.args[0]) if error.args else ""
        if "PDFPasswordIncorrect" in f"{type(error).__name__} {inner} {error!r}":
            raise UnreadableDocument("encrypted", "the PDF is locked with a password") from error
        raise UnreadableDocument("damaged", f"the PDF cannot be parsed: {error!r}; fetch it again") from error
    return pdf


def _read_page(plumber: ModuleType, page: Any, data: bytes, document: Document) -> Page:
    number = page.page_number
    objects = sum(len(found) for found in page.objects.values())
    if objects > MAX_OBJECTS:
        raise UnreadableDocument("too_large", f"{objects} objects on page {number}, the limit is {MAX_OBJECTS}")
    chars = _struck(printed(_inked(page)), page)
    if _is_nameless(page, chars):
        return _scanned(page, data, document)
    flags = ("hidden_text",) if _has_invisible_text(page) else ()
    found, has_tables = lay_out(plumber, page, number, chars, unread=_unread(page), flags=flags)
    return _scanned(page, data, document) if not has_tables and _is_picture(page, chars) else found


def _is_picture(page: Any, chars: list[Char]) -> bool:
    """Whether a page is a picture: one as large as the page, or any where there is no text."""
    area = page.width * page.height
    largest = max(((image["x1"] - image["x0"]) * (image["bottom"] - image["top"]) for image in page.images), default=0)
    return bool(largest) and (len(chars) <= _FEW_CHARS or largest > _FULL_PAGE * area)


def _is_nameless(page: Any, chars: list[Char]) -> bool:
    """Whether a page's letters can only be seen: they are drawn as curves, or their font does not name them."""
    if len(chars) <= _FEW_CHARS:
        return len(page.curves) > _MANY_CURVES
    return sum(NAMELESS.match(char["text"]) is not None for char in chars) > _MOST_NAMELESS * len(chars)


def _named(page: Any) -> list[Char]:
    """The characters of a page, those that their font does not name as ``(cid:?)``."""
    resolve = needed("pdfminer.pdftypes", "docs").resolve1
    fonts = (resolve(font) for font in (resolve((page.page_obj.resources or {}).get("Font")) or {}).values())
    nameless = {
        str(font.get("BaseFont")).strip("/'")
        for font in fonts
        if isinstance(font, dict)
        and str(font.get("Subtype")).strip("/'") == "TrueType"
        and not font.keys() & {"Encoding", "ToUnicode"}
    }
    if not nameless:
        return list(page.chars)
    return [{**char, "text": "(cid:?)"} if char["fontname"] in nameless else char for char in page.chars]


def _inked(page: Any) -> list[Char]:
    """The characters of a page without those that are white on paper; white on a coloured ground is a heading."""
    chars = _named(page)
    white = [char for char in chars if _is_white(char["non_stroking_color"], char.get("ncs"))]
    if not white:
        return chars
    grounds = [rect for rect in page.rects if rect["fill"] and not _is_white(rect["non_stroking_color"])]
    unseen = {id(char) for char in white if not any(_covers(ground, char) for ground in grounds)}
    return [char for char in chars if id(char) not in unseen]


def _struck(chars: list[Char], page: Any) -> list[Char]:
    """The characters, those with a line through them marked: a number that was crossed out is not to be read."""
    lines = sorted((edge["top"], edge["x0"], edge["x1"]) for edge in page.edges if edge["orientation"] == "h")
    tops = [line[0] for line in lines]
    if page.rotation or not lines:
        return chars

    def is_crossed(char: Char) -> bool:
        # Boxes of letters depend on the font; the line that they stand on does not.
        base, size = page.bbox[3] - char["matrix"][5], char["size"]
        near = lines[bisect_left(tops, base - _THROUGH[1] * size) : bisect_right(tops, base - _THROUGH[0] * size)]
        return any(
            x0 < char["x1"] - 0.3 * char["width"] and x1 > char["x0"] + 0.3 * char["width"] for _, x0, x1 in near
        )

    return [{**char, "text": f"{char['text']}\ufffd"} if is_crossed(char) else char for char in chars]


def _is_white(colour: Any, space: str | None = "") -> bool:
    if not isinstance(colour, tuple | list) or space in ("Separation", "Pattern", "Indexed"):
        return False
    paper = _PAPER.get(len(colour), ())
    return bool(paper) and all(
        isinstance(part, int | float) and abs(part - white) <= _NEARLY
        for part, white in zip(colour, paper, strict=True)
    )


def _covers(ground: dict[str, Any], char: Char) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(ground["x0"] <= x <= ground["x1"] and ground["top"] <= y <= ground["bottom"])


def _has_invisible_text(page: Any) -> bool:
    """Whether a page sets text that is not to be seen (a search layer): whose letters those are cannot be told."""
    return any(_INVISIBLE.search(stream.get_data()) for stream in page.page_obj.contents if hasattr(stream, "get_data"))


def _unread(page: Any) -> list[Box]:
    """The boxes of what a page shows beside its characters: pictures, curves, fields of forms, notes set on it."""
    try:
        fields = [each for each in page.annots if str(each["data"].get("Subtype", "")).strip("/'") in _DRAWN_ON]
    except (LookupError, TypeError, ValueError, AttributeError):
        # A note without a place shows nothing.
        fields = []
    return [(each["x0"], each["top"], each["x1"], each["bottom"]) for each in (*page.images, *page.curves, *fields)]


def _scanned(page: Any, data: bytes, document: Document) -> Page:
    """What stands on a page that is a picture; where no OCR is installed, nothing, and a flag says so."""
    try:
        return read_scan(_render(page, data), page.page_number)
    except UnreadableDocument as error:
        if error.code != "needs_extra":
            raise
        if "pages_unread" not in document.flags:
            document.flags.append("pages_unread")
        return Page(page.page_number)


def _render(page: Any, data: bytes) -> np.ndarray[Any, Any]:
    pdfium = needed("pypdfium2", "docs")
    # Pages are as large as their maker said, whatever paper was scanned: the longer side is that of A4 at 200 dpi.
    scale = PAGE_HEIGHT / max(page.width, page.height, 1)
    opened = pdfium.PdfDocument(data)
    try:
        image: np.ndarray[Any, Any] = opened[page.page_number - 1].render(scale=scale).to_numpy().copy()
    finally:
        opened.close()
    return image
