"""Limits for documents that come from strangers: time and memory of a reader, and what a packed file may unpack to."""

from __future__ import annotations

import resource
import signal
import threading
import zipfile
import zlib
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from normalize.readers.unreadable import UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SECONDS = 300
MEMORY = 2 * 1024**3
MAX_MEMBERS = 2_000
MAX_UNPACKED = 256 * 1024 * 1024


@contextmanager
def bounded(seconds: int = 0, memory: int = 0) -> Iterator[None]:
    """Run a reader within ``seconds`` and ``memory`` bytes more than the process holds; 0 stands for the defaults.

    Time is kept in a process's main thread only, where readers run; elsewhere the caller has to keep it. Raises
    UnreadableDocument (``too_slow``, ``too_large``).
    """
    seconds, memory = seconds or SECONDS, memory or MEMORY
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    allowed = _held() + memory
    keeps_time = threading.current_thread() is threading.main_thread()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise UnreadableDocument("too_slow", f"reading it took more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop) if keeps_time else None
    try:
        if soft == resource.RLIM_INFINITY or soft > allowed:
            resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
        if keeps_time:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    except MemoryError as error:
        raise UnreadableDocument("too_large", f"reading it takes more than {memory} bytes of memory") from error
    finally:
        if keeps_time:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _held() -> int:
    """The address space that this process holds, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def open_zip(data: bytes, *, encoding: str | None = None) -> zipfile.ZipFile:
    """A zip file whose members are few and small enough to be read.

    ``encoding`` is that of names without a mark of their own. Raises UnreadableDocument (``damaged``, ``too_large``,
    ``encrypted``).
    """
    try:
        packed = zipfile.ZipFile(BytesIO(data), metadata_encoding=encoding)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableDocument("damaged", f"the zip file cannot be opened: {error}; fetch it again") from error
    members = packed.infolist()
    check_unpacked(len(members), sum(member.file_size for member in members))
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableDocument("encrypted", "the archive is locked with a password")
    return packed


def check_unpacked(members: int, size: int) -> None:
    """Raise UnreadableDocument (``too_large``) where an archive holds too much."""
    if members > MAX_MEMBERS:
        raise UnreadableDocument("too_large", f"{members} files in the archive, the limit is {MAX_MEMBERS}")
    if size > MAX_UNPACKED:
        raise UnreadableDocument("too_large", f"the archive unpacks to {size} bytes, the limit is {MAX_UNPACKED}")


def member(packed: zipfile.ZipFile, name: str) -> bytes:
    """One member of a zip file; no more of it is unpacked than it declares. Raises UnreadableDocument (``damaged``)."""
    try:
        return packed.read(name)
    except KeyError as error:
        raise UnreadableDocument("damaged", f"{name} is not in the file; fetch it again") from error
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, EOFError, ValueError) as error:
        raise UnreadableDocument("damaged", f"{name} cannot be unpacked: {error}; fetch it again") from error


def parse_xml(data: bytes, name: str) -> etree._Element:
    """The root of an XML part, no entity expanded, nothing fetched. Raises UnreadableDocument (``damaged``)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableDocument("damaged", f"{name} is not well-formed: {error}; fetch it again") from error
