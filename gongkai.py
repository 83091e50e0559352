"""The command line: thin, and the one module that knows both the crawler and the normalizer."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich import box
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from captures import Outcome
    from crawler.coverage import Change
    from crawler.run import CrawlSummary
    from crawler.survey import Finding
    from normalize import Report

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

app = typer.Typer(
    help="Yearly disclosure reports of China's counties: crawl, read, build, compare.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
archive_app = typer.Typer(help="What an archive holds, and whether it is sound.", no_args_is_help=True)
app.add_typer(archive_app, name="archive")
releases_app = typer.Typer(help="Which releases there are, whether they are whole, and which go.", no_args_is_help=True)
app.add_typer(releases_app, name="releases")
portals_app = typer.Typer(help="The catalogue: is it sound, and what do the portals say.", no_args_is_help=True)
app.add_typer(portals_app, name="portals")
# Results go to standard output alone, so that they can be piped; all else goes to standard error.
out = Console(soft_wrap=False)
err = Console(stderr=True)


class ReadFormat(StrEnum):
    """How ``read`` prints figures."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


class ListFormat(StrEnum):
    """How lists are printed."""

    TABLE = "table"
    CSV = "csv"


class Bodies(StrEnum):
    """Whose reports are crawled: a government's own and its office's, or those of its departments and townships too."""

    OWN = "own"
    ALL = "all"


class Grouping(StrEnum):
    """How coverage is counted."""

    PROVINCE = "province"
    YEAR = "year"
    FAMILY = "family"


