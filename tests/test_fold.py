"""Keys of labels: what is folded away, and what must stay apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize.fold import bare_label_key, key_of, label_key, simplify, squeeze


@pytest.mark.parametrize(
    "text",
    [
        "第二十条第(一)项",
        "第二十条第（一）项",
        "第二十条 第（一）项",
        "第二十条\n第(一)项",
        "第二十條第（一）項",
        "第二十条第\u00a0(一)\u3000项",
    ],
)
def test_block_labels_have_one_key(text: str) -> None:
    assert label_key(text) == "第二十条第一项"


@pytest.mark.parametrize(
    "text",
    [
        "1.属于国家秘密",
        "1、属于国家秘密",
        "1．属于国家秘密",
        "（1）属于国家秘密",
        "1，属于国家秘密",
        "属于国家秘密",
        "1. 屬於國家秘密",
    ],
)
def test_numbering_is_dropped(text: str) -> None:
    assert label_key(text) == "属于国家秘密"


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("信息內(nèi)容", "信息内容"),
        ("規(guī)章", "规章"),
        ("數(shù)量", "数量"),
        ("⼀、本年新收", "一、本年新收"),
        ("⾏政", "行政"),
        ("⼈", "人"),
        ("ＡＢＣ１２３", "ABC123"),
        ("政府資訊", "政府资讯"),
    ],
)
def test_simplify(text: str, simple: str) -> None:
    assert simplify(text) == simple


def test_simplify_keeps_white_space_and_real_brackets() -> None:
    assert simplify("规章 (县级)\n数量") == "规章 (县级)\n数量"


def test_squeeze_drops_white_space_only() -> None:
    assert squeeze(" 规 章\u3000(县\u00a0级)\n") == "规章(县级)"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("规章(县级无此项)", "规章"),
        ("规范性文件（指各行政机关印发的有正式文号的文件）", "规范性文件"),
        ("上一年项目数量 (指2019年事项数)", "上一年项目数量"),
        ("(二)部分公开(区分处理的,只计这一情形,不计其他情形)", "部分公开"),
    ],
)
def test_remarks_in_brackets(text: str, key: str) -> None:
    assert bare_label_key(text) == key
    assert label_key(text) != key


def test_key_of_keeps_numbering() -> None:
    assert key_of("三、 本年度\n办理结果：") == "三本年度办理结果"


def test_different_rows_keep_different_keys() -> None:
    labels = [
        "本年新制作数量",
        "本年新公开数量",
        "本年制发件数",
        "本年废止件数",
        "规章",
        "规范性文件",
        "行政规范性文件",
        "行政许可",
        "行政强制",
    ]
    assert len({label_key(label) for label in labels}) == len(labels)


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Z"))))
def test_what_is_narrowed_first_is_what_nfkc_makes(text: str) -> None:
    assert simplify(text) == simplify(unicodedata.normalize("NFKC", text))
