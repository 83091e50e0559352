"""Which addresses belong to a portal's site."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

# Second levels under which a body registers its own name.
REGISTRIES = (".gov.cn", ".com.cn", ".org.cn", ".net.cn", ".edu.cn", ".ac.cn")


# Sent when the last visit to a ``site`` is over: what is kept for it can go.
site_left = object()


def site_of(url: str) -> str:
    """Return the registered domain of an address; for a bare IP address or a single name, host and port.

    So a portal on a loopback address reaches itself and nothing else there, and no portal on a domain reaches an IP
    address.
    """
    return _site_at(urlsplit(url).netloc)


# A portal's requests go to few hosts, and each of them is asked about several times.
@lru_cache(maxsize=4096)
def _site_at(netloc: str) -> str:
    url = f"//{netloc}"
    if is_local(url):
        return netloc.lower()
    host = (urlsplit(url).hostname or "").lower()
    labels = host.split(".")
    return ".".join(labels[-3:] if host.endswith(REGISTRIES) else labels[-2:])


def is_local(url: str) -> bool:
    """Tell whether an address is a bare IP address or a single name, neither of which a registry gives out."""
    host = urlsplit(url).hostname or ""
    return "." not in host or _is_ip(host)


def is_home(url: str) -> bool:
    """Tell whether an address is a site's home page."""
    path = urlsplit(url).path
    return path.rstrip("/") == "" or path.lower() in ("/index.html", "/index.htm", "/index.shtml", "/index.jsp")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
