"""What a candidate's page amounts to, each kind by a page of its own."""

from __future__ import annotations

import pytest

from crawler.columns import Scope
from crawler.details import detail_of
from crawler.families.links import Link
from crawler.identity import Place
from crawler.jobs import Candidate
from crawler.page import Page
from crawler.portals import Portal

HOME = "http://www.example.gov.cn/"
URL = f"{HOME}2012.html"
TEXT = "本机关依法公开政府信息，办理依申请公开。" * 12
TITLE = "阳高县2012年政府信息公开年报"
CUT = "阳高县2012年政府信…"
BARE = "政府信息公开工作年度报告"


def article(title: str, text: str) -> str:
    return f"<title>{title}</title><meta name=ArticleTitle content='{title}'><h1>{title}</h1><div id=zoom>{text}</div>"


def scope(*, every_body: bool = False) -> Scope:
    portal = Portal("140221", "阳高县", "county", HOME, "", f"{HOME}nb/")
    return Scope(portal, Place(("140221",), ("阳高县",)), range(2010, 2014), {"example.gov.cn"}, every_body)


def candidate(title: str = TITLE, year: int | None = 2012, doubt: str = "") -> Candidate:
    return Candidate(Link(title, URL), year, doubt)


@pytest.mark.parametrize(
    ("listed", "html", "kind", "fault"),
    [
        (candidate(), article(TITLE, TEXT), "report", ""),
        (candidate(), f"<a href=7.html>{TITLE}</a>", "list", ""),
        (candidate(), article(TITLE, "<p>该信息已被删除</p>"), "refused", "soft404"),
        (candidate(), article("关于召开政务公开会议的通知", TEXT), "refused", "soft404"),
        # A title that was cut is completed by its page, which may be no report, or another body's.
        (candidate(CUT), article("阳高县2012年政府信息公开工作要点", TEXT), "other body", ""),
        (candidate(CUT), article("阳高县2012年政府信息公开年报", TEXT), "report", ""),
        (
            candidate("2012年政府信息公开工作年…"),
            article("天镇县2012年政府信息公开工作年度报告", TEXT),
            "other body",
            "",
        ),
        (candidate(BARE, None), article(BARE, TEXT), "undated", ""),
        (
            candidate("阳高县2009年政府信息公开年报", 2009),
            article("阳高县2009年政府信息公开年报", TEXT),
            "other year",
            "",
        ),
        # The list names nobody, and the page another body; the site's name behind a title is none.
        (candidate(f"2012年{BARE}"), article(f"阳高县教育局2012年{BARE}", TEXT), "other body", ""),
        (candidate(f"2012年{BARE}"), article(f"2012年{BARE}-大同市人民政府", TEXT), "report", ""),
        # The text settles that the list is wrong.
        (candidate(), article("阳高县2011年政府信息公开年报", f"2011年，{TEXT}"), "report", "soft404"),
    ],
)
def test_kinds(listed: Candidate, html: str, kind: str, fault: str) -> None:
    detail = detail_of(listed, Page(URL, html), html.encode(), scope())
    assert (detail.kind, detail.fault.code if detail.fault else "") == (kind, fault)
    assert (detail.report is not None) == (kind == "report")


def test_report_is_of_the_year_that_its_text_names() -> None:
    html = article("阳高县2011年政府信息公开年报", f"2011年，{TEXT}")
    detail = detail_of(candidate(), Page(URL, html), html.encode(), scope())
    assert detail.report
    assert (detail.report.year, detail.candidate.year) == (2011, 2012)
    assert detail.report.doubt == "the list names 2012, and the page 2011"
    assert (detail.report.whose, detail.report.substance, detail.report.url) == ("government", "text", URL)


def test_page_without_a_text_names_what_may_hold_it() -> None:
    html = f"<title>{TITLE}</title><h1>{TITLE}</h1><a href='/f/2012.pdf'>附件</a>"
    detail = detail_of(candidate(), Page(URL, html), html.encode(), scope())
    assert [file.url for file in detail.files] == [f"{HOME}f/2012.pdf"]
    framed = f"<title>{TITLE}</title><h1>{TITLE}</h1><iframe src='/oss?id=7'></iframe>"
    detail = detail_of(candidate(), Page(URL, framed), framed.encode(), scope())
    assert [lead.url for lead in detail.leads] == [f"{HOME}oss?id=7"]


def test_other_body_s_report_is_its_own_where_it_is_wanted() -> None:
    title = "阳高县教育局2012年政府信息公开年报"
    html = article(title, TEXT)
    assert detail_of(candidate(title), Page(URL, html), b"", scope()).kind == "other body"
    detail = detail_of(candidate(title), Page(URL, html), b"", scope(every_body=True))
    assert (detail.kind, detail.candidate.body) == ("report", "阳高县教育局")
