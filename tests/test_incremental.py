"""A build after another one: what is unchanged is neither read nor written again, and the result is the same."""

from __future__ import annotations

import json
import random
import sqlite3
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from normalize import partitions
from normalize.codebook import form_indicators
from normalize.release import ReleaseError, build, load_release
from tests.fake_archive import FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from normalize.model import Report
    from normalize.published import Release

YEARS = (2021, 2022, 2023)
DOCUMENTS = {
    f"http://a.example/{year}/{n}": document(year=year, body=f"机关{n}", values={"apply.new@total": float(n)})
    for year in YEARS
    for n in range(4)
}
CHANGED = "http://a.example/2023/2"
reads: list[str] = []


def read_and_count(data: bytes, *, url: str, **rest: Any) -> Report:
    """Read a document and note its address."""
    reads.append(url)
    return read_json(data, url=url, **rest)


def make(tmp_path: Path, documents: dict[str, dict[str, Any]], name: str = "archive", place: str = "one") -> Release:
    """Build a release at ``place``; the addresses that were read lie in ``reads``."""
    reads.clear()
    archive = write_archive(tmp_path / name, documents)
    return build(archive, tmp_path / place, reader=read_and_count, open_archive=FakeArchive, allow_shrink=True)


def files(release: Release, table: str) -> dict[str, Path]:
    return {path.parent.name: path for path in (release.path / table).rglob("*.parquet")}


@pytest.fixture
def first(tmp_path: Path) -> Release:
    return make(tmp_path, DOCUMENTS)


def test_only_what_changed_is_read(first: Release, tmp_path: Path) -> None:
    assert len(reads) == 12
    second = make(tmp_path, DOCUMENTS | {CHANGED: document(year=2023, body="机关2", values={"apply.new@total": 9.0})})
    assert reads == [CHANGED]
    assert second.release_id != first.release_id


def test_unchanged_years_are_the_same_files(first: Release, tmp_path: Path) -> None:
    second = make(tmp_path, DOCUMENTS | {CHANGED: document(year=2023, body="机关2", values={"apply.new@total": 9.0})})
    for table in ("reports", "figures", "panel", "sections"):
        before, after = files(first, table), files(second, table)
        shared = {year for year in before if before[year].samefile(after[year])}
        assert shared == {"report_year=2021", "report_year=2022"}, table


def test_the_result_is_that_of_a_first_build(first: Release, tmp_path: Path) -> None:
    changed = DOCUMENTS | {CHANGED: document(year=2023, body="机关2", values={"apply.new@total": 9.0})}
    second, fresh = make(tmp_path, changed), make(tmp_path, changed, place="two")
    assert second.release_id == fresh.release_id != first.release_id
    assert second.manifest["parts"] == fresh.manifest["parts"]

    def data(release: Release) -> list[dict[str, Any]]:
        return [each for each in release.manifest["files"] if each["table"]]

    assert data(second) == data(fresh)


