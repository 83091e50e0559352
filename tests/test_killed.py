"""Builds that end badly: killed at any moment, without disk, with a part of the archive gone, with a bad codebook."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from captures import ArchiveError
from gongkai import app
from normalize import codebook
from normalize.published import load_release, verify_release
from normalize.release import build
from normalize.retention import list_releases
from tests.archives import open_writer, put
from tests.fake_archive import FakeArchive, document, read_json, write_archive

if TYPE_CHECKING:
    from normalize.published import Release

ROOT = Path(__file__).parent.parent
POINTS = 10
# The kernel is told of each file that is opened, renamed, linked or removed: at one of these the process kills itself.
KILLED = """
import os, signal, sys
from pathlib import Path
from normalize.release import build
from tests.fake_archive import FakeArchive, read_json
archive, releases, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
count = 0
def hook(event, details):
    global count
    if event in WATCHED:
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
WATCHED = {"open", "os.rename", "os.symlink", "os.link", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect"}
sys.addaudithook(hook)
build(archive, releases, reader=read_json, open_archive=FakeArchive)
print(count)
"""


def documents(value: float) -> dict[str, dict[str, object]]:
    return {
        f"http://a.example/{year}/{n}": document(year=year, body=f"机关{n}", values={"apply.new@total": value})
        for year in (2021, 2022, 2023)
        for n in range(3)
    }


def run(archive: Path, releases: Path, last: int) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", KILLED, str(archive), str(releases), str(last)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.fault("kill -9 in publish")
@pytest.mark.slow
def test_killed_at_any_moment_the_old_release_stays_and_the_next_build_works(tmp_path: Path) -> None:
    archive, releases = tmp_path / "archive", tmp_path / "releases"
    old = build(write_archive(archive, documents(1.0)), releases, reader=read_json, open_archive=FakeArchive)
    shutil.copytree(releases, tmp_path / "untouched", symlinks=True)
    write_archive(archive, documents(2.0))
    whole = run(archive, tmp_path / "untouched", 0)
    assert whole.returncode == 0, whole.stderr
    expected, events = load_release(tmp_path / "untouched"), int(whole.stdout)
    assert events > 5 * POINTS
    ends = set()
    for point in range(1, POINTS + 1):
        place = tmp_path / f"killed-{point}"
        shutil.copytree(releases, place, symlinks=True)
        killed = run(archive, place, point * events // POINTS)
        assert killed.returncode == -9, killed.stderr
        after = load_release(place)
        assert after.release_id in (old.release_id, expected.release_id)
        ends.add(after.release_id)
        assert [verify_release(release.path) for release in list_releases(place)] == [[]] * len(list_releases(place))
        again = build(archive, place, reader=read_json, open_archive=FakeArchive)
        assert again.manifest == expected.manifest
        assert list(place.glob(".build-*")) == []
    assert old.release_id in ends


@pytest.mark.fault("full disk")
def test_a_full_disk_is_told_and_the_old_release_stays(tmp_path: Path) -> None:
    """On a file system of 3 MB, mounted in a name space of its own."""
    archive = write_archive(tmp_path / "archive", documents(1.0))
    noise = random.Random(1)  # noqa: S311 - text that does not compress
    big = {f"http://b.example/{n}": document(body=f"机关{n}", text=noise.randbytes(50_000).hex()) for n in range(60)}
    full = write_archive(tmp_path / "full", big)
    program = (
        "import sys; from pathlib import Path; from normalize.release import *; from tests.fake_archive import *\n"
        "a, b, place = map(Path, sys.argv[1:])\n"
        "old = build(a, place, reader=read_json, open_archive=FakeArchive)\n"
        "(place / 'ballast').write_bytes(bytes(int(1e6)))\n"
        "try: build(b, place, reader=read_json, open_archive=FakeArchive, allow_shrink=True)\n"
        "except ReleaseError as error: print(error)\n"
        "assert load_release(place) == old and verify_release(old.path) == []\n"
        "(place / 'ballast').unlink()\n"
        "build(a, place, reader=read_json, open_archive=FakeArchive)\n"
    )
    mounted = tmp_path / "small"
    mounted.mkdir()
    script = 'mount -t tmpfs -o size=3m tmpfs "$1" || exit 77; shift; exec "$@"'
    inner = [sys.executable, "-c", program, str(archive), str(full), str(mounted)]
    words = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(mounted), *inner]
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert "free space" in done.stdout


@pytest.fixture
def archived(tmp_path: Path) -> Path:
    """An archive of two runs, a page each."""
    page = (ROOT / "tests" / "cases" / "suqian-2024" / "source.html").read_bytes()
    for day in (0, 1):
        with closing(open_writer(tmp_path / "archive", day)) as writer:
            put(writer, f"http://a.example/{day}.html", page + b" " * day, portal_code="321300")
    return tmp_path / "archive"


def test_a_missing_archive_run_is_told_and_nothing_is_published(archived: Path, tmp_path: Path) -> None:
    other = write_archive(tmp_path / "other", documents(1.0))
    before = build(other, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    gone, _ = sorted(archived.glob("*.warc.gz"))
    gone.unlink()
    with pytest.raises(ArchiveError, match=rf"{gone.name}: not there, though the index names it; put it back"):
        build(archived, tmp_path / "releases")
    assert load_release(tmp_path / "releases") == before


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("applicants", "total"),
        ("checks", "P-11 2014 2019 2021"),
        ("crosswalk", "h.proactive.items"),
        ("flags", "unreadable_operand panel"),
        ("indicators", "2021 fee.infoproc.collected"),
        ("label_variants", "row 本年度对申请的答复总数"),
        ("prose", "reading_points"),
    ],
)
def test_a_codebook_with_a_code_twice_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, archived: Path, tmp_path: Path, table: str, named: str
) -> None:
    shutil.copytree(ROOT / "data" / "codebook", tmp_path / "codebook")
    path = tmp_path / "codebook" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")
    monkeypatch.setattr("normalize.codebook.FOLDER", tmp_path / "codebook")
    monkeypatch.setattr("normalize.codebook.version", codebook.version.__wrapped__)
    places = ["--archive", str(archived), "--releases", str(tmp_path / "releases")]
    done = CliRunner().invoke(app, ["build", *places])
    assert done.exit_code == 2
    told = done.stderr.strip()
    assert told.startswith(f"gongkai: {path}, line {len(lines) + 1}: {named}")
    assert told.endswith(f"stands in line {len(lines)} already; remove one of them")
    assert not (tmp_path / "releases" / "latest").exists()


def test_a_codebook_whose_line_lacks_a_column_is_told(tmp_path: Path) -> None:
    path = tmp_path / "flags.csv"
    path.write_text("flag,of,label,label_en\napproximate,figure\n", encoding="utf-8")
    with pytest.raises(codebook.CodebookError, match=r"flags.csv, line 2: not the columns that the table has"):
        codebook.read_table(path)


@pytest.mark.parametrize(
    ("table", "column"),
    [("indicators", "value_type"), ("indicators", "form"), ("checks", "severity"), ("label_variants", "target"),
     ("crosswalk", "form_2014"), ("flags", "label_en")],
)  # fmt: skip
def test_a_codebook_that_lacks_a_column_is_told_in_one_line(
    archived: Path, tmp_path: Path, table: str, column: str
) -> None:
    folder = tmp_path / "codebook"
    shutil.copytree(ROOT / "data" / "codebook", folder)
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if name != column], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    program = (
        "import sys; from pathlib import Path; from normalize import codebook; codebook.FOLDER = Path(sys.argv.pop(1));"
        "import gongkai; gongkai.main()"
    )
    command = [sys.executable, "-c", program, str(folder), "build", "--archive", str(archived)]
    done = subprocess.run(
        [*command, "--releases", str(tmp_path / "releases")], capture_output=True, text=True, check=False, cwd=ROOT
    )
    told = f"gongkai: {folder / table}.csv: no column {column}; restore the table from the repository"
    assert (done.returncode, done.stderr.strip()) == (2, told)
    assert not (tmp_path / "releases" / "latest").exists()


def test_a_release_of_one_report_is_published(archived: Path, tmp_path: Path) -> None:
    released: Release = build(archived, tmp_path / "releases")
    assert released.rows["reports"] == 1
