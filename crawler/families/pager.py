"""Lists that are pages: next links are followed, else the claimed pages are addressed in a form found by trial."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler import titles
from crawler.families import webforms
from crawler.families.calls import called
from crawler.families.claims import Claim, claim_of, has_unread_pager, made, own_file
from crawler.families.jsonlist import in_scripts
from crawler.families.links import DATA_TARGETS, MAX_ANCHORS, OPENED, articles, base_of, canonical, folder_of, resolve
from crawler.families.reading import MAX_PAGES, Ask, End, attempt
from crawler.families.signs import in_pager, sign_of_more, stands_in_pager
from crawler.page import squeeze

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from crawler.families.links import Link, Links
    from crawler.families.reading import Reading
    from crawler.page import Page

    Items = Callable[[Page], Sequence[Link]]
    # What asks for page n, an address or a whole request, or None where a list has no place for a number.
    Form = Callable[["Claim", int], str | Ask | None]


MAX_TITLE = 80
# A browser that has turned a list's pages puts this meta element on the page that holds them all.
TURNED = "gongkai-turned"
NEXT = re.compile(r"^[\[<【(\s]*(下一?[页頁]|后一?页|[>＞»›→▶》]{1,2}|next( page)?)\s*[\]】)>＞»›→]*$", re.IGNORECASE)
MARKED_NEXT = re.compile(r"(?:p|pg|page|btn)?[-_]?next(?:[-_]?page)?", re.IGNORECASE)
# What brings further rows into the page itself, bound by a script that may stand anywhere.
LOADS_MORE = re.compile(r"^(点击|上拉|下拉)?(继续)?加载(更多|下一页)|^(点击)?(查看|显示|展开|浏览)更多[>»\s]*$")
ICON = re.compile(r"(?:^|[-_])(?:right|next)$", re.IGNORECASE)
ASKS = ("$.get", "$.post", "$.ajax", "jQuery.", "fetch(", "axios")
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
    # The path may stand in the query: index.php?s=/List/index/cid/15.html.
    path = claim.url if "?s=/" in claim.url else claim.url.partition("?")[0]
    return re.sub(r"(?:/p/\d+)?(\.\w+)?$", rf"/p/{page}\1", path, count=1)


def own_number(claim: Claim, page: int) -> str | None:
    """Page 2 is column-2.html of a list that is column-1.html, or column-1.html of one that is column-0.html."""
    match = re.search(r"([-_/])([01])(\.\w+)?$", claim.url)
    return f"{claim.url[: match.start()]}{match[1]}{int(match[2]) + page - 1}{match[3] or ''}" if match else None


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
    query = urlencode(dict(parse_qsl(parts.query, keep_blank_values=True)) | parameters, safe="/")
    return urlunsplit((*parts[:3], query, ""))


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
# What is tried where nothing says that there is a page 2.
LIKELY: tuple[Form, ...] = (own_parameter, own_number, zero_based, one_based, PAGE)
# What lists of any family may turn out to use.
USUAL: tuple[Form, ...] = (
    *(
        own_parameter,
        own_number,
        zero_based,
        one_based,
        PAGE,
        by_parameter("pageNum"),
        descending,
        bare,
        in_path,
        in_query,
    ),
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
        return (yield from called(page, found, PAGE_PARAMETER)) or nothing_on(page)
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
    return (yield from _one_page(page, claim, found, rows))


def _one_page(page: Page, claim: Claim | None, found: Links, items: Items) -> Reading:
    if claim:
        return End("", "one page, and its pager claims no second")
    if loads_more(page):
        more = End("paging_stuck", f"{page.url} loads further rows by a script, and no count of rows is given")
        return (yield from called(page, found, PAGE_PARAMETER)) or more
    if has_unread_pager(page):
        more = End("paging_stuck", f"a script draws the pager of {page.url}, and no count of pages can be read")
        return (yield from sought(page, found, items)) or more
    if any(mark in page.text for mark in ASKS):
        before = len(found)
        end = yield from called(page, found, PAGE_PARAMETER)
        if end and len(found) > before:
            return end
    if sign := sign_of_more(page):
        more = End("paging_stuck", f"{page.url} links no further page, and shows {sign}")
        return (yield from sought(page, found, items)) or more
    return End("", "one page, without a pager or a next link")


def sought(first: Page, found: Links, items: Items) -> Generator[Ask, Page, End | None]:
    """Look for a page 2 where nothing links or counts one, and read on to the page after which there is none.

    None where there is none, which proves nothing. The list of one year is not worth the requests.
    """
    if len({titles.report_year(link.title) for link in items(first)}) < 2:
        return None
    claim = replace(Claim(MAX_PAGES, *own_file(first.url), first.url), made=made(first))
    form, page = yield from _second(claim, first, found, (*MADE_FORMS, *LIKELY), items)
    if form is None or page is None:
        return None
    sizes = [len(items(first)), len(items(page))]
    for number in range(3, MAX_PAGES + 1):
        ask = _as_ask(form(claim, number))
        page = yield from attempt(ask)
        if page is None:
            return End("", f"page {number - 1} is the last: page {number} does not exist")
        if not found.add(items(page)):
            if not items(page) and sizes[-1] < sizes[0]:
                return End("", f"page {number - 1} is the last: it is shorter, and page {number} is empty")
            return End("paging_stuck", f"page {number} brought nothing new: {ask.url}")
        sizes.append(len(items(page)))
    return End("budget_exhausted", f"{MAX_PAGES} pages were read, and there are more of {first.url}")


def nothing_on(page: Page) -> End:
    """Return how a list without an article ended: filled by a script, opened by one, or empty."""
    if sign := SCRIPTED.search(page.text):
        return End("js_list", f"the list of {page.url} is filled by a script ({sign[0]})")
    if title := _unlinked(page):
        return End("js_list", f"the addresses of what {page.url} lists are made by a script ({title})")
    return End("empty_list", f"no article is linked from {page.url}")


def _unlinked(page: Page) -> str:
    """A report's title that leads nowhere, as its handler is defined elsewhere; empty where there is none."""
    for element in islice(page.root.root.iter("a", "li", "tr", "dd"), MAX_ANCHORS):
        shown = squeeze("".join(element.itertext()))
        if len(shown) < MAX_TITLE and titles.is_report(shown) and titles.report_year(shown):
            anchors = (element,) if element.tag == "a" else tuple(element.iter("a"))
            if not any(resolve(base_of(page), anchor.get("href") or "") for anchor in anchors):
                return shown
    return ""


