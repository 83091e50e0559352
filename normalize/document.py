"""One document to one report: the function behind ``gongkai read`` and ``gongkai build``."""

from __future__ import annotations

from normalize.flow import rebuild
from normalize.forms import Reading, read_grids
from normalize.grid import GridTooLarge, expand
from normalize.model import Document, RawTable, Report, TextBlock
from normalize.readers import UnreadableDocument, read


def read_document(
    data: bytes,
    *,
    name: str | None = None,
    url: str | None = None,
    media_type: str | None = None,
    charset: str = "",
    division_code: str = "",
    list_title: str = "",
) -> Report:
    """Read one document: whose report it is, of which year, and every cell of its statutory tables.

    ``name``, ``url`` and ``media_type`` are hints that never decide what the bytes are; ``division_code`` and
    ``list_title`` come from the portal's row and its list, and stand in where the document itself is silent.
    Raises UnreadableDocument where no reader can read the bytes.
    """
    document, kind = read(data, charset=charset)
    reading = _figures(document, 0)
    if not reading.form and "hidden_dropped" in document.flags:
        hidden, _ = read(data, charset=charset, keep_hidden=True)
        again = _figures(hidden, 0)
        if again.form:
            document, reading = hidden, again
            document.flags.append("hidden_content")
    return Report(reading.form, "", "", "", division_code, 0, document.title, "", "", "", document.reader, kind, figures=reading.figures, leftovers=reading.leftovers, flags=sorted({*document.flags, *reading.flags} - {"hidden_dropped"}))


def _figures(document: Document, year: int) -> Reading:
    tables: list[tuple[RawTable, tuple[str, ...]]] = [(part, ()) for part in document.parts if isinstance(part, RawTable)]
    reading = _read(tables, year)
    if all(any(figure.indicator.startswith(prefix) and figure.status != "missing" for figure in reading.figures) for prefix in ("proactive.", "apply.", "review.")):
        return reading
    rebuilt = [table for part in document.parts if isinstance(part, TextBlock) for table in rebuild(part.text)]
    return _read(tables + rebuilt, year) if rebuilt else reading


def _read(tables: list[tuple[RawTable, tuple[str, ...]]], year: int) -> Reading:
    try:
        grids = [expand(table) for table, _ in tables]
    except GridTooLarge as error:
        raise UnreadableDocument("too_large", str(error)) from error
    return read_grids(grids, [flags for _, flags in tables], year)
