"""Table two (主动公开政府信息情况): blocks of a header and one or two rows.

The k-th value of a row stands under the k-th label of its block's header: row and header often span differently
(notices 国办公开办函〔2019〕60号 and 〔2021〕30号, section two).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.align import Column, is_blank
from normalize.fold import label_key
from normalize.values import header_unit

if TYPE_CHECKING:
    from normalize.grid import GridCell
    from normalize.sheet import Row, Sheet


@dataclass(slots=True)
class TableTwo:
    """Reads rows of table two; the header in force stays until the next block."""

    columns: list[Column] = field(default_factory=list)
    end: int = 0

    def new_block(self) -> None:
        """A block's heading: the header before it is no longer in force."""
        self.columns = []

    def read_header(self, row: Row, sheet: Sheet) -> None:
        """Take the labels behind 信息内容, or from the first label on, as the header in force."""
        start = _start(row)
        cells = row.cells[start:]
        self.end = max(cell.end for cell in row.cells)
        while cells and is_blank(cells[-1].text):
            cells.pop()
        columns = []
        for cell, label in zip(cells, row.labels[start:], strict=False):
            known = label if label and label.kind == "column2" else None
            flags = ("label_fuzzy",) if known and known.fuzzy else ()
            columns.append(Column(known.code if known else None, cell.col, cell.end, header_unit(cell.text), flags))
        self.columns = _mend(columns, cells)
        sheet.use(cells)

    def read_row(self, row: Row, sheet: Sheet) -> None:
        """Place the values behind a row's label; without a header in force they stay over."""
        index, label = next(
            (index, label)
            for index, (cell, label) in enumerate(zip(row.cells, row.labels, strict=True))
            if label and label.kind == "row2" and cell.row == row.row_no
        )
        values = [
            cell
            for cell, other in zip(row.cells[index + 1 :], row.labels[index + 1 :], strict=True)
            if other is None or other.kind not in ("row2", "column2")
        ]
        if not values or not self.columns:
            return
        columns = self.columns
        codes = [column.code for column in columns]
        torn = row.row_no in row.grid.loose and None in codes
        if torn or tuple(filter(None, codes)) not in _row_orders(label.code):
            # Not the header that the form has over this row, whatever else it holds: a label may be lost. Without
            # borders, a strange word may be half a label, or part what stands below the label before it.
            columns = [replace(column, flags=(*column.flags, "header_damaged")) for column in columns]
        cells = [f"{label.code}.{column.code}" for column in columns]
        targets = [(cell, "") if codebook.by_code(cell) else None for cell in cells]
        sheet.place(row, values, columns, targets, fuzzy=label.fuzzy, header_end=self.end)


def _start(row: Row) -> int:
    """Where the labels begin: behind 信息内容; behind the first cell where that label is damaged."""
    kinds = [label.kind if label else "" for label in row.labels]
    if "stub" in kinds:
        return kinds.index("stub") + 1
    first = next(index for index, kind in enumerate(kinds) if kind != "block")
    return first if kinds[first] == "column2" else first + 1


def _mend(columns: list[Column], cells: list[GridCell]) -> list[Column]:
    """Give a damaged header its names back where the form leaves one reading, with the flag ``header_damaged``.

    本年新 / 本年新 / 对外公开总数量: the second half of two labels was lost at a line break; the third label and the
    number of columns name the block, whose order is fixed. A label printed twice likewise.
    """
    codes = [column.code for column in columns]
    if None not in codes and len(set(codes)) == len(codes):
        return columns
    for order in codebook.orders2():
        if len(order) == len(codes) and all(
            _fits(place, codes, order[place], cells[place].text) for place in range(len(codes))
        ):
            return [
                replace(column, code=code, flags=(*column.flags, "header_damaged"))
                for column, code in zip(columns, order, strict=True)
            ]
    return columns


@cache
def _row_orders(row: str) -> frozenset[tuple[str, ...]]:
    """The headers that the forms have over a row, as the last parts of its indicators' codes."""
    orders = (
        tuple(
            i.code.rpartition(".")[2] for i in codebook.form_indicators(form, "2") if i.code.rpartition(".")[0] == row
        )
        for form in codebook.TABLE_FORMS
    )
    return frozenset(filter(None, orders))


def _fits(place: int, codes: list[str | None], wanted: str, text: str) -> bool:
    """Whether a printed header label can be the one that the form has in its place."""
    code = codes[place]
    if code is None:
        return codebook.begins_column(label_key(text), wanted)
    return code == wanted or code in codes[:place]
