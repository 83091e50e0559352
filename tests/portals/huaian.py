"""A fake portal of 淮安's cmsweb: numbered files, a JSON service, and pages of PDFs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import PagedPortal, as_json, asked_of

if TYPE_CHECKING:
    from aiohttp import web

    from tests.portals.base import Report

SERVICE = "/articleCommonController/lists.do"
PDF = b"%PDF-1.4 "


class HuaianPortal(PagedPortal):
    """The file index_2.html is page 2, and nsetpage gives rows and rows a page."""

    family = "huaian"
    list_path = "/col/18073_668815/index.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"service", "domain_and_path", "digests", "digest_of_units"})

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/col/18073_668815/art/{17000 + number}/1705{number:012}.html"

    def pdf(self, report: Report) -> str:
        """The address of a report in a digest: its folder is the year of publication."""
        return f"/wzxxgknb/{report.date[:4]}/qjp.pdf"

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` is."""
        return f"/col/18073_668815/index_{number}.html"

    def pager(self, number: int, pages: int) -> str:
        """The pager call."""
        return f"<script>nsetpage({number},{len(self.reports)},{self.per_page},'index');</script>"

    def lists(self) -> dict[str, Answer]:
        """The numbered files, a page that the service fills, or a list of digests."""
        if self.quirks & {"service", "domain_and_path"}:
            script = f"var deptid = '0011'; $.post('{SERVICE}', {{page: n, pagesize: 20}}, show);"
            return {self.list_path: self.column(f"<ul></ul><script>{script}</script>")}
        if self.quirks & {"digests", "digest_of_units"}:
            return self._digests()
        return super().lists()

    def _digests(self) -> dict[str, Answer]:
        files = {}
        links = ""
        for report in self.reports:
            year = int(report.date[:4]) - 1
            digest = f"/wzxxgknb/{year + 1}/"
            links += f'<li><a href="{digest}">{year}年政府信息公开年报汇总</a></li>'
            title = report.title if "digests" in self.quirks else self.name
            other = f'<li><a href="/wzxxgknb/{year + 1}/lsq.pdf">涟水县{title.removeprefix(self.name)}</a></li>'
            files[digest] = self.column(f'<ul><li><a href="{self.pdf(report)}">{title}</a></li>{other}</ul>')
            files[self.pdf(report)] = Answer(PDF + str(year).encode(), "application/pdf")
        return files | {self.list_path: self.column(f"<ul>{links}</ul>")}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the service."""
        if request.path != SERVICE:
            return None
        asked = await asked_of(request)
        if request.method != "POST" or asked.get("deptid") != "0011" or "topic" not in asked:
            return as_json({"value": {"total": 0, "list": []}})
        rows = [self._row(report) for report in self.part(int(asked["page"]))]
        return as_json({"value": {"total": len(self.reports), "list": rows}})

    def _row(self, report: Report) -> dict[str, str]:
        row = {"title": report.title, "releaseTime": f"{report.date} 09:00:00"}
        if "domain_and_path" in self.quirks:
            return row | {"domain": f"{self.host}:{self.port}", "path": self.link(report)}
        return row | {"link": f"http://{self.host}:{self.port}{self.link(report)}"}
