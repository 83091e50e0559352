"""What a report's page holds in itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.page import Page

# Where CMS families put the text of an article; navigation around it says nothing about a report.
BODY = (
    *("UCAP-CONTENT", "trs_editor_view", "TRS_UEDITOR", "TRS_Editor", "vsb_content", "v_news_content", "ivs_content"),
    *("zoom", "Zoom", "fontzoom", "zoomcon", "bt_content", "art_con", "article-content", "article-con"),
    *("article_content", "main-txt", "pages_content", "xxgk-content", "detail-content"),
)
STATUTORY = ("规章", "行政许可", "予以公开")
# A report in prose is longer; a page of less is a remark or a shell.
MIN_PROSE = 200
PROSE = re.compile(r"[\u4e00-\u9fff]")


def substance_of(page: Page) -> str:
    """Tell what a report's page holds in itself: ``text``, ``image``, or ``nothing``."""
    conditions = " or ".join(f"@id='{name}' or contains(concat(' ', @class, ' '), ' {name} ')" for name in BODY)
    body = (page.root.xpath(f"//*[{conditions}]") or page.root.xpath("//body"))[:1]
    prose = re.sub(r"\s+", "", "".join(body.xpath(".//text()[not(ancestor::script or ancestor::style)]").getall()))
    if all(word in prose for word in STATUTORY) or len(PROSE.findall(prose)) >= MIN_PROSE:
        return "text"
    return "image" if body.xpath(".//img[@src]") else "nothing"
