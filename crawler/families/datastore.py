"""Records as XML inside a script or a reply: ``<datastore><recordset><record>CDATA`` of Hanweb and TrueCMS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import html

from crawler.families.links import Link, base_of, date_in, resolve, text_of, title_of
from crawler.families.parts import Part

if TYPE_CHECKING:
    from crawler.page import Page

RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.{1,4000}?)\]\]>\s*</record>", re.DOTALL)
TOTAL = re.compile(r"<totalrecord>\s*(\d{1,9})\s*</totalrecord>", re.IGNORECASE)


def part_of(page: Page) -> Part:
    """Return the records on a page or in a reply, each once, in order, and the total that it states."""
    base = base_of(page)
    records = dict.fromkeys(match[1].strip() for match in RECORD.finditer(page.text))
    stated = TOTAL.search(page.text)
    return Part({text: _article(text, base) for text in records}, int(stated[1]) if stated else None)


def _article(text: str, base: str) -> Link | None:
    row = html.fragment_fromstring(text, create_parent=True)
    for anchor in row.iter("a"):
        url = resolve(base, anchor.get("href") or "")
        if url and "/module/" not in url:
            return Link(title_of(anchor), url, date_in(text_of(row)))
    return None
