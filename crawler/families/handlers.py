"""Where scripts of a page lead: addresses that a click handler, or a function that it calls, puts together."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.page import once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.page import Page

    # The names of a function's parameters, and the expression of the address that it goes to.
    Function = tuple[tuple[str, ...], str]

TERM = r"""(?:"[^"\s<>]{0,200}"|'[^'\s<>]{0,200}'|[\w.]{1,60}(?:\[[^\]]{1,60}\]\.value)?)"""
SUM = rf"{TERM}(?:\s*\+\s*{TERM}){{0,12}}"
GOES = re.compile(
    rf"(?:\blocation(?:\.href)?\s*=(?!=)|\.href\s*=(?!=)|\blocation\.(?:assign|replace)\(|\bopen\()\s*({SUM})"
)
NAME = re.compile(r"\w{1,60}")
PART = re.compile(TERM)
FUNCTION = re.compile(
    r"(?:\bfunction\s+(\w{1,60})\s*|\b(\w{1,60})\s*[:=]\s*function\s*)\(([\w\s,]{0,200})\)\s*\{([^}]{0,800})\}"
)
CALL = re.compile(r"(\w{1,60})\(([^()]{0,300})\)")
THIS = "this.value"
CHOSEN = re.compile(r"this\.options\[[^\]]{1,60}\]\.value")
# Scripts that write lists are short, and have few functions.
MAX_FUNCTIONS = 200


def address(page: Page, script: str, value: str = "") -> str:
    """Return the address that a handler leads to, or an empty string; ``value`` is that of its element (this.value)."""
    known = {THIS: value}
    if direct := GOES.search(script):
        return _joined(direct[1], known)
    for call in islice(CALL.finditer(script), MAX_FUNCTIONS):
        if function := _functions(page).get(call[1]):
            given = (_plain(argument.strip(), known) for argument in call[2].split(","))
            named = {name: text for name, text in zip(function[0], given, strict=False) if text is not None}
            return _joined(function[1], known | named)
    return ""


@once
def _functions(page: Page) -> Mapping[str, Function]:
    """The functions of a page that go to an address, by name."""
    found: dict[str, Function] = {}
    for match in islice(FUNCTION.finditer(page.text), MAX_FUNCTIONS):
        if goes := GOES.search(match[4]):
            parameters = tuple(name.strip() for name in match[3].split(","))
            found.setdefault(match[1] or match[2], (parameters, _spelled_out(goes[1], match[4][: goes.start()])))
    return found


def _spelled_out(expression: str, before: str) -> str:
    """The expression itself, or the one whose value a script put under its name before."""
    if not NAME.fullmatch(expression):
        return expression
    given = [match[1] for match in re.finditer(rf"\b{expression}\s*=(?!=)\s*({SUM})", before)]
    return given[-1] if given else expression


def _joined(expression: str, known: Mapping[str, str]) -> str:
    """The text of an expression of strings and names, empty where a name is not known."""
    parts = [_plain(part, known) for part in PART.findall(expression)]
    return "" if None in parts else "".join(part for part in parts if part)


def _plain(term: str, known: Mapping[str, str]) -> str | None:
    if term[:1] in ("'", '"') and term[-1:] == term[:1]:
        return term[1:-1]
    if term.isdecimal():
        return term
    return known.get(THIS if CHOSEN.fullmatch(term) else term)
