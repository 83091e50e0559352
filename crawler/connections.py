"""Connections to hosts: kept open from request to request, and closed when the last visit to their site is over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.sites import site_left, site_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader.handlers import DownloadHandlerProtocol
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class HandlerPerHost(BaseDownloadHandler):
    """Scrapy's own handler, one for each host: to close a handler is the only way to close a host's connections.

    Else each would wait four minutes for a request that does not come, thousands of them in a crawl of all portals.
    """

    lazy = False
    scheme = "http"

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._class = load_object(crawler.settings.getdict("DOWNLOAD_HANDLERS_BASE")[self.scheme])
        self._handlers: dict[str, DownloadHandlerProtocol] = {}
        self._closing: set[asyncio.Future[None]] = set()
        # Without Twisted's reactor Scrapy's handler has one pool for all hosts, which closes what is idle by itself.
        self._common = None if crawler.settings.getbool("TWISTED_REACTOR_ENABLED") else self._make()
        crawler.signals.connect(self._leave, signal=site_left)

    async def download_request(self, request: Request) -> Response:
        """Download a request; raises what Scrapy's handler raises."""
        handler = self._common or self._of(urlsplit(request.url).netloc)
        return await handler.download_request(request)

    async def close(self) -> None:
        """Close all connections."""
        handlers = [*self._handlers.values(), *filter(None, [self._common])]
        self._handlers.clear()
        await asyncio.gather(*self._closing, *(handler.close() for handler in handlers))

    def _of(self, host: str) -> DownloadHandlerProtocol:
        if host not in self._handlers:
            self._handlers[host] = self._make()
        return self._handlers[host]

    def _make(self) -> DownloadHandlerProtocol:
        handler: DownloadHandlerProtocol = build_from_crawler(self._class, self.crawler)
        return handler

    def _leave(self, site: str) -> None:
        for host in [host for host in self._handlers if site_of(f"//{host}") == site]:
            closing = asyncio.ensure_future(self._handlers.pop(host).close())
            # The loop itself keeps no hold of what it runs.
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


class SecureHandlerPerHost(HandlerPerHost):
    """The same for https."""

    lazy = True
    scheme = "https"
