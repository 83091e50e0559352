"""Scripts that a page loads: which are asked for, how often, and what they may prove."""

from __future__ import annotations

import pytest

from crawler.families.links import Links
from crawler.families.loaded import read
from crawler.families.reading import Ask, End, PageError
from crawler.page import Page

HOST = "http://www.example.gov.cn"
URL = f"{HOST}/nb/"


def sources(*names: str) -> Page:
    return Page(URL, "<html><body>" + "".join(f"<script src='{name}'></script>" for name in names) + "</body></html>")


def answered(page: Page, scripts: dict[str, str], answers: dict[str, str]) -> tuple[list[str], End, Links]:
    """What a reading asks for, how it ends, and what it finds, where all but ``answers`` is not there."""
    found = Links()
    reading = read(page, "", found, scripts)
    asked: list[str] = []
    try:
        ask: Ask = next(reading)
        while True:
            asked.append(ask.url.removeprefix(HOST))
            text = answers.get(asked[-1])
            missing = PageError("soft404", "HTTP 404")
            ask = reading.throw(missing) if text is None else reading.send(Page(ask.url, text))
    except StopIteration as stop:
        return asked, stop.value, found


def test_last_of_the_sites_own_are_asked_for() -> None:
    names = ("a.js", "b.js", "/js/jquery.min.js", "http://cdn.example.com/c.js", "d.js", "/x?callback=f", "e.js")
    asked, end, _ = answered(sources(*names), {}, {})
    # The reply to a call is asked for as what it is, and no script of another site.
    assert asked == ["/x?callback=f", "/nb/e.js", "/nb/d.js", "/nb/b.js"]
    assert end.code == "empty_list"


def test_known_scripts_are_not_asked_for_again() -> None:
    scripts: dict[str, str] = {}
    assert answered(sources("a.js", "b.js"), scripts, {"/nb/a.js": "var a = 1"})[0] == ["/nb/b.js", "/nb/a.js"]
    assert answered(sources("a.js", "b.js"), scripts, {})[0] == []
    assert scripts == {f"{HOST}/nb/a.js": "var a = 1", f"{HOST}/nb/b.js": ""}


def test_what_was_refused_once_is_not_asked_for_again() -> None:
    rows = "".join(f"<a href='{y}0001.html'>{y}年政府信息公开年报</a>" for y in (2023, 2022))
    page = Page(URL, f"{rows}<a href='#'>下一页</a><script src='a.js'></script>")
    asked, end, _ = answered(page, {}, {"/nb/a.js": "var a = 1"})
    assert asked == ["/nb/index_1.html", "/nb/index_2.html", "/nb/?page=2", "/nb/a.js"]
    assert end.code == "paging_stuck"


def test_script_without_a_row_proves_no_end() -> None:
    rows = "".join(f"<a href='{y}0001.html'>{y}年政府信息公开年报</a>" for y in (2023, 2022))
    page = Page(URL, f"{rows}<div class=pager></div><script src='pager.js'></script>")
    _, end, found = answered(page, {}, {"/nb/pager.js": "var defaults = {pageCount: 1, current: 1};"})
    assert end.code == "paging_stuck"
    assert len(found) == 2


def test_list_of_one_year_is_not_worth_the_requests() -> None:
    page = Page(
        URL, "<a href='20230001.html'>2023年政府信息公开年报</a><a href='#'>下一页</a><script src='a.js'></script>"
    )
    asked, end, _ = answered(page, {}, {})
    assert (asked, end.code) == ([], "paging_stuck")


def test_gate_is_passed_on() -> None:
    reading = read(sources("a.js"), "", Links(), {})
    assert next(reading).url == f"{URL}a.js"
    with pytest.raises(PageError):
        reading.throw(PageError("captcha", "the page asks for a code", stops=True))
