"""Crawls the catalogue's report columns: every report of the wanted years, one outcome per portal and year."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.utils.misc import load_object

from crawler.archive import ArchiveWriter
from crawler.identity import Places
from crawler.outcomes import KEPT, report_years
from crawler.plan import Plan, by_body, parents_of
from crawler.portals import read_portals
from crawler.spiders.visiting import VisitingSpider
from crawler.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from captures import Outcome
    from crawler.portals import Portal

logger = logging.getLogger(__name__)

# Sent when a portal's visit is over, with its ``rows``.
visit_finished = object()


class ReportsSpider(VisitingSpider[Visit]):
    """Visits portals side by side, each with one request at a time; its items are outcomes.

    Arguments: ``county`` codes, separated by commas; ``years`` a year or a range; ``bodies``, ``all`` for the reports
    of departments and townships too; ``shard``, ``i/n`` for one of n parts; ``due``, ``yes`` for the portals whose
    next visit is due; ``portals`` and ``divisions`` files in place of the project's. Portals that the run of this
    name has done already are left out. Raises PortalError for a bad catalogue and ValueError for other bad arguments,
    before the first request.
    """

    name = "reports"

    def __init__(self, *, archive: ArchiveWriter | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._archive = archive

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *,
        county: str = "",
        years: str = "",
        portals: str = "",
        divisions: str = "",
        bodies: str = "own",
        shard: str = "",
        due: str = "",
        **kwargs: Any,
    ) -> ReportsSpider:
        """Read the catalogue and the archive's settings."""
        if bodies not in ("own", "all"):
            raise ValueError(f"bodies {bodies!r}: use own or all")
        path = Path(portals or crawler.settings["PORTALS_FILE"])
        places = Path(divisions or crawler.settings["DIVISIONS_FILE"])
        rows = read_portals(path, places)
        plan = Plan.of(county, shard, due)
        now = load_object(crawler.settings["CLOCK"])()
        wanted = report_years(years, now.date())
        archive = ArchiveWriter.for_crawler(crawler) if _archives(crawler.settings) else None
        chosen = plan.choose(rows, path, archive, now)
        names, parents = Places(places), parents_of(rows)
        budget = crawler.settings.getint("PORTAL_BUDGET")

        def visit_of(group: Sequence[Portal]) -> Visit:
            head = group[0]
            return Visit(group, wanted, budget, place=names.of(head), parent=parents(head), every_body=bodies == "all")

        return cls.with_visits(crawler, by_body(chosen), visit_of, archive=archive, **kwargs)

    def finish(self, visit: Visit) -> list[Outcome]:
        """Store the outcomes of a visit and return them."""
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
        _log(rows)
        return rows


def _log(rows: list[Outcome]) -> None:
    """One line for a visit and one for each year, with what machines that collect logs look for beside the words."""
    for row in rows:
        facts = {"portal": row.code, "portal_name": row.name, "report_year": row.report_year, "outcome": row.outcome}
        logger.info("portal year", extra=facts | {"url": row.url, "detail": row.detail, "run": row.run_id})
    kept = sum(row.outcome in KEPT for row in rows)
    facts = {"portal": rows[0].code, "portal_name": rows[0].name, "reports": kept, "run": rows[0].run_id}
    logger.info("portal visited", extra=facts)


def _archives(settings: BaseSettings) -> bool:
    """A replay reads the archive and leaves it as it is."""
    return settings.getbool("HTTPCACHE_ENABLED") and not settings.getbool("HTTPCACHE_IGNORE_MISSING")
