"""One report in several files: a page and its attachments, one text in two formats, a workbook for each table.

Files of one body, year and scope are one report as long as no cell of theirs contradicts another. The fullest is the
report; what it lacks comes from the others, each figure with the digest of the file that it stands in. Files that
contradict one another stay reports of their own, and ``Spill.settle`` flags them ``versions_differ``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from normalize.corrections import remade
from normalize.packing import FIGURES_PART, REST_PART, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normalize.rows import Row
    from normalize.spill import OneOfSeveral, Spill

# What stands in such a cell is not known, so it contradicts nothing.
_OPEN = frozenset(("missing", "ambiguous", "unreadable"))
# The columns of a figures row that tell what stands in the cell and where.
OF_THE_CELL = ("value", "unit", "status", "raw", "flags", "sha256", "page", "table_no", "row_no", "col_no")

Cell = tuple[str, str]


@dataclass(slots=True)
class _File:
    """One file of a report: its figures by cell, and those that stand in it for certain."""

    known: OneOfSeveral
    figures: dict[Cell, dict[str, Any]]
    placed: set[Cell]
    parts: list[_File] = field(default_factory=list)

    @property
    def is_sure(self) -> bool:
        """Whether its tables tell its form."""
        return "form_from_year" not in self.known.flags.split()

    def agrees(self, other: _File) -> bool:
        """Whether the two can be of one form and no cell of theirs contradicts.

        Table four alone is the same in two forms: where only the year tells which, the other file knows better.
        """
        same_form = self.known.form == other.known.form or (not other.is_sure and other.placed <= self.figures.keys())
        return same_form and all(
            _said(self.figures[cell]) == _said(other.figures[cell]) for cell in self.placed & other.placed
        )

    def join(self, other: _File) -> None:
        """Take another file as a part of this report, and from it the cells that were open here."""
        for cell in other.placed - self.placed:
            self.figures[cell] |= {name: other.figures[cell][name] for name in OF_THE_CELL}
        self.placed |= other.placed
        self.parts.append(other)


def join_parts(store: Spill) -> None:
    """Make one report of the files of each body, year and scope that do not contradict one another."""
    for group in store.several():
        reports = _reports([_file(store, known) for known in group])
        for report in reports:
            if report.parts:
                store.fix(report.known.report_id, *_remade(store, report))
                store.join(report.known.report_id, [part.known.report_id for part in report.parts])
    store.commit()


def _file(store: Spill, known: OneOfSeveral) -> _File:
    batches = unpack(store.packed(known.report_id)[0], FIGURES_PART)
    rows = batches["figures"].to_pylist() if "figures" in batches else []
    figures = {(row["indicator"], row["applicant"]): row for row in rows}
    return _File(known, figures, {cell for cell, row in figures.items() if row["status"] not in _OPEN})


def _reports(files: list[_File]) -> list[_File]:
    """The files that remain reports, with their parts; a file without figures is part of the fullest one."""
    with_figures = [file for file in files if file.figures]
    reports: list[_File] = []
    for file in sorted(with_figures, key=_rank):
        report = next((report for report in reports if report.agrees(file)), None)
        if report is None:
            reports.append(file)
        else:
            report.join(file)
    if reports:
        reports[0].parts += [file for file in files if not file.figures]
    return reports


def _rank(file: _File) -> tuple[bool, int, int, int, str]:
    """The fullest file whose form is certain first, of equals the one with the fewest doubts."""
    doubts = sum(bool(row["flags"]) for row in file.figures.values())
    return not file.is_sure, -len(file.placed), doubts, len(file.known.url), file.known.url


def _said(figure: dict[str, Any]) -> tuple[object, ...]:
    return figure["value"], figure["unit"], figure["status"]


def _remade(store: Spill, report: _File) -> tuple[bytes, bytes]:
    """The packed rows of a report and its parts; its prose is that of the file that says most."""
    own = report.known.report_id
    rest = [_rows(store.packed(file.known.report_id)[1], own) for file in (report, *report.parts)]
    wordiest = max(rest, key=lambda rows: _length(rows["sections"]))
    joined = {
        **rest[0],
        "sections": wordiest["sections"],
        "narrative": wordiest["narrative"],
        "leftovers": [row for rows in rest for row in rows["leftovers"]],
    }
    return remade(list(report.figures.values()), pack(joined, REST_PART))


def _rows(packed: bytes, report_id: str) -> dict[str, list[Row]]:
    """The rows of each table, as those of the report of this identifier."""
    batches = unpack(packed, REST_PART)
    rows = {name: batches[name].to_pylist() if name in batches else [] for name in REST_PART.schemas}
    return {name: [(report_id, *list(row.values())[1:]) for row in found] for name, found in rows.items()}


def _length(sections: Iterable[Row]) -> int:
    return sum(len(str(row[-1])) for row in sections)
