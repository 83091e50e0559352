"""Commands that make, keep and prove releases: build, verify, releases."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from commands.console import DATA, ArchiveOption, ListFormat, ReleasesOption, err, fail, out, say, show_rows


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
    show_rows(rows, form)


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
            say(f"{fact}: {shown}")
    out.print()
    say((found.path / "CHANGES.md").read_text(encoding="utf-8"))


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
                say(f"{release.release_id}: {problem}")
            damaged = damaged or bool(problems)
            if not problems:
                err.print(f"release {release.release_id} is whole", highlight=False)
    except ReleaseError as error:
        fail(str(error))
    if damaged:
        raise typer.Exit(1)


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
        say(problem)
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
