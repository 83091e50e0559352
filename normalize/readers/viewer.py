"""Pages whose body is no text: a picture of the report, a viewer, or a link to a file."""

from __future__ import annotations

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
