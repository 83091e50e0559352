"""A view as one HTML page that needs nothing else: for papers and e-mail."""

from __future__ import annotations

from functools import lru_cache, singledispatch
from html import escape
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from explorer import charts
from explorer.markup import STYLE, changes_html, table_html, text_html
from explorer.model import Changes, Chart, Heading, Table, Text, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.model import Block

_BODY = """
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; margin: 2em auto;
       max-width: 75em; padding: 0 1em; color: #222; }
svg { max-width: 100%; height: auto; }
"""


def page(title: str, blocks: Sequence[Block], language: str = "zh") -> str:
    """The page; charts are drawn into it as SVG where altair and vl-convert are installed (extra ``explore``)."""
    head = (
        '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{escape(title)}</title><style>{_BODY}{STYLE}</style>"
    )
    body = "\n".join(map(shown, blocks))
    start = f'<!DOCTYPE html>\n<html lang="{language}"><head>{head}</head><body>\n'
    return f"{start}<h1>{escape(title)}</h1>\n{body}\n</body></html>\n"


@singledispatch
def shown(block: Block) -> str:  # noqa: ARG001 - the others look at it
    """A block as HTML; what belongs to the app alone is left out."""
    return ""


@shown.register
def _(block: Heading) -> str:
    return f"<h2>{escape(block.text)}</h2>"


@shown.register
def _(block: Text) -> str:
    return text_html(block)


@shown.register
def _(block: Table) -> str:
    return table_html(block)


@shown.register
def _(block: Changes) -> str:
    return changes_html(block)


@shown.register
def _(block: Words) -> str:
    return f'<div class="gk">{_rendered(block.text)}</div>'


@lru_cache(4)
def _rendered(text: str) -> str:
    # Here and not in the browser, which takes a second for the dictionary.
    made = import_module("markdown_it").MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return str(made).replace("<th>", '<th scope="col">')


@shown.register
def _(block: Chart) -> str:
    if find_spec("altair") is None or find_spec("vl_convert") is None:
        return '<p class="gk">Charts need the extra explore: pip install "gongkai[explore]".</p>'
    return f'<figure role="img" aria-label="{escape(block.alt)}">{charts.svg(block.draw())}</figure>'
