"""Families: how each is told, what it takes from a page, and how its lists end."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.families import FAMILIES, FAMILY_NAMES, family_of, hanweb, sent_on, static, trs
from crawler.families.claims import Claim, claim_of
from crawler.families.links import Link, Links, anchors, articles, canonical, is_cut
from crawler.families.reading import MAX_PAGES, Ask, End, Family, PageError
from crawler.page import Page, decode

FOLDER = "http://www.example.gov.cn/zwgk/zfxxgknb/"
GONE = PageError("soft404", "HTTP 404")


def article(number: int) -> str:
    return (
        f'<li><a href="./202101/t20210120_{number}.html">2020年政府信息公开年报{number}</a><span>2021-01-20</span></li>'
    )


def listing(*numbers: int, pager: str = "") -> str:
    return f"<html><body><ul>{''.join(map(article, numbers))}</ul>{pager}</body></html>"


def read(family: Family, url: str, pages: dict[str, str | PageError]) -> tuple[End, Links, list[Ask]]:
    """Read a column from pages by address; what is not there is gone."""
    found = Links()
    asked: list[Ask] = []
    reading = family.read(Page(url, str(pages[url])), found)
    try:
        ask = next(reading)
        while True:
            asked.append(ask)
            page = pages.get(ask.url, GONE)
            ask = reading.throw(page) if isinstance(page, PageError) else reading.send(Page(ask.url, page))
    except StopIteration as stop:
        return stop.value, found, asked


UUID = "8aef2fa0-cc14-409e-9f68-fbdba00a0c72"


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("<script>window._CONFIG = { SID:'200001', TREE:[] };</script>", "gkmlpt"),
        ("<script>Ls.ajax({url:'/site/label/8888?labelName=publicInfoList'})</script>", "lonsun"),
        (
            "<script>o={contentTemplate:'<datastore><recordset>',u:'/TrueCMS/messageController/getMessage.do'}</script>",
            "truecms",
        ),
        ("<script>loadDynamic('/module/xxgk/search.jsp?a=1'); $('#1').jpage({perPage:1})</script>", "jcms-xxgk"),
        ('<tr class="tr_main_value_odd"><td>1</td></tr>', "jcms-xxgk"),
        ('<script type="text/xml"><datastore><recordset></recordset></datastore></script>', "hanweb"),
        ("<script>$('#1').jpage({totalRecord:4895,perPage:19});</script>", "hanweb"),
        ('<a href="/module/jpage/dataproxy.jsp?page=1">x</a>', "hanweb"),
        ('<div url="/api-gateway/jpaas-publish-server/front/page/build/unit"></div>', "jpaas"),
        ("<script>$.post('/EWB-FRONT/rest/lightfrontaction/getgovinfolist')</script>", "epoint-ewb"),
        ('<table class="is-xxgkTable"></table>', "openness"),
        ("<script>nsetpage(1,40,20,'index')</script>", "huaian"),
        ("<script>$.post('https://api.hunan.gov.cn/search/common/search/80675')</script>", "hunan"),
        ("<script>createPageHTML('page_div', 3, 1, 'common_list', 'shtml', 40);</script>", "ucap"),
        (f'<a href="/ljxz/c100275/202102/{UUID.replace("-", "")}.shtml">x</a>', "ucap"),
        ("<!--Announced by Visual SiteBuilder 9-->", "vsb"),
        (f"<script>load('/columns/{UUID}/templates/{UUID}/blocks/{UUID}?page=1')</script>", "hebei-uuid"),
        ('<a href="/eportal/ui?pageId=6817552&currentPage=2">2</a>', "eportal"),
        ("<script>var NFCMS_SITE_ID=1</script>", "nfcms"),
        ('<script>createPageHTML(3, 0, "index", "html");</script>', "trs"),
        ("<script>createPageHTML(3, 0, 'index', 'shtml');</script>", "trs"),
        ("<script>var countPage=56; var currentPage=0;</script>", "trs"),
        ('<a href="./202102/t20210220_123456.html">x</a>', "trs"),
        ("<script>$.getJSON('index.json')</script>", "trs"),
        ('<a href="/nb/123.jhtml">x</a>', "jeecms"),
        ('<a href="/Item/300.aspx">x</a>', "powereasy"),
        ('<a href="/plus/view.php?aid=300">x</a>', "dedecms"),
        ('<a href="/e/action/ShowInfo/?classid=1&id=2">x</a>', "empirecms"),
        ('<a href="/index.php?m=content&amp;c=index&amp;a=show&amp;catid=1&amp;id=2">x</a>', "phpcms"),
        ('<a href="/nb/1752504210521403394.html">x</a>', "snowflake"),
        ('<a href="/info/1/2.htm">x</a>', "static"),
        ("", "static"),
    ],
)
def test_family_is_told_by_its_marks(text: str, family: str) -> None:
    assert family_of(Page(FOLDER, text)).name == family


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/gkmlpt/index#32148", "gkmlpt"),
        ("/public/column/4140867?type=3", "lonsun"),
        ("/dynamic/zwgk/govInfoPub.html?deptcode=&categorynum=003001003", "epoint-ewb"),
        ("/opennessContent/?branch_id=5212cf4b29eafe3a88a06d35&column_code=190100", "openness"),
        ("/col/18073_668815/index.html", "huaian"),
        ("/ljxz/c100275/common_zfxxgknb.shtml", "ucap"),
        (f"/columns/{UUID}/index.html", "hebei-uuid"),
        ("/eportal/ui?pageId=6817552", "eportal"),
        ("/nb/index.jhtml", "jeecms"),
        ("/Category_340/Index.aspx", "powereasy"),
        ("/plus/list.php?tid=48", "dedecms"),
        ("/e/action/ListInfo/?classid=16", "empirecms"),
        ("/index.php?m=content&c=index&a=lists&catid=357", "phpcms"),
        ("/info/iList.jsp?node_id=GKmzs&cat_id=15971", "ilist-jsp"),
        ("/list?type=1752504210521403394&current=1", "snowflake"),
    ],
)
def test_family_is_told_by_the_address(path: str, family: str) -> None:
    assert family_of(Page(f"http://www.example.gov.cn{path}", "<p>")).name == family


def test_declared_family_counts_where_no_mark_tells() -> None:
    assert family_of(Page(FOLDER, "<p>"), "trs") is trs
    assert family_of(Page(FOLDER, "<p>"), "hongwang") is static
    assert family_of(Page(FOLDER, "<script>var countPage=5;</script>"), "hanweb") is trs


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_declared_family_reads_a_plain_list_too(family: Family) -> None:
    pages: dict[str, str | PageError] = {
        FOLDER: listing(1, pager='<a href="more.html">下一页</a>'),
        f"{FOLDER}more.html": listing(2),
    }
    end, found, _ = read(family, FOLDER, pages)
    assert end == End("", "page 2 is the last: it has no next link")
    assert len(found) == 2


def test_every_family_of_the_catalogue_is_served() -> None:
    with (Path(__file__).parent.parent / "data" / "portals.csv").open(encoding="utf-8", newline="") as file:
        named = {row["family"] for row in csv.DictReader(file)} - {""}
    assert len(named) == 19
    assert named <= FAMILY_NAMES
    assert FAMILY_NAMES - {family.name for family in FAMILIES} == {"hongwang"}


class TestLinks:
    def test_relative_links_resolve_against_the_folder(self) -> None:
        page = Page(FOLDER.rstrip("/"), listing(7))
        assert articles(page) == [
            Link("2020年政府信息公开年报7", f"{FOLDER}202101/t20210120_7.html", "2021-01-20"),
        ]

    @pytest.mark.parametrize(
        ("row", "title", "date"),
        [
            ('<li><a href="a_1.pdf" title="全名">全…</a>2021年1月2日</li>', "全名", "2021-01-02"),
            ("<li><a href='a_1.pdf'>名<i>2021-01-02</i></a></li>", "名", "2021-01-02"),
            ("<li><a href='a_1.pdf'><span>[2021/1/2]</span>\n名</a></li>", "名", "2021-01-02"),
            ("<tr><td><a href='a_1.pdf'>名</a></td><td>2021.01.02</td></tr>", "名", "2021-01-02"),
            ('<li><a href="a_1.pdf" title="打开">一个更长的名字</a></li>', "一个更长的名字", ""),
            ("<li><a href='a_1.pdf'><img src='x.png' alt='图名'></a></li>", "图名", ""),
            ("<li><a href='javascript:;' onclick=\"name2('/a_1.pdf')\">名</a></li>", "名", ""),
            ('<li><a href="javascript:;" data-href="/a_1.pdf">名</a></li>', "名", ""),
            ('<li><a href="#" data-url="a_1.pdf">名</a></li>', "名", ""),
        ],
    )
    def test_title_and_date_of_a_row(self, row: str, title: str, date: str) -> None:
        links = anchors(Page("http://e.gov.cn/", f"<table>{row}</table>" if "<tr>" in row else f"<ul>{row}</ul>"))
        assert links == [Link(title, "http://e.gov.cn/a_1.pdf", date)]

    def test_links_written_by_scripts_are_read(self) -> None:
        text = r"""<script>document.writeln("<li><a href=\"./202101/t20210120_9.html\">年报<\/a><\/li>");</script>"""
        assert [link.url for link in articles(Page(FOLDER, text))] == [f"{FOLDER}202101/t20210120_9.html"]

    @pytest.mark.parametrize("href", ["javascript:void(0)", "#", "mailto:a@b", "", "http://[", "tel:1"])
    def test_what_is_no_address_is_no_link(self, href: str) -> None:
        assert anchors(Page(FOLDER, f'<a href="{href}">x</a>')) == []

    @pytest.mark.parametrize(
        ("url", "same"),
        [
            ("http://www.e.gov.cn/nb/index.html", "https://e.gov.cn/nb/"),
            ("http://e.gov.cn/nb/t20210120_1_wap.html", "http://e.gov.cn/nb/t20210120_1.html"),
            ("http://e.gov.cn/content/mpost_12.html", "http://e.gov.cn/content/post_12.html"),
        ],
    )
    def test_twins_have_one_canonical_address(self, url: str, same: str) -> None:
        assert canonical(url) == canonical(same)
        assert canonical("http://e.gov.cn/?id=1") != canonical("http://e.gov.cn/?id=2")

    def test_mobile_twin_gives_way(self) -> None:
        found = Links()
        assert found.add([Link("a", "http://e/t20210120_1_wap.html")]) == 1
        assert found.add([Link("a", "http://e/t20210120_1.html"), Link("a", "http://e/t20210120_1_wap.html")]) == 0
        assert [link.url for link in found.values()] == ["http://e/t20210120_1.html"]

    @pytest.mark.parametrize(("title", "cut"), [("年度报...", True), ("年度报…", True), ("年度报告", False)])
    def test_cut_titles(self, title: str, cut: bool) -> None:
        assert is_cut(title) is cut

    @pytest.mark.parametrize(("column_type", "count"), [("信息公开年报", 1), ("政策文件", 0)])
    def test_column_type_makes_dated_reports_articles(self, column_type: str, count: int) -> None:
        rows = (
            '<li><a href="/detail/1/">2020年政府信息公开年报</a>2021-01-20</li>'
            '<li><a href="/zn/">指南</a>2021-01-20</li><li><a href="/2019n/">2019年政府信息公开年报</a></li>'
        )
        page = Page(FOLDER, f'<head><meta name="ColumnType" content="{column_type}"></head><ul>{rows}</ul>')
        assert [link.url for link in articles(page)] == ["http://www.example.gov.cn/detail/1/"][:count]

    def test_navigation_is_no_article(self) -> None:
        nav = '<a href="/nb/">信息公开年报</a><a href="/zn/index.html">2020年信息公开年报</a><a href="/x.html">指南</a>'
        assert articles(Page(FOLDER, nav)) == []


class TestPager:
    @pytest.mark.parametrize(
        ("text", "claim"),
        [
            ('createPageHTML(3, 0, "index", "html");', Claim(3, FOLDER, "index", "html")),
            ("createPage(4,1,'list1','shtml')", Claim(4, FOLDER, "list1", "shtml")),
            ("createPageHTML('page', 5, 1, 'common_list', 'shtml', 90)", Claim(5, FOLDER, "common_list", "shtml")),
            ('var countPage = 6;\nx="wjk_"+i+".htm"', Claim(6, FOLDER, "wjk", "htm")),
            ("var countPage=6", Claim(6, FOLDER, "index", "html")),
            ("<p>共 12 页</p>", Claim(12, FOLDER, "index", "html")),
            ("<p>第1/7页</p>", Claim(7, FOLDER, "index", "html")),
            ("<p>共12条</p>", None),
            ("var total = 7; createPageHTML(total, 0, 'index', 'html')", Claim(7, FOLDER, "index", "html")),
            ("var n='4'; createPageHTML('p', n, cur, 'list', 'shtml', rows)", Claim(4, FOLDER, "list", "shtml")),
            ("laypage.render({elem: 'p', count: 61, limit: 20})", Claim(4, FOLDER, "index", "html")),
            ("$('#p').pagination(60, {items_per_page: 20, callback: f})", Claim(3, FOLDER, "index", "html")),
            ("$('#p').pagination({pageCount: 5, jump: true})", Claim(5, FOLDER, "index", "html")),
            ("kkpager.generPageHtml({pno: 1, total: 6, totalRecords: 90})", Claim(6, FOLDER, "index", "html")),
            ("createPageHTML(total, 0, 'index', 'html')", None),
            ("$('#p').pagination({dataSource: rows})", None),
        ],
    )
    def test_claims(self, text: str, claim: Claim | None) -> None:
        body = text if text.startswith("<") else f"<script>{text}</script>"
        assert claim_of(Page(FOLDER, f"<html><body>{body}</body></html>")) == (claim and replace(claim, url=FOLDER))

    def test_own_file_names_the_stem(self) -> None:
        url = f"{FOLDER}xxgk_list.shtml"
        assert claim_of(Page(url, "<body>共3页</body>")) == Claim(3, FOLDER, "xxgk_list", "shtml", url)

    @pytest.mark.parametrize(
        "script", ["createPageHTML(total, 0, 'index', 'html')", "$('#p').pagination({dataSource: rows})"]
    )
    def test_pager_without_figures_is_no_end(self, script: str) -> None:
        end, found, _ = read(static, FOLDER, {FOLDER: listing(1, pager=f"<script>{script}</script>")})
        assert (end.code, len(found)) == ("paging_stuck", 1)

    @pytest.mark.parametrize(
        ("first", "second", "pager"),
        [
            ("l1.html", "l2.html", '<a class="next" href="l2.html"></a>'),
            ("l1.html", "l2.html", '<a rel="next" href="l2.html"><i></i></a>'),
            ("l1.html", "l2.html", '<li class="page-next"><a href="l2.html"><i></i></a></li>'),
            ("l1.html", "l2.html", '<a href="l2.html">＞</a>'),
            ("column-index-1.shtml", "column-index-2.shtml", "<p>共2页</p>"),
            ("page/0", "page/1", "<p>共2页</p>"),
            ("index.php?s=/List/cid/15.html", "index.php?s=/List/cid/15/p/2.html", "<p>共2页</p>"),
        ],
    )
    def test_second_page(self, first: str, second: str, pager: str) -> None:
        rows = [f"<a href='/nb/202101/t20210120_{n}.html'>2020年政府信息公开年报</a>" for n in (1, 2)]
        end, found, _ = read(static, FOLDER + first, {FOLDER + first: rows[0] + pager, FOLDER + second: rows[1]})
        assert (end.proved, len(found)) == (True, 2)


class TestTrs:
    PAGER = '<script>createPageHTML(3, 0, "index", "html");</script>'

    def test_pages_count_from_zero(self) -> None:
        pages: dict[str, str | PageError] = {
            FOLDER: listing(1, 2, pager=self.PAGER),
            f"{FOLDER}index_1.html": listing(3, 4),
            f"{FOLDER}index_2.html": listing(5),
        }
        end, found, asked = read(trs, FOLDER, pages)
        assert end == End("", "3 of 3 pages read")
        assert (len(found), len(asked)) == (5, 2)

    @pytest.mark.parametrize("first", [GONE, listing(1, 2)], ids=["absent", "page one again"])
    def test_pages_that_count_from_one_are_told_by_trial(self, first: str | PageError) -> None:
        pages: dict[str, str | PageError] = {
            FOLDER: listing(1, 2, pager=self.PAGER),
            f"{FOLDER}index_1.html": first,
            f"{FOLDER}index_2.html": listing(3),
            f"{FOLDER}index_3.html": listing(4),
        }
        end, found, _ = read(trs, FOLDER, pages)
        assert end.proved
        assert len(found) == 4

    @pytest.mark.parametrize("last", [GONE, listing(3, 4), "<html></html>"], ids=["absent", "repeated", "stub"])
    def test_page_that_brings_nothing_new_is_a_fault(self, last: str | PageError) -> None:
        pages = {
            FOLDER: listing(1, 2, pager=self.PAGER),
            f"{FOLDER}index_1.html": listing(3, 4),
            f"{FOLDER}index_2.html": last,
        }
        end, found, _ = read(trs, FOLDER, pages)
        assert end == End("paging_stuck", f"page 3 of 3 brought nothing new: {FOLDER}index_2.html")
        assert len(found) == 4

    def test_second_page_under_no_known_address_is_a_fault(self) -> None:
        end, _, asked = read(trs, FOLDER, {FOLDER: listing(1, pager=self.PAGER)})
        assert end.code == "paging_stuck"
        assert [ask.url for ask in asked] == [
            *(f"{FOLDER}index_1.html", f"{FOLDER}index_2.html"),
            # The forms of other families come last.
            *(f"{FOLDER}?page=2", f"{FOLDER}?pageNum=2", f"{FOLDER}index/2.html", f"{FOLDER}2.html"),
            *(f"{FOLDER}?pageNo=2", f"{FOLDER}?pageIndex=2", f"{FOLDER}?currentPage=2", f"{FOLDER}?p=2"),
        ]

    def test_list_longer_than_the_budget_says_so(self) -> None:
        pager = f'<script>createPageHTML({MAX_PAGES + 30}, 0, "index", "html");</script>'
        pages: dict[str, str | PageError] = {f"{FOLDER}index_{n}.html": listing(n) for n in range(1, MAX_PAGES + 30)}
        end, found, _ = read(trs, FOLDER, pages | {FOLDER: listing(0, pager=pager)})
        assert end.code == "budget_exhausted"
        assert len(found) == MAX_PAGES

    def test_fault_of_a_page_is_the_column_s(self) -> None:
        down = PageError("unreachable", "HTTP 500")
        pages: dict[str, str | PageError] = {FOLDER: listing(1, pager=self.PAGER), f"{FOLDER}index_1.html": down}
        with pytest.raises(PageError, match="unreachable"):
            read(trs, FOLDER, pages)

    def test_empty_list_and_single_page(self) -> None:
        assert read(trs, FOLDER, {FOLDER: listing(pager=self.PAGER)})[0].code == "empty_list"
        assert read(trs, FOLDER, {FOLDER: listing(1)})[0].proved


class TestStatic:
    @pytest.mark.parametrize("words", ["下一页", "下页", "下一頁", ">", "»", "Next", "下一页>"])
    def test_next_links_are_followed(self, words: str) -> None:
        onward = f'<a href="more.html">{words}</a>'
        pages: dict[str, str | PageError] = {
            FOLDER: listing(1, pager=onward),
            f"{FOLDER}more.html": listing(2, pager=f'<a href="more.html">{words}</a>'),
        }
        end, found, _ = read(static, FOLDER, pages)
        assert end == End("", "page 2 is the last: it has no next link")
        assert len(found) == 2

    def test_next_links_that_stop_before_the_stated_count_are_a_fault(self) -> None:
        pages: dict[str, str | PageError] = {
            FOLDER: listing(1, pager='共3页<a href="more.html">下一页</a>'),
            f"{FOLDER}more.html": listing(2),
        }
        assert read(static, FOLDER, pages)[0] == End("paging_stuck", f"page 2 of 3 has no next link: {FOLDER}more.html")

    @pytest.mark.parametrize(
        "form",
        ["index_1.html", "index_2.html", "?page=2", "?pageNum=2", "index/1.html", "2.html"],
    )
    def test_addresses_are_tried_where_only_a_count_is_given(self, form: str) -> None:
        pages: dict[str, str | PageError] = {FOLDER: listing(1, pager="共2页"), FOLDER + form: listing(2)}
        end, found, _ = read(static, FOLDER, pages)
        assert end.proved
        assert len(found) == 2

    def test_ucap_order_of_the_pager_call(self) -> None:
        url = f"{FOLDER}common_list.shtml"
        call = "<script>createPageHTML('page_div', 2, 1, 'common_list', 'shtml', 30);</script>"
        pages: dict[str, str | PageError] = {
            url: listing(1, pager=call).replace("t20210120_1", "90001"),
            f"{FOLDER}common_list_2.shtml": listing(2),
        }
        assert read(static, url, pages)[0].proved

    def test_list_that_a_script_fills_is_no_empty_list(self) -> None:
        assert read(static, FOLDER, {FOLDER: "<script>$.ajax({url:'/api'})</script>"})[0].code == "js_list"
        assert read(static, FOLDER, {FOLDER: "<p>暂无内容</p>"})[0].code == "empty_list"


class TestHanweb:
    URL = "http://www.example.gov.cn/col/col311/index.html"
    PROXY = "http://www.example.gov.cn/module/web/jpage/dataproxy.jsp"

    @staticmethod
    def records(*numbers: int) -> str:
        rows = "".join(
            f"<record><![CDATA[<li><a href='/art/2021/1/20/art_311_{n}.html'>年报</a><b>2021-01-20</b></li>]]></record>"
            for n in numbers
        )
        return f"<datastore><recordset>{rows}</recordset></datastore>"

    def column(self, total: int, *numbers: int) -> str:
        group = '<a href="/module/web/jpage/dataproxy.jsp?page=1&amp;columnid=311&unitid=9&webname=江苏"></a>'
        script = f"$('#9').jpage({{totalRecord:{total},perPage:1}});"
        return f'<script type="text/xml">{group}{self.records(*numbers)}</script><script>{script}</script>'

    def test_embedded_records_are_read_out_of_the_script(self) -> None:
        end, found, asked = read(hanweb, self.URL, {self.URL: self.column(2, 1, 2)})
        assert end == End("", "total of 2 records reached")
        assert [link.date for link in found.values()] == ["2021-01-20", "2021-01-20"]
        assert asked == []

    def test_further_groups_are_asked_for_as_the_portal_s_script_does(self) -> None:
        found = Links()
        reading = hanweb.read(Page(self.URL, self.column(7, 1, 2, 3)), found)
        ask = next(reading)
        assert urlsplit(ask.url)[:3] == urlsplit(self.PROXY)[:3]
        assert parse_qs(urlsplit(ask.url).query) == {"startrecord": ["4"], "endrecord": ["6"], "perpage": ["1"]}
        assert dict(ask.form) == {
            "col": "1",
            "columnid": "311",
            "unitid": "9",
            "webname": "江苏",
            "sourceContentType": "1",
        }
        ask = reading.send(Page(ask.url, self.records(4, 5, 6)))
        assert parse_qs(urlsplit(ask.url).query)["startrecord"] == ["7"]
        with pytest.raises(StopIteration) as stop:
            reading.send(Page(ask.url, self.records(7)))
        assert stop.value.value.proved
        assert len(found) == 7

    def test_empty_replies_leave_a_fault_by_name(self) -> None:
        reading = hanweb.read(Page(self.URL, self.column(7, 1, 2, 3)), Links())
        ask, ways = next(reading), 0
        with pytest.raises(StopIteration) as stop:
            while True:
                ways += 1
                ask = reading.send(Page(ask.url, "<datastore></datastore>"))
        assert stop.value.value == End("paging_stuck", f"3 of 7 records: {self.PROXY} gives no more")
        assert ways <= 5

    def test_list_longer_than_the_budget_says_so(self) -> None:
        reading = hanweb.read(Page(self.URL, self.column(999, 0)), Links())
        ask, replies = next(reading), 0
        with pytest.raises(StopIteration) as stop:
            while True:
                replies += 1
                ask = reading.send(Page(ask.url, self.records(replies)))
        assert replies == MAX_PAGES
        assert stop.value.value == End("budget_exhausted", f"{MAX_PAGES + 1} of 999 records in {MAX_PAGES} replies")

    def test_links_into_modules_are_no_articles(self) -> None:
        links = '<a href="/module/rss.jsp">订阅</a><a href="/art/2021/1/20/art_1_2.html">年报</a>'
        record = f"<record><![CDATA[{links}]]></record>"
        assert [link.url for link in hanweb.items(Page(self.URL, record))] == [
            "http://www.example.gov.cn/art/2021/1/20/art_1_2.html"
        ]

    def test_no_record_at_all_is_an_empty_list(self) -> None:
        assert read(hanweb, self.URL, {self.URL: self.column(0)})[0].code == "empty_list"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ('<iframe src="list.html"></iframe>', f"{FOLDER}list.html"),
        ('<script>window.location.href="/a/"</script>', "http://www.example.gov.cn/a/"),
        ("<script>location.replace('/a/')</script>", "http://www.example.gov.cn/a/"),
        ("<script>window.open('/a/', '_self')</script>", "http://www.example.gov.cn/a/"),
        ("<script>window.open('/a/', '_blank')</script>", None),
        ('<meta http-equiv="refresh" content="0; url=/a/">', "http://www.example.gov.cn/a/"),
        (f'<script>location.href="{FOLDER}"</script>', None),
        (listing(1, pager='<iframe src="/ad.html"></iframe>'), None),
        ("<p>暂无内容</p>", None),
    ],
)
def test_shells_send_their_reader_on(text: str, target: str | None) -> None:
    assert sent_on(Page(FOLDER, text, len(text))) == target


@pytest.mark.parametrize(
    ("body", "header"),
    [
        ("年报".encode(), "gbk"),
        ("年报".encode("gbk"), "utf-8"),
        ('<meta charset="gb2312">年报'.encode("gb18030"), ""),
        (b"\xef\xbb\xbf" + "年报".encode(), ""),
        ("年报".encode("utf-16"), ""),
        ('<meta charset="nonsense">年报'.encode(), "base64"),
    ],
)
def test_pages_are_decoded_whatever_their_label(body: bytes, header: str) -> None:
    assert decode(body, header).endswith("年报")


def test_damaged_page_keeps_what_can_be_read() -> None:
    assert decode("年报".encode() + b"\xff\xff", "") == "年报��"
