"""What lies beside the tables: dictionary, Frictionless, Croissant, citation, licence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from normalize import codebook
from normalize.describe import LICENSE_URL
from normalize.dictionary import FILES, dictionary, main
from normalize.panel import all_series, tables
from normalize.published import verify_release
from normalize.release import build
from normalize.schema import OUTCOMES, PARTITION
from tests.fake_archive import FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from normalize.dictionary import Language
    from normalize.published import Release

DOCS = Path(__file__).resolve().parent.parent / "docs"
TABLES = (*tables(), OUTCOMES)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("described")
    archive = write_archive(
        folder / "archive", {"http://a.example/1": document(), "http://a.example/2": document(year=2022)}
    )
    return build(archive, folder / "releases", reader=read_json, open_archive=FakeArchive)


def loaded(release: Release, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((release.path / name).read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_dictionary_is_fresh(language: Language) -> None:
    text = (DOCS / FILES[language]).read_text(encoding="utf-8")
    assert text == dictionary(language), "make it anew: python -m normalize.dictionary docs"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_dictionary_explains_everything(language: Language) -> None:
    text = dictionary(language)
    rows = set(re.findall(r"^\| `?([^`|]+?)`? \|", text, re.MULTILINE))
    columns = {column.name for table in TABLES for column in table.columns}
    indicators = {f"{each.code}{'@' if each.axis else ''}" for each in codebook.indicators()}
    checks = {rule.check for rule in codebook.check_rules()}
    series = {each.column for each in all_series()}
    assert (
        columns
        | indicators
        | checks
        | series
        | set(codebook.applicant_codes())
        | {each.code for each in codebook.flags()}
        | {PARTITION}
        <= rows
    )
    widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
    assert widths == {3, 4, 5, 7, 8, 9}


def test_the_dictionary_is_written_where_asked(tmp_path: Path) -> None:
    main(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dictionary.md", "dictionary.zh.md"]


def test_all_of_it_travels_with_the_release(released: Release) -> None:
    beside = {path.name for path in released.path.iterdir() if path.is_file()}
    assert beside == {
        "CHANGES.md", "CITATION.cff", "LICENSE", "croissant.json", "datapackage.json", "dictionary.md",
        "dictionary.zh.md", "release.json",
    }  # fmt: skip
    assert verify_release(released.path) == []
    assert (released.path / "dictionary.md").read_text(encoding="utf-8") == dictionary("en")
    assert LICENSE_URL in (released.path / "LICENSE").read_text(encoding="utf-8")


def test_citation(released: Release) -> None:
    lines = (released.path / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "cff-version: 1.2.0"
    assert f"version: {released.release_id}" in lines
    assert "date-released: 2025-03-01" in lines


def test_every_table_warns_in_both_languages_and_in_its_files(released: Release) -> None:
    assert all(table.caution and table.caution_en for table in TABLES)
    metadata = pq.read_schema(next(released.path.glob("figures/*/*.parquet"))).metadata
    assert metadata[b"caution_en"].startswith(b"Blank, 0 and / are three facts")
    assert metadata[b"sorted_by"] == b"division_code body url order of the form"
    field = pq.read_schema(next(released.path.glob("figures/*/*.parquet"))).field("value")
    assert field.metadata[b"unit"] == b"as in column unit"
    assert field.metadata[b"label"].decode() == "数值"


def test_datapackage_and_croissant_name_the_same_tables_and_columns(released: Release) -> None:
    resources = loaded(released, "datapackage.json")["resources"]
    records = loaded(released, "croissant.json")["recordSet"]
    expected = {table.name: [column.name for column in table.columns] for table in TABLES}
    assert {each["name"]: [field["name"] for field in each["schema"]["fields"]] for each in resources} == expected
    assert {each["name"]: [field["name"] for field in each["field"]] for each in records} == expected
    for resource in resources:
        assert resource["path"]
        assert all((released.path / path).is_file() for path in resource["path"])


@pytest.mark.filterwarnings("ignore")  # those of the validator's own libraries
def test_croissant_is_valid_and_gives_records(released: Release) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(released.path / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    figures = list(dataset.records("figures"))
    assert len(figures) == 400
    assert figures[0]["figures/status"] == b"reported"


def test_datapackage_is_valid(released: Release) -> None:
    frictionless = pytest.importorskip("frictionless")
    package = frictionless.Package(str(released.path / "datapackage.json"))
    assert package.metadata_validate(package.to_descriptor()) is not None
    assert [resource.name for resource in package.resources] == [table.name for table in TABLES]
    assert list(frictionless.Package.metadata_validate(package.to_descriptor())) == []
