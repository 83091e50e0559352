"""Reports laid out alike share one reading: it gives what reading each alone gives, whatever their numbers."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from normalize.forms import Reading, read_grids
from normalize.grid import MAX_CELLS, GridTooLargeError, expand
from normalize.model import RawCell, RawTable
from normalize.placing import Tables, place
from normalize.readers import read
from tests.layouts import DAMAGES, LAYOUTS, TRUTHS, Layout, Truth, damage, draw, page

CASES = sorted((Path(__file__).parent / "cases").glob("*/source.*"))
SEEDS = st.integers(0, 2**32 - 1)
# Few numbers, so that cells often hold the same; the last is longer than a number that is shared may be.
NUMBERS = ("0", "1", "1", "12", "012", "999999", "100003", "1000000")


def alone(tables: Tables, year: int) -> Reading:
    return read_grids([expand(table) for table, _ in tables], [flags for _, flags in tables], year)


def tables_of(data: bytes) -> Tables:
    return [(part, part.flags) for part in read(data)[0].parts if isinstance(part, RawTable)]


def with_other_numbers(tables: Tables, seed: int) -> Tables:
    rng = random.Random(seed)  # noqa: S311 - drawn numbers, not secrets
    return [
        (dataclasses.replace(table, rows=[[with_other_number(cell, rng) for cell in row] for row in table.rows]), flags)
        for table, flags in tables
    ]


def with_other_number(cell: RawCell, rng: random.Random) -> RawCell:
    return replace(cell, text=rng.choice(NUMBERS)) if cell.text.isdecimal() else cell


def holds(tables: Tables, seed: int) -> None:
    for each in (tables, with_other_numbers(tables, seed), with_other_numbers(tables, seed + 1)):
        assert place(each, 2021) == alone(each, 2021)


@given(TRUTHS, LAYOUTS, SEEDS)
@settings(max_examples=60, derandomize=True, deadline=None, database=None)
def test_any_layout(truth: Truth, layout: Layout, seed: int) -> None:
    holds(tables_of(page(draw(truth, layout), layout)), seed)


@pytest.mark.parametrize("kind", sorted(DAMAGES))
@given(truth=TRUTHS, layout=LAYOUTS, seed=SEEDS)
@settings(max_examples=6, derandomize=True, deadline=None, database=None)
def test_any_damage(kind: str, truth: Truth, layout: Layout, seed: int) -> None:
    drawing = draw(truth, layout)
    damage(drawing, kind, seed)
    holds(tables_of(page(drawing, layout)), seed)


@pytest.mark.parametrize("source", CASES, ids=lambda source: source.parent.name)
def test_any_form(source: Path) -> None:
    holds(tables_of(source.read_bytes()), 1)


def table(*rows: str) -> Tables:
    return [(RawTable([[RawCell(text) for text in row.split("|")] for row in rows]), ())]


HEAD = "信息内容|本年制发件数|本年废止件数|现行有效件数"


def values(reading: Reading, indicator: str) -> list[tuple[float | None, tuple[str, ...]]]:
    return [(figure.value, figure.flags) for figure in reading.figures if figure.indicator == indicator]


def test_a_cell_printed_twice_is_compared_in_each_report() -> None:
    same = place(table(HEAD, "规章|3|0|5", HEAD, "规章|3|0|5"), 2023)
    other = place(table(HEAD, "规章|3|0|5", HEAD, "规章|4|0|5"), 2023)
    again = place(table(HEAD, "规章|4|0|5", HEAD, "规章|4|0|5"), 2023)
    assert values(same, "proactive.rules.issued") == [(3, ())]
    assert values(other, "proactive.rules.issued") == [(3, ("copies_differ",))]
    assert values(again, "proactive.rules.issued") == [(4, ())]


def test_values_that_run_together_are_those_of_the_report() -> None:
    for numbers in ("3|0", "4|1"):
        (figure,) = (
            figure
            for figure in place(table(HEAD, f"规章|{numbers}"), 2023).figures
            if figure.indicator == "proactive.rules.issued"
        )
        assert (figure.status, figure.raw) == ("ambiguous", numbers.replace("|", " "))


def test_a_table_too_large_is_refused() -> None:
    tables: Tables = [(RawTable([[RawCell("1")] * 400] * (MAX_CELLS // 400 + 1)), ())]
    with pytest.raises(GridTooLargeError, match=str(MAX_CELLS)):
        place(tables, 2023)
