"""docs/reliability.md: which faults are injected by which tests, how often, and what happened."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "reliability.md"
HEAD = """# Faults survived

Each fault is injected by tests, on loopback or on a file system of the test's own. After each, nothing that had been
received is lost, the next run completes, and the summary says what happened; where a row's tests assert less than that,
they stand beside others of the same row that do. The table is written by the test run:

```sh
python -m pytest -m fault --write-reliability
```

| fault | injected | tests | result |
| --- | ---: | --- | --- |
"""


class Seen(NamedTuple):
    """One test that ran: its fault, its name, how often it injected the fault, and whether it passed."""

    fault: str
    test: str
    injected: int
    passed: bool


def write(seen: Iterable[Seen]) -> None:
    """Write the table of a run."""
    faults: dict[str, list[Seen]] = {}
    for each in seen:
        faults.setdefault(each.fault, []).append(each)
    rows = []
    for fault, tests in sorted(faults.items()):
        failed = sum(not each.passed for each in tests)
        names = ", ".join(f"`{name}`" for name in sorted({each.test for each in tests}))
        result = f"{failed} of {len(tests)} failed" if failed else "survived"
        rows.append(f"| {fault} | {sum(each.injected for each in tests)} | {names} | {result} |")
    DOCUMENT.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def written() -> set[tuple[str, str]]:
    """Return fault and test as the document has them."""
    found = set()
    for line in DOCUMENT.read_text(encoding="utf-8").removeprefix(HEAD).splitlines():
        fault, _, tests, result = (cell.strip() for cell in line.strip("|").split(" | "))
        assert result == "survived", line
        found |= {(fault, name.strip("`")) for name in tests.split(", ")}
    return found


def marked(marker: str = "fault") -> set[tuple[str, str]]:
    """Return the first argument of a marker and the test's name, as the tests' source has them."""
    found = set()
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found |= {(name, node.name) for name in _names(node, marker)}
    return found


def _names(node: ast.FunctionDef | ast.AsyncFunctionDef, marker: str) -> Iterator[str]:
    for each in (part for decorator in node.decorator_list for part in ast.walk(decorator)):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr == marker:
            (first, *_) = each.args
            assert isinstance(first, ast.Constant), f"{node.name}: the name of a {marker} is written out"
            yield str(first.value)
