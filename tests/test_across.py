"""Checks across years and bodies, on a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from normalize.codebook import applicant_codes, form_indicators
from normalize.release import build
from tests.fake_archive import COUNTY, FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from pathlib import Path

    from normalize.published import Release


def publish(tmp_path: Path, *documents: dict[str, Any], workers: int = 1) -> Release:
    archive = write_archive(tmp_path / "archive", {f"http://a.example/{n}": each for n, each in enumerate(documents)})
    return build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive, workers=workers)


def found(release: Release, check: str) -> list[tuple[Any, ...]]:
    """Year, applicant, result, left, right and cells of each row of a check."""
    rows = pd.read_parquet(release.path / "checks")
    rows = rows[rows["check"] == check].astype({"report_year": int})
    names = ["report_year", "applicant", "result", "left", "right", "cells"]
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in rows[names].itertuples(index=False)]


def flags(release: Release) -> dict[tuple[str, int], str]:
    rows = pd.read_parquet(release.path / "reports").astype({"report_year": int})
    return {(body, year): flag for body, year, flag in rows[["body", "report_year", "flags"]].itertuples(index=False)}


def column(applicant: str, start: int = 20) -> dict[str, float]:
    """Table three with another number in each row of one column."""
    rows = form_indicators("2021", "3")
    return {f"{each.code}@{applicant}": float(start + place) for place, each in enumerate(rows)}


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """阳高县 2019 to 2023: carried over rightly into 2020, wrongly into 2021, blank in 2022; no report of 2018."""
    return publish(
        tmp_path_factory.mktemp("carried"),
        document(year=2019, form="2019", values={
            "apply.carried_out@total": 3.0, "permit.licence.items_prev": 10.0, "permit.licence.items_change": -2.0,
        }),
        document(year=2020, form="2019", values={
            "apply.carried_in@total": 3.0, "apply.carried_out@total": 5.0, "permit.licence.items_prev": 8.0,
            "enforce.penalty.items_prev": 4.0, "apply.carried_out@org.other": 5.0,
        }),
        document(year=2021, values={"apply.carried_in@total": 4.0, "proactive.normdocs.in_force": 597.0}),
        document(year=2022, values={
            "apply.carried_in@total": "blank", "proactive.normdocs.in_force": 420.0, "proactive.normdocs.issued": 50.0,
            "proactive.normdocs.repealed": 227.0,
        }),
        document(year=2023, values={
            "apply.carried_out@total": "ambiguous", "proactive.normdocs.in_force": "blank",
            "proactive.normdocs.issued": 1.0,
        }),
    )  # fmt: skip


def test_carried_out_is_carried_in(carried: Release) -> None:
    names = "apply.carried_out@total[t-1] apply.carried_in@total"
    assert found(carried, "Y-01a") == [
        (2020, "", "pass", 3, 3, names),
        (2021, "", "fail", 5, 4, names),
        (2022, "", "pass", 0, 0, f"{names}=blank"),
        (2023, "", "pass", 0, 0, names),
    ]


def test_carried_over_by_applicant_without_the_total(carried: Release) -> None:
    rows = [row for row in found(carried, "Y-01b") if row[0] == 2021]
    assert [row[1] for row in rows] == list(applicant_codes()[:-1])
    assert [row[1:5] for row in rows if row[2] != "pass"] == [("org.other", "fail", 5, 0)]


def test_items_follow_only_from_2019_to_2020(carried: Release) -> None:
    assert [row[:5] for row in found(carried, "Y-02a")] == [(2020, "", "pass", 8, 8)]
    assert [row[:5] for row in found(carried, "Y-02c")] == [(2020, "", "fail", 4, 0)]


def test_documents_in_force(carried: Release) -> None:
    assert [row[:5] for row in found(carried, "Y-03a")] == [
        (2022, "", "pass", 420, 420),
        (2023, "", "not_evaluable", 0, 421),
    ]


def test_what_must_not_be_chained_is_not(carried: Release) -> None:
    assert found(carried, "Y-04") == found(carried, "Y-05") == []


def test_failures_count_in_the_report(carried: Release) -> None:
    reports = pd.read_parquet(carried.path / "reports")
    checks = pd.read_parquet(carried.path / "checks")
    failed = checks[checks["result"] == "fail"].groupby("report_id").size().to_dict()
    assert {row.report_id: row.checks_failed for row in reports.itertuples() if row.checks_failed} == failed
    assert sum(failed.values()) == 3


def test_another_scope_or_a_gap_is_no_year_before(tmp_path: Path) -> None:
    release = publish(
        tmp_path,
        document(year=2021, values={"apply.carried_out@total": 3.0}),
        document(year=2023),
        document(year=2021, body="阳高县财政局", body_level="department"),
        document(year=2022, body="阳高县民政局", body_level="department"),
    )
    assert found(release, "Y-01a") == []


def test_a_renamed_county_is_the_same(tmp_path: Path) -> None:
    release = publish(
        tmp_path,
        document("铜山县人民政府", 2009, "2019", division_code="320323", values={"apply.carried_out@total": 2.0}),
        document("铜山区人民政府", 2010, "2019", division_code="320312", values={"apply.carried_in@total": 1.0}),
    )
    assert [row[:5] for row in found(release, "Y-01a")] == [(2010, "", "fail", 2, 1)]


def test_a_report_that_repeats_last_year(tmp_path: Path) -> None:
    same = {"apply.new@total": 7.0, "permit.licence.decisions": 30.0}
    release = publish(
        tmp_path,
        document(year=2021, values=same),
        document(year=2022, values=same | {"review.recon.total": 4.0, "fee.admin.amount": "blank"}),
        document(year=2023, values=same | {"apply.new@total": 8.0}),
        document("天镇县人民政府", 2021, division_code="140222"),
        document("天镇县人民政府", 2022, division_code="140222"),
    )
    assert [row[:5] for row in found(release, "Y-06")] == [(2022, "", "fail", 2, 2), (2023, "", "pass", 1, 2)]
    assert {key: flag for key, flag in flags(release).items() if flag} == {(COUNTY, 2022): "copy_of_previous_year"}
    assert pd.read_parquet(release.path / "panel")["flags"].tolist().count("copy_of_previous_year") == 1


def test_two_bodies_with_one_table(tmp_path: Path) -> None:
    values = column("total")
    release = publish(
        tmp_path,
        document(values=values),
        document("天镇县人民政府", division_code="140222", values=values | {"apply.new@natural_person": 1.0}),
        document("广灵县人民政府", division_code="140223", values=values | {"apply.new@total": 999.0}),
        document("灵丘县人民政府", division_code="140224", values={"apply.new@total": 20.0}),
        document("天镇县人民政府", 2022, division_code="140222", values=values),
    )
    marked = {body for (body, _), flag in flags(release).items() if flag == "copy_of_another_body"}
    assert marked == {COUNTY, "天镇县人民政府"}
    rows = [row for row in found(release, "P-10") if row[0] == 2023]
    assert sorted(row[2:5] for row in rows) == [("fail", 25, 15), ("fail", 25, 15), ("pass", 0, 15)]
    partners = {row[5] for row in rows if row[2] == "fail"}
    assert {partner[:11] for partner in partners} == {"140221-2023", "140222-2023"}


def test_one_file_under_two_years(tmp_path: Path) -> None:
    archive = write_archive(
        tmp_path / "archive",
        {f"http://a.example/{n}": document(year=2021 + n, body=f"机关{n // 2}") for n in range(4)},
        {f"http://a.example/{n}": {"sha256": "5" * 64} for n in (0, 1)},
    )
    release = build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    assert {year: flag for (_, year), flag in flags(release).items()} == {
        2021: "same_file_two_years", 2022: "same_file_two_years", 2023: "", 2024: "",
    }  # fmt: skip


def test_far_more_requests_than_in_other_years(tmp_path: Path) -> None:
    years = {2020: 10.0, 2021: 12.0, 2022: 221.0, 2023: 11.0}
    documents = [
        document(year=year, form="2019" if year < 2021 else "2021", values={"apply.new@total": number})
        for year, number in years.items()
    ]
    release = publish(tmp_path, *documents)
    assert [row[:5] for row in found(release, "P-01b")] == [
        (2020, "", "pass", 10, None), (2021, "", "pass", 12, None), (2022, "", "fail", 221, 220),
        (2023, "", "pass", 11, None),
    ]  # fmt: skip


def test_a_median_of_one_year_is_none(tmp_path: Path) -> None:
    values = {"apply.new@total": 500.0}
    assert found(publish(tmp_path, document(year=2022), document(year=2023, values=values)), "P-01b") == []


def test_few_natural_persons(tmp_path: Path) -> None:
    release = publish(
        tmp_path,
        document(year=2021, values={"apply.result.total@total": 10.0, "apply.result.total@natural_person": 3.0}),
        document(year=2022, values={"apply.result.total@total": 10.0, "apply.result.total@natural_person": 2.0}),
        document(year=2023),
    )
    assert [row[:5] for row in found(release, "P-02")] == [(2021, "", "pass", 3, 3), (2022, "", "fail", 2, 3)]


def test_procurement_of_a_doubtful_unit(tmp_path: Path) -> None:
    def spent(amount: str | float, body: str) -> dict[str, Any]:
        values = {"procure.central.projects": 17.0, "procure.central.amount": amount}
        return document(body, 2020, "2019", values=values)

    release = publish(tmp_path, spent("3235727 元", "甲局"), spent("16.9 万元", "乙局"), spent("1.6 万元", "丙局"),
                      spent(4018.6, "丁局"))  # fmt: skip
    assert sorted((row[2], row[3], row[4]) for row in found(release, "P-05") if row[3] is not None) == [
        ("fail", 16000, 17000), ("pass", 169000, 17000), ("pass", 3235727, 17000),
    ]  # fmt: skip
    assert [row[2:5] for row in found(release, "P-05") if row[3] is None] == [("fail", None, 17000)]


def test_a_county_without_licences(tmp_path: Path) -> None:
    county = document(values={"enforce.penalty.decisions": 5.0}, scope="government", body_level="county")
    release = publish(tmp_path, county, document("阳高县财政局"))
    assert [(row[2], row[3], row[5]) for row in found(release, "P-06")] == [
        ("pass", 5, "enforce.penalty.decisions"),
        ("fail", 0, "permit.licence.decisions"),
    ]


def test_decisions_twentyfold(tmp_path: Path) -> None:
    release = publish(
        tmp_path,
        document(year=2020, form="2019", values={"permit.licence.decisions": 1.0}),
        document(year=2021, values={"permit.licence.decisions": 100.0, "enforce.penalty.decisions": 40.0}),
        document(year=2022, values={"permit.licence.decisions": 2000.0, "enforce.penalty.decisions": 1.0}),
    )
    assert [(row[0], *row[2:5]) for row in found(release, "P-08")] == [(2022, "fail", 1, 40), (2022, "pass", 2000, 100)]


def test_the_same_rows_with_more_workers(tmp_path: Path) -> None:
    documents = [document(year=2021 + n % 3, body=f"机关{n % 5}", values=column("total", n)) for n in range(15)]
    one, two = publish(tmp_path / "one", *documents), publish(tmp_path / "two", *documents, workers=2)
    assert one.manifest["parts"] == two.manifest["parts"]
    assert one.rows["checks"] == two.rows["checks"] > 100


def test_a_median_of_nought_is_no_measure(tmp_path: Path) -> None:
    years = {2021: 0.0, 2022: 0.0, 2023: 400.0}
    release = publish(tmp_path, *(document(year=y, values={"apply.new@total": n}) for y, n in years.items()))
    assert [row[2:5] for row in found(release, "P-01b")] == [("pass", 0, None), ("pass", 0, None), ("pass", 400, None)]


def test_how_many_are_evaluated_at_once_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [
        document(
            f"机关{number}", year, values={"apply.carried_out@total": 3.0, "apply.carried_in@total": float(number)}
        )
        for number in range(5)
        for year in (2022, 2023)
    ]
    together = publish(tmp_path / "together", *documents)
    monkeypatch.setattr("normalize.across.AT_ONCE", 2)
    apart = publish(tmp_path / "apart", *documents)
    assert [row[2] for row in found(apart, "Y-01a")].count("pass") == 1
    assert len(found(apart, "Y-01a")) == 5
    assert apart.manifest["files"] == together.manifest["files"]
