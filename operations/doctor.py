"""Looks over everything that a run needs, and says what is amiss with the command that mends it."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from captures import ArchiveError
from captures.index import INDEX_NAME, index_errors, open_index, reindex_remedy
from captures.warc import Gap, members, warc_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MINIMUM = (3, 11)
UPGRADE = "pip install --upgrade gongkai"
# So much room is left before it is too late to make any.
FREE_BYTES = 2_000_000_000
# One module of each extra, and what it is for.
EXTRAS = {
    "docs": ("pdfplumber", "reports as PDF, Word and Excel"),
    "ocr": ("rapidocr", "scanned reports"),
    "rar": ("unrar.cffi", "reports in RAR archives"),
    "js": ("scrapy_playwright", "portals that need a browser"),
    "dask": ("distributed", "many machines"),
    "operate": ("apprise", "notifications, metrics, JSON logs"),
    "wacz": ("wacz", "archive export --wacz"),
    "xlsx": ("openpyxl", "panels as Excel files"),
}
PROGRAMS = {
    "LibreOffice": (("soffice", "libreoffice"), "RTF and old Word files", "apt-get install libreoffice-writer-nogui"),
    "Chromium": (("chromium", "chromium-browser", "google-chrome"), "render=true", "apt-get install chromium"),
}


class Verdict(StrEnum):
    """How a part is: ``absent`` is a part that is only needed for some reports."""

    WELL = "well"
    ABSENT = "absent"
    AMISS = "amiss"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, how it is, what was seen, and the command that mends it."""

    part: str
    verdict: Verdict
    detail: str
    remedy: str = ""


def examine(
    archive: Path, releases: Path, *, others: Mapping[str, Callable[[], Finding]] | None = None
) -> Iterator[Finding]:
    """Yield what is found, part by part; ``others`` are the checks of what this module does not know, by part."""
    yield _python()
    yield from _packages()
    yield from _extras()
    yield from _programs()
    for place in (archive, releases):
        yield _room(place)
    yield _archive(archive)
    for part, check in (others or {}).items():
        try:
            yield check()
        except ModuleNotFoundError as error:
            yield Finding(part, Verdict.AMISS, f"cannot be looked at: {error.name} is missing", UPGRADE)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < MINIMUM:
        wanted = ".".join(map(str, MINIMUM))
        return Finding("Python", Verdict.AMISS, f"{found}; {wanted} is the oldest that works", f"install {wanted}")
    return Finding("Python", Verdict.WELL, found)


def _packages() -> Iterator[Finding]:
    """The packages that every installation has, in the versions that the project asks for."""
    lacking = []
    for line in requires("gongkai") or []:
        wanted, _, condition = line.partition(";")
        if "extra" in condition or "python_version" in condition:
            continue
        name, _, least = wanted.strip().partition(">=")
        if not _is_there(name, least):
            lacking.append(wanted.strip())
    if lacking:
        yield Finding("packages", Verdict.AMISS, f"lacking: {', '.join(lacking)}", UPGRADE)
    else:
        yield Finding("packages", Verdict.WELL, f"gongkai {version('gongkai')} and what it needs")


def _is_there(name: str, least: str) -> bool:
    try:
        return _number(version(name)) >= _number(least)
    except PackageNotFoundError:
        return False


def _number(text: str) -> list[int]:
    return [int(part) for part in text.split(".") if part.isdecimal()]


def _extras() -> Iterator[Finding]:
    for extra, (module, purpose) in EXTRAS.items():
        if _importable(module):
            yield Finding(f"extra {extra}", Verdict.WELL, purpose)
        else:
            yield Finding(f"extra {extra}", Verdict.ABSENT, purpose, f'pip install "gongkai[{extra}]"')


def _importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _programs() -> Iterator[Finding]:
    for name, (commands, purpose, remedy) in PROGRAMS.items():
        found = next(filter(None, map(shutil.which, commands)), None)
        verdict = Verdict.WELL if found else Verdict.ABSENT
        yield Finding(name, verdict, f"{purpose}: {found or 'not on PATH'}", "" if found else remedy)


def _room(place: Path) -> Finding:
    there = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    what = f"disk of {place}"
    if not os.access(there, os.W_OK):
        return Finding(what, Verdict.AMISS, f"{there} cannot be written to", f"chown -R $(id -un) {there}")
    if free < FREE_BYTES:
        return Finding(what, Verdict.AMISS, f"{free // 1_000_000} MB free", "gongkai releases gc --keep 2")
    return Finding(what, Verdict.WELL, f"{free // 1_000_000_000} GB free")


def _archive(archive: Path) -> Finding:
    if not archive.exists():
        return Finding("archive", Verdict.ABSENT, f"{archive}: nothing crawled yet", f"gongkai run --archive {archive}")
    remedy = reindex_remedy(archive).partition("`")[2].strip("`")
    try:
        with index_errors(archive), closing(open_index(archive)) as index:
            (verdict,) = index.execute("PRAGMA quick_check(1)").fetchone()
            files = dict(index.execute("SELECT warc_file, size FROM files").fetchall())
    except ArchiveError as error:
        return Finding("archive", Verdict.AMISS, str(error).partition("; ")[0], remedy)
    if verdict != "ok":
        return Finding("archive", Verdict.AMISS, f"{archive / INDEX_NAME}: {verdict}", remedy)
    return _files(archive, files, remedy)


def _files(archive: Path, files: Mapping[str, int], remedy: str) -> Finding:
    """The WARC files against how far the index has read them."""
    sizes = {warc.name: warc.stat().st_size for warc in warc_files(archive)}
    if lost := sorted(files.keys() - sizes.keys()):
        remedy = f"put it back from a copy, then {remedy}"
        return Finding("archive", Verdict.AMISS, f"{archive / lost[0]}: not there, though the index names it", remedy)
    for name, size in sorted(sizes.items()):
        known = files.get(name, 0)
        if size > known and any(isinstance(member, Gap) for member in members(archive / name, known)):
            told = f"{archive / name}: torn behind byte {known}; a run cuts off what is no whole record"
            return Finding("archive", Verdict.AMISS, told, f"gongkai run --archive {archive}")
        if size != known:
            return Finding("archive", Verdict.AMISS, f"{archive / name}: the index does not fit it", remedy)
    return Finding("archive", Verdict.WELL, f"{len(sizes)} WARC files, indexed")
