"""Crawls beside a bare Scrapy spider that fetches the same pages, and crawls again; prints a table, tests nothing.

Examples: ``python -m tests.bench.bench_crawl --portals 200 --rounds 3``,
``python -m tests.bench.bench_crawl --memory 100 300 1000 --years 2019-2024``

The portals are served by a process of their own. Everything else takes turns in processes of its own: processor
seconds and seconds on the clock are both printed, the best of several rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from tests.portals.catalogue import write_catalogue
from tests.portals.trs import TrsPortal

QUICK = {"DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "False", "LOG_LEVEL": "ERROR", "CONTACT": "bench"}
YEARS = (2008, 2024)
_BARE = """
import json, resource, sys, time
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
class Bare(scrapy.Spider):
    name = "bare"
    custom_settings = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "CONCURRENT_REQUESTS": 64, "TELNETCONSOLE_ENABLED": False,
        "ROBOTSTXT_OBEY": True, "LOG_LEVEL": "ERROR", "COOKIES_ENABLED": False}
    bytes = 0
    async def start(self):
        for url in json.load(open(sys.argv[1])):
            yield scrapy.Request(url)
    def parse(self, response):
        Bare.bytes += len(response.body)
process = AsyncCrawlerProcess()
process.crawl(Bare)
start = time.perf_counter()
process.start()
"""
_OURS = """
import json, resource, sys, time
from pathlib import Path
from crawler.run import crawl
folder, archive = Path(sys.argv[1]), Path(sys.argv[2])
settings, years = json.loads(sys.argv[3]), json.loads(sys.argv[4])
start = time.perf_counter()
done = crawl(portals=folder / "portals.csv", divisions=folder / "divisions.csv", archive=archive,
    years=tuple(years), settings=settings)
sys.stderr.write(json.dumps({"requests": done.requests, "bytes": done.bytes, "reports": done.reports,
    "outcomes": done.outcomes}))
"""
_MEASURED = """
seconds = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}))
"""


def page_of(name: str, year: int) -> bytes:
    """A report's text: prose and a table, about as long as reports are."""
    prose = f"<p>{name}{year}年依法公开政府信息，办理依申请公开，予以公开的事项均已说明。</p>" * 60
    cells = "".join(f"<tr>{'<td style=border:1px>规章 行政许可</td><td>12</td>' * 5}</tr>" for _ in range(40))
    return f"{prose}<table>{cells}</table>".encode()


def portals_of(count: int, years: tuple[int, int]) -> dict[str, TrsPortal]:
    """Portals by code, each on an address of its own."""
    portals = {}
    for number in range(count):
        name = f"第{number}测试县"
        reports: list[tuple[object, ...]] = [
            (f"{name}人民政府{year}年政府信息公开工作年度报告", f"{year + 1}-01-20", page_of(name, year))
            for year in range(years[1], years[0] - 1, -1)
        ]
        host = f"127.0.{1 + number // 250}.{1 + number % 250}"
        portals[f"{140000 + number}"] = TrsPortal(name, reports, per_page=9, host=host)
    return portals


async def _serve(folder: Path, count: int, years: tuple[int, int]) -> None:
    async with AsyncExitStack() as stack:
        portals = portals_of(count, years)
        for portal in portals.values():
            await stack.enter_async_context(portal)
        write_catalogue(folder, portals)
        lists = {portal.list_path: portal for portal in portals.values()}
        urls = [
            portal.home_url.rstrip("/") + path for portal in portals.values() for path in portal.files if path != "/"
        ]
        assert lists
        (folder / "urls.json").write_text(json.dumps(urls), encoding="utf-8")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def run(program: str, *words: object) -> dict[str, float]:
    """What one process measured and said of itself."""
    command = [sys.executable, "-c", program + _MEASURED, *map(str, words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured | (json.loads(done.stderr.splitlines()[-1]) if done.stderr.strip().startswith("{") else {})


def show(what: str, value: str, mark: str = "") -> None:
    """Print one row of the table."""
    sys.stdout.write(f"| {what} | {value} | {mark} |\n")
    sys.stdout.flush()


def best(rounds: list[dict[str, float]], key: str) -> float:
    """The least of several rounds."""
    return min(measured[key] for measured in rounds)


def compare(folder: Path, rounds: int, years: tuple[int, int]) -> None:
    """Take turns, then print."""
    pages = len(json.loads((folder / "urls.json").read_text(encoding="utf-8")))
    bare, ours, again = [], [], []
    for number in range(rounds):
        bare.append(run(_BARE, folder / "urls.json"))
        words = (folder, folder / f"archive-{number}", json.dumps(QUICK), json.dumps(years))
        ours.append(run(_OURS, *words))
        again.append(run(_OURS, *words[:2], json.dumps(QUICK | {"REVISIT_DAYS": "0"}), words[3]))
    for what, measured in (("bare Scrapy spider", bare), ("gongkai crawl", ours), ("the same again", again)):
        seconds, cpu = best(measured, "seconds"), best(measured, "cpu")
        show(
            what,
            f"{pages / seconds:.0f} pages a second, {1000 * cpu / pages:.2f} ms of processor a page, "
            f"{max(m['mb'] for m in measured):.0f} MB",
        )
    show("crawl / bare, by the clock", f"{best(bare, 'seconds') / best(ours, 'seconds'):.2f}", ">= 0.8")
    show("crawl / bare, by processor", f"{best(bare, 'cpu') / best(ours, 'cpu'):.2f}")
    show("bytes of the second crawl", f"{again[0]['bytes'] / ours[0]['bytes']:.1%}", "<= 10 %")
    show(
        "reports, requests",
        f"{ours[0]['reports']}, {ours[0]['requests']}: "
        f"{ours[0]['requests'] / ours[0]['reports']:.2f} requests a report",
    )


def memory(folder: Path, years: tuple[int, int], sizes: tuple[int, ...]) -> None:
    """Crawl more and more of the portals, and print how much memory each crawl took at its height."""
    lines = (folder / "portals.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    for size in sizes:
        part = folder / f"first-{size}"
        part.mkdir()
        (part / "portals.csv").write_text("".join(lines[: size + 1]), encoding="utf-8")
        (part / "divisions.csv").write_bytes((folder / "divisions.csv").read_bytes())
        done = run(_OURS, part, part / "archive", json.dumps(QUICK), json.dumps(years))
        show(
            f"{size:,} portals, {done['requests']:,} requests", f"{done['mb']:.0f} MB, {done['seconds']:.0f} s", "flat"
        )


def main() -> None:
    """Serve, crawl, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portals", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--years", default=f"{YEARS[0]}-{YEARS[1]}")
    parser.add_argument("--memory", type=int, nargs="+", help="instead: crawl so many portals each, print peak memory")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    first, _, last = asked.years.partition("-")
    years = (int(first), int(last))
    if asked.serve:
        asyncio.run(_serve(Path(asked.serve), asked.portals, years))
        return
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "tests.bench.bench_crawl", "--serve", place]
        command += ["--portals", str(max(asked.memory or [asked.portals])), "--years", asked.years]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            assert server.stdin
            assert server.stdout.readline() == "ready\n"
            if asked.memory:
                memory(Path(place), years, tuple(asked.memory))
            else:
                compare(Path(place), asked.rounds, years)
            server.stdin.close()


if __name__ == "__main__":
    main()
