"""Chinese numerals as reports write them."""

from __future__ import annotations

import pytest

from normalize.numerals import chinese_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("〇", 0), ("十", 10), ("两百", 200), ("一百二十三", 123), ("壹仟零伍", 1005), ("三万五千", 35_000), ("1百", 100)],
)
def test_numerals(text: str, number: int) -> None:
    found = chinese_number(text)
    assert found == number
    assert isinstance(found, int)


@pytest.mark.parametrize("text", ["十十", "百", "件"])
def test_what_is_no_number(text: str) -> None:
    assert chinese_number(text) is None
