"""One run: crawl what is due, build, let the gates decide, publish, and say what happened."""

from __future__ import annotations

import logging
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from captures import ArchiveError
from crawler.portals import PortalError, read_portals
from normalize.published import ReleaseError
from operations.crawled import examine
from operations.drift import TOLERANCES, drifts, lag
from operations.history import History
from operations.lock import only_run
from operations.model import Alarm, Report, Status, Summary
from operations.released import compare, latest
from operations.repair import mend
from operations.steps import StepError, Steps
from operations.text import markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from operations.drift import Tolerance
    from operations.model import Plan
    from operations.steps import OnProgress

log = logging.getLogger(__name__)
# An older run is not gone on with: what it received is no longer what the portals show.
RESUME_WITHIN = timedelta(days=2)
# Why Scrapy ends a crawl that reached a limit which the settings give it.
LIMITS = frozenset({"closespider_timeout", "closespider_pagecount", "closespider_itemcount"})


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


def run(
    plan: Plan,
    *,
    allowed: Mapping[str, Tolerance] = TOLERANCES,
    steps: Steps | None = None,
    now: Callable[[], datetime] = utc_now,
    on_progress: OnProgress | None = None,
) -> Summary:
    """Do one run and return its summary, which is stored in ``plan.state`` as well.

    A crawl that fails is followed by a build all the same: the gates decide whether what is archived is fit. SIGTERM
    and SIGINT end the step at work; the next run goes on where this one was. Raises LockedError where another run is
    at work, RunError where the folder of records cannot be used.
    """
    began = now()
    steps = steps or Steps()
    with only_run(plan.state, _text(began)), steps.listening():
        history = History(plan.state)
        before = history.last()
        summary = Summary(run_id=_name(history, began), host=socket.gethostname(), started_at=_text(began))
        # The crawl has the run's name, or goes on under that of the one that never ended.
        summary.crawl_run = before.crawl_run if before and _goes_on(before, began) else summary.run_id
        if before and before.status is Status.RUNNING:
            summary.interrupted = f"{before.run_id} on {before.host}, at work on: {before.stage or 'its start'}"
            history.write(_killed(before))
        history.write(summary)
        with _stage(summary, history, "repair"):
            summary.repairs = mend(plan.archive)
        limit = ""
        with _stage(summary, history, "crawl"):
            limit = _crawl(plan, summary, steps, on_progress)
        if not steps.stopped:
            with _stage(summary, history, "build"):
                _build(plan, summary, steps, on_progress)
        with _stage(summary, history, "summary"):
            _examine(plan, summary, now())
        _conclude(summary, history, before, allowed, stopped=steps.stopped, limit=limit, now=now())
        history.write(summary, markdown(summary))
        _log(summary)
    return summary


def _goes_on(before: Summary, now: datetime) -> bool:
    unfinished = not before.crawl_finished and before.status is not Status.OK
    return unfinished and timedelta(0) <= now - datetime.fromisoformat(before.started_at) <= RESUME_WITHIN


def _killed(before: Summary) -> Summary:
    text = f"the run was killed while it was at work on: {before.stage or 'its start'}"
    return msgspec.structs.replace(before, status=Status.FAILED, errors=[*before.errors, text])


def _name(history: History, began: datetime) -> str:
    """The run's name: its time, and later than that of every run before, though the clock went back."""
    name = f"{began:%Y%m%dT%H%M%SZ}"
    newest = next(iter(history.names()), "")
    if name > newest:
        return name
    stem, _, number = newest.partition("-")
    return f"{stem}-{int(number or 0) + 1:06}"


@contextmanager
def _stage(summary: Summary, history: History, name: str) -> Iterator[None]:
    """Note in the record what the run is at work on, and what goes wrong with it; the run goes on."""
    summary.stage = name
    history.write(summary)
    log.info("stage begins", extra={"run": summary.run_id, "stage": name})
    try:
        yield
    except StepError as error:
        summary.errors.append(str(error))
        if summary.status is Status.RUNNING:
            summary.status = Status.REFUSED if error.gate else Status.FAILED
    except (ArchiveError, PortalError, ReleaseError) as error:
        summary.errors.append(f"{name}: {error}")
        summary.status = Status.FAILED


