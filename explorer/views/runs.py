"""Runs: outcomes over crawls, from the archive's index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from captures import Archive, ArchiveError
from explorer import charts, settings
from explorer.model import Cell, Chart, Heading, Table, Text, View
from explorer.views.pieces import amount
from explorer.words import OUTCOME_GROUPS, group_label, group_of, say

if TYPE_CHECKING:
    from explorer.model import Asked
    from explorer.source import Source


def show(source: Source, asked: Asked) -> View:  # noqa: ARG001 - every view is asked alike
    """The view of the crawls behind the archive."""
    title = say("runs", asked.language)
    try:
        with Archive(settings.current().archive) as archive:
            runs, outcomes = archive.runs(), archive.outcomes(newest=False)
    except ArchiveError as error:
        return View(title, [Text(asked.either("没有可看的存档：", "No archive to look at: ") + str(error), "note")])
    frame = pd.DataFrame(
        [(row.run_id, row.outcome, row.code, row.name, row.report_year) for row in outcomes],
        columns=["run_id", "outcome", "code", "name", "report_year"],
    )
    frame["group"] = frame["outcome"].map(group_of)
    labels = {group: group_label(group, asked) for group in OUTCOME_GROUPS if group in set(frame["group"])}
    counts = frame.groupby(["run_id", "group"]).size().reset_index(name="n")
    counts["said"] = counts["group"].map(labels)
    said = asked.either("各次采集的结果", "Outcomes by run")
    rows = [
        [Cell(run.run_id), Cell(run.started_at), amount(run.captures), amount(run.outcomes)] for run in reversed(runs)
    ]
    head = [
        say("runs", asked.language),
        say("fetched", asked.language),
        asked.either("抓取", "captures"),
        asked.either("结果", "outcomes"),
    ]
    lost = _gone(frame)
    gone = [[Cell(code), Cell(name), Cell(str(year)), Cell(outcome, "error")] for code, name, year, outcome in lost]
    alarms = [say("portals", asked.language), "", say("year", asked.language), say("outcome", asked.language)]
    return View(
        title,
        [
            Chart("runs", said, lambda: charts.run_map(counts, labels, said, say("n", asked.language))),
            Table("runs", head, rows),
            Heading(asked.either("警报：以前有、最近一次没有的报告", "Alarms: found before, not in the newest run")),
            Table("alarms", alarms, gone, pd.DataFrame(lost, columns=["code", "name", "report_year", "outcome"])),
        ],
    )


def _gone(frame: pd.DataFrame) -> list[tuple[str, str, int, str]]:
    """Portal years that an earlier run found and their newest outcome does not say are kept."""
    found: list[tuple[str, str, int, str]] = []
    for (code, name, year), rows in frame.groupby(["code", "name", "report_year"], sort=True):
        kept = rows["group"].str.startswith("kept").tolist()
        if any(kept) and not kept[-1]:
            found.append((str(code), str(name), int(str(year)), str(rows["outcome"].iloc[-1])))
    return found
