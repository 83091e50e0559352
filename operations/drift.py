"""What is worse than it was: figures of a run against the last good one, or against this week of last year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from operations.model import Alarm, RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from operations.model import Coverage, Summary


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much worse a figure may be: only what is beyond both the count and the percentage is an alarm.

    ``worse`` is +1 where more is worse, -1 where less is. What has its season is compared with last year's week.
    """

    count: float
    percent: float
    worse: int
    seasonal: bool = False


TOLERANCES = {
    "reports in the release": Tolerance(5, 1, -1),
    "documents that cannot be read": Tolerance(5, 10, +1),
    "hard checks that fail": Tolerance(10, 5, +1),
    "portal years kept": Tolerance(5, 1, -1),
    "portals that show nothing": Tolerance(3, 10, +1),
    "new reports": Tolerance(20, 50, -1, seasonal=True),
    "seconds": Tolerance(1800, 50, +1, seasonal=True),
    "requests": Tolerance(1000, 50, +1, seasonal=True),
    "bytes": Tolerance(500_000_000, 50, +1, seasonal=True),
    "coverage": Tolerance(10, 5, -1),
}


def tolerances(given: Iterable[str]) -> dict[str, Tolerance]:
    """Return the tolerances with those changed that are given as ``NAME=COUNT,PERCENT``; RunError for a bad one."""
    merged = dict(TOLERANCES)
    for text in given:
        name, _, amounts = text.partition("=")
        count, _, percent = amounts.partition(",")
        if name not in merged or not _is_number(count) or not _is_number(percent):
            names = ", ".join(merged)
            raise RunError(f"tolerance {text!r}: write NAME=COUNT,PERCENT with a name of: {names}")
        merged[name] = replace(merged[name], count=float(count), percent=float(percent))
    return merged


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def drifts(
    now: Mapping[str, float], good: Summary | None, a_year_ago: Summary | None, allowed: Mapping[str, Tolerance]
) -> list[Alarm]:
    """Return the figures that are worse than tolerated, each with what it was and when."""
    found = []
    for name, tolerance in allowed.items():
        against = a_year_ago if tolerance.seasonal else good
        if against is None or name not in now or name not in against.measures:
            continue
        before = against.measures[name]
        if is_worse(now[name], before, tolerance):
            detail = f"{now[name]:g}, where it was {before:g} in run {against.run_id}"
            found.append(Alarm("drift", name, detail))
    return found


def lag(coverage: Coverage, tolerance: Tolerance) -> list[Alarm]:
    """Return an alarm where fewer portals have the report that is due than had theirs a year ago."""
    if not coverage.portals_a_year_ago:
        return []
    # The catalogue may have grown: what counts is the share.
    before = coverage.kept_a_year_ago / coverage.portals_a_year_ago * coverage.portals
    if not is_worse(coverage.kept, before, tolerance):
        return []
    detail = (
        f"{coverage.kept} of {coverage.portals} portals have the report of {coverage.report_year}; a year ago "
        f"{coverage.kept_a_year_ago} of {coverage.portals_a_year_ago} had that of {coverage.report_year - 1}"
    )
    return [Alarm("coverage", str(coverage.report_year), detail)]


def is_worse(now: float, before: float, tolerance: Tolerance) -> bool:
    """Tell whether a figure is worse by more than the count and by more than the percentage."""
    by = (now - before) * tolerance.worse
    return by > tolerance.count and by > abs(before) * tolerance.percent / 100
