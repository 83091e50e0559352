"""When a portal is to be visited next: weekly while new reports appear, monthly otherwise, later where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.outcomes import KEPT, cut_short

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from captures import Outcome, Run
    from crawler.portals import Portal

    # Code and name: bodies below a government share its code.
    Body = tuple[str, str]

# Reports of a year are due by the end of January and March of the next, and appear until April.
SEASON = range(1, 5)
IN_SEASON = timedelta(days=7)
QUIET = timedelta(days=30)
FIRST_RETRY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit to a portal: when its run began, whether it showed nothing at all, and the newest year found."""

    when: datetime
    failed: bool
    newest: int


def due(portals: Iterable[Portal], outcomes: Iterable[Outcome], runs: Iterable[Run], now: datetime) -> list[Portal]:
    """Return the portals whose next visit is due; ``outcomes`` are those of every run, not only the newest."""
    past = visits(outcomes, runs)
    return [portal for portal in portals if next_visit(past.get((portal.code, portal.name), ()), now) <= now]


def visits(outcomes: Iterable[Outcome], runs: Iterable[Run]) -> dict[Body, list[Visited]]:
    """Return the visits to each portal, the oldest first; one that the end of its run cut short is none."""
    started = {run.run_id: datetime.fromisoformat(run.started_at) for run in runs}
    rows: dict[tuple[str, str, str], list[Outcome]] = {}
    for row in outcomes:
        if row.run_id in started:
            rows.setdefault((row.code, row.name, row.run_id), []).append(row)
    found: dict[Body, list[Visited]] = {}
    for (code, name, run_id), group in rows.items():
        if cut_short(group):
            continue
        failed = not any(row.outcome in KEPT or row.outcome == "year_missing" for row in group)
        newest = max((row.report_year for row in group if row.outcome in KEPT), default=0)
        found.setdefault((code, name), []).append(Visited(started[run_id], failed, newest))
    for past in found.values():
        past.sort(key=lambda visit: visit.when)
    return found


def next_visit(past: Sequence[Visited], now: datetime) -> datetime:
    """Return when a portal with these visits is to be visited again; one that never was, at once."""
    if not past:
        return datetime.min.replace(tzinfo=UTC)
    failures = 0
    while failures < len(past) and past[-1 - failures].failed:
        failures += 1
    if failures:
        return past[-1].when + min(FIRST_RETRY * (1 << min(failures - 1, 10)), QUIET)
    expects = now.month in SEASON and past[-1].newest < now.year - 1
    return past[-1].when + (IN_SEASON if expects else QUIET)
