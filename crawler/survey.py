"""What a live look at a portal tells: the way to its report column, and what its catalogue row should say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.blocks import fault_in
from crawler.columns import Column
from crawler.discovery import Discovery
from crawler.families import family_of
from crawler.families.reading import Ask, End, PageError
from crawler.jobs import Job, Quest
from crawler.page import Page
from crawler.sites import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from scrapy.http import Response

    from crawler.discovery import Step, Want
    from crawler.identity import Place
    from crawler.outcomes import Fault
    from crawler.portals import Portal


@dataclass(frozen=True, slots=True)
class Finding:
    """A portal surveyed: the path taken, why no column was found (or empty), and the row proposed (or None).

    ``identity`` is ``ok``, ``mismatch`` or empty where the site was not reached. ``list_code`` says what became of the
    catalogue's own column: ``ok``, a code of the outcomes, or empty where it names none. ``family`` is the one seen.
    """

    portal: Portal
    path: tuple[Step, ...]
    code: str
    detail: str
    identity: str
    list_code: str
    family: str
    proposal: Portal | None
    others: tuple[str, ...] = ()


class Survey:
    """Looks for one portal's column, whatever the catalogue says; with ``check_only`` looks at home page and column.

    Gives jobs and takes answers as a visit does; ``finding`` is there at its end.
    """

    def __init__(self, portal: Portal, place: Place, parent: Portal | None = None, *, check_only: bool = False) -> None:
        self.portal = portal
        self.sites = {site_of(url) for url in (portal.home_url, portal.hub_url, portal.list_url) if url}
        self._discovery = Discovery(portal, place, self.sites, parent)
        self._check_only = check_only
        self._jobs: list[Job] = []
        self._end = End("", "")
        self._list_code = ""
        self._list_family = ""
        self._notes: list[str] = []
        pages = self._discovery.check() if check_only else self._discovery.run()
        self._advance(Quest(self._discovery, pages), next)
        if check_only and portal.list_url:
            self._jobs.append(Job("list", Ask(portal.list_url), "", "", Column(portal.list_url, portal.family)))

    def take(self) -> Job | None:
        """Return the next job, or None at the end."""
        return self._jobs.pop(0) if self._jobs else None

    def answer(self, job: Job, response: Response) -> Fault | None:
        """Take in an answer, whatever its status; return the fault that it is, None for content."""
        if fault := fault_in(response):
            self.fail(job, fault)
            return fault
        page = Page.of(response)
        if isinstance(job.subject, Quest):
            self._advance(job.subject, lambda pages: pages.send(page))
        else:
            self._list_code, self._list_family = "ok", family_of(page).name
        return None

    def fail(self, job: Job, fault: Fault) -> None:
        """Take in that an answer did not come, or is no content."""
        if isinstance(job.subject, Quest):
            error = PageError(fault.code, fault.detail, stops=fault.stops)
            self._advance(job.subject, lambda pages: pages.throw(error))
        else:
            self._list_code = fault.code

    def stop(self, fault: Fault) -> None:
        """End the survey."""
        self._jobs.clear()
        self._end = End(fault.code, fault.detail)

    def note(self, text: str) -> None:
        """Keep a remark for the finding's detail."""
        if text not in self._notes:
            self._notes.append(text)

    def finding(self) -> Finding:
        """Return what the survey found."""
        discovery = self._discovery
        # A hub that shows some reports is no column to write down: it would be read as the list of all.
        whole = [column for column in discovery.columns if not column.partial]
        first = whole[0] if whole else None
        proposal = None
        if first:
            hub = discovery.hub_url or self.portal.hub_url
            proposal = replace(self.portal, list_url=first.url, hub_url=hub, family=first.family)
        return Finding(
            portal=self.portal,
            path=tuple(discovery.path),
            code=self._end.code,
            detail="; ".join(filter(None, (self._end.detail, *self._notes))),
            identity=discovery.identity,
            list_code=self._list_code,
            family=first.family if first else self._list_family,
            proposal=proposal,
            others=tuple(column.url for column in whole[1:]),
        )

    def _advance(self, quest: Quest, step: Callable[[Generator[Want, Page, End | None]], Want]) -> None:
        try:
            want = step(quest.pages)
        except StopIteration as stop:
            self._end = stop.value or self._end
        except PageError as error:
            self._end = End(error.code, error.detail)
        else:
            self._jobs.insert(0, Job("list", want.ask, "", "", quest, want.referer))


def findings_table(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return one row for each portal checked, for a table or a csv file."""
    return [
        {
            "code": finding.portal.code,
            "name": finding.portal.name,
            "home_url": finding.portal.home_url,
            "reached": finding.code or "ok",
            "identity": finding.identity,
            "list_url": finding.portal.list_url,
            "list": finding.list_code,
            "family": finding.portal.family,
            "seen_family": finding.family,
            "detail": finding.detail,
        }
        for finding in findings
    ]
