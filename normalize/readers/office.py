"""Formats that only LibreOffice reads: converted by it, in a process of its own that is bounded and has no network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from normalize.readers.unreadable import UnreadableDocument, needed_program

SECONDS = 60
PROGRAMS = ("soffice", "libreoffice")
_PACKAGES = "libreoffice-writer-nogui libreoffice-calc-nogui"


def convert(documents: list[bytes], source: str, target: str) -> list[bytes]:
    """Documents with the ending ``source`` in the format ``target``, all in one run of the program.

    A profile and a home of their own keep runs apart. Raises UnreadableDocument: ``needs_program`` where it is not
    installed, ``too_slow`` where it took more than ``SECONDS`` a document (it is ended with its children then),
    ``damaged`` where it made nothing.
    """
    program = needed_program(PROGRAMS, _PACKAGES)
    with tempfile.TemporaryDirectory(prefix="gongkai-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        paths = [folder / f"{number}.{source}" for number in range(len(documents))]
        for path, data in zip(paths, documents, strict=True):
            path.write_bytes(data)
        _run(program, folder, target, paths)
        made = [folder / "out" / f"{path.stem}.{target.partition(':')[0]}" for path in paths]
        if missing := [path.name for path in made if not path.exists()]:
            raise UnreadableDocument("damaged", f"LibreOffice could not read {len(missing)} of {len(made)} documents")
        return [path.read_bytes() for path in made]


def _run(program: str, folder: Path, target: str, paths: list[Path]) -> None:
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
