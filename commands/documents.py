"""Commands on documents: read, trace."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.console import DATA, ArchiveOption, ReleasesOption, complain, fail, out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normalize import Report


class ReadFormat(StrEnum):
    """How ``read`` prints figures."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


def read(
    files: Annotated[list[Path], typer.Argument(help="HTML or text files.")],
    form: Annotated[ReadFormat, typer.Option("--format", help="How to print the figures.")] = ReadFormat.TABLE,
    show: Annotated[bool, typer.Option("--show", help="Table: the document's tables too, coloured by status.")] = False,
) -> None:
    """Print the figures of documents, without an archive.

    Example: `gongkai read report.html --format csv > figures.csv`
    """
    from normalize.show import print_report, print_tables

    reports = (pair for path in files if (pair := _read_file(path)))
    failed = 0
    if form is ReadFormat.TABLE:
        count = 0
        for path, report in reports:
            print_report(report, path.name, out)
            if show:
                print_tables(report, out)
            count += 1
        failed = len(files) - count
    else:
        failed = len(files) - _write_figures(reports, form)
    if failed:
        raise typer.Exit(2)


def trace(
    report_id: Annotated[str, typer.Argument(help="A report's identifier, from the table reports.")],
    indicator: Annotated[str, typer.Argument(help="An indicator, or INDICATOR@APPLICANT for one column.")],
    releases: ReleasesOption = DATA / "releases",
    archive: ArchiveOption = DATA / "archive",
) -> None:
    """Show where a published figure stands: release, report, WARC record, cell and its markup.

    Example: `gongkai trace 140221-2020-0123456789 apply.new@total`
    """
    from captures import ArchiveError
    from normalize.published import ReleaseError
    from normalize.show import print_trace
    from normalize.trace import trace as trace_figure

    code, _, applicant = indicator.partition("@")
    try:
        steps = trace_figure(releases, archive, report_id, code, applicant)
    except (ArchiveError, ReleaseError) as error:
        fail(str(error))
    for step in steps:
        print_trace(step, out)


def _read_file(path: Path) -> tuple[Path, Report] | None:
    """One file's report; a file that cannot be read is named on standard error and left out."""
    from normalize import UnreadableDocument, read_document

    try:
        return path, read_document(path.read_bytes(), name=str(path))
    except OSError as error:
        complain(f"{path}: {error.strerror}; name a file that can be read")
    except UnreadableDocument as error:
        complain(f"{error} ({error.code})")
    return None


def _figure_rows(path: Path, report: Report) -> Iterable[dict[str, Any]]:
    """The rows of the table figures, with the file's stem as ``case``."""
    from normalize.rows import report_identifier

    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    head = {
        "case": path.stem,
        "report_id": report_identifier(report.division_code, report.report_year, path.name),
        "division_code": report.division_code,
        "report_year": report.report_year,
        "body_level": report.body_level,
        "form": report.form,
    }
    for figure in report.figures:
        yield head | {
            "indicator": figure.indicator,
            "applicant": figure.applicant,
            "value": figure.value,
            "unit": figure.unit,
            "status": figure.status,
            "raw": figure.raw,
            "flags": " ".join(figure.flags),
            "sha256": digest,
            "page": figure.page,
            "table_no": figure.table_no,
            "row_no": figure.row_no,
            "col_no": figure.col_no,
        }


def _write_figures(reports: Iterable[tuple[Path, Report]], form: ReadFormat) -> int:
    from normalize.show import number

    count = 0
    writer: csv.DictWriter[str] | None = None
    for path, report in reports:
        count += 1
        for row in _figure_rows(path, report):
            if form is ReadFormat.JSONL:
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
                continue
            if writer is None:
                writer = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow({**row, "value": number(row["value"])})
    return count
