"""Formats that only LibreOffice reads: converted by it, in a process of its own that is bounded and has no network.

Starting it takes most of the time: what reads many documents puts conversions off (``deferring``) and has them all done
in one run (``converted``).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from normalize.readers.unreadable import UnreadableDocument, needed_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    # A document with the ending that it has and the format that it is wanted in.
    Wanted = tuple[bytes, str, str]

SECONDS = 60
PROGRAMS = ("soffice", "libreoffice")
_PACKAGES = "libreoffice-writer-nogui libreoffice-calc-nogui"


class ConversionDeferred(BaseException):
    """A document waits for its conversion; no error of the document, so nothing that handles errors takes it."""


class _Conversions(threading.local):
    """What waits to be converted in this thread, each with its source and target, and what has been."""

    def __init__(self) -> None:
        self.deferring = False
        self.wanted: list[Wanted] = []
        self.ready: dict[Wanted, bytes] = {}


_conversions = _Conversions()


@contextmanager
def deferring() -> Iterator[None]:
    """Put conversions off: ``convert`` raises ConversionDeferred and remembers what it was asked for."""
    _conversions.deferring = True
    try:
        yield
    finally:
        _conversions.deferring = False


@contextmanager
def converted() -> Iterator[None]:
    """Do all that was put off, one run for each kind; ``convert`` has it ready inside. What fails is tried alone."""
    wanted, _conversions.wanted = _conversions.wanted, []
    try:
        for kinds, group in groupby(sorted(set(wanted), key=_kinds), key=_kinds):
            each = list(group)
            made = _made([data for data, _, _ in each], *kinds)
            _conversions.ready |= {one: data for one, data in zip(each, made, strict=True) if data is not None}
        yield
    finally:
        _conversions.ready.clear()


def convert(data: bytes, source: str, target: str) -> bytes:
    """A document with the ending ``source`` in the format ``target``.

    A profile and a home of their own keep runs apart. Raises UnreadableDocument: ``needs_program`` where it is not
    installed, ``too_slow`` where it took more than ``SECONDS`` (it is ended with its children then), ``damaged`` where
    it made nothing.
    """
    program = needed_program(PROGRAMS, _PACKAGES)
    if (ready := _conversions.ready.get((data, source, target))) is not None:
        return ready
    if _conversions.deferring:
        _conversions.wanted.append((data, source, target))
        raise ConversionDeferred
    made = _run(program, [data], source, target)[0]
    if made is None:
        raise UnreadableDocument("damaged", "LibreOffice could not read it; fetch it again")
    return made


def _kinds(wanted: Wanted) -> tuple[str, str]:
    return wanted[1:]


def _made(documents: list[bytes], source: str, target: str) -> list[bytes | None]:
    """The documents converted in one run, None for those that were not; a run that fails makes none."""
    try:
        return _run(needed_program(PROGRAMS, _PACKAGES), documents, source, target)
    except UnreadableDocument:
        return [None] * len(documents)


def _run(program: str, documents: list[bytes], source: str, target: str) -> list[bytes | None]:
    with tempfile.TemporaryDirectory(prefix="gongkai-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        paths = [folder / f"{number}.{source}" for number in range(len(documents))]
        for path, data in zip(paths, documents, strict=True):
            path.write_bytes(data)
        _call(program, folder, target, paths)
        made = [folder / "out" / f"{path.stem}.{target.partition(':')[0]}" for path in paths]
        return [path.read_bytes() if path.exists() else None for path in made]


def _call(program: str, folder: Path, target: str, paths: list[Path]) -> None:
    command = [
        *_without_network(),
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        target,
        "--outdir",
        str(folder / "out"),
        *map(str, paths),
    ]
    environment = {"HOME": str(folder), "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TMPDIR": str(folder)}
    seconds = SECONDS * len(paths)
    process = subprocess.Popen(  # noqa: S603 - fixed program, file names of our own
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise UnreadableDocument("too_slow", f"LibreOffice took more than {seconds} seconds") from error
    finally:
        # The program starts others; its session ends with it, whatever ended the wait.
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait()


def _without_network() -> list[str]:
    """A command that starts another in an empty network namespace, where the system allows one."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    command = [unshare, "--user", "--map-root-user", "--net"]
    allowed = subprocess.run([*command, "true"], capture_output=True, check=False)  # noqa: S603 - fixed program
    return command if allowed.returncode == 0 else []
