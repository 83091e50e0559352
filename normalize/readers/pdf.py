"""PDF to text blocks and raw tables: the text layer (``layer``); pages that are pictures go to the scans (``scan``)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from normalize.model import Document
from normalize.readers.blocks import first_line
from normalize.readers.layer import Char, lay_out, printed
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
        pdf = plumber.open(BytesIO(data))
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
    chars = printed(page.chars)
    found, has_tables = lay_out(plumber, page, number, chars)
    return _scanned(page, data, document) if not has_tables and _is_picture(page, chars) else found


def _is_picture(page: Any, chars: list[Char]) -> bool:
    """Whether a page is a picture: one as large as the page, or any where there is no text."""
    area = page.width * page.height
    largest = max(((image["x1"] - image["x0"]) * (image["bottom"] - image["top"]) for image in page.images), default=0)
    return bool(largest) and (len(chars) <= _FEW_CHARS or largest > _FULL_PAGE * area)


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
