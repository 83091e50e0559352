"""A fake portal of 广东's platform: a tree in the page's script, lists as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import ListPortal, as_json

if TYPE_CHECKING:
    from aiohttp import web

    from tests.portals.base import Report

SITE = "200001"
REPORTS = 32148
YEAR = 40000


class GkmlptPortal(ListPortal):
    """A column is the fragment of its address; the API counts from 1 and gives ``per_page`` rows."""

    family = "gkmlpt"
    list_path = f"/gkmlpt/index#{REPORTS}"
    body = 'class="article-content"'
    quirk_names: ClassVar[frozenset[str]] = frozenset(
        {"by_name", "loose_script", "jump_url", "other_host", "needs_agent", "year_nodes", "sub_unit", "text_in_script"}
    )

    @property
    def prefix(self) -> str:
        """What stands before the platform's own addresses."""
        return "/szfbgs" if "sub_unit" in self.quirks else ""

    @property
    def list_url(self) -> str:
        """The report column, under its id or as the page of yearly reports."""
        page = "/gkmlpt/annualreport" if self.quirks & {"by_name", "jump_url"} else self.list_path
        return f"http://{self.host}:{self.port}{self.prefix}{page}"

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/gkmlpt/content/1/{100 + number}/post_{100 + number}.html"

    def lists(self) -> dict[str, Answer]:
        """The shell, whichever column its address names."""
        shell = self.column(f"<div id='app'></div><script>{self._config()}</script>")
        files = {f"{self.prefix}/gkmlpt/index": shell, f"{self.prefix}/gkmlpt/annualreport": shell}
        if "jump_url" in self.quirks:
            files["/zwgk/nb/index.html"] = self.column(self.rows(self.reports))
        return files

    def _config(self) -> str:
        elsewhere = "/zwgk/nb/index.html" if "jump_url" in self.quirks else ""
        years = sorted({report.date[:4] for report in self.reports}) if "year_nodes" in self.quirks else []
        below = ",".join(f'{{"id":{YEAR + int(year)},"name":"{int(year) - 1}年","children":[]}}' for year in years)
        tree = (
            '[{"id":1,"name":"政府网站工作年度报表","parent":0,"jump_url":"","children":[]},{"id":2,"name":"政府信息公开",'
            f'"parent":0,"jump_url":"","children":[{{"id":{REPORTS},"name":"政府信息公开年报","parent":2,'
            f'"jump_url":"{elsewhere}","children":[{below}]}}]}}]'
        )
        if "loose_script" in self.quirks:
            tree = tree.replace('"id"', "id").replace('"name"', "name").replace('"', "'").replace("]}]}]", "]}],}]")
        return f"window._CONFIG = {{ SID:'{SITE}', TREE:{tree}, SERVICE_AREA_ID: '440300' }};"

    def detail(self, report: Report, body_class: str, extra: str = "") -> bytes:
        """A report's page; its text may be in the script alone."""
        if "text_in_script" not in self.quirks:
            return super().detail(report, body_class, extra)
        config = {"DETAIL": {"title": report.title, "content": f"{report.html.decode()}{extra}"}}
        script = f"<script>window._CONFIG = {json.dumps(config)};</script>"
        return super().detail(report._replace(html=b""), body_class, script)

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the API."""
        api, _, column = request.path.rpartition("/")
        if api != f"{self.prefix}/gkmlpt/api/all":
            return None
        if "needs_agent" in self.quirks and not request.headers.get("User-Agent"):
            return Answer(b"", status=403)
        number = max(int(request.query["page"]), 1)
        reports = self._of(column)
        if request.query["sid"] != SITE or (number - 1) * self.per_page > len(reports):
            return Answer(b"<html></html>")
        rows = reports[(number - 1) * self.per_page : number * self.per_page]
        articles = [self._row(report) for report in rows]
        return as_json({"classify": {"post_count": len(reports)}, "total": len(reports), "articles": articles})

    def _of(self, column: str) -> list[Report]:
        if "year_nodes" not in self.quirks:
            return self.reports if column == str(REPORTS) else []
        return [report for report in self.reports if str(YEAR + int(report.date[:4])) == column]

    def _row(self, report: Report) -> dict[str, object]:
        own = f"http://{self.host}:{self.port}{self.link(report)}"
        published = int(datetime.fromisoformat(f"{report.date}T00:30:00+08:00").timestamp())
        row = {"id": 1, "title": report.title, "date": published, "url": own, "attachment": [], "is_expired": 0}
        if "other_host" in self.quirks:
            row |= {"url": "http://im.example.gov.cn/gkmlpt/content/1/101/post_101.html", "post_url": own}
        return row
