"""What shows that a list goes on, and what does not."""

from __future__ import annotations

import pytest

from crawler.families.links import Links
from crawler.families.pager import walk
from crawler.families.reading import PageError
from crawler.families.signs import sign_of_more
from crawler.page import Page

URL = "http://www.example.gov.cn/nb/"


def page(rows: int, body: str) -> Page:
    items = "".join(
        f"<li><a href='/nb/content_{90000 + n}.html'>{2023 - n}年政府信息公开年报</a></li>" for n in range(rows)
    )
    return Page(URL, f"<html><body><ul class='list'>{items}</ul>{body}</body></html>")


@pytest.mark.parametrize(
    ("rows", "body", "sign"),
    [
        # Counts that are more than there is.
        (3, "<div>共12条</div>", "共12条"),
        (3, "<div>共3条</div>", ""),
        (3, "<div>已为您找到404条</div>", ""),
        (3, "<div id='p' data-total='12' data-size='3'></div>", "data-total='12"),
        (3, "<script>var totalRecord = 12, pageSize = 3;</script>", "totalRecord = 12"),
        (3, "<script>var totalRecord = 3, pageSize = 15;</script>", ""),
        (3, "<script>var pageCount = 4;</script>", "pageCount = 4"),
        (3, "<script>var pageCount = 1;</script>", ""),
        # A page 2 that leads nowhere.
        (3, "<ul class='pager'><li data-page=1>1</li><li data-page=2>2</li></ul>", "a pager with a page 2"),
        (3, "<ul class='pager'><li data-page=1>1</li></ul>", ""),
        (3, "<p><a href='#'>1</a> <a href='#'>2</a></p>", "a page 2 that leads nowhere"),
        (3, "<select onchange='turn(this)'><option>1<option>2</select>", "a page 2 that leads nowhere"),
        (3, "<select name=month><option>1<option>2</select>", ""),
        (3, "<a href='/nb/2.html'>2</a>", ""),
        # What a template leaves behind and what a script is to fill look alike, on a list of any length.
        (6, "<div class='pagination'></div>", "a pager that a script fills"),
        (3, "<div class='pagination'></div>", "a pager that a script fills"),
        (3, "<div class='list-page'><script src='/js/page.js'></script></div>", "a pager that a script fills"),
        (3, "<div class='page'><p>正文</p></div>", ""),
        (3, "<div class='box'></div>", ""),
        # Unless the rows, or the pages, are said to be no more.
        (3, "<div class='pagination'></div><p>共3条</p>", ""),
        (3, "<div class='pagination' data-pages='1'></div>", ""),
        (3, "<a href='#' class='next'>下一页</a>", "a next link that leads nowhere"),
        (3, "<a href='javascript:;' data-page='2'>下一页</a>", "a next link that leads nowhere"),
        (3, "<div class='pager'><a href='#'>»</a></div>", "a next link that leads nowhere"),
        (3, "<div class='slides'><a href='#'>»</a></div>", ""),
        (3, "<a href='#' class='next disabled'>下一页</a>", ""),
        (3, "<li class='disabled'><a href='#'>下一页</a></li>", ""),
        (3, "<a href='/nb/2.html'>下一页</a>", ""),
        # Plain words and a lone 1 are what pages without another show.
        (3, "<span>上一页</span><span>下一页</span>", ""),
        (3, "<p><a href='#'>上一页</a><b>1</b><a href='#'>下一页</a></p>", ""),
    ],
)
def test_signs(rows: int, body: str, sign: str) -> None:
    assert sign_of_more(page(rows, body)) == sign


def test_end_of_a_list_is_not_proved_beside_a_sign() -> None:
    reading = walk(page(3, "<div class='pagination'></div>"), Links(), ())
    asked = [next(reading).url]
    with pytest.raises(StopIteration) as stop:
        while True:
            asked.append(reading.throw(PageError("soft404", "HTTP 404")).url)
    assert asked == [f"{URL}{each}" for each in ("index_1.html", "index_2.html", "?page=2")]
    assert stop.value.value.code == "paging_stuck"
    assert stop.value.value.detail == f"{URL} links no further page, and shows a pager that a script fills"


def test_list_of_one_year_is_not_worth_a_search() -> None:
    reading = walk(page(1, "<div class='pagination'></div>"), Links(), ())
    with pytest.raises(StopIteration) as stop:
        next(reading)
    assert stop.value.value.code == "paging_stuck"
