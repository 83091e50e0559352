"""What the explorer was started with; the server and the app run in one process and meet here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """The places: releases, the archive that sources are shown from, the records of unattended runs (``state``).

    ``families`` are those that the catalogue names.
    """

    releases: Path
    archive: Path
    state: Path
    families: Mapping[str, str] = field(default_factory=dict)


_current = [Settings(Path("data/releases"), Path("data/archive"), Path("data/operations"))]


def use(settings: Settings) -> None:
    """Set what the app of this process looks at."""
    _current[0] = settings


def current() -> Settings:
    """What the app of this process looks at."""
    return _current[0]
