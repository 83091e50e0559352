"""A published release: its manifest, and whether its files are those that were published."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from captures.store import StoreError, cache_folder, remote
from normalize.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from captures.store import Store

AT_ONCE = 8
MANIFEST = "release.json"
LATEST = "latest"


class ReleaseError(Exception):
    """A release cannot be built or read; the text names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Release:
    """A published release: ``path`` is its own folder, never the link; ``manifest`` is its ``release.json``.

    ``store`` is its place on an object store where it was left there.
    """

    release_id: str
    path: Path
    manifest: dict[str, Any]
    store: Store | None = None

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
    """Turn what DuckDB and Arrow say of a damaged or absent file of the release at ``folder`` into a ReleaseError."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        said = str(error).partition("\n")[0]
        remedy = "ask for less (a province, a body, an indicator), or free disk space for what does not fit (TMPDIR)"
        raise ReleaseError(f"{folder}: what was asked for does not fit into memory ({said}); {remedy}") from error
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
        raise
    except (duckdb.Error, pa.ArrowInvalid, OSError) as error:
        # What an object store answers has no number of the operating system.
        if isinstance(error, OSError) and error.errno not in (None, errno.ENOENT):
            raise
        said = str(error).partition("\n")[0]
        remedy = f"see what is damaged with: gongkai verify {folder}; then remove that release and build it again"
        raise ReleaseError(f"{folder}: cannot be read ({said}); {remedy}") from error


def load_release(path: Path) -> Release:
    """The release at ``path``: its folder, the link to it, or the folder of releases, whose ``latest`` is taken.

    The link is followed once, so that a release published meanwhile is not mixed in. From an object store
    (``s3://bucket/releases``) a release is fetched once, checked against its manifest, and kept on this machine.
    Raises ReleaseError where there is none or its manifest is damaged.
    """
    found = locate(path)
    if found.store is None:
        return found
    folder = cache_folder(found.store.parent) / found.release_id
    if not (folder / MANIFEST).exists():
        with store_told():
            _fetch(found.store, found.manifest, folder)
    return Release(found.release_id, folder, found.manifest)


def locate(path: Path) -> Release:
    """The release at ``path`` as ``load_release`` gives it, left where it is: of a store only the manifest is read."""
    store = remote(path)
    if store is not None:
        with store_told():
            return _on_store(store)
    folder = (path if (path / MANIFEST).exists() else path / LATEST).resolve()
    try:
        return _release(folder, (folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise ReleaseError(f"{path}: no release here; build one with: gongkai build --releases {path}") from error
    except OSError as error:
        raise ReleaseError(f"{folder / MANIFEST}: cannot be read ({error.strerror})") from error


def _on_store(store: Store) -> Release:
    home = store
    if not (store / MANIFEST).info().is_file:
        name, parent = latest_on(store), store
        if not name and store.name == LATEST:
            parent = store.parent
            name = latest_on(parent)
        if not name:
            raise ReleaseError(f"{store}: no release here; build one with: gongkai build --releases {store}")
        home = parent / name
    manifest = (home / MANIFEST).read()
    if manifest is None:
        raise ReleaseError(f"{home}: no release here, though {LATEST} names it; build again")
    return _release(Path(str(home)), manifest, home)


def _release(folder: Path, manifest: bytes, store: Store | None = None) -> Release:
    try:
        content = json.loads(manifest)
        _check_version(str(content["schema_version"]), f"{store or folder}/{MANIFEST}")
        return Release(content["release_id"], folder, content, store)
    except (ValueError, KeyError, TypeError) as error:
        place = store or folder
        raise ReleaseError(f"{place}/{MANIFEST}: damaged ({error}); remove {place} and build it again") from error


def _check_version(version: str, place: str) -> None:
    """A release of a later first number has other columns, or means other things by them; ReleaseError."""
    if int(version.partition(".")[0]) > int(SCHEMA_VERSION.partition(".")[0]):
        raise ReleaseError(f"{place}: release version {version}, this gongkai reads {SCHEMA_VERSION}; update gongkai")


def latest_on(store: Store) -> str:
    """The name of the newest release of a folder on a store; empty where there is none."""
    return ((store / LATEST).read() or b"").decode(errors="replace").strip()


@contextmanager
def store_told() -> Iterator[None]:
    """Turn what an object store says into a ReleaseError."""
    try:
        yield
    except StoreError as error:
        raise ReleaseError(str(error)) from error


def _fetch(store: Store, manifest: dict[str, Any], folder: Path) -> None:
    """Bring a release to a folder, which is there whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as temporary, ThreadPoolExecutor(AT_ONCE) as pool:
        fresh = Path(temporary) / folder.name

        def fetch(entry: dict[str, Any]) -> None:
            target, source = fresh / entry["path"], store / entry["path"]
            try:
                source.fetch(target)
            except FileNotFoundError as error:
                raise ReleaseError(f"{source}: absent; see what is damaged with: gongkai verify {store}") from error
            if file_sha256(target) != entry["sha256"]:
                raise ReleaseError(f"{source}: not the bytes that were published; build the release again")

        list(pool.map(fetch, manifest["files"]))
        (store / MANIFEST).fetch(fresh / MANIFEST)
        if not (folder / MANIFEST).exists():
            fresh.replace(folder)


def verify_release(path: Path) -> list[str]:
    """What is wrong with the files of a release: absent, changed or not listed; an empty list where all holds."""
    release = locate(path)
    with store_told():
        present = _names(release)
        problems: list[str] = []
        for entry in release.manifest["files"]:
            name = entry["path"]
            if name not in present:
                problems.append(f"{name}: absent")
            elif _sha256(release, name) != entry["sha256"]:
                problems.append(f"{name}: not the bytes that were published")
    listed = {MANIFEST, *(entry["path"] for entry in release.manifest["files"])}
    return problems + [f"{name}: not part of the release" for name in sorted(present - listed)]


def _names(release: Release) -> set[str]:
    if release.store is None:
        files = (file for file in release.path.rglob("*") if file.is_file())
        return {file.relative_to(release.path).as_posix() for file in files}
    found = (info for info in release.store.listing(recursive=True) if info.is_file)
    return {info.path.removeprefix(f"{release.store.base}/") for info in found}


def _sha256(release: Release, name: str) -> str:
    if release.store is None:
        return file_sha256(release.path / name)
    place = release.store / name
    with place.errors(), place.stream() as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def point_latest(releases: Path, release_id: str) -> None:
    """Make ``latest`` lead to a release of the folder, in one step."""
    fresh = releases / ".latest-new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(release_id)
    fresh.replace(releases / LATEST)
    sync(releases)


def sync(path: Path) -> None:
    """Make a file or the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
