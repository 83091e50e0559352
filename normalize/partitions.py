"""One report year of the working store to Parquet files, the same bytes every time."""

from __future__ import annotations

import itertools
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from normalize.packing import SETTLED_LATER, batch_of
from normalize.panel import tables
from normalize.published import file_sha256
from normalize.schema import CHECKS, PARTITION, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from normalize.packing import Part
    from normalize.rows import Row
    from normalize.spill import Kept, Spill

    Bounds = npt.NDArray[np.int64]

UNKNOWN_YEAR = 0
GROUP_BYTES = 16_000_000
# So many reports are made one batch while they wait: a batch of one row takes a hundred times the memory of the row.
MERGED = 64
# So many rows of the release before are read at once: each row group by itself takes longer than its rows.
WINDOW_ROWS = 65_536
# Level 9 is 6 % smaller and takes twice the time of all writing.
ZSTD_LEVEL = 3
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


class Reports(NamedTuple):
    """Rows of several reports: their bounds (0, ..., all rows), and how many bytes of text stand before each.

    The text is counted from anywhere.
    """

    rows: pa.Table
    ends: Bounds
    text: Bounds


class TableWriter:
    """Writes the rows of one table and year, a row group at a time; no row, no file.

    A row group holds whole reports. Where one ends follows from the rows alone, whatever they come from.
    """

    def __init__(self, folder: Path, release_id: str, table: Table, year: int) -> None:
        self._relative = file_path(table.name, year, release_id)
        self._path = folder / self._relative
        self._table = table
        self._schema = table.schema
        self._texts = _texts(self._schema)
        self._year = year
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.RecordBatch] = []
        self._ends: list[int] = [0]
        self._group: list[pa.Table] = []
        self._group_rows = self._group_bytes = self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, *batches: pa.RecordBatch) -> None:
        """Add the rows of one report."""
        self._waiting += batches
        self._ends.append(self._ends[-1] + sum(batch.num_rows for batch in batches))
        if len(self._ends) > MERGED:
            self._merge()

    def add_reports(self, reports: Reports) -> None:
        """Add the rows of several reports as they are published."""
        self._merge()
        self._share_out(reports)

    def finish(self, *, even_if_empty: bool = False) -> list[WrittenFile]:
        """Write what is left and close the file; what was written."""
        self._merge()
        if self._group_rows or even_if_empty:
            self._flush()
        if self._writer is None:
            return []
        self._writer.close()
        return [written(self._path, self._relative, self._table.name, self._year, self._rows)]

    def _merge(self) -> None:
        """Make one batch of the reports that wait."""
        if self._waiting:
            rows = self._whole(pa.Table.from_batches(self._waiting).combine_chunks())
            ends = np.asarray(self._ends)
            self._share_out(Reports(rows, ends, _text_bytes(rows, self._texts, ends)))
        self._waiting, self._ends = [], [0]

    def _whole(self, rows: pa.Table) -> pa.Table:
        """The rows of the reports that wait, with all columns."""
        return rows

    def _share_out(self, reports: Reports) -> None:
        """Add reports to the row group; it ends with the report that makes it long enough, or brings text enough."""
        _, rows, text = reports
        start, last = 0, len(rows) - 1
        while start < last:
            long = rows.searchsorted(rows[start] + self._table.group_rows - self._group_rows)
            much = text.searchsorted(text[start] + GROUP_BYTES - self._group_bytes)
            end = int(max(min(long, much), start + 1))
            is_full, end = end <= last, min(end, last)
            self._group.append(reports.rows.slice(rows[start], rows[end] - rows[start]))
            self._group_rows += int(rows[end] - rows[start])
            self._group_bytes += int(text[end] - text[start])
            if is_full:
                self._flush()
            start = end

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
        rows = pa.concat_tables(self._group) if self._group else self._schema.empty_table()
        group = pa.Table.from_arrays(rows.combine_chunks().columns, schema=self._schema)
        self._writer.write_table(group, row_group_size=group.num_rows or 1)
        self._rows += group.num_rows
        self._group = []
        self._group_rows = self._group_bytes = 0


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

    def _whole(self, rows: pa.Table) -> pa.Table:
        if CHECKS_FAILED in rows.column_names:
            counted = pc.add(rows[CHECKS_FAILED], pa.array(self._failed, pa.int32()))
            rows = rows.set_column(rows.column_names.index(CHECKS_FAILED), CHECKS_FAILED, counted)
        rows = rows.append_column("flags", pa.array(self._flags, pa.string()))
        self._flags, self._failed = [], []
        return rows


