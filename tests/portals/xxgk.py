"""A fake Hanweb portal whose column is filled by the 信息公开 module's search."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import ListPortal, as_html, asked_of

if TYPE_CHECKING:
    from aiohttp import web

    from tests.portals.base import Report

COLUMN = "1256347"
CATEGORY = "F010000201"
TREE = f"""<script>d = new dTree('d'); d.add(0,-1,'信息公开目录');
d.add(1,0,'<a href="javascript:void(0)" onclick="funclick(\\'A01\\')">机构概况</a>');
d.add(2,0,'<a href="javascript:void(0)" onclick="funclick(\\'{CATEGORY}\\')">政府信息公开年报</a>');</script>"""
TREE_OF_LINKS = f"""<ul><li><a href="search.jsp?infotypeId=A01&divid=div{COLUMN}">机构概况</a></li>
<li><a href="search.jsp?infotypeId={CATEGORY}&divid=div{COLUMN}" target="_self">信息公开年报</a></li></ul>"""


class XxgkPortal(ListPortal):
    """Rows of a table behind POST /module/xxgk/search.jsp, which counts by currpage."""

    family = "jcms-xxgk"
    list_path = f"/col/col{COLUMN}/index.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset(
        {"other_columns", "mc_rows", "wip_rows", "odd_even", "no_area", "get_only", "custom", "tree", "tree_of_links"}
    )

    @property
    def endpoint(self) -> str:
        """The search that the page calls."""
        return "/module/xxgk/search_custom.jsp" if "custom" in self.quirks else "/module/xxgk/search.jsp"

    def path(self, number: int) -> str:
        """The address of an article of this column."""
        return f"/art/2021/1/20/art_{COLUMN}_{7000 + number}.html"

    def lists(self) -> dict[str, Answer]:
        """The empty column."""
        area = "" if "no_area" in self.quirks else "&area=11330100"
        category = "" if {"tree", "tree_of_links"} & self.quirks else CATEGORY
        call = f"{self.endpoint}?texttype=0&jdid=149&infotypeId={category}&divid=div{COLUMN}{area}"
        script = f"loadDynamic('{call}','div{COLUMN}'); loadDynamic('/module/xxgk/tree.jsp?area=','tree');"
        return {self.list_path: self.column(f'<div id="div{COLUMN}"></div><script>{script}</script>')}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the search, and the tree of its categories."""
        if request.path == "/module/xxgk/tree.jsp":
            return as_html(TREE_OF_LINKS if "tree_of_links" in self.quirks else TREE)
        if request.path != self.endpoint:
            return None
        if request.method == "POST" and "get_only" in self.quirks:
            return Answer(b"", status=405)
        asked = await asked_of(request)
        if asked.get("infotypeId") != CATEGORY or asked.get("divid") != f"div{COLUMN}" or "vc_title" not in asked:
            return as_html("<p>共0页</p>")
        rows = "".join(self.row(report) for report in self.part(int(asked["currpage"])))
        if "other_columns" in self.quirks:
            other = f'<a href="/art/2018/1/20/art_99_{asked["currpage"]}.html">{self.name}2017年政府信息公开年报</a>'
            rows += f"<tr><td>0002</td><td>{other}</td><td>2018-01-20</td></tr>"
        return as_html(f"<table>{rows}</table><div>共{len(self.reports)}条 共{self.page_count}页</div>")

    def row(self, report: Report) -> str:
        """A report as the module writes it."""
        link, title, shown = self.link(report), escape(report.title), escape(self.shown(report))
        if "mc_rows" in self.quirks:
            return f'<li><a href="{link}" mc="{title}" rq="{report.date}" syh="1" wh="">{shown[:9]}</a></li>'
        if "wip_rows" in self.quirks:
            date = f'<div class="wip_lists_time">{report.date}</div>'
            return f'<div class="wip_lists"><a href="{link}">{title}</a>{date}</div>'
        mark = ' class="tr_main_value_odd"' if "odd_even" in self.quirks else ""
        anchor = f'<a href="{link}" title="{self.named(report)}">{shown}</a>'
        return f"<tr{mark}><td>0001</td><td>{anchor}</td><td>{report.date}</td></tr>"
