"""The signature below a report: the body's name above a date, or both in one line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normalize.fold import simplify

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMERAL = {"元": 1, "十": 10, "廿": 20} | {char: value for value, char in enumerate("〇一二三四五六七八九")}
_ZEROS = str.maketrans("零○Oo", "〇〇〇〇")
_SPELT = "〇一二三四五六七八九"
_DATE = re.compile(
    rf"[(（]?(?:日期[:：])?(?P<year>20\d\d|二[{_SPELT}]{{3}})年(?P<month>\d{{1,2}}|[元一二三四五六七八九十]{{1,2}})月"
    r"(?:(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})日)?[)）]?$"
)
_BODY = re.compile(
    r"(?:政府|局|委|委员会|办|办公室|办公厅|厅|镇|乡|街道|办事处|管委会|中心|院|队|所|站|会|社|公司|学校|大学)[)）]?$"
)
_NAME = re.compile(r"^[\u3400-\u9fff][\u3400-\u9fff（）()·]{2,39}$")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, as printed, and when; ``month`` is 0 and ``body`` empty where they are not told."""

    body: str = ""
    year: int = 0
    month: int = 0


def read_signature(lines: Sequence[str]) -> Signature:
    """The last signature among a document's lines (without white space); empty where there is none.

    A date alone is one only where a body's name stands before it, so that the frame of a page is never taken for it.
    """
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if not line.endswith(("月", "日", ")", "）")) or "年" not in line:
            continue
        plain = simplify(line).translate(_ZEROS)
        date = _DATE.search(plain)
        if date is None:
            continue
        before = line[: date.start()] if len(plain) == len(line) else plain[: date.start()]
        name = before or (lines[index - 1] if index else "")
        if _NAME.match(name) and _BODY.search(simplify(name)):
            return Signature(name, _year(date["year"]), _month(date["month"]))
    return Signature()


def _year(text: str) -> int:
    return int("".join(str(_NUMERAL.get(char, char)) for char in text))


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else sum(_NUMERAL[char] for char in text)
