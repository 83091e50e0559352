"""The archive's writer, behind Scrapy's HTTP cache."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli  # type: ignore[import-untyped]
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response
from scrapy.settings import Settings
from warcio.archiveiterator import ArchiveIterator

from captures import Archive, ArchiveError, Outcome, reindex, verify
from captures.index import INDEX_NAME
from captures.warc import Member, digest, members
from crawler.archive import ArchiveWriter, WarcCacheStorage
from crawler.warc import WarcFile, metadata_record, request_record, response_record
from tests.archives import URL, clock, open_writer, put

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

Seen = list[tuple[str, int, str]]

REPLAY = {"HTTPCACHE_POLICY": "scrapy.extensions.httpcache.DummyPolicy", "HTTPCACHE_IGNORE_MISSING": True}
STOCK = {"DOWNLOADER_MIDDLEWARES": {}, "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy"}
TITLE = "阳高县人民政府2020年政府信息公开工作年度报告"
CHANGED = "Wed, 01 Jan 2020 00:00:00 GMT"
OUTCOME = Outcome("140221", "阳高县", 2020, "found", URL, "第一页", "run")


def etag(page: bytes) -> str:
    return f'"{hashlib.sha256(page).hexdigest()[:8]}"'


@dataclass
class Portal:
    """A portal whose pages have validators or none; it notes what it was asked and counts the bodies it sent."""

    pages: dict[str, bytes]
    broken: int = 0
    bodies: int = 0
    address: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        condition = request.headers.get("If-None-Match") or request.headers.get("If-Modified-Since") or ""
        self.asked.append((request.path, condition))
        if self.broken:
            return web.Response(status=self.broken, text="busy")
        if request.path == "/moved":
            return web.Response(status=302, headers={"Location": "/target"})
        if request.method == "POST":
            return self._page(b"page " + await request.read(), {})
        if request.path not in self.pages:
            return web.Response(status=404, text="not here")
        return self._stored(request.path, self.pages[request.path], condition)

    def _stored(self, path: str, page: bytes, condition: str) -> web.Response:
        validators = {"/etag": {"ETag": etag(page)}, "/date": {"Last-Modified": CHANGED}}.get(path, {})
        if condition and condition in validators.values():
            # what careless servers do: a 304 with headers of a body
            return web.Response(status=304, headers={**validators, "Content-Encoding": "br", "Content-Type": "text/x"})
        if path == "/gzip":
            return self._page(gzip.compress(page, mtime=0), {"Content-Encoding": "gzip"})
        if path == "/br":
            return self._page(brotli.compress(page), {"Content-Encoding": "br"})
        return self._page(page, {**validators, "Cache-Control": "no-store"})

    def _page(self, body: bytes, headers: dict[str, str]) -> web.Response:
        self.bodies += 1
        return web.Response(body=body, headers={"Content-Type": "text/html; charset=utf-8", **headers})

    def conditions(self) -> dict[str, str]:
        conditions = dict(self.asked)
        self.asked.clear()
        return conditions


class Pages(Spider):
    """Fetches addresses of one portal, lists by POST, and notes each answer or failure."""

    name = "pages"
    handle_httpstatus_list = (404, 500)
    address: str
    paths: Sequence[str]
    seen: Seen

    async def start(self) -> AsyncIterator[Request]:
        known = {"portal_code": "140221", "list_title": TITLE, "list_date": "2021-01-20", "robots": "allowed"}
        for path in self.paths:
            url, _, body = (self.address + path).partition("#")
            yield Request(
                url,
                self.note,
                errback=self.fail,
                method="POST" if body else "GET",
                body=body,
                meta={**known, "kind": "list" if body else "detail"},
            )

    def note(self, response: Response) -> None:
        self.seen.append((response.url.removeprefix(self.address), response.status, response.text))

    def fail(self, failure: Any) -> None:
        self.seen.append((failure.request.url.removeprefix(self.address), 0, failure.type.__name__))


@asynccontextmanager
async def serving(**pages: str) -> AsyncIterator[Portal]:
    portal = Portal({f"/{name}": text.encode() for name, text in pages.items()})
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", portal.answer)
    async with TestServer(app) as server:
        portal.address = str(server.make_url("")).rstrip("/")
        yield portal


async def crawl(archive: Path, portal: Portal, *paths: str, **settings: Any) -> Seen:
    seen: Seen = []
    runner = AsyncCrawlerRunner(
        {
            "TWISTED_REACTOR_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "RETRY_ENABLED": False,
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_STORAGE": "crawler.archive.WarcCacheStorage",
            "HTTPCACHE_POLICY": "crawler.archive.RevalidatePolicy",
            "DOWNLOADER_MIDDLEWARES": {
                "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
                "crawler.archive.ArchiveMiddleware": 900,
            },
            "ARCHIVE_DIR": archive,
            **settings,
        }
    )
    await runner.crawl(Pages, address=portal.address, paths=paths, seen=seen)
    return sorted(seen)


def warcs(archive: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(archive.glob("*.warc.gz"))}


def records(archive: Path, kind: str) -> list[tuple[dict[str, str], str, bytes]]:
    """Named headers, status line and payload of each record of a kind, read as any WARC tool does."""
    found = []
    for warc in warcs(archive):
        with (archive / warc).open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                payload = record.raw_stream.read()
                if record.rec_type == kind:
                    found.append((dict(record.rec_headers.headers), record.http_headers.statusline, payload))
    return found


def payloads(archive: Path, *, newest: bool = True) -> list[bytes]:
    with Archive(archive) as opened:
        return [opened.read(capture) for capture in opened.captures(newest=newest)]


async def test_a_second_crawl_asks_conditionally_and_stores_no_body_again(tmp_path: Path) -> None:
    async with serving(etag="甲", date="乙", none="丙") as portal:
        paths = tuple(portal.pages)
        first = await crawl(tmp_path, portal, *paths)
        assert portal.conditions() == {"/etag": "", "/date": "", "/none": ""}
        second = await crawl(tmp_path, portal, *paths)
        asked = {"/etag": etag("甲".encode()), "/date": CHANGED, "/none": ""}
        assert portal.conditions() == asked
        assert portal.bodies == 4
        third = await crawl(tmp_path, portal, *paths)
        assert portal.conditions() == asked
    assert first == second == third == [("/date", 200, "乙"), ("/etag", 200, "甲"), ("/none", 200, "丙")]
    assert len(records(tmp_path, "response")) == 3
    revisits = records(tmp_path, "revisit")
    assert [payload for *_, payload in revisits] == [b""] * 6
    assert {
        (headers["WARC-Target-URI"].rpartition("/")[2], headers["WARC-Profile"].rpartition("/")[2], status)
        for headers, status, _ in revisits
    } == {
        ("etag", "server-not-modified", "304 Not Modified"),
        ("date", "server-not-modified", "304 Not Modified"),
        ("none", "identical-payload-digest", "200 OK"),
    }
    with Archive(tmp_path) as opened:
        newest = list(opened.captures())
        assert {opened.read(capture).decode() for capture in newest} == {"甲", "乙", "丙"}
        assert {(capture.http_status, capture.media_type, capture.charset) for capture in newest} == {
            (200, "text/html", "utf-8")
        }
        assert {capture.run_id for capture in newest} == {opened.runs()[2].run_id}
    assert verify(tmp_path) == []


async def test_a_changed_page_is_stored_beside_the_old_one(tmp_path: Path) -> None:
    async with serving(etag="old", date="same") as portal:
        await crawl(tmp_path, portal, "/etag", "/date")
        portal.pages["/etag"] = b"new"
        assert await crawl(tmp_path, portal, "/etag", "/date") == [("/date", 200, "same"), ("/etag", 200, "new")]
    assert payloads(tmp_path) == [b"same", b"new"]
    assert payloads(tmp_path, newest=False) == [b"same", b"same", b"old", b"new"]
    assert len(records(tmp_path, "response")) == 3


async def test_scrapys_own_policy_and_middleware_work_too(tmp_path: Path) -> None:
    async with serving(etag="甲") as portal:
        settings = {**STOCK, "HTTPCACHE_IGNORE_RESPONSE_CACHE_CONTROLS": ["no-store"]}
        assert await crawl(tmp_path, portal, "/etag", **settings) == [("/etag", 200, "甲")]
        await crawl(tmp_path, portal, "/etag", **settings)
        assert portal.bodies == 1
    ((headers, status, _),) = records(tmp_path, "revisit")
    assert (headers["WARC-Profile"].rpartition("/")[2], status) == ("identical-payload-digest", "200 OK")
    assert verify(tmp_path) == []


async def test_an_archive_replays_a_crawl_with_the_server_off(tmp_path: Path) -> None:
    paths = ("/etag", "/date", "/none", "/gzip", "/br", "/moved", "/missing", "/list#one", "/list#two")
    async with serving(etag="甲", date="乙", none="丙", gzip="丁", br="戊", target="己") as portal:
        first = await crawl(tmp_path, portal, *paths)
        assert await crawl(tmp_path, portal, *paths) == first
    before = warcs(tmp_path)
    replayed = await crawl(tmp_path, portal, *paths, "/unknown", **REPLAY)
    assert replayed == sorted([*first, ("/unknown", 0, "IgnoreRequest")])
    assert first == [
        ("/br", 200, "戊"),
        ("/date", 200, "乙"),
        ("/etag", 200, "甲"),
        ("/gzip", 200, "丁"),
        ("/list", 200, "page one"),
        ("/list", 200, "page two"),
        ("/missing", 404, "not here"),
        ("/none", 200, "丙"),
        ("/target", 200, "己"),
    ]
    assert warcs(tmp_path) == before


async def test_a_capture_holds_what_the_spider_knew(tmp_path: Path) -> None:
    async with serving(target="己") as portal:
        await crawl(tmp_path, portal, "/moved", ROBOTSTXT_OBEY=True)
    with Archive(tmp_path) as opened:
        robots, moved, target = opened.captures(newest=False)
        assert list(opened.captures()) == [robots, target]
    assert (robots.kind, robots.portal_code, robots.http_status) == ("robots", "", 404)
    assert (moved.url, moved.final_url, moved.http_status) == (*[f"{portal.address}/moved"] * 2, 302)
    assert (target.url, target.final_url) == (f"{portal.address}/moved", f"{portal.address}/target")
    for capture in (moved, target):
        assert (capture.portal_code, capture.kind, capture.robots) == ("140221", "detail", "allowed")
        assert (capture.list_title, capture.list_date) == (TITLE, "2021-01-20")


async def test_compressed_bodies_are_stored_as_they_came(tmp_path: Path) -> None:
    async with serving(gzip="报告" * 50, br="年度" * 50) as portal:
        assert await crawl(tmp_path, portal, "/gzip", "/br") == [("/br", 200, "年度" * 50), ("/gzip", 200, "报告" * 50)]
        assert await crawl(tmp_path, portal, "/gzip", "/br") == [("/br", 200, "年度" * 50), ("/gzip", 200, "报告" * 50)]
    assert [text.decode() for text in payloads(tmp_path)] == ["年度" * 50, "报告" * 50]
    stored = [payload for *_, payload in records(tmp_path, "response")]
    assert sorted(stored) == sorted(
        [brotli.compress(portal.pages["/br"]), gzip.compress(portal.pages["/gzip"], mtime=0)]
    )


async def test_posted_lists_of_one_address_are_told_apart(tmp_path: Path) -> None:
    async with serving() as portal:
        await crawl(tmp_path, portal, "/list#one", "/list#two")
        await crawl(tmp_path, portal, "/list#one", "/list#two")
    assert sorted(payloads(tmp_path)) == [b"page one", b"page two"]
    assert len(payloads(tmp_path, newest=False)) == 4
    sent = [(line, payload) for _, line, payload in records(tmp_path, "request")]
    assert sorted(sent) == [("/list HTTP/1.1", b"one")] * 2 + [("/list HTTP/1.1", b"two")] * 2


async def test_a_server_error_is_archived_but_hides_no_page(tmp_path: Path) -> None:
    async with serving(etag="甲") as portal:
        await crawl(tmp_path, portal, "/etag")
        portal.broken = 500
        assert await crawl(tmp_path, portal, "/etag") == [("/etag", 500, "busy")]
        portal.broken = 0
        portal.conditions()
        assert await crawl(tmp_path, portal, "/etag") == [("/etag", 200, "甲")]
        assert portal.conditions() == {"/etag": etag("甲".encode())}
    with Archive(tmp_path) as opened:
        assert [capture.http_status for capture in opened.captures(newest=False)] == [200, 500, 200]
    assert await crawl(tmp_path, portal, "/etag", **REPLAY) == [("/etag", 200, "甲")]


async def test_a_portal_that_is_down_is_not_passed_off_as_unchanged(tmp_path: Path) -> None:
    async with serving(etag="甲") as portal:
        await crawl(tmp_path, portal, "/etag")
    assert await crawl(tmp_path, portal, "/etag") == [("/etag", 0, "DownloadConnectionRefusedError")]
    assert len(payloads(tmp_path, newest=False)) == 1


async def test_an_archive_that_cannot_be_used_stops_the_crawl_before_it_starts(tmp_path: Path) -> None:
    (tmp_path / INDEX_NAME).write_bytes(b"no database " * 99)
    (tmp_path / "file").touch()
    no_handlers = {"DOWNLOAD_HANDLERS": {"http": None, "https": None}}  # Scrapy leaves them open where a start fails
    for folder, words in (
        (tmp_path, "gongkai archive reindex"),
        ("", "ARCHIVE_DIR is empty"),
        (tmp_path / "file", "name a folder that can be written to"),
    ):
        with pytest.raises(ArchiveError, match=words):
            await crawl(tmp_path, Portal({}), "/etag", **no_handlers, ARCHIVE_DIR=folder)


def test_the_storage_needs_a_folder() -> None:
    with pytest.raises(ArchiveError, match="ARCHIVE_DIR is empty"):
        WarcCacheStorage(Settings())


def test_outcomes_are_stored_under_their_run_alone(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path, run_id="run")) as writer:
        writer.write_outcomes([OUTCOME])
        writer.write_outcomes([])
        with pytest.raises(ArchiveError, match="'other' is not this run, 'run'"):
            writer.write_outcomes([Outcome("140221", "阳高县", 2021, "found", URL, "", "other")])
    with Archive(tmp_path) as opened:
        assert opened.outcomes() == [OUTCOME]
    (tmp_path / INDEX_NAME).unlink()
    reindex(tmp_path)
    with Archive(tmp_path) as opened:
        assert opened.outcomes() == [OUTCOME]


def test_runs_that_start_in_the_same_second_have_names_of_their_own(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path)) as first, closing(open_writer(tmp_path)) as second:
        put(first, body=b"one")
        put(second, "http://b.example/", b"two")
        assert (first.run_id, second.run_id) == ("20260301T080001Z", "20260301T080001Z-2")
    assert payloads(tmp_path) == [b"one", b"two"]
    assert verify(tmp_path) == []


def test_a_run_goes_on_under_its_own_name_in_a_new_file(tmp_path: Path) -> None:
    for day, body in enumerate((b"one", b"two")):
        with closing(open_writer(tmp_path, day, "weekly")) as writer:
            put(writer, body=body)
    assert list(warcs(tmp_path)) == ["weekly-00001.warc.gz", "weekly-00002.warc.gz"]
    with Archive(tmp_path) as opened:
        assert [(run.run_id, run.started_at, run.captures) for run in opened.runs()] == [
            ("weekly", "2026-03-01T08:00:00.000Z", 2)
        ]
    reindex(tmp_path)
    assert payloads(tmp_path, newest=False) == [b"one", b"two"]


@pytest.mark.parametrize("run_id", ["../up", "a/b", ".hidden", "a b", "年"])
def test_a_run_id_cannot_name_another_folder(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(ArchiveError, match="it names files"):
        open_writer(tmp_path, run_id=run_id)
    assert list(tmp_path.iterdir()) == []


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    bodies = [os.urandom(600) for _ in range(5)]
    with closing(open_writer(tmp_path, run_id="run", max_file_bytes=3000)) as writer:
        for number, body in enumerate(bodies):
            put(writer, f"http://a.example/{number}", body)
    assert list(warcs(tmp_path)) == ["run-00001.warc.gz", "run-00002.warc.gz", "run-00003.warc.gz"]
    assert payloads(tmp_path) == bodies
    assert all(data.startswith(b"\x1f\x8b") for data in warcs(tmp_path).values())


def test_a_closed_archive_takes_nothing_more(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.close()
    writer.close()
    with pytest.raises(ArchiveError, match="the archive is closed"):
        put(writer)


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    header = 'attachment; filename="年报.pdf"'.encode("gb18030")
    request = Request(
        "http://user:secret@a.example/年报?id=1#top",
        headers={"Proxy-Authorization": "Basic c2VjcmV0", "Authorization": "Basic c2VjcmV0"},
        meta={"list_title": "half a pair \ud83d", "list_date": None},
    )
    response = Response(
        request.url, headers={"Content-Disposition": header, "Transfer-Encoding": "chunked"}, body=b"\0"
    )
    with closing(open_writer(tmp_path)) as writer:
        writer.append(
            [response_record(response, digest(b"\0")), request_record(request), metadata_record(request, "print")]
        )
        known = writer.newest("print")
    assert known is not None
    assert known.of_this_run
    stored = known.response
    assert dict(stored.headers) == {
        b"Content-Disposition": header,
        b"X-Archive-Orig-Transfer-Encoding": b"chunked",
    }
    assert stored.body == b"\0"
    with Archive(tmp_path) as opened:
        (capture,) = opened.captures()
        assert (capture.list_title, capture.list_date, capture.kind) == ("half a pair ?", "", "")
        assert opened.read(capture) == b"\0"
    ((_, line, _),) = records(tmp_path, "request")
    assert line == "/%E5%B9%B4%E6%8A%A5?id=1 HTTP/1.1"
    packed = next(iter(warcs(tmp_path)))
    assert b"c2VjcmV0" not in b"".join(each.data for each in members(tmp_path / packed) if isinstance(each, Member))


@pytest.mark.fault("full disk")
def test_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_writer(tmp_path, run_id="run")) as writer:
        put(writer, body=b"one")
        warc = tmp_path / "run-00001.warc.gz"
        before = warc.read_bytes()
        current = writer._current
        assert current is not None
        full = FullDisk(current[0]._file)
        monkeypatch.setattr(current[0], "_file", full)
        with pytest.raises(ArchiveError, match="No space left on device; make room on the disk") as caught:
            put(writer, "http://a.example/2", b"two")
        assert str(warc) in str(caught.value)
        assert warc.read_bytes() == before
        full.free = True
        put(writer, "http://a.example/3", b"three")
    assert payloads(tmp_path) == [b"three", b"one"]
    assert verify(tmp_path) == []


class FullDisk:
    """A file that takes ten bytes at a time and then has no room, until it is set free."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._room = 30
        self.free = False

    def write(self, data: bytes) -> int:
        if not self.free and self._room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._room -= 10
        return int(self._file.write(data[:10]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.fault("corrupt index")
def test_records_that_the_index_missed_are_made_up(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path, run_id="run")) as writer:
        put(writer, body=b"one")
        shutil.copy(tmp_path / INDEX_NAME, tmp_path / "old")
        shutil.copy(tmp_path / f"{INDEX_NAME}-wal", tmp_path / "old-wal")
        put(writer, body=b"two")
        writer.write_outcomes([OUTCOME])
    shutil.move(tmp_path / "old", tmp_path / INDEX_NAME)
    shutil.move(tmp_path / "old-wal", tmp_path / f"{INDEX_NAME}-wal")
    assert len(verify(tmp_path)) == 2
    open_writer(tmp_path, day=1).close()
    assert payloads(tmp_path, newest=False) == [b"one", b"two"]
    assert verify(tmp_path) == []


def test_a_crawl_rebuilds_a_missing_index(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path)) as writer:
        put(writer, body=b"one")
    (tmp_path / INDEX_NAME).unlink()
    with closing(open_writer(tmp_path, day=1)) as writer:
        put(writer, body=b"one")
    assert payloads(tmp_path, newest=False) == [b"one", b"one"]
    assert len(records(tmp_path, "revisit")) == 1


