"""An archived document made harmless to show: a page with one cell marked, or a page of a PDF as a picture.

A page comes from anyone. Scripts, frames, forms, links, pictures and everything that fetches are taken out (nh3); what
is left stands in a frame with a sandbox and a policy that forbids all requests, see ``explorer.app``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

from normalize import read_document
from normalize.grid import expand
from normalize.readers import UnreadableDocument, sniff
from normalize.readers.decode import decode

if TYPE_CHECKING:
    from normalize.model import RawTable, Report

# Larger pages are not opened: reading one of 12 MB takes 6 s and 1 GB. Pictures in the page count nothing.
MOST_CHARACTERS = 4_000_000
ANCHOR = "gongkai-cell"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_EMBEDDED = re.compile(r"data:[\w/+.-]{1,80};base64,[A-Za-z0-9+/=]{1000,}")
_CELL = re.compile(r"<t[dh]\b", re.IGNORECASE)
_MARK = re.compile(r'<t[dh] id="(gongkai-\d+)"', re.IGNORECASE)
_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "center",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
# These go with all that they hold.
_DROPPED = frozenset(
    ("script", "style", "title", "textarea", "noscript", "iframe", "object", "svg", "math", "template")
)
_TABLE = frozenset(("colspan", "rowspan", "align", "valign", "width", "border", "bgcolor"))
_STYLE = (
    "body{font:14px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:1em;overflow-wrap:break-word}"
    "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:2px 6px}"
    f"#{ANCHOR}{{outline:4px solid #D55E00;background:#FBE6C2;scroll-margin:40vh}}"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A document to show: its ``html``, whether the cell is ``marked`` in it, and the cell's ``text`` as read now."""

    html: str
    marked: bool
    text: str | None
    png: bytes = b""


def show_html(data: bytes, charset: str, place: tuple[int, int, int], **known: Any) -> Shown:
    """A page with the cell at ``place`` (table, row, column) marked.

    Every cell of the source gets an identifier before the reader sees it, so the cell that the reader takes and the one
    that is marked are the same, however often its text stands on the page.
    """
    text = _EMBEDDED.sub("data:,", decode(data, charset)[0])
    if len(text) > MOST_CHARACTERS:
        said = f"a page of {len(text)} characters is not opened here; see the cell with: gongkai trace"
        raise UnreadableDocument("too_large", said)
    numbers = iter(range(len(text)))
    text = _CELL.sub(lambda found: f'{found[0]} id="gongkai-{next(numbers)}"', text)
    report = read_document(
        text.encode(errors="replace"), media_type="text/html; charset=utf-8", keep_markup=True, **known
    )
    read, markup = _at(report.tables, place)
    mark = found[1] if (found := _MARK.match(markup)) else ""
    return Shown(_document(_cleaned(text, mark)), bool(mark), read)


def show_other(data: bytes, page: int, place: tuple[int, int, int], **known: Any) -> Shown:
    """A document without markup: its tables as they were read with the cell marked, a PDF's page as a picture too."""
    report = read_document(data, **known)
    shown = _as_read(report, place)
    if page > 0 and sniff(data) == "application/pdf":
        return Shown(shown.html, shown.marked, shown.text, _picture(data, page, shown.text or "", report, place))
    return shown


def _cleaned(text: str, mark: str) -> str:
    def kept(tag: str, name: str, value: str) -> str | None:  # noqa: ARG001 - nh3's signature
        if name == "id":
            return ANCHOR if mark and value == mark else None
        return value

    attributes = {tag: set(_TABLE) for tag in ("table", "tr", "td", "th", "col", "colgroup", "tbody", "thead")}
    for tag in ("td", "th"):
        attributes[tag].add("id")
    clean = import_module("nh3").clean
    return str(
        clean(
            text, tags=set(_TAGS), attributes=attributes, attribute_filter=kept, link_rel=None, strip_comments=True,
            clean_content_tags=set(_DROPPED),
        )
    )  # fmt: skip


def _document(body: str) -> str:
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _at(tables: list[RawTable], place: tuple[int, int, int]) -> tuple[str | None, str]:
    """The text and the markup of the cell at a place; None where there is no such cell."""
    table_no, row_no, col_no = place
    if not 0 <= table_no < len(tables):
        return None, ""
    rows = expand(tables[table_no]).rows
    if not 0 <= row_no < len(rows):
        return None, ""
    own = [cell for cell in rows[row_no] if cell.row == row_no]
    index = next((number for number, cell in enumerate(own) if cell.col == col_no), -1)
    return (own[index].text, tables[table_no].rows[row_no][index].markup) if index >= 0 else (None, "")


def _as_read(report: Report, place: tuple[int, int, int]) -> Shown:
    """The tables of a document as its reader found them, the cell marked."""
    parts = []
    for number, table in enumerate(report.tables):
        parts.append(f"<p>{number}</p><table>")
        for row_no, row in enumerate(expand(table).rows):
            cells = (
                f'<td{f" id={ANCHOR}" if (number, row_no, cell.col) == place else ""} colspan="{cell.end - cell.col}"'
                f' rowspan="{cell.bottom - cell.row}">{escape(cell.text)}</td>'
                for cell in row
                if cell.row == row_no
            )
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</table>")
    text, _ = _at(report.tables, place)
    return Shown(_document("".join(parts)), text is not None, text)


def _picture(data: bytes, page: int, text: str, report: Report, place: tuple[int, int, int]) -> bytes:
    """A page of a PDF as a picture, the cell's box drawn where the page's own ruled tables have exactly that row."""
    with import_module("pdfplumber").open(BytesIO(data)) as opened:
        if page > len(opened.pages):
            return b""
        found = opened.pages[page - 1]
        image = found.to_image(resolution=110)
        if box := _box(found, text, report, place):
            image.draw_rect(box, fill=(213, 94, 0, 40), stroke=(213, 94, 0), stroke_width=3)
        out = BytesIO()
        image.original.save(out, "PNG") if not box else image.annotated.save(out, "PNG")
    return out.getvalue()


def _box(page: Any, text: str, report: Report, place: tuple[int, int, int]) -> Any:
    """The box of the cell; none where more than one row of the page reads as the cell's row does."""
    grid = expand(report.tables[place[0]]) if 0 <= place[0] < len(report.tables) else None
    if grid is None or not 0 <= place[1] < len(grid.rows):
        return None
    own = [cell for cell in grid.rows[place[1]] if cell.row == place[1]]
    wanted = ["".join(cell.text.split()) for cell in own]
    index = next((number for number, cell in enumerate(own) if cell.col == place[2]), -1)
    boxes = []
    for table in page.find_tables():
        for row, texts in zip(table.rows, table.extract(), strict=True):
            pairs = [(box, "".join((said or "").split())) for box, said in zip(row.cells, texts, strict=True) if box]
            if [said for _, said in pairs] == wanted and index >= 0:
                boxes.append(pairs[index][0])
    return boxes[0] if len(boxes) == 1 and "".join(text.split()) == wanted[index] else None
