"""龙讯 Lonsun (安徽): the column page asks ``/site/label/<n>`` for its list as an HTML fragment.

Recognised by ``/public/column/<organ>`` in the address, ``/site/label/`` or ``publicInfoList``. The label's number and
its parameters differ per site and are read from the page; pages are counted by ``pageIndex``, and the reply states
``pageCount``. Known quirks: some labels take a POST alone; the column of type 3 (yearly reports) may be empty while the
same organ's type 4 (the directory) holds them; some sites ask for a captcha.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler.families import static
from crawler.families.claims import claim_of
from crawler.families.parts import Part, in_parts, rows_on
from crawler.families.reading import Ask
from crawler.families.scripts import literal

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.families.parts import Way
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "lonsun"

ADDRESS = re.compile(r"/public/column/(\d+)")
MARK = re.compile(r"/site/label/\d+|publicInfoList|\bLs\.ajax\b")
LABEL = re.compile(r"""["']([^"'\s]{0,200}/site/label/\d+(?:\?[^"'\s]{0,1500})?)["']""")
DATA = re.compile(r"\bdata\s*:\s*(?=\{)")
# A label's parameters stand right behind its address.
NEAR = 400
PAGES = re.compile(r"""\bpageCount["']?\s*[:=]\s*["']?(\d{1,6})""")
USUAL = {"IsAjax": "1", "dataType": "html"}


def recognise(page: Page) -> bool:
    """Tell whether a list page is one of Lonsun, by its address or its script."""
    return bool(ADDRESS.search(page.url) or MARK.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the label that holds the list; of an empty type 3 the type 4 is read."""
    label = _label(page)
    if label is None:
        return (yield from static.read(page, found))
    endpoint, params = label
    end = yield from in_parts(_ways(endpoint, params), _part, found)
    if end.code == "empty_list" and params.get("type") == "3":
        end = yield from in_parts(_ways(endpoint, params | {"type": "4"}), _part, found)
    return end


def _label(page: Page) -> tuple[str, dict[str, str]] | None:
    """The address of the list's label and its parameters, or None where the page names none."""
    calls = [*LABEL.finditer(page.text)]
    if not calls:
        return None
    call = next((call for call in calls if "publicInfoList" in page.text[call.start() : call.end() + NEAR]), calls[0])
    parts = urlsplit(urljoin(page.url, html.unescape(call[1])))
    params = USUAL | dict(parse_qsl(parts.query, keep_blank_values=True))
    data = DATA.search(page.text, call.end(), call.end() + NEAR)
    given = literal(page.text, data.end()) if data else None
    if isinstance(given, dict):
        params |= {key: str(value) for key, value in given.items() if isinstance(value, str | int)}
    return urlunsplit((*parts[:3], "", "")), params


def _ways(endpoint: str, params: dict[str, str]) -> tuple[Way, Way]:
    def by_get(number: int, _read: int) -> Ask:
        return Ask(f"{endpoint}?{urlencode(params | {'pageIndex': str(number)})}")

    def by_post(number: int, _read: int) -> Ask:
        asked = params | {"pageIndex": str(number)}
        return Ask(f"{endpoint}?{urlencode(USUAL)}", tuple(asked.items()))

    return by_get, by_post


def _part(reply: Page) -> Part:
    pages, claim = PAGES.search(reply.text), claim_of(reply)
    return Part(rows_on(reply), pages=int(pages[1]) if pages else claim.pages if claim else None)