class DiffFormat(StrEnum):
    """How ``diff`` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    HTML = "html"


class PanelFormat(StrEnum):
    """What ``panel`` writes."""

    CSV = "csv"
    XLSX = "xlsx"
    DTA = "dta"


ArchiveOption = Annotated[Path, typer.Option("--archive", help="Folder of the archive.")]
PortalsOption = Annotated[Path, typer.Option("--portals", help="The catalogue of portals.")]
SettingOption = Annotated[list[str] | None, typer.Option("-s", help="Scrapy setting, NAME=VALUE; may be given again.")]
ReleasesOption = Annotated[Path, typer.Option("--releases", help="Folder of the releases.")]


def fail(message: str) -> NoReturn:
    """End with one clear line and exit code 2."""
    err.print(f"gongkai: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


# Documents ---------------------------------------------------------------------------------------------------------


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="HTML or text files.")],
    form: Annotated[ReadFormat, typer.Option("--format", help="How to print the figures.")] = ReadFormat.TABLE,
) -> None:
    """Print the figures of documents, without an archive.

    Example: `gongkai read report.html --format csv > figures.csv`
    """
    from normalize.show import print_report

    reports = (pair for path in files if (pair := _read_file(path)))
    failed = 0
    if form is ReadFormat.TABLE:
        count = 0
        for path, report in reports:
            print_report(report, path.name, out)
            count += 1
        failed = len(files) - count
    else:
        failed = len(files) - _write_figures(reports, form)
    if failed:
        raise typer.Exit(2)


def _read_file(path: Path) -> tuple[Path, Report] | None:
    """One file's report; a file that cannot be read is named on standard error and left out."""
    from normalize import UnreadableDocument, read_document

    try:
        return path, read_document(path.read_bytes(), name=str(path))
    except OSError as error:
        err.print(
            f"{path}: {error.strerror}; name a file that can be read",
            style="red",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    except UnreadableDocument as error:
        err.print(f"{error} ({error.code})", style="red", markup=False, highlight=False, soft_wrap=True)
    return None


def _figure_rows(path: Path, report: Report) -> Iterable[dict[str, Any]]:
    """The rows of the table figures, with the file's stem as ``case``."""
    from normalize.rows import report_identifier

    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    head = {
        "case": path.stem,
        "report_id": report_identifier(report.division_code, report.report_year, path.name),
        "division_code": report.division_code,
        "report_year": report.report_year,
        "body_level": report.body_level,
        "form": report.form,
    }
    for figure in report.figures:
        yield head | {
            "indicator": figure.indicator,
            "applicant": figure.applicant,
            "value": figure.value,
            "unit": figure.unit,
            "status": figure.status,
            "raw": figure.raw,
            "flags": " ".join(figure.flags),
            "sha256": digest,
            "page": figure.page,
            "table_no": figure.table_no,
            "row_no": figure.row_no,
            "col_no": figure.col_no,
        }


def _write_figures(reports: Iterable[tuple[Path, Report]], form: ReadFormat) -> int:
    from normalize.show import number

    count = 0
    writer: csv.DictWriter[str] | None = None
    for path, report in reports:
        count += 1
        for row in _figure_rows(path, report):
            if form is ReadFormat.JSONL:
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
                continue
            if writer is None:
                writer = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow({**row, "value": number(row["value"])})
    return count


# Crawl -------------------------------------------------------------------------------------------------------------


@app.command()
def crawl(
    portals: PortalsOption = DATA / "portals.csv",
    archive: ArchiveOption = DATA / "archive",
    county: Annotated[list[str] | None, typer.Option(help="Division code; may be given again.")] = None,
    years: Annotated[str, typer.Option(help="Report years, 2019-2024 or 2023; all where not given.")] = "",
    setting: SettingOption = None,
    bodies: Annotated[Bodies, typer.Option(help="Departments' and townships' reports too: all.")] = Bodies.OWN,
    due: Annotated[bool, typer.Option("--due", help="Only portals whose next visit is due.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last run, where it was killed.")] = False,
    shard: Annotated[str, typer.Option(help="One part of the catalogue, i/n; no host is in two parts.")] = "",
    dask: Annotated[str, typer.Option(help="Address of a Dask scheduler that is to crawl the shards.")] = "",
    shards: Annotated[int, typer.Option(min=1, help="With --dask: into how many shards.")] = 8,
) -> None:
    """Crawl the catalogue's portals into the archive.

    Example: `gongkai crawl --county 140221 --years 2019-2024 -s CONTACT=you@example.org`
    """
    if dask and shard:
        fail("--dask crawls every shard: leave out --shard")
    arguments = {
        "portals": portals,
        "divisions": DATA / "divisions.csv",
        "archive": archive,
        "counties": tuple(county or ()),
        "years": _span(years),
        "bodies": bodies.value,
        "due": due,
        "settings": {"LOG_LEVEL": "ERROR", **_settings(setting or [])},
    }
    if dask:
        summary = _crawl_on_cluster(dask, shards, arguments)
    else:
        summary = _crawl(arguments | {"resume": resume, "shard": shard})
    err.print(
        f"run {summary.run_id or '(nothing to do)'}: {summary.portals} portals, {summary.reports} reports found, "
        f"{summary.requests} requests, {summary.bytes} bytes, {summary.not_modified} not modified "
        f"({summary.finish_reason})",
        highlight=False,
    )
    for outcome, count in sorted(summary.outcomes.items(), key=lambda item: -item[1]):
        err.print(f"  {outcome} {count}", highlight=False)


def _settings(pairs: Sequence[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            fail(f"-s {pair}: write NAME=VALUE")
        settings[name] = value
    return settings


def _span(years: str) -> tuple[int, int] | None:
    if not years:
        return None
    first, _, last = years.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal():
        fail(f"--years {years}: write 2023 or 2019-2024")
    return int(first), int(last or first)


def _crawl(arguments: dict[str, Any]) -> CrawlSummary:
    from captures import ArchiveError
    from crawler.portals import PortalError
    from crawler.run import crawl as run_crawl

    with _progress("crawling") as show:
        try:
            return run_crawl(**arguments, on_event=show)
        except (PortalError, ArchiveError, ValueError) as error:
            fail(str(error))


def _crawl_on_cluster(address: str, shards: int, arguments: dict[str, Any]) -> CrawlSummary:
    from captures import ArchiveError
    from crawler.cluster import ClusterError, crawl_on_cluster
    from crawler.job import JobError

    plain = {name: str(value.absolute()) if isinstance(value, Path) else value for name, value in arguments.items()}
    with _progress("crawling on the cluster") as show:

        def on_shard(_number: int, done: CrawlSummary) -> None:
            show("portal", done.portals)
            show("response", done.requests)
            show("report", done.reports)

        try:
            return crawl_on_cluster(address, shards, plain, on_shard=on_shard)
        except (ClusterError, JobError, ArchiveError) as error:
            fail(str(error))


@contextmanager
def _progress(what: str) -> Iterator[Callable[[str, int], None]]:
    """Show what a crawl tells of: portals, pages and reports so far."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err, transient=True
    ) as progress:
        task = progress.add_task(what)
        counts: Counter[str] = Counter()

        def show(kind: str, count: int) -> None:
            counts[kind] += count
            progress.update(
                task,
                description=f"{counts['portal']} portals done, {counts['response']} pages, {counts['report']} reports",
            )

        yield show


@app.command()
def status(
    archive: ArchiveOption = DATA / "archive",
    form: Annotated[
        ListFormat, typer.Option("--format", help="csv: the newest outcome of each portal and year.")
    ] = ListFormat.TABLE,
    by: Annotated[Grouping | None, typer.Option(help="Counts instead of portals.")] = None,
    portals: PortalsOption = DATA / "portals.csv",
    strict: Annotated[bool, typer.Option(help="Exit with 1 where there is an alarm.")] = False,
) -> None:
    """Show which reports were found, why the others were not, and what is worse than in the run before.

    Example: `gongkai status --by province`
    """
    from captures import Archive, ArchiveError, Outcome
    from crawler.coverage import alarms, changes
    from crawler.portals import PortalError

    try:
        with Archive(archive) as opened:
            compared = changes(opened.outcomes(newest=False))
        groups = _groups(portals)
    except (ArchiveError, PortalError) as error:
        fail(str(error))
    outcomes = [change.now for change in compared]
    raised = alarms(compared, groups[Grouping.FAMILY])
    if form is ListFormat.CSV and by is None:
        _write_csv([field.name for field in fields(Outcome)], (asdict(outcome) for outcome in outcomes))
    elif by is not None:
        _show_covered(compared, by, groups[by], form)
    else:
        _show_portals(outcomes)
    for alarm in raised:
        err.print(f"alarm ({alarm.kind}): {alarm.subject}: {alarm.detail}", style="red", markup=False, soft_wrap=True)
    if strict and raised:
        raise typer.Exit(1)


def _groups(portals: Path) -> dict[Grouping, Callable[[Outcome], str]]:
    """What gives an outcome's province, year, or family as the catalogue names it."""
    from crawler.identity import Places
    from crawler.portals import read_portals

    places = Places(DATA / "divisions.csv")
    families = {portal.code: portal.family for portal in read_portals(portals, DATA / "divisions.csv")}
    return {
        Grouping.PROVINCE: lambda outcome: places.province(outcome.code),
        Grouping.YEAR: lambda outcome: str(outcome.report_year),
        Grouping.FAMILY: lambda outcome: families.get(outcome.code, ""),
    }


def _show_covered(compared: Sequence[Change], by: Grouping, group: Callable[[Outcome], str], form: ListFormat) -> None:
    from crawler.coverage import covered

    rows = [
        {
            by.value: row.group or "(not known)",
            "portals": row.portals,
            "years": row.years,
            "found": row.kept,
            "share": f"{row.share:.1%}",
            "missing": row.missing,
            "failed": row.failed,
            "new": row.new,
            "gone": row.gone,
        }
        for row in covered(compared, group)
    ]
    _show_rows(rows, form)


def _show_portals(outcomes: Sequence[Outcome]) -> None:
    by_portal: dict[tuple[str, str], Counter[str]] = {}
    found: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        key = (outcome.code, outcome.name)
        by_portal.setdefault(key, Counter())[outcome.outcome] += 1
        if outcome.outcome == "found":
            found.setdefault(key, []).append(str(outcome.report_year))
    table = Table("code", "name", "found", "other outcomes (years)", box=box.SIMPLE_HEAD, pad_edge=False)
    for key, counts in sorted(by_portal.items()):
        others = ", ".join(f"{code} {count}" for code, count in counts.most_common() if code != "found")
        table.add_row(*map(Text, key), " ".join(sorted(found.get(key, []))) or "-", others)
    out.print(table)
    totals = Counter(outcome.outcome for outcome in outcomes)
    out.print(
        " · ".join(f"{code} {count}" for code, count in totals.most_common()) or "no outcomes yet: run gongkai crawl"
    )


def _show_rows(rows: Sequence[dict[str, Any]], form: ListFormat) -> None:
    """Print rows of one kind as a table or as csv; nothing where there are none."""
    if not rows:
        return
    if form is ListFormat.CSV:
        _write_csv(list(rows[0]), rows)
        return
    table = Table(*rows[0], box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row.values()))
    out.print(table)


# Portals -----------------------------------------------------------------------------------------------------------


@portals_app.command("check")
def portals_check(
    portals: PortalsOption = DATA / "portals.csv",
    live: Annotated[bool, typer.Option("--live", help="Visit home pages and columns too.")] = False,
    county: Annotated[list[str] | None, typer.Option(help="With --live: division code; may be given again.")] = None,
    form: Annotated[ListFormat, typer.Option("--format")] = ListFormat.TABLE,
    setting: SettingOption = None,
) -> None:
    """Check the catalogue; with --live also that each portal answers, whose it is, and which family it has.

    Example: `gongkai portals check --live --county 140221 --format csv > portals-report.csv`
    """
    from crawler.catalogue import holdings, remarks
    from crawler.identity import Places
    from crawler.portals import PortalError, read_portals
    from crawler.survey import findings_table

    if live:
        found = _survey(portals, tuple(county or ()), _settings(setting or []), check_only=True)
        _show_rows(findings_table(found), form)
        return
    try:
        rows = read_portals(portals, DATA / "divisions.csv")
        said = remarks(rows, Places(DATA / "divisions.csv"))
    except PortalError as error:
        fail(str(error))
    _show_rows(holdings(rows), form)
    for remark in said:
        err.print(remark, markup=False, highlight=False, soft_wrap=True)
    err.print(f"{portals}: {len(rows)} rows, no fault, {len(said)} remarks", highlight=False)


@portals_app.command("discover")
def portals_discover(
    code: Annotated[list[str], typer.Option(help="Division code; may be given again.")],
    portals: PortalsOption = DATA / "portals.csv",
    write: Annotated[bool, typer.Option("--write", help="Write what was found into the catalogue.")] = False,
    setting: SettingOption = None,
) -> None:
    """Look for report columns from the home pages on, show the path, and propose catalogue rows.

    Example: `gongkai portals discover --code 140221`
    """
    from crawler.catalogue import write_row
    from crawler.portals import PortalError

    for finding in _survey(portals, tuple(code), _settings(setting or []), check_only=False):
        out.print(f"{finding.portal.code} {finding.portal.name}", style="bold", highlight=False)
        for step in finding.path:
            out.print(f"  {step.stage:9} {step.url}  {step.note}", markup=False, highlight=False, soft_wrap=True)
        new = finding.proposal
        if new is None:
            out.print(f"  {finding.code}: {finding.detail}", markup=False, highlight=False, soft_wrap=True)
            continue
        for name in ("hub_url", "list_url", "family"):
            old, found = getattr(finding.portal, name), getattr(new, name)
            same = "as it is" if old == found else f"was {old or 'empty'}"
            out.print(f"  {name} = {found} ({same})", markup=False, highlight=False, soft_wrap=True)
        if write and new != finding.portal:
            try:
                write_row(portals, DATA / "divisions.csv", finding.portal, new)
            except PortalError as error:
                fail(str(error))
            err.print(f"{portals}: row of {finding.portal.code} written", highlight=False)


def _survey(portals: Path, codes: tuple[str, ...], settings: dict[str, str], *, check_only: bool) -> list[Finding]:
    from crawler.portals import PortalError
    from crawler.run import survey

    with _progress("looking") as show:
        try:
            return survey(
                portals=portals,
                divisions=DATA / "divisions.csv",
                counties=codes,
                check_only=check_only,
                settings={"LOG_LEVEL": "ERROR", **settings},
                on_event=show,
            )
        except PortalError as error:
            fail(str(error))


# Archive -----------------------------------------------------------------------------------------------------------


def _write_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


@archive_app.command("list")
def archive_list(
    archive: ArchiveOption = DATA / "archive",
    kind: Annotated[str, typer.Option(help="list, detail or attachment.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every capture, not only the newest of each address.")] = False,
) -> None:
    """List the captures as csv.

    Example: `gongkai archive list --kind detail > captures.csv`
    """
    from captures import Archive, ArchiveError, Capture

    try:
        with Archive(archive) as opened:
            _write_csv(
                [field.name for field in fields(Capture)],
                (asdict(capture) for capture in opened.captures(kind=kind or None, newest=not every)),
            )
    except ArchiveError as error:
        fail(str(error))


@archive_app.command("verify")
def archive_verify(archive: ArchiveOption = DATA / "archive") -> None:
    """Read every record again and compare it with its digest and with the index.

    Example: `gongkai archive verify --archive data/archive`
    """
    from captures import ArchiveError
    from captures import verify as verify_archive

    try:
        problems = verify_archive(archive)
    except ArchiveError as error:
        fail(str(error))
    for problem in problems:
        out.print(f"{problem.warc_file} at byte {problem.offset}: {problem.what}", markup=False, highlight=False)
    if problems:
        raise typer.Exit(1)
    err.print("the archive is sound")


@archive_app.command("reindex")
def archive_reindex(archive: ArchiveOption = DATA / "archive") -> None:
    """Build the index again from the WARC files alone.

    Example: `gongkai archive reindex --archive data/archive`
    """
    from captures import ArchiveError
    from captures import reindex as rebuild_index

    try:
        count = rebuild_index(archive)
    except ArchiveError as error:
        fail(str(error))
    err.print(f"{count} captures indexed")


# Releases ----------------------------------------------------------------------------------------------------------


@app.command()
def build(
    archive: ArchiveOption = DATA / "archive",
    releases: ReleasesOption = DATA / "releases",
    workers: Annotated[int, typer.Option(min=1, help="Processes that read documents.")] = 1,
    dask: Annotated[str, typer.Option(help="Address of a Dask scheduler whose workers read the documents.")] = "",
    allow_shrink: Annotated[bool, typer.Option(help="Publish although reports of the last release are gone.")] = False,
) -> None:
    """Read the archive and publish a release.

    Example: `gongkai build --workers 2`
    """
    from captures import ArchiveError
    from normalize import read_document
    from normalize.release import ReleaseError
    from normalize.release import build as build_release

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("reading documents", total=None)
        try:
            release = build_release(
                archive,
                releases,
                workers=workers,
                cluster=dask,
                reader=read_document,
                allow_shrink=allow_shrink,
                on_progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
        except (ArchiveError, ReleaseError) as error:
            fail(str(error))
    counts = ", ".join(f"{name} {rows}" for name, rows in release.rows.items())
    err.print(f"release {release.release_id} at {release.path}: {counts}", highlight=False)


@releases_app.command("list")
def releases_list(
    releases: ReleasesOption = DATA / "releases",
    form: Annotated[ListFormat, typer.Option("--format")] = ListFormat.TABLE,
) -> None:
    """List the releases in the order in which they were published.

    Example: `gongkai releases list --format csv`
    """
    from normalize.published import ReleaseError, load_release
    from normalize.retention import list_releases, size

    try:
        found, latest = list_releases(releases), load_release(releases).release_id
    except ReleaseError as error:
        fail(str(error))
    rows = [
        {
            "release_id": each.release_id,
            "data_as_of": each.manifest["data_as_of"],
            "reports": each.rows["reports"],
            "figures": each.rows["figures"],
            "bytes": size(each),
            "previous": each.manifest["previous"],
            "latest": "yes" if each.release_id == latest else "",
        }
        for each in found
    ]
    if form is ListFormat.CSV:
        _write_csv(list(rows[0]), rows)
        return
    table = Table(*rows[0], box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row.values()))
    out.print(table)


@releases_app.command("show")
def releases_show(
    name: Annotated[str, typer.Argument(help="A release's name; the latest where not given.")] = "",
    releases: ReleasesOption = DATA / "releases",
) -> None:
    """Show what a release holds and was made from, and what it changes.

    Example: `gongkai releases show`
    """
    from normalize.published import ReleaseError
    from normalize.retention import find_release

    try:
        found = find_release(releases, name)
    except ReleaseError as error:
        fail(str(error))
    for fact, value in found.manifest.items():
        if fact not in ("files", "parts"):
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
            out.print(f"{fact}: {shown}", markup=False, highlight=False, soft_wrap=True)
    out.print()
    out.print((found.path / "CHANGES.md").read_text(encoding="utf-8"), markup=False, highlight=False, soft_wrap=True)


@releases_app.command("verify")
def releases_verify(
    names: Annotated[list[str] | None, typer.Argument(help="Releases' names; all where none is given.")] = None,
    releases: ReleasesOption = DATA / "releases",
) -> None:
    """Compare every file of releases with their manifests.

    Example: `gongkai releases verify`
    """
    from normalize.published import ReleaseError, verify_release
    from normalize.retention import find_release, list_releases

    damaged = False
    try:
        for release in [find_release(releases, name) for name in names] if names else list_releases(releases):
            problems = verify_release(release.path)
            for problem in problems:
                out.print(f"{release.release_id}: {problem}", markup=False, highlight=False, soft_wrap=True)
            damaged = damaged or bool(problems)
            if not problems:
                err.print(f"release {release.release_id} is whole", highlight=False)
    except ReleaseError as error:
        fail(str(error))
    if damaged:
        raise typer.Exit(1)


@releases_app.command("diff")
def releases_diff(
    old: Annotated[str, typer.Argument(help="The earlier release's name.")],
    new: Annotated[str, typer.Argument(help="The later release's name; the latest where not given.")] = "",
    form: Annotated[ListFormat, typer.Option("--format", help="table: counts; csv: each figure.")] = ListFormat.TABLE,
    releases: ReleasesOption = DATA / "releases",
) -> None:
    """Show which figures differ between two releases, and why.

    Example: `gongkai releases diff r0123456789ab --format csv > changes.csv`
    """
    from normalize.changes import figure_changes
    from normalize.published import ReleaseError
    from normalize.retention import find_release
    from normalize.show import print_frame

    try:
        frame = figure_changes(find_release(releases, old), find_release(releases, new))
    except ReleaseError as error:
        fail(str(error))
    if form is ListFormat.CSV:
        sys.stdout.write(frame.to_csv(index=False, lineterminator="\n"))
        return
    keys = ["change", "cause", "report_year"]
    counts = frame.groupby(keys, as_index=False).agg(reports=("body", "nunique"), figures=("indicator", "size"))
    print_frame(counts.astype({"report_year": str}), f"{len(frame)} figures differ", out, folded=())


@releases_app.command("gc")
def releases_gc(
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest releases stay.")] = 5,
    dry_run: Annotated[bool, typer.Option(help="Only say which would go.")] = False,
    releases: ReleasesOption = DATA / "releases",
) -> None:
    """Remove old releases; the latest always stays.

    Example: `gongkai releases gc --keep 3 --dry-run`
    """
    from normalize.published import ReleaseError
    from normalize.retention import collect

    try:
        gone = collect(releases, keep, dry_run=dry_run)
    except ReleaseError as error:
        fail(str(error))
    for release in gone:
        out.print(f"{release.release_id} {'would go' if dry_run else 'removed'}", highlight=False)
    err.print(f"{len(gone)} releases {'would go' if dry_run else 'removed'}", highlight=False)


@app.command()
def verify(
    release: Annotated[Path, typer.Argument(help="A release, or the folder of releases.")] = DATA / "releases",
    archive: Annotated[
        Path | None, typer.Option("--archive", help="Read each document again from this archive and compare.")
    ] = None,
) -> None:
    """Compare every file of a release with its manifest, and with --archive every figure with its document.

    Example: `gongkai verify data/releases/latest --archive data/archive`
    """
    from captures import ArchiveError
    from normalize.release import ReleaseError, load_release, verify_release

    try:
        found = load_release(release)
        problems = verify_release(found.path) if archive is None else _prove(found.path, archive)
    except (ArchiveError, ReleaseError) as error:
        fail(str(error))
    for problem in problems:
        out.print(problem, markup=False, highlight=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    err.print(f"release {found.release_id} is whole{' and reads the same again' if archive else ''}", highlight=False)


def _prove(release: Path, archive: Path) -> list[str]:
    from normalize.proof import prove

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("reading documents again", total=None)
        return prove(
            release, archive, on_progress=lambda done, total: progress.update(task, completed=done, total=total)
        )


@app.command()
def panel(
    output: Annotated[Path, typer.Option(help="The file to write.")],
    form: Annotated[PanelFormat, typer.Option("--format", help="xlsx needs the extra xlsx; dta is Stata 118.")],
    years: Annotated[str, typer.Option(help="Report years, 2019-2024 or 2023; all where not given.")] = "",
    province: Annotated[str | None, typer.Option(help="A province's name or its two digits.")] = None,
    releases: ReleasesOption = DATA / "releases",
) -> None:
    """Write the harmonised panel for a spreadsheet or for Stata, each column with its label.

    Example: `gongkai panel --format dta --output panel.dta --years 2019-2024`
    """
    from normalize.exports import export_panel
    from normalize.published import ReleaseError

    span = _span(years)
    asked = range(span[0], span[1] + 1) if span else None
    try:
        rows = export_panel(releases, output, form.value, years=asked, province=province)
    except ReleaseError as error:
        fail(str(error))
    err.print(f"{rows} rows written to {output}", highlight=False)


@app.command()
def check(
    releases: ReleasesOption = DATA / "releases",
    form: Annotated[ListFormat, typer.Option("--format")] = ListFormat.TABLE,
    strict: Annotated[bool, typer.Option(help="Exit with 1 where a hard check failed.")] = False,
) -> None:
    """Show the checks that failed, the hard ones first.

    Example: `gongkai check --strict`
    """
    from normalize.failures import failed_checks
    from normalize.release import ReleaseError
    from normalize.show import print_frame

    try:
        frame = failed_checks(releases)
    except ReleaseError as error:
        fail(str(error))
    if form is ListFormat.CSV:
        sys.stdout.write(frame.to_csv(index=False, lineterminator="\n"))
    else:
        columns = ["severity", "check", "report_year", "body", "applicant", "left", "right", "says"]
        shown = frame[columns].astype({"report_year": str}).rename(columns={"report_year": "year"})
        print_frame(shown, f"{len(frame)} checks failed", out, folded=("says",))
    if strict and (frame["severity"] == "hard").any():
        raise typer.Exit(1)


@app.command()
def diff(
    first: Annotated[int, typer.Argument(help="The earlier report year.")],
    second: Annotated[int, typer.Argument(help="The later report year.")],
    body: Annotated[str | None, typer.Option(help="A body's full name.")] = None,
    division: Annotated[str | None, typer.Option(help="A division code, or the start of one.")] = None,
    province: Annotated[str | None, typer.Option(help="A province's name or its two digits.")] = None,
    indicator: Annotated[
        str | None, typer.Option(help="An indicator or series, or the first parts of its code.")
    ] = None,
    series: Annotated[bool, typer.Option(help="Compare the harmonised series, not the figures.")] = False,
    jumps: Annotated[bool, typer.Option(help="Flag changes beyond the body's own history and its peers'.")] = False,
    releases: ReleasesOption = DATA / "releases",
    every: Annotated[bool, typer.Option("--all", help="Table: unchanged figures too.")] = False,
    totals: Annotated[bool, typer.Option(help="Table: of table three only the totals.")] = False,
    form: Annotated[DiffFormat, typer.Option("--format")] = DiffFormat.TABLE,
    output: Annotated[Path | None, typer.Option(help="A file to write to; parquet needs one.")] = None,
) -> None:
    """Compare two report years, figure by figure or series by series.

    Example: `gongkai diff 2023 2024 --province 江苏省 --series --format html --output diff.html`
    """
    from normalize.diff import years
    from normalize.release import ReleaseError

    if form is DiffFormat.PARQUET and output is None:
        fail("--format parquet: name a file with --output")
    try:
        frame = years(
            releases, first, second, body=body, division=division, province=province, indicator=indicator,
            series=series, jumps=jumps,
        )  # fmt: skip
    except ReleaseError as error:
        fail(str(error))
    what = body or division or province or "all bodies"
    if form is DiffFormat.TABLE:
        _print_diff(frame, what, (first, second), every=every, totals=totals)
    elif form is DiffFormat.PARQUET:
        frame.to_parquet(output, index=False)
    else:
        _write_text(_diff_text(frame, form, what), output)


def _diff_text(frame: Any, form: DiffFormat, what: str) -> str:
    from normalize.diff_page import diff_page

    if form is DiffFormat.HTML:
        return diff_page(frame, what)
    if form is DiffFormat.CSV:
        return str(frame.to_csv(index=False, lineterminator="\n"))
    return str(frame.to_json(orient="records", force_ascii=False, indent=1)) + "\n"


def _write_text(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output}: {error.strerror}; name a file that can be written")


def _print_diff(frame: Any, what: str, span: tuple[int, int], *, every: bool, totals: bool) -> None:
    from normalize.show import print_frame

    first, second = span
    rows = frame[frame["applicant"].isin(["", "total"])] if totals else frame
    changed = rows if every else rows[(rows["change"] != 0) | (rows["note"] != "")]
    columns = ["indicator", "applicant", f"value_{first}", f"value_{second}", "change", "percent", "unit", "note"]
    if "jump" in frame:
        columns[-1:] = ["jump", "history_n", "peers_n", "peers_of", "note"]
        changed = changed.astype(dict.fromkeys(columns[-5:-1], object)).fillna(dict.fromkeys(columns[-5:-1], ""))
    if changed["body"].nunique() > 1:
        columns.insert(0, "body")
    shown = changed[columns].rename(columns={f"value_{first}": str(first), f"value_{second}": str(second)})
    title = f"{what}, {first} to {second}: {len(changed)} of {len(rows)} figures changed or doubtful"
    print_frame(shown, title, out, folded=("indicator", "note"))


@app.command()
def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Where archive and release go; a new temporary folder where not given.")
    ] = None,
) -> None:
    """Run the main job on sample portals of this machine: crawl, build, check, diff.

    The portals are served on loopback; their pages hold the figures of real reports. Runs from a checkout.

    Example: `gongkai demo --folder demo`
    """
    try:
        from tests.portals.demo import sample_portals
    except ModuleNotFoundError as error:
        fail(f"the sample portals are not here ({error.name}); clone the repository and run make demo there")
    place = folder or Path(tempfile.mkdtemp(prefix="gongkai-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    archive, releases = place / "archive", place / "releases"
    with sample_portals(place) as portals:
        _headline("1 of 5: crawl the sample portals into a WARC archive")
        crawl(
            portals,
            archive,
            setting=["DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "CONTACT=demo"],
            years="2019-2024",
        )
    _headline("2 of 5: coverage; a year without a report says why")
    status(archive)
    _headline("3 of 5: read the archive and publish a Parquet release")
    build(archive, releases)
    _headline("4 of 5: identities that do not hold, as printed by the sources")
    check(releases)
    _headline("5 of 5: 宿迁市, 2023 against 2024")
    diff(2023, 2024, body="宿迁市人民政府", releases=releases, totals=True)
    out.print("Load it:", style="bold")
    out.print(f"  import pandas as pd; pd.read_parquet({str(releases / 'latest' / 'figures')!r})", soft_wrap=True)


def _headline(text: str) -> None:
    out.rule(f"[bold]{text}", align="left")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
