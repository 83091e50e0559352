"""What an archive tells: captures, outcomes, runs and problems."""

from __future__ import annotations

from dataclasses import dataclass


class ArchiveError(Exception):
    """The archive cannot be read or written; the text names the file, the place and the remedy."""


class NewerIndexError(ArchiveError):
    """The index was made by a newer gongkai, which knows better what it means."""


class PayloadError(ArchiveError):
    """One payload cannot be given back as it was received; other captures are unharmed."""


class RecordError(ArchiveError):
    """One WARC record contradicts itself."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One archived response.

    ``url`` is the address first asked for, ``final_url`` the one that answered, after redirects. ``kind`` is ``list``,
    ``detail``, ``attachment``, ``robots`` for robots.txt, or empty. ``fetched_at`` is ISO 8601 in UTC. A response 304
    counts with the status, media type and charset of the capture it confirms. ``charset`` is the declared label in
    lower case, or empty. ``sha256`` is that of the payload with its transfer and content encodings undone, and empty
    where they cannot be undone. ``offset`` and ``length`` place the compressed record in ``warc_file``.
    """

    url: str
    final_url: str
    portal_code: str
    kind: str
    list_title: str
    list_date: str
    fetched_at: str
    http_status: int
    media_type: str
    charset: str
    sha256: str
    warc_file: str
    offset: int
    length: int
    robots: str
    run_id: str


# How the detail of an outcome begins whose visit the end of the run cut short.
CUT_SHORT = "the run ended"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found for one portal and report year: ``found``, or the code of the reason why not."""

    code: str
    name: str
    report_year: int
    outcome: str
    url: str
    detail: str
    run_id: str

    @property
    def is_cut_short(self) -> bool:
        """Whether the end of the run kept the portal from being visited to its end."""
        return self.outcome == "budget_exhausted" and self.detail.startswith(CUT_SHORT)


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl as the archive knows it; ``started_at`` is ISO 8601 in UTC."""

    run_id: str
    started_at: str
    captures: int
    outcomes: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault that ``verify`` found, at a byte offset of a WARC file, or of the index as a whole."""

    warc_file: str
    offset: int
    what: str
