"""Places on an object store: ``s3://bucket/folder``, through Arrow's file systems, beside folders of this machine.

A place is a path either way. ``Path`` takes one slash from ``s3://``, which loses nothing: no folder is called ``s3:``.
Credentials, region and endpoint are those of the environment (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL`` ...).
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captures.model import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMOTE = re.compile(r"s3:/+(?P<bucket>[^/]+)(?P<key>(/.*)?)")


class StoreError(ArchiveError):
    """An object store does not do what was asked; the text names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Store:
    """A place on an object store: the file system, and the place's path in it."""

    files: Any
    base: str

    def __str__(self) -> str:
        return f"s3://{self.base}"

    def __truediv__(self, name: str) -> Store:
        return Store(self.files, f"{self.base}/{name}")

    @property
    def parent(self) -> Store:
        """The place that this one lies in."""
        return Store(self.files, self.base.rpartition("/")[0])

    @property
    def name(self) -> str:
        """The last part of the place."""
        return self.base.rpartition("/")[2]

    def stream(self) -> Any:
        """The object's bytes as a file; not unpacked, as Arrow would by a name that ends in ``.gz``."""
        return self.files.open_input_stream(self.base, compression=None)

    def _sink(self) -> Any:
        return self.files.open_output_stream(self.base, compression=None)

    def read(self) -> bytes | None:
        """The object's bytes; None where there is none."""
        with self.errors():
            try:
                with self.stream() as stream:
                    return bytes(stream.read())
            except FileNotFoundError:
                return None

    def write(self, data: bytes) -> None:
        """Put an object in place, in one step."""
        with self.errors(), self._sink() as stream:
            stream.write(data)

    def listing(self, *, recursive: bool = False) -> list[Any]:
        """What lies in the place (Arrow's ``FileInfo``), by path; nothing where there is no such place."""
        selector = _fs().FileSelector(self.base, recursive=recursive, allow_not_found=True)
        with self.errors():
            found: list[Any] = self.files.get_file_info(selector)
        return sorted(found, key=lambda info: str(info.path))

    def info(self) -> Any:
        """Arrow's ``FileInfo`` of the object; its ``is_file`` is false where there is none."""
        with self.errors():
            return self.files.get_file_info(self.base)

    def fetch(self, target: Path) -> None:
        """Bring the object to a file, which is there whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as fresh:
            with self.errors(), self.stream() as source, fresh.open("wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
            fresh.replace(target)

    def put(self, source: Path) -> None:
        """Bring a file to the object."""
        with source.open("rb") as file, self.errors(), self._sink() as stream:
            shutil.copyfileobj(file, stream, 1 << 20)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what the store answers into a StoreError with the remedy; a missing object stays FileNotFoundError."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            said = str(error).partition("\n")[0]
            raise StoreError(f"{self}: {said}; check bucket, credentials and AWS_ENDPOINT_URL") from error


def remote(place: Path) -> Store | None:
    """The place on an object store that a path names; None for a folder of this machine."""
    found = _REMOTE.fullmatch(str(place))
    return Store(_bucket(found["bucket"]), (found["bucket"] + found["key"]).rstrip("/")) if found else None


def read_range(path: Path, offset: int, length: int) -> bytes:
    """So many bytes of a file or object from a byte on."""
    store = remote(path)
    if store is None:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)
    try:
        with store.errors(), store.files.open_input_file(store.base) as source:
            return bytes(source.read_at(length, offset))
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(store)) from error


def cache_folder(store: Store) -> Path:
    """The folder of this machine that keeps what was fetched from a place; it may be removed at any time."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "gongkai" / hashlib.sha256(str(store).encode()).hexdigest()[:16]


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A name beside a file's, for what is not whole yet."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".fetch-")
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _fs() -> Any:
    return import_module("pyarrow.fs")  # only with a place on a store: it takes longer than reading a page


@cache
def _bucket(name: str) -> Any:
    try:
        files, _ = _fs().FileSystem.from_uri(f"s3://{name}")
    except OSError as error:
        raise StoreError(f"s3://{name}: {error}; check bucket, credentials and AWS_ENDPOINT_URL") from error
    return files
