"""Form 2014 (政府信息公开情况统计表): 58 figures under seven headings, each behind its label and unit.

Notice 国办发〔2014〕32号. Rows that no printed form has confirmed yet carry the flag ``form_unconfirmed``; rows that a
province put in beside them stay over.
"""

from __future__ import annotations

from normalize.fold import key_of
from normalize.row_table import Role, RowTables, names_year, side_role

FORM = "2014"
_VALUE_HEADS = frozenset(("统计数", "统计数据", "统计数量", "统计数值", "数量", "数值"))
_TOTAL_HEADS = frozenset(("合计", "总计"))


def statistics_tables(year: int) -> RowTables:
    """A reader of the tables of form 2014; of several years beside each other, the report's ``year`` counts."""
    return RowTables(FORM, lambda heads: _roles([key_of(head) for head in heads], year))


def _roles(heads: list[str], year: int) -> list[Role]:
    """What the columns hold: the figure stands under the form's own head, else under the year's, else the total's."""
    for is_value in (_VALUE_HEADS.__contains__, lambda head: names_year(head, year), _TOTAL_HEADS.__contains__):
        if any(map(is_value, heads)):
            return ["value" if is_value(head) else side_role(head) for head in heads]
    return [side_role(head) for head in heads]
