"""Who may import whom: crawler and normalizer meet in files, and reading one report needs no crawler and no pandas."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# What one report needs, from its bytes to its checked figures.
ENTRY = "normalize.document"
EDGES = {"pandas", "duckdb"}
CRAWLER_SIDE = {"crawler", "scrapy", "twisted", "aiohttp", "warcio"}


def module_files() -> dict[str, Path]:
    """All modules of the project by dotted name."""
    files = [
        *ROOT.glob("*.py"),
        *(
            path
            for folder in ("commands", "crawler", "normalize", "captures", "operations", "explorer")
            for path in (ROOT / folder).rglob("*.py")
        ),
    ]
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def imports(path: Path) -> set[str]:
    """The dotted names that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import in line {node.lineno}"
            base = node.module or ""
            found.update({base, *(f"{base}.{alias.name}" for alias in node.names)})
    return found


def roots(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


MODULES = module_files()
IMPORTS = {name: imports(path) for name, path in MODULES.items()}


def reached(start: str) -> set[str]:
    """The project's modules that importing ``start`` brings in."""
    todo, seen = [start], set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        packages = {name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1)}
        todo += [other for other in (IMPORTS[name] | packages) & MODULES.keys() if other not in seen]
    return seen


def test_the_walk_sees_the_project() -> None:
    assert {
        "crawler.spiders.reports",
        "normalize.document",
        "normalize.readers.html",
        "captures",
        "gongkai",
    } <= MODULES.keys()
    assert "normalize.checks" in reached(ENTRY)
    assert "scrapy" in roots(IMPORTS["crawler.spiders.reports"])


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.partition(".")[0] == "crawler"))
def test_crawler_does_not_know_the_normalizer(name: str) -> None:
    assert not roots(IMPORTS[name]) & {"normalize", "gongkai"}


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.partition(".")[0] == "normalize"))
def test_normalizer_does_not_know_the_crawler(name: str) -> None:
    assert not roots(IMPORTS[name]) & {*CRAWLER_SIDE, "gongkai"}


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.partition(".")[0] == "captures"))
def test_the_archive_reader_knows_neither(name: str) -> None:
    assert not roots(IMPORTS[name]) & {"crawler", "normalize", "gongkai", "scrapy"}


def test_a_module_knows_one_side_but_for_the_run_that_joins_them() -> None:
    assert [name for name in sorted(MODULES) if {"crawler", "normalize"} <= roots(IMPORTS[name])] == ["operations.run"]


def test_only_the_command_line_and_unattended_runs_know_both() -> None:
    sides = [
        {"crawler", "normalize"} & {root for part in reached(name) for root in roots(IMPORTS[part])} for name in MODULES
    ]
    both = {name for name, known in zip(MODULES, sides, strict=True) if known == {"crawler", "normalize"}}
    assert both == {"gongkai", "commands.demo", "commands.exploring", "commands.operating", "operations.run"}


@pytest.mark.parametrize("name", sorted(reached(ENTRY)))
def test_reading_a_report_needs_no_edge(name: str) -> None:
    assert not roots(IMPORTS[name]) & (EDGES | CRAWLER_SIDE)
    assert not name.startswith(("normalize.diff", "normalize.release", "normalize.panel"))
