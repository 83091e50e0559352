"""Building, checking and publishing releases."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from captures import Outcome
from normalize.diff import years
from normalize.packing import batch_of
from normalize.partitions import TableWriter
from normalize.release import GateError, Release, ReleaseError, build, load_release, verify_release
from normalize.schema import CHECKS, FIGURES, INT, OUTCOMES, REPORTS, STRING, Column, Table
from tests.archives import open_writer, put
from tests.fake_archive import COUNTY, FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from collections.abc import Mapping

CASES = Path(__file__).parent / "cases"
TABLES = ("reports", "figures", "checks", "narrative", "sections", "leftovers", "outcomes", "panel")
A, B, C = "http://a.example/1", "http://a.example/22", "http://a.example/333"


def make(tmp_path: Path, documents: Mapping[str, dict[str, Any]], name: str = "archive", **options: Any) -> Release:
    """Build a release of a fake archive that holds ``documents``."""
    archive = write_archive(tmp_path / name, documents, options.pop("captures", None))
    return build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive, **options)


def load(release: Release, table: str) -> pd.DataFrame:
    """One table, as the README tells researchers to load it."""
    return pd.read_parquet(release.path.parent / "latest" / table)


def contents(release: Release) -> dict[str, bytes]:
    """The bytes of every file of a release."""
    files = (path for path in release.path.rglob("*") if path.is_file())
    return {path.relative_to(release.path).as_posix(): path.read_bytes() for path in files}


def figure(release: Release, year: int, indicator: str, applicant: str) -> dict[str, Any]:
    """The one figure of that year, indicator and applicant."""
    rows = load(release, "figures")
    (found,) = rows[
        (rows["report_year"] == year) & (rows["indicator"] == indicator) & (rows["applicant"] == applicant)
    ].to_dict("records")
    return {str(name): cell for name, cell in found.items()}


def flags(release: Release) -> dict[str, str]:
    """The flags of each report by address."""
    reports = load(release, "reports")
    return dict(zip(reports["url"], reports["flags"], strict=True))


@pytest.fixture
def released(tmp_path: Path) -> Release:
    """A release of two years of 阳高县."""
    return make(
        tmp_path,
        {
            A: document(year=2020, form="2019", values={"apply.new@total": 7.0}),
            B: document(
                year=2021,
                values={"apply.new@total": 9.0, "fee.admin.amount": "1.5 万元", "apply.carried_in@total": "blank"},
                flags={"apply.new@total": "loose_row"},
                checks=["fail", "pass"],
            ),
        },
    )


def test_rows_are_what_the_documents_say(released: Release) -> None:
    assert released.rows == {
        "checks": 9, "figures": 398, "leftovers": 2, "narrative": 2, "outcomes": 1, "panel": 2, "reports": 2,
        "sections": 2,
    }  # fmt: skip
    assert released.reports_by_year == {2020: 1, 2021: 1}
    report = load(released, "reports").iloc[1].to_dict()
    assert report["report_id"].startswith("140221-2021-")
    assert (report["lineage_code"], report["province"], report["prefecture"], report["county"]) == (
        "140221", "山西省", "大同市", "阳高县",
    )  # fmt: skip
    assert (report["body"], report["report_year"], report["url"], report["form"]) == (COUNTY, 2021, B, "2021")
    assert (report["cells_reported"], report["cells_flagged"], report["checks_failed"], report["flags"]) == (
        199,
        1,
        1,
        "",
    )
    assert figure(released, 2020, "apply.new", "total")["value"] == 7
    money = figure(released, 2021, "fee.admin.amount", "")
    assert (money["value"], money["unit"], money["raw"], money["table_no"]) == (1.5, "万元", "1.5", 2)
    blank = figure(released, 2021, "apply.carried_in", "total")
    assert pd.isna(blank["value"])
    assert blank["status"] == "blank"
    check = load(released, "checks").iloc[0]
    assert (check["result"], check["cells"]) == ("fail", "apply.new@total apply.carried_in@total")


def test_duckdb_reads_what_pandas_reads(released: Release) -> None:
    pattern = str(released.path.parent / "latest" / "figures" / "*" / "*.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT report_year, count(*), sum(value) FROM read_parquet($1, hive_partitioning = true)"
            " GROUP BY report_year ORDER BY report_year",
            [pattern],
        ).fetchall()
    assert found == [(2020, 198, 7.0), (2021, 200, 10.5)]


def test_every_table_loads_even_when_it_is_empty(tmp_path: Path) -> None:
    release = make(tmp_path, {A: document(form="")})
    for table in TABLES:
        assert "report_year" in load(release, table).columns
    assert release.rows["figures"] == 0
    assert list(load(release, "checks").columns) == [*(column.name for column in CHECKS.columns), "report_year"]


def test_names_and_types_are_those_of_the_schema(released: Release) -> None:
    path = next((released.path / "figures" / "report_year=2021").glob("*.parquet"))
    schema = pq.read_schema(path)
    assert schema.equals(FIGURES.schema, check_metadata=True)
    assert path.name == f"{released.release_id}-0.parquet"
    assert schema.field("page").metadata[b"label_en"] == b"Page of the document, from 1; 0: the source has no pages"
    package = json.loads((released.path / "datapackage.json").read_text(encoding="utf-8"))
    fields = {each["name"]: [field["name"] for field in each["schema"]["fields"]] for each in package["resources"]}
    assert set(fields) == set(TABLES)
    assert fields["reports"] == [column.name for column in REPORTS.columns]
    assert fields["outcomes"] == [column.name for column in OUTCOMES.columns]


def test_the_same_archive_gives_the_same_bytes(tmp_path: Path) -> None:
    documents = {f"http://a.example/{n}": document(year=2020 + n % 3, body=f"机关{n % 25}") for n in range(40)}
    documents["http://a.example/bad"] = document(raises="no table")
    one = make(tmp_path / "one", documents)
    two = make(tmp_path / "two", dict(reversed(documents.items())), workers=2)
    assert contents(one) == contents(two)
    assert one.rows["figures"] > 5000


def test_a_second_build_gives_the_release_that_is_there(released: Release, tmp_path: Path) -> None:
    seen: list[int] = []
    archive = tmp_path / "archive"
    again = build(
        archive,
        tmp_path / "releases",
        reader=read_json,
        open_archive=FakeArchive,
        on_progress=lambda *n: seen.append(n[0]),
    )
    assert again == released
    assert seen == []


def test_a_damaged_release_is_found_and_built_again(released: Release, tmp_path: Path) -> None:
    before = contents(released)
    victim = next((released.path / "figures" / "report_year=2020").glob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1])
    (released.path / "CHANGES.md").unlink()
    (released.path / "stray.txt").write_text("?", encoding="utf-8")
    assert verify_release(released.path) == [
        f"figures/report_year=2020/{victim.name}: not the bytes that were published",
        "CHANGES.md: absent",
        "stray.txt: not part of the release",
    ]
    again = build(tmp_path / "archive", tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    assert contents(again) == before
    assert verify_release(again.path) == []


def test_progress_counts_documents(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    documents = {f"http://a.example/{n}": document(body=f"机关{n}") for n in range(20)}
    make(tmp_path, documents, on_progress=lambda *counts: seen.append(counts))
    assert seen == [(16, 20), (20, 20)]


def test_a_build_that_fails_leaves_the_old_release(released: Release, tmp_path: Path) -> None:
    before = contents(released)
    with pytest.raises(
        GateError, match=f"1 documents in the archive, 1 of them unreadable \\({C}: unreadable: ValueError: broken\\)"
    ):
        make(tmp_path, {C: document(raises="broken")}, "worse")
    assert contents(load_release(tmp_path / "releases")) == before
    assert sorted(path.name for path in (tmp_path / "releases").iterdir() if "readings" not in path.name) == [
        ".build.lock",
        "latest",
        released.release_id,
    ]


def test_a_killed_build_leaves_the_old_release_and_the_next_one_works(released: Release, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    archive = write_archive(tmp_path / "killed", {A: document(), B: document(dies=True)})
    program = (
        "from pathlib import Path; from normalize.release import build; from tests.fake_archive import *;"
        f"build(Path({str(archive)!r}), Path({str(releases)!r}), reader=read_json, open_archive=FakeArchive)"
    )
    root = Path(__file__).parent.parent
    killed = subprocess.run([sys.executable, "-c", program], cwd=root, check=False, timeout=60)
    assert killed.returncode == 9
    assert [path.name for path in releases.glob(".build-*")] != []
    assert load_release(releases) == released
    assert verify_release(releases) == []
    after = make(tmp_path, {A: document(year=2020, form="2019"), B: document(year=2021)}, "better")
    assert list(releases.glob(".build-*")) == []
    assert load_release(releases) == after != released


@pytest.mark.fault("two runs at once")
def test_two_builds_at_once(tmp_path: Path) -> None:
    second = partial(make, tmp_path, {A: document()}, "other")

    def meddle(*_: int) -> None:
        with pytest.raises(ReleaseError, match=f"releases: process {os.getpid()} is building here; wait"):
            second()

    first = make(tmp_path, {A: document(), B: document(body="阳高县财政局")}, on_progress=meddle)
    assert first.rows["reports"] == 2


def test_figures_that_are_not_as_the_form_says_are_not_published(tmp_path: Path) -> None:
    with pytest.raises(
        GateError, match=r"1 reports have wrong figures: 140221-2023-\w+: 150 figures, form 2021 has 200 or 207"
    ):
        make(tmp_path, {A: document(first_figures=150), B: document(year=2022)})
    assert not (tmp_path / "releases" / "latest").exists()


def test_a_release_may_not_shrink_unless_it_is_allowed(tmp_path: Path) -> None:
    documents = {f"http://a.example/{n}": document(body=f"机关{n}", year=2022) for n in range(10)}
    before = make(tmp_path, documents, "before")
    fewer = dict(list(documents.items())[:8])
    with pytest.raises(GateError, match="2022: 10 before, 8 now; all years: 10 before, 8 now"):
        make(tmp_path, fewer, "after")
    assert load_release(tmp_path / "releases") == before
    after = make(tmp_path, fewer, "after", allow_shrink=True)
    notes = ["shrinking was allowed: 2022: 10 before, 8 now", "shrinking was allowed: all years: 10 before, 8 now"]
    assert after.manifest["gates"] == notes
    text = (after.path / "CHANGES.md").read_text(encoding="utf-8")
    assert "| 2022 | 0 | 0 | 2 |" in text
    assert f"- {notes[0]}" in text


def test_a_year_that_grows_much_is_told(tmp_path: Path) -> None:
    documents = {f"http://a.example/{n}": document(body=f"机关{n}", year=2022) for n in range(31)}
    make(tmp_path, dict(list(documents.items())[:20]), "before")
    after = make(tmp_path, documents, "after")
    note = "far more reports than before, look at them: 2022: 20 before, 31 now"
    assert after.manifest["gates"] == [note]
    assert f"## Gates\n\n- {note}" in (after.path / "CHANGES.md").read_text(encoding="utf-8")
    assert make(tmp_path, {**documents, A: document(year=2021)}, "more").manifest["gates"] == ["passed"]


def test_nine_tenths_are_enough(tmp_path: Path) -> None:
    documents = {f"http://a.example/{n}": document(body=f"机关{n}", year=2022) for n in range(10)}
    make(tmp_path, documents, "before")
    assert make(tmp_path, dict(list(documents.items())[:9]), "after").rows["reports"] == 9


def test_changes_are_counted_by_year(tmp_path: Path) -> None:
    before = make(tmp_path, {A: document(), B: document(year=2022)}, "before")
    assert "The first release" in (before.path / "CHANGES.md").read_text(encoding="utf-8")
    changed = document(
        values={"apply.new@total": 4.0, "apply.new@natural_person": 4.0, "permit.licence.decisions": "blank"}
    )
    after = make(tmp_path, {A: changed, B: document(year=2022), C: document(year=2024)}, "after")
    assert (after.path / "CHANGES.md").read_text(encoding="utf-8").splitlines() == [
        f"# {after.release_id}", "", f"Against {before.release_id}:", "",
        "| Report year | Reports added | Figures revised | Reports withdrawn |", "| ---: | ---: | ---: | ---: |",
        "| 2023 | 0 | 3 | 0 |", "| 2024 | 1 | 0 | 0 |", "", "## Revised values", "",
        "- revised by the body: 0 figures added, 3 revised, 0 gone, in 1 reports;"
        " most: apply.new (2), permit.licence.decisions (1)",
    ]  # fmt: skip
    assert after.manifest["previous"] == before.release_id


def test_the_same_report_at_two_addresses_is_one(tmp_path: Path) -> None:
    release = make(tmp_path, {C: document(), A: document(), B: document()})
    assert flags(release) == {A: "duplicate_dropped"}
    assert release.rows["figures"] == 200
    leftovers = load(release, "leftovers")
    assert leftovers.loc[leftovers["reason"] == "duplicate_dropped", "raw"].tolist() == [B, C]


def test_two_versions_of_a_report_are_both_kept(tmp_path: Path) -> None:
    old = document(published="2024-01-31", values={"apply.new@total": 1.0}, report_flags=["mojibake"])
    new = document(published="2024-05-05", values={"apply.new@total": 2.0})
    release = make(tmp_path, {A: new, B: old})
    assert flags(release) == {A: "versions_differ", B: "mojibake versions_differ"}
    panel = load(release, "panel")
    assert panel["h_apply_received"].tolist() == [2.0]
    assert panel["flags"].tolist() == ["versions_differ"]


def test_a_page_without_a_table_is_no_other_version(tmp_path: Path) -> None:
    release = make(tmp_path, {A: document(published="2023-12-31"), B: document(form="", published="2024-06-01")})
    assert flags(release) == {A: "several_files"}
    assert load(release, "panel")["form"].tolist() == ["2021"]


def test_reports_of_unknown_body_or_year_are_not_taken_for_one_another(tmp_path: Path) -> None:
    release = make(tmp_path, {A: document(body=""), B: document(body=""), C: document(year=0)})
    assert flags(release) == {A: "", B: "", C: ""}
    assert release.reports_by_year == {0: 1, 2023: 2}


def test_a_division_the_table_does_not_know_is_flagged(tmp_path: Path) -> None:
    release = make(tmp_path, {A: document(division_code="999999"), B: document(division_code="320323")})
    assert flags(release) == {A: "division_unknown", B: "division_of_other_year"}
    assert load(release, "reports").set_index("url")["lineage_code"].to_dict() == {A: "", B: "320312"}


def test_a_document_that_cannot_be_read_costs_itself(tmp_path: Path) -> None:
    lost = "http://a.example/lost"
    broken = {B: document(raises="no \ud800 table"), C: document(unreadable="empty"), lost: document()}
    release = make(tmp_path, {A: document(), **broken})
    assert flags(release) == {A: "", B: "unreadable", C: "unreadable", lost: "unreadable"}
    assert release.manifest["unreadable"] == 3
    leftovers = load(release, "leftovers")
    reasons = leftovers[leftovers["reason"].str.startswith("unreadable")].set_index("raw")["reason"].to_dict()
    assert reasons == {
        B: "unreadable: ValueError: no ? table",
        C: f"unreadable: empty: {C}: nothing to read",
        lost: "unreadable: PayloadError: run-00000.warc.gz at byte 0",
    }
    assert load(release, "reports").set_index("url").loc[B, "report_year"] == 0


def test_a_figure_that_parquet_cannot_hold_costs_its_document(tmp_path: Path) -> None:
    release = make(tmp_path, {A: document(values={"apply.new@total": float("nan")}), B: document()})
    assert flags(release) == {A: "unreadable", B: ""}


@pytest.mark.fault("reader that dies")
def test_a_document_that_kills_its_process_costs_itself(tmp_path: Path) -> None:
    documents = {f"http://a.example/{n}": document(body=f"机关{n}") for n in range(20)}
    killer = "http://a.example/killer"
    release = make(tmp_path, {**documents, killer: document(dies=True)}, workers=2)
    assert [url for url, flag in flags(release).items() if flag] == [killer]
    assert flags(release)[killer] == "unreadable"
    assert release.rows["figures"] == 20 * 200


def test_only_pages_and_attachments_that_were_received_are_read(tmp_path: Path) -> None:
    captures = {
        B: {"http_status": 404},
        C: {"kind": "list"},
        "http://a.example/pdf": {"kind": "attachment", "media_type": "application/pdf"},
        "http://a.example/txt": {"kind": "attachment"},
        "http://a.example/torn": {"sha256": ""},
    }
    documents = {url: document(body=url) for url in (A, *captures)}
    release = make(tmp_path, documents, captures=captures)
    assert sorted(flags(release)) == [A, "http://a.example/pdf", "http://a.example/txt"]


def test_the_newest_capture_of_an_address_counts(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", {A: document()}, {A: {"fetched_at": "2025-01-01T00:00:00Z"}})
    content = json.loads((archive / "archive.json").read_text(encoding="utf-8"))
    newest, gone = dict(content["captures"][0]), dict(content["captures"][0])
    newest.update(fetched_at="2025-02-02T00:00:00Z", list_title="新")
    gone.update(fetched_at="2025-03-03T00:00:00Z", http_status=404)
    content["captures"] = [newest, gone, *content["captures"]]
    (archive / "archive.json").write_text(json.dumps(content), encoding="utf-8")
    release = build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    assert load(release, "reports")[["title", "fetched_at"]].to_numpy().tolist() == [["新", "2025-01-01T00:00:00Z"]]
    assert release.manifest["data_as_of"] == "2025-02-02T00:00:00Z"


def test_latest_is_followed_once(released: Release, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    assert (releases / "latest").readlink() == Path(released.release_id)
    for place in (releases, releases / "latest", released.path):
        assert load_release(place).path == released.path


def test_no_release_and_a_damaged_manifest_are_told(released: Release, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release here; build one with: gongkai build --releases"):
        load_release(tmp_path / "nowhere")
    (released.path / "release.json").write_text("{", encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"release\.json: damaged"):
        load_release(released.path)


def test_latest_that_is_no_link_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "releases" / "latest").mkdir(parents=True)
    with pytest.raises(ReleaseError, match="latest: is no link; move it away"):
        make(tmp_path, {A: document()})


def test_row_groups_end_at_their_size_and_keep_the_order(tmp_path: Path) -> None:
    columns = (Column("name", STRING, "名", "Name"), Column("number", INT, "数", "Number"))
    table = Table("small", "小", "Small", columns, key=("name",), sort=("name",), group_rows=2)
    with TableWriter(tmp_path, "r1", table, 2023) as writer:
        for number in range(5):
            writer.add(batch_of(table.schema, [(f"n{number}", number)]))
        (file,) = writer.finish()
    found = pq.ParquetFile(tmp_path / file.path)
    assert (file.path, file.rows, found.num_row_groups) == ("small/report_year=2023/r1-0.parquet", 5, 3)
    assert found.read()["number"].to_pylist() == [0, 1, 2, 3, 4]


@pytest.fixture
def suqian(tmp_path: Path) -> Release:
    """The real figures of 宿迁市 2023 and 2024, from a WARC archive through the real readers."""
    with closing(open_writer(tmp_path / "archive")) as writer:
        for year in (2023, 2024):
            page = (CASES / f"suqian-{year}" / "source.html").read_bytes()
            headers = {"Content-Type": "text/html; charset=utf-8"}
            put(writer, f"http://a.example/{year}.html", page, headers=headers, portal_code="321300")
        found = Outcome("321300", "宿迁市", 2023, "found", "http://a.example/2023.html", "", writer.run_id)
        writer.write_outcomes([found])
    return build(tmp_path / "archive", tmp_path / "releases")


def test_real_reports_from_archive_to_diff(suqian: Release) -> None:
    assert suqian.reports_by_year == {2023: 1, 2024: 1}
    for year in (2023, 2024):
        with (CASES / f"suqian-{year}" / "expected.csv").open(encoding="utf-8", newline="") as file:
            expected = {
                (row["indicator"], row["applicant"], row["status"], float(row["value"]) if row["value"] else None)
                for row in csv.DictReader(file)
            }
        rows = load(suqian, "figures").query("report_year == @year").replace({float("nan"): None})
        found = rows[["indicator", "applicant", "status", "value"]].itertuples(index=False, name=None)
        assert len(expected) == 200
        assert set(found) == expected
    changed = years(suqian.path, 2023, 2024, body="宿迁市人民政府", indicator="apply.new")
    total = changed[changed["applicant"] == "total"].iloc[0]
    assert (total["value_2023"], total["value_2024"], total["change"]) == (3511.0, 3525.0, 14.0)


@pytest.mark.slow
def test_real_reports_are_the_same_with_more_workers(suqian: Release, tmp_path: Path) -> None:
    again = build(tmp_path / "archive", tmp_path / "again", workers=2)
    assert contents(again) == contents(suqian)