def loads_more(page: Page) -> bool:
    """Tell whether a page has a button that brings further rows into it."""
    elements = page.root.root.iter("a", "button", "input", "span", "div", "p", "li")
    return ("加载" in page.text or "更多" in page.text) and any(
        LOADS_MORE.match(squeeze(element.text or element.get("value") or "")) and not _leads_on(element, page)
        for element in elements
    )


def _leads_on(element: Any, page: Page) -> bool:
    """Tell whether an element is a link, or part of one, that has an address."""
    link = element if element.get("href") else next(element.iterancestors("a"), element)
    return resolve(base_of(page), link.get("href") or "") is not None


def next_ask(page: Page, number: int = 1) -> Ask | None:
    """Return what the next link of a page asks for, or the link to the page after ``number``; None on a last page."""
    numbered = None
    for element in page.root.root.iter("a", "area", "button", "input", "option"):
        shown = _shown(element)
        if NEXT.match(shown) or (not shown and (_is_marked_next(element) or _is_icon(element))):
            if ask := _asked(element, page):
                return ask
        elif numbered is None and shown.strip("[]第页 ") == str(number + 1) and in_pager(element):
            numbered = _asked(element, page)
    return numbered


def _is_marked_next(element: Any) -> bool:
    """Tell whether a link without words is the next one by its relation or class, or by that of the item it is in."""
    around = element.getparent()
    marks = (
        f"{element.get('rel') or ''} {element.get('class') or ''} {'' if around is None else around.get('class') or ''}"
    )
    return any(MARKED_NEXT.fullmatch(mark) for mark in marks.split())


