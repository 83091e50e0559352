"""What the crawler refuses, waits for, and keeps within limits."""

from __future__ import annotations

import asyncio
import gzip
import sys
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from aiohttp import web
from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from captures import Archive
from crawler.middlewares import LOCAL_HOSTS, PublicAddresses, SameSiteRedirects, referer, seconds_to_wait
from crawler.outcomes import RefusedError
from crawler.tls import doubt_in
from tests.portals.base import Answer
from tests.portals.catalogue import QUICK, county_reports, crawl_portals
from tests.portals.county import COLUMN, CountyPortal
from tests.portals.doors import TwoDoorsPortal, certificate
from tests.portals.trs import TrsPortal
from tests.test_discovery import ALL_YEARS, FOUND, codes_of, crawl_counties, outcomes_of

if TYPE_CHECKING:
    import ssl

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

# What is told of the page before


@pytest.mark.parametrize(
    ("linking", "url", "told"),
    [
        ("", "http://e.gov.cn/", ""),
        ("http://e.gov.cn/nb/", "http://e.gov.cn/1.html", "http://e.gov.cn/nb/"),
        ("http://e.gov.cn/nb/", "https://api.e.gov.cn/list", "http://e.gov.cn/nb/"),
        ("https://e.gov.cn/gkmlpt/annualreport#2", "https://e.gov.cn/1.html", "https://e.gov.cn/gkmlpt/annualreport"),
        ("https://e.gov.cn/nb/", "http://e.gov.cn/1.html", ""),
    ],
)
def test_what_a_request_tells_of_the_page_that_linked_it(linking: str, url: str, told: str) -> None:
    assert referer(linking, url) == told


@pytest.mark.parametrize(("target", "told"), [("https://e.gov.cn/2.html", b"https://e.gov.cn/nb/"), ("/2.html", None)])
def test_redirect_tells_no_more_of_it(target: str, told: bytes | None) -> None:
    crawler = get_crawler()
    crawler.spider = Spider("any")
    redirects = SameSiteRedirects.from_crawler(crawler)
    request = Request("http://e.gov.cn/1.html", headers={"Referer": "https://e.gov.cn/nb/"})
    answer = redirects.process_response(request, Response(request.url, status=302, headers={"Location": target}))
    assert isinstance(answer, Request)
    assert answer.headers.get("Referer") == told


# Private addresses


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *("[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "localhost", "2130706433"),
    ],
)
async def test_private_addresses_are_refused(host: str) -> None:
    guard = PublicAddresses()
    with pytest.raises(RefusedError, match="private address"):
        await guard.process_request(Request(f"http://{host}/"))
    name = host.strip("[]")
    await guard.process_request(Request(f"http://{host}/", meta={LOCAL_HOSTS: frozenset({name})}))


async def test_name_that_leads_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def resolve(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        addresses = {"good.gov.cn": ["8.8.8.8"], "bad.gov.cn": ["8.8.8.8", "10.0.0.7"]}
        return [(0, 0, 0, "", (address, 0)) for address in addresses[host]]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    guard = PublicAddresses()
    await guard.process_request(Request("http://good.gov.cn/a"))
    await guard.process_request(Request("http://good.gov.cn/b"))
    assert asked == ["good.gov.cn"]
    with pytest.raises(RefusedError, match=r"bad\.gov\.cn is at the private address 10\.0\.0\.7"):
        await guard.process_request(Request("http://bad.gov.cn/"))


def test_answer_from_a_private_address_is_not_taken() -> None:
    def answered(address: str, **meta: object) -> Response:
        request = Request("http://good.gov.cn/", meta=meta)
        place: Any = ip_address(address)
        return PublicAddresses().process_response(request, Response(request.url, ip_address=place))

    assert answered("8.8.8.8").status == 200
    assert answered("10.0.0.7", proxy="http://10.0.0.7:3128").status == 200
    with pytest.raises(RefusedError, match=r"10\.0\.0\.7"):
        answered("10.0.0.7")


# Waiting


class SpacedPortal(TrsPortal):
    """A portal whose robots.txt asks for time between requests, and that notes when each came."""

    def __init__(self, delay: str) -> None:
        super().__init__("阳高县", county_reports("阳高县", 2023, 2023))
        self.delay = delay
        self.times: list[float] = []

    def _robots(self, request: web.Request) -> Answer | None:
        self.times.append(time.monotonic())
        if request.path != "/robots.txt":
            return None
        return Answer(f"User-agent: *\nCrawl-delay: {self.delay}\nAllow: /\n".encode(), "text/plain")


@pytest.mark.parametrize(
    ("asked", "seconds", "decision"),
    [
        ("0.4", 0.4, "allowed, crawl-delay 0.4"),
        ("600", 0.5, "allowed, crawl-delay 600, 0.5 kept"),
        ("-3", 0.0, "allowed"),
        ("soon", 0.0, "allowed"),
    ],
)
@pytest.mark.parametrize("throttle", ["True", "False"])
async def test_crawl_delay_is_kept_to_a_limit(
    asked: str, seconds: float, decision: str, throttle: str, tmp_path: Path
) -> None:
    settings = {"CRAWL_DELAY_MAX": "0.5", "AUTOTHROTTLE_ENABLED": throttle, "AUTOTHROTTLE_START_DELAY": "0"}
    async with SpacedPortal(asked) as portal:
        await crawl_portals(tmp_path, {"140221": portal}, **settings)
    waits = [later - sooner for sooner, later in pairwise(portal.times)]
    assert len(waits) == 3
    # Timers of the event loop may be a few milliseconds early.
    assert min(waits) > seconds - 0.02
    with Archive(tmp_path / "archive") as archive:
        assert {capture.robots for capture in archive.captures(portal_code="140221")} == {decision}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (b"Sat, 31 Jan 2026 12:01:00 GMT", 60.0),
        (b"Sat, 31 Jan 2026 11:00:00 GMT", 0.0),
        (b"soon", None),
        (b"-5", None),
        (b"", None),
        (None, None),
    ],
)
def test_retry_after_gives_seconds_or_a_date(header: bytes | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, NOW) == seconds


