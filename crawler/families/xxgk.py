"""Hanweb JCMS (大汉版通), the 信息公开 module: rows come from ``/module/xxgk/search.jsp`` as an HTML fragment.

Recognised by ``loadDynamic('/module/xxgk/search.jsp?...')`` and its siblings (``search_custom``, ``subjectinfo``).
Pages are asked for by ``currpage``, in the address and in the body of a POST; some portals take GET alone. The reply
states 共N页. Known quirks: the search is not limited to the column, so that rows of other columns are mixed in; rows
are ``tr``, ``div.wip_lists``, or carry title and date as ``mc`` and ``rq``; ``area``, the unit, may be missing; the
name of the field for the date to sort by is misspelt; the category may stand in ``tree.jsp`` alone.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler import titles
from crawler.families import static
from crawler.families.claims import claim_of
from crawler.families.links import Link, base_of, resolve, row_date, title_of
from crawler.families.pager import with_parameters
from crawler.families.parts import Part, in_parts
from crawler.families.reading import Ask, attempt

if TYPE_CHECKING:
    from collections.abc import Generator

    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "jcms-xxgk"

MARK = re.compile(
    r"/module/xxgk/(tree|search|search_custom|subjectinfo|subjectinfolist)\.jsp|tr_main_value_(odd|even)"
    r"|<a[^>]{1,300}\bmc=\"[^>]{1,300}\brq=\""
)
CALL = re.compile(
    r"""["']([^"'\s]{0,200}/module/xxgk/(?:search|search_custom|subjectinfo|subjectinfolist)\.jsp[^"'\s]{0,1500})["']"""
)
PARAM = re.compile(r"""\b(infotypeId|jdid|area|divid)["']?\s*[:=]\s*["']([\w-]{1,60})["']""")
SEARCH = re.compile(r"/module/xxgk/(?:search|search_custom|subjectinfo|subjectinfolist)\.jsp")
TREE = re.compile(r"""["']([^"'\s]{0,200}/module/xxgk/tree\.jsp[^"'\s]{0,800})["']""")
# A node of the tree calls a script with its category, or has it in an address, and shows its name.
NODE = re.compile(
    r"""(?:\(\s*\\?["']|infotypeId=)([A-Za-z0-9_-]{1,60})\b[^<>]{0,200}>\s*([^<]{1,40})<""", re.IGNORECASE
)
ADDED = re.compile(r"""\.add\([^()'"]{0,40}["']([^"'<>]{1,40})["'][^()]{0,200}?["'(=]([A-Za-z]\w{1,60})\\?["']""")
COLUMN = re.compile(r"/col/col(\d+)/")
USUAL = {
    **dict.fromkeys(("infotypeId", "jdid", "area", "divid", "vc_title", "vc_number", "vc_filenumber", "vc_all"), ""),
    "texttype": "0",
    "fbtime": "-1",
    "sortfield": ",compaltedate:0",
}


def recognise(page: Page) -> bool:
    """Tell whether a list page is filled by the 信息公开 module."""
    return bool(SEARCH.search(page.url) or MARK.search(page.text))


def tree(page: Page) -> str | None:
    """Return the address of the tree of categories that a page loads, or None."""
    named = TREE.search(page.text)
    return urljoin(page.url, html.unescape(named[1])) if named else None


def categories(page: Page) -> list[Link]:
    """Return the nodes of a tree as links to what the search gives for them."""
    nodes = [(match[1], match[2]) for match in NODE.finditer(page.text)]
    nodes += [(match[2], match[1]) for match in ADDED.finditer(page.text)]
    given = dict(parse_qsl(urlsplit(page.url).query))
    kept = {key: given[key] for key in ("jdid", "area", "divid", "standardXxgk") if given.get(key)}
    search = urljoin(page.url, "/module/xxgk/search.jsp")
    return [Link(name.strip(), f"{search}?{urlencode({'infotypeId': code} | kept)}") for code, name in nodes]


def _call(page: Page) -> Generator[Ask, Page, str | None]:
    """The search that a page calls or is, of the category that its tree names as reports where the page names none."""
    called = CALL.search(page.text)
    url = page.url if SEARCH.search(page.url) else urljoin(page.url, html.unescape(called[1])) if called else None
    above = tree(page)
    if above is None or (url and dict(parse_qsl(urlsplit(url).query)).get("infotypeId")):
        return url
    nodes = yield from attempt(Ask(above))
    named = [link for link in categories(nodes) if titles.names_column(link.title, in_hub=True)] if nodes else []
    if not named:
        return url
    category = parse_qsl(urlsplit(named[0].url).query)
    return with_parameters(url, dict(category)) if url else named[0].url


def read(page: Page, found: Links) -> Reading:
    """Read all pages of the search that the page calls or is; a page that calls none is read as it is."""
    call = yield from _call(page)
    if call is None:
        return (yield from static.read(page, found))
    parts = urlsplit(call)
    named = dict(PARAM.findall(page.text)) | dict(parse_qsl(parts.query, keep_blank_values=True))
    params = USUAL | {key: value for key, value in named.items() if value}
    endpoint = urlunsplit((*parts[:3], "", ""))

    def by_post(number: int, _read: int) -> Ask:
        asked = params | {"currpage": str(number)}
        return Ask(f"{endpoint}?{urlencode({'currpage': number})}", tuple(asked.items()))

    def by_get(number: int, _read: int) -> Ask:
        return Ask(f"{endpoint}?{urlencode(params | {'currpage': str(number)})}")

    column = COLUMN.search(page.url)
    return (yield from in_parts((by_post, by_get), lambda reply: _part(reply, column[1] if column else ""), found))


def _part(reply: Page, column: str) -> Part:
    """The rows of a reply; those of other columns count, and are no articles of this one."""
    base = base_of(reply)
    rows = {}
    for anchor in reply.root.root.iter("a"):
        url = resolve(base, anchor.get("href") or "")
        if url and "/module/" not in url:
            date = anchor.get("rq") or row_date(anchor)
            rows[url] = Link(anchor.get("mc") or title_of(anchor), url, date)
    own = {url: link for url, link in rows.items() if column and f"/art_{column}_" in url} or rows
    claim = claim_of(reply)
    return Part({url: own.get(url) for url in rows}, pages=claim.pages if claim else None)
