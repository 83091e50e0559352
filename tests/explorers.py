"""The explorer for tests of the browser: started as a user starts it, on a free port of loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def explorer(releases: Path, archive: Path, log: Path) -> Iterator[tuple[str, int]]:
    """``gongkai explore`` while the block runs: its address and the number of its process."""
    port = free_port()
    words = ["explore", "--releases", str(releases), "--archive", str(archive), "--port", str(port)]
    words += ["--state", str(log.parent / "operations")]
    program = [sys.executable, str(ROOT / "gongkai.py"), *words]
    with log.open("wb") as out, subprocess.Popen(program, stdout=out, stderr=out, cwd=log.parent) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(20)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the explorer did not start:\n{log.read_text(errors='replace')}")
