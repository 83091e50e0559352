"""Fake portals of the families whose lists are numbered pages and nothing more."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import NOTHING, PagedPortal, asked_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from tests.portals.base import Report


class NumberedPortal(PagedPortal):
    """``forms`` names by quirk where page 1 is and where page {n}, from 2; {before} is one less than n.

    ``absent`` names by quirk what a reader may try in vain. With ``next_links`` pages link the next one, else they only
    say how many there are.
    """

    forms: ClassVar[dict[str, tuple[str, str]]] = {}
    absent: ClassVar[dict[str, str]] = {}
    detail_path: ClassVar[str] = "/html/{n}.html"

    @property
    def form(self) -> tuple[str, str]:
        """Where page 1 is, and where page n."""
        return next((form for quirk, form in self.forms.items() if quirk in self.quirks), self.forms[""])

    @property
    def first_page(self) -> str:
        """Where page 1 is."""
        return self.form[0]

    def path(self, number: int) -> str:
        """The address of an article."""
        return self.detail_path.format(n=20000 + number)

    def address(self, number: int, pages: int) -> str:
        """Where page ``number`` is."""
        return self.form[1].format(n=number, before=number - 1)

    def pager(self, number: int, pages: int) -> str:
        """A next link, or the count."""
        return self.next_link(number, pages) if "next_links" in self.quirks else super().pager(number, pages)

    def lists(self) -> dict[str, Answer]:
        """The numbered pages, and what is known to be absent."""
        tried = {path: NOTHING for quirk, path in self.absent.items() if quirk in self.quirks}
        return tried | super().lists()


class JeecmsPortal(NumberedPortal):
    """The file index_2.jhtml is page 2."""

    family = "jeecms"
    list_path = "/xxgknb/index.jhtml"
    forms: ClassVar[dict[str, tuple[str, str]]] = {"": (list_path, "/xxgknb/index_{n}.jhtml")}
    detail_path = "/xxgknb/{n}.jhtml"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links"})


class NfcmsPortal(NumberedPortal):
    """The file index_2.html is page 2."""

    family = "nfcms"
    list_path = "/zwgk/xxgknb/index.html"
    forms: ClassVar[dict[str, tuple[str, str]]] = {"": (list_path, "/zwgk/xxgknb/index_{n}.html")}
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links", "older_names", "mobile_twin"})

    def path(self, number: int) -> str:
        """The address of an article."""
        stem = "content" if "older_names" in self.quirks else "post"
        return f"/zwgk/xxgknb/content/{stem}_{619240 + number}.html"

    def row(self, report: Report) -> str:
        """A report, and at times its mobile twin."""
        row = super().row(report)
        return row.replace("/post_", "/mpost_") + row if "mobile_twin" in self.quirks else row


class PowereasyPortal(NumberedPortal):
    """The file Index_2.aspx is page 2; with ``viewstate`` the next link posts the page back."""

    family = "powereasy"
    list_path = "/Category_340/Index.aspx"
    forms: ClassVar[dict[str, tuple[str, str]]] = {
        "": (list_path, "/Category_340/Index_{n}.aspx"),
        "older": ("/Article/ShowClass.asp?ClassID=12", "/Article/ShowClass.asp?ClassID=12&page={n}"),
    }
    body = 'id="fontzoom"'
    detail_path = "/Item/{n}.aspx"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links", "older", "viewstate"})

    def pager(self, number: int, pages: int) -> str:
        """As others, or a form that holds the page's state."""
        if "viewstate" not in self.quirks:
            return super().pager(number, pages)
        link = f"""<a href="javascript:__doPostBack('Pager1','{number + 1}')">下一页</a>""" if number < pages else ""
        state = f'<input type="hidden" name="__VIEWSTATE" value="{self._state(number)}">'
        return f'<form method="post" action="Index.aspx">{state}<input type="text" name="q">{link}</form>'

    def _state(self, number: int) -> str:
        return f"/wEPDwUK+{number}="

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer a page that is posted back."""
        if request.method != "POST":
            return None
        asked = await asked_of(request)
        number = int(asked["__EVENTARGUMENT"])
        if (asked["__EVENTTARGET"], asked["__VIEWSTATE"]) != ("Pager1", self._state(number - 1)):
            return Answer(b"", status=500)
        return self.column(self.rows(self.part(number)) + self.pager(number, self.page_count))


class DedecmsPortal(NumberedPortal):
    """The script counts by PageNo; files are called list_48_2.html."""

    family = "dedecms"
    list_path = "/plus/list.php?tid=48"
    forms: ClassVar[dict[str, tuple[str, str]]] = {
        "": (list_path, "/plus/list.php?tid=48&PageNo={n}"),
        "files": ("/a/xxgknb/", "/a/xxgknb/list_48_{n}.html"),
    }
    detail_path = "/a/xxgknb/20210120/{n}.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links", "files"})

    def pager(self, number: int, pages: int) -> str:
        """As others, with a box to jump."""
        box = "<select><option value='list_48_1.html'>1</option></select>" if "files" in self.quirks else ""
        return super().pager(number, pages) + box


class EmpirecmsPortal(NumberedPortal):
    """The script's page=1 is page 2."""

    family = "empirecms"
    list_path = "/e/action/ListInfo/?classid=16"
    forms: ClassVar[dict[str, tuple[str, str]]] = {
        "": (list_path, "/e/action/ListInfo/?classid=16&page={before}"),
        "counts_from_one": (list_path, "/e/action/ListInfo/?classid=16&page={n}"),
        "files": ("/xxgknb/index.html", "/xxgknb/index_{n}.html"),
    }
    detail_path = "/html/2020/nb/{n}.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links", "counts_from_one", "files"})

    def lists(self) -> dict[str, Answer]:
        """The numbered pages; page=1 may be the first."""
        files = super().lists()
        if "counts_from_one" in self.quirks:
            files[self.address(1, 1)] = files[self.first_page]
        return files

    def pager(self, number: int, pages: int) -> str:
        """As others, beside a link of the script's."""
        return super().pager(number, pages) + '<a href="/e/action/ShowInfo/?classid=16&amp;id=1">首页</a>'


