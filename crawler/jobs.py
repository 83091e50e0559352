"""What a visit has to do: one request each, and what its answer is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from crawler.columns import Column
    from crawler.discovery import Discovery, Want
    from crawler.families.links import Link
    from crawler.families.reading import Ask, End
    from crawler.outcomes import Report
    from crawler.page import Page


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that a list calls a report of this portal; ``body`` is empty for the government's own.

    ``column`` is the year of the list, where it is for one; ``doubt`` says why the report's year is doubtful. Of a
    ``spare`` one the list does not say that it is a report.
    """

    link: Link
    year: int | None
    doubt: str
    body: str = ""
    column: int | None = None
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Quest:
    """A discovery under way, and the generator that asks for its pages."""

    discovery: Discovery
    pages: Generator[Want, Page, End | None]


@dataclass(frozen=True, slots=True)
class Job:
    """One request to make, and what its answer is for."""

    kind: str
    ask: Ask
    title: str
    date: str
    subject: Column | Candidate | Report | Quest
    referer: str = ""
    hops: int = 0
