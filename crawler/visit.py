"""One portal's visit: what to fetch next, and what the answers amount to. Knows no network."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler import identity, titles
from crawler.blocks import SMALL_PROSE, fault_in, words_of_refusal
from crawler.choices import unanswered
from crawler.columns import MAX_DEPTH, OWN_UNIT, Column, Scope
from crawler.details import detail_of, own_title, report_of
from crawler.discovery import Discovery
from crawler.families import gkmlpt, loaded, sent_on
from crawler.families.links import Link, articles, canonical, date_in, is_cut
from crawler.families.reading import Ask, End, PageError
from crawler.files import files_of, is_document, is_picture
from crawler.identity import Place
from crawler.jobs import Candidate, Job, Quest
from crawler.outcomes import Fault, Findings, Report, rows_of
from crawler.page import Page
from crawler.sites import is_home, site_of
from crawler.spare import file_year, from_page, spare_rows, summary_doubt
from crawler.substance import substance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from scrapy.http import Response

    from captures import Outcome
    from crawler.discovery import Want
    from crawler.portals import Portal

# A page that only sends its reader on says so and no more.
SHELL_PROSE = 60
# A column may be a frame around a page that a script sends on.
MAX_HOPS = 2
# A host that failed so often in a row is down; asking on would only burden it.
MAX_FAILURES = 3
# A column that ends so may have moved: it is looked for again from the home page.
MOVED = frozenset(
    {"soft404", "to_home", "offsite_redirect", "forbidden_page", "no_column", "empty_list", "identity_mismatch"}
)


class Visit:
    """Reads the columns of one portal to their ends, then its reports and their files, one request at a time.

    ``portals`` are the rows of one body. Where they name no column, or one that is gone, it is looked for from the home
    page on, also on the site of ``parent``. With ``every_body`` the reports of departments and townships count too,
    each under its body's name. ``take`` gives the next job or None at the end; each job is answered by ``answer`` or
    ``fail``. Nothing is asked for off the portal's sites but endpoints that a list itself names, nor more than
    ``budget`` requests.
    """

    def __init__(
        self,
        portals: Sequence[Portal],
        years: range,
        budget: int,
        *,
        place: Place | None = None,
        parent: Portal | None = None,
        every_body: bool = False,
    ) -> None:
        self.portal = portals[0]
        self.years = years
        self.findings = Findings()
        self.sites = {site_of(url) for row in portals for url in (row.home_url, row.hub_url, row.list_url) if url}
        self.columns = [Column(row.list_url, row.family) for row in portals if row.list_url]
        self._place = place or Place((self.portal.code[:6],), (self.portal.name,))
        self._parent = parent
        self._scope = Scope(self.portal, self._place, years, self.sites, every_body)
        self._bodies: dict[str, Findings] = {}
        self._budget = budget
        self._asked = 0
        self._failures = 0
        self._stopped = False
        self._seen: set[str] = set()
        self._proofs: list[str] = []
        self._notes: dict[str, None] = {}
        self._moved: list[Fault] = []
        self._scripts: dict[str, str] = {}
        self._siblings: list[Column] = []
        self._spare: list[tuple[Candidate, str]] = []
        self._jobs: deque[Job] = deque()
        self._discovered = False
        self._audited = False
        for column in self.columns:
            self._enter(column)

    @property
    def reports(self) -> int:
        """How many reports have been archived so far."""
        return sum(len(findings.reports) for findings in (self.findings, *self._bodies.values()))

    def take(self) -> Job | None:
        """Return the next job, or None when the visit is over."""
        if not self._jobs and not self._stopped:
            self._look_further()
        if self._jobs and self._asked >= self._budget:
            self.stop(Fault("budget_exhausted", "", f"the budget of {self._budget} requests is spent"))
        if not self._jobs:
            return None
        self._asked += 1
        return self._jobs.popleft()

    def stop(self, fault: Fault) -> None:
        """End the visit: years without a report get the fault."""
        self._stopped = True
        self._jobs.clear()
        self.findings.faults.append(fault)

    def note(self, text: str) -> None:
        """Keep a remark on the whole visit, which every outcome is to carry."""
        self._notes[text] = None

    def outcomes(self, run_id: str) -> list[Outcome]:
        """Return one outcome for each report year, and as many for each other body whose reports were met."""
        self.findings.proof = "; ".join(self._proofs)
        url = self.columns[0].url if self.columns else self.portal.home_url
        rows = rows_of(self.portal, url, self.years, self.findings, run_id)
        for body, findings in sorted(self._bodies.items()):
            findings.faults, findings.proof = self.findings.faults, self.findings.proof
            rows += rows_of(replace(self.portal, name=body), url, self.years, findings, run_id)
        return [replace(row, detail="; ".join(filter(None, (row.detail, *self._notes)))) for row in rows]

    def answer(self, job: Job, response: Response) -> Fault | None:
        """Take in an answer, whatever its status; return the fault that it is, None for content."""
        self._failures = 0
        if fault := fault_in(response):
            self.fail(job, fault)
        else:
            self._take_in(job, response)
        return fault

    def _take_in(self, job: Job, response: Response) -> None:
        if isinstance(job.subject, Quest):
            page = Page.of(response)
            self._advance_quest(job.subject, lambda pages: pages.send(page))
        elif isinstance(job.subject, Column) and job.subject.depth and is_document(response.body):
            self._read_file_report(self._itself(job.subject, Link(job.subject.title, response.url)), response)
        elif isinstance(job.subject, Column):
            page = Page.of(response)
            self._read_list(job, job.subject, page)
            # A list half read waits for its next page; so may those of a thousand other portals.
            page.fold_up()
        elif job.kind == "attachment" or is_document(response.body) or is_picture(response.body):
            # What a list links may be a document whatever its address says.
            self._read_file(job, response)
        elif isinstance(job.subject, Candidate):
            page = gkmlpt.article(Page.of(response))
            if not self._goes_on(job, page):
                self._read_detail(job.subject, page, response.body)
        else:
            self._read_lead(job.subject, gkmlpt.article(Page.of(response)))

    def fail(self, job: Job, fault: Fault) -> None:
        """Take in that a job's answer did not come, or is no content."""
        subject = job.subject
        if isinstance(subject, Quest):
            error = PageError(fault.code, fault.detail, stops=fault.stops)
            self._advance_quest(subject, lambda pages: pages.throw(error))
            return
        if isinstance(subject, Column):
            self._fail_list(subject, fault)
        elif isinstance(subject, Report):
            # That what may hold a report does not is no loss of it.
            if job.kind == "attachment":
                subject.lost.append(fault)
        else:
            self._fail_candidate(subject, fault)
        if fault.code == "unreachable":
            self._failures += 1
        if fault.stops or (self._failures >= MAX_FAILURES and self._jobs):
            self.stop(fault)

    def _push(self, job: Job, *, first: bool = False) -> None:
        """Queue a job; what is on another site fails at once."""
        if not job.ask.named and site_of(job.ask.url) not in self.sites:
            self.fail(job, Fault("offsite_redirect", job.ask.url, "the address is on another site"))
        elif first:
            self._jobs.appendleft(job)
        else:
            self._jobs.append(job)

    # Discovery

    def _look_further(self) -> None:
        """Look at rows that do not call themselves reports, and at other columns of the same name beside the one read.

        Then for the column where none is known or it is gone, and at last, once, for years that lie between found ones.
        """
        if self._take_spare() or self._enter_siblings():
            return
        discovery = Discovery(self.portal, self._place, self.sites, self._parent)
        if not self._discovered and self._lacks_column():
            self._discovered = True
            self._advance_quest(Quest(discovery, discovery.run()), next)
        elif not self._audited and self._gaps():
            self._audited = True
            self._advance_quest(Quest(discovery, discovery.ask_parent()), next)

    def _take_spare(self) -> bool:
        """Queue the rows that may be reports of years without one; tell whether there are any."""
        waiting, self._spare = self._spare, []
        for candidate, referer in waiting:
            reported = {report.year for report in self._findings_of(candidate.body).reports}
            if candidate.year not in reported and canonical(candidate.link.url) not in self._seen:
                self._seen.add(canonical(candidate.link.url))
                kind = "attachment" if candidate.link.is_file else "detail"
                self._push(Job(kind, Ask(candidate.link.url), candidate.link.title, "", candidate, referer))
        return bool(self._jobs)

    def _enter_siblings(self) -> bool:
        """Queue other columns beside one that lists reports, for years that it lacks; tell whether there are any."""
        missing = frozenset(self.years) - {report.year for report in self.findings.reports}
        waiting, self._siblings = self._siblings, []
        for sibling in waiting:
            if missing and self.findings.reports:
                sibling.only, sibling.tentative = missing, True
                self._enter(sibling)
        return bool(self._jobs)

    def _lacks_column(self) -> bool:
        return not self.columns or bool(self._moved) or not (self.findings.listed or self.findings.faults)

    def _gaps(self) -> frozenset[int]:
        """Years without a report between years with one: likelier overlooked than never published."""
        found = {report.year for report in self.findings.reports}
        if self._parent is None or not found or self.findings.faults:
            return frozenset()
        missing = set(range(min(found), max(found))) & set(self.years) - found
        return frozenset(missing - self.findings.year_faults.keys())

    def _advance_quest(self, quest: Quest, step: Callable[[Generator[Want, Page, End | None]], Want]) -> None:
        try:
            want = step(quest.pages)
        except StopIteration as stop:
            self._end_quest(quest.discovery, stop.value)
        except PageError as error:
            self._end_quest(quest.discovery, End(error.code, error.detail))
        else:
            self._jobs.append(Job("list", want.ask, "", "", quest, want.referer))

    def _end_quest(self, discovery: Discovery, end: End | None) -> None:
        """Enter the columns that were found, or book why there are none."""
        only = self._gaps() if self._audited else frozenset()
        gone = {fault.url for fault in self._moved}
        # A site that went over to https may send readers of its old addresses to its home page.
        self._seen -= {canonical(found.url) for found in discovery.columns if found.url not in gone} & set(
            map(canonical, gone)
        )
        new = [found for found in discovery.columns if canonical(found.url) not in self._seen]
        self._siblings += [Column(link.url, "", link.title, depth=1) for link in discovery.others]
        for found in new:
            column = Column(found.url, found.family, found.title, shared=found.shared, partial=found.partial, only=only)
            self.columns.append(column)
            self._enter(column, found.hub_url)
        if new and self._moved:
            lost = ", ".join(f"{fault.url} ({fault.code})" for fault in self._moved)
            self.note(f"the catalogue's column {lost} has moved to {new[0].url}")
            self.findings.faults = [fault for fault in self.findings.faults if fault not in self._moved]
            self.columns = [column for column in self.columns if column.url not in gone]
        elif not discovery.columns and end and end.code:
            fault = Fault(end.code, discovery.hub_url or self.portal.home_url, end.detail)
            # What the known column said first stays the reason, unless the search has understood it.
            place = 0 if end.code == "hdr_required" else len(self.findings.faults)
            self.findings.faults.insert(place, fault)

    # Columns

    def _enter(self, column: Column, referer: str = "") -> None:
        key = canonical(column.url)
        if key not in self._seen:
            self._seen.add(key)
            self._push(Job("list", Ask(column.url), column.title, "", column, referer))

    def _read_list(self, job: Job, column: Column, page: Page) -> None:
        column.cut = column.cut or page.is_cut
        self._spare += [
            (Candidate(row, None, "", column.body, column.year, spare=True), page.url) for row in spare_rows(page)
        ]
        if begun := column.reading:
            self._advance(column, lambda: begun.send(page))
            return
        if column in self.columns and (reason := identity.contradicts(page, self._place)):
            self._close(column, End("identity_mismatch", reason), page.url)
            return
        onward = sent_on(page) if column.hops < MAX_HOPS else None
        if onward:
            column.hops += 1
            self._push(replace(job, ask=Ask(onward)), first=True)
            return
        if column.depth and self._is_article(page):
            link = Link(page.meta("ArticleTitle") or column.title, page.url, date_in(page.meta("PubDate")))
            self._read_detail(self._itself(column, link), page, b"")
            return
        column.children = self._scope.sub_columns(column, page, self._seen)
        if not column.depth:
            # What is called as this page is leads here, or to a twin of it.
            named = (child for child in column.children if child.deeper and not child.tentative)
            self._siblings += [each for each in named if titles.fold(each.title) not in titles.fold(page.title)]
        column.offers = unanswered(page)
        reading = loaded.read(page, column.family, column.found, self._scripts)
        column.reading = reading
        self._advance(column, lambda: next(reading))

    def _itself(self, column: Column, link: Link) -> Candidate:
        """Return the report that what was taken for a column is."""
        self.findings.listed += 1
        self._proofs.append(f"{link.url} is a report itself")
        return Candidate(link, *titles.dated(link.title, column.year, link.date), column.body, column.year)

    @staticmethod
    def _is_article(page: Page) -> bool:
        """Tell whether what is called like a column, of reports or of a year, is a report."""
        held = substance_of(page)
        named = titles.is_report(page.meta("ArticleTitle")) or (
            held.kind == "text" and titles.is_report(own_title(page))
        )
        return (named or held.is_statutory) and not any(titles.is_report(e.title) for e in articles(page))

    def _fail_list(self, column: Column, fault: Fault) -> None:
        if column.reading is None:
            self._close(column, End(fault.code, fault.detail), fault.url)
            return
        reading = column.reading
        self._advance(column, lambda: reading.throw(PageError(fault.code, fault.detail)), fault.url)

    def _advance(self, column: Column, step: Callable[[], Ask], url: str = "") -> None:
        try:
            ask = step()
        except StopIteration as stop:
            self._close(column, stop.value, url)
        except PageError as error:
            self._close(column, End(error.code, error.detail), url)
        else:
            self._push(Job("list", ask, column.title, "", column, column.url), first=True)

    def _close(self, column: Column, end: End, url: str) -> None:
        """Book how a column ended, and queue its reports and sub-columns."""
        if any(titles.is_report(link.title) or titles.may_be_report(link.title) for link in column.found.values()):
            self._siblings += [
                child for child in column.children if child.deeper and not (column.depth or child.tentative)
            ]
            column.children = [child for child in column.children if not child.deeper]
            column.tentative = False
        end = self._weighed(column, end)
        if end.proved:
            self._proofs.append(end.detail)
            self._book_offers(column)
        elif not column.tentative:
            fault = Fault(end.code, url or column.url, end.detail)
            self._book(column.year, fault)
            if column in self.columns and end.code in MOVED and not self._discovered:
                self._moved.append(fault)
        for child in column.children:
            self._enter(child, column.url)
        for link in column.found.values():
            self._consider(link, column)

    @staticmethod
    def _weighed(column: Column, end: End) -> End:
        """What a column's end amounts to, by what the column is and what was found in it."""
        if end.code in ("empty_list", "js_list") and column.children:
            end = End("", f"{len(column.children)} sub-columns and no article on {column.url}")
        if end.code == "soft404" and column.depth == 0 and not column.found:
            return End("no_column", end.detail)
        if end.proved and column.cut:
            return End("paging_stuck", f"a page of the list is cut off, it has no end tag ({end.detail})")
        # Beside its reports a hub links the list of all, or it may show but some of them.
        if end.proved and column.partial and not any(child.tentative for child in column.children):
            return End("no_column", f"the hub {column.url} shows reports, and leads to no column that lists all")
        return end

    def _book_offers(self, column: Column) -> None:
        """A list of one year whose page offers others by a script is no proof that these have no report."""
        listed = {titles.report_year(link.title) for link in column.found.values() if titles.is_report(link.title)}
        if len(listed) > 1:
            return
        for year in sorted(column.offers):
            fault = Fault("js_list", column.url, f"the reports of {year} are shown by a script that is not run")
            # The year of a choice may be that of publication.
            for each in (year, year - 1):
                self._book(each, fault)

    def _book(self, year: int | None, fault: Fault) -> None:
        """A fault of a year's own sub-column concerns that year; others leave every year open."""
        if year is None:
            self.findings.faults.append(fault)
        else:
            self.findings.year_faults.setdefault(year, []).append(fault)

    # Reports

    def _consider(self, link: Link, column: Column) -> None:
        """Queue a link if it is a report of this portal and of a year that is asked for, or keep it for later."""
        own = titles.fold(link.title)
        in_year = (column.year or link.group) is not None and (
            own.removesuffix("人民政府") == self.portal.name
            or (not column.shared and bool(OWN_UNIT.match(own.removeprefix(self.portal.name))))
        )
        if titles.is_summary(link.title):
            self._keep_summary(link, column)
            return
        if (
            not (in_year or titles.is_report(link.title) or titles.may_be_report(link.title))
            or canonical(link.url) in self._seen
        ):
            return
        if "�" in link.title:
            self._book(column.year, Fault("charset_failed", column.url, f"a title cannot be decoded: {link.title}"))
            return
        self._seen.add(canonical(link.url))
        self.findings.listed += 1
        body = self._scope.body_of(link.title, column.body, shared=column.shared and not in_year)
        if body is None:
            self.findings.others += 1
            return
        of_year = column.year or link.group
        year, doubt = titles.dated(link.title, of_year, link.date)
        candidate = Candidate(link, year, "" if is_cut(link.title) else doubt, body, of_year)
        wanted = column.only or self.years
        named = {year, *titles.years_in(link.title), *([year - 1] if year and doubt else [])}
        if year is None or not named.isdisjoint(wanted):
            kind = "attachment" if link.is_file else "detail"
            self._push(Job(kind, Ask(link.url), link.title, link.date, candidate, column.url))

    def _keep_summary(self, link: Link, column: Column) -> None:
        year, body = titles.report_year(link.title), self._scope.body_of(link.title, column.body, shared=column.shared)
        if body is not None and year in (column.only or self.years):
            self._spare.append((Candidate(link, year, "", body, column.year, spare=True), column.url))

    def _findings_of(self, body: str) -> Findings:
        return self._bodies.setdefault(body, Findings(listed=1)) if body else self.findings

    def _goes_on(self, job: Job, page: Page) -> bool:
        """Follow a shell in a report's place to where it sends its reader; tell whether it is one."""
        onward = sent_on(page) if job.hops == 0 and len(page.prose) < SHELL_PROSE else None
        if onward is None or files_of(page):
            return False
        if is_home(onward):
            self.fail(job, Fault("to_home", page.url, f"the page sends its reader to the home page: {onward}"))
        else:
            self._push(replace(job, ask=Ask(onward), hops=1), first=True)
        return True

    def _read_detail(self, candidate: Candidate, page: Page, body: bytes) -> None:
        """Book what a candidate's page amounts to, and queue the files of its report."""
        if candidate.spare:
            known = from_page(candidate, page)
            if known is None:
                return
            candidate = known
        detail = detail_of(candidate, page, body, self._scope)
        candidate = detail.candidate
        if detail.kind == "list":
            column = Column(page.url, "", candidate.link.title, candidate.column, candidate.body, depth=MAX_DEPTH)
            self._read_list(Job("list", Ask(page.url), column.title, "", column), column, page)
        elif detail.kind == "other body":
            self.findings.others += 1
        elif detail.kind == "undated":
            self._findings_of(candidate.body).undated.append(page.url)
        if detail.fault:
            self._fail_candidate(candidate, detail.fault)
        if report := detail.report:
            self.findings.listed += candidate.spare
            report.doubt = report.doubt or summary_doubt(candidate, page)
            self._findings_of(candidate.body).reports.append(report)
            for file in detail.files:
                self._want_file(report, file)
            for lead in detail.leads:
                self._want_file(report, lead, kind="detail")

    def _want_file(self, report: Report, file: Link, kind: str = "attachment") -> None:
        key = canonical(file.url)
        if key not in self._seen and (kind == "attachment" or site_of(file.url) in self.sites):
            self._seen.add(key)
            # 统计表.xlsx says neither whose it is nor of which year; its report does.
            title = file.title if titles.report_year(file.title) else report.title
            self._push(Job(kind, Ask(file.url), title, "", report, report.url), first=True)

    def _read_lead(self, report: Report, page: Page) -> None:
        """Take in what a report's page shows in a frame, or offers, where it is a page again."""
        held = substance_of(page)
        if held.kind != "text" or words_of_refusal(held.text[:SMALL_PROSE]):
            return
        report.substance, report.sums_up = held.kind, held.sums_up
        report.sha256 = hashlib.sha256(held.text.encode()).hexdigest()
        for file in files_of(page):
            self._want_file(report, file)

    def _read_file(self, job: Job, response: Response) -> None:
        subject = job.subject
        if is_picture(response.body):
            if isinstance(subject, Candidate):
                self._read_file_report(subject, response, "image")
            return
        if not is_document(response.body):
            onward = sent_on(Page.of(response)) if job.hops == 0 else None
            if onward:
                self._push(replace(job, ask=Ask(onward), hops=1), first=True)
                return
            self.fail(job, Fault("attachment_failed", response.url, "the file is no document"))
        elif isinstance(subject, Report):
            subject.files += 1
        elif isinstance(subject, Candidate):
            self._read_file_report(subject, response)

    def _read_file_report(self, candidate: Candidate, response: Response, kind: str = "file") -> None:
        if candidate.spare:
            candidate = self._called_after(candidate, response.url)
        if candidate.year is None:
            self._findings_of(candidate.body).undated.append(response.url)
            return
        if page := self._page_of(candidate, response.url):
            page.files += 1
            return
        digest = hashlib.sha256(response.body).hexdigest()
        report = report_of(candidate, response.url, digest, self._scope)
        report.substance, report.files = kind, int(kind == "file")
        self._findings_of(candidate.body).reports.append(report)

    def _called_after(self, candidate: Candidate, url: str) -> Candidate:
        """A picture's file is of the year that it is called after, or, if that is of publication, of the one before."""
        year = candidate.year or file_year(url)
        if year is None:
            return candidate
        self.findings.listed += 1
        doubt = "nothing but the name of a file behind a picture names the year"
        self._book(year - 1, Fault("ambiguous", url, doubt))
        return replace(candidate, year=year, doubt=doubt)

    def _page_of(self, candidate: Candidate, url: str) -> Report | None:
        """The report whose page a file lies beside: lists may link both (查看, 下载)."""
        stem = url.rpartition(".")[0]
        same = (each for each in self._findings_of(candidate.body).reports if each.year == candidate.year)
        return next((each for each in same if each.url != url and each.url.rpartition(".")[0] == stem), None)

    def _fail_candidate(self, candidate: Candidate, fault: Fault) -> None:
        findings = self._findings_of(candidate.body)
        if candidate.year is None:
            findings.undated.append(fault.url)
            findings.faults.append(fault)
        else:
            for year in titles.years_in(candidate.link.title) or (candidate.year,):
                findings.year_faults.setdefault(year, []).append(fault)
