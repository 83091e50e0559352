"""A fake TRS portal: a folder of static files, and a pager that only a script writes."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer, FakePortal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.portals.base import Report

PDF = "application/pdf"
STUB = b"<html><body></body></html>"


class TrsPortal(FakePortal):
    """Page 2 is index_1.html; links are relative to the folder; files lie beside their article."""

    family = "trs"
    list_path = "/zwgk/zfxxgk/zfxxgknb/"
    quirk_names: ClassVar[frozenset[str]] = frozenset(
        {
            *("one_based", "one_based_twin", "stub", "has_fj", "oldsrc", "wap_twin", "unquoted", "writeln"),
            *("year_columns", "count_page", "claims_more", "viewer", "index_json", "other_stem", "pager_object"),
        }
    )

    def build(self) -> dict[str, Answer]:
        """Return lists, articles and files."""
        files = {"/": Answer(self.page(self.name, f'<a href="{self.list_path}">政府信息公开年报</a>'))}
        if "year_columns" in self.quirks:
            files |= self._year_columns()
        else:
            files |= self._column(self.list_path, self.pages())
        for number, report in enumerate(self.reports):
            files |= self._article(number, report)
        return files

    def _year_columns(self) -> dict[str, Answer]:
        years = sorted({report.date[:4] for report in self.reports}, reverse=True)
        links = "".join(f'<li><a href="./{year}n/">{int(year) - 1}年</a></li>' for year in years)
        files = {self.list_path: Answer(self.page("政府信息公开年报", f"<ul>{links}</ul>"))}
        for year in years:
            folder = f"{self.list_path}{year}n/"
            files |= self._column(folder, [[report for report in self.reports if report.date.startswith(year)]])
        return files

    def _column(self, folder: str, pages: Sequence[Sequence[Report]]) -> dict[str, Answer]:
        claimed = len(pages) + ("claims_more" in self.quirks)
        lists = [self._list(folder, page, number, claimed) for number, page in enumerate(pages)]
        files = {folder: Answer(lists[0])}
        first = 2 if {"one_based", "one_based_twin"} & self.quirks else 1
        for number, body in enumerate(lists[1:], first):
            files[f"{folder}{self._stem_of_list}_{number}.html"] = Answer(body)
        if "index_json" in self.quirks:
            rows = [
                {"TITLE": report.title, "URL": f"./{self._stem(number)}.html", "PUBDATE": report.date}
                for number, report in enumerate(self.reports)
            ]
            files[f"{folder}index.json"] = Answer(json.dumps({"rows": rows}).encode(), "application/json")
        if "one_based" in self.quirks:
            files[f"{folder}index_1.html"] = Answer("没有".encode(), status=404)
        if "one_based_twin" in self.quirks:
            files[f"{folder}index_1.html"] = Answer(lists[0])
        if "stub" in self.quirks or "claims_more" in self.quirks:
            for number in range(len(pages), len(pages) + 2):
                files.setdefault(f"{folder}index_{number}.html", Answer(STUB))
        return files

    def _list(self, folder: str, reports: Sequence[Report], number: int, pages: int) -> bytes:
        if "index_json" in self.quirks:
            return self.page("政府信息公开年报", "<script>$.getJSON('./index.json', show);</script>")
        rows = [self._row(folder, report) for report in reports]
        if "writeln" in self.quirks:
            quoted = [row.replace('"', '\\"') for row in rows]
            listed = "<script>" + "".join(f'document.writeln("{row}");' for row in quoted) + "</script>"
        else:
            listed = "".join(rows)
        pager = f'createPageHTML({pages}, {number}, "{self._stem_of_list}", "html");'
        if "count_page" in self.quirks:
            pager = (
                f"var countPage={pages}; var currentPage={number}; for (var i=1;i<countPage;i++)"
                '{document.write("<a href=\\"index_"+i+".html\\">"+i+"</a>");}'
            )
        if "pager_object" in self.quirks:
            pager = f"Pager({{size:{pages}, current:{number}, prefix:'index', suffix:'html'}});"
        return self.page("政府信息公开年报", f'<ul id="list">{listed}</ul><script>{pager}</script>')

    @property
    def _stem_of_list(self) -> str:
        return "list1" if "other_stem" in self.quirks else "index"

    def _row(self, folder: str, report: Report) -> str:
        up = "../" if folder != self.list_path else "./"
        name = self._stem(self.reports.index(report))
        links = [f"{up}{name}.html"]
        if "wap_twin" in self.quirks:
            links.insert(0, f"{up}{name}_wap.html")
        title = self.named(report)
        return "".join(
            f'<li><a href="{link}" title="{title}">{escape(self.shown(report))}</a><span>{report.date}</span></li>'
            for link in links
        )

    def _stem(self, number: int) -> str:
        date = self.reports[number].date.replace("-", "")
        return f"{date[:6]}/t{date}_{1000 + number}"

    def _article(self, number: int, report: Report) -> dict[str, Answer]:
        stem = self._stem(number)
        folder = f"{self.list_path}{stem.rpartition('/')[0]}/"
        names = [
            (f"P0{report.date.replace('-', '')}{number:06}{name[name.rfind('.') :]}", name, body)
            for name, body in report.attachments
        ]
        links = "".join(f'<a href="./{path}">{escape(name)}</a>' for path, name, _ in names)
        if "has_fj" in self.quirks:
            extra = f"<script>var hasFJ='{links}';</script>"
        elif "viewer" in self.quirks:
            extra = "".join(f'<iframe src="/pdfjs/viewer.html?file={folder}{path}"></iframe>' for path, _, _ in names)
        else:
            extra = f'<ul class="fj">{links}</ul>'
        if "oldsrc" in self.quirks:
            extra = extra.replace('<a href="./', '<a oldsrc="/protect/dead.pdf" href="./')
        mark = "class=TRS_Editor" if "unquoted" in self.quirks else 'class="TRS_Editor"'
        page = Answer(self.detail(report, mark, extra))
        files = {f"{self.list_path}{stem}.html": page}
        if "wap_twin" in self.quirks:
            files[f"{self.list_path}{stem}_wap.html"] = page
        return files | {folder + path: Answer(body, PDF) for path, _, body in names}