def _crawl(plan: Plan, summary: Summary, steps: Steps, on_progress: OnProgress | None) -> str:
    """Crawl, and return the limit of the settings that ended the crawl before it was done, if one did."""
    arguments: dict[str, Any] = {
        "portals": str(plan.portals),
        "divisions": str(plan.divisions),
        "archive": str(plan.archive),
        "counties": plan.counties,
        "years": plan.years,
        "bodies": plan.bodies,
        "due": not plan.everything,
        "settings": {"LOG_LEVEL": "ERROR", **plan.settings, "ARCHIVE_RUN_ID": summary.crawl_run},
        "json_logs": plan.json_logs,
    }
    done = steps.run("crawl", arguments, on_progress)
    summary.outcomes, summary.portals, summary.requests = done["outcomes"], done["portals"], done["requests"]
    summary.bytes, summary.not_modified = done["bytes"], done["not_modified"]
    reason = done["finish_reason"]
    summary.crawl_finished = reason == "finished"
    if reason in LIMITS:
        return str(reason).upper()
    if not summary.crawl_finished and not steps.stopped:
        raise StepError(f"crawl: ended before it was done ({reason}); the next run goes on")
    return ""


def _build(plan: Plan, summary: Summary, steps: Steps, on_progress: OnProgress | None) -> None:
    summary.previous_release = summary.release_id = latest(plan.releases)
    arguments = {
        "archive": str(plan.archive),
        "releases": str(plan.releases),
        "workers": plan.workers,
        "allow_shrink": plan.allow_shrink,
        "json_logs": plan.json_logs,
    }
    summary.release_id = steps.run("build", arguments, on_progress)["release_id"]


def _examine(plan: Plan, summary: Summary, now: datetime) -> None:
    """Read from archive and releases what the run changed."""
    portals = read_portals(plan.portals, plan.divisions)
    families = {(portal.code, portal.name): portal.family for portal in portals if portal.family}
    crawled = examine(plan.archive, families, summary.crawl_run, now)
    summary.gone, summary.moved = list(crawled.gone), list(crawled.moved)
    summary.fallen, summary.recovered = list(crawled.fallen), list(crawled.recovered)
    summary.coverage, summary.alarms = crawled.coverage, list(crawled.alarms)
    summary.measures = dict(crawled.measures)
    if summary.outcomes:
        # The crawl's own counts hold the portals that its end cut short.
        summary.outcomes, summary.portals = dict(crawled.outcomes), crawled.portals
    if summary.release_id:
        released = compare(plan.releases, summary.previous_release, summary.release_id)
        summary.new, summary.changed = list(released.new), list(released.changed)
        summary.withdrawn, summary.checks = list(released.withdrawn), list(released.checks)
        summary.measures |= released.measures


def _conclude(
    summary: Summary,
    history: History,
    before: Summary | None,
    allowed: Mapping[str, Tolerance],
    *,
    stopped: str,
    limit: str,
    now: datetime,
) -> None:
    """Compare with past runs and say how the run ended."""
    summary.ended_at = _text(now)
    summary.seconds = max(0.0, (now - datetime.fromisoformat(summary.started_at)).total_seconds())
    if stopped:
        summary.status = Status.STOPPED
        summary.errors.append(f"stopped by {stopped}; the next run goes on where this one was")
    elif limit and summary.status is Status.RUNNING:
        summary.status = Status.STOPPED
        summary.errors.append(f"the crawl was ended by {limit}; the next run goes on where it was")
    if summary.status is Status.RUNNING:
        summary.status = Status.OK
    if summary.status is Status.OK:
        summary.measures |= {
            "new reports": len(summary.new),
            "seconds": summary.seconds,
            "requests": summary.requests,
            "bytes": summary.bytes,
        }
        summary.alarms += drifts(summary.measures, history.last_good(), history.a_year_before(now), allowed)
    if summary.coverage:
        summary.alarms += lag(summary.coverage, allowed["coverage"])
    summary.alarms += [
        Alarm("check", check.check, f"fails newly in {check.known} reports that were there before")
        for check in summary.checks
        if check.known
    ]
    told = {(alarm.kind, alarm.subject) for alarm in before.alarms} if before else set()
    summary.alarms = [
        msgspec.structs.replace(alarm, standing=(alarm.kind, alarm.subject) in told) for alarm in summary.alarms
    ]


def _log(summary: Summary) -> None:
    """One line for each report that changed and each alarm, and one for the run."""
    for what in ("new", "changed", "withdrawn"):
        reports: list[Report] = getattr(summary, what)
        for report in reports:
            facts = {"run": summary.run_id, "portal": report.division_code, "report": report.report_id}
            log.info("report %s", what, extra=facts | {"report_year": report.report_year, "url": report.url})
    for alarm in summary.alarms:
        log.warning("alarm", extra={"run": summary.run_id, **msgspec.to_builtins(alarm)})
    log.info("run ended", extra={"run": summary.run_id, "status": str(summary.status), "release": summary.release_id})


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
