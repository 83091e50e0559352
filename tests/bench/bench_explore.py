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

# Asked with every frame that the browser draws: a locator's wait looks again after half a second only.
TEXT = "[...document.querySelectorAll('[data-testid=stHtml]')].map(each => each.innerText).join()"
WHOLE = f"""before => {{
    const idle = document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]');
    const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart]')];
    return document.querySelector('h1') && {TEXT} !== before && idle
        && charts.every(chart => chart.querySelector('svg, canvas'));
}}"""
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
# So many seconds are between views: right after the first the server makes others ahead, and who asks then shares it.
LOOKS = 1.0
# A choice within a view: where it is made, the name of its box, what is typed there.
CHOICES = (
    ("/coverage", "省份", "山西省"),
    ("/county?code=140221", "县区", "天镇县"),
    ("/county?code=140221", "年度", "2019"),
    ("/compare?code=140221&year=2020&year2=2021", "县区 2", "天镇县"),
    ("/indicator", "指标", "apply.result.denied.state_secret"),
    ("/indicator?indicator=apply.result.denied.state_secret", "量", "占办理结果总计"),
)


def whole(page: Any, before: str = "") -> None:
    """Wait until a view is whole: its text there and not the one before, its script at rest, its charts drawn."""
    page.wait_for_function(WHOLE, arg=before, timeout=60_000)


def opened(page: Any, address: str) -> float:
    """Seconds until the view at an address is whole."""
    start = time.perf_counter()
    page.goto(address)
    whole(page)
    return time.perf_counter() - start


def clicked(page: Any, name: str) -> float:
    """Seconds from a click in the navigation until the view is whole."""
    before = page.evaluate(TEXT)
    start = time.perf_counter()
    page.get_by_test_id("stSidebar").get_by_text(name, exact=True).click()
    whole(page, before)
    return time.perf_counter() - start


def chosen(page: Any, address: str, box: str, typed: str) -> float:
    """Seconds from a choice in a view that stands open until the view is whole."""
    opened(page, address)
    before = page.evaluate(TEXT)
    page.get_by_role("combobox", name=box, exact=True).fill(typed)
    start = time.perf_counter()
    page.keyboard.press("Enter")
    whole(page, before)
    return time.perf_counter() - start


def resident(process: int) -> tuple[int, int]:
    """Memory of a process in MB: now, and at its highest."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    found = dict(line.split(":", 1) for line in lines)
    now, peak = (int(found[name].split()[0]) // 1000 for name in ("VmRSS", "VmHWM"))
    return now, peak


def tell(name: str, seconds: list[float], process: int) -> None:
    """Print a line: seconds the first time and again, the server's memory."""
    sys.stdout.write(f"| {name} | {seconds[0]:.2f} s | {seconds[1]:.2f} s | {resident(process)[0]} MB |\n")
    sys.stdout.flush()


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
            tell(name, [opened(page, home + address) for _ in range(2)], process)
            time.sleep(LOOKS)
        for name in CLICKS:
            tell(f"a click: {name}", [clicked(page, name), (clicked(page, "字典"), clicked(page, name))[1]], process)
        for address, *choice in CHOICES:
            told = f"a choice in {address.split('?')[0]}: {choice[0]} {choice[1]}"
            tell(told, [chosen(page, home + address, *choice) for _ in range(2)], process)
        opened(page, home + ADDRESSES[2][1])
        to_source = str(page.locator("td a[href*='/source?']").first.get_attribute("href"))
        for name, address in (("source of a number", to_source), ("runs", "/runs")):
            tell(name, [opened(page, home + address) for _ in range(2)], process)
        sys.stdout.write(f"| peak memory | {resident(process)[1]} MB | | |\n")
        browser.close()


if __name__ == "__main__":
    main()
