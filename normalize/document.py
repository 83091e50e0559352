"""One document to one report: the function behind ``gongkai read`` and ``gongkai build``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.annexes import FORM as ANNEX_FORM
from normalize.checks import run_checks
from normalize.flow import rebuild
from normalize.grid import GridTooLargeError
from normalize.headings import Heading, read_heading
from normalize.model import Document, RawTable, Report, TextBlock
from normalize.narrative import LAST_YEAR_OF_2008, read_narrative
from normalize.placing import Tables, place
from normalize.readers import UnreadableDocument, read
from normalize.row_lines import rebuild_rows
from normalize.sections import read_sections
from normalize.sums import doubt_sums
from normalize.units import doubt_units

if TYPE_CHECKING:
    from normalize.forms import Reading

_CHARSET = re.compile(r"charset=\s*[\"']?([\w-]+)", re.IGNORECASE)
_TABLES = ("proactive.", "apply.", "review.")


def read_document(
    data: bytes,
    *,
    name: str | None = None,
    url: str | None = None,
    media_type: str | None = None,
    division_code: str = "",
    list_title: str = "",
    keep_markup: bool = False,
) -> Report:
    """Read one document: whose report it is, of which year, and every cell of its statutory tables.

    ``name`` and ``url`` only name the document in an error: what the bytes are, they alone tell. A charset in
    ``media_type`` (``text/html; charset=gbk``) counts as the label that came with them. ``division_code`` and
    ``list_title`` are those of the portal and its list, and stand in where the document is silent. ``keep_markup``
    keeps the markup of each cell of an HTML page in the report's tables.
    Raises UnreadableDocument where no reader can read the bytes.
    """
    label = _CHARSET.search(media_type or "")
    try:
        return _read_document(data, label[1] if label else "", division_code, list_title, keep_markup=keep_markup)
    except UnreadableDocument as error:
        named = name or url
        raise UnreadableDocument(error.code, f"{named}: {error}" if named else str(error)) from error


def _read_document(
    data: bytes, charset: str, division_code: str, list_title: str, *, keep_markup: bool = False
) -> Report:
    document, kind = read(data, charset=charset, keep_markup=keep_markup)
    heading = read_heading(document, portal_code=division_code, list_title=list_title)
    tables, reading = _read_figures(document, heading)
    if not reading.form and "hidden_dropped" in document.flags:
        hidden, _ = read(data, charset=charset, keep_hidden=True, keep_markup=keep_markup)
        more, again = _read_figures(hidden, heading)
        if again.form:
            document, tables, reading = hidden, more, again
            document.flags.append("hidden_content")
    report = _report(document, kind, heading, reading)
    report.tables = [table for table, _ in tables]
    return report


def _report(document: Document, kind: str, heading: Heading, reading: Reading) -> Report:
    """Put the report together.

    A report without tables has no form and the flag ``no_tables``; before there was a national form (report years up to
    2013), one that states figures in prose is of form 2008 all the same, with the flag and without figures rows.
    """
    flags = {*document.flags, *heading.flags, *reading.flags}
    if "hidden_dropped" in flags and reading.form and all(figure.status != "missing" for figure in reading.figures):
        # What was hidden beside whole tables was a copy or an ornament; beside a gap it may be the missing cell.
        flags.discard("hidden_dropped")
    if not reading.form:
        flags.add("no_tables")
    elif 0 < heading.report_year < int(reading.form) - 1:
        # A form cannot be older than itself, save that the report comes out late.
        flags.add("year_conflict")
    sections = read_sections(document)
    narrative = read_narrative(sections, reading.form, heading.report_year, heading.body)
    in_prose = bool(narrative) and 0 < heading.report_year <= LAST_YEAR_OF_2008
    figures = doubt_units(reading.figures, heading.body_level)
    checks = (
        run_checks(
            reading.form,
            figures,
            heading.body_level,
            narrative=narrative,
            leftovers=reading.leftovers,
            years=heading.years,
        )
        if reading.form
        else []
    )
    return Report(
        form=reading.form or (ANNEX_FORM if in_prose else ""),
        body=heading.body,
        body_level=heading.body_level,
        scope=heading.scope,
        division_code=heading.division_code,
        report_year=heading.report_year,
        title=heading.title,
        published=heading.published,
        period_start=heading.period_start,
        period_end=heading.period_end,
        reader=document.reader,
        media_type=kind,
        figures=doubt_sums(figures, checks),
        checks=checks,
        narrative=narrative,
        sections=sections,
        leftovers=reading.leftovers,
        flags=sorted(flags),
    )


def _read_figures(document: Document, heading: Heading) -> tuple[Tables, Reading]:
    """The tables and what they hold: real ones first; text is searched only where a statutory table is missing."""
    tables: Tables = [(part, part.flags) for part in document.parts if isinstance(part, RawTable)]
    reading = _place(tables, heading.report_year)
    found = {figure.indicator for figure in reading.figures if figure.status != "missing"}
    if all(any(code.startswith(table) for code in found) for table in _TABLES):
        return tables, reading
    texts = [part.text for part in document.parts if isinstance(part, TextBlock)]
    older = [] if reading.form in codebook.TABLE_FORMS else [table for text in texts for table in rebuild_rows(text)]
    rebuilt = older or [table for text in texts for table in rebuild(text)]
    if not rebuilt:
        return tables, reading
    return tables + rebuilt, _place(tables + rebuilt, heading.report_year)


def _place(tables: Tables, year: int) -> Reading:
    try:
        return place(tables, year)
    except GridTooLargeError as error:
        raise UnreadableDocument("too_large", str(error)) from error
