"""Builds, releases and queries at size, against the marks of the design; keeps what was measured, tests nothing.

Example: ``python -m tests.bench.bench_release --reports 3000 30000 --folder /tmp/bench --page docs/scale.md``

Each build and query runs in a process of its own, so that its memory is its own. What was measured of a size lies in
``measured-<reports>.json`` of the folder, so that sizes and parts can be measured one after another. Processor seconds
(all processes of a build) are less disturbed by other work on the machine than seconds on the clock; both are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from normalize.published import load_release
from tests.bench.scale import AGAIN, QUERIES, scale_page
from tests.bench.synthetic import YEARS, write_archive

PARTS = ("one", "two", "sizes", "queries", "again")
# Each program says what to do once and how often: the quickest time counts, for others work on the machine as well.
_BUILD = """
from normalize.release import build
archive, releases, workers = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
rounds, work = 1, lambda: build(archive, releases, workers=workers)
"""
_COUNTY = """
from normalize.loading import load
release = Path(sys.argv[1])
load(release=release, county="110101")
rounds, work = 5, lambda: load(release=release, county="140221")
"""
_DIFF = """
from normalize.diff import years
rounds, work = 3, lambda: years(Path(sys.argv[1]), {first}, {second}, series={series}, jumps={jumps})
"""
_BEGIN = """
import json, resource, sys, time
from pathlib import Path
"""
_MEASURED = """
took = []
for place in range(rounds):
    start = time.perf_counter()
    work()
    took.append(time.perf_counter() - start)
    if not place:
        first = resource.getrusage(resource.RUSAGE_SELF)
own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({
    "seconds": min(took),
    "cpu": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
    "peak": first.ru_maxrss * 1024,
    "rounds": rounds,
}))
"""
Measured = dict[str, Any]


def run(program: str, *words: object) -> Measured:
    """What one process measured: seconds, processor seconds, and peak memory in bytes, its children's included."""
    command = [sys.executable, "-c", _BEGIN + program + _MEASURED, *map(str, words)]
    peak, load = 0, os.getloadavg()[0]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            peak, load = max(peak, resident(process.pid)), max(load, os.getloadavg()[0])
            time.sleep(0.1)
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:2])
    measured: Measured = json.loads(said)
    if measured["rounds"] == 1:
        measured["peak"] = max(peak, measured["peak"])
    return measured | {"load": load}


def resident(pid: int) -> int:
    """The bytes of memory that a process and all its descendants hold; pages that they share count for each."""
    home = Path("/proc") / str(pid)
    try:
        own = int((home / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        children = [int(child) for file in home.glob("task/*/children") for child in file.read_text().split()]
    except OSError:
        return 0
    return own + sum(map(resident, children))


def measure(folder: Path, reports: int, parts: list[str]) -> None:
    """Measure parts of one size and add them to what is known of it."""
    archive, releases = folder / f"archive-{reports}", folder / f"releases-{reports}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {memory:.0f} GB"
    keep(folder, reports, machine=machine, date=datetime.now(UTC).date().isoformat())
    if not archive.exists():
        start = time.perf_counter()
        write_archive(archive, reports)
        keep(folder, reports, generated=time.perf_counter() - start)
    keep(folder, reports, archive=size(archive))
    for part, workers in (("one", 1), ("two", 2)):
        if part in parts:
            shutil.rmtree(releases, ignore_errors=True)
            keep(folder, reports, **{part: run(_BUILD, archive, releases, workers)})
    if "sizes" in parts:
        keep(folder, reports, **sizes(releases))
    if "queries" in parts:
        keep(folder, reports, **queries(releases))
    if "again" in parts:
        again(folder, archive, releases, reports)


def keep(folder: Path, reports: int, **measured: Any) -> None:
    """Add to what is known of one size, and tell it."""
    file = folder / f"measured-{reports}.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"reports": reports}
    file.write_text(json.dumps(known | measured, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{reports:,}: {json.dumps(measured)}\n")
    sys.stdout.flush()


def size(folder: Path) -> int:
    """The bytes of a folder's files."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def sizes(releases: Path) -> Measured:
    """The bytes of the newest release by table, how many figures it holds, and the bytes of the readings beside it."""
    release = load_release(releases)
    tables: dict[str, int] = {}
    for entry in release.manifest["files"]:
        tables[entry["table"]] = tables.get(entry["table"], 0) + entry["bytes"]
    readings = sum(file.stat().st_size for file in releases.glob(".readings-*"))
    return {"tables": tables, "figures": release.rows["figures"], "readings": readings}


def queries(releases: Path) -> Measured:
    """One county's years, and two years compared in three ways."""
    latest = load_release(releases).path
    found = {"county": run(_COUNTY, latest)}
    for name, options in QUERIES.items():
        found[name] = run(_DIFF.format(first=YEARS[-2], second=YEARS[-1], **options), latest)
    return found


def again(folder: Path, archive: Path, releases: Path, reports: int) -> None:
    """Builds after 1 % of the reports changed: none, those of the newest year, then reports of all years."""
    steps = {"nothing": (reports - 1, reports), "newest": (len(YEARS) - 1, 100 // len(YEARS) * len(YEARS))}
    for seed, name in enumerate(AGAIN, 2):
        first, step = steps.get(name, (1, 101))
        changed, place = folder / f"changed-{reports}", folder / f"again-{reports}"
        for copy, source in ((changed, archive), (place, releases)):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(source, copy, symlinks=True)
        write_archive(changed, reports, first=first, step=step, seed=1 if name == "nothing" else seed)
        keep(folder, reports, **{name: run(_BUILD, changed, place, 1)})
        shutil.rmtree(changed)
        shutil.rmtree(place)


def main() -> None:
    """Measure the sizes asked for, and write the page of all that were measured."""
    parser = argparse.ArgumentParser(description="Measure builds and releases of synthetic archives.")
    parser.add_argument("--reports", type=int, nargs="*", default=[3000])
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS), help="What to measure of each size.")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    parser.add_argument("--page", type=Path, help="Write the page of all sizes that lie in the folder.")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for number in asked.reports:
        measure(asked.folder, number, asked.parts)
    if asked.page:
        known = [json.loads(file.read_text(encoding="utf-8")) for file in asked.folder.glob("measured-*.json")]
        asked.page.write_text(scale_page(known), encoding="utf-8")


if __name__ == "__main__":
    main()
