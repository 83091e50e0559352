"""A fake jpaas portal: a unit of the page, filled by the publish server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import ListPortal, as_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"


class JpaasPortal(ListPortal):
    """Only the page number inside paramJson counts, and only 15 rows at most."""

    family = "jpaas"
    list_path = "/col/zfxxgknb/index.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"pages_said", "referer", "always_page_1", "two_units"})
    gaps: ClassVar[dict[str, str]] = {"always_page_1": "paging_stuck"}

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/art/2021/art_{number:032x}.html"

    def lists(self) -> dict[str, Answer]:
        """The empty column."""
        query = "{'webId':'3185','pageId':'311','tagId':'信息列表','tplSetId':'5f7a'}"
        unit = f'<div url="{UNIT}" queryData="{query}"></div>'
        if "two_units" in self.quirks:
            unit = f'<div url="{UNIT}" queryData="{query.replace("信息列表", "当前位置")}"></div>' + unit
        return {self.list_path: self.column(unit)}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the publish server."""
        if request.path != UNIT:
            return None
        if "referer" in self.quirks and request.headers.get("Referer") != self.list_url:
            return Answer(b"", status=403)
        asked = request.query
        named = (asked.get("parseType"), asked.get("webId"), asked.get("pageId"), asked.get("tagId"))
        if named != ("bulidstatic", "3185", "311", "信息列表"):
            return as_json({"success": False, "message": "没有这个组件"})
        number = int(json.loads(asked.get("paramJson", "{}")).get("pageNo", 1))
        if "always_page_1" in self.quirks:
            number = 1
        pager = f'<div class="pagination" rows="{self.per_page}" count="{len(self.reports)}"><a href="/x/2">2</a></div>'
        if "pages_said" in self.quirks:
            pager = f"<p>共{self.page_count}页</p>"
        return as_json({"success": True, "message": "", "data": {"html": self.rows(self.part(number)) + pager}})

    def expected(self, quirk: str, years: Sequence[int], unlisted: int) -> dict[int, str]:
        """Only the first page's years are found where the server knows no other."""
        outcomes = super().expected(quirk, years, unlisted)
        if quirk == "always_page_1":
            outcomes |= dict.fromkeys(years[: -self.per_page], "paging_stuck")
        return outcomes
