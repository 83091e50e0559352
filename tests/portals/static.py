"""A fake portal of no known family: static lists with one of the usual pagers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer, FakePortal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.portals.base import Report


class StaticPortal(FakePortal):
    """By default a next link leads on; the other pagers only say how many pages there are."""

    family = "static"
    list_path = "/gk/nb/index.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset(
        {
            *("ucap_pager", "zero_based", "one_based", "query", "page_num", "descending", "bare"),
            *("next_to_itself", "repeats", "table_rows", "onclick"),
        }
    )
    # Where page n of N is, for n from 2.
    addresses: ClassVar[dict[str, str]] = {
        "ucap_pager": "/gk/nb/index_{n}.html",
        "zero_based": "/gk/nb/index_{before}.html",
        "one_based": "/gk/nb/index_{n}.html",
        "query": "/gk/nb/index.html?page={n}",
        "page_num": "/gk/nb/index.html?pageNum={n}",
        "descending": "/gk/nb/index/{back}.html",
        "bare": "/gk/nb/{n}.html",
    }

    def build(self) -> dict[str, Answer]:
        """Return lists, articles and files; addresses that a reader may try are known to be absent."""
        pages = self.pages()
        files = {"/": Answer(self.page(self.name, f'<a href="{self.list_path}">政府信息公开年报</a>'))}
        if len(pages) > 1 and self._pager:
            for form in self.addresses.values():
                files[self._at(form, 2, len(pages))] = Answer("没有".encode(), status=404)
        for number, reports in enumerate(pages, 1):
            files[self._address(number, len(pages))] = Answer(self._list(reports, number, len(pages)))
        files["/gk/nb/index.html?again=1"] = Answer(self._list(pages[-1], len(pages), len(pages)))
        for number, report in enumerate(self.reports):
            files |= self._article(number, report)
        return files

    @property
    def _pager(self) -> str:
        return next((quirk for quirk in self.addresses if quirk in self.quirks), "")

    def _at(self, form: str, number: int, pages: int) -> str:
        return form.format(n=number, before=number - 1, back=pages + 1 - number)

    def _address(self, number: int, pages: int) -> str:
        if number == 1:
            return self.list_path
        return self._at(self.addresses.get(self._pager, "/gk/nb/more_{n}.html"), number, pages)

    def _list(self, reports: Sequence[Report], number: int, pages: int) -> bytes:
        rows = "".join(self._row(report) for report in reports)
        body = f"<table>{rows}</table>" if "table_rows" in self.quirks else f"<ul>{rows}</ul>"
        return self.page("政府信息公开年报", body + self._links(number, pages))

    def _links(self, number: int, pages: int) -> str:
        if self._pager == "ucap_pager":
            return f"<script>createPageHTML('page_div',{pages},{number},'index','html',{len(self.reports)});</script>"
        if self._pager:
            return f"<p>共{pages}页</p>"
        if number < pages:
            return f'<a href="{self._address(number + 1, pages)}">下一页</a>'
        if "repeats" in self.quirks:
            return '<a href="/gk/nb/index.html?again=1">下一页</a>'
        return f'<a href="{self._address(number, pages)}">下一页</a>' if "next_to_itself" in self.quirks else ""

    def _row(self, report: Report) -> str:
        path = self._path(self.reports.index(report))
        link = f'<a href="{path}" title="{self.named(report)}">{escape(self.shown(report))}</a>'
        if "onclick" in self.quirks:
            link = f'<a href="javascript:void(0)" onclick="jumpToDetail(\'{path}\')">{escape(self.shown(report))}</a>'
        if "table_rows" in self.quirks:
            return f"<tr><td>{link}</td><td>{report.date}</td></tr>"
        return f"<li>{link}<span>[{report.date}]</span></li>"

    def _path(self, number: int) -> str:
        return f"/gk/nb/content_{90000 + number}.html"

    def _article(self, number: int, report: Report) -> dict[str, Answer]:
        names = [(f"/upload/{number}/{name}", name, body) for name, body in report.attachments]
        links = "".join(f'附件：<a href="{path}">{escape(name)}</a>' for path, name, _ in names)
        page = Answer(self.detail(report, 'class="article-content"', links))
        return {self._path(number): page} | {path: Answer(body, "application/octet-stream") for path, _, body in names}
