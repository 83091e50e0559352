"""Reads an archive: WARC files in one folder, and the index over them, which can be rebuilt from them alone."""

from captures.archive import Archive
from captures.model import CUT_SHORT, ArchiveError, Capture, NewerIndexError, Outcome, PayloadError, Problem, Run
from captures.upkeep import copy_archive, reindex, verify

__all__ = [
    "CUT_SHORT",
    "Archive",
    "ArchiveError",
    "Capture",
    "NewerIndexError",
    "Outcome",
    "PayloadError",
    "Problem",
    "Run",
    "copy_archive",
    "reindex",
    "verify",
]
