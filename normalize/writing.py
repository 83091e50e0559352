"""The store of a build to the files of a release; what is as it was in the release before is linked, not written."""

from __future__ import annotations

import hashlib
import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pyarrow as pa

from normalize.across import Across
from normalize.packing import FIGURES_PART, REST_PART, Part
from normalize.panel import tables
from normalize.partitions import UNKNOWN_YEAR, WrittenFile, file_path, write_figures, write_rest, write_rows
from normalize.published import file_sha256
from normalize.schema import CHECKS, OUTCOMES
from normalize.spill import Spill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


def write_all(plan: Plan, outcomes: Sequence[Outcome]) -> Written:
    """Write all tables, several years at a time where there are workers; ``outcomes`` are sorted by year."""
    with Spill(plan.store, plan.readings) as spill, _mapped(plan.workers) as mapped:
        years = spill.years()
        figures = {year: f"{plan.stamp}-{spill.fingerprint(year, FIGURES_PART)}" for year in years}
        done = _write(plan, FIGURES_PART, figures, mapped)
        plan.across.mkdir()
        with Across(plan.folder, spill.heads(), plan.across) as across:
            medians = across.medians(years)
            rest = {year: _digest(_rest_sources(spill, figures, medians, year)) for year in years}
            fresh = [year for year in years if not _is_same(plan, REST_PART, year, rest[year])]
            _look_across(plan, spill, across, [year for year in fresh if year != UNKNOWN_YEAR])
        done += _write(plan, REST_PART, rest, mapped)
    files = done + _write_outcomes(plan, outcomes)
    files += _write_empty(plan, files)
    parts = {_part(FIGURES_PART, year): source for year, source in figures.items()}
    parts |= {_part(REST_PART, year): source for year, source in rest.items()}
    return Written(sorted(files, key=lambda file: file.path), dict(sorted(parts.items())))


@contextmanager
def _mapped(workers: int) -> Iterator[Callable[..., Iterable[list[WrittenFile]]]]:
    """A ``map`` that works in as many processes; with one worker, in this one."""
    if workers == 1:
        yield map
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool.map


def _rest_sources(spill: Spill, figures: Mapping[int, str], medians: Mapping[int, str], year: int) -> list[str]:
    """What decides the other tables of a year: its reports, those of the year before, and the other years' median."""
    return [
        figures[year],
        spill.fingerprint(year, REST_PART),
        figures.get(year - 1, ""),
        spill.fingerprint(year - 1, REST_PART),
        medians.get(year, ""),
    ]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("-".join(parts).encode()).hexdigest()


def _look_across(plan: Plan, spill: Spill, across: Across, years: Sequence[int]) -> None:
    """Evaluate the checks across reports of some years; their rows go to a file a year, copies are flagged."""
    across.evaluate(years)
    for year in years:
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


def _write(
    plan: Plan, part: Part, sources: Mapping[int, str], mapped: Callable[..., Iterable[list[WrittenFile]]]
) -> list[WrittenFile]:
    """The tables of one part for all years: linked where they were made from the same, else written."""
    files: list[WrittenFile] = []
    fresh: list[int] = []
    for year, source in sources.items():
        linked = _linked(plan, part, year) if _is_same(plan, part, year, source) else []
        files += linked
        if not linked:
            fresh.append(year)
    return files + [file for of_year in mapped(partial(_write_year, plan, part.name), fresh) for file in of_year]


def _write_year(plan: Plan, part: str, year: int) -> list[WrittenFile]:
    with Spill(plan.store, plan.readings) as spill:
        if part == FIGURES_PART.name:
            return write_figures(spill, plan.folder, plan.release_id, year)
        return write_rest(spill, plan.folder, plan.release_id, year, across_file(plan, year))


def _part(part: Part, year: int) -> str:
    return f"{part.name}/{year}"


def _is_same(plan: Plan, part: Part, year: int, source: str) -> bool:
    """Whether a part of a year was made from the same in the release before, and lies there undamaged."""
    previous = plan.previous
    if previous is None or previous.manifest.get("parts", {}).get(_part(part, year)) != source:
        return False
    return not any(_is_damaged(previous.path, file) for file in _files_of(previous, part, year))


def _files_of(previous: Release, part: Part, year: int) -> list[WrittenFile]:
    return [
        WrittenFile(**entry)
        for entry in previous.manifest["files"]
        if entry["table"] in part.schemas and entry["report_year"] == year and entry["rows"]
    ]


def _linked(plan: Plan, part: Part, year: int) -> list[WrittenFile]:
    """The files of one part of a year under this release's name."""
    previous = plan.previous
    return [_link(plan, previous.path, file) for file in _files_of(previous, part, year)] if previous else []


def _is_damaged(folder: Path, file: WrittenFile) -> bool:
    path = folder / file.path
    return not path.is_file() or file_sha256(path) != file.sha256


def _link(plan: Plan, previous: Path, file: WrittenFile) -> WrittenFile:
    """One more name for a file, which releases share from now on; a copy where the file system has no links."""
    linked = replace(file, path=file_path(file.table, file.report_year or UNKNOWN_YEAR, plan.release_id))
    old, new = previous / file.path, plan.folder / linked.path
    new.parent.mkdir(parents=True)
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)
    return linked
