"""Crawls the catalogue's report columns: every report of the wanted years, one outcome per portal and year."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider

from crawler.archive import ArchiveWriter
from crawler.outcomes import KEPT, Fault, fault_of, report_years
from crawler.portals import BODIES, read_portals, select
from crawler.sites import site_of
from crawler.visit import Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from captures import Outcome
    from crawler.portals import Portal
    from crawler.visit import Job

logger = logging.getLogger(__name__)

# Sent when a portal's visit is over, with its ``rows``.
visit_finished = object()


class ReportsSpider(Spider):
    """Visits portals side by side, each with one request at a time; its items are outcomes.

    Arguments: ``county`` codes, separated by commas; ``years`` a year or a range; ``portals`` and ``divisions`` files
    in place of the project's. Raises PortalError for a bad catalogue and ValueError for bad years, before the first
    request.
    """

    name = "reports"

    def __init__(self, *, visits: list[Visit], archive: ArchiveWriter | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._visits = {id(visit): visit for visit in visits}
        self._archive = archive

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Put the operator's contact into the user agent, or warn that there is none."""
        super().update_settings(settings)
        if contact := settings.get("CONTACT"):
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        county: str = "",
        years: str = "",
        portals: str = "",
        divisions: str = "",
        **kwargs: Any,
    ) -> ReportsSpider:
        """Read the catalogue and the archive's settings."""
        path = Path(portals or crawler.settings["PORTALS_FILE"])
        rows = read_portals(path, Path(divisions or crawler.settings["DIVISIONS_FILE"]))
        counties = [code.strip() for code in county.split(",") if code.strip()]
        wanted = report_years(years, datetime.now(UTC).date())
        budget = crawler.settings.getint("PORTAL_BUDGET")
        visits = [Visit(group, wanted, budget) for group in _by_body(select(rows, counties, path))]
        archive = ArchiveWriter.for_crawler(crawler) if _archives(crawler.settings) else None
        return super().from_crawler(crawler, visits=visits, archive=archive, **kwargs)

    async def start(self) -> AsyncIterator[Request | Outcome]:
        """Begin every visit with its first request."""
        if not self.settings["CONTACT"]:
            logger.warning("CONTACT is not set: name an address where portals can reach you")
        for visit in list(self._visits.values()):
            for step in self._go_on(visit):
                yield step

    def _go_on(self, visit: Visit) -> Iterator[Request | Outcome]:
        job = visit.take()
        if job:
            yield self._request(visit, job)
        elif self._visits.pop(id(visit), None):
            yield from self._finish(visit)

    def _request(self, visit: Visit, job: Job) -> Request:
        meta: dict[str, object] = {
            "portal_code": visit.portal.code,
            "kind": job.kind,
            "list_title": job.title,
            "list_date": job.date,
            "sites": visit.sites | ({site_of(job.ask.url)} if job.ask.named else set()),
        }
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

    def answered(self, response: Response, visit: Visit, job: Job) -> Iterator[Request | Outcome]:
        """Hand an answer to its visit and go on."""
        try:
            visit.answer(job, response)
        except Exception as error:
            logger.exception("reading %s", response.url)
            visit.fail(job, Fault("family_unknown", response.url, f"{type(error).__name__}: {error}"))
        yield from self._go_on(visit)

    def failed(self, failure: Failure) -> Iterator[Request | Outcome]:
        """Hand a failed download to its visit and go on."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it
        visit: Visit = request.cb_kwargs["visit"]
        visit.fail(request.cb_kwargs["job"], fault_of(failure.value, request, request.meta.get("retry_times", 0) + 1))
        yield from self._go_on(visit)

    def closed(self, reason: str) -> None:
        """Book the visits that the end of the run cut short."""
        for visit in self._visits.values():
            visit.stop(Fault("budget_exhausted", "", f"the run ended ({reason}) before the column was read to its end"))
            self._finish(visit)
        self._visits.clear()

    def _finish(self, visit: Visit) -> list[Outcome]:
        rows = visit.outcomes(self._archive.run_id if self._archive else "")
        if self._archive:
            self._archive.write_outcomes(rows)
        stats = self.crawler.stats
        stats.set_value("reports/run_id", rows[0].run_id)
        stats.inc_value("reports/portals")
        stats.inc_value("reports/other_bodies", visit.findings.others)
        for row in rows:
            stats.inc_value(f"reports/outcome/{row.outcome}")
        stats.inc_value("reports/found", sum(row.outcome in KEPT for row in rows))
        self.crawler.signals.send_catch_log(signal=visit_finished, rows=rows)
        return rows


def _archives(settings: BaseSettings) -> bool:
    """A replay reads the archive and leaves it as it is."""
    return settings.getbool("HTTPCACHE_ENABLED") and not settings.getbool("HTTPCACHE_IGNORE_MISSING")


def _by_body(portals: list[Portal]) -> list[list[Portal]]:
    """Put the rows of one body together: they are columns of one portal."""
    groups: dict[tuple[str, str], list[Portal]] = {}
    for portal in portals:
        groups.setdefault((portal.code, portal.name if portal.level in BODIES else ""), []).append(portal)
    return list(groups.values())
