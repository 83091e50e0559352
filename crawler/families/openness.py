"""Disclosure sites of 马鞍山 and 六安 (openness): a frame ``/opennessContent/`` around rows of ``/opennessTarget/``.

Recognised by these two in the address or the page, with ``branch_id`` in 24 hexadecimal digits, and by tables of the
class ``is-xxgkTable``. Rows are counted by ``page``, from 1; the frame's parameters are the rows' too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.families import pager
from crawler.families.links import resolve
from crawler.families.reading import Ask

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "openness"

MARK = re.compile(r"/openness(Content|Target)/\?[^\"'\s]{0,200}branch_id=[0-9a-f]{24}")
TABLE = re.compile(r"\bis-(xxgkTable|listnews)\b")
TARGET = re.compile(r"""["']([^"'\s]{0,200}/opennessTarget/\?[^"'\s]{1,300})["']""")
FORMS = (pager.PAGE,)


def recognise(page: Page) -> bool:
    """Tell whether a list page is such a frame or its rows."""
    return bool(MARK.search(page.url) or MARK.search(page.text) or TABLE.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the rows page by page; from a frame first go to them."""
    if "/opennessContent/" in page.url:
        page = yield Ask(_target(page))
    return (yield from pager.walk(page, found, FORMS))


def _target(page: Page) -> str:
    query = urlsplit(page.url).query
    named = page.root.xpath("//iframe[contains(@src, '/opennessTarget/')]/@src").get() or ""
    column = pager.parameter(page.url, "column_code")
    in_script = [match[1] for match in TARGET.finditer(page.text) if not column or column in match[1]]
    return resolve(page.url, named or next(iter(in_script), "")) or urljoin(page.url, f"/opennessTarget/?{query}")
