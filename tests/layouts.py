"""Reports drawn from known truth: random figures of a statutory form, in a random layout of its three tables."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hypothesis import strategies as st

from normalize import Report, codebook

Key = tuple[str, str]
Answer = tuple[str, float | None, str]

RULE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
RESULTS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
EXTRA_ROW = "其他主动公开文件（含以本单位名义印发的文件）"
LEVELS = ("区政府统计数", "区直单位统计数", "乡镇街道统计数")
MISSING: Answer = ("missing", None, "")


@dataclass(frozen=True)
class Cell:
    """What one value cell prints and what it says."""

    text: str
    answer: Answer


@dataclass(frozen=True)
class Truth:
    """All cells of one report of one form; ``unit`` is the money unit that its header prints."""

    form: str
    unit: str
    cells: dict[Key, Cell]


@dataclass(frozen=True)
class Box:
    """One cell as drawn."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    role: Literal["label", "head", "value", "pad"] = "value"


Row = list[Box]
Table = list[Row]


@dataclass(frozen=True)
class Layout:
    """One way to draw the three tables; every field is one freedom that real reports take."""

    seed: int = 0
    split2: bool = False
    spans2: str = "plain"
    stub2: str = "plain"
    extra_row: bool = False
    levels: bool = False
    header3: str = "spanned"
    stub3: str = "spanned"
    subtotal: bool = False
    cut: int = 0
    repeat_header: bool = True
    spacer: str = ""
    dropped: int = -1
    two4: bool = False
    header4: str = "spanned"
    stub4: bool = False
    blank4: bool = False
    labels: str = "plain"
    markup: str = "plain"
    tag: str = "td"
    closed: bool = True
    spans: str = "plain"
    wrapped: bool = False
    copies: str = ""


# What each freedom can be.
_BOTH = (False, True)
CHOICES: dict[str, Sequence[Any]] = {
    "seed": range(2**16),
    "split2": _BOTH,
    "spans2": ("plain", "disagree", "unspanned", "flat"),
    "stub2": ("plain", "padded"),
    "extra_row": _BOTH,
    "levels": _BOTH,
    "header3": ("spanned", "empties", "flat", "total_low"),
    "stub3": ("spanned", "repeated", "unspanned", "omitted"),
    "subtotal": _BOTH,
    "cut": range(23),
    "repeat_header": _BOTH,
    "spacer": ("", "empty_row", "blank_cell", "blank_cells"),
    "dropped": range(-1, 23),
    "two4": _BOTH,
    "header4": ("spanned", "empties"),
    "stub4": _BOTH,
    "blank4": _BOTH,
    "labels": ("plain", "spaced", "broken", "renumbered"),
    "markup": ("plain", "word", "wps", "nbsp", "nested"),
    "tag": ("td", "th"),
    "closed": _BOTH,
    "spans": ("plain", "trailing", "bad"),
    "wrapped": _BOTH,
    "copies": ("", "hidden", "attribute", "comment"),
}
LAYOUTS = st.builds(Layout, **{name: st.sampled_from(choices) for name, choices in CHOICES.items()})


def draw_layout(seed: int) -> Layout:
    """One of all layouts, at random."""
    rng = random.Random(seed)  # noqa: S311 - test data
    return Layout(**{name: rng.choice(choices) for name, choices in CHOICES.items()})


# Truth -------------------------------------------------------------------------------------------------------------

_BLANKS = ("", " ", "\u00a0", "\u3000\u3000")
_MARKS = ("/", "-", "—", "——", "无", "\uff0d")
_SIZES = (9, 99, 9_999, 99_999_999)


def _integer(rng: random.Random) -> Cell:
    number = rng.randint(0, rng.choice(_SIZES))
    full = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    text = rng.choice([str(number), str(number), f" {number}\u00a0", full, f"{number:,}", f"{number}件"])
    return Cell(text, ("reported", float(number), ""))


