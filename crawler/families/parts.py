"""Lists that an endpoint sends in parts: ask for one after the other until the stated rows or pages are reached."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from crawler.families.links import anchors, canonical
from crawler.families.reading import MAX_PAGES, End, PageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from crawler.families.links import Link, Links
    from crawler.families.reading import Ask, Reading
    from crawler.page import Page

    # Makes the request for a part from its number and the count of rows read so far.
    Way = Callable[[int, int], Ask]

TURN = re.compile(r"^(\d{1,4}|[首尾末]页|[上下前后]一?页|[<>«»]+)$")


@dataclass(frozen=True, slots=True)
class Part:
    """One reply of a list: its rows by what tells them apart, and how many rows or pages the list states to have.

    A row has a link where it names an article; without one it counts towards the total too.
    """

    rows: Mapping[str, Link | None]
    total: int | None = None
    pages: int | None = None


def in_parts(
    ways: Iterable[Way],
    parse: Callable[[Page], Part | None],
    found: Links,
    first: Part | None = None,
    *,
    size: int = 0,
) -> Reading:
    """Read a list to its stated end, in the first way of asking that gets there.

    ``first`` is the part that the list's own page holds, if it holds one. ``parse`` gives None for a reply that is no
    part of a list. A part without a new row ends a way, never the list. ``size`` is how many rows are asked for at a
    time: where no total is stated, a shorter reply before an empty one is the last.
    """
    parts = Parts(parse, found, size)
    if first:
        parts.take(first)
    for way in ways:
        yield from parts.follow(way)
    return parts.end()


def rows_on(page: Page) -> dict[str, Link | None]:
    """Return the links of an HTML reply as rows, but for those that turn its pages."""
    return {canonical(link.url): link for link in anchors(page) if not TURN.match(link.title)}


@dataclass(slots=True)
class Parts:
    """What has been read of a list: its rows, the size that it states, the faults met on the way."""

    parse: Callable[[Page], Part | None]
    found: Links
    size: int = 0
    rows: set[str] = field(default_factory=set)
    total: int | None = None
    pages: int | None = None
    number: int = 0
    asked: int = 0
    answered: bool = False
    lengths: list[int] = field(default_factory=list)
    emptied: bool = False
    where: str = ""
    fault: PageError | None = None

    @property
    def complete(self) -> bool:
        """Whether as many rows or pages have been read as the list states to have."""
        if self.total is not None:
            return len(self.rows) >= self.total
        return self.pages is not None and self.number >= self.pages

    def take(self, part: Part) -> bool:
        """Take in a part and tell whether it brought a row that is new."""
        fresh = part.rows.keys() - self.rows
        self.answered = True
        self.rows |= fresh
        self.found.add(link for link in part.rows.values() if link)
        self.number += bool(fresh)
        if fresh:
            self.lengths.append(len(part.rows))
        self.emptied = not part.rows
        # A total of nought beside rows is no statement.
        self.total = part.total if part.total or not self.rows else self.total
        self.pages = part.pages or self.pages
        return bool(fresh)

    def follow(self, way: Way) -> Generator[Ask, Page, None]:
        """Ask in one way for what is still missing, until the list is complete or a part brings nothing new."""
        for number in count(self.number + 1):
            if self.complete or self.asked >= MAX_PAGES:
                return
            ask = way(number, len(self.rows))
            self.asked += 1
            self.where = self.where or ask.url.partition("?")[0]
            try:
                part = self.parse((yield ask))
            except PageError as error:
                # Another way may be let in; if none is, this fault is the list's.
                self.fault = self.fault if error.code == "soft404" else error
                return
            if part is None or not self.take(part):
                return

    def end(self) -> End:
        """Return how the list ended."""
        size = f"{self.total} records" if self.total is not None else f"{self.pages} pages"
        read = self.number if self.total is None and self.pages is not None else len(self.rows)
        if not self.rows:
            return self._nothing()
        if self.complete:
            return End("", f"total of {size} reached")
        if self.asked >= MAX_PAGES:
            return End("budget_exhausted", f"{read} of {size} in {self.asked} replies")
        if self.fault:
            return End(self.fault.code, self.fault.detail)
        return (
            self._without_total()
            if self.total is None and self.pages is None
            else End("paging_stuck", f"{read} of {size}: {self.where} gives no more")
        )

    def _without_total(self) -> End:
        if self._runs_out():
            return End("", f"reply {len(self.lengths)} is shorter than those before, and the next is empty")
        return End("paging_stuck", f"{len(self.rows)} records, and {self.where} states no total")

    def _runs_out(self) -> bool:
        """Whether the last reply with rows was a short one: a server may give fewer at a time than it is asked for."""
        *before, last = self.lengths
        return self.emptied and last < max(before, default=self.size)

    def _nothing(self) -> End:
        if self.fault:
            return End(self.fault.code, self.fault.detail)
        if self.answered:
            return End("empty_list", f"{self.where} lists nothing")
        return End("js_list", f"{self.where} answers with no list")
