"""One report in several files: what is joined, what is kept apart, and what each figure says of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from normalize.changes import figure_changes
from normalize.codebook import form_cells
from normalize.proof import prove
from normalize.release import Release, build
from tests.fake_archive import FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PAGE, PDF, WORD = "http://a.example/report", "http://a.example/report/1.pdf", "http://a.example/report/22.docx"
TABLE_TWO, TABLE_THREE, TABLE_FOUR = ("proactive", "permit", "enforce", "fee"), ("apply",), ("review",)


def make(tmp_path: Path, documents: Mapping[str, dict[str, Any]]) -> Release:
    captures = {url: {"kind": "attachment"} for url in documents if url != PAGE}
    archive = write_archive(tmp_path / "archive", documents, captures)
    return build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)


def load(release: Release, table: str) -> pd.DataFrame:
    return pd.read_parquet(release.path / table)


def flags(release: Release) -> dict[str, str]:
    reports = load(release, "reports")
    return dict(zip(reports["url"], reports["flags"], strict=True))


def parts(release: Release) -> list[str]:
    rows = load(release, "leftovers")
    return sorted(rows.loc[rows["reason"] == "part_of_report", "raw"])


def only(*tables: str, **values: Any) -> dict[str, Any]:
    """The values of a document that holds some tables only, all others missing."""
    cells = ("@".join(filter(None, cell)) for cell in form_cells("2021"))
    missing: dict[str, Any] = {cell: "missing" for cell in cells if not cell.startswith(tables)}
    return {**missing, **values}


def test_prose_on_the_page_and_tables_in_an_attachment_are_one_report(tmp_path: Path) -> None:
    said = "全年公开政府信息一千余条。" * 9
    release = make(tmp_path, {PAGE: document(form="", text=said), PDF: document(values={"apply.new@total": 7.0})})
    assert flags(release) == {PDF: "several_files"}
    assert parts(release) == [PAGE]
    assert load(release, "sections")["text"].tolist() == [said]
    assert set(load(release, "sections")["report_id"]) == set(load(release, "reports")["report_id"])
    assert release.rows["figures"] == 200


def test_a_workbook_for_each_table(tmp_path: Path) -> None:
    files = {
        PAGE: document(form=""),
        PDF: document(values=only(*TABLE_TWO)),
        WORD: document(values=only(*TABLE_THREE, **{"apply.new@total": 5.0, "apply.new@natural_person": 5.0})),
        "http://a.example/4": document(values=only(*TABLE_FOUR)),
    }
    release = make(tmp_path, files)
    assert flags(release) == {WORD: "several_files"}
    assert parts(release) == sorted({*files} - {WORD})
    figures = load(release, "figures")
    assert (len(figures), set(figures["status"]), figures["report_id"].nunique()) == (200, {"reported"}, 1)
    assert sorted(figures.groupby("sha256").size()) == [10, 15, 175]
    (report,) = load(release, "reports").to_dict("records")
    assert report["cells_reported"] == 200
    assert load(release, "panel")["h_apply_received"].tolist() == [5.0]
    proved: dict[str, Any] = {"reader": read_json, "open_archive": FakeArchive}
    assert prove(release.path, tmp_path / "archive", **proved) == []
    files[PDF] = document(values=only(*TABLE_TWO, **{"proactive.rules.issued": 9.0}))
    write_archive(tmp_path / "archive", files, {url: {"kind": "attachment"} for url in files if url != PAGE})
    (problem,) = prove(release.path, tmp_path / "archive", **proved)
    assert "10 figures read otherwise now: proactive.rules.issued" in problem


def test_versions_that_contradict_stay_apart(tmp_path: Path) -> None:
    release = make(
        tmp_path, {PAGE: document(form=""), PDF: document(), WORD: document(values={"apply.new@total": 2.0})}
    )
    assert flags(release) == {PDF: "several_files versions_differ", WORD: "versions_differ"}
    assert release.rows["figures"] == 400


def test_what_one_version_could_not_tell_the_other_tells(tmp_path: Path) -> None:
    doubtful = {"apply.new@total": "ambiguous", "apply.carried_in@total": "unreadable"}
    release = make(tmp_path, {PDF: document(values=doubtful), WORD: document(values={"apply.new@total": 3.0})})
    assert flags(release) == {WORD: "several_files"}
    assert parts(release) == [PDF]


def test_copies_of_a_part_are_parts(tmp_path: Path) -> None:
    copy = "http://a.example/report_wap"
    release = make(tmp_path, {PAGE: document(form=""), copy: document(form=""), PDF: document()})
    assert flags(release) == {PDF: "several_files"}
    assert parts(release) == [PAGE, copy]


def test_another_scope_is_another_report(tmp_path: Path) -> None:
    release = make(tmp_path, {PDF: document(), WORD: document(scope="office", values=only(*TABLE_THREE))})
    assert "several_files" not in " ".join(flags(release).values())
    assert len(flags(release)) == 2


def test_a_revised_part_is_a_change_of_the_report(tmp_path: Path) -> None:
    apply = document(values=only(*TABLE_THREE, **{"apply.new@total": 5.0}))
    first = make(tmp_path, {WORD: apply, PDF: document(values=only(*TABLE_FOUR, **{"review.recon.total": 3.0}))})
    second = make(tmp_path, {WORD: apply, PDF: document(values=only(*TABLE_FOUR, **{"review.recon.total": 4.0}))})
    assert flags(first) == flags(second) == {WORD: "several_files"}
    frame = figure_changes(first, second)
    found = frame[["change", "cause", "indicator", "old_value", "new_value"]].to_numpy().tolist()
    assert found == [["MOD", "revised by the body", "review.recon.total", 3.0, 4.0]]
