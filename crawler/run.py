"""Runs a crawl from a program: the spider behind `gongkai crawl`."""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.log import configure_logging

from captures import Archive
from captures.index import INDEX_NAME
from crawler.outcomes import KEPT, report_years
from crawler.plan import Plan
from crawler.portals import read_portals
from crawler.spiders.discover import DiscoverSpider, survey_finished
from crawler.spiders.reports import ReportsSpider, visit_finished

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from scrapy.crawler import Crawler

    from captures import Outcome
    from crawler.survey import Finding

    OnEvent = Callable[[str, int], None]

# A connection for each host under way; a limit of 256, which some systems have, is soon reached with more of them.
OPEN_FILES = 16_384
# Visits and their requests live long: to look through them all after every 700 new objects takes an eighth of a crawl.
OBJECTS_BETWEEN_COLLECTIONS = 20_000


@dataclass(slots=True)
class CrawlSummary:
    """What a crawl did: portals, outcomes by code, requests, bytes received, pages not modified, reports kept."""

    run_id: str
    portals: int
    outcomes: dict[str, int]
    requests: int
    bytes: int
    not_modified: int
    reports: int
    finish_reason: str

    def plus(self, other: CrawlSummary) -> CrawlSummary:
        """Return what two crawls did together."""
        return CrawlSummary(
            run_id=" ".join(filter(None, (self.run_id, other.run_id))),
            portals=self.portals + other.portals,
            outcomes=dict(Counter(self.outcomes) + Counter(other.outcomes)),
            requests=self.requests + other.requests,
            bytes=self.bytes + other.bytes,
            not_modified=self.not_modified + other.not_modified,
            reports=self.reports + other.reports,
            finish_reason=" ".join(sorted({*self.finish_reason.split(), *other.finish_reason.split()})),
        )


def crawl(
    *,
    portals: Path,
    divisions: Path,
    archive: Path,
    counties: Sequence[str] = (),
    years: tuple[int, int] | None = None,
    bodies: str = "own",
    shard: str = "",
    due: bool = False,
    resume: bool = False,
    settings: Mapping[str, str] | None = None,
    on_event: OnEvent | None = None,
) -> CrawlSummary:
    """Crawl into an archive and return what was done; a process can do this once, as it owns the reactor.

    ``years`` is the first and last report year; ``bodies`` is ``own`` or ``all``, ``shard`` i/n for one of n parts, and
    ``due`` leaves out portals whose next visit is not due yet. ``resume`` goes on with the archive's last run, where it
    was killed: what it has received is not asked for again. ``on_event`` is told ``response`` (1 each), ``portal``
    (1 when a portal is done) and ``report`` (the reports it brought). Raises PortalError for a bad catalogue or an
    unknown county, ValueError for bad years or shards, ArchiveError for an archive that cannot be used, all before the
    first request.
    """
    arguments = _arguments(portals, divisions, counties, years, bodies=bodies, shard=shard, due=due)
    _make_room_for_connections()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    process = AsyncCrawlerProcess(_settings(archive, shard, settings, resume=resume))
    run = _Run(process.create_crawler(ReportsSpider), on_event)
    task = process.crawl(run.crawler, **arguments)
    process.start()
    # A crawl that could not begin has its reason here, and nowhere else.
    task.result()
    return run.summary()