class BusyPortal(CountyPortal):
    """Refuses its column ``times`` times and asks to come back after ``wait`` seconds."""

    def __init__(self, *args: Any, status: int = 429, wait: str = "1", times: int = 1) -> None:
        super().__init__(*args)
        self.status, self.wait, self.times = status, wait, times
        self.asked_at: list[float] = []

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.path == COLUMN:
            self.asked_at.append(asyncio.get_running_loop().time())
            if len(self.asked_at) <= self.times:
                return web.Response(status=self.status, headers={"Retry-After": self.wait})
        return await super()._serve(request)


@pytest.mark.parametrize("status", [429, 503])
async def test_host_that_asks_to_wait_is_asked_again_after_that(status: int, tmp_path: Path) -> None:
    async with BusyPortal("阳高县", "140221", county_reports("阳高县"), status=status) as portal:
        await crawl_counties(tmp_path, [portal], lists=True)
    assert codes_of(tmp_path)["140221"] == FOUND
    assert portal.asked_at[1] - portal.asked_at[0] >= 0.95


@pytest.mark.parametrize(("wait", "times", "asked"), [("3600", 1, 1), ("0", 9, 2)])
async def test_host_that_asks_for_too_much_is_left_alone(wait: str, times: int, asked: int, tmp_path: Path) -> None:
    async with BusyPortal("阳高县", "140221", county_reports("阳高县"), wait=wait, times=times) as portal:
        await crawl_counties(tmp_path, [portal], lists=True)
        assert [path for _, path in portal.requests] == ["/robots.txt"]
    assert codes_of(tmp_path)["140221"] == dict.fromkeys(ALL_YEARS, "throttled")
    assert len(portal.asked_at) == asked


# Limits


class HeavyPortal(CountyPortal):
    """Sends a column that is small on the wire and large when unpacked, or that never comes to an end."""

    endless = False

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.path != COLUMN:
            return await super()._serve(request)
        if not self.endless:
            packed = gzip.compress(b"\0" * 4_000_000)
            return web.Response(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})
        answer = web.StreamResponse(headers={"Content-Type": "text/html"})
        await answer.prepare(request)
        for _ in range(40):
            await answer.write(b"<p>drop</p>")
            await asyncio.sleep(0.05)
        return answer


async def test_page_that_unpacks_to_more_than_allowed_is_not_read(tmp_path: Path) -> None:
    async with HeavyPortal("阳高县", "140221", county_reports("阳高县")) as portal:
        await crawl_counties(tmp_path, [portal], lists=True, PAGE_MAXSIZE="1000000")
    row = outcomes_of(tmp_path)["140221", "阳高县"][2020]
    assert (row.outcome, row.detail) == ("unreachable", "the answer is larger than allowed")


@pytest.mark.fault("slow drip")
async def test_page_that_drips_in_is_given_up(tmp_path: Path) -> None:
    async with HeavyPortal("阳高县", "140221", county_reports("阳高县")) as portal:
        portal.endless = True
        await crawl_counties(tmp_path, [portal], lists=True, DOWNLOAD_TIMEOUT="0.5")
    row = outcomes_of(tmp_path)["140221", "阳高县"][2020]
    assert (row.outcome, row.detail) == ("unreachable", "no answer in time")


# TLS


class SecurePortal(CountyPortal):
    """A county site over TLS."""

    tls: ssl.SSLContext

    @property
    def home_url(self) -> str:
        return super().home_url.replace("http://", "https://")

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.tls).start()
        self.port = self._runner.addresses[0][1]
        self.files = self.build()
        return self


