"""A fake VSB portal: static lists whose pages are numbered from the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import PagedPortal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from tests.portals.base import Report

CAPTCHA = "<html><title>下载</title><body>请输入验证码：<input></body></html>"
DENIED = "<html><title>提示</title><body>您无权访问此页面！</body></html>"
FREE_DOWNLOADS = 3


class VsbPortal(PagedPortal):
    """Page 2 of 3 is 2.htm, and the last is 1.htm."""

    family = "vsb"
    list_path = "/zfxxgk/zfxxgknb.htm"
    body = 'id="vsb_content"'
    quirk_names: ClassVar[frozenset[str]] = frozenset({"captcha", "denied", "older_pager", "year_columns", "viewer"})

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.downloads = 0

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/info/1026/{25000 + number}.htm"

    def file_path(self, number: int, name: str) -> str:
        """The address of an article's file."""
        if "viewer" in self.quirks:
            return f"/__local/B/56/8D/{number:032X}.pdf"
        return f"/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid={number}"

    def article(self, number: int, report: Report) -> dict[str, Answer]:
        """A report's page and files; one that nobody may read; files in a viewer."""
        files = super().article(number, report)
        if "denied" in self.quirks and number == 0:
            files[self.path(number)] = Answer(DENIED.encode())
        if "viewer" in self.quirks:
            frame = f'<iframe src="/system/resource/pdfjs/viewer.html?file={self.file_path(number, "")}"></iframe>'
            files[self.path(number)] = Answer(self.detail(report, self.body, frame))
        return files

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` is, counted from the end."""
        return f"/zfxxgk/zfxxgknb/{pages + 1 - number}.htm"

    def pager(self, number: int, pages: int) -> str:
        """Links, and a box to jump."""
        if "older_pager" in self.quirks:
            onward = self.next_link(number, pages, "下页").replace("<a ", "<a class=Next ")
            table = f'<table id="fanye1"><tr><td>{number}/{pages}</td><td>{onward}</td></tr></table>'
            return f"<!--Announced by Visual SiteBuilder 9-->{table}"
        before = self.address(number - 1, pages) if number > 2 else self.list_path
        back = f'<a href="{before}">上页</a>' if number > 1 else ""
        onward = f'<span class="p_next p_fun">{self.next_link(number, pages, "下页")}</span>'
        jump = f"_simple_list_gotopage_fun({pages},&quot;u13_goto&quot;,2)"
        return (
            f'<span class="p_pages">{back}{onward}</span><span class="p_t">共{pages}页</span>'
            '<script src="/system/resource/js/gotopage.js"></script>'
            f'<input id="u13_goto" onkeydown="{jump}">'
        )

    def lists(self) -> dict[str, Answer]:
        """The numbered pages, or a column of years."""
        if "year_columns" not in self.quirks:
            return super().lists()
        links = ""
        files = {}
        for report in self.reports:
            year = report.date[:4]
            links += f'<li><a href="zfxxgknb/a{year}.htm">{int(year) - 1}年</a></li>'
            files[f"/zfxxgk/zfxxgknb/a{year}.htm"] = self.column(self.rows([report]) + self.pager(1, 1))
        return files | {self.list_path: self.column(f"<ul>{links}</ul><!--Announced by Visual SiteBuilder 9-->")}

    def row(self, report: Report) -> str:
        """A report with its relative address."""
        return super().row(report).replace("<li>", '<li id="line_u13_0">')

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Ask for a captcha after a few downloads."""
        if "captcha" not in self.quirks or not request.path.endswith("/download.jsp"):
            return None
        self.downloads += 1
        return Answer(CAPTCHA.encode()) if self.downloads > FREE_DOWNLOADS else None

    def expected(self, quirk: str, years: Sequence[int], unlisted: int) -> dict[int, str]:
        """After the captcha nothing more is asked for; the newest report may not be read."""
        outcomes = super().expected(quirk, years, unlisted)
        if quirk == "captcha":
            # The fourth report is there, its file is not.
            outcomes |= dict.fromkeys(years[: -FREE_DOWNLOADS - 1], "captcha")
        if quirk == "denied":
            outcomes[years[-1]] = "forbidden_page"
        return outcomes
