"""How a family reads a column: it asks for pages one by one and says how the list ended."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.page import Page

# A report column rarely has more than 20 pages; one of all documents has 100 and more. What has more never ends.
MAX_PAGES = 150


@dataclass(frozen=True, slots=True)
class Ask:
    """A further page wanted; a form or a JSON text makes it a POST.

    ``named`` says that the list's own page names this endpoint, which may then be on another site.
    """

    url: str
    form: tuple[tuple[str, str], ...] = ()
    json: str = ""
    named: bool = False

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "POST" if self.form or self.json else "GET"

    @property
    def body(self) -> str:
        """What a POST sends."""
        return self.json or urlencode(self.form)

    @property
    def media_type(self) -> str:
        """The media type of ``body``, empty for a GET."""
        if self.json:
            return "application/json"
        return "application/x-www-form-urlencoded" if self.form else ""


@dataclass(frozen=True, slots=True)
class End:
    """How a list ended: ``code`` is empty where the end is proved, and ``detail`` gives the proof or the fault."""

    code: str
    detail: str

    @property
    def proved(self) -> bool:
        """Whether the list was read to a proved end."""
        return not self.code


class PageError(Exception):
    """A page asked for did not come; ``code`` is the outcome's code, ``detail`` says what happened.

    ``stops`` says that its host is to be left alone.
    """

    def __init__(self, code: str, detail: str, *, stops: bool = False) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.stops = stops


Reading = Generator[Ask, "Page", End]


class Family(Protocol):
    """One content management system's way to write a list."""

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        ...

    def recognise(self, page: Page) -> bool:
        """Tell whether a list page is this family's."""
        ...

    def read(self, page: Page, found: Links) -> Reading:
        """Read a column from its first page on into ``found``: a page asked for is sent back, or PageError thrown."""
        ...


def attempt(ask: Ask) -> Generator[Ask, Page, Page | None]:
    """Ask for a page that may not exist; None where it does not, other faults are raised."""
    try:
        return (yield ask)
    except PageError as failure:
        if failure.code != "soft404":
            raise
        return None
