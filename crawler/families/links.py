"""Links of a page: where they lead, what they are called, when they were published."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawler import titles
from crawler.page import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.page import Page

FILE = re.compile(r"\.(pdf|docx?|xlsx?|wps|et|ofd|zip|rar)$", re.IGNORECASE)
# Detail grammars of the families met so far; a link that fits one is an article whatever its title.
ARTICLE = re.compile(
    r"/t\d{8}_\d+(_wap)?\.s?html?$"
    r"|/art/(\d{4}/)?(\d{1,2}/\d{1,2}/)?art_\w+\.html?$"
    r"|/(m?post|content)_\d+\.html?$"
    r"|/info/\d+/\d+\.htm$"
    r"|/[0-9a-f]{32}\.s?html?$"
    r"|/[0-9a-f]{8}-[0-9a-f-]{27}\.html?$"
    r"|/c\d+/content\.s?html?$"
    r"|/c\d+_\d+\.s?html?$"
    r"|/Item/\d+\.aspx$"
    r"|/i\d{6,}\.html?$"
    r"|/\d{4,}\.(s?html?|jhtml)$",
    re.IGNORECASE,
)
# Scripts that show one article by its number.
SHOWN = re.compile(r"\ba=show\b.*\bid=\d|\bwbnewsid=\d|\baid=\d|\bnewsid=\d", re.IGNORECASE)
BARE_YEAR = re.compile(r"^20\d\d(年度?|年份)?$")
MOBILE = re.compile(r"_wap\.|/mpost_")
FOLDER = re.compile(r"/$|/(index|default|list)\w*\.\w+$", re.IGNORECASE)
DATE = re.compile(r"(20\d\d)\s*[-/.年]\s*(1[0-2]|0?[1-9])\s*[-/.月]\s*(3[01]|[12]\d|0?[1-9])(?!\d)")
EDGE_DATE = re.compile(rf"^[\[(（\s]*{DATE.pattern}[\])）\s]*|[\[(（\s]*{DATE.pattern}[\])）\s]*$")
WRITTEN = re.compile(r"""document\.write(?:ln)?\(\s*(["'])(.{1,4000}?)(?<!\\)\1\s*\)""", re.DOTALL)
OPENED = re.compile(r"""["']([^"'\s]{1,300}\.(?:s?html?|jhtml|pdf|docx?))["']""")
# A row of a list links its article, and at times its files; what holds more links is the layout.
ROW_LINKS = 3
# No list page has more links; a page that does is hostile or broken.
MAX_ANCHORS = 5000
# The column of yearly reports in the list that 国办发〔2017〕47号 fixes for the meta element ColumnType.
REPORT_COLUMN = "信息公开年报"
CUT = re.compile(r"(…|\.{3,}|。{3})\s*$")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a list; ``date`` is ISO, or empty where the row shows none."""

    title: str
    url: str
    date: str = ""

    @property
    def is_file(self) -> bool:
        """Whether the address names a document, not a page."""
        return bool(FILE.search(urlsplit(self.url).path))

    @property
    def _is_dated(self) -> bool:
        """Whether anything but the name of a column, or of its year, stands in the row."""
        if BARE_YEAR.match(titles.fold(self.title)):
            return False
        return bool(self.date) or is_cut(self.title) or titles.report_year(self.title) is not None

    @property
    def is_article(self) -> bool:
        """Whether the link leads to one article or file rather than to a column."""
        parts = urlsplit(self.url)
        if ARTICLE.search(parts.path) or FILE.search(parts.path) or SHOWN.search(parts.query):
            return True
        if FOLDER.search(parts.path) or "." not in parts.path.rsplit("/", 1)[-1]:
            return False
        return titles.is_report(self.title) and self._is_dated


class Links(dict[str, Link]):
    """The links found so far, keyed by canonical address, so that twins count once."""

    def add(self, links: Iterable[Link]) -> int:
        """Add links and return how many were new; a mobile twin gives way to its page."""
        before = len(self)
        for link in links:
            key = canonical(link.url)
            if key not in self or MOBILE.search(self[key].url):
                self[key] = link
        return len(self) - before


def canonical(url: str) -> str:
    """Return what stays equal over http and https, www, index pages and mobile twins.

    A fragment counts where it alone tells columns apart, on the platform of 广东.
    """
    parts = urlsplit(url)
    path = re.sub(r"/(index|default)\.\w+$", "/", parts.path or "/")
    path = re.sub(r"_wap(\.\w+)$", r"\1", path).replace("/mpost_", "/post_")
    query = f"?{parts.query}" if parts.query else ""
    column = f"#{parts.fragment}" if parts.fragment and "/gkmlpt/" in path else ""
    return parts.netloc.lower().removeprefix("www.") + path + query + column


def anchors(page: Page) -> list[Link]:
    """Return all links of a page, also those that a script writes, with absolute addresses."""
    base = base_of(page)
    found = list(_anchors(page.root, base))
    for match in islice(WRITTEN.finditer(page.text), MAX_ANCHORS):
        written = match[2].replace('\\"', '"').replace("\\'", "'").replace("\\/", "/")
        if "href" in written.lower():
            found += _anchors(Selector(text=written, type="html"), base)
    return found


def articles(page: Page) -> list[Link]:
    """Return the links of a page that lead to articles or files.

    On a page whose ColumnType says that it lists yearly reports, dated ones are articles whatever their address.
    """
    here = canonical(page.url)
    in_column = REPORT_COLUMN in page.meta("ColumnType")
    return [
        link
        for link in anchors(page)
        if (link.is_article or (in_column and link.date and titles.is_report(link.title)))
        and canonical(link.url) != here
    ]


def base_of(page: Page) -> str:
    """Return what relative links resolve against: a list folder counts as a folder even without its slash."""
    base: str = urljoin(page.url, page.root.xpath("//base/@href").get("").strip())
    parts = urlsplit(base)
    if "." in parts.path.rsplit("/", 1)[-1] or parts.query or parts.path.endswith("/"):
        return base
    return base.split("#", 1)[0] + "/"


def resolve(base: str, href: str) -> str | None:
    """Return an absolute web address, or None for what is none (scripts, mail, broken addresses)."""
    href = href.strip()
    if not href or href.startswith("#"):
        return None
    try:
        url = urljoin(base, href).split("#", 1)[0]
        return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname else None
    except ValueError:
        return None


def date_in(text: str) -> str:
    """Return the first date of a text as ISO, or an empty string."""
    match = DATE.search(text)
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else ""


def is_cut(title: str) -> bool:
    """Tell whether a list shortened a title."""
    return bool(CUT.search(title))


def _anchors(root: Selector, base: str) -> Iterator[Link]:
    for anchor in root.xpath(f"(//a | //area)[position() <= {MAX_ANCHORS}]"):
        url = resolve(base, anchor.attrib.get("href", "")) or _opened(anchor, base)
        if url:
            yield Link(title_of(anchor), url, row_date(anchor))


def _opened(anchor: Selector, base: str) -> str | None:
    """The address that a click handler opens, for links without one of their own."""
    match = OPENED.search(anchor.attrib.get("onclick", "") + anchor.attrib.get("href", ""))
    return resolve(base, match[1]) if match else None


def title_of(anchor: Selector) -> str:
    """Return a link's title: the title attribute, unless the shown text says more; a date beside it is taken off."""
    shown = squeeze(anchor.xpath("string()").get("")) or squeeze(anchor.xpath("string(.//img/@alt)").get(""))
    shown = EDGE_DATE.sub("", shown).strip()
    named = squeeze(anchor.attrib.get("title", ""))
    return named if len(named) >= len(CUT.sub("", shown)) else shown


def row_date(anchor: Selector) -> str:
    """Return the date beside a link, in the innermost row that holds few other links, or an empty string."""
    for row in anchor.xpath("(ancestor::li | ancestor::tr | ancestor::dd | ancestor::dt)[last()] | .."):
        if len(row.xpath(".//a")) <= ROW_LINKS and (found := date_in(row.xpath("string()").get(""))):
            return found
    return ""
