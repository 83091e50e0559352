"""From a home page to the report column: which page to ask for next, and what each one amounts to.

Knows no network: a generator asks for pages, which are sent to it, or a PageError thrown where one did not come. Each
stage has a budget of requests: reach the site, find its disclosure hub, find the column, then the fallbacks.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler import identity, titles
from crawler.choices import options
from crawler.columns import OWN_UNIT
from crawler.families import family_of, sent_on, targets
from crawler.families.jsonlist import in_scripts
from crawler.families.links import ARTICLE, Link, anchors, canonical
from crawler.families.loaded import MAX_LENGTH, joined, scripts_of
from crawler.families.reading import Ask, End, PageError
from crawler.leads import (
    COLUMN,
    FIXED_COLUMNS,
    MAX_GUESSES,
    ORGAN,
    UNIT,
    WEAKEST_HUB,
    column_addresses,
    column_evidence,
    column_like,
    doors,
    hub_score,
    is_column_link,
    leads_on,
    listing_evidence,
    onward,
    years_listed,
)
from crawler.sites import is_home, site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from crawler.identity import Place
    from crawler.page import Page
    from crawler.portals import Portal

    Search = Generator["Want", Page, Page | None]
    Quest = Generator["Want", Page, None]

# Requests that each stage may make.
BUDGETS = {"reach": 6, "hub": 10, "column": 10, "fallback": 15, "parent": 10}
MAX_HOPS = 2

# On a city's site: the column for its counties.
COUNTIES = re.compile(r"[县区市]{2,3}|[县区][(、]|各[县区]|县级政府|下级政府")
GUESSES = {
    "trs": ("/zwgk/zfxxgk/zfxxgknb/", "/zfxxgk/zfxxgknb/", "/xxgk/xxgknb/", "/zwgk/zfxxgkzl/zfxxgkndbg/"),
    "vsb": ("/zwgk/zfxxgk/zfxxgknb.htm", "/zfxxgk/zfxxgknb.htm", "/xxgk/xxgknb.htm", "/zwgk/zfxxgkzl/zfxxgkndbg.htm"),
    "gkmlpt": ("/gkmlpt/annualreport",),
    "ucap": ("/common_zfxxgknb.shtml", "/zfxxgk/common_zfxxgknb.shtml", "/zfxxgknb/common_zfxxgknb.shtml"),
}
# Platforms of one province, by the first digits of its divisions' codes.
PROVINCIAL = {"44": "gkmlpt"}
# UCAP puts each site of a platform below a folder of its own.
SITE_FOLDER = re.compile(r"^/([a-z][\w-]{1,30})/")
SITEMAP_LINE = re.compile(r"(?im)^\s*sitemap\s*:\s*(\S{1,500})")
LOCATION = re.compile(r"<loc>\s*([^<\s]{1,500})\s*</loc>")
MAX_SITEMAPS = 3
MAX_OTHERS = 3
ADDRESS = re.compile(r"https?://\S+$")
SITE_MAPS = ("网站地图", "站点地图")


@dataclass(frozen=True, slots=True)
class Want:
    """A page that discovery asks for, and the page that linked it."""

    ask: Ask
    referer: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the path: the stage it belongs to, its address, and what it turned out to be."""

    stage: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A report column: where it is, the hub it belongs to, its family.

    ``shared`` says that it lists the reports of many places, so that only titles with the place's name count;
    ``partial`` that it is the hub, which shows some and need not show all.
    """

    url: str
    hub_url: str
    family: str
    title: str
    shared: bool = False
    partial: bool = False


@dataclass(order=True, slots=True)
class Lead:
    """A link worth following, the best first."""

    rank: int
    number: int
    link: Link = field(compare=False)
    referer: str = field(compare=False)


class Discovery:
    """The search for one portal's report column.

    ``columns`` are those found, ``others`` links of such names beside the one followed, ``path`` the pages asked for in
    their order, ``hub_url`` the disclosure hub, ``identity`` is ``ok`` or ``mismatch`` once the home page is
    reached. ``sites`` is the caller's set of the sites that belong to the portal; a site that proves to be the portal's
    is added to it.
    """

    def __init__(self, portal: Portal, place: Place, sites: set[str], parent: Portal | None = None) -> None:
        self.portal = portal
        self.columns: list[FoundColumn] = []
        self.others: list[Link] = []
        self.path: list[Step] = []
        self.hub_url = ""
        self.identity = ""
        self._place = place
        self._sites = sites
        self._parent = parent
        self._left = dict(BUDGETS)
        self._seen: set[str] = set()
        self._first_fault: PageError | None = None
        self._refused = ""
        self._hub: Page | None = None
        self._shown: FoundColumn | None = None
        self._elsewhere: list[str] = []
        self._leads: list[Lead] = []
        self._numbers = count()

    def run(self) -> Generator[Want, Page, End]:
        """Search until a column is found or every stage is through; the end's code says why there is none.

        Where the site is another's by now, or has no column, the one above it may have the reports.
        """
        try:
            home = yield from self._arrive()
            yield from self._follow(home)
            if not self.columns:
                yield from self._fall_back(home)
            if not self.columns and self._shown:
                self._note("column", self._shown.url, "the hub itself lists reports")
                self.columns.append(self._shown)
            end = self._end()
        except PageError as fault:
            end = End(fault.code, fault.detail)
        if not self.columns and end.code in ("identity_mismatch", "no_column", "no_hub", "hdr_required"):
            yield from self.ask_parent()
        return self._end() if self.columns else end

    def check(self) -> Generator[Want, Page, End]:
        """Reach the site and judge whose it is, no more."""
        try:
            yield from self._arrive()
        except PageError as fault:
            return End(fault.code, fault.detail)
        return End("", "the site is the portal's")

    def _arrive(self) -> Generator[Want, Page, Page]:
        """Return the portal's home page; PageError where it is not reached or another body's."""
        home = yield from self._reach()
        if home is None:
            raise self._first_fault or PageError("unreachable", "no address of the home page answered")
        reason = identity.mismatch(home, self._place)
        self.identity = "mismatch" if reason else "ok"
        self._note("identity", home.url, reason or "the site is the portal's")
        if reason:
            raise PageError("identity_mismatch", reason)
        return home

    def ask_parent(self) -> Quest:
        """Look for the portal's reports on the site of the city or province above it."""
        parent = self._parent
        if parent is None:
            return
        starts = [url for url in (parent.list_url, parent.hub_url, parent.home_url) if url]
        self._sites.update(map(site_of, starts))
        self._leads.clear()
        try:
            for url in starts:
                page = yield from self._fetch("parent", url)
                if page and not self._take_shared(page, parent.name):
                    self._lead(page, self._parent_rank)
                yield from self._follow_parent()
                if self.columns:
                    return
        except PageError as gate:
            self._note("parent", parent.home_url, f"{gate.code}: {gate.detail}")

    def _end(self) -> End:
        asked = len({step.url for step in self.path})
        if self.columns:
            return End("", f"column found after {asked} pages")
        # A refusal after the home page was served tells a rule on headers from a portal that serves nobody.
        if self._refused:
            return End("hdr_required", f"the home page is served, the column {self._refused} is refused")
        if self.hub_url:
            return End("no_column", f"the hub {self.hub_url} leads to no report column ({asked} pages looked at)")
        return End("no_hub", f"no page of a disclosure hub was found ({asked} pages looked at)")

    # Asking

    def _fetch(self, stage: str, url: str, referer: str = "") -> Search:
        """Ask for a page; None where it was asked for before, the stage's budget is spent, or it did not come.

        A gate is raised, since the host is then left alone, and so is what forbids the first page.
        """
        key = url if stage == "reach" else canonical(url)
        if key in self._seen or self._left[stage] <= 0:
            return None
        self._seen.update((key, canonical(url)))
        self._left[stage] -= 1
        foreign = site_of(url) not in self._sites
        try:
            page = yield Want(Ask(url, named=foreign), referer)
        except PageError as error:
            self._note(stage, url, f"{error.code}: {error.detail}")
            self._first_fault = self._first_fault or error
            if error.code == "offsite_redirect" and (target := ADDRESS.search(error.detail)):
                self._elsewhere = [target[0]]
            if stage == "column" and error.code == "forbidden_page":
                self._refused = url
            if error.stops or (stage == "reach" and error.code == "robots_disallow"):
                raise
            return None
        self._seen.add(canonical(page.url))
        if foreign and not self._adopt(stage, page):
            return None
        return page

    def _adopt(self, stage: str, page: Page) -> bool:
        """A page on another site counts where it says to be the portal's own, and then its site does."""
        if not identity.agrees(page, self._place):
            self._note(stage, page.url, "another site, and it does not say to be the portal's")
            return False
        self._sites.add(site_of(page.url))
        return True

    def _note(self, stage: str, url: str, note: str) -> None:
        self.path.append(Step(stage, url, note))

    # Reach

    def _reach(self) -> Search:
        for url in doors(self.portal.home_url):
            page = yield from self._fetch("reach", url)
            # A portal that moved to another host sends its readers there; it has to say there whose it is.
            if page is None and self._elsewhere and self._may_ask(self._elsewhere[0]):
                page = yield from self._fetch("reach", self._elsewhere.pop(), url)
            if page:
                page = yield from self._enter(page)
                self.home_url = page.url
                return page
        return None

    def _enter(self, page: Page) -> Generator[Want, Page, Page]:
        """Go through a splash page or into a frame, where the page itself leads nowhere."""
        for _ in range(MAX_HOPS):
            entrances = [] if leads_on(page) else list(filter(self._may_ask, onward(page)))
            reached: list[Page] = []
            for url in entrances[:MAX_HOPS]:
                if not any(map(leads_on, reached)) and (found := (yield from self._fetch("reach", url, page.url))):
                    reached.append(found)
            if not reached:
                break
            self._note("reach", page.url, "a page before the home page")
            page = next(filter(leads_on, reached), reached[0])
        self._note("reach", page.url, "home page")
        return page

    # Hub and column

    def _follow(self, home: Page) -> Quest:
        """Follow the best links from the home page on until one is the column."""
        if self._take_column(home, "", trusted=False):
            return
        if self.portal.hub_url:
            hint = yield from self._fetch("hub", self.portal.hub_url, home.url)
            if hint:
                self._look(hint)
        self._lead(home, hub_score)
        yield from self._follow_leads()

    def _follow_leads(self) -> Quest:
        while self._leads and not self.columns:
            lead = heapq.heappop(self._leads)
            is_column = -lead.rank >= COLUMN
            page = yield from self._fetch("column" if is_column else "hub", lead.link.url, lead.referer)
            if page is None:
                continue
            if not self._take_column(page, lead.link.title, trusted=is_column):
                self._look(page)
            elif is_column:
                beside = (each for each in self._leads if -each.rank >= COLUMN and each.referer == lead.referer)
                own = (each.link for each in beside if titles.whose(each.link.title, self.portal.name) != "other")
                self.others = [link for link in own if canonical(link.url) not in self._seen][:MAX_OTHERS]

    def _look(self, page: Page) -> None:
        """Take in a page that may be the hub: its links, and the addresses that its family has for the column."""
        links = (*anchors(page), *options(page), *in_scripts(page))
        texts = [titles.fold(link.title) for link in links]
        in_hub = sum(any(mark.search(text) for text in texts) for mark in FIXED_COLUMNS) >= 2
        self._note("hub", page.url, "the disclosure hub" if in_hub else "not the hub")
        if in_hub:
            self.hub_url = self.hub_url or page.url
            self._hub = self._hub or page
            if self._shown is None and len(years_listed(page)) > 1:
                self._shown = FoundColumn(page.url, page.url, family_of(page).name, page.title, partial=True)
        if not self._lead(page, lambda link: hub_score(link, in_hub=in_hub) or self._unit_score(link)):
            for url in filter(self._may_ask, targets(page)):
                heapq.heappush(self._leads, Lead(-WEAKEST_HUB, next(self._numbers), Link("", url), page.url))

    def _unit_score(self, link: Link) -> int:
        """A page of all units leads on by the government's own."""
        text = titles.fold(link.title)
        own = OWN_UNIT.match(text) or text.removesuffix("人民政府") in self._place.names
        return UNIT if own and not is_home(link.url) else 0

    def _lead(self, page: Page, score: Callable[[Link], int]) -> int:
        """Queue the links of a page that are worth following, and return how many these are."""
        before = len(self._leads)
        for link in (*anchors(page), *options(page), *in_scripts(page), *column_addresses(page)):
            rank = score(link)
            if rank and canonical(link.url) not in self._seen and self._may_ask(link.url):
                heapq.heappush(self._leads, Lead(-rank, next(self._numbers), link, page.url))
        return len(self._leads) - before

    def _may_ask(self, url: str) -> bool:
        """A hub may be on another host of a government; on what else a page links, nothing is asked for."""
        host = urlsplit(url).hostname or ""
        return site_of(url) in self._sites or host.endswith(".gov.cn")

    def _take_column(self, page: Page, title: str, *, trusted: bool) -> bool:
        """Keep a page as the column if it is one; a link of that name is trusted, a guess has to prove itself."""
        reason = column_evidence(page, trusted=trusted)
        if not reason and titles.may_name_column(title):
            reason = listing_evidence(page)
        if not reason:
            return False
        self._note("column", page.url, reason)
        family = "" if sent_on(page) else family_of(page).name
        self.columns.append(FoundColumn(page.url, self.hub_url, family, title or page.title))
        return True

    # Fallbacks

    def _fall_back(self, home: Page) -> Quest:
        self._leads.clear()
        yield from self._try_scripts(self._hub or home)
        for link in anchors(home):
            if not self.columns and titles.fold(link.title) in SITE_MAPS:
                yield from self._try_site_map(link.url, home)
        if not self.columns:
            yield from self._try_sitemaps(home)
        if not self.columns:
            for url in self._guesses(home):
                yield from self._try(url, home.url)
                if self.columns:
                    return

    def _try_scripts(self, page: Page) -> Quest:
        """Look for links that a page's own scripts write."""
        received = []
        for url in scripts_of(page, navigation=True):
            script = yield from self._fetch("fallback", url, page.url)
            received.append(script.text[:MAX_LENGTH] if script else "")
        if fuller := joined(page, received):
            self._lead(fuller, lambda link: hub_score(link, in_hub=page is self._hub))
            yield from self._follow_leads()

    def _try_site_map(self, url: str, home: Page) -> Quest:
        page = yield from self._fetch("fallback", url, home.url)
        if page is None:
            return
        self._note("fallback", page.url, "site map")
        named = [link for link in anchors(page) if is_column_link(link, in_hub=False)]
        for link in named[:MAX_GUESSES]:
            yield from self._try(link.url, page.url)
            if self.columns:
                return

    def _try_sitemaps(self, home: Page) -> Quest:
        """Read the sitemaps that robots.txt names, or the usual one, for addresses that look like the column's."""
        robots = yield from self._fetch("fallback", urljoin(home.url, "/robots.txt"))
        todo = SITEMAP_LINE.findall(robots.text) if robots else []
        todo = [url for url in todo if site_of(url) in self._sites] or [urljoin(home.url, "/sitemap.xml")]
        for _ in range(MAX_SITEMAPS):
            if not todo:
                return
            page = yield from self._fetch("fallback", todo.pop(0))
            if page is None:
                continue
            places = [url for url in LOCATION.findall(page.text) if site_of(url) in self._sites]
            self._note("fallback", page.url, f"sitemap of {len(places)} addresses")
            todo += [url for url in places if urlsplit(url).path.endswith(".xml")]
            for url in column_like(places):
                yield from self._try(url, page.url)
                if self.columns:
                    return

    def _guesses(self, home: Page) -> Iterator[str]:
        """The addresses that the portal's family usually has for the column; none where the family is not known."""
        family = self.portal.family or family_of(home).name
        folders = [""]
        if family == "ucap":
            below = Counter(match[1] for link in anchors(home) if (match := SITE_FOLDER.match(urlsplit(link.url).path)))
            folders = [f"/{name}" for name, _ in below.most_common(1)] + folders
        yield from (urljoin(home.url, folder + path) for folder in folders for path in GUESSES.get(family, ()))
        local = PROVINCIAL.get(self.portal.code[:2], family)
        if local != family:
            yield from (urljoin(home.url, path) for path in GUESSES[local])
        if organ := ORGAN.search(home.text):
            yield urljoin(home.url, f"/public/column/{organ[1]}?type=3")

    def _try(self, url: str, referer: str) -> Quest:
        page = yield from self._fetch("fallback", url, referer)
        if page and not self._take_column(page, "", trusted=False):
            self._note("fallback", page.url, "no report column")

    # The parent's site

    def _follow_parent(self) -> Quest:
        while self._leads and not self.columns:
            lead = heapq.heappop(self._leads)
            page = yield from self._fetch("parent", lead.link.url, lead.referer)
            if page and not self._take_shared(page, lead.link.title):
                self._note("parent", page.url, "no list with the portal's reports")
                self._lead(page, self._parent_rank)

    def _parent_rank(self, link: Link) -> int:
        text = titles.fold(link.title)
        if ARTICLE.search(urlsplit(link.url).path) or titles.report_year(text) or titles.NO_COLUMN.search(text):
            return 0
        own = self._names_place(text)
        if own and (text in self._place.names or "公开" in text or "年报" in text):
            return COLUMN
        if COUNTIES.search(text) and ("公开" in text or "年报" in text or "年度报告" in text):
            return 90
        if COUNTIES.search(text) and len(text) <= 8:
            return 70
        return 60 if titles.names_column(text, in_hub=True) else hub_score(link) // 2

    def _names_place(self, text: str) -> bool:
        return any(titles.names(text, name) for name in self._place.names)

    def _take_shared(self, page: Page, title: str) -> bool:
        """Keep a page of the parent's as the column if it lists reports of this place, or of counties at all."""
        listed_titles = [link.title for link in anchors(page)]
        reports = [each for each in listed_titles if titles.is_report(each) and titles.report_year(each)]
        names_it = self._names_place(title)
        listed = any(map(self._names_place, reports))
        if not (listed or (reports and (names_it or COUNTIES.search(title)))):
            return False
        self._note("parent", page.url, "lists reports of counties")
        self.columns.append(FoundColumn(page.url, "", family_of(page).name, title, shared=not names_it))
        return True
