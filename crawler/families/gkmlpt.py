"""广东 政府信息公开目录平台 (gkmlpt): the page's script holds a tree of columns, each column is a list as JSON.

Recognised by ``/gkmlpt/`` in the address and ``window._CONFIG = {SID, TREE}``. A column is the ``#id`` of the
address, or the nodes of the tree whose name is that of yearly reports; ``/gkmlpt/api/all/<id>?page=1&sid=<SID>``
gives 100 rows and the total. Known quirks: page 0 is page 1; past the last page comes no JSON; a node with
``jump_url`` lives elsewhere; ``url`` may be on another host, ``post_url`` is the platform's own; dates are seconds
since 1970; a sub-unit has its name before ``/gkmlpt/``; an article's text may be in its page's script alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from crawler import titles
from crawler.families import static
from crawler.families.jsonlist import Fields, part_of
from crawler.families.parts import in_parts
from crawler.families.reading import Ask, End
from crawler.families.scripts import value_of
from crawler.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.families.links import Links
    from crawler.families.reading import Reading

name = "gkmlpt"

ADDRESS = re.compile(r"^(.*?/gkmlpt/)(index|annualreport|guide|policy)\b")
CONFIG = re.compile(r"window\._CONFIG\s*=\s*\{")
GOVERNMENT = re.compile(r"本级|政府$|政府办公室$")
# Trees are a few levels deep; a deeper one is hostile.
MAX_DEPTH = 8
FIELDS = Fields(
    title=("title",), url=("post_url", "url"), date=("date", "first_publish_time", "create_time"), total=("total",)
)

Node = dict[str, Any]


def recognise(page: Page) -> bool:
    """Tell whether a list page belongs to the platform, by its address or its script."""
    return bool(ADDRESS.search(page.url) or CONFIG.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the column's list and those of its years; a page without the platform's script is read as it is."""
    site = value_of(page.text, "SID")
    address = ADDRESS.search(page.url)
    if site is None or address is None:
        return (yield from static.read(page, found))
    columns = _columns(page)
    if not columns:
        return End("no_column", f"no node of the tree of {page.url} is named as yearly reports")
    ends = []
    for column in columns:
        endpoint = f"{address[1]}api/all/{column}"
        end = yield from in_parts((_way(endpoint, str(site)),), lambda reply: part_of(reply, FIELDS), found, size=100)
        ends.append(end)
    return _worst(ends)


def jump(page: Page) -> str | None:
    """Return where the page's column really lives, or None where it is here."""
    for node in _nodes(value_of(page.text, "TREE")) if recognise(page) else ():
        elsewhere = node.get("jump_url")
        if elsewhere and isinstance(elsewhere, str) and _is_wanted(node, page):
            return urljoin(page.url, elsewhere)
    return None


def article(page: Page) -> Page:
    """Return a page with the article in it that only its script holds, or the page itself."""
    detail = value_of(page.text, "DETAIL") if CONFIG.search(page.text) else None
    content = detail.get("content") if isinstance(detail, dict) else None
    if not isinstance(content, str) or not content:
        return page
    return Page(page.url, f'<div class="article-content">{content}</div>{page.text}', page.size)


def _way(endpoint: str, site: str) -> Any:
    return lambda number, _read: Ask(f"{endpoint}?{urlencode({'page': number, 'sid': site})}")


def _worst(ends: list[End]) -> End:
    """A column is read when all its lists are; of its lists only one needs to hold anything."""
    failed = [end for end in ends if end.code not in ("", "empty_list")]
    read = [end for end in ends if end.proved]
    if failed or not read:
        return (failed or ends)[0]
    return End("", "; ".join(end.detail for end in read))


def _columns(page: Page) -> list[str]:
    """The ids of the wanted node and of those below it that are for a year or for the government itself."""
    chosen: dict[str, None] = {}
    for node in _nodes(value_of(page.text, "TREE")):
        if _is_wanted(node, page):
            chosen[str(node["id"])] = None
            below = list(_nodes(node.get("children")))
            chosen |= {str(child["id"]): None for child in below if _is_inner(str(child.get("name", "")))}
    fragment = urlsplit(page.url).fragment
    return list(chosen) or ([fragment] if fragment.isdecimal() else [])


def _is_wanted(node: Node, page: Page) -> bool:
    fragment = urlsplit(page.url).fragment
    if fragment.isdecimal() and fragment != "0":
        return str(node["id"]) == fragment
    return titles.is_report(str(node.get("name", "")))


def _is_inner(title: str) -> bool:
    return titles.column_year(title) is not None or titles.is_report(title) or bool(GOVERNMENT.search(title))


def _nodes(tree: Any, depth: int = 0) -> Iterator[Node]:
    """All nodes of a tree with an id, the outer before the inner."""
    for node in tree if isinstance(tree, list) and depth < MAX_DEPTH else ():
        if isinstance(node, dict) and "id" in node:
            yield node
            yield from _nodes(node.get("children"), depth + 1)
