"""A run's summary in words: Markdown, which a terminal shows too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from operations.model import Report, Summary

SHOWN = 20
# Titles and addresses come from portals: none may become a link, a tag or a cell of its own.
SPECIAL = re.compile(r"([\\`*_\[\]<>|#!~&])")


def markdown(summary: Summary) -> str:
    """Return a run's summary as Markdown, what needs a person first."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Summary) -> Iterator[str]:
    yield f"# Run {summary.run_id}: {summary.status}"
    yield ""
    if summary.interrupted:
        yield f"- The run before never ended: {plain(summary.interrupted)}. This one went on where it was."
    yield from (f"- Mended: {plain(repair)}." for repair in summary.repairs)
    yield from (f"- **{plain(error)}**" for error in summary.errors)
    yield from _alarms(summary)
    yield from _section("What was done", _done(summary))
    yield from _section("Coverage", _coverage(summary))
    yield from _reports("New reports", summary.new)
    yield from _reports("Changed reports", summary.changed)
    yield from _reports("Withdrawn reports", summary.withdrawn)
    yield from _some("Reports gone from their portals", summary.gone)
    moved = (f"{m.portal}: {' '.join(map(str, m.years))} now at {m.now}, before at {m.before}" for m in summary.moved)
    yield from _some("Portals that moved", list(moved))
    fallen = (f"{f.portal}: {f.outcome}{f' ({f.family})' if f.family else ''}: {f.detail}" for f in summary.fallen)
    yield from _some("Portals that show nothing any more", list(fallen))
    yield from _some("Portals that show their reports again", summary.recovered)
    checks = (
        f"{c.check}: in {c.reports} reports, {c.known} of them known before, such as {' '.join(c.examples)}"
        for c in summary.checks
    )
    yield from _some("Checks newly failing", list(checks))
    yield from _section("Outcomes", [f"{code}: {count}" for code, count in summary.outcomes.items()])


def _alarms(summary: Summary) -> Iterator[str]:
    fresh = [alarm for alarm in summary.alarms if not alarm.standing]
    yield from (f"- **{alarm.kind}** {plain(alarm.subject)}: {plain(alarm.detail)}" for alarm in fresh)
    if standing := [alarm for alarm in summary.alarms if alarm.standing]:
        told = "; ".join(f"{alarm.kind} {plain(alarm.subject)}" for alarm in standing[:SHOWN])
        yield f"- Told before and still so: {told}"
    if not (summary.errors or summary.repairs or summary.alarms or summary.interrupted):
        yield "Nothing to look at."


def _done(summary: Summary) -> list[str]:
    reports = f"{len(summary.new)} new, {len(summary.changed)} changed, {len(summary.gone)} portals with reports gone"
    return [
        f"{summary.portals} portals visited; reports: {reports}",
        f"{summary.requests} requests, {summary.bytes} bytes received, {summary.not_modified} pages not modified",
        f"{summary.seconds:.0f} seconds, from {summary.started_at} to {summary.ended_at} on {plain(summary.host)}",
        f"release {summary.release_id or 'none'}, before it {summary.previous_release or 'none'}",
        *(f"{name}: {value:g}" for name, value in summary.measures.items()),
    ]


def _coverage(summary: Summary) -> list[str]:
    known = summary.coverage
    if known is None:
        return []
    a_year_ago = (
        f"a year ago {known.kept_a_year_ago} of {known.portals_a_year_ago} had that of {known.report_year - 1}"
        if known.portals_a_year_ago
        else "nothing was crawled a year ago"
    )
    return [f"{known.kept} of {known.portals} portals have the report of {known.report_year}; {a_year_ago}"]


def _reports(heading: str, reports: Sequence[Report]) -> Iterator[str]:
    yield from _some(heading, [f"{r.report_year} {r.body} {r.report_id} {r.url}" for r in reports])


def _some(heading: str, lines: Sequence[str]) -> Iterator[str]:
    more = [f"and {len(lines) - SHOWN} more: see the JSON"] if len(lines) > SHOWN else []
    yield from _section(f"{heading} ({len(lines)})", [*lines[:SHOWN], *more])


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if not lines:
        return
    yield from ("", f"## {heading}", "")
    yield from (f"- {plain(line)}" for line in lines)


def plain(text: str) -> str:
    """Return a text of a portal so that Markdown shows it as it is, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
