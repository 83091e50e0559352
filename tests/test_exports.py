"""The panel for spreadsheets and Stata."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from gongkai import app
from normalize.exports import export_panel
from normalize.loading import load
from normalize.published import ReleaseError
from normalize.release import build
from tests.fake_archive import FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from pathlib import Path

RISKY = '=HYPERLINK("http://evil.example")'


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    documents = {
        "http://a.example/1": document(year=2022, values={"apply.new@total": 5.0, "apply.carried_out@total": "blank"}),
        "http://a.example/2": document(RISKY, 2023, values={"apply.new@total": 6.0}),
        "http://a.example/3": document("长" * 700, 2023, division_code="320300"),
    }
    build(write_archive(folder / "archive", documents), folder / "releases", reader=read_json, open_archive=FakeArchive)
    return folder / "releases"


def test_csv(releases: Path, tmp_path: Path) -> None:
    assert export_panel(releases, tmp_path / "panel.csv", "csv") == 3
    read = pd.read_csv(tmp_path / "panel.csv", dtype={"division_code": str})
    assert read["h_apply_received"].tolist() == [5.0, 6.0, 0.0]
    assert read["body"].tolist()[1] == f"'{RISKY}"
    assert read["h_apply_pending"].isna().tolist() == [True, False, False]
    with (tmp_path / "panel.csv.labels.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["variable"]: (row["label"], row["label_en"]) for row in csv.DictReader(file)}
    assert list(labels) == list(read.columns)
    assert labels["h_apply_received"] == ("新收申请", "Requests newly received")


def test_stata_reads_back_what_was_written(releases: Path, tmp_path: Path) -> None:
    export_panel(releases, tmp_path / "panel.dta", "dta")
    assert (tmp_path / "panel.dta").read_bytes()[:60].startswith(b"<stata_dta><header><release>118</release>")
    read = pd.read_stata(tmp_path / "panel.dta")
    with pd.read_stata(tmp_path / "panel.dta", iterator=True) as reader:
        labels, about = reader.variable_labels(), reader.data_label
    panel = load("panel", releases)
    assert list(read.columns) == list(panel.columns)
    assert read["h_apply_received"].tolist() == panel["h_apply_received"].tolist()
    assert read["body"].tolist() == panel["body"].tolist()
    assert read["report_year"].tolist() == [2022, 2023, 2023]
    assert read["h_apply_pending"].isna().tolist() == [True, False, False]
    assert labels["h_review_recon_upheld"] == "行政复议维持"
    assert max(map(len, labels.values())) <= 80
    assert about.startswith("Gongkai panel, release r")


def test_the_same_release_gives_the_same_file(releases: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export_panel(releases, tmp_path / name, "dta")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_excel(releases: Path, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    export_panel(releases, tmp_path / "panel.xlsx", "xlsx", years=[2023])
    read = pd.read_excel(tmp_path / "panel.xlsx", sheet_name=None, engine="openpyxl", dtype={"division_code": str})
    assert read["panel"]["h_apply_received"].tolist() == [6, 0]
    assert read["panel"]["body"].tolist()[0] == f"'{RISKY}"
    assert read["labels"].set_index("variable").loc["body", "label"] == "发布机关"


def test_command(releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*words: str) -> int:
        return CliRunner().invoke(app, ["panel", *words, "--releases", str(releases)]).exit_code

    file = tmp_path / "panel.csv"
    assert run("--format", "csv", "--output", str(file), "--years", "2022-2022", "--province", "山西省") == 0
    assert len(pd.read_csv(file)) == 1
    assert run("--format", "csv", "--output", str(file), "--province", "山西") == 2
    assert run("--format", "csv", "--output", str(tmp_path / "no" / "panel.csv")) == 2
    monkeypatch.setattr("normalize.exports.find_spec", lambda _: None)
    with pytest.raises(ReleaseError, match=r'pip install "gongkai\[xlsx\]"'):
        export_panel(releases, file, "xlsx")
