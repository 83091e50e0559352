"""Sums with blanks: where a number may stand beside its own cell, it says so; where a side was not filled in, not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normalize import codebook
from tests.test_forms import FLAT3, GROUPS4, NEW, read, row

if TYPE_CHECKING:
    from normalize import Report

CARRIED, GRANTED = "二、上年结转政府信息公开申请数量", "（一）予以公开"


def table(*rows: str) -> Report:
    return read(row(*FLAT3) + "".join(row(*line.split("|")) for line in rows))


def doubtful(report: Report, indicator: str) -> list[str]:
    """The applicants of an indicator whose cells carry the flag."""
    return [f.applicant for f in report.figures if f.indicator == indicator and "sum_open" in f.flags]


@pytest.mark.parametrize(
    ("line", "count"),
    [
        (f"{NEW}||3|0|0|0|0|0", 7),
        (f"{NEW}|3|||||2|", 0),
        (f"{NEW}|3||1|||2|6", 0),
        (f"{NEW}|3|/|/|/|/|/|4", 7),
        (f"{NEW}|||||||4", 0),
        (f"{NEW}|||||||", 0),
        # Without blanks the check itself fails.
        (f"{NEW}|3|0|0|0|0|0|4", 0),
    ],
)
def test_a_row_whose_blanks_cannot_be_nought(line: str, count: int) -> None:
    assert len(doubtful(table(line), "apply.new")) == count


@pytest.mark.parametrize(
    ("leaf", "total", "applicants"),
    [
        # The leaf's number stands one column to the right of its own.
        ("|2|||||", "2||||||2", ["natural_person", "org.business"]),
        ("2||||||", "2||||||2", []),
        # Only the sums of the last column were filled in.
        ("2||||||", "||||||2", []),
    ],
)
def test_a_column_whose_blanks_cannot_be_nought(leaf: str, total: str, applicants: list[str]) -> None:
    given = {"apply.result.granted": leaf, "apply.result.total": total}
    rows = [f"{i.row_label}|{given.get(i.code, '||||||')}" for i in codebook.form_indicators("2021", "3")]
    report = table(*rows)
    assert doubtful(report, "apply.result.partial") == applicants


@pytest.mark.parametrize(
    ("rows", "flagged"),
    [
        ([f"{NEW}|3|1|0|0|0|4|", f"{CARRIED}|1|0|0|0|0|1|"], True),
        ([f"{NEW}|3|1|0|0|0|4|", f"{CARRIED}|1|0|0|0|0|0|"], False),
        ([f"{NEW}|3|1|0|0|0|6|", f"{CARRIED}|1|0|0|0|0|2|", f"{GRANTED}|1|0|0|1|0|2|"], True),
        ([f"{NEW}|3|1|0|0|0|4|", f"{CARRIED}|1|0|0|0|0|1|2"], False),
        ([f"{NEW}|3|1|0|0|0|2|", f"{CARRIED}|1|0|0|0|0|1|"], False),
    ],
)
def test_a_table_pushed_aside_by_one_column(rows: list[str], flagged: bool) -> None:
    assert len(doubtful(table(*rows), "apply.new")) == (7 if flagged else 0)


@pytest.mark.parametrize(
    ("group", "flagged"),
    [(["", "2", "", "", "1"], True), (["1", "2", "0", "0", ""], True), (["1", "2", "", "", ""], False)],
)
def test_the_groups_of_table_four(group: list[str], flagged: bool) -> None:
    report = read(GROUPS4 + row(*group, *["0"] * 5, *["", "", "", "", "3"]))
    doubted = {f.indicator.rpartition(".")[0] for f in report.figures if "sum_open" in f.flags}
    assert doubted == ({"review.recon"} if flagged else set())
