"""Where a division code lay in a given year, from ``data/divisions.csv``."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DIVISIONS = Path(__file__).resolve().parent.parent / "data" / "divisions.csv"
COLUMNS = ("code", "name", "province", "prefecture", "level", "valid_from", "valid_to", "lineage_code")
STILL_VALID = 9999

UNKNOWN = "division_unknown"
OTHER_YEAR = "division_of_other_year"


class DivisionsError(Exception):
    """The division table is damaged; names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Place:
    """A division in one year; ``flag`` says that the code is unknown or was not valid in that year."""

    lineage_code: str = ""
    province: str = ""
    prefecture: str = ""
    county: str = ""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class _Record:
    valid_from: int
    valid_to: int
    place: Place

    def distance(self, year: int) -> int:
        return max(self.valid_from - year, year - self.valid_to, 0)


class Divisions:
    """The division table, by code and year."""

    def __init__(self, path: Path = DIVISIONS) -> None:
        self._records: dict[str, list[_Record]] = defaultdict(list)
        for line, row in enumerate(_rows(path), 2):
            try:
                self._records[row["code"]].append(_record(row))
            except ValueError as error:
                raise DivisionsError(f"{path}, line {line}: {error}; make the table again") from error

    def place(self, code: str, year: int) -> Place:
        """The division ``code`` in ``year``; the nearest record in time, flagged, where none was valid then.

        Year 0 (unknown) takes the newest record. A code the table does not know gives an empty, flagged place.
        """
        records = self._records.get(code)
        if not records:
            return Place(flag=UNKNOWN)
        if year == 0:
            return max(records, key=lambda record: record.valid_to).place
        nearest = min(records, key=lambda record: (record.distance(year), -record.valid_to))
        if nearest.distance(year) == 0:
            return nearest.place
        place = nearest.place
        return Place(place.lineage_code, place.province, place.prefecture, place.county, OTHER_YEAR)


@cache
def all_divisions() -> Divisions:
    """The table of ``data/divisions.csv``, read once."""
    return Divisions()


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            absent = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if absent:
                raise DivisionsError(f"{path}, line 1: no column {', '.join(absent)}; make the table again")
            return list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DivisionsError(f"{path}: cannot be read ({error}); restore it from the repository") from error


def _record(row: dict[str, str]) -> _Record:
    level, name = row["level"], row["name"]
    if level not in ("province", "city", "county"):
        raise ValueError(f"level {level!r} is not province, city or county")
    place = Place(
        row["lineage_code"],
        name if level == "province" else row["province"],
        name if level == "city" else row["prefecture"],
        name if level == "county" else "",
    )
    return _Record(int(row["valid_from"]), int(row["valid_to"] or STILL_VALID), place)
