"""The statutory tables as their forms print them: blocks, stubs and heads around one cell for each figure."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from explorer.model import Block, Cell, Heading, Table
from explorer.views.pieces import applicant_label, indicator_label, records
from normalize import codebook

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    import pandas as pd

    from explorer.model import Asked
    from normalize.codebook import Indicator

    Figure = Callable[[str, str], Cell]

TITLES = {
    "A": ("表", "Table"),
    "B": ("表", "Table"),
    "2": ("二、主动公开", "Table two: proactive disclosure"),
    "3": ("三、依申请公开", "Table three: requests"),
    "4": ("四、复议诉讼", "Table four: reviews and lawsuits"),
}
# The printed words of blocks in English; an article of the Regulations is named by its number.
_ENGLISH = {
    "三、本年度办理结果": "Results this year",
    "行政复议": "Reconsideration",
    "行政诉讼": "Lawsuits",
}
_ARTICLE, _DIGITS = "第二十条第", "〇一二三四五六七八九"
_STUB = 3


def form_blocks(form: str, frame: pd.DataFrame, cell_of: Callable[[Any], Cell], asked: Asked) -> list[Block]:
    """The tables of a form with their titles; ``cell_of`` gives the cell of a row of ``frame``, one for each figure."""
    figures = {(row.indicator, row.applicant): row for row in records(frame)}

    def cell(indicator: str, applicant: str) -> Cell:
        row = figures.get((indicator, applicant))
        return Cell("") if row is None else cell_of(row)

    blocks: list[Block] = []
    for table, own in form_tables(form, {indicator for indicator, _ in figures}):
        shown = frame[frame["indicator"].isin([each.code for each in own])]
        title = asked.either(*TITLES.get(table, ("表", "Table")))
        blocks += [Heading(title), Table(f"table-{table}", [], layout(own, cell, asked), shown)]
    return blocks


def form_tables(form: str, known: Container[str]) -> list[tuple[str, list[Indicator]]]:
    """The tables of a form, each with those of its indicators that are known."""
    tables = dict.fromkeys(each.table for each in codebook.form_indicators(form))
    # The older row （六）其他处理 stands in some reports of form 2021 as well.
    rows = {
        table: codebook.table3_rows() if table == "3" else codebook.form_indicators(form, table) for table in tables
    }
    found = [(table, [each for each in own if each.code in known]) for table, own in rows.items()]
    return [(table, own) for table, own in found if own]


def layout(indicators: Sequence[Indicator], figure: Figure, asked: Asked) -> list[list[Cell]]:
    """The rows of one statutory table; ``figure`` gives the cell of an indicator and an applicant."""
    if any(each.axis for each in indicators):
        return _crossed(indicators, figure, asked)
    if all(each.column_label for each in indicators):
        return (_blocks if indicators[0].row_label else _one_row)(indicators, figure, asked)
    return [[_head(indicator_label(each.code, asked), title=each.code), figure(each.code, "")] for each in indicators]


def _head(text: str, across: int = 1, down: int = 1, *, column: bool = False, title: str = "") -> Cell:
    return Cell(text, title=title, head="col" if column else "row", across=across, down=down)


def _blocks(indicators: Sequence[Indicator], figure: Figure, asked: Asked) -> list[list[Cell]]:
    """Table two: for each article of the Regulations a head and its rows, all of the same width."""
    rows: list[list[Cell]] = []
    groups = [(name, list(own)) for name, own in groupby(indicators, key=lambda each: each.block)]
    lines = [
        (block, [list(line) for _, line in groupby(own, key=lambda each: each.row_label)]) for block, own in groups
    ]
    width = max(len(line) for _, own in lines for line in own)
    for block, own in lines:
        wide = [1] * (len(own[0]) - 1) + [width - len(own[0]) + 1]
        rows.append([_head(_block(block, asked), width + 1, column=True)])
        names = [asked.either(each.column_label, _parts(each)[1]) for each in own[0]]
        rows.append([_head(asked.either("信息内容", "Item"), column=True)])
        rows[-1] += [_head(name, across, column=True) for name, across in zip(names, wide, strict=True)]
        for line in own:
            cells = [replace(figure(each.code, ""), across=across) for each, across in zip(line, wide, strict=False)]
            rows.append([_head(asked.either(line[0].row_label, _parts(line[0])[0])), *cells])
    return rows


def _crossed(indicators: Sequence[Indicator], figure: Figure, asked: Asked) -> list[list[Cell]]:
    """Table three: applicants across, results down, in a stub of three columns."""
    people = codebook.applicant_codes()
    names = [applicant_label(code, asked) for code in people]
    rows = [
        [_head("", _STUB, 3, column=True), _head(asked.either("申请人情况", "Applicants"), len(people), column=True)],
        [
            _head(names[0], 1, 2, column=True),
            _head(asked.either("法人或其他组织", "Legal persons and organisations"), len(people) - 2, column=True),
            _head(names[-1], 1, 2, column=True),
        ],
        [_head(name, column=True) for name in names[1:-1]],
    ]
    blocks = [each.block for each in indicators]
    tops = [block.partition(">")[0] for block in blocks]
    for place, each in enumerate(indicators):
        cells = [figure(each.code, who) for who in people]
        top, _, group = each.block.partition(">")
        stub: list[Cell] = []
        if top and tops.index(top) == place:
            stub.append(_head(_block(top, asked), 1, tops.count(top)))
        if group and blocks.index(each.block) == place:
            stub.append(_head(asked.either(group, _parts(each)[0]), 1, blocks.count(each.block)))
        name = asked.either(each.row_label, _parts(each)[1] if group else each.label_en)
        used = bool(top) + bool(group)
        rows.append([*stub, _head(name, _STUB - used, title=each.code), *cells])
    return rows


def _one_row(indicators: Sequence[Indicator], figure: Figure, asked: Asked) -> list[list[Cell]]:
    """Table four: one row of figures under heads of three rows; what has no third row reaches down to the figures."""
    rows: list[list[Cell]] = [[], [], [], [figure(each.code, "") for each in indicators]]
    for top, own in groupby(indicators, key=lambda each: each.block.partition(">")[0]):
        below = list(own)
        rows[0].append(_head(_block(top, asked), len(below), column=True))
        for block, results in groupby(below, key=lambda each: each.block):
            leaves = list(results)
            names = [asked.either(each.column_label, _parts(each)[1]) for each in leaves]
            if ">" not in block:
                rows[1] += [_head(name, 1, 2, column=True) for name in names]
                continue
            rows[1].append(_head(asked.either(block.partition(">")[2], _parts(leaves[0])[0]), len(leaves), column=True))
            rows[2] += [_head(name, column=True) for name in names]
    return rows


def _parts(each: Indicator) -> tuple[str, str]:
    """The English name in two: what the row is called, and the column."""
    row, _, column = each.label_en.partition(": ")
    return row, (column or row)


def _block(name: str, asked: Asked) -> str:
    article = name.removeprefix(_ARTICLE).strip("()项")
    english = f"Article 20 ({_DIGITS.index(article)})" if name.startswith(_ARTICLE) and article in _DIGITS else ""
    return asked.either(name, _ENGLISH.get(name) or english)