def _signed(rng: random.Random) -> Cell:
    number = rng.randint(1, rng.choice(_SIZES))
    text, sign = rng.choice(
        [
            (f"减{number}", -1),
            (f"-{number}", -1),
            (f"－{number}", -1),
            (f"+{number}", 1),
            (f"本年增{number}", 1),
            (str(number), 1),
        ]
    )
    return Cell(text, ("reported", float(sign * number), ""))


def _money(rng: random.Random, unit: str) -> Cell:
    number = round(rng.uniform(0, rng.choice(_SIZES)), rng.choice((0, 1, 2, 4)))
    own = rng.choice(["", "", "万元", "元"])
    return Cell(f"{number}{own}", ("reported", number, own or unit))


def _cell(rng: random.Random, value_type: str, unit: str) -> Cell:
    kind = rng.random()
    if kind < 0.12:
        return Cell(rng.choice(_BLANKS), ("blank", None, ""))
    if kind < 0.18:
        return Cell(rng.choice(_MARKS), ("not_applicable", None, ""))
    if kind < 0.4:
        return Cell("0", ("reported", 0.0, unit if value_type == "decimal" else ""))
    if value_type == "signed_integer":
        return _signed(rng)
    return _money(rng, unit) if value_type == "decimal" else _integer(rng)


def draw_truth(form: str, seed: int, *, unit: str = "万元", plain: bool = False) -> Truth:
    """Random figures for every cell of ``form``; ``plain`` draws whole numbers only, none blank."""
    rng = random.Random(seed)  # noqa: S311 - test data
    cells: dict[Key, Cell] = {}
    for code, applicant in codebook.form_cells(form):
        indicator = codebook.by_code(code)
        assert indicator is not None
        value_type = indicator.value_type
        if plain:
            number = rng.randint(0, rng.choice(_SIZES))
            cells[code, applicant] = Cell(
                str(number), ("reported", float(number), unit if value_type == "decimal" else "")
            )
        else:
            cells[code, applicant] = _cell(rng, value_type, unit)
    return Truth(form, unit, cells)


TRUTHS = st.builds(
    draw_truth, st.sampled_from(["2019", "2021"]), st.integers(0, 2**32 - 1), unit=st.sampled_from(["万元", "元", ""])
)


# The form's rows ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line3:
    """One row of table three: its group's label (empty where it stands alone), its own, and its values."""

    code: str
    top: str
    group: str
    label: str
    values: tuple[Cell, ...]


@dataclass(frozen=True)
class Block2:
    """One block of table two."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def blocks2(truth: Truth) -> list[Block2]:
    """The blocks of table two in the form's order."""
    found: dict[str, dict[str, list[tuple[str, Cell]]]] = {}
    for indicator in codebook.form_indicators(truth.form, "2"):
        column = indicator.column_label
        if indicator.value_type == "decimal":
            column = column.partition("(")[0] + (f"（单位：{truth.unit}）" if truth.unit else "")
        found.setdefault(indicator.block, {}).setdefault(indicator.row_label, []).append(
            (column, truth.cells[indicator.code, ""])
        )
    return [
        Block2(
            title,
            tuple(column for column, _ in next(iter(rows.values()))),
            tuple((label, tuple(cell for _, cell in cells)) for label, cells in rows.items()),
        )
        for title, rows in found.items()
    ]


def lines3(truth: Truth) -> list[Line3]:
    """The rows of table three in the form's order."""
    found = []
    for indicator in codebook.form_indicators(truth.form, "3"):
        top, _, group = indicator.block.partition(">")
        values = tuple(truth.cells[indicator.code, applicant] for applicant in codebook.applicant_codes())
        found.append(Line3(indicator.code, top, group, indicator.row_label, values))
    return found


def values4(truth: Truth) -> list[Cell]:
    """The fifteen values of table four."""
    return [truth.cells[indicator.code, ""] for indicator in codebook.form_indicators(truth.form, "4")]


# Drawing -----------------------------------------------------------------------------------------------------------


@dataclass
class Drawing:
    """The tables of one report as boxes, and the truth that they keep."""

    tables: list[Table] = field(default_factory=list)
    answers: dict[Key, Answer] = field(default_factory=dict)


