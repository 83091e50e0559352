"""Runs crawl and build in processes of their own, so that either may hang or die without the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    OnProgress = Callable[[str, int], None]

ROOT = Path(__file__).resolve().parent.parent
# systemd and containers kill what has not ended some time after they asked; docs promise 30 seconds.
GRACE = 20.0


class StepError(Exception):
    """A step did not do its work; ``gate`` where what it made was not fit to be published."""

    def __init__(self, text: str, *, gate: bool = False) -> None:
        super().__init__(text)
        self.gate = gate


class Steps:
    """Starts the steps of one run and ends the one at work when the run is told to stop.

    ``stopped`` is the name of the signal that asked for it, or empty.
    """

    def __init__(self, *, grace: float = GRACE) -> None:
        self.stopped = ""
        self._grace = grace
        self._process: subprocess.Popen[str] | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT for a request to stop while the block runs."""
        kept = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def run(self, step: str, arguments: Mapping[str, Any], on_progress: OnProgress | None = None) -> dict[str, Any]:
        """Run ``crawl`` or ``build`` and return what it did; StepError where it failed, died or was stopped."""
        command = [sys.executable, "-m", "operations.job", step]
        # A session of its own: what it started itself can be ended with it, and Ctrl-C reaches it through us alone.
        with subprocess.Popen(  # noqa: S603 - the command is our own
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            self._process = process
            try:
                return self._follow(step, process, arguments, on_progress)
            finally:
                self._process = None
                # What it left behind would go on reading and writing.
                _signal(process, signal.SIGKILL)

    def _follow(
        self, step: str, process: subprocess.Popen[str], arguments: Mapping[str, Any], on_progress: OnProgress | None
    ) -> dict[str, Any]:
        assert process.stdin  # noqa: S101 - asked for above
        assert process.stdout  # noqa: S101
        with suppress(BrokenPipeError):
            # The pipe stays open for as long as this process lives: the step ends when it closes.
            process.stdin.write(msgspec.json.encode(arguments).decode() + "\n")
            process.stdin.flush()
        if self.stopped:
            self._end(process)
        result: dict[str, Any] | None = None
        failure: dict[str, Any] = {}
        for line in process.stdout:
            told = msgspec.json.decode(line)
            if "progress" in told and on_progress:
                on_progress(*told["progress"])
            result = told.get("result", result)
            failure = told.get("failure", failure)
        code = process.wait()
        if result is not None:
            return result
        if failure:
            raise StepError(f"{step}: {failure['text']}", gate=failure["gate"])
        raise StepError(f"{step}: {_ended(code)}{f' after {self.stopped}' if self.stopped else ''}")

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.stopped = signal.Signals(number).name
        if self._process:
            self._end(self._process)

    def _end(self, process: subprocess.Popen[str]) -> None:
        with suppress(ProcessLookupError):
            process.terminate()
        killer = threading.Timer(self._grace, _signal, (process, signal.SIGKILL))
        killer.daemon = True
        killer.start()


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _ended(code: int) -> str:
    return f"its process was ended by {signal.Signals(-code).name}" if code < 0 else f"its process ended with {code}"
