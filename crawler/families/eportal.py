"""The older platform of 河北 and 东港 (eportal): lists are modules of a page, ``/eportal/ui?pageId=``.

Recognised by that address. Pages are counted by ``currentPage``, from 1, together with ``moduleId``, which the page's
own links or script hold; a static twin counts at the end of its name (``<id>-1.html``, ``<id>-2.html``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import pager

if TYPE_CHECKING:
    from crawler.families.claims import Claim
    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "eportal"

ADDRESS = re.compile(r"/eportal/ui\?pageId=\w+")
MODULE = re.compile(r"""\bmoduleId["']?\s*[:=]\s*["']?([0-9a-f]{32})""")
TWIN = re.compile(r"-1(\.\w+)$")


def recognise(page: Page) -> bool:
    """Tell whether a list page is a module of the platform."""
    return bool(ADDRESS.search(page.url) or ADDRESS.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the list along its next links, else by the module's page numbers."""
    module = MODULE.search(page.text)

    def by_module(claim: Claim, number: int) -> str | None:
        if not ADDRESS.search(claim.url) or module is None:
            return None
        return pager.with_parameters(claim.url, {"currentPage": str(number), "moduleId": module[1]})

    return (yield from pager.walk(page, found, (by_module, twin)))


def twin(claim: Claim, number: int) -> str | None:
    """Page 2 is <id>-2.html."""
    return TWIN.sub(rf"-{number}\1", claim.url) if TWIN.search(claim.url) else None
