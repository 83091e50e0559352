"""What fake portals of most families share: rows, articles, files, and lists in numbered pages."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import HTML, Answer, FakePortal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from tests.portals.base import Report

JSON = "application/json; charset=utf-8"
NOTHING = Answer("没有".encode(), status=404)


class ListPortal(FakePortal):
    """Articles at ``path``; ``gaps`` names the quirks that leave the list's end unproved, and the fault of each."""

    body: ClassVar[str] = 'id="zoom"'
    gaps: ClassVar[dict[str, str]] = {}

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/html/{20000 + number}.html"

    def file_path(self, number: int, name: str) -> str:
        """The address of an article's file."""
        return f"/upload/{number}/{name}"

    def lists(self) -> dict[str, Answer]:
        """The pages of the list."""
        return {}

    def build(self) -> dict[str, Answer]:
        """Return the home page, the list, articles and files."""
        files = {"/": Answer(self.page(self.name, f'<a href="{self.list_path}">政府信息公开年报</a>'))}
        files |= self.lists()
        for number, report in enumerate(self.reports):
            files |= self.article(number, report)
        return files

    def article(self, number: int, report: Report) -> dict[str, Answer]:
        """A report's page and files."""
        paths = {self.file_path(number, name): (name, body) for name, body in report.attachments}
        links = "".join(f'<a href="{escape(path)}">{escape(name)}</a>' for path, (name, _) in paths.items())
        files = {path: Answer(body, "application/octet-stream") for path, (_, body) in paths.items()}
        return {self.path(number): Answer(self.detail(report, self.body, links))} | files

    def row(self, report: Report) -> str:
        """A report in the list."""
        link = f'<a href="{self.link(report)}" title="{self.named(report)}">{escape(self.shown(report))}</a>'
        return f"<li>{link}<span>{report.date}</span></li>"

    def link(self, report: Report) -> str:
        """How the list writes an article's address."""
        return self.path(self.reports.index(report))

    def rows(self, reports: Sequence[Report]) -> str:
        """Rows of the list."""
        return f"<ul>{''.join(self.row(report) for report in reports)}</ul>"

    def column(self, body: str) -> Answer:
        """A page of the report column."""
        return Answer(self.page("政府信息公开年报", body))

    def part(self, number: int, size: int | None = None) -> Sequence[Report]:
        """The reports of page ``number``, from 1."""
        size = size or self.per_page
        return self.reports[(number - 1) * size : number * size] if number > 0 else []

    @property
    def page_count(self) -> int:
        """How many pages the list has."""
        return len(self.pages())

    def expected(self, quirk: str, years: Sequence[int], unlisted: int) -> dict[int, str]:
        """The outcome of each year under a quirk; ``unlisted`` is the year without a report."""
        return dict.fromkeys(years, "found") | {unlisted: self.gaps.get(quirk, "year_missing")}


class PagedPortal(ListPortal):
    """A list in numbered pages: ``address`` says where, ``pager`` what a page says of the others."""

    @property
    def first_page(self) -> str:
        """Where page 1 is."""
        return self.list_path

    @property
    def list_url(self) -> str:
        """The report column."""
        return self.home_url.rstrip("/") + self.first_page

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` of ``pages`` is, from 2."""
        raise NotImplementedError

    def pager(self, number: int, pages: int) -> str:
        """What page ``number`` says of the others; by default only their count."""
        return f"<p>共{pages}页</p>"

    def next_link(self, number: int, pages: int, words: str = "下一页") -> str:
        """A next link, but for the last page."""
        if number == pages:
            return f"<span>{words}</span>"
        return f'<a href="{escape(self.address(number + 1, pages))}">{words}</a>'

    def lists(self) -> dict[str, Answer]:
        """The numbered pages."""
        pages = self.pages()
        return {
            self.address(number, len(pages)) if number > 1 else self.first_page: self.column(
                self.rows(reports) + self.pager(number, len(pages))
            )
            for number, reports in enumerate(pages, 1)
        }


async def asked_of(request: web.Request) -> Mapping[str, str]:
    """What a request asks for, in its address and its form."""
    return {**request.query, **{key: str(value) for key, value in (await request.post()).items()}}


def as_json(data: object) -> Answer:
    """A reply as JSON."""
    return Answer(json.dumps(data, ensure_ascii=False).encode(), JSON)


def as_html(text: str) -> Answer:
    """A reply as a fragment of HTML."""
    return Answer(text.encode(), HTML)
