"""What all fake portals share: a server on a free loopback port that counts, validates and knows its own addresses."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self
from urllib.parse import unquote

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HTML = "text/html; charset=utf-8"
MODIFIED = "Mon, 20 Jan 2025 08:00:00 GMT"


class Report(NamedTuple):
    """One report as published: a title, an ISO date, a body (a fragment, or a whole page), and files by name."""

    title: str
    date: str
    html: bytes
    attachments: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the portal sends for one address."""

    body: bytes
    media_type: str = HTML
    status: int = 200
    location: str = ""


class FakePortal:
    """A portal to crawl: ``async with portal`` serves it, ``list_url`` is its report column.

    ``requests`` holds method and address of each request, ``referers`` the page each address was found on, ``bodies``
    counts the full bodies sent, ``max_in_flight`` the most requests answered at a time, ``unknown`` the addresses
    that nobody should have asked for. Hosts are told apart by address: 127.0.0.2 is another host, on this machine too.
    """

    family: ClassVar[str] = ""
    quirk_names: ClassVar[frozenset[str]] = frozenset()
    site_quirks: ClassVar[frozenset[str]] = frozenset(
        {"robots_absent", "robots_deny", "robots_403", "robots_500", "gbk", "truncated"}
    )

    def __init__(
        self,
        name: str,
        reports: Iterable[tuple[object, ...]] = (),
        quirks: Iterable[str] = (),
        *,
        validators: bool = True,
        per_page: int = 3,
        latency: float = 0.0,
        host: str = "127.0.0.1",
    ) -> None:
        self.name = name
        self.reports = [Report(*report) for report in reports]  # type: ignore[arg-type]
        self.quirks = frozenset(quirks)
        if bad := self.quirks - self.quirk_names - self.site_quirks:
            raise ValueError(f"{type(self).__name__} has no quirk {', '.join(sorted(bad))}")
        self.validators = validators
        self.per_page = per_page
        self.latency = latency
        self.host = host
        self.port = 0
        self.requests: list[tuple[str, str]] = []
        self.referers: dict[str, str] = {}
        self.unknown: list[str] = []
        self.bodies = 0
        self.in_flight = 0
        self.max_in_flight = 0
        self.files: dict[str, Answer] = {}
        self._runner: web.AppRunner | None = None

    list_path: ClassVar[str] = "/"

    @property
    def home_url(self) -> str:
        """The portal's home page."""
        return f"http://{self.host}:{self.port}/"

    @property
    def list_url(self) -> str:
        """The portal's report column."""
        return self.home_url.rstrip("/") + self.list_path

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.files = self.build()
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    def build(self) -> dict[str, Answer]:
        """Return the portal's files by address."""
        return {}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer addresses that are no files; None where there is nothing."""
        return None

    def assert_no_unknown(self) -> None:
        """Fail if anything was asked for that no page of the portal leads to."""
        assert not self.unknown, f"{self.name}: unknown addresses were asked for: {self.unknown}"

    def forget(self) -> None:
        """Set all counts back."""
        self.requests.clear()
        self.unknown.clear()
        self.bodies = 0
        self.max_in_flight = 0

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        self.requests.append((request.method, request.path_qs))
        self.referers[request.path_qs] = request.headers.get("Referer", "")
        try:
            await asyncio.sleep(self.latency)
            answer = self._robots(request) or await self.dynamic(request) or self._file(request)
            return self._send(request, answer)
        finally:
            self.in_flight -= 1

    def _file(self, request: web.Request) -> Answer:
        answer = self.files.get(request.path_qs) or self.files.get(unquote(request.path_qs))
        if answer is None:
            self.unknown.append(request.path_qs)
            return Answer("没有这个地址".encode(), status=404)
        return answer

    def _robots(self, request: web.Request) -> Answer | None:
        if request.path != "/robots.txt":
            return None
        if "robots_deny" in self.quirks:
            return Answer(b"User-agent: *\nDisallow: /\n", "text/plain")
        for quirk, status in (("robots_absent", 404), ("robots_403", 403), ("robots_500", 500)):
            if quirk in self.quirks:
                return Answer(b"", "text/plain", status)
        return Answer(b"User-agent: *\nAllow: /\n", "text/plain")

    def _send(self, request: web.Request, answer: Answer) -> web.Response:
        headers = {"Content-Type": answer.media_type}
        if answer.location:
            headers["Location"] = answer.location
        body = answer.body
        if "gbk" in self.quirks and answer.media_type == HTML:
            body = body.decode().encode("gbk")
        if self.validators and answer.status == 200:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            headers["Last-Modified"] = MODIFIED
            if request.headers.get("If-None-Match") == headers["ETag"]:
                return web.Response(status=304, headers=headers)
        self.bodies += answer.status == 200
        return web.Response(body=body, status=answer.status, headers=headers)

    # Markup

    def shown(self, report: Report) -> str:
        """The title as the list shows it."""
        return f"{report.title[:20]}..." if "truncated" in self.quirks else report.title

    def named(self, report: Report) -> str:
        """The title attribute of the list, which a list that cuts its titles lacks."""
        return "" if "truncated" in self.quirks else escape(report.title)

    def page(self, title: str, body: str, head: str = "") -> bytes:
        """A page of the portal, with its navigation."""
        column = self.list_url.removeprefix(self.home_url.rstrip("/"))
        nav = f'<a href="/">{escape(self.name)}人民政府</a> <a href="{escape(column)}">政府信息公开年报</a>'
        return (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>{head}'
            f'<meta name="SiteName" content="{escape(self.name)}人民政府"></head><body>'
            f'<div class="nav">{nav}</div>{body}'
            f'<div class="foot">{escape(self.name)}人民政府主办</div></body></html>'
        ).encode()

    def detail(self, report: Report, body_class: str, extra: str = "") -> bytes:
        """A report's own page; a body that is a whole page is served as it is."""
        if report.html.lstrip().lower().startswith((b"<!doctype", b"<html")):
            return report.html
        head = (
            f'<meta name="ArticleTitle" content="{escape(report.title)}">'
            f'<meta name="PubDate" content="{report.date} 09:30">'
        )
        body = f"<h1>{escape(report.title)}</h1><div {body_class}>{report.html.decode()}</div>{extra}"
        return self.page(report.title, body, head)

    def pages(self) -> list[Sequence[Report]]:
        """The reports in pages of the list, at least one."""
        size = self.per_page
        return [self.reports[start : start + size] for start in range(0, len(self.reports), size)] or [[]]
