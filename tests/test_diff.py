"""Two years side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from normalize.database import connect
from normalize.diff import DiffError, years
from normalize.published import ReleaseError
from normalize.release import build
from tests.fake_archive import COUNTY, FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CITY = "大同市人民政府"


def publish(tmp_path: Path, *documents: Mapping[str, Any]) -> Path:
    """Publish a release of documents; the folder of releases."""
    archive = write_archive(tmp_path / "archive", {f"http://a.example/{n}": dict(d) for n, d in enumerate(documents)})
    build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    return tmp_path / "releases"


def row(found: pd.DataFrame, indicator: str, applicant: str = "") -> dict[str, Any]:
    """The one row of an indicator and applicant."""
    (only,) = found[(found["indicator"] == indicator) & (found["applicant"] == applicant)].to_dict("records")
    return {str(name): None if pd.isna(cell) else cell for name, cell in only.items()}


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """阳高县 2020 (form 2019), 2023 and 2024 (form 2021), 大同市 2023 and 2024."""
    return publish(
        tmp_path_factory.mktemp("diff"),
        document(year=2020, form="2019", values={"apply.new@total": 10.0}),
        document(
            year=2023,
            values={
                "apply.new@total": 200.0, "apply.new@natural_person": "blank", "fee.admin.amount": "1.5 万元",
                "proactive.rules.issued": 0.0, "proactive.normdocs.issued": 0.3,
            },
            flags={"apply.new@total": "sum_differs"},
        ),
        document(
            year=2024,
            values={
                "apply.new@total": 250.0, "apply.new@natural_person": 4.0, "fee.admin.amount": "20000 元",
                "proactive.rules.issued": 3.0, "proactive.normdocs.issued": 0.1, "review.recon.total": "ambiguous",
            },
            flags={"apply.new@total": "sum_differs loose"},
        ),
        document(body=CITY, year=2023, division_code="140200", values={"apply.new@total": 1.0}),
        document(body=CITY, year=2024, division_code="140200", values={"apply.new@total": 1.0}),
    )  # fmt: skip


def test_numbers_change_and_percent(releases: Path) -> None:
    found = row(years(releases, 2023, 2024, body=COUNTY), "apply.new", "total")
    assert found == {
        "division_code": "140221", "body": COUNTY, "indicator": "apply.new", "applicant": "total",
        "label": "本年新收政府信息公开申请数量·总计",
        "label_en": "Requests newly received this year, All applicants", "unit": "件",
        "value_2023": 200.0, "value_2024": 250.0, "status_2023": "reported", "status_2024": "reported",
        "change": 50.0, "percent": 25.0, "comparable": "comparable", "lineage": "",
        "note": "flags 2023: sum_differs; flags 2024: sum_differs loose",
    }  # fmt: skip


def test_all_figures_of_both_years_stand_in_the_order_of_the_form(releases: Path) -> None:
    found = years(str(releases), 2023, 2024)
    assert len(found) == 400
    assert found["body"].unique().tolist() == [CITY, COUNTY]
    assert found["indicator"].iloc[0] == "proactive.rules.issued"
    assert found["indicator"].iloc[199] == "review.suit_after_recon.total"


def test_no_percent_of_zero_and_no_dust_in_differences(releases: Path) -> None:
    found = years(releases, 2023, 2024, body=COUNTY)
    rules = row(found, "proactive.rules.issued")
    assert (rules["change"], rules["percent"]) == (3.0, None)
    normdocs = row(found, "proactive.normdocs.issued")
    assert (normdocs["change"], normdocs["percent"]) == (-0.2, -66.67)


def test_what_is_not_reported_is_not_compared(releases: Path) -> None:
    found = years(releases, 2023, 2024, body=COUNTY)
    blank = row(found, "apply.new", "natural_person")
    assert (blank["value_2023"], blank["value_2024"], blank["change"]) == (None, 4.0, None)
    assert blank["note"] == "not reported: blank → reported"
    ambiguous = row(found, "review.recon.total")
    assert (ambiguous["change"], ambiguous["note"]) == (None, "not reported: reported → ambiguous")


def test_money_in_different_units_is_compared_in_yuan(releases: Path) -> None:
    found = row(years(releases, 2023, 2024, body=COUNTY), "fee.admin.amount")
    assert (found["value_2023"], found["value_2024"], found["unit"]) == (15000.0, 20000.0, "元")
    assert (found["change"], found["percent"]) == (5000.0, 33.33)
    assert found["note"] == "units differ: 万元 → 元, compared in 元"


def test_money_without_a_unit_is_not_compared(tmp_path: Path) -> None:
    place = publish(
        tmp_path,
        document(year=2023, values={"fee.admin.amount": 7.0}),
        document(year=2024, values={"fee.admin.amount": "7 万元"}),
    )
    found = row(years(place, 2023, 2024), "fee.admin.amount")
    assert (found["value_2023"], found["value_2024"], found["change"], found["unit"]) == (7.0, 7.0, None, "")
    assert found["note"] == "units differ: none → 万元, not compared"


def test_a_change_of_form_is_told(releases: Path) -> None:
    found = years(releases, 2020, 2023, body=COUNTY)
    assert row(found, "apply.new", "total")["note"] == "form changed: 2019 → 2021; flags 2023: sum_differs"
    new = row(found, "proactive.rules.in_force")
    assert (new["value_2020"], new["status_2020"]) == (None, "not_in_form")
    assert new["note"] == "form changed: 2019 → 2021; not reported: not_in_form → reported"


def test_a_year_without_a_report(releases: Path) -> None:
    found = row(years(releases, 2020, 2024, body=CITY), "apply.new", "total")
    assert (found["status_2020"], found["status_2024"], found["value_2024"], found["change"]) == (
        "no_report", "reported", 1.0, None,
    )  # fmt: skip
    assert found["note"] == "not reported: no_report → reported"


def test_filters(releases: Path) -> None:
    assert set(years(releases, 2023, 2024, division="140221")["body"]) == {COUNTY}
    assert set(years(releases, 2023, 2024, division="1402")["body"]) == {COUNTY, CITY}
    assert len(years(releases, 2023, 2024, body=CITY, indicator="apply.new")) == 7
    assert set(years(releases, 2023, 2024, indicator="review.recon")["indicator"].str.rsplit(".", n=1).str[0]) == {
        "review.recon"
    }


def test_a_renamed_county_stays_the_same(tmp_path: Path) -> None:
    place = publish(
        tmp_path,
        document(
            body="铜山县人民政府", year=2009, form="2019", division_code="320323", values={"apply.new@total": 1.0}
        ),
        document(
            body="铜山区人民政府", year=2010, form="2019", division_code="320312", values={"apply.new@total": 3.0}
        ),
    )
    for body in ("铜山县人民政府", "铜山区人民政府"):
        found = row(years(place, 2009, 2010, body=body), "apply.new", "total")
        assert (found["division_code"], found["body"], found["change"]) == ("320312", "铜山区人民政府", 2.0)
        assert found["note"] == "division changed: 320323 铜山县人民政府 → 320312 铜山区人民政府"


def test_of_two_versions_the_panel_s_is_compared(tmp_path: Path) -> None:
    place = publish(
        tmp_path,
        document(year=2023, values={"apply.new@total": 1.0}),
        document(year=2024, values={"apply.new@total": 2.0}, published="2025-01-20"),
        document(year=2024, values={"apply.new@total": 5.0}, published="2025-03-20"),
    )
    found = row(years(place, 2023, 2024), "apply.new", "total")
    assert (found["change"], found["note"]) == (4.0, "versions differ in 2024")


@pytest.mark.parametrize(
    ("first", "second", "asked", "message"),
    [
        (2023, 2023, {}, "2023 and 2023 are the same year; name two"),
        (2023, 2030, {}, "no report of 2030; years with reports: 2020, 2023, 2024"),
        (2023, 2024, {"body": "阳高县政府"}, f"no body '阳高县政府' in 2023 or 2024; close to it: {COUNTY}"),
        (2023, 2024, {"body": "x"}, "no body 'x' in 2023 or 2024$"),
        (2023, 2024, {"division": "140222"}, "no division '140222' in 2023 or 2024; close to it: 140221, 140200"),
        (2023, 2024, {"indicator": "apply.mew"}, "no indicator 'apply.mew' in the codebook; close to it: apply.new"),
        (2023, 2024, {"body": "'; DROP TABLE picked; --"}, "no body"),
    ],
)
def test_what_is_not_there_is_told(
    releases: Path, first: int, second: int, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(DiffError, match=message):
        years(releases, first, second, **asked)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    place = publish(tmp_path, document(year=2023), document(year=2024))
    for damage in (b"PAR1", b""):
        next(place.glob("latest/figures/report_year=2024/*.parquet")).write_bytes(damage)
        with pytest.raises(ReleaseError, match=r"cannot be read \(.*2024.*\); see what is damaged with"):
            years(place, 2023, 2024)


def test_a_file_damaged_in_its_middle_is_told(tmp_path: Path) -> None:
    place = publish(tmp_path, document(year=2023), document(year=2024))
    damaged = next(place.glob("latest/figures/report_year=2024/*.parquet"))
    data = bytearray(damaged.read_bytes())
    data[100:2000] = bytes(1900)
    damaged.write_bytes(data)
    with pytest.raises(ReleaseError, match=r"cannot be read"):
        years(place, 2023, 2024)


def test_what_can_be_compared(tmp_path: Path) -> None:
    place = publish(
        tmp_path,
        document(
            year=2020, form="2019", values={"permit.licence.decisions": 5.0, "enforce.penalty.decisions": "blank"}
        ),
        document(year=2021, values={"permit.licence.decisions": 50.0}),
        document(year=2022, values={"permit.licence.decisions": 60.0}),
    )
    across = years(place, 2020, 2021)
    broken = row(across, "permit.licence.decisions")
    assert broken["comparable"] == "caliber break"
    assert broken["note"] == (
        "form changed: 2019 → 2021; caliber break: break in 2021: all decisions, disclosed or not"
    )
    assert row(across, "apply.new", "total")["comparable"] == "form changed"
    assert row(across, "enforce.penalty.decisions")["comparable"] == "not reported"
    assert row(years(place, 2021, 2022), "permit.licence.decisions")["comparable"] == "comparable"
    assert row(years(place, 2021, 2020), "permit.licence.decisions")["comparable"] == "caliber break"


def test_by_series(tmp_path: Path) -> None:
    place = publish(
        tmp_path,
        document(year=2020, form="2019", values={"apply.new@total": 5.0, "proactive.normdocs.made_new": 4.0,
                                                 "apply.carried_out@total": "blank"}),
        document(year=2021, values={"apply.new@total": 8.0, "proactive.normdocs.issued": 6.0}),
    )  # fmt: skip
    found = years(place, 2020, 2021, series=True)
    assert len(found) == 20
    received = row(found, "h.apply.received")
    assert (received["change"], received["comparable"], received["label"]) == (3.0, "comparable", "新收申请")
    issued = row(found, "h.normdocs.issued")
    assert (issued["value_2020"], issued["value_2021"], issued["comparable"]) == (4.0, 6.0, "caliber break")
    assert "administrative normative documents only" in issued["note"]
    pending = row(found, "h.apply.pending")
    assert (pending["status_2020"], pending["comparable"]) == ("not_reported", "not reported")
    assert "flags 2020: blank_operand" in pending["note"]
    assert row(found, "h.proactive.items")["status_2021"] == "not_in_form"
    assert len(years(place, 2020, 2021, series=True, indicator="h.review")) == 6
    with pytest.raises(
        DiffError, match=r"no series 'h\.apply\.recieved' in the codebook; close to it: h\.apply\.received"
    ):
        years(place, 2020, 2021, series=True, indicator="h.apply.recieved")


def test_by_province(releases: Path) -> None:
    for province in ("山西省", "14"):
        assert set(years(releases, 2023, 2024, province=province)["body"]) == {COUNTY, CITY}
    assert set(years(releases, 2023, 2024, province="山西省", division="1402")["body"]) == {COUNTY, CITY}
    with pytest.raises(DiffError, match="no province '山西' in the release; close to it: 山西省"):
        years(releases, 2023, 2024, province="山西")
    with pytest.raises(DiffError, match="division 32 is not in 山西省"):
        years(releases, 2023, 2024, province="山西省", division="32")


def test_counties_that_became_one(tmp_path: Path) -> None:
    place = publish(
        tmp_path,
        document("东城区人民政府", 2009, "2019", division_code="110101", values={"apply.new@total": 1.0}),
        document("崇文区人民政府", 2009, "2019", division_code="110103", values={"apply.new@total": 2.0}),
        document("东城区人民政府", 2010, "2019", division_code="110101", values={"apply.new@total": 9.0}),
    )
    found = years(place, 2009, 2010, indicator="apply.new")
    marks = found[found["applicant"] == "total"][["value_2009", "change", "lineage"]].to_numpy().tolist()
    assert marks == [[1.0, 8.0, ""], [2.0, 7.0, "merged"]]


def test_jumps_against_own_history_and_peers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def county(number: int, year: int, value: float) -> dict[str, Any]:
        code = f"1402{20 + number}" if number < 8 else f"1403{13 + number}"
        return document(f"县{number}人民政府", year, division_code=code, values={"apply.new@total": value})

    steady = {2021: 100.0, 2022: 110.0, 2023: 100.0, 2024: 104.0, 2025: 108.0}
    documents = [county(number, year, value) for number in range(12) for year, value in steady.items()]
    documents[4] = county(0, 2025, 900.0)
    documents.append(document("县0财政局", 2024, division_code="140220", body_level="department"))
    place = publish(tmp_path, *documents)
    found = years(place, 2024, 2025, indicator="apply.new", jumps=True)
    total = found[(found["applicant"] == "total") & found["change"].notna()].set_index("body")
    jumped = total.loc["县0人民政府"]
    assert jumped["jump"] == "history peers"
    assert (jumped["history_n"], jumped["peers_n"], jumped["peers_of"]) == (3, 11, 11)
    assert (round(jumped["history_median"], 1), round(jumped["peers_median"], 1)) == (9.9, 3.8)
    assert set(total.drop("县0人民政府")["jump"]) == {""}
    one = years(place, 2024, 2025, body="县0人民政府", indicator="apply.new", jumps=True)
    assert set(one["body"]) == {"县0人民政府"}
    assert row(one, "apply.new", "total")["peers_of"] == 11
    monkeypatch.setattr("normalize.jumps.CHANGES_AT_ONCE", 1)
    monkeypatch.setattr("normalize.jumps.PAIRS_AT_ONCE", 1)
    pd.testing.assert_frame_equal(years(place, 2024, 2025, indicator="apply.new", jumps=True), found)


def test_what_does_not_fit_into_memory_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = {f"http://a.example/{year}": document(year=year) for year in (2023, 2024)}
    archive = write_archive(tmp_path / "archive", documents)
    release = build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    monkeypatch.setattr("normalize.diff.LITTLE_MEMORY", "1MB")
    with pytest.raises(ReleaseError, match=r"does not fit into memory \(Out of Memory.*\); ask for less") as told:
        years(release.path, 2023, 2024)
    assert "\n" not in str(told.value)


def test_no_progress_bar_goes_to_standard_output(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        settings = [
            connection.execute(f"SELECT current_setting('{name}')").fetchone()
            for name in ("enable_progress_bar", "temp_directory")
        ]
    assert settings == [(False,), (str(tmp_path),)]
