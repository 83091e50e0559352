"""Archives of documents: names, limits, several documents in one."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from normalize import read_document
from normalize.readers import UnreadableDocument, archives, limits, read
from tests import documents

if TYPE_CHECKING:
    from pathlib import Path

PAGE = documents.html(documents.parts(documents.figures(1)))


def code_of(data: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableDocument) as error:
        read(data)
    return error.value.code, str(error.value)


@pytest.mark.parametrize("gbk", [True, False])
def test_every_figure(*, gbk: bool) -> None:
    values = documents.figures(1)
    report = read_document(documents.zipped({"附件/2023年报告.html": PAGE}, gbk=gbk))
    assert documents.right(report, values) == 200
    assert report.flags == ["archive"]
    assert report.media_type == "application/zip"


def test_names_in_gbk_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = documents.zipped({"年度报告.xyz": b"\x01\x02\x03" * 50}, gbk=True)
    assert code_of(data) == ("binary", "年度报告.xyz in the archive: its content is binary data of no known kind, "
                             "whatever its name says")  # fmt: skip


def test_two_files_of_one_report_are_one_document() -> None:
    values = documents.figures(1)
    report = read_document(documents.zipped({"a.html": PAGE, "b.docx": documents.docx(documents.parts(values))}))
    assert documents.right(report, values) == 200
    assert {figure.flags for figure in report.figures} == {()}


def test_versions_that_differ_are_both_doubted() -> None:
    values = documents.figures(1)
    other = documents.html(documents.parts({**values, ("proactive.rules.issued", ""): "7"}))
    report = read_document(documents.zipped({"a.html": PAGE, "b.html": other}))
    assert "copies_differ" in report.figures[0].flags
    assert not any("copies_differ" in figure.flags for figure in report.figures[1:])


def test_reports_of_several_bodies_are_refused() -> None:
    other = PAGE.replace("云川县".encode(), "海川县".encode())
    code, message = code_of(documents.zipped({"a.html": PAGE, "b.html": other}))
    assert code == "several_reports"
    assert "云川县" in message
    assert "海川县" in message


def test_a_member_that_cannot_be_read_is_named_by_a_flag() -> None:
    document, _ = read(documents.zipped({"a.html": PAGE, "b.docx": b"PK\x03\x04broken"}))
    assert document.flags == ["archive", "member_unread"]


def test_an_archive_of_nothing() -> None:
    assert code_of(documents.zipped({"setup.exe": b"MZ"}))[0] == "empty"


def test_paths_do_not_reach_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    document, _ = read(documents.zipped({"../../outside.html": PAGE, "/etc/other.css": b"x"}))
    assert len(document.parts) > 3
    assert list(tmp_path.iterdir()) == []


def test_depth_is_limited() -> None:
    data = PAGE
    for _ in range(archives.MAX_DEPTH):
        data = documents.zipped({"in.zip": data})
    assert read(data)[0].flags.count("archive") == 1
    assert code_of(documents.zipped({"in.zip": data}))[0] == "too_deep"


def test_members_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_MEMBERS", 3)
    assert code_of(documents.zipped({f"{n}.txt": b"x" for n in range(4)})) == (
        "too_large",
        "4 files in the archive, the limit is 3",
    )


def test_documents_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_DOCUMENTS", 3)
    assert code_of(documents.zipped({f"{n}.txt": b"x" for n in range(4)}))[0] == "too_large"


def test_a_bomb_is_not_unpacked() -> None:
    assert code_of(documents.zipped({"bomb.txt": bytes(limits.MAX_UNPACKED + 1)}))[0] == "too_large"


def test_damaged() -> None:
    data = documents.zipped({"a.html": PAGE})
    assert code_of(data[:-30])[0] == "damaged"
    spoiled = bytearray(data)
    spoiled[60:80] = bytes(20)
    assert code_of(bytes(spoiled))[0] == "damaged"


def test_seven() -> None:
    py7zr = pytest.importorskip("py7zr", reason="py7zr is not installed (extra docs)")
    out = BytesIO()
    with py7zr.SevenZipFile(out, "w") as packed:
        packed.writestr(PAGE, "年报.html")
    report = read_document(out.getvalue())
    assert documents.right(report, documents.figures(1)) == 200
    assert code_of(out.getvalue()[:-10])[0] == "damaged"


def test_seven_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    py7zr = pytest.importorskip("py7zr", reason="py7zr is not installed (extra docs)")
    out = BytesIO()
    with py7zr.SevenZipFile(out, "w") as packed:
        packed.writestr(PAGE, "年报.html")
    monkeypatch.setattr(limits, "MAX_UNPACKED", 100)
    assert code_of(out.getvalue())[0] == "too_large"


def test_seven_with_a_password() -> None:
    py7zr = pytest.importorskip("py7zr", reason="py7zr is not installed (extra docs)")
    out = BytesIO()
    with py7zr.SevenZipFile(out, "w", password="secret") as packed:  # noqa: S106 - a test file's
        packed.writestr(PAGE, "年报.html")
    assert code_of(out.getvalue())[0] == "encrypted"


def test_rar() -> None:
    pytest.importorskip("unrar.cffi", reason="unrar2-cffi is not installed (extra rar)")
    page = documents.html(documents.parts(documents.figures(1)))
    assert documents.right(read_document(rar("年报.html", page)), documents.figures(1)) == 200


def rar(name: str, data: bytes) -> bytes:
    """A RAR archive (version 4) of one file, not compressed."""

    def block(kind: int, flags: int, rest: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", crc32(head) & 0xFFFF) + head

    called = name.encode()
    file = struct.pack("<IIBIIBBHI", len(data), len(data), 3, crc32(data), 0x5A210000, 20, 0x30, len(called), 0o100644)
    return b"".join(
        (
            b"Rar!\x1a\x07\x00",
            block(0x73, 0, bytes(6)),
            block(0x74, 0x8000, file + called),
            data,
            block(0x7B, 0x4000, b""),
        )
    )


def test_damaged_rar() -> None:
    pytest.importorskip("unrar.cffi", reason="unrar2-cffi is not installed (extra rar)")
    assert code_of(b"Rar!\x1a\x07\x01\x00" + b"x" * 100)[0] in ("damaged", "empty")
