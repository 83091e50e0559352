"""What is covered and what went wrong, from outcomes alone: counts by group, reports gone, families that fail."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from crawler.outcomes import KEPT, NOT_SEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from captures import Archive, Outcome

    Body = tuple[str, str]

# So many portals of one family that fail are the family's fault, or its reader's.
FAMILY_ALARM = 3


@dataclass(frozen=True, slots=True)
class Covered:
    """One group: its portals and portal years, how many are kept, missing for certain, or failed.

    ``new`` and ``gone`` count against the run before.
    """

    group: str
    portals: int
    years: int
    kept: int
    missing: int
    failed: int
    new: int
    gone: int

    @property
    def share(self) -> float:
        """The part of the portal years that is kept, 0 to 1."""
        return self.kept / self.years if self.years else 0.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person should look at: ``kind`` is ``gone`` or ``family``, ``subject`` a portal or a family."""

    kind: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Change:
    """One portal year: its newest outcome, and the one before it that saw the portal (or None)."""

    now: Outcome
    before: Outcome | None

    @property
    def is_gone(self) -> bool:
        """Whether a report was there, and the portal was seen without it."""
        seen = self.now.outcome not in KEPT | NOT_SEEN
        return seen and self.before is not None and self.before.outcome in KEPT

    @property
    def is_new(self) -> bool:
        """Whether a report is there that was not before."""
        return self.now.outcome in KEPT and self.before is not None and self.before.outcome not in KEPT


def recent(archive: Archive, until: str = "") -> Iterator[Outcome]:
    """Yield of each portal year only the outcomes that tell how it stands, by code, name, year, then time.

    ``until`` asks how it stood then.
    """
    for history in archive.histories(until=until):
        yield from reversed(_telling(history))


def _telling(history: Iterable[Outcome]) -> list[Outcome]:
    """Of one portal year's outcomes, the newest first: the newest run's, the run's before it, the one's that saw it."""
    found: list[Outcome] = []
    for row in history:
        if row.is_cut_short:
            continue
        newest_run = not found or row.run_id == found[0].run_id
        saw = row.outcome not in NOT_SEEN
        if newest_run or saw or found[-1].run_id == found[0].run_id:
            found.append(row)
        if saw and not newest_run:
            break
    return found


def changes(outcomes: Iterable[Outcome]) -> list[Change]:
    """Compare each portal year with the run before; ``outcomes`` are by code, name, year, then time."""
    found = []
    for _, rows in groupby(outcomes, key=lambda row: (row.code, row.name, row.report_year)):
        whole = [row for row in rows if not row.is_cut_short]
        if not whole:
            continue
        now = whole[-1]
        seen = [row for row in whole if row.outcome not in NOT_SEEN and row.run_id != now.run_id]
        found.append(Change(now, seen[-1] if seen else None))
    return found


def shows(row: Outcome) -> bool:
    """Tell whether the portal's list was read: a report is kept, or the list has none of the year."""
    return row.outcome in KEPT or row.outcome == "year_missing"


def failing(compared: Iterable[Change]) -> set[Body]:
    """Return code and name of the portals that showed nothing at all at their newest visit."""
    newest: dict[Body, bool] = {}
    for change in compared:
        body = (change.now.code, change.now.name)
        newest[body] = newest.get(body, False) or shows(change.now)
    return {body for body, shown in newest.items() if not shown}


def covered(compared: Sequence[Change], group: Callable[[Outcome], str]) -> list[Covered]:
    """Count portal years by group, in the order of the groups' names."""
    groups: dict[str, list[Change]] = {}
    for change in compared:
        groups.setdefault(group(change.now), []).append(change)
    return [_counted(name, groups[name]) for name in sorted(groups)]


def alarms(compared: Sequence[Change], family: Callable[[Outcome], str]) -> list[Alarm]:
    """Return what needs a person: portals whose reports are gone first, then families that fail; worst first."""
    return [*_gone(compared), *_failing(compared, family)]


def _counted(name: str, rows: list[Change]) -> Covered:
    kept = sum(row.now.outcome in KEPT for row in rows)
    missing = sum(row.now.outcome == "year_missing" for row in rows)
    return Covered(
        group=name,
        portals=len({(row.now.code, row.now.name) for row in rows}),
        years=len(rows),
        kept=kept,
        missing=missing,
        failed=len(rows) - kept - missing,
        new=sum(row.is_new for row in rows),
        gone=sum(row.is_gone for row in rows),
    )


def _gone(compared: Sequence[Change]) -> list[Alarm]:
    lost: dict[Body, list[Change]] = {}
    for change in compared:
        if change.is_gone:
            lost.setdefault((change.now.code, change.now.name), []).append(change)
    found = []
    for (code, name), rows in sorted(lost.items(), key=lambda item: (-len(item[1]), item[0])):
        years = " ".join(str(row.now.report_year) for row in rows)
        codes = " ".join(sorted({row.now.outcome for row in rows}))
        found.append(Alarm("gone", f"{code} {name}", f"reports of {years} were there and are not any more ({codes})"))
    return found


def _failing(compared: Sequence[Change], family: Callable[[Outcome], str]) -> Iterator[Alarm]:
    failed: dict[str, list[tuple[str, str]]] = {}
    for name, rows in _by_portal(compared):
        if not any(map(shows, rows)) and (kind := family(rows[0])):
            worst = Counter(row.outcome for row in rows).most_common(1)[0][0]
            failed.setdefault(kind, []).append((name, worst))
    for kind, portals in sorted(failed.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(portals) >= FAMILY_ALARM:
            codes = ", ".join(f"{code} {count}" for code, count in Counter(code for _, code in portals).most_common())
            names = " ".join(name for name, _ in portals[:5])
            detail = f"{len(portals)} portals show no report ({codes}), such as {names}"
            hint = "" if all(code in NOT_SEEN for _, code in portals) else "; look whether its reader still fits"
            yield Alarm("family", kind, detail + hint)


def _by_portal(compared: Sequence[Change]) -> Iterator[tuple[str, list[Outcome]]]:
    for (code, name), rows in groupby(compared, key=lambda change: (change.now.code, change.now.name)):
        yield f"{code} {name}", [row.now for row in rows]
