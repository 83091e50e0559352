"""A choice of years on a list page: boxes and buttons that show the reports of one year, by an address or a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from crawler import titles
from crawler.families.links import BARE_YEAR, Link, base_of, resolve
from crawler.families.pager import with_parameters
from crawler.page import once

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.page import Page

ADDRESS = re.compile(r"[./?]")
VALUE = r"this\.(?:value|options\[[^\]]{1,60}\]\.value)"
# What a handler does with the year: calls a function, or puts an address together.
CALL = re.compile(rf"(\w{{1,60}})\(\s*(?:{VALUE}|[\"']?20\d\d[\"']?)\s*\)")
JOINED = r"""["']([^"'\s<>]{0,200})["']\s*\+\s*(?:%s)(?:\s*\+\s*["']([^"'\s<>]{0,60})["'])?"""
OPENS = re.compile(r"location|open\(|href")
CLICKED = ("a", "li", "span", "button", "div", "dd", "td")


@once
def choices(page: Page) -> Sequence[Link]:
    """Return the addresses that the page's choices of a year lead to, each called after its year."""
    return [link for _, link in _offers(page) if link]


def unanswered(page: Page) -> frozenset[int]:
    """Return the years that the page offers, and that only a script or a form could show."""
    offers = list(_offers(page))
    return frozenset(year for year, _ in offers) - {titles.column_year(link.title) for _, link in offers if link}


def _offers(page: Page) -> Iterator[tuple[int, Link | None]]:
    for option in page.root.root.iter("option"):
        if year := _year(option):
            box = next(option.iterancestors("select"), None)
            yield year, _link(page, year, _of_box(page, box, option.get("value") or str(year)))
    for element in page.root.root.iter(*CLICKED):
        script = (element.get("onclick") or "") + (element.get("href") or "").partition("javascript:")[2]
        if script and (year := _year(element)):
            yield year, _link(page, year, _made(page, script, str(year)))


def _year(element: Any) -> int | None:
    text = titles.fold("".join(element.itertext()))
    return int(text[:4]) if BARE_YEAR.match(text) else None


def _link(page: Page, year: int, address: str) -> Link | None:
    url = resolve(base_of(page), address) if address else None
    return Link(f"{year}年", url) if url else None


def _of_box(page: Page, box: Any, value: str) -> str:
    """The address that a value of a box leads to, or an empty string."""
    if ADDRESS.search(value) or box is None:
        return value if ADDRESS.search(value) else ""
    if made := _made(page, box.get("onchange") or "", value):
        return made
    form = next(box.iterancestors("form"), None)
    if form is None or not box.get("name") or (form.get("method") or "get").lower() != "get":
        return ""
    fields = {each.get("name"): each.get("value") or "" for each in form.iter("input") if each.get("type") == "hidden"}
    fields = {name: text for name, text in fields.items() if name}
    return with_parameters(urljoin(base_of(page), form.get("action") or page.url), fields | {box.get("name"): value})


def _made(page: Page, script: str, value: str) -> str:
    """The address that a handler, or the function that it calls, puts together around a year."""
    joined = re.search(JOINED % VALUE, script)
    call = CALL.search(script)
    if joined is None and call:
        name = re.escape(call[1])
        body = re.search(rf"function\s+{name}\s*\(\s*(\w{{1,40}})\s*\)\s*\{{([^{{}}]{{0,600}})\}}", page.text)
        if body and OPENS.search(body[2]):
            joined = re.search(JOINED % rf"\b{body[1]}\b", body[2])
    return f"{joined[1]}{value}{joined[2] or ''}" if joined else ""
