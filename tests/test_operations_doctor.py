"""The doctor's findings, WACZ files, and archives and releases of other versions."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from captures import Archive, ArchiveError, NewerIndexError, reindex, verify
from captures.index import INDEX_NAME
from gongkai import app
from normalize.published import ReleaseError, load_release, verify_release
from operations.repair import mend
from tests.archives import open_writer, put

ROOT = Path(__file__).resolve().parent.parent
VERSION_1 = ROOT / "tests" / "version1"
runner = CliRunner()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    page = (ROOT / "tests" / "cases" / "suqian-2024" / "source.html").read_bytes()
    with closing(open_writer(tmp_path / "archive")) as writer:
        put(writer, "http://a.example/1.html", page, portal_code="321300")
    return tmp_path / "archive"


@pytest.fixture
def releases(archive: Path, tmp_path: Path) -> Path:
    made = runner.invoke(app, ["build", "--archive", str(archive), "--releases", str(tmp_path / "releases")])
    assert made.exit_code == 0, made.stderr
    return tmp_path / "releases"


def doctor(archive: Path, releases: Path, *more: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
    """The exit code, and verdict, words and remedy by part."""
    places = ["--archive", str(archive), "--releases", str(releases), *more]
    told = runner.invoke(app, ["doctor", *places, "--format", "csv"])
    rows = csv.DictReader(io.StringIO(told.stdout))
    return told.exit_code, {row["part"]: (row["is"], row["what"], row["remedy"]) for row in rows}


def test_all_is_well(archive: Path, releases: Path) -> None:
    code, found = doctor(archive, releases)
    assert code == 0
    for part in ("Python", "packages", "archive", "releases", "catalogue"):
        assert found[part][0] == "well", found[part]
    for part, (verdict, _, remedy) in found.items():
        assert (verdict == "well") == (remedy == ""), part


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    code, found = doctor(tmp_path / "archive", tmp_path / "releases")
    assert code == 0
    archive, releases = tmp_path / "archive", tmp_path / "releases"
    assert found["archive"][::2] == ("absent", f"gongkai run --archive {archive}")
    assert found["releases"][::2] == ("absent", f"gongkai build --archive {archive} --releases {releases}")


@pytest.mark.parametrize("how", ["missing", "garbage", "behind"])
def test_index_that_does_not_fit_is_mended_by_the_remedy(how: str, archive: Path, releases: Path) -> None:
    index = archive / INDEX_NAME
    if how == "missing":
        index.unlink()
    elif how == "garbage":
        index.write_bytes(b"no database" * 1000)
    else:
        with closing(sqlite3.connect(index)) as connection, connection:
            connection.execute('UPDATE files SET size = (SELECT MAX("offset") FROM captures)')
    code, found = doctor(archive, releases)
    assert (code, found["archive"][0]) == (1, "amiss")
    words = found["archive"][2].split()
    assert words[:3] == ["gongkai", "archive", "reindex"]
    assert runner.invoke(app, words[1:]).exit_code == 0
    assert doctor(archive, releases)[0] == 0
    assert verify(archive) == []


def test_torn_end_is_cut_off_by_the_next_run(archive: Path, releases: Path) -> None:
    (warc,) = archive.glob("*.warc.gz")
    with warc.open("r+b") as file:
        file.truncate(warc.stat().st_size - 100)
    assert doctor(archive, releases)[1]["archive"][2] == f"gongkai archive reindex --archive {archive}"
    reindex(archive)
    code, found = doctor(archive, releases)
    assert (code, found["archive"][0], found["archive"][2]) == (1, "amiss", f"gongkai run --archive {archive}")
    assert "a run cuts off what is no whole record" in found["archive"][1]
    open_writer(archive, 1).close()
    assert doctor(archive, releases)[1]["archive"][0] == "well"


def test_package_that_is_missing_is_told_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    """In a process of its own: here the package is loaded long since."""
    program = (
        "import sys; sys.modules['rapidfuzz'] = None\n"
        "import importlib.metadata as m; real = m.version\n"
        "def version(name):\n"
        "    if name == 'rapidfuzz': raise m.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        "m.version = version\n"
        "from gongkai import app; app()\n"
    )
    words = [
        sys.executable,
        "-c",
        program,
        "doctor",
        "--archive",
        str(tmp_path / "a"),
        "--releases",
        str(tmp_path / "r"),
    ]
    done = subprocess.run(
        [*words, "--format", "csv"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    rows = {row["part"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert (done.returncode, done.stderr) == (1, "")
    assert rows["packages"]["what"].startswith("lacking: rapidfuzz>=")
    assert rows["releases"]["what"] == "cannot be looked at: rapidfuzz is missing"
    assert rows["archive"]["is"] == "absent"
    assert rows["packages"]["remedy"] == rows["releases"]["remedy"] == "pip install --upgrade gongkai"


def test_lost_warc_file(archive: Path, releases: Path) -> None:
    (warc,) = archive.glob("*.warc.gz")
    warc.unlink()
    code, found = doctor(archive, releases)
    assert (code, found["archive"][0]) == (1, "amiss")
    assert f"{warc}: not there, though the index names it" in found["archive"][1]
    assert found["archive"][2].startswith("put it back from a copy")


def test_damaged_release(archive: Path, releases: Path) -> None:
    release = load_release(releases)
    next((release.path / "figures").rglob("*.parquet")).write_bytes(b"")
    code, found = doctor(archive, releases)
    assert (code, found["releases"][0]) == (1, "amiss")
    assert "not the bytes that were published" in found["releases"][1]
    mend = f"gongkai build --archive {archive} --releases {releases}"
    assert found["releases"][2] == f"rm -r {release.path} && {mend}"
    shutil.rmtree(release.path)
    assert doctor(archive, releases)[1]["releases"][2] == mend
    assert runner.invoke(app, mend.split()[1:]).exit_code == 0
    assert doctor(archive, releases)[1]["releases"] == ("well", f"{release.release_id}, whole", "")


def test_bad_catalogue(archive: Path, releases: Path, tmp_path: Path) -> None:
    bad = tmp_path / "portals.csv"
    bad.write_text("code,name,level,home_url\n999999,无,county,http://a.example/\n", encoding="utf-8")
    code, found = doctor(archive, releases, "--portals", str(bad))
    assert (code, found["catalogue"][0]) == (1, "amiss")
    assert "999999" in found["catalogue"][1]
    assert found["catalogue"][2] == f"gongkai portals check --portals {bad}"


# WACZ


def test_wacz_is_opened_by_its_own_validator_and_holds_what_the_archive_holds(archive: Path, tmp_path: Path) -> None:
    pytest.importorskip("wacz", reason="WACZ needs the extra wacz")
    place = tmp_path / "archive.wacz"
    told = runner.invoke(app, ["archive", "export", "--archive", str(archive), "--wacz", str(place)])
    assert (told.exit_code, told.stdout) == (0, ""), told.stderr
    validator = [sys.executable, "-m", "wacz.main", "validate", "--file", str(place)]
    program = [sys.executable, "-c", "import sys; from wacz.main import main; sys.exit(main(sys.argv[1:]))"]
    done = subprocess.run([*program, *validator[3:]], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "is valid" in done.stdout
    with zipfile.ZipFile(place) as opened:
        assert json.loads(opened.read("datapackage.json"))["profile"] == "data-package"
        (packed,) = [name for name in opened.namelist() if name.endswith(".warc.gz")]
        (warc,) = archive.glob("*.warc.gz")
        assert opened.read(packed) == warc.read_bytes()
    again = runner.invoke(app, ["archive", "export", "--archive", str(archive), "--wacz", str(place)])
    assert again.exit_code == 2
    assert "is there already" in again.stderr


@pytest.mark.slow
def test_wacz_is_replayed(archive: Path, tmp_path: Path) -> None:
    """By pywb, a player of web archives, which stands in an environment of its own: its packages do not fit ours."""
    pytest.importorskip("wacz", reason="WACZ needs the extra wacz")
    manager = shutil.which("wb-manager")
    if manager is None:
        pytest.skip("the player pywb is not on PATH: make player, and $(VENV)/player/bin on PATH")
    place = tmp_path / "archive.wacz"
    runner.invoke(app, ["archive", "export", "--archive", str(archive), "--wacz", str(place)])
    for words in (["init", "c"], ["add", "--unpack-wacz", "c", str(place)]):
        subprocess.run([manager, *words], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    python = Path(manager).resolve().with_name("python")
    program = (
        "from pywb.apps.frontendapp import FrontEndApp; from werkzeug.test import Client\n"
        "answer = Client(FrontEndApp(config_file=None, custom_config={'debug': True}))"
        ".get('/c/mp_/http://a.example/1.html'); print('answered', answer.status_code)\n"
        "print(answer.get_data(as_text=True))\n"
    )
    done = subprocess.run(
        [python, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert "answered 200\n" in done.stdout, done.stderr
    assert "宿迁市" in done.stdout.partition("answered 200")[2]


# Versions


def test_archive_of_version_1_is_read_and_built(tmp_path: Path) -> None:
    shutil.copytree(VERSION_1, tmp_path / "old")
    with Archive(tmp_path / "old" / "archive") as opened:
        (capture,) = opened.captures()
        assert "人民政府" in opened.read(capture).decode()
        assert [outcome.outcome for outcome in opened.outcomes()] == ["found"]
    assert verify(tmp_path / "old" / "archive") == []
    assert reindex(tmp_path / "old" / "archive") == 1
    assert verify(tmp_path / "old" / "archive") == []


def test_release_of_version_1_is_read_and_followed_by_the_next(tmp_path: Path) -> None:
    shutil.copytree(VERSION_1, tmp_path / "old", symlinks=True)
    releases = tmp_path / "old" / "releases"
    old = load_release(releases)
    assert old.manifest["schema_version"] == "1.0"
    assert verify_release(old.path) == []
    told = runner.invoke(app, ["build", "--archive", str(tmp_path / "old" / "archive"), "--releases", str(releases)])
    assert told.exit_code == 0, told.stderr
    new = load_release(releases)
    assert new.rows["reports"] == old.rows["reports"] == 1
    assert new.release_id == old.release_id or new.manifest["previous"] == old.release_id


def test_newer_index_is_refused_and_not_rebuilt(archive: Path) -> None:
    with closing(sqlite3.connect(archive / INDEX_NAME)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(NewerIndexError, match="index version 2, this gongkai reads 1; update gongkai"):
        mend(archive)
    told = runner.invoke(app, ["archive", "list", "--archive", str(archive)])
    assert (told.exit_code, told.stdout) == (2, "")
    assert "update gongkai" in " ".join(told.stderr.split())


def test_older_index_is_rebuilt(archive: Path) -> None:
    with closing(sqlite3.connect(archive / INDEX_NAME)) as connection:
        connection.execute("PRAGMA user_version = 0")
    with pytest.raises(ArchiveError, match="out of date"):
        Archive(archive)
    (told,) = mend(archive)
    assert told.endswith("index version 0 is out of date; rebuilt: 1 captures")
    assert mend(archive) == []


def test_newer_release_is_refused(releases: Path) -> None:
    release = load_release(releases)
    manifest = json.loads((release.path / "release.json").read_text(encoding="utf-8"))
    manifest["schema_version"] = "2.0"
    (release.path / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"release version 2\.0, this gongkai reads 1\.0; update gongkai"):
        load_release(releases)
