"""Scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normalize.readers.pages import Page
from normalize.readers.unreadable import needed

if TYPE_CHECKING:
    from normalize.model import Document


def read_scan(image: Any, number: int) -> Page:
    """Read."""
    needed("rapidocr", "ocr")
    return Page(number, [str(image.shape)])


def read_pictures(pictures: list[bytes], document: Document) -> None:
    """Read."""
    if pictures:
        document.flags.append("pages_unread")
