"""One page: what is visible of it, and what is kept of it while its list waits."""

from __future__ import annotations

from crawler.families.links import anchors, articles, base_of
from crawler.page import Page
from crawler.substance import substance_of

HAN = "依法公开政府信息"


def page(body: str) -> Page:
    return Page("http://e/nb/", f"<html><head><title>t</title></head><body>{body}</body></html>")


def test_scripts_and_styles_are_not_visible() -> None:
    assert page("一 <b>二</b>\n三<!-- 四 -->").prose == "一二三"
    assert page("一<script>二</script><style>三</style><b>四</b>").prose == "一四"
    assert page("").prose == ""


def test_a_page_folded_up_is_read_again_where_asked() -> None:
    listed = page("<a href='content_1.html'>2023年政府信息公开年报</a>")
    assert [link.url for link in articles(listed)] == ["http://e/nb/content_1.html"]
    listed.fold_up()
    listed.fold_up()
    assert "root" not in vars(listed)
    # What was found in the tree is known without it.
    assert anchors(listed) is anchors(listed)
    assert base_of(listed) == "http://e/nb/"
    assert "root" not in vars(listed)
    assert listed.root.xpath("string(//a)").get() == "2023年政府信息公开年报"


def test_an_article_is_found_by_the_id_or_class_of_its_text() -> None:
    for name in ("id=zoom", "class='left TRS_Editor'"):
        held = substance_of(page(f"<p>{HAN * 40}</p><div {name}>{HAN * 30}</div>"))
        assert (held.kind, held.text) == ("text", HAN * 30)
    # A class alone is no id, and less than 200 characters are no report.
    assert substance_of(page(f"<div id='left zoom'>无</div><p>{HAN}</p>")).text == f"无{HAN}"
    assert substance_of(page(f"<div id=zoom>{HAN * 24}{'a1' * 200}</div>")).kind == "nothing"
    assert substance_of(page(f"<div id=zoom>{(HAN + ' ,') * 25}</div>")).kind == "text"
