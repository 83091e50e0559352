"""Lists that are pages: next links are followed, else the claimed pages are addressed in a form found by trial."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.families import webforms
from crawler.families.jsonlist import in_scripts
from crawler.families.links import OPENED, articles, base_of, canonical, resolve
from crawler.families.reading import MAX_PAGES, Ask, End, attempt
from crawler.page import squeeze

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from crawler.families.links import Link, Links
    from crawler.families.reading import Reading
    from crawler.page import Page

    Items = Callable[[Page], Sequence[Link]]
    # What asks for page n, an address or a whole request, or None where a list has no place for a number.
    Form = Callable[["Claim", int], str | Ask | None]

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
SAID = re.compile(r"共(?:有|计)?(\d{1,4})页|\d{1,4}/(?:共)?(\d{1,4})页|(?:页次|总页数|页数)[:：](?:\d+/)?(\d{1,4})")
# A count of rows says something of the pages only beside a pager.
ROWS_SAID = re.compile(r"共(?:有|计)?(\d{1,6})(?:条|篇|项)(?=.{0,12}(?:每页|页|转到|跳转))")
PAGE_ROWS = re.compile(r"每页(?:显示)?(\d{1,3})(?:条|篇|项)|(\d{1,3})(?:条|篇|项)/页")
# Addresses that a script puts together: what stands before the number and after it.
MADE = re.compile(
    r"""["']([^"'\s<>]{0,120}?)["']\s*\+\s*\(?\w{1,20}(?:\s*[-+]\s*1\s*\))?\s*(?:\+\s*["']([^"'\s<>]{0,60})["'])?"""
)
LAST = re.compile(r"^(尾页|末页|最后一?页|last)$", re.IGNORECASE)
LAST_NUMBER = re.compile(r"\(\s*[\"']?(\d{1,4})\b|[_=/](\d{1,4})(?:\.\w+)?[\"']?\)?;?$")

TURNING = re.compile(
    r"^(\[?\d{1,4}\]?|[首尾末]页|[上下前后]一?页|共?\d*页|第|页|转到|跳转|go|\.{2,}|…|[<>«»|/]+|\d+/\d+)$",
    re.IGNORECASE,
)
# A pager has no more parts than these; scripts that put addresses together are short.
MAX_PAGER = 60
MAX_SCRIPT = 100_000
MAX_FORMS = 6
# A browser that has turned a list's pages puts this meta element on the page that holds them all.
TURNED = "gongkai-turned"
NEXT = re.compile(r"^[\[<【(\s]*(下一?[页頁]|后一?页|>|>>|»|›|→|next( page)?)\s*[\]】)>»›→]*$", re.IGNORECASE)
SCRIPT_CALL = re.compile(r"\w\s*\(")
PAGE_PARAMETER = re.compile(
    r"^(cur_?|current)?_?(page|pageno|pagenum|pagenumber|pageindex|current|currpage|p|pp|pn|pg)$", re.IGNORECASE
)
# Signs of a list that only a script or an endpoint fills.
SCRIPTED = re.compile(
    r"_isAgg|/searchList/|jpaas-publish-server|/gkmlpt/|window\._CONFIG|Ls\.ajax|publicInfoList|getMessage\.do|EWB-FRONT"
    r"|loadDynamic\(|articleCommonController|api\.hunan\.gov\.cn|\$\.(ajax|get|post|getJSON)\(|axios\.|fetch\("
    r"|new Vue\(|XMLHttpRequest|<div id=[\"']?(app|root|__nuxt|__next)[\"']?>\s*</div>"
)


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


def in_path(claim: Claim, page: int) -> str | None:
    """Page 2 is .../p/2.html of a list that is a script's path."""
    if "index.php" not in claim.url and "/list/" not in claim.url:
        return None
    return re.sub(r"(?:/p/\d+)?(\.\w+)?$", rf"/p/{page}\1", claim.url.partition("?")[0], count=1)


