"""A comparison of two years as one HTML page that needs nothing else: summary, charts, the largest changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from explorer import charts
from explorer.model import SHOWN_ROWS, Block, Cell, Chart, Heading, Table, Text
from explorer.page import page
from explorer.views.pieces import amount
from normalize.diff import CALIBER_BREAK, COMPARABLE, FORM_CHANGED, NOT_REPORTED

if TYPE_CHECKING:
    from collections.abc import Sequence

BARS = 20
BINS = 40
KINDS = (COMPARABLE, FORM_CHANGED, CALIBER_BREAK, NOT_REPORTED)


def diff_page(frame: pd.DataFrame, what: str) -> str:
    """The page for what ``normalize.diff.years`` gave; ``what`` says what was compared.

    Sums count only bodies that report both years, and each stands beside their number and that of all bodies.
    """
    first, second = int(frame.attrs["first"]), int(frame.attrs["second"])
    sums = totals(frame, first, second)
    changed = frame[frame["change"].fillna(0) != 0]
    largest = changed.reindex(changed["change"].abs().sort_values(ascending=False, kind="stable").index)
    shown = ["body", "label", f"value_{first}", f"value_{second}", "change", "percent", "unit", "comparable"]
    shown += [name for name in ("jump", "history_n", "peers_n", "peers_of") if name in frame]
    counts = frame["comparable"].value_counts()
    said = ", ".join(f"{kind} {counts.get(kind, 0)}" for kind in KINDS)
    facts = f"Release {frame.attrs['release_id']}. {frame['body'].nunique()} bodies, {len(frame)} cells: {said}."
    blocks: list[Block] = [
        Text(facts, "quiet"),
        *_charts(sums, frame),
        Heading("Sums over the bodies that report both years"),
        _table("sums", list(sums.columns), sums),
        Heading(f"Largest changes ({min(len(largest), SHOWN_ROWS)} of {len(largest)})"),
        _table("changes", [*shown, "note"], largest),
    ]
    return page(f"{what}: {first} → {second}", blocks)


def totals(frame: pd.DataFrame, first: int, second: int) -> pd.DataFrame:
    """Each cell summed over the bodies whose change is known: ``n`` of them, ``of`` all bodies of the comparison.

    Applicants other than the total are left out. Money in different units is summed apart.
    """
    rows = frame[frame["applicant"].isin(["", "total"])]
    of = frame["body"].nunique()
    known = rows[rows["change"].notna()]
    values = {str(first): (f"value_{first}", "sum"), str(second): (f"value_{second}", "sum")}
    grouped = known.groupby(["indicator", "label", "unit"], sort=False, observed=True)
    sums = grouped.agg(n=("body", "size"), **values).reset_index()
    sums.insert(4, "of", of)
    sums["change"] = sums[str(second)] - sums[str(first)]
    base = sums[str(first)]
    sums["percent"] = (100 * sums["change"] / base.where(base != 0)).round(2)
    return pd.DataFrame(sums)


def _charts(sums: pd.DataFrame, frame: pd.DataFrame) -> list[Block]:
    """The sums that changed most in percent, and how the bodies' changes are spread."""
    most = sums[sums["percent"].notna()]
    most = most.reindex(most["percent"].abs().sort_values(ascending=False, kind="stable").index).head(BARS)
    spread = frame[frame["applicant"].isin(["", "total"]) & frame["percent"].between(-100, 300)]["percent"]
    found: list[Block] = []
    if len(most):
        title = "Sums that changed most, percent"
        named = most[["label", "percent"]]
        found.append(Chart("sums", title, lambda: charts.bars(named, "percent", "label", title)))
    if len(spread):
        counts = binned(spread)
        said = "Changes of single cells, percent (-100 to 300)"
        found.append(Chart("spread", said, lambda: charts.histogram(counts, said, "cells")))
    return found


def binned(values: pd.Series[float], bins: int = BINS) -> pd.DataFrame:
    """Values counted in bins of the same width: ``start``, ``end`` and ``n`` of each."""
    counts = pd.cut(values, bins).value_counts(sort=False)
    ends = [(each.left, each.right) for each in counts.index]
    return pd.DataFrame(ends, columns=["start", "end"]).assign(n=counts.to_numpy())


def _table(name: str, columns: list[str], frame: pd.DataFrame) -> Table:
    rows: list[Sequence[Cell]] = [
        [_cell(value) for value in row] for row in frame[columns].head(SHOWN_ROWS).itertuples(index=False)
    ]
    return Table(name, columns, rows, total=len(frame))


def _cell(value: Any) -> Cell:
    return amount(None if pd.isna(value) else value) if isinstance(value, (int, float)) else Cell(str(value))
