"""What a run is asked to do, and what it tells afterwards."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003 - msgspec reads annotations when it decodes

import msgspec

SUMMARY_VERSION = 1


class RunError(Exception):
    """A run cannot begin; the text names the place and the remedy."""


class Status(StrEnum):
    """How a run ended: ``stopped`` by a signal or by a limit of its settings.

    ``running`` stands in the record of one that is at work, or that was killed.
    """

    OK = "ok"
    REFUSED = "refused"
    FAILED = "failed"
    STOPPED = "stopped"
    RUNNING = "running"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is asked to do: its places, and what is passed on to crawl and build."""

    portals: Path
    divisions: Path
    archive: Path
    releases: Path
    state: Path
    counties: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    bodies: str = "own"
    everything: bool = False
    workers: int = 1
    allow_shrink: bool = False
    settings: dict[str, str] = msgspec.field(default_factory=dict)
    json_logs: bool = False


class Report(msgspec.Struct, frozen=True):
    """One report of a release, named so that a person finds it."""

    report_id: str
    division_code: str
    body: str
    report_year: int
    url: str


class Move(msgspec.Struct, frozen=True):
    """A portal whose reports are found at other addresses than before, with one of them as an example."""

    portal: str
    years: list[int]
    before: str
    now: str


class Fall(msgspec.Struct, frozen=True):
    """A portal that showed its reports the last time it was seen and shows none now; ``outcome`` says why."""

    portal: str
    outcome: str
    detail: str
    family: str = ""


class FailingCheck(msgspec.Struct, frozen=True):
    """A check that fails in reports in which it did not fail in the release before, ``known`` of them there already."""

    check: str
    reports: int
    known: int
    examples: list[str]


class Coverage(msgspec.Struct, frozen=True):
    """How many portals have the report of the year that is due, and how many had theirs at this time a year ago."""

    report_year: int
    kept: int
    portals: int
    kept_a_year_ago: int
    portals_a_year_ago: int


class Alarm(msgspec.Struct, frozen=True):
    """What a person should look at; ``standing`` where the run before told of it already."""

    kind: str
    subject: str
    detail: str
    standing: bool = False


class Summary(msgspec.Struct, kw_only=True):
    """One run: what it did, what is new, what is worse than before.

    ``measures`` are the figures that later runs are compared with; ``interrupted`` names a run before that never ended.
    """

    version: int = SUMMARY_VERSION
    run_id: str
    host: str
    started_at: str
    ended_at: str = ""
    seconds: float = 0.0
    status: Status = Status.RUNNING
    stage: str = ""
    interrupted: str = ""
    repairs: list[str] = msgspec.field(default_factory=list)
    errors: list[str] = msgspec.field(default_factory=list)
    crawl_run: str = ""
    crawl_finished: bool = False
    portals: int = 0
    requests: int = 0
    bytes: int = 0
    not_modified: int = 0
    outcomes: dict[str, int] = msgspec.field(default_factory=dict)
    release_id: str = ""
    previous_release: str = ""
    new: list[Report] = msgspec.field(default_factory=list)
    changed: list[Report] = msgspec.field(default_factory=list)
    withdrawn: list[Report] = msgspec.field(default_factory=list)
    gone: list[str] = msgspec.field(default_factory=list)
    moved: list[Move] = msgspec.field(default_factory=list)
    fallen: list[Fall] = msgspec.field(default_factory=list)
    recovered: list[str] = msgspec.field(default_factory=list)
    checks: list[FailingCheck] = msgspec.field(default_factory=list)
    coverage: Coverage | None = None
    measures: dict[str, float] = msgspec.field(default_factory=dict)
    alarms: list[Alarm] = msgspec.field(default_factory=list)

    @property
    def calls(self) -> bool:
        """Whether a person should look now: the run did not do its work, or something is worse than the last time."""
        return self.status not in (Status.OK, Status.STOPPED) or any(not alarm.standing for alarm in self.alarms)
