"""Links of a page: where they lead, what they are called, when they were published."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from crawler import titles
from crawler.families.handlers import address
from crawler.page import once, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.page import Page

    Element = html.HtmlElement

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
    r"|/content/article/\d+$"
    # A file called after a year may be that year's report or its column.
    r"|/(?!20[0-3]\d\.)\d{4,}\.(s?html?|jhtml)$",
    re.IGNORECASE,
)
# Scripts that show one article by its number.
SHOWN = re.compile(r"\ba=show\b.*\bid=\d|\b(wbnews|a|news|article|content|info|doc|item)_?id=\w*\d", re.IGNORECASE)
BARE_YEAR = re.compile(r"^20\d\d(年度?|年份)?$")
MOBILE = re.compile(r"_wap\.|/mpost_")
FOLDER = re.compile(r"/$|/(index|default|list)\w*\.\w+$", re.IGNORECASE)
DATE = re.compile(r"(20\d\d)\s*[-/.年]\s*(1[0-2]|0?[1-9])\s*[-/.月]\s*(3[01]|[12]\d|0?[1-9])(?!\d)")
# A day above or beside its month, and a date without marks.
SPLIT_DATE = re.compile(r"(?<!\d)(3[01]|[12]\d|0?[1-9])\s+(20\d\d)\s*[-/.年]\s*(1[0-2]|0?[1-9])(?!\d)")
PLAIN_DATE = re.compile(r"(?<!\d)(20\d\d)(1[0-2]|0[1-9])(3[01]|[12]\d|0[1-9])(?!\d)")
EDGE_DATE = re.compile(rf"^[\[(（\s]*{DATE.pattern}[\])）\s]*|[\[(（\s]*{DATE.pattern}[\])）\s]*$")
WRITTEN = re.compile(r"""document\.write(?:ln)?\(\s*(["'])(.{1,4000}?)(?<!\\)\1\s*\)""", re.DOTALL)
OPENED = re.compile(
    r"""["']([^"'\s]{1,300}\.(?:s?html?|jhtml|pdf|docx?))["']"""
    r"""|(?:\bopen\(|location(?:\.href)?\s*=|location\.(?:assign|replace)\()\s*["']([^"'\s]{1,300})["'](?!\s*\+)"""
)
# A handler that hands the number of an article to a function.
CALLS = re.compile(r"""\w\(\s*(?:["'][\w-]|\d)""")
# Links that say what they do and not what they lead to; the row does.
WORDLESS = re.compile(
    r"^[\[【(（]?(点击)?(查看|下载|详情|详细|浏览|阅读|打开|链接|附件)(全文|详情|附件|内容|下载)?[\]】)）>»]*$|^(pdf|word|docx?)$",
    re.IGNORECASE,
)
CLICKS = etree.XPath("//@onclick")
# Links within a page; plain words are found a hundred times as quickly as patterns, and most pages have none.
TABS = ('href="#', "href='#", "href=#")
# What a script makes a link of.
DATA_TARGETS = ("data-url", "data-href", "data-link", "data-src")
# Markup that a script takes from where no browser shows it.
HOLDERS = ("<textarea", "text/html'", 'text/html"', "text/template", "text/x-template", "x-handlebars", "text/tmpl")
HELD = etree.XPath(
    "//textarea/text() | //script[contains(@type, 'html') or contains(@type, 'tmpl') or contains(@type, 'template')"
    " or contains(@type, 'handlebars')]/text()",
    smart_strings=False,
)
MAX_HELD = 20
BASE = etree.XPath("string(//base/@href)", smart_strings=False)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption")
# A row of a list links its article, and at times its files; what holds more links is the layout.
ROW_LINKS = 3
# A row that is neither of a list nor of a table is looked for around links that may be reports, and not far.
MAX_ROW_DEPTH = 4
MAX_ROW_PARTS = 30
PROMISING = re.compile(r"公开|年报|报告|…|\.{3}")
# No list page has more links; a page that does is hostile or broken.
MAX_ANCHORS = 5000
# The column of yearly reports in the list that 国办发〔2017〕47号 fixes for the meta element ColumnType.
REPORT_COLUMN = "信息公开年报"
CUT = re.compile(r"(…|\.{3,}|。{3})\s*$")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a list; ``date`` is ISO, or empty where the row shows none, ``group`` the year that a heading names."""

    title: str
    url: str
    date: str = ""
    group: int | None = None

    @property
    def is_file(self) -> bool:
        """Whether the address names a document, not a page."""
        return bool(FILE.search(urlsplit(self.url).path))

    @property
    def _is_dated(self) -> bool:
        """Whether anything but the name of a column, or of its year, stands in the row."""
        if BARE_YEAR.match(titles.fold(self.title)):
            return False
        return bool(self.date or self.group) or is_cut(self.title) or titles.report_year(self.title) is not None

    @property
    def is_article(self) -> bool:
        """Whether the link leads to one article or file rather than to a column."""
        parts = urlsplit(self.url)
        if ARTICLE.search(parts.path) or FILE.search(parts.path) or SHOWN.search(parts.query):
            return True
        named = titles.is_report(self.title) or titles.may_be_report(self.title) or titles.is_summary(self.title)
        if not (named and self._is_dated):
            return False
        if FOLDER.search(parts.path) or "." not in parts.path.rsplit("/", 1)[-1]:
            # Columns of a year are called after it and no more.
            return titles.column_year(self.title) is None and titles.report_year(self.title) is not None
        return True


class Links(dict[str, Link]):
    """The links found so far, keyed by canonical address, so that twins count once."""

    def add(self, links: Iterable[Link]) -> int:
        """Add links and return how many were new; a mobile twin gives way to its page, a picture to words."""
        before = len(self)
        for link in links:
            key = canonical(link.url)
            if key not in self or MOBILE.search(self[key].url) or not self[key].title:
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


@once
def anchors(page: Page) -> Sequence[Link]:
    """Return all links of a page, also those that a script writes, with absolute addresses."""
    return anchors_with(page)


def anchors_with(page: Page, only: re.Pattern[str] | None = None) -> Sequence[Link]:
    """Return the links of a page, all of them or those whose address or text has something in it."""
    base = base_of(page)
    found = list(_anchors(page.root.root, base, only, page))
    for match in islice(WRITTEN.finditer(page.text), MAX_ANCHORS):
        written = match[2].replace('\\"', '"').replace("\\'", "'").replace("\\/", "/")
        if "href" in written.lower():
            found += _anchors(html.fragment_fromstring(written, create_parent=True), base, only)
    if any(mark in page.text for mark in HOLDERS):
        for markup in islice(HELD(page.root.root), MAX_HELD):
            if "href" in markup.lower():
                found += _anchors(html.fragment_fromstring(markup, create_parent=True), base, only)
    return found


@once
def articles(page: Page) -> Sequence[Link]:
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


@once
def base_of(page: Page) -> str:
    """Return what relative links resolve against: a list folder counts as a folder even without its slash."""
    base: str = urljoin(page.url, BASE(page.root.root).strip())
    parts = urlsplit(base)
    if "." in parts.path.rsplit("/", 1)[-1] or parts.query or parts.path.endswith("/"):
        return base
    return base.split("#", 1)[0] + "/"


def resolve(base: str, href: str) -> str | None:
    """Return an absolute web address, or None for what is none (scripts, mail, broken addresses)."""
    href = href.strip()
    if not href or href.startswith("#"):
        return None
    # Browsers take a backslash in a path for a slash, and portals made on Windows count on it.
    path, mark, query = href.partition("?")
    href = path.replace("\\", "/") + mark + query
    try:
        url = urljoin(base, href)
        # On the platform of 广东 the fragment is what tells columns apart.
        url = url if "/gkmlpt/" in url else url.split("#", 1)[0]
        return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname else None
    except ValueError:
        return None


def folder_of(url: str) -> str:
    """Return the host and first folder of an address, numbers made alike: what articles of one list share."""
    parts = urlsplit(url)
    return parts.netloc + re.sub(r"\d+", "0", parts.path.split("/")[1])


def date_in(text: str) -> str:
    """Return the first date of a text as ISO, or an empty string."""
    if match := DATE.search(text) or PLAIN_DATE.search(text):
        year, month, day = match.groups()
    elif match := SPLIT_DATE.search(text):
        day, year, month = match.groups()
    else:
        return ""
    return f"{year}-{int(month):02}-{int(day):02}"


def is_cut(title: str) -> bool:
    """Tell whether a list shortened a title."""
    return bool(CUT.search(title))


def _anchors(root: Element, base: str, only: re.Pattern[str] | None, page: Page | None = None) -> Iterator[Link]:
    group = None
    tabs = _tabs(root) if page and any(mark in page.text for mark in TABS) else {}
    for anchor in islice(root.iter("a", "area", *HEADINGS), MAX_ANCHORS):
        if anchor.tag in HEADINGS:
            group = _year_of(anchor, group)
            continue
        if only and not only.search(f"{anchor.get('href')} {anchor.get('onclick')} {''.join(anchor.itertext())}"):
            continue
        url = resolve(base, anchor.get("href") or "") or _opened(anchor, base, page)
        if url:
            yield Link(title_of(anchor), url, row_date(anchor), _tab_of(anchor, tabs) or _cell_year(anchor) or group)
    for click in islice(CLICKS(root), MAX_ANCHORS):
        row = click.getparent()
        if row.tag not in ("a", "area") and row.find(".//a") is None and (url := _opened(row, base, page)):
            yield Link(title_of(row), url, date_in(text_of(row)))
    if page and any(name in page.text for name in DATA_TARGETS):
        for row in islice(root.iter("li", "div", "span", "td", "tr", "dd", "p", "button"), MAX_ANCHORS):
            if (url := _in_data(row, base)) and _is_row(row) and (title := title_of(row)):
                yield Link(title, url, date_in(text_of(row)))


def _tabs(root: Element) -> dict[str, int]:
    """The years of the parts of a page that links within it are called after, by the parts' ids."""
    found = {}
    for anchor in islice(root.iter("a"), MAX_ANCHORS):
        href = anchor.get("href") or ""
        if href.startswith("#") and BARE_YEAR.match(text := titles.fold("".join(anchor.itertext()))):
            found[href[1:]] = int(text[:4])
    return found


def _tab_of(anchor: Element, tabs: dict[str, int]) -> int | None:
    if not tabs:
        return None
    return next((tabs[each] for around in anchor.iterancestors() if (each := around.get("id") or "") in tabs), None)


def _cell_year(anchor: Element) -> int | None:
    """The year at the head of the table column that a link which says no more than 查看 stands in."""
    cell = anchor.getparent()
    if cell is None or cell.tag != "td" or not WORDLESS.match(squeeze("".join(anchor.itertext()))):
        return None
    rows = next(cell.iterancestors("table"), cell).iter("tr")
    heads = [each for each in next(rows, ()) if each.tag in ("td", "th")]
    place = sum(1 for _ in cell.itersiblings("td", "th", preceding=True))
    text = titles.fold("".join(heads[place].itertext())) if place < len(heads) else ""
    return int(text[:4]) if BARE_YEAR.match(text) else None


def _year_of(heading: Element, group: int | None) -> int | None:
    """The year that a heading puts over what follows; a heading that is a link, or in a row, leaves it as it is."""
    text = titles.fold("".join(heading.itertext()))
    if BARE_YEAR.match(text):
        return int(text[:4])
    return group if not text or next(heading.iter("a"), None) is not None else None


def _opened(anchor: Element, base: str, page: Page | None = None) -> str | None:
    """The address that a click handler opens or a script reads from the link, for links without one of their own.

    A function that the handler calls may put it together; these are the ``page``'s.
    """
    script = (anchor.get("onclick") or "") + (anchor.get("href") or "")
    match = OPENED.search(script)
    if match:
        return resolve(base, match[1] or match[2])
    if page and CALLS.search(script) and (target := address(page, script)):
        return resolve(base, target)
    return _in_data(anchor, base)


def _is_row(element: Element) -> bool:
    """Tell whether an element can be one row of a list: it holds few others, and no link."""
    parts = [part.tag for part in islice(element.iter(), MAX_ROW_PARTS)]
    return len(parts) < MAX_ROW_PARTS and "a" not in parts


def _in_data(element: Element, base: str) -> str | None:
    return resolve(base, next(filter(None, map(element.get, DATA_TARGETS)), ""))


def text_of(element: Element) -> str:
    """Return the text of an element, its parts kept apart, its runs of white space made one blank."""
    return squeeze(" ".join(element.itertext()))


def title_of(anchor: Element) -> str:
    """Return a link's title: the title attribute, unless the shown text says more; a date beside it is taken off.

    A link that only says what it does (查看) is called after its row.
    """
    shown = squeeze("".join(anchor.itertext())) or next(
        (squeeze(image.get("alt") or "") for image in anchor.iter("img")), ""
    )
    shown = EDGE_DATE.sub("", shown).strip()
    titled = (each.get("title") for each in anchor.iter() if each.get("title"))
    named = squeeze(next(titled, None) or "")
    title = named if len(named) >= len(CUT.sub("", shown)) else shown
    # A title cut by bytes ends in half a character.
    title = re.sub("�+(…|\\.{3})?$", "…", title)
    if not WORDLESS.match(title):
        return title
    row = _row(anchor)
    if row is None:
        return title
    if sum(1 for _ in row.iter("a")) > ROW_LINKS:
        # One row of a table may have a unit's reports of all years.
        return _head(row) or title
    rest = " ".join(part for part in map(squeeze, row.itertext()) if part and not WORDLESS.match(part))
    return EDGE_DATE.sub("", rest).strip() or title


def _head(row: Element) -> str:
    """What stands in a table row's first cell, empty where that links something, and for rows of other kinds."""
    first = next(row.iter("td", "th"), None) if row.tag == "tr" else None
    return "" if first is None or next(first.iter("a"), None) is not None else text_of(first)


def row_date(anchor: Element) -> str:
    """Return the date beside a link, in the innermost row that holds few other links, or an empty string."""
    for row in (_row(anchor), anchor.getparent()):
        if row is None or sum(1 for _ in islice(row.iter("a"), ROW_LINKS + 1)) > ROW_LINKS:
            continue
        if found := date_in(text_of(row)):
            return found
    return _date_around(anchor) if PROMISING.search("".join(anchor.itertext())) else ""


def _date_around(anchor: Element) -> str:
    """The date in the innermost element around a link that leads nowhere else: rows may be of any element."""
    own = anchor.get("href")
    for around in islice(anchor.iterancestors(), MAX_ROW_DEPTH):
        if any(other.get("href") != own for other in around.iter("a")):
            return ""
        if found := date_in(text_of(around)):
            return found
    return ""


def _row(anchor: Element) -> Element | None:
    return next(anchor.iterancestors("li", "tr", "dd", "dt"), None)
