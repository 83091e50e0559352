"""What a list's page says of its pages: how many there are, from pager calls, widgets, words and links to the last."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from crawler.families.links import articles, base_of, resolve
from crawler.page import squeeze

if TYPE_CHECKING:
    from crawler.page import Page

# TRS: total, current (0-based), stem, extension. UCAP: element, total, current, stem, extension, rows.
# Instead of the total a variable may stand.
TOTAL = r"(\d{1,6}|[A-Za-z_]\w{0,40})"
TRS_CALL = re.compile(rf"""createPage(?:HTML)?\(\s*{TOTAL}\s*,\s*\w+\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']""")
UCAP_CALL = re.compile(
    rf"""createPageHTML\(\s*["'][\w-]*["']\s*,\s*{TOTAL}\s*,\s*\w+\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']"""
)
COUNT = re.compile(r"var\s+countPage\s*=\s*(\d{1,6})")
COUNT_STEM = re.compile(r"""["']([\w-]{1,40})_["']\s*\+\s*\w+\s*\+\s*\\?["']\.(\w{1,6})""")
# Calls that give pages, or rows and rows a page: TRS's Pager({size: pages}), VSB's jump box, 淮安's nsetpage.
PAGES_CALL = re.compile(
    r"""\bPager\(\s*\{[^}]{0,200}?\bsize["']?\s*:\s*["']?(\d{1,6})|_simple_list_gotopage_fun\(\s*(\d{1,6})"""
)
ROWS_CALL = re.compile(r"\bnsetpage\(\s*\d+\s*,\s*(\d{1,9})\s*,\s*([1-9]\d{0,6})")
# Widgets that draw a pager: laypage.render({count: 60, limit: 20}), $(p).pagination(60, {items_per_page: 20}), kkpager.
WIDGET = re.compile(
    r"(?:laypage(?:\.render)?|\.pagination|kkpager\.\w{1,30}|\b[pP]aging|jqPaginator|[pP]agination)\(\s*(?:(\d{1,6})\s*,\s*)?\{([^{}]{0,600})"
)
WIDGET_PAGES = re.compile(r"\b(?:totalPages?|pageCount|pageTotal|pages|total)[\"']?\s*:\s*[\"']?(\d{1,5})\b")
WIDGET_ROWS = re.compile(
    r"\b(?:count|totalCount|totalRecords?|totalCounts|totalNumber|dataCount|totalData|total)[\"']?\s*:\s*[\"']?(\d{1,6})\b"
)
WIDGET_SIZE = re.compile(
    r"\b(?:limit|pageSize|perPage|items_per_page|itemsOnPage|showData|rows|size)[\"']?\s*:\s*[\"']?(\d{1,4})\b"
)
SAID = re.compile(r"共(?:有|计)?(\d{1,4})页|\d{1,4}/(?:共)?(\d{1,4})页|(?:页次|总页数|页数)[:：](?:\d+/)?(\d{1,4})")
# A count of rows says something of the pages only beside a pager.
ROWS_SAID = re.compile(r"共(?:有|计)?(\d{1,6})(?:条|篇|项)(?=.{0,12}(?:每页|页|转到|跳转))")
PAGE_ROWS = re.compile(r"每页(?:显示)?(\d{1,3})(?:条|篇|项)|(\d{1,3})(?:条|篇|项)/页")
# Addresses that a script puts together: what stands before the number and after it.
MADE = re.compile(
    r"""["']([^"'\s<>]{0,120}?)["']\s*\+\s*\(?[\w.$]{1,30}(?:\(\))?(?:\s*[-+]\s*1\s*\))?\s*(?:\+\s*["']([^"'\s<>]{0,60})["'])?"""
)
LAST = re.compile(r"^(尾页|末页|最后一?页|last)$", re.IGNORECASE)
LAST_NUMBER = re.compile(r"\(\s*[\"']?(\d{1,4})\b|[_=/](\d{1,4})(?:\.\w+)?[\"']?\)?;?$")
# Scripts that put addresses together are short.
MAX_SCRIPT = 100_000
MAX_FORMS = 6


@dataclass(frozen=True, slots=True)
class Claim:
    """What a list's first page says of its pages: how many there are, the files they are in, its own address."""

    pages: int
    folder: str
    stem: str
    ext: str
    url: str = ""
    made: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def file(self, name: str) -> str:
        """Return the address of a file in the list's folder."""
        return f"{self.folder}{name}.{self.ext}"


def claim_of(page: Page) -> Claim | None:
    """Return what a page claims of its pages, or None where it has no pager call and states no count."""
    claim = _claim(page)
    return replace(claim, made=made(page)) if claim and claim.pages > 1 else claim


def made(page: Page) -> tuple[tuple[str, str], ...]:
    """What a page's scripts put before and after a page's number, resolved against the page."""
    base = base_of(page)
    found: dict[tuple[str, str], None] = {}
    for script in page.root.xpath("//script/text() | //@onclick | //@onchange").getall():
        for match in islice(MADE.finditer(script[:MAX_SCRIPT]), MAX_FORMS):
            before, after = match[1], match[2] or ""
            if not re.search(r"[_/=?-]", before[-1:] or "x") or "<" in after:
                continue
            if url := resolve(base, before):
                found[url, after] = None
    return tuple(found)[:MAX_FORMS]


def _claim(page: Page) -> Claim | None:
    folder, stem, ext = own_file(page.url)
    for call in (TRS_CALL, UCAP_CALL):
        match = call.search(page.text)
        if match and (total := _value(match[1], page.text)):
            return Claim(total, folder, match[2], match[3], page.url)
    if match := COUNT.search(page.text):
        named = COUNT_STEM.search(page.text)
        return Claim(int(match[1]), folder, named[1] if named else stem, named[2] if named else ext, page.url)
    if match := ROWS_CALL.search(page.text):
        return Claim(-(-int(match[1]) // int(match[2])), folder, stem, ext, page.url)
    if match := PAGES_CALL.search(page.text) or SAID.search(page.prose):
        return Claim(int(next(filter(None, match.groups()))), folder, stem, ext, page.url)
    number = _from_widget(page) or _from_rows(page) or _last_number(page)
    return Claim(number, folder, stem, ext, page.url) if number else None


def _value(term: str, text: str) -> int:
    """A number, or what a script gives to the variable of that name; 0 where nothing does."""
    if term.isdecimal():
        return int(term)
    given = re.search(rf"""\b{term}\s*=\s*(?:parseInt\(\s*)?["']?(\d{{1,6}})\b""", text)
    return int(given[1]) if given else 0


def _from_widget(page: Page) -> int:
    """The pages that a widget of the page is to draw, 0 where there is none or its numbers cannot be read."""
    widget = WIDGET.search(page.text)
    if widget is None:
        return 0
    size, rows = WIDGET_SIZE.search(widget[2]), WIDGET_ROWS.search(widget[2])
    total = int(widget[1] or (rows[1] if rows else 0))
    if size and total:
        return -(-total // max(int(size[1]), 1))
    pages = WIDGET_PAGES.search(widget[2])
    return int(pages[1]) if pages else 0


def has_unread_pager(page: Page) -> bool:
    """Tell whether a script draws a pager, or is called for one, and does not say in figures of how many pages."""
    return any(mark.search(page.text) for mark in (WIDGET, TRS_CALL, UCAP_CALL))


def _from_rows(page: Page) -> int:
    """The pages that a count of rows makes, 0 where none is stated."""
    stated = ROWS_SAID.search(page.prose)
    if stated is None:
        return 0
    size = PAGE_ROWS.search(page.prose)
    rows = int(size[1] or size[2]) if size else len(articles(page))
    return -(-int(stated[1]) // rows) if rows else 0


def _last_number(page: Page) -> int:
    """The number that the link to the last page calls its script with; an address may count from 0 or from the end."""
    for anchor in page.root.root.iter("a", "button", "input"):
        if LAST.match(squeeze("".join(anchor.itertext()) or anchor.get("value") or "")):
            action = anchor.get("onclick") or (anchor.get("href") or "").partition("javascript:")[2]
            if match := LAST_NUMBER.search(action):
                return int(next(filter(None, match.groups())))
    return 0


def own_file(url: str) -> tuple[str, str, str]:
    """Split an address into its folder, stem and extension; a folder's own file is index.html."""
    parts = urlsplit(url)
    head, _, last = parts.path.rpartition("/")
    stem, dot, ext = last.rpartition(".")
    if not dot:
        head, stem, ext = (f"{head}/{last}" if last else head), "index", "html"
    return urlunsplit((parts.scheme, parts.netloc, f"{head}/", "", "")), stem, ext
