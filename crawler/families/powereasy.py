"""动易 PowerEasy (SiteFactory, SiteWeaver): ASP.NET and earlier ASP, counted from 1.

Recognised by ``/Category_<n>/Index.aspx``, ``/Article/ShowClass.asp?ClassID=`` and articles ``/Item/<id>.aspx``. Page 2
is ``Index_2.aspx``, or ``page=2`` in the older one. Known quirk: next links that post the page's view state back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import pager

if TYPE_CHECKING:
    from crawler.families.claims import Claim

MARK = re.compile(
    r"""/Category_\d+/Index(_\d+)?\.aspx|/Article/ShowClass\.asp\?ClassID=|/Item/\d+\.aspx["']""", re.IGNORECASE
)


def by_number(claim: Claim, page: int) -> str:
    """Page 2 is Index_2.aspx, or page=2 where the list is a query."""
    if claim.ext.lower() == "asp":
        return pager.with_parameters(claim.url, {"page": str(page)})
    return pager.one_based(claim, page)


family = pager.Paged("powereasy", MARK, (by_number,))
