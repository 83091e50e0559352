"""What the checks across reports go by: whose report of which year, and what of its figures tells it from others."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

# So many cells of table three must not be 0 before two bodies with the same ones are said to be copies.
EQUAL_CELLS = 15
HEAD = pa.schema(
    [("report_id", pa.string()), ("report_year", pa.int32()), ("lineage", pa.string()), ("office", pa.string()),
     ("scope", pa.string()), ("body_level", pa.string()), ("form", pa.string()), ("figures_digest", pa.string()),
     ("requests", pa.float64()), ("totals", pa.string())]
)  # fmt: skip


class Said(NamedTuple):
    """How many requests a report says were received, and a digest of its total column of table three.

    ``totals`` is None where too little stands in table three to say that it is another's, empty where only the total
    column is all 0.
    """

    requests: float | None
    totals: str | None


def said(cells: Iterable[tuple[str, str, float | None, str]]) -> Said:
    """What the figures of a report say, from indicator, applicant, value and status of each."""
    requests: float | None = None
    given = 0
    totals: list[str] = []
    for indicator, applicant, value, status in cells:
        if status != "reported" or not indicator.startswith("apply."):
            continue
        if (indicator, applicant) == ("apply.new", "total"):
            requests = value
        if value:
            given += 1
            if applicant == "total":
                totals.append(f"{indicator}={value!r}")
    if given < EQUAL_CELLS:
        return Said(requests, None)
    return Said(requests, hashlib.sha256(" ".join(sorted(totals)).encode()).hexdigest()[:32] if totals else "")
