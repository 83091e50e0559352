"""The way of a published figure back to its source: release, report, capture in the archive, cell and its markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from captures import Archive
from normalize import read_document
from normalize.grid import expand
from normalize.loading import LoadError, load
from normalize.published import load_release

if TYPE_CHECKING:
    from pathlib import Path

    from captures import Capture
    from normalize.grid import Grid
    from normalize.model import Figure, RawTable, Report


@dataclass(frozen=True, slots=True)
class Trace:
    """One published figure and where it comes from; ``figure`` and ``report`` are rows of the release.

    ``capture`` is None where the archive does not hold these bytes. ``row`` are the texts of the cell's row, from left
    to right, ``markup`` is the cell as the page writes it (empty for documents without markup). ``again`` is the figure
    as this code reads it from the archive now.
    """

    release_id: str
    figure: dict[str, Any]
    report: dict[str, Any]
    capture: Capture | None
    row: tuple[str, ...]
    markup: str
    again: Figure | None

    @property
    def agrees(self) -> bool:
        """Whether the document still reads as it was published (a corrected value stands apart)."""
        if self.again is None:
            return False
        read = (self.again.value, self.again.unit, self.again.status, self.again.raw)
        return all(a == b or a is b is None for a, b in zip(read, self._published(), strict=True))

    def _published(self) -> tuple[Any, ...]:
        return tuple(self.figure[name] for name in ("value", "unit", "status", "raw"))


def trace(releases: Path, archive: Path, report_id: str, indicator: str, applicant: str = "") -> list[Trace]:
    """Where the figures of one indicator of a report come from: one, or seven for an indicator of table three.

    ``applicant`` names one of the seven columns. Raises LoadError where the release has no such report or figure,
    ReleaseError where there is no release, ArchiveError where the archive cannot be opened.
    """
    release = load_release(releases)
    year = _year(report_id)
    reports = load("reports", release.path, years=year)
    found = reports[reports["report_id"] == report_id]
    if found.empty:
        raise LoadError(f"{release.release_id}: no report {report_id}; the table reports has them all")
    report = _plain(found.iloc[0].to_dict())
    figures = load("figures", release.path, years=year, indicator=indicator, applicant=applicant or None)
    rows = figures[(figures["report_id"] == report_id) & (figures["indicator"] == indicator)]
    if rows.empty:
        raise LoadError(f"{report_id}: form {report['form'] or '(none)'} has no cell {indicator} {applicant}".rstrip())
    # A report joined of several files: each figure names the one that it stands in.
    sources = {digest: _read_again(archive, report, digest) for digest in set(rows["sha256"])}
    return [
        _traced(release.release_id, _plain(row), report, *sources[row["sha256"]]) for row in rows.to_dict("records")
    ]


def _year(report_id: str) -> int:
    parts = report_id.split("-")
    if len(parts) < 2 or not parts[1].isdecimal():
        raise LoadError(f"{report_id} is no report's identifier; one looks like 140221-2020-0123456789")
    return int(parts[1])


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """A row without pandas' NaN for nothing."""
    return {str(name): None if value != value else value for name, value in row.items()}  # noqa: PLR0124 - NaN


def _read_again(archive: Path, report: dict[str, Any], digest: str) -> tuple[Capture | None, Report | None]:
    with Archive(archive) as opened:
        captures = [
            each
            for kind in ("detail", "attachment")
            for each in opened.captures(kind=kind, newest=False)
            if each.sha256 == digest
        ]
        captures = [each for each in captures if each.url == report["url"]] or captures
        capture = captures[-1] if captures else None
        if capture is None:
            return None, None
        charset = f"; charset={capture.charset}" if capture.charset else ""
        return capture, read_document(
            opened.read(capture),
            url=capture.url,
            media_type=f"{capture.media_type}{charset}",
            division_code=capture.portal_code,
            list_title=capture.list_title,
            keep_markup=True,
        )


def _traced(
    release_id: str, figure: dict[str, Any], report: dict[str, Any], capture: Capture | None, document: Report | None
) -> Trace:
    if document is None:
        return Trace(release_id, figure, report, capture, (), "", None)
    key = (figure["indicator"], figure["applicant"])
    again = next((each for each in document.figures if (each.indicator, each.applicant) == key), None)
    row, markup = _cell(document.tables, figure["table_no"], figure["row_no"], figure["col_no"])
    return Trace(release_id, figure, report, capture, row, markup, again)


def _cell(tables: list[RawTable], table_no: int, row_no: int, col_no: int) -> tuple[tuple[str, ...], str]:
    """The texts of a cell's row and the cell's markup; empty where the figure stands in no cell."""
    if not 0 <= table_no < len(tables):
        return (), ""
    grid = expand(tables[table_no])
    if not 0 <= row_no < len(grid.rows):
        return (), ""
    return tuple(cell.text for cell in grid.rows[row_no]), _markup(tables[table_no], grid, row_no, col_no)


def _markup(table: RawTable, grid: Grid, row_no: int, col_no: int) -> str:
    own = [cell for cell in grid.rows[row_no] if cell.row == row_no]
    place = next((index for index, cell in enumerate(own) if cell.col == col_no), -1)
    return table.rows[row_no][place].markup if place >= 0 else ""
