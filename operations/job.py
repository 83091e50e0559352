"""One step as a process of its own: ``python -m operations.job crawl|build``, its arguments a line of JSON on stdin.

Tells of its progress and, last, its result as lines of JSON on stdout. Ends when its standard input does, so that it
never outlives the run that started it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any

import msgspec

FAILED = 2
STEPS = {"crawl": "operations.crawling", "build": "operations.building"}


def main() -> None:
    """Run one step."""
    arguments = msgspec.json.decode(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # What the step itself prints must not be taken for what it tells.
    out, sys.stdout = sys.stdout, sys.stderr

    def tell(**said: Any) -> None:
        out.write(msgspec.json.encode(said).decode() + "\n")
        out.flush()

    def progress(kind: str, count: int) -> None:
        tell(progress=(kind, count))

    # Each step loads its own side of the project and not the other.
    if failure := import_module(STEPS[sys.argv[1]]).step(arguments, progress, tell):
        tell(failure=failure)
        sys.exit(FAILED)


def _end_with_parent() -> None:
    """Wait for the end of standard input; archive and releases stand a sudden end at any moment."""
    while sys.stdin.read(1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
