"""Portals with quirks of no family: every way that lists, pagers, titles and years have been met in."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from captures import Archive
from tests.portals.base import HTML, Answer, FakePortal
from tests.portals.catalogue import BODY, PDF, crawl_portals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from captures import Outcome

TEXT = BODY.decode()
LIST = "/zfxxgk/nb/"
# Reports of 2020 to 2023; the crawl asks for 2017 to 2023.
PUBLISHED = (2023, 2022, 2021, 2020)
READ = {**dict.fromkeys((2017, 2018, 2019), "year_missing"), **dict.fromkeys((2020, 2021, 2022, 2023), "found")}


class WildPortal(FakePortal):
    """Serves the pages of one quirk as they are."""

    family = "wild"
    list_path = LIST

    def __init__(self, pages: Mapping[str, str | bytes | Answer], name: str = "阳高县") -> None:
        super().__init__(name)
        self.given = pages

    def build(self) -> dict[str, Answer]:
        """Return the given pages, and an article for each report."""
        articles = {article(year): page(title(year), f"<div id=zoom>{TEXT}{year}</div>") for year in PUBLISHED}
        every: dict[str, str | bytes | Answer] = {**articles, **self.given}
        return {path: served(body) for path, body in every.items()}


def served(body: str | bytes | Answer) -> Answer:
    return body if isinstance(body, Answer) else Answer(body if isinstance(body, bytes) else body.encode(), HTML)


def title(year: int) -> str:
    return f"阳高县人民政府{year}年政府信息公开工作年度报告"


def article(year: int) -> str:
    return f"/zfxxgk/content/{90000 + year}.html"


def page(name: str, body: str, head: str = "") -> str:
    return f"<html><head><meta charset=utf-8><title>{name}</title>{head}</head><body>{body}</body></html>"


def row(year: int, text: str = "", date: str = "") -> str:
    date = date or f"{year + 1}-01-20"
    return f"<li><a href='{article(year)}'>{text or title(year)}</a><span>{date}</span></li>"


def rows(*years: int) -> str:
    return f"<ul>{''.join(map(row, years))}</ul>"


def column(body: str, head: str = "") -> str:
    return page("政府信息公开年报", body, head)


def paged(address: str, pager: str) -> dict[str, str | bytes | Answer]:
    """Two pages of a list, the second at an address, with what each shows of the other."""
    return {LIST: column(rows(2023, 2022) + pager), address: column(rows(2021, 2020) + pager)}


NUMBERS = "<div class=pages><span>1</span><a href='index_1.html'>2</a></div>"
BOXED = (
    "<select onchange='location.href=this.value'>"
    "<option value='./'>1</option><option value='p2.html'>2</option></select>"
)

BARE = "政府信息公开工作年度报告"
# Scrapy of itself would leave out what is longer.
TICKET = "7f" * 1100
LATIN = "text/html; charset=ISO-8859-1"
GO = "<script>function go(n) { location.href = 'list-' + n + '.html'; }</script>"


def boxed(value: str, script: str = "location.href=this.value") -> str:
    """A box of years; a value has its year for {y}."""
    options = "".join(f"<option value='{value.format(y=y)}'>{y}年</option>" for y in PUBLISHED)
    return f"<select name=nf onchange='{script}'>{options}</select>"


def script(text: str) -> Answer:
    return Answer(text.encode(), "application/javascript; charset=utf-8")


def data(*years: int) -> str:
    listed = [{"title": title(y), "url": article(y), "date": f"{y + 1}-01-20"} for y in years]
    return json.dumps(listed, ensure_ascii=False)


def pictures(address: str, shown: str, *years: int) -> str:
    return "".join(f"<a href='{address.format(y=y)}'>{shown.format(y=y)}</a>" for y in years)


# What every portal here has in common is that all four reports are to be found, and the list read to its end.
WHOLE: dict[str, dict[str, str | bytes | Answer]] = {
    "numbers alone": {**paged(f"{LIST}index_1.html", ""), LIST: column(rows(2023, 2022) + NUMBERS)},
    "a box of pages": {**paged(f"{LIST}p2.html", ""), LIST: column(rows(2023, 2022) + BOXED)},
    "next is a picture": {
        LIST: column(rows(2023, 2022) + "<a href='p2.html'><img src=n.gif alt='下一页'></a>"),
        f"{LIST}p2.html": column(rows(2021, 2020)),
    },
    "next is a button": {
        LIST: column(rows(2023, 2022) + """<input type=button value="下一页" onclick="location.href='p2.html'">"""),
        f"{LIST}p2.html": column(rows(2021, 2020)),
    },
    "next in brackets": {
        LIST: column(rows(2023, 2022) + "<a href='p2.html'>[下一页]</a>"),
        f"{LIST}p2.html": column(rows(2021, 2020)),
    },
    "next leads around, all pages claimed": paged(f"{LIST}p2.html", "<a href='p2.html'>下一页</a> 共2页"),
    "a script makes the addresses": {
        LIST: column(
            rows(2023, 2022) + "<a onclick='go(2)'>下一页</a><a onclick='go(2)'>尾页</a>"
            "<script>function go(n) { location.href = '/zfxxgk/nb/more-' + n + '.html'; }</script>"
        ),
        f"{LIST}more-2.html": column(rows(2021, 2020)),
    },
    "rows are counted, pages are not": {
        LIST: column(rows(2023, 2022) + "<div>共4条记录 每页2条 <a onclick='go(2)'>下一页</a></div>"),
        f"{LIST}index_2.html": column(rows(2021, 2020)),
    },
    "base of all links": {
        LIST: column(
            "<ul>" + "".join(f"<li><a href='{90000 + y}.html'>{title(y)}</a></li>" for y in PUBLISHED) + "</ul>",
            "<base href='/zfxxgk/content/'>",
        ),
    },
    "links that say what they do": {
        LIST: column(
            "<table>"
            + "".join(
                f"<tr><td>{n}</td><td>{title(y)}</td><td><a href='{article(y)}'>查看</a></td></tr>"
                for n, y in enumerate(PUBLISHED, 1)
            )
            + "</table>"
        ),
    },
    "rows that are clicked": {
        LIST: column(
            "".join(f"""<div onclick="window.open('{article(y)}')">{title(y)} {y + 1}/1/20</div>""" for y in PUBLISHED)
        ),
    },
    "years above their rows": {
        LIST: column("".join(f"<h3>{y}年</h3><ul>{row(y, '政府信息公开工作年度报告')}</ul>" for y in PUBLISHED)),
    },
    "titles inside their links": {
        LIST: column(
            "<ul>"
            + "".join(
                f"<li><a href='{article(y)}'><p title='{title(y)}'>阳高县人民政府{y}年政...</p></a></li>"
                for y in PUBLISHED
            )
            + "</ul>"
        ),
    },
    "titles cut before what they are": {
        LIST: column("<ul>" + "".join(row(y, f"阳高县人民政府{y}年政…") for y in PUBLISHED) + "</ul>"),
    },
    "titles cut by bytes": {
        LIST: column(rows(2023, 2022, 2021) + row(2020, "@"))
        .encode()
        .replace(b"@", "阳高县人民政府2020年政府信息公开工作年".encode()[:-2]),
    },
    "refreshed": {
        LIST: page("", "", "<meta http-equiv='Refresh' content='0; url=list/'>"),
        f"{LIST}list/": column(rows(*PUBLISHED)),
    },
    "a frame in a frame": {
        LIST: column("<iframe src='/f1/'></iframe>"),
        "/f1/": "<html><body><iframe src='/f2/'></iframe></body></html>",
        "/f2/": column(rows(*PUBLISHED)),
    },
    "rows in a script": {
        LIST: column(
            "<div id=list></div><script>var rows = ["
            + ",".join(f"{{title: '{title(y)}', url: '{article(y)}', date: '{y + 1}-01-20'}}" for y in PUBLISHED)
            + "];</script>"
        ),
    },
    "addresses longer than 2,083 characters": {
        LIST: column(rows(*PUBLISHED).replace(".html", f".html?ticket={TICKET}")),
        **{f"{article(y)}?ticket={TICKET}": page(title(y), f"<div id=zoom>{TEXT}{y}</div>") for y in PUBLISHED},
    },
    "years in tabs of the page": {
        LIST: column(
            "".join(f"<a href='#y{y}'>{y}年</a>" for y in PUBLISHED)
            + "".join(f"<div id=y{y}><ul>{row(y, BARE)}</ul></div>" for y in PUBLISHED)
        ),
        **{article(y): page(BARE, f"<h1>{BARE}</h1><div id=zoom>{TEXT}{y}</div>") for y in PUBLISHED},
    },
    "rows that are clicked and keep their addresses in data": {
        LIST: column(
            "".join(f"<li data-url='{article(y)}'><p>{title(y)}</p><i>{y + 1}-01-20</i></li>" for y in PUBLISHED)
            + "<script>$('li').click(function () { location.href = $(this).data('url'); });</script>"
        ),
    },
    "a function that names its address before it opens it": {
        LIST: column(
            "".join(f"""<li><a onclick="openInfo('8a{y}')">{title(y)}</a></li>""" for y in PUBLISHED)
            + "<script>function openInfo(id) { var url = '/show.html?infoId=' + id; window.open(url); }</script>"
        ),
        **{f"/show.html?infoId=8a{y}": page(title(y), f"<div id=zoom>{TEXT}{y}</div>") for y in PUBLISHED},
    },
    "years that are the reports themselves": {
        LIST: column("<ul>" + "".join(f"<li><a href='r{y}.html'>{y}年度</a></li>" for y in PUBLISHED) + "</ul>"),
        **{f"{LIST}r{y}.html": page(title(y), f"<h1>{title(y)}</h1><div id=zoom>{TEXT}{y}</div>") for y in PUBLISHED},
    },
    "viewers in a list": {
        LIST: column(
            "<ul>"
            + "".join(f"<li><a href='/pdfjs/web/viewer.html?file=/up/{y}.pdf'>{title(y)}</a></li>" for y in PUBLISHED)
            + "</ul>"
        ),
        **{f"/pdfjs/web/viewer.html?file=/up/{y}.pdf": page("", "<div id=viewer></div>") for y in PUBLISHED},
        **{f"/up/{y}.pdf": Answer(PDF + b"%d" % y, "application/pdf") for y in PUBLISHED},
    },
    "an endpoint that stands in the page's settings": {
        LIST: column(
            "<ul id=list></ul><script>var cfg = {listUrl: '/api/list', columnId: '77', size: 2};"
            "$.ajax({url: cfg.listUrl, data: {columnId: cfg.columnId, pageNo: 1, size: cfg.size}, success: show});"
            "</script>"
        ),
        **{
            f"/api/list?columnId=77&pageNo={n}&size=2": Answer(
                json.dumps({"rows": [{"title": title(y), "url": article(y)} for y in years], "total": 4}).encode(),
                "application/json",
            )
            for n, years in ((1, (2023, 2022)), (2, (2021, 2020)))
        },
    },
    "titles behind pictures of the same link": {
        LIST: column(
            "<ul>"
            + "".join(f"<li><a href='{article(y)}'><img src=t{y}.jpg></a>{row(y)[4:]}" for y in PUBLISHED)
            + "</ul>"
        ),
    },
    "titles cut without a mark": {
        LIST: column("<ul>" + "".join(row(y, f"阳高县人民政府{y}年政府信息公开") for y in PUBLISHED) + "</ul>"),
    },
    "rows as XML": {
        LIST: column(
            "<script type='text/xml'><datastore><recordset>"
            + "".join(f"<record><![CDATA[<li><a href='{article(y)}'>{title(y)}</a></li>]]></record>" for y in PUBLISHED)
            + "</recordset></datastore></script>"
        ),
    },
    "columns of a year that are files": {
        LIST: column("".join(f"<a href='{y}.html'>{y}年</a>" for y in PUBLISHED)),
        **{f"{LIST}{y}.html": column(rows(y)) for y in PUBLISHED},
    },
    "columns of a year that are the report": {
        LIST: column("".join(f"<a href='{y}/'>{y}年政府信息公开年报</a>" for y in PUBLISHED)),
        **{
            f"{LIST}{y}/": page(
                title(y),
                f"<h1>{title(y)}</h1><div id=zoom>{TEXT}{y}</div>",
                f"<meta name=ArticleTitle content='{title(y)}'>",
            )
            for y in PUBLISHED
        },
    },
    "the same report twice": {
        LIST: column(rows(*PUBLISHED) + f"<ul><li><a href='/zfxxgk/szf/90001.html'>{title(2023)}</a></li></ul>"),
        "/zfxxgk/szf/90001.html": page("县政府", f"<div>县政府 &gt; 年报</div><div id=zoom>{TEXT}2023</div>"),
    },
    "files called by their links": {
        LIST: column(rows(*PUBLISHED)),
        article(2023): page(title(2023), "<p>见附件</p><a href='/file?no=7'>2023年年度报告.pdf</a>"),
        "/file?no=7": Answer(PDF, "application/octet-stream"),
    },
    "a list that counts 404 rows": {
        LIST: column(rows(*PUBLISHED) + "<p>已为您找到404条</p>"),
    },
    "a frame beside news": {
        LIST: column("<a href='/xw/t20240101_7.html'>县领导调研</a><iframe src='rows.html'></iframe>"),
        f"{LIST}rows.html": f"<html><body>{rows(*PUBLISHED)}</body></html>",
    },
    "GBK under a western label": {
        LIST: Answer(column(rows(*PUBLISHED)).replace("=utf-8", "=iso-8859-1").encode("gb18030"), LATIN),
    },
    "addresses with backslashes": {LIST: column(rows(*PUBLISHED).replace("/zfxxgk/content/", "\\zfxxgk\\content\\"))},
    "titles cut before their year": {
        LIST: column("<ul>" + "".join(row(y, "阳高县人民政府关于20…") for y in PUBLISHED) + "</ul>"),
        **{article(y): page(title(y), f"<h1>{title(y)}</h1><div id=zoom>{TEXT}{y}</div>") for y in PUBLISHED},
    },
    "documents that no address shows to be some": {
        LIST: column("<ul>" + "".join(f"<li><a href='/down?id={y}'>{title(y)}</a></li>" for y in PUBLISHED) + "</ul>"),
        **{f"/down?id={y}": Answer(PDF + b"%d" % y, "application/octet-stream") for y in PUBLISHED},
    },
    "viewers, objects and links that say only download": {
        LIST: column(rows(*PUBLISHED)),
        article(2020): page("", "<iframe src='/pdfjs/web/viewer.html?file=/oss%3Fid=2020'></iframe>"),
        article(2021): page("", "<object data='/oss?id=2021' type='application/pdf'></object>"),
        article(2022): page("", "<p>附件：<a href='/oss?id=2022'>点击下载</a><a href='/app/'>下载客户端</a></p>"),
        article(2023): page("", "<iframe src='/oss?id=2023'></iframe>"),
        **{f"/oss?id={y}": Answer(PDF + b"%d" % y, "application/octet-stream") for y in (2020, 2021, 2022)},
        "/oss?id=2023": page("", TEXT),
    },
    "years in a box of addresses": {
        LIST: column(rows(2023) + boxed("?year={y}")),
        **{f"{LIST}?year={y}": column(rows(y) + boxed("?year={y}")) for y in PUBLISHED},
    },
    "years in a box of a form": {
        LIST: column(
            f"<form action='{LIST}'><input type=hidden name=c value=7>{boxed('{y}', 'this.form.submit()')}</form>"
            + rows(2023)
        ),
        **{f"{LIST}?c=7&nf={y}": column(rows(y)) for y in PUBLISHED},
    },
    "years in a box that a script goes by": {
        LIST: column(
            rows(2023)
            + boxed("{y}", "turn(this.value)")
            + "<script>function turn(y) {location.href='y' + y + '.html'}</script>"
        ),
        **{f"{LIST}y{y}.html": column(rows(y)) for y in PUBLISHED},
    },
    "years that are clicked": {
        LIST: column(
            rows(2023)
            + "".join(f"<li onclick='turn({y})'>{y}年</li>" for y in PUBLISHED)
            + "<script>function turn(y) {window.open('?y=' + y)}</script>"
        ),
        **{f"{LIST}?y={y}": column(rows(y)) for y in PUBLISHED},
    },
    "numbers of articles that a function makes addresses of": {
        LIST: column(
            "".join(f"""<li><a href="javascript:;" onclick="show('7', {y})">{title(y)}</a></li>""" for y in PUBLISHED)
            + "<script>function show(c, id) { window.open('/detail?c=' + c + '&id=' + id); }</script>"
        ),
        **{f"/detail?c=7&id={y}": page(title(y), f"<div id=zoom>{TEXT}{y}</div>") for y in PUBLISHED},
    },
    "shells in the reports' places": {
        LIST: column(rows(*PUBLISHED)),
        article(2022): page("", "", "<meta http-equiv=refresh content='0;url=/r/2022.html'>"),
        article(2023): "<script>location.href = '/r/2023.html';</script>",
        "/r/2022.html": page(title(2022), f"<div id=zoom>{TEXT}2022</div>"),
        "/r/2023.html": page(title(2023), f"<div id=zoom>{TEXT}2023</div>"),
    },
    "columns of units that are called reports": {
        LIST: column("<a href='zf/'>县政府年报</a><a href='bm/'>部门年报</a><a href='xz/'>乡镇年报</a>"),
        f"{LIST}zf/": column(rows(*PUBLISHED)),
    },
    "a next link that leads to its own page": {
        LIST: column(rows(*PUBLISHED) + "<a href='?page=1'>下一页</a>"),
        f"{LIST}?page=1": column(rows(*PUBLISHED) + "<a href='?page=1'>下一页</a>"),
    },
    "a pager that only a script fills": {
        LIST: column(rows(2023, 2022) + "<div class=pagination></div>"),
        f"{LIST}index_1.html": column(rows(2021) + "<div class=pagination></div>"),
        f"{LIST}index_2.html": column(rows(2020) + "<div class=pagination></div>"),
    },
    "a next link that a script binds, and pages by number": {
        LIST: column(rows(2023, 2022) + "<a href='javascript:void(0)'>下一页</a>"),
        f"{LIST}?page=2": column(rows(2021, 2020)),
        f"{LIST}?page=3": Answer("没有".encode(), HTML, 404),
    },
    "a next link to a page that is not there, beside one that is": {
        LIST: column(rows(2023, 2022) + "<a href='index_1.htm'>下一页</a>"),
        f"{LIST}index_1.htm": Answer("没有".encode(), HTML, 404),
        f"{LIST}index_1.html": column(rows(2021, 2020)),
    },
    "rows that are pictures without words": {
        LIST: column(rows(2023, 2022) + pictures("{y}.html", "<img src='/i/{y}.jpg'>", 2021, 2020)),
        **{f"{LIST}{y}.html": page(title(y), f"<div id=zoom>{TEXT}{y}</div>") for y in (2021, 2020)},
    },
    "rows that are pictures called after their files": {
        LIST: column(rows(2023, 2022) + pictures("a{y}.html", "<img alt='{y}.png' src='/i/{y}.png'>", 2021, 2020)),
        **{f"{LIST}a{y}.html": page(title(y), f"<div id=zoom>{TEXT}{y}</div>") for y in (2021, 2020)},
    },
    "pictures that lead elsewhere": {
        LIST: column(
            rows(*PUBLISHED) + "<a href='/'><img src=logo.png></a><a href='zt.html'><img src=b.jpg></a>"
            "<a href='/zt/'><img src=c.jpg></a>"
        ),
        f"{LIST}zt.html": page("学习专栏", f"<div id=zoom>{TEXT}2019</div>"),
    },
    "summaries in the place of reports": {
        LIST: column("<ul>" + "".join(row(y, f"阳高县{y}年度信息公开工作总结") for y in PUBLISHED) + "</ul>"),
        **{
            article(y): page("总结", f"<div id=zoom>{TEXT}{y}<table><tr><td>规章<td>行政许可<td>予以公开</table></div>")
            for y in PUBLISHED
        },
    },
    "summaries beside reports": {
        LIST: column(
            rows(*PUBLISHED)
            + "<ul>"
            + "".join(f"<li><a href='z{y}.html'>{y}年政府信息公开工作总结</a></li>" for y in PUBLISHED)
            + "</ul>"
        ),
    },
    "rows in a script of their own": {
        LIST: column("<ul id=l></ul><script src='rows.js'></script>"),
        f"{LIST}rows.js": script(f"var rows = {data(*PUBLISHED)};"),
    },
    "rows that a script of its own writes": {
        LIST: column("<script src='/js/jquery.min.js'></script><script src='list.js'></script>"),
        f"{LIST}list.js": script(
            "".join(f"document.writeln(\"<li><a href='{article(y)}'>{title(y)}</a></li>\");\n" for y in PUBLISHED)
        ),
    },
    "a function in a script of its own opens the reports": {
        LIST: column(
            "".join(f"<p><a href='javascript:' onclick='show({90000 + y})'>{title(y)}</a></p>" for y in PUBLISHED)
            + "<script src='/js/site.js'></script>"
        ),
        "/js/site.js": script("function show(id) { window.open('/zfxxgk/content/' + id + '.html'); }"),
    },
    "a function in a script of its own turns the pages": {
        LIST: column(rows(2023, 2022) + "<a href='javascript:go(2)'>下一页</a><script src='/js/site.js'></script>"),
        "/js/site.js": script("function go(n) { location.href = 'nb-' + n + '.html'; }"),
        f"{LIST}nb-2.html": column(rows(2021, 2020)),
    },
    "an endpoint in a script of its own, with a field of the page": {
        LIST: column("<input type=hidden id=cid value=7><ul id=l></ul><script src='/js/site.js'></script>"),
        "/js/site.js": script("$.ajax({url: '/api/list', data: {cid: $('#cid').val(), page: 1}, success: show})"),
        "/api/list?cid=7&page=1": Answer(f'{{"total": 4, "rows": {data(2023, 2022)}}}'.encode(), "application/json"),
        "/api/list?cid=7&page=2": Answer(f'{{"total": 4, "rows": {data(2021, 2020)}}}'.encode(), "application/json"),
    },
    "a reply that is a script": {
        LIST: column("<ul id=l></ul><script src='/api/list?cid=7&callback=show'></script>"),
        "/api/list?cid=7&callback=show": script(f'show({{"total": 4, "rows": {data(*PUBLISHED)}}});'),
    },
    "replies that are scripts": {
        LIST: column("<ul id=l></ul><script src='/api/list?cb=show&pageNo=1'></script>"),
        "/api/list?cb=show&pageNo=1": script(f'show({{"total": 4, "rows": {data(2023, 2022)}}});'),
        "/api/list?cb=show&pageNo=2": script(f'show({{"total": 4, "rows": {data(2021, 2020)}}});'),
    },
    "data in a hidden area": {LIST: column(f"<textarea hidden>{data(*PUBLISHED)}</textarea>")},
    "data in a hidden field": {LIST: column(f"<input type=hidden value='{data(*PUBLISHED)}'>")},
    "markup in a hidden area": {LIST: column(f"<textarea hidden>{rows(*PUBLISHED)}</textarea>")},
    "markup in a script's template": {LIST: column(f"<script type='text/html'>{rows(*PUBLISHED)}</script>")},
    "more data than is shown": {LIST: column(rows(2023, 2022) + f"<script>var all = {data(*PUBLISHED)}</script>")},
    "a widget asked for its page": {
        LIST: column(
            rows(2023, 2022) + "<script>$('.p').pagination({pageCount: 2, callback: function (api) {"
            "location.href = 'list_' + api.getCurrent() + '.html'}})</script>"
        ),
        f"{LIST}list_2.html": column(rows(2021, 2020)),
    },
    "a table of units and years": {
        LIST: column(
            "<table><tr><th>单位<th>2023<th>2022<th>2021<th>2020</tr>"
            + "".join(
                f"<tr><td>{unit}</td>"
                + "".join(f"<td><a href='{place}{90000 + y}.html'>查看</a></td>" for y in PUBLISHED)
                + "</tr>"
                for unit, place in (("县政府", "/zfxxgk/content/"), ("县教育局", "/jyj/content/"))
            )
            + "</table>"
        ),
    },
    "units below the heading of a year": {
        LIST: column(
            "".join(
                f"<h3>{y}年</h3><a href='{article(y)}'>县政府</a><a href='/jyj/{90000 + y}.html'>县教育局</a>"
                for y in PUBLISHED
            )
        ),
    },
    "a box of units": {
        LIST: column(
            "<select onchange='open(this.value)'><option value='zf/'>县政府<option value='jy/'>教育局</select>"
        ),
        f"{LIST}zf/": column(rows(*PUBLISHED)),
    },
    "an arrow that a style sheet draws": {
        LIST: column(
            rows(2023, 2022) + "<ul class=pagination><li>1<li><a href='b.html'><i class='fa fa-angle-right'></i></a>"
        ),
        f"{LIST}b.html": column(rows(2021, 2020)),
    },
    "an arrow beside pictures": {
        LIST: column("<div class=slides><a href='b.html'><i class=arrow-right></i></a></div>" + rows(*PUBLISHED)),
    },
    "a next link with its address elsewhere": {
        LIST: column(rows(2023, 2022) + "<a data-url='b.html'>下一页</a>"),
        f"{LIST}b.html": column(rows(2021, 2020)),
    },
    "rows that a script loads as a page": {
        LIST: column("<div id=l></div><script>$('#l').load('rows.html');</script>"),
        f"{LIST}rows.html": rows(*PUBLISHED),
    },
    "rows that a script gets as data": {
        LIST: column("<div id=l></div><script>$.getJSON('rows.json', function (r) { show(r); });</script>"),
        f"{LIST}rows.json": Answer(data(*PUBLISHED).encode(), "application/json"),
    },
    "an object that is a page": {
        LIST: column("<object type='text/html' data='rows.html'></object>"),
        f"{LIST}rows.html": column(rows(*PUBLISHED)),
    },
    "another column of such a name beside": {
        LIST: column("<a href='/zfxxgk/old/'>政府信息公开工作年度报告</a>" + rows(2023, 2022)),
        "/zfxxgk/old/": column(rows(2022, 2021, 2020)),
    },
    "another column beside that is none": {
        LIST: column("<a href='/zfxxgk/old/'>政府信息公开工作年度报告</a>" + rows(*PUBLISHED)),
        "/zfxxgk/old/": Answer("没有".encode(), HTML, 404),
    },
    "no count, and a next link that is a script": {
        LIST: column(rows(2023, 2022) + f"<a onclick='go(2)'>下一页</a>{GO}"),
        f"{LIST}list-2.html": column(rows(2021) + f"<a onclick='go(3)'>下一页</a>{GO}"),
        f"{LIST}list-3.html": column(rows(2020)),
    },
}


async def crawl_wild(
    folder: Path, sites: Mapping[str, Mapping[str, str | bytes | Answer]]
) -> dict[str, dict[int, Outcome]]:
    """Crawl each as a portal of its own; outcomes by name and year."""
    portals = {f"{140000 + number}": WildPortal(pages) for number, pages in enumerate(sites.values())}
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        await crawl_portals(folder, portals)
    found: dict[str, dict[int, Outcome]] = {name: {} for name in sites}
    with Archive(folder / "archive") as archive:
        names = dict(zip(portals, sites, strict=True))
        for row_ in archive.outcomes():
            found[names[row_.code]][row_.report_year] = row_
    return found


async def test_whole_lists(tmp_path: Path) -> None:
    found = await crawl_wild(tmp_path, WHOLE)
    wrong = {
        name: {year: (row_.outcome, row_.detail) for year, row_ in years.items() if row_.outcome != READ[year]}
        for name, years in found.items()
    }
    assert {name: rows_ for name, rows_ in wrong.items() if rows_} == {}


def every(code: str, **but: str) -> dict[int, str]:
    """One outcome for all years, but for some."""
    return dict.fromkeys(range(2017, 2024), code) | {int(year.removeprefix("y")): each for year, each in but.items()}


GATE = "<html><script>document.cookie='a=1;path=/';location.reload();</script></html>"
NOTES = "年政府信息公开工作年度报告"

# Portals whose outcomes say what is doubtful, absent or refused.
SAID: dict[str, tuple[dict[str, str | bytes | Answer], dict[int, str]]] = {
    "titles with the year of publication": (
        {
            LIST: column("<ul>" + "".join(row(y, f"阳高县{y + 1}{NOTES}") for y in PUBLISHED) + "</ul>"),
            **{article(y): page("年报", f"<div id=zoom>{TEXT}{y}年，全县公开信息。</div>") for y in PUBLISHED},
        },
        every("year_missing", **{f"y{y}": "year_inferred" for y in PUBLISHED}),
    ),
    "columns of the year of publication": (
        {
            LIST: column("".join(f"<a href='{y + 1}/'>{y + 1}年</a>" for y in PUBLISHED)),
            **{f"{LIST}{y + 1}/": column(f"<ul>{row(y, BARE)}</ul>") for y in PUBLISHED},
            **{article(y): page(BARE, f"<div id=zoom>{TEXT}{y}</div>") for y in PUBLISHED},
        },
        every("year_missing", **{f"y{y}": "year_inferred" for y in PUBLISHED}),
    ),
    "a report under the title of the year before": (
        {
            LIST: column(f"<ul>{row(2023)}{row(2022, title(2021))}{row(2021)}{row(2020)}</ul>"),
            article(2022): page(title(2021), f"<h1>{title(2021)}</h1><div id=zoom>{TEXT}2022年收到2022年办结</div>"),
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}) | {2022: "year_inferred"},
    ),
    "two years that lead to one report": (
        {
            LIST: column(
                f"<ul>{row(2023).replace(article(2023), article(2022))}{row(2022)}{row(2021)}{row(2020)}</ul>"
            ),
            article(2022): page(title(2022), f"<h1>{title(2022)}</h1><div id=zoom>{TEXT}2022年收到2022年办结</div>"),
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}) | {2022: "year_inferred", 2023: "soft404"},
    ),
    "an endpoint behind a firewall": (
        {
            LIST: column("<script>$.get('/api/list?page=1', show)</script>"),
            "/api/list?page=1": "<html><body>您的请求疑似攻击行为，已被网站防火墙拦截</body></html>",
        },
        every("forbidden_page"),
    ),
    "a report of two years": (
        {
            LIST: column(
                rows(2023)
                + f"<ul>{row(2021, '2020-2021年度政府信息公开年报')}{row(2022, '2018-19年政府信息公开年报')}</ul>"
            )
        },
        every("year_inferred", y2017="year_missing", y2022="year_missing", y2023="found"),
    ),
    "columns of the report's year": (
        {
            LIST: column("".join(f"<a href='{y}/'>{y}年</a>" for y in PUBLISHED)),
            **{f"{LIST}{y}/": column(f"<ul>{row(y, BARE)}</ul>") for y in PUBLISHED},
            **{article(y): page(BARE, f"<div id=zoom>{TEXT}{y}</div>") for y in PUBLISHED},
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}),
    ),
    "a script sets a cookie": ({LIST: GATE}, every("cookie_gate")),
    "a script gate without marks": (
        {LIST: Answer(b"<html><script src='/a.js'></script></html>", HTML, 412)},
        every("waf_ruishu"),
    ),
    "a next link that is a script, and no count": (
        {LIST: column(rows(*PUBLISHED) + "<a onclick='turn(this)'>下一页</a>")},
        every("paging_stuck", **{f"y{y}": "found" for y in PUBLISHED}),
    ),
    "more rows counted than there are": (
        {LIST: column(rows(*PUBLISHED) + "<div>共19条 每页4条</div>")},
        every("paging_stuck", **{f"y{y}": "found" for y in PUBLISHED}),
    ),
    "one report on another site": (
        {
            LIST: column(
                rows(2023, 2022, 2021) + f"<ul><li><a href='http://a.example.org/1.html'>{title(2020)}</a></li></ul>"
            )
        },
        every("year_missing", y2023="found", y2022="found", y2021="found", y2020="offsite_redirect"),
    ),
    "other reports, other bodies": (
        {
            LIST: column(
                rows(2023)
                + "".join(
                    f"<li><a href='/x/{80000 + n}.html'>{text}</a><span>2023-01-20</span></li>"
                    for n, text in enumerate(
                        (
                            "阳高县政府网站2022年度工作报表",
                            "阳高县2022年法治政府建设年度报告",
                            "阳高县2022年统计年报",
                            "阳高县教育局2022年政府信息公开年报",
                            "龙泉镇人民政府2022年政府信息公开年报",
                            "天镇县人民政府2022年政府信息公开工作年度报告",
                            "2022年政府信息公开指南",
                            "关于报送2022年政府信息公开年度报告的通知",
                            "阳高县2022年部门决算公开",
                            "2022年企业年报公示",
                            "2022年政府公报",
                            "一图读懂2022年政府信息公开年报",
                            "阳高县2022年行政执法年度报告",
                        )
                    )
                )
            )
        },
        every("year_missing", y2023="found"),
    ),
    "what a list calls a report is another list": (
        {
            LIST: column(f"<ul><li><a href='/x/81234.html'>{title(2023)}</a><span>2024-01-20</span></li></ul>"),
            "/x/81234.html": column(rows(2023, 2022)),
        },
        every("year_missing", y2023="found", y2022="found"),
    ),
    "a column that leads to another": (
        {
            LIST: column("<a href='/nb2/'>年报</a><a href='/bm/'>部门政府信息公开年报</a>"),
            "/nb2/": column(rows(*PUBLISHED)),
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}),
    ),
    "a page that is gone, within the layout": (
        {
            LIST: column(rows(*PUBLISHED)),
            article(2023): page("阳高县人民政府", "政府信息公开 " * 60 + "<p>抱歉，您要访问的内容不存在</p>"),
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}) | {2023: "soft404"},
    ),
    "an empty page": ({LIST: ""}, every("empty_list")),
    "the home page in a report's place": (
        {
            LIST: column(rows(*PUBLISHED)),
            article(2023): page(
                "阳高县人民政府",
                "<a href='/zwgk/'>政务公开</a>" + "<a href='/xw/t20240101_1.html'>县领导调研重点项目建设</a>" * 50,
            ),
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}) | {2023: "soft404"},
    ),
    "a shell that leads home in a report's place": (
        {LIST: column(rows(*PUBLISHED)), article(2023): "<script>location.href = '/';</script>"},
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}) | {2023: "to_home"},
    ),
    "a firewall that answers 200": (
        {LIST: "<html><body>当前访问疑似黑客攻击，已被网站管理员设置为拦截</body></html>"},
        every("forbidden_page"),
    ),
    "a challenge that answers 200": (
        {LIST: "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"},
        every("cookie_gate"),
    ),
    "a failure that answers 200": (
        {LIST: "<html><body><h1>HTTP Status 500 – Internal Server Error</h1></body></html>"},
        every("unreachable"),
    ),
    "a list that an application is to write": (
        {LIST: column("<div id=app></div><script src='/js/app.1.js'></script>")},
        every("js_list"),
    ),
    "years that only a script shows": (
        {LIST: column(rows(2023) + "".join(f"<li onclick='turn({y})'>{y}年</li>" for y in PUBLISHED))},
        every("js_list", y2017="year_missing", y2018="year_missing", y2023="found"),
    ),
    "years that something elsewhere makes clickable": (
        {LIST: column("<ul>" + "".join(f"<li>{y}年</li>" for y in PUBLISHED) + "</ul>" + rows(2023))},
        every("js_list", y2017="year_missing", y2018="year_missing", y2023="found"),
    ),
    "years that lead nowhere": (
        {LIST: column("<ul>" + "".join(f"<li><a href='#'>{y}</a></li>" for y in PUBLISHED) + "</ul>" + rows(2023))},
        every("js_list", y2017="year_missing", y2018="year_missing", y2023="found"),
    ),
    "a year beside its report": (
        {LIST: column(f"<div><span>2023年</span>{rows(2023)}</div>")},
        every("year_missing", y2023="found"),
    ),
    "years that only a script shows, beside all": (
        {LIST: column(rows(*PUBLISHED) + "".join(f"<li onclick='turn({y})'>{y}年</li>" for y in range(2017, 2024)))},
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}),
    ),
    "a button that loads more": (
        {LIST: column(rows(2023, 2022) + "<div class=more data-page=1>加载更多</div>")},
        every("paging_stuck", y2023="found", y2022="found"),
    ),
    "titles whose addresses another file makes": (
        {
            LIST: column(
                "".join(
                    f"""<li><a href="javascript:;" onclick="show('8a{y}')">{title(y)}</a></li>""" for y in PUBLISHED
                )
                + "<script src='/js/show.js'></script>"
            )
        },
        every("js_list"),
    ),
    "units above their rows, which name nobody": (
        {
            LIST: column(
                f"<dl><dt>县政府</dt><dd>{rows(*PUBLISHED)}</dd><dt>县教育局</dt><dd><ul>"
                + "".join(f"<li><a href='/jyj/{70000 + y}.html'>{y}{NOTES}</a></li>" for y in (2022, 2019))
                + "</ul></dd></dl>"
            ),
            **{
                f"/jyj/{70000 + y}.html": page(
                    "年报", f"<h1>阳高县教育局{y}{NOTES}</h1><div id=zoom>{TEXT}教育{y}</div>"
                )
                for y in (2022, 2019)
            },
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}),
    ),
    "rows of no list": (
        {
            LIST: column(
                "".join(
                    f"<div><div><a href='{article(y)}'>{BARE}</a></div><div>{y + 1}-01-20</div></div>"
                    for y in PUBLISHED
                )
            ),
            **{article(y): page(BARE, f"<div id=zoom>{TEXT}</div>") for y in PUBLISHED},
        },
        every("year_missing", **{f"y{y}": "year_inferred" for y in PUBLISHED}),
    ),
    "a report that is a picture": (
        {
            LIST: column(rows(2022, 2021, 2020) + f"<li><a href='/u/2023.jpg'>{title(2023)}</a>2024-01-20</li>"),
            "/u/2023.jpg": Answer(b"\xff\xd8\xff\xe0", "image/jpeg"),
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}) | {2023: "image_only"},
    ),
    **{
        f"short list that may go on: {pager}": (
            {LIST: column(rows(2023, 2022) + pager), f"{LIST}?page=2": column(rows(2023, 2022) + pager)},
            every("paging_stuck", y2023="found", y2022="found"),
        )
        for pager in (
            *("<div class=pagination></div>", "<a href='#'>下一页</a>", "<a href='javascript:;'>下一页</a>"),
            *("<a href='gone.html'>下一页</a>", "<a href='?page=2'>下一页</a>", "<p><a href='#'>1</a> <a>2</a></p>"),
        )
    },
    "pictures that lead to files called after years": (
        {
            LIST: column(rows(2023, 2022) + pictures("{y}nb.pdf", "<img src='/i/{y}.jpg'>", 2021)),
            f"{LIST}2021nb.pdf": Answer(PDF + b"2021", "application/pdf"),
        },
        every("year_missing", y2023="found", y2022="found", y2021="year_inferred", y2020="ambiguous"),
    ),
    "pictures that lead to files called after nothing": (
        {
            LIST: column(rows(2023, 2022) + pictures("P0{y}0101.pdf", "<img src='/i/{y}.jpg'>", 2021)),
            f"{LIST}P020210101.pdf": Answer(PDF + b"2021", "application/pdf"),
        },
        every("ambiguous", y2023="found", y2022="found"),
    ),
    "a summary without the form's tables": (
        {
            LIST: column(rows(2022, 2021, 2020) + f"<ul>{row(2023, '2023年县政府信息公开工作总结')}</ul>"),
            article(2023): page("2023年县政府信息公开工作总结", f"<div id=zoom>{TEXT}2023</div>"),
        },
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}) | {2023: "year_inferred"},
    ),
    "another body's summary": (
        {LIST: column(rows(2023, 2022, 2021) + f"<ul>{row(2020, '阳高县教育局2020年信息公开工作总结')}</ul>")},
        every("year_missing", y2023="found", y2022="found", y2021="found"),
    ),
    "a reply that counts more than it has": (
        {
            LIST: column("<ul id=l></ul><script src='/api/list?callback=show'></script>"),
            "/api/list?callback=show": script(f'show({{"total": 9, "rows": {data(2023, 2022)}}});'),
        },
        every("paging_stuck", y2023="found", y2022="found"),
    ),
    "a script that looks like a gate": (
        {
            LIST: column("<ul id=l></ul><script src='/js/site.js'></script>"),
            "/js/site.js": script("document.cookie = 'a=1'; function go() { location.href = '/'; }"),
        },
        every("empty_list"),
    ),
    "a page in a script's place, and one that is not there": (
        {
            LIST: column("<script src='/js/a.js'></script><script src='/js/b.js'></script>"),
            "/js/a.js": page("首页", rows(*PUBLISHED)),
        },
        every("empty_list"),
    ),
    **{
        f"rows that come by a click: {button}": (
            {LIST: column(rows(2023, 2022) + button)},
            every("paging_stuck", y2023="found", y2022="found"),
        )
        for button in ("<div>展开更多</div>", "<a href='javascript:;'><span>查看更多</span></a>", "<p>点击加载更多</p>")
    },
    "rows that come by scrolling": (
        {
            LIST: column(
                rows(2023, 2022) + "<script>var page = 1; $(window).scroll(function () { page++;"
                "$.get('/more?pageNo=' + page, add); });</script>"
            ),
            "/more?pageNo=1": rows(2023, 2022),
            "/more?pageNo=2": rows(2021, 2020),
            "/more?pageNo=3": "<p></p>",
        },
        every("paging_stuck", **{f"y{y}": "found" for y in PUBLISHED}),
    ),
    "another column beside that goes on unseen": (
        {
            LIST: column("<a href='/zfxxgk/old/'>政府信息公开工作年度报告</a>" + rows(2023, 2022)),
            "/zfxxgk/old/": column(rows(2021, 2020) + "<a href='#'>下一页</a>"),
        },
        every("paging_stuck", **{f"y{y}": "found" for y in PUBLISHED}),
    ),
    "a report in nothing but a script": (
        {LIST: column(rows(*PUBLISHED)), article(2023): page(title(2023), "<div id=app></div><script>show()</script>")},
        every("year_missing", **{f"y{y}": "found" for y in PUBLISHED}) | {2023: "soft404"},
    ),
}


async def test_what_outcomes_say(tmp_path: Path) -> None:
    found = await crawl_wild(tmp_path, {name: pages for name, (pages, _) in SAID.items()})
    wrong = {
        name: {
            year: (row_.outcome, row_.detail) for year, row_ in found[name].items() if row_.outcome != expected[year]
        }
        for name, (_, expected) in SAID.items()
    }
    assert {name: rows_ for name, rows_ in wrong.items() if rows_} == {}
