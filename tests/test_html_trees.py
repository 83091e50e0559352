"""A second parser's opinion on pages, and what is no table for a browser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from lxml import etree

from normalize.model import RawTable, TextBlock
from normalize.readers.html import TooDeepError, read_html
from tests.layouts import LAYOUTS, TRUTHS, Layout, Truth, draw, page

TABLE = "<table><tr><td>a</td><td>b</td></tr></table>"
Cells = list[list[str]]


def texts(page: str) -> list[str]:
    return [part.text for part in read_html(page).parts if isinstance(part, TextBlock)]


def tables(page: str) -> list[list[list[str]]]:
    parts = read_html(page).parts
    return [[[cell.text for cell in row] for row in part.rows] for part in parts if isinstance(part, RawTable)]


def read_here(markup: str) -> list[Cells]:
    """The characters of all cells of tables of more than one column, as the reader gives them."""
    return [[["".join(text.split()) for text in row] for row in rows] for rows in tables(markup)]


def read_by_lxml(markup: str) -> list[Cells]:
    """The same from another parser's tree, hidden and struck elements taken out."""
    root = etree.fromstring(markup, etree.HTMLParser(remove_comments=True))
    hiding = "@hidden or contains(@style, 'none') or contains(@style, 'line-through')"
    for element in root.xpath(f"//*[{hiding}] | //del | //script"):
        element.clear(keep_tail=True)
        element.tag = "drop"
    etree.strip_elements(root, "drop", with_tail=False)
    found = [
        [["".join("".join(cell.itertext()).split()) for cell in row.xpath("td | th")] for row in table.iter("tr")]
        for table in root.iter("table")
        if table.find(".//table") is None
    ]
    return [rows for rows in found if any(len(row) > 1 for row in rows)]


@given(TRUTHS, LAYOUTS)
@settings(max_examples=30, derandomize=True, deadline=None, database=None)
def test_two_parsers_agree_on_well_formed_pages(truth: Truth, layout: Layout) -> None:
    markup = page(draw(truth, layout), layout).decode().replace("<sup>", "<sup>^")
    assert read_here(markup) == read_by_lxml(markup)


@pytest.mark.parametrize(
    "markup",
    ["<tr><td>规章<td>1<td>2</tr>", f"{TABLE}</table><tr><td>规章</td><td>1</td><td>2</td></tr></table>"],
)
def test_cells_outside_a_table_do_not_run_together(markup: str) -> None:
    assert texts(markup) == ["规章\n1\n2"]


def test_a_table_begun_inside_a_table_ends_it() -> None:
    markup = "<table><tr><td>1<td>2</tr><table><tr><td>3<td>4</table><tr><td>5<td>6</table>"
    assert tables(markup) == [[["1", "2"]], [["3", "4"]]]
    assert texts(markup) == ["5\n6"]


def test_text_between_cells_stands_before_the_table() -> None:
    markup = "<table>x<tr><td>1</td>y<td>2</td></tr></table>"
    assert tables(markup) == [[["1", "2"]]]
    assert texts(markup) == ["xy"]


def test_marks_of_tables_written_as_references_are_dropped() -> None:
    markup = f"<p>&#xFDD0;0&#xFDD1; &#64976;99&#64977;</p>{TABLE}"
    assert texts(markup) == ["0 99"]
    assert tables(markup) == [[["a", "b"]]]


@pytest.mark.parametrize("depth", [1, 100, 490])
def test_deep_nesting_is_read(depth: int) -> None:
    assert tables("<div>" * depth + TABLE) == [[["a", "b"]]]


@pytest.mark.parametrize("depth", [505, 512, 600, 10_000])
def test_deeper_nesting_is_refused(depth: int) -> None:
    with pytest.raises(TooDeepError, match="beyond what the parser follows"):
        read_html("<div>" * depth + TABLE)


def test_deep_nesting_inside_a_cell_keeps_its_text() -> None:
    markup = f"<table><tr><td>{'<div>' * 600}1<td>2</table>"
    assert tables(markup) == [[["1", "2"]]]


@pytest.mark.parametrize("tag", ["iframe", "noframes", "noembed"])
def test_raw_text_of_elements_that_no_browser_shows(tag: str) -> None:
    markup = f"<p>1</p><{tag}><p>2</p></{tag}>{TABLE}"
    assert texts(markup) == ["1"]


def test_hidden_twice() -> None:
    markup = f'<style>.h{{display:none}}</style><p class=h style="DISPLAY:none"><b class=h>1</b></p>{TABLE}'
    assert read_html(markup).flags == ["hidden_dropped"]
    assert texts(markup) == []


def test_an_invisible_cell_keeps_its_place() -> None:
    markup = '<table><tr><td style="Visibility: hidden">9<td>8<td style="display: none">7<td>6</table>'
    assert tables(markup) == [[["", "8", "6"]]]
