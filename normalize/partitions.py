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
from normalize.schema import CHECKS, FIGURES, PARTITION, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from normalize.rows import Row
    from normalize.spill import Spill

UNKNOWN_YEAR = 0
GROUP_BYTES = 16_000_000
# So many reports are made one batch while they wait: a batch of one row takes a hundred times the memory of the row.
MERGED = 64
ZSTD_LEVEL = 9
CHECKS_FAILED = "checks_failed"


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
        self._writer: pq.ParquetWriter | None = None
        self._merged: list[pa.RecordBatch] = []
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = self._pending_bytes = self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, batch: pa.RecordBatch, size: int | None = None) -> None:
        """Add the rows of one report; ``size`` is their bytes where the batch is a part of something larger."""
        self._pending.append(batch)
        self._pending_rows += batch.num_rows
        self._pending_bytes += batch.get_total_buffer_size() if size is None else size
        if self._pending_rows >= self._table.group_rows or self._pending_bytes >= GROUP_BYTES:
            self._flush()
        elif len(self._pending) == MERGED:
            self._merge()

    def finish(self, *, even_if_empty: bool = False) -> list[WrittenFile]:
        """Write what is left and close the file; what was written."""
        if self._pending_rows or even_if_empty:
            self._flush()
        if self._writer is None:
            return []
        self._writer.close()
        return [written(self._path, self._relative, self._table.name, self._year, self._rows)]

    def _merge(self) -> None:
        self._merged += pa.Table.from_batches(self._pending).combine_chunks().to_batches()
        self._pending = []

    def _gathered(self, batches: list[pa.RecordBatch]) -> pa.Table:
        return pa.Table.from_batches(batches, schema=self._schema)

    def _flush(self) -> None:
        if self._writer is None:
            self._path.parent.mkdir(parents=True)
            # Of the other columns no row group can be passed over: their least and greatest would only take room.
            described = [name for name in self._schema.names if name in {*self._table.key, *self._table.sort}]
            self._writer = pq.ParquetWriter(
                self._path,
                self._schema,
                compression="zstd",
                compression_level=ZSTD_LEVEL,
                use_dictionary=[column.name for column in self._table.columns if column.repeats],
                write_statistics=described,
            )
        group = self._gathered(self._merged + self._pending).cast(self._schema).combine_chunks()
        self._writer.write_table(group, row_group_size=group.num_rows or 1)
        self._rows += group.num_rows
        self._merged, self._pending = [], []
        self._pending_rows = self._pending_bytes = 0


class SettledWriter(TableWriter):
    """Writes rows that lack their last column, one a report, and adds the flags and checks that were settled since."""

    def __init__(self, folder: Path, release_id: str, table: Table, year: int) -> None:
        super().__init__(folder, release_id, table, year)
        self._flags: list[str] = []
        self._failed: list[int] = []

    def settle(self, batch: pa.RecordBatch, flags: str, failed: int) -> None:
        """Add one report with its flags, and how many checks failed beside those that it counts already."""
        self._flags.append(flags)
        self._failed.append(failed)
        self.add(batch)

    def _gathered(self, batches: list[pa.RecordBatch]) -> pa.Table:
        rows = pa.Table.from_batches(batches)
        if CHECKS_FAILED in rows.column_names:
            counted = pc.add(rows[CHECKS_FAILED], pa.array(self._failed, pa.int32()))
            rows = rows.set_column(rows.column_names.index(CHECKS_FAILED), CHECKS_FAILED, counted)
        rows = rows.append_column("flags", pa.array(self._flags, pa.string()))
        self._flags, self._failed = [], []
        return rows


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
    beside = [table for table in tables() if table is not FIGURES]
    found = _across_rows(across)
    with ExitStack() as stack:
        plain = {
            table.name: stack.enter_context(TableWriter(folder, release_id, table, year))
            for table in beside
            if table.name not in SETTLED_LATER
        }
        settled = {
            table.name: stack.enter_context(SettledWriter(folder, release_id, table, year))
            for table in beside
            if table.name in SETTLED_LATER
        }
        for kept in store.rest(year):
            more = found.of(kept.report_id)
            failed = pc.sum(pc.equal(more["result"], "fail")).as_py() if more is not None else 0
            for name, batch in kept.batches.items():
                if name in plain:
                    plain[name].add(batch)
                elif name != "panel" or kept.panel:
                    settled[name].settle(batch, kept.flags, failed)
            if more is not None:
                plain["checks"].add(more, more.nbytes)
        return [file for writer in (*settled.values(), *plain.values()) for file in writer.finish()]


def _across_rows(across: Path) -> ByReport:
    if not across.exists():
        return ByReport(CHECKS.schema.empty_table())
    with pa.memory_map(str(across)) as file:
        return ByReport(pa.ipc.open_file(file).read_all())


class ByReport:
    """Rows in which those of a report stand together, report by report."""

    def __init__(self, table: pa.Table) -> None:
        self._rows = table.combine_chunks()
        self._places: dict[str, tuple[int, int]] = {}
        start = 0
        counts = pc.value_counts(self._rows["report_id"])
        for report_id, count in zip(
            counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True
        ):
            self._places[report_id] = (start, count)
            start += count

    def reports(self) -> Iterable[str]:
        """The reports that have rows, in their order."""
        return self._places

    def of(self, report_id: str) -> pa.RecordBatch | None:
        """The rows of one report; None where it has none."""
        place = self._places.get(report_id)
        return self._rows.slice(*place).to_batches()[0] if place else None


def write_rows(folder: Path, release_id: str, table: Table, year: int, rows: Sequence[Row]) -> list[WrittenFile]:
    """Write all rows of a table and year that are at hand; an empty file where there is none."""
    with TableWriter(folder, release_id, table, year) as writer:
        writer.add(batch_of(table.schema, rows))
        return writer.finish(even_if_empty=True)