class PhpcmsPortal(NumberedPortal):
    """The parameter page=2 is page 2; with ``cookie`` the reader is sent in a circle."""

    family = "phpcms"
    list_path = "/index.php?m=content&c=index&a=lists&catid=357"
    forms: ClassVar[dict[str, tuple[str, str]]] = {"": (list_path, list_path + "&page={n}")}
    detail_path = "/index.php?m=content&c=index&a=show&catid=357&id={n}"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links", "cookie"})

    def link(self, report: Report) -> str:
        """How the list writes an article's address."""
        return escape(super().link(report))

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Send a reader without a cookie in a circle."""
        if "cookie" in self.quirks and request.path != "/robots.txt" and not request.cookies:
            return Answer(b"", status=302, location=request.path_qs)
        return None

    def expected(self, quirk: str, years: Sequence[int], unlisted: int) -> dict[int, str]:
        """A circle ends the visit."""
        return dict.fromkeys(years, "cookie_gate") if quirk == "cookie" else super().expected(quirk, years, unlisted)


class IlistPortal(NumberedPortal):
    """The parameter cur_page=2 is page 2."""

    family = "ilist-jsp"
    list_path = "/info/iList.jsp?node_id=GKmzs&site_id=CMSmz&cat_id=15971"
    forms: ClassVar[dict[str, tuple[str, str]]] = {"": (list_path, list_path + "&cur_page={n}")}
    detail_path = "/info/iOpenReport{n}.html"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links"})


class SnowflakePortal(NumberedPortal):
    """Pages are 1.html, 2.html and so on."""

    family = "snowflake"
    list_path = "/zfxxgk/zfxxgknb/1.html"
    forms: ClassVar[dict[str, tuple[str, str]]] = {
        "": (list_path, "/zfxxgk/zfxxgknb/{n}.html"),
        "folder": ("/zfxxgk/zfxxgknb/", "/zfxxgk/zfxxgknb/{n}.html"),
        "query": ("/list?type=1752504210521403394&current=1", "/list?type=1752504210521403394&current={n}"),
        "long_folder": ("/175250421052/index.shtml", "/175250421052/index_{n}.shtml"),
    }
    absent: ClassVar[dict[str, str]] = {"long_folder": "/175250421052/2.shtml"}
    quirk_names: ClassVar[frozenset[str]] = frozenset({"next_links", "folder", "query", "long_folder", "year_columns"})

    def path(self, number: int) -> str:
        """The address of an article."""
        return f"/zfxxgk/zfxxgknb/szfnb/{1752504210521403394 + number}.html"

    def lists(self) -> dict[str, Answer]:
        """The numbered pages, or a column for each year."""
        if "year_columns" not in self.quirks:
            return super().lists()
        files = {}
        links = ""
        for report in self.reports:
            year = report.date[:4]
            links += f'<li><a href="/zfxxgk/zfxxgknb/szfnb/{year}n/1.html">{int(year) - 1}年</a></li>'
            files[f"/zfxxgk/zfxxgknb/szfnb/{year}n/1.html"] = self.column(self.rows([report]))
        return files | {self.list_path: self.column(f"<ul>{links}</ul>")}
