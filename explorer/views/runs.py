"""Runs: what unattended runs did and raised over time, and the outcomes of every crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from captures import ArchiveError
from explorer import charts, settings
from explorer.model import Block, Cell, Chart, Choice, Heading, Link, Table, Text, View
from explorer.queries import runs as query
from explorer.views.pieces import amount, records
from explorer.words import OUTCOME_GROUPS, group_label, group_of, say
from operations.model import RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.model import Asked, Tone
    from explorer.source import Source
    from operations.model import Summary

_TONES: dict[str, Tone] = {"ok": "good", "running": "doubt", "stopped": "doubt"}
# Of a list of one run so many are shown; `gongkai runs show` has all.
SHOWN = 50


def show(source: Source, asked: Asked) -> View:  # noqa: ARG001 - every view is asked alike
    """The view of runs and crawls."""
    title, places = say("runs", asked.language), settings.current()
    choices: list[Choice] = []
    try:
        told = query.told(places.state)
        names = list(told.runs["run_id"])[::-1]
        chosen = asked.get("run") if asked.get("run") in names else next(iter(names), "")
        choices.append(Choice("run", say("run", asked.language), {name: name for name in names}, chosen))
        blocks = _unattended(told, chosen, asked)
    except RunError as error:
        blocks = [Text(str(error), "note")]
    try:
        blocks += _crawls(query.crawls(places.archive), asked)
    except ArchiveError as error:
        blocks.append(Text(asked.either("没有可看的存档：", "No archive to look at: ") + str(error), "note"))
    return View(title, blocks, choices)


def _unattended(told: query.Told, chosen: str, asked: Asked) -> list[Block]:
    heading = Heading(asked.either("无人值守运行（gongkai run）", "Unattended runs (gongkai run)"))
    if told.runs.empty:
        said = asked.either(
            "没有运行记录；记录的目录用 --state 指明。", "No run is on record; --state names the folder of the records."
        )
        return [heading, Text(said, "quiet")]
    rows = [
        [
            Cell(row.run_id, to=Link("runs", {"run": row.run_id})),
            Cell(row.status, _TONES.get(row.status, "error")),
            *(amount(value) for value in (round(row.seconds), row.portals, row.requests, row.new, row.changed)),
            *(Cell(str(value), "doubt" if value else "", number=True) for value in (row.gone, row.alarms)),
            Cell(row.release_id or "—"),
        ]
        for row in reversed(list(records(told.runs)))
    ]
    head = [say(name, asked.language) for name in ("run", "status")]
    head += [
        asked.either(*words)
        for words in (
            ("秒", "seconds"),
            ("门户", "portals"),
            ("请求", "requests"),
            ("新增", "new"),
            ("变动", "changed"),
            ("失去", "gone"),
            ("警报", "alarms"),
        )
    ]
    table = Table("operations", [*head, say("release", asked.language)], rows, told.runs)
    return [heading, *_alarms(told, asked), table, *_one(query.record(settings.current().state, chosen), asked)]


def _alarms(told: query.Told, asked: Asked) -> list[Block]:
    if told.alarms.empty:
        return [Text(asked.either("没有警报。", "No alarm was raised."), "quiet")]
    counts = told.alarms.groupby(["run_id", "kind", "standing"]).size().reset_index(name="n")
    # Runs without any have a place on the axis all the same.
    drawn = told.runs[["run_id"]].merge(counts, how="left")
    drawn["n"], drawn["kind"] = drawn["n"].fillna(0), drawn["kind"].fillna(drawn["kind"].dropna().iloc[0])
    drawn["standing"] = drawn["standing"].eq(True)
    said = asked.either("各次运行的警报（浅色：上次已报）", "Alarms by run (pale: told before)")
    return [Chart("alarms", said, lambda: charts.alarm_map(drawn, said, say("n", asked.language)))]


def _one(run: Summary | None, asked: Asked) -> list[Block]:
    """What a person should look at in one run."""
    if run is None:
        return []
    blocks: list[Block] = [Heading(f"{say('run', asked.language)} {run.run_id}")]
    blocks += [Text(error, "error") for error in run.errors]
    blocks += [Text(asked.either("已修复：", "Mended: ") + repair, "note") for repair in run.repairs]
    head = [say(name, asked.language) for name in ("kind", "subject", "detail")]
    rows = [
        [Cell(alarm.kind, "quiet" if alarm.standing else "error"), Cell(alarm.subject), Cell(alarm.detail)]
        for alarm in sorted(run.alarms, key=lambda alarm: alarm.standing)
    ]
    blocks.append(Table("run-alarms", head, rows[:SHOWN], total=len(rows)))
    fallen = ((each.portal, f"{each.outcome} {each.family}".strip(), each.detail) for each in run.fallen)
    moved = ((each.portal, " ".join(map(str, each.years)), f"{each.before} → {each.now}") for each in run.moved)
    again = ((portal, "", "") for portal in run.recovered)
    blocks += _some(asked.either("不再显示报告的门户", "Portals that show nothing any more"), "fallen", head, fallen)
    blocks += _some(asked.either("迁址的门户", "Portals that moved"), "moved", head, moved)
    blocks += _some(asked.either("恢复的门户", "Portals that show their reports again"), "recovered", head, again)
    return blocks


def _some(heading: str, name: str, head: Sequence[str], rows: Iterable[tuple[str, str, str]]) -> list[Block]:
    found = list(rows)
    head = [head[1], "", head[2]]
    shown = [[Cell(text) for text in row] for row in found[:SHOWN]]
    return [Heading(heading), Table(name, head, shown, total=len(found))] if found else []


def _crawls(found: query.Crawls, asked: Asked) -> list[Block]:
    tally = found.tally.assign(group=found.tally["outcome"].map(group_of))
    labels = {group: group_label(group, asked) for group in OUTCOME_GROUPS if group in set(tally["group"])}
    counts = tally.groupby(["run_id", "group"])["n"].sum().reset_index()
    counts["said"] = counts["group"].map(labels)
    said = asked.either("各次采集的结果", "Outcomes by crawl")
    rows: list[list[Cell]] = [
        [Cell(row.run_id), Cell(_moment(row.started_at)), amount(row.captures), amount(row.outcomes)]
        for row in reversed(list(records(found.crawls)))
    ]
    head = [say("run", asked.language), say("started", asked.language), *_words(asked)]
    lost = [
        [Cell(f"{row.code} {row.name}"), Cell(str(row.report_year)), Cell(row.outcome, "error"), Cell(row.run_id)]
        for row in records(found.lost)
    ]
    gone = [say(name, asked.language) for name in ("portals", "year", "outcome", "run")]
    chart = Chart("runs", said, lambda: charts.run_map(counts, labels, said, say("n", asked.language)))
    return [
        Heading(asked.either("采集", "Crawls")),
        *([chart] if len(counts) else []),
        Table("runs", head, rows, found.crawls),
        Heading(asked.either("曾有而今不见的报告", "Reports that were there once and are not now")),
        Table("lost", gone, lost, found.lost, len(lost)),
    ]


def _moment(time: str) -> str:
    """A time to the minute, in UTC as all of them are."""
    return time[:16].replace("T", " ")


def _words(asked: Asked) -> tuple[str, str]:
    return asked.either("抓取", "captures"), asked.either("结果", "outcomes")
