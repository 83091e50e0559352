"""Release against release: which figures differ, and why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from gongkai import app
from normalize.changes import count_changes, figure_changes
from normalize.corrections import COLUMNS
from normalize.published import ReleaseError
from normalize.release import build
from normalize.retention import find_release
from tests.fake_archive import COUNTY, FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from pathlib import Path

    from normalize.model import Report
    from normalize.published import Release

A, B, C = "http://a.example/1", "http://a.example/22", "http://a.example/333"


def read_again(data: bytes, **rest: Any) -> Report:
    """A reader that reads 9 where the other reads 4."""
    report = read_json(data, **rest)
    for figure in report.figures:
        if figure.value == 4:
            figure.value = 9.0
    return report


def make(tmp_path: Path, documents: dict[str, dict[str, Any]], line: str = "", reader: Any = read_json) -> Release:
    corrections = tmp_path / "corrections.csv"
    corrections.write_text("\n".join([",".join(COLUMNS), *([line] if line else [])]) + "\n", encoding="utf-8")
    archive = write_archive(tmp_path / "archive", documents)
    return build(
        archive, tmp_path / "releases", reader=reader, open_archive=FakeArchive, corrections=corrections,
        allow_shrink=True,
    )  # fmt: skip


FIRST = {
    A: document(values={"apply.new@total": 4.0}),
    B: document("天镇县人民政府", 2022, division_code="140222", values={"permit.licence.decisions": 7.0}),
}


def causes(old: Release, new: Release) -> list[tuple[str, str, int]]:
    counts = Counter((row["change"], row["cause"]) for row in changed(old, new))
    return sorted((change, cause, number) for (change, cause), number in counts.items())


def changed(old: Release, new: Release) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in figure_changes(old, new).to_dict("records")]


def test_the_body_revised_its_page(tmp_path: Path) -> None:
    first = make(tmp_path, FIRST)
    second = make(tmp_path, FIRST | {A: document(values={"apply.new@total": 5.0, "fee.admin.amount": "blank"})})
    assert causes(first, second) == [("MOD", "revised by the body", 2)]
    requests, fees = changed(first, second)
    assert (requests["body"], requests["report_year"]) == (COUNTY, 2023)
    assert (requests["old_value"], requests["new_value"]) == (4, 5)
    assert (requests["indicator"], requests["applicant"], requests["old_url"]) == ("apply.new", "total", A)
    assert (fees["indicator"], fees["old_status"], fees["new_status"]) == ("fee.admin.amount", "reported", "blank")


def test_another_document_of_the_same_year(tmp_path: Path) -> None:
    first = make(tmp_path, FIRST)
    second = make(tmp_path, FIRST | {C: document(values={"apply.new@total": 6.0}, published="2024-06-01")})
    assert causes(first, second) == [("MOD", "new capture", 1)]


def test_new_coverage_and_withdrawn(tmp_path: Path) -> None:
    first = make(tmp_path, FIRST)
    second = make(tmp_path, {B: FIRST[B], C: document(year=2021)})
    assert causes(first, second) == [("ADD", "new coverage", 200), ("DEL", "withdrawn", 200)]


def test_another_form_is_revised_by_the_body(tmp_path: Path) -> None:
    first = make(tmp_path, FIRST)
    second = make(tmp_path, FIRST | {A: document(form="2019", values={"apply.new@total": 4.0})})
    assert {change for change, cause, _ in causes(first, second)} == {"ADD", "DEL"}


def test_a_correction(tmp_path: Path) -> None:
    first = make(tmp_path, FIRST)
    second = make(tmp_path, FIRST, f"140221,{COUNTY},2023,apply.new,total,4,3,,typing error,{A}")
    assert causes(first, second) == [("MOD", "correction", 1)]
    text = (second.path / "CHANGES.md").read_text(encoding="utf-8")
    assert (
        "## Revised values\n\n- correction: 0 figures added, 1 revised, 0 gone, in 1 reports; most: apply.new (1)"
        in text
    )


def test_another_reader(tmp_path: Path) -> None:
    first = make(tmp_path, FIRST)
    second = make(tmp_path, FIRST, reader=read_again)
    assert causes(first, second) == [("MOD", "reader changed", 1)]
    text = (second.path / "CHANGES.md").read_text(encoding="utf-8")
    assert "| 2023 | 0 | 1 | 0 |" in text
    assert "## Reader fixes\n\n- reader changed: 0 figures added, 1 revised, 0 gone, in 1 reports" in text


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"codebook": "other"}, "codebook changed"),
        ({"codebook": "other", "code_sha256": "other"}, "reader and codebook changed"),
        ({"divisions_sha256": "other"}, "reader changed"),
    ],
)
def test_which_of_reader_and_codebook(tmp_path: Path, facts: dict[str, str], cause: str) -> None:
    first, second = make(tmp_path, FIRST), make(tmp_path, FIRST, reader=read_again)
    manifest = {**first.manifest, **facts}
    found = count_changes(first, second.path, manifest, {2022, 2023}, tmp_path)
    assert list(found.causes) == [cause]
    assert found.coverage == {2022: (0, 0), 2023: (0, 0)}


def test_known_issues_are_listed(tmp_path: Path) -> None:
    release = make(
        tmp_path,
        {
            A: document(values={"apply.new@total": "ambiguous"}, report_flags=["mojibake"], checks=["fail"]),
            B: document(raises="broken"),
        },
    )
    text = (release.path / "CHANGES.md").read_text(encoding="utf-8")
    assert text.partition("## Known issues\n\n")[2].splitlines() == [
        "- 1 documents could not be read (flag unreadable)",
        "- 1 figures have the status ambiguous",
        "- hard check S3-1 fails 1 times, in 1 reports",
        "- 1 reports are flagged mojibake",
    ]


def test_command(tmp_path: Path) -> None:
    first = make(tmp_path, FIRST)
    second = make(tmp_path, FIRST | {A: document(values={"apply.new@total": 5.0})})

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["releases", "diff", *words, "--releases", str(tmp_path / "releases")])
        return done.exit_code, done.stdout

    code, shown = run(first.release_id)
    assert (code, "1 figures differ" in shown, "revised by the body" in shown) == (0, True, True)
    _, listed = run(first.release_id, second.release_id, "--format", "csv")
    assert listed.splitlines()[1].startswith(
        f"MOD,revised by the body,140221,{COUNTY},2023,apply.new,total,4.0,5.0,,,reported,reported,{A},{A}"
    )
    assert run("r0")[0] == 2
    with pytest.raises(ReleaseError, match="no release r0"):
        find_release(tmp_path / "releases", "r0")
