"""Hanweb JCMS (大汉版通), jpage lists: records are XML inside a script, further ones come from ``dataproxy.jsp``.

Recognised by ``<datastore>``/``<recordset>``, ``dataproxy.jsp`` or ``.jpage({totalRecord, perPage})``. The page
embeds the first group of three pages; further groups are asked for by record numbers, or by ``page`` where those are
ignored. Known quirks: the record numbers or the page number ignored, counting from 0 or 1, ``perpage`` capped, an
empty reply of 54 bytes for everyone (where ``pageNum`` of the column may still work), attributes in single quotes or
absent, dates in ``i``, ``b`` or ``span``, ``/module/`` links that are no articles.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler.families import datastore, static
from crawler.families.pager import with_parameters
from crawler.families.parts import in_parts
from crawler.families.reading import Ask, End

if TYPE_CHECKING:
    from crawler.families.links import Link, Links
    from crawler.families.parts import Way
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "hanweb"

JPAGE = re.compile(r"\.jpage\(\s*\{([^}]{0,600})\}")
NUMBER = re.compile(r"""(totalRecord|perPage)["']?\s*:\s*["']?(\d{1,9})""")
PROXY = re.compile(r"""["']([^"'\s]{0,200}/\w*dataproxy\.jsp\?[^"']{1,800})["']""")
PARAM = re.compile(r"""(columnid|unitid|webid)["']?\s*[:=]\s*["']?(\d+)""")
MARK = re.compile(r"<recordset>|/\w*dataproxy\.jsp|\.jpage\(\s*\{")
PAGES_PER_GROUP = 3
DEFAULT_PROXY = "/module/web/jpage/dataproxy.jsp?appid=1&webid=1&path=/&permissiontype=0"


@dataclass(frozen=True, slots=True)
class Proxy:
    """The endpoint of a list, the parameters that name the list, and its records a page."""

    url: str
    params: dict[str, str]
    per_page: int

    def by_record(self, _number: int, read: int) -> Ask:
        """Ask by record numbers that count from 1, as the portal's own script does."""
        return self._post(read + 1)

    def by_page(self, number: int, _read: int) -> Ask:
        """Ask by the number of the group, the embedded one being 1."""
        return Ask(f"{self.url}?{urlencode({'page': number} | self.params)}")

    def by_page_from_zero(self, number: int, read: int) -> Ask:
        """Ask by the number of the group, the embedded one being 0."""
        return self.by_page(number - 1, read)

    def by_record_from_zero(self, embedded: int) -> Way:
        """Ask by record numbers that count from 0, everything in the address, from the embedded records on."""
        starts = chain([embedded], repeat(0))
        return lambda _number, read: Ask(f"{self.url}?{urlencode(self._range(next(starts) or read) | self.params)}")

    def by_column(self, url: str) -> Way:
        """Ask for further pages of the column itself, which may bring the first again."""
        return lambda number, _read: Ask(
            with_parameters(url, {"uid": self.params.get("unitid", ""), "pageNum": str(number)})
        )

    def _post(self, start: int) -> Ask:
        form = {"col": "1", **self.params, "sourceContentType": "1"}
        return Ask(f"{self.url}?{urlencode(self._range(start))}", tuple(form.items()))

    def _range(self, start: int) -> dict[str, int]:
        size = self.per_page
        return {"startrecord": start, "endrecord": start + PAGES_PER_GROUP * size - 1, "perpage": size}


def recognise(page: Page) -> bool:
    """Tell whether a list page is a jpage list, by its records or its script."""
    return bool(MARK.search(page.text))


def items(page: Page) -> list[Link]:
    """Return the article links of the records on one page or in one reply, in order."""
    return [link for link in datastore.part_of(page).rows.values() if link]


def read(page: Page, found: Links) -> Reading:
    """Read the embedded group, then the others until the stated total is reached; a page without a mark as it is."""
    if not recognise(page):
        return (yield from static.read(page, found))
    embedded = datastore.part_of(page)
    numbers = {key: int(value) for call in JPAGE.finditer(page.text) for key, value in NUMBER.findall(call[1])}
    total = numbers.get("totalRecord") or embedded.total or 0
    if not embedded.rows and not total:
        return End("empty_list", f"no record on {page.url}")
    if not total:
        found.add(items(page))
        return End("", f"{len(embedded.rows)} records are on the page, and no pager is called")
    proxy = _proxy(page, numbers.get("perPage") or 15)
    by_zero, by_column = proxy.by_record_from_zero(len(embedded.rows)), proxy.by_column(page.url)
    ways = (proxy.by_record, by_zero, proxy.by_page_from_zero, proxy.by_page, by_column)
    return (yield from in_parts(ways, datastore.part_of, found, replace(embedded, total=total)))


def _proxy(page: Page, per_page: int) -> Proxy:
    """The endpoint that the embedded group names, else the usual one with the numbers of the list's script."""
    script = dict(PARAM.findall(page.text))
    match = PROXY.search(page.text)
    parts = urlsplit(urljoin(page.url, html.unescape(match[1]) if match else DEFAULT_PROXY))
    params = {key: value for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "page"}
    for key, value in script.items():
        # Some portals encrypt these two where the endpoint wants the plain numbers.
        if not params.get(key, "").isdecimal():
            params[key] = value
    return Proxy(urlunsplit((*parts[:3], "", "")), params, per_page)
