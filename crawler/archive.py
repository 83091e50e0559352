"""Writes an archive: Scrapy's HTTP cache storage over WARC files and their index."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.crawler import Crawler

    from captures import Outcome


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


class ArchiveWriter:
    """Appends WARC records of one run to an archive and keeps its index; one per crawler.

    Attributes: ``path`` the archive's folder, ``run_id``.
    """

    def __init__(self, path: Path, *, run_id: str = "", now: Callable[[], datetime] = utc_now) -> None:
        self.path = path
        self.run_id = run_id
        self._now = now

    @classmethod
    def for_crawler(cls, crawler: Crawler) -> ArchiveWriter:
        """Return the crawler's writer, opened at the first call; it closes itself when the engine stops."""
        return cls(Path(crawler.settings["ARCHIVE_DIR"]), run_id=crawler.settings.get("ARCHIVE_RUN_ID", ""))

    def write_outcomes(self, rows: Sequence[Outcome]) -> None:
        """Store outcomes as a WARC record and in the index."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the files; a second call does nothing."""
        raise NotImplementedError
