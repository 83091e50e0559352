"""Archive and releases on an object store: a real S3 server (moto's) on loopback, asked through Arrow."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.fs
import pytest
from typer.testing import CliRunner

from captures import Archive, ArchiveError, copy_archive
from captures.store import Store, StoreError, cache_folder, remote
from gongkai import app
from normalize import load, published
from normalize.diff import years
from normalize.proof import prove
from normalize.published import ReleaseError, load_release, locate, verify_release
from normalize.release import build
from normalize.retention import collect, list_releases
from tests.archives import open_writer, put
from tests.fake_archive import FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normalize.published import Release

CASES = Path(__file__).parent / "cases"
BUCKET = "gongkai"
ARCHIVE, RELEASES = Path("s3://gongkai/data/archive"), Path("s3://gongkai/data/releases")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = pytest.importorskip("moto.server", reason="moto is not installed")
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    _, port = running.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty bucket, and a cache of its own."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": server,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    files = pyarrow.fs.S3FileSystem(endpoint_override=server, allow_bucket_creation=True, allow_bucket_deletion=True)
    files.create_dir(BUCKET)
    yield files
    files.delete_dir(BUCKET)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two runs, the second of which saw one page unchanged: its record refers to the first run's."""
    folder = tmp_path / "archive"
    pages = {
        f"http://a.example/{case}.html": (CASES / case / "source.html").read_bytes()
        for case in ("suqian-2024", "hongze-2023")
    }
    for day in (0, 1):
        with closing(open_writer(folder, day)) as writer:
            for url, page in pages.items():
                put(writer, url, page + b" " * day * ("suqian" in url), portal_code="321300")
    return folder


def store(place: Path) -> Store:
    found = remote(place)
    assert found is not None
    return found


def objects(files: Any) -> dict[str, int]:
    found = files.get_file_info(pyarrow.fs.FileSelector(BUCKET, recursive=True))
    return {info.path.removeprefix(f"{BUCKET}/data/"): info.size for info in found if info.is_file}


def fake(tmp_path: Path, value: float, **options: Any) -> Release:
    """Build two years of fake documents into the store."""
    documents = {
        f"http://a.example/{year}": document(year=year, values={"apply.new@total": value if year == 2023 else 1.0})
        for year in (2022, 2023)
    }
    made = write_archive(tmp_path / "fake", documents)
    return build(made, RELEASES, reader=read_json, open_archive=FakeArchive, **options)


def test_only_addresses_of_a_store_are_remote(bucket: Any) -> None:
    assert remote(Path("data/archive")) is None
    assert remote(Path("/s3:/x")) is None
    assert str(store(RELEASES)) == "s3://gongkai/data/releases"
    assert store(RELEASES / "r1").parent.base == "gongkai/data/releases"


def test_an_archive_and_its_release_on_a_store(bucket: Any, archive: Path, tmp_path: Path) -> None:
    assert copy_archive(archive, ARCHIVE) == 2
    assert copy_archive(archive, ARCHIVE) == 0
    at_home = build(archive, tmp_path / "releases")
    afar = build(ARCHIVE, RELEASES, workers=2)
    assert afar.manifest == at_home.manifest
    assert afar.rows["reports"] == 2
    assert store(RELEASES / "latest").read() == f"{at_home.release_id}\n".encode()
    there = objects(bucket)
    assert {name: there[f"releases/{at_home.release_id}/{name}"] for name in sizes(at_home)} == sizes(at_home)
    assert verify_release(RELEASES) == []
    assert prove(RELEASES, ARCHIVE) == []
    with Archive(archive) as home, Archive(ARCHIVE) as away:
        assert list(away.captures(newest=False)) == list(home.captures(newest=False))
        assert [away.read(each) for each in away.captures()] == [home.read(each) for each in home.captures()]


def sizes(release: Release) -> dict[str, int]:
    return {
        path.relative_to(release.path).as_posix(): path.stat().st_size
        for path in release.path.rglob("*")
        if path.is_file()
    }


def test_an_archive_comes_back_from_a_store(bucket: Any, archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, ARCHIVE)
    assert copy_archive(ARCHIVE, tmp_path / "back") == 2
    assert [path.read_bytes() for path in sorted((tmp_path / "back").glob("*.gz"))] == [
        path.read_bytes() for path in sorted(archive.glob("*.gz"))
    ]
    with Archive(tmp_path / "back") as back, Archive(archive) as home:
        assert list(back.captures()) == list(home.captures())


