"""Mends an archive before a run: what a fault of the disk or a killed run left of its index."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from captures import ArchiveError, NewerIndexError, reindex
from captures.index import INDEX_NAME, index_errors, open_index
from captures.warc import warc_files

if TYPE_CHECKING:
    from pathlib import Path


def mend(archive: Path) -> list[str]:
    """Rebuild the index of an archive from its WARC files where it is damaged, out of date or ahead of them.

    Returns in words what was found and done. What a killed run wrote behind the index is only told: the crawl itself
    makes it up, or cuts it off where it is torn. Raises ArchiveError where the index is of a newer version, or where it
    cannot be rebuilt.
    """
    files = warc_files(archive) if archive.is_dir() else []
    if not files:
        return []
    try:
        covered = _covered(archive)
    except NewerIndexError:
        raise
    except ArchiveError as error:
        return [f"{_said(error)}; rebuilt: {reindex(archive)} captures"]
    found = []
    for warc in files:
        beyond = warc.stat().st_size - covered.pop(warc.name, 0)
        if beyond < 0:
            told = f"{warc.name} is {-beyond} bytes shorter than {INDEX_NAME} says"
            return [f"{told}; rebuilt: {reindex(archive)} captures"]
        if beyond:
            found.append(f"{warc.name} has {beyond} bytes that a run wrote just before it was killed")
    return found


def _covered(archive: Path) -> dict[str, int]:
    """How far each WARC file is indexed; ArchiveError where the index is missing or damaged anywhere."""
    with index_errors(archive), closing(open_index(archive)) as index:
        (verdict,) = index.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise ArchiveError(f"{archive / INDEX_NAME}: {verdict}")
        return dict(index.execute("SELECT warc_file, size FROM files").fetchall())


def _said(error: ArchiveError) -> str:
    """What is wrong, without the remedy, which is being done."""
    return str(error).partition("; ")[0]
