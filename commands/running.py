"""What crawls and surveys share on the command line: their settings, and a sign of life."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from commands.console import err, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def scrapy_settings(pairs: Sequence[str]) -> dict[str, str]:
    """Read pairs written as NAME=VALUE."""
    settings: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            fail(f"-s {pair}: write NAME=VALUE")
        settings[name] = value
    return settings


@contextmanager
def progress_line(what: str) -> Iterator[Callable[[str, int], None]]:
    """Show what a crawl tells of: portals, pages and reports so far."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as progress:
        task = progress.add_task(what)
        counts: Counter[str] = Counter()

        def show(kind: str, count: int) -> None:
            counts[kind] += count
            progress.update(
                task,
                description=f"{counts['portal']} portals done, {counts['response']} pages, {counts['report']} reports",
            )

        yield show
