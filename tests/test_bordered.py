"""Lines whose cells pipes or tabs keep apart: which pipe is a border, what is a whole table, what only indents."""

from __future__ import annotations

import time

import pytest

from normalize import read_document
from normalize.bordered import is_rule, is_table, level, runs, split

APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")


def is_head(cell: str) -> bool:
    return cell.strip() == "头"


@pytest.mark.parametrize("line", ["|---|---|", "+----+", "├───┼───┤", ":---:|---", " | ", "| | |"])
def test_lines_that_only_draw(line: str) -> None:
    assert is_rule(line)


@pytest.mark.parametrize("line", ["| - | - |", "| -- | 3 |", "", "  ", "| --- | - |", "1 | 2"])
def test_marks_in_cells_draw_nothing(line: str) -> None:
    assert not is_rule(line)


def test_a_long_line_of_dashes_takes_no_time() -> None:
    start = time.process_time()
    assert not is_rule("├" + "─┼" * 50_000 + "x")
    assert not is_rule("-" * 100_000 + "x")
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("run", "cells"),
    [
        (["| a | b |", "| c |  |"], [["a", "b"], ["c", ""]]),
        (["a | b", "c | "], [["a", "b"], ["c", ""]]),
        (["a | b |", " | d |"], [["a", "b"], ["", "d"]]),
        (["  | a | b |", "  | c | d |"], [["a", "b"], ["c", "d"]]),
        (["头 | 头", "c | d |", "e |  |"], [["头", "头"], ["c", "d"], ["e", ""]]),
        (["| a | b |", "|---|---|", "| c | d |"], [["a", "b"], [], ["c", "d"]]),
        (["a\tb", "c\t"], [["a", "b"], ["c", ""]]),
    ],
)
def test_cells_of_a_run(run: list[str], cells: list[list[str]]) -> None:
    assert split(run, is_head) == cells
    assert is_table(cells)


def test_runs_end_where_a_line_has_no_cells() -> None:
    assert list(runs(["x", "a|b", "+---+", "c|d", "y", "--"])) == [["x"], ["a|b", "+---+", "c|d"], ["y"], ["--"]]


@pytest.mark.parametrize(
    ("text", "levelled"), [("\t\ta\n\tb", "a\nb"), ("a\t\nb\t", "a\nb"), ("a\tb\n\tc", "a\tb\n\tc"), ("a\n b", "a\n b")]
)
def test_tabs_that_keep_nothing_apart_go(text: str, levelled: str) -> None:
    assert level(text) == levelled


ROWS = [
    ["勾稽关系", "", "", "申请人情况", *[""] * 6],
    ["", "", "", "自然人", "法人或其他组织", *[""] * 4, "总计"],
    ["", "", "", "", *APPLICANTS[1:6], ""],
    ["一、本年新收政府信息公开申请数量", "", "", "1", "2", "3", "4", "", "", "10"],
    ["三、本年度办理结果", "（一）予以公开", "", "1", "", "", "0", "/", "", "1"],
    ["", "（三）不予公开", "1.属于国家秘密", *[""] * 7],
    ["四、结转下年度继续办理", "", "", "5", "6", "7", "8", "9", "10", ""],
]
READ = {
    "apply.new": [1, 2, 3, 4, None, None, 10],
    "apply.result.granted": [1, None, None, 0, None, None, 1],
    "apply.result.denied.state_secret": [None] * 7,
    "apply.carried_out": [5, 6, 7, 8, 9, 10, None],
}


@pytest.mark.parametrize(
    "lines",
    [
        ["\t".join(row) for row in ROWS],
        [f"| {' | '.join(row)} |" for row in ROWS],
        [" | ".join(row) for row in ROWS],
        [f"| {' | '.join(ROWS[0])} |", "|---" * 10 + "|", *(f"| {' | '.join(row)} |" for row in ROWS[1:])],
        ["┌" + "────┬" * 9 + "────┐", *(f"│ {' │ '.join(row)} │\n├{'────┼' * 9}────┤" for row in ROWS)],
        [f"+{'-----+' * 10}", *(f"|{'|'.join(row)}|\n+{'-----+' * 10}" for row in ROWS)],
    ],
    ids=["tabs", "pipes", "pipes between", "markdown", "drawn", "drawn with pluses"],
)
def test_a_table_whose_spans_are_blanks_reads_as_it_stands(lines: list[str]) -> None:
    report = read_document("\n".join(["三、收到和处理政府信息公开申请情况", *lines, "五、存在的主要问题"]).encode())
    figures = [figure for figure in report.figures if figure.status != "missing"]
    assert {code: [each.value for each in figures if each.indicator == code] for code in READ} == READ
    assert {figure.status for figure in figures} == {"reported", "blank", "not_applicable"}
    assert {figure.flags for figure in figures} == {()}
