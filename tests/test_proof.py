"""A release against its archive."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from gongkai import app
from normalize.corrections import COLUMNS
from normalize.proof import prove
from normalize.release import build
from tests.archives import open_writer, put
from tests.fake_archive import COUNTY, FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from normalize.model import Report

CASES = Path(__file__).parent / "cases"
A, B, C = "http://a.example/1", "http://a.example/22", "http://a.example/333"
DOCUMENTS = {
    A: document(values={"apply.new@total": 70.0}),
    B: document(year=2022),
    C: document(year=2022, body="x", unreadable="empty"),
}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A release with a correction, and its archive."""
    line = f"140221,{COUNTY},2023,apply.new,total,70,7,,one nought too many,{A}"
    (tmp_path / "corrections.csv").write_text(f"{','.join(COLUMNS)}\n{line}\n", encoding="utf-8")
    write_archive(tmp_path / "archive", DOCUMENTS)
    build(
        tmp_path / "archive", tmp_path / "releases", reader=read_json, open_archive=FakeArchive,
        corrections=tmp_path / "corrections.csv",
    )  # fmt: skip
    return tmp_path


def check(made: Path, reader: Any = read_json) -> list[str]:
    return prove(
        made / "releases", made / "archive", reader=reader, open_archive=FakeArchive,
        corrections=made / "corrections.csv",
    )  # fmt: skip


def test_all_holds(made: Path) -> None:
    assert check(made) == []


def test_a_document_that_is_gone_or_changed(made: Path) -> None:
    write_archive(made / "archive", {A: DOCUMENTS[A], C: DOCUMENTS[C]})
    (problem,) = check(made)
    assert (B in problem, problem.endswith("no capture of these bytes in the archive")) == (True, True)
    write_archive(made / "archive", DOCUMENTS | {B: document(year=2022, values={"apply.new@total": 1.0})})
    assert len(check(made)) == 1


def test_a_figure_that_reads_otherwise(made: Path) -> None:
    def read_ones(data: bytes, **rest: Any) -> Report:
        report = read_json(data, **rest)
        for figure in report.figures[:2]:
            figure.value = 1.0
        return report

    problems = check(made, read_ones)
    assert len(problems) == 2
    assert "2 figures read otherwise now: proactive.rules.issued, proactive.rules.repealed" in problems[0]


def test_a_correction_that_was_taken_back(made: Path) -> None:
    (made / "corrections.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    (problem,) = check(made)
    assert "1 figures read otherwise now: apply.new@total" in problem


def test_a_document_that_cannot_be_read_any_more(made: Path) -> None:
    def refuse(data: bytes, **rest: Any) -> Report:
        if json.loads(data)["year"] == 2022:
            raise ValueError("no table")
        return read_json(data, **rest)

    problems = check(made, refuse)
    assert [problem.split(": ", 1)[1] for problem in problems] == [
        "cannot be read now: unreadable: ValueError: no table"
    ]


def test_a_damaged_release_is_told_first(made: Path) -> None:
    next((made / "releases").glob("latest/figures/*/*.parquet")).write_bytes(b"x")
    (problem,) = check(made)
    assert problem.endswith("not the bytes that were published")


def test_command_on_a_real_archive(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "archive")) as writer:
        for year in (2023, 2024):
            page = (CASES / f"suqian-{year}" / "source.html").read_bytes()
            put(writer, f"http://a.example/{year}.html", page, portal_code="321300")
    build(tmp_path / "archive", tmp_path / "releases")

    def run() -> tuple[int, str]:
        words = ["verify", str(tmp_path / "releases"), "--archive", str(tmp_path / "archive")]
        done = CliRunner().invoke(app, words)
        return done.exit_code, done.output

    assert run() == (0, run()[1])
    assert "reads the same again" in run()[1]
    (warc,) = (tmp_path / "archive").glob("*.warc.gz")
    data = bytearray(warc.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 20] = bytes(20)
    warc.write_bytes(data)
    code, said = run()
    assert code == 1
    assert "cannot be read now: unreadable: PayloadError" in said
