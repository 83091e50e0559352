"""Runs against fake portals on loopback: the portals served from a thread, the run in this process or in its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from operations.model import Plan, Status, Summary
from operations.run import run
from tests.documents import figures, html, parts
from tests.portals.catalogue import QUICK, write_catalogue
from tests.portals.trs import TrsPortal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.portals.base import FakePortal

ROOT = Path(__file__).resolve().parent.parent
NOW = "GONGKAI_TEST_NOW"
SETTINGS = QUICK | {"CLOCK": "tests.operating.clock"}
START_SECONDS = 10


def clock() -> datetime:
    """The time that the environment says it is; steps run in processes of their own and inherit it."""
    given = os.environ.get(NOW)
    return datetime.fromisoformat(given) if given else datetime.now(UTC)


def statutory(name: str, year: int, seed: int = 1) -> tuple[object, ...]:
    """One report with the tables of form 2021, its figures made up, published in January of the next year."""
    title = f"{name}人民政府{year}年政府信息公开工作年度报告"
    body = html([f"{name}人民政府", *parts(figures(seed))])
    return title, f"{year + 1}-01-20", body[body.index(b"<body>") + 6 : body.index(b"</body>")]


def county(name: str, years: Sequence[int], seed: int = 1, **more: Any) -> FaultyNow:
    """A portal with one report for each year."""
    return FaultyNow(name, [statutory(name, year, seed + year) for year in years], **more)


class FaultyNow(TrsPortal):
    """A portal that works, until ``fault`` says how it fails.

    ``slow`` makes it late by so many seconds, at each request after the first ``prompt`` ones.
    """

    fault = ""
    slow = 0.0
    prompt = 0

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if len(self.requests) >= self.prompt:
            await asyncio.sleep(self.slow)
        if not self.fault or request.path == "/robots.txt":
            return await super()._serve(request)
        self.requests.append((request.method, request.path_qs))
        page = self._file(request).body
        return await _FAULTS[self.fault](request, page)


async def _reset(request: web.Request, _page: bytes) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def _drip(request: web.Request, page: bytes) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/html"})
    await answer.prepare(request)
    for byte in page[:200]:
        await answer.write(bytes((byte,)))
        await asyncio.sleep(0.05)
    return answer


async def _raw(request: web.Request, length: int, page: bytes) -> web.StreamResponse:
    assert request.transport
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    request.transport.write(head.encode() + page)
    request.transport.close()
    return web.Response()


async def _truncated(request: web.Request, page: bytes) -> web.StreamResponse:
    return await _raw(request, len(page), page[: len(page) // 2])


async def _too_long(request: web.Request, page: bytes) -> web.StreamResponse:
    return await _raw(request, len(page) // 2, page)


async def _bad_gzip(_request: web.Request, _page: bytes) -> web.StreamResponse:
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    return web.Response(body=b"\x1f\x8b\x08\x00 this is no gzip", headers=headers)


async def _storm(_request: web.Request, _page: bytes) -> web.StreamResponse:
    return web.Response(status=503, text="busy")


async def _circle(request: web.Request, _page: bytes) -> web.StreamResponse:
    number = int(request.query.get("n", "0"))
    return web.Response(status=302, headers={"Location": f"{request.path}?n={1 - number}"})


async def _empty(_request: web.Request, _page: bytes) -> web.StreamResponse:
    return web.Response(
        text="<html><title>政府信息公开年报</title><body><ul></ul></body></html>", content_type="text/html"
    )


_FAULTS = {
    "reset": _reset,
    "drip": _drip,
    "truncated": _truncated,
    "wrong length": _too_long,
    "bad gzip": _bad_gzip,
    "5xx": _storm,
    "redirect loop": _circle,
    "empty": _empty,
}


@contextmanager
def served(portals: Mapping[str, FakePortal]) -> Iterator[None]:
    """Serve portals from a thread while the block runs."""
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> None:
        for portal in portals.values():
            await stack.enter_async_context(portal)

    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(START_SECONDS)
        yield
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(START_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_SECONDS)
        loop.close()


def plan_of(folder: Path, portals: Mapping[str, FakePortal], **more: Any) -> Plan:
    """What a run of portals in a folder is asked to do; all portals are visited, due or not."""
    catalogue = write_catalogue(folder, portals)
    places = {name: folder / name for name in ("archive", "releases", "state")}
    given = {"everything": True, "years": (2021, 2024), "settings": SETTINGS, **places, **more}
    return Plan(portals=catalogue, divisions=folder / "divisions.csv", **given)


def run_at(plan: Plan, when: str = "", **more: Any) -> Summary:
    """Do one run, at a time given in ISO 8601 or now."""
    if when:
        os.environ[NOW] = when
    try:
        return run(plan, now=clock, **more)
    finally:
        os.environ.pop(NOW, None)


def words_of(plan: Plan) -> list[str]:
    """The command line of the same run as a process of its own."""
    assert plan.years
    places = {"portals": plan.portals, "archive": plan.archive, "releases": plan.releases, "state": plan.state}
    words = [sys.executable, "-m", "gongkai", "run", "--all", "--years", f"{plan.years[0]}-{plan.years[1]}"]
    words += [word for name, place in places.items() for word in (f"--{name}", str(place))]
    words += ["--divisions", str(plan.divisions), "--workers", str(plan.workers), "--format", "json"]
    return words + [word for name, value in plan.settings.items() for word in ("-s", f"{name}={value}")]


def start(plan: Plan, *more: str, **environment: str) -> subprocess.Popen[str]:
    """Start a run as a process of its own."""
    return subprocess.Popen(
        [*words_of(plan), *more],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_whole(plan: Plan, summary: Summary, portals: Mapping[str, FakePortal]) -> bool:
    """Whether a run did all its work and every report of every portal is in its release."""
    expected = sum(len(portal.reports) for portal in portals.values())
    assert not summary.errors, summary.errors
    return summary.status is Status.OK and summary.measures["reports in the release"] == expected
