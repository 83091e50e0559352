"""What a view is made of: choices and blocks, which the app and the static pages each show in their own way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

Language = Literal["zh", "en"]
# How a cell or a text is coloured; each tone has a sign of its own beside the colour.
Tone = Literal["", "quiet", "blank", "doubt", "missing", "up", "down", "other", "good", "error", "note"]
# So many rows are shown; the csv holds all.
SHOWN_ROWS = 300


@dataclass(frozen=True, slots=True)
class Link:
    """Another view and what it is asked."""

    view: str
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a shown table; ``title`` is what a pointer resting on it tells.

    ``head`` makes it the head of a row or of a column; ``across`` and ``down`` say how far it reaches.
    """

    text: str
    tone: Tone = ""
    to: Link | None = None
    title: str = ""
    number: bool = False
    head: Literal["", "row", "col"] = ""
    across: int = 1
    down: int = 1


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part of a view."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; shown as it is, never as markup."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of cells; without a ``head`` its rows bring their own.

    ``frame`` is what its csv holds, ``total`` how many rows there are where not all are shown.
    """

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    frame: pd.DataFrame | None = None
    total: int = 0


@dataclass(frozen=True, slots=True)
class Pick:
    """What a click in a chart leads to: a view, asked what the named fields of the mark hold, and ``fixed``."""

    view: str
    fields: Mapping[str, str]
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, drawn only when it is shown: drawing needs the extra ``explore``."""

    name: str
    alt: str
    draw: Callable[[], Any]
    pick: Pick | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Two texts side by side as pieces: ``same``, ``old`` (only left) or ``new`` (only right)."""

    heading: str
    pieces: Sequence[tuple[Literal["same", "old", "new"], str]]


@dataclass(frozen=True, slots=True)
class Words:
    """Markdown of our own, never of a report."""

    text: str


@dataclass(frozen=True, slots=True)
class Archived:
    """An archived page, already made harmless, for a frame of its own; ``anchor`` is the element to show first."""

    html: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as PNG."""

    png: bytes
    caption: str


Block = Heading | Text | Table | Chart | Changes | Words | Archived | Picture


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose, by the name it has in the address; ``options`` maps values to labels.

    ``clears`` are names in the address that mean nothing once this one has changed.
    """

    name: str
    label: str
    options: Mapping[str, str]
    value: str
    clears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A view as it was asked for."""

    title: str
    blocks: Sequence[Block]
    choices: Sequence[Choice] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a view, and the language."""

    values: Mapping[str, str]
    language: Language = "zh"

    def get(self, name: str, default: str = "") -> str:
        """The value of one name, or the default."""
        return self.values.get(name) or default

    def either(self, chinese: str, english: str) -> str:
        """One of two texts, by the language; the other where it is empty."""
        return (chinese or english) if self.language == "zh" else (english or chinese)

    def year(self, name: str = "year") -> int | None:
        """A year; None where the address names none."""
        value = self.get(name)
        return int(value) if value.isdecimal() and len(value) <= 4 else None
