"""Pages that exist only after their scripts have run: a browser runs them, and Scrapy brings everything they load.

The browser itself never touches the network. Each address that a page loads is asked for as any other request is, so
that robots.txt, one request at a time, delays, limits and refusals hold for it, and the archive has what was received.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import build_from_crawler

from crawler.families.reading import MAX_PAGES
from crawler.files import files_of
from crawler.middlewares import LOCAL_HOSTS, SITES
from crawler.outcomes import Fault, RefusedError
from crawler.page import Page
from crawler.sites import site_of
from crawler.substance import substance_of
from crawler.tls import DOUBT
from crawler.warc import RENDERED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

# Key of a request's meta: the page is to be shown by a browser.
RENDER = "render"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# What a list needs; pictures, styles and fonts would only be a burden to the portal.
LOADED = frozenset({"document", "script", "xhr", "fetch"})
MAX_LOADED = 60
# How long a page has to ask for nothing to be at rest, and how long a click is given to change anything.
REST_MILLISECONDS = 100
TURN_SECONDS = 5
IDLE = "networkidle"
# Clicks what turns a list's page without an address of its own, and tells whether there was such a thing.
TURN = """(number) => {
  const classes = e => e.className + ' ' + (e.parentElement || e).className;
  const idle = e => e.disabled || /disabled?|_d\\b|gray|grey/i.test(classes(e));
  const shown = e => e.getClientRects().length > 0;
  const leads = e => !/^(#.*|javascript:.*)?$/.test((e.getAttribute('href') || '').trim());
  const says = e => (e.innerText || e.value || e.title || '').replace(/\\s+/g, '');
  const all = [...document.querySelectorAll('a, button, li, span, input[type=button]')]
    .filter(e => shown(e) && !leads(e) && !e.querySelector('a, button'));
  const next = all.filter(e => /^(下一?页|后一页|>|>>|»|›|next)$/i.test(says(e)));
  const numbered = all.filter(e => says(e) === String(number) && e.closest('[class*=pag i], [id*=pag i]'));
  const target = (next.length ? next : numbered).find(e => !idle(e));
  if (target) target.click();
  return Boolean(target);
}"""
KEEP = "() => document.body.innerHTML"
JOIN = """([earlier, pages]) => {
  const kept = document.createElement('div');
  kept.innerHTML = earlier;
  document.body.prepend(kept);
  if (!pages) return;
  const mark = document.createElement('meta');
  mark.name = 'gongkai-turned';
  mark.content = pages;
  document.head.append(mark);
}"""


def lacking(settings: BaseSettings) -> str:
    """Return why pages cannot be rendered here, and what to do, or an empty string."""
    if find_spec("scrapy_playwright") is None:
        return "render=true needs scrapy-playwright, which is not installed: install gongkai with its extra js"
    if not _browser(settings):
        return "render=true needs Chromium, which is not on the path: install it, or name it with -s CHROMIUM=PATH"
    if not settings.getbool("TWISTED_REACTOR_ENABLED"):
        return "render=true needs Twisted's reactor: crawl with the command or crawl(), not with crawl_async()"
    return ""


def _browser(settings: BaseSettings) -> str | None:
    named: str = settings["CHROMIUM"]
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


class Rendering:
    """Answers requests with the meta key RENDER with what a browser makes of their page.

    A list is always shown; a report only where its page holds no text and no file as it was received. What a report
    looks like then is archived beside what was received, marked as rendered; of a list only what was received is.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("RENDERING"):
            raise NotConfigured
        self._crawler = crawler
        self._timeout = 1000 * crawler.settings.getint("RENDER_TIMEOUT")
        module: Any = import_module("scrapy_playwright.handler")
        self._browser: Any = build_from_crawler(module.ScrapyPlaywrightDownloadHandler, crawler)
        crawler.signals.connect(self._close, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Rendering:
        """Make the middleware; raises NotConfigured where no portal of the run needs it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Return the page as a browser shows it, or as received where it needs none."""
        if not request.meta.get(RENDER) or request.method != "GET":
            return None
        received = await self._ask(request, request.url, {"Referer": request.headers.get("Referer")})
        # The archive has it from the request made here.
        request.meta["dont_cache"] = True
        request.meta.update({key: received.meta[key] for key in (DOUBT, "robots") if key in received.meta})
        if not isinstance(received, HtmlResponse) or received.status != 200 or not _is_bare(request, received):
            return received.replace(request=request)
        shown = await self._show(request, received)
        if request.meta["kind"] != "list":
            request.meta.update({"dont_cache": False, RENDERED: "chromium"})
        return shown

    async def _show(self, request: Request, received: Response) -> Response:
        loads = _Loads()

        async def load(route: Any) -> None:
            asked = route.request
            with loads.one(), suppress(Exception):  # a page that is closed meanwhile takes no answers
                if asked.url.partition("#")[0] == received.url and asked.is_navigation_request():
                    await _fulfil(route, received)
                elif loads.begun <= MAX_LOADED and self._may_load(request, asked):
                    await _fulfil(route, await self._load(request, asked, received.url))
                else:
                    await route.abort()

        async def begin(page: Any, _request: Request) -> None:
            await page.route("**/*", load)

        async def settle(page: Any) -> None:
            await self._wait(page)
            if request.meta["kind"] == "list":
                await self._turn(page, loads)

        methods: Any = import_module("scrapy_playwright.page")
        meta = {
            "playwright": True,
            "playwright_page_init_callback": begin,
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded", "timeout": self._timeout},
            "playwright_page_methods": [methods.PageMethod(settle)],
        }
        try:
            shown: Response = await self._browser.download_request(Request(received.url, meta=meta))
        except Exception as error:
            detail = f"the browser could not show the page: {str(error).partition(chr(10))[0]}"
            raise RefusedError(Fault("js_list", received.url, detail)) from error
        return shown.replace(headers=received.headers, status=received.status, request=request)

    async def _wait(self, page: Any) -> None:
        # A page that never stops loading is taken as it is then.
        with suppress(Exception):
            await page.wait_for_load_state(IDLE, timeout=self._timeout)

    async def _turn(self, page: Any, loads: _Loads) -> None:
        """Turn the pages of a list that have no addresses, and put them all into the one that is shown."""
        seen = [await page.evaluate(KEEP)]
        ended = False
        for number in range(2, MAX_PAGES + 1):
            if not await page.evaluate(TURN, number):
                ended = True
                break
            turned = await self._changed(page, seen[-1], loads)
            if turned in seen:
                break
            seen.append(turned)
        if len(seen) > 1:
            await page.evaluate(JOIN, ["".join(seen[:-1]), str(len(seen)) if ended else ""])

    async def _changed(self, page: Any, before: str, loads: _Loads) -> str:
        """Return what a page shows after a click, once it is at rest; as before, where the click changes nothing.

        The browser counts a page as loaded for good, and what a click asks for waits for the host's delay.
        """
        patience = time.monotonic() + TURN_SECONDS
        shown = before
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeout / 1000):
                while shown == before and (loads.under_way or time.monotonic() < patience):
                    await loads.rest(page)
                    shown = await page.evaluate(KEEP)
        return shown

    def _may_load(self, request: Request, asked: Any) -> bool:
        """A page may load from its portal's own sites and other governments'; nothing leads it to another page."""
        parts = urlsplit(asked.url)
        if asked.resource_type not in LOADED or parts.scheme not in ("http", "https"):
            return False
        near = site_of(asked.url) in request.meta[SITES] or (parts.hostname or "").endswith(".gov.cn")
        return near and asked.resource_type != "document"

    async def _load(self, request: Request, asked: Any, referer: str) -> Response:
        given = await asked.all_headers()
        kept = {name: given[name] for name in ("accept", "content-type", "x-requested-with") if name in given}
        body: bytes | None = asked.post_data_buffer
        return await self._ask(request, asked.url, kept | {"Referer": referer}, asked.method, body or b"")

    async def _ask(
        self, request: Request, url: str, headers: dict[str, Any], method: str = "GET", body: bytes = b""
    ) -> Response:
        kept = ("portal_code", "kind", "list_title", "list_date", "download_maxsize", SITES, LOCAL_HOSTS)
        asked = Request(
            url,
            callback=NO_CALLBACK,
            method=method,
            body=body,
            headers={name: value for name, value in headers.items() if value},
            meta={name: request.meta[name] for name in kept if name in request.meta},
            dont_filter=True,
        )
        return await self._crawler.engine.download_async(asked)

    async def _close(self) -> None:
        await self._browser.close()


@dataclass(slots=True)
class _Loads:
    """What one page has loaded: how much was begun, and how much of it is still under way."""

    begun: int = 0
    under_way: int = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one while it lasts."""
        self.begun += 1
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    async def rest(self, page: Any) -> None:
        """Wait until nothing is under way, and nothing was begun for a moment."""
        begun = -1
        while self.under_way or self.begun != begun:
            begun = self.begun
            await page.wait_for_timeout(REST_MILLISECONDS)


def _is_bare(request: Request, received: Response) -> bool:
    if request.meta["kind"] == "list":
        return True
    page = Page.of(received)
    return substance_of(page).kind == "nothing" and not files_of(page)


async def _fulfil(route: Any, response: Response) -> None:
    unsent = {"content-encoding", "content-length", "transfer-encoding"}
    headers = {
        name.decode("latin-1"): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if name.decode("latin-1").lower() not in unsent
    }
    await route.fulfill(status=response.status, headers=headers, body=response.body)


def prepare(settings: BaseSettings) -> None:
    """Turn rendering on, before a crawler begins and its settings are frozen."""
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium has none for root
    settings.setdict(
        {
            "RENDERING": True,
            "PLAYWRIGHT_BROWSER_TYPE": "chromium",
            "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": _browser(settings), "args": arguments},
            "PLAYWRIGHT_CONTEXTS": {
                "default": {
                    "user_agent": settings["USER_AGENT"],
                    "service_workers": "block",
                    "accept_downloads": False,
                    "ignore_https_errors": True,
                }
            },
            "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 2,
        },
        priority="spider",
    )
