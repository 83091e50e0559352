"""The shards of a crawl on a Dask cluster of this machine, with a worker killed in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from captures import Archive, verify
from crawler import cluster
from crawler.cluster import ClusterError, crawl_on_cluster
from crawler.run import CrawlSummary
from tests.portals.catalogue import QUICK, county_reports, write_catalogue
from tests.portals.trs import TrsPortal
from tests.test_catalogue_upkeep import gongkai
from tests.test_discovery import ALL_YEARS, FOUND, codes_of
from tests.test_recrawl import arguments

if TYPE_CHECKING:
    from pathlib import Path

    from tests.portals.base import FakePortal


def begin(distributed: Any) -> Any:
    """A cluster of two workers on this machine."""
    return distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1", silence_logs=50
    )


@pytest.mark.slow
async def test_shard_of_a_lost_worker_is_crawled_again(tmp_path: Path) -> None:
    distributed: Any = pytest.importorskip("distributed")
    portals: dict[str, FakePortal] = {
        f"{140221 + n}": TrsPortal(f"第{n}测试县", county_reports(f"第{n}测试县"), latency=0.02) for n in range(4)
    }
    told: list[int] = []

    def crawl(address: str) -> CrawlSummary:
        return crawl_on_cluster(address, 2, arguments(tmp_path), on_shard=lambda number, _: told.append(number))

    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        write_catalogue(tmp_path, portals)
        local = await asyncio.to_thread(begin, distributed)
        try:
            task = asyncio.create_task(asyncio.to_thread(crawl, local.scheduler_address))
            while sum(len(portal.requests) for portal in portals.values()) < 20:  # noqa: ASYNC110 - a test may look
                await asyncio.sleep(0.01)
            os.kill(next(iter(local.workers.values())).process.process.pid, signal.SIGKILL)
            summary = await asyncio.wait_for(task, 60)
        finally:
            await asyncio.to_thread(local.close)
        articles = Counter(
            path for portal in portals.values() for _, path in portal.requests if "/t20" in path or "/P0" in path
        )
    assert sorted(told) == [1, 2]
    assert summary.finish_reason == "finished"
    assert codes_of(tmp_path) == dict.fromkeys(portals, FOUND)
    # What was in flight when the worker was killed may have been asked for once more.
    assert sum(articles.values()) <= 2 * len(ALL_YEARS) * len(portals) + 2
    assert verify(tmp_path / "archive") == []
    with Archive(tmp_path / "archive") as archive:
        assert len(list(archive.captures(kind="detail"))) == len(ALL_YEARS) * len(portals)
        assert Counter(row.code for row in archive.outcomes(newest=False)) == dict.fromkeys(portals, len(ALL_YEARS))


@pytest.mark.slow
async def test_command_crawls_on_a_cluster_and_begins_anew_the_next_time(tmp_path: Path) -> None:
    distributed: Any = pytest.importorskip("distributed")
    names = {"140221": "阳高县", "140222": "天镇县", "140223": "广灵县", "140224": "灵丘县"}
    portals: dict[str, FakePortal] = {
        code: TrsPortal(name, county_reports(name), host=f"127.0.0.{code[-1]}") for code, name in names.items()
    }
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        path = write_catalogue(tmp_path, portals)
        local = await asyncio.to_thread(begin, distributed)
        flags = ["crawl", "--portals", str(path), "--archive", str(tmp_path / "archive"), "--years", "2017-2023"]
        flags += ["--dask", local.scheduler_address, "--shards", "2"]
        flags += [part for name, value in QUICK.items() for part in ("-s", f"{name}={value}")]
        try:
            first = await gongkai(*flags)
            bodies = sum(portal.bodies for portal in portals.values())
            second = await gongkai(*flags)
        finally:
            await asyncio.to_thread(local.close)
    assert (first[0], second[0]) == (0, 0), first[2] + second[2]
    # Robots.txt and the lists were sent anew or confirmed, no report was sent again.
    assert "4 portals, 28 reports found" in first[2]
    assert "4 portals, 28 reports found" in second[2]
    assert bodies > 2 * 28
    assert sum(portal.bodies for portal in portals.values()) == bodies
    with Archive(tmp_path / "archive") as archive:
        # Ports are drawn, so that all hosts may fall to one shard; the other then has nothing to do.
        shards = Counter(run.run_id.rpartition("-")[2] for run in archive.runs())
        assert set(shards.values()) == {2}
        assert shards.keys() <= {"1of2", "2of2"}
        assert len(archive.outcomes(newest=False)) == 2 * 28
    assert codes_of(tmp_path) == dict.fromkeys(portals, FOUND)


def test_cluster_without_dask_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(cluster, "import_module", absent)
    with pytest.raises(ClusterError, match="install gongkai with its extra dask"):
        crawl_on_cluster("tcp://127.0.0.1:1", 2, arguments(tmp_path))


def test_cluster_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(ClusterError, match="x://nowhere: no Dask scheduler answers"):
        crawl_on_cluster("x://nowhere", 2, arguments(tmp_path))


def test_a_shard_without_a_host_leaves_no_trace_in_the_name() -> None:
    nothing = CrawlSummary("", 0, {}, 0, 0, 0, 0, "finished")
    run = CrawlSummary("2of3", 1, {"found": 7}, 9, 100, 0, 7, "finished")
    assert nothing.plus(run) == run.plus(nothing) == run
