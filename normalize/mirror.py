"""Releases on an object store: built in a folder of this machine that mirrors the place, then published there.

A store has no links: there ``latest`` is an object that holds the newest release's name. It is replaced in one step
after all files of that release are in place, its ``release.json`` last.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from captures.store import cache_folder, remote
from normalize.published import (
    AT_ONCE,
    LATEST,
    MANIFEST,
    ReleaseError,
    latest_on,
    load_release,
    locate,
    point_latest,
    store_told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from captures.store import Store
    from normalize.published import Release


@contextmanager
def mirrored(releases: Path) -> Iterator[Path]:
    """The folder to build in: that of the releases, or one of this machine that mirrors a place on an object store.

    The mirror begins with the store's newest release; where the work ends well, what is newest then is published.
    Raises ReleaseError where another build has published meanwhile.
    """
    store = remote(releases)
    if store is None:
        releases.mkdir(parents=True, exist_ok=True)
        yield releases
        return
    folder = cache_folder(store)
    folder.mkdir(parents=True, exist_ok=True)
    with store_told():
        before = latest_on(store)
    if before:
        point_latest(folder, load_release(releases).release_id)
    else:
        (folder / LATEST).unlink(missing_ok=True)
    yield folder
    with store_told():
        if (now := latest_on(store)) != before:
            raise ReleaseError(f"{store}: another build has published {now} meanwhile; build again")
        _publish(load_release(folder), locate(releases) if before else None, store)


def _publish(release: Release, previous: Release | None, store: Store) -> None:
    """Bring a release to the store; what the release before holds already is copied there, not sent."""
    home = store / release.release_id
    if not (home / MANIFEST).info().is_file:
        known = {each["sha256"]: each["path"] for each in previous.manifest["files"]} if previous else {}

        def send(entry: dict[str, Any]) -> None:
            target, same = home / entry["path"], known.get(entry["sha256"])
            if previous and previous.store and same:
                with target.errors():
                    target.files.copy_file((previous.store / same).base, target.base)
            else:
                target.put(release.path / entry["path"])

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(send, release.manifest["files"]))
        (home / MANIFEST).put(release.path / MANIFEST)
    (store / LATEST).write(f"{release.release_id}\n".encode())
