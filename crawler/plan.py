"""Which portals a run visits: those asked for, of one shard, due, and not done by the same run before it was killed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from captures import Archive
from crawler.due import due
from crawler.outcomes import cut_short
from crawler.portals import BODIES, select
from crawler.sites import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crawler.archive import ArchiveWriter
    from crawler.portals import Portal


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` parts of the catalogue, the first being 1; a site is in one part only."""

    number: int
    count: int

    @classmethod
    def of(cls, text: str) -> Shard:
        """Read ``i/n``; ValueError for anything else."""
        number, slash, count = text.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise ValueError(f"shard {text!r}: write i/n with i from 1 to n, such as 1/4")
        return cls(int(number), int(count))

    def holds(self, portal: Portal) -> bool:
        """Tell whether a portal is in this part: its site decides, so that no two machines visit one host."""
        digest = hashlib.sha256(site_of(portal.list_url or portal.home_url).encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for: codes (none: all), a shard, and whether only what is due."""

    counties: tuple[str, ...] = ()
    shard: Shard | None = None
    only_due: bool = False

    @classmethod
    def of(cls, county: str, shard: str, due: str) -> Plan:
        """Read a spider's arguments; ValueError for bad ones."""
        if due not in ("", "yes", "no"):
            raise ValueError(f"due {due!r}: use yes or no")
        counties = tuple(code.strip() for code in county.split(",") if code.strip())
        return cls(counties, Shard.of(shard) if shard else None, due == "yes")

    def choose(
        self, portals: Sequence[Portal], path: Path, archive: ArchiveWriter | None, now: datetime | None = None
    ) -> list[Portal]:
        """Return the active portals to visit; PortalError for a code that has no row.

        ``archive`` tells what was visited before; without one nothing was.
        """
        chosen = select(portals, self.counties, path)
        if self.shard:
            heads = {(group[0].code, _own_name(group[0])) for group in by_body(chosen) if self.shard.holds(group[0])}
            chosen = [portal for portal in chosen if (portal.code, _own_name(portal)) in heads]
        if archive is None:
            return chosen
        with Archive(archive.path) as opened:
            this_run = opened.run_outcomes(archive.run_id)
            done = {(row.code, row.name) for row in this_run} - cut_short(this_run)
            chosen = [portal for portal in chosen if (portal.code, portal.name) not in done]
            return due(chosen, opened, now or datetime.now(UTC)) if self.only_due else chosen


def by_body(portals: Sequence[Portal]) -> list[list[Portal]]:
    """Put the rows of one body together: they are columns of one portal."""
    groups: dict[tuple[str, str], list[Portal]] = {}
    for portal in portals:
        groups.setdefault((portal.code, _own_name(portal)), []).append(portal)
    return list(groups.values())


def parents_of(portals: Sequence[Portal]) -> Callable[[Portal], Portal | None]:
    """Return what gives a portal's parent in the catalogue: its city, else its province, or None."""
    above = {portal.code: portal for portal in portals if portal.level in ("city", "province")}

    def parent(portal: Portal) -> Portal | None:
        codes = (f"{portal.code[:4]}00", f"{portal.code[:2]}0000")
        return next((above[code] for code in codes if code in above and code != portal.code), None)

    return parent


def _own_name(portal: Portal) -> str:
    return portal.name if portal.level in BODIES else ""
