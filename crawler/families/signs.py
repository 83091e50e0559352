"""Signs that a list goes on where its page does not spell out how: what a script draws, binds or counts elsewhere.

A page without a next link ends its list only where none of these is seen. A sign that pages of one list bear too, such
as a pager that is empty, counts where the list is as long as pages of lists are.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from crawler.families.links import articles, base_of, resolve
from crawler.page import squeeze

if TYPE_CHECKING:
    from crawler.page import Page

# No list has shorter pages than this.
SHORTEST = 5
# A pager has few parts; a page with thousands of boxes has its list in the first.
MAX_PARTS = 60
MAX_BOXES = 5000
ROWS_SAID = re.compile(r"共(?:有|计)?(\d{1,6})(?:条|篇)")
ROWS_COUNTED = re.compile(
    r"""\b(?:data-total|data-count|total_?(?:records?|rows?|count|num)|record_?count|row_?count)["']?\s*[=:]\s*["']?(\d{1,6})\b""",
    re.IGNORECASE,
)
PAGES_COUNTED = re.compile(
    r"""\b(?:data-pages|data-page-?(?:count|total)|page_?count|total_?pages?|page_?total)["']?\s*[=:]\s*["']?(\d{1,4})\b""",
    re.IGNORECASE,
)
PAGER = re.compile(
    r"^(?:pagination|pager|paging|pages|page[-_]?(?:nav|bar|box|div|turn|num)|laypage|fenye)\w*$", re.IGNORECASE
)
NEXT = re.compile(r"^[\[<【(\s]*(下一?[页頁]|后一?页)\s*[\]】)>＞»›→]*$")
DISABLED = re.compile(r"disabled?|gr[ae]y|\b(?:no|none|off|end)\b|nolink|unable", re.IGNORECASE)


def sign_of_more(page: Page) -> str:
    """Return what shows that a list may go on behind a page that links no further one, or an empty string."""
    rows = len(articles(page))
    for marks, shown in ((ROWS_SAID, page.prose), (ROWS_COUNTED, page.text)):
        if (count := marks.search(shown)) and int(count[1]) > rows:
            return count[0]
    if (count := PAGES_COUNTED.search(page.text)) and int(count[1]) > 1:
        return count[0]
    boxes = [box for box in islice(page.root.root.iter("div", "ul", "ol", "p", "nav"), MAX_BOXES) if _is_pager(box)]
    if any(part.strip() == "2" for box in boxes for part in islice(box.itertext(), MAX_PARTS)):
        return "a pager with a page 2"
    if rows < SHORTEST:
        return ""
    if any(not "".join(islice(box.itertext(), MAX_PARTS)).strip() for box in boxes):
        return "a pager that a script fills"
    links = page.root.root.iter("a", "button", "span", "li")
    return "a next link that leads nowhere" if any(_leads_nowhere(link, page) for link in links) else ""


def _is_pager(box: Any) -> bool:
    return any(PAGER.match(mark) for mark in f"{box.get('class') or ''} {box.get('id') or ''}".split())


def _leads_nowhere(element: Any, page: Page) -> bool:
    """Tell whether a next link has no address of its own, and is not marked as that of a last page."""
    if not NEXT.match(squeeze("".join(islice(element.itertext(), MAX_PARTS)))):
        return False
    around = element.getparent()
    marks = f"{element.get('class') or ''} {'' if around is None else around.get('class') or ''}"
    return not (DISABLED.search(marks) or element.get("disabled") or resolve(base_of(page), element.get("href") or ""))
