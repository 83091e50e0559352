"""Visits without a network: pages by address, answered as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.http import HtmlResponse

from crawler.identity import Place
from crawler.portals import Portal
from crawler.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from captures import Outcome

HOME = "http://www.example.gov.cn/"
LIST = f"{HOME}nb/"
TEXT = "本机关依法公开政府信息，办理依申请公开。" * 12
YEARS = range(2010, 2014)


def page(title: str, body: str) -> str:
    return f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>"


def rows(titles: Mapping[int, str]) -> str:
    items = (f"<li><a href='/{year}.html'>{title}</a>{year + 1}-01-20</li>" for year, title in titles.items())
    return f"<ul>{''.join(items)}</ul>"


def reports(titles: Mapping[int, str]) -> dict[str, str]:
    """A column of reports by year, and their pages."""
    found = {f"{HOME}{year}.html": page(title, f"<div id=zoom>{TEXT}{year}</div>") for year, title in titles.items()}
    return found | {LIST: page("政府信息公开年报", rows(titles))}


def visited(pages: Mapping[str, str], place: Place, *, every_body: bool = False) -> dict[str, dict[int, Outcome]]:
    """Visit a portal whose pages these are; outcomes by body and year."""
    portal = Portal(place.codes[0], place.names[0], "county", HOME, "", LIST)
    visit = Visit([portal], YEARS, 100, place=place, every_body=every_body)
    while job := visit.take():
        text = pages.get(job.ask.url)
        status = 404 if text is None else 200
        visit.answer(job, HtmlResponse(job.ask.url, status=status, body=(text or "").encode()))
    found: dict[str, dict[int, Outcome]] = {}
    for row in visit.outcomes("run"):
        found.setdefault(row.name, {})[row.report_year] = row
    return found


def codes(rows_: Mapping[int, Outcome]) -> dict[int, str]:
    return {year: row.outcome for year, row in rows_.items()}


def test_reports_under_a_place_s_earlier_name_are_its_own() -> None:
    pages = reports(
        {
            2010: "户县人民政府2010年政府信息公开工作年度报告",
            2011: "西安市户县2011年政府信息公开年报",
            2012: "户县教育局2012年政府信息公开年报",
            2013: "长安区人民政府2013年政府信息公开年报",
        }
    )
    found = visited(pages, Place(("610118", "610125"), ("鄠邑区", "户县"), ("户县",)))
    assert codes(found["鄠邑区"]) == {2010: "found", 2011: "found", 2012: "year_missing", 2013: "year_missing"}


def test_column_of_a_body_that_is_its_report_is_that_body_s() -> None:
    title = "2012年政府信息公开年报"
    article = f"<meta name=ArticleTitle content='{title}'><h1>{title}</h1><div id=zoom>{TEXT}</div>"
    pages = {
        LIST: page("政府信息公开年报", "<a href='jyj/'>教育局</a>" + rows({2013: "2013年政府信息公开年报"})),
        f"{LIST}jyj/": page("教育局", "<a href='2012/'>2012年</a>"),
        f"{LIST}jyj/2012/": page(title, article),
        f"{HOME}2013.html": page("2013", f"<div id=zoom>{TEXT}</div>"),
    }
    found = visited(pages, Place(("140221",), ("阳高县",)), every_body=True)
    assert codes(found["阳高县"])[2012] == "year_missing"
    assert found["阳高县教育局"][2012].outcome == "found"
    assert found["阳高县教育局"][2012].url == f"{LIST}jyj/2012/"


@pytest.mark.parametrize(
    "name",
    [
        *("往年年报", "历史年报", "2011年以前", "历年政府信息公开年报", "更多>>", "[查看更多]"),
        *("以前年度", "更早年份", "历史信息", "年报归档", "历年年报查询", "往期回顾"),
    ],
)
def test_earlier_years_behind_a_link_of_the_column(name: str) -> None:
    pages = reports({year: f"阳高县{year}年政府信息公开年报" for year in YEARS})
    shown = rows({year: f"阳高县{year}年政府信息公开年报" for year in (2012, 2013)})
    older = rows({year: f"阳高县{year}年政府信息公开年报" for year in (2010, 2011)})
    pages |= {LIST: page("政府信息公开年报", f"<div>{shown}<p><a href='/old/'>{name}</a></p></div>")}
    pages |= {f"{HOME}old/": page(name, older)}
    found = visited(pages, Place(("140221",), ("阳高县",)))
    assert codes(found["阳高县"]) == dict.fromkeys(YEARS, "found")


@pytest.mark.parametrize("name", ["县政府办", "政府办", "阳高县政府办公室", "本级政府", "阳高县人民政府", "县政府本级"])
def test_own_unit_among_others(name: str) -> None:
    pages = reports({year: f"阳高县{year}年政府信息公开年报" for year in YEARS})
    units = f"<a href='/u1/'>{name}</a><a href='/u2/'>县教育局</a><a href='/u3/'>县政府督查室</a>"
    pages |= {f"{HOME}u1/": pages[LIST], LIST: page("政府信息公开年报", units)}
    found = visited(pages, Place(("140221",), ("阳高县",)))
    assert codes(found["阳高县"]) == dict.fromkeys(YEARS, "found")


@pytest.mark.parametrize("name", ["更多>>", "政府信息公开年报", "历史", "历史文化"])
def test_links_away_from_a_column_are_left_alone(name: str) -> None:
    pages = reports({2013: "阳高县2013年政府信息公开年报"})
    pages[LIST] = pages[LIST].replace(
        "<body>", f"<body><div><div><div><div><a href='/xw/'>{name}</a></div></div></div></div>"
    )
    found = visited(pages, Place(("140221",), ("阳高县",)))
    assert codes(found["阳高县"]) == dict.fromkeys(YEARS, "year_missing") | {2013: "found"}


def article(title: str, text: str) -> str:
    return page(title, f"<meta name=ArticleTitle content='{title}'><h1>{title}</h1><div id=zoom>{text}</div>")


@pytest.mark.parametrize(
    ("own", "text", "outcomes"),
    [
        # What was asked for is what came.
        ("阳高县2012年政府信息公开年报", TEXT, ("year_missing", "found")),
        # The page's title is another year's, and nothing tells which is right.
        ("阳高县2011年政府信息公开年报", TEXT, ("year_missing", "year_inferred")),
        # Its text tells.
        ("阳高县2011年政府信息公开年报", f"2012年，{TEXT}", ("year_missing", "found")),
        ("阳高县2011年政府信息公开年报", f"2011年，{TEXT}", ("year_inferred", "soft404")),
        # Under load, or once it is gone, a portal may serve another article.
        ("关于召开政务公开会议的通知", TEXT, ("year_missing", "soft404")),
        # Portals fill their meta elements with anything, while the page shows what it is.
        ("政务公开", f"阳高县2012年政府信息公开年报{TEXT}", ("year_missing", "found")),
    ],
)
def test_page_that_is_not_what_its_list_says(own: str, text: str, outcomes: tuple[str, str]) -> None:
    pages = reports({2012: "阳高县2012年政府信息公开年报"}) | {f"{HOME}2012.html": article(own, text)}
    found = codes(visited(pages, Place(("140221",), ("阳高县",)))["阳高县"])
    assert (found[2011], found[2012]) == outcomes


def test_page_and_file_of_a_row_are_one_report() -> None:
    shown = "".join(
        f"<tr><td>{year}年度</td><td><a href='/{year}.html'>查看</a> <a href='/{year}.pdf'>下载</a></td></tr>"
        for year in YEARS
    )
    pages = reports({year: f"阳高县{year}年政府信息公开年报" for year in YEARS})
    pages |= {LIST: page("政府信息公开年报", f"<table>{shown}</table>")}
    pages |= {f"{HOME}{year}.pdf": f"%PDF-1.4 {year}" for year in YEARS}
    assert codes(visited(pages, Place(("140221",), ("阳高县",)))["阳高县"]) == dict.fromkeys(YEARS, "found")
