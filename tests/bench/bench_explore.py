"""The explorer at size, in a real browser: seconds until each view is whole, and the server's memory; tests nothing.

Example: ``python -m tests.bench.bench_explore --releases /tmp/bench/releases-51000``
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.explorers import explorer

IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWN = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]
    .every(chart => chart.querySelector('svg, canvas'))"""
ADDRESSES = (
    ("coverage (first view)", "/coverage"),
    ("coverage of a province", "/coverage?province=山西省"),
    ("county", "/county?code=140221"),
    ("county, another year", "/county?code=140221&year=2020"),
    ("compare two years", "/compare?code=140221"),
    ("compare two counties", "/compare?code=140221&code2=140222"),
    ("indicator", "/indicator?indicator=apply.new"),
    ("indicator, a share", "/indicator?indicator=apply.result.denied.state_secret&measure=share"),
    ("quality", "/quality"),
    ("dictionary", "/dictionary"),
)
# In the app the browser keeps the page; an address opened anew loads all of it again.
CLICKS = ("覆盖", "县区", "对比", "指标", "质量")


def whole(page: Any) -> None:
    """Wait until a view is whole: its heading there, its script at rest, its charts drawn."""
    page.locator("h1").first.wait_for(timeout=60_000)
    page.locator(IDLE).wait_for(timeout=60_000)
    page.wait_for_function(DRAWN, timeout=60_000)


def opened(page: Any, address: str) -> float:
    """Seconds until the view at an address is whole."""
    start = time.perf_counter()
    page.goto(address)
    whole(page)
    return time.perf_counter() - start


def clicked(page: Any, name: str) -> float:
    """Seconds from a click in the navigation until the view is whole."""
    before = page.locator("h1").first.inner_text()
    start = time.perf_counter()
    page.get_by_test_id("stSidebar").get_by_text(name, exact=True).click()
    page.wait_for_function("before => (document.querySelector('h1') || {}).innerText !== before", arg=before)
    whole(page)
    return time.perf_counter() - start


def resident(process: int) -> tuple[int, int]:
    """Memory of a process in MB: now, and at its highest."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    found = dict(line.split(":", 1) for line in lines)
    now, peak = (int(found[name].split()[0]) // 1000 for name in ("VmRSS", "VmHWM"))
    return now, peak


def main() -> None:
    """Measure every view once as the first visitor and once more."""
    parser = argparse.ArgumentParser(description="Time the views of the explorer in Chromium.")
    parser.add_argument("--releases", type=Path, required=True)
    parser.add_argument("--archive", type=Path, default=Path("absent"))
    asked = parser.parse_args()
    playwright = import_module("playwright.sync_api")
    log = Path(tempfile.mkdtemp()) / "log"
    places = asked.releases.absolute(), asked.archive.absolute()
    with explorer(*places, log) as (home, process), playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        for name, address in ADDRESSES:
            seconds = [opened(page, home + address) for _ in range(2)]
            sys.stdout.write(f"| {name} | {seconds[0]:.2f} s | {seconds[1]:.2f} s | {resident(process)[0]} MB |\n")
            sys.stdout.flush()
        for name in CLICKS:
            seconds = [clicked(page, name), (clicked(page, "字典"), clicked(page, name))[1]]
            sys.stdout.write(
                f"| a click: {name} | {seconds[0]:.2f} s | {seconds[1]:.2f} s | {resident(process)[0]} MB |\n"
            )
            sys.stdout.flush()
        sys.stdout.write(f"| peak memory | {resident(process)[1]} MB | | |\n")
        browser.close()


if __name__ == "__main__":
    main()
