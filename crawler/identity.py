"""Whose site a page belongs to: its identity code and names against the body's division and former names."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler import titles
from crawler.portals import GOVERNMENTS, PortalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crawler.page import Page
    from crawler.portals import Portal

# Ten digits that begin with the division's code, or bm and eight for bodies of the state.
SITE_CODE = re.compile(r"^(?:bm)?\d{8,10}$")
FOOTER_CODE = re.compile(r"网站标识码[：:]?(bm\d{8}|\d{10})")
BUTTON_CODE = re.compile(r"""(?:site_?code=["']?|sitecode=["'])(bm\d{8}|\d{10})""", re.IGNORECASE)
# Copies on sold domains are turned into traditional characters by machine; a portal writes simplified ones.
CONVERTED = re.compile(r"信息公開|[縣區]人民政府|年度報告")


@dataclass(frozen=True, slots=True)
class Place:
    """What a body may call itself: its code and those of its forerunners first to last, and its names.

    ``renamed`` are the names that the same place bore before: of a forerunner that was joined with others the reports
    are not the place's own.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    renamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a page says of itself: the site's identity code (or empty) and its names."""

    code: str
    names: str

    @classmethod
    def of(cls, page: Page) -> Identity:
        """Read the code from the meta element, the footer or the 找错 button, in this order."""
        return cls(_code(page), f"{page.meta('SiteName')} {page.title}")


class Places:
    """The bodies of a file of divisions, each with what it was called before; read once."""

    def __init__(self, divisions: Path) -> None:
        """Read the file; PortalError where it cannot be read or has no codes."""
        self._names: dict[str, str] = {}
        self._before: dict[str, list[str]] = {}
        self._provinces: dict[str, str] = {}
        self._counties: dict[str, str] = {}
        self._spans: dict[str, list[tuple[str, str, str]]] = {}
        self._heirs: dict[str, set[str]] = {}
        try:
            with divisions.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    self._add(row)
        except (OSError, UnicodeDecodeError, KeyError) as error:
            raise PortalError(f"{divisions}: cannot be read ({error}): name the file of divisions") from error

    def of(self, portal: Portal) -> Place:
        """Return what a portal's body may call itself; departments and townships share their government's code."""
        code = portal.code[:6]
        codes = list(dict.fromkeys([code, *self._before.get(code, ())]))
        former = [self._names[each] for each in codes[1:] if each in self._names]
        names = [portal.name, self._names.get(code, ""), *former] if portal.level in GOVERNMENTS else [portal.name]
        renamed = self._renamed(code, portal.name) if portal.level in GOVERNMENTS else ()
        return Place(tuple(codes), tuple(dict.fromkeys([*filter(None, names), *renamed])), renamed)

    def _renamed(self, code: str, today: str) -> tuple[str, ...]:
        """The earlier names of a place that only changed its name or kind, be it with a new code."""
        begins = max((int(begin) for begin, _, _ in self._spans.get(code, ()) if begin), default=0)
        before = [
            (each, name)
            for each in dict.fromkeys((code, *self._before.get(code, ())))
            for _, end, name in self._spans.get(each, ())
            if end and begins == int(end) + 1
        ]
        if len(before) != 1 or not self._heirs.get(before[0][0], set()) <= {code}:
            return ()
        earlier, name = before[0]
        names = (name, *(self._renamed(earlier, name) if earlier != code else ()))
        return tuple(each for each in names if each and each != today)

    def province(self, code: str) -> str:
        """Return the name of the province of a code, or its first two digits where the file does not say."""
        return self._provinces.get(code[:6]) or code[:2]

    def counties(self) -> dict[str, str]:
        """Return the counties of today, names by code."""
        return dict(self._counties)

    def _add(self, row: Mapping[str, str]) -> None:
        code = row["code"]
        # A code comes up once for each span of time; the last name is the one in use.
        self._names[code] = row.get("name") or ""
        span = (row.get("valid_from") or "", row.get("valid_to") or "", row.get("name") or "")
        self._spans.setdefault(code, []).append(span)
        self._provinces[code] = row.get("province") or ""
        if row.get("level") == "county" and not row.get("valid_to"):
            self._counties[code] = self._names[code]
        for successor in (row.get("successors") or "").replace(";", " ").split():
            self._before.setdefault(successor, []).append(code)
            self._heirs.setdefault(code, set()).add(successor)


def mismatch(page: Page, place: Place) -> str:
    """Return why a home page is not the body's, or an empty string.

    The identity code decides; the name counts where there is no code, or one of the same prefecture, whose platforms
    serve several bodies. Counties of one name in different prefectures are told apart so.
    """
    if _is_converted(page):
        return f"the page is a copy in traditional characters: {page.title}"
    seen = Identity.of(page)
    if _code_agrees(seen.code, place):
        return ""
    named = _names_agree(seen.names, place)
    if seen.code:
        return "" if named and _is_near(seen.code, place) else f"the site is that of {seen.code}, {seen.names.strip()}"
    if named or any(f"{name}人民政府" in page.prose for name in place.names):
        return ""
    return f"the page names neither {place.names[0]} nor its code: {seen.names.strip() or 'it has no title'}"


def agrees(page: Page, place: Place) -> bool:
    """Tell whether a page on a site that is not in the catalogue says to be the body's own, by code or name."""
    seen = Identity.of(page)
    if _is_converted(page):
        return False
    return _code_agrees(seen.code, place) or (
        _names_agree(seen.names, place) and (not seen.code or _is_near(seen.code, place))
    )


def contradicts(page: Page, place: Place) -> str:
    """Return why a list on a known address belongs to a body elsewhere, or an empty string.

    Only a code of another prefecture says so: lists often lie on the site of the city or province.
    """
    code = Identity.of(page).code
    if not code or code.startswith("bm") or _is_near(code, place) or _code_agrees(code, place):
        return ""
    return f"the list is on the site of {code}, {page.meta('SiteName') or page.title}"


def _code(page: Page) -> str:
    meta = page.meta("SiteIDCode").strip()
    if SITE_CODE.match(meta):
        return meta
    found = FOOTER_CODE.search(page.prose) or BUTTON_CODE.search(page.text)
    return found[1] if found else ""


def _code_agrees(code: str, place: Place) -> bool:
    return bool(code) and code[:6] in place.codes


def _is_near(code: str, place: Place) -> bool:
    """The same prefecture, or the province itself."""
    return any(code[:4] in (each[:4], f"{each[:2]}00") for each in place.codes)


def _names_agree(text: str, place: Place) -> bool:
    return any(titles.names(text, name) for name in place.names)


def _is_converted(page: Page) -> bool:
    return bool(CONVERTED.search(page.prose)) and "信息公开" not in page.prose
