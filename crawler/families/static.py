"""The fallback for lists of no known family: read the pager before guessing, try addresses, compare what they bring.

In this order: a next link (下一页), a pager call, 共N页 with trial of the usual addresses. A page that brings nothing
new is never taken for the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import pager
from crawler.families.links import articles, base_of, canonical, resolve
from crawler.families.reading import MAX_PAGES, Ask, End, attempt
from crawler.page import squeeze

if TYPE_CHECKING:
    from crawler.families.links import Link, Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "static"

NEXT = re.compile(r"^(下一?[页頁]|后一页|>|>>|»|›|next( page)?)\s*[>»›]*$", re.IGNORECASE)
# Signs of a list that only a script or an endpoint fills.
SCRIPTED = re.compile(
    r"_isAgg|/searchList/|jpaas-publish-server|/gkmlpt/|window\._CONFIG|Ls\.ajax|publicInfoList|getMessage\.do|EWB-FRONT"
    r"|loadDynamic\(|articleCommonController|api\.hunan\.gov\.cn|\$\.(ajax|post|getJSON)\(|axios\.|fetch\(|new Vue\("
)
FORMS = (
    pager.zero_based,
    pager.one_based,
    pager.by_page,
    pager.by_page_num,
    pager.descending,
    pager.bare,
)


def recognise(page: Page) -> bool:  # noqa: ARG001 - the fallback takes every page
    """Tell that any page will do."""
    return True


def items(page: Page) -> list[Link]:
    """Return the article links of one page, in order."""
    return articles(page)


def read(page: Page, found: Links) -> Reading:
    """Read the list along its next links, or page by page where only a count is given."""
    if not found.add(items(page)):
        return _nothing(page)
    if next_url(page):
        return (yield from _follow(page, found))
    claim = pager.claim_of(page)
    if claim is None or claim.pages <= 1:
        return End("", "one page, without a pager or a next link")
    return (yield from pager.numbered(claim, found, items, FORMS))


def next_url(page: Page) -> str | None:
    """Return the address of the next page by its link's text, or None on a last page."""
    here = canonical(page.url)
    for anchor in page.root.xpath("//a[@href]"):
        shown = squeeze(anchor.xpath("string()").get("")) or squeeze(anchor.attrib.get("title", ""))
        url = resolve(base_of(page), anchor.attrib["href"]) if NEXT.match(shown) else None
        if url and canonical(url) != here:
            return url
    return None


def _follow(page: Page, found: Links) -> Reading:
    claim = pager.claim_of(page)
    for number in range(1, MAX_PAGES + 1):
        url = next_url(page)
        if url is None:
            if claim and claim.pages > number:
                return End("paging_stuck", f"page {number} of {claim.pages} has no next link: {page.url}")
            return End("", f"page {number} is the last: it has no next link")
        if number == MAX_PAGES:
            break
        following = yield from attempt(Ask(url))
        if following is None or not found.add(items(following)):
            return End("paging_stuck", f"page {number + 1} brought nothing new: {url}")
        page = following
    return End("budget_exhausted", f"{MAX_PAGES} pages were read, and there are more after {page.url}")


def _nothing(page: Page) -> End:
    if sign := SCRIPTED.search(page.text):
        return End("js_list", f"the list of {page.url} is filled by a script ({sign[0]})")
    return End("empty_list", f"no article is linked from {page.url}")