def _is_icon(element: Any) -> bool:
    """Tell whether a link of a pager shows nothing but an arrow to the right that a style sheet draws."""
    marks = " ".join(part.get("class") or "" for part in element.iter("i", "em", "b", "span"))
    return bool(marks) and any(map(ICON.search, marks.split())) and stands_in_pager(element)


def _shown(element: Any) -> str:
    """What a link or button of a pager shows, be it a picture."""
    words = squeeze("".join(element.itertext())) or next((image.get("alt") or "" for image in element.iter("img")), "")
    return words or squeeze(element.get("title") or element.get("value") or "")


def _asked(element: Any, page: Page) -> Ask | None:
    """What an element of a pager asks for; None for scripts and for the page itself."""
    base, here = base_of(page), canonical(page.url)
    href = element.get("href") or (element.get("value") or "" if element.tag == "option" else "")
    if element.tag == "option" and not re.search(r"[./?]", href):
        return None
    opened = OPENED.search((element.get("onclick") or "") + href)
    kept = next(filter(None, map(element.get, DATA_TARGETS)), "")
    for target in (href, opened and (opened[1] or opened[2]), kept):
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
            stuck = End("paging_stuck", f"page {number + 1} brought nothing new: {ask.url}")
            return stuck if number > 1 else (yield from _beside(ask, page, following, found, items)) or stuck
        page = following
    return End("budget_exhausted", f"{MAX_PAGES} pages were read, and there are more after {page.url}")


def _beside(
    ask: Ask, page: Page, following: Page | None, found: Links, items: Items
) -> Generator[Ask, Page, End | None]:
    """Read a list whose first page has a next link that brings nothing: it is the only one, or the link is wrong."""
    if following and claim_of(page) is None and _leads_to_itself(ask, page, following, items):
        return End("", f"one page, and its next link leads to it again: {ask.url}")
    return (yield from sought(page, found, items))


def _leads_to_itself(ask: Ask, page: Page, following: Page, items: Items) -> bool:
    """Tell whether the next link of a first page asks for that page, and brought its rows; it then has no other."""
    if ask.method != "GET" or {canonical(link.url) for link in items(page)} ^ {
        canonical(link.url) for link in items(following)
    }:
        return False
    before, after = (dict(parse_qsl(urlsplit(url).query)) for url in (page.url, ask.url))
    if urlsplit(page.url).path != urlsplit(ask.url).path:
        return False
    added = {name: value for name, value in after.items() if before.get(name) != value}
    first = "0" if f"{next(iter(added), 'page')}=0" in page.text else "1"
    return all(PAGE_PARAMETER.match(name) and value in ("0", first) for name, value in added.items())


def by_sending(page: Page) -> tuple[Form, ...]:
    """Return the forms in which a page's own HTML forms are sent with the number of the page that is wanted."""

    def form(sheet: webforms.Sheet) -> Form:
        return lambda _claim, number: sheet.ask(number)

    return tuple(map(form, webforms.sheets(page, PAGE_PARAMETER)))


def stepped(first: Page, found: Links, forms: Sequence[Form], items: Items) -> Reading:
    """Read a list whose next link is a script, without a count of pages, to the page that has no such link."""
    claim = replace(Claim(MAX_PAGES, *own_file(first.url), first.url), made=made(first))
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
    folders = {folder_of(link.url) for link in items(first)}
    for form in forms:
        ask = _as_ask(form(claim, 2))
        if not ask.url or ask in tried:
            continue
        tried.add(ask)
        page = yield from attempt(ask)
        links = items(page) if page else []
        if folders & {folder_of(link.url) for link in links} and found.add(links):
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
