"""What must hold before a release is published."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from normalize.partitions import UNKNOWN_YEAR
from normalize.published import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from normalize.partitions import WrittenFile
    from normalize.spill import Unreadable

SHRINK_FLOOR = 0.9
GROWTH_CEILING = 1.5
GROWTH_LEAST = 20
SHOWN = 5


class GateError(ReleaseError):
    """What was built is not fit to be published; the text says what is wrong, with counts, and the remedy."""


def reports_by_year(files: Sequence[WrittenFile]) -> dict[int, int]:
    """How many reports each year has, years ascending; 0 stands for unknown."""
    counts: Counter[int] = Counter()
    for file in files:
        if file.table == "reports" and file.report_year is not None and file.rows:
            counts[file.report_year] += file.rows
    return dict(sorted(counts.items()))


def check_gates(
    files: Sequence[WrittenFile],
    faults: Sequence[str],
    unreadable: Unreadable,
    before: Mapping[int, int],
    allow_shrink: bool,
) -> list[str]:
    """What was let through knowingly or is to be looked at, in words; GateError where a gate is shut.

    At least one document must have been read; ``faults`` (figures that are not as their form says) must be empty; no
    year, nor all years together, may have less than nine tenths of the reports of the release ``before``, unless
    ``allow_shrink``. A year that grew by more than half is only told.
    """
    counts = reports_by_year(files)
    total = sum(counts.values())
    if total <= unreadable.number:
        example = f" ({unreadable.example})" if unreadable.number else ""
        raise GateError(
            f"no report to publish: {total} documents in the archive, {unreadable.number} of them unreadable{example};"
            " see what the crawl found with: gongkai status"
        )
    if faults:
        shown = "; ".join(faults[:SHOWN])
        raise GateError(
            f"{len(faults)} reports have wrong figures: {shown}; this is a fault of the normalizer, report it"
        )
    shrunk = _shrunk(before, counts)
    if shrunk and not allow_shrink:
        raise GateError(
            f"fewer reports than in the release before: {'; '.join(shrunk)};"
            " crawl what is missing, or allow it knowingly (--allow-shrink, in Python allow_shrink)"
        )
    return [*(f"shrinking was allowed: {each}" for each in shrunk), *_grown(before, counts)]


def _grown(before: Mapping[int, int], now: Mapping[int, int]) -> list[str]:
    """The years that had reports enough to judge by and have far more of them now."""
    return [
        f"far more reports than before, look at them: {year}: {count} before, {now[year]} now"
        for year, count in sorted(before.items())
        if year != UNKNOWN_YEAR and count >= GROWTH_LEAST and now.get(year, 0) > GROWTH_CEILING * count
    ]


def _shrunk(before: Mapping[int, int], now: Mapping[int, int]) -> list[str]:
    """The years, and the whole, that fell below the floor; reports of unknown year do not count."""
    known_before = {year: count for year, count in before.items() if year != UNKNOWN_YEAR}
    falls = [
        f"{year}: {known_before[year]} before, {now.get(year, 0)} now"
        for year in sorted(known_before)
        if now.get(year, 0) < SHRINK_FLOOR * known_before[year]
    ]
    total_before = sum(known_before.values())
    total_now = sum(count for year, count in now.items() if year != UNKNOWN_YEAR)
    if total_now < SHRINK_FLOOR * total_before:
        falls.append(f"all years: {total_before} before, {total_now} now")
    return falls
