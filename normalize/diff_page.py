"""A comparison of two years as one HTML page that needs nothing else: summary, charts, the largest changes."""

from __future__ import annotations

import html
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pandas as pd

from normalize.diff import CALIBER_BREAK, COMPARABLE, FORM_CHANGED, NOT_REPORTED
from normalize.show import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROWS = 500
BARS = 20
KINDS = (COMPARABLE, FORM_CHANGED, CALIBER_BREAK, NOT_REPORTED)
_STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2em auto; max-width: 75em;
       padding: 0 1em; color: #222; }
table { border-collapse: collapse; margin: 1em 0; font-size: 14px; }
th, td { border-bottom: 1px solid #ddd; padding: .25em .6em; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { max-width: 100%; height: auto; }
.small { color: #666; font-size: 13px; }
"""


def diff_page(frame: pd.DataFrame, what: str) -> str:
    """The page for what ``normalize.diff.years`` gave; ``what`` says what was compared.

    Sums count only bodies that report both years, and each stands beside their number and that of all bodies. The
    charts are drawn where altair and vl-convert are installed (extra ``explore``); the tables say the same.
    """
    first, second = int(frame.attrs["first"]), int(frame.attrs["second"])
    sums = totals(frame, first, second)
    largest = frame[frame["change"].fillna(0) != 0]
    largest = largest.reindex(largest["change"].abs().sort_values(ascending=False, kind="stable").index).head(ROWS)
    shown = ["body", "label", f"value_{first}", f"value_{second}", "change", "percent", "unit", "comparable"]
    shown += [name for name in ("jump", "history_n", "peers_n", "peers_of") if name in frame]
    title = f"{what}: {first} → {second}"
    counts = frame["comparable"].value_counts()
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        f'<p class="small">Release {html.escape(str(frame.attrs["release_id"]))}. {frame["body"].nunique()} bodies,'
        f" {len(frame)} cells: {', '.join(f'{kind} {counts.get(kind, 0)}' for kind in KINDS)}.</p>",
        *charts(sums, frame),
        "<h2>Sums over the bodies that report both years</h2>",
        _table(sums.columns, sums.itertuples(index=False)),
        f"<h2>Largest changes ({len(largest)} of {int((frame['change'].fillna(0) != 0).sum())})</h2>",
        _table([*shown, "note"], largest[[*shown, "note"]].itertuples(index=False)),
    ]
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="zh"><head>{head}</head><body>\n' + "\n".join(parts) + "\n</body></html>\n"


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


def charts(sums: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Two drawings as inline SVG: sums that changed most in percent, and how the bodies' changes are spread."""
    if find_spec("altair") is None or find_spec("vl_convert") is None:
        return ['<p class="small">Charts need the extra explore: pip install "gongkai[explore]".</p>']
    alt, vl_convert = import_module("altair"), import_module("vl_convert")
    most = sums[sums["percent"].notna()]
    most = most.reindex(most["percent"].abs().sort_values(ascending=False, kind="stable").index).head(BARS)
    spread = frame[frame["applicant"].isin(["", "total"]) & frame["percent"].between(-100, 300)]
    drawings = [
        alt.Chart(most[["label", "percent"]], title="Sums that changed most, percent")
        .mark_bar()
        .encode(x=alt.X("percent:Q", title="%"), y=alt.Y("label:N", sort=None, title=None)),
        alt.Chart(spread[["percent"]], title="Changes of single cells, percent (-100 to 300)")
        .mark_bar()
        .encode(x=alt.X("percent:Q", bin=alt.Bin(maxbins=40), title="%"), y=alt.Y("count()", title="cells")),
    ]
    return [vl_convert.vegalite_to_svg(each.properties(width=600).to_dict()) for each in drawings if len(each.data)]


def _table(names: Iterable[Any], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in names)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows)
    return f"<table><tr>{head}</tr>\n{body}</table>"


def _cell(value: Any) -> str:
    if isinstance(value, (int, float)):
        return f'<td class="n">{"" if pd.isna(value) else number(float(value))}</td>'
    return f"<td>{html.escape(str(value))}</td>"
