"""Form 2014 (政府信息公开情况统计表): 58 figures under seven headings, each behind its label and unit.

Notice 国办发〔2014〕32号. Rows that no printed form has confirmed yet carry the flag ``form_unconfirmed``; rows that a
province put in beside them stay over.
"""

from __future__ import annotations

from normalize.fold import key_of
from normalize.row_table import Role, RowTables, side_role

FORM = "2014"
_VALUE_HEADS = frozenset(("统计数", "统计数据", "统计数量", "统计数值", "数量", "数值"))


def statistics_tables() -> RowTables:
    """A reader of the tables of form 2014."""
    return RowTables(FORM, _roles)


def _roles(heads: list[str]) -> list[Role]:
    return [_role(key_of(head)) for head in heads]


def _role(head: str) -> Role:
    if head in _VALUE_HEADS:
        return "value"
    return side_role(head)
