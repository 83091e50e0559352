"""Commands on an archive: archive list, archive verify, archive reindex, archive copy."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import typer

from commands.console import DATA, ArchiveOption, err, fail, out, write_csv


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
            write_csv(
                [field.name for field in fields(Capture)],
                (asdict(capture) for capture in opened.captures(kind=kind or None, newest=not every)),
            )
    except ArchiveError as error:
        fail(str(error))


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


def archive_copy(
    source: Annotated[Path, typer.Argument(help="The archive: a folder, or s3://BUCKET/FOLDER.")],
    target: Annotated[Path, typer.Argument(help="Where it goes: a folder, or s3://BUCKET/FOLDER.")],
) -> None:
    """Bring an archive's new WARC files and its index to another place, on an object store for example.

    Example: `gongkai archive copy data/archive s3://bucket/archive`
    """
    from captures import ArchiveError, copy_archive

    try:
        number = copy_archive(source, target)
    except ArchiveError as error:
        fail(str(error))
    err.print(f"{number} WARC files copied, and the index")


def archive_export(
    wacz: Annotated[Path, typer.Option("--wacz", help="The WACZ file to write.")],
    archive: ArchiveOption = DATA / "archive",
) -> None:
    """Write the archive into one file that players of web archives open.

    Example: `gongkai archive export --wacz archive.wacz`
    """
    from captures import ArchiveError
    from operations.wacz import export_wacz

    try:
        number = export_wacz(archive, wacz)
    except ArchiveError as error:
        fail(str(error))
    err.print(f"{number} WARC files in {wacz}")
