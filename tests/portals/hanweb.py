"""A fake Hanweb portal: records inside a script, further groups from dataproxy.jsp."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import HTML, Answer, FakePortal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from tests.portals.base import Report

PROXY = "/module/web/jpage/dataproxy.jsp"
COLUMN = "311"
UNIT = "212860"
XML = "text/xml; charset=utf-8"
# What portals send that give nothing more: 54 bytes.
EMPTY = b"<datastore><recordset></recordset></datastore>        "


class HanwebPortal(FakePortal):
    """Groups of three pages by record numbers; ``page`` counts groups."""

    family = "hanweb"
    list_path = f"/col/col{COLUMN}/index.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset(
        {
            *("ignore_startrecord", "ignore_page", "zero_based", "cap", "empty_reply", "get_only", "encrypted"),
            *("single_quotes", "no_title", "italic_date", "bold_date", "module_links", "shell", "iframe"),
            *("download_page", "page_num", "zero_based_only", "total_in_records"),
        }
    )

    @property
    def group(self) -> int:
        """Records in a group."""
        return 3 * self.per_page

    def build(self) -> dict[str, Answer]:
        """Return the list page, articles and files."""
        files = {"/": Answer(self.page(self.name, f'<a href="{self.list_path}">政府信息公开年报</a>'))}
        column = Answer(self._column())
        inner = f"/col/col{COLUMN}/list.html"
        if "shell" in self.quirks:
            files |= {
                self.list_path: Answer(f'<script>window.location.href="{inner}"</script>'.encode()),
                inner: column,
            }
        elif "iframe" in self.quirks:
            frame = self.page("政府信息公开年报", f'<iframe src="{inner}"></iframe>')
            files |= {self.list_path: Answer(frame), inner: column}
        else:
            files[self.list_path] = column
        for number, report in enumerate(self.reports):
            files |= self._article(number, report)
        return files

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer dataproxy.jsp."""
        if request.path == self.list_path and "pageNum" in request.query:
            # Most portals show page 1 whatever is asked for.
            number = int(request.query["pageNum"]) if "page_num" in self.quirks else 1
            return Answer(self._column(number))
        if request.path != PROXY:
            return None
        if request.method == "POST" and "get_only" in self.quirks:
            return Answer(b"", HTML, 405)
        asked = {**request.query, **{key: str(value) for key, value in (await request.post()).items()}}
        if {"empty_reply", "page_num"} & self.quirks or asked.get("unitid") != UNIT:
            return Answer(EMPTY, XML)
        start, end = self._range(asked)
        if "cap" in self.quirks:
            end = min(end, start + self.per_page)
        rows = self.reports[start:end]
        return Answer(self._datastore(rows, f"<totalrecord>{len(self.reports)}</totalrecord>").encode(), XML)

    def _range(self, asked: Mapping[str, str]) -> tuple[int, int]:
        """Positions of the first and one past the last record asked for."""
        if "startrecord" in asked and "ignore_startrecord" not in self.quirks:
            shift = 0 if {"zero_based", "zero_based_only"} & self.quirks else 1
            return int(asked["startrecord"]) - shift, int(asked["endrecord"]) - shift + 1
        page = 1 if {"ignore_page", "zero_based_only"} & self.quirks else int(asked.get("page", "1"))
        return (page - 1) * self.group, page * self.group

    def _column(self, number: int = 1) -> bytes:
        unit = "0a9f3c" if "encrypted" in self.quirks else UNIT
        address = f"{PROXY}?page=1&appid=1&webid=1&path=/&columnid={COLUMN}&unitid={unit}&webname={self.name}"
        stated = f"<totalrecord>{len(self.reports)}</totalrecord>" if "total_in_records" in self.quirks else ""
        first = self._datastore(
            self.reports[(number - 1) * self.group : number * self.group],
            f'{stated}<nextgroup><![CDATA[<a href="{address}&permissiontype=0"></a>]]></nextgroup>',
        )
        total = f"{{totalRecord:{len(self.reports)},perPage:{self.per_page}}}"
        call = "" if stated else f"$('#{UNIT}').jpage({total});"
        return self.page(
            "政府信息公开年报",
            f'<div id="{UNIT}"><script type="text/xml">{first}</script></div>'
            f"<script>var param_{UNIT}={{columnid:{COLUMN},unitid:'{UNIT}'}}; {call}</script>",
        )

    def _datastore(self, reports: Sequence[Report], head: str) -> str:
        rows = "".join(f"<record><![CDATA[{self._record(report)}]]></record>\n" for report in reports)
        return f"<datastore>{head}<recordset>{rows}</recordset></datastore>"

    def _record(self, report: Report) -> str:
        quote = "'" if "single_quotes" in self.quirks else '"'
        title = "" if "no_title" in self.quirks else f" title={quote}{self.named(report)}{quote}"
        tag = "i" if "italic_date" in self.quirks else "b" if "bold_date" in self.quirks else "span"
        date = f"<{tag}>{report.date}</{tag}>"
        inside, outside = (date, "") if "italic_date" in self.quirks else ("", date)
        extra = '<a href="/module/rss/rss.jsp">订阅</a>' if "module_links" in self.quirks else ""
        address = f"href={quote}{self._path(self.reports.index(report))}{quote}"
        return f"<li>{extra}<a {address}{title}>{escape(self.shown(report))}{inside}</a>\n{outside}</li>"

    def _path(self, number: int) -> str:
        year, month, day = self.reports[number].date.split("-")
        return f"/art/{year}/{int(month)}/{int(day)}/art_{COLUMN}_{5000 + number}.html"

    def _article(self, number: int, report: Report) -> dict[str, Answer]:
        files: dict[str, Answer] = {}
        links = ""
        for index, (name, body) in enumerate(report.attachments):
            stored = f"{number:08x}{index:08x}{name[name.rfind('.') :]}"
            download = f"/module/download/downfile.jsp?classid=0&filename={stored}"
            direct = f"/attach/0/{stored}"
            links += f'<a href="{escape(download)}">{escape(name)}</a>'
            page = f"<script>location='{direct}'</script>".encode()
            moved = Answer(b"", HTML, 302, direct)
            files |= {download: Answer(page) if "download_page" in self.quirks else moved, direct: Answer(body, "*/*")}
        files[self._path(number)] = Answer(self.detail(report, 'id="zoom"', links))
        return files
