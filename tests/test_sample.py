"""The sample release in data/sample: whole, loadable, and with the figures of the golden cases."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from normalize.release import load_release, verify_release
from tests.portals.demo import SAMPLES

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample"
CASES = ROOT / "tests" / "cases"
PUBLISHED = [case for sample in SAMPLES for case, _ in sample.reports]


def test_is_whole() -> None:
    assert verify_release(SAMPLE) == []
    assert load_release(SAMPLE).rows["reports"] == 6


def test_its_description_travels_with_it() -> None:
    listed = {entry["path"] for entry in load_release(SAMPLE).manifest["files"] if not entry["table"]}
    assert listed == {
        "CHANGES.md", "CITATION.cff", "LICENSE", "croissant.json", "datapackage.json", "dictionary.md",
        "dictionary.zh.md",
    }  # fmt: skip


@pytest.mark.parametrize(
    "table", ["reports", "figures", "checks", "narrative", "sections", "leftovers", "outcomes", "panel"]
)
def test_pandas_loads_every_table(table: str) -> None:
    frame = pd.read_parquet(SAMPLE / table)
    assert len(frame) == load_release(SAMPLE).rows[table]


def test_the_samples_are_named_as_such() -> None:
    reports = pd.read_parquet(SAMPLE / "reports")
    assert set(reports["url"].str.startswith("http://127.0.0.1:")) == {True}


@pytest.mark.parametrize("folder", [CASES / sample for sample in PUBLISHED])
def test_holds_the_figures_of_the_case(folder: Path) -> None:
    case = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    rows = duckdb.execute(
        """
        select f.indicator, f.applicant, f.status, f.value, f.unit
        from read_parquet($figures, hive_partitioning = true) f
        join read_parquet($reports, hive_partitioning = true) r using (report_id)
        where r.body = $body and r.report_year = $year
        """,
        {
            "figures": f"{SAMPLE}/figures/*/*.parquet",
            "reports": f"{SAMPLE}/reports/*/*.parquet",
            "body": case["body"],
            "year": case["report_year"],
        },
    ).fetchall()
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = [
            (
                row["indicator"],
                row["applicant"],
                row["status"],
                float(row["value"]) if row["value"] else None,
                row["unit"],
            )
            for row in csv.DictReader(file)
        ]
    assert rows == expected
