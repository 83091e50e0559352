"""Known errors of the sources, from ``data/corrections.csv``, put right in what was read; ``raw`` stays as printed.

A correction says what it expects to find. One that no longer fits stops the build: the source or the reading changed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from normalize import codebook
from normalize.checks import SAME_YEAR, run_checks
from normalize.model import Figure, Leftover, Narrative
from normalize.packing import FIGURES_PART, REST_PART, pack, unpack
from normalize.panel import all_series, panel_values
from normalize.published import ReleaseError
from normalize.rows import check_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from normalize.rows import Row
    from normalize.spill import Spill

CORRECTIONS = Path(__file__).resolve().parent.parent / "data" / "corrections.csv"
CORRECTED = "corrected"
COLUMNS = (
    "division_code", "body", "report_year", "indicator", "applicant", "expect", "value", "unit", "reason", "evidence",
)  # fmt: skip


class CorrectionError(ReleaseError):
    """A line of the corrections is no correction, or does not fit what was read; names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One figure of one body and year that its source prints wrongly: ``expect`` is printed, ``value`` is right.

    ``unit`` is the right unit of money, empty where the printed one holds; ``place`` is file and line.
    """

    place: str
    division_code: str
    body: str
    report_year: int
    indicator: str
    applicant: str
    expect: float
    value: float
    unit: str

    @property
    def report(self) -> tuple[str, str, int]:
        """Which reports it is about: division, body and year."""
        return self.division_code, self.body, self.report_year

    @property
    def cell(self) -> tuple[str, str]:
        """Which figure it is about."""
        return self.indicator, self.applicant


def read_corrections(path: Path = CORRECTIONS) -> list[Correction]:
    """The corrections of a file, sorted by report. Raises CorrectionError, naming the line, where one is none."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise CorrectionError(f"{path}, line 1: the columns are to be {','.join(COLUMNS)}")
            found = [_correction(row, f"{path}, line {line}") for line, row in enumerate(reader, 2)]
    except OSError as error:
        raise CorrectionError(f"{path}: cannot be read ({error}); restore it from the repository") from error
    seen: dict[object, str] = {}
    for each in found:
        if (first := seen.setdefault((each.report, each.cell), each.place)) != each.place:
            raise CorrectionError(f"{each.place}: corrects the figure of {first} again; keep one")
    return sorted(found, key=lambda each: (each.report, each.cell))


def _correction(row: dict[str, str], place: str) -> Correction:
    try:
        year, expect, value = int(row["report_year"]), float(row["expect"]), float(row["value"])
    except (TypeError, ValueError) as error:
        raise CorrectionError(f"{place}: {error}; report_year, expect and value are numbers") from error
    if not (isfinite(expect) and isfinite(value)):
        raise CorrectionError(f"{place}: expect and value are numbers that are finite")
    if expect == value and not row["unit"]:
        raise CorrectionError(f"{place}: changes neither value nor unit; remove it")
    if not (row["reason"] and row["evidence"]):
        raise CorrectionError(f"{place}: give reason and evidence")
    known = {(each.code, bool(each.axis)) for each in codebook.indicators()}
    applicants = ("", *codebook.applicant_codes())
    if (row["indicator"], bool(row["applicant"])) not in known or row["applicant"] not in applicants:
        raise CorrectionError(f"{place}: {row['indicator']}@{row['applicant']} is no cell of the codebook")
    return Correction(
        place, row["division_code"], row["body"], year, row["indicator"], row["applicant"], expect, value, row["unit"]
    )


def correct(store: Spill, corrections: Sequence[Correction]) -> tuple[int, int]:
    """Put right what was read, with the checks and series made from it; how many corrections were used, and not.

    A correction is used on each document of its body and year that prints what it expects. One whose body and year
    have no document is not used. Raises CorrectionError where there are documents and none prints it.
    """
    used = unused = 0
    for (division, body, year), of_report in groupby(corrections, key=lambda each: each.report):
        waiting = list(of_report)
        found = {
            report_id: unpack(figures, FIGURES_PART)["figures"].to_pylist()
            for report_id, figures in store.documents(division, body, year)
        }
        if not found:
            unused += len(waiting)
            continue
        for correction in waiting:
            _apply(correction, found)
            used += 1
        for report_id, figures in found.items():
            if any(CORRECTED in figure["flags"].split() for figure in figures):
                store.fix(report_id, *remade(figures, store.packed(report_id)[1]))
    return used, unused


def _apply(correction: Correction, found: dict[str, list[dict[str, Any]]]) -> None:
    cells = [
        figure
        for figures in found.values()
        for figure in figures
        if (figure["indicator"], figure["applicant"]) == correction.cell
    ]
    fitting = [figure for figure in cells if figure["status"] == "reported" and figure["value"] == correction.expect]
    if not fitting:
        printed = (
            ", ".join(
                sorted(
                    {f"{figure['value']:g}" if figure["value"] is not None else figure["status"] for figure in cells}
                )
            )
            or "no such cell"
        )
        raise CorrectionError(
            f"{correction.place}: expects {correction.expect:g} for {'@'.join(filter(None, correction.cell))} of"
            f" {correction.body} {correction.report_year}, but the document says {printed};"
            " correct or remove the line"
        )
    for figure in fitting:
        figure["value"] = correction.value
        figure["unit"] = correction.unit or figure["unit"]
        figure["flags"] = f"{figure['flags']} {CORRECTED}".strip()


def remade(figures: list[dict[str, Any]], packed: bytes) -> tuple[bytes, bytes]:
    """The packed rows of a report whose figures are others than read: figures, and the rest with what follows."""
    rest: dict[str, list[Row]] = {name: [] for name in REST_PART.schemas}
    for name, batch in unpack(packed, REST_PART).items():
        rest[name] = [tuple(row.values()) for row in batch.to_pylist()]
    head = figures[0]
    read = [_figure(each) for each in figures]
    narrative: list[Narrative] = [Narrative(*cast("Any", row[1:])) for row in rest["narrative"]]
    leftovers: list[Leftover] = [Leftover(*cast("Any", row[1:])) for row in rest["leftovers"]]
    checks = run_checks(
        head["form"], read, head["body_level"], narrative=narrative, leftovers=leftovers, years=_years(rest["checks"])
    )
    rest["checks"] = check_rows(checks, head["report_id"])
    summary = dict(zip(REST_PART.schemas["reports"].names, rest["reports"][0], strict=True))
    summary["cells_reported"] = sum(each.status == "reported" for each in read)
    summary["cells_flagged"] = sum(bool(each.flags) for each in read)
    summary["checks_failed"] = sum(check.result == "fail" for check in checks)
    rest["reports"] = [tuple(summary.values())]
    series = panel_values(read, head["form"], all_series())
    rest["panel"] = [(*rest["panel"][0][: -len(series)], *series)]
    rows = [tuple(each.values()) for each in figures]
    return pack({"figures": rows}, FIGURES_PART), pack(rest, REST_PART)


def _years(checks: Iterable[Row]) -> dict[str, int]:
    """The report years that the document's parts name, as their check recorded them."""
    cells = next((str(row[-1]) for row in checks if row[1] == SAME_YEAR), "")
    return {part: int(year) for part, _, year in (cell.partition(":") for cell in cells.split())}


def _figure(row: dict[str, Any]) -> Figure:
    return Figure(
        row["indicator"], row["applicant"], row["value"], row["unit"], row["status"], row["raw"],
        tuple(row["flags"].split()), row["page"], row["table_no"], row["row_no"], row["col_no"],
    )  # fmt: skip
