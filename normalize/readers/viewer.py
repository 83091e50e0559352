"""Pages whose body is no text: a picture of the report, a viewer, or a link to a file."""

from __future__ import annotations

import base64
import re

from normalize.model import Document, RawTable, TextBlock

# A page with less text than this, its navigation counted, holds no report.
LEAST_TEXT = 600
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_FILE = re.compile(
    r"""(?:href|src|data|value)\s*=\s*["'][^"'>]*\.(?:pdf|docx?|wps|xlsx?|et|ofd|rar|zip|7z)(?:["'?#&])""",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"""<img\b[^>]*\bsrc\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_EMBEDDED = re.compile(r"""src\s*=\s*["']?data:image/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)""", re.IGNORECASE)
# Smaller pictures are ornaments.
_LEAST_PICTURE = 20_000
_FURNITURE = re.compile(
    r"(?:^|[_-])(?:logo|icon|ico|banner|qr|qrcode|ewm|wx|wechat|weixin|weibo|share|btn|top|foot|bg|gov|red|dzjg|jiucuo|beian)"
    r"(?:\d*[_.-]|$)|\.gif",
    re.IGNORECASE,
)


def flag_of_viewer(text: str, document: Document) -> str:
    """``attachment_only`` or ``image_only`` where a page holds its report as that alone, else empty."""
    if any(isinstance(part, RawTable) for part in document.parts) or text_length(document) >= LEAST_TEXT:
        return ""
    if _FILE.search(text):
        return "attachment_only"
    pictures = (source.rpartition("/")[2] for source in _PICTURE.findall(text))
    return "image_only" if any(not _FURNITURE.search(name) for name in pictures) else ""


def text_length(document: Document) -> int:
    """How many Chinese characters a document's text has, its tables not counted."""
    return sum(len(_CHINESE.findall(part.text)) for part in document.parts if isinstance(part, TextBlock))


def embedded_pictures(text: str) -> list[bytes]:
    """The pictures that lie in a page itself, as a word processor saves them; ornaments are left out."""
    found = (match[1] for match in _EMBEDDED.finditer(text) if len(match[1]) > _LEAST_PICTURE)
    # What is cut off or damaged is for the reader of pictures to tell.
    return [base64.b64decode("".join(each.split()) + "==", validate=False) for each in found]
