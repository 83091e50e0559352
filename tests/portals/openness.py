"""A fake disclosure site of the openness kind: a frame around rows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.lists import PagedPortal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.portals.base import Answer, Report

QUERY = "branch_id=5212cf4b29eafe3a88a06d35&column_code=190100"


class OpennessPortal(PagedPortal):
    """The frame's rows are at /opennessTarget/, page 2 at page=2."""

    family = "openness"
    list_path = f"/opennessContent/?{QUERY}"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links", "script_target"})

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/opennessContent/show/{500000 + number}.html"

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` of the rows is."""
        return f"/opennessTarget/?{QUERY}" + (f"&page={number}" if number > 1 else "")

    def pager(self, number: int, pages: int) -> str:
        """A next link, or the count alone."""
        return self.next_link(number, pages) if "next_links" in self.quirks else super().pager(number, pages)

    def lists(self) -> dict[str, Answer]:
        """The frame and its rows."""
        files = super().lists()
        rows = files.pop(self.list_path)
        target = self.address(1, 1)
        frame = f'<iframe src="{escape(target)}"></iframe>'
        if "script_target" in self.quirks:
            frame = f"<script>$('#rows').load('/opennessTarget/?branch_id=1&column_code=1'); load('{target}');</script>"
        return files | {self.list_path: self.column(frame), target: rows}

    def rows(self, reports: Sequence[Report]) -> str:
        """Rows in a table."""
        return f'<table class="is-xxgkTable">{"".join(self.row(report) for report in reports)}</table>'

    def row(self, report: Report) -> str:
        """A report as a row."""
        link = f'<a href="{self.link(report)}" title="{self.named(report)}">{escape(self.shown(report))}</a>'
        return f'<tr><td><div class="is-tda">{link}</div></td><td>{report.date}</td></tr>'
