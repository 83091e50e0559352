"""Which releases there are, and which of them go."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from normalize.lock import only_one
from normalize.published import LATEST, MANIFEST, Release, ReleaseError, load_release

if TYPE_CHECKING:
    from pathlib import Path

GONE = ".gone-"


def list_releases(releases: Path) -> list[Release]:
    """The releases of a folder in the order in which they were published.

    Raises ReleaseError where there is none, or where a manifest is damaged.
    """
    manifests = sorted(releases.glob(f"r*/{MANIFEST}"), key=lambda path: (path.stat().st_mtime_ns, path))
    if not manifests:
        raise ReleaseError(f"{releases}: no release here; build one with: gongkai build --releases {releases}")
    return [load_release(manifest.parent) for manifest in manifests]


def find_release(releases: Path, name: str = "") -> Release:
    """A release by its name, or the latest; ReleaseError lists those that there are."""
    if not name or name == LATEST:
        return load_release(releases)
    known = {release.release_id: release for release in list_releases(releases)}
    if name not in known:
        raise ReleaseError(f"{releases}: no release {name}; there are: {', '.join(known)}")
    return known[name]


def size(release: Release) -> int:
    """The bytes of a release's files, those that it shares with others included."""
    return sum(entry["bytes"] for entry in release.manifest["files"])


def collect(releases: Path, keep: int, *, dry_run: bool = False) -> list[Release]:
    """Remove all but the ``keep`` releases published last and the one that ``latest`` leads to; those that go.

    A release that goes loses its name first, so that no half of one is ever taken for a whole. Files that it shares
    with others stay with them. Raises ReleaseError where another process is at work here.
    """
    found = list_releases(releases)
    latest = load_release(releases).release_id
    kept = {release.release_id for release in found[-keep:]} | {latest}
    going = [release for release in found if release.release_id not in kept]
    if dry_run:
        return going
    with only_one(releases):
        for release in going:
            release.path.replace(releases / f"{GONE}{release.release_id}")
        for path in releases.glob(f"{GONE}*"):
            shutil.rmtree(path)
    return going
