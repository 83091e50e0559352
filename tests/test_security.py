"""docs/security.md: every threat has its test, and those that no other test file holds are here."""

from __future__ import annotations

import ast
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from captures import Archive
from captures.warc import Member, members, warc_files
from operations.model import Report, RunError, Status, Summary
from operations.notify import check_places, notify
from operations.text import markdown
from tests.portals.base import Answer
from tests.portals.catalogue import county_reports, crawl_portals
from tests.portals.static import StaticPortal
from tests.portals.trs import TrsPortal

if TYPE_CHECKING:
    from tests.portals.base import FakePortal

ROOT = Path(__file__).resolve().parent.parent
TITLE = "[点击](http://evil.example) <script>alert(1)</script> | `x` **y**"
SECRET = "s3cr3t-of-the-operator"  # noqa: S105 - made up


def threats() -> dict[str, list[str]]:
    """The threats of the document with the names of their tests."""
    lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("|")][2:]
    return {threat: [name.strip("`") for name in tests.split(", ")] for threat, _, tests in rows}


def test_every_threat_has_its_test() -> None:
    names = {
        node.name
        for path in (ROOT / "tests").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    known = threats()
    assert len(known) > 15
    without = {threat: tests for threat, tests in known.items() if not set(tests) <= names}
    assert list(without) == ["A dependency with a known hole"]


async def test_redirects_and_attachments_lead_to_no_private_address(tmp_path: Path) -> None:
    """The catalogue names 127.0.0.1; 127.0.0.9 is another host of this machine, which it does not name."""
    victim = StaticPortal("内网", host="127.0.0.9")
    portal = TrsPortal("阳高县", county_reports("阳高县", 2022, 2023))
    async with victim, portal:
        inner = victim.home_url
        (first, *_) = [path for path in portal.files if path.endswith(".html") and "/t2" in path]
        page = portal.files[first].body.decode()
        link = f'<a href="{inner}secret.pdf">附件1.pdf</a><img src="{inner}x.png"><iframe src="{inner}frame"></iframe>'
        portal.files[first] = Answer(page.replace("</body>", f"{link}</body>").encode())
        others = [path for path in portal.files if path.endswith(".pdf")]
        for path in others:
            portal.files[path] = Answer(b"", status=302, location=f"{inner}admin")
        portals: dict[str, FakePortal] = {"140221": portal}
        await crawl_portals(tmp_path, portals)
        assert victim.requests == []
        assert others
    with Archive(tmp_path / "archive") as archive:
        assert not any("127.0.0.9" in capture.final_url for capture in archive.captures(newest=False))


def summary(**more: object) -> Summary:
    facts = {"run_id": "20260101T000000Z", "host": "h", "started_at": "2026-01-01T00:00:00Z", "status": Status.OK}
    return Summary(**facts | more)  # type: ignore[arg-type]


def test_titles_with_markup_are_text_in_the_summary() -> None:
    report = Report("140221-2023-0", "140221", TITLE, 2023, "http://a.example/<b>?x=`&y=1")
    text = markdown(summary(new=[report], errors=[TITLE + "\n# heading"], gone=[TITLE]))
    page = MarkdownIt("commonmark", {"html": True}).render(text)
    assert text.count("evil.example") == 3
    for tag in ("<script", "<a ", "<b>", "<code", "<em"):
        assert tag not in page
    assert page.count("<h1>") == 1


def test_secrets_are_not_told(caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("apprise", reason="notifications need the extra operate")
    caplog.set_level(logging.DEBUG)
    for place in (f"nosuchservice://user:{SECRET}@a.example", f"json://user:{SECRET}@"):
        with pytest.raises(RunError) as caught:
            check_places([place])
        assert SECRET not in str(caught.value)
    (failed,) = notify(summary(), "text", [f"json://user:{SECRET}@127.0.0.1:9/hook"])
    assert "127.0.0.1" in failed
    assert SECRET not in failed
    assert SECRET not in "".join(record.getMessage() for record in caplog.records)


async def test_password_of_a_catalogue_address_is_not_archived_as_a_header(tmp_path: Path) -> None:
    portal = TrsPortal("阳高县", county_reports("阳高县", 2023, 2023))
    async with portal:
        await crawl_portals(tmp_path, {"140221": portal}, DEFAULT_REQUEST_HEADERS=json.dumps({"Authorization": SECRET}))
    (warc,) = warc_files(tmp_path / "archive")
    assert SECRET.encode() not in b"".join(each.data for each in members(warc) if isinstance(each, Member))
    assert portal.requests
