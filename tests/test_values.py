"""Cells as real reports print them: value, unit, status and flags."""

from __future__ import annotations

import pytest

from normalize.values import BLANK, NOT_APPLICABLE, Value, header_unit, parse

REMARK = ("remark",)
APPROXIMATE = ("approximate",)
CHINESE = ("chinese_numeral",)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("37215", 37215),
        ("11398889", 11398889),
        (" 182\u00a0", 182),
        ("\u00a0\u00a00", 0),
        ("? 0", 0),
        ("31批次", 31),
        ("201件", 201),
        ("6項", 6),
        ("１２３", 123),
        ("1,234", 1234),
        ("1，234，567", 1234567),
        ("5.0", 5),
        ("5。", 5),
        ("\ufeff5", 5),
        ("007", 7),
    ],
)
def test_counts(text: str, number: int) -> None:
    assert parse(text) == Value(number, "", "reported")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("减2626", -2626),
        ("減2626", -2626),
        ("+19", 19),
        ("＋19", 19),
        ("-3", -3),
        ("－3", -3),
        ("−3", -3),
        ("- 3", -3),
        ("本年增15", 15),
        ("增加3", 3),
        ("减少5项", -5),
        ("减少了5", -5),
        ("1740", 1740),
    ],
)
def test_changes(text: str, number: int) -> None:
    assert parse(text, value_type="signed_integer") == Value(number, "", "reported")


@pytest.mark.parametrize(
    ("text", "header", "number", "unit", "flags"),
    [
        ("4018.6万元", "", 4018.6, "万元", ()),
        ("160.5964万元", "", 160.5964, "万元", ()),
        ("3.449萬元", "", 3.449, "万元", ()),
        ("251000元", "", 251000, "元", ()),
        ("709455.9元", "", 709455.9, "元", ()),
        ("3.5万", "", 3.5, "万元", ()),
        ("97676.00", "", 97676, "", ()),
        ("149.673874", "", 149.673874, "", ()),
        ("477.35", "万元", 477.35, "万元", ()),
        ("43.788万元", "万元", 43.788, "万元", ()),
        ("59237.2449", "万元", 59237.2449, "万元", ()),
        ("251000元", "万元", 251000, "元", ("unit_conflict",)),
        ("1,234.56", "元", 1234.56, "元", ()),
        ("0", "万元", 0, "万元", ()),
    ],
)
def test_money(text: str, header: str, number: float, unit: str, flags: tuple[str, ...]) -> None:
    assert parse(text, value_type="decimal", unit=header) == Value(number, unit, "reported", flags)


@pytest.mark.parametrize(
    ("text", "value_type", "number", "unit", "flags"),
    [
        ("22 （其中修订 16 件）", "integer", 22, "", REMARK),
        ("55（含自然失效 29 件）", "integer", 55, "", REMARK),
        ("273余项", "integer", 273, "", APPROXIMATE),
        ("260余", "integer", 260, "", APPROXIMATE),
        ("30多人次", "integer", 30, "", APPROXIMATE),
        ("5.626836萬元", "integer", 5.626836, "万元", ("money_in_count",)),
        ("本年減2.52318萬元", "signed_integer", -2.52318, "万元", ("money_in_count",)),
        ("-3", "integer", -3, "", ("negative",)),
        ("0.5", "integer", 0.5, "", ("not_integer",)),
        ("十二", "integer", 12, "", CHINESE),
        ("一百二十件", "integer", 120, "", CHINESE),
        ("零", "integer", 0, "", CHINESE),
        ("五万元", "decimal", 50000, "元", CHINESE),
    ],
)
def test_doubtful_values_carry_a_flag(
    text: str, value_type: str, number: float, unit: str, flags: tuple[str, ...]
) -> None:
    assert parse(text, value_type=value_type) == Value(number, unit, "reported", flags)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u3000\u3000", "\n\t", "\u200b", "\ufeff"])
def test_blank(text: str) -> None:
    assert parse(text) == BLANK


@pytest.mark.parametrize(
    "text", ["/", "／", "-", "—", "——", "－", "－－", "--", "- -", "无", "無", "没有", "暂无", " / ", "N/A"]
)
def test_marks_for_nothing(text: str) -> None:
    assert parse(text) == NOT_APPLICABLE


@pytest.mark.parametrize(
    "text",
    [
        "0/0",
        "未增未减",
        "其中自然災害救助資金給付項目全年救助13781戶31696人次,共發放1040萬元",
        "5%",
        "1-2",
        "5至6",
        "5~6",
        "2020年",
        "第5",
        "约300",
        "12②",
        "½",
        "1e5",
        "减-5",
        "增5减3",
        "3千",
        "(5)",
        "1.2.3",
        "1,23",
        "O",
        "nan",
        "inf",
    ],
)
@pytest.mark.parametrize("value_type", ["integer", "signed_integer", "decimal"])
def test_words_are_not_guessed_at(text: str, value_type: str) -> None:
    value = parse(text, value_type=value_type)
    assert (value.number, value.status) == (None, "text")


@pytest.mark.parametrize("text", ["1 234", "1\n2", "5\u30006", "1\u2009234"])
def test_digits_apart_are_ambiguous(text: str) -> None:
    assert parse(text) == Value(None, "", "ambiguous", ("digits_apart",))


def test_ten_thousand_is_no_number_of_cases() -> None:
    assert parse("3万") == Value(None, "", "text", ("unit_unclear",))


@pytest.mark.parametrize("text", ["5\u20286", "5\u20296", "9" * 20, "9" * 400, "1" * 17])
def test_never_a_number_that_is_not_printed(text: str) -> None:
    assert parse(text).number is None


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("采购总金额(万元)", "万元"),
        ("本年收费金额（单位：万元）", "万元"),
        ("本年收费金额（單位：萬元）", "万元"),
        ("采购总金额（元）", "元"),
        ("采购总金额", ""),
        ("本年处理决定数量", ""),
    ],
)
def test_unit_of_a_header(header: str, unit: str) -> None:
    assert header_unit(header) == unit


@pytest.mark.parametrize("header", ["收费金额（千元）", "收费金额（百元）", "收费金额（美元）"])
def test_other_units_are_not_read_as_yuan(header: str) -> None:
    value = parse("5", value_type="decimal", unit=header_unit(header))
    assert value.unit != "元" or value.flags
