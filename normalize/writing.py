"""The store of a build to the files of a release; what is as it was in the release before is linked, not written."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from normalize.across import Across
from normalize.packing import FIGURES_PART, REST_PART, Part
from normalize.panel import tables
from normalize.partitions import UNKNOWN_YEAR, WrittenFile, file_path, write_part, write_rows
from normalize.published import file_sha256
from normalize.schema import CHECKS, OUTCOMES
from normalize.spill import Spill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from captures import Outcome
    from normalize.published import Release


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write and where: the store and its readings, the release's folder and name, and what decides its bytes.

    ``stamp`` changes with the code and reference data; ``previous`` is the release whose files may be used again.
    """

    store: Path
    readings: Path
    folder: Path
    release_id: str
    stamp: str
    previous: Release | None
    workers: int

    @property
    def across(self) -> Path:
        """A folder beside the release's, for the checks across reports."""
        return self.folder.parent / "across"


@dataclass(frozen=True, slots=True)
class Written:
    """The files written or linked, and a digest of what each part of a year was made from."""

    files: list[WrittenFile]
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Piece:
    """One part of one year: a digest of what it is made from, and its files in the release before that are whole.

    ``is_same`` says that it is made from the same as those.
    """

    part: str
    year: int
    source: str
    earlier: tuple[WrittenFile, ...]
    is_same: bool

    @property
    def name(self) -> str:
        return f"{self.part}/{self.year}"


def write_all(plan: Plan, outcomes: Sequence[Outcome]) -> Written:
    """Write all tables, several years at a time where there are workers; ``outcomes`` are sorted by year."""
    plan.across.mkdir()
    with Spill(plan.store, plan.readings) as spill, Across(spill.heads(), spill.cells, plan.across) as across:
        spill.settle_sources(across.sources())
        pieces = _pieces(plan, spill)
        _look_across(plan, spill, across, pieces)
    fresh = [piece for piece in pieces if not piece.is_same]
    files = [_link(plan, file) for piece in pieces if piece.is_same for file in piece.earlier]
    with _mapped(plan.workers) as mapped:
        files += [file for written in mapped(partial(_write_piece, plan), fresh) for file in written]
    files += _write_outcomes(plan, outcomes)
    files += _write_empty(plan, files)
    parts = {piece.name: piece.source for piece in pieces}
    return Written(sorted(files, key=lambda file: file.path), dict(sorted(parts.items())))


def _pieces(plan: Plan, spill: Spill) -> list[_Piece]:
    known = plan.previous if plan.previous and spill.published_as() == plan.previous.release_id else None
    pieces: list[_Piece] = []
    for year in spill.years():
        for part in (FIGURES_PART, REST_PART):
            source = f"{plan.stamp}-{spill.fingerprint(year, part)}"
            earlier = _whole_files(plan.previous, part, year)
            is_same = bool(earlier) and _source(plan.previous, part, year) == source
            pieces.append(_Piece(part.name, year, source, earlier if is_same or known else (), is_same))
    return pieces


@contextmanager
def _mapped(workers: int) -> Iterator[Callable[..., Iterable[list[WrittenFile]]]]:
    """A ``map`` that works in as many processes; with one worker, in this one."""
    if workers == 1:
        yield map
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool.map


def _look_across(plan: Plan, spill: Spill, across: Across, pieces: Iterable[_Piece]) -> None:
    """Evaluate the checks across reports where rows are to be made; they go to a file a year, copies are flagged."""
    fresh = (
        reports
        for piece in pieces
        if piece.part == REST_PART.name and not piece.is_same
        for reports in spill.fresh(piece.year, again=bool(piece.earlier))
    )
    for year in across.evaluate(fresh):
        with pa.OSFile(str(across_file(plan, year)), "wb") as file, pa.ipc.new_file(file, CHECKS.schema) as writer:
            writer.write_table(across.checks(year))
    for report_id, flag in across.copies():
        spill.flag(report_id, flag)
    spill.commit()


def across_file(plan: Plan, year: int) -> Path:
    """Where the rows of the checks across reports of one year lie while the release is made."""
    return plan.across / f"{year}.arrow"


def _write_outcomes(plan: Plan, outcomes: Sequence[Outcome]) -> list[WrittenFile]:
    files: list[WrittenFile] = []
    for year, of_year in groupby(outcomes, key=lambda each: each.report_year):
        rows = [(each.code, each.name, each.outcome, each.url, each.detail, each.run_id) for each in of_year]
        files += write_rows(plan.folder, plan.release_id, OUTCOMES, year, rows)
    return files


def _write_empty(plan: Plan, files: Sequence[WrittenFile]) -> list[WrittenFile]:
    """An empty file for each table that has none among ``files``, so that every table loads."""
    filled = {file.table for file in files}
    return [
        file
        for table in (*tables(), OUTCOMES)
        if table.name not in filled
        for file in write_rows(plan.folder, plan.release_id, table, UNKNOWN_YEAR, [])
    ]


def _write_piece(plan: Plan, piece: _Piece) -> list[WrittenFile]:
    part = FIGURES_PART if piece.part == FIGURES_PART.name else REST_PART
    earlier = {file.table: plan.previous.path / file.path for file in piece.earlier} if plan.previous else {}
    across = across_file(plan, piece.year)
    found = across if part is REST_PART and across.exists() else None
    with _memory_of_the_system(), Spill(plan.store, plan.readings) as spill:
        return write_part(spill, part, plan.folder, plan.release_id, piece.year, across=found, earlier=earlier)


@contextmanager
def _memory_of_the_system() -> Iterator[None]:
    """Take Arrow's memory from the system: row groups that come and go cost its own pool 8 % more time and 100 MB."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def _source(previous: Release | None, part: Part, year: int) -> str:
    """What a part of a year was made from in the release before; empty where that is not known."""
    return previous.manifest.get("parts", {}).get(f"{part.name}/{year}", "") if previous else ""


def _whole_files(previous: Release | None, part: Part, year: int) -> tuple[WrittenFile, ...]:
    """The files of a part of a year in the release before; none where one of them is damaged."""
    if previous is None:
        return ()
    files = tuple(
        WrittenFile(**entry)
        for entry in previous.manifest["files"]
        if entry["table"] in part.schemas and entry["report_year"] == year and entry["rows"]
    )
    return () if any(_is_damaged(previous.path, file) for file in files) else files


def _is_damaged(folder: Path, file: WrittenFile) -> bool:
    path = folder / file.path
    return not path.is_file() or file_sha256(path) != file.sha256


def _link(plan: Plan, file: WrittenFile) -> WrittenFile:
    """One more name for a file, which releases share from now on; a copy where the file system has no links."""
    linked = replace(file, path=file_path(file.table, file.report_year or UNKNOWN_YEAR, plan.release_id))
    previous = cast("Release", plan.previous)
    old, new = previous.path / file.path, plan.folder / linked.path
    new.parent.mkdir(parents=True)
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)
    return linked
