"""Lists whose pages are sent for by a form: ASP.NET WebForms post back, others fill the page's number into a field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from crawler.families.links import base_of
from crawler.families.reading import Ask

if TYPE_CHECKING:
    from crawler.page import Page

POSTBACK = re.compile(r"""__doPostBack\(\s*["']([^"']{1,200})["']\s*,\s*["']([^"']{0,200})["']\s*\)""")


def postback(page: Page, href: str) -> Ask | None:
    """Return what a ``javascript:__doPostBack('pager','2')`` link posts, or None for any other link."""
    call = POSTBACK.search(href)
    if not call:
        return None
    form = page.root.xpath("(//form[.//input[@name='__VIEWSTATE']])[1]")
    fields = {
        field.attrib["name"]: field.attrib.get("value", "") for field in form.xpath(".//input[@type='hidden'][@name]")
    }
    fields |= {"__EVENTTARGET": call[1], "__EVENTARGUMENT": call[2]}
    return Ask(urljoin(page.url, form.attrib.get("action", "")), tuple(fields.items()))


@dataclass(frozen=True, slots=True)
class Sheet:
    """An HTML form with a field for the page's number: where it goes, what it holds, and the field's name."""

    url: str
    fields: dict[str, str]
    number: str
    posts: bool

    def ask(self, page: int) -> Ask:
        """Return what the form sends for a page."""
        filled = self.fields | {self.number: str(page)}
        if self.posts:
            return Ask(self.url, tuple(filled.items()))
        return Ask(urlunsplit((*urlsplit(self.url)[:3], urlencode(filled), "")))


def sheets(page: Page, number: re.Pattern[str]) -> list[Sheet]:
    """Return the forms of a page that have a field whose name counts pages."""
    found = []
    for form in page.root.xpath("//form"):
        kept = form.xpath(".//input[@name][not(@type) or @type='hidden' or @type='text']")
        fields = {each.attrib["name"]: each.attrib.get("value", "") for each in kept}
        counting = next((name for name in fields if number.match(name.rpartition(".")[2])), None)
        if counting:
            url = urljoin(base_of(page), form.attrib.get("action", "").strip() or page.url)
            found.append(Sheet(url, fields, counting, form.attrib.get("method", "get").lower() == "post"))
    return found
