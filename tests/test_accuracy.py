"""The table of accuracy is the one that this code earns, and nothing in it is silent."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from normalize import read_document
from tests.bench.accuracy import CORPUS_HEADING, own, table, tally
from tests.layouts import Layout, draw, draw_truth, page

ACCURACY = Path(__file__).parent.parent / "docs" / "accuracy.md"


def silent(text: str) -> list[str]:
    """The last cell of each row of the tables."""
    return [line.rsplit("|", 2)[1].strip() for line in text.splitlines() if line.startswith("| ") and "%" in line]


@pytest.mark.slow
def test_the_table_is_fresh() -> None:
    made = own()
    text = ACCURACY.read_text(encoding="utf-8")
    assert text[: text.index(CORPUS_HEADING)].rstrip() == made.rstrip(), (
        "make it anew: python -m tests.bench.accuracy docs/accuracy.md"
    )


def test_nothing_is_silent() -> None:
    text = ACCURACY.read_text(encoding="utf-8")
    assert len(silent(text)) >= 10
    assert set(silent(text)) == {"0"}
    assert CORPUS_HEADING in text


def test_a_wrong_number_would_show() -> None:
    layout = Layout()
    report = read_document(page(draw(draw_truth("2021", 1), layout), layout))
    gold = [{"indicator": "apply.new", "applicant": "total", "status": "reported", "value": "-7.0", "unit": ""}]
    report.figures = [each for each in report.figures if each.indicator == "apply.new"]
    for each in report.figures:
        each.status, each.value, each.flags = "reported", 1.0, ()
    counts: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    tally("x", report, gold, counts)
    assert list(table(counts))[2] == "| x | html | 2021 | 1 | 1 | 0 (0.00%) | 0 | 0 | 1 |"