def draw(truth: Truth, layout: Layout) -> Drawing:
    """The three tables in one layout; the answers are those that a reader must find."""
    answers = {key: cell.answer for key, cell in truth.cells.items()}
    lines = lines3(truth)
    if layout.dropped >= 0:
        gone = lines.pop(layout.dropped)
        answers.update({(gone.code, applicant): MISSING for applicant in codebook.applicant_codes()})
    rng = random.Random(layout.seed)  # noqa: S311 - test data
    return Drawing(
        [*_tables2(truth, layout, rng), *_tables3(lines, layout), *_tables4(values4(truth), layout)], answers
    )


def _value(cell: Cell, colspan: int = 1) -> Box:
    return Box(cell.text, colspan=colspan)


def _heads(texts: Iterable[str], spans: Iterable[int]) -> Row:
    return [Box(text, colspan=span, role="head") for text, span in zip(texts, spans, strict=True)]


def _tables2(truth: Truth, layout: Layout, rng: random.Random) -> list[Table]:
    tables = [_block2(block, layout, rng) for block in blocks2(truth)]
    return tables if layout.split2 else [[row for table in tables for row in table]]


def _block2(block: Block2, layout: Layout, rng: random.Random) -> Table:
    levels = LEVELS if layout.levels else ()
    heads, values = _spans2(layout.spans2, len(block.columns))
    pad = [Box("", role="pad")] if layout.stub2 == "padded" else []
    extra = [1] * len(levels)
    table = [
        [Box(block.title, colspan=4 + len(pad) + len(levels), role="label")],
        [Box("信息内容", colspan=1 + len(pad), role="head"), *_heads((*block.columns, *levels), (*heads, *extra))],
    ]
    tail = (
        [Box("", role="pad") for _ in range(3 - len(block.columns))]
        if layout.spans2 == "unspanned" and not levels
        else []
    )
    table[1] += tail
    for label, cells in block.rows:
        row = [Box(label, role="label"), *pad, *(_value(cell, span) for cell, span in zip(cells, values, strict=True))]
        table.append(row + [Box(str(rng.randint(0, 99))) for _ in levels] + tail)
    if layout.extra_row and len(block.rows) == 2 and "一" in block.title:
        table.append(
            [
                Box(EXTRA_ROW, role="pad"),
                *pad,
                *(Box(str(rng.randint(100, 999)), colspan=span) for span in (*values, *extra)),
                *tail,
            ]
        )
    return table


