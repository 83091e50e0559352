"""Money whose unit is in doubt is flagged, and stays as printed."""

from __future__ import annotations

import pytest

from normalize.model import Figure
from normalize.units import doubt_units

FEES, PURCHASES, PROJECTS = "fee.admin.amount", "procure.central.amount", "procure.central.projects"


@pytest.mark.parametrize(
    ("indicator", "value", "unit", "level", "flag"),
    [
        # 镇沅县林业和草原局 2021: 元 under 单位:万元.
        (FEES, 119253.55, "万元", "department", "unit_suspect"),
        (FEES, 96171.6, "万元", "city", ""),
        (FEES, 59237.2449, "万元", "city", ""),
        (FEES, 3235727, "万元", "city", "unit_suspect"),
        (FEES, 43.788, "万元", "zone", ""),
        (FEES, 251000, "元", "office", ""),
        (FEES, 0, "", "county", ""),
        (PURCHASES, 8040, "", "township", "unit_missing"),
        (PURCHASES, 4018.6, "万元", "county", ""),
        # 17 purchases: 3,235,727元 as printed, and what it would say in each other unit.
        (PURCHASES, 3235727, "元", "department", ""),
        (PURCHASES, 3235727, "万元", "department", "unit_suspect"),
        (PURCHASES, 323.57, "元", "department", "unit_suspect"),
    ],
)
def test_money(indicator: str, value: float, unit: str, level: str, flag: str) -> None:
    figures = [
        Figure(PROJECTS, "", 17.0, "", "reported", "17"),
        Figure(indicator, "", value, unit, "reported", str(value)),
    ]
    found = doubt_units(figures, level)
    assert [figure.flags for figure in found] == [(), (flag,) if flag else ()]
    assert [(figure.value, figure.unit) for figure in found] == [(17.0, ""), (value, unit)]


def test_counts_are_not_money() -> None:
    count = Figure("enforce.penalty.decisions", "", 1e12, "", "reported", "1")
    assert doubt_units([count], "county") == [count]
