"""What single families do at their edges: parameters read from the page, second tries, lists that are none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from captures import Archive
from crawler.families import epoint, gkmlpt, hunan, lonsun, sent_on, static, truecms, ucap, vsb, xxgk
from crawler.families.links import Link, Links, canonical
from crawler.families.reading import Ask, End, PageError
from crawler.page import Page
from tests.portals.catalogue import YEARS, county_reports, crawl_portals
from tests.portals.vsb import VsbPortal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.families.reading import Family

HOST = "http://www.example.gov.cn"
REPORT = '<li><a href="/nb/10001.html">2020年政府信息公开年报</a><span>2021-01-20</span></li>'


def read(family: Family, page: Page, answer: Callable[[Ask], str]) -> tuple[End, Links, list[Ask]]:
    """Read a column; ``answer`` gives the text of a reply, or raises PageError."""
    found = Links()
    asked: list[Ask] = []
    reading = family.read(page, found)
    try:
        ask = next(reading)
        while True:
            asked.append(ask)
            try:
                text = answer(ask)
            except PageError as error:
                ask = reading.throw(error)
            else:
                ask = reading.send(Page(ask.url, text))
    except StopIteration as stop:
        return stop.value, found, asked


class TestEpoint:
    PAGE = Page(
        "https://www.example.gov.cn/dynamic/zwgk/govInfoPub.html?categorynum=003&deptcode=",
        f"<script>siteGuid: '{'a' * 8}-{'b' * 27}'</script>",
    )

    def test_service_that_refuses_https_is_asked_over_http(self) -> None:
        def answer(ask: Ask) -> str:
            if ask.url.startswith("https:"):
                raise PageError("forbidden_page", "HTTP 403")
            return json.dumps({"custom": {"total": 1, "data": [{"title": "年报", "infourl": "/1.html"}]}})

        end, found, asked = read(epoint, self.PAGE, answer)
        assert end == End("", "total of 1 records reached")
        assert [urlsplit(ask.url).scheme for ask in asked] == ["https", "https", "http"]
        assert [link.url for link in found.values()] == [f"{HOST}/1.html"]
        sent = json.loads(asked[-1].json)
        assert (sent["categorynum"], sent["pageIndex"], sent["siteGuid"][:8]) == ("003", 0, "a" * 8)
        assert "pageIndex" in json.loads(asked[1].json)["params"]

    def test_page_without_the_id_of_its_site_is_read_as_it_is(self) -> None:
        page = Page(self.PAGE.url, "<script>'/EWB-FRONT/rest/'</script>")
        assert read(epoint, page, str)[0].code == "js_list"


class TestGkmlpt:
    TREE = (
        '[{"id":1,"name":"政府网站工作年度报表"},{"id":5,"name":"政府信息公开年报","children":['
        '{"id":6,"name":"2020年"},{"id":7,"name":"市教育局"},{"id":8,"name":"市政府"}]}]'
    )

    def page(self, address: str, tree: str = TREE) -> Page:
        return Page(f"{HOST}{address}", f"<script>window._CONFIG = {{SID:'2', TREE:{tree}}};</script>")

    @staticmethod
    def columns(asked: list[Ask]) -> list[str]:
        return [urlsplit(ask.url).path.rpartition("/")[2] for ask in asked]

    @pytest.mark.parametrize(
        ("address", "columns"),
        [
            ("/gkmlpt/annualreport", ["5", "6", "8"]),
            ("/gkmlpt/annualreport#0", ["5", "6", "8"]),
            ("/gkmlpt/index#6", ["6"]),
            # The tree of a page may be another's.
            ("/gkmlpt/index#99", ["99"]),
        ],
    )
    def test_columns_that_are_read(self, address: str, columns: list[str]) -> None:
        end, _, asked = read(gkmlpt, self.page(address), lambda _: '{"total":0,"articles":[]}')
        assert self.columns(asked) == columns
        assert end.code == "empty_list"

    def test_fault_of_one_list_is_the_column_s(self) -> None:
        def answer(ask: Ask) -> str:
            rows = [{"title": "年报", "post_url": "/1.html"}]
            return json.dumps({"total": 1, "articles": rows}) if "/5?" in ask.url else "<html></html>"

        end, found, _ = read(gkmlpt, self.page("/gkmlpt/annualreport"), answer)
        assert (end.code, len(found)) == ("js_list", 1)

    def test_tree_without_reports_is_no_column(self) -> None:
        end, _, asked = read(gkmlpt, self.page("/gkmlpt/annualreport", '[{"id":1,"name":"机构职能"}]'), str)
        assert (end.code, asked) == ("no_column", [])

    def test_node_that_lives_elsewhere_sends_its_reader_there(self) -> None:
        tree = '[{"id":5,"name":"政府信息公开年报","jump_url":"/szfbgs/gkmlpt/annualreport#9"}]'
        assert sent_on(self.page("/gkmlpt/annualreport", tree)) == f"{HOST}/szfbgs/gkmlpt/annualreport#9"
        assert sent_on(self.page("/gkmlpt/annualreport")) is None

    def test_columns_differ_by_their_fragment_alone(self) -> None:
        assert canonical(f"{HOST}/gkmlpt/index#5") != canonical(f"{HOST}/gkmlpt/index#6")
        assert canonical(f"{HOST}/nb/#5") == canonical(f"{HOST}/nb/#6")

    def test_article_that_its_script_holds_is_put_into_the_page(self) -> None:
        text = '<title>t</title><script>window._CONFIG = {"DETAIL":{"content":"<p>全文</p>"}};</script>'
        assert gkmlpt.article(Page(HOST, text)).root.css("div.article-content p::text").get() == "全文"
        assert gkmlpt.article(Page(HOST, "<p>1</p>")).text == "<p>1</p>"


class TestLonsun:
    def test_parameters_come_from_the_page(self) -> None:
        page = Page(
            f"{HOST}/public/column/4140867?type=3",
            "<script>Ls.ajax({url:'/site/label/8888?IsAjax=1&amp;dataType=html',"
            "data:{labelName:'publicInfoList',organId:4140867,catId:'',type:\"3\",file:'/x/y'}})</script>",
        )
        end, _, asked = read(lonsun, page, lambda _: f"{REPORT}<script>pageCount:1</script>")
        assert end == End("", "total of 1 pages reached")
        assert dict(parse_qsl(urlsplit(asked[0].url).query, keep_blank_values=True)) == {
            "IsAjax": "1",
            "dataType": "html",
            "labelName": "publicInfoList",
            "organId": "4140867",
            "catId": "",
            "type": "3",
            "file": "/x/y",
            "pageIndex": "1",
        }

    def test_both_types_empty_is_an_empty_list(self) -> None:
        page = Page(f"{HOST}/public/column/4?type=3", "<a href='#'>'/site/label/8?type=3&organId=4'</a>")
        end, _, asked = read(lonsun, page, lambda _: "<p>暂无</p>")
        assert end.code == "empty_list"
        assert [dict(ask.form).get("type", "") or ask.url[-20:] for ask in asked] == [
            *("rganId=4&pageIndex=1", "3", "rganId=4&pageIndex=1", "4")
        ]


class TestUcap:
    def test_files_go_before_the_endpoint_of_a_search_box(self) -> None:
        pages = (
            "<script>createPageHTML('page',1,1,'common_list','shtml',1); $.get('/searchList/1?_isAgg=true')</script>"
        )
        end, found, asked = read(ucap, Page(f"{HOST}/x/common_list.shtml", REPORT + pages), str)
        assert (end, len(found), asked) == (End("", "one page, and its pager claims no second"), 1, [])

    def test_empty_frame_sends_its_reader_on(self) -> None:
        page = Page(f"{HOST}/x/xxgk_lists.shtml", '<iframe src="c1/list.shtml"></iframe>')
        assert sent_on(page) == f"{HOST}/x/c1/list.shtml"
        assert sent_on(Page(page.url, f"{page.text}<script>'/searchList/1?_isAgg=true'</script>")) is None


class TestXxgk:
    URL = f"{HOST}/col/col9/index.html"
    CALL = "<script>loadDynamic('/module/xxgk/search.jsp?infotypeId=A1&amp;jdid=2&area=')</script>"

    def test_rows_of_other_columns_are_no_articles_of_this_one(self) -> None:
        rows = (
            '<a href="/art/2021/1/20/art_9_1.html">年报</a><a href="/art/2021/1/20/art_8_2.html">年报</a><p>共1页</p>'
        )
        end, found, asked = read(xxgk, Page(self.URL, self.CALL), lambda _: rows)
        assert end == End("", "total of 1 pages reached")
        assert [link.url for link in found.values()] == [f"{HOST}/art/2021/1/20/art_9_1.html"]
        sent = dict(asked[0].form)
        assert (sent["infotypeId"], sent["jdid"], sent["area"], sent["currpage"]) == ("A1", "2", "", "1")
        assert asked[0].url == f"{HOST}/module/xxgk/search.jsp?currpage=1"

    def test_column_that_gathers_from_others_keeps_them(self) -> None:
        rows = '<a href="/art/2021/1/20/art_8_2.html">年报</a><p>共1页</p>'
        assert len(read(xxgk, Page(self.URL, self.CALL), lambda _: rows)[1]) == 1


class TestTruecms:
    def test_rows_on_the_page_prove_no_end_where_the_endpoint_is_off(self) -> None:
        def answer(_: Ask) -> str:
            raise PageError("soft404", "HTTP 404")

        script = "<script>columnId:'0-0', u:'/truecms/messageController/getMessage.do'</script>"
        page = Page(f"{HOST}/nb/nb.html", f'<div id="initData"><ul>{REPORT}</ul></div>{script}')
        end, found, asked = read(truecms, page, answer)
        endpoint = f"{HOST}/truecms/messageController/getMessage.do"
        assert end == End("paging_stuck", f"1 records are on the page, and {endpoint} gives none")
        assert (len(found), len(asked)) == (1, 1)


class TestHunan:
    def test_only_the_service_that_the_page_names_may_be_on_another_site(self) -> None:
        url = "https://api.hunan.gov.cn/search/common/search/80675"
        page = Page(
            f"{HOST}/nb/", "<script>$.post('https://api.hunan.gov.cn/search/common/search/' + channelId);</script>"
        )
        channel = Page(page.url, f"<script>var channelId = '80675';</script>{page.text}")
        reply = json.dumps({"data": {"total": 1, "results": [{"title": "年报", "url": "/1.html"}]}})
        end, _, asked = read(hunan, channel, lambda _: reply)
        assert (end.proved, asked[0].url, asked[0].named) == (True, url, True)
        assert dict(asked[0].form)["datas[0][value]"] == "4"
        assert read(hunan, page, str)[2] == []


class TestVsb:
    def test_addresses_are_never_worked_out(self) -> None:
        page = Page(f"{HOST}/nb.htm", f"{REPORT}<p>共31页</p><!--Announced by Visual SiteBuilder 9-->")
        end, _, asked = read(vsb.family, page, str)
        assert (end.code, asked) == ("paging_stuck", [])

    async def test_list_that_grew_is_read_anew(self, tmp_path: Path) -> None:
        """A page's old address holds other articles after the list has grown."""
        reports = county_reports("阳高县", last=YEARS[1] - 1)
        portal = VsbPortal("阳高县", reports, per_page=2)
        async with portal:
            await crawl_portals(tmp_path, {"140221": portal})
            portal.reports = VsbPortal("阳高县", county_reports("阳高县")).reports
            portal.files = portal.build()
            await crawl_portals(tmp_path, {"140221": portal})
            portal.assert_no_unknown()
        with Archive(tmp_path / "archive") as archive:
            newest = {row.report_year: row.outcome for row in archive.outcomes()}
        assert newest == dict.fromkeys(range(YEARS[0], YEARS[1] + 1), "found")


