"""Quality: checks that fail, flags by reader and form, values in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import charts
from explorer.model import Block, Cell, Chart, Choice, Heading, Link, Table, View
from explorer.queries import quality as query
from explorer.views.pieces import amount, applicant_label, figure_cell, indicator_label, records, share
from explorer.words import say
from normalize import codebook

if TYPE_CHECKING:
    from explorer.model import Asked
    from explorer.source import Source

ROWS = 200
FLAGS_DRAWN = 25


def show(source: Source, asked: Asked) -> View:
    """The view of quality."""
    counts, flags = query.checks(source), query.flags(source)
    every = {"": "—"}
    checks = every | {name: name for name in counts["check"]}
    carried = {"": say("all", asked.language)} | {
        name: name for name in sorted(set(flags[flags["of"] == "figure"]["flag"]))
    }
    check = asked.get("check") if asked.get("check") in checks else ""
    flag = asked.get("flag") if asked.get("flag") in carried else ""
    says = {rule.check: asked.either(rule.label, rule.label_en) for rule in codebook.check_rules()}
    blocks: list[Block] = [Heading(asked.either("未通过的校验", "Checks that fail"))]
    rows = [
        [
            Cell(row.check, to=Link("quality", {"check": row.check})),
            Cell(row.severity),
            Cell(says.get(row.check, "")),
            amount(row.failed),
            amount(row.evaluated),
            share(row.failed, row.evaluated),
        ]
        for row in records(counts)
    ]
    words = [
        say("check", asked.language),
        say("severity", asked.language),
        say("says", asked.language),
        asked.either("不符", "failed"),
        asked.either("可评", "evaluated"),
        say("share", asked.language),
    ]
    blocks.append(Table("checks", words, rows, counts))
    if check:
        blocks += _failures(source, check, asked)
    blocks.append(Heading(asked.either("标记，按读取器与表式", "Flags by reader and form")))
    if len(flags):
        top = list(flags.groupby("flag")["n"].sum().nlargest(FLAGS_DRAWN).index)
        drawn = flags[flags["flag"].isin(top)]
        title = asked.either("标记数", "Flags")
        blocks.append(Chart("flags", title, lambda: charts.flag_bars(drawn, title)))
    labels = {(each.code, each.of): asked.either(each.label, each.label_en) for each in codebook.flags()}
    rows = [
        [
            Cell(row.flag, title=labels.get((row.flag, row.of), "")),
            Cell(row.of),
            Cell(row.reader),
            Cell(row.form or "—"),
            amount(row.n),
            Cell(labels.get((row.flag, row.of), "")),
        ]
        for row in records(flags)
    ]
    blocks.append(
        Table(
            "flags",
            [
                say("flag", asked.language),
                "",
                say("reader", asked.language),
                say("form", asked.language),
                say("n", asked.language),
                say("note", asked.language),
            ],
            rows,
            flags,
            len(flags),
        )
    )
    blocks += _doubtful(source, flag, asked)
    choices = [
        Choice("check", say("check", asked.language), checks, check),
        Choice("flag", say("flag", asked.language), carried, flag),
    ]
    return View(say("quality", asked.language), blocks, choices)


def _failures(source: Source, check: str, asked: Asked) -> list[Block]:
    frame = query.failures(source, check, ROWS)
    rows = [
        [
            Cell(
                row.body, to=Link("county", {"code": row.division_code, "body": row.body, "year": str(row.report_year)})
            ),
            Cell(str(row.report_year)),
            Cell(applicant_label(row.applicant, asked)),
            amount(row.left),
            amount(row.right),
            amount(row.difference),
            Cell(row.cells),
        ]
        for row in records(frame)
    ]
    head = [say(name, asked.language) for name in ("body", "year", "applicant", "left", "right", "change", "cells")]
    return [Heading(check), Table("failures", head, rows, frame, int(frame["total"].max()) if len(frame) else 0)]


def _doubtful(source: Source, flag: str, asked: Asked) -> list[Block]:
    frame = query.doubtful(source, flag, ROWS)
    rows = [
        [
            Cell(
                row.body, to=Link("county", {"code": row.division_code, "body": row.body, "year": str(row.report_year)})
            ),
            Cell(str(row.report_year)),
            Cell(indicator_label(row.indicator, asked)),
            Cell(applicant_label(row.applicant, asked)),
            figure_cell(row, row.report_id),
            Cell(row.flags),
        ]
        for row in records(frame)
    ]
    head = [say(name, asked.language) for name in ("body", "year", "label", "applicant", "value", "flags")]
    total = int(frame["total"].max()) if len(frame) else 0
    return [Heading(asked.either("存疑数值", "Values in doubt")), Table("doubtful", head, rows, frame, total)]
