"""Where a division code lay in a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normalize.divisions import Divisions, DivisionsError, Place, all_divisions

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "code,name,province,prefecture,level,valid_from,valid_to,successors,lineage_code\n"
TONGSHAN = Place("320312", "江苏省", "徐州市", "铜山县")


@pytest.mark.parametrize(
    ("code", "year", "place"),
    [
        ("140221", 2020, Place("140221", "山西省", "大同市", "阳高县")),
        ("140200", 2020, Place("140200", "山西省", "大同市", "")),
        ("140000", 2020, Place("140000", "山西省", "", "")),
        ("320323", 2009, TONGSHAN),
        ("320323", 2010, Place("320312", "江苏省", "徐州市", "铜山县", "division_of_other_year")),
        ("320323", 0, TONGSHAN),
        ("999999", 2020, Place(flag="division_unknown")),
        ("", 2020, Place(flag="division_unknown")),
    ],
)
def test_place(code: str, year: int, place: Place) -> None:
    assert all_divisions().place(code, year) == place


def test_a_code_that_was_used_again_is_told_by_year(tmp_path: Path) -> None:
    path = tmp_path / "divisions.csv"
    path.write_text(
        f"{HEADER}1,甲县,某省,某市,county,2008,2012,,2\n1,甲市,某省,某市,county,2013,,,1\n", encoding="utf-8"
    )
    divisions = Divisions(path)
    assert [divisions.place("1", year).county for year in (2012, 2013, 0)] == ["甲县", "甲市", "甲市"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,name\n", "line 1: no column province, prefecture, level, valid_from, valid_to, lineage_code"),
        (f"{HEADER}1,甲县,某省,某市,county,soon,,,1\n", "line 2: invalid literal"),
        (f"{HEADER}1,甲县,某省,某市,shire,2008,,,1\n", "line 2: level 'shire' is not province, city or county"),
    ],
)
def test_a_damaged_table_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "divisions.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DivisionsError, match=message):
        Divisions(path)


def test_an_absent_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(DivisionsError, match=r"divisions\.csv: cannot be read"):
        Divisions(tmp_path / "divisions.csv")
