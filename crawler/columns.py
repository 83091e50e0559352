"""The lists of a portal that are read: report columns, the sub-columns that their pages link, and whose they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from crawler import titles
from crawler.choices import choices, options
from crawler.families.jsonlist import in_scripts
from crawler.families.links import Link, Links, anchors, articles, base_of, canonical, resolve, title_of
from crawler.page import squeeze
from crawler.portals import BODIES
from crawler.sites import is_home, site_of

if TYPE_CHECKING:
    from collections.abc import Container

    from crawler.families.reading import Reading
    from crawler.identity import Place
    from crawler.page import Page
    from crawler.portals import Portal
    from crawler.titles import Whose

MAX_DEPTH = 3
OWN_UNIT = re.compile(
    r"^[县区市旗州省]?(人民)?政府(本级|办(公室)?)?$|^[县区市旗州省]?本级(政府)?$|^[县区市旗州省]级$"
    # With the column's own name behind it, which alone is that of no unit.
    r"|^([县区市旗州省](人民)?政府|人民政府|[县区市旗州省]?本级)(本级|办公室)?(信息公开)?(工作)?(年报|年度报告)$|^政府(工作)?年报$"
)
# Where a column's earlier years are.
EARLIER = re.compile(
    r"^(往年|历年|历史|以往|往期)(政府)?(信息)?(公开)?(工作)?(年度)?(年报|报告)$|^20[0-3]\d年?度?(及以前|以前|之前|前)(年度)?(年报|报告)?$"
)
# Names that leave open of what the earlier ones are: what is there shows it.
ARCHIVED = re.compile(
    r"^(往年|历年|以往|往期|以前年[度份]|更早年[度份]|历史(信息|数据|年[度份]))(信息|数据|年[度份]|公开|年报|报告)*(回顾|查询|归档|存档|汇总)?$"
    r"|^(年报|年度报告|报告)(归档|存档|查询)$"
)
MORE = re.compile(r"^[\[【(]?(查看|点击)?(更多|more)", re.IGNORECASE)
MAX_MORE_DEPTH = 3
# $('#list').load('list.html'), $.get('list.html', …)
LOADED = re.compile(r"""(?:\)\.load|\$\.get)\(\s*["']([^"'\s?]{1,200}\.s?html?)["']""")
# Columns of departments and townships, one by one or all together.
UNITS = re.compile(r"^[县区市州省]?(直属?|政府)?各?(部门|单位)|^各?(乡镇|街道|镇街)")
UNIT = re.compile(r"(局|委员会|办公室|中心|[镇乡]|街道|办事处|管委会)((人民)?政府)?(政府信息公开)?(年报|年度报告)?$")
MAX_UNIT_NAME = 20


@dataclass(slots=True, eq=False)
class Column:
    """A list being read: the report column itself, or one of its sub-columns for a year or a unit.

    ``body`` is the department or township whose column it is, empty for the government's own. Of a ``shared`` list only
    titles with the portal's name count; a ``partial`` one need not list all. ``only`` leaves but some years open. A
    ``deeper`` one is read only where the list that links it holds no report itself; it is ``tentative`` where nothing
    calls it a column, so that only what it lists counts. A ``cut`` one had a page that did not come to its end.
    ``offers`` are years that only a script of its page would show.
    """

    url: str
    family: str
    title: str = ""
    year: int | None = None
    body: str = ""
    shared: bool = False
    partial: bool = False
    only: frozenset[int] = frozenset()
    depth: int = 0
    hops: int = 0
    deeper: bool = False
    tentative: bool = False
    offers: frozenset[int] = frozenset()
    cut: bool = False
    found: Links = field(default_factory=Links)
    children: list[Column] = field(default_factory=list)
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What matters to a visit: columns and titles of its years, on its sites, and of other bodies only where wanted."""

    portal: Portal
    place: Place
    years: range
    sites: set[str]
    every_body: bool

    def sub_columns(self, column: Column, page: Page, seen: Container[str]) -> list[Column]:
        """Return the columns for single years, for the government itself and for units that a list page links.

        Those whose canonical address is ``seen`` are left out.
        """
        if column.depth >= MAX_DEPTH:
            return []
        children: dict[str, Column] = {}
        for link in (*anchors(page), *choices(page), *options(page), *in_scripts(page)):
            key = canonical(link.url)
            if link.is_article or key in seen or site_of(link.url) not in self.sites:
                continue
            if child := self._child(column, link):
                children.setdefault(key, child)
        listed = any(titles.is_report(link.title) for link in articles(page))
        for url in more_of(page) if listed else frames_of(page):
            if canonical(url) not in seen and site_of(url) in self.sites:
                children.setdefault(canonical(url), _unnamed(column, url, deeper=not listed))
        return list(children.values())

    def body_of(self, title: str, body: str, *, shared: bool = False) -> str | None:
        """Return whose report a title names: empty for the portal's own, a body's name, or None for one not wanted.

        ``body`` is whose column it stands in; a title that names nobody is that body's.
        """
        # The column of a department or township lists its own reports.
        if self.portal.level in BODIES:
            return ""
        title = titles.under_one_name(title, self.portal.name, self.place.renamed)
        if shared and not titles.names(title, self.portal.name):
            return None
        if titles.whose(title, self.portal.name) != "other":
            return body
        return (titles.body_of(title, self.portal.name) or body or None) if self.every_body else None

    def whose(self, title: str, body: str) -> Whose:
        """Tell of a report that is wanted whether it is the government's or its office's; ``body`` is whose it is."""
        if body or self.portal.level in BODIES:
            return "government"
        name = self.portal.name
        return titles.whose(titles.under_one_name(title, name, self.place.renamed), name)

    def _child(self, column: Column, link: Link) -> Column | None:
        year = titles.column_year(link.title)
        own = self._leads_on(link, year)
        deeper = not own and self._goes_deeper(link)
        archived = bool(ARCHIVED.match(titles.fold(link.title))) and not is_home(link.url)
        if not (own or deeper or archived or self._is_unit(link)):
            return None
        return Column(
            *(link.url, column.family, link.title, year or column.year),
            body=column.body if own or deeper or archived else self._unit_name(link),
            shared=column.shared and not titles.names(link.title, self.portal.name),
            only=column.only,
            depth=column.depth + 1,
            deeper=deeper,
            tentative=archived and not own,
        )

    def _is_unit(self, link: Link) -> bool:
        """Tell whether a link leads to the column of departments or townships, where these are wanted."""
        if not self.every_body or is_home(link.url) or len(link.title) > MAX_UNIT_NAME:
            return False
        folded = titles.fold(link.title)
        return bool(UNITS.match(folded) or UNIT.search(folded))

    def _unit_name(self, link: Link) -> str:
        folded = titles.fold(link.title)
        if UNITS.match(folded):
            return ""
        return titles.full_name(re.sub(r"(政府信息公开)?(年报|年度报告)$", "", folded), self.portal.name)

    def _leads_on(self, link: Link, year: int | None) -> bool:
        """Years are those of the report or of its publication, one later; units are the portal's own."""
        if year is not None:
            return self.years[0] <= year <= self.years[-1] + 1
        folded = titles.fold(link.title)
        # The portal's own name is also what its logo says, and that leads home.
        own = folded.removesuffix("人民政府") == self.portal.name
        short = folded.removeprefix(self.portal.name)
        return not is_home(link.url) and bool(own or OWN_UNIT.match(short) or EARLIER.match(folded))

    def _goes_deeper(self, link: Link) -> bool:
        """Tell whether a link leads from a column without reports to the one that has them."""
        named = titles.names_column(link.title, in_hub=True) and titles.report_year(link.title) is None
        return named and not is_home(link.url) and titles.whose(link.title, self.portal.name) != "other"


def frames_of(page: Page) -> list[str]:
    """Return the addresses of the frames in a page, and of the pages that its scripts load into it."""
    sources = page.root.xpath("//iframe/@src | //iframe/@data-src | //object[contains(@type, 'html')]/@data").getall()
    sources += LOADED.findall(page.text)
    return [url for src in sources if (url := resolve(base_of(page), src))]


def more_of(page: Page) -> list[str]:
    """Return where links that say no more than that there is more (更多) lead, beside reports."""
    found = []
    for anchor in page.root.root.iter("a"):
        if not MORE.match(squeeze("".join(anchor.itertext()))):
            continue
        around = islice(anchor.iterancestors(), MAX_MORE_DEPTH)
        beside = any(titles.is_report(title_of(other)) for each in around for other in each.iter("a"))
        if beside and (url := resolve(base_of(page), anchor.get("href") or "")):
            found.append(url)
    return found


def _unnamed(column: Column, url: str, *, deeper: bool) -> Column:
    """Return the list that may stand where nothing says so: in a frame beside news, behind a link to more."""
    return Column(
        *(url, column.family, column.title, column.year),
        body=column.body,
        shared=column.shared,
        only=column.only,
        depth=column.depth + 1,
        deeper=deeper,
        tentative=True,
    )
