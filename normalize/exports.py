"""The harmonised panel for other programs: CSV, Excel and Stata, each column with its label."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from normalize.loading import load
from normalize.panel import tables
from normalize.published import ReleaseError, load_release
from normalize.schema import PARTITION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

FORMATS = ("csv", "xlsx", "dta")
LABEL_MOST = 80
STATA_TEXT_MOST = 2045
# A spreadsheet takes a text that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export_panel(
    release: Path, output: Path, form: str, *, years: Iterable[int] | None = None, province: str | None = None
) -> int:
    """Write the panel to ``output`` as ``csv``, ``xlsx`` or ``dta`` (Stata 14 and later, 118); how many rows.

    Beside a csv lies ``<output>.labels.csv``; Excel has the labels on a second sheet, Stata as variable labels. In csv
    and xlsx a text that a spreadsheet would run as a formula is led by an apostrophe. Raises ReleaseError where the
    extra for Excel is missing or the file cannot be written, LoadError where year or province is unknown.
    """
    if form == "xlsx" and find_spec("openpyxl") is None:
        raise ReleaseError('xlsx needs openpyxl: pip install "gongkai[xlsx]"')
    found = load_release(release)
    frame = load("panel", found.path, years=years, province=province)
    frame[PARTITION] = frame[PARTITION].astype("int32")
    labels = _labels(frame)
    try:
        if form == "csv":
            _guarded(frame).to_csv(output, index=False, lineterminator="\n")
            _write_labels(output.with_name(f"{output.name}.labels.csv"), labels)
        elif form == "xlsx":
            _write_excel(_guarded(frame), labels, output)
        else:
            _write_stata(frame, labels, output, found.release_id, found.manifest["data_as_of"])
    except OSError as error:
        raise ReleaseError(f"{output}: {error.strerror or error}; name a file that can be written") from error
    return len(frame)


def _labels(frame: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Chinese and English label of each column."""
    (panel,) = (table for table in tables() if table.name == "panel")
    known = {column.name: (column.label, column.label_en) for column in panel.columns}
    return {name: known.get(name, ("报告年度", "Report year")) for name in frame.columns}


def _texts(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if frame[name].dtype.kind not in "fi"]


def _guarded(frame: pd.DataFrame) -> pd.DataFrame:
    safe = frame.copy()
    for name in _texts(safe):
        risky = safe[name].str.startswith(FORMULA_STARTS).fillna(value=False)
        safe[name] = safe[name].where(~risky, "'" + safe[name])
    return safe


def _write_labels(path: Path, labels: dict[str, tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["variable", "label", "label_en"])
        writer.writerows((name, *both) for name, both in labels.items())


def _write_excel(frame: pd.DataFrame, labels: dict[str, tuple[str, str]], output: Path) -> None:
    book = import_module("openpyxl").Workbook(write_only=True)
    sheet = book.create_sheet("panel")
    sheet.append(list(frame.columns))
    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
        sheet.append(list(row))
    legend = book.create_sheet("labels")
    legend.append(["variable", "label", "label_en"])
    for name, both in labels.items():
        legend.append([name, *both])
    book.save(output)


def _write_stata(
    frame: pd.DataFrame, labels: dict[str, tuple[str, str]], output: Path, release_id: str, as_of: str
) -> None:
    stata = frame.copy()
    for name in _texts(stata):
        stata[name] = stata[name].fillna("").astype(object)
    long = [name for name in _texts(stata) if stata[name].map(lambda text: len(text.encode())).max() > STATA_TEXT_MOST]
    stata.to_stata(
        output,
        version=118,
        write_index=False,
        convert_strl=long,
        data_label=f"Gongkai panel, release {release_id}",
        variable_labels={name: label[:LABEL_MOST] for name, (label, _) in labels.items()},
        # Of the data, not of the clock, so that the same release gives the same file.
        time_stamp=datetime.fromisoformat(as_of) if as_of else datetime(1970, 1, 1, tzinfo=UTC),
    )
