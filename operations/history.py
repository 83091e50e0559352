"""The records of past runs: one JSON file and one Markdown file each, in one folder."""

from __future__ import annotations

import logging
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from operations.model import SUMMARY_VERSION, RunError, Status, Summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

RUNS = "runs"
A_YEAR = timedelta(days=364)  # 52 weeks: the same day of the week
ABOUT = timedelta(days=10)


class NewerError(RunError):
    """A record is of a newer version; the text names it."""


class History:
    """The records of past runs in a folder; what cannot be read is passed over.

    A newer gongkai's record raises RunError: its figures may mean something else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / RUNS

    def write(self, summary: Summary, text: str = "") -> None:
        """Store a run's record in one step, as JSON and, once there is one, as text."""
        self._folder.mkdir(parents=True, exist_ok=True)
        encoded = msgspec.json.format(msgspec.json.encode(summary), indent=1)
        replace_file(self._folder / f"{summary.run_id}.json", encoded)
        if text:
            replace_file(self._folder / f"{summary.run_id}.md", text.encode())

    def names(self) -> list[str]:
        """Return the names of the runs, the newest first."""
        return sorted((path.stem for path in self._folder.glob("*.json")), reverse=True)

    def read(self, name: str) -> Summary:
        """Return a run's record; RunError where there is none, or where it cannot be read."""
        path = self._folder / f"{name}.json"
        try:
            content = path.read_bytes()
            version = msgspec.json.decode(content, type=_Version).version
            if version > SUMMARY_VERSION:
                raise NewerError(f"{path}: record version {version}, this gongkai reads {SUMMARY_VERSION}; update it")
            return msgspec.json.decode(content, type=Summary)
        except OSError as error:
            raise RunError(f"{path}: no such run; see which there are with: gongkai runs list") from error
        except msgspec.DecodeError as error:
            raise RunError(f"{path}: damaged ({error}); remove it") from error

    def past(self) -> Iterator[Summary]:
        """Yield the records, the newest first, but for those that are damaged."""
        for name in self.names():
            try:
                yield self.read(name)
            except NewerError:
                raise
            except RunError as error:
                log.warning("%s", error)

    def last(self) -> Summary | None:
        """Return the record of the last run, however it ended."""
        return next(self.past(), None)

    def last_good(self) -> Summary | None:
        """Return the record of the last run that did all its work."""
        return next((run for run in self.past() if run.status is Status.OK), None)

    def a_year_before(self, now: datetime) -> Summary | None:
        """Return the record of the good run nearest to this time a year ago, where one ran within ten days of it."""
        then = now - A_YEAR
        near = [
            (abs(datetime.fromisoformat(run.started_at) - then), run) for run in self.past() if run.status is Status.OK
        ]
        distance, run = min(near, key=lambda pair: pair[0], default=(ABOUT * 2, None))
        return run if distance <= ABOUT else None


class _Version(msgspec.Struct):
    version: int


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that it is there as it was or as it is to be, never half."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