def _spans2(style: str, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The column spans of a block's header and of its rows."""
    if style == "disagree":
        return {3: ((1, 2, 1), (2, 1, 1)), 2: ((1, 3), (2, 2)), 1: ((4,), (4,))}[count]
    if style == "plain":
        return {3: ((1, 1, 1), (1, 1, 1)), 2: ((1, 2), (1, 2)), 1: ((3,), (3,))}[count]
    return (1,) * count, (1,) * count


def _header3(layout: Layout, stub: int) -> Table:
    inner = [*APPLICANTS[1:6], *(["小计"] if layout.subtotal else [])]
    names = [APPLICANTS[0], *inner, APPLICANTS[6]]
    if layout.header3 == "flat":
        return [[Box(RULE, colspan=stub, role="head"), *_heads(names, [1] * len(names))]]
    organisations = "法人或其他组织"
    if layout.header3 == "empties":
        empty = [Box("", role="pad")]
        return [
            [Box(RULE, role="head"), *empty * (stub - 1), Box("申请人情况", role="head"), *empty * (len(names) - 1)],
            [
                *empty * stub,
                Box("自然人", role="head"),
                Box(organisations, role="head"),
                *empty * (len(inner) - 1),
                Box("总计", role="head"),
            ],
            [*empty * (stub + 1), *_heads(inner, [1] * len(inner)), *empty],
        ]
    low = layout.header3 == "total_low"
    return [
        [Box(RULE, rowspan=3, colspan=stub, role="head"), Box("申请人情况", colspan=len(names), role="head")],
        [
            Box("自然人", rowspan=2, role="head"),
            Box(organisations, colspan=len(inner), role="head"),
            Box("", role="pad") if low else Box("总计", rowspan=2, role="head"),
        ],
        _heads([*inner, *(["总计"] if low else [])], [1] * (len(inner) + low)),
    ]


def _tables3(lines: list[Line3], layout: Layout) -> list[Table]:
    stub = 1 if layout.stub3 == "omitted" else 3
    header = _header3(layout, stub)
    parts = [lines[: layout.cut], lines[layout.cut :]] if layout.cut else [lines]
    tables = []
    for number, part in enumerate(parts):
        rows = _rows3(part, layout)
        tables.append((header if number == 0 or layout.repeat_header else []) + rows)
    return tables


def _rows3(lines: list[Line3], layout: Layout) -> Table:
    rows: Table = []
    spacer_at = len(lines) // 2 if layout.spacer else -1
    for number, line in enumerate(lines):
        if number == spacer_at:
            rows += _spacer(lines, number, layout)
        values = [_value(cell) for cell in line.values]
        if layout.subtotal:
            values.insert(6, Box(str(sum(len(cell.text) for cell in line.values) + 1000)))
        rows.append([*_stub3(lines, number, layout, spacer_at), *values])
    return rows


def _run(lines: list[Line3], number: int, key: Callable[[Line3], tuple[str, ...]], spacer_at: int) -> int:
    """How many printed rows from ``number`` on share the cell named by ``key``; 0 where an earlier row began it."""
    own = key(lines[number])
    if number and key(lines[number - 1]) == own:
        return 0
    end = number
    while end < len(lines) and key(lines[end]) == own:
        end += 1
    return end - number + (number < spacer_at < end)


def _top(line: Line3) -> tuple[str, ...]:
    return (line.top,)


def _group(line: Line3) -> tuple[str, ...]:
    return (line.top, line.group)


def _stub3(lines: list[Line3], number: int, layout: Layout, spacer_at: int) -> Row:
    line = lines[number]
    style = layout.stub3
    if style == "omitted":
        return [Box(line.label, role="label")]
    levels = [(line.top, _top), (line.group, _group)]
    boxes: Row = []
    for text, key in levels:
        if not text:
            continue
        height = _run(lines, number, key, spacer_at)
        if style == "spanned" and height:
            boxes.append(Box(text, rowspan=height, role="head"))
        elif style == "repeated":
            boxes.append(Box(text, role="head"))
        elif style == "unspanned":
            boxes.append(Box(text if height else "", role="head" if height else "pad"))
    own = 3 - sum(bool(text) for text, _ in levels)
    if style == "unspanned":
        return [*boxes, Box(line.label, role="label"), *[Box("", role="pad")] * (own - 1)]
    return [*boxes, Box(line.label, colspan=own, role="label")]


def _spacer(lines: list[Line3], number: int, layout: Layout) -> Table:
    if layout.spacer == "empty_row":
        return [[]]
    hanging = 0
    if layout.stub3 == "spanned":
        hanging = (
            sum(bool(key(lines[number])[-1]) and key(lines[number - 1]) == key(lines[number]) for key in (_top, _group))
            if number
            else 0
        )
    width = (8 if layout.subtotal else 7) + (1 if layout.stub3 == "omitted" else 3) - hanging
    if layout.spacer == "blank_cell":
        return [[Box("", colspan=width, role="pad")]]
    return [[Box("", role="pad")] * width]


def _header4(names: list[tuple[str, str]], layout: Layout) -> Table:
    """The header over groups of five results; ``names`` are each group's upper and lower label."""
    spanned = layout.header4 == "spanned"
    deep = any(low for _, low in names)
    rows: list[Row] = [[], [], []]
    for index, (top, low) in enumerate(names):
        if not index or names[index - 1][0] != top:
            rows[0] += _over(top, 5 * sum(other == top for other, _ in names), spanned=spanned)
        results = _heads(RESULTS, [1] * 5)
        if low:
            rows[1] += _over(low, 5, spanned=spanned)
            rows[2] += results
        elif spanned and deep:
            rows[1] += [replace(box, rowspan=2) for box in results]
        else:
            rows[1] += results
            rows[2] += [Box("", role="pad")] * 5
    rows = rows if deep else rows[:2]
    if not layout.stub4:
        return rows
    if spanned:
        return [[Box("类别", rowspan=len(rows), role="pad"), *rows[0]], *rows[1:]]
    return [[Box("" if number else "类别", role="pad"), *row] for number, row in enumerate(rows)]


def _over(text: str, width: int, *, spanned: bool) -> Row:
    """A label over ``width`` columns, spanned or followed by empty cells."""
    if spanned:
        return [Box(text, colspan=width, role="head")]
    return [Box(text, role="head"), *[Box("", role="pad")] * (width - 1)]


def _tables4(values: list[Cell], layout: Layout) -> list[Table]:
    recon = [("行政复议", "")]
    suits = [("行政诉讼", "未经复议直接起诉"), ("行政诉讼", "复议后起诉")]
    parts = [(recon, values[:5]), (suits, values[5:])] if layout.two4 else [(recon + suits, values)]
    tables = []
    for names, cells in parts:
        stub = [Box("案件数量", role="pad")] if layout.stub4 else []
        rows = [[*stub, *(_value(cell) for cell in cells)]]
        if layout.blank4:
            rows.append([Box("", role="pad")] * (len(cells) + len(stub)))
        tables.append(_header4(names, layout) + rows)
    return tables


# HTML --------------------------------------------------------------------------------------------------------------

_RENUMBERED = str.maketrans({"(": "（", ")": "）", ".": "、", ",": "，", ":": "："})


def _label_html(text: str, style: str) -> str:
    text = html.escape(text)
    if style == "spaced":
        middle = len(text) // 2
        return f"{text[:middle]} \u3000{text[middle:]}"
    if style == "broken":
        middle = len(text) // 2 or 1
        return f"{text[:middle]}<br />{text[middle:]}"
    return text.translate(_RENUMBERED) if style == "renumbered" else text


_MARKUP = {
    "plain": "{}",
    "word": '<p class="MsoNormal" align="center" style="text-align:center"><span lang="EN-US">{}<o:p></o:p></span></p>',
    "wps": '<p><span style="font-family:仿宋"><font face="仿宋">{}</font></span></p>',
    "nbsp": "&nbsp;{}&nbsp;",
    "nested": "<div>\n  <div>\n    <b>{}</b>\n  </div>\n</div>",
}
_BAD_SPANS = ("abc", "-1", "0", "1;", "", "1.5", "+1")


def _box_html(box: Box, layout: Layout, rng: random.Random) -> str:
    inner = _MARKUP[layout.markup].format(
        _label_html(box.text, layout.labels) if box.role in ("label", "head") else html.escape(box.text)
    )
    attributes = "".join(
        _span_html(name, span, layout, rng) for name, span in (("rowspan", box.rowspan), ("colspan", box.colspan))
    )
    tag = layout.tag if box.role == "value" or layout.tag == "td" else "th"
    return f"<{tag}{attributes}>{inner}" + (f"</{tag}>" if layout.closed else "")


def _span_html(name: str, span: int, layout: Layout, rng: random.Random) -> str:
    if span > 1:
        return f' {name}="{span}{";" if layout.spans == "trailing" else ""}"'
    if layout.spans == "bad" and name == "colspan":
        return f' {name}="{rng.choice(_BAD_SPANS)}"'
    return ""


def table_html(table: Table, layout: Layout) -> str:
    rng = random.Random(layout.seed)  # noqa: S311 - test data
    end = "</tr>" if layout.closed else ""
    return (
        "<table border=1>"
        + "\n".join(f"<tr>{''.join(_box_html(box, layout, rng) for box in row)}{end}" for row in table)
        + "</table>"
    )


def page(drawing: Drawing, layout: Layout) -> bytes:
    """One HTML page that holds the drawn tables under their chapters' headings."""
    headings = iter(
        ["二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况"]
    )
    pieces: list[str] = []
    started: set[str] = set()
    for table in drawing.tables:
        kind = _kind(table)
        if kind and kind not in started:
            started.add(kind)
            pieces.append(f"<p>{next(headings)}</p>")
        pieces.append(_copies(table, layout) + table_html(table, layout))
    body = "\n".join(pieces)
    if layout.wrapped:
        body = f'<table><tr><td width="10">&nbsp;</td><td><table><tr><td>{body}</td></tr></table></td></tr></table>'
    title = "某县2022年政府信息公开工作年度报告"
    head = f"<head><meta charset=utf-8><title>{title}</title></head>"
    end = "<p>五、存在的主要问题及改进情况</p><p>无</p>"
    return f"<html>{head}<body><h1>{title}</h1>{body}{end}</body></html>".encode()


def _kind(table: Table) -> str:
    texts = {box.text for row in table for box in row if box.role in ("label", "head")}
    if "信息内容" in texts:
        return "2"
    if RULE in texts:
        return "3"
    return "4" if "结果维持" in texts else ""


def _copies(table: Table, layout: Layout) -> str:
    """An invisible copy of a table with other numbers."""
    if not layout.copies:
        return ""
    other = [[replace(box, text="77") if box.role == "value" else box for box in row] for row in table]
    copy = table_html(other, replace(layout, closed=True))
    return {
        "hidden": f'<div style="display: none">{copy}</div>',
        "attribute": f"<div hidden>{copy}</div>",
        "comment": f"<!-- {copy} -->",
    }[layout.copies]


# Damage ------------------------------------------------------------------------------------------------------------

Damage = Callable[[Table, random.Random], None]


def _rows_with_values(table: Table) -> list[int]:
    return [number for number, row in enumerate(table) if any(box.role == "value" for box in row)]


def _pick(table: Table, rng: random.Random, role: str) -> tuple[Row, int] | None:
    places = [(row, index) for row in table for index, box in enumerate(row) if box.role == role]
    return rng.choice(places) if places else None


def _blank_label(table: Table, rng: random.Random) -> None:
    if place := _pick(table, rng, "label"):
        row, index = place
        row[index] = replace(row[index], text="")


def _remove_label(table: Table, rng: random.Random) -> None:
    if place := _pick(table, rng, "label"):
        del place[0][place[1]]


def _remove_value(table: Table, rng: random.Random) -> None:
    if place := _pick(table, rng, "value"):
        del place[0][place[1]]


def _merge_values(table: Table, rng: random.Random) -> None:
    places = [
        (row, index)
        for row in table
        for index in range(len(row) - 1)
        if row[index].role == row[index + 1].role == "value"
    ]
    if places:
        row, index = rng.choice(places)
        row[index : index + 2] = [replace(row[index], colspan=row[index].colspan + row[index + 1].colspan)]


def _merge_rows(table: Table, rng: random.Random) -> None:
    """One value cell spans two rows; the lower row's own is gone."""
    numbers = [n for n in _rows_with_values(table) if n + 1 < len(table) and len(table[n]) == len(table[n + 1])]
    if not numbers:
        return
    number = rng.choice(numbers)
    indices = [i for i, box in enumerate(table[number]) if box.role == "value" == table[number + 1][i].role]
    if indices:
        index = rng.choice(indices)
        table[number][index] = replace(table[number][index], rowspan=2)
        del table[number + 1][index]


def _insert(table: Table, rng: random.Random, text: str) -> None:
    """One cell too many; where the row's last cell is blank, the damage cannot be told from a padded row."""
    place = _pick(table, rng, "value")
    if place and place[0][-1].text.strip():
        place[0].insert(place[1], Box(text))


def _insert_value(table: Table, rng: random.Random) -> None:
    _insert(table, rng, "888")


def _insert_blank(table: Table, rng: random.Random) -> None:
    _insert(table, rng, "")


def _blank_head(table: Table, rng: random.Random) -> None:
    if place := _pick(table, rng, "head"):
        row, index = place
        row[index] = replace(row[index], text="")


def _strange_head(table: Table, rng: random.Random) -> None:
    if place := _pick(table, rng, "head"):
        row, index = place
        row[index] = replace(row[index], text="备注")


def _remove_head(table: Table, rng: random.Random) -> None:
    if place := _pick(table, rng, "head"):
        del place[0][place[1]]


def _remove_row(table: Table, rng: random.Random) -> None:
    del table[rng.randrange(len(table))]


def _strange_row(table: Table, rng: random.Random) -> None:
    """A copy of a row under a label that the form does not have, with other numbers."""
    if numbers := _rows_with_values(table):
        number = rng.choice(numbers)
        row = [
            replace(
                box,
                text="999" if box.role == "value" else "本级另行统计" if box.role == "label" else box.text,
                rowspan=1,
            )
            for box in table[number]
        ]
        table.insert(number + rng.randint(0, 1), row)


DAMAGES: dict[str, Damage] = {
    "blank_label": _blank_label,
    "remove_label": _remove_label,
    "remove_value": _remove_value,
    "merge_values": _merge_values,
    "merge_rows": _merge_rows,
    "insert_value": _insert_value,
    "insert_blank": _insert_blank,
    "blank_head": _blank_head,
    "strange_head": _strange_head,
    "remove_head": _remove_head,
    "remove_row": _remove_row,
    "strange_row": _strange_row,
}


def damage(drawing: Drawing, kind: str, seed: int) -> None:
    """Break one of the drawn tables in one way; the numbers that stay keep their meaning."""
    rng = random.Random(seed)  # noqa: S311 - test data
    DAMAGES[kind](rng.choice([table for table in drawing.tables if table]), rng)


# Laws --------------------------------------------------------------------------------------------------------------


def read_back(report: Report) -> dict[Key, Answer]:
    """What a report's figures say, by cell."""
    return {
        (figure.indicator, figure.applicant): (figure.status, figure.value, figure.unit) for figure in report.figures
    }


def misspan(markup: bytes, seed: int) -> bytes:
    """The page with one of its spans printed too long or too short."""
    rng = random.Random(seed)  # noqa: S311 - test data
    text = markup.decode()
    spans = list(re.finditer(r'(?<=span=")\d+|(?<=span=)\d+', text))
    if not spans:
        return markup
    span = rng.choice(spans)
    wrong = max(1, int(span[0]) + rng.choice([-2, -1, 1, 2]))
    return f"{text[: span.start()]}{wrong}{text[span.end() :]}".encode()


def differences(report: Report, answers: dict[Key, Answer]) -> list[tuple[Key, Answer, Answer]]:
    """Cells that read otherwise than the truth: key, truth, reading."""
    found = read_back(report)
    return [
        (key, answer, found.get(key, MISSING)) for key, answer in answers.items() if found.get(key, MISSING) != answer
    ]


def silent_errors(report: Report, answers: dict[Key, Answer]) -> list[tuple[Key, Answer, Answer]]:
    """Cells that are claimed, without a flag, with a value that the truth does not give."""
    return [
        (
            (figure.indicator, figure.applicant),
            answers.get((figure.indicator, figure.applicant), MISSING),
            (figure.status, figure.value, figure.unit),
        )
        for figure in report.figures
        if figure.status == "reported"
        and not figure.flags
        and answers.get((figure.indicator, figure.applicant), MISSING) != (figure.status, figure.value, figure.unit)
    ]


# Text --------------------------------------------------------------------------------------------------------------

BORDERED = ("boxed", "markdown", "piped", "tight", "trailing", "tabs", "blank_lines", "blank_paragraphs")
BORDERLESS = ("lines", "paragraphs", "spaces", "joined", "around")
STYLES = (*BORDERED, *BORDERLESS)
GRID_HEADER3 = [
    [RULE, "申请人情况"],
    ["自然人", "法人或其他组织", "总计"],
    ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
]


def text_rows(truth: Truth, *, stub: bool = True) -> list[list[str]]:
    """The lines of a report as lists of cells, a heading is one; ``stub`` prints the group labels of table three."""
    rows = [["某县2022年政府信息公开工作年度报告"], [""], ["二、主动公开政府信息情况"]]
    for block in blocks2(truth):
        rows += [
            [block.title],
            ["信息内容", *block.columns],
            *([label, *(cell.text for cell in cells)] for label, cells in block.rows),
        ]
    rows += [["三、收到和处理政府信息公开申请情况"], *GRID_HEADER3]
    seen: set[str] = set()
    for line in lines3(truth):
        groups = [text for text in (line.top, line.group) if text and text not in seen] if stub else []
        seen.update(groups)
        rows.append([*groups, line.label, *(cell.text for cell in line.values)])
    rows += [
        ["四、政府信息公开行政复议、行政诉讼情况"],
        ["行政复议", "行政诉讼"],
        [*RESULTS, "未经复议直接起诉", "复议后起诉"],
        [*RESULTS, *RESULTS],
    ]
    rows += [[cell.text for cell in values4(truth)], ["五、存在的主要问题及改进情况"], ["无。"]]
    return rows


def render(rows: list[list[str]], style: str) -> bytes:
    """Text of the rows in one style; the styles of BORDERED keep every cell, blank ones too."""
    return "\n".join(_RENDERERS[style](row) if len(row) > 1 else _alone(row[0], style) for row in rows).encode()


def _alone(text: str, style: str) -> str:
    return f"{text}\n" if style.endswith("paragraphs") else text


def _filled(row: list[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _joined(row: list[str]) -> str:
    filled = _filled(row)
    return "".join(filled) if len(filled) < 5 else "\n".join(filled)


def _around(row: list[str]) -> str:
    """A row of a PDF's text layer: its long label broken over the lines before and behind the values."""
    if not 8 <= len(row) <= 10 or len(row[-8]) < 14:
        return " ".join(_filled(row))
    label, values = row[-8], row[-7:]
    middle = len(label) * 2 // 3
    return "\n".join([*row[:-8], label[:middle], " ".join(_filled(values)), label[middle:]])


_RENDERERS: dict[str, Callable[[list[str]], str]] = {
    "boxed": lambda row: f"| {' | '.join(row)} |",
    "markdown": lambda row: (
        f"| {' | '.join(row)} |" + (f"\n|{'|'.join(' --- ' for _ in row)}|" if row[0] in ("信息内容", RULE) else "")
    ),
    "piped": lambda row: f"{' | '.join(row)} |",
    "tight": lambda row: f"|{'|'.join(row)}|",
    "trailing": lambda row: "\n".join(f"{cell.strip()} |" for cell in row),
    "tabs": "\t".join,
    "blank_lines": lambda row: "\n".join(cell.strip() or " " for cell in row),
    "blank_paragraphs": lambda row: "\n\n".join(cell.strip() or "\u00a0" for cell in row) + "\n",
    "lines": lambda row: "\n".join(_filled(row)),
    "paragraphs": lambda row: "\n\n".join(_filled(row)) + "\n",
    "spaces": lambda row: "   ".join(_filled(row)),
    "joined": _joined,
    "around": _around,
}

TEXT_DAMAGES = ("remove_cell", "blank_cell", "repeat_cell", "remove_line", "unknown_label", "swap_style")


def damage_text(rows: list[list[str]], kind: str, seed: int) -> None:
    """Break one row in one way; numbers are lost, doubled or left without their label."""
    rng = random.Random(seed)  # noqa: S311 - test data
    number = rng.choice([number for number, row in enumerate(rows) if len(row) > 1])
    row = rows[number]
    place = rng.randrange(len(row))
    if kind == "remove_cell":
        del row[place]
    elif kind == "blank_cell":
        row[place] = ""
    elif kind == "repeat_cell":
        row.insert(place, row[place])
    elif kind == "remove_line":
        del rows[number]
    elif kind == "unknown_label":
        row[0] = "本级另行统计的数量"
    else:
        rows[number : number + 1] = [[cell] for cell in row]
