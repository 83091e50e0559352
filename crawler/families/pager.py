"""Pagers of lists that are numbered files: what the page claims, and how page n is addressed, decided by trial."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from crawler.families.reading import MAX_PAGES, Ask, End, attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.families.links import Link, Links
    from crawler.families.reading import Reading
    from crawler.page import Page

# TRS: total, current (0-based), stem, extension. UCAP: element, total, current, stem, extension, rows.
TRS_CALL = re.compile(r"""createPage(?:HTML)?\(\s*(\d+)\s*,\s*\d+\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']""")
UCAP_CALL = re.compile(
    r"""createPageHTML\(\s*["'][\w-]*["']\s*,\s*(\d+)\s*,\s*\d+\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']"""
)
COUNT = re.compile(r"var\s+countPage\s*=\s*(\d+)")
COUNT_STEM = re.compile(r"""["']([\w-]{1,40})_["']\s*\+\s*\w+\s*\+\s*\\?["']\.(\w{1,6})""")
SAID = re.compile(r"共\s*(\d{1,4})\s*页|(?:第\s*)?\d{1,4}\s*/\s*(\d{1,4})\s*页")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a list's first page says of its pages: how many there are, and the files they are in."""

    pages: int
    folder: str
    stem: str
    ext: str

    def file(self, name: str) -> str:
        """Return the address of a file in the list's folder."""
        return f"{self.folder}{name}.{self.ext}"


def zero_based(claim: Claim, page: int) -> str:
    """Page 2 is index_1."""
    return claim.file(f"{claim.stem}_{page - 1}")


def one_based(claim: Claim, page: int) -> str:
    """Page 2 is index_2."""
    return claim.file(f"{claim.stem}_{page}")


def by_page(claim: Claim, page: int) -> str:
    """Page 2 is ?page=2."""
    return f"{claim.folder}?page={page}" if claim.stem == "index" else f"{claim.file(claim.stem)}?page={page}"


def by_page_num(claim: Claim, page: int) -> str:
    """Page 2 is ?pageNum=2."""
    return by_page(claim, page).replace("?page=", "?pageNum=")


def descending(claim: Claim, page: int) -> str:
    """Page 2 of N is <stem>/<N-1>, counted from the end."""
    return claim.file(f"{claim.stem}/{claim.pages + 1 - page}")


def bare(claim: Claim, page: int) -> str:
    """Page 2 is 2.html."""
    return claim.file(str(page))


def claim_of(page: Page) -> Claim | None:
    """Return what a page claims of its pages, or None where it has no pager call and states no count."""
    folder, stem, ext = _own_file(page.url)
    for call in (TRS_CALL, UCAP_CALL):
        if match := call.search(page.text):
            return Claim(int(match[1]), folder, match[2], match[3])
    if match := COUNT.search(page.text):
        named = COUNT_STEM.search(page.text)
        return Claim(int(match[1]), folder, named[1] if named else stem, named[2] if named else ext)
    if match := SAID.search(page.prose):
        return Claim(int(match[1] or match[2]), folder, stem, ext)
    return None


def _own_file(url: str) -> tuple[str, str, str]:
    """Split an address into its folder, stem and extension; a folder's own file is index.html."""
    parts = urlsplit(url)
    head, _, last = parts.path.rpartition("/")
    stem, dot, ext = last.rpartition(".")
    if not dot:
        head, stem, ext = (f"{head}/{last}" if last else head), "index", "html"
    return urlunsplit((parts.scheme, parts.netloc, f"{head}/", "", "")), stem, ext


def numbered(
    claim: Claim, found: Links, items: Callable[[Page], list[Link]], forms: Sequence[Callable[[Claim, int], str]]
) -> Reading:
    """Read pages 2 to the claimed last; the form of their addresses is the first whose page 2 brings anything new."""
    form = None
    for candidate in forms:
        second = yield from attempt(Ask(candidate(claim, 2)))
        if second and found.add(items(second)):
            form = candidate
            break
    if form is None:
        return End("paging_stuck", f"page 2 of {claim.pages} was found under no known address in {claim.folder}")
    for number in range(3, min(claim.pages, MAX_PAGES) + 1):
        url = form(claim, number)
        page = yield from attempt(Ask(url))
        if page is None or not found.add(items(page)):
            return End("paging_stuck", f"page {number} of {claim.pages} brought nothing new: {url}")
    if claim.pages > MAX_PAGES:
        return End("budget_exhausted", f"{MAX_PAGES} of {claim.pages} pages of {claim.folder} were read")
    return End("", f"{claim.pages} of {claim.pages} pages read")
