"""The explorer in a real browser: every view by its address, from coverage to the marked cell, and no other host."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from captures import Outcome
from normalize import read_document
from normalize.loading import load
from normalize.release import build
from tests.archives import open_writer, put
from tests.explorers import explorer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("streamlit", reason="needs the extra explore")
playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra js")
CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium")]

CASES = Path(__file__).parent / "cases"
PAGES = (("140221", "yanggao-2020"), ("320813", "hongze-2023"), ("321300", "suqian-2023"), ("321300", "suqian-2024"))
NAMES = {"140221": "阳高县", "320813": "洪泽区", "321300": "宿迁市"}
EVIL = (
    '<meta http-equiv="refresh" content="0;url=http://evil.example/"><script>top.location="http://evil.example"</script>'
    '<img src="http://evil.example/p.png" onerror="alert(1)">'
)
MOST_LOOKS = 80
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def make(folder: Path, pages: tuple[tuple[str, str], ...] = PAGES) -> None:
    """An archive and its release: the pages of golden cases, each with something hostile put into it."""
    with closing(open_writer(folder / "archive", run_id="20260301T080000Z")) as writer:
        rows = []
        for code, case in pages:
            url = f"http://portal.example/{case}.html"
            text = (CASES / case / "source.html").read_text(encoding="utf-8").replace("<body>", f"<body>{EVIL}", 1)
            assert "evil.example" in text
            headers = {"Content-Type": "text/html; charset=utf-8"}
            put(writer, url, text.encode(), headers=headers, portal_code=code)
            rows.append(Outcome(code, NAMES[code], int(case[-4:]), "found", url, "", writer.run_id))
        writer.write_outcomes(rows)
    build(folder / "archive", folder / "releases", reader=read_document)


class Visit:
    """A browser's page on the explorer, and every address that it asked for."""

    def __init__(self, home: str, context: Any) -> None:
        self.home, self.page = home, context.new_page()
        self.asked: list[str] = []
        self.dialogs: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", self.dismiss)

    def dismiss(self, dialog: Any) -> None:
        """Note a dialog and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def go(self, address: str) -> str:
        """Open an address; what the page says once it is at rest."""
        self.page.goto(self.home + address)
        return self.rest()

    def rest(self) -> str:
        """What the page says once it is at rest: twice the same, for between two views it says nothing."""
        before = ""
        for _ in range(MOST_LOOKS):
            self.page.locator("h1, .error").first.wait_for(timeout=20_000)
            self.page.locator(IDLE).wait_for(timeout=20_000)
            said = str(self.page.locator("[data-testid=stMain]").inner_text())
            if said and said == before:
                return said
            before = said
            self.page.wait_for_timeout(250)
        raise AssertionError(f"never at rest: {before}")

    def hosts(self) -> set[str]:
        """The hosts that were asked for anything."""
        return {urlsplit(url).netloc for url in self.asked if not url.startswith(("data:", "about:", "blob:"))}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explorer")
    make(folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(made: Path, browser: Any) -> Iterator[Visit]:
    with explorer(made / "releases", made / "archive", made / "log") as (home, _):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        found = Visit(home, context)
        yield found
        assert found.hosts() == {urlsplit(home).netloc}
        assert found.dialogs == []
        context.close()


def test_every_view_has_an_address(visit: Visit) -> None:
    expected = {
        "/coverage": "江苏省",
        "/coverage?province=江苏省": "321300",
        "/county?code=140221": "阳高县人民政府",
        "/compare?code=321300": "-235416",
        "/indicator?level=city": "宿迁市人民政府",
        "/quality": "S4-1",
        "/runs": "20260301T080000Z",
        "/dictionary?lang=en": "Data dictionary",
    }
    for address, words in expected.items():
        assert words in visit.go(address), address
        assert visit.page.locator("[data-testid=stException]").count() == 0, address
        visit.page.reload()
        assert words in visit.rest(), address


def test_from_coverage_to_the_marked_cell(visit: Visit, made: Path) -> None:
    visit.go("/coverage")
    visit.page.locator("table.coverage").get_by_text("江苏省").click()
    visit.page.locator("table.outcomes").get_by_text("321300").click()
    visit.page.locator("table.years").wait_for()
    assert "code=321300" in visit.page.url
    row = visit.page.locator("table.table-3 tr", has_text="本年新收政府信息公开申请数量")
    row.locator("a").last.click()
    visit.page.locator("table.facts").wait_for()
    said = visit.rest()
    report = load("reports", made / "releases", county="321300", years=2024)
    assert report["sha256"][0] in said
    assert "http://portal.example/suqian-2024.html" in said
    frame = next(each for each in visit.page.frames if each.url.startswith("data:"))
    cell = frame.locator("#gongkai-cell")
    assert cell.inner_text() == "3525"
    # The marked cell is in sight within its frame, without any script having run.
    assert 0 <= cell.evaluate("cell => cell.getBoundingClientRect().top") < 720
    assert "evil" not in frame.content()


def test_a_click_in_the_chart_leads_to_the_province(visit: Visit) -> None:
    visit.go("/coverage")
    visit.page.locator("[data-testid=stVegaLiteChart] path[aria-label*='江苏省']").first.click()
    visit.page.wait_for_url("**province=**", timeout=10_000)
    assert "321300" in visit.rest()


def test_the_language_is_switched_and_kept(visit: Visit) -> None:
    assert "年度" in visit.go("/county?code=140221")
    visit.page.get_by_role("button", name="English").click()
    visit.page.wait_for_url("**lang=en**")
    visit.page.get_by_text("Series over the years").wait_for()
    assert "lang=en" in str(visit.page.locator("table.peers a, table.years a").first.get_attribute("href"))
    visit.page.reload()
    assert "Chapters" in visit.rest()


def test_the_keyboard_is_enough(visit: Visit) -> None:
    visit.go("/coverage")
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement.innerText") == "江苏省":
            break
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**province=**")
    visit.go("/county?code=321300")
    visit.page.get_by_role("combobox", name="年度").focus()
    for key in ("Enter", "ArrowDown", "Enter"):
        visit.page.keyboard.press(key)
    visit.page.wait_for_url("**year=2023**")
    visit.rest()
    heads = visit.page.locator("th")
    assert heads.count() == visit.page.locator("th[scope]").count() > 50
    assert visit.page.locator("[lang=zh] h1").count() == visit.page.locator("h1").count() == 1


def test_a_narrow_screen_does_not_scroll_sideways(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 800})
    for address in ("/coverage", "/county?code=321300", "/compare?code=321300", "/indicator", "/quality"):
        visit.go(address)
        visit.rest()
        assert visit.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == 390, address


def test_a_choice_goes_into_the_address(visit: Visit) -> None:
    visit.go("/county?code=321300")
    visit.page.get_by_role("combobox").nth(3).click()
    visit.page.get_by_role("option", name="2023").click()
    visit.page.wait_for_url("**year=2023**")
    assert "宿迁市人民政府 2023" in visit.rest()


def test_tables_and_charts_are_downloaded(visit: Visit) -> None:
    visit.go("/coverage")
    starts = {"CSV": b"\xef\xbb\xbfprovince,", "SVG": b"<svg", "PNG": b"\x89PNG"}
    for name, start in starts.items():
        with visit.page.expect_download() as download:
            visit.page.get_by_role("button", name=name, exact=True).first.click()
        assert Path(download.value.path()).read_bytes().startswith(start)


def test_a_release_that_is_missing_or_comes_and_is_replaced(browser: Any, tmp_path: Path) -> None:
    with explorer(tmp_path / "releases", tmp_path / "archive", tmp_path / "log") as (home, _):
        visit = Visit(home, browser.new_context())
        assert "no release here" in visit.go("/county")
        make(tmp_path, PAGES[:1])
        assert "阳高县人民政府" in visit.go("/county")
        first = (tmp_path / "releases" / "latest").resolve().name
        second = tmp_path / "other"
        make(second, PAGES[2:])
        newest = (second / "releases" / "latest").resolve()
        shutil.copytree(newest, tmp_path / "releases" / newest.name)
        fresh = tmp_path / "releases" / "fresh"
        fresh.symlink_to(newest.name)
        fresh.replace(tmp_path / "releases" / "latest")
        shutil.rmtree(tmp_path / "releases" / first)
        visit.page.get_by_role("link", name="质量").click()
        visit.page.get_by_text(f"{newest.name}（刚刚取代了 {first}）").wait_for(timeout=10_000)
        assert visit.hosts() == {urlsplit(home).netloc}