def test_loading_reads_only_what_is_asked_for(bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = fake(tmp_path, 5.0)
    shutil.rmtree(tmp_path / "cache")
    frame = load(release=str(RELEASES).replace("s3:/", "s3://"), years=2023, indicator="apply.new", applicant="total")
    assert list(frame["value"]) == [5.0]
    assert list(frame["report_year"]) == [2023]
    assert not (tmp_path / "cache").exists()
    by_pandas = pd.read_parquet(f"s3://gongkai/data/releases/{release.release_id}/figures")
    assert len(by_pandas) == 400


def test_what_is_unchanged_is_copied_within_the_store(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fake(tmp_path, 1.0)
    sent: list[str] = []
    put_file = Store.put

    def told(self: Store, source: Path) -> None:
        sent.append(source.relative_to(source.parents[2]).as_posix() if "report_year" in str(source) else source.name)
        put_file(self, source)

    monkeypatch.setattr(Store, "put", told)
    # Another machine, that has nothing but the store.
    shutil.rmtree(tmp_path / "cache")
    second = fake(tmp_path, 2.0)
    assert second.manifest["previous"] == first.release_id
    assert f"figures/report_year=2023/{second.release_id}-0.parquet" in sent
    assert f"figures/report_year=2022/{second.release_id}-0.parquet" not in sent
    assert sent[-1] == "release.json"
    assert verify_release(RELEASES) == []
    assert [each.release_id for each in list_releases(RELEASES)] == [first.release_id, second.release_id]
    rows = years(RELEASES, 2022, 2023, indicator="apply.new")
    assert list(rows.loc[rows["applicant"] == "total", "change"]) == [1.0]
    assert [each.release_id for each in collect(RELEASES, 1)] == [first.release_id]
    assert {name.split("/")[1] for name in objects(bucket)} == {"latest", second.release_id}


def test_a_release_is_fetched_once_and_checked(bucket: Any, tmp_path: Path) -> None:
    release = fake(tmp_path, 1.0)
    shutil.rmtree(tmp_path / "cache")
    figures = RELEASES / release.release_id / f"figures/report_year=2023/{release.release_id}-0.parquet"
    whole = store(figures).read()
    assert whole is not None
    store(figures).write(whole[:-1] + b"?")
    assert verify_release(RELEASES) == [f"figures/report_year=2023/{figures.name}: not the bytes that were published"]
    with pytest.raises(ReleaseError, match=r"s3://gongkai/data/releases/.*: not the bytes that were published"):
        load_release(RELEASES)
    assert list(cache_folder(store(RELEASES)).iterdir()) == []
    store(figures).write(whole)
    fetched = load_release(RELEASES)
    assert fetched.path == cache_folder(store(RELEASES)) / release.release_id
    bucket.delete_file(store(figures).base)
    assert load_release(RELEASES) == fetched
    assert verify_release(RELEASES) == [f"figures/report_year=2023/{figures.name}: absent"]


def test_a_build_that_ends_before_the_last_file_publishes_nothing(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fake(tmp_path, 1.0)
    put_file = Store.put

    def broken(self: Store, source: Path) -> None:
        if source.name == "CHANGES.md":
            raise StoreError("s3://gongkai: connection lost")
        put_file(self, source)

    monkeypatch.setattr(Store, "put", broken)
    with pytest.raises(ReleaseError, match="connection lost"):
        fake(tmp_path, 2.0)
    assert locate(RELEASES).release_id == first.release_id
    assert [each.release_id for each in list_releases(RELEASES)] == [first.release_id]
    monkeypatch.setattr(Store, "put", put_file)
    second = fake(tmp_path, 2.0)
    assert locate(RELEASES).release_id == second.release_id != first.release_id
    assert verify_release(RELEASES) == []


def test_another_build_that_published_meanwhile_is_not_overwritten(bucket: Any, tmp_path: Path) -> None:
    fake(tmp_path, 1.0)

    def meddle(*_: int) -> None:
        store(RELEASES / "latest").write(b"r000000000000\n")

    with pytest.raises(ReleaseError, match="another build has published r000000000000 meanwhile; build again"):
        fake(tmp_path, 2.0, on_progress=meddle)
    assert store(RELEASES / "latest").read() == b"r000000000000\n"


def test_what_is_not_there_is_told(bucket: Any, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="s3://gongkai/data/releases: no release here; build one with"):
        load_release(RELEASES)
    with pytest.raises(ArchiveError, match=r"s3://gongkai/data/archive/index.sqlite: no such index; copy an archive"):
        Archive(ARCHIVE)
    with pytest.raises(ReleaseError, match=r"s3://elsewhere/x/r.* does not exist .*; check bucket"):
        made = write_archive(tmp_path / "fake", {"http://a.example/1": document()})
        build(made, Path("s3://elsewhere/x"), reader=read_json, open_archive=FakeArchive)
    with pytest.raises(ArchiveError, match="no WARC file"):
        copy_archive(tmp_path, ARCHIVE)


def test_a_lost_object_of_the_archive_stops_the_build(bucket: Any, archive: Path) -> None:
    copy_archive(archive, ARCHIVE)
    first = sorted(archive.glob("*.gz"))[0].name
    bucket.delete_file(f"{BUCKET}/data/archive/{first}")
    with pytest.raises(ArchiveError, match=f"s3://gongkai/data/archive/{first}: not there, though the index names it"):
        build(ARCHIVE, RELEASES)
    assert not [name for name in objects(bucket) if name.startswith("releases/")]


def test_commands_take_addresses_of_a_store(bucket: Any, archive: Path) -> None:
    places = ["--archive", "s3://gongkai/data/archive", "--releases", "s3://gongkai/data/releases"]

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    run("archive", "copy", str(archive), places[1])
    assert "suqian" in run("archive", "list", *places[:2])
    run("build", *places)
    assert locate(RELEASES).release_id in run("releases", "list", "--format", "csv", *places[2:])
    assert "reports_by_year" in run("releases", "show", *places[2:])
    run("releases", "verify", *places[2:])
    run("verify", places[3], *places[:2])
    assert published.MANIFEST in {name.rpartition("/")[2] for name in objects(bucket)}
