"""Commands that run everything unattended and say whether all is well: run, runs, doctor."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.console import (
    DATA,
    ArchiveOption,
    DivisionsOption,
    ListFormat,
    PortalsOption,
    ReleasesOption,
    StateOption,
    err,
    fail,
    out,
    say,
    show_rows,
    year_span,
)
from commands.crawling import Bodies
from commands.running import progress_line, scrapy_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from operations.doctor import Finding
    from operations.model import Plan, Summary


class Exit(IntEnum):
    """What the exit code of a run says; docs/operating.md tells schedulers what to do with each."""

    DONE = 0
    ALARMS = 1
    WRONG = 2
    LOCKED = 3
    REFUSED = 4
    FAILED = 5
    STOPPED = 6


class SummaryFormat(StrEnum):
    """How a run's summary is printed."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


class When(StrEnum):
    """When people are told of a run."""

    NEEDED = "needed"
    ALWAYS = "always"


FormOption = Annotated[SummaryFormat, typer.Option("--format", help="How the summary is printed.")]


def run(
    portals: PortalsOption = DATA / "portals.csv",
    divisions: DivisionsOption = DATA / "divisions.csv",
    archive: ArchiveOption = DATA / "archive",
    releases: ReleasesOption = DATA / "releases",
    state: StateOption = DATA / "operations",
    county: Annotated[list[str] | None, typer.Option(help="Division code; may be given again.")] = None,
    years: Annotated[str, typer.Option(envvar="GONGKAI_YEARS", help="Report years; all where not given.")] = "",
    bodies: Annotated[
        Bodies, typer.Option(envvar="GONGKAI_BODIES", help="Departments' and townships' reports too: all.")
    ] = Bodies.OWN,
    everything: Annotated[bool, typer.Option("--all", help="Visit every portal, due or not.")] = False,
    setting: Annotated[
        list[str] | None,
        typer.Option("-s", envvar="GONGKAI_SETTINGS", help="Scrapy setting, NAME=VALUE; may be given again."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, envvar="GONGKAI_WORKERS", help="Processes that read documents.")] = 1,
    allow_shrink: Annotated[bool, typer.Option(help="Publish although reports of the last release are gone.")] = False,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(envvar="GONGKAI_TOLERANCES", help="NAME=COUNT,PERCENT that a figure may be worse; again."),
    ] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            envvar="GONGKAI_NOTIFY", help="Whom to tell: an address of Apprise, better given by the environment."
        ),
    ] = None,
    notify_when: Annotated[
        When, typer.Option(envvar="GONGKAI_NOTIFY_WHEN", help="needed: only where a person should look.")
    ] = When.NEEDED,
    metrics: Annotated[
        Path | None, typer.Option(envvar="GONGKAI_METRICS", help="File for Prometheus' textfile collector.")
    ] = None,
    log_json: Annotated[
        bool, typer.Option("--log-json", envvar="GONGKAI_LOG_JSON", help="Logs as JSON on standard error.")
    ] = False,
    form: FormOption = SummaryFormat.TERMINAL,
    strict: Annotated[bool, typer.Option(help="Exit with 1 where there is something new to look at.")] = False,
) -> None:
    """Crawl what is due, build, publish what passes the gates, and say what happened.

    Exit codes: 0 done, 1 alarms (`--strict`), 2 wrong arguments, 3 another run is at work, 4 the gates refused,
    5 a step failed, 6 stopped by a signal or by a limit of the settings.

    Example: `gongkai run -s CONTACT=you@example.org --notify mailto://user:secret@example.org`
    """
    from operations.drift import tolerances
    from operations.lock import LockedError
    from operations.logs import check_json_logs
    from operations.logs import log_json as log_as_json
    from operations.metrics import check_metrics
    from operations.model import Plan, RunError
    from operations.notify import check_places
    from operations.run import run as run_once

    places = notify or []
    try:
        if log_json:
            check_json_logs()
            log_as_json()
        else:
            logging.basicConfig(level=logging.ERROR, format="%(message)s")
        if metrics:
            check_metrics()
        check_places(places)
        allowed = tolerances(tolerance or [])
        plan = Plan(
            portals=portals.absolute(),
            divisions=divisions.absolute(),
            archive=archive.absolute(),
            releases=releases.absolute(),
            state=state.absolute(),
            counties=tuple(county or ()),
            years=year_span(years),
            bodies=bodies.value,
            everything=everything,
            workers=workers,
            allow_shrink=allow_shrink,
            settings=scrapy_settings(setting or []),
            json_logs=log_json,
        )
        # The line that shows progress would stand among the lines of JSON.
        with nullcontext() if log_json else progress_line("running") as show:
            summary = run_once(plan, allowed=allowed, on_progress=show)
    except LockedError as error:
        err.print(f"gongkai: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(Exit.LOCKED) from error
    except RunError as error:
        fail(str(error))
    _tell(summary, plan, places if summary.calls or notify_when is When.ALWAYS else [], metrics)
    _show(summary, form)
    raise typer.Exit(_code(summary, strict=strict))


def _code(summary: Summary, *, strict: bool) -> Exit:
    known = {"refused": Exit.REFUSED, "failed": Exit.FAILED, "stopped": Exit.STOPPED}
    return known.get(summary.status, Exit.ALARMS if strict and summary.calls else Exit.DONE)


def _tell(summary: Summary, plan: Plan, places: Sequence[str], metrics: Path | None) -> None:
    """Bring a summary to the people and machines that wait for it; what fails is told and changes nothing else."""
    from operations.history import History
    from operations.metrics import write_metrics
    from operations.model import RunError
    from operations.notify import notify
    from operations.text import markdown

    for place in notify(summary, markdown(summary), places):
        err.print(f"gongkai: no notification reached {place}", style="red", markup=False, highlight=False)
    if metrics:
        try:
            write_metrics(summary, History(plan.state).last_good(), metrics)
        except RunError as error:
            err.print(f"gongkai: {error}", style="red", markup=False, highlight=False, soft_wrap=True)


def _show(summary: Summary, form: SummaryFormat) -> None:
    import msgspec
    from rich.markdown import Markdown

    from operations.text import markdown

    if form is SummaryFormat.JSON:
        say(msgspec.json.format(msgspec.json.encode(summary)).decode())
    elif form is SummaryFormat.MARKDOWN:
        say(markdown(summary))
    else:
        out.print(Markdown(markdown(summary)))


def runs_list(
    state: StateOption = DATA / "operations",
    form: Annotated[ListFormat, typer.Option("--format")] = ListFormat.TABLE,
) -> None:
    """List the runs, the newest first.

    Example: `gongkai runs list --format csv`
    """
    from operations.history import History
    from operations.model import RunError

    try:
        rows = [
            {
                "run": each.run_id,
                "status": str(each.status),
                "portals": each.portals,
                "new": len(each.new),
                "changed": len(each.changed),
                "alarms": len(each.alarms),
                "seconds": f"{each.seconds:.0f}",
                "release": each.release_id,
            }
            for each in History(state).past()
        ]
    except RunError as error:
        fail(str(error))
    if not rows:
        err.print(f"{state}: no run yet; begin one with: gongkai run")
    show_rows(rows, form)


def runs_show(
    name: Annotated[str, typer.Argument(help="A run's name; the last where not given.")] = "",
    state: StateOption = DATA / "operations",
    form: FormOption = SummaryFormat.TERMINAL,
) -> None:
    """Show the summary of a run.

    Example: `gongkai runs show 20260201T030000Z --format markdown`
    """
    from operations.history import History
    from operations.model import RunError

    history = History(state)
    try:
        _show(history.read(name or next(iter(history.names()), "latest")), form)
    except RunError as error:
        fail(str(error))


def doctor(
    portals: PortalsOption = DATA / "portals.csv",
    divisions: DivisionsOption = DATA / "divisions.csv",
    archive: ArchiveOption = DATA / "archive",
    releases: ReleasesOption = DATA / "releases",
    form: Annotated[ListFormat, typer.Option("--format")] = ListFormat.TABLE,
) -> None:
    """Look over environment, archive, releases and catalogue, and name the command that mends what is amiss.

    Exits with 1 where something is amiss; what is only absent is not.

    Example: `gongkai doctor --archive data/archive`
    """
    from operations.doctor import Verdict, examine

    # Each side is loaded when it is looked at: where a package is missing, that is what has to be told.
    def release() -> Finding:
        from operations.released import look_over

        return look_over(releases, archive)

    def catalogue() -> Finding:
        from operations.crawled import look_over

        return look_over(portals, divisions)

    others = {"releases": release, "catalogue": catalogue}
    found = list(examine(archive, releases, others=others))
    show_rows(
        [{"part": each.part, "is": str(each.verdict), "what": each.detail, "remedy": each.remedy} for each in found],
        form,
    )
    if any(each.verdict is Verdict.AMISS for each in found):
        raise typer.Exit(1)
