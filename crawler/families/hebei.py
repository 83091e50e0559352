"""河北 shared platform: columns and articles are named by UUIDs, rows come from a block of the column's template.

Recognised by ``/columns/<uuid>/`` in the address and ``/templates/<uuid>/blocks/<uuid>`` in a script. A block counts
its pages by ``page``, from 1, with ``fix=0``. A column without a block is static.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawler.families import claims, pager
from crawler.families.parts import Part, in_parts, rows_on
from crawler.families.reading import Ask

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "hebei-uuid"

UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
ADDRESS = re.compile(rf"/columns/{UUID}/")
BLOCK = re.compile(
    rf"""["']([^"'\s]{{0,200}}/columns/{UUID}/templates/{UUID}/blocks/{UUID}(?:\?[^"'\s]{{0,200}})?)["']"""
)
FORMS = (pager.one_based, pager.PAGE)


def recognise(page: Page) -> bool:
    """Tell whether a list page is a column of the platform."""
    return bool(ADDRESS.search(page.url) or BLOCK.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the block's pages to the count that it or the column states, or the static pages of the column."""
    block = BLOCK.search(page.text)
    if block is None:
        return (yield from pager.walk(page, found, FORMS))
    url = urljoin(page.url, html.unescape(block[1]))
    stated = claims.claim_of(page)

    def ask(number: int, _read: int) -> Ask:
        return Ask(pager.with_parameters(url, {"page": str(number), "fix": "0"}))

    def part(reply: Page) -> Part:
        claim = claims.claim_of(reply) or stated
        return Part(rows_on(reply), pages=claim.pages if claim else None)

    return (yield from in_parts((ask,), part, found))
