"""What a report's page holds in itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
NAMES = etree.XPath("//@id | //@class")
WRITTEN = etree.XPath(
    "descendant::text()[not(parent::script or parent::style) and not(ancestor::a[@href])]", smart_strings=False
)
STATUTORY = ("规章", "行政许可", "予以公开")
# A report in prose is longer; a page of less is a remark or a shell.
MIN_PROSE = 200
WHOLE = re.compile(r"汇总|全[县市区旗州省]|各(部门|单位|乡镇)")
PROSE = re.compile(rf"(?:[\u4e00-\u9fff][^\u4e00-\u9fff]*+){{{MIN_PROSE}}}")


@dataclass(frozen=True, slots=True)
class Substance:
    """``kind`` is ``text``, ``image`` or ``nothing``; ``text`` is what the article says, ``images`` what it shows."""

    kind: str
    text: str
    images: tuple[str, ...] = ()

    @property
    def is_statutory(self) -> bool:
        """Whether the article has the words of the form's tables."""
        return all(word in self.text for word in STATUTORY)

    @property
    def sums_up(self) -> bool:
        """Whether the report says that it speaks for the whole place."""
        return bool(WHOLE.search(self.text[:2000]))


def substance_of(page: Page) -> Substance:
    """Tell what a report's page holds in itself."""
    root = page.root.root
    named = next((name.getparent() for name in NAMES(root) if _names_body(name)), None)
    body = next(root.iter("body"), root) if named is None else named
    prose = page.prose if body.tag == "body" and named is None else visible(body)
    if all(word in prose for word in STATUTORY):
        return Substance("text", prose)
    # A home page in a report's place is long, and nothing but links.
    written = prose if named is not None else "".join("".join(WRITTEN(body)).split())
    if "公开" in written and PROSE.search(written):
        return Substance("text", prose)
    images = tuple(image.get("src") for image in body.iter("img") if image.get("src"))
    return Substance("image" if images else "nothing", prose, images)


def _names_body(name: Any) -> bool:
    """Tell whether an id, or one of an element's classes, is that of an article's text."""
    return name in BODY if name.attrname == "id" else not BODY.isdisjoint(name.split())
