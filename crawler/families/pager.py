"""Lists that are pages: next links are followed, else the claimed pages are addressed in a form found by trial."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.families import webforms
from crawler.families.links import articles, base_of, canonical, resolve
from crawler.families.reading import MAX_PAGES, Ask, End, attempt
from crawler.page import squeeze

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.families.links import Link, Links
    from crawler.families.reading import Reading
    from crawler.page import Page

    Items = Callable[[Page], list[Link]]
    # The address of page n, or None where a list's own address has no place for a number.
    Form = Callable[["Claim", int], str | None]

# TRS: total, current (0-based), stem, extension. UCAP: element, total, current, stem, extension, rows.
TRS_CALL = re.compile(r"""createPage(?:HTML)?\(\s*(\d{1,6})\s*,\s*\d+\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']""")
UCAP_CALL = re.compile(
    r"""createPageHTML\(\s*["'][\w-]*["']\s*,\s*(\d{1,6})\s*,\s*\d+\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']"""
)
COUNT = re.compile(r"var\s+countPage\s*=\s*(\d{1,6})")
COUNT_STEM = re.compile(r"""["']([\w-]{1,40})_["']\s*\+\s*\w+\s*\+\s*\\?["']\.(\w{1,6})""")
# Calls that give pages, or rows and rows a page: TRS's Pager({size: pages}), VSB's jump box, 淮安's nsetpage.
PAGES_CALL = re.compile(
    r"""\bPager\(\s*\{[^}]{0,200}?\bsize["']?\s*:\s*["']?(\d{1,6})|_simple_list_gotopage_fun\(\s*(\d{1,6})"""
)
ROWS_CALL = re.compile(r"\bnsetpage\(\s*\d+\s*,\s*(\d{1,9})\s*,\s*([1-9]\d{0,6})")
SAID = re.compile(r"共(\d{1,4})页|\d{1,4}/(\d{1,4})页|(?:页次|总页数)[:：](?:\d+/)?(\d{1,4})")

# A browser that has turned a list's pages puts this meta element on the page that holds them all.
TURNED = "gongkai-turned"
NEXT = re.compile(r"^(下一?[页頁]|后一页|>|>>|»|›|next( page)?)\s*[>»›]*$", re.IGNORECASE)
SCRIPT_CALL = re.compile(r"\w\s*\(")
PAGE_PARAMETER = re.compile(r"^(cur_?|current)?_?(page|pageno|pagenum|pageindex|current|p|pp)$", re.IGNORECASE)
# Signs of a list that only a script or an endpoint fills.
SCRIPTED = re.compile(
    r"_isAgg|/searchList/|jpaas-publish-server|/gkmlpt/|window\._CONFIG|Ls\.ajax|publicInfoList|getMessage\.do|EWB-FRONT"
    r"|loadDynamic\(|articleCommonController|api\.hunan\.gov\.cn|\$\.(ajax|post|getJSON)\(|axios\.|fetch\(|new Vue\("
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a list's first page says of its pages: how many there are, the files they are in, its own address."""

    pages: int
    folder: str
    stem: str
    ext: str
    url: str = ""

    def file(self, name: str) -> str:
        """Return the address of a file in the list's folder."""
        return f"{self.folder}{name}.{self.ext}"


def zero_based(claim: Claim, page: int) -> str:
    """Page 2 is index_1."""
    return claim.file(f"{claim.stem}_{page - 1}")


def one_based(claim: Claim, page: int) -> str:
    """Page 2 is index_2."""
    return claim.file(f"{claim.stem}_{page}")


def descending(claim: Claim, page: int) -> str:
    """Page 2 of N is <stem>/<N-1>, counted from the end."""
    return claim.file(f"{claim.stem}/{claim.pages + 1 - page}")


def bare(claim: Claim, page: int) -> str:
    """Page 2 is 2.html."""
    return claim.file(str(page))


def by_parameter(name: str, first: int = 1) -> Form:
    """Return the form in which a parameter of the list's own address counts its pages from ``first``."""

    def form(claim: Claim, page: int) -> str:
        return with_parameters(claim.url, {name: str(page - 1 + first)})

    return form


def own_parameter(claim: Claim, page: int) -> str | None:
    """Page 2 is 2 in the parameter that the list's own address counts with, if it has one."""
    named = (name for name, value in parse_qsl(urlsplit(claim.url).query) if PAGE_PARAMETER.match(name))
    name = next(named, None)
    return with_parameters(claim.url, {name: str(page)}) if name else None


def parameter(url: str, name: str) -> str:
    """Return the value of a parameter of an address, or an empty string."""
    return dict(parse_qsl(urlsplit(url).query)).get(name, "")


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    """Return an address with some of its query's parameters set."""
    parts = urlsplit(url)
    query = urlencode(dict(parse_qsl(parts.query, keep_blank_values=True)) | parameters)
    return urlunsplit((*parts[:3], query, ""))


def claim_of(page: Page) -> Claim | None:
    """Return what a page claims of its pages, or None where it has no pager call and states no count."""
    folder, stem, ext = _own_file(page.url)
    for call in (TRS_CALL, UCAP_CALL):
        if match := call.search(page.text):
            return Claim(int(match[1]), folder, match[2], match[3], page.url)
    if match := COUNT.search(page.text):
        named = COUNT_STEM.search(page.text)
        return Claim(int(match[1]), folder, named[1] if named else stem, named[2] if named else ext, page.url)
    if match := ROWS_CALL.search(page.text):
        return Claim(-(-int(match[1]) // int(match[2])), folder, stem, ext, page.url)
    if match := PAGES_CALL.search(page.text) or SAID.search(page.prose):
        return Claim(int(next(filter(None, match.groups()))), folder, stem, ext, page.url)
    return None


def _own_file(url: str) -> tuple[str, str, str]:
    """Split an address into its folder, stem and extension; a folder's own file is index.html."""
    parts = urlsplit(url)
    head, _, last = parts.path.rpartition("/")
    stem, dot, ext = last.rpartition(".")
    if not dot:
        head, stem, ext = (f"{head}/{last}" if last else head), "index", "html"
    return urlunsplit((parts.scheme, parts.netloc, f"{head}/", "", "")), stem, ext


PAGE = by_parameter("page")
# What lists of any family may turn out to use.
USUAL: tuple[Form, ...] = (own_parameter, zero_based, one_based, PAGE, by_parameter("pageNum"), descending, bare)


@dataclass(frozen=True, slots=True)
class Paged:
    """A family whose lists are pages and need nothing else: ``mark`` is searched for in address and text."""

    name: str
    mark: re.Pattern[str]
    forms: tuple[Form, ...]

    def recognise(self, page: Page) -> bool:
        """Tell whether a list page bears the family's mark."""
        return bool(self.mark.search(page.url) or self.mark.search(page.text))

    def read(self, page: Page, found: Links) -> Reading:
        """Read the list along its next links, else in one of the family's forms."""
        return (yield from walk(page, found, self.forms))


def walk(page: Page, found: Links, forms: Sequence[Form], items: Items = articles) -> Reading:
    """Read a list along its next links, or page by page where only a count is given.

    Pages are addressed in the family's forms, then in the usual ones; a family without forms has addresses that cannot
    be worked out.
    """
    if not found.add(items(page)):
        return nothing_on(page)
    if turned := page.meta(TURNED):
        return End("", f"{turned} pages turned in a browser, and the last has no next")
    if next_ask(page):
        return (yield from follow(page, found, items))
    claim = claim_of(page)
    if claim and claim.pages > 1:
        return (yield from numbered(claim, page, found, (*forms, *USUAL) if forms else (), items))
    if claim is None and has_scripted_next(page):
        return End("paging_stuck", f"the next link of {page.url} is a script, and no count of pages is given")
    return End("", "one page, and its pager claims no second" if claim else "one page, without a pager or a next link")


def nothing_on(page: Page) -> End:
    """Return how a list without an article ended: filled by a script, or empty."""
    if sign := SCRIPTED.search(page.text):
        return End("js_list", f"the list of {page.url} is filled by a script ({sign[0]})")
    return End("empty_list", f"no article is linked from {page.url}")


def next_ask(page: Page) -> Ask | None:
    """Return what the next link of a page asks for, or None on a last page."""
    base, here = base_of(page), canonical(page.url)
    for anchor in page.root.xpath("//a[@href]"):
        shown = squeeze(anchor.xpath("string()").get("")) or squeeze(anchor.attrib.get("title", ""))
        if not NEXT.match(shown):
            continue
        url = resolve(base, anchor.attrib["href"])
        if url and canonical(url) != here:
            return Ask(url)
        if posted := webforms.postback(page, anchor.attrib["href"]):
            return posted
    return None


def has_scripted_next(page: Page) -> bool:
    """Tell whether a page has a next link that calls a script."""
    for anchor in page.root.xpath("//a"):
        action = anchor.attrib.get("onclick", "") + anchor.attrib.get("href", "").partition("javascript:")[2]
        if NEXT.match(squeeze(anchor.xpath("string()").get(""))) and SCRIPT_CALL.search(action.replace("void(0)", "")):
            return True
    return False


def follow(page: Page, found: Links, items: Items) -> Reading:
    """Follow next links to the page that has none; fewer pages than the list claims are a fault."""
    claim = claim_of(page)
    for number in range(1, MAX_PAGES + 1):
        ask = next_ask(page)
        if ask is None:
            if claim and claim.pages > number:
                return End("paging_stuck", f"page {number} of {claim.pages} has no next link: {page.url}")
            return End("", f"page {number} is the last: it has no next link")
        if number == MAX_PAGES:
            break
        following = yield from attempt(ask)
        if following is None or not found.add(items(following)):
            return End("paging_stuck", f"page {number + 1} brought nothing new: {ask.url}")
        page = following
    return End("budget_exhausted", f"{MAX_PAGES} pages were read, and there are more after {page.url}")


def numbered(claim: Claim, first: Page, found: Links, forms: Sequence[Form], items: Items = articles) -> Reading:
    """Read pages 2 to the claimed last; the form of their addresses is the first whose page 2 is one of this list.

    That page brings something new, and links into a folder that page 1 links into, unlike a polite page of errors.
    """
    form = None
    tried: set[str] = set()
    folders = {_folder(link.url) for link in items(first)}
    for candidate in forms:
        url = candidate(claim, 2)
        if url is None or url in tried:
            continue
        tried.add(url)
        second = yield from attempt(Ask(url))
        links = items(second) if second else []
        if folders & {_folder(link.url) for link in links} and found.add(links):
            form = candidate
            break
    if form is None:
        return End("paging_stuck", f"page 2 of {claim.pages} was found under no known address in {claim.folder}")
    for number in range(3, min(claim.pages, MAX_PAGES) + 1):
        ask = Ask(form(claim, number) or "")
        page = yield from attempt(ask)
        if page is None or not found.add(items(page)):
            return End("paging_stuck", f"page {number} of {claim.pages} brought nothing new: {ask.url}")
    if claim.pages > MAX_PAGES:
        return End("budget_exhausted", f"{MAX_PAGES} of {claim.pages} pages of {claim.folder} were read")
    return End("", f"{claim.pages} of {claim.pages} pages read")


def _folder(url: str) -> str:
    """The host and first folder of an address, numbers made alike."""
    parts = urlsplit(url)
    return parts.netloc + re.sub(r"\d+", "0", parts.path.split("/")[1])
