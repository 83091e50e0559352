"""Reports and frames on the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from normalize import codebook
from normalize.grid import expand

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import JustifyMethod

    from normalize.model import Report
    from normalize.trace import Trace

FOLDED_LEAST = 10
WIDEST = 1_000

_LABEL = ""
_SEVERITY_STYLES = {"hard": "bold red", "soft": "yellow", "note": "cyan"}
# How a cell is shown, by what was made of it.
_STATUS_STYLES = {
    "reported": "green",
    "flagged": "black on yellow",
    "blank": "dim",
    "not_applicable": "blue",
    "text": "magenta",
    "ambiguous": "white on dark_orange3",
    "unreadable": "white on red",
    "left over": "italic cyan",
}


def number(value: float | None) -> str:
    """A number as people write it: 3, not 3.0; empty where there is none."""
    return "" if value is None else f"{value:.15g}"


def print_report(report: Report, name: str, out: Console) -> None:
    """What was read of one document: whose it is, its figures, the checks that fail, and how much stayed open."""
    out.print(f"{name}  {report.title or 'no title'}", style="bold", markup=False, highlight=False)
    facts = {
        "body": report.body or "?",
        "level": report.body_level,
        "scope": report.scope,
        "division": report.division_code or "?",
        "year": report.report_year or "?",
        "form": report.form or "no statutory table",
        "flags": " ".join(report.flags) or "none",
    }
    out.print(" · ".join(f"{fact} {value}" for fact, value in facts.items()), markup=False)
    plain = Table("indicator", "label", "value", "status", "flags", box=None)
    wide = Table("indicator", *(a.label for a in codebook.applicants()), box=None)
    rows: dict[str, list[str]] = {}
    for figure in report.figures:
        shown = f"{number(figure.value)}{figure.unit}" if figure.value is not None else figure.status
        if figure.applicant:
            rows.setdefault(figure.indicator, []).append(shown)
            continue
        indicator = codebook.by_code(figure.indicator)
        plain.add_row(
            figure.indicator, indicator.label if indicator else "", shown, figure.status, " ".join(figure.flags)
        )
    for indicator_code, cells in rows.items():
        wide.add_row(indicator_code, *map(Text, cells))
    if report.figures:
        out.print(plain)
        out.print(wide)
    failed = [check for check in report.checks if check.result == "fail"]
    for check in failed:
        sides = f"{number(check.left)} against {number(check.right)}"
        out.print(f"check {check.check} fails: {sides} ({' '.join(check.cells)})", style="yellow", markup=False)
    counts = Counter(figure.status for figure in report.figures)
    out.print(
        " · ".join(f"{status} {count}" for status, count in counts.most_common()) or "no figures",
        f"· left over {len(report.leftovers)}\n",
    )


def print_tables(report: Report, out: Console) -> None:
    """The tables of a document as they stand there, each cell in the colour of what was made of it."""
    styles = _styles(report)
    for number, table in enumerate(report.tables):
        grid = expand(table)
        width = max((cell.end for row in grid.rows for cell in row), default=0)
        shown = Table(
            *[""] * width, title=f"table {number}", box=box.SQUARE, show_header=False, show_lines=True, padding=(0, 0)
        )
        for row_no, row in enumerate(grid.rows):
            texts = [Text()] * width
            for cell in row:
                if cell.row == row_no:
                    place = (number, row_no, cell.col)
                    texts[cell.col] = Text(cell.text.strip() or "·", styles.get(place, _LABEL))
            shown.add_row(*texts)
        out.print(shown)
    out.print(Text.assemble(*((f" {status} ", style) for status, style in _STATUS_STYLES.items())))


def _styles(report: Report) -> dict[tuple[int, int, int], str]:
    """The style of each cell that was read or left over, by its place."""
    left = {(each.table_no, each.row_no, each.col_no): _STATUS_STYLES["left over"] for each in report.leftovers}
    read = {
        (each.table_no, each.row_no, each.col_no): _STATUS_STYLES[
            "flagged" if each.status == "reported" and each.flags else each.status
        ]
        for each in report.figures
        if each.status != "missing"
    }
    return left | read


def print_trace(step: Trace, out: Console) -> None:
    """The way of one figure back to its source, a line a step."""
    figure, report, capture = step.figure, step.report, step.capture
    name = "@".join(filter(None, (figure["indicator"], figure["applicant"])))
    value = number(figure["value"]) + figure["unit"] if figure["value"] is not None else "no value"
    lines = [
        ("figure", f"{name} = {value} ({figure['status']}, printed {figure['raw']!r})"),
        ("flags", figure["flags"] or "none"),
        ("release", step.release_id),
        ("report", f"{report['report_id']}  {report['title']}"),
        ("of", f"{report['body']}, form {report['form']}, read by {report['reader']}"),
        ("address", capture.url if capture else report["url"]),
        ("sha256", figure["sha256"]),
    ]
    if capture is None:
        lines.append(("archive", "no capture of these bytes: name the archive that the release was made from"))
    else:
        warc = f"{capture.warc_file} at byte {capture.offset}, {capture.length} bytes"
        page = f"page {figure['page']}, " if figure["page"] else ""
        lines += [
            ("fetched", f"{capture.fetched_at}, run {capture.run_id}"),
            ("record", warc),
            ("cell", f"{page}table {figure['table_no']}, row {figure['row_no']}, column {figure['col_no']}"),
            ("row", " | ".join(" ".join(text.split()) for text in step.row) or "not in a table of the document"),
            ("markup", step.markup or "none: the cell was rebuilt from text, or the document has no markup"),
            ("read now", "the same" if step.agrees else f"otherwise: {step.again}"),
        ]
    for word, said in lines:
        out.print(Text.assemble((f"{word:9}", "bold"), str(said)), soft_wrap=True)
    out.print()


def print_failures(frame: pd.DataFrame, out: Console) -> None:
    """Checks that failed: what does not hold, each cell with its place, and the report's address."""
    for row in frame.to_dict("records"):
        applicant = f"@{row['applicant']}" if row["applicant"] else ""
        sides = f"{_cell(row['left'])} against {_cell(row['right'])}"
        head = f" {row['check']}{applicant}  {row['body']} {row['report_year']}: {sides}  {row['says']}"
        out.print(Text.assemble((row["severity"], _SEVERITY_STYLES[row["severity"]]), head), soft_wrap=True)
        for line in [*row["sources"].splitlines(), row["url"]]:
            out.print(Text(f"     {line}", "dim"), soft_wrap=True)


def print_frame(frame: pd.DataFrame, title: str, out: Console, *, folded: tuple[str, ...]) -> None:
    """A frame as a table: numbers to the right, and only the ``folded`` columns broken over lines, never to nothing.

    A column that says nothing in any row is left out.
    """
    out.print(title, markup=False)
    frame = frame[[name for name in frame.columns if frame.empty or any(map(_cell, frame[name]))]]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in frame.columns:
        justify: JustifyMethod = "right" if frame[name].dtype.kind in "fi" else "left"
        wraps = name in folded
        least = min(FOLDED_LEAST, max((cell_len(_cell(value)) for value in frame[name]), default=0)) if wraps else None
        table.add_column(name, justify=justify, no_wrap=not wraps, overflow="fold", min_width=least)
    for row in frame.itertuples(index=False):
        # As text, not as markup: what a report prints may hold brackets.
        table.add_row(*(Text(_cell(value)) for value in row))
    # In a file or a pipe nothing needs to be squeezed into lines of a terminal's width.
    (out if out.is_terminal else Console(file=out.file, width=WIDEST)).print(table)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else number(value)  # noqa: PLR0124 - only NaN differs from itself
    return "" if value is None else str(value)
