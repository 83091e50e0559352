"""Looks for report columns from the home pages on, or checks what the catalogue says, and archives nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.identity import Places
from crawler.plan import Plan, by_body, parents_of
from crawler.portals import read_portals
from crawler.spiders.visiting import VisitingSpider
from crawler.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from crawler.portals import Portal
    from crawler.survey import Finding

# Sent when a portal is surveyed, with its ``finding``.
survey_finished = object()


class DiscoverSpider(VisitingSpider[Survey]):
    """Surveys portals; its items are findings.

    Arguments: ``county`` codes, separated by commas; ``check``, ``yes`` to look at home page and known column alone;
    ``portals`` and ``divisions`` files in place of the project's. Raises PortalError for a bad catalogue.
    """

    name = "discover"

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Keep nothing: what a survey sees is looked at once."""
        super().update_settings(settings)
        settings.set("HTTPCACHE_ENABLED", False, priority="spider")

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *,
        county: str = "",
        check: str = "",
        portals: str = "",
        divisions: str = "",
        **kwargs: Any,
    ) -> DiscoverSpider:
        """Read the catalogue."""
        path = Path(portals or crawler.settings["PORTALS_FILE"])
        places = Path(divisions or crawler.settings["DIVISIONS_FILE"])
        rows = read_portals(path, places)
        names, parents = Places(places), parents_of(rows)

        def visit_of(group: Sequence[Portal]) -> Survey:
            return Survey(group[0], names.of(group[0]), parents(group[0]), check_only=check == "yes")

        return cls.with_visits(crawler, by_body(Plan.of(county, "", "").choose(rows, path, None)), visit_of, **kwargs)

    def finish(self, visit: Survey) -> list[Finding]:
        """Return what a survey found."""
        finding = visit.finding()
        self.crawler.signals.send_catch_log(signal=survey_finished, finding=finding)
        return [finding]
