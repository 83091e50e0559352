"""What the spiders share: visits side by side, each with one request at a time."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections import deque
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider

from captures import CUT_SHORT, ArchiveError, PayloadError
from crawler.middlewares import LOCAL_HOSTS, SITES, referer
from crawler.outcomes import Fault, fault_of
from crawler.render import RENDER, lacking, prepare
from crawler.sites import is_local, site_left, site_of
from crawler.tls import DOUBT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from crawler.jobs import Job
    from crawler.portals import Portal

logger = logging.getLogger(__name__)


class Errand(Protocol):
    """A visit to one portal: gives jobs one by one and takes in what became of them."""

    portal: Portal
    sites: set[str]

    def take(self) -> Job | None:
        """Return the next job, or None when the visit is over."""
        ...

    def answer(self, job: Job, response: Response) -> Fault | None:
        """Take in an answer; return the fault that it is, None for content."""
        ...

    def fail(self, job: Job, fault: Fault) -> None:
        """Take in that no answer came."""
        ...

    def stop(self, fault: Fault) -> None:
        """End the visit."""
        ...

    def note(self, text: str) -> None:
        """Keep a remark on the whole visit."""
        ...


E = TypeVar("E", bound=Errand)


@dataclass(slots=True)
class Lane:
    """The portals of one host, which take turns; ``sites`` are those that their visits have asked so far."""

    waiting: deque[Sequence[Portal]]
    sites: set[str] = field(default_factory=set)


class VisitingSpider(Spider, Generic[E]):
    """Carries the jobs of visits to the portals and the answers back; what a visit brings are the spider's items.

    As many hosts are visited side by side as there may be requests: with more, nothing would be faster, and all that
    is known of a portal under way would be kept of all portals. ``visit_of`` makes the visit to a body's rows.
    """

    def __init__(
        self,
        *,
        groups: Iterable[Sequence[Portal]],
        visit_of: Callable[[Sequence[Portal]], E],
        note: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._visit_of = visit_of
        self._note = note
        self._lanes = _lanes(groups)
        self._visits: dict[int, tuple[E, Lane]] = {}
        self._on_site: dict[str, int] = {}
        self._gates: dict[str, Fault] = {}

    @classmethod
    def with_visits(
        cls,
        crawler: Crawler,
        groups: Sequence[Sequence[Portal]],
        visit_of: Callable[[Sequence[Portal]], E],
        **kwargs: Any,
    ) -> Self:
        """Make the spider, and get a browser ready where a portal's row asks for one and there is one."""
        rendered = sum(group[0].render for group in groups)
        reason = lacking(crawler.settings) if rendered else ""
        if reason:
            logger.warning("%s; %d portals are read without", reason, rendered)
        elif rendered:
            prepare(crawler.settings)
        return super().from_crawler(crawler, groups=groups, visit_of=visit_of, note=reason, **kwargs)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Put the operator's contact into the user agent."""
        super().update_settings(settings)
        if contact := settings.get("CONTACT"):
            agent = settings["USER_AGENT"].removesuffix(")")
            settings.set("USER_AGENT", f"{agent}; +{contact})", priority="spider")

    @abstractmethod
    def finish(self, visit: E) -> list[Any]:
        """Return the items of a visit that is over."""

    async def start(self) -> AsyncIterator[Any]:
        """Begin as many visits as there may be requests; each that ends begins the next."""
        if not self.settings["CONTACT"]:
            logger.warning("CONTACT is not set: name an address where portals can reach you")
        for _ in range(self.settings.getint("CONCURRENT_REQUESTS") or len(self._lanes)):
            for step in self._begin(None):
                yield step

    def _begin(self, lane: Lane | None) -> Iterator[Any]:
        """Begin with the next portal of a host, then with those of other hosts, until one has a request."""
        while lane := self._lane_after(lane):
            visit = self._make(lane.waiting.popleft())
            self._visits[id(visit)] = visit, lane
            if job := self._job_of(visit):
                yield self._request(visit, job, lane)
                return
            yield from self._end(visit)

    def _lane_after(self, lane: Lane | None) -> Lane | None:
        if lane and lane.waiting:
            return lane
        if lane:
            self._leave(lane)
        return self._lanes.popleft() if self._lanes else None

    def _leave(self, lane: Lane) -> None:
        """Say which sites nobody visits any more, so that what is kept for them can go."""
        for site in lane.sites:
            self._on_site[site] -= 1
            if not self._on_site[site]:
                del self._on_site[site]
                self.crawler.signals.send_catch_log(signal=site_left, site=site)

    def _make(self, group: Sequence[Portal]) -> E:
        visit = self._visit_of(group)
        if self._note and visit.portal.render:
            visit.note(self._note)
        return visit

    def _go_on(self, visit: E) -> Iterator[Any]:
        if id(visit) not in self._visits:
            return
        lane = self._visits[id(visit)][1]
        if job := self._job_of(visit):
            yield self._request(visit, job, lane)
            return
        yield from self._end(visit)
        yield from self._begin(lane)

    def _job_of(self, visit: E) -> Job | None:
        """Take a visit's next job; a visit that breaks while it is asked for it is over, and says so."""
        try:
            return self._open_job_of(visit)
        except Exception as error:
            logger.exception("visiting %s %s", visit.portal.code, visit.portal.name)
            visit.stop(Fault("family_unknown", "", f"{type(error).__name__}: {error}"))
            return None

    def _open_job_of(self, visit: E) -> Job | None:
        """The next job whose host has shown no gate to any visit of the run."""
        while (job := visit.take()) and (gate := self._gates.get(_host_of(job.ask.url))):
            visit.fail(job, replace(gate, detail=f"the host is left alone since {gate.url}: {gate.detail}"))
        return job

    def _end(self, visit: E) -> list[Any]:
        del self._visits[id(visit)]
        try:
            return self.finish(visit)
        except ArchiveError as error:
            raise CloseSpider(f"the archive cannot be written: {error}") from error

    def _request(self, visit: E, job: Job, lane: Lane) -> Request:
        site = site_of(job.ask.url)
        if site not in lane.sites:
            lane.sites.add(site)
            self._on_site[site] = self._on_site.get(site, 0) + 1
        meta: dict[str, object] = {
            "portal_code": visit.portal.code,
            "kind": job.kind,
            "list_title": job.title,
            "list_date": job.date,
            SITES: frozenset(visit.sites | ({site} if job.ask.named else set())),
            LOCAL_HOSTS: _local_hosts(visit.portal),
        }
        if visit.portal.render and job.kind != "attachment":
            meta[RENDER] = True
        if job.kind != "attachment":
            meta["download_maxsize"] = self.settings.getint("PAGE_MAXSIZE")
        headers = {"Referer": referer(job.referer, job.ask.url), "Content-Type": job.ask.media_type}
        return Request(
            job.ask.url,
            method=job.ask.method,
            body=job.ask.body,
            callback=self.answered,
            errback=self.failed,
            cb_kwargs={"visit": visit, "job": job},
            meta=meta,
            headers={name: value for name, value in headers.items() if value},
            # A visit asks for nothing twice; a filtered request would end it without a word.
            dont_filter=True,
        )

    def answered(self, response: Response, visit: E, job: Job) -> Iterator[Any]:
        """Hand an answer to its visit and go on."""
        if doubt := response.meta.get(DOUBT):
            visit.note(doubt)
        try:
            self._heed(visit.answer(job, response))
        except Exception as error:
            logger.exception("reading %s", response.url)
            visit.fail(job, Fault("family_unknown", response.url, f"{type(error).__name__}: {error}"))
        yield from self._go_on(visit)

    def failed(self, failure: Failure) -> Iterator[Any]:
        """Hand a failed download to its visit and go on; an archive that takes nothing more ends the run."""
        if isinstance(failure.value, ArchiveError) and not isinstance(failure.value, PayloadError):
            raise CloseSpider(f"the archive cannot be written: {failure.value}")
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it
        visit: E = request.cb_kwargs["visit"]
        fault = fault_of(failure.value, request, request.meta.get("retry_times", 0) + 1)
        self._heed(fault)
        visit.fail(request.cb_kwargs["job"], fault)
        yield from self._go_on(visit)

    def _heed(self, fault: Fault | None) -> None:
        """Keep a gate that stands before a host."""
        if fault and fault.stops and self._gates.setdefault(_host_of(fault.url), fault) is fault:
            logger.warning("%s is left alone: %s", _host_of(fault.url), fault.detail)
            self.crawler.stats.inc_value("reports/hosts_left_alone")

    def closed(self, reason: str) -> None:
        """Book the visits that the end of the run cut short, or kept from beginning."""
        under_way = [visit for visit, _ in self._visits.values()]
        not_begun = (self._make(group) for lane in (*self._lanes_begun(), *self._lanes) for group in lane.waiting)
        for visit in chain(under_way, not_begun):
            visit.stop(Fault("budget_exhausted", "", f"{CUT_SHORT} ({reason}) before the column was read to its end"))
            self.finish(visit)
        self._visits.clear()
        self._lanes.clear()

    def _lanes_begun(self) -> Iterator[Lane]:
        return (lane for _, lane in self._visits.values())


def _host_of(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _lanes(groups: Iterable[Sequence[Portal]]) -> deque[Lane]:
    """Put the portals of a host into one lane, as one request at a time goes to it; the longest lane is the first."""
    lanes: dict[str, Lane] = {}
    for group in groups:
        host = urlsplit(group[0].list_url or group[0].home_url).netloc
        lanes.setdefault(host, Lane(deque())).waiting.append(group)
    return deque(sorted(lanes.values(), key=lambda lane: -len(lane.waiting)))


@lru_cache(maxsize=1024)
def _local_hosts(portal: Portal) -> frozenset[str]:
    """The hosts of a portal whose catalogue row itself names an address of a private network or of this machine."""
    urls = [url for url in (portal.home_url, portal.hub_url, portal.list_url) if url and is_local(url)]
    return frozenset(urlsplit(url).hostname or "" for url in urls)
