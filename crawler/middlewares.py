"""Between spider and network: robots.txt, and redirects that stay on the site."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.blocks import fault_in
from crawler.outcomes import Fault, RefusedError, fault_of
from crawler.sites import is_home, site_of

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

ROBOTS_PRIORITY = 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt amounts to: ``decision`` is the archive's word, a fault forbids the whole host."""

    decision: str
    parser: RobotParser | None = None
    fault: Fault | None = None


class RobotsRules:
    """Keeps to robots.txt: 404 allows, 401 and 403 forbid, a server error or a gate leaves the host alone for this run.

    Scrapy's own middleware reads any answer as rules, so that a refused robots.txt would allow everything. The
    decision goes into the request's meta key ``robots``.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self._tries = crawler.settings.getint("RETRY_TIMES") + 1
        self._parser_class = load_object(crawler.settings["ROBOTSTXT_PARSER"])
        self._hosts: dict[str, asyncio.Task[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsRules:
        """Make the middleware; raises NotConfigured where ROBOTSTXT_OBEY is off."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass, or raise RefusedError."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        rules = await self._rules(request)
        request.meta["robots"] = rules.decision
        if rules.fault:
            raise RefusedError(rules.fault)
        if rules.parser and not rules.parser.allowed(request.url, self._agent):
            self._count("forbidden")
            raise RefusedError(Fault("robots_disallow", request.url, "forbidden by robots.txt"))

    async def _rules(self, request: Request) -> Rules:
        parts = urlsplit(request.url)
        if parts.netloc not in self._hosts:
            url = f"{parts.scheme}://{parts.netloc}/robots.txt"
            self._hosts[parts.netloc] = asyncio.ensure_future(self._fetch(url))
        return await self._hosts[parts.netloc]

    async def _fetch(self, url: str) -> Rules:
        self._count("request_count")
        request = Request(
            url, callback=NO_CALLBACK, meta={"dont_obey_robotstxt": True}, dont_filter=True, priority=ROBOTS_PRIORITY
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever keeps robots.txt from coming is that host's fault
            return Rules("unreachable", fault=fault_of(error, request, self._tries))
        return self._read(response)

    def _read(self, response: Response) -> Rules:
        self._count(f"response_status_count/{response.status}")
        fault = fault_in(response)
        if fault is None:
            return Rules("allowed", build_from_crawler(self._parser_class, self._crawler, response.body))
        if fault.code == "soft404":
            return Rules("absent")
        code = "robots_disallow" if fault.code == "forbidden_page" else fault.code
        return Rules("refused", fault=Fault(code, response.url, f"robots.txt: {fault.detail}"))

    def _count(self, what: str) -> None:
        self._crawler.stats.inc_value(f"robotstxt/{what}")


class SameSiteRedirects(RedirectMiddleware):
    """Follows redirects on the portal's own site, and refuses circles and those to a home page or to other sites.

    Judges requests whose meta key ``sites`` names the sites of their portal; others are followed as Scrapy does.
    """

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's signature
    ) -> Request | Response:
        """Return the response, or the request that it redirects to; raises RefusedError."""
        answer = super().process_response(request, response)
        sites = request.meta.get("sites")
        if isinstance(answer, Request) and sites:
            _judge_redirect(request.url, answer.url, sites)
        return answer


def _judge_redirect(url: str, target: str, sites: frozenset[str]) -> None:
    if target == url:
        raise RefusedError(Fault("cookie_gate", url, "the address redirects to itself"))
    if site_of(target) not in sites:
        raise RefusedError(Fault("offsite_redirect", url, f"the address redirects to another site: {target}"))
    if is_home(target) and not is_home(url):
        raise RefusedError(Fault("to_home", url, f"the address redirects to the home page: {target}"))
