"""Crawls the shards of a catalogue on a Dask cluster, each in an archive of its own, and merges the archives."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captures import reindex
from captures.warc import warc_files
from crawler.job import run_job
from crawler.run import CrawlSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A shard is tried again where its worker was lost, so many times.
RETRIES = 3


class ClusterError(Exception):
    """The cluster cannot be used; the text names what is missing."""


def crawl_on_cluster(
    address: str,
    shards: int,
    arguments: Mapping[str, Any],
    *,
    on_shard: Callable[[int, CrawlSummary], None] | None = None,
) -> CrawlSummary:
    """Crawl every shard on the cluster at an address, merge what they archived, and return the sum of what they did.

    ``arguments`` are those of ``crawl``, paths as text; ``archive`` is a folder that every worker sees. A shard writes
    into ``<archive>/shards/<i>of<n>``; one whose worker is lost goes on where it was, on another. ``on_shard`` is told
    of each shard that is done. Raises ClusterError where Dask is missing, and JobError for a shard that fails.
    """
    try:
        distributed: Any = import_module("distributed")
    except ModuleNotFoundError as error:
        raise ClusterError("Dask is not installed: install gongkai with its extra dask") from error
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise ClusterError(f"{address}: no Dask scheduler answers ({error}); name it as tcp://HOST:8786") from error
    summaries = []
    begun = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    with client:
        jobs = {
            client.submit(_crawl_shard, number, shards, begun, dict(arguments), pure=False, retries=RETRIES): number
            for number in range(1, shards + 1)
        }
        for done in distributed.as_completed(jobs):
            summary = CrawlSummary(**done.result())
            summaries.append(summary)
            if on_shard:
                on_shard(jobs[done], summary)
    merge(Path(arguments["archive"]))
    return reduce(CrawlSummary.plus, summaries)


def merge(archive: Path) -> int:
    """Bring the WARC files of an archive's shards into it, index it anew, and return the number of its captures.

    The shards keep theirs, for they tell the next crawl what is known; where the disk can, both share the bytes.
    """
    for folder in sorted((archive / "shards").glob("*of*")):
        for warc in warc_files(folder):
            place = archive / warc.name
            if not place.exists() or place.stat().st_size != warc.stat().st_size:
                place.unlink(missing_ok=True)
                _share(warc, place)
    return reindex(archive)


def _share(warc: Path, place: Path) -> None:
    try:
        place.hardlink_to(warc)
    except OSError:  # another disk, or one without links
        shutil.copyfile(warc, place)


def _crawl_shard(number: int, count: int, begun: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Crawl one shard in a process of its own, for a process can crawl but once.

    The run's name is that of the whole crawl, so that a second try goes on and a later crawl begins anew.
    """
    folder = Path(arguments["archive"]) / "shards" / f"{number}of{count}"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {**arguments.get("settings", {}), "ARCHIVE_RUN_ID": f"{begun}-{number}of{count}"}
    mine = {"archive": str(folder), "shard": f"{number}/{count}", "settings": settings}
    return asdict(run_job(arguments | mine))
