"""Platforms that name everything by long numbers: 陕西 (``1.html``, ``2.html``), 宁夏 (``/list?type=``), 通州.

Recognised by articles of 19 digits and by ``/list?type=<19 digits>``. Pages of 陕西 are bare numbers that ascend, those
of 宁夏 are counted by ``current``, both from 1; reports of a year may have a column of their own (``2023n/``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import pager

if TYPE_CHECKING:
    from crawler.families.claims import Claim

ADDRESS = r"/list\?(?:[^#\s]{0,200}&)?type=\d{19}\b"
MARK = re.compile(rf"""{ADDRESS}|/\d{{19}}\.html["']""")


def by_current(claim: Claim, page: int) -> str | None:
    """Page 2 is current=2, where the list itself is a query."""
    return pager.with_parameters(claim.url, {"current": str(page)}) if re.search(ADDRESS, claim.url) else None


family = pager.Paged("snowflake", MARK, (by_current, pager.bare, pager.one_based))
