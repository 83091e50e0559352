"""One report year of the working store to Parquet files, the same bytes every time."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from normalize.packing import SETTLED_LATER, batch_of
from normalize.panel import tables
from normalize.published import file_sha256
from normalize.schema import FIGURES, PARTITION, REPORTS, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from normalize.rows import Row
    from normalize.spill import Kept, Spill

UNKNOWN_YEAR = 0
GROUP_BYTES = 64_000_000
ZSTD_LEVEL = 9
CHECKS_FAILED = REPORTS.position("checks_failed")


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


class TableWriter:
    """Writes the rows of one table and year, a row group at a time; no row, no file."""

    def __init__(self, folder: Path, release_id: str, table: Table, year: int) -> None:
        self._relative = file_path(table.name, year, release_id)
        self._path = folder / self._relative
        self._table = table
        self._schema = table.schema
        self._year = year
        # Measuring costs time; a report's one row of a table stays short.
        self._may_be_long = table.key != ("report_id",)
        self._writer: pq.ParquetWriter | None = None
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = self._pending_bytes = self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the rows of one report."""
        self._pending.append(batch)
        self._pending_rows += batch.num_rows
        if self._may_be_long:
            self._pending_bytes += batch.nbytes
        if self._pending_rows >= self._table.group_rows or self._pending_bytes >= GROUP_BYTES:
            self._flush()

    def finish(self, *, even_if_empty: bool = False) -> list[WrittenFile]:
        """Write what is left and close the file; what was written."""
        if self._pending_rows or even_if_empty:
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
        group = pa.Table.from_batches(self._pending, schema=self._schema).combine_chunks()
        self._writer.write_table(group, row_group_size=group.num_rows or 1)
        self._rows += group.num_rows
        self._pending = []
        self._pending_rows = self._pending_bytes = 0


def file_path(table: str, year: int, release_id: str) -> str:
    """Where the rows of one table and year lie within a release."""
    return f"{table}/{PARTITION}={year}/{release_id}-0.parquet"


def written(path: Path, relative: str, table: str, year: int | None, rows: int) -> WrittenFile:
    """The entry of a file that is complete."""
    return WrittenFile(relative, table, year, rows, path.stat().st_size, file_sha256(path))


def write_figures(store: Spill, folder: Path, release_id: str, year: int) -> list[WrittenFile]:
    """Write the figures of one year under ``folder``; memory holds a row group."""
    with TableWriter(folder, release_id, FIGURES, year) as writer:
        for batch in store.figures(year):
            writer.add(batch)
        return writer.finish()


def write_rest(store: Spill, folder: Path, release_id: str, year: int, across: Path) -> list[WrittenFile]:
    """Write the other tables of one year under ``folder``; memory holds a row group per table.

    ``across`` is the file of the checks across reports, absent where there are none.
    """
    beside = {table.name: table for table in tables() if table is not FIGURES}
    schemas = {name: table.schema for name, table in beside.items()}
    found = _across_rows(across)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(TableWriter(folder, release_id, table, year)) for name, table in beside.items()
        }
        for kept in store.rest(year):
            more = found.get(kept.report_id)
            for name, batch in _settled(kept, schemas, more).items():
                writers[name].add(batch)
            if more is not None:
                writers["checks"].add(more)
        return [file for writer in writers.values() for file in writer.finish()]


def _across_rows(across: Path) -> dict[str, pa.RecordBatch]:
    if not across.exists():
        return {}
    with pa.memory_map(str(across)) as file:
        return by_report(pa.ipc.open_file(file).read_all())


def by_report(table: pa.Table) -> dict[str, pa.RecordBatch]:
    """Rows in which those of a report stand together, as one batch a report."""
    rows = table.combine_chunks()
    counts = rows["report_id"].combine_chunks().value_counts() if rows.num_rows else []
    batches: dict[str, pa.RecordBatch] = {}
    start = 0
    for report_id, count in ((each["values"].as_py(), each["counts"].as_py()) for each in counts):
        (batches[report_id],) = rows.slice(start, count).to_batches()
        start += count
    return batches


def _settled(kept: Kept, schemas: Mapping[str, pa.Schema], more: pa.RecordBatch | None) -> dict[str, pa.RecordBatch]:
    """The tables of one report with its flags and failed checks; in the panel only where it was chosen."""
    batches = dict(kept.batches)
    if not kept.panel:
        batches.pop("panel", None)
    for name in SETTLED_LATER & batches.keys():
        columns = [*batches[name].columns, pa.array([kept.flags])]
        if name == "reports" and more is not None:
            failed = pc.sum(pc.equal(more["result"], "fail")).as_py()
            columns[CHECKS_FAILED] = pa.array([columns[CHECKS_FAILED][0].as_py() + failed], pa.int32())
        batches[name] = pa.RecordBatch.from_arrays(columns, schema=schemas[name])
    return batches


def write_rows(folder: Path, release_id: str, table: Table, year: int, rows: Sequence[Row]) -> list[WrittenFile]:
    """Write all rows of a table and year that are at hand; an empty file where there is none."""
    with TableWriter(folder, release_id, table, year) as writer:
        writer.add(batch_of(table.schema, rows))
        return writer.finish(even_if_empty=True)
