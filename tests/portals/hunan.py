"""A fake portal of 湖南's platform: the list comes from a second host."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from tests.portals.base import Answer, FakePortal
from tests.portals.lists import NOTHING, PagedPortal, as_json, asked_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

CHANNEL = "80675"


class ProvincePortal(FakePortal):
    """The province's host, which answers for one county."""

    def __init__(self, county: HunanPortal) -> None:
        super().__init__(county.name, host=county.host)
        self.county = county

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the search."""
        if request.path != f"/search/common/search/{CHANNEL}":
            return None
        asked = await asked_of(request)
        if self.county.quirks & {"service_off", "service_off_no_pages"}:
            return NOTHING
        if request.method != "POST" or (asked.get("datas[0][key]"), asked.get("datas[0][value]")) != ("status", "4"):
            return as_json({"data": {"total": 0, "results": []}})
        rows = [
            {"title": report.title, "url": self.county.home_url.rstrip("/") + self.county.link(report)}
            | {"publishedTimeStr": report.date}
            for report in self.county.part(int(asked["page"]))
        ]
        return as_json({"data": {"total": len(self.county.reports), "results": rows}})


class HunanPortal(PagedPortal):
    """A page names the province's service and the channel; static pages exist too."""

    family = "hunan"
    list_path = "/zwgk/xxgknb/index.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"service_off", "service_off_no_pages", "channel_in_address"})

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.province = ProvincePortal(self)

    async def __aenter__(self) -> Self:
        await self.province.__aenter__()
        return await super().__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await self.province.__aexit__()
        await super().__aexit__()

    def path(self, number: int) -> str:
        """The address of an article, as 红网 writes it."""
        return f"/zwgk/xxgknb/20210120/i{2026000 + number}.html"

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` is."""
        return f"/zwgk/xxgknb/index_{number}.html"

    def lists(self) -> dict[str, Answer]:
        """The page with the script, with static pages where the service is off."""
        host = f"http://{self.province.host}:{self.province.port}/search/common/search/"
        script = f"<script>var channelId = '{CHANNEL}'; $.post('{host}' + channelId, {{page: n}}, show);</script>"
        if "channel_in_address" in self.quirks:
            script = f"<script>$.post('{host}{CHANNEL}', {{page: n}}, show);</script>"
        if "service_off" not in self.quirks:
            return {self.list_path: self.column(f"<ul></ul>{script}")}
        files = super().lists()
        first = files[self.list_path].body.decode().replace("</body>", f"{script}</body>")
        return files | {self.list_path: Answer(first.encode())}

    def expected(self, quirk: str, years: Sequence[int], unlisted: int) -> dict[int, str]:
        """Without service and pages there is nothing to read."""
        if quirk == "service_off_no_pages":
            return dict.fromkeys(years, "js_list")
        return super().expected(quirk, years, unlisted)
