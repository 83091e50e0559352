"""One crawl as a process of its own: ``python -m crawler.job ARGUMENTS``, the arguments of ``crawl`` as JSON.

Prints the summary as JSON. Ends when its standard input does, so that it never outlives the process that started it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captures import ArchiveError
from crawler.portals import PortalError
from crawler.run import CrawlSummary, crawl

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
PATHS = ("portals", "divisions", "archive")
FAILED = 2


class JobError(Exception):
    """A crawl in its own process failed; the text is what it said."""


def run_job(arguments: Mapping[str, Any]) -> CrawlSummary:
    """Crawl in a process of its own, which ends with this one; JobError where it fails."""
    command = [sys.executable, "-m", "crawler.job", json.dumps(dict(arguments))]
    # The pipe stays open for as long as this process lives.
    with subprocess.Popen(  # noqa: S603 - the command is our own
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout  # noqa: S101 - asked for above
        assert process.stderr  # noqa: S101
        said: list[str] = []
        listener = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
        listener.start()
        output = process.stdout.read()
        listener.join()
        if process.wait():
            raise JobError("".join(said[-5:]).strip() or f"the crawl ended with code {process.returncode}")
    return CrawlSummary(**json.loads(output))


def main() -> None:
    """Run one crawl and print its summary."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    arguments = json.loads(sys.argv[1])
    try:
        summary = crawl(**arguments | {name: Path(arguments[name]) for name in PATHS})
    except (PortalError, ArchiveError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(FAILED)
    sys.stdout.write(json.dumps(asdict(summary)))


def _end_with_parent() -> None:
    """Wait for the end of standard input; the archive stands a sudden end at any moment."""
    while sys.stdin.read(1):
        pass
    os._exit(FAILED)


if __name__ == "__main__":
    main()
