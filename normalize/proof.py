"""A release against its archive: each report's document is there, is the same bytes, and reads the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from captures import Archive
from normalize import read_document
from normalize.corrections import CORRECTED, CORRECTIONS, read_corrections
from normalize.packing import FIGURES_PART, REST_PART, batch_of, unpack
from normalize.partitions import ByReport
from normalize.parts import OF_THE_CELL
from normalize.published import Release, load_release, opened, verify_release
from normalize.reading import ArchiveReader, Job, read_capture
from normalize.rows import UNREADABLE
from normalize.schema import FIGURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

    from normalize.corrections import Correction
    from normalize.model import Report
    from normalize.spill import Reading

Figures = dict[tuple[str, str], dict[str, Any]]
Corrections = dict[tuple[str, str, int, str, str], "Correction"]


def prove(
    release: Path,
    archive: Path,
    *,
    reader: Callable[..., Report] = read_document,
    open_archive: Callable[[Path], ArchiveReader] = Archive,
    corrections: Path = CORRECTIONS,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """What does not hold of a release: files changed, documents gone or changed, figures that read otherwise now.

    A corrected figure holds where its correction still stands in ``corrections`` and the document still prints what it
    expects. Raises ReleaseError where there is no release, ArchiveError where the archive cannot be opened.
    """
    found = load_release(release)
    if problems := verify_release(found.path):
        return problems
    job = Job(archive, open_archive, reader)
    known = {(*each.report, *each.cell): each for each in read_corrections(corrections)}
    done = 0
    with opened(found.path), open_archive(archive) as source:
        captures = {
            (each.url, each.sha256): each
            for kind in ("detail", "attachment")
            for each in source.captures(kind=kind, newest=False)
        }
        by_digest = {each.sha256: each for each in captures.values()}
        for report, figures in _reports(found):
            capture = captures.get((report["url"], report["sha256"]))
            reading = read_capture(job, source, capture) if capture else None
            digests = set(figures["sha256"].to_pylist()) - {report["sha256"]}
            parts = {
                digest: _cells(read_capture(job, source, by_digest[digest])) if digest in by_digest else {}
                for digest in digests
            }
            problems += _problems(report, figures, reading, parts, known)
            done += 1
            if on_progress:
                on_progress(done, found.rows["reports"])
    return problems


def _reports(release: Release) -> Iterator[tuple[dict[str, Any], pa.RecordBatch]]:
    """Each report of a release with its figures; memory holds a year's reports and a row group of figures."""
    for year in release.reports_by_year:
        waiting = {
            report["report_id"]: {**report, "report_year": year}
            for path in _files(release, "reports", year)
            for report in pq.ParquetFile(path).read().to_pylist()
        }
        for path in _files(release, "figures", year):
            file = pq.ParquetFile(path)
            # A row group holds whole reports.
            for group in range(file.num_row_groups):
                rows = ByReport(file.read_row_group(group))
                for report_id in rows.places:
                    yield waiting.pop(report_id), rows.of(report_id)
        for report in waiting.values():
            yield report, batch_of(FIGURES.schema, [])


def _files(release: Release, table: str, year: int) -> list[Path]:
    entries = release.manifest["files"]
    return [release.path / each["path"] for each in entries if (each["table"], each["report_year"]) == (table, year)]


def _cells(reading: Reading) -> Figures:
    batch = unpack(reading.figures, FIGURES_PART).get("figures")
    rows = batch.to_pylist() if batch is not None else []
    return {(row["indicator"], row["applicant"]): row for row in rows}


def _problems(
    report: Mapping[str, Any],
    figures: pa.RecordBatch,
    reading: Reading | None,
    parts: Mapping[str, Figures],
    corrections: Corrections,
) -> list[str]:
    """``parts`` are the figures of the other files of which the report was joined, by the files' digests."""
    name = f"{report['report_id']} ({report['url']})"
    if reading is None:
        return [f"{name}: no capture of these bytes in the archive"]
    again = unpack(reading.figures, FIGURES_PART).get("figures", batch_of(FIGURES.schema, []))
    if again.equals(figures):
        return []
    if not again.num_rows:
        return [f"{name}: cannot be read now: {_reason(reading)}"]
    if again.num_rows != figures.num_rows:
        return [f"{name}: {figures.num_rows} figures published, {again.num_rows} read now"]
    place = (report["division_code"], report["body"], report["report_year"])
    differing = []
    for published, read in zip(figures.to_pylist(), again.to_pylist(), strict=True):
        cell = (published["indicator"], published["applicant"])
        if published["sha256"] in parts:
            part = parts[published["sha256"]].get(cell, {})
            read |= {name: part.get(name) for name in OF_THE_CELL}
        if published != read and published != _corrected(read, corrections.get((*place, *cell))):
            differing.append("@".join(filter(None, cell)))
    shown = ", ".join(differing[:5])
    return [f"{name}: {len(differing)} figures read otherwise now: {shown}"] if differing else []


def _corrected(read: dict[str, Any], correction: Correction | None) -> dict[str, Any]:
    """The row that a correction makes of a figure as read."""
    if correction is None or read["value"] != correction.expect:
        return read
    flags = f"{read['flags']} {CORRECTED}".strip()
    return {**read, "value": correction.value, "unit": correction.unit or read["unit"], "flags": flags}


def _reason(reading: Reading) -> str:
    leftovers = unpack(reading.rest, REST_PART).get("leftovers")
    reasons = leftovers["reason"].to_pylist() if leftovers is not None else []
    return next((reason for reason in reversed(reasons) if reason.startswith(UNREADABLE)), "it holds no form")