class TestForms:
    """Lists whose pages are sent for by the page's own form."""

    @staticmethod
    def page(number: int, method: str, *, last: int = 3, count: str = "共3页") -> str:
        row = REPORT.replace("10001", f"1000{number}")
        following = f"<a href='javascript:go({number + 1})'>下一页</a>" if number < last else ""
        return (
            f"<form method={method} action=list.do><input type=hidden name=c value=7>"
            f"<input type=hidden name=page.pageNo value={number}></form><ul>{row}</ul>{count}{following}"
        )

    @pytest.mark.parametrize("method", ["post", "GET"])
    @pytest.mark.parametrize("count", ["共3页", ""])
    def test_number_is_filled_in(self, method: str, count: str) -> None:
        def answer(ask: Ask) -> str:
            sent = dict(ask.form) if method == "post" else dict(parse_qsl(urlsplit(ask.url).query))
            assert (ask.url.partition("?")[0], sent["c"]) == (f"{HOST}/list.do", "7")
            return self.page(int(sent["page.pageNo"]), method, count=count)

        end, found, asked = read(static, Page(f"{HOST}/list.do", self.page(1, method, count=count)), answer)
        assert end == End("", "3 of 3 pages read" if count else "page 3 is the last: it has no next link")
        assert (len(found), len(asked)) == (3, 2)

    def test_form_that_gives_the_first_page_again_is_a_fault(self) -> None:
        def answer(ask: Ask) -> str:
            if not ask.form:
                raise PageError("soft404", "HTTP 404")
            return self.page(1, "post")

        end, found, _ = read(static, Page(f"{HOST}/list.do", self.page(1, "post")), answer)
        assert (end.code, len(found)) == ("paging_stuck", 1)


@pytest.mark.parametrize(
    ("title", "path", "date", "article"),
    [
        ("2020年政府信息公开年报", "/nb/a.htm", "", True),
        ("政府信息公开年报", "/nb/a.htm", "2021-01-20", True),
        ("阳高县政府信息公…", "/nb/a.htm", "", True),
        ("政府信息公开年报", "/nb/a.htm", "", False),
        ("2020年", "/nb/a2020.htm", "2021-01-20", False),
        ("2020年", "/info/1026/25525.htm", "", True),
        ("x", "/index.php?m=content&c=index&a=show&catid=1&id=2", "", True),
        ("x", "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1&wbnewsid=2", "", True),
        ("x", "/index.php?m=content&c=index&a=lists&catid=1", "", False),
    ],
)
def test_links_that_lead_to_articles(title: str, path: str, date: str, article: bool) -> None:
    assert Link(title, f"{HOST}{path}", date).is_article is article
