"""The archive's reader, its index and its checks."""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
import sys
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import brotli  # type: ignore[import-untyped]
import pytest
from warcio.archiveiterator import ArchiveIterator

from captures import Archive, ArchiveError, Outcome, PayloadError, Run, reindex, verify
from captures.index import INDEX_NAME, open_index
from captures.payload import decode_payload
from captures.warc import HttpResponse, content_type, members
from tests.archives import URL, open_writer, put

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from pathlib import Path

TITLE = "阳高县人民政府2020年政府信息公开工作年度报告" * 200
PAGE = "<html><p>收到申请 3 件</p></html>".encode("gb18030")


def outcome(year: int, found: str, run_id: str) -> Outcome:
    return Outcome("140221", "阳高县", year, found, URL, "第一页", run_id)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two runs over three addresses: one page unchanged, one changed, one refused the second time."""
    with closing(open_writer(tmp_path)) as writer:
        put(writer, body=PAGE, list_title=TITLE, list_date="2021-01-20", robots="allowed")
        put(writer, "http://a.example/list.html", b"<ul/>", kind="list")
        put(writer, "http://b.example/doc.pdf", b"%PDF-1.4 one", portal_code="310000", kind="attachment")
        writer.write_outcomes([outcome(2020, "found", writer.run_id), outcome(2021, "unreachable", writer.run_id)])
    with closing(open_writer(tmp_path, day=1)) as writer:
        put(writer, body=PAGE, list_title=TITLE, list_date="2021-01-20", robots="allowed")
        put(writer, "http://a.example/list.html", b"<ul><li/></ul>", kind="list")
        put(writer, "http://b.example/doc.pdf", b"blocked", status=403, portal_code="310000", kind="attachment")
        writer.write_outcomes([outcome(2021, "year_missing", writer.run_id)])
    return tmp_path


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(open_index(path)) as index:
        return {
            table: sorted(index.execute(f"SELECT * FROM {table}"))  # noqa: S608
            for table in ("runs", "files", "captures", "outcomes")
        }


def test_a_capture_holds_what_was_received_and_what_the_crawler_knew(archive: Path) -> None:
    with Archive(archive) as opened:
        (capture,) = [found for found in opened.captures(newest=False, kind="detail") if "20260301" in found.run_id]
        assert opened.read(capture) == PAGE
    assert capture.url == capture.final_url == URL
    assert (capture.portal_code, capture.kind, capture.robots) == ("140221", "detail", "allowed")
    assert (capture.list_title, capture.list_date) == (TITLE, "2021-01-20")
    assert (capture.http_status, capture.media_type, capture.charset) == (200, "text/html", "gbk")
    assert capture.sha256 == hashlib.sha256(PAGE).hexdigest()
    assert capture.fetched_at == "2026-03-01T08:00:03.000Z"
    assert (capture.run_id, capture.warc_file) == ("20260301T080001Z", "20260301T080001Z-00001.warc.gz")
    assert capture.length > 0
    assert capture.offset > 0


def test_newest_gives_one_capture_per_url_and_prefers_a_page_to_a_refusal(archive: Path) -> None:
    with Archive(archive) as opened:
        newest = {capture.url: (opened.read(capture), capture.run_id[:8]) for capture in opened.captures()}
        assert len(list(opened.captures(newest=False))) == 6
    assert newest == {
        URL: (PAGE, "20260302"),
        "http://a.example/list.html": (b"<ul><li/></ul>", "20260302"),
        "http://b.example/doc.pdf": (b"%PDF-1.4 one", "20260301"),
    }


def test_captures_are_chosen_by_kind_and_portal(archive: Path) -> None:
    with Archive(archive) as opened:
        assert [capture.kind for capture in opened.captures(kind="list")] == ["list"]
        assert [capture.url for capture in opened.captures(portal_code="310000")] == ["http://b.example/doc.pdf"]
        assert list(opened.captures(kind="list", portal_code="310000")) == []


def test_an_unchanged_payload_is_a_revisit_that_reads_as_the_original(archive: Path) -> None:
    second = sorted(archive.glob("*.warc.gz"))[1]
    with second.open("rb") as file:
        records = {
            record.rec_headers["WARC-Type"]: dict(record.rec_headers.headers) for record in ArchiveIterator(file)
        }
    assert records["revisit"]["WARC-Target-URI"] == records["revisit"]["WARC-Refers-To-Target-URI"] == URL
    assert records["revisit"]["WARC-Refers-To-Date"] == "2026-03-01T08:00:03.000Z"
    assert records["revisit"]["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    with Archive(archive) as opened:
        first, again = opened.captures(kind="detail", newest=False)
        assert first.sha256 == again.sha256
        assert opened.read(again) == opened.read(first) == PAGE


def test_outcomes_are_the_newest_per_portal_and_year_or_all(archive: Path) -> None:
    with Archive(archive) as opened:
        runs = [run.run_id for run in opened.runs()]
        assert opened.outcomes() == [outcome(2020, "found", runs[0]), outcome(2021, "year_missing", runs[1])]
        assert [row.outcome for row in opened.outcomes(newest=False)] == ["found", "unreachable", "year_missing"]
        assert opened.runs() == [
            Run("20260301T080001Z", "2026-03-01T08:00:00.000Z", 3, 2),
            Run("20260302T080001Z", "2026-03-02T08:00:00.000Z", 3, 1),
        ]


def test_the_index_is_rebuilt_from_the_warc_files_alone(archive: Path) -> None:
    before = dump(archive)
    (archive / INDEX_NAME).unlink()
    assert reindex(archive) == 6
    assert dump(archive) == before
    assert verify(archive) == []
    assert not list(archive.glob(".reindex-*"))


def test_the_order_of_file_names_does_not_matter_to_revisits(tmp_path: Path) -> None:
    for day, run_id in enumerate(("z", "a")):
        with closing(open_writer(tmp_path, day, run_id)) as writer:
            put(writer, body=PAGE)
    before = dump(tmp_path)
    assert reindex(tmp_path) == 2
    assert dump(tmp_path) == before
    with Archive(tmp_path) as opened:
        (capture,) = opened.captures()
        assert (capture.run_id, opened.read(capture)) == ("a", PAGE)


def test_a_rebuild_waits_for_no_crawl(archive: Path) -> None:
    with closing(open_writer(archive, day=2)), pytest.raises(ArchiveError, match="a crawl writes into this archive"):
        reindex(archive)
    assert reindex(archive) == 6
    assert verify(archive) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such index"),
        (b"no database at all, but long enough to be read as the head of one" * 9, "not a database"),
        (b"", "out of date"),
    ],
)
def test_a_missing_or_damaged_index_names_its_remedy(archive: Path, content: bytes | None, words: str) -> None:
    (archive / INDEX_NAME).unlink()
    if content is not None:
        (archive / INDEX_NAME).write_bytes(content)
    with pytest.raises(ArchiveError, match=words) as caught:
        Archive(archive)
    assert str(archive / INDEX_NAME) in str(caught.value)
    assert f"gongkai archive reindex --archive {archive}" in str(caught.value)
    (problem,) = verify(archive)
    assert words in problem.what
    reindex(archive)
    assert verify(archive) == []


def test_an_index_of_a_newer_version_is_refused(archive: Path) -> None:
    with closing(sqlite3.connect(archive / INDEX_NAME)) as index:
        index.execute("PRAGMA user_version = 99")
    with pytest.raises(ArchiveError, match="index version 99, this gongkai reads 1; update gongkai"):
        Archive(archive)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    for check in (verify, reindex):
        with pytest.raises(ArchiveError, match="nowhere: no such folder"):
            check(tmp_path / "nowhere")


def test_a_payload_that_is_not_what_the_index_says_is_reported(archive: Path) -> None:
    with closing(sqlite3.connect(archive / INDEX_NAME)) as index, index:
        index.execute("UPDATE captures SET sha256 = ? WHERE kind = 'list'", ("0" * 64,))
    with Archive(archive) as opened:
        (capture,) = opened.captures(kind="list")
        with pytest.raises(PayloadError, match="not 0000") as caught:
            opened.read(capture)
    assert f"{archive / capture.warc_file} at byte {capture.offset}" in str(caught.value)
    assert f"gongkai archive verify --archive {archive}" in str(caught.value)
    problems = verify(archive)
    assert len(problems) == 4
    assert {problem.offset for problem in problems if problem.warc_file == capture.warc_file} == {capture.offset}
    assert all("gongkai archive reindex" in problem.what for problem in problems)


def test_a_damaged_record_costs_itself_alone(archive: Path) -> None:
    with Archive(archive) as opened:
        captures = list(opened.captures(newest=False))
        hurt = next(capture for capture in captures if capture.kind == "attachment")
        warc = archive / hurt.warc_file
        data = bytearray(warc.read_bytes())
        data[hurt.offset + hurt.length // 2] ^= 0xFF
        warc.write_bytes(data)
        with pytest.raises(PayloadError, match="gongkai archive verify") as caught:
            opened.read(hurt)
        assert f"{warc} at byte {hurt.offset}" in str(caught.value)
        for capture in captures:
            if capture != hurt:
                assert hashlib.sha256(opened.read(capture)).hexdigest() == capture.sha256
    problems = [(problem.offset, problem.what.split(";")[0]) for problem in verify(archive)]
    assert problems == [
        (hurt.offset, f"{hurt.length} bytes hold no whole record"),
        (hurt.offset, "the index has a row that this record does not bear out"),
    ]
    assert reindex(archive) == 5


def test_a_lost_warc_file_is_reported_by_what_refers_to_it(archive: Path) -> None:
    first, second = sorted(archive.glob("*.warc.gz"))
    first.unlink()
    with Archive(archive) as opened:
        (capture,) = opened.captures(kind="detail")
        assert capture.warc_file == second.name
        with pytest.raises(PayloadError, match=first.name):
            opened.read(capture)
    assert any("refers to record" in problem.what for problem in verify(archive))
    assert reindex(archive) == 3
    with Archive(archive) as opened:
        (capture,) = opened.captures(kind="detail")
        assert capture.sha256 == ""
        with pytest.raises(PayloadError, match="put its WARC file back"):
            opened.read(capture)


def test_outcomes_that_the_index_lost_are_reported(archive: Path) -> None:
    with closing(sqlite3.connect(archive / INDEX_NAME)) as index, index:
        index.execute("DELETE FROM outcomes WHERE report_year = 2020")
    (problem,) = verify(archive)
    assert problem.what.startswith("1 outcomes: the index has no such row")


def test_a_file_that_is_there_twice_is_reported(archive: Path) -> None:
    first = min(archive.glob("*.warc.gz"))
    (archive / "copy.warc.gz").write_bytes(first.read_bytes())
    assert sum("stands in the archive twice" in problem.what for problem in verify(archive)) == 3


def test_any_warc_tool_reads_all_records(archive: Path) -> None:
    kinds: list[str] = []
    for warc in sorted(archive.glob("*.warc.gz")):
        with warc.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                record.content_stream().read()
                assert record.rec_headers.protocol == "WARC/1.1"
                kinds.append(record.rec_type)
    group = ["request", "metadata"]
    run = ["response", *group, "response", *group]
    assert kinds == [
        *("warcinfo", *run, "response", *group, "resource"),
        *("warcinfo", "revisit", *group, "response", *group, "response", *group, "resource"),
    ]


def test_every_record_is_a_gzip_member_of_its_own(archive: Path) -> None:
    for warc in archive.glob("*.warc.gz"):
        data = warc.read_bytes()
        end = 0
        for member in members(warc):
            assert member.offset == end
            end += member.length
            assert zlib.decompress(data[member.offset : end], wbits=31).startswith(b"WARC/1.1\r\n")
        assert end == len(data)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PAGE, mtime=0)),
        ("GZIP", gzip.compress(PAGE[:9], mtime=0) + gzip.compress(PAGE[9:], mtime=0) + b"\0\0"),
        ("x-gzip", gzip.compress(PAGE, mtime=0)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("br", brotli.compress(PAGE)),
        ("zstd", zstd.compress(PAGE)),
        ("gzip, br", brotli.compress(gzip.compress(PAGE, mtime=0))),
        ("identity", PAGE),
    ],
)
def test_content_encodings_are_undone(tmp_path: Path, coding: str, body: bytes) -> None:
    with closing(open_writer(tmp_path)) as writer:
        put(writer, body=body, headers={"Content-Encoding": coding})
    with Archive(tmp_path) as opened:
        (capture,) = opened.captures()
        assert capture.sha256 == hashlib.sha256(PAGE).hexdigest()
        assert opened.read(capture) == PAGE


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("gzip", b"plain", "is none"),
        ("gzip", gzip.compress(PAGE, mtime=0)[:-9], "cut short"),
        ("gzip", gzip.compress(PAGE, mtime=0)[:-8] + b"\xff" * 8, "damaged gzip data"),
        ("deflate", zlib.compress(PAGE)[:-6], "cut short"),
        ("deflate", b"\xff" * 20, "damaged deflate data"),
        ("br", brotli.compress(PAGE)[:-3], "cut short"),
        ("br", b"\xff" * 20, "damaged br data"),
        ("zstd", zstd.compress(PAGE)[:-3], "cut short"),
        ("zstd", b"\xff" * 20, "damaged zstd data"),
        ("rot13", PAGE, "'rot13' is not known"),
        ("gzip, gzip, gzip, gzip", PAGE, "4 content encodings"),
    ],
)
def test_a_payload_that_cannot_be_decoded_is_kept_and_says_so(
    tmp_path: Path, coding: str, body: bytes, words: str
) -> None:
    with closing(open_writer(tmp_path)) as writer:
        put(writer, body=body, headers={"Content-Encoding": coding})
    with Archive(tmp_path) as opened:
        (capture,) = opened.captures()
        assert capture.sha256 == ""
        with pytest.raises(PayloadError, match=words) as caught:
            opened.read(capture)
    assert f"{tmp_path / capture.warc_file} at byte {capture.offset}" in str(caught.value)
    assert verify(tmp_path) == []


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstd.compress),
        ("", bytes),
    ],
)
def test_a_payload_is_decoded_up_to_a_limit(coding: str, pack: Any) -> None:
    response = HttpResponse(200, [(b"content-encoding", coding.encode())], pack(b"\0" * 3_000_000))
    assert decode_payload(response, 3_000_000) == b"\0" * 3_000_000
    with pytest.raises(PayloadError, match="longer than the limit"):
        decode_payload(response, 2_999_999)


def test_a_chunked_body_of_another_crawler_is_joined() -> None:
    response = HttpResponse(200, [(b"Transfer-Encoding", b"chunked")], b"4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n")
    assert decode_payload(response) == b"Wikipedia"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"text/html; charset=UTF-8", ("text/html", "utf-8")),
        (b'Text/HTML;version=1; Charset="gb2312"', ("text/html", "gb2312")),
        (b"application/pdf", ("application/pdf", "")),
        (b"", ("", "")),
    ],
)
def test_media_type_and_charset(header: bytes, expected: tuple[str, str]) -> None:
    assert content_type(HttpResponse(200, [(b"content-type", header)], b"")) == expected
