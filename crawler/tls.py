"""Downloads over TLS: certificates are checked, and a host whose own is bad is read without, by name and on record."""

from __future__ import annotations

import copy
import logging
import re
import warnings
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadFailedError
from scrapy.settings import Settings

from crawler.connections import SecureHandlerPerHost

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader.handlers import DownloadHandlerProtocol
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

# Key of a request's meta: what was wrong with the host's certificate or protocol.
DOUBT = "tls_doubt"
# What OpenSSL, Python and Twisted say of a certificate, or of a server too old for today's defaults.
CERTIFICATE = re.compile(r"certificate|hostname|VerificationError", re.IGNORECASE)
OLD_SERVER = re.compile(
    r"dh key too small|unsupported protocol|wrong version number|no protocols available|handshake failure"
    r"|sslv3 alert|ca md too weak|bad ecpoint|legacy sigalg",
    re.IGNORECASE,
)
LENIENT = {
    "DOWNLOAD_VERIFY_CERTIFICATES": False,
    "DOWNLOADER_CLIENT_TLS_CIPHERS": "DEFAULT:@SECLEVEL=0",
    "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.0",
}


class HostByHostHandler(BaseDownloadHandler):
    """Scrapy's own handler for https, and a lenient one for the hosts that the first cannot talk to.

    Such a host is remembered for the run; each of its requests carries the reason in its meta key DOUBT.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._strict = SecureHandlerPerHost(crawler)
        self._lenient: SecureHandlerPerHost | None = None
        self._doubts: dict[str, str] = {}

    async def download_request(self, request: Request) -> Response:
        """Download a request; raises what Scrapy's handler raises for all but a doubtful certificate or protocol."""
        host = urlsplit(request.url).netloc
        if host not in self._doubts:
            try:
                return await self._strict.download_request(request)
            except (DownloadFailedError, DownloadConnectionRefusedError) as error:
                doubt = doubt_in(str(error))
                if not doubt:
                    raise
                self._doubts[host] = f"{host}: {doubt}; read without that check"
                logger.warning("%s", self._doubts[host])
        request.meta[DOUBT] = self._doubts[host]
        return await self._second().download_request(request)

    async def close(self) -> None:
        """Close both handlers."""
        await self._strict.close()
        if self._lenient:
            await self._lenient.close()

    def _second(self) -> SecureHandlerPerHost:
        if self._lenient is None:
            lenient = copy.copy(self.crawler)
            # A crawler at work has its settings frozen, and their copy would be so too.
            lenient.settings = Settings(self.crawler.settings)
            lenient.settings.setdict(LENIENT, priority="cmdline")
            self._lenient = _Lenient(lenient)
        return self._lenient


class _Lenient(SecureHandlerPerHost):
    def _make(self) -> DownloadHandlerProtocol:
        with warnings.catch_warnings():
            # Python calls TLS 1.0 deprecated, which is why these servers need it.
            warnings.simplefilter("ignore", DeprecationWarning)
            return super()._make()


def doubt_in(error: str) -> str:
    """Return what a failed handshake says against the host's certificate or protocol; empty for other failures."""
    if CERTIFICATE.search(error):
        return f"its certificate is not valid ({_short(error)})"
    if OLD_SERVER.search(error):
        return f"its TLS is out of date ({_short(error)})"
    return ""


def _short(error: str) -> str:
    known = re.search(r"certificate verify failed[^(\]]*|Hostname mismatch|VerificationError|self.signed", error)
    return (known[0] if known else error)[:100].strip(" :'\"")
