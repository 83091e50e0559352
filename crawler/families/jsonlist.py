"""Lists as JSON, whatever their nesting: rows are told by their fields, and JSON inside strings is read too."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from parsel import Selector

from crawler.families.links import Link, base_of, date_in, resolve
from crawler.families.parts import Part
from crawler.families.scripts import literal
from crawler.page import once, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.page import Page

JSONP = re.compile(r"[\w.$]{1,80}\((.*)\)", re.DOTALL)
EPOCH = re.compile(r"\d{10}|\d{13}")
COUNT = re.compile(r"\d{1,9}")
CHINA = timezone(timedelta(hours=8))
# Replies nest a few levels; what nests or holds more is hostile or no list.
MAX_NODES = 10_000
MILLISECONDS = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Fields:
    """The names under which a family's rows give title, address and date, and its replies the total of rows.

    Of several the first that is there and not empty counts. ``host`` is where an address that is only a path lies.
    """

    title: tuple[str, ...]
    url: tuple[str, ...]
    date: tuple[str, ...]
    total: tuple[str, ...] = ()
    host: tuple[str, ...] = ()


# What rows that stand in a page's own script call these, whatever made the page.
WRITTEN = Fields(
    title=("title", "TITLE", "docTitle", "DOCTITLE", "name", "bt", "subject", "infoTitle", "articleTitle"),
    url=("url", "URL", "docPubUrl", "DOCPUBURL", "link", "linkUrl", "href", "infourl", "infoUrl", "articleUrl", "path"),
    date=(
        "date",
        "pubDate",
        "PUBDATE",
        "docRelTime",
        "publishTime",
        "publishDate",
        "releaseTime",
        "time",
        "createTime",
    ),
)
ROWS = re.compile(r"\[\s*\{")
DATA = "//script[not(@src)]/text() | //textarea/text() | //input[@type = 'hidden' and starts-with(@value, '[')]/@value"
MAX_LISTS = 20


@once
def in_scripts(page: Page) -> Sequence[Link]:
    """Return the rows of the lists that a page's scripts and hidden fields hold as data, in order."""
    found: list[Link] = []
    for script in page.root.xpath(DATA).getall():
        end = 0
        for match in islice(ROWS.finditer(script), MAX_LISTS):
            rows = literal(script, match.start()) if match.start() >= end else None
            if isinstance(rows, list):
                end = match.end()
                # Trees of columns hold rows in rows.
                links = (_link(row, WRITTEN, base_of(page)) for row in _nodes(rows))
                found += [link for link in links if link and link.title]
    return found


def loads(text: str) -> Any:
    """Return what a JSON or JSONP reply says, or None for a text that is neither."""
    wrapped = JSONP.fullmatch(text.strip().rstrip("; "))
    try:
        return json.loads(wrapped[1] if wrapped else text)
    except (ValueError, RecursionError):
        return None


def part_of(page: Page, fields: Fields) -> Part | None:
    """Return the rows of a JSON reply and the total that it states; None for a reply without any list."""
    rows: list[Any] | None = None
    total: int | None = None
    for node in _nodes(loads(page.text)):
        if isinstance(node, dict) and total is None:
            stated = (str(value) for value in _values(node, fields.total))
            total = next((int(text) for text in stated if COUNT.fullmatch(text)), None)
        elif isinstance(node, list) and (rows is None or not rows) and _is_list(node, fields):
            rows = node
    if rows is None:
        return None if total is None else Part({}, total)
    return Part({json.dumps(row, sort_keys=True): _link(row, fields, base_of(page)) for row in rows}, total)


def _nodes(data: Any) -> Iterator[Any]:
    """Objects and lists of a reply, the outer before the inner; strings that hold JSON are opened."""
    waiting = deque([data])
    for _ in range(MAX_NODES):
        if not waiting:
            return
        node = waiting.popleft()
        if isinstance(node, str) and node.lstrip()[:1] in ("{", "["):
            node = loads(node)
        if isinstance(node, dict | list):
            yield node
            waiting.extend(node.values() if isinstance(node, dict) else node)


def _is_list(node: list[Any], fields: Fields) -> bool:
    """Tell whether a list holds rows, or nothing, which may be the list's end."""
    return not node or any(isinstance(row, dict) and next(_values(row, fields.url), None) for row in node)


def _values(row: dict[str, Any], names: tuple[str, ...]) -> Iterator[Any]:
    return (row[name] for name in names if row.get(name) not in (None, ""))


def _link(row: Any, fields: Fields, base: str) -> Link | None:
    if not isinstance(row, dict):
        return None
    host = str(next(_values(row, fields.host), ""))
    home = urljoin(base, host if "//" in host else f"//{host}") if host else base
    url = resolve(home, str(next(_values(row, fields.url), "")))
    title = str(next(_values(row, fields.title), ""))
    # Search engines mark the words found.
    plain = squeeze(Selector(text=title, type="html").xpath("string()").get("")) if "<" in title else squeeze(title)
    return Link(plain, url, _date(next(_values(row, fields.date), ""))) if url else None


def _date(value: Any) -> str:
    """A date as ISO, from a text or from seconds or milliseconds since 1970; days are those of China."""
    if not EPOCH.fullmatch(str(value)):
        return date_in(str(value))
    seconds = int(value) / 1000 if int(value) > MILLISECONDS else int(value)
    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).date().isoformat()
