"""data/portals.csv: every row is complete, sorted, and about a division that exists."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

DATA = Path(__file__).parent.parent / "data"

Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PORTALS = read("portals.csv")


def test_columns_are_those_of_the_contract() -> None:
    columns = ["code", "name", "level", "home_url", "hub_url", "list_url", "family", "render", "status", "note"]
    assert list(PORTALS[0]) == columns


def test_counts_by_level_and_by_what_is_known() -> None:
    assert Counter(row["level"] for row in PORTALS) == {"province": 31, "city": 333, "county": 2841}
    assert sum(bool(row["hub_url"]) for row in PORTALS) == 2816
    assert sum(bool(row["list_url"]) for row in PORTALS) == 65


def test_families_are_named_only_where_they_were_recognised() -> None:
    families = Counter(row["family"] for row in PORTALS if row["family"])
    assert families.most_common(5) == [("ucap", 486), ("hanweb", 265), ("trs", 241), ("vsb", 116), ("lonsun", 93)]
    assert sum(families.values()) == 1477


def test_every_row_has_code_name_home_and_status() -> None:
    assert not [r for r in PORTALS if not (len(r["code"]) == 6 and r["code"].isdigit() and r["name"])]
    assert {row["status"] for row in PORTALS} == {"active"}


def test_every_address_is_http() -> None:
    addresses = [row[column] for row in PORTALS for column in ("home_url", "hub_url", "list_url") if row[column]]
    assert len(addresses) == 3205 + 2816 + 65
    bad = [url for url in addresses if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname]
    assert not bad
    assert not [url for url in addresses if url != url.strip() or " " in url]


def test_rows_are_unique_and_sorted_by_code() -> None:
    assert not [key for key, n in Counter((r["code"], r["home_url"]) for r in PORTALS).items() if n > 1]
    codes = [row["code"] for row in PORTALS]
    assert len(set(codes)) == 3205
    assert codes == sorted(codes)


def test_every_code_is_a_division_of_that_name_and_level() -> None:
    divisions = {(row["code"], row["name"], row["level"]) for row in read("divisions.csv")}
    assert not [r["code"] for r in PORTALS if (r["code"], r["name"], r["level"]) not in divisions]
