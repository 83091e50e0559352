"""The store of a build to the files of a release; what is as it was in the release before is linked, not written."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from typing import TYPE_CHECKING

from normalize.packing import FIGURES_PART, REST_PART, Part
from normalize.panel import tables
from normalize.partitions import UNKNOWN_YEAR, WrittenFile, file_path, write_figures, write_rest, write_rows
from normalize.published import file_sha256
from normalize.schema import OUTCOMES
from normalize.spill import Spill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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


@dataclass(frozen=True, slots=True)
class Written:
    """The files written or linked, and a digest of what each part of a year was made from."""

    files: list[WrittenFile]
    parts: dict[str, str]


def write_part(plan: Plan, part: Part) -> Written:
    """Write the tables of one part for all years, several at a time where there are workers."""
    with Spill(plan.store, plan.readings) as spill:
        made_from = {year: f"{plan.stamp}-{spill.fingerprint(year, part)}" for year in spill.years()}
    files: list[WrittenFile] = []
    fresh: list[int] = []
    for year, source in made_from.items():
        linked = _linked(plan, f"{part.name}/{year}", source)
        files += linked
        if not linked:
            fresh.append(year)
    files += _write(partial(_write_year, plan, part.name), fresh, plan.workers)
    return Written(files, {f"{part.name}/{year}": source for year, source in made_from.items()})


def write_outcomes(plan: Plan, outcomes: Sequence[Outcome]) -> list[WrittenFile]:
    """Write the outcomes, sorted by year."""
    files: list[WrittenFile] = []
    for year, of_year in groupby(outcomes, key=lambda each: each.report_year):
        rows = [(each.code, each.name, each.outcome, each.url, each.detail, each.run_id) for each in of_year]
        files += write_rows(plan.folder, plan.release_id, OUTCOMES, year, rows)
    return files


def write_empty(plan: Plan, files: Sequence[WrittenFile]) -> list[WrittenFile]:
    """An empty file for each table that has none among ``files``, so that every table loads."""
    filled = {file.table for file in files}
    return [
        file
        for table in (*tables(), OUTCOMES)
        if table.name not in filled
        for file in write_rows(plan.folder, plan.release_id, table, UNKNOWN_YEAR, [])
    ]


def _write(write: Callable[[int], list[WrittenFile]], years: Sequence[int], workers: int) -> list[WrittenFile]:
    if workers == 1 or len(years) < 2:
        return [file for year in years for file in write(year)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return [file for of_year in pool.map(write, years) for file in of_year]


def _write_year(plan: Plan, part: str, year: int) -> list[WrittenFile]:
    write = write_figures if part == FIGURES_PART.name else write_rest
    with Spill(plan.store, plan.readings) as spill:
        return write(spill, plan.folder, plan.release_id, year)


def _linked(plan: Plan, name: str, source: str) -> list[WrittenFile]:
    """The files of one part of a year taken from the release before; none where it was made from something else."""
    previous = plan.previous
    if previous is None or previous.manifest.get("parts", {}).get(name) != source:
        return []
    part, _, year = name.partition("/")
    schemas = FIGURES_PART.schemas if part == FIGURES_PART.name else REST_PART.schemas
    before = [
        WrittenFile(**entry)
        for entry in previous.manifest["files"]
        if entry["table"] in schemas and entry["report_year"] == int(year) and entry["rows"]
    ]
    if any(_is_damaged(previous.path, file) for file in before):
        return []
    return [_link(plan, previous.path, file) for file in before]


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
