"""A soak: one crawl of many portals; memory stays flat, no descriptor leaks, every host is asked politely.

As many portals as CI can hold; ``GONGKAI_SOAK=1000`` asks for the full size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import pytest

from captures import Archive
from tests.operating import ROOT, FaultyNow, statutory

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
PORTALS = int(os.environ.get("GONGKAI_SOAK", "120"))
DELAY = 0.5
# So many hosts are visited at once.
AT_ONCE = 64
# So much more memory may a crawl take in its second half than in its first, which with few portals has only warmed up.
GROWTH_MB = 8 if PORTALS >= 500 else 16
YEARS = range(2018, 2024)
LIST = "/zwgk/zfxxgk/zfxxgknb/"
PAGE = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'
ARTICLE = FaultyNow("测试县", [statutory("测试县", 2023)]).reports[0].html.decode()
SETTINGS = {
    "DOWNLOAD_DELAY": str(DELAY),
    "RANDOMIZE_DOWNLOAD_DELAY": "False",
    "AUTOTHROTTLE_ENABLED": "False",
    "LOG_LEVEL": "ERROR",
}


class Hosts(BaseHTTPRequestHandler):
    """Many portals on one port, told apart by their addresses in 127.0.0.0/8."""

    protocol_version = "HTTP/1.1"
    asked: dict[str, list[float]] = defaultdict(list)  # noqa: RUF012 - of one server
    in_flight: dict[str, int] = defaultdict(int)  # noqa: RUF012
    at_once: dict[str, int] = defaultdict(int)  # noqa: RUF012
    lock = threading.Lock()

    def do_GET(self) -> None:
        host = self.headers["Host"]
        with self.lock:
            self.asked[host].append(time.monotonic())
            self.in_flight[host] += 1
            self.at_once[host] = max(self.at_once[host], self.in_flight[host])
        body = self._body().encode()
        # Counted down before the answer is out: the next request may come at once.
        with self.lock:
            self.in_flight[host] -= 1
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> str:
        number = self.headers["Host"].partition(":")[0].replace(".", "")
        titles = {year: f"第{number}县人民政府{year}年政府信息公开工作年度报告" for year in YEARS}
        if self.path == LIST:
            rows = (
                f'<li><a href="{LIST}{year + 1}01/t{year + 1}0120_1.html">{title}</a><span>{year + 1}-01-20</span></li>'
                for year, title in titles.items()
            )
            return PAGE.format(title="政府信息公开年报", body=f"<ul>{''.join(rows)}</ul>")
        year = int(self.path.removeprefix(LIST)[:4]) - 1 if self.path.endswith("_1.html") else 0
        return PAGE.format(title=titles[year], body=f"<p>{year}</p>{ARTICLE}") if year else ""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server that lets nobody wait to be accepted, which would look like requests that come in bursts."""

    request_queue_size = 1024
    daemon_threads = True


@pytest.fixture
def port() -> Iterator[int]:
    server = Server(("0.0.0.0", 0), Hosts)  # noqa: S104 - all of 127.0.0.0/8
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def catalogue(folder: Path, port: int) -> dict[str, str]:
    """Write the catalogue and return what a crawl is given."""
    codes = [str(140000 + number) for number in range(PORTALS)]
    hosts = [f"127.1.{number // 250}.{number % 250 + 1}:{port}" for number in range(PORTALS)]
    rows = [
        f"{code},第{host.partition(':')[0].replace('.', '')}县,county,http://{host}/,http://{host}{LIST}"
        for code, host in zip(codes, hosts, strict=True)
    ]
    (folder / "portals.csv").write_text(
        "\n".join(["code,name,level,home_url,list_url", *rows]) + "\n", encoding="utf-8"
    )
    (folder / "divisions.csv").write_text("\n".join(["code", *codes]) + "\n", encoding="utf-8")
    places = {name: str(folder / file) for name, file in (("portals", "portals.csv"), ("divisions", "divisions.csv"))}
    return places | {"archive": str(folder / "archive")}


class Watch:
    """The memory and the open files of a process, sampled until it ends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.megabytes: list[float] = []
        self.files: list[int] = []
        self._process = process
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        place = Path(f"/proc/{self._process.pid}")
        page = os.sysconf("SC_PAGE_SIZE")
        while self._process.poll() is None:
            try:
                resident = int((place / "statm").read_text(encoding="ascii").split()[1]) * page
                self.files.append(len(list((place / "fd").iterdir())))
            except (OSError, IndexError):
                return
            self.megabytes.append(resident / 1e6)
            time.sleep(0.1)


def crawl(given: dict[str, Any]) -> tuple[dict[str, Any], Watch]:
    # With fewer open files than there are portals: the crawl has to ask for more itself.
    limited = ["sh", "-c", 'ulimit -Sn 64; exec "$@"', "sh"]
    words = [*limited, sys.executable, "-m", "crawler.job", json.dumps(given)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch(process)
        assert process.stdout
        told = json.loads(process.stdout.read())
    return told, watch


def test_soak(port: int, tmp_path: Path) -> None:
    Hosts.asked.clear()
    Hosts.at_once.clear()
    given: dict[str, Any] = {**catalogue(tmp_path, port), "years": [2017, 2023], "settings": SETTINGS}
    told, watch = crawl(given)
    assert (told["portals"], told["reports"]) == (PORTALS, PORTALS * len(YEARS))
    assert told["outcomes"] == {"found": PORTALS * len(YEARS), "year_missing": PORTALS}
    # Every host: one request at a time, spaced.
    assert len(Hosts.asked) == PORTALS
    assert set(Hosts.at_once.values()) == {1}
    spaces = [later - earlier for times in Hosts.asked.values() for earlier, later in pairwise(times)]
    # The crawler counts from sending to sending; what is seen here is arriving, and one arrival that is late on a busy
    # machine shortens the space behind it. Of one request in flight and the right number in all, nothing is gained so.
    assert mean(spaces) > DELAY * 0.95
    assert sum(space < DELAY / 2 for space in spaces) <= len(spaces) * 0.02
    # Descriptors: a connection for each host under way, whatever the number of portals, and a few files.
    assert max(watch.files) < AT_ONCE + 40
    middle = watch.files[len(watch.files) // 4 : len(watch.files) * 3 // 4]
    assert watch.files[-1] <= max(middle)
    # Memory: flat. The first portals warm caches and pools; what is still left of a portal is put in its host's slot,
    # which Scrapy drops after a minute, and garbage waits to be collected.
    half = max(watch.megabytes[: len(watch.megabytes) // 2])
    growth = max(watch.megabytes) - half
    assert growth < GROWTH_MB, watch.megabytes[:: len(watch.megabytes) // 10 or 1]
    figures = f"{max(watch.megabytes):.0f} MB at most, {growth:.1f} MB more than in the first half"
    print(f"{PORTALS} portals: {figures}, {max(watch.files)} descriptors, {mean(spaces):.2f} s apart")  # noqa: T201
    with Archive(tmp_path / "archive") as archive:
        assert len(archive.outcomes()) == (len(YEARS) + 1) * PORTALS
