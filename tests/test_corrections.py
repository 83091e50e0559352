"""Known errors of the sources, put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from normalize.corrections import COLUMNS, CORRECTIONS, CorrectionError, read_corrections
from normalize.release import build, load_release
from tests.fake_archive import COUNTY, FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from pathlib import Path

    from normalize.published import Release

A, B = "http://a.example/1", "http://a.example/22"
LINE = f"140221,{COUNTY},2023,apply.new,total,70,7,,one nought too many,http://a.example/1"


def corrections(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "corrections.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return path


def make(tmp_path: Path, documents: dict[str, dict[str, Any]], *lines: str, workers: int = 1) -> Release:
    archive = write_archive(tmp_path / "archive", documents)
    return build(
        archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive, workers=workers,
        corrections=corrections(tmp_path, *lines),
    )  # fmt: skip


def load(release: Release, table: str) -> pd.DataFrame:
    return pd.read_parquet(release.path / table)


def cell(release: Release, indicator: str, applicant: str = "") -> dict[str, Any]:
    frame = load(release, "figures")
    (found,) = frame[(frame["indicator"] == indicator) & (frame["applicant"] == applicant)].to_dict("records")
    return {str(name): value for name, value in found.items()}


WRONG = document(values={"apply.new@total": 70.0, "apply.new@natural_person": 7.0, "apply.result.total@total": 7.0})


def test_the_checked_in_file_is_sound() -> None:
    assert [each.place for each in read_corrections()] == [
        f"{CORRECTIONS}, line {line}" for line in range(2, len(read_corrections()) + 2)
    ]


def test_a_value_is_put_right_and_what_is_printed_stays(tmp_path: Path) -> None:
    release = make(tmp_path, {A: WRONG}, LINE)
    found = cell(release, "apply.new", "total")
    assert (found["value"], found["raw"], found["status"], found["flags"]) == (7, "70", "reported", "corrected")
    assert release.manifest["corrections"] == {"used": 1, "unused": 0}


def test_checks_series_and_counts_follow(tmp_path: Path) -> None:
    release = make(tmp_path, {A: WRONG}, LINE)
    checks = load(release, "checks")
    sums = checks[(checks["check"] == "S3-1") & (checks["applicant"] == "total")].iloc[0]
    assert (sums["result"], sums["left"], sums["right"]) == ("pass", 7, 7)
    report = load(release, "reports").iloc[0]
    assert report["checks_failed"] == (checks["result"] == "fail").sum()
    assert report["cells_flagged"] == 1
    panel = load(release, "panel").iloc[0]
    assert (panel["h_apply_received"], panel["h_apply_received_flag"]) == (7, "flagged_operand")
    assert list(load(release, "sections")["text"]) == ["收到申请3件。"]


def test_a_unit_is_put_right(tmp_path: Path) -> None:
    line = f"140221,{COUNTY},2023,fee.admin.amount,,96171.6,96171.6,元,the header says 万元,http://a.example/1"
    release = make(tmp_path, {A: document(values={"fee.admin.amount": "96171.6 万元"})}, line)
    found = cell(release, "fee.admin.amount")
    assert (found["value"], found["unit"], found["flags"]) == (96171.6, "元", "corrected")


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_workers_or_earlier_builds(tmp_path: Path) -> None:
    documents = {A: WRONG, B: document(year=2022)}
    make(tmp_path / "one", documents)
    one, two = make(tmp_path / "one", documents, LINE), make(tmp_path / "two", documents, LINE, workers=2)
    assert one.release_id == two.release_id
    assert one.manifest["parts"] == two.manifest["parts"]
    digests = [
        {each["path"]: each["sha256"] for each in release.manifest["files"] if each["table"]} for release in (one, two)
    ]
    assert digests[0] == digests[1]


def test_of_two_versions_the_one_that_prints_it_is_corrected(tmp_path: Path) -> None:
    release = make(tmp_path, {A: WRONG, B: document(values={"apply.new@total": 7.0})}, LINE)
    frame = load(release, "figures")
    found = frame[(frame["indicator"] == "apply.new") & (frame["applicant"] == "total")]
    assert sorted(zip(found["value"], found["flags"], strict=True)) == [(7.0, ""), (7.0, "corrected")]


def test_a_correction_that_no_longer_fits_stops_the_build(tmp_path: Path) -> None:
    before = make(tmp_path, {A: WRONG}, LINE)
    message = (
        rf"corrections.csv, line 2: expects 70 for apply.new@total of {COUNTY} 2023, but the document says 8;"
        " correct or remove the line"
    )
    with pytest.raises(CorrectionError, match=message):
        make(tmp_path, {A: document(values={"apply.new@total": 8.0})}, LINE)
    with pytest.raises(CorrectionError, match="but the document says blank"):
        make(tmp_path, {A: document(values={"apply.new@total": "blank"})}, LINE)
    assert load_release(tmp_path / "releases") == before


def test_a_report_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    release = make(tmp_path, {A: document(year=2022)}, LINE)
    assert release.manifest["corrections"] == {"used": 0, "unused": 1}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (LINE.replace(",70,", ",seventy,"), "line 2: could not convert string to float: 'seventy'"),
        (LINE.replace(",70,7,", ",7,nan,"), "line 2: expect and value are numbers that are finite"),
        (LINE.replace(",70,7,", ",7,7,"), "line 2: changes neither value nor unit"),
        (LINE.replace("apply.new,total", "apply.old,total"), "line 2: apply.old@total is no cell of the codebook"),
        (LINE.replace("apply.new,total", "apply.new,"), "line 2: apply.new@ is no cell of the codebook"),
        (LINE.replace("one nought too many", ""), "line 2: give reason and evidence"),
        (f"{LINE}\n{LINE}", "line 3: corrects the figure of .*line 2 again; keep one"),
    ],
)
def test_what_is_no_correction_is_told_by_line(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(CorrectionError, match=message):
        read_corrections(corrections(tmp_path, line))


def test_other_columns_and_no_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text("code,value\n", encoding="utf-8")
    with pytest.raises(CorrectionError, match="line 1: the columns are to be division_code,body"):
        read_corrections(path)
    with pytest.raises(CorrectionError, match="cannot be read"):
        read_corrections(tmp_path / "absent.csv")
