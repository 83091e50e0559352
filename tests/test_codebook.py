"""Labels as printed to labels of the forms."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from normalize import codebook
from normalize.codebook import Label, find_label, split_header

FORM_CELLS = {"2019": 198, "2021": 200}


@pytest.mark.parametrize(("form", "count"), FORM_CELLS.items())
def test_cells_of_a_form(form: str, count: int) -> None:
    cells = codebook.form_cells(form)
    assert len(cells) == len(set(cells)) == count


@pytest.mark.parametrize("form", FORM_CELLS)
def test_every_label_of_a_form_is_found(form: str) -> None:
    for indicator in codebook.form_indicators(form):
        prefix, _, suffix = indicator.code.rpartition(".")
        if indicator.table == "2":
            assert find_label(indicator.row_label) == Label("row2", prefix)
            assert find_label(indicator.column_label) == Label("column2", suffix)
        if indicator.table == "4" and suffix != "total":
            assert find_label(indicator.column_label) == Label("column4", suffix)


@pytest.mark.parametrize("form", FORM_CELLS)
def test_every_row_of_table_three_is_found(form: str) -> None:
    for indicator in codebook.form_indicators(form, "3"):
        assert find_label(indicator.row_label) == Label("row3", indicator.code)


def test_every_applicant_is_found() -> None:
    special = {"org.other": Label("other", ""), "total": Label("total", "")}
    for applicant in codebook.applicants():
        assert find_label(applicant.label) == special.get(applicant.code, Label("applicant", applicant.code))


def variants() -> list[tuple[str, str, str]]:
    with (Path(__file__).parent.parent / "data" / "codebook" / "label_variants.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = [(row["kind"], row["target"], row["variant"]) for row in csv.DictReader(file)]
    targets = {
        text
        for form in codebook.TABLE_FORMS
        for i in codebook.form_indicators(form)
        for text in (i.row_label, i.column_label)
    }
    return [row for row in rows if row[0] in ("row", "column") and row[1] in targets]


@pytest.mark.parametrize(("kind", "target", "variant"), variants())
def test_a_variant_means_what_its_target_means(kind: str, target: str, variant: str) -> None:
    assert find_label(target) is not None
    assert find_label(variant) == find_label(target)


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("行政事业型收费", "row2", "fee.admin"),
        ("本年处理绝对数量", "column2", "decisions"),
        ("2.其他法律行政止公开", "row3", "apply.result.denied.law_prohibited"),
        ("本年发件", "column2", "issued"),
        ("现行有效件", "column2", "in_force"),
        ("采购项目数", "column2", "projects"),
        ("二、上年结转政府信息公开数量", "row3", "apply.carried_in"),
        ("本年增/", "column2", "items_change"),
        ("科研企业", "applicant", "org.research"),
        ("第二十条(五)项", "block", "五"),
        ("第二十条第", "block", ""),
        ("第二十条 第（一）项", "block", "一"),
        ("规 章", "row2", "proactive.rules"),
        ("自然 人", "applicant", "natural_person"),
        ("总 计", "total", ""),
        ("合计", "total", ""),
        ("4.无正当理由大量反复 申请", "row3", "apply.result.not_processed.vexatious"),
        ("商业\n企业", "applicant", "org.business"),
        ("社会\n公益\n组织", "applicant", "org.public_interest"),
        ("规范性文件", "row2", "proactive.normdocs"),
        ("本年制发件数量", "column2", "issued"),
        ("本年收费金额", "column2", "amount"),
        (
            "1、申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
            "row3",
            "apply.result.other.no_correction",
        ),
        ("(本列)数据的勾稽关系为:第一项加第二项之和,等于第三项加第四项之和)", "heading", "3"),
        ("上一年项目数量 (指2019年事项数)", "column2", "items_prev"),
        ("本年增/减(指2020年增加或减少的事项数,减用负值表示,如-8)", "column2", "items_change"),
        ("规章(县级无此项)", "row2", "proactive.rules"),
        ("规范性文件(指各行政机关印发的有正式文号的文件)", "row2", "proactive.normdocs"),
        ("行政強製", "row2", "enforce.coercion"),
        ("規(guī)章", "row2", "proactive.rules"),
        ("3.危及'三安全一稳定'", "row3", "apply.result.denied.security_stability"),
        ("（三）不 予公开", "group3", "denied"),
        ("三、\n本\n年\n度\n办\n理\n结\n果", "group3", "result"),
        ("结\n果\n维\n持", "column4", "upheld"),
        ("未经复议直接起诉", "group4", "suit_direct"),
    ],
)
def test_irregular_labels(text: str, kind: str, code: str) -> None:
    label = find_label(text)
    assert label is not None
    assert (label.kind, label.code) == (kind, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "12",
        "/",
        "—",
        "无",
        "类别",
        "案件数量",
        "小计",
        "区政府统计数",
        "其他主动公开文件（含以本单位名义印发的文件）",
        "统计指标",
        "收费",
        "政府",
        "本年新",
        "一、总体情况",
        "行" * 5000,
    ],
)
def test_what_is_no_label(text: str) -> None:
    assert find_label(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("其他对外管理服务事", "permit.other_service"),
        ("3.补正后申请内容仍不明", "apply.result.unavailable.unclear"),
        ("行政规范性文", "proactive.normdocs"),
    ],
)
def test_a_likeness_says_so(text: str, code: str) -> None:
    label = find_label(text)
    assert label is not None
    assert (label.code, label.fuzzy) == (code, True)


def test_two_equal_likenesses_are_none() -> None:
    assert find_label("本年新公作数量") is None


def test_header_that_ran_together() -> None:
    assert split_header("信息内容本年制发件数本年废止件数现行有效件数") == [
        "信息内容",
        "本年制发件数",
        "本年废止件数",
        "现行有效件数",
    ]
    assert split_header("信息内容") == []
    assert split_header("信息内容和本年制发件数") == []
