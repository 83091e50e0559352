"""Hanweb jpaas publish server: a unit of the page names itself in ``queryData``, its pages come as HTML inside JSON.

Recognised by ``/api-gateway/jpaas-publish-server/front/page/build/unit``. The page number is only heard inside
``paramJson``; the total of rows is the ``count`` of the reply's pager. Known quirks: a bare ``pageNo`` is ignored; 403
without the list page as Referer; page 1 comes whatever was asked for, from abroad.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

from crawler.families import static
from crawler.families.claims import claim_of
from crawler.families.jsonlist import loads
from crawler.families.parts import Part, in_parts, rows_on
from crawler.families.reading import Ask
from crawler.families.scripts import literal
from crawler.page import Page

if TYPE_CHECKING:
    from parsel import Selector

    from crawler.families.links import Links
    from crawler.families.reading import Reading

name = "jpaas"

MARK = re.compile(r"/api-gateway/jpaas-[a-z-]+/front/page/build/unit|queryData=\"\{'webId'|jpaas-publish-server")
COUNT = re.compile(r"""\bcount=["']?(\d{1,9})""")
PAGE_SIZE = 15


def recognise(page: Page) -> bool:
    """Tell whether a list page is filled by a jpaas publish server."""
    return bool(MARK.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read all pages of the unit that is the page's list; a page without such a unit is read as it is."""
    units = page.root.xpath("//*[@querydata and contains(@url, 'build/unit')]")
    unit = next((unit for unit in units if "列表" in unit.attrib["querydata"]), None) or next(iter(units), None)
    query = literal(unit.attrib["querydata"]) if unit else None
    if unit is None or not isinstance(query, dict):
        return (yield from static.read(page, found))
    return (yield from in_parts((_way(page, unit, query),), _part, found, size=PAGE_SIZE))


def _way(page: Page, unit: Selector, query: dict[str, Any]) -> Any:
    endpoint = urljoin(page.url, unit.attrib["url"])
    # The first of these is spelt as the server wants it.
    params = {"parseType": "bulidstatic", "pageType": "column", "editType": "null"} | query

    def ask(number: int, _read: int) -> Ask:
        counted = json.dumps({"pageNo": number, "pageSize": PAGE_SIZE})
        return Ask(f"{endpoint}?{urlencode(params | {'paramJson': counted})}")

    return ask


def _part(reply: Page) -> Part | None:
    data = loads(reply.text)
    inner = data.get("data") if isinstance(data, dict) else None
    text = inner.get("html") if isinstance(inner, dict) else None
    if not isinstance(text, str):
        return None
    inside = Page(reply.url, text)
    count, claim = COUNT.search(text), claim_of(inside)
    return Part(rows_on(inside), int(count[1]) if count else None, claim.pages if claim else None)
