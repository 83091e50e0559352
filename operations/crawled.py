"""What a run's crawl changed, read from the archive: reports new, gone and moved, portals that fell, coverage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from captures import Archive
from crawler.coverage import alarms, changes, failing, recent, shows
from crawler.outcomes import KEPT, NOT_SEEN
from crawler.portals import PortalError, read_portals
from crawler.recognised import recognised
from operations.doctor import Finding, Verdict
from operations.history import A_YEAR
from operations.model import Alarm, Coverage, Fall, Move

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from captures import Outcome
    from crawler.coverage import Change

    Body = tuple[str, str]

# So many portals that fall in one run for one reason have one cause: their software's reader, or the network.
TOGETHER = 3


@dataclass(frozen=True, slots=True)
class Crawled:
    """What the crawl of one run changed; ``measures`` are figures to compare with those of other runs."""

    portals: int
    outcomes: Mapping[str, int]
    gone: Sequence[str]
    moved: Sequence[Move]
    fallen: Sequence[Fall]
    recovered: Sequence[str]
    coverage: Coverage
    alarms: Sequence[Alarm]
    measures: Mapping[str, float] = field(default_factory=dict)


def examine(archive: Path, families: Mapping[Body, str], run_id: str, now: datetime) -> Crawled:
    """Compare what one run saw with what was seen before it.

    ``families`` are those of the catalogue by code and name; of a portal without one that shows nothing, the list pages
    that it showed once tell. Raises ArchiveError where the archive cannot be read.
    """
    a_year_ago = f"{now.astimezone(UTC) - A_YEAR:%Y-%m-%dT%H:%M:%SZ}"
    with Archive(archive) as opened:
        rows = list(recent(opened))
        coverage = covered(rows, recent(opened, a_year_ago), now.year - 1)
        every = changes(rows)
        silent = failing(every)
        named = {body: name for body, name in families.items() if name}
        known = recognised(opened, silent - named.keys()) | named
    compared = [change for change in every if run_id and change.now.run_id == run_id]
    fallen = _fallen(compared, known)

    def family(row: Outcome) -> str:
        return known.get((row.code, row.name), "")

    gone = [alarm for alarm in alarms(compared, family) if alarm.kind == "gone"]
    families_in_alarm = [alarm for alarm in alarms(every, family) if alarm.kind == "family"]
    raised = [Alarm(alarm.kind, alarm.subject, alarm.detail) for alarm in (*gone, *families_in_alarm)]
    return Crawled(
        portals=len({(change.now.code, change.now.name) for change in compared}),
        outcomes=dict(Counter(change.now.outcome for change in compared).most_common()),
        gone=[f"{alarm.subject}: {alarm.detail}" for alarm in gone],
        moved=_moved(compared),
        fallen=fallen,
        recovered=recovered(rows, run_id),
        coverage=coverage,
        alarms=[*raised, *_together(fallen)],
        measures={"portal years kept": kept(rows), "portals that show nothing": len(silent)},
    )


def look_over(portals: Path, divisions: Path) -> Finding:
    """Look over the catalogue: every row is sound."""
    try:
        found = read_portals(portals, divisions)
    except PortalError as error:
        return Finding(
            "catalogue", Verdict.AMISS, " ".join(str(error).split()), f"gongkai portals check --portals {portals}"
        )
    return Finding("catalogue", Verdict.WELL, f"{len(found)} portals")


def covered(rows: Iterable[Outcome], a_year_ago: Iterable[Outcome], due: int) -> Coverage:
    """Count the portals that have the report of the year that is due, and those that had that of the year before."""
    return Coverage(due, *_having(rows, due), *_having(a_year_ago, due - 1))


def _having(rows: Iterable[Outcome], year: int) -> tuple[int, int]:
    """How many portals have the report of a year, and of how many."""
    portals, having = set[tuple[str, str]](), 0
    for (code, name, report_year), group in _portal_years(rows):
        portals.add((code, name))
        having += report_year == year and _has(group)
    return having, len(portals)


def _portal_years(rows: Iterable[Outcome]) -> Iterator[tuple[tuple[str, str, int], list[Outcome]]]:
    for key, group in groupby(rows, key=lambda row: (row.code, row.name, row.report_year)):
        yield key, list(group)


def _has(rows: Sequence[Outcome]) -> bool:
    """Whether the report was there the last time the portal was seen: one that is down has not lost it."""
    seen = [row for row in rows if row.outcome not in NOT_SEEN]
    return bool(seen) and seen[-1].outcome in KEPT


def kept(rows: Iterable[Outcome]) -> int:
    """Count the portal years whose report was there the last time the portal was seen."""
    return sum(_has(group) for _, group in _portal_years(rows))


def _fallen(compared: Sequence[Change], families: Mapping[Body, str]) -> list[Fall]:
    """The portals that showed their list the last time they were seen, and do not now."""
    found = []
    for (code, name), group in groupby(compared, key=lambda change: (change.now.code, change.now.name)):
        both = list(group)
        if any(shows(each.now) for each in both) or not any(each.before and shows(each.before) for each in both):
            continue
        worst = Counter(each.now.outcome for each in both).most_common(1)[0][0]
        detail = next(each.now.detail for each in both if each.now.outcome == worst)
        found.append(Fall(f"{code} {name}", worst, detail, families.get((code, name), "")))
    return found


def recovered(rows: Iterable[Outcome], run_id: str) -> list[str]:
    """Return the portals that show their reports again, though the visit before this one saw none."""
    now: dict[Body, list[Outcome]] = {}
    before: dict[Body, list[Outcome]] = {}
    for (code, name, _), whole in _portal_years(rows):
        past = [row for row in whole if row.run_id != run_id]
        now.setdefault((code, name), []).extend(row for row in whole[-1:] if row.run_id == run_id)
        before.setdefault((code, name), []).extend(past[-1:])
    return [
        f"{code} {name}"
        for (code, name), seen in sorted(now.items())
        if before[code, name] and any(row.outcome in KEPT for row in seen) and not any(map(shows, before[code, name]))
    ]


def _moved(compared: Sequence[Change]) -> list[Move]:
    """The portals whose reports are found at other addresses than before, by the folder or host of the address."""
    found = []
    for (code, name), group in groupby(compared, key=lambda change: (change.now.code, change.now.name)):
        moved = [
            (each.now.report_year, each.before.url, each.now.url)
            for each in group
            if each.before
            and each.before.outcome in KEPT
            and each.now.outcome in KEPT
            and _home(each.before.url) != _home(each.now.url)
        ]
        if moved:
            found.append(Move(f"{code} {name}", [year for year, *_ in moved], *moved[-1][1:]))
    return found


def _home(url: str) -> str:
    """Where a report lives: its host and first folder; what stands behind changes with every edit."""
    parts = urlsplit(url)
    return f"{parts.netloc}/{parts.path.strip('/').partition('/')[0]}"


def _together(fallen: Sequence[Fall]) -> list[Alarm]:
    """One alarm for many portals that fell for one reason in one run, whatever their software."""
    reasons = Counter(fall.outcome for fall in fallen)
    return [
        Alarm("portals", outcome, f"{count} portals that showed their list before do not now: {_some(fallen, outcome)}")
        for outcome, count in reasons.most_common()
        if count >= TOGETHER
    ]


def _some(fallen: Sequence[Fall], outcome: str) -> str:
    return ", ".join(fall.portal for fall in fallen if fall.outcome == outcome)[:200]
