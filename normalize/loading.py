"""Loading a release into a DataFrame: the release is resolved once, and only what is asked for is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from rapidfuzz import process

from normalize.published import Release, ReleaseError, locate, opened
from normalize.schema import PARTITION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

RELEASES = Path("data/releases")
WIDE_KEYS = ("report_id", "division_code", PARTITION, "body_level", "form")
# Division codes stand in front of the report's identifier where a table has no column for them.
PLACED_BY = ("division_code", "report_id", "code")


class LoadError(ReleaseError):
    """What was asked for is not in the release; the text says what is."""


def load(
    table: str = "figures",
    release: str | Path = RELEASES,
    *,
    years: int | Iterable[int] | None = None,
    province: str | None = None,
    county: str | None = None,
    indicator: str | Iterable[str] | None = None,
    applicant: str | None = None,
    wide: bool = False,
) -> pd.DataFrame:
    """The rows of one table of a release, all or those asked for.

    ``release`` is a release, the link to one, or the folder of releases; on an object store (``s3://bucket/releases``)
    only what is asked for is read. ``years`` is a report year or several, ``province`` a name or two digits,
    ``county`` a county's name, a division code or the start of one, ``indicator`` a code, several, or the parts of a
    code before a dot, ``applicant`` a column of table three. ``wide`` gives one row a report with the figures' values
    side by side, named ``indicator`` or ``indicator@applicant``; what is not ``reported`` is null there.

    Raises LoadError where table, year, province, county or indicator is unknown, ReleaseError where there is no
    release or a file of it is damaged.
    """
    found = locate(Path(release))
    _check_known("table", table, {entry["table"] for entry in found.manifest["files"] if entry["table"]})
    if (wide or indicator or applicant) and table not in ("figures", "narrative"):
        raise LoadError(f"table {table} has no indicators; wide, indicator and applicant are for figures")
    with opened(found.path):
        dataset = _dataset(found, table, _years(found, years))
        asked = [_places(found, dataset.schema, province, county), _indicators(indicator)]
        if applicant is not None:
            asked.append(ds.field("applicant") == applicant)
        condition = None
        for each in asked:
            if each is not None:
                condition = each if condition is None else condition & each
        rows = dataset.to_table(filter=condition)
    frame: pd.DataFrame = rows.to_pandas()
    return _wide(frame) if wide else frame


def _dataset(release: Release, table: str, years: Collection[int] | None) -> ds.Dataset:
    """The files of a table as the manifest lists them: no folder is searched."""
    entries = [
        entry
        for entry in release.manifest["files"]
        if entry["table"] == table and (years is None or entry["report_year"] in years)
    ]
    partitioning = ds.partitioning(pa.schema([(PARTITION, pa.int32())]), flavor="hive")
    home = release.store.base if release.store else str(release.path)
    return ds.dataset(
        [f"{home}/{entry['path']}" for entry in entries],
        format="parquet",
        partitioning=partitioning,
        partition_base_dir=f"{home}/{table}",
        filesystem=release.store.files if release.store else None,
    )


def _years(release: Release, years: int | Iterable[int] | None) -> set[int] | None:
    if years is None:
        return None
    asked = {years} if isinstance(years, int) else set(years)
    known = {entry["report_year"] for entry in release.manifest["files"] if entry["table"]}
    if not asked <= known:
        listed = ", ".join(map(str, sorted(known)))
        raise LoadError(
            f"{release.release_id}: no year {', '.join(map(str, sorted(asked - known)))}; there are: {listed}"
        )
    return asked


def _places(release: Release, schema: pa.Schema, province: str | None, county: str | None) -> pc.Expression | None:
    if province is None and county is None:
        return None
    column = next(name for name in PLACED_BY if name in schema.names)
    starts: list[str] = []
    if province is not None:
        starts = _codes(release, "province", province, digits=2)
    if county is not None:
        codes = _codes(release, "county", county, digits=6)
        starts = [code for code in codes if not starts or code.startswith(tuple(starts))]
        if not starts:
            raise LoadError(f"{county} is not in {province}; name one of them")
    condition = None
    for start in starts:
        # A range, so that row groups of other divisions are not even read.
        one = (ds.field(column) >= start) & (ds.field(column) < f"{start}~")
        condition = one if condition is None else condition | one
    return condition


def _codes(release: Release, level: str, asked: str, digits: int) -> list[str]:
    """The starts of the division codes of a province or county, by its name or by digits."""
    if asked.isdecimal():
        return [asked]
    reports = _dataset(release, "reports", None).to_table(columns=[level, "division_code"])
    names, codes = (reports[name].to_pylist() for name in (level, "division_code"))
    found = sorted({code[:digits] for name, code in zip(names, codes, strict=True) if name == asked and code})
    if not found:
        _check_known(level, asked, {name for name in names if name})
    return found


def _indicators(indicator: str | Iterable[str] | None) -> pc.Expression | None:
    if indicator is None:
        return None
    from normalize import codebook  # noqa: PLC0415 - reading the codebook takes longer than most loads

    known = {each.code for each in codebook.indicators()}
    wanted: set[str] = set()
    for asked in {indicator} if isinstance(indicator, str) else set(indicator):
        under = {code for code in known if code == asked or code.startswith(f"{asked}.")}
        if not under:
            _check_known("indicator", asked, known)
        wanted |= under
    return ds.field("indicator").isin(sorted(wanted))


def _check_known(what: str, asked: str, known: Collection[str]) -> None:
    if asked in known:
        return
    close = [match for match, _, _ in process.extract(asked, sorted(known), limit=5)]
    raise LoadError(f"no {what} {asked!r}; close to it: {', '.join(close) or 'nothing'}")


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    frame["value"] = frame["value"].where(frame["status"] == "reported")
    suffix = ("@" + frame["applicant"]).where(frame["applicant"] != "", "")
    frame["cell"] = frame["indicator"] + suffix
    cells, reports = (list(dict.fromkeys(frame[name])) for name in ("cell", "report_id"))
    values = frame.pivot(index="report_id", columns="cell", values="value").loc[reports, cells]
    values.columns.name = None
    keys = frame[list(WIDE_KEYS)].drop_duplicates("report_id")
    return keys.merge(values, left_on="report_id", right_index=True).reset_index(drop=True)
