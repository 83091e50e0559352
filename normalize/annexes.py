"""Form 2008: the annexes that provinces printed before there was a national form, in two families.

The family of 上海 prints 指标名称, 计量单位, 代码, 本期实际 and 本年累计, that of 福建 指标名称, a column for the year
and 历年累计. The year's figure is taken; a total over years stays over with the reason ``cumulative``.
"""

from __future__ import annotations

import re

from normalize.fold import squeeze, strip_key
from normalize.row_table import Role, RowTables, names_year, side_role

FORM = "2008"
_PERIOD_HEAD = re.compile(r"^本期(?!.*本月)")
_CUMULATIVE_HEAD = re.compile(r"历年|^累计|以来")


def annex_tables(year: int) -> RowTables:
    """A reader of the annexes; of several years beside each other, the report's ``year`` (0: unknown) counts."""
    return RowTables(FORM, lambda heads: _roles(heads, year))


def _roles(heads: list[str], year: int) -> list[Role]:
    plain = [strip_key(squeeze(head)) for head in heads]
    roles = [_role(head, year) for head in plain]
    periods = [place for place, head in enumerate(plain) if _PERIOD_HEAD.match(head)]
    if "value" not in roles and len(periods) == 1:
        # The period of an annual report is its year.
        roles[periods[0]] = "value"
    return roles


def _role(head: str, year: int) -> Role:
    if _CUMULATIVE_HEAD.search(head):
        return "cumulative"
    return "value" if names_year(head, year) else side_role(head)
