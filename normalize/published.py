"""A published release: its manifest, and whether its files are those that were published."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANIFEST = "release.json"
LATEST = "latest"


class ReleaseError(Exception):
    """A release cannot be built or read; the text names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Release:
    """A published release: ``path`` is its own folder, never the link; ``manifest`` is its ``release.json``."""

    release_id: str
    path: Path
    manifest: dict[str, Any]

    @property
    def rows(self) -> dict[str, int]:
        """Row counts by table."""
        return dict(self.manifest["rows"])

    @property
    def reports_by_year(self) -> dict[int, int]:
        """Report counts by report year; 0 stands for unknown."""
        return {int(year): count for year, count in self.manifest["reports_by_year"].items()}


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """Turn what DuckDB and Arrow say of a damaged file of the release at ``folder`` into a ReleaseError."""
    try:
        yield
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException, duckdb.OutOfMemoryException):
        raise
    except (duckdb.Error, pa.ArrowInvalid) as error:
        said = str(error).partition("\n")[0]
        remedy = f"see what is damaged with: gongkai verify {folder}; then remove that release and build it again"
        raise ReleaseError(f"{folder}: cannot be read ({said}); {remedy}") from error


def load_release(path: Path) -> Release:
    """The release at ``path``: its folder, the link to it, or the folder of releases, whose ``latest`` is taken.

    The link is followed once, so that a release published meanwhile is not mixed in.
    Raises ReleaseError where there is none or its manifest is damaged.
    """
    folder = (path if (path / MANIFEST).exists() else path / LATEST).resolve()
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Release(manifest["release_id"], folder, manifest)
    except FileNotFoundError as error:
        raise ReleaseError(f"{path}: no release here; build one with: gongkai build --releases {path}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{folder / MANIFEST}: damaged ({error}); remove {folder} and build it again") from error


def verify_release(path: Path) -> list[str]:
    """What is wrong with the files of a release: absent, changed or not listed; an empty list where all holds."""
    release = load_release(path)
    problems: list[str] = []
    listed = {MANIFEST}
    for entry in release.manifest["files"]:
        listed.add(entry["path"])
        file = release.path / entry["path"]
        if not file.is_file():
            problems.append(f"{entry['path']}: absent")
        elif file_sha256(file) != entry["sha256"]:
            problems.append(f"{entry['path']}: not the bytes that were published")
    present = (file.relative_to(release.path).as_posix() for file in release.path.rglob("*") if file.is_file())
    return problems + [f"{name}: not part of the release" for name in sorted(present) if name not in listed]


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
