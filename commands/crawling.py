"""Commands that crawl, and that say what a crawl found: crawl, status."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from commands.console import (
    DATA,
    ArchiveOption,
    DivisionsOption,
    ListFormat,
    PortalsOption,
    SettingOption,
    err,
    fail,
    out,
    show_rows,
    write_csv,
    year_span,
)
from commands.running import progress_line, scrapy_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from captures import Outcome
    from crawler.coverage import Change
    from crawler.run import CrawlSummary


class Bodies(StrEnum):
    """Whose reports are crawled: a government's own and its office's, or those of its departments and townships too."""

    OWN = "own"
    ALL = "all"


class Grouping(StrEnum):
    """How coverage is counted."""

    PROVINCE = "province"
    YEAR = "year"
    FAMILY = "family"


def crawl(
    portals: PortalsOption = DATA / "portals.csv",
    divisions: DivisionsOption = DATA / "divisions.csv",
    archive: ArchiveOption = DATA / "archive",
    county: Annotated[list[str] | None, typer.Option(help="Division code; may be given again.")] = None,
    years: Annotated[str, typer.Option(help="Report years, 2019-2024 or 2023; all where not given.")] = "",
    setting: SettingOption = None,
    bodies: Annotated[Bodies, typer.Option(help="Departments' and townships' reports too: all.")] = Bodies.OWN,
    due: Annotated[bool, typer.Option("--due", help="Only portals whose next visit is due.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last run, where it was killed.")] = False,
    shard: Annotated[str, typer.Option(help="One part of the catalogue, i/n; no host is in two parts.")] = "",
    dask: Annotated[str, typer.Option(help="Address of a Dask scheduler that is to crawl the shards.")] = "",
    shards: Annotated[int, typer.Option(min=1, help="With --dask: into how many shards.")] = 8,
) -> None:
    """Crawl the catalogue's portals into the archive.

    Example: `gongkai crawl --county 140221 --years 2019-2024 -s CONTACT=you@example.org`
    """
    if dask and shard:
        fail("--dask crawls every shard: leave out --shard")
    arguments = {
        "portals": portals,
        "divisions": divisions,
        "archive": archive,
        "counties": tuple(county or ()),
        "years": year_span(years),
        "bodies": bodies.value,
        "due": due,
        "settings": {"LOG_LEVEL": "ERROR", **scrapy_settings(setting or [])},
    }
    if dask:
        summary = _crawl_on_cluster(dask, shards, arguments)
    else:
        summary = _crawl(arguments | {"resume": resume, "shard": shard})
    err.print(
        f"run {summary.run_id or '(nothing to do)'}: {summary.portals} portals, {summary.reports} reports found, "
        f"{summary.requests} requests, {summary.bytes} bytes, {summary.not_modified} not modified "
        f"({summary.finish_reason})",
        highlight=False,
    )
    for outcome, count in sorted(summary.outcomes.items(), key=lambda item: -item[1]):
        err.print(f"  {outcome} {count}", highlight=False)


def _crawl(arguments: dict[str, Any]) -> CrawlSummary:
    from captures import ArchiveError
    from crawler.portals import PortalError
    from crawler.run import crawl as run_crawl

    with progress_line("crawling") as show:
        try:
            return run_crawl(**arguments, on_event=show)
        except (PortalError, ArchiveError, ValueError) as error:
            fail(str(error))


def _crawl_on_cluster(address: str, shards: int, arguments: dict[str, Any]) -> CrawlSummary:
    from captures import ArchiveError
    from crawler.cluster import ClusterError, crawl_on_cluster
    from crawler.job import JobError

    plain = {name: str(value.absolute()) if isinstance(value, Path) else value for name, value in arguments.items()}
    with progress_line("crawling on the cluster") as show:

        def on_shard(_number: int, done: CrawlSummary) -> None:
            show("portal", done.portals)
            show("response", done.requests)
            show("report", done.reports)

        try:
            return crawl_on_cluster(address, shards, plain, on_shard=on_shard)
        except (ClusterError, JobError, ArchiveError) as error:
            fail(str(error))


def status(
    archive: ArchiveOption = DATA / "archive",
    form: Annotated[
        ListFormat, typer.Option("--format", help="csv: the newest outcome of each portal and year.")
    ] = ListFormat.TABLE,
    by: Annotated[Grouping | None, typer.Option(help="Counts instead of portals.")] = None,
    portals: PortalsOption = DATA / "portals.csv",
    divisions: DivisionsOption = DATA / "divisions.csv",
    strict: Annotated[bool, typer.Option(help="Exit with 1 where there is an alarm.")] = False,
) -> None:
    """Show which reports were found, why the others were not, and what is worse than in the run before.

    Example: `gongkai status --by province`
    """
    from captures import Archive, ArchiveError, Outcome
    from crawler.coverage import alarms, changes, failing, recent
    from crawler.portals import PortalError
    from crawler.recognised import recognised

    try:
        named = _families(portals, divisions)
        with Archive(archive) as opened:
            compared = changes(recent(opened))
            bodies = {(change.now.code, change.now.name) for change in compared}
            # Of those that fail it has to be known; of the others only where it is asked for, as pages are read for it.
            asked = bodies if by is Grouping.FAMILY else failing(compared)
            seen = recognised(opened, {body for body in asked if not named.get(body[0])})
        groups = _groups(named, seen, divisions)
    except (ArchiveError, PortalError) as error:
        fail(str(error))
    outcomes = [change.now for change in compared]
    raised = alarms(compared, groups[Grouping.FAMILY])
    if form is ListFormat.CSV and by is None:
        write_csv([field.name for field in fields(Outcome)], (asdict(outcome) for outcome in outcomes))
    elif by is not None:
        _show_covered(compared, by, groups[by], form)
    else:
        _show_portals(outcomes)
    for alarm in raised:
        err.print(f"alarm ({alarm.kind}): {alarm.subject}: {alarm.detail}", style="red", markup=False, soft_wrap=True)
    if strict and raised:
        raise typer.Exit(1)


def _families(portals: Path, divisions: Path) -> dict[str, str]:
    from crawler.portals import read_portals

    return {portal.code: portal.family for portal in read_portals(portals, divisions)}


def _groups(
    named: Mapping[str, str], seen: Mapping[tuple[str, str], str], divisions: Path
) -> dict[Grouping, Callable[[Outcome], str]]:
    """What gives an outcome's province, year, or family: as the catalogue names it, else as its pages tell it."""
    from crawler.identity import Places

    places = Places(divisions)
    return {
        Grouping.PROVINCE: lambda outcome: places.province(outcome.code),
        Grouping.YEAR: lambda outcome: str(outcome.report_year),
        Grouping.FAMILY: lambda outcome: named.get(outcome.code) or seen.get((outcome.code, outcome.name), ""),
    }


