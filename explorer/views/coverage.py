"""Coverage: provinces by years, a province's portals by years, and the share found by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import charts
from explorer.model import Block, Cell, Chart, Choice, Heading, Link, Pick, Table, Text, View
from explorer.queries import coverage as query
from explorer.views.pieces import amount, records, share
from explorer.words import OUTCOME_GROUPS, group_label, group_of, say

if TYPE_CHECKING:
    import pandas as pd

    from explorer.model import Asked, Tone
    from explorer.source import Source

_TONES: dict[str, Tone] = {
    "kept": "good",
    "kept_doubtful": "doubt",
    "absent": "blank",
    "no_list": "missing",
    "refused": "other",
    "failed": "error",
}
_SIGNS = {"kept": "●", "kept_doubtful": "◐", "absent": "–", "no_list": "?", "refused": "⊘", "failed": "×"}


def show(source: Source, asked: Asked) -> View:
    """The view of coverage."""
    overview = query.by_province(source)
    title = say("coverage", asked.language)
    if overview.empty:
        return View(
            title,
            [
                Text(
                    asked.either("此版本没有报告，也没有采集结果。", "This release has no reports and no outcomes."),
                    "note",
                )
            ],
        )
    overview["share"] = (100 * overview["kept"] / overview["portals"]).round(1)
    provinces = list(dict.fromkeys(overview["province"]))
    chosen = asked.get("province")
    choice = Choice(
        "province",
        say("province", asked.language),
        {"": say("all", asked.language)} | {each: each for each in provinces},
        chosen if chosen in provinces else "",
    )
    if choice.value:
        return View(title, _province(query.of_province(source, choice.value), asked), [choice])
    said = asked.either(
        "各省各年已得报告的门户占比（点一行看该省）", "Share of portals whose report was found (click for the province)"
    )
    chart = Chart(
        "coverage",
        said,
        lambda: charts.province_map(overview, say("year", asked.language), said),
        Pick("coverage", {"province": "province"}),
    )
    return View(title, [chart, _totals(overview, asked), *_families(source, asked)], [choice])


def _totals(overview: pd.DataFrame, asked: Asked) -> Table:
    sums = overview.groupby("province", sort=False)[["portals", "kept"]].sum().reset_index()
    rows = [
        [
            Cell(row.province, to=Link("coverage", {"province": row.province})),
            amount(row.portals),
            amount(row.kept),
            share(row.kept, row.portals),
        ]
        for row in records(sums)
    ]
    return Table(
        "coverage",
        [say(name, asked.language) for name in ("province", "portal_years", "found", "share")],
        rows,
        overview,
    )


def _families(source: Source, asked: Asked) -> list[Block]:
    frame = query.by_family(source)
    rows = [
        [Cell(row.family or "—"), amount(row.portals), amount(row.years), amount(row.kept), share(row.kept, row.years)]
        for row in records(frame)
    ]
    head = [say(name, asked.language) for name in ("family", "portals", "portal_years", "found", "share")]
    return [
        Heading(asked.either("按门户系统", "By portal software")),
        Text(
            asked.either(
                "系统取自门户目录；“—”为目录未注明。", "The software as the catalogue names it; — where it names none."
            ),
            "quiet",
        ),
        Table("families", head, rows, frame),
    ]


def _province(frame: pd.DataFrame, asked: Asked) -> list[Block]:
    frame["place"] = frame["code"] + " " + frame["name"]
    frame["group"] = frame["outcome"].map(group_of)
    labels = {group: group_label(group, asked) for group in OUTCOME_GROUPS if group in set(frame["group"])}
    frame["said"] = frame["group"].map(labels)
    said = asked.either("各门户各年的采集结果（点一格看该县）", "Outcomes by portal and year (click for the county)")
    drawn = frame[["code", "place", "report_year", "outcome", "detail", "said"]]
    chart = Chart(
        "outcomes",
        said,
        lambda: charts.outcome_map(drawn, labels, said),
        Pick("county", {"code": "code", "report_year": "year"}),
    )
    years = sorted(set(frame["report_year"]))
    signs = " ".join(f"{_SIGNS[group]} {label}" for group, label in labels.items())
    rows = []
    for key, cells in frame.groupby(["code", "place"], sort=False):
        code, place = map(str, key)
        by_year = {row.report_year: row for row in records(cells)}
        line = [Cell(place, to=Link("county", {"code": code}))]
        for year in years:
            row = by_year.get(year)
            line.append(
                Cell("")
                if row is None
                else Cell(
                    _SIGNS[row.group],
                    _TONES[row.group],
                    Link("county", {"code": code, "year": str(year)}),
                    f"{row.outcome} {row.detail}",
                )
            )
        rows.append(line)
    return [
        chart,
        Text(signs, "quiet"),
        Table("outcomes", [say("county", asked.language), *map(str, years)], rows, frame),
    ]