def in_query(claim: Claim, page: int) -> str | None:
    """Page 2 of list/?76_1.html is list/?76_2.html."""
    turned, changed = re.subn(r"(\?\d+)(?:_\d+)?(\.\w+)$", rf"\g<1>_{page}\2", claim.url)
    return turned if changed else None


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
    claim = _claim(page)
    return replace(claim, made=_made(page)) if claim and claim.pages > 1 else claim


def _made(page: Page) -> tuple[tuple[str, str], ...]:
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
    number = _from_rows(page) or _last_number(page)
    return Claim(number, folder, stem, ext, page.url) if number else None


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


def _own_file(url: str) -> tuple[str, str, str]:
    """Split an address into its folder, stem and extension; a folder's own file is index.html."""
    parts = urlsplit(url)
    head, _, last = parts.path.rpartition("/")
    stem, dot, ext = last.rpartition(".")
    if not dot:
        head, stem, ext = (f"{head}/{last}" if last else head), "index", "html"
    return urlunsplit((parts.scheme, parts.netloc, f"{head}/", "", "")), stem, ext


def _in_made(number: int, shift: int) -> Form:
    def form(claim: Claim, page: int) -> str | None:
        if number >= len(claim.made):
            return None
        before, after = claim.made[number]
        return f"{before}{page + shift}{after}"

    return form


# What a page's own scripts put together is tried first.
MADE_FORMS: tuple[Form, ...] = tuple(_in_made(number, shift) for number in range(3) for shift in (0, -1))
PAGE = by_parameter("page")
# What lists of any family may turn out to use.
USUAL: tuple[Form, ...] = (
    *(own_parameter, zero_based, one_based, PAGE, by_parameter("pageNum"), descending, bare, in_path, in_query),
    *map(by_parameter, ("pageNo", "pageIndex", "currentPage", "p")),
)


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

    def rows(page: Page) -> Sequence[Link]:
        return items(page) or in_scripts(page)

    if not found.add(rows(page)):
        return nothing_on(page)
    if turned := page.meta(TURNED):
        return End("", f"{turned} pages turned in a browser, and the last has no next")
    if next_ask(page):
        return (yield from follow(page, found, rows))
    claim = claim_of(page)
    sent = by_sending(page)
    if claim and claim.pages > 1:
        every = (*sent, *forms, *MADE_FORMS, *USUAL) if forms else sent
        return (yield from numbered(claim, page, found, every, rows))
    if claim is None and has_scripted_next(page):
        return (yield from stepped(page, found, sent, rows))
    return End("", "one page, and its pager claims no second" if claim else "one page, without a pager or a next link")


def nothing_on(page: Page) -> End:
    """Return how a list without an article ended: filled by a script, or empty."""
    if sign := SCRIPTED.search(page.text):
        return End("js_list", f"the list of {page.url} is filled by a script ({sign[0]})")
    return End("empty_list", f"no article is linked from {page.url}")


def next_ask(page: Page, number: int = 1) -> Ask | None:
    """Return what the next link of a page asks for, or the link to the page after ``number``; None on a last page."""
    numbered = None
    for element in page.root.root.iter("a", "area", "button", "input", "option"):
        shown = _shown(element)
        if NEXT.match(shown):
            if ask := _asked(element, page):
                return ask
        elif numbered is None and shown.strip("[]第页 ") == str(number + 1) and _in_pager(element):
            numbered = _asked(element, page)
    return numbered


def _shown(element: Any) -> str:
    """What a link or button of a pager shows, be it a picture."""
    words = squeeze("".join(element.itertext())) or next((image.get("alt") or "" for image in element.iter("img")), "")
    return words or squeeze(element.get("title") or element.get("value") or "")


def _in_pager(element: Any) -> bool:
    """Tell whether a number stands among those of other pages: 1 2 3, and nothing else."""
    around = element.getparent()
    for _ in range(3):
        if around is None:
            return False
        parts = [part for part in re.split(r"\s+", " ".join(around.itertext())) if part]
        if len(parts) > 1:
            return len(parts) <= MAX_PAGER and sum(bool(TURNING.match(part)) for part in parts) * 2 > len(parts)
        around = around.getparent()
    return False