def test_a_page_that_comes_again_unchanged_changes_no_row(first: Release, tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", DOCUMENTS)
    content = json.loads((archive / "archive.json").read_text(encoding="utf-8"))
    again = [each | {"fetched_at": "2026-01-01T00:00:00Z"} for each in content["captures"]]
    content["captures"] += again
    (archive / "archive.json").write_text(json.dumps(content), encoding="utf-8")
    reads.clear()
    second = build(archive, tmp_path / "one", reader=read_and_count, open_archive=FakeArchive)
    assert reads == []
    assert (second.manifest["data_as_of"], second.manifest["parts"]) == (
        "2026-01-01T00:00:00Z",
        first.manifest["parts"],
    )


def test_a_file_damaged_in_the_release_before_is_written_anew(first: Release, tmp_path: Path) -> None:
    damaged = files(first, "sections")["report_year=2021"]
    damaged.write_bytes(b"PAR1")
    second = make(tmp_path, DOCUMENTS | {CHANGED: document(year=2023, body="机关5")})
    fresh = make(tmp_path, DOCUMENTS | {CHANGED: document(year=2023, body="机关5")}, place="two")
    assert files(second, "sections")["report_year=2021"].read_bytes() == (
        files(fresh, "sections")["report_year=2021"].read_bytes()
    )


def test_readings_may_be_removed_or_damaged(first: Release, tmp_path: Path) -> None:
    (readings,) = (tmp_path / "one").glob(".readings-*")
    readings.unlink()
    changed = DOCUMENTS | {CHANGED: document(year=2023, body="机关5")}
    make(tmp_path, changed)
    assert len(reads) == 12
    readings.write_bytes(b"no database" * 1000)
    make(tmp_path, DOCUMENTS | {CHANGED: document(year=2023, body="机关6")})
    assert len(reads) == 12


def test_a_reading_that_was_tampered_with_is_told_where_it_is_used(first: Release, tmp_path: Path) -> None:
    (readings,) = (tmp_path / "one").glob(".readings-*")
    files(first, "figures")["report_year=2023"].write_bytes(b"PAR1")
    with sqlite3.connect(readings) as connection:
        connection.execute("UPDATE readings SET figures = x'00' WHERE url = 'http://a.example/2023/1'")
    connection.close()
    with pytest.raises(ReleaseError, match=r"readings-\w+.sqlite: damaged at 140221-2023-\w+; remove this file"):
        make(tmp_path, DOCUMENTS | {CHANGED: document(year=2023, body="机关5")})
    assert load_release(tmp_path / "one") == first


def test_readings_hold_what_the_newest_build_used(first: Release, tmp_path: Path) -> None:
    (tmp_path / "one" / ".readings-0123.sqlite").write_bytes(b"of older code")
    make(tmp_path, DOCUMENTS | {CHANGED: document(year=2023, body="机关5", raises="broken")})
    (readings,) = (tmp_path / "one").glob(".readings-*")
    with sqlite3.connect(readings) as connection:
        (number,) = connection.execute("SELECT count(*) FROM readings").fetchone()
    connection.close()
    assert number == 11
    make(tmp_path, DOCUMENTS | {CHANGED: document(year=2023, body="机关5", raises="broken"), "http://b": document()})
    assert sorted(reads) == [CHANGED, "http://b"]


BODIES = tuple(f"机关{n}" for n in range(7))
SPAN = range(2019, 2024)


def some_document(dice: random.Random, body: str, year: int) -> dict[str, Any]:
    """A document as it may come: like last year's or another body's, of no known year, unreadable, with a flag."""
    form = "2019" if year < 2021 else "2021"
    values: dict[str, float | str] = {
        f"{each.code}@total": float(dice.choice((0, 1, 3, 500))) for each in form_indicators(form, "3")
    }
    if dice.random() < 0.6:
        # So full a table three that bodies with the same one are copies, and years with the same one.
        values = {f"{each.code}@total": 1.0 + place for place, each in enumerate(form_indicators(form, "3"))}
        values["permit.licence.decisions"] = float(dice.randint(1, 2))
    made = document(body, 0 if dice.random() < 0.05 else year, form, values=values)
    made["text"] = "收到申请" * dice.randint(1, 40)
    made["report_flags"] = dice.choice(([], ["year_conflict"]))
    if dice.random() < 0.1:
        made |= {"unreadable": "pdf_scanned"} if dice.random() < 0.5 else {"raises": "broken"}
    if dice.random() < 0.2:
        made["checks"] = dice.choice((["pass"], ["fail", "pass"]))
    return made


def address(dice: random.Random, body: str, year: int) -> str:
    return f"http://a.example/{body}/{year}/{dice.choice(('', 'a.html', 'other-version.html'))}"


def changed_at_random(dice: random.Random, documents: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Other documents: one in five anew, one in ten gone, some more, some of them the same under two addresses."""
    kept = {url: each for url, each in documents.items() if dice.random() > 0.1}
    for url, each in list(kept.items()):
        if dice.random() < 0.2:
            kept[url] = some_document(dice, each["body"], each["year"] or 2023)
    for _ in range(dice.randint(1, 4)):
        body, year = dice.choice(BODIES), dice.choice(SPAN)
        kept[address(dice, body, year)] = made = some_document(dice, body, year)
        kept[f"http://b.example/copy/of/{body}/{year}.html"] = made
    return kept


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_whatever_changed_the_bytes_are_those_of_a_first_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name, value in (("GROUP_BYTES", 30_000), ("WINDOW_ROWS", 500), ("MERGED", 3)):
        monkeypatch.setattr(partitions, name, value)
    dice = random.Random(seed)  # noqa: S311 - made-up documents
    documents = {address(dice, body, year): some_document(dice, body, year) for body in BODIES for year in SPAN}
    make(tmp_path, documents)
    spliced: set[str] = set()
    flags: set[str] = set()
    of = partitions.EarlierRows.of

    def noting(self: partitions.EarlierRows, reports: Iterable[str]) -> Iterator[Any]:
        for found in of(self, reports):
            spliced.add(found.rows["report_id"][0].as_py())
            yield found

    monkeypatch.setattr(partitions.EarlierRows, "of", noting)
    for step in range(3):
        documents = changed_at_random(dice, documents)
        second = make(tmp_path, documents)
        fresh = make(tmp_path, documents, place=f"fresh{step}")
        assert second.manifest["parts"] == fresh.manifest["parts"]
        assert [each for each in second.manifest["files"] if each["table"]] == [
            each for each in fresh.manifest["files"] if each["table"]
        ], step
        flags |= {flag for said in pd.read_parquet(second.path / "reports")["flags"] for flag in said.split()}
    groups = {pq.ParquetFile(path).num_row_groups for path in files(second, "figures").values()}
    assert max(groups) > 2
    assert len(spliced) > 20
    assert {"copy_of_previous_year", "copy_of_another_body", "duplicate_dropped"} <= flags
