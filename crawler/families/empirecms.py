"""EmpireCMS (帝国): lists are ``/e/action/ListInfo/?classid=``, counted from 0, or static files counted from 1.

Recognised by ``/e/action/``. Page 2 is ``page=1``; where that brings page 1 again the portal counts from 1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import pager

if TYPE_CHECKING:
    from crawler.families.claims import Claim

MARK = re.compile(r"/e/action/(ListInfo|ShowInfo)/")


def by_number(claim: Claim, page: int) -> str:
    """Page 2 is page=1 of the script, or index_2."""
    if MARK.search(claim.url):
        return pager.with_parameters(claim.url, {"page": str(page - 1)})
    return pager.one_based(claim, page)


family = pager.Paged("empirecms", MARK, (by_number, pager.PAGE))
