"""The sample portals of ``gongkai demo``: real figures in markup of our own, served on loopback from a thread."""

from __future__ import annotations

import asyncio
import csv
import threading
import tomllib
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.portals.base import FakePortal, Report
from tests.portals.hanweb import HanwebPortal
from tests.portals.trs import TrsPortal

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).resolve().parent.parent / "cases"
COLUMNS = ("code", "name", "level", "home_url", "hub_url", "list_url", "family", "render", "status", "note")
FIRST_PORT = 8140
START_SECONDS = 10


class Sample(NamedTuple):
    """One sample portal: its catalogue row, its software, and its reports as case and date of publication."""

    code: str
    name: str
    level: str
    software: type[FakePortal]
    reports: tuple[tuple[str, str], ...]


SAMPLES = (
    Sample("140221", "阳高县", "county", TrsPortal, (("yanggao-2020", "2021-02-20"),)),
    Sample("310000", "上海市", "province", TrsPortal, (("shanghai-office-2019", "2020-01-31"),)),
    Sample("320800", "淮安市", "city", HanwebPortal, (("huaian-2024", "2025-01-24"),)),
    Sample("320813", "洪泽区", "county", TrsPortal, (("hongze-2023", "2024-01-26"),)),
    Sample("321300", "宿迁市", "city", HanwebPortal, (("suqian-2024", "2025-01-24"), ("suqian-2023", "2024-01-26"))),
)


def read_report(case: str, date: str) -> Report:
    """One golden case as a report to publish."""
    folder = CASES / case
    facts = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    return Report(facts["title"], date, (folder / "source.html").read_bytes())


@contextmanager
def sample_portals(folder: Path) -> Iterator[Path]:
    """Serve the sample portals while the block runs; yields the catalogue that names them, written into ``folder``."""
    portals = [sample.software(sample.name, [read_report(*report) for report in sample.reports]) for sample in SAMPLES]
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(_start(stack, portals), loop).result(START_SECONDS)
        yield _write_catalogue(folder / "portals.csv", portals)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(START_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_SECONDS)
        loop.close()


async def _start(stack: AsyncExitStack, portals: list[FakePortal]) -> None:
    for number, portal in enumerate(portals):
        # Fixed ports keep the addresses of a sample release the same; a taken one gives way to a free one.
        portal.port = FIRST_PORT + number
        try:
            await stack.enter_async_context(portal)
        except OSError:
            portal.port = 0
            await stack.enter_async_context(portal)


def _write_catalogue(path: Path, portals: list[FakePortal]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for sample, portal in zip(SAMPLES, portals, strict=True):
            writer.writerow(
                {
                    "code": sample.code,
                    "name": sample.name,
                    "level": sample.level,
                    "home_url": portal.home_url,
                    "list_url": portal.list_url,
                    "status": "active",
                    "note": "sample portal on loopback",
                }
            )
    return path
