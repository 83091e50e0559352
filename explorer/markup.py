"""Blocks as HTML: everything that comes from a report is escaped here, and nowhere else is HTML made of it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from explorer.model import SHOWN_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.model import Cell, Changes, Link, Table, Text

    Address = Callable[[Link], str]

STYLE = """
.gk { font-size: 14px; overflow-x: auto; max-width: 100%; }
.gk table { border-collapse: collapse; margin: .4em 0; }
.gk th, .gk td { border-bottom: 1px solid #ddd; padding: .2em .6em; text-align: left; vertical-align: top;
  overflow-wrap: break-word; min-width: 1.5em; max-width: 34em; }
.gk table[class^="table-"] :is(th, td) { border: 1px solid #ccc; padding: .2em .4em; }
.gk table[class^="table-"] th { font-weight: 500; background: #F6F6F6; }
.gk table[class^="table-"] th[scope=col] { text-align: center; } .gk th[scope=col]:not([colspan]) { min-width: 3.2em; }
.gk table[class^="table-"] th[scope=row]:not([rowspan]) { min-width: 7em; } .gk th[rowspan] { min-width: 4.5em; }
.gk td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.gk a { color: inherit; text-decoration-color: #0072B2; }
.gk .quiet, .gk .blank { color: #666; } .gk .note { font-weight: 600; }
.gk .doubt { background: #FBE6C2; } .gk .missing { background: #E4E4E4; color: #444; }
.gk .up { background: #CFE3F3; } .gk .down { background: #F8D9C6; } .gk .other { background: #F6CF8B; }
.gk .good { background: #CFE3F3; } .gk .error { background: #F3C3A6; }
.gk p { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 60em; margin: .4em 0; }
[data-testid=stVegaLiteChart] { overflow-x: auto; max-width: 100%; }
.gk ins { background: #CFE3F3; } .gk del { background: #F8D9C6; }
"""


def table_html(table: Table, address: Address | None = None) -> str:
    """A table, its first rows where it is long; links only where ``address`` gives them."""
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    head = f"<tr>{names}</tr>\n" if names else ""
    body = "".join(f"<tr>{''.join(_cell(cell, address) for cell in row)}</tr>\n" for row in table.rows[:SHOWN_ROWS])
    total = max(table.total, len(table.rows))
    shown = min(len(table.rows), SHOWN_ROWS)
    if not table.rows:
        body = f'<tr><td class="quiet" colspan="{max(len(table.head), 1)}">—</td></tr>'
    more = f'<p class="quiet">{shown} / {total}</p>' if total > shown else ""
    return f'<div class="gk"><table class="{escape(table.name)}">{head}{body}</table>{more}</div>'


def _cell(cell: Cell, address: Address | None) -> str:
    kinds = " ".join(filter(None, (cell.tone, "n" if cell.number else "")))
    attributes = (f' class="{kinds}"' if kinds else "") + (f' title="{escape(cell.title)}"' if cell.title else "")
    text = escape(cell.text)
    if cell.to is not None and address is not None:
        text = f'<a href="{escape(address(cell.to))}" target="_self">{text}</a>'
    attributes += f' colspan="{cell.across}"' if cell.across > 1 else ""
    attributes += f' rowspan="{cell.down}"' if cell.down > 1 else ""
    return f'<th scope="{cell.head}"{attributes}>{text}</th>' if cell.head else f"<td{attributes}>{text}</td>"


def text_html(text: Text) -> str:
    """A paragraph."""
    kind = f' class="{text.tone}"' if text.tone else ""
    return f'<div class="gk"><p{kind}>{escape(text.text)}</p></div>'


def changes_html(changes: Changes) -> str:
    """Two texts as one, what went struck out and what came marked."""
    tags = {"same": "span", "old": "del", "new": "ins"}
    body = "".join(f"<{tags[kind]}>{escape(text)}</{tags[kind]}>" for kind, text in changes.pieces)
    return f'<div class="gk"><p class="note">{escape(changes.heading)}</p><p>{body}</p></div>'
