"""Which releases there are, and which of them go."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from captures.store import remote
from normalize.lock import only_one
from normalize.published import LATEST, MANIFEST, Release, ReleaseError, load_release, locate, store_told

if TYPE_CHECKING:
    from pathlib import Path

    from captures.store import Store

GONE = ".gone-"


def list_releases(releases: Path) -> list[Release]:
    """The releases of a folder in the order in which they were published; those on an object store are left there.

    Each comes after the one that its manifest names as the release before; else the dates of the files decide, which a
    store gives to the second, and which copying changes.

    Raises ReleaseError where there is none, or where a manifest is damaged.
    """
    store = remote(releases)
    with store_told():
        dated = _dated_on(store) if store else _dated_in(releases)
    if not dated:
        place = store or releases
        raise ReleaseError(f"{place}: no release here; build one with: gongkai build --releases {place}")
    found = {name: locate(releases / name) for _, name in sorted(dated)}
    ordered: dict[str, Release] = {}
    for name in found:
        line: dict[str, Release] = {}
        at = name
        while at in found and at not in ordered and at not in line:
            line[at] = found[at]
            at = found[at].manifest["previous"]
        ordered |= dict(reversed(line.items()))
    return list(ordered.values())


def _dated_in(releases: Path) -> list[tuple[int, str]]:
    return [(manifest.stat().st_mtime_ns, manifest.parent.name) for manifest in releases.glob(f"r*/{MANIFEST}")]


def _dated_on(store: Store) -> list[tuple[int, str]]:
    names = [info.base_name for info in store.listing() if not info.is_file and info.base_name.startswith("r")]
    found = [(name, (store / name / MANIFEST).info()) for name in names]
    return [(info.mtime_ns, name) for name, info in found if info.is_file]


def find_release(releases: Path, name: str = "") -> Release:
    """A release by its name, or the latest; ReleaseError lists those that there are."""
    if not name or name == LATEST:
        return load_release(releases)
    known = {release.release_id for release in list_releases(releases)}
    if name not in known:
        raise ReleaseError(f"{releases}: no release {name}; there are: {', '.join(sorted(known))}")
    return load_release(releases / name)


def size(release: Release) -> int:
    """The bytes of a release's files, those that it shares with others included."""
    return sum(entry["bytes"] for entry in release.manifest["files"])


def collect(releases: Path, keep: int, *, dry_run: bool = False) -> list[Release]:
    """Remove all but the ``keep`` releases published last and the one that ``latest`` leads to; those that go.

    A release that goes loses its name first, so that no half of one is ever taken for a whole. Files that it shares
    with others stay with them. Raises ReleaseError where another process is at work here.
    """
    found = list_releases(releases)
    latest = locate(releases).release_id
    kept = {release.release_id for release in found[-keep:]} | {latest}
    going = [release for release in found if release.release_id not in kept]
    if dry_run:
        return going
    if remote(releases):
        _remove(going)
        return going
    with only_one(releases):
        for release in going:
            release.path.replace(releases / f"{GONE}{release.release_id}")
        for path in releases.glob(f"{GONE}*"):
            shutil.rmtree(path)
    return going


def _remove(going: list[Release]) -> None:
    """Remove releases from an object store: the manifest first, without which there is no release."""
    for release in going:
        if release.store:
            with store_told(), release.store.errors():
                release.store.files.delete_file(f"{release.store.base}/{MANIFEST}")
                release.store.files.delete_dir(release.store.base)
