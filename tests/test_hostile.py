"""Hostile documents: bounded time and memory, and a report or an outcome, never another exception."""

from __future__ import annotations

import random
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from normalize import Report, UnreadableDocument, read_document

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 10.0
MEGABYTE = 1024 * 1024
ROW = "<tr><td>规章</td><td>1</td><td>2</td><td>3</td></tr>"
HEADER = "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
TABLE = f"<table>{HEADER}{ROW}</table>"


def read(data: bytes) -> Report | str:
    """The report, or the code of the outcome; the time is bounded."""
    start = time.process_time()
    try:
        outcome: Report | str = read_document(data)
    except UnreadableDocument as error:
        outcome = error.code
    assert time.process_time() - start < SECONDS
    return outcome


def figures(outcome: Report | str) -> dict[str, float | None]:
    assert isinstance(outcome, Report)
    return {figure.indicator: figure.value for figure in outcome.figures if figure.status == "reported"}


RULES = {"proactive.rules.issued": 1.0, "proactive.rules.repealed": 2.0, "proactive.rules.in_force": 3.0}


def test_the_plain_table_is_read() -> None:
    assert figures(read(TABLE.encode())) == RULES


DOCUMENTS: dict[str, Callable[[], str]] = {
    "nested_div": lambda: "<div>" * 10_000 + TABLE,
    "nested_table": lambda: "<table><tr><td>" * 3_000 + TABLE,
    "nested_inline": lambda: "<b><i><font>" * 5_000 + TABLE,
    "nested_then_rows": lambda: "<div>" * 2_000 + f"<table>{HEADER}{ROW * 5_000}</table>",
    "unclosed": lambda: "<table>" + "<tr><td>规章<td>1<td>2" * 5_000,
    "wide_spans": lambda: (
        f"<table>{'<tr>' + '<td colspan=1000000000 rowspan=1000000000>1</td>' * 50 + '</tr>'}</table>" * 5
    ),
    "overlapping_spans": lambda: (
        "<table>" + "<tr><td rowspan=65534 colspan=3>1</td><td>2</td></tr>" * 1_000 + "</table>"
    ),
    "one_line": lambda: "字" * 2_000_000,
    "one_line_of_digits": lambda: "1 " * 500_000,
    "many_lines": lambda: "一行\n" * 200_000,
    "blank_lines": lambda: "一\n\n" * 100_000,
    "open_brackets": lambda: "(" * 500_000 + "项",
    "open_bracket_line": lambda: ("(" * 190 + "\n") * 5_000,
    "pipes": lambda: "|" * 300_000,
    "piped_cells": lambda: "1|" * 100_000,
    "tabs": lambda: "规章\t" * 50_000,
    "dates": lambda: "2020年1月" * 100_000,
    "titles": lambda: "政府信息公开年度报告\n" * 20_000,
    "attributes": lambda: f"<table {'a=1 ' * 50_000}>{HEADER}{ROW}</table>",
    "long_attribute": lambda: f'<td style="{"display:" * 100_000}">{TABLE}',
    "entities": lambda: "&amp;" * 300_000,
    "styles": lambda: '<p style="display:none">1</p>' * 30_000 + TABLE,
    "comments": lambda: "<!-- x -->" * 50_000 + TABLE,
    "printed_rows": lambda: "一、本年新收政府信息公开申请数量 1 2 3 4 5 6 7\n" * 3_000,
    "scripts_never_closed": lambda: "<p>x</p>" + "<script>" * 100_000,
    "scripts": lambda: "<p>x</p>" + "<script>1</script>" * 50_000,
    "quotes_never_closed": lambda: "<p>x</p><script>'" + '\\"' * 300_000 + "</script>",
    "json_never_closed": lambda: '{"a": "' + '\\"' * 300_000,
    "json_of_backslashes": lambda: '{"a": "' + "\\" * 300_001,
    "json_of_markup": lambda: '["' + "<p>1</p>" * 100_000 + '"]',
    "values_only": lambda: "1 2 3 4 5 6 7\n" * 10_000,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_bounded_time(name: str) -> None:
    outcome = read(DOCUMENTS[name]().encode())
    assert isinstance(outcome, Report) or outcome in ("too_large", "unreadable", "too_deep")


@pytest.mark.parametrize("name", ["attributes", "styles", "comments"])
def test_what_stands_behind_rubbish_is_read(name: str) -> None:
    assert figures(read(DOCUMENTS[name]().encode())) == RULES


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda: "字" * 10_000_000,
        lambda: "<table><tr>" + "<td>1</td>" * 1_000_000 + "</tr></table>",
        lambda: "<table>" + "<tr><td>1</td><td>2</td><td>3</td></tr>" * 333_000 + "</table>",
        lambda: ("<table><tr><td>规章</td><td>1</td></tr></table>") * 100_000,
    ],
    ids=["30_MB_of_one_line", "a_million_cells_in_a_row", "a_million_cells_in_rows", "100000_tables"],
)
def test_large_documents(make: Callable[[], str]) -> None:
    outcome = read(make().encode())
    assert isinstance(outcome, Report) or outcome == "too_large"


def test_over_the_limit() -> None:
    assert read(b"a" * (33 * MEGABYTE)) == "too_large"


def test_spans_cost_no_memory() -> None:
    data = DOCUMENTS["wide_spans"]().encode()
    tracemalloc.start()
    try:
        read(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * MEGABYTE


def test_entity_bomb() -> None:
    levels = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x0 "1">{levels}]><html><body>&x11;{TABLE}</body></html>'
    assert figures(read(bomb.encode())) == RULES


def test_outside_entity_is_not_fetched() -> None:
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><html><body><p>&x;</p>{TABLE}</body></html>'
    report = read(page.encode())
    assert isinstance(report, Report)
    assert figures(report) == RULES
    assert all("&x;" in section.text or not section.text for section in report.sections)


def test_a_few_nuls_are_dropped() -> None:
    assert figures(read(TABLE.replace("规章", "规\x00章").replace("<td>2", "<td>\x002").encode())) == RULES


def test_nuls_alone() -> None:
    assert read(b"\x00" * 1_000) in ("empty", "binary")


def test_lone_surrogates_and_odd_characters() -> None:
    page = TABLE.replace("规章", "规&#xD800;章").replace(">2<", ">&#x110000;2<")
    assert isinstance(read(page.encode()), Report)


def test_markers_of_our_own_in_the_page() -> None:
    page = f"<p>\ufdd00\ufdd1 \ufdd099\ufdd1</p>{TABLE}"
    assert figures(read(page.encode())) == RULES


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes(seed: int) -> None:
    data = random.Random(seed).randbytes(20_000)  # noqa: S311 - test data
    assert read(data) in ("binary", "charset_failed", "no_reader", "empty")


@pytest.mark.parametrize("seed", range(40))
def test_broken_pages(seed: int) -> None:
    """A page with bytes changed, removed and doubled is a report or an outcome."""
    rng = random.Random(seed)  # noqa: S311 - test data
    data = bytearray(
        f"<html><meta charset=utf-8><body>{TABLE * 3}<p>三、收到和处理政府信息公开申请情况</p></body></html>".encode()
    )
    for _ in range(rng.randint(1, 60)):
        place = rng.randrange(len(data))
        match rng.randrange(3):
            case 0:
                data[place] = rng.randrange(256)
            case 1:
                del data[place : place + rng.randint(1, 20)]
            case _:
                data[place:place] = data[place : place + rng.randint(1, 40)]
    outcome = read(bytes(data))
    assert isinstance(outcome, Report) or outcome in ("binary", "charset_failed")
