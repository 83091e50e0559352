"""One run at a time, and who it is that runs."""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from operations.model import RunError

try:
    import fcntl
except ImportError:  # Windows has no such lock: there the scheduler has to see to it
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_NAME = "run.lock"


class LockedError(RunError):
    """Another run is at work; the text says which."""


@contextmanager
def only_run(folder: Path, since: str) -> Iterator[None]:
    """Keep other runs out of a folder of records; the lock goes with the process, however it ends.

    The file of the lock holds who has it: process, host, since when. Raises LockedError, which says so, where a run is
    at work, and RunError where the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK_NAME).open("a+", encoding="utf-8")
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror}; name a folder that can be written to with --state") from error
    with file:
        if fcntl:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise LockedError(f"{folder}: {_holder(file.read())}; wait until it has ended") from error
        file.truncate(0)
        json.dump({"pid": os.getpid(), "host": socket.gethostname(), "since": since}, file)
        file.flush()
        yield


def _holder(text: str) -> str:
    try:
        known = json.loads(text)
        return f"process {known['pid']} on {known['host']} runs since {known['since']}"
    except (ValueError, KeyError, TypeError):  # it is about to write who it is
        return "another process runs"
