"""``gongkai report``: one county's view as a page of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.model import Asked, Text
from explorer.page import page
from explorer.queries import county as query
from explorer.source import Source
from explorer.views import county
from normalize.published import ReleaseError

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.model import Language


def county_page(releases: Path, code: str, year: int | None, language: Language) -> str:
    """The page of one county. Raises ReleaseError where there is no release, or it knows no such code or year."""
    source = Source(releases)
    try:
        reports = query.reports(source, code)
        if reports.empty and not query.province_of(source, code):
            raise ReleaseError(f"{source.release_id}: nothing of division {code}; see which there are: gongkai explore")
        years = sorted(set(reports["report_year"]))
        if year is not None and year not in years:
            listed = ", ".join(map(str, years)) or "none"
            raise ReleaseError(f"{source.release_id}: no report of {code} for {year}; there are: {listed}")
        view = county.show(source, Asked({"code": code, "year": str(year or "")}, language))
        blocks = [Text(f"{source.release_id} · {code}", "quiet"), *view.blocks]
        return page(view.title, blocks, language)
    finally:
        source.close()
