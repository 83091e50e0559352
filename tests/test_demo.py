"""The demo in a process of its own, as a visitor runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent


def test_demo_runs_the_main_job(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "gongkai.py", "demo", "--folder", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "COLUMNS": "160"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "found 6" in done.stdout
    for said in ("阳高县", "S4-1", "proactive.normdocs.issued", "pd.read_parquet"):
        assert said in done.stdout
    reports = pd.read_parquet(tmp_path / "releases" / "latest" / "reports")
    assert sorted(zip(reports["body"], reports["report_year"].astype(int), strict=True)) == [
        ("上海市人民政府办公厅", 2019),
        ("宿迁市人民政府", 2023),
        ("宿迁市人民政府", 2024),
        ("洪泽区人民政府", 2023),
        ("淮安市人民政府", 2024),
        ("阳高县人民政府", 2020),
    ]
