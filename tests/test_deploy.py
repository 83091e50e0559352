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
