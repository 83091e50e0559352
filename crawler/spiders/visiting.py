"""What the spiders share: visits side by side, each with one request at a time."""

from __future__ import annotations

import logging
from abc import abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider

from captures import ArchiveError, PayloadError
from crawler.middlewares import LOCAL_HOSTS, SITES
from crawler.outcomes import CUT_SHORT, Fault, fault_of
from crawler.render import RENDER, lacking, prepare
from crawler.sites import is_local, site_of
from crawler.tls import DOUBT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
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

    def answer(self, job: Job, response: Response) -> None:
        """Take in an answer."""
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


class VisitingSpider(Spider, Generic[E]):
    """Carries the jobs of visits to the portals and the answers back; what a visit brings are the spider's items."""

    def __init__(self, *, visits: Sequence[E], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._visits = {id(visit): visit for visit in visits}

    @classmethod
    def with_visits(cls, crawler: Crawler, visits: Sequence[E], **kwargs: Any) -> Self:
        """Make the spider, and get a browser ready where a portal's row asks for one and there is one."""
        rendered = [visit for visit in visits if visit.portal.render]
        reason = lacking(crawler.settings) if rendered else ""
        if reason:
            logger.warning("%s; %d portals are read without", reason, len(rendered))
            for visit in rendered:
                visit.note(reason)
        elif rendered:
            prepare(crawler.settings)
        return super().from_crawler(crawler, visits=visits, **kwargs)

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
        """Begin every visit with its first request."""
        if not self.settings["CONTACT"]:
            logger.warning("CONTACT is not set: name an address where portals can reach you")
        for visit in list(self._visits.values()):
            for step in self._go_on(visit):
                yield step

    def _go_on(self, visit: E) -> Iterator[Any]:
        job = visit.take()
        if job:
            yield self._request(visit, job)
        elif self._visits.pop(id(visit), None):
            yield from self.finish(visit)

    def _request(self, visit: E, job: Job) -> Request:
        meta: dict[str, object] = {
            "portal_code": visit.portal.code,
            "kind": job.kind,
            "list_title": job.title,
            "list_date": job.date,
            SITES: frozenset(visit.sites | ({site_of(job.ask.url)} if job.ask.named else set())),
            LOCAL_HOSTS: _local_hosts(visit.portal),
        }
        if visit.portal.render and job.kind != "attachment":
            meta[RENDER] = True
        if job.kind != "attachment":
            meta["download_maxsize"] = self.settings.getint("PAGE_MAXSIZE")
        headers = {"Referer": job.referer, "Content-Type": job.ask.media_type}
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
            visit.answer(job, response)
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
        visit.fail(request.cb_kwargs["job"], fault_of(failure.value, request, request.meta.get("retry_times", 0) + 1))
        yield from self._go_on(visit)

    def closed(self, reason: str) -> None:
        """Book the visits that the end of the run cut short."""
        for visit in self._visits.values():
            visit.stop(Fault("budget_exhausted", "", f"{CUT_SHORT} ({reason}) before the column was read to its end"))
            self.finish(visit)
        self._visits.clear()


@lru_cache(maxsize=1024)
def _local_hosts(portal: Portal) -> frozenset[str]:
    """The hosts of a portal whose catalogue row itself names an address of a private network or of this machine."""
    urls = [url for url in (portal.home_url, portal.hub_url, portal.list_url) if url and is_local(url)]
    return frozenset(urlsplit(url).hostname or "" for url in urls)
