"""One portal's visit: what to fetch next, and what the answers amount to. Knows no network."""

from __future__ import annotations

import hashlib
import re
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crawler import titles
from crawler.blocks import fault_in
from crawler.families import family_of, gkmlpt, sent_on
from crawler.families.links import Link, Links, anchors, canonical, date_in, is_cut
from crawler.families.reading import Ask, End, PageError
from crawler.files import files_of, is_document
from crawler.outcomes import STOPS, Fault, Findings, Report, rows_of
from crawler.page import Page, squeeze
from crawler.portals import BODIES
from crawler.sites import is_home, site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.http import Response

    from captures import Outcome
    from crawler.families.reading import Reading
    from crawler.portals import Portal
    from crawler.titles import Whose

MAX_DEPTH = 3
# A host that failed so often in a row is down; asking on would only burden it.
MAX_FAILURES = 3
OWN_UNIT = re.compile(r"^[县区市旗州省]?(人民)?政府(本级|办公室)?$|^[县区市旗州省]?本级$|^[县区市旗州省]级$")
# Where CMS families put the text of an article; navigation around it says nothing about a report.
BODY = (
    *("UCAP-CONTENT", "trs_editor_view", "TRS_UEDITOR", "TRS_Editor", "vsb_content", "v_news_content", "ivs_content"),
    *("zoom", "Zoom", "fontzoom", "zoomcon", "bt_content", "art_con", "article-content", "article-con"),
    *("article_content", "main-txt", "pages_content", "xxgk-content", "detail-content"),
)
STATUTORY = ("规章", "行政许可", "予以公开")
# A report in prose is longer; a page of less is a remark or a shell.
MIN_PROSE = 200
PROSE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(slots=True)
class Column:
    """A list being read: the report column itself, or one of its sub-columns for a year or a unit."""

    url: str
    family: str
    title: str = ""
    year: int | None = None
    depth: int = 0
    hops: int = 0
    found: Links = field(default_factory=Links)
    children: list[Column] = field(default_factory=list)
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that a list calls a report of this portal."""

    link: Link
    year: int | None
    inferred: bool


@dataclass(frozen=True, slots=True)
class Job:
    """One request to make, and what its answer is for."""

    kind: str
    ask: Ask
    title: str
    date: str
    subject: Column | Candidate | Report
    referer: str = ""
    hops: int = 0


class Visit:
    """Reads the columns of one portal to their ends, then its reports and their files, one request at a time.

    ``portals`` are the rows of one body. ``take`` gives the next job or None at the end; each job is answered by
    ``answer`` or ``fail``. Nothing is asked for off the portal's sites but endpoints that a list itself names, nor more
    than ``budget`` requests.
    """

    def __init__(self, portals: Sequence[Portal], years: range, budget: int) -> None:
        self.portal = portals[0]
        self.years = years
        self.findings = Findings()
        self.sites = frozenset(
            site_of(url) for row in portals for url in (row.home_url, row.hub_url, row.list_url) if url
        )
        self.columns = [Column(row.list_url, row.family) for row in portals if row.list_url]
        self._budget = budget
        self._asked = 0
        self._failures = 0
        self._seen: set[str] = set()
        self._proofs: list[str] = []
        self._jobs: deque[Job] = deque()
        for column in self.columns:
            self._enter(column)
        if not self.columns:
            self.findings.faults.append(Fault("no_column", "", "the catalogue names no report column"))

    @property
    def reports(self) -> int:
        """How many reports have been archived so far."""
        return len(self.findings.reports)

    def take(self) -> Job | None:
        """Return the next job, or None when the visit is over."""
        if self._jobs and self._asked >= self._budget:
            self.stop(Fault("budget_exhausted", "", f"the budget of {self._budget} requests is spent"))
        if not self._jobs:
            return None
        self._asked += 1
        return self._jobs.popleft()

    def stop(self, fault: Fault) -> None:
        """End the visit: years without a report get the fault."""
        self._jobs.clear()
        self.findings.faults.append(fault)

    def outcomes(self, run_id: str) -> list[Outcome]:
        """Return one outcome for each report year."""
        self.findings.proof = "; ".join(self._proofs)
        url = self.columns[0].url if self.columns else self.portal.home_url
        return rows_of(self.portal, url, self.years, self.findings, run_id)

    def answer(self, job: Job, response: Response) -> None:
        """Take in an answer, whatever its status."""
        self._failures = 0
        fault = fault_in(response)
        if fault:
            self.fail(job, fault)
            return
        if isinstance(job.subject, Column):
            self._read_list(job, job.subject, Page.of(response))
        elif job.kind == "attachment":
            self._read_file(job, response)
        elif isinstance(job.subject, Candidate):
            self._read_detail(job.subject, gkmlpt.article(Page.of(response)), response.body)

    def fail(self, job: Job, fault: Fault) -> None:
        """Take in that a job's answer did not come, or is no content."""
        subject = job.subject
        if isinstance(subject, Column):
            self._fail_list(subject, fault)
        elif isinstance(subject, Report):
            subject.lost.append(fault)
        else:
            self._fail_candidate(subject, fault)
        if fault.code == "unreachable":
            self._failures += 1
        if fault.code in STOPS or (self._failures >= MAX_FAILURES and self._jobs):
            self.stop(fault)

    def _push(self, job: Job, *, first: bool = False) -> None:
        """Queue a job; what is on another site fails at once."""
        if not job.ask.named and site_of(job.ask.url) not in self.sites:
            self.fail(job, Fault("offsite_redirect", job.ask.url, "the address is on another site"))
        elif first:
            self._jobs.appendleft(job)
        else:
            self._jobs.append(job)

    # Columns

    def _enter(self, column: Column, referer: str = "") -> None:
        key = canonical(column.url)
        if key not in self._seen:
            self._seen.add(key)
            self._push(Job("list", Ask(column.url), column.title, "", column, referer))

    def _read_list(self, job: Job, column: Column, page: Page) -> None:
        if begun := column.reading:
            self._advance(column, lambda: begun.send(page))
            return
        onward = sent_on(page) if column.hops == 0 else None
        if onward:
            column.hops += 1
            self._push(replace(job, ask=Ask(onward)), first=True)
            return
        column.children = self._children(column, page)
        reading = family_of(page, column.family).read(page, column.found)
        column.reading = reading
        self._advance(column, lambda: next(reading))

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
        if end.code in ("empty_list", "js_list") and column.children:
            end = End("", f"{len(column.children)} sub-columns and no article on {column.url}")
        if end.code == "soft404" and column.depth == 0 and not column.found:
            end = End("no_column", end.detail)
        if end.proved:
            self._proofs.append(end.detail)
        else:
            self._book(column.year, Fault(end.code, url or column.url, end.detail))
        for child in column.children:
            self._enter(child, column.url)
        for link in column.found.values():
            self._consider(link, column)

    def _book(self, year: int | None, fault: Fault) -> None:
        """A fault of a year's own sub-column concerns that year; others leave every year open."""
        if year is None:
            self.findings.faults.append(fault)
        else:
            self.findings.year_faults.setdefault(year, []).append(fault)

    def _children(self, column: Column, page: Page) -> list[Column]:
        """The sub-columns for single years and for the government itself that a list page links."""
        if column.depth >= MAX_DEPTH:
            return []
        children: dict[str, Column] = {}
        for link in anchors(page):
            key = canonical(link.url)
            if link.is_article or key in self._seen or site_of(link.url) not in self.sites:
                continue
            year = titles.column_year(link.title)
            if self._leads_on(link, year):
                child = Column(link.url, column.family, link.title, year or column.year, column.depth + 1)
                children.setdefault(key, child)
        return list(children.values())

    def _leads_on(self, link: Link, year: int | None) -> bool:
        """Years are those of the report or of its publication, one later; units are the portal's own."""
        if year is not None:
            return self.years[0] <= year <= self.years[-1] + 1
        folded = titles.fold(link.title)
        # The portal's own name is also what its logo says, and that leads home.
        return not is_home(link.url) and (
            bool(OWN_UNIT.match(folded)) or folded in (self.portal.name, self._government)
        )

    @property
    def _government(self) -> str:
        return f"{self.portal.name}人民政府"

    # Reports

    def _consider(self, link: Link, column: Column) -> None:
        """Queue a link if it is a report of this portal and of a year that is asked for."""
        in_year = column.year is not None and titles.fold(link.title) in (self.portal.name, self._government)
        if not (in_year or titles.is_report(link.title)) or canonical(link.url) in self._seen:
            return
        if "�" in link.title:
            self._book(column.year, Fault("charset_failed", column.url, f"a title cannot be decoded: {link.title}"))
            return
        self._seen.add(canonical(link.url))
        self.findings.listed += 1
        if self._whose(link.title) == "other":
            self.findings.others += 1
            return
        year = titles.report_year(link.title) or column.year
        inferred = year is None and not is_cut(link.title)
        candidate = Candidate(link, year or titles.inferred_year(link.date), inferred)
        if candidate.year is None or candidate.year in self.years:
            kind = "attachment" if link.is_file else "detail"
            self._push(Job(kind, Ask(link.url), link.title, link.date, candidate, column.url))

    def _whose(self, title: str) -> Whose:
        # The column of a department or township lists its own reports.
        return "government" if self.portal.level in BODIES else titles.whose(title, self.portal.name)

    def _read_detail(self, candidate: Candidate, page: Page, body: bytes) -> None:
        candidate = self._corrected(candidate, page)
        title = candidate.link.title
        if self._whose(title) == "other":
            self.findings.others += 1
        elif candidate.year is None:
            self.findings.undated.append(page.url)
        elif candidate.year in self.years:
            report = self._report(candidate, candidate.year, page.url, body, substance_of(page))
            for file in files_of(page):
                self._want_file(report, file)

    def _corrected(self, candidate: Candidate, page: Page) -> Candidate:
        """Let the page itself complete a title that its list cut short or left without a year."""
        link = candidate.link
        if not (candidate.inferred or candidate.year is None or is_cut(link.title)):
            return candidate
        own = page.meta("ArticleTitle") or squeeze(page.root.xpath("string((//h1)[1])").get("")) or page.title
        if not titles.is_report(own):
            return candidate
        published = link.date or date_in(page.meta("PubDate"))
        named = titles.report_year(own) or (titles.report_year(link.title) if is_cut(link.title) else None)
        year = named or candidate.year or titles.inferred_year(published)
        return Candidate(replace(link, title=own), year, inferred=named is None and candidate.inferred)

    def _report(self, candidate: Candidate, year: int, url: str, body: bytes, substance: str) -> Report:
        title = candidate.link.title
        digest = hashlib.sha256(body).hexdigest()
        report = Report(year, title, url, self._whose(title), candidate.inferred, digest, substance)
        self.findings.reports.append(report)
        return report

    def _want_file(self, report: Report, file: Link) -> None:
        key = canonical(file.url)
        if key not in self._seen:
            self._seen.add(key)
            self._push(Job("attachment", Ask(file.url), file.title or report.title, "", report, report.url), first=True)

    def _read_file(self, job: Job, response: Response) -> None:
        subject = job.subject
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

    def _read_file_report(self, candidate: Candidate, response: Response) -> None:
        if candidate.year is None:
            self.findings.undated.append(response.url)
            return
        report = self._report(candidate, candidate.year, response.url, response.body, "file")
        report.files = 1

    def _fail_candidate(self, candidate: Candidate, fault: Fault) -> None:
        if candidate.year is None:
            self.findings.undated.append(fault.url)
        self._book(candidate.year, fault)


def substance_of(page: Page) -> str:
    """Tell what a report's page holds in itself: ``text``, ``image``, or ``nothing``."""
    conditions = " or ".join(f"@id='{name}' or contains(concat(' ', @class, ' '), ' {name} ')" for name in BODY)
    body = (page.root.xpath(f"//*[{conditions}]") or page.root.xpath("//body"))[:1]
    prose = re.sub(r"\s+", "", "".join(body.xpath(".//text()[not(ancestor::script or ancestor::style)]").getall()))
    if all(word in prose for word in STATUTORY) or len(PROSE.findall(prose)) >= MIN_PROSE:
        return "text"
    return "image" if body.xpath(".//img[@src]") else "nothing"