def cut_points(archive: Path) -> list[tuple[int, int]]:
    """Places to tear the only file at, and how many captures each leaves."""
    (warc,) = archive.glob("*.warc.gz")
    found = [member for member in members(warc) if isinstance(member, Member)]
    # warcinfo, then twice response, request and metadata: a response counts once it is whole
    whole = [0, 1, 1, 1, 2, 2, 2]
    points = [(1, 0), (found[0].length - 1, 0)]
    for member, captures in zip(found, whole, strict=True):
        end = member.offset + member.length
        points += [(end, captures), (end + 1, captures), (end + 40, captures)]
    return [(point, captures) for point, captures in points if point < warc.stat().st_size]


@pytest.mark.fault("torn WARC record")
@pytest.mark.parametrize("indexed", [True, False])
def test_a_torn_record_is_cut_off_and_the_others_stay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, indexed: bool
) -> None:
    whole = tmp_path / "whole"
    with closing(open_writer(whole, run_id="torn")) as writer:
        put(writer, body=b"one")
        put(writer, "http://b.example/", b"two")
    points = cut_points(whole)
    assert len(points) == 20
    for point, captures in points:
        archive = tmp_path / str(point)
        shutil.copytree(whole, archive)
        warc = archive / "torn-00001.warc.gz"
        os.truncate(warc, point)
        if not indexed:
            (archive / INDEX_NAME).unlink()
        else:
            reindex(archive)
        caplog.clear()
        open_writer(archive, day=1).close()
        assert sorted(payloads(archive)) == [b"one", b"two"][:captures]
        size = warc.stat().st_size if warc.exists() else 0
        assert ("was torn" in caplog.text) is (size < point)
        assert point - size < 400
        assert verify(archive) == []
        with closing(open_writer(archive, day=2)) as writer:
            put(writer, "http://c.example/", b"three")
        assert sorted(payloads(archive)) == sorted([*[b"one", b"two"][:captures], b"three"])
        assert verify(archive) == []


