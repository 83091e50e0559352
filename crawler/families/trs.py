"""TRS WCM (拓尔思): lists are folders of static files, and only a script call knows how many.

Recognised by ``createPageHTML(total, current, "index", "html")`` whose first argument is a number, by ``countPage``,
and by article names like ``t20210220_123456.html``. Page 2 is ``index_1`` (0-based); some sites count from 1, which a
trial decides. Links are relative to the list's folder; lists can be written by ``document.writeln``, or lie beside the
page as ``index.json``; a page past the end may be a short stub with status 200; ``_wap`` twins are the same article.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import claims, pager
from crawler.families.jsonlist import Fields, part_of
from crawler.families.links import articles, base_of, resolve
from crawler.families.reading import Ask, End, attempt

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "trs"

DETAIL = re.compile(r"""/t20\d{6}_\d{3,}(?:_wap)?\.s?html?["'\\]""")
FORMS = (pager.zero_based, pager.one_based)
LIST_FILE = re.compile(r"""["']((?:\./)?index\w{0,20}\.json)["'?]""")
FIELDS = Fields(
    title=("title", "TITLE", "DOCTITLE", "docTitle"),
    url=("url", "URL", "DOCPUBURL", "docpuburl", "docPubUrl"),
    date=("date", "DOCRELTIME", "PUBDATE", "docreltime", "pubDate", "docRelTime"),
)


def recognise(page: Page) -> bool:
    """Tell whether a list page is one of TRS: by its pager call, the names of its articles or the file beside it."""
    return any(mark.search(page.text) for mark in (claims.TRS_CALL, claims.COUNT, DETAIL, LIST_FILE))


def read(page: Page, found: Links) -> Reading:
    """Read the list to the count of pages that its script claims, or the file beside it that holds all rows."""
    beside = LIST_FILE.search(page.text)
    if beside and not articles(page):
        return (yield from _read_file(resolve(base_of(page), beside[1]) or page.url, found))
    return (yield from pager.walk(page, found, FORMS))


def _read_file(url: str, found: Links) -> Reading:
    reply = yield from attempt(Ask(url))
    part = part_of(reply, FIELDS) if reply else None
    if part is None or not found.add(link for link in part.rows.values() if link):
        return End("js_list", f"the list is in {url}, which holds no row that can be read")
    return End("", f"all {len(part.rows)} rows of {url} read")
