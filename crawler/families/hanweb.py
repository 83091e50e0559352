"""Hanweb JCMS (大汉版通), jpage lists: records are XML inside a script, further ones come from ``dataproxy.jsp``.

Recognised by ``<datastore>``/``<recordset>``, ``dataproxy.jsp`` or ``.jpage({totalRecord, perPage})``. The page
embeds the first group of three pages; further groups are asked for by record numbers, or by ``page`` where those are
ignored. Known quirks: the record numbers or the page number ignored, counting from 0 or 1, ``perpage`` capped, an
empty reply of 54 bytes for everyone, attributes in single quotes or absent, dates in ``i``, ``b`` or ``span``,
``/module/`` links that are no articles.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from parsel import Selector

from crawler.families.links import Link, base_of, date_in, resolve, title_of
from crawler.families.reading import MAX_PAGES, Ask, End, attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "hanweb"

RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.{1,4000}?)\]\]>\s*</record>", re.DOTALL)
JPAGE = re.compile(r"\.jpage\(\s*\{([^}]{0,600})\}")
NUMBER = re.compile(r"""(totalRecord|perPage)["']?\s*:\s*["']?(\d+)""")
TOTAL = re.compile(r"<totalrecord>\s*(\d+)\s*</totalrecord>", re.IGNORECASE)
PROXY = re.compile(r"""["']([^"'\s]{0,200}/\w*dataproxy\.jsp\?[^"']{1,800})["']""")
PARAM = re.compile(r"""(columnid|unitid|webid)["']?\s*[:=]\s*["']?(\d+)""")
MARK = re.compile(r"<recordset>|/\w*dataproxy\.jsp|\.jpage\(\s*\{")
PAGES_PER_GROUP = 3
DEFAULT_PROXY = "/module/web/jpage/dataproxy.jsp?appid=1&webid=1&path=/&permissiontype=0"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of records to ask for: its number (the embedded one is 1), its first record and the page size."""

    number: int
    start: int
    per_page: int


@dataclass(frozen=True, slots=True)
class Proxy:
    """The endpoint of a list and the parameters that name the list."""

    url: str
    params: dict[str, str]

    def by_record(self, group: Group) -> Ask:
        """Ask by record numbers that count from 1, as the portal's own script does."""
        return self._post(group, group.start)

    def by_record_from_zero(self, group: Group) -> Ask:
        """Ask by record numbers that count from 0."""
        return self._post(group, group.start - 1)

    def by_record_get(self, group: Group) -> Ask:
        """Ask by record numbers, everything in the address."""
        return Ask(f"{self.url}?{urlencode(self._range(group, group.start) | self.params)}")

    def by_page(self, group: Group) -> Ask:
        """Ask by the number of the group."""
        return Ask(f"{self.url}?{urlencode({'page': group.number} | self.params)}")

    def _post(self, group: Group, start: int) -> Ask:
        form = {"col": "1", **self.params, "sourceContentType": "1"}
        return Ask(f"{self.url}?{urlencode(self._range(group, start))}", tuple(form.items()))

    def _range(self, group: Group, start: int) -> dict[str, int]:
        size = group.per_page
        return {"startrecord": start, "endrecord": start + PAGES_PER_GROUP * size - 1, "perpage": size}


def recognise(page: Page) -> bool:
    """Tell whether a list page is a jpage list, by its records or its script."""
    return bool(MARK.search(page.text))


def items(page: Page) -> list[Link]:
    """Return the article links of the records on one page or in one reply, in order."""
    return _links(_records(page), page)


def read(page: Page, found: Links) -> Reading:
    """Read the embedded group, then the others until the stated total is reached."""
    records = _records(page)
    found.add(_links(records, page))
    numbers = {key: int(value) for call in JPAGE.finditer(page.text) for key, value in NUMBER.findall(call[1])}
    total = numbers.get("totalRecord", 0)
    if not records and not total:
        return End("empty_list", f"no record on {page.url}")
    if not total:
        return End("", f"{len(records)} records are on the page, and no pager is called")
    groups = Groups(_proxy(page), numbers.get("perPage", 15), total, records, found)
    for way in (Proxy.by_record, Proxy.by_record_from_zero, Proxy.by_page, Proxy.by_record_get):
        if len(records) < total and groups.asked < MAX_PAGES:
            yield from groups.read(way)
    if len(records) < total and groups.asked >= MAX_PAGES:
        return End("budget_exhausted", f"{len(records)} of {total} records in {groups.asked} replies")
    if len(records) < total:
        return End("paging_stuck", f"{len(records)} of {total} records: {groups.proxy.url} gives no more")
    return End("", f"total of {total} records reached")


@dataclass(slots=True)
class Groups:
    """The groups of one list behind the embedded one; ``records`` and ``found`` grow as replies come."""

    proxy: Proxy
    per_page: int
    total: int
    records: dict[str, None]
    found: Links
    asked: int = 0

    def read(self, way: Callable[[Proxy, Group], Ask]) -> Generator[Ask, Page, None]:
        """Ask for groups in one way until the total is reached or a reply brings nothing new."""
        start = len(self.records) + 1
        # Numbered groups start anew, since portals count the embedded group as 0 or as 1.
        for number in count(1 if way is Proxy.by_page else 2):
            self.asked += 1
            reply = yield from attempt(way(self.proxy, Group(number, start, self.per_page)))
            rows = _records(reply) if reply else {}
            fresh = rows.keys() - self.records.keys()
            if reply and fresh:
                self.records |= rows
                self.found.add(_links(rows, reply))
            elif number > 1:
                return
            if len(self.records) >= self.total or self.asked >= MAX_PAGES:
                return
            start += len(rows)


def _records(page: Page) -> dict[str, None]:
    """The records of a page or reply, each once, in order; a record without an article counts towards the total too."""
    return dict.fromkeys(match[1].strip() for match in RECORD.finditer(page.text))


def _links(records: Iterable[str], page: Page) -> list[Link]:
    base = base_of(page)
    return [link for record in records for link in _record(record, base)]


def _record(text: str, base: str) -> Iterator[Link]:
    row = Selector(text=text, type="html")
    for anchor in row.xpath("//a[@href]"):
        url = resolve(base, anchor.attrib["href"])
        if url and "/module/" not in url:
            yield Link(title_of(anchor), url, date_in(row.xpath("string()").get("")))
            return


def _proxy(page: Page) -> Proxy:
    """The endpoint that the embedded group names, else the usual one with the numbers of the list's script."""
    script = dict(PARAM.findall(page.text))
    match = PROXY.search(page.text)
    parts = urlsplit(urljoin(page.url, html.unescape(match[1]) if match else DEFAULT_PROXY))
    params = {key: value for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "page"}
    for key, value in script.items():
        # Some portals encrypt these two where the endpoint wants the plain numbers.
        if not params.get(key, "").isdecimal():
            params[key] = value
    return Proxy(urlunsplit((*parts[:3], "", "")), params)
