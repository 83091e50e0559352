"""Hanweb JCMS (大汉版通), the 信息公开 module: rows come from ``/module/xxgk/search.jsp`` as an HTML fragment.

Recognised by ``loadDynamic('/module/xxgk/search.jsp?...')`` and its siblings (``search_custom``, ``subjectinfo``).
Pages are asked for by ``currpage``, in the address and in the body of a POST; some portals take GET alone. The reply
states 共N页. Known quirks: the search is not limited to the column, so that rows of other columns are mixed in; rows
are ``tr``, ``div.wip_lists``, or carry title and date as ``mc`` and ``rq``; ``area``, the unit, may be missing; the
name of the field for the date to sort by is misspelt.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler.families import static
from crawler.families.links import Link, base_of, resolve, row_date, title_of
from crawler.families.pager import claim_of
from crawler.families.parts import Part, in_parts
from crawler.families.reading import Ask

if TYPE_CHECKING:
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
COLUMN = re.compile(r"/col/col(\d+)/")
USUAL = {
    **dict.fromkeys(("infotypeId", "jdid", "area", "divid", "vc_title", "vc_number", "vc_filenumber", "vc_all"), ""),
    "texttype": "0",
    "fbtime": "-1",
    "sortfield": ",compaltedate:0",
}


def recognise(page: Page) -> bool:
    """Tell whether a list page is filled by the 信息公开 module."""
    return bool(MARK.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read all pages of the search that the page calls; a page that calls none is read as it is."""
    call = CALL.search(page.text)
    if call is None:
        return (yield from static.read(page, found))
    parts = urlsplit(urljoin(page.url, html.unescape(call[1])))
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
