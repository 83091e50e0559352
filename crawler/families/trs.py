"""TRS WCM (拓尔思): lists are folders of static files, and only a script call knows how many.

Recognised by ``createPageHTML(total, current, "index", "html")`` whose first argument is a number, by ``countPage``,
and by article names like ``t20210220_123456.html``. Page 2 is ``index_1`` (0-based); some sites count from 1, which a
trial decides. Links are relative to the list's folder; lists can be written by ``document.writeln``; a page past the
end may be a short stub with status 200; ``_wap`` twins are the same article.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import pager
from crawler.families.links import articles
from crawler.families.reading import End

if TYPE_CHECKING:
    from crawler.families.links import Link, Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "trs"

DETAIL = re.compile(r"""/t20\d{6}_\d{3,}(?:_wap)?\.s?html?["'\\]""")


def recognise(page: Page) -> bool:
    """Tell whether a list page is one of TRS: by its pager call, or by the names of its articles."""
    return bool(pager.TRS_CALL.search(page.text) or pager.COUNT.search(page.text) or DETAIL.search(page.text))


def items(page: Page) -> list[Link]:
    """Return the article links of one page, in order."""
    return articles(page)


def read(page: Page, found: Links) -> Reading:
    """Read the list to the count of pages that its script claims."""
    if not found.add(items(page)):
        return End("empty_list", f"no article is linked from {page.url}")
    claim = pager.claim_of(page)
    if claim is None or claim.pages <= 1:
        return End("", "one page, and its pager claims no second")
    return (yield from pager.numbered(claim, found, items, (pager.zero_based, pager.one_based)))
