"""A report that a page carries as a string in its script, or that comes as JSON: the markup inside.

Platforms that build their pages in the browser ship the report so (``_CONFIG.DETAIL.content`` of gkmlpt). Others escape
it once too often, or put it into a frame's ``srcdoc``.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGIN, _END = re.compile(r"<script\b[^>]{0,1000}>", re.IGNORECASE), re.compile(r"</script", re.IGNORECASE)
# An open string ends with its script, so that no character is looked at twice.
_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)' r"|'([^'\\]*(?:\\.[^'\\]*)*)(?:'|\\?\Z)", re.DOTALL)
_ENTITY_TAG = re.compile(r"&lt;(?:p|table|div|td)\b", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;t[dh]\b", re.IGNORECASE)
_FRAME = re.compile(r"<iframe\b[^>]{0,500}?\bsrcdoc\s*=\s*[\"']", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|table|div|td|br)\b", re.IGNORECASE)
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
_SHORTEST = 200
# The flag of a document that was read so.
IN_SCRIPT = "in_script"


def json_markup(text: str) -> str:
    """The longest HTML in the strings of a JSON document; empty where there is none."""
    return _longest(text) if text.lstrip()[:1] in ("{", "[") else ""


def script_markup(text: str) -> str:
    """The longest HTML in the strings of a page's scripts; empty where there is none."""
    return max((_longest(script) for script in _scripts(text)), key=len, default="")


def escaped_markup(text: str) -> str:
    """A page with the tables that it shows as the text of their tags, or in a frame; empty where it has none."""
    return html.unescape(_FRAME.sub("<div>", text)) if _ESCAPED.search(text) else ""


def _scripts(text: str) -> Iterator[str]:
    place = 0
    while (begin := _BEGIN.search(text, place)) and (end := _END.search(text, begin.end())):
        yield text[begin.end() : end.start()]
        place = end.end()


def _longest(script: str) -> str:
    strings = (match[1] or match[2] or "" for match in _STRING.finditer(script))
    markup = (_unescaped(string) for string in strings if len(string) >= _SHORTEST)
    return max((string for string in markup if _MARKUP.search(string)), key=len, default="")


def _unescaped(string: str) -> str:
    """A string literal's content; entities that hide its tags are resolved once more by the parser."""
    quoted = _HEX.sub(r"\\u00\1", string).replace("\\'", "'").replace('\\"', '"').replace('"', '\\"')
    try:
        content = str(json.loads(f'"{quoted}"', strict=False))
    except ValueError:
        return ""
    if _ENTITY_TAG.search(content):
        return content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    return content
