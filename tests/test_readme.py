"""What the README says: its Python runs on the sample release, and both languages say the same."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gongkai import app

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh.md")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [code for found, code in BLOCK.findall(text) if found == language]


PYTHON = blocks("README.md", "python")


def test_there_are_python_blocks() -> None:
    assert len(PYTHON) == 3


@pytest.mark.parametrize("code", PYTHON, ids=["sample", "pandas", "duckdb"])
def test_python_runs(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(code.replace("data/releases/latest", "data/sample"), names)  # noqa: S102 - the README's own code


@pytest.mark.parametrize("language", ["python", "r", "csv"])
def test_both_languages_hold_the_same_code(language: str) -> None:
    assert blocks(READMES[0], language) == blocks(READMES[1], language) != []


def test_both_languages_hold_the_same_commands() -> None:
    commands = [[line.split("#")[0].rstrip() for line in "".join(blocks(name, "sh")).splitlines()] for name in READMES]
    assert commands[0] == commands[1] != []


def test_both_languages_have_the_same_outline() -> None:
    outlines = [re.findall(r"^(#+) ", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE) for name in READMES]
    assert outlines[0] == outlines[1]
    assert len(outlines[0]) > 8


def test_every_command_exists() -> None:
    lines = [line for line in "".join(blocks("README.md", "sh")).splitlines() if line.startswith("gongkai ")]
    assert len(lines) >= 5
    for line in lines:
        command = shlex.split(line.split(">")[0], comments=True)[1]
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0, line
