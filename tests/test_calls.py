"""Lists that a page's own script asks an endpoint for: what is spelled out is asked for, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from crawler.families.calls import calls
from crawler.families.links import Links
from crawler.families.pager import PAGE_PARAMETER, walk
from crawler.families.reading import Ask, End
from crawler.page import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

URL = "http://www.example.gov.cn/nb/"
API = "http://www.example.gov.cn/api/list"


def page(script: str, body: str = "") -> Page:
    return Page(URL, f"<html><body>{body}<ul id=list></ul><script>{script}</script></body></html>")


def rows(*years: int, total: int | None = None) -> dict[str, Any]:
    listed = [{"title": f"{year}年政府信息公开工作年度报告", "url": f"/{year}.html"} for year in years]
    return {"data": {"rows": listed} | ({} if total is None else {"total": total})}


@pytest.mark.parametrize(
    ("script", "second"),
    [
        (
            "var cfg = {listUrl: '/api/list', columnId: '77', pageSize: 15};"
            "$.ajax({url: cfg.listUrl, data: {columnId: cfg.columnId, pageNo: 1, pageSize: cfg.pageSize},"
            "success: function (r) { render(r); }});",
            Ask(f"{API}?columnId=77&pageNo=2&pageSize=15"),
        ),
        ("$.get('/api/list?cid=7&page=1', function (r) {})", Ask(f"{API}?cid=7&page=2")),
        ("$.get('/api/list?cid=7&page=0', function (r) {})", Ask(f"{API}?cid=7&page=1")),
        ("var page = 1; function more() { page++; $.get('/api/list?page=' + page, add); }", Ask(f"{API}?page=2")),
        ("$.post('/api/list', {cid: 7, curPage: n}, function (r) {})", Ask(API, form=(("cid", "7"), ("curPage", "2")))),
        (
            "$.ajax({type: 'POST', url: '/api/list', contentType: 'application/json',"
            "data: JSON.stringify({cid: '0077', pageNum: 1})})",
            Ask(API, json='{"cid": "0077", "pageNum": 2}'),
        ),
        (
            "fetch('/api/list', {method: 'POST', headers: {'Content-Type': 'application/json'},"
            "body: JSON.stringify({channelId: 9, pageNum: 1})}).then(r => r.json())",
            Ask(API, json='{"channelId": 9, "pageNum": 2}'),
        ),
        (
            "new Vue({data: {cid: '9', size: 10}, created() {"
            "axios.post('/api/list', {channelId: this.cid, pageNum: this.page, size: this.size}).then(show)}})",
            Ask(API, json='{"channelId": 9, "pageNum": 2, "size": 10}'),
        ),
        (
            "$.ajax({url: '/api/list?cid=' + cid + '&pageNo=' + pageNo, type: 'GET'}); var cid = '7', pageNo = 1;",
            Ask(f"{API}?cid=7&pageNo=2"),
        ),
        ("axios.get('/api/list', {params: {cid: 7, page: 1}}).then(show)", Ask(f"{API}?cid=7&page=2")),
    ],
)
def test_calls_that_are_spelled_out(script: str, second: Ask) -> None:
    (call,) = calls(page(script), PAGE_PARAMETER)
    assert call.ask(2, 0) == second


@pytest.mark.parametrize(
    "script",
    [
        # A counter, a form, a login: nothing that turns pages.
        "$.post('/hits/add', {id: 7})",
        "$.ajax({url: '/login', type: 'post', data: {user: 'a', code: 'b'}})",
        # A field that only another file knows.
        "$.get('/api/list', {cid: columnId, page: 1})",
        "$.get(apiUrl, {page: 1})",
        "$.ajax({url: makeUrl(7), data: {page: 1}})",
    ],
)
def test_other_calls_are_left_alone(script: str) -> None:
    assert calls(page(script), PAGE_PARAMETER) == []


def read(first: Page, answers: Mapping[str, object]) -> tuple[End, Links, list[str]]:
    """Read a list whose endpoints answer so; its end, what was found, and the addresses asked for."""
    found, asked = Links(), []
    reading = walk(first, found, ())
    try:
        ask = next(reading)
        while True:
            asked.append(ask.url)
            answer = answers.get(ask.url, "")
            text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
            ask = reading.send(Page(ask.url, text))
    except StopIteration as stop:
        return stop.value, found, asked


def test_list_is_read_to_the_total_that_its_endpoint_states() -> None:
    script = "$.get('/api/list?page=1', show)"
    answers = {f"{API}?page=1": rows(2023, 2022, total=3), f"{API}?page=2": rows(2021, total=3)}
    end, found, _ = read(page(script), answers)
    assert end == End("", "total of 3 records reached")
    assert sorted(link.url[-9:] for link in found.values()) == ["2021.html", "2022.html", "2023.html"]


def test_total_of_one_reply_is_no_total() -> None:
    script = "$.get('/api/list?page=1', show)"
    answers = {f"{API}?page=1": rows(2023, 2022, total=2), f"{API}?page=2": rows(2021, 2020, total=2)}
    _, found, _ = read(page(script), answers | {f"{API}?page=3": rows(total=2)})
    assert len(found) == 4
    answers = {f"{API}?page=1": rows(2023, 2022, total=2), f"{API}?page=2": rows(total=2)}
    end, found, _ = read(page(script), answers)
    assert (end, len(found)) == (End("", "total of 2 records reached"), 2)


def test_end_without_a_total_is_not_proved() -> None:
    end, found, _ = read(page("$.get('/api/list?page=1', show)"), {f"{API}?page=1": rows(2023, 2022)})
    assert (end.code, len(found)) == ("paging_stuck", 2)


def test_news_that_the_page_asks_for_too_prove_nothing() -> None:
    news = {"rows": [{"title": f"县领导调研{n}", "url": f"/xw/{n}.html"} for n in range(5)], "total": 500}
    script = "$.get('/api/news?page=1', top); $.get('/api/list?page=1', show);"
    answers = {"http://www.example.gov.cn/api/news?page=1": news, f"{API}?page=1": rows(2023, total=1)}
    answers[f"{API}?page=2"] = rows(total=1)
    end, found, asked = read(page(script), answers)
    assert end.proved
    assert [link.title for link in found.values()] == ["2023年政府信息公开工作年度报告"]
    assert asked == ["http://www.example.gov.cn/api/news?page=1", f"{API}?page=1", f"{API}?page=2"]
    end, found, _ = read(page("$.get('/api/news?page=1', top)"), answers)
    assert (end.code, len(found)) == ("js_list", 0)


def test_rows_that_a_button_loads_are_asked_for() -> None:
    shown = "<ul><li><a href='/nb/content_92023.html'>2023年政府信息公开工作年度报告</a></li></ul><p>加载更多</p>"
    fragment = "<li><a href='/nb/content_9{y}.html'>{y}年政府信息公开工作年度报告</a></li>"
    answers = {f"{API}?page={n}": fragment.format(y=2024 - n) for n in (1, 2)}
    end, found, _ = read(page("var page = 1; $.get('/api/list?page=' + page, add)", shown), answers)
    assert sorted(link.url[-10:] for link in found.values()) == ["92022.html", "92023.html"]
    assert end == End("paging_stuck", f"2 records, and {API} states no total")
