"""Golden cases: figures of real reports in markup of our own, read to the last cell."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import pytest

from normalize import Report, read_document

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.toml"))


def read_case(folder: Path) -> tuple[dict[str, Any], Report]:
    case = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    source = next(folder.glob("source.*"))
    return case, read_document(source.read_bytes(), name=source.name)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(value: float | None) -> str:
    return "" if value is None else repr(value)


def test_there_are_cases() -> None:
    assert len(CASES) >= 6


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_cell(folder: Path) -> None:
    _, report = read_case(folder)
    expected = [
        (
            row["indicator"],
            row["applicant"],
            row["status"],
            number(float(row["value"]) if row["value"] else None),
            row["unit"],
        )
        for row in rows(folder / "expected.csv")
    ]
    found = [(f.indicator, f.applicant, f.status, number(f.value), f.unit) for f in report.figures]
    assert found == expected


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_heading(folder: Path) -> None:
    case, report = read_case(folder)
    for name in ("body", "report_year", "form", "division_code", "title"):
        assert getattr(report, name) == case[name], name


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_failed_checks(folder: Path) -> None:
    _, report = read_case(folder)
    expected = [
        (row["check"], row["applicant"], float(row["left"]), float(row["right"]))
        for row in rows(folder / "failed_checks.csv")
    ]
    assert [(c.check, c.applicant, c.left, c.right) for c in report.checks if c.result == "fail"] == expected


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_nothing_is_left_over(folder: Path) -> None:
    _, report = read_case(folder)
    assert [leftover.raw for leftover in report.leftovers] == []
