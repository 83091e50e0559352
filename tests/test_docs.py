"""The worked examples of the pages for researchers and contributors run, and what the pages link to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("researchers", "operators", "contributors")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def text(page: str) -> str:
    return (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "blocks"), [("researchers", 4), ("contributors", 4)])
def test_the_examples_run(page: str, blocks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = BLOCK.findall(text(page))
    assert len(found) == blocks
    names: dict[str, object] = {"folder": str(tmp_path)}
    for code in found:
        assert "assert " in code
        exec(code, names)  # noqa: S102 - the page's own code


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page: str) -> None:
    linked = re.findall(r"\]\(([\w./-]+)\)", text(page))
    assert linked or page == "contributors"
    for target in linked:
        assert (ROOT / "docs" / target).exists(), target
