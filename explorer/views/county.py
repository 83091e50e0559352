"""One county: its years, series, the tables of a year, checks, prose, sources, neighbours and peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer import charts
from explorer.model import Block, Cell, Chart, Heading, Link, Table, Text, View
from explorer.queries import county as query
from explorer.queries import coverage
from explorer.views.forms import form_blocks
from explorer.views.pieces import amount, applicant_label, figure_cell, indicator_label, pick, records
from explorer.words import say
from normalize import codebook
from normalize.panel import all_series

if TYPE_CHECKING:
    import pandas as pd

    from explorer.model import Asked
    from explorer.source import Source

PEERS = 20
MOST_CHARACTERS = 20_000


def show(source: Source, asked: Asked) -> View:
    """The view of one county."""
    choices, chosen = pick(source, asked)
    code, body = choices[1].value, choices[2].value
    blocks: list[Block] = [*_years(source, code, body, asked)]
    if chosen.empty:
        blocks.append(
            Text(
                asked.either("此处没有报告；上表说明各年为何没有。", "No report here; the outcomes above say why."),
                "note",
            )
        )
        return View(choices[1].options.get(code, say("county", asked.language)), blocks, choices)
    report = chosen.iloc[0]
    blocks += _series(query.panel(source, code, body), asked)
    blocks += [Heading(f"{body} {report['report_year']}"), *_facts(report, asked), *tables(source, report, asked)]
    blocks += _checks(query.checks(source, report["report_id"], report["report_year"]), asked)
    blocks += _prose(source, report, asked)
    blocks += _around(query.around(source, report["report_id"], report["report_year"]), report, source, asked)
    return View(body, blocks, choices)


def _years(source: Source, code: str, body: str, asked: Asked) -> list[Block]:
    reports = query.reports(source, code)
    own = reports[reports["body"] == body]
    found = {row.report_year for row in records(own)}
    rows = [
        [
            Cell(str(row.report_year), to=Link("county", {"code": code, "body": body, "year": str(row.report_year)})),
            Cell("report", "good"),
            Cell(row.form or "—"),
            amount(row.cells_reported),
            amount(row.cells_flagged),
            amount(row.checks_failed),
            Cell(row.flags, "doubt" if row.flags else ""),
            Cell(row.title),
        ]
        for row in records(own)
    ]
    rows += [
        [Cell(str(row.report_year)), Cell(row.outcome, "missing"), *[Cell("")] * 5, Cell(row.detail)]
        for row in records(coverage.of_portal(source, code))
        if row.report_year not in found
    ]
    rows.sort(key=lambda row: row[0].text, reverse=True)
    head = [
        say("year", asked.language),
        say("outcome", asked.language),
        say("form", asked.language),
        asked.either("有数", "numbers"),
        asked.either("存疑", "in doubt"),
        asked.either("校验不符", "checks failed"),
        say("flags", asked.language),
        say("detail", asked.language),
    ]
    return [Table("years", head, rows, reports)]


def _series(panel: pd.DataFrame, asked: Asked) -> list[Block]:
    rows = [
        {
            "label": asked.either(each.label, each.label_en),
            "report_year": year,
            "value": value,
            "form": form,
            "flags": flag or "",
            "doubt": bool(flag),
        }
        for each in all_series()
        if each.column in panel and panel[each.column].notna().any()
        for year, form, value, flag in zip(
            panel["report_year"], panel["form"], panel[each.column], panel[f"{each.column}_flag"], strict=True
        )
    ]
    if not rows:
        return []
    import pandas as pd  # noqa: PLC0415 - the edge

    frame = pd.DataFrame(rows)
    breaks = panel[["report_year", "form"]][panel["form"].ne(panel["form"].shift()) & (panel.index > panel.index.min())]
    note = asked.either(
        "虚线：表式更换，口径可能不同；空心点：存疑",
        "Dashed: the form changes, and with it at times what is counted; hollow: in doubt",
    )
    return [
        Heading(asked.either("历年序列", "Series over the years")),
        Chart("series", note, lambda: charts.series(frame, breaks, note)),
        Table(
            "series",
            [asked.either("序列", "Series"), *map(str, panel["report_year"])],
            [
                [
                    Cell(str(label)),
                    *(
                        Cell(amount(row.value).text or row.flags, "doubt" if row.doubt else "", number=True)
                        for row in records(part)
                    ),
                ]
                for label, part in frame.groupby("label", sort=False)
            ],
            frame,
        ),
    ]


def _facts(report: Any, asked: Asked) -> list[Block]:
    names = ("form", "published", "reader", "fetched_at", "sha256", "url", "flags")
    labels = {"fetched_at": "fetched", "url": "address"}
    rows = [[Cell(say(labels.get(name, name), asked.language)), Cell(str(report[name] or "—"))] for name in names]
    rows.append(
        [
            Cell(say("source", asked.language)),
            Cell(
                asked.either("打开存档", "open the archived document"),
                to=Link("source", {"report": report["report_id"]}),
            ),
        ]
    )
    return [Table("report", ["", report["title"]], rows)]


def tables(source: Source, report: Any, asked: Asked) -> list[Block]:
    """The statutory tables of a report, as its form prints them."""
    frame = query.figures(source, report["report_id"], int(report["report_year"]))
    return form_blocks(report["form"], frame, lambda row: figure_cell(row, report["report_id"]), asked)


def _checks(frame: pd.DataFrame, asked: Asked) -> list[Block]:
    says = {rule.check: asked.either(rule.label, rule.label_en) for rule in codebook.check_rules()}
    failed = frame[frame["result"] == "fail"]
    counts = frame["result"].value_counts()
    rows = [
        [
            Cell(row.check, "doubt", Link("quality", {"check": row.check})),
            Cell(row.severity),
            Cell(says.get(row.check, "")),
            Cell(applicant_label(row.applicant, asked)),
            amount(row.left),
            amount(row.right),
            Cell(row.cells),
        ]
        for row in records(failed)
    ]
    head = [say(name, asked.language) for name in ("check", "severity", "says", "applicant", "left", "right", "cells")]
    said = ", ".join(f"{name} {counts.get(name, 0)}" for name in ("pass", "fail", "not_evaluable"))
    return [Heading(say("check", asked.language)), Text(said, "quiet"), Table("checks", head, rows, frame)]


def _prose(source: Source, report: Any, asked: Asked) -> list[Block]:
    key = (report["report_id"], int(report["report_year"]))
    stated, chapters, left = query.narrative(source, *key), query.sections(source, *key), query.leftovers(source, *key)
    blocks: list[Block] = []
    if len(stated):
        rows = [
            [
                Cell(indicator_label(row.indicator, asked)),
                Cell(
                    amount(row.value).text + row.unit,
                    "doubt" if row.cumulative else "",
                    title="cumulative" if row.cumulative else "",
                    number=True,
                ),
                Cell(row.quote),
            ]
            for row in records(stated)
        ]
        blocks += [
            Heading(asked.either("文中数字", "Figures in prose")),
            Table("narrative", [say(name, asked.language) for name in ("label", "value", "quote")], rows, stated),
        ]
    if len(left):
        rows = [[Cell(row.raw), Cell(row.reason)] for row in records(left)]
        blocks += [
            Heading(asked.either("未归位内容", "Left over")),
            Table("leftovers", ["", say("note", asked.language)], rows, left),
        ]
    blocks.append(Heading(asked.either("正文", "Chapters")))
    for row in records(chapters):
        blocks += [Text(row.heading, "note"), Text(_beginning(row.text, asked))]
    return blocks


def _beginning(text: str, asked: Asked) -> str:
    """A chapter, the beginning of one that is longer than any that people write."""
    if len(text) <= MOST_CHARACTERS:
        return text
    said = asked.either(f"……（全章 {len(text)} 字，以下略）", f" … ({len(text)} characters in all)")
    return text[:MOST_CHARACTERS] + said


def _around(frame: pd.DataFrame, report: Any, source: Source, asked: Asked) -> list[Block]:
    if frame.empty:
        return []
    import pandas as pd  # noqa: PLC0415 - the edge

    own = query.panel(source, report["division_code"], report["body"])
    own = own[own["report_year"] == report["report_year"]]
    everyone = pd.concat([frame[["body", "h_apply_received"]], own[["body", "h_apply_received"]]])
    drawn = everyone.rename(columns={"h_apply_received": "value"}).dropna()
    title = asked.either(
        f"本省同级机关的新收申请（n = {len(drawn)}），红色为本机关",
        f"New requests of bodies of this level in the province (n = {len(drawn)}); red: this one",
    )
    blocks: list[Block] = [Heading(asked.either("邻县与相近县", "Neighbours and peers"))]
    if len(drawn):
        blocks.append(Chart("peers", title, lambda: charts.peers(drawn, title, report["body"])))
    shown = pd.concat([frame[frame["neighbour"]], frame[~frame["neighbour"]].head(PEERS)])
    year = str(report["report_year"])
    rows = [
        [
            Cell(row.body, to=Link("county", {"code": row.division_code, "body": row.body, "year": year})),
            Cell(asked.either("邻", "neighbour") if row.neighbour else asked.either("相近", "peer")),
            amount(row.h_apply_received),
            amount(row.h_apply_denied),
            amount(row.h_review_recon_total),
            Cell(
                say("compare", asked.language),
                to=Link(
                    "compare",
                    {
                        "code": report["division_code"],
                        "body": report["body"],
                        "year": year,
                        "code2": row.division_code,
                        "body2": row.body,
                        "year2": year,
                    },
                ),
            ),
        ]
        for row in records(shown)
    ]
    head = [
        say("body", asked.language),
        "",
        *(asked.either(*words) for words in (("新收", "received"), ("不予公开", "denied"), ("复议", "reviews"))),
        "",
    ]
    return [*blocks, Table("peers", head, rows, frame)]
