"""The charts, drawn with Altair from frames; needs the extra ``explore``.

Colours are told apart by every kind of colour vision: Okabe and Ito's for kinds, viridis and cividis for amounts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from explorer.words import BLUE, ORANGE, OUTCOME_GROUPS, VERMILION

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

FONT = '"Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei", sans-serif'
WIDTH = 620
STEP = 16
PICK = "pick"
PALETTE = [BLUE, ORANGE, "#009E73", "#CC79A7", VERMILION, "#56B4E9", "#F0E442", "#000000"]


def _altair() -> Any:
    return import_module("altair")


def _finished(chart: Any) -> Any:
    # In one call: each copies the chart and its data.
    alt = _altair()
    return chart.configure(font=FONT, view=alt.ViewConfig(stroke=None), axis=alt.AxisConfig(labelLimit=220))


def _pickable(chart: Any, fields: Sequence[str]) -> Any:
    return chart.add_params(_altair().selection_point(name=PICK, fields=list(fields), on="click"))


def _run_axis() -> Any:
    """An axis of runs, named by their start, of which the day is shown."""
    day = "slice(datum.label, 0, 4) + '-' + slice(datum.label, 4, 6) + '-' + slice(datum.label, 6, 8)"
    return _altair().Axis(labelAngle=-40, labelExpr=f"test(/^\\d{{8}}T/, datum.label) ? {day} : datum.label")


def province_map(frame: pd.DataFrame, year: str, title: str) -> Any:
    """Share of reports found, provinces by years."""
    alt = _altair()
    chart = (
        alt.Chart(frame, title=title, width=alt.Step(30), height=alt.Step(STEP))
        .mark_rect(stroke="white", cursor="pointer")
        .encode(
            x=alt.X("report_year:O", title=year, axis=alt.Axis(orient="top", labelAngle=0)),
            y=alt.Y("province:N", title=None, sort=None),
            color=alt.Color("share:Q", title="%", scale=alt.Scale(scheme="cividis", domain=[0, 100])),
            tooltip=["province:N", "report_year:O", "kept:Q", "portals:Q", alt.Tooltip("share:Q", format=".1f")],
        )
    )
    return _finished(_pickable(chart, ["province"]))


def outcome_map(frame: pd.DataFrame, labels: dict[str, str], title: str) -> Any:
    """Outcomes, portals by years; ``labels`` names the groups that ``frame.group`` holds."""
    alt = _altair()
    colours = [OUTCOME_GROUPS[group][2] for group in labels]
    chart = (
        alt.Chart(frame, title=title, width=alt.Step(30), height=alt.Step(STEP))
        .mark_rect(stroke="white", cursor="pointer")
        .encode(
            x=alt.X("report_year:O", title=None, axis=alt.Axis(orient="top", labelAngle=0)),
            y=alt.Y("place:N", title=None, sort=None),
            color=alt.Color("said:N", title=None, scale=alt.Scale(domain=list(labels.values()), range=colours)),
            tooltip=["place:N", "report_year:O", "outcome:N", "detail:N"],
        )
    )
    return _finished(_pickable(chart, ["code", "report_year"]))


def series(frame: pd.DataFrame, breaks: pd.DataFrame, note: str) -> Any:
    """Series over years, one small chart each; a dashed rule where the form changes, hollow points where in doubt."""
    alt = _altair()
    base = alt.Chart(frame)
    years = alt.X("report_year:O", title=None, axis=alt.Axis(labelAngle=0))
    # Whole numbers in few figures, so that all charts are as wide.
    amounts = alt.Axis(format="~s", tickMinStep=1, tickCount=3, grid=False, minExtent=42, maxExtent=42)
    lines = base.mark_line(color=BLUE).encode(x=years, y=alt.Y("value:Q", title=None, axis=amounts))
    points = base.mark_point(size=45, color=BLUE).encode(
        x=years,
        y="value:Q",
        fill=alt.condition("datum.doubt", alt.value("white"), alt.value(BLUE)),
        tooltip=["label:N", "report_year:O", "value:Q", "form:N", "flags:N"],
    )
    layers = [lines, points]
    if len(breaks):
        changes = alt.FieldOneOfPredicate("report_year", breaks["report_year"].tolist())
        rules = base.transform_filter(changes).mark_rule(strokeDash=[4, 3], color=VERMILION)
        layers.append(rules.encode(x=years))
    layered = alt.layer(*layers).properties(width=185, height=110)
    return _finished(
        layered.facet(
            facet=alt.Facet("label:N", title=note, sort=list(dict.fromkeys(frame["label"]))), columns=3
        ).resolve_scale(y="independent")
    )


def histogram(counts: pd.DataFrame, title: str, number: str) -> Any:
    """How values are spread: bars ``start`` to ``end`` with ``n`` bodies each."""
    alt = _altair()
    chart = (
        alt.Chart(counts, title=title, width=WIDTH, height=220)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("start:Q", title=None, axis=alt.Axis(tickCount=10, labelSeparation=6)),
            x2="end:Q",
            y=alt.Y("n:Q", title=number, axis=alt.Axis(tickMinStep=1, format="d")),
            y2=alt.datum(0),
            tooltip=["start:Q", "end:Q", "n:Q"],
        )
    )
    return _finished(chart)


def median_map(frame: pd.DataFrame, title: str) -> Any:
    """Medians, provinces by years."""
    alt = _altair()
    chart = (
        alt.Chart(frame, title=title, width=alt.Step(40), height=alt.Step(STEP))
        .mark_rect(stroke="white")
        .encode(
            x=alt.X("report_year:O", title=None, axis=alt.Axis(orient="top", labelAngle=0)),
            y=alt.Y("province:N", title=None, sort=None),
            color=alt.Color("median:Q", title=None, scale=alt.Scale(scheme="viridis")),
            tooltip=["province:N", "report_year:O", "median:Q", "n:Q"],
        )
    )
    return _finished(chart)


def bars(frame: pd.DataFrame, amount: str, name: str, title: str, colour: str = BLUE) -> Any:
    """Amounts by name, as bars in the order of the rows."""
    alt = _altair()
    chart = (
        alt.Chart(frame, title=title, width=WIDTH, height=alt.Step(STEP))
        .mark_bar(color=colour)
        .encode(
            x=alt.X(f"{amount}:Q", title=None),
            y=alt.Y(f"{name}:N", title=None, sort=None),
            tooltip=[f"{name}:N", f"{amount}:Q"],
        )
    )
    return _finished(chart)


def peers(frame: pd.DataFrame, title: str, here: str) -> Any:
    """One body among the others: a tick each, its own larger and of another colour."""
    alt = _altair()
    chart = (
        alt.Chart(frame, title=title, width=WIDTH, height=60)
        .mark_tick(thickness=2, height=24)
        .encode(
            x=alt.X("value:Q", title=None),
            color=alt.condition(alt.datum.body == here, alt.value(VERMILION), alt.value("#56B4E9")),
            size=alt.condition(alt.datum.body == here, alt.value(46), alt.value(20)),
            tooltip=["body:N", "value:Q"],
        )
    )
    return _finished(chart)


def run_map(frame: pd.DataFrame, labels: dict[str, str], title: str, number: str) -> Any:
    """Outcomes over runs, stacked by group."""
    alt = _altair()
    colours = [OUTCOME_GROUPS[group][2] for group in labels]
    chart = (
        alt.Chart(frame, title=title, width=WIDTH, height=240)
        .mark_bar()
        .encode(
            x=alt.X("run_id:N", title=None, sort=None, axis=_run_axis()),
            y=alt.Y("n:Q", title=number),
            color=alt.Color("said:N", title=None, scale=alt.Scale(domain=list(labels.values()), range=colours)),
            tooltip=["run_id:N", "said:N", "n:Q"],
        )
    )
    return _finished(chart)


def alarm_map(frame: pd.DataFrame, title: str, number: str) -> Any:
    """Alarms over runs, stacked by kind; those that were told before are pale."""
    alt = _altair()
    chart = (
        alt.Chart(frame, title=title, width=WIDTH, height=240)
        .mark_bar()
        .encode(
            x=alt.X("run_id:N", title=None, sort=None, axis=_run_axis()),
            y=alt.Y("n:Q", title=number, axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color("kind:N", title=None, scale=alt.Scale(range=PALETTE)),
            opacity=alt.condition("datum.standing", alt.value(0.4), alt.value(1)),
            tooltip=["run_id:N", "kind:N", "standing:N", "n:Q"],
        )
    )
    return _finished(chart)


def flag_bars(frame: pd.DataFrame, title: str) -> Any:
    """Flags stacked by reader."""
    alt = _altair()
    chart = (
        alt.Chart(frame, title=title, width=WIDTH, height=alt.Step(STEP))
        .mark_bar()
        .encode(
            x=alt.X("sum(n):Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("flag:N", title=None, sort="-x"),
            color=alt.Color("reader:N", title=None, scale=alt.Scale(range=PALETTE)),
            tooltip=["flag:N", "reader:N", "sum(n):Q"],
        )
    )
    return _finished(chart)


def svg(chart: Any) -> str:
    """A chart as SVG."""
    return str(import_module("vl_convert").vegalite_to_svg(chart.to_dict()))


def png(chart: Any) -> bytes:
    """A chart as PNG at twice the size, for print."""
    return bytes(import_module("vl_convert").vegalite_to_png(chart.to_dict(), scale=2))
