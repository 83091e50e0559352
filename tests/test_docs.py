"""The worked examples of the pages for researchers and contributors run, and what the pages link to is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("researchers", "operators", "contributors")
BLOCK = re.compile(r"```(\w+)\n(?:# file: (\S+)\n)?(.*?)```", re.DOTALL)
# What the examples for contributors add to and run.
CODE = ("crawler", "captures", "normalize", "tests/portals", "data/codebook")
FILES = ("tests/__init__.py", "data/portals.csv", "data/divisions.csv")
SECONDS = 120


def text(page: str) -> str:
    return (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")


def test_the_examples_for_researchers_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = [code for kind, _, code in BLOCK.findall(text("researchers")) if kind == "python"]
    assert len(found) == 4
    names: dict[str, object] = {}
    for code in found:
        assert "assert " in code
        exec(code, names)  # noqa: S102 - the page's own code


def test_what_contributors_add_works(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for name in CODE:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    blocks = BLOCK.findall(text("contributors"))
    assert [kind for kind, *_ in blocks].count("python") == 6
    assert [file for kind, file, _ in blocks if kind == "csv"][-1] == "data/codebook/checks.csv"
    script = [f"folder = {str(tmp_path)!r}"]
    for kind, file, code in blocks:
        if kind == "diff":
            apply(copy, code)
        elif kind == "csv":
            with (copy / file).open("a", encoding="utf-8") as opened:
                opened.write(code)
        elif file:
            assert not (copy / file).exists()
            (copy / file).write_text(code, encoding="utf-8")
        else:
            assert "assert " in code
            script.append(code)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(script)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def apply(folder: Path, change: str) -> None:
    """Apply what a page shows as a change of one file: each run of old lines becomes the new lines below it."""
    head, _, body = change.partition("\n")
    file = folder / head.removeprefix("--- ")
    content = file.read_text(encoding="utf-8")
    for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", body, re.MULTILINE):
        before, after = (re.sub(r"^[-+]", "", lines, flags=re.MULTILINE).rstrip("\n") for lines in (old, new))
        assert content.count(before) == 1, before
        content = content.replace(before, after)
    file.write_text(content, encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page: str) -> None:
    linked = re.findall(r"\]\(([\w./-]+)\)", text(page))
    assert linked or page == "contributors"
    for target in linked:
        assert (ROOT / "docs" / target).exists(), target
