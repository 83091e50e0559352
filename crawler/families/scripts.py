"""Values that a page's scripts hold: strict JSON, or JavaScript with bare names and single quotes."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

WORD = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}\[\],:]|[\w$.+-]+|\s+|//[^\n]*|/\*.*?\*/""", re.DOTALL)
BARE_QUOTE = re.compile(r'(?<!\\)"')
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
# No list's configuration is longer; a page that holds more is hostile or broken.
MAX_LENGTH = 2_000_000
MAX_DEPTH = 100
MAX_TRIES = 20


def value_of(text: str, name: str) -> Any:
    """Return the first value that a script gives to a name, or None where there is none that can be read."""
    for match in islice(re.finditer(rf"""\b{name}["']?\s*[:=]\s*(?=["'\[{{\d])""", text), MAX_TRIES):
        value = literal(text, match.end())
        if value is not None:
            return value
    return None


def literal(text: str, start: int = 0) -> Any:
    """Return the object, list, string or number that begins at a position, or None for anything that computes."""
    written: list[str] = []
    depth = 0
    position = start
    while match := WORD.match(text, position, min(len(text), start + MAX_LENGTH)):
        word, position = match[0], match.end()
        if word.isspace() or word.startswith(("//", "/*")):
            continue
        if word in "}]" and written and written[-1] == ",":
            written.pop()
        written.append(_as_json(word))
        depth += (word in "{[") - (word in "}]")
        if depth > MAX_DEPTH:
            return None
        if depth <= 0:
            return _loads("".join(written))
    return None


def _as_json(word: str) -> str:
    if word in "{}[],:" or word in ("true", "false", "null") or NUMBER.fullmatch(word):
        return word
    if word.startswith("'"):
        return '"{}"'.format(BARE_QUOTE.sub('\\\\"', word[1:-1].replace("\\'", "'")))
    return word if word.startswith('"') else json.dumps(word)


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