def _texts(schema: pa.Schema) -> list[int]:
    """The places of the columns that hold text."""
    return [place for place, type_ in enumerate(schema.types) if type_ == pa.string()]


def _text_bytes(rows: pa.Table, columns: Iterable[int], ends: Bounds) -> Bounds:
    """How many bytes of text stand before each bound in the columns that hold any."""
    before = np.zeros(len(ends), np.int64)
    for column in map(rows.column, columns):
        start = 0
        for chunk in filter(len, column.chunks):
            offsets = np.frombuffer(chunk.buffers()[1], np.int32, len(chunk) + 1, 4 * chunk.offset)
            inside = ends if len(chunk) == len(rows) else np.minimum(np.maximum(ends - start, 0), len(chunk))
            before += offsets[inside] - offsets[0]
            start += len(chunk)
    return before


class EarlierRows:
    """The rows of each report in a file of the release before; memory holds a few row groups.

    Reports are to be asked for in the order of the file.
    """

    def __init__(self, path: Path) -> None:
        self._schema = pq.read_schema(path)
        self._texts = _texts(self._schema)
        self._file = pq.ParquetFile(path, read_dictionary=_dictionaries(path))
        self._windows: list[_Window] = []
        self._places: dict[str, int] = {}
        for groups in _windows(self._file):
            ids = self._file.read_row_groups(groups, columns=["report_id"], use_threads=False).column(0)
            names, ends = _reports(ids)
            self._windows.append(_Window(groups, len(self._places), np.asarray(ends)))
            self._places.update(zip(names, itertools.count(len(self._places))))
        self._window: _Window | None = None
        self._rows = self._schema.empty_table()
        self._text = np.zeros(1, np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def of(self, reports: Iterable[str]) -> Iterator[Reports]:
        """The rows of these reports, as many as stand together at a time."""
        places = np.fromiter((at for at in map(self._places.get, reports) if at is not None), np.int64)
        for window in self._windows:
            first, last = places.searchsorted((window.first, window.first + len(window.ends) - 1))
            inside = places[first:last] - window.first
            for run in np.split(inside, np.flatnonzero(np.diff(inside) != 1) + 1):
                if len(run):
                    yield self._run(window, run[0], run[-1] + 1)

    def _run(self, window: _Window, first: int, last: int) -> Reports:
        """The rows of reports that stand together, by their numbers within a window."""
        if window is not self._window:
            # As quick without threads of its own as with them, and half the processor time.
            self._rows = self._file.read_row_groups(window.groups, use_threads=False).cast(self._schema)
            self._text = _text_bytes(self._rows, self._texts, window.ends)
            self._window = window
        ends, text = window.ends[first : last + 1], self._text[first : last + 1]
        return Reports(self._rows.slice(ends[0], ends[-1] - ends[0]), ends - ends[0], text)


def _dictionaries(path: Path) -> list[str]:
    """The columns of a file that are stored as numbers in dictionaries: read as such they take half the time."""
    metadata = pq.read_metadata(path)
    columns = [metadata.row_group(0).column(number) for number in range(metadata.num_columns)]
    return [column.path_in_schema for column in columns if column.has_dictionary_page]


class _Window(NamedTuple):
    """Row groups that are read at once: the number of their first report in the file, and the bounds of all."""

    groups: list[int]
    first: int
    ends: Bounds


def _reports(ids: pa.ChunkedArray) -> tuple[list[str], list[int]]:
    """The reports that rows are of, each once, and their bounds; ``ids`` are numbers in dictionaries."""
    names: list[str] = []
    ends = [0]
    first = 0
    for chunk in filter(len, ids.chunks):
        numbers = chunk.indices.to_numpy()
        starts = np.append(0, np.flatnonzero(numbers[1:] != numbers[:-1]) + 1)
        found = chunk.dictionary.take(pa.array(numbers[starts])).to_pylist()
        if names[-1:] == found[:1]:
            names.pop()
            ends.pop()
        names += found
        ends += (first + np.append(starts[1:], len(numbers))).tolist()
        first += len(numbers)
    return names, ends


def _windows(file: pq.ParquetFile) -> Iterator[list[int]]:
    """The row groups of a file, as many at a time as are read at once."""
    groups: list[int] = []
    rows = text = 0
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        if groups and (rows + group.num_rows > WINDOW_ROWS or text + group.total_byte_size > GROUP_BYTES):
            yield groups
            groups, rows, text = [], 0, 0
        groups.append(number)
        rows, text = rows + group.num_rows, text + group.total_byte_size
    if groups:
        yield groups


def file_path(table: str, year: int, release_id: str) -> str:
    """Where the rows of one table and year lie within a release."""
    return f"{table}/{PARTITION}={year}/{release_id}-0.parquet"


def written(path: Path, relative: str, table: str, year: int | None, rows: int) -> WrittenFile:
    """The entry of a file that is complete."""
    return WrittenFile(relative, table, year, rows, path.stat().st_size, file_sha256(path))


def write_part(
    store: Spill,
    part: Part,
    folder: Path,
    release_id: str,
    year: int,
    *,
    across: Path | None = None,
    earlier: Mapping[str, Path],
) -> list[WrittenFile]:
    """Write one part of the tables of one year under ``folder``; memory holds a few row groups per table.

    ``earlier`` are the files of this part and year in the release before, by table, from which the rows of the reports
    that are the same come; none where all is to be made anew. ``across`` is the file of the checks across reports, if
    there are any.
    """
    found = _across_rows(across)
    with ExitStack() as stack:
        writers = {
            table.name: stack.enter_context(
                (SettledWriter if table.name in SETTLED_LATER else TableWriter)(folder, release_id, table, year)
            )
            for table in tables()
            if table.name in part.schemas
        }
        before = {table: stack.enter_context(EarlierRows(path)) for table, path in earlier.items()}
        reports = stack.enter_context(closing(store.published(year, part, again=bool(earlier))))
        for same, group in groupby(reports, key=attrgetter("same")):
            if same:
                names = [kept.report_id for kept in group]
                for table, rows in before.items():
                    for found_before in rows.of(names):
                        writers[table].add_reports(found_before)
                continue
            for kept in group:
                _add(writers, kept, found.of(kept.report_id))
        return [file for writer in writers.values() for file in writer.finish()]


def _add(writers: Mapping[str, TableWriter], kept: Kept, across: pa.RecordBatch | None) -> None:
    """Add a report as it was read, and what the checks across reports say of it."""
    failed = pc.sum(pc.equal(across["result"], "fail")).as_py() if across is not None else 0
    batches = {name: [batch] for name, batch in kept.batches.items()}
    if across is not None:
        batches.setdefault(CHECKS.name, []).append(across)
    for name, of_table in batches.items():
        writer = writers[name]
        if not isinstance(writer, SettledWriter):
            writer.add(*of_table)
        elif name != "panel" or kept.panel:
            writer.settle(of_table[0], kept.flags, failed)


def _across_rows(across: Path | None) -> ByReport:
    if across is None:
        return ByReport(CHECKS.schema.empty_table())
    with pa.memory_map(str(across)) as file:
        return ByReport(pa.ipc.open_file(file).read_all())


class ByReport:
    """Rows in which those of a report stand together, report by report; ``places`` are first row and number."""

    def __init__(self, table: pa.Table) -> None:
        self._rows = table.combine_chunks()
        self.places: dict[str, tuple[int, int]] = {}
        start = 0
        counts = pc.value_counts(self._rows["report_id"])
        for report_id, count in zip(
            counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True
        ):
            self.places[report_id] = (start, count)
            start += count

    def of(self, report_id: str) -> pa.RecordBatch | None:
        """The rows of one report; None where it has none."""
        place = self.places.get(report_id)
        return self._rows.slice(*place).to_batches()[0] if place else None


def write_rows(folder: Path, release_id: str, table: Table, year: int, rows: Sequence[Row]) -> list[WrittenFile]:
    """Write all rows of a table and year that are at hand; an empty file where there is none."""
    with TableWriter(folder, release_id, table, year) as writer:
        if rows:
            writer.add(batch_of(table.schema, rows))
        return writer.finish(even_if_empty=True)
