"""Spans to a grid: known cases, and a second opinion on random tables."""

from __future__ import annotations

import pytest
import turbohtml
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize.grid import MAX_CELLS, GridTooLargeError, expand
from normalize.model import RawCell, RawTable
from normalize.readers.html import read_html

Spans = list[list[tuple[int, int]]]


def table(spans: Spans) -> RawTable:
    """A table whose cells are named by their row and place."""
    return RawTable(
        [
            [RawCell(f"{r}.{c}", rowspan, colspan) for c, (rowspan, colspan) in enumerate(row)]
            for r, row in enumerate(spans)
        ]
    )


def slots(raw: RawTable) -> list[list[set[str]]]:
    """The texts over each slot of the grid: none, one, or several where cells overlap."""
    grid = expand(raw)
    width = max((cell.end for row in grid.rows for cell in row), default=0)
    return [[{cell.text for cell in row if cell.col <= col < cell.end} for col in range(width)] for row in grid.rows]


def laid_out(raw: RawTable) -> list[list[str]]:
    """The text over each slot, empty where no cell stands."""
    return [["".join(texts) for texts in row] for row in slots(raw)]


def test_plain() -> None:
    assert laid_out(table([[(1, 1), (1, 1)], [(1, 1), (1, 1)]])) == [["0.0", "0.1"], ["1.0", "1.1"]]


def test_spans_that_disagree_keep_their_places() -> None:
    header, row = expand(table([[(1, 1), (1, 1), (1, 2), (1, 1)], [(1, 1), (1, 2), (1, 1), (1, 1)]])).rows
    assert [(cell.col, cell.end) for cell in header] == [(0, 1), (1, 2), (2, 4), (4, 5)]
    assert [(cell.col, cell.end) for cell in row] == [(0, 1), (1, 3), (3, 4), (4, 5)]


def test_rowspan_pushes_the_next_row() -> None:
    assert laid_out(table([[(2, 1), (1, 1)], [(1, 1)]])) == [["0.0", "0.1"], ["0.0", "1.0"]]


def test_rowspan_past_the_end_stops_there() -> None:
    rows = expand(table([[(9, 1), (1, 1)], [(1, 1)]])).rows
    assert len(rows) == 2
    assert rows[0][0].bottom == 2


def test_a_cell_keeps_its_origin_in_every_row() -> None:
    rows = expand(table([[(1, 1), (2, 2)], [(1, 1)]])).rows
    assert rows[1][1] is rows[0][1]
    assert (rows[1][1].row, rows[1][1].col, rows[1][1].end) == (0, 1, 3)


def test_overlap_is_not_lost() -> None:
    rows = expand(table([[(1, 1), (3, 1)], [(1, 3)], [(1, 1)]])).rows
    assert {cell.text for row in rows for cell in row} == {"0.0", "0.1", "1.0", "2.0"}


def test_empty_rows() -> None:
    assert laid_out(table([[], [(1, 1)], []])) == [[""], ["1.0"], [""]]


def test_too_many_cells() -> None:
    row = [(1, 1)] * 100
    with pytest.raises(GridTooLargeError, match=str(MAX_CELLS)):
        expand(table([row] * (MAX_CELLS // 100 + 1)))


def test_wide_spans_are_capped() -> None:
    cells = expand(table([[(1, 1_000_000_000), (1, 1)]])).rows[0]
    assert len(cells) == 1
    assert cells[0].end == 1_000


@pytest.mark.parametrize(
    ("attribute", "end"),
    [("2;", 3), ("abc", 2), ("-1", 2), ("0", 2), ("", 2), ("1.9", 2), (" 3 ", 4), ("1000000000", 1_000)],
)
def test_colspan_as_written(attribute: str, end: int) -> None:
    page = read_html(f'<table><tr><td>a</td><td colspan="{attribute}">b</td></tr></table>')
    (raw,) = page.parts
    assert isinstance(raw, RawTable)
    assert expand(raw).rows[0][1].end == end


def test_rowspan_zero_reaches_to_the_end() -> None:
    page = read_html("<table><tr><td rowspan=0>a</td><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td></tr></table>")
    (raw,) = page.parts
    assert isinstance(raw, RawTable)
    assert laid_out(raw) == [["a", "b"], ["a", "c"], ["a", "d"]]


SPANS = st.lists(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=5), min_size=1, max_size=6
)


@given(SPANS)
@settings(max_examples=200, derandomize=True, deadline=None, database=None)
def test_second_opinion(spans: Spans) -> None:
    raw = table(spans)
    (other,) = turbohtml.parse(markup(raw)).tables()
    ours = slots(raw)
    assert [len(row) for row in other] == [len(row) for row in ours]
    # Where cells overlap the other one keeps the last, ours keeps both.
    assert all(
        text in texts if texts else not text
        for theirs, own in zip(other, ours, strict=True)
        for text, texts in zip(theirs, own, strict=True)
    )


@given(SPANS)
@settings(max_examples=50, derandomize=True, deadline=None, database=None)
def test_markup_reads_as_the_same_table(spans: Spans) -> None:
    raw = table(spans)
    found = [part for part in read_html(markup(raw)).parts if isinstance(part, RawTable)]
    assert [part.rows for part in found] == ([raw.rows] if any(len(row) > 1 for row in raw.rows) else [])


def markup(raw: RawTable) -> str:
    rows = (
        "".join(f'<td rowspan="{cell.rowspan}" colspan="{cell.colspan}">{cell.text}</td>' for cell in row)
        for row in raw.rows
    )
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
