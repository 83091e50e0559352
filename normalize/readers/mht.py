"""Pages saved as one file (MHTML, RFC 2557), as word processors and export buttons write them, often named .doc."""

from __future__ import annotations

from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING

from normalize.model import Document, RawTable
from normalize.readers.decode import UndecodableError, decode
from normalize.readers.html import TooDeepError, read_html
from normalize.readers.scan import read_pictures
from normalize.readers.unreadable import UnreadableDocument

if TYPE_CHECKING:
    from email.message import EmailMessage

MAX_PARTS = 500
_LEAST_PICTURE = 20_000


def read_mht(data: bytes) -> Document:
    """The document of the page that such a file holds; its pictures are read where the page has no table.

    Raises UnreadableDocument with the codes ``damaged``, ``too_large``, ``too_deep`` and ``charset_failed``.
    """
    parts = list(BytesParser(policy=policy.default).parsebytes(data).walk())
    if len(parts) > MAX_PARTS:
        raise UnreadableDocument("too_large", f"{len(parts)} parts in the page, the limit is {MAX_PARTS}")
    page = next((part for part in parts if part.get_content_type() == "text/html"), None)
    if page is None:
        raise UnreadableDocument("damaged", "the saved page holds no page; fetch it again")
    try:
        text, flags = decode(_content(page), page.get_content_charset() or "")
        document = read_html(text)
    except UndecodableError as error:
        raise UnreadableDocument("charset_failed", f"{error}; name its encoding or fetch it again") from error
    except TooDeepError as error:
        raise UnreadableDocument("too_deep", str(error)) from error
    document.flags += flags
    if not any(isinstance(part, RawTable) for part in document.parts):
        pictures = [_content(part) for part in parts if part.get_content_maintype() == "image"]
        read_pictures([picture for picture in pictures if len(picture) > _LEAST_PICTURE], document)
    return document


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
