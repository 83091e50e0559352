"""Builds, releases and queries at size, against the marks of the design; prints a table, tests nothing.

Example: ``python -m tests.bench.bench_release --reports 3000 30000 --folder /tmp/bench``

Each build and query runs in a process of its own, so that its memory is its own. Processor seconds (all processes of a
build) are less disturbed by other work on the machine than seconds on the clock; both are printed.
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
from pathlib import Path
from typing import Any

from normalize.published import load_release
from tests.bench.synthetic import YEARS, write_archive

MB = 1_000_000
_BUILD = """
import json, resource, sys, time
from pathlib import Path
from normalize.release import build
archive, releases, workers = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
start = time.perf_counter()
build(archive, releases, workers=workers)
"""
_COUNTY = """
import json, resource, sys, time
from pathlib import Path
from normalize.loading import load
release = Path(sys.argv[1])
load(release=release, county="110101")
start = time.perf_counter()
load(release=release, county="140221")
"""
_DIFF = """
import json, resource, sys, time
from pathlib import Path
from normalize.diff import years
start = time.perf_counter()
years(Path(sys.argv[1]), {first}, {second}, series={series}, jumps={jumps})
"""
_MEASURED = """
seconds = time.perf_counter() - start
own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({
    "seconds": seconds,
    "cpu": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
    "own_kb": own.ru_maxrss, "child_kb": children.ru_maxrss,
}))
"""


def run(program: str, *words: object) -> dict[str, float]:
    """What one process measured of itself: seconds, processor seconds, and peak memory in KB."""
    command = [sys.executable, "-c", program + _MEASURED, *map(str, words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def show(what: str, value: str, mark: str = "") -> None:
    """Print one row of the table."""
    sys.stdout.write(f"| {what} | {value} | {mark} |\n")
    sys.stdout.flush()


def build(archive: Path, releases: Path, workers: int = 1) -> dict[str, float]:
    """Build in a process of its own."""
    return run(_BUILD, archive, releases, workers)


def peak(measured: dict[str, float], workers: int) -> str:
    """Peak memory: of the process, and with its workers where there are any."""
    children = workers * measured["child_kb"] if workers > 1 else 0
    return f"{(measured['own_kb'] + children) * 1024 / MB:.0f} MB"


def spent(measured: dict[str, float], reports: int) -> str:
    """Seconds, processor seconds, and those per report."""
    each = 1000 * measured["cpu"] / reports
    return f"{measured['seconds']:.1f} s, {measured['cpu']:.1f} s of processor, {each:.2f} ms a report"


def measure(folder: Path, reports: int, *, workers: bool) -> dict[str, float]:
    """Measure one size; the full build."""
    archive, releases = folder / f"archive-{reports}", folder / f"releases-{reports}"
    _archived(archive, reports)
    shutil.rmtree(releases, ignore_errors=True)
    full = build(archive, releases)
    show(f"{reports:,}: full build, 1 process", spent(full, reports))
    show(f"{reports:,}: peak memory", peak(full, 1), "below 1.5 GB")
    if workers:
        shutil.rmtree(releases)
        two = build(archive, releases, 2)
        show(f"{reports:,}: full build, 2 processes", f"{full['seconds'] / two['seconds']:.2f} x as quick", ">= 1.7 x")
        show(f"{reports:,}: peak memory, 2 processes", peak(two, 2), "below 1.5 GB")
    _sizes(releases, reports)
    _queries(releases, reports)
    _again(folder, archive, releases, reports, full)
    return full


def measure_once(folder: Path, reports: int) -> None:
    """Measure one size that takes long: one build by two processes, then its size and queries."""
    archive, releases = folder / f"archive-{reports}", folder / f"releases-{reports}"
    _archived(archive, reports)
    shutil.rmtree(releases, ignore_errors=True)
    full = build(archive, releases, 2)
    show(f"{reports:,}: full build, 2 processes", spent(full, reports))
    show(f"{reports:,}: peak memory, 2 processes", peak(full, 2), "below 1.5 GB")
    _sizes(releases, reports)
    _queries(releases, reports)


def _archived(archive: Path, reports: int) -> None:
    if archive.exists():
        return
    start = time.perf_counter()
    write_archive(archive, reports)
    size = sum(file.stat().st_size for file in archive.iterdir())
    show(f"{reports:,}: archive written", f"{time.perf_counter() - start:.1f} s, {size / MB:.0f} MB")


def _sizes(releases: Path, reports: int) -> None:
    release = load_release(releases)
    figures = release.rows["figures"]
    readings = sum(file.stat().st_size for file in releases.glob(".readings-*"))
    show(f"{reports:,}: readings kept for the next build", f"{readings / MB:.0f} MB")
    by_table: dict[str, int] = {}
    for entry in release.manifest["files"]:
        by_table[entry["table"]] = by_table.get(entry["table"], 0) + entry["bytes"]
    show(f"{reports:,}: table figures", f"{by_table['figures'] / figures:.2f} bytes a figure, all columns", "<= 2")
    parts = ", ".join(f"{name} {size / figures:.2f}" for name, size in sorted(by_table.items()) if name)
    show(f"{reports:,}: release", f"{sum(by_table.values()) / MB:.1f} MB; bytes a figure by table: {parts}")


def _queries(releases: Path, reports: int) -> None:
    latest = load_release(releases).path
    show(f"{reports:,}: one county's years", f"{1000 * run(_COUNTY, latest)['seconds']:.0f} ms", "<= 50 ms")
    asked: list[tuple[str, dict[str, Any]]] = [
        ("diff of two years", {"series": False, "jumps": False}),
        ("diff by series", {"series": True, "jumps": False}),
        ("diff with jumps", {"series": False, "jumps": True}),
    ]
    for what, options in asked:
        done = run(_DIFF.format(first=YEARS[-2], second=YEARS[-1], **options), latest)
        mark = "<= 3 s, <= 500 MB" if what == asked[0][0] else ""
        show(f"{reports:,}: {what}", f"{done['seconds']:.2f} s, {done['own_kb'] * 1024 / MB:.0f} MB", mark)


def _again(folder: Path, archive: Path, releases: Path, reports: int, full: dict[str, float]) -> None:
    """Builds after 1 % of the reports changed: those of the newest year, then reports of all years."""
    in_newest = 100 // len(YEARS) * len(YEARS)
    changes = [
        ("nothing changed but the crawl", reports - 1, reports),
        ("1 % changed, in the newest year", len(YEARS) - 1, in_newest),
        ("1 % changed, over all years", 1, 101),
    ]
    for seed, (what, first, step) in enumerate(changes, 2):
        changed = folder / f"changed-{reports}-{seed}"
        shutil.rmtree(changed, ignore_errors=True)
        shutil.copytree(archive, changed)
        same = what.startswith("nothing")
        write_archive(changed, reports, first=first, step=step, seed=1 if same else seed)
        place = folder / f"again-{reports}"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(releases, place, symlinks=True)
        done = build(changed, place)
        share = 100 * done["cpu"] / full["cpu"]
        show(f"{reports:,}: {what}", f"{share:.1f} % of a full build ({spent(done, reports)})", "<= 5 %")
        shutil.rmtree(changed)


def main() -> None:
    """Measure the sizes asked for."""
    parser = argparse.ArgumentParser(description="Measure builds and releases of synthetic archives.")
    parser.add_argument("--reports", type=int, nargs="*", default=[3000])
    parser.add_argument("--once", type=int, nargs="*", default=[], help="Sizes to build once, by two processes.")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {memory:.0f} GB"
    sys.stdout.write(f"{machine}, load {os.getloadavg()[0]:.1f}\n\n")
    sys.stdout.write("| what | measured | mark |\n| --- | --- | --- |\n")
    done = {number: measure(asked.folder, number, workers=number == min(asked.reports)) for number in asked.reports}
    if len(done) > 1:
        least, most = min(done), max(done)
        ratio = done[most]["cpu"] / done[least]["cpu"] / (most / least)
        show(f"{most:,} against {least:,}", f"{ratio:.2f} x the cost a report", "within 10 %")
    for number in asked.once:
        measure_once(asked.folder, number)


if __name__ == "__main__":
    main()
