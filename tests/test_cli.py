"""The command line: results alone on standard output, one clear line and exit code 2 for what is wrong."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gongkai import app

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
SAMPLE = ROOT / "data" / "sample"
YANGGAO = CASES / "yanggao-2020" / "source.html"
FIGURE_COLUMNS = [
    "case", "report_id", "division_code", "report_year", "body_level", "form", "indicator", "applicant", "value",
    "unit", "status", "raw", "flags", "sha256", "page", "table_no", "row_no", "col_no",
]  # fmt: skip

runner = CliRunner()


def test_read_prints_csv_alone() -> None:
    result = runner.invoke(app, ["read", str(YANGGAO), "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert result.exit_code == 0
    assert list(rows[0]) == FIGURE_COLUMNS
    assert len(rows) == 198
    assert {row["case"] for row in rows} == {"source"}
    amount = next(row for row in rows if row["indicator"] == "procure.central.amount")
    assert (amount["value"], amount["unit"], amount["raw"]) == ("4018.6", "万元", "4018.6万元")
    assert sum(row["status"] == "ambiguous" for row in rows) == 161


def test_read_prints_jsonl() -> None:
    result = runner.invoke(app, ["read", str(YANGGAO), "--format", "jsonl"])
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == 198
    assert rows[6]["value"] == 37215.0


def test_read_shows_a_report() -> None:
    result = runner.invoke(app, ["read", str(CASES / "hongze-2023" / "source.html")])
    assert "洪泽区人民政府" in result.stdout
    assert "check S4-1 fails: 0 against 11" in result.stdout


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.html", b"", "the file is empty"),
        ("binary.html", bytes(range(256)) * 8, "binary"),
        ("page.html", b"%PDF-1.7 ...", "pdf"),
    ],
)
def test_read_names_a_bad_file_and_reads_the_rest(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    bad = tmp_path / name
    bad.write_bytes(content)
    result = runner.invoke(app, ["read", str(bad), str(YANGGAO), "--format", "csv"])
    assert result.exit_code == 2
    assert str(bad) in result.stderr.replace("\n", "")
    assert said in " ".join(result.stderr.split()).lower()
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == 198


def test_read_names_a_missing_file() -> None:
    result = runner.invoke(app, ["read", "no-such-file.html", "--format", "csv"])
    assert result.exit_code == 2
    assert "no-such-file.html" in result.stderr


def test_a_page_without_tables_is_read_and_says_so(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<html><body><h1>某县人民政府2021年政府信息公开工作年度报告</h1><p>正文。</p></body></html>", encoding="utf-8"
    )
    result = runner.invoke(app, ["read", str(page)])
    assert result.exit_code == 0
    assert "no statutory table" in result.stdout
    assert "no_tables" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["crawl", "-s", "DOWNLOAD_DELAY"], "write NAME=VALUE"),
        (["crawl", "--years", "soon"], "write 2023 or 2019-2024"),
        (["build", "--archive", "no-such-archive"], "no-such-archive"),
        (["status", "--archive", "no-such-archive"], "no-such-archive"),
        (["diff", "2023", "2024", "--releases", "no-such-folder"], "no-such-folder"),
        (["diff", "2023", "2024", "--releases", str(SAMPLE), "--body", "宿迁人民政府"], "宿迁市人民政府"),
        (["diff", "2010", "2024", "--releases", str(SAMPLE)], "2010"),
    ],
)
def test_wrong_arguments_get_one_clear_line(arguments: list[str], said: str) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert said in result.stderr.replace("\n", "")
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_a_bad_catalogue_stops_the_crawl(tmp_path: Path) -> None:
    catalogue = tmp_path / "portals.csv"
    catalogue.write_text(
        "code,name,level,home_url,family\n140221,阳高县,county,http://www.dtyg.gov.cn/,teapot\n", encoding="utf-8"
    )
    result = runner.invoke(app, ["crawl", "--portals", str(catalogue), "--archive", str(tmp_path / "archive")])
    assert result.exit_code == 2
    for said in ("portals.csv", "line 2", "family", "teapot"):
        assert said in result.stderr.replace("\n", "")
    assert not (tmp_path / "archive").exists()


def test_diff_prints_the_known_change() -> None:
    result = runner.invoke(
        app, ["diff", "2023", "2024", "--releases", str(SAMPLE), "--body", "宿迁市人民政府", "--format", "csv"]
    )
    rows = {(row["indicator"], row["applicant"]): row for row in csv.DictReader(io.StringIO(result.stdout))}
    received = rows["apply.new", "total"]
    assert (received["value_2023"], received["value_2024"], received["change"]) == ("3511.0", "3525.0", "14.0")
    fees = rows["fee.admin.amount", ""]
    assert float(fees["change"]) == pytest.approx(13464.0129)
    assert len(rows) == 200


def test_diff_prints_json() -> None:
    arguments = ["diff", "2023", "2024", "--releases", str(SAMPLE), "--indicator", "review.recon", "--format", "json"]
    rows = json.loads(runner.invoke(app, arguments).stdout)
    assert {row["body"] for row in rows} >= {"宿迁市人民政府"}
    assert {row["indicator"].rpartition(".")[0] for row in rows} == {"review.recon"}


def test_check_ranks_hard_failures_first() -> None:
    result = runner.invoke(app, ["check", "--releases", str(SAMPLE), "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["severity"], row["check"]) for row in rows[:2]] == [("hard", "S4-1"), ("hard", "S4-3")]
    assert {row["severity"] for row in rows[2:]} == {"soft"}
    assert runner.invoke(app, ["check", "--releases", str(SAMPLE), "--strict"]).exit_code == 1


def test_check_shows_the_cells_with_their_source() -> None:
    result = runner.invoke(app, ["check", "--releases", str(SAMPLE), "--limit", "1"])
    lines = result.stdout.splitlines()
    assert lines[0].startswith("hard S4-1  洪泽区人民政府 2023: 0 against 11")
    assert re.fullmatch(r" +review\.recon\.upheld: 10 \(table \d, row \d, column 0\)", lines[2])
    assert lines[6].strip().startswith("http://")
    assert lines[7] == "5 checks failed: 2 hard, 3 soft; the 1 gravest are shown, --limit 0 shows all"
    assert len(lines) == 8


def test_verify_tells_a_whole_release() -> None:
    result = runner.invoke(app, ["verify", str(SAMPLE)])
    assert result.exit_code == 0
    assert "is whole" in result.stderr
