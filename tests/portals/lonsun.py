"""A fake Lonsun portal: a label, named by the column page, gives the list as a fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import ListPortal, as_html, asked_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from tests.portals.base import Report

ORGAN = "4140867"
LABEL = "/site/label/165919"


class LonsunPortal(ListPortal):
    """Type 3 lists the yearly reports; pages are counted by pageIndex, and pageCount says how many there are."""

    family = "lonsun"
    list_path = f"/public/column/{ORGAN}?type=3&action=list&nav="
    body = 'class="j-fontContent"'
    quirk_names: ClassVar[frozenset[str]] = frozenset(
        {"post_only", "type_4", "data_object", "older_rows", "other_label", "captcha"}
    )

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/public/{ORGAN}/{1450000 + number}.html"

    def file_path(self, number: int, name: str) -> str:
        """The address of an article's file."""
        return f"/group1/M00/0A/{number:02}/{name}"

    def lists(self) -> dict[str, Answer]:
        """The column without its list."""
        given = "siteId=10914581&pageSize=17&pageIndex=1&action=list&isDate=true&dateFormat=yyyy-MM-dd&length=50"
        list_of = f"organId={ORGAN}&type=3&catId=&cId=&result=暂无相关信息&file=/shiyjj/publicInfoList_yjj"
        if "data_object" in self.quirks:
            pairs = [pair.partition("=") for pair in f"labelName=publicInfoList&{given}&{list_of}".split("&")]
            data = ",".join(f"{key}:'{value}'" for key, _, value in pairs)
            call = f"Ls.ajax({{url:'{LABEL}?IsAjax=1&dataType=html', data:{{{data}}}, success: show}});"
        else:
            call = f"Ls.ajax({{url:'{LABEL}?IsAjax=1&dataType=html&labelName=publicInfoList&{given}&{list_of}'}});"
        if "other_label" in self.quirks:
            call = "Ls.ajax({url:'/site/label/1?IsAjax=1&labelName=weather'});" + " " * 500 + call
        return {self.list_path: self.column(f'<meta name="SiteId" content="10914581"><script>{call}</script>')}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the label."""
        if request.path != LABEL:
            return None
        if request.method == "GET" and "post_only" in self.quirks:
            return Answer(b"", status=405)
        if "captcha" in self.quirks:
            return as_html("<html><title>安全验证</title><body>请输入验证码</body></html>")
        asked = await asked_of(request)
        wanted = "4" if "type_4" in self.quirks else "3"
        named = (asked.get("organId"), asked.get("type"), asked.get("labelName"), asked.get("IsAjax"))
        if named != (ORGAN, wanted, "publicInfoList", "1"):
            return as_html("<div>暂无相关信息</div>")
        rows = self.rows(self.part(int(asked["pageIndex"])))
        script = f"<script>new Page({{pageIndex:{asked['pageIndex']}, pageCount:{self.page_count}}});</script>"
        return as_html(f'<div class="xxgk_navli">{rows}</div>{script}')

    def row(self, report: Report) -> str:
        """A report, as newer and older skins write it."""
        if "older_rows" not in self.quirks:
            return super().row(report).replace("<span>", '<span class="date">')
        title = self.named(report)
        link = f'<a href="{self.link(report)}" title="{title}">{self.shown(report)}</a>'
        return f'<ul class="xxgk_navli"><li class="mc">{link}</li><li class="rq">{report.date}</li></ul>'

    def expected(self, quirk: str, years: Sequence[int], unlisted: int) -> dict[int, str]:
        """A captcha ends the visit."""
        if quirk == "captcha":
            return dict.fromkeys(years, "captcha")
        return super().expected(quirk, years, unlisted)
