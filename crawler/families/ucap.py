"""开普 UCAP: lists are static files counted from 1, or an empty shell that an endpoint fills with JSON.

Recognised by ``createPageHTML('element', total, ...)`` whose first argument is a string, by file names such as
``common_list.shtml``, by articles named in 32 hexadecimal digits, and by ``_isAgg`` in a script. Page 2 is
``common_list_2.shtml``; endpoints such as ``/searchList/<channel>`` count pages by ``page``. Known quirks: two nestings
of the reply; JSON as a string inside JSON; addresses without a scheme (``//host/...``); endpoints that answer with
HTML; around 苏州 ``loadBmData`` takes a POST and counts rows in ``allRow``.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawler.families import claims, pager
from crawler.families.jsonlist import Fields, part_of
from crawler.families.links import articles
from crawler.families.parts import Part, in_parts, rows_on
from crawler.families.reading import Ask

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.families.parts import Way
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "ucap"

STEMS = "common_list|xxgk_lists?|nav_list|list_ft|zcwj_list|zhengwu_list|common_zfxxgknb|xxgkml(?:_bm)?"
ADDRESS = re.compile(rf"/(?:{STEMS})(?:_\d+)?\.shtml")
MARK = re.compile(
    r"/c\d{6,7}[a-z]?/\d{6}/[0-9a-f]{32}\.shtml|/c\d{6,7}/c\d{6,8}/content\.s?html?|_isAgg=(true|1|0)"
    r"|(?i:id=\"ucap-content\"|<ucapcontent)|/(searchList|manuscriptList|es-search/search|getChannelList)[/?]|loadBmData"
)
ENDPOINT = re.compile(
    r"""["'](?=[^"']{0,400}(?:_isAgg|/searchList/|/manuscriptList/|/es-search/))"""
    r"""((?:https?:)?/[^"'\s]{0,200}/(?:searchList|manuscriptList|search)/\w[\w-]{0,80}(?:\?[^"'\s]{0,800})?)["']"""
    r"""|["'](/(?:searchList|manuscriptList|search)/\w[\w-]{0,80}(?:\?[^"'\s]{0,800})?)["']"""
)
CHANNEL = re.compile(
    r"""\b(?:channelId|lmCode)["']?\s*[:=]\s*["'](\w{4,64})["']"""
    r"""|name=["'](?:channelId|lmCode)["']\s+content=["'](\w{4,64})["']"""
)
# An endpoint that the channel is added to by a script.
BEFORE_CHANNEL = re.compile(r"""["']((?:[^"'\s]{0,100})?/(?:searchList|manuscriptList|search)/)["']\s*\+""")
UNIT_LIST = re.compile(r"""["']([^"'\s]{0,200}/loadBmData)["']""")
FORMS = (pager.one_based,)
FIELDS = Fields(
    title=("title", "TITLE"),
    url=("url", "URL"),
    date=("publishedTimeStr", "publishedTime", "PUBLISHED_TIME_FORMAT", "publishTime"),
    total=("total", "allRow"),
)
PAGE_SIZE = "20"


def recognise(page: Page) -> bool:
    """Tell whether a list page is one of UCAP: by its pager call, its name, its articles or its endpoint."""
    return bool(claims.UCAP_CALL.search(page.text) or ADDRESS.search(page.url) or MARK.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the list's files, or where its page has no pager the endpoint that its script names."""
    way = None if claims.UCAP_CALL.search(page.text) and articles(page) else endpoint(page)
    if way is None:
        return (yield from pager.walk(page, found, FORMS))
    found.add(articles(page))
    return (yield from in_parts((way,), _part, found, size=int(PAGE_SIZE)))


def endpoint(page: Page) -> Way | None:
    """Return how to ask for the pages of a list that a script fills, or None where no script names an endpoint."""
    if unit := UNIT_LIST.search(page.text):
        return by_form(urljoin(page.url, unit[1]), dict(parse_qsl(urlsplit(page.url).query)))
    channel = CHANNEL.search(page.text)
    if named := ENDPOINT.search(page.text):
        url = urljoin(page.url, html.unescape(named[1] or named[2]))
    elif channel and (before := BEFORE_CHANNEL.search(page.text)):
        url = urljoin(page.url, f"{before[1]}{channel[1] or channel[2]}?_isAgg=true&_template=index")
    elif channel and "/searchList/" in page.text:
        url = urljoin(page.url, f"/searchList/{channel[1] or channel[2]}?_isAgg=true&_template=index")
    else:
        return None
    wanted = {"_isJson": "true", "_pageSize": PAGE_SIZE} | dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    return lambda number, _read: Ask(pager.with_parameters(url, wanted | {"page": str(number)}))


def by_form(url: str, fields: dict[str, str]) -> Way:
    """Return how to ask an endpoint of 苏州 for its pages."""

    def ask(number: int, _read: int) -> Ask:
        return Ask(url, tuple((fields | {"pageIndex": str(number), "pageSize": PAGE_SIZE}).items()))

    return ask


def _part(reply: Page) -> Part | None:
    part = part_of(reply, FIELDS)
    if part or not reply.text.lstrip().startswith("<"):
        return part
    claim: Any = claims.claim_of(reply)
    return Part(rows_on(reply), pages=claim.pages if claim else None)