async def test_bad_certificate_is_read_past_by_host_and_on_record(tmp_path: Path) -> None:
    secure = SecurePortal("阳高县", "140221", county_reports("阳高县"))
    secure.tls = certificate(tmp_path)
    plain = CountyPortal("天镇县", "140222", county_reports("天镇县"))
    async with secure, plain:
        await crawl_counties(tmp_path, [secure, plain])
    rows = outcomes_of(tmp_path)
    assert {row.outcome for row in rows["140221", "阳高县"].values()} == {"found"}, rows["140221", "阳高县"][2020]
    said = rows["140221", "阳高县"][2020].detail
    assert said.startswith(f"127.0.0.1:{secure.port}: its certificate is not valid (")
    assert said.endswith("read without that check")
    assert {row.detail for row in rows["140222", "天镇县"].values()} == {""}


async def test_bad_certificate_with_the_reactor_of_the_scrapy_command(tmp_path: Path) -> None:
    secure = SecurePortal("阳高县", "140221", county_reports("阳高县"))
    secure.tls = certificate(tmp_path)
    async with secure:
        (tmp_path / "portals.csv").write_text(
            f"code,name,level,home_url\n140221,阳高县,county,{secure.home_url}\n", encoding="utf-8"
        )
        (tmp_path / "divisions.csv").write_text("code\n140221\n", encoding="utf-8")
        settings = QUICK | {"ARCHIVE_DIR": str(tmp_path / "archive"), "DIVISIONS_FILE": str(tmp_path / "divisions.csv")}
        flags = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scrapy", "crawl", "reports", "-a", f"portals={tmp_path / 'portals.csv'}", *flags),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT,
        )
        output = (await process.communicate())[0].decode()
    rows = outcomes_of(tmp_path)["140221", "阳高县"]
    assert rows[2020].outcome == "found", (rows[2020], output)
    assert "its certificate is not valid" in rows[2020].detail


# What a crawl comes to by the way that a site sends its readers, the scheme of its links, and the catalogue's column.
DOORS = {
    ("https", "", False): ("found", {"https"}),
    ("https", "http", False): ("found", {"https"}),
    ("https", "https", True): ("found", {"https"}),
    ("https_home", "", False): ("found", {"https"}),
    # The catalogue's http address of the column leads to the home page, and that to its https address.
    ("https_home", "", True): ("found", {"https"}),
    ("http", "", True): ("found", {"http"}),
    ("", "https", False): ("found", {"https"}),
    ("https_403", "", True): ("found", {"http"}),
    ("https_403", "https", True): ("forbidden_page", {"https"}),
    ("circle", "", False): ("unreachable", {"http"}),
}


@pytest.mark.parametrize("listed", [False, True])
async def test_sites_that_send_their_readers_from_http_to_https_or_back(tmp_path: Path, listed: bool) -> None:
    tls = certificate(tmp_path)
    cases = {key: said for key, said in DOORS.items() if key[2] == listed}
    portals = [
        TwoDoorsPortal(
            *(name := f"阳{'甲乙丙丁戊己'[number]}县", f"{140221 + number}", county_reports(name)),
            way=way,
            tls=tls,
            absolute=absolute,
        )
        for number, (way, absolute, _) in enumerate(cases)
    ]
    async with AsyncExitStack() as stack:
        for portal in portals:
            await stack.enter_async_context(portal)
        await crawl_counties(tmp_path, [*portals], lists=listed)
    rows = outcomes_of(tmp_path)
    for portal, (key, (code, schemes)) in zip(portals, cases.items(), strict=True):
        said = rows[portal.code, portal.name]
        assert {year: row.outcome for year, row in said.items()} == dict.fromkeys(ALL_YEARS, code), key
        assert {row.url.partition(":")[0] for row in said.values()} == schemes, key
        assert ("its certificate is not valid" in said[2020].detail) == (schemes == {"https"}), key
        assert portal.max_in_flight == 1, key
        assert not portal.unknown, key


@pytest.mark.parametrize(
    ("error", "doubt"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate", "certificate"),
        ("Error([('SSL routines', '', 'certificate verify failed')])", "certificate"),
        ("VerificationError(errors=[DNSMismatch(mismatched_id=DNS_ID(hostname=b'e'))])", "certificate"),
        ("[SSL: DH_KEY_TOO_SMALL] dh key too small", "out of date"),
        ("[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol", "out of date"),
        ("Cannot connect to host e:443 [Connection refused]", ""),
        ("[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred", ""),
    ],
)
def test_only_certificate_and_protocol_are_read_past(error: str, doubt: str) -> None:
    said = doubt_in(error)
    assert doubt in said
    assert bool(said) == bool(doubt)
