"""The kind of a document is told by its content; pages that hold a report only as a picture or a file say so."""

from __future__ import annotations

import pytest

from normalize.readers import UnreadableDocument, read, sniff
from tests import documents

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (OLE + "WordDocument".encode("utf-16-le"), "application/msword"),
        (OLE + "Workbook".encode("utf-16-le"), "application/vnd.ms-excel"),
        (OLE + "WordDocument".encode("utf-16-le") + "Workbook".encode("utf-16-le"), "application/msword"),
        (OLE, "application/x-ole-storage"),
        (
            documents.zipped({"word/document.xml": b""}),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            documents.zipped({"xl/workbook.xml": b""}),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (documents.zipped({"OFD.xml": b""}), "application/ofd"),
        (
            documents.zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
            "application/vnd.oasis.opendocument.text",
        ),
        (documents.zipped({"mimetype": b"application/epub+zip"}), "application/zip"),
        (documents.zipped({"a.txt": b""}), "application/zip"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"BMW", ""),
    ],
)
def test_told_by_content(data: bytes, media_type: str) -> None:
    assert sniff(data) == media_type


@pytest.mark.parametrize("data", [OLE + bytes(600), b"\x1f\x8b" + bytes(30)])
def test_kinds_without_a_reader_say_which_they_are(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=sniff(data)) as error:
        read(data)
    assert error.value.code == "no_reader"


def page(body: str) -> list[str]:
    document, _ = read(f"<html><head><title>年度报告</title></head><body>{body}</body></html>".encode())
    return document.flags


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        ('<p>附件：</p><a href="/upload/2023年报.docx">下载</a>', ["attachment_only"]),
        ('<iframe src="/pdfjs/web/viewer.html?file=/W0202301.pdf"></iframe>', ["attachment_only"]),
        ('<p>2023年报</p><img src="W020240112.jpg">', ["image_only"]),
        ('<img src="/images/logo.png"><img src="qrcode_1.png"><p>正文</p>', []),
        ("<p>正文</p>", []),
        (f'<p>{"本单位全年公开信息。" * 80}</p><a href="a.pdf">下载</a>', []),
        ('<table><tr><td>规章</td><td>1</td></tr></table><a href="a.pdf">下载</a>', []),
    ],
    ids=["link", "viewer", "picture", "furniture", "text", "prose", "table"],
)
def test_pages_that_only_point_to_the_report(body: str, flags: list[str]) -> None:
    assert page(body) == flags
