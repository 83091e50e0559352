"""Loading a release, and the quick starts of the documentation."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import normalize
from normalize.exports import export_panel
from normalize.loading import LoadError, load
from normalize.published import ReleaseError
from normalize.release import build
from tests.fake_archive import COUNTY, FakeArchive, document, read_json, write_archive

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    document(year=2022, values={"apply.new@total": 5.0, "apply.new@natural_person": "blank"}),
    document(year=2023, values={"apply.new@total": 7.0}),
    document("大同市人民政府", 2023, division_code="140200", values={"apply.new@total": 9.0}),
    document("宿迁市人民政府", 2023, division_code="321300", values={"apply.new@total": 11.0}),
]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loading")
    archive = write_archive(folder / "archive", {f"http://a.example/{n}": each for n, each in enumerate(DOCUMENTS)})
    build(archive, folder / "releases", reader=read_json, open_archive=FakeArchive)
    return folder / "releases"


def values(frame: pd.DataFrame) -> list[float]:
    return frame["value"].tolist()


TOTALS: dict[str, Any] = {"indicator": "apply.new", "applicant": "total"}


def test_all_of_a_table(releases: Path) -> None:
    frame = normalize.load("figures", releases)
    assert (len(frame), set(frame["report_year"])) == (800, {2022, 2023})
    assert normalize.load("panel", releases)["h_apply_received"].tolist() == [5.0, 9.0, 7.0, 11.0]
    assert load("reports", str(releases / "latest"))["body"].tolist()[0] == COUNTY


def test_filters(releases: Path) -> None:
    assert values(load(release=releases, **TOTALS)) == [5.0, 9.0, 7.0, 11.0]
    assert values(load(release=releases, years=2023, **TOTALS)) == [9.0, 7.0, 11.0]
    assert values(load(release=releases, years=range(2022, 2024), province="山西省", **TOTALS)) == [5.0, 9.0, 7.0]
    assert values(load(release=releases, province="32", **TOTALS)) == [11.0]
    assert values(load(release=releases, county="阳高县", **TOTALS)) == [5.0, 7.0]
    assert values(load(release=releases, county="1402", **TOTALS)) == [5.0, 9.0, 7.0]
    assert values(load(release=releases, province="山西省", county="140221", **TOTALS)) == [5.0, 7.0]
    assert set(load(release=releases, indicator=["review.recon", "apply.new"])["indicator"]) == {
        "apply.new", "review.recon.upheld", "review.recon.corrected", "review.recon.other", "review.recon.pending",
        "review.recon.total",
    }  # fmt: skip


@pytest.mark.parametrize("table", ["reports", "sections", "leftovers", "narrative", "panel"])
def test_every_table_knows_its_places(releases: Path, table: str) -> None:
    whole, one = load(table, releases), load(table, releases, county="阳高县")
    assert 0 < len(one) < len(whole)
    assert set(one["report_id"].str[:6]) == {"140221"}


def test_wide(releases: Path) -> None:
    wide = load(release=releases, indicator=["apply.new", "permit"], wide=True)
    assert len(wide) == 4
    assert list(wide.columns[:7]) == [
        "report_id", "division_code", "report_year", "body_level", "form", "permit.licence.decisions",
        "apply.new@natural_person",
    ]  # fmt: skip
    assert wide["apply.new@total"].tolist() == [5.0, 9.0, 7.0, 11.0]
    assert wide["apply.new@natural_person"].isna().tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"table": "figure"}, "no table 'figure'; close to it: figures"),
        ({"years": 2030}, "no year 2030; there are: 2022, 2023"),
        ({"province": "山西"}, "no province '山西'; close to it: 山西省"),
        ({"county": "阳高"}, "no county '阳高'; close to it: 阳高县"),
        ({"province": "江苏省", "county": "阳高县"}, "阳高县 is not in 江苏省"),
        ({"indicator": "apply.mew"}, "no indicator 'apply.mew'; close to it: apply.new"),
        ({"table": "panel", "wide": True}, "table panel has no indicators"),
    ],
)
def test_what_is_not_there_is_told(releases: Path, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(LoadError, match=message):
        load(release=releases, **asked)


def test_no_release_and_a_damaged_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release here"):
        load(release=tmp_path)
    archive = write_archive(tmp_path / "archive", {"http://a.example/1": document()})
    release = build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    next(release.path.glob("figures/*/*.parquet")).write_bytes(b"PAR1PAR1")
    with pytest.raises(ReleaseError, match="cannot be read"):
        load(release=release.path)


def test_reading_documents_does_not_load_arrow() -> None:
    code = "import sys, normalize; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60).returncode == 0


# The documentation -------------------------------------------------------------------------------------------------

TEXT = (ROOT / "docs" / "loading.md").read_text(encoding="utf-8")
BLOCKS = [
    block for block in re.findall(r"## (\S+)[^#]*?```python\n(.*?)```", TEXT, re.DOTALL) if "s3://" not in block[1]
]
IN_R = re.findall(r"```r\n(.*?)```", TEXT, re.DOTALL)
(STATA,) = re.findall(r"```stata\n(.*?)```", TEXT, re.DOTALL)


def test_there_are_quick_starts() -> None:
    assert [name for name, _ in BLOCKS] == ["gongkai", "pandas", "polars", "DuckDB"]
    assert len(IN_R) == 2


@pytest.mark.parametrize(("name", "code"), BLOCKS, ids=[name for name, _ in BLOCKS])
def test_quick_starts_run(name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "polars":
        pytest.importorskip("polars")
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(code.replace("data/releases/latest", "data/sample"), names)  # noqa: S102 - the documentation's own code
    assert len(names["requests"]) >= 5


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the sample's panel for Stata."""
    folder = tmp_path_factory.mktemp("panel")
    export_panel(ROOT / "data" / "sample", folder / "panel.dta", "dta")
    return folder


@pytest.mark.parametrize("code", IN_R, ids=["arrow", "haven"])
def test_quick_starts_run_in_r(code: str, panel: Path) -> None:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed")
    packages = re.findall(r"library\((\w+)\)", code)
    asked = " && ".join(f'requireNamespace("{name}", quietly = TRUE)' for name in packages)
    if subprocess.run([program, "-e", f"quit(status = !({asked}))"], check=False, timeout=60).returncode:
        pytest.skip(f"R lacks one of {', '.join(packages)}")
    code = code.replace("data/releases/latest", str(ROOT / "data" / "sample"))
    code += 'cat("rows:", nrow(requests), "\\n")\n'
    done = subprocess.run([program, "-e", code], cwd=panel, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    found = re.search(r"rows: (\d+)", done.stdout)
    assert found is not None
    received = pd.read_stata(panel / "panel.dta").dropna(subset="h_apply_received")
    assert int(found[1]) == {"arrow": len(received), "haven": received["report_year"].nunique()}[packages[0]]
    if packages == ["haven"]:
        assert '"新收申请"' in done.stdout


def test_the_quick_start_in_stata_names_variables_that_are_there(panel: Path) -> None:
    """Stata itself cannot be had; its file is read back by pandas."""
    frame = pd.read_stata(panel / "panel.dta")
    made = set(re.findall(r"egen (\w+) =", STATA))
    named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\bbody\b", STATA.split("clear\n", 1)[1])) - made
    assert named == {"h_apply_received", "report_year", "body", "lineage_code"}
    assert named <= set(frame.columns)
    assert not frame.duplicated(["lineage_code", "body", "report_year"]).any()
