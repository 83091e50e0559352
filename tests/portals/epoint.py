"""A fake Epoint portal: rows come from a REST service as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import NOTHING, ListPortal, as_json

if TYPE_CHECKING:
    from aiohttp import web

    from tests.portals.base import Report

SERVICE = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
SITE = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
SCRIPT = f'var siteInfo = {{"siteGuid": "{SITE}", "projectName": "/EWB-FRONT"}};'


class EpointPortal(ListPortal):
    """The service counts pages from 0 and wants the site's id, which one of the page's scripts holds."""

    family = "epoint-ewb"
    list_path = "/dynamic/zwgk/govInfoPub.html?categorynum=003001003&deptcode=szf"
    body = 'id="ivs_content"'
    quirk_names: ClassVar[frozenset[str]] = frozenset({"params", "ajax_req", "in_page", "other_fields"})

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/zwgk/003001/003001003/20210120/7eb5f7f1-9041-43ad-8e13-{number:012x}.html"

    def lists(self) -> dict[str, Answer]:
        """The column, and the script with the site's id."""
        script = "/js/ajaxReq.js" if "ajax_req" in self.quirks else "/js/webBuilderCommon.js"
        files = {script: Answer(SCRIPT.encode(), "text/javascript")}
        tags = f'<script src="/js/jquery.js"></script><script src="{script}"></script>'
        if "in_page" in self.quirks:
            tags, files = f"<script>{SCRIPT}</script>", {}
        return files | {self.list_path: self.column(f"<ul id='list'></ul>{tags}<!-- {SERVICE} -->")}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the service."""
        if request.path != SERVICE:
            return None
        if request.method != "POST" or request.content_type != "application/json":
            return NOTHING
        asked = json.loads(await request.text())
        if "params" in self.quirks:
            asked = asked.get("params", {})
        named = (asked.get("siteGuid"), asked.get("categorynum"), asked.get("deptcode"))
        if named != (SITE, "003001003", "szf"):
            return as_json({"status": {"code": 0, "text": "参数错误"}})
        rows = [self._row(report) for report in self.part(int(asked["pageIndex"]) + 1)]
        return as_json({"custom": {"total": len(self.reports), "data": rows}, "status": {"code": 1}})

    def _row(self, report: Report) -> dict[str, str]:
        if "other_fields" in self.quirks:
            return {"title": report.title, "visiturl": self.link(report), "handsdate": report.date, "infourl": ""}
        return {
            "title": f"{report.title[:8]}...",
            "realtitle": report.title,
            "infourl": self.link(report),
            "infodate": report.date,
        }
