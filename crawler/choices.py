"""Choices on a page: boxes that lead to other pages, and boxes and buttons of years, by an address or a script."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from crawler import titles
from crawler.families.handlers import address
from crawler.families.links import BARE_YEAR, Link, base_of, resolve
from crawler.families.pager import with_parameters
from crawler.page import once, squeeze
from crawler.sites import site_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.page import Page

ADDRESS = re.compile(r"[./?]")
NO_ADDRESS = (None, "", "#", "javascript:;", "javascript:void(0)", "javascript:void(0);")
MAX_BAR = 40
MAX_OPTIONS = 500
CLICKED = ("a", "li", "span", "button", "div", "dd", "td")


@once
def choices(page: Page) -> Sequence[Link]:
    """Return the addresses that the page's choices of a year lead to, each called after its year."""
    return [link for _, link in _offers(page) if link]


@once
def options(page: Page) -> Sequence[Link]:
    """Return the addresses on its own site that the boxes of a page lead to, each called as it is shown.

    Boxes with links to other sites are lists of friends.
    """
    found = []
    for option in islice(page.root.root.iter("option"), MAX_OPTIONS):
        value, box = option.get("value") or "", next(option.iterancestors("select"), None)
        script = (box.get("onchange") or "") if box is not None and value else ""
        target = value if ADDRESS.search(value) else address(page, script, value)
        url = resolve(base_of(page), target) if target else None
        if url and site_of(url) == site_of(page.url):
            found.append(Link(squeeze("".join(option.itertext())), url))
    return found


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
        year = _year(element) if script or element.getparent() is not None else None
        if year and script:
            yield year, _link(page, year, address(page, script, str(year)))
        elif year and _in_bar(element) and not resolve(base_of(page), element.get("href") or ""):
            yield year, None


def _in_bar(element: Any) -> bool:
    """Tell whether years stand side by side, to be clicked, whatever their handler: a row or a heading has but one."""
    item = element if element.tag != "a" else next(element.iterancestors("li", "span", "dd", "td"), element)
    around = item.getparent()
    if around is None or any(each.get("href") not in NO_ADDRESS for each in item.iter("a")):
        return False
    return sum(bool(_year(each)) for each in islice(around, MAX_BAR)) > 1


def _year(element: Any) -> int | None:
    text = titles.fold("".join(element.itertext()))
    return int(text[:4]) if BARE_YEAR.match(text) else None


def _link(page: Page, year: int, target: str) -> Link | None:
    url = resolve(base_of(page), target) if target else None
    return Link(f"{year}年", url) if url else None


def _of_box(page: Page, box: Any, value: str) -> str:
    """The address that a value of a box leads to, or an empty string."""
    if ADDRESS.search(value) or box is None:
        return value if ADDRESS.search(value) else ""
    if made := address(page, box.get("onchange") or "", value):
        return made
    form = next(box.iterancestors("form"), None)
    if form is None or not box.get("name") or (form.get("method") or "get").lower() != "get":
        return ""
    fields = {each.get("name"): each.get("value") or "" for each in form.iter("input") if each.get("type") == "hidden"}
    fields = {name: text for name, text in fields.items() if name}
    return with_parameters(urljoin(base_of(page), form.get("action") or page.url), fields | {box.get("name"): value})
