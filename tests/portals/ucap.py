"""A fake UCAP portal: static files counted from 1, or a shell that an endpoint fills."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from tests.portals.lists import PagedPortal, as_html, as_json, asked_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from tests.portals.base import Answer, Report

FOLDER = "/ljxz/c100275/"
ENDPOINTS = {
    "shell": "/searchList/30175?_isAgg=true&_isJson=true&_pageSize=20&_template=index&_channelName=&page=1",
    "scheme_less": "/searchList/30175?_isAgg=true&_isJson=true&_pageSize=20&page=1",
    "nested": "/common/search/4f2a9c?_isAgg=true&_isJson=true&_pageSize=20&page=1",
    "json_in_string": "/search/30175?_isAgg=true&_isJson=true&_pageSize=20&page=1",
    "es_search": "/es-search/search/c101935?_template=index&_isAgg=1&_pageSize=20&page=1",
    "manuscripts": "/manuscriptList/n810755?_isAgg=0&_isJson=true&_pageSize=20&page=1",
    "channel": "/searchList/30175",
    "runs_out": "/searchList/30175?_isAgg=true&_isJson=true&page=1",
    "lm_code": "/es-search/search/c101935",
    "no_total": "/searchList/30175?_isAgg=true&_isJson=true&page=1",
    "load_bm": "/szinf/xxgk/interfacesWebZcwj/loadBmData",
}


class UcapPortal(PagedPortal):
    """The file common_list_2.shtml is page 2; ``ENDPOINTS`` are quirks with a shell instead."""

    family = "ucap"
    list_path = f"{FOLDER}common_list.shtml"
    body = 'id="UCAP-CONTENT"'
    quirk_names: ClassVar[frozenset[str]] = frozenset({"hash_names", "next_links", *ENDPOINTS})
    gaps: ClassVar[dict[str, str]] = {"no_total": "paging_stuck"}

    @property
    def first_page(self) -> str:
        """The report column; around 苏州 it is a unit's list."""
        return f"{self.list_path}?deptcode=szfb&type=nb" if "load_bm" in self.quirks else self.list_path

    @property
    def endpoint(self) -> str:
        """The endpoint that fills the shell, or nothing."""
        return next((url for quirk, url in ENDPOINTS.items() if quirk in self.quirks), "")

    def path(self, number: int) -> str:
        """The address of an article."""
        if "hash_names" in self.quirks:
            return f"{FOLDER}202102/{number:032x}.shtml"
        return f"/ljxz/c101928/c{7661080 + number}/content.shtml"

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` is."""
        return f"{FOLDER}common_list_{number}.shtml"

    def pager(self, number: int, pages: int) -> str:
        """The pager call, its first argument a string."""
        if "next_links" in self.quirks:
            return self.next_link(number, pages)
        call = f"createPageHTML('page_div',{pages},{number},'common_list','shtml',{len(self.reports)})"
        return f"<div id='page_div'></div><script>{call}</script>"

    def lists(self) -> dict[str, Answer]:
        """The files, or the shell."""
        if not self.endpoint:
            return super().lists()
        script = f"$.get('{self.endpoint}', function (reply) {{ show(reply); }});"
        if "channel" in self.quirks:
            script = "var channelId = '30175'; $.get('/searchList/' + channelId + '?page=' + n, show);"
        if "lm_code" in self.quirks:
            script = "var lmCode = 'c101935'; $.get('/es-search/search/' + lmCode + '?_isAgg=1&page=' + n, show);"
        return {self.first_page: self.column(f'<ul class="pageList newsList"></ul><script>{script}</script>')}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the endpoint."""
        if not self.endpoint or request.path != self.endpoint.partition("?")[0]:
            return None
        asked = await asked_of(request)
        if "load_bm" in self.quirks:
            return self._of_unit(asked)
        rows = self.part(int(asked["page"]), 4 if "runs_out" in self.quirks else None)
        if "es_search" in self.quirks:
            return as_html(self.rows(rows) + f"<p>共{self.page_count}页</p>")
        return self._as_json([self._row(report) for report in rows], int(asked["page"]))

    def _as_json(self, rows: list[dict[str, str]], number: int) -> Answer:
        total = (
            {}
            if {"no_total", "runs_out"} & self.quirks
            else {"page": number, "rows": len(rows), "total": len(self.reports)}
        )
        data = {**total, "results": rows}
        if "nested" in self.quirks:
            return as_json({"code": 200, "results": {"data": data}})
        if "json_in_string" in self.quirks:
            return as_json({"code": 200, "data": json.dumps(data)})
        return as_json({"data": data})

    def _of_unit(self, asked: Mapping[str, str]) -> Answer:
        if (asked.get("deptcode"), asked.get("type")) != ("szfb", "nb"):
            return as_json({"code": "1"})
        rows = [
            {"TITLE": report.title, "URL": self.link(report), "PUBLISHED_TIME_FORMAT": report.date}
            for report in self.part(int(asked["pageIndex"]))
        ]
        return as_json({"code": "0", "data": {"allRow": len(self.reports), "list": rows}})

    def _row(self, report: Report) -> dict[str, str]:
        url = self.link(report)
        if "scheme_less" in self.quirks:
            url = f"//{self.host}:{self.port}{url}"
        return {"manuscriptId": "1", "title": report.title, "url": url, "publishedTimeStr": f"{report.date} 16:38:00"}
