"""Where the archive holds the bytes of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from captures import Capture
from captures.archive import index_folder
from captures.index import COLUMNS, index_errors, open_index

if TYPE_CHECKING:
    from pathlib import Path

# One pass over the captures: the portal's own first, then the report's own address, then the newest.
_CAPTURE = f"""
SELECT {COLUMNS} FROM captures WHERE sha256 = :digest AND kind IN ('detail', 'attachment')
ORDER BY portal_code <> :code, url <> :url, fetched_at DESC LIMIT 1
"""  # noqa: S608 - the names of the index's own columns


def capture(archive: Path, digest: str, code: str, url: str) -> Capture | None:
    """The capture of these bytes; None where there is none. Raises ArchiveError where there is no archive."""
    folder = index_folder(archive)
    index = open_index(folder)
    try:
        with index_errors(folder):
            row = index.execute(_CAPTURE, {"digest": digest, "code": code, "url": url}).fetchone()
    finally:
        index.close()
    return Capture(*row) if row else None
