"""Two reports side by side: every figure with its change, the largest changes, and the text of the chapters."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from explorer.model import Asked, Block, Cell, Changes, Heading, Table, Text, View
from explorer.queries import county as query
from explorer.views.forms import form_blocks
from explorer.views.pieces import amount, applicant_label, figure_cell, indicator_label, pick, records
from explorer.words import say
from normalize import codebook

if TYPE_CHECKING:
    import pandas as pd

    from explorer.model import Tone
    from explorer.source import Source

YUAN = {"元": 1.0, "万元": 1e4, "亿元": 1e8}
# Longer chapters are compared by their beginnings alone, and say so.
SENTENCES = 400
CHARACTERS = 20_000
_SENTENCE = re.compile(r"[^。；\n]*[。；\n]?")


def show(source: Source, asked: Asked) -> View:
    """The view that compares two reports: two years of a body, or two bodies."""
    choices, first = pick(source, asked)
    same = dict(asked.values)
    if not asked.get("code2"):
        same |= {"code2": choices[1].value, "body2": choices[2].value}
    years = list(choices[3].options)
    before = next((int(year) for year in years if int(year) < int(choices[3].value)), None) if years else None
    others, second = pick(source, Asked(same, asked.language), "2", before)
    choices += others
    title = say("compare", asked.language)
    if first.empty or second.empty:
        return View(title, [Text(asked.either("请选两份报告。", "Choose two reports."), "note")], choices)
    one, two = second.iloc[0], first.iloc[0]
    return View(title, blocks(source, one, two, asked), choices)


def blocks(source: Source, one: Any, two: Any, asked: Asked) -> list[Block]:
    """What two reports differ in; the change is that from the first to the second."""
    names = [f"{each['body']} {each['report_year']}" for each in (one, two)]
    frame = compared(*(query.figures(source, each["report_id"], int(each["report_year"])) for each in (one, two)))
    shown: list[Block] = [Text(" → ".join(names))]
    if one["form"] != two["form"]:
        shown.append(
            Text(
                asked.either(
                    f"表式不同（{one['form']}、{two['form']}）：口径可能不同。",
                    f"The forms differ ({one['form']}, {two['form']}): they may count other things.",
                ),
                "doubt",
            )
        )
    changed = frame[frame["change"].fillna(0) != 0]
    changed = changed.reindex(changed["change"].abs().sort_values(ascending=False, kind="stable").index)
    head = [say("label", asked.language), *names, say("change", asked.language), say("note", asked.language)]
    shown += [
        Heading(asked.either("变化，由大到小", "Changes, the largest first")),
        Table("changes", head, [_line(row, one, two, asked) for row in records(changed)], changed, len(changed)),
    ]
    if one["form"] == two["form"]:
        shown += _forms(frame, two, asked)
    else:
        shown += [
            Heading(asked.either("全部单元格", "All cells")),
            Table("cells", head, [_line(row, one, two, asked) for row in records(frame)], frame, len(frame)),
        ]
    return [*shown, Heading(asked.either("章节文字", "Chapters")), *_texts(source, one, two, asked)]


def _forms(frame: pd.DataFrame, two: Any, asked: Asked) -> list[Block]:
    """The tables as the form that both have prints them; a cell that differs holds both values, in colour."""
    return form_blocks(two["form"], frame, lambda row: _both(row, two["report_id"]), asked)


def _both(row: Any, report_id: str) -> Cell:
    """A figure of two reports: once where they agree."""
    old, new = (
        figure_cell(_Side(row.indicator, row.applicant, value, unit, status, raw, flags), report_id)
        for value, unit, status, raw, flags in (
            (row.value_1, row.unit_1, row.status_1, row.raw_1, row.flags_1),
            (row.value_2, row.unit_2, row.status_2, row.raw_2, row.flags_2),
        )
    )
    if old.text == new.text:
        return new
    tone: Tone = "up" if row.change > 0 else "down" if row.change < 0 else "other"
    return replace(new, text=f"{old.text} → {new.text}", tone=tone, title=f"{old.title} → {new.title}")


def compared(one: pd.DataFrame, two: pd.DataFrame) -> pd.DataFrame:
    """The figures of two reports joined, in the order of the forms.

    ``change`` stands only where both are reported; money of different units is compared in 元, and ``note`` says so.
    """
    order = {each.code: place for place, each in enumerate((*codebook.indicators(), *codebook.table3_rows()))}
    columns = dict.fromkeys(codebook.applicant_codes())
    both = one.merge(two, on=["indicator", "applicant"], how="outer", suffixes=("_1", "_2"))
    for side in ("_1", "_2"):
        both[f"status{side}"] = both[f"status{side}"].fillna("not_in_form")
        for name in ("unit", "flags", "raw"):
            both[f"{name}{side}"] = both[f"{name}{side}"].fillna("")
    both["order"] = [
        (order.get(code, 999), list(columns).index(who) if who in columns else -1)
        for code, who in zip(both["indicator"], both["applicant"], strict=True)
    ]
    both = both.sort_values("order").drop(columns="order").reset_index(drop=True)
    changes, notes = [], []
    for row in records(both):
        change, note = _change(row)
        changes.append(change)
        notes.append(note)
    both["change"], both["note"] = changes, notes
    both["change"] = both["change"].astype(float)
    return both


def _change(row: Any) -> tuple[float | None, str]:
    if (row.status_1, row.status_2) != ("reported", "reported"):
        return None, "" if row.status_1 == row.status_2 else f"{row.status_1} → {row.status_2}"
    if row.unit_1 == row.unit_2:
        return round(row.value_2 - row.value_1, 6), ""
    if row.unit_1 in YUAN and row.unit_2 in YUAN:
        return round(row.value_2 * YUAN[row.unit_2] - row.value_1 * YUAN[row.unit_1], 4), "元"
    return None, f"{row.unit_1 or '—'} / {row.unit_2 or '—'}"


def _line(row: Any, one: Any, two: Any, asked: Asked) -> list[Cell]:
    label = indicator_label(row.indicator, asked) + (
        f" · {applicant_label(row.applicant, asked)}" if row.applicant else ""
    )
    change = amount(row.change)
    up = row.change > 0
    tone: Literal["", "up", "down"] = "" if not change.text or row.change == 0 else "up" if up else "down"
    sign = "▲ +" if tone == "up" else "▼ " if tone == "down" else ""
    sides = [
        figure_cell(_Side(row.indicator, row.applicant, value, unit, status, raw, flags), report["report_id"])
        for value, unit, status, raw, flags, report in (
            (row.value_1, row.unit_1, row.status_1, row.raw_1, row.flags_1, one),
            (row.value_2, row.unit_2, row.status_2, row.raw_2, row.flags_2, two),
        )
    ]
    return [Cell(label, title=row.indicator), *sides, Cell(sign + change.text, tone, number=True), Cell(row.note)]


class _Side(NamedTuple):
    """The figure of one of the two reports."""

    indicator: str
    applicant: str
    value: float
    unit: str
    status: str
    raw: str
    flags: str


def _texts(source: Source, one: Any, two: Any, asked: Asked) -> list[Block]:
    sides = [query.sections(source, each["report_id"], int(each["report_year"])) for each in (one, two)]
    texts = [{row.section: (row.heading, row.text) for row in records(side)} for side in sides]
    found: list[Block] = []
    for section in sorted(texts[0].keys() | texts[1].keys()):
        (left_head, left), (right_head, right) = (each.get(section, ("", "")) for each in texts)
        cut = asked.either("（只比较开头）", " (the beginnings alone are compared)") if _is_long(left, right) else ""
        found.append(Changes((right_head or left_head or section) + cut, pieces(left, right)))
    return found


def _is_long(*texts: str) -> bool:
    return any(len(text) > CHARACTERS or len(_sentences(text)) > SENTENCES for text in texts)


def _sentences(text: str) -> list[str]:
    return [each for each in _SENTENCE.findall(text[:CHARACTERS]) if each]


def pieces(left: str, right: str) -> list[tuple[Literal["same", "old", "new"], str]]:
    """Two texts cut into what is the same, what only the left has and what only the right has, by sentences."""
    sides = [_sentences(text)[:SENTENCES] for text in (left, right)]
    found: list[tuple[Literal["same", "old", "new"], str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, sides[0], sides[1], autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(sides[0][a:b])))
            continue
        if b > a:
            found.append(("old", "".join(sides[0][a:b])))
        if d > c:
            found.append(("new", "".join(sides[1][c:d])))
    return found
