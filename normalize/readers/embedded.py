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
    from collections.abc import Iterable, Iterator

_BEGIN, _END = re.compile(r"<script\b[^>]{0,1000}>", re.IGNORECASE), re.compile(r"</script", re.IGNORECASE)
# An open string ends with its script, so that no character is looked at twice.
_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)' r"|'([^'\\]*(?:\\.[^'\\]*)*)(?:'|\\?\Z)", re.DOTALL)
_ENTITY_TAG = re.compile(r"&lt;(?:p|table|div|td)\b", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;t[dh]\b", re.IGNORECASE)
_FRAME = re.compile(r"<iframe\b[^>]{0,500}?\bsrcdoc\s*=\s*[\"']", re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|table|div|td|br)\b", re.IGNORECASE)
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
_SHORTEST = 200
# The flag of a document that was read so.
IN_SCRIPT = "in_script"


def json_markup(text: str) -> str:
    """The HTML in the strings of a JSON document, see ``_markup_in``; empty where there is none."""
    return _markup_in([text]) if text.lstrip()[:1] in ("{", "[") else ""


def script_markup(text: str) -> str:
    """The HTML in the strings of a page's scripts, see ``_markup_in``; empty where there is none."""
    return _markup_in(_scripts(text))


def escaped_markup(text: str) -> str:
    """A page with the tables that it shows as the text of their tags, or in a frame; empty where it has none."""
    return html.unescape(_FRAME.sub("<div>", text)) if _ESCAPED.search(text) else ""


def _scripts(text: str) -> Iterator[str]:
    place = 0
    while (begin := _BEGIN.search(text, place)) and (end := _END.search(text, begin.end())):
        yield text[begin.end() : end.start()]
        place = end.end()


def _markup_in(scripts: Iterable[str]) -> str:
    """All strings that hold cells of a table, a report may be shipped in parts; else the longest that is HTML."""
    strings = (match[1] or match[2] or "" for script in scripts for match in _STRING.finditer(script))
    markup = [_unescaped(string) for string in strings if len(string) >= _SHORTEST]
    with_cells = dict.fromkeys(string for string in markup if _CELL.search(string))
    return "\n".join(with_cells) or max((string for string in markup if _MARKUP.search(string)), key=len, default="")


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