@pytest.mark.fault("kill -9 in crawl")
def test_a_killed_crawl_loses_nothing_it_had_written(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.archives import open_writer, put\n"
        "writer = open_writer(Path(sys.argv[1]), run_id='killed')\n"
        "for number in range(100_000):\n"
        "    put(writer, f'http://a.example/{number:06}', b'page %d' % number)\n"
        "    print(number, flush=True)\n"
    )
    root = Path(__file__).parent.parent
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "40":
                break
        process.send_signal(signal.SIGKILL)
        written = 41 + len(process.stdout.readlines())
    assert process.returncode == -signal.SIGKILL
    with closing(open_writer(tmp_path, day=1)) as writer:
        assert writer.newest("http://a.example/000040") is not None
    found = payloads(tmp_path)
    assert len(found) in {written, written + 1}
    assert found == [b"page %d" % number for number in range(len(found))]
    assert verify(tmp_path) == []


def test_two_writers_at_once_leave_each_others_files_alone(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path, run_id="one")) as one:
        put(one, body=b"one")
        warc = tmp_path / "one-00001.warc.gz"
        half = b"\x1f\x8b\x08half a record that is being written"
        with warc.open("ab") as file:
            file.write(half)
        open_writer(tmp_path, run_id="two").close()
        assert warc.read_bytes().endswith(half)
    open_writer(tmp_path, run_id="three").close()
    assert not warc.read_bytes().endswith(half)
    assert payloads(tmp_path) == [b"one"]


