"""The families of content management systems: one module each, the static fallback last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import hanweb, static, trs
from crawler.families.links import base_of, canonical, resolve

if TYPE_CHECKING:
    from crawler.families.reading import Family
    from crawler.page import Page

# In the order of detection: jpage pages can hold calls that look like TRS, and anything looks static.
FAMILIES: tuple[Family, ...] = (hanweb, trs, static)

# Known by name, and read by the static fallback until a module of their own exists.
READ_AS_STATIC = frozenset(
    {
        "dedecms",
        "empirecms",
        "eportal",
        "epoint-ewb",
        "gkmlpt",
        "hebei-uuid",
        "hongwang",
        "huaian",
        "hunan",
        "ilist-jsp",
        "jcms-xxgk",
        "jeecms",
        "jpaas",
        "lonsun",
        "nfcms",
        "openness",
        "phpcms",
        "powereasy",
        "snowflake",
        "truecms",
        "ucap",
        "vsb",
    }
)
FAMILY_NAMES = READ_AS_STATIC | {family.name for family in FAMILIES}

# A shell is a page that only sends its reader on; real lists are larger.
SHELL_SIZE = 4096
SENT_ON = re.compile(r"""(?:window\.|document\.|top\.|self\.)?location(?:\.href)?\s*=\s*["']([^"']{1,300})["']""")
REPLACED = re.compile(r"""location\.(?:replace|assign)\(\s*["']([^"']{1,300})["']""")
REFRESH = re.compile(r"""url\s*=\s*["']?([^"'\s]{1,300})""", re.IGNORECASE)


def family_of(page: Page, declared: str = "") -> Family:
    """Return the family of a list page: by its marks, else as declared, else the static fallback."""
    named = {family.name: family for family in FAMILIES}.get(declared, static)
    return next((family for family in FAMILIES[:-1] if family.recognise(page)), named)


def sent_on(page: Page) -> str | None:
    """Return where a shell page sends its reader: an iframe, a script's location or a refresh; None for a real list."""
    if any(family.recognise(page) for family in FAMILIES[:-1]):
        return None
    here = canonical(page.url)
    for target in _targets(page):
        url = resolve(base_of(page), target)
        if url and canonical(url) != here:
            return url
    return None


def _targets(page: Page) -> list[str]:
    if static.items(page):
        return []
    found = page.root.xpath("//iframe/@src").getall()
    if page.size <= SHELL_SIZE:
        found += SENT_ON.findall(page.text) + REPLACED.findall(page.text)
        refresh = page.root.xpath("//meta[contains('REFRESHrefresh', @http-equiv) and @http-equiv]/@content").getall()
        found += [match[1] for content in refresh if (match := REFRESH.search(content))]
    return found
