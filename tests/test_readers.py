"""Bytes to documents: what the bytes are is told by them alone, and what cannot be read is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from normalize import Report, UnreadableDocument, read_document
from normalize.readers import MAX_BYTES
from normalize.readers.decode import decode

CASES = Path(__file__).resolve().parent / "cases"
PAGE = (
    "<html><head><meta charset='{}'></head><body><h1>某县人民政府2021年政府信息公开工作年度报告</h1><table>"
    "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
    "<tr><td>规章</td><td>1</td><td>2</td><td>3</td></tr></table></body></html>"
)
RULES = [1.0, 2.0, 3.0]


def rules(report: Report) -> list[float | None]:
    return [figure.value for figure in report.figures if figure.indicator.startswith("proactive.rules.")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (bytes(range(32)) * 64, "binary"),
        (b"%PDF-1.7\n", "no_reader"),
        (b"PK\x03\x04....", "no_reader"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "no_reader"),
        (b"a" * (MAX_BYTES + 1), "too_large"),
    ],
    ids=["nothing", "white space", "binary", "pdf", "zip", "doc", "too large"],
)
def test_what_cannot_be_read_is_named(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableDocument, match=r"^page\.html: ") as caught:
        read_document(data, name="page.html")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("declared", "encoding", "flags"),
    [
        ("utf-8", "utf-8", []),
        ("utf-8", "utf-8-sig", []),
        ("gb2312", "gb18030", []),
        ("gb2312", "utf-8", ["charset_wrong"]),
        ("utf-8", "gb18030", ["charset_wrong"]),
        ("no-such-label", "gb18030", []),
    ],
)
def test_charset(declared: str, encoding: str, flags: list[str]) -> None:
    report = read_document(PAGE.format(declared).encode(encoding))
    assert rules(report) == RULES
    assert [flag for flag in report.flags if flag.startswith("charset")] == flags
    assert report.body == "某县人民政府"


def test_the_label_of_the_transport_counts() -> None:
    page = PAGE.replace("<meta charset='{}'>", "")
    assert rules(read_document(page.encode("gb18030"), media_type="text/html; charset=GBK")) == RULES
    assert rules(read_document(page.encode("gb18030"), media_type="text/html; charset=ISO-8859-1")) == RULES


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_cut_inside_a_character(encoding: str) -> None:
    text, flags = decode("规章规章".encode(encoding)[:-1])
    assert text == "规章规"
    assert flags == ["truncated"]


def test_a_truncated_page_claims_only_what_it_holds() -> None:
    page = (CASES / "suqian-2024" / "source.html").read_bytes()
    whole = {(f.indicator, f.applicant): f.value for f in read_document(page).figures}
    cut = read_document(page[: len(page) // 2])
    assert {f.status for f in cut.figures} >= {"reported", "missing"}
    assert all(whole[f.indicator, f.applicant] == f.value for f in cut.figures if f.status == "reported")


def test_a_page_without_tables_says_so() -> None:
    report = read_document(
        "<html><body><h1>某县人民政府2021年政府信息公开工作年度报告</h1><p>正文。</p></body></html>".encode()
    )
    assert (report.form, report.figures, report.report_year) == ("", [], 2021)
    assert "no_tables" in report.flags


def test_nuls_are_dropped() -> None:
    assert rules(read_document(PAGE.format("utf-8").replace("规章", "规\x00章").encode())) == RULES


def test_hidden_and_struck_numbers_do_not_count() -> None:
    page = PAGE.format("utf-8").replace(
        "<td>1</td>", "<td><span style='display:none'>9</span><s>8</s><!-- 7 -->1<sup hidden>6</sup></td>"
    )
    assert rules(read_document(page.encode())) == RULES


def test_two_lines_of_a_cell_are_not_one_number() -> None:
    for cell in ("<td>1<br>5</td>", "<td><p>1</p><p>5</p></td>", "<td><font><p>1</p></font>5</td>"):
        figure = next(
            figure
            for figure in read_document(PAGE.format("utf-8").replace("<td>1</td>", cell).encode()).figures
            if figure.indicator == "proactive.rules.issued"
        )
        assert (figure.status, figure.value, figure.flags) == ("ambiguous", None, ("digits_apart",))
