"""What several families share: lists in parts, rows as JSON, values of scripts, pages posted back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from crawler.families import claims, datastore, pager
from crawler.families.jsonlist import Fields, loads, part_of
from crawler.families.links import Link, Links
from crawler.families.parts import Part, in_parts, rows_on
from crawler.families.reading import MAX_PAGES, Ask, End, PageError
from crawler.families.scripts import literal, value_of
from crawler.families.webforms import postback
from crawler.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

API = "http://www.example.gov.cn/api/list"
GONE = PageError("soft404", "HTTP 404")
FIELDS = Fields(title=("realtitle", "title"), url=("url", "link"), date=("date",), total=("total",), host=("domain",))


def by_page(number: int, _read: int) -> Ask:
    return Ask(f"{API}?page={number}")


def rows(*numbers: int) -> dict[str, Link | None]:
    return {f"{n}": Link(f"年报{n}", f"http://www.example.gov.cn/{n}.html") for n in numbers}


def stuck(detail: str) -> End:
    return End("paging_stuck", detail)


def read_parts(
    answers: Sequence[Part | PageError | None], ways: int = 1, first: Part | None = None
) -> tuple[End, list[str], int]:
    """Read a list whose replies are given in their order; the last one comes again and again."""
    found = Links()
    waiting = list(answers)
    parts: dict[str, Part | None] = {}
    reading = in_parts([by_page] * ways, lambda page: parts[page.text], found, first)
    asked: list[str] = []
    try:
        ask = next(reading)
        while True:
            asked.append(ask.url.rpartition("=")[2])
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if isinstance(answer, PageError):
                ask = reading.throw(answer)
            else:
                parts[str(len(asked))] = answer
                ask = reading.send(Page(ask.url, str(len(asked))))
    except StopIteration as stop:
        return stop.value, asked, len(found)


class TestParts:
    def test_total_of_rows_ends_a_list(self) -> None:
        end, asked, found = read_parts([Part(rows(1, 2), total=3), Part(rows(3), total=3)])
        assert (end, asked, found) == (End("", "total of 3 records reached"), ["1", "2"], 3)

    def test_count_of_pages_ends_a_list(self) -> None:
        end, asked, found = read_parts([Part(rows(1, 2), pages=2), Part(rows(3), pages=2)])
        assert (end, asked, found) == (End("", "total of 2 pages reached"), ["1", "2"], 3)

    def test_rows_without_an_article_count_too(self) -> None:
        end, _, found = read_parts([Part({"1": None, **rows(2)}, total=2)])
        assert (end.proved, found) == (True, 1)

    def test_embedded_part_is_the_first(self) -> None:
        end, asked, _ = read_parts([Part(rows(3), total=3)], first=Part(rows(1, 2), total=3))
        assert (end.proved, asked) == (True, ["2"])

    @pytest.mark.parametrize(
        ("answers", "end"),
        [
            (
                [Part(rows(1), total=3), Part(rows(1), total=3)],
                End("paging_stuck", f"1 of 3 records: {API} gives no more"),
            ),
            ([Part(rows(1), total=3), Part({}, total=3)], End("paging_stuck", f"1 of 3 records: {API} gives no more")),
            ([Part(rows(1), pages=3), None], End("paging_stuck", f"1 of 3 pages: {API} gives no more")),
            ([Part(rows(1)), Part({})], End("paging_stuck", f"1 records, and {API} states no total")),
            ([Part(rows(1), total=0), Part({})], End("paging_stuck", f"1 records, and {API} states no total")),
            ([Part({}, total=0)], End("empty_list", f"{API} lists nothing")),
            ([Part({})], End("empty_list", f"{API} lists nothing")),
            ([None], End("js_list", f"{API} answers with no list")),
            ([GONE], End("js_list", f"{API} answers with no list")),
            ([PageError("forbidden_page", "HTTP 403")], End("forbidden_page", "HTTP 403")),
            ([Part(rows(1), total=3), PageError("unreachable", "HTTP 500")], End("unreachable", "HTTP 500")),
        ],
    )
    def test_list_without_a_proved_end_has_a_fault_by_name(
        self, answers: list[Part | PageError | None], end: End
    ) -> None:
        assert read_parts(answers)[0] == end

    def test_second_way_goes_on_where_the_first_is_stuck(self) -> None:
        end, asked, _ = read_parts([Part(rows(1), total=2), Part(rows(1), total=2), Part(rows(2), total=2)], ways=2)
        assert (end.proved, asked) == (True, ["1", "2", "2"])

    def test_way_that_is_refused_gives_way_to_the_next(self) -> None:
        refused = PageError("forbidden_page", "HTTP 403")
        end, asked, _ = read_parts([refused, Part(rows(1), total=1)], ways=2)
        assert (end.proved, asked) == (True, ["1", "1"])

    def test_list_longer_than_the_budget_says_so(self) -> None:
        end, asked, _ = read_parts([Part(rows(n), total=999) for n in range(MAX_PAGES + 9)])
        assert end == End("budget_exhausted", f"{MAX_PAGES} of 999 records in {MAX_PAGES} replies")
        assert len(asked) == MAX_PAGES

    def test_links_that_turn_pages_are_no_rows(self) -> None:
        words = ("2", "首页", "上一页", "下页", "尾页", ">>")
        text = "".join(f'<a href="/list/{n}">{word}</a>' for n, word in enumerate(words))
        assert list(rows_on(Page(API, f'{text}<a href="/1.html">2020年年报</a>'))) == ["example.gov.cn/1.html"]


class TestJson:
    def part(self, data: object) -> Part | None:
        return part_of(Page(API, json.dumps(data)), FIELDS)

    @pytest.mark.parametrize(
        "nest",
        [
            lambda rows: {"data": {"total": 5, "results": rows}},
            lambda rows: {"code": 200, "results": {"data": {"total": "5", "results": rows}}},
            lambda rows: {"data": json.dumps({"total": 5, "results": rows})},
            lambda rows: json.dumps({"total": 5, "list": json.dumps(rows)}),
            lambda rows: {"errors": [], "total": 5, "rows": rows},
            lambda rows: [{"total": 5}, rows],
        ],
    )
    def test_rows_are_found_whatever_their_nesting(self, nest: Callable[[list[dict[str, str]]], object]) -> None:
        part = self.part(nest([{"title": "年报", "url": "/1.html", "date": "2021-01-20 16:38:00"}]))
        assert part is not None
        assert part.total == 5
        assert list(part.rows.values()) == [Link("年报", "http://www.example.gov.cn/1.html", "2021-01-20")]

    @pytest.mark.parametrize(
        ("row", "link"),
        [
            ({"title": "a…", "realtitle": "年报", "url": "//b.gov.cn/1.html"}, Link("年报", "http://b.gov.cn/1.html")),
            ({"title": "<em>年</em>报", "link": "1.html"}, Link("年报", f"{API}/1.html")),
            ({"title": "年报", "url": "", "link": "/1.html"}, Link("年报", "http://www.example.gov.cn/1.html")),
            ({"title": "年报", "domain": "b.gov.cn", "url": "/1.html"}, Link("年报", "http://b.gov.cn/1.html")),
            ({"title": "年报", "domain": "https://b.gov.cn", "url": "/1"}, Link("年报", "https://b.gov.cn/1")),
            (
                {"title": "年报", "url": "/1.html", "date": 1611100000},
                Link("年报", "http://www.example.gov.cn/1.html", "2021-01-20"),
            ),
            # 00:30 of a day in China is the day before in Greenwich.
            (
                {"title": "年报", "url": "/1.html", "date": 1611073800000},
                Link("年报", "http://www.example.gov.cn/1.html", "2021-01-20"),
            ),
            ({"title": "年报", "url": "javascript:void(0)"}, None),
        ],
    )
    def test_fields_of_a_row(self, row: dict[str, object], link: Link | None) -> None:
        part = self.part({"rows": [row]})
        assert part is not None
        assert list(part.rows.values()) == [link]

    @pytest.mark.parametrize(
        ("data", "part"),
        [
            ({"total": 0, "list": []}, Part({}, 0)),
            ({"list": []}, Part({})),
            ({"total": 7}, Part({}, 7)),
            ({"code": 500, "msg": "error"}, None),
            ("text", None),
            (None, None),
        ],
    )
    def test_replies_without_rows(self, data: object, part: Part | None) -> None:
        assert self.part(data) == part

    @pytest.mark.parametrize(
        "text", ["", "<html></html>", "cb(", "cb({)", "[" * 100_000, '{"a":' * 100_000, "a(" + ") " * 50_000 + "x"]
    )
    def test_hostile_and_broken_replies_are_no_list(self, text: str) -> None:
        assert loads(text) is None

    def test_jsonp_is_unwrapped(self) -> None:
        assert loads(' jQuery_1.cb({"a": [1]}) ;\n') == {"a": [1]}

    def test_nested_strings_end_somewhere(self) -> None:
        data: object = {"url": "/x"}
        for _ in range(12):
            data = {"deeper": json.dumps(data)}
        assert self.part(data) is None


class TestScripts:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('TREE:[{"id":1,"name":"年报"}], X:1', [{"id": 1, "name": "年报"}]),
            ("TREE = [{id:1,name:'年\"报',}, /* two */ {id: 2} // three\n];", [{"id": 1, "name": '年"报'}, {"id": 2}]),
            ("'TREE': 'it\\'s \\u5e74'", "it's 年"),
            ("TREE=200001;", 200001),
            ("TREE: {a:true,b:null,c:-1.5,d:[]}", {"a": True, "b": None, "c": -1.5, "d": []}),
            ("TREE = [f(1)]; TREE = [2]", [2]),
            ("SUBTREE=[1]", None),
            ("TREE = [1", None),
            ("TREE = {a:'unfinished}", None),
            ("", None),
        ],
    )
    def test_value_of_a_name(self, text: str, value: Any) -> None:
        assert value_of(text, "TREE") == value

    def test_literal_begins_where_it_is_told_to(self) -> None:
        assert literal("{'webId':'3185','pageId':'311'}") == {"webId": "3185", "pageId": "311"}

    @pytest.mark.parametrize("text", ["TREE:[" * 100_000, "TREE:" + "[" * 100_000 + "]" * 100_000])
    def test_hostile_scripts_have_no_value(self, text: str) -> None:
        assert value_of(text, "TREE") is None


class TestDatastore:
    def test_records_and_total(self) -> None:
        record = '<record><![CDATA[<li><a href="/a_1.pdf" title="年报">年…</a><b>2021-01-20</b></li>]]></record>'
        text = f"<datastore><totalrecord>7</totalrecord><recordset>{record}{record}</recordset></datastore>"
        part = datastore.part_of(Page(API, text))
        assert part.total == 7
        assert list(part.rows.values()) == [Link("年报", "http://www.example.gov.cn/a_1.pdf", "2021-01-20")]


class TestForms:
    @pytest.mark.parametrize(
        ("url", "form", "second"),
        [
            ("http://e.cn/l.php?tid=4", pager.by_parameter("PageNo"), "http://e.cn/l.php?tid=4&PageNo=2"),
            ("http://e.cn/l.php?page=0&c=1", pager.by_parameter("page", 0), "http://e.cn/l.php?page=1&c=1"),
            ("http://e.cn/l?a=1&cur_page=1", pager.own_parameter, "http://e.cn/l?a=1&cur_page=2"),
            (
                "http://e.cn/tmp/xxgklist2.shtml?unitsId=1&pp=1",
                pager.own_parameter,
                "http://e.cn/tmp/xxgklist2.shtml?unitsId=1&pp=2",
            ),
            ("http://e.cn/l?type=1", pager.own_parameter, None),
            ("http://e.cn/nb/list.html", pager.zero_based, "http://e.cn/nb/list_1.html"),
            ("http://e.cn/nb/list.html", pager.one_based, "http://e.cn/nb/list_2.html"),
            ("http://e.cn/nb.htm", pager.descending, "http://e.cn/nb/30.htm"),
            ("http://e.cn/nb/", pager.bare, "http://e.cn/nb/2.html"),
        ],
    )
    def test_address_of_the_second_page(self, url: str, form: pager.Form, second: str | None) -> None:
        claim = claims.claim_of(Page(url, "<body>共31页</body>"))
        assert claim is not None
        assert form(claim, 2) == second

    @pytest.mark.parametrize(
        ("text", "pages"),
        [
            ("<script>nsetpage(1,45,20,'index')</script>", 3),
            ("<script>nsetpage(1,40,20,'index')</script>", 2),
            ("<script>nsetpage(1,40,0,'index')</script>", None),
            ("<script>Pager({size:4, current:0, prefix:'index', suffix:'html'})</script>", 4),
            ('<input onkeydown="_simple_list_gotopage_fun(31,&quot;u13&quot;,2)">', 31),
            ("<p>页次：1/5 </p>", 5),
            ("<p>总页数：6</p>", 6),
            ("<p>第<b>1</b>页 / 共<b>7</b>页</p>", 7),
        ],
    )
    def test_pages_that_a_list_claims(self, text: str, pages: int | None) -> None:
        claim = claims.claim_of(Page(API, f"<body>{text}</body>"))
        assert (claim and claim.pages) == pages

    def test_page_of_another_list_is_not_taken_for_the_second(self) -> None:
        """A polite page of errors links what is popular elsewhere."""
        first = '<a href="/nb/10001.html">2020年年报</a>共2页'
        answers = {
            "/nb/index_1.html": '<a href="/news/20001.html">要闻</a>',
            "/nb/index_2.html": '<a href="/nb/10002.html">2019年年报</a>',
        }
        found = Links()
        page = Page("http://e.cn/nb/", first)
        reading = pager.walk(page, found, pager.USUAL)
        ask = next(reading)
        with pytest.raises(StopIteration) as stop:
            while True:
                ask = reading.send(Page(ask.url, answers[ask.url.removeprefix("http://e.cn")]))
        assert stop.value.value == End("", "2 of 2 pages read")
        assert [link.title for link in found.values()] == ["2020年年报", "2019年年报"]

    @pytest.mark.parametrize(
        ("anchor", "code"),
        [
            ('<a href="javascript:goPage(2)">下一页</a>', "paging_stuck"),
            ('<a href="#" onclick="nextPage()">下一页</a>', "paging_stuck"),
            ('<a href="javascript:void(0)">下一页</a>', "paging_stuck"),
            ('<a href="javascript:;">下一页</a>', "paging_stuck"),
            ("<span>下一页</span>", ""),
        ],
    )
    def test_next_link_that_only_a_script_follows_proves_no_end(self, anchor: str, code: str) -> None:
        page = Page("http://e.cn/nb/", f'<a href="10001.html">2020年年报</a>{anchor}')
        with pytest.raises(StopIteration) as stop:
            next(pager.walk(page, Links(), pager.USUAL))
        assert stop.value.value.code == code


def test_page_is_posted_back_with_its_state() -> None:
    state = '<input type="hidden" name="__VIEWSTATE" value="a&amp;b"><input type="text" name="q" value="x">'
    page = Page("http://e.cn/nb/List.aspx?id=1", f'<form action="List.aspx?id=1">{state}</form>')
    ask = postback(page, "javascript:__doPostBack('Pager1','2')")
    assert ask == Ask(
        "http://e.cn/nb/List.aspx?id=1",
        (("__VIEWSTATE", "a&b"), ("__EVENTTARGET", "Pager1"), ("__EVENTARGUMENT", "2")),
    )
    assert (ask.method, ask.media_type) == ("POST", "application/x-www-form-urlencoded")
    assert postback(page, "javascript:goPage(2)") is None
