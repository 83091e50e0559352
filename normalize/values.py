"""Cell text to value, unit and status.

A value is claimed only where exactly one number stands in the cell. What stands beside it is kept as a flag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from normalize.fold import simplify, squeeze
from normalize.numerals import chinese_number

if TYPE_CHECKING:
    from normalize.model import Status

MONEY_UNITS = ("亿元", "万元", "元")

# Digits and signs that only differ in width; other compatibility forms (superscripts, ①) must not become digits.
_SAME = str.maketrans("０１２３４５６７８９＋－−﹣﹢．，／％：（）", "0123456789+---+.,/%:()")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
# A space that was escaped once too often.
_ESCAPED_SPACE = re.compile(r"&(?:nbsp|ensp|emsp|#160);?")
# A no-break space that a converter turned into a question mark: "? 0".
_LOST_SPACE = re.compile(r"^\?+(?=\s)")
_NOTHING = frozenset(
    ["/", "-", "--", "—", "——", "――", "－", "–", "\\", "／", "//", "无", "没有", "暂无", "N/A", "n/a", "NA"]
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_COUNT_UNIT = r"(?:件次|批次|人次|户次|件|项|条|个|宗|次|份|批|起|笔|例|户|人)"
_CELL = re.compile(
    r"(?P<words>(?:本年)?(?:增加|新增|增长|增|减少|减|下降)(?:了)?)?[:：]?"
    rf"(?P<number>{_NUMBER.pattern})"
    r"(?P<fuzzy>余|多)?"
    rf"(?P<unit>亿元|万元|元|亿|万|{_COUNT_UNIT})?"
    r"(?P<fuzzy2>余|左右)?"
    r"(?P<remark>\([^()]*\))?"
    r"[。.;,]?"
)
_CHINESE_NUMBER = re.compile(
    rf"([〇零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+)({_COUNT_UNIT}|亿元|万元|元)?"
)
_HEADER_UNIT = re.compile(r"(?<![十百千万亿美港日欧])(亿元|万元|元)")
_OTHER_MONEY = re.compile(r"[十百千万亿]*[十百千美港日欧]元")
UNCLEAR = "?"
# 2.000 is two, or two thousand.
_THOUSANDS = re.compile(r"\.\d{3}$")
# Beyond this a number loses digits as a float; no county counts so far.
_LARGEST = 2.0**53


@dataclass(frozen=True, slots=True)
class Value:
    """What one cell says: ``number`` is given only where ``status`` is ``reported``."""

    number: float | None
    unit: str
    status: Status
    flags: tuple[str, ...] = ()


BLANK = Value(None, "", "blank")
NOT_APPLICABLE = Value(None, "", "not_applicable")
TEXT = Value(None, "", "text")


def header_unit(header: str) -> str:
    """The money unit that a header prints: 采购总金额(万元) gives 万元.

    Empty where it prints none, ``?`` where it prints one that the forms do not know (千元, 美元).
    """
    plain = squeeze(header)
    if _OTHER_MONEY.search(plain):
        return UNCLEAR
    match = _HEADER_UNIT.search(plain)
    return match[1] if match else ""


@lru_cache(maxsize=65536)
def parse(text: str, value_type: str = "integer", unit: str = "") -> Value:
    """Read one cell.

    ``value_type`` is the codebook's: ``integer``, ``signed_integer`` or ``decimal`` (money).
    ``unit`` is the money unit that the column's header prints (``header_unit``); a unit in the cell wins, and a
    difference is flagged.
    """
    plain = _INVISIBLE.sub("", text.replace("\u3000", " ").replace("\xa0", " ")).translate(_SAME).strip()
    plain = _LOST_SPACE.sub("", _ESCAPED_SPACE.sub(" ", plain)).strip()
    if not plain:
        return BLANK
    if "\ufffd" in plain:
        return Value(None, "", "unreadable", ("mojibake",))
    if _NUMBER.fullmatch(plain):
        return _value(plain, "", (), value_type, unit)
    squeezed = "".join(plain.split())
    if squeezed in _NOTHING or simplify(squeezed) in _NOTHING:
        return NOT_APPLICABLE
    if _digits_apart(plain):
        return Value(None, "", "ambiguous", ("digits_apart",))
    return _words(_simplified(squeezed), value_type, unit)


def _simplified(text: str) -> str:
    """Simplified characters, but superscripts and circled digits left alone: they are notes, not digits."""
    return "".join(
        simplify(char) if "\u3400" <= char <= "\u9fff" or "\u2f00" <= char <= "\u2fdf" else char for char in text
    )


def _digits_apart(text: str) -> bool:
    """Whether white space stands between two digits: one number cut in two, or two numbers."""
    return re.search(r"\d\s+[+-]?\d", text) is not None


def _words(text: str, value_type: str, unit: str) -> Value:
    match = _CELL.fullmatch(text)
    if match is None:
        return _chinese(text, value_type, unit)
    flags = []
    number = match["number"]
    if match["words"]:
        if number[0] in "+-":
            return TEXT
        number = ("-" if "减" in match["words"] or "降" in match["words"] else "") + number
    if match["fuzzy"] or match["fuzzy2"]:
        flags.append("approximate")
    if match["remark"]:
        flags.append("remark")
    return _value(number, match["unit"] or "", tuple(flags), value_type, unit)


def _chinese(text: str, value_type: str, unit: str) -> Value:
    match = _CHINESE_NUMBER.fullmatch(text)
    if match is None:
        return TEXT
    number = chinese_number(match[1])
    if number is None:
        return TEXT
    return _value(str(number), match[2] or "", ("chinese_numeral",), value_type, unit)


def _value(number: str, printed: str, flags: tuple[str, ...], value_type: str, unit: str) -> Value:
    amount = float(number.replace(",", ""))
    if abs(amount) >= _LARGEST:
        return Value(None, "", "text", (*flags, "too_large"))
    found = list(flags)
    if unit == UNCLEAR:
        unit = ""
        found.append("unit_unclear")
    if printed in ("万", "亿"):
        # 3.5万 in a money column is money, elsewhere a multiplier that only the reader of the page can weigh.
        if value_type != "decimal":
            return Value(None, "", "text", ("unit_unclear",))
        printed += "元"
    money = printed if printed in MONEY_UNITS else ""
    if money and unit and money != unit:
        found.append("unit_conflict")
    if money and value_type != "decimal":
        found.append("money_in_count")
    if not money and value_type != "decimal" and (not amount.is_integer() or _THOUSANDS.search(number)):
        found.append("not_integer")
    if amount < 0 and value_type != "signed_integer":
        found.append("negative")
    return Value(amount, money or (unit if value_type == "decimal" else ""), "reported", tuple(found))
