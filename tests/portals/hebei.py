"""A fake portal of 河北's platform: UUIDs for everything, rows from a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tests.portals.lists import PagedPortal, as_html

if TYPE_CHECKING:
    from aiohttp import web

    from tests.portals.base import Answer

COLUMN = "/columns/8aef2fa0-cc14-409e-9f68-fbdba00a0c72/"
BLOCK = f"{COLUMN}templates/11111111-cc14-409e-9f68-fbdba00a0c72/blocks/22222222-cc14-409e-9f68-fbdba00a0c72"


class HebeiPortal(PagedPortal):
    """The block counts its pages from 1 by ``page``, with fix=0."""

    family = "hebei-uuid"
    list_path = f"{COLUMN}index.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"count_on_page", "static_pages"})

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"{COLUMN}202102/20/8aef2fa0-cc14-409e-9f68-{number:012x}.html"

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` of static pages is."""
        return f"{COLUMN}index_{number}.html"

    def lists(self) -> dict[str, Answer]:
        """The column, with the block's address in a script."""
        if "static_pages" in self.quirks:
            return super().lists()
        count = self.pager(1, self.page_count) if "count_on_page" in self.quirks else ""
        script = f"<script>load('{BLOCK}?page=1&fix=0');</script>"
        return {self.list_path: self.column(f"<div id='rows'></div>{count}{script}")}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the block."""
        if request.path != BLOCK or request.query.get("fix") != "0":
            return None
        number = int(request.query["page"])
        count = "" if "count_on_page" in self.quirks else self.pager(number, self.page_count)
        turn = f'<a href="{BLOCK}?page={number + 1}&fix=0">下一页</a>'
        return as_html(self.rows(self.part(number)) + turn + count)
