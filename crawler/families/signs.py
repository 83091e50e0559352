"""Signs that a list goes on where its page does not spell out how: what a script draws, binds or counts elsewhere.

A page without a next link ends its list only where none of these is seen, however short the list is: what a template
leaves behind and what a script is to fill look alike.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from crawler.families.links import articles, base_of, resolve
from crawler.page import squeeze, visible

if TYPE_CHECKING:
    from crawler.page import Page

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
# What an empty element may be called besides.
EMPTY_PAGER = re.compile(
    r"^(?:[a-z]+[-_])?(?:page|pages|page[-_]?(?:code|list|info)|tcdPageCode|m-box)$", re.IGNORECASE
)
TURNING = re.compile(
    r"^(\[?\d{1,4}\]?|[首尾末]页|[上下前后]一?页|共?\d*页|第|页|转到|跳转|go|\.{2,}|…|[<>«»|/]+|\d+/\d+)$",
    re.IGNORECASE,
)
# A pager has no more parts than these.
MAX_PAGER = 60
ARROWS = frozenset((">", "＞", "»", "›", "→", ">>", "》"))
TURNED_BY = ("a", "button", "span", "li", "input")
NEXT = re.compile(r"^[\[<【(\s]*(下一?[页頁]|后一?页)\s*[\]】)>＞»›→]*$")
DISABLED = re.compile(r"disabled?|gr[ae]y|\b(?:no|none|off|end)\b|nolink|unable", re.IGNORECASE)


def sign_of_more(page: Page) -> str:
    """Return what shows that a list may go on behind a page that links no further one, or an empty string."""
    more, counted = _counts(page)
    boxes = list(islice(page.root.root.iter("div", "ul", "ol", "p", "nav"), MAX_BOXES))
    # What is drawn for a single page too says nothing where all rows are counted.
    return more or _second_page(page, boxes) or ("" if counted else _to_be_drawn(page, boxes))


def _counts(page: Page) -> tuple[str, bool]:
    """What counts more rows or pages than there are, and whether anything counts no more than these."""
    rows = len(articles(page))
    counts = (
        *((ROWS_SAID.search(page.prose), rows), (ROWS_COUNTED.search(page.text), rows)),
        (PAGES_COUNTED.search(page.text), 1),
    )
    more = next((count[0] for count, here in counts if count and int(count[1]) > here), "")
    return more, any(count and int(count[1]) == here > 0 for count, here in counts)


def _second_page(page: Page, boxes: list[Any]) -> str:
    pagers = (box for box in boxes if _is_called(box, PAGER))
    if any(part.strip() == "2" for box in pagers for part in islice(box.itertext(), MAX_PARTS)):
        return "a pager with a page 2"
    if any(_is_page_two(each) for each in page.root.root.iter("a", "span", "li", "option")):
        return "a page 2 that leads nowhere"
    return ""


def _to_be_drawn(page: Page, boxes: list[Any]) -> str:
    if any(not visible(box) for box in boxes if _is_called(box, PAGER) or _is_called(box, EMPTY_PAGER)):
        return "a pager that a script fills"
    if any(_leads_nowhere(link, page) for link in page.root.root.iter(*TURNED_BY)):
        return "a next link that leads nowhere"
    return ""


def in_pager(element: Any) -> bool:
    """Tell whether a number stands among those of other pages: 1 2 3, and nothing else."""
    around = element.getparent()
    for _ in range(3):
        if around is None:
            return False
        parts = _parts(around)
        if len(parts) > 1:
            return len(parts) <= MAX_PAGER and sum(bool(TURNING.match(part)) for part in parts) * 2 > len(parts)
        around = around.getparent()
    return False


def stands_in_pager(element: Any) -> bool:
    """Tell whether an element is in one that is called a pager."""
    return any(_is_called(around, PAGER) for around in islice(element.iterancestors(), 3))


def _parts(element: Any) -> list[str]:
    return " ".join(islice(element.itertext(), MAX_PARTS * 2)).split()


def _is_called(box: Any, name: re.Pattern[str]) -> bool:
    return any(name.match(mark) for mark in f"{box.get('class') or ''} {box.get('id') or ''}".split())


def _is_page_two(element: Any) -> bool:
    """Tell whether an element is a pager's second number; a box of numbers turns pages where it has a script."""
    if (element.text or "").strip() != "2" or not in_pager(element):
        return False
    around = element.getparent()
    return element.tag != "option" or around.get("onchange") is not None


def _leads_nowhere(element: Any, page: Page) -> bool:
    """Tell whether a next link has no address of its own, and is not marked as that of a last page."""
    shown = squeeze("".join(islice(element.itertext(), MAX_PARTS)) or element.get("value") or "")
    around = element.getparent()
    if not (NEXT.match(shown) or (shown in ARROWS and around is not None and _is_called(around, PAGER))):
        return False
    # Plain words are how a page that has no other says so, and so is a 1 that stands alone.
    if element.tag in ("span", "li") and not element.attrib:
        return False
    marks = f"{element.get('class') or ''} {'' if around is None else around.get('class') or ''}"
    if DISABLED.search(marks) or element.get("disabled") is not None or _is_lone(element):
        return False
    return not resolve(base_of(page), element.get("href") or "")


def _is_lone(element: Any) -> bool:
    """Tell whether the pager around a next link has a page 1 and no other."""
    around = element.getparent()
    for _ in range(2):
        if around is None:
            return False
        numbers = {part for part in _parts(around) if part.isdecimal()}
        if numbers:
            return numbers == {"1"}
        around = around.getparent()
    return False
