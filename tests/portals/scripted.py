"""A fake portal whose list exists only after its script has run, and says nothing of where the rows come from."""

from __future__ import annotations

import base64
import json
from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer
from tests.portals.lists import JSON, ListPortal

if TYPE_CHECKING:
    from aiohttp import web

    from tests.portals.base import Report

SCRIPT = """
const rows = document.getElementById('rows'), next = document.getElementById('next');
let page = 0;
async function show() {
  const reply = await fetch(['', 'da' + 'ta', 'rows.json'].join('/') + '?n=' + (page + 1));
  const part = await reply.json();
  page += 1;
  rows.innerHTML = part.rows.map(r => `<li><a href="${r[1]}">${r[0]}</a><span>${r[2]}</span></li>`).join('');
  next.className = part.more ? 'next' : 'next disabled';
}
next.onclick = () => next.className === 'next' && show();
show();
"""
SHOW = "document.getElementById('text').innerHTML = atob(document.getElementById('text').dataset.held)"


class ScriptedPortal(ListPortal):
    """``turned`` gives the list page by page at a click; ``scripted_reports`` has the reports written by a script.

    ``broken`` has a script that fails, and ``pictures`` what a list does not need.
    """

    family = "scripted"
    list_path = "/nb/"
    quirk_names: ClassVar[frozenset[str]] = frozenset({"turned", "scripted_reports", "broken", "pictures", "elsewhere"})

    def lists(self) -> dict[str, Answer]:
        """The empty list and its script."""
        script = "throw new Error('broken');" if "broken" in self.quirks else SCRIPT
        extra = "<img src='/banner.png'><link rel=stylesheet href='/style.css'>" if "pictures" in self.quirks else ""
        if "elsewhere" in self.quirks:
            extra += "<script src='http://169.254.169.254/latest/meta-data'></script>"
        body = f"{extra}<ul id='rows'></ul><span id='next'>下一页</span><script src='/js/list.js'></script>"
        return {self.list_path: self.column(body), "/js/list.js": Answer(script.encode(), "text/javascript")}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Answer the script with rows."""
        if request.path != "/data/rows.json":
            return None
        number, size = int(request.query["n"]), self.per_page if "turned" in self.quirks else 100
        rows = [[escape(report.title), self.link(report), report.date] for report in self.part(number, size)]
        more = number * size < len(self.reports)
        return Answer(json.dumps({"rows": rows, "more": more}).encode(), JSON)

    def article(self, number: int, report: Report) -> dict[str, Answer]:
        """A report's page, which may hold its text in a form that only its script reads."""
        files = super().article(number, report)
        if "scripted_reports" in self.quirks:
            held = base64.b64encode(_entities(report.html.decode()).encode()).decode()
            body = f"<h1>{escape(report.title)}</h1><div id='text' data-held='{held}'></div><script>{SHOW}</script>"
            files = {self.path(number): Answer(self.page(report.title, body))}
        return files


def _entities(text: str) -> str:
    return "".join(char if ord(char) < 128 else f"&#{ord(char)};" for char in text)
