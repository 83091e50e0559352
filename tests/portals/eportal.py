"""A fake eportal: lists are modules of a page."""

from __future__ import annotations

from typing import ClassVar

from tests.portals.lists import PagedPortal

MODULE = "87ce358c6d3c4c1e9b0a2f1f7c0a5b11"


class EportalPortal(PagedPortal):
    """Page 2 is currentPage=2 with the module's id, or -2.html of the static twin."""

    family = "eportal"
    list_path = "/eportal/ui?pageId=6817552"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links", "static_twin"})

    @property
    def first_page(self) -> str:
        """Where page 1 is, or its static twin."""
        return self.address(1, 1) if "static_twin" in self.quirks else self.list_path

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` is."""
        if "static_twin" in self.quirks:
            return f"/www/xxgk2020/228104/cb473d96-{number}.html"
        return f"{self.list_path}&currentPage={number}&moduleId={MODULE}"

    def pager(self, number: int, pages: int) -> str:
        """A next link, or a count and a script."""
        if "next_links" in self.quirks:
            return self.next_link(number, pages)
        script = f"<script>var moduleId='{MODULE}'; /* {self.list_path} */</script>"
        return super().pager(number, pages) + script
