"""A catalogue of fake portals, and crawls of it with the delays off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.run import crawl_async

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crawler.run import CrawlSummary
    from tests.portals.base import FakePortal

# Loopback has no one to be polite to, and a test no time to wait; but where nothing hangs, a busy machine is no fault.
QUICK = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "False",
    "DOWNLOAD_TIMEOUT": "60",
    "RETRY_TIMES": "0",
    "LOG_LEVEL": "ERROR",
}
YEARS = (2017, 2023)
BODY = f"<p>{'本机关依法公开政府信息，办理依申请公开。' * 12}</p>".encode()
PDF = b"%PDF-1.4 "


def county_reports(name: str, first: int = YEARS[0], last: int = YEARS[1]) -> list[tuple[object, ...]]:
    """A county's reports, the newest first, each with one PDF."""
    return [
        (
            f"{name}人民政府{year}年政府信息公开工作年度报告",
            f"{year + 1}-01-20",
            BODY,
            ((f"{year}.pdf", PDF + b"%d" % year),),
        )
        for year in range(last, first - 1, -1)
    ]


def write_catalogue(folder: Path, portals: Mapping[str, FakePortal], families: Mapping[str, str] | None = None) -> Path:
    """Write portals.csv and divisions.csv for portals by code, and return the former."""
    known = families or {}
    rows = [
        f"{code},{portal.name},county,{portal.home_url},{portal.list_url},{known.get(code, '')}"
        for code, portal in portals.items()
    ]
    path = folder / "portals.csv"
    path.write_text("\n".join(["code,name,level,home_url,list_url,family", *rows]) + "\n", encoding="utf-8")
    (folder / "divisions.csv").write_text("\n".join(["code", *portals]) + "\n", encoding="utf-8")
    return path


async def crawl_portals(
    folder: Path, portals: Mapping[str, FakePortal], *, shard: str = "", **settings: str
) -> CrawlSummary:
    """Crawl fake portals into ``folder``/archive."""
    path = write_catalogue(folder, portals)
    return await crawl_async(
        portals=path,
        divisions=folder / "divisions.csv",
        archive=folder / "archive",
        years=YEARS,
        shard=shard,
        settings=QUICK | settings,
    )
