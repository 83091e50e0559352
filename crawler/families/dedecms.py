"""DedeCMS (织梦): lists are ``/plus/list.php?tid=`` or files ``list_<tid>_2.html``, counted from 1.

Recognised by these names. The script counts by ``PageNo`` and wants ``TotalResult``, which its own links carry; files
may begin with the folder's own page.
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

name = "dedecms"

MARK = re.compile(r"/plus/(list|view)\.php\?(tid|aid)=\d+|\blist_\d+_\d+\.html")
FILE = re.compile(r"\b(list_\d+)_\d+\.html")


def recognise(page: Page) -> bool:
    """Tell whether a list page is one of DedeCMS, by its own name or those that it links."""
    return bool(MARK.search(page.url) or MARK.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the list along its next links, else by number in the script or in the files that it names."""
    named = FILE.search(page.text)

    def by_number(claim: Claim, number: int) -> str | None:
        if "/plus/list.php" in claim.url:
            return pager.with_parameters(claim.url, {"PageNo": str(number)})
        return claim.file(f"{named[1]}_{number}") if named else None

    return (yield from pager.walk(page, found, (by_number,)))
