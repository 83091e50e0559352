"""A fake TrueCMS portal: records as XML inside JSONP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import ListPortal

if TYPE_CHECKING:
    from aiohttp import web

COLUMN = "8a8f9c3e-6d3c-4c1e-9b0a-2f1f7c0a5b11"
ROW = '<li><a href="..">..</a>yyyy-MM-dd</li>'
TEMPLATE = f"<datastore><recordset><record><![CDATA[{ROW}]]></record></recordset></datastore>"


class TruecmsPortal(ListPortal):
    """getMessage.do counts records from 1, and wants the list page as Referer."""

    family = "truecms"
    list_path = "/tjxxw/zfxxgknb/zfxxgknb.html?id=3"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"lower_case", "endpoint_off", "cap"})
    gaps: ClassVar[dict[str, str]] = {"endpoint_off": "paging_stuck"}

    @property
    def endpoint(self) -> str:
        """The endpoint, in either spelling."""
        return f"/{'truecms' if 'lower_case' in self.quirks else 'TrueCMS'}/messageController/getMessage.do"

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/tjxxw/zfxxgknb/content/8a8f9c3e-6d3c-4c1e-9b0a-{number:012x}.html"

    def lists(self) -> dict[str, Answer]:
        """The column with its configuration, and the first rows where the endpoint is off."""
        script = (
            f"var option = {{contentTemplate:'{TEMPLATE}', proxyUrl:'{self.endpoint}', perPage:{self.per_page},"
            f" groupSize:3, ajaxParam:{{columnId:'{COLUMN}'}}}};"
        )
        rows = self.rows(self.reports) if "endpoint_off" in self.quirks else ""
        return {self.list_path: self.column(f'<div id="initData">{rows}</div><script>{script}</script>')}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the endpoint."""
        if request.path != self.endpoint:
            return None
        asked = request.query
        referer = request.headers.get("Referer") == self.list_url
        if "endpoint_off" in self.quirks or not referer or asked["columnId"] != COLUMN:
            return Answer(b"", status=404)
        size = 1 if "cap" in self.quirks else int(asked["perpage"])
        start = int(asked["startrecord"])
        rows = self.reports[start - 1 : min(int(asked["endrecord"]), start + size - 1)]
        records = "".join(f"<record><![CDATA[{self.row(report)}]]></record>" for report in rows)
        store = f"<datastore><totalrecord>{len(self.reports)}</totalrecord><recordset>{records}</recordset></datastore>"
        return Answer(f"{asked['callback']}({json.dumps({'result': store})})".encode(), "text/javascript")
