"""ASP.NET WebForms: next links that post their page's hidden fields back to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

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