def _make_room_for_connections() -> None:
    """Let the process have as many open files as it may: a crawl keeps a connection to each host under way."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def crawl_async(
    *,
    portals: Path,
    divisions: Path,
    archive: Path,
    counties: Sequence[str] = (),
    years: tuple[int, int] | None = None,
    bodies: str = "own",
    shard: str = "",
    due: bool = False,
    resume: bool = False,
    settings: Mapping[str, str] | None = None,
    on_event: OnEvent | None = None,
) -> CrawlSummary:
    """Crawl as ``crawl`` does, inside a running event loop, as often as wanted."""
    arguments = _arguments(portals, divisions, counties, years, bodies=bodies, shard=shard, due=due)
    merged = _settings(archive, shard, settings, resume=resume)
    merged.set("TWISTED_REACTOR_ENABLED", False, priority="cmdline")
    configure_logging(merged)
    runner = AsyncCrawlerRunner(merged)
    run = _Run(runner.create_crawler(ReportsSpider), on_event)
    await runner.crawl(run.crawler, **arguments)
    return run.summary()


def survey(
    *,
    portals: Path,
    divisions: Path,
    counties: Sequence[str] = (),
    check_only: bool = False,
    settings: Mapping[str, str] | None = None,
    on_event: OnEvent | None = None,
) -> list[Finding]:
    """Look for the report columns of portals, whatever the catalogue says, and return what was found, by code.

    ``check_only`` looks at home page and known column alone. Nothing is archived. A process can do this once. Raises
    PortalError for a bad catalogue or an unknown county. ``on_event`` is told ``response`` and ``portal``, 1 each.
    """
    arguments = _survey_arguments(portals, divisions, counties, check_only=check_only)
    process = AsyncCrawlerProcess(_survey_settings(settings))
    run = _SurveyRun(process.create_crawler(DiscoverSpider), on_event)
    task = process.crawl(run.crawler, **arguments)
    process.start()
    task.result()
    return run.in_order()


async def survey_async(
    *,
    portals: Path,
    divisions: Path,
    counties: Sequence[str] = (),
    check_only: bool = False,
    settings: Mapping[str, str] | None = None,
    on_event: OnEvent | None = None,
) -> list[Finding]:
    """Survey as ``survey`` does, inside a running event loop, as often as wanted."""
    arguments = _survey_arguments(portals, divisions, counties, check_only=check_only)
    merged = _survey_settings(settings)
    merged.set("TWISTED_REACTOR_ENABLED", False, priority="cmdline")
    configure_logging(merged)
    runner = AsyncCrawlerRunner(merged)
    run = _SurveyRun(runner.create_crawler(DiscoverSpider), on_event)
    await runner.crawl(run.crawler, **arguments)
    return run.in_order()


def _survey_arguments(portals: Path, divisions: Path, counties: Sequence[str], *, check_only: bool) -> dict[str, str]:
    county = ",".join(counties)
    Plan.of(county, "", "").choose(read_portals(portals, divisions), portals, None)
    files = {"portals": str(portals), "divisions": str(divisions)}
    return files | {"county": county, "check": "yes" if check_only else ""}


def _survey_settings(extra: Mapping[str, str] | None) -> Settings:
    merged = Settings()
    merged.setmodule("crawler.settings", priority="project")
    merged.setdict(dict(extra or {}), priority="cmdline")
    return merged


def _arguments(
    portals: Path,
    divisions: Path,
    counties: Sequence[str],
    years: tuple[int, int] | None,
    *,
    bodies: str,
    shard: str,
    due: bool,
) -> dict[str, str]:
    """Check what the spider will be given, so that a fault is raised here and not inside the crawler."""
    wanted = "yes" if due else ""
    county = ",".join(counties)
    Plan.of(county, shard, wanted).choose(read_portals(portals, divisions), portals, None)
    span = f"{years[0]}-{years[1]}" if years else ""
    report_years(span, datetime.now(UTC).date())
    files = {"portals": str(portals), "divisions": str(divisions)}
    return files | {"county": county, "years": span, "bodies": bodies, "shard": shard, "due": wanted}


def _settings(archive: Path, shard: str, extra: Mapping[str, str] | None, *, resume: bool) -> Settings:
    merged = Settings()
    merged.setmodule("crawler.settings", priority="project")
    values = {"ARCHIVE_DIR": str(archive), "ARCHIVE_RUN_ID": _run_id(archive, shard, resume=resume)}
    merged.setdict(values | dict(extra or {}), priority="cmdline")
    return merged


def _run_id(archive: Path, shard: str, *, resume: bool) -> str:
    """The run's name, empty for the usual one: that of the run to go on with, or one that no other shard can have."""
    part = f"-{shard.replace('/', 'of')}" if shard else ""
    if resume and (archive / INDEX_NAME).is_file():
        with Archive(archive) as opened:
            runs = [run.run_id for run in opened.runs() if not part or run.run_id.endswith(part)]
        if runs:
            return runs[-1]
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}{part}" if part else ""


@dataclass(slots=True, weakref_slot=True)
class _SurveyRun:
    """Listens to one survey; Scrapy holds its listeners weakly, so this object has to outlive it."""

    crawler: Crawler
    on_event: OnEvent | None
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.crawler.signals.connect(self.responded, signal=signals.response_received)
        self.crawler.signals.connect(self.surveyed, signal=survey_finished)

    def responded(self) -> None:
        """Tell of one response."""
        if self.on_event:
            self.on_event("response", 1)

    def surveyed(self, finding: Finding) -> None:
        """Keep what one portal showed."""
        self.findings.append(finding)
        if self.on_event:
            self.on_event("portal", 1)

    def in_order(self) -> list[Finding]:
        """Return the findings by code and name."""
        return sorted(self.findings, key=lambda finding: (finding.portal.code, finding.portal.name))


@dataclass(slots=True, weakref_slot=True)
class _Run:
    """Listens to one crawler; Scrapy holds its listeners weakly, so this object has to outlive the crawl."""

    crawler: Crawler
    on_event: OnEvent | None
    outcomes: dict[str, int] = field(default_factory=dict)
    received_bytes: int = 0

    def __post_init__(self) -> None:
        self.crawler.signals.connect(self.responded, signal=signals.response_received)
        self.crawler.signals.connect(self.received, signal=signals.bytes_received)
        self.crawler.signals.connect(self.finished, signal=visit_finished)

    def responded(self) -> None:
        """Tell of one response."""
        self._tell("response", 1)

    def received(self, data: bytes) -> None:
        """Count what came over the network; Scrapy's own count has the archive's answers in it."""
        self.received_bytes += len(data)

    def finished(self, rows: list[Outcome]) -> None:
        """Tell of one portal that is done."""
        for row in rows:
            self.outcomes[row.outcome] = self.outcomes.get(row.outcome, 0) + 1
        self._tell("portal", 1)
        self._tell("report", sum(row.outcome in KEPT for row in rows))

    def _tell(self, what: str, count: int) -> None:
        if self.on_event:
            self.on_event(what, count)

    def summary(self) -> CrawlSummary:
        """Return what the crawl did, from Scrapy's own counts."""
        stats: dict[str, Any] = self.crawler.stats.get_stats()
        return CrawlSummary(
            run_id=stats.get("reports/run_id", ""),
            portals=stats.get("reports/portals", 0),
            outcomes=self.outcomes,
            # What the archive answers was not asked for.
            requests=stats.get("downloader/request_count", 0) - stats.get("httpcache/hit", 0),
            bytes=self.received_bytes,
            not_modified=stats.get("httpcache/revalidate", 0),
            reports=stats.get("reports/found", 0),
            finish_reason=stats.get("finish_reason", ""),
        )
