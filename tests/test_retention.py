"""Listing releases, and removing old ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from gongkai import app
from normalize.lock import only_one
from normalize.published import ReleaseError, load_release, verify_release
from normalize.release import build
from normalize.retention import collect, find_release, list_releases
from tests.fake_archive import FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """Four releases; each has a year more than the one before."""
    documents = {}
    for number in range(4):
        documents[f"http://a.example/{number}"] = document(year=2020 + number, form="2019")
        archive = write_archive(tmp_path / "archive", documents)
        build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    return tmp_path / "releases"


def test_listed_as_they_were_published(releases: Path) -> None:
    found = list_releases(releases)
    assert [release.rows["reports"] for release in found] == [1, 2, 3, 4]
    assert found[-1] == load_release(releases)
    assert [release.manifest["previous"] for release in found[1:]] == [release.release_id for release in found[:-1]]


@pytest.mark.parametrize("step", [0, -1], ids=["of one second", "the other way round"])
def test_dates_do_not_undo_what_the_manifests_say(releases: Path, step: int) -> None:
    found = list_releases(releases)
    for number, release in enumerate(found):
        os.utime(release.path / "release.json", (1e9 + step * number,) * 2)
    assert list_releases(releases) == found


def test_the_newest_stay_and_what_they_share_with_others(releases: Path) -> None:
    found = list_releases(releases)
    assert collect(releases, 2, dry_run=True) == found[:2]
    assert list_releases(releases) == found
    assert collect(releases, 2) == found[:2]
    assert list_releases(releases) == found[2:]
    assert [verify_release(release.path) for release in found[2:]] == [[], []]
    assert list(releases.glob(".gone-*")) == []


def test_the_latest_stays_though_it_be_older(releases: Path) -> None:
    found = list_releases(releases)
    (releases / "latest").unlink()
    (releases / "latest").symlink_to(found[0].release_id)
    assert collect(releases, 1) == found[1:3]
    assert list_releases(releases) == [found[0], found[3]]


def test_what_a_killed_clean_up_left_is_removed(releases: Path) -> None:
    list_releases(releases)[0].path.replace(releases / ".gone-r1")
    assert collect(releases, 5) == []
    assert list(releases.glob(".gone-*")) == []


def test_not_while_a_build_is_at_work(releases: Path) -> None:
    with only_one(releases), pytest.raises(ReleaseError, match=f"process {os.getpid()} is building here"):
        collect(releases, 1)
    assert len(list_releases(releases)) == 4


def test_by_name(releases: Path, tmp_path: Path) -> None:
    first = list_releases(releases)[0]
    assert find_release(releases, first.release_id) == first
    assert find_release(releases) == find_release(releases, "latest") == load_release(releases)
    with pytest.raises(ReleaseError, match="no release r0; there are: r") as caught:
        find_release(releases, "r0")
    assert all(each.release_id in str(caught.value) for each in list_releases(releases))
    with pytest.raises(ReleaseError, match="no release here; build one"):
        list_releases(tmp_path)


def test_commands(releases: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["releases", *words, "--releases", str(releases)])
        return done.exit_code, done.stdout

    first, *_, last = list_releases(releases)
    code, listed = run("list", "--format", "csv")
    assert code == 0
    assert listed.splitlines()[0] == "release_id,data_as_of,reports,figures,bytes,previous,latest"
    assert [line.split(",")[2] for line in listed.splitlines()[1:]] == ["1", "2", "3", "4"]
    assert listed.splitlines()[-1].endswith(f"{last.manifest['previous']},yes")
    code, shown = run("show")
    assert (code, f"release_id: {last.release_id}" in shown, "| 2023 | 1 | 0 | 0 |" in shown) == (0, True, True)
    assert run("verify")[0] == 0
    next(first.path.rglob("*.parquet")).write_bytes(b"x")
    code, said = run("verify", first.release_id)
    assert (code, "not the bytes that were published" in said) == (1, True)
    assert run("gc", "--keep", "1", "--dry-run")[1].count("would go") == 3
    assert run("gc", "--keep", "1")[1].count("removed") == 3
    assert run("show", first.release_id)[0] == 2
