"""What flows through the normalizer: documents, tables, figures and reports.

What a report holds by the hundred are structs that the garbage collector need not look at: none refers to itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

Status = Literal["reported", "blank", "not_applicable", "text", "ambiguous", "unreadable", "missing"]
Severity = Literal["hard", "soft", "note"]
Result = Literal["pass", "fail", "not_evaluable"]


class RawCell(Struct, gc=False):
    """One cell as the source holds it, before spans are expanded.

    ``text`` is as printed (line breaks kept), ``rowspan`` and ``colspan`` are at least 1. ``flags`` are for the figure
    that stands here; among them ``unreadable`` says that the text is not to be trusted. ``markup`` is the cell as the
    source writes it, where that was asked for.
    """

    text: str
    rowspan: int = 1
    colspan: int = 1
    flags: tuple[str, ...] = ()
    markup: str = ""


# A table's flag: it only tells that the document holds a table of which no row could be told.
NOT_READ = "not_read"


@dataclass(slots=True)
class RawTable:
    """Rows of cells as a reader found them; ``page`` counts from 1, 0 where the source has no pages.

    ``loose`` holds the numbers of the rows whose cell borders the source lost: their values may not be counted.
    ``flags`` are for every figure of the table; ``row_pages`` holds the page of each row where pages cut the table.
    """

    rows: list[list[RawCell]]
    page: int = 0
    loose: frozenset[int] = frozenset()
    flags: tuple[str, ...] = ()
    row_pages: tuple[int, ...] = ()


@dataclass(slots=True)
class TextBlock:
    """One stretch of text between tables, line breaks kept."""

    text: str


@dataclass(slots=True)
class Document:
    """What a reader makes of bytes: text blocks and raw tables in reading order, and what the page says of itself.

    ``metas`` maps lower-case names of ``<meta>`` elements to their content, ``title`` is the document title,
    ``reader`` names the reader, ``flags`` what it had to bend (``mojibake``, ``truncated`` ...).
    """

    reader: str
    parts: list[TextBlock | RawTable]
    title: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)


class Figure(Struct, gc=False):
    """One statutory cell: its indicator, what stands there, and where.

    ``value`` is a number only where ``status`` is ``reported``, or where the flag ``inferred`` says it was worked out;
    ``unit`` is as printed for money (元, 万元, 亿元, or empty where none is printed) and empty for counts.
    ``applicant`` is a column of table three (``natural_person`` ... ``total``) or empty.
    ``table_no``, ``row_no`` and ``col_no`` count from 0 within the document; -1 where the cell is missing.
    """

    indicator: str
    applicant: str
    value: float | None
    unit: str
    status: Status
    raw: str
    flags: tuple[str, ...] = ()
    page: int = 0
    table_no: int = -1
    row_no: int = -1
    col_no: int = -1


class Check(Struct, gc=False):
    """One identity of the codebook, evaluated on one report; ``cells`` names what was used."""

    check: str
    applicant: str
    severity: Severity
    result: Result
    left: float | None
    right: float | None
    difference: float | None
    cells: tuple[str, ...]


@dataclass(slots=True)
class Narrative:
    """One figure stated in prose, with its quote and the quote's offsets in the section's text.

    ``approximate``: the words say 余, 多, 约 or the like.
    """

    indicator: str
    value: float
    unit: str
    cumulative: bool
    section: str
    quote: str
    start: int
    end: int
    approximate: bool = False


@dataclass(slots=True)
class Section:
    """One chapter's text; ``section`` is the chapter's key (``1`` ... ``6``, or ``0`` before the first)."""

    section: str
    heading: str
    text: str


class Leftover(Struct, gc=False):
    """A cell that could not be placed, with the reason."""

    table_no: int
    row_no: int
    col_no: int
    raw: str
    reason: str


@dataclass(slots=True)
class Report:
    """One report as read from one document.

    ``form`` is ``2008``, ``2014``, ``2019``, ``2021`` or empty where the document holds no statutory table.
    Dates are ISO strings, empty where not stated. ``report_year`` is 0 where it is unknown. ``tables`` are the
    document's tables, those rebuilt from its text last, by the numbers that figures and leftovers give.
    """

    form: str
    body: str
    body_level: str
    scope: str
    division_code: str
    report_year: int
    title: str
    published: str
    period_start: str
    period_end: str
    reader: str
    media_type: str
    figures: list[Figure] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    narrative: list[Narrative] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    tables: list[RawTable] = field(default_factory=list)
