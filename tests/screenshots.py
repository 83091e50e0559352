"""Makes the pictures of docs/screenshots anew: every view of the explorer on the release of the golden cases.

Example: ``python -m tests.screenshots docs/screenshots``
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from msgspec.structs import replace

from operations.history import History
from operations.model import Alarm, Status, Summary
from tests.explorers import explorer
from tests.test_explorer_browser import make

VIEWS = {
    "coverage": "/coverage?province=江苏省&lang=en",
    "county": "/county?code=321300&lang=en",
    "compare": "/compare?code=321300&lang=en",
    "indicator": "/indicator?level=city&lang=en",
    "quality": "/quality?check=S4-1&lang=en",
    "runs": "/runs?lang=en",
    "dictionary": "/dictionary?lang=en",
    "tables": "/compare?code=321300&lang=zh",
}
# What a picture begins with where that is not the view's own top.
TOPS = {"tables": "table.table-3"}
BELOW_THE_BAR = "table => { table.style.scrollMarginTop = '90px'; table.scrollIntoView(); }"
CELL = "indicator=apply.new&applicant=total&lang=en"
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWN = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]
    .every(chart => chart.querySelector('svg, canvas'))"""


def record(folder: Path) -> None:
    """Records of three unattended runs, made up, of a portal that says so."""
    gone = Alarm("gone", "000000 example portal", "reports of 2020 were there and are not any more (year_missing)")
    fallen = Alarm("family", "trs", "3 of 4 portals show nothing (js_list): has the software changed?")
    told = ((), (gone, fallen), (replace(gone, standing=True), Alarm("coverage", "2025", "3 of 9, a year ago 7 of 9")))
    for month, alarms in enumerate(told, 1):
        name = f"2026{month:02}01T030000Z"
        started = f"2026-{month:02}-01T03:00:00+00:00"
        status = Status.REFUSED if month == len(told) else Status.OK
        summary = Summary(run_id=name, host="example", started_at=started, status=status, alarms=list(alarms))
        summary.portals, summary.requests, summary.seconds = 9, 120 - month, 61.0
        History(folder / "operations").write(summary)


def main() -> None:
    """Write the pictures into the folder that the command line names."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp())
    make(made)
    record(made)
    releases = made / "releases"
    report = next(iter(releases.glob("latest/reports/report_year=2024/*.parquet")))
    frame = import_module("pandas").read_parquet(report)
    identifier = frame[frame["division_code"] == "321300"]["report_id"].iloc[0]
    views = VIEWS | {"source": f"/source?report={identifier}&{CELL}"}
    playwright = import_module("playwright.sync_api")
    with explorer(releases, made / "archive", made / "log") as (home, _), playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        for name, address in views.items():
            page.goto(home + address)
            page.locator("h1").first.wait_for()
            page.locator(IDLE).wait_for()
            page.wait_for_function(DRAWN)
            if name in TOPS:
                page.locator(TOPS[name]).evaluate(BELOW_THE_BAR)
            page.wait_for_timeout(500)
            page.screenshot(path=target / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
