"""One process at a time changes a folder of releases."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from normalize.published import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def only_one(releases: Path) -> Iterator[None]:
    """Keep other builds and clean-ups out; the lock goes with the process, however it ends.

    Raises ReleaseError, naming the other process, where one is at work.
    """
    with (releases / ".build.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise ReleaseError(
                f"{releases}: process {lock.read()} is building here; wait until it has ended"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