def test_the_warcinfo_record_names_the_run(tmp_path: Path) -> None:
    with closing(ArchiveWriter(tmp_path, run_id="weekly", now=clock())) as writer:
        put(writer)
    first = next(members(tmp_path / "weekly-00001.warc.gz"))
    assert isinstance(first, Member)
    assert b"WARC-Type: warcinfo\r\n" in first.data
    assert b"WARC-Filename: weekly-00001.warc.gz\r\n" in first.data
    assert b"run-id: weekly\r\nrun-started: 2026-03-01T08:00:00.000Z\r\n" in first.data


def test_a_metadata_record_is_plain_json(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path, run_id="run")) as writer:
        put(writer, list_title=TITLE)
    found = [each.data for each in members(tmp_path / "run-00001.warc.gz") if isinstance(each, Member)]
    head, _, block = found[3].partition(b"\r\n\r\n")
    assert b"WARC-Type: metadata" in head
    response_id = next(line for line in found[1].split(b"\r\n") if line.startswith(b"WARC-Record-ID"))
    assert response_id.replace(b"Record-ID", b"Concurrent-To") in head
    assert json.loads(block) == {
        "url": URL,
        "method": "GET",
        "fingerprint": URL,
        "portal_code": "140221",
        "kind": "detail",
        "list_title": TITLE,
        "list_date": "",
        "robots": "",
    }


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        WarcFile(tmp_path / "a.warc.gz")
    assert (tmp_path / "a.warc.gz").read_bytes() == b"kept"
