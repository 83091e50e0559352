"""TrueCMS (连云港, 南通): Hanweb's records inside JSONP, asked for by record numbers.

Recognised by ``getMessage.do``, below ``/TrueCMS/`` or ``/truecms/``. ``startrecord`` counts from 1; the reply states
``totalrecord``. Known quirks: 404 without the list page as Referer; ``perpage`` is capped at 50 or 10; where the
endpoint is off the page holds about the first 60 rows in ``#initData`` and states no total.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from crawler.families import datastore, static
from crawler.families.jsonlist import loads
from crawler.families.parts import Part, in_parts, rows_on
from crawler.families.reading import Ask, End
from crawler.families.scripts import value_of
from crawler.page import Page

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.families.reading import Reading

name = "truecms"

MARK = re.compile(r"/truecms/messageController/getMessage\.do|\bid=\"initData\"", re.IGNORECASE)
ENDPOINT = re.compile(r"""["']([^"'\s]{0,200}/truecms/messageController/getMessage\.do)""", re.IGNORECASE)
PAGE_SIZE = 10
USUAL = "/TrueCMS/messageController/getMessage.do"


def recognise(page: Page) -> bool:
    """Tell whether a list page is filled by TrueCMS."""
    return bool(MARK.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read records until the stated total is reached; where the endpoint is off, the rows on the page."""
    column = value_of(page.text, "columnId")
    if not isinstance(column, str):
        return (yield from static.read(page, found))
    embedded = rows_on(Page(page.url, page.root.xpath("//*[@id='initData']").get("")))
    found.add(link for link in embedded.values() if link)
    stated = value_of(page.text, "perPage")
    size = stated if isinstance(stated, int) and stated > 0 else PAGE_SIZE
    named = ENDPOINT.search(page.text)
    url = urljoin(page.url, named[1] if named else USUAL)

    def ask(_number: int, read: int) -> Ask:
        records = {"startrecord": read + 1, "endrecord": read + size, "perpage": size}
        return Ask(f"{url}?{urlencode(records | {'columnId': column, 'contentTemplate': '', 'callback': 'cb'})}")

    end = yield from in_parts((ask,), _part, found)
    if end.code == "js_list" and embedded:
        return End("paging_stuck", f"{len(embedded)} records are on the page, and {url} gives none")
    return end


def _part(reply: Page) -> Part | None:
    data = loads(reply.text)
    text = data.get("result") if isinstance(data, dict) else data
    return datastore.part_of(Page(reply.url, text)) if isinstance(text, str) else None
