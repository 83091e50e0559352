"""Between spider and network: robots.txt, waits that a host asks for, redirects on the site, public addresses."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.blocks import fault_in
from crawler.outcomes import Fault, RefusedError, fault_of
from crawler.sites import is_home, site_left, site_of

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

ROBOTS_PRIORITY = 1000
# Keys of a request's meta: the sites of its portal, and the hosts at private addresses that its row itself names.
SITES = "sites"
LOCAL_HOSTS = "local_hosts"
WAITED = "waited_for_host"
# How long a host's addresses are taken for granted.
ADDRESS_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt amounts to: ``decision`` is the archive's word, a fault forbids the whole host.

    ``delay`` is the time between requests, in seconds, that it asks for; 0 where it asks for none.
    """

    decision: str
    parser: RobotParser | None = None
    fault: Fault | None = None
    delay: float = 0.0


class RobotsRules:
    """Keeps to robots.txt: 404 allows, 401 and 403 forbid, a server error or a gate leaves the host alone for this run.

    Scrapy's own middleware reads any answer as rules, so that a refused robots.txt would allow everything. The
    decision goes into the request's meta key ``robots``. A Crawl-delay longer than the host's own is kept to, up to
    CRAWL_DELAY_MAX seconds.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self._tries = crawler.settings.getint("RETRY_TIMES") + 1
        self._parser_class = load_object(crawler.settings["ROBOTSTXT_PARSER"])
        self._longest = crawler.settings.getfloat("CRAWL_DELAY_MAX")
        self._hosts: dict[str, asyncio.Task[Rules]] = {}
        crawler.signals.connect(self._forget, signal=site_left)

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
        if rules.delay:
            self._space_out(request, rules.delay)

    def _forget(self, site: str) -> None:
        for host in [host for host in self._hosts if site_of(f"//{host}") == site]:
            del self._hosts[host]

    def _space_out(self, request: Request, delay: float) -> None:
        downloader = self._crawler.engine.downloader
        key = downloader.get_slot_key(request)
        slot = downloader.slots.get(key)
        delay = max(delay, slot.delay if slot else 0.0, self._crawler.settings.getfloat("DOWNLOAD_DELAY"))
        # AutoThrottle would go below it, and chance up to half below.
        request.meta["autothrottle_dont_adjust_delay"] = True
        downloader.per_slot_settings[key] = {"delay": delay, "jitter": 0.0}
        if slot:
            slot.delay, slot.jitter = delay, 0.0

    async def _rules(self, request: Request) -> Rules:
        parts = urlsplit(request.url)
        if parts.netloc not in self._hosts:
            url = f"{parts.scheme}://{parts.netloc}/robots.txt"
            local = request.meta.get(LOCAL_HOSTS, frozenset())
            self._hosts[parts.netloc] = asyncio.ensure_future(self._fetch(url, local))
        return await self._hosts[parts.netloc]

    async def _fetch(self, url: str, local: frozenset[str]) -> Rules:
        self._count("request_count")
        meta = {"dont_obey_robotstxt": True, LOCAL_HOSTS: local}
        request = Request(url, callback=NO_CALLBACK, meta=meta, dont_filter=True, priority=ROBOTS_PRIORITY)
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever keeps robots.txt from coming is that host's fault
            return Rules("unreachable", fault=fault_of(error, request, self._tries))
        return self._read(response)

    def _read(self, response: Response) -> Rules:
        self._count(f"response_status_count/{response.status}")
        fault = fault_in(response)
        if fault is None:
            return self._rules_in(response.body)
        if fault.code == "soft404":
            return Rules("absent")
        code = "robots_disallow" if fault.code == "forbidden_page" and not fault.gate else fault.code
        return Rules("refused", fault=replace(fault, code=code, detail=f"robots.txt: {fault.detail}"))

    def _rules_in(self, body: bytes) -> Rules:
        parser = build_from_crawler(self._parser_class, self._crawler, body)
        asked = parser.crawl_delay(self._agent) or 0.0
        # Also no number (nan) and less than none are no wish.
        if not asked > 0:
            return Rules("allowed", parser)
        self._count("crawl_delay")
        delay = min(asked, self._longest)
        kept = "" if delay == asked else f", {delay:g} kept"
        return Rules(f"allowed, crawl-delay {asked:g}{kept}", parser, delay=delay)

    def _count(self, what: str) -> None:
        self._crawler.stats.inc_value(f"robotstxt/{what}")


class SameSiteRedirects(RedirectMiddleware):
    """Follows redirects on the portal's own site, and refuses circles and those to a home page or to other sites.

    Judges requests whose meta key ``sites`` names the sites of their portal; others are followed as Scrapy does.
    """

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - Scrapy's signature
        """Leave the Referer as it is, where it may be told: the page that linked the address did not change."""
        linking = (request.headers.get("Referer") or b"").decode("latin-1")
        if linking and not referer(linking, request.url):
            del request.headers["Referer"]

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's signature
    ) -> Request | Response:
        """Return the response, or the request that it redirects to; raises RefusedError."""
        answer = super().process_response(request, response)
        sites = request.meta.get(SITES)
        if isinstance(answer, Request):
            # The copy would go on in the slot of the host that it leaves, beside the requests of the one it goes to.
            answer.meta.pop("download_slot", None)
            if sites:
                _judge_redirect(request.url, answer.url, sites)
        return answer


def referer(linking: str, url: str) -> str:
    """Return what a request for an address may tell of the page that linked it (RFC 9110, 10.1.3).

    Never a fragment, and nothing of a page that came in secret to who reads along.
    """
    secret = linking.startswith("https:") and not url.startswith("https:")
    return "" if secret else linking.partition("#")[0]


def _judge_redirect(url: str, target: str, sites: frozenset[str]) -> None:
    if target == url:
        raise RefusedError(Fault("cookie_gate", url, "the address redirects to itself"))
    if site_of(target) not in sites:
        raise RefusedError(Fault("offsite_redirect", url, f"the address redirects to another site: {target}"))
    if is_home(target) and not is_home(url):
        raise RefusedError(Fault("to_home", url, f"the address redirects to the home page: {target}"))


class RetryAfter:
    """Waits as long as a host asks with Retry-After, up to RETRY_AFTER_MAX seconds, and asks once more.

    Meanwhile no other request goes to the host. A longer wait, or a second refusal, is left to what follows.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._until: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfter:
        """Make the middleware from the setting RETRY_AFTER_MAX, in seconds."""
        return cls(crawler.settings.getfloat("RETRY_AFTER_MAX"))

    async def process_request(self, request: Request) -> None:
        """Hold a request back until its host wants to be asked again."""
        wait = self._until.get(urlsplit(request.url).netloc, 0.0) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response, or the request again where the host asked to wait."""
        if response.status not in (429, 503) or request.meta.get(WAITED):
            return response
        wait = seconds_to_wait(response.headers.get("Retry-After"), datetime.now(UTC))
        if wait is None or wait > self._longest:
            return response
        self._until[urlsplit(request.url).netloc] = time.monotonic() + wait
        again = request.replace(dont_filter=True)
        again.meta[WAITED] = True
        return again


def seconds_to_wait(header: bytes | None, now: datetime) -> float | None:
    """Read a Retry-After header, which gives seconds or a date (RFC 9110, 10.2.3); None where it gives neither."""
    text = (header or b"").decode("latin-1").strip()
    if text.isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())


class PublicAddresses:
    """Refuses addresses of private networks and of this machine, unless the portal's catalogue row names such a host.

    Sits next to the network: it judges the addresses that a name resolves to before the request, and the address that
    answered before anything is archived, since a name may lead elsewhere a moment later.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, list[str]]] = {}

    async def process_request(self, request: Request) -> None:
        """Let a request pass, or raise RefusedError."""
        host = urlsplit(request.url).hostname or ""
        # A proxy resolves names by itself.
        if host in request.meta.get(LOCAL_HOSTS, ()) or request.meta.get("proxy"):
            return
        for address in await self._addresses(host):
            _judge_address(request.url, host, address)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, or raise RefusedError."""
        host = urlsplit(request.url).hostname or ""
        if response.ip_address and host not in request.meta.get(LOCAL_HOSTS, ()) and not request.meta.get("proxy"):
            _judge_address(request.url, host, str(response.ip_address))
        return response

    async def _addresses(self, host: str) -> list[str]:
        """A host's addresses; none where it has none, which the download then says."""
        seen, found = self._known.get(host, (0.0, []))
        if found and time.monotonic() - seen < ADDRESS_SECONDS:
            return found
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return []
        found = sorted({str(answer[4][0]) for answer in answers})
        self._known[host] = time.monotonic(), found
        return found


def _judge_address(url: str, host: str, address: str) -> None:
    if not ipaddress.ip_address(address.partition("%")[0]).is_global:
        detail = f"{host} is at the private address {address}: only a catalogue row may name such a host"
        raise RefusedError(Fault("offsite_redirect", url, detail))
