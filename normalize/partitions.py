"""One report year of the working store to Parquet files, the same bytes every time."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from normalize.published import file_sha256
from normalize.schema import FIGURES, PARTITION, Table
from normalize.spill import Spill

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from normalize.rows import Row

UNKNOWN_YEAR = 0
GROUP_CHARACTERS = 16_000_000
ZSTD_LEVEL = 9
# A form has so many figures, always; 207 is form 2021 with the older single row of （六）其他处理.
FORM_CELLS = {"2019": (198,), "2021": (200, 207)}


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file of a release; ``path`` is relative to the release, ``bytes`` its size."""

    path: str
    table: str
    report_year: int | None
    rows: int
    bytes: int
    sha256: str

    def entry(self) -> dict[str, Any]:
        """The file as ``release.json`` lists it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Year:
    """One year as written, and the reports whose figures are not as their form says."""

    files: list[WrittenFile]
    faults: list[str]


class TableWriter:
    """Writes the rows of one table and year, a row group at a time; no row, no file."""

    def __init__(self, folder: Path, release_id: str, table: Table, year: int) -> None:
        self._relative = f"{table.name}/{PARTITION}={year}/{release_id}-0.parquet"
        self._path = folder / self._relative
        self._table = table
        self._schema = table.schema
        self._year = year
        self._long = table.position(table.long_column) if table.long_column else None
        self._writer: pq.ParquetWriter | None = None
        self._pending: list[Row] = []
        self._characters = 0
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, rows: Sequence[Row]) -> None:
        """Add the rows of one report, in the table's column order."""
        self._pending.extend(rows)
        if self._long is not None:
            self._characters += sum(len(str(row[self._long])) for row in rows)
        if len(self._pending) >= self._table.group_rows or self._characters >= GROUP_CHARACTERS:
            self._flush()

    def finish(self, *, even_if_empty: bool = False) -> list[WrittenFile]:
        """Write what is left and close the file; what was written."""
        if self._pending or even_if_empty:
            self._flush()
        if self._writer is None:
            return []
        self._writer.close()
        return [written(self._path, self._relative, self._table.name, self._year, self._rows)]

    def _flush(self) -> None:
        if self._writer is None:
            self._path.parent.mkdir(parents=True)
            self._writer = pq.ParquetWriter(
                self._path, self._schema, compression="zstd", compression_level=ZSTD_LEVEL, write_page_index=True
            )
        columns = list(zip(*self._pending, strict=True)) or [()] * len(self._schema)
        arrays = [pa.array(cells, field.type) for cells, field in zip(columns, self._schema, strict=True)]
        self._writer.write_table(
            pa.Table.from_arrays(arrays, schema=self._schema), row_group_size=len(self._pending) or 1
        )
        self._rows += len(self._pending)
        self._pending = []
        self._characters = 0


def written(path: Path, relative: str, table: str, year: int | None, rows: int) -> WrittenFile:
    """The entry of a file that is complete."""
    return WrittenFile(relative, table, year, rows, path.stat().st_size, file_sha256(path))


def write_year(store: Path, folder: Path, release_id: str, tables: Sequence[Table], year: int) -> Year:
    """Write the tables of one year under ``folder``; memory holds a row group per table."""
    faults: list[str] = []
    with ExitStack() as stack:
        spill = stack.enter_context(Spill(store))
        writers = [(table, stack.enter_context(TableWriter(folder, release_id, table, year))) for table in tables]
        for rows in spill.tables(year):
            faults += figure_faults(rows["figures"])
            for table, writer in writers:
                writer.add(rows[table.name])
        return Year([file for _, writer in writers for file in writer.finish()], faults)


def write_rows(folder: Path, release_id: str, table: Table, year: int, rows: Sequence[Row]) -> list[WrittenFile]:
    """Write all rows of a table and year that are at hand; an empty file where there is none."""
    with TableWriter(folder, release_id, table, year) as writer:
        writer.add(rows)
        return writer.finish(even_if_empty=True)


def figure_faults(figures: Iterable[Row]) -> list[str]:
    """What is wrong with the figures of one report: too few or many for the form, or a cell twice."""
    rows = list(figures)
    if not rows:
        return []
    report_id, form = rows[0][0], str(rows[0][FIGURES.position("form")])
    indicator, applicant = FIGURES.position("indicator"), FIGURES.position("applicant")
    faults = []
    if form in FORM_CELLS and len(rows) not in FORM_CELLS[form]:
        expected = " or ".join(map(str, FORM_CELLS[form]))
        faults.append(f"{report_id}: {len(rows)} figures, form {form} has {expected}")
    cells = {(row[indicator], row[applicant]) for row in rows}
    if len(cells) < len(rows):
        faults.append(f"{report_id}: {len(rows) - len(cells)} figures stand twice")
    return faults
