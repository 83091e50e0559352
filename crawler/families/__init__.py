"""The families of content management systems: one module each, the static fallback last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import (
    dedecms,
    empirecms,
    epoint,
    eportal,
    gkmlpt,
    hanweb,
    hebei,
    huaian,
    hunan,
    ilist,
    jeecms,
    jpaas,
    lonsun,
    nfcms,
    openness,
    phpcms,
    powereasy,
    snowflake,
    static,
    trs,
    truecms,
    ucap,
    vsb,
    xxgk,
)
from crawler.families.links import articles, base_of, canonical, resolve

if TYPE_CHECKING:
    from crawler.families.reading import Family
    from crawler.page import Page

# Lists that a script fills, in the order of detection: TrueCMS pages and those of 信息公开 hold marks of jpage too.
SCRIPTED: tuple[Family, ...] = (gkmlpt, lonsun, truecms, xxgk, hanweb, jpaas, epoint)
# Lists that stand in their pages: UCAP and TRS share the name of a call, and many articles look like those of the last.
WRITTEN: tuple[Family, ...] = (
    *(openness, huaian, hunan, ucap, vsb.family, hebei, eportal, nfcms.family, trs),
    *(jeecms.family, powereasy.family, dedecms, empirecms.family, phpcms.family, ilist.family, snowflake.family),
)
FAMILIES: tuple[Family, ...] = (*SCRIPTED, *WRITTEN, static)

# Known by name, and without a grammar of its own: 红网's lists are plain static ones.
READ_AS_STATIC = frozenset({"hongwang"})
FAMILY_NAMES = READ_AS_STATIC | {family.name for family in FAMILIES}

# A shell is a page that only sends its reader on; real lists are larger.
SHELL_SIZE = 4096
SENT_ON = re.compile(
    r"""(?:window\.|document\.|top\.|self\.)?location(?:\.href)?\s*=\s*["']([^"']{1,300})["'](?!\s*\+)"""
)
REPLACED = re.compile(
    r"""(?:location\.(?:replace|assign)|window\.open(?=[^)]{1,310},\s*["']_self["']))\(\s*["']([^"']{1,300})["']"""
)
MOBILE = re.compile(r"//(m|wap|3g)\.|/(m|wap|mobile|phone|3g)(/|\.|$)", re.IGNORECASE)
REFRESH = re.compile(r"""url\s*=\s*["']?([^"'\s]{1,300})""", re.IGNORECASE)


def family_of(page: Page, declared: str = "") -> Family:
    """Return the family of a list page: by its marks, else as declared, else the static fallback."""
    named = {family.name: family for family in FAMILIES}.get(declared, static)
    return next((family for family in FAMILIES[:-1] if family.recognise(page)), named)


def sent_on(page: Page) -> str | None:
    """Return where a page sends its reader: an iframe, a script's location or a refresh; None for a real list."""
    if elsewhere := gkmlpt.jump(page):
        return elsewhere
    if _is_list(page):
        return None
    return next(iter(targets(page)), None)


def targets(page: Page) -> list[str]:
    """Return where frames, scripts and refreshes of a page lead, those for telephones last."""
    here = canonical(page.url)
    found = [url for target in _targets(page) if (url := resolve(base_of(page), target)) and canonical(url) != here]
    return sorted(found, key=lambda url: bool(MOBILE.search(url)))


def _is_list(page: Page) -> bool:
    """Tell whether a page holds a list, or a script that fills one."""
    scripted = (*SCRIPTED, openness, huaian, hunan)
    return bool(articles(page)) or ucap.endpoint(page) is not None or any(f.recognise(page) for f in scripted)


def _targets(page: Page) -> list[str]:
    found = page.root.xpath("//iframe/@src").getall()
    if page.size <= SHELL_SIZE:
        found += SENT_ON.findall(page.text) + REPLACED.findall(page.text)
        refresh = page.root.xpath("//meta[translate(@http-equiv, 'EFHRS', 'efhrs') = 'refresh']/@content").getall()
        found += [match[1] for content in refresh if (match := REFRESH.search(content))]
    return found
