"""Real reports against hand-keyed cells: nothing false without a flag, and nearly all right.

Needs a folder of real reports named by GONGKAI_CORPUS, with INDEX.csv (case, files) and gold.csv (case, indicator,
applicant, status, value, unit).
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from normalize import Report, read_document
from normalize.model import Figure
from tests.verdicts import Row, verdict

CORPUS = Path(os.environ.get("GONGKAI_CORPUS") or "not-set")
SUFFIXES = (".html", ".txt")
AT_LEAST = 0.99


def rows(name: str) -> list[Row]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reports() -> dict[str, Report]:
    """One report of each case that has a page or a text; pages before texts."""
    found = {}
    for row in rows("INDEX.csv"):
        files = sorted(
            (name for name in row["files"].split() if name.endswith(SUFFIXES)), key=lambda n: n.endswith(".txt")
        )
        if files:
            found[row["case"]] = read_document((CORPUS / files[0]).read_bytes(), name=files[0])
    return found


@pytest.mark.skipif(not (CORPUS / "gold.csv").is_file(), reason="GONGKAI_CORPUS names no folder of reports")
def test_gold_cells() -> None:
    read = reports()
    found = {
        (case, figure.indicator, figure.applicant): figure for case, report in read.items() for figure in report.figures
    }
    gold = [row for row in rows("gold.csv") if row["case"] in read]
    verdicts = [
        (
            verdict(row, found.get((row["case"], row["indicator"], row["applicant"]))),
            row["case"],
            row["indicator"],
            row["applicant"],
        )
        for row in gold
    ]
    counts = Counter(entry[0] for entry in verdicts)
    assert len(gold) > 1_000
    assert [entry for entry in verdicts if entry[0] in ("silent", "lost")] == []
    assert counts["right"] >= AT_LEAST * len(gold), [entry for entry in verdicts if entry[0] != "right"]


@pytest.mark.parametrize(
    ("gold", "figure", "expected"),
    [
        ({"status": "reported", "value": "5", "unit": ""}, Figure("i", "", 5.0, "", "reported", "5"), "right"),
        ({"status": "reported", "value": "5", "unit": ""}, Figure("i", "", 6.0, "", "reported", "6"), "silent"),
        (
            {"status": "reported", "value": "5", "unit": ""},
            Figure("i", "", 6.0, "", "reported", "6", ("x",)),
            "flagged",
        ),
        (
            {"status": "reported", "value": "5", "unit": "万元"},
            Figure("i", "", 50000.0, "元", "reported", "5"),
            "right",
        ),
        ({"status": "ambiguous", "value": "", "unit": ""}, Figure("i", "", 6.0, "", "reported", "6"), "silent"),
        ({"status": "blank", "value": "", "unit": ""}, Figure("i", "", None, "", "missing", ""), "flagged"),
        ({"status": "blank", "value": "", "unit": ""}, None, "lost"),
    ],
)
def test_the_scorer_itself(gold: Row, figure: Figure | None, expected: str) -> None:
    assert verdict(gold, figure) == expected
