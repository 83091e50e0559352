"""What a report's page holds in itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from crawler.page import visible

if TYPE_CHECKING:
    from crawler.page import Page

# Where CMS families put the text of an article; navigation around it says nothing about a report.
BODY = frozenset(
    (
        *(
            "UCAP-CONTENT",
            "trs_editor_view",
            "TRS_UEDITOR",
            "TRS_Editor",
            "vsb_content",
            "v_news_content",
            "ivs_content",
        ),
        *("zoom", "Zoom", "fontzoom", "zoomcon", "bt_content", "art_con", "article-content", "article-con"),
        *("article_content", "main-txt", "pages_content", "xxgk-content", "detail-content"),
    )
)
NAMED = etree.XPath("//*[@id or @class]")
STATUTORY = ("规章", "行政许可", "予以公开")
# A report in prose is longer; a page of less is a remark or a shell.
MIN_PROSE = 200
PROSE = re.compile(r"[\u4e00-\u9fff]")


def substance_of(page: Page) -> str:
    """Tell what a report's page holds in itself: ``text``, ``image``, or ``nothing``."""
    root = page.root.root
    body = next(filter(_is_body, NAMED(root)), None)
    body = next(root.iter("body"), root) if body is None else body
    prose = visible(body)
    if all(word in prose for word in STATUTORY) or len(PROSE.findall(prose)) >= MIN_PROSE:
        return "text"
    return "image" if any(image.get("src") for image in body.iter("img")) else "nothing"


def _is_body(element: Any) -> bool:
    return element.get("id") in BODY or not BODY.isdisjoint((element.get("class") or "").split())