def _asked(element: Any, page: Page) -> Ask | None:
    """What an element of a pager asks for; None for scripts and for the page itself."""
    base, here = base_of(page), canonical(page.url)
    href = element.get("href") or (element.get("value") or "" if element.tag == "option" else "")
    if element.tag == "option" and not re.search(r"[./?]", href):
        return None
    opened = OPENED.search((element.get("onclick") or "") + href)
    for target in (href, opened and (opened[1] or opened[2])):
        url = resolve(base, target) if target else None
        if url and canonical(url) != here:
            return Ask(url)
    return webforms.postback(page, href)


def has_scripted_next(page: Page) -> bool:
    """Tell whether a page has a next link that calls a script."""
    for anchor in page.root.root.iter("a", "button", "input", "span", "li"):
        action = (anchor.get("onclick") or "") + (anchor.get("href") or "").partition("javascript:")[2]
        if SCRIPT_CALL.search(action.replace("void(0)", "")) and NEXT.match(_shown(anchor)):
            return True
    return False


def follow(page: Page, found: Links, items: Items) -> Reading:
    """Follow next links to the page that has none, or to the last that the list claims; fewer pages are a fault."""
    claim = claim_of(page)
    for number in range(1, MAX_PAGES + 1):
        if claim and claim.pages == number > 1:
            return End("", f"{number} of {number} pages read")
        ask = next_ask(page, number)
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


def by_sending(page: Page) -> tuple[Form, ...]:
    """Return the forms in which a page's own HTML forms are sent with the number of the page that is wanted."""

    def form(sheet: webforms.Sheet) -> Form:
        return lambda _claim, number: sheet.ask(number)

    return tuple(map(form, webforms.sheets(page, PAGE_PARAMETER)))


def stepped(first: Page, found: Links, forms: Sequence[Form], items: Items) -> Reading:
    """Read a list whose next link is a script, without a count of pages, to the page that has no such link."""
    claim = replace(Claim(MAX_PAGES, *_own_file(first.url), first.url), made=_made(first))
    form, page = yield from _second(claim, first, found, (*forms, *MADE_FORMS) if claim.made else forms, items)
    if form is None or page is None:
        return End("paging_stuck", f"the next link of {first.url} is a script, and no count of pages is given")
    for number in range(3, MAX_PAGES + 1):
        if not has_scripted_next(page) and next_ask(page) is None:
            return End("", f"page {number - 1} is the last: it has no next link")
        ask = _as_ask(form(claim, number))
        following = yield from attempt(ask)
        if following is None or not found.add(items(following)):
            return End("paging_stuck", f"page {number} brought nothing new: {ask.url}")
        page = following
    return End("budget_exhausted", f"{MAX_PAGES} pages were read, and there are more after {page.url}")


def _as_ask(wanted: str | Ask | None) -> Ask:
    return wanted if isinstance(wanted, Ask) else Ask(wanted or "")


def _second(
    claim: Claim, first: Page, found: Links, forms: Sequence[Form], items: Items
) -> Generator[Ask, Page, tuple[Form | None, Page | None]]:
    """Find the form in which page 2 is asked for, and read it.

    It brings something new, and links into a folder that page 1 links into, unlike a polite page of errors.
    """
    tried: set[Ask] = set()
    folders = {_folder(link.url) for link in items(first)}
    for form in forms:
        ask = _as_ask(form(claim, 2))
        if not ask.url or ask in tried:
            continue
        tried.add(ask)
        page = yield from attempt(ask)
        links = items(page) if page else []
        if folders & {_folder(link.url) for link in links} and found.add(links):
            return form, page
    return None, None


def numbered(claim: Claim, first: Page, found: Links, forms: Sequence[Form], items: Items = articles) -> Reading:
    """Read pages 2 to the claimed last; the form of their addresses is the first whose page 2 is one of this list."""
    form, _ = yield from _second(claim, first, found, forms, items)
    if form is None:
        return End("paging_stuck", f"page 2 of {claim.pages} was found under no known address in {claim.folder}")
    for number in range(3, min(claim.pages, MAX_PAGES) + 1):
        ask = _as_ask(form(claim, number))
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
