"""Chapters: found by their words or by their number, kept even where empty."""

from __future__ import annotations

import pytest

from normalize.model import Document, RawCell, RawTable, TextBlock
from normalize.sections import read_sections


def sections(*lines: str) -> list[tuple[str, str, str]]:
    document = Document("html", [TextBlock("\n".join(lines))])
    return [(section.section, section.heading, section.text) for section in read_sections(document)]


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("一、总体情况", "1"),
        ("一、 总体情况", "1"),
        ("总体情况", "1"),
        ("一、概述", "1"),
        ("二、主动公开政府信息情况", "2"),
        ("主动公开政府信息情况", "2"),
        ("二、主动公开政府政府情况", "2"),
        ("三、收到和处理政府信息公开申请情况", "3"),
        ("三、收到的处理政府信息公开申请情况", "3"),
        ("四、政府信息公开行政复议、行政诉讼情况", "4"),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "4"),
        ("四、政府信息公开行政复议及行政诉讼情况", "4"),
        ("五、存在的主要问题及改进情况", "5"),
        ("五、存在问题及改进情况", "5"),
        ("五、政府信息公开工作存在的主要问题及改进情况", "5"),
        ("六、其他需要报告的事项", "6"),
        ("其他需要报告的事项", "6"),
        ("六、其他需要報告的事項", "6"),
        ("一、主动公开政府信息情况", "2"),
        ("三、工作亮点", "3"),
    ],
)
def test_headings(heading: str, section: str) -> None:
    assert sections(heading, "正文。") == [(section, heading, "正文。")]


@pytest.mark.parametrize(
    "line",
    [
        "一、本年新收政府信息公开申请数量",
        "二、上年结转政府信息公开申请数量",
        "三、本年度办理结果",
        "四、结转下年度继续办理",
        "（一）主动公开",
        "1.加强学习",
        "总体情况良好",
        "一、" + "很长的一句话" * 10,
        "5、6",
    ],
)
def test_what_is_no_heading(line: str) -> None:
    assert sections(line) == [("0", "", line)]


def test_text_between_headings() -> None:
    assert sections("某县报告", "引言。", "一、总体情况", "甲。", "乙。", "六、其他需要报告的事项") == [
        ("0", "", "某县报告\n引言。"),
        ("1", "一、总体情况", "甲。\n乙。"),
        ("6", "六、其他需要报告的事项", ""),
    ]


def test_chapters_that_start_again_after_a_summary() -> None:
    found = sections("一、加强领导", "甲。", "二、创新方式", "乙。", "一、主动公开政府信息情况", "丙。")
    assert [(key, text) for key, _, text in found] == [("1", "甲。"), ("2", "乙。"), ("2", "丙。")]


def test_tables_are_left_out() -> None:
    table = RawTable([[RawCell("规章"), RawCell("1")]])
    document = Document("html", [TextBlock("二、主动公开政府信息情况"), table, TextBlock("注：不含部门。")])
    assert [(section.section, section.text) for section in read_sections(document)] == [("2", "注：不含部门。")]


def test_nothing() -> None:
    assert read_sections(Document("html", [])) == []
