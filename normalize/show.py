"""Reports and frames on the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from normalize import codebook

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console, JustifyMethod

    from normalize.model import Report


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


def print_frame(frame: pd.DataFrame, title: str, out: Console, *, folded: tuple[str, ...]) -> None:
    """A frame as a table: numbers to the right, and only the ``folded`` columns broken over lines."""
    out.print(title, markup=False)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in frame.columns:
        justify: JustifyMethod = "right" if frame[name].dtype.kind in "fi" else "left"
        table.add_column(name, justify=justify, no_wrap=name not in folded, overflow="fold")
    for row in frame.itertuples(index=False):
        # As text, not as markup: what a report prints may hold brackets.
        table.add_row(*(Text(_cell(value)) for value in row))
    out.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else number(value)  # noqa: PLR0124 - only NaN differs from itself
    return "" if value is None else str(value)
