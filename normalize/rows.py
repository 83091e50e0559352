"""One report and its capture to the rows of a release, and what deciding between reports takes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normalize.model import Report
from normalize.panel import Series, panel_values

if TYPE_CHECKING:
    from captures import Capture
    from normalize.divisions import Divisions
    from normalize.model import Check

Cell = str | float | int | bool | None
Row = Sequence[Cell]

NO_DIVISION = "000000"
UNREADABLE = "unreadable"
DUPLICATE_DROPPED = "duplicate_dropped"
# A form has so many figures, always; 207 is form 2021 with the older single row of （六）其他处理.
FORM_CELLS = {"2008": (41,), "2014": (58,), "2019": (198,), "2021": (200, 207)}


@dataclass(frozen=True, slots=True)
class ReportRows:
    """One report as rows of the tables, by table name, in the tables' column order.

    ``reports`` and ``panel`` rows lack their last column: flags are settled once all reports are known.
    ``signature`` is equal for two documents that report the same; ``flags`` are those of the report alone. ``lineage``,
    ``office`` (the body without its county's name) and ``scope`` tell which reports of other years are the same body's.
    ``fault`` says what is wrong with the figures, and is empty where they are as the form says.
    """

    report_id: str
    report_year: int
    division_code: str
    body: str
    url: str
    signature: str
    form: str
    cells_reported: int
    published: str
    fetched_at: str
    lineage: str
    office: str
    body_level: str
    scope: str
    sha256: str
    fault: str
    flags: tuple[str, ...]
    tables: dict[str, list[Row]]


def report_rows(report: Report, capture: Capture, divisions: Divisions, series: Sequence[Series]) -> ReportRows:
    """The rows of one report read from ``capture``."""
    report_id = report_identifier(report.division_code, report.report_year, capture.url)
    place = divisions.place(report.division_code, report.report_year)
    where = (place.lineage_code, place.province, place.prefecture, place.county)
    cells_reported = sum(figure.status == "reported" for figure in report.figures)
    head = (report_id, report.division_code, *where, report.body, report.body_level)
    summary = (
        *head, report.scope, report.form, report.title, report.published, report.period_start, report.period_end,
        capture.url, capture.sha256, report.media_type or capture.media_type, report.reader, capture.fetched_at,
        cells_reported, sum(bool(figure.flags) for figure in report.figures),
        sum(check.result == "fail" for check in report.checks),
    )  # fmt: skip
    return ReportRows(
        report_id,
        report.report_year,
        report.division_code,
        report.body,
        capture.url,
        _signature(report, capture, cells_reported),
        report.form,
        cells_reported,
        report.published,
        capture.fetched_at,
        place.lineage_code or report.division_code,
        report.body.replace(place.county, "") if place.county else report.body,
        report.body_level,
        report.scope,
        capture.sha256,
        figure_fault(report_id, report),
        tuple(dict.fromkeys([*report.flags, *([place.flag] if place.flag else [])])),
        {
            "reports": [summary],
            "figures": _figures(report, report_id, capture.sha256),
            "checks": check_rows(report.checks, report_id),
            "narrative": _narrative(report, report_id),
            "sections": [(report_id, each.section, each.heading, each.text) for each in report.sections],
            "leftovers": [
                leftover(report_id, each.reason, each.raw, (each.table_no, each.row_no, each.col_no))
                for each in report.leftovers
            ],
            "panel": [(*head, report.form, *panel_values(report.figures, report.form, series))],
        },
    )


def unreadable_rows(capture: Capture, error: str, divisions: Divisions, series: Sequence[Series]) -> ReportRows:
    """The rows of a document that could not be read: a report without figures, and the reason among the leftovers."""
    report = Report(
        form="", body="", body_level="", scope="", division_code=capture.portal_code, report_year=0,
        title=capture.list_title, published="", period_start="", period_end="", reader="",
        media_type=capture.media_type, flags=[UNREADABLE],
    )  # fmt: skip
    rows = report_rows(report, capture, divisions, series)
    rows.tables["leftovers"].append(leftover(rows.report_id, f"{UNREADABLE}: {error}", capture.url))
    return rows


def report_identifier(division_code: str, report_year: int, url: str) -> str:
    """The identifier of a report: division, year and ten hex digits of its address."""
    return f"{division_code or NO_DIVISION}-{report_year}-{hashlib.sha256(url.encode()).hexdigest()[:10]}"


def figure_fault(report_id: str, report: Report) -> str:
    """What is wrong with the figures of one report: too few or many for the form, or a cell twice; else empty."""
    number = len(report.figures)
    if number and report.form in FORM_CELLS and number not in FORM_CELLS[report.form]:
        expected = " or ".join(map(str, FORM_CELLS[report.form]))
        return f"{report_id}: {number} figures, form {report.form} has {expected}"
    twice = number - len({(each.indicator, each.applicant) for each in report.figures})
    return f"{report_id}: {twice} figures stand twice" if twice else ""


def leftover(report_id: str, reason: str, raw: str, cell: tuple[int, int, int] = (-1, -1, -1)) -> Row:
    """A row of the leftovers; ``cell`` is table, row and column, -1 where the matter is in no table."""
    return (report_id, *cell, raw, reason)


def _figures(report: Report, report_id: str, sha256: str) -> list[Row]:
    head = (report_id, report.division_code, report.body_level, report.form)
    return [
        (
            *head, each.indicator, each.applicant, each.value, each.unit, each.status, each.raw, " ".join(each.flags),
            sha256, each.page, each.table_no, each.row_no, each.col_no,
        )
        for each in report.figures
    ]  # fmt: skip


def check_rows(checks: Sequence[Check], report_id: str) -> list[Row]:
    """The rows of the checks of one report."""
    return [
        (
            report_id, each.check, each.applicant, each.severity, each.result, each.left, each.right, each.difference,
            " ".join(each.cells),
        )
        for each in checks
    ]  # fmt: skip


def _narrative(report: Report, report_id: str) -> list[Row]:
    return [
        (
            report_id, each.indicator, each.value, each.unit, each.cumulative, each.section, each.quote, each.start,
            each.end, each.approximate,
        )
        for each in report.narrative
    ]  # fmt: skip


def _signature(report: Report, capture: Capture, cells_reported: int) -> str:
    said: list[object] = [report.form]
    if cells_reported:
        said += [(each.indicator, each.applicant, each.value, each.unit, each.status) for each in report.figures]
    elif report.sections:
        said += [each.text for each in report.sections]
    else:
        said.append(capture.sha256)
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
