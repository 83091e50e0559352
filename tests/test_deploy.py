"""The examples in deploy/ fit the program: its options, its settings, its exit codes, its files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.operating import Exit
from gongkai import app

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
HELP = CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "300", "NO_COLOR": "1"}).stdout
EVERY = "\n".join(path.read_text(encoding="utf-8") for path in sorted(DEPLOY.iterdir()))
GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


def test_settings_are_those_of_the_command() -> None:
    known = set(re.findall(r"GONGKAI_[A-Z_]+", HELP))
    assert len(known) == 14
    assert set(re.findall(r"GONGKAI_[A-Z_]+", EVERY)) <= known
    assert set(re.findall(r"GONGKAI_[A-Z_]+", GUIDE)) - {"GONGKAI_SOAK"} == known


def test_options_are_those_of_the_command() -> None:
    used = {option for line in re.findall(r"gongkai run(.*)", EVERY) for option in re.findall(r"--[a-z-]+", line)}
    assert used == {"--format", "--log-json"}
    assert all(option in HELP for option in used)


def test_exit_codes_are_documented() -> None:
    assert [int(code) for code in re.findall(r"^\| (\d) \|", GUIDE, re.MULTILINE)] == list(Exit)
    assert f"SuccessExitStatus={Exit.LOCKED.value} {Exit.STOPPED.value}" in EVERY


def test_container_copies_what_there_is() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages <= set(copied)


def test_units_are_sound(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here")
    for unit in ("gongkai.service", "gongkai.timer"):
        text = (DEPLOY / unit).read_text(encoding="utf-8")
        (tmp_path / unit).write_text(text.replace("/opt/gongkai/venv/bin/gongkai", "/bin/true"), encoding="utf-8")
    units = [str(tmp_path / unit) for unit in ("gongkai.service", "gongkai.timer")]
    done = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_line_for_cron_takes_the_settings_as_they_stand(tmp_path: Path) -> None:
    lines = (DEPLOY / "gongkai.cron").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line[0].isdigit()]
    assert "%" not in line  # cron makes a line break of it
    command = re.sub(r"^\S+ \S+ \S+ \S+ \S+ gongkai ", "", line)
    settings = (DEPLOY / "gongkai.env").read_text(encoding="utf-8")
    notify = "mailtos://u:p&$(id)@mail.example.org?to=a@example.org&from=b@example.org jsons://h/'x'"
    (tmp_path / "env").write_text(f"{settings}GONGKAI_NOTIFY={notify}", encoding="utf-8")
    program = tmp_path / "gongkai"
    program.write_text('#!/bin/sh\necho "$*"; env\n', encoding="utf-8")
    program.chmod(0o755)
    for place, own in (
        ("/etc/gongkai.env", tmp_path / "env"),
        ("/opt/gongkai/venv/bin/gongkai", program),
        ("/var/lib/gongkai/cron.log", tmp_path / "log"),
    ):
        assert place in command
        command = command.replace(place, str(own))
    subprocess.run(["/bin/sh", "-c", command], env={"PATH": "/usr/bin:/bin"}, check=True, timeout=30)
    told = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert told[0] == "run --format markdown"
    assert {line for line in told if line.startswith("GONGKAI_")} == {
        line for line in settings.splitlines() if line.startswith("GONGKAI_")
    } | {f"GONGKAI_NOTIFY={notify}"}


def test_schedule_keeps_what_a_failed_run_received() -> None:
    text = (DEPLOY / "schedule.yml").read_text(encoding="utf-8")
    restore, run, save = (text.index(word) for word in ("cache/restore@", "- run: gongkai run", "cache/save@"))
    assert restore < run < text.index("if: always()") < save
    assert f"|| [ $? -eq {Exit.STOPPED.value} ]" in text
    assert text.count("key: state-${{ github.run_id }}") == 2


def test_every_command_reads_the_places_of_the_schedule() -> None:
    for words in (
        *(["doctor"], ["status"], ["archive", "verify"], ["build"], ["check"], ["crawl"], ["runs", "list"]),
        *(["explore"], ["portals", "check"], ["portals", "discover"]),
    ):
        told = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "300", "NO_COLOR": "1"}).stdout
        for place in ("archive", "releases", "portals", "state", "divisions"):
            assert (f"--{place} " in told) == (f"GONGKAI_{place.upper()}" in told), (words, place)
        # A catalogue of one's own has divisions of its own.
        assert ("--portals " in told) == ("--divisions " in told), words