def _show_covered(compared: Sequence[Change], by: Grouping, group: Callable[[Outcome], str], form: ListFormat) -> None:
    from crawler.coverage import covered

    rows = [
        {
            by.value: row.group or "(not known)",
            "portals": row.portals,
            "years": row.years,
            "found": row.kept,
            "share": f"{row.share:.1%}",
            "missing": row.missing,
            "failed": row.failed,
            "new": row.new,
            "gone": row.gone,
        }
        for row in covered(compared, group)
    ]
    show_rows(rows, form)


def _show_portals(outcomes: Sequence[Outcome]) -> None:
    by_portal: dict[tuple[str, str], Counter[str]] = {}
    found: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        key = (outcome.code, outcome.name)
        by_portal.setdefault(key, Counter())[outcome.outcome] += 1
        if outcome.outcome == "found":
            found.setdefault(key, []).append(str(outcome.report_year))
    table = Table("code", "name", "found", "other outcomes (years)", box=box.SIMPLE_HEAD, pad_edge=False)
    for key, counts in sorted(by_portal.items()):
        others = ", ".join(f"{code} {count}" for code, count in counts.most_common() if code != "found")
        table.add_row(*map(Text, key), " ".join(sorted(found.get(key, []))) or "-", others)
    out.print(table)
    totals = Counter(outcome.outcome for outcome in outcomes)
    out.print(
        " · ".join(f"{code} {count}" for code, count in totals.most_common()) or "no outcomes yet: run gongkai crawl"
    )
