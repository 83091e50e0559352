"""When a portal is to be visited next: weekly while new reports appear, monthly otherwise, later where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from crawler.outcomes import KEPT, cut_short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from captures import Archive
    from crawler.portals import Portal

# Reports of a year are due by the end of January and March of the next, and appear until April.
SEASON = range(1, 5)
IN_SEASON = timedelta(days=7)
QUIET = timedelta(days=30)
FIRST_RETRY = timedelta(days=2)
# The wait doubles with each failure; after so many more it is QUIET.
MOST_RETRIES = 4


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit to a portal: when its run began, whether it showed nothing at all, and the newest year found."""

    when: datetime
    failed: bool
    newest: int


def due(portals: Iterable[Portal], archive: Archive, now: datetime) -> list[Portal]:
    """Return the portals whose next visit is due."""
    runs = [(run_id, datetime.fromisoformat(began)) for run_id, began in archive.started().items()][::-1]
    return [portal for portal in portals if next_visit(visits(portal, archive, runs), now) <= now]


def visits(portal: Portal, archive: Archive, runs: Iterable[tuple[str, datetime]]) -> Iterator[Visited]:
    """Yield the visits to a portal in runs given the newest first; one that the end of its run cut short is none."""
    for run_id, began in runs:
        rows = archive.run_outcomes(run_id, portal.code, portal.name)
        if not rows or cut_short(rows):
            continue
        failed = not any(row.outcome in KEPT or row.outcome == "year_missing" for row in rows)
        yield Visited(began, failed, max((row.report_year for row in rows if row.outcome in KEPT), default=0))


def next_visit(past: Iterable[Visited], now: datetime) -> datetime:
    """Return when a portal with these visits, the newest first, is to be visited again; one that never was, at once."""
    past = iter(past)
    last = next(past, None)
    if last is None:
        return datetime.min.replace(tzinfo=UTC)
    if last.failed:
        # No more of them are looked at than change the answer.
        failures = 1 + sum(1 for _ in takewhile(lambda visit: visit.failed, islice(past, MOST_RETRIES)))
        return last.when + min(FIRST_RETRY * (1 << (failures - 1)), QUIET)
    expects = now.month in SEASON and last.newest < now.year - 1
    return last.when + (IN_SEASON if expects else QUIET)
