"""新点 Epoint (EWB, 徐州 and 营口): rows come from a REST service as JSON.

Recognised by ``govInfoPub.html?categorynum=`` in the address and ``/EWB-FRONT/rest/``. The service wants the site's
``siteGuid``, which the page or one of its scripts (``webBuilderCommon.js``, ``ajaxReq.js``) holds; pages count from 0,
and the reply states the total. Known quirks: some services want everything wrapped in ``params``; some answer 403 over
HTTPS and serve HTTP.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawler.families import static
from crawler.families.jsonlist import Fields, part_of
from crawler.families.links import resolve
from crawler.families.parts import in_parts
from crawler.families.reading import Ask, attempt

if TYPE_CHECKING:
    from collections.abc import Generator

    from crawler.families.links import Links
    from crawler.families.parts import Way
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "epoint-ewb"

ADDRESS = re.compile(r"/govInfoPub\w*\.html\?(?:[^#]*&)?categorynum=\d+", re.IGNORECASE)
MARK = re.compile(r"/EWB-FRONT/rest/", re.IGNORECASE)
SERVICE = re.compile(r"""["']([^"'\s]{0,200}/rest/\w{1,60}/getgovinfolist\w{0,20})["']""", re.IGNORECASE)
USUAL = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
SITE = re.compile(r"""\bsiteGuid["']?\s*[:=]\s*["']([0-9a-fA-F-]{32,36})["']""")
SCRIPTS = re.compile(r"/(webBuilderCommon|ajaxReq)\.js", re.IGNORECASE)
FIELDS = Fields(
    title=("realtitle", "title"),
    url=("infourl", "visiturl", "linkurl"),
    date=("infodate", "handsdate"),
    total=("total",),
)
PAGE_SIZE = 20


def recognise(page: Page) -> bool:
    """Tell whether a list page is filled by the REST service."""
    return bool(ADDRESS.search(page.url) or MARK.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the category of the address; a page without one, or without its site's id, is read as it is."""
    asked = dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))
    site, service = yield from _service(page)
    if "categorynum" not in asked or not site:
        return (yield from static.read(page, found))
    wanted = {"deptcode": asked.get("deptcode", ""), "categorynum": asked["categorynum"], "siteGuid": site}
    url = urljoin(page.url, service or USUAL)
    urls = [url, url.replace("https:", "http:", 1)] if url.startswith("https:") else [url]
    ways = [_way(address, wanted, wrapped=wrapped) for address in urls for wrapped in (False, True)]
    return (yield from in_parts(ways, lambda reply: part_of(reply, FIELDS), found, size=PAGE_SIZE))


def _service(page: Page) -> Generator[Ask, Page, tuple[str, str]]:
    """The site's id and the service's address, from the page, else from its scripts."""
    site, service = _first(SITE, page.text), _first(SERVICE, page.text)
    for src in page.root.xpath("//script/@src").getall():
        url = resolve(page.url, src)
        if not site and url and SCRIPTS.search(url) and (script := (yield from attempt(Ask(url)))):
            site, service = _first(SITE, script.text), service or _first(SERVICE, script.text)
    return site, service


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""


def _way(url: str, wanted: dict[str, str], *, wrapped: bool) -> Way:
    def ask(number: int, _read: int) -> Ask:
        body: dict[str, object] = {**wanted, "pageIndex": number - 1, "pageSize": PAGE_SIZE}
        return Ask(url, json=json.dumps({"params": body} if wrapped else body))

    return ask
