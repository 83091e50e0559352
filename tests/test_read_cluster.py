"""Documents read on a Dask cluster of this machine, with a worker killed in the middle."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from normalize import cluster
from normalize.published import ReleaseError
from normalize.release import build
from tests.fake_archive import FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from normalize.published import Release

DOCUMENTS = {
    f"http://a.example/{n}": document(year=2020 + n % 3, body=f"机关{n}", values={"apply.new@total": float(n)})
    for n in range(200)
}


@pytest.fixture
def local() -> Iterator[Any]:
    distributed: Any = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1", silence_logs=50
    ) as made:
        yield made


def make(archive: Path, releases: Path, **options: Any) -> Release:
    return build(archive, releases, reader=read_json, open_archive=FakeArchive, **options)


@pytest.mark.slow
def test_a_lost_worker_changes_nothing(local: Any, tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", DOCUMENTS)
    killed: list[int] = []

    def kill(done: int, _: int) -> None:
        if done > 40 and not killed:
            killed.append(next(iter(local.workers.values())).process.process.pid)
            os.kill(killed[0], signal.SIGKILL)

    on_cluster = make(archive, tmp_path / "one", cluster=local.scheduler_address, on_progress=kill)
    alone = make(archive, tmp_path / "two")
    assert killed
    assert on_cluster.manifest == alone.manifest
    assert on_cluster.rows["reports"] == 200


@pytest.mark.slow
def test_a_document_that_kills_its_workers_costs_itself(local: Any, tmp_path: Path) -> None:
    killer = "http://a.example/killer"
    archive = write_archive(tmp_path / "archive", {**dict(list(DOCUMENTS.items())[:20]), killer: document(dies=True)})
    release = make(archive, tmp_path / "releases", cluster=local.scheduler_address)
    assert (release.rows["reports"], release.manifest["unreadable"]) == (21, 1)
    assert release.rows["figures"] == make(archive, tmp_path / "alone", workers=2).rows["figures"]


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(cluster, "import_module", absent)
    archive = write_archive(tmp_path / "archive", {"http://a.example/1": document()})
    with pytest.raises(ReleaseError, match="install gongkai with its extra dask"):
        make(archive, tmp_path / "releases", cluster="tcp://127.0.0.1:1")


def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    archive = write_archive(tmp_path / "archive", {"http://a.example/1": document()})
    with pytest.raises(ReleaseError, match="x://nowhere: no Dask scheduler answers"):
        make(archive, tmp_path / "releases", cluster="x://nowhere")
