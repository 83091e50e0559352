"""Scripts that a page loads: what they hold, ask for or put together counts where the page alone leaves a list unread.

They are read as text and never run. A site's pages load the same ones, so that each is asked for once in a visit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler import titles
from crawler.families import family_of
from crawler.families.calls import REPLIES
from crawler.families.jsonlist import in_scripts
from crawler.families.links import Links, articles, base_of, resolve
from crawler.families.reading import Ask, PageError
from crawler.page import Page
from crawler.sites import site_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from crawler.families.reading import End, Reading

    # The scripts of a site by address, empty where none came.
    Scripts = dict[str, str]

# How a list ends that its page alone does not give whole.
UNREAD = frozenset({"js_list", "empty_list", "paging_stuck"})
# What every site loads, and what looks after the page around the list.
LIBRARY = re.compile(
    r"jquery(?!.*(?:list|page))|bootstrap|swiper|layui|layer|vue(?:\.|@|-)|axios|echarts|polyfill|html5|respond|slide|share|stat"
    r"|count|hm\.js|md5|base64|crypto|gray|wza|access|qrcode|player|video|calendar|date|lazyload|animate|search|mobile"
    r"|weixin|wechat|font|cookie|toolbar|robot|barrier",
    re.IGNORECASE,
)
NAVIGATION = re.compile(r"nav|menu|head|top", re.IGNORECASE)
MAX_SCRIPTS = 3
MAX_LENGTH = 300_000
MAX_KNOWN = 30


def read(page: Page, declared: str, found: Links, scripts: Scripts) -> Reading:
    """Read a column from its first page on, and once more with the scripts that the page loads where it stays unread.

    ``declared`` is the family in the catalogue, ``scripts`` what the visit has received before.
    """
    known: dict[Ask, Page | PageError] = {}
    end = yield from _remembering(family_of(page, declared).read(page, found), known)
    # A page may show the first of the rows that its script holds.
    found.add(link for link in in_scripts(page) if link.is_article and titles.is_report(link.title))
    if end.code not in UNREAD or len(found) > len(articles(page)) or _is_of_one_year(found):
        return end
    fuller = yield from with_scripts(page, scripts)
    if fuller is None:
        return end
    listed = Links()
    again = yield from _remembering(family_of(fuller, declared).read(fuller, listed), known)
    # Without a new row what a script says of pages may be said of any list.
    return again if found.add(listed.values()) else end


def with_scripts(page: Page, scripts: Scripts) -> Generator[Ask, Page, Page | None]:
    """Return a page with the scripts of its own site in it, or None where it loads none that came."""
    addresses = scripts_of(page)
    for url in addresses:
        if url not in scripts:
            try:
                scripts[url] = (yield Ask(url)).text[:MAX_LENGTH]
            except PageError as error:
                if error.stops:
                    raise
                scripts[url] = ""
    return joined(page, [scripts[url] for url in addresses])


def joined(page: Page, scripts: Iterable[str]) -> Page | None:
    """Return a page with the text of scripts in it, or None where there is none."""
    # A page in a script's place says that there is none.
    own = [text.replace("</", "<\\/") for text in scripts if text and text.lstrip()[:1] != "<"]
    return Page(page.url, page.text + "".join(f"<script>{text}</script>" for text in own), page.size) if own else None


def scripts_of(page: Page, *, navigation: bool = False) -> list[str]:
    """Return the scripts that may know of a page's list, or of its ``navigation``, the likeliest first.

    A page's own scripts follow those of the site.
    """
    base, site = base_of(page), site_of(page.url)
    sources = (resolve(base, source) for source in reversed(page.root.xpath("//script/@src").getall()))
    own = (url for url in dict.fromkeys(sources) if url and site_of(url) == site and not REPLIES.search(url))
    named = {url: urlsplit(url).path.rpartition("/")[2] for url in own}
    asked = [url for url, name in named.items() if not LIBRARY.search(name)]
    if navigation:
        asked.sort(key=lambda url: not NAVIGATION.search(named[url]))
    else:
        asked = [url for url in asked if not NAVIGATION.search(named[url])]
    return asked[:MAX_SCRIPTS]


def _is_of_one_year(found: Links) -> bool:
    """Tell whether all that was found is of one year: the list of a year is not worth the requests."""
    return len({titles.report_year(link.title) for link in found.values()}) == 1


def _remembering(reading: Reading, known: dict[Ask, Page | PageError]) -> Reading:
    """Go on with a reading; what was asked for before is answered as before."""
    try:
        ask = next(reading)
        while True:
            answer = known.get(ask) or (yield from _answer(ask))
            if len(known) < MAX_KNOWN:
                known[ask] = answer
            ask = reading.throw(answer) if isinstance(answer, PageError) else reading.send(answer)
    except StopIteration as stop:
        end: End = stop.value
        return end


def _answer(ask: Ask) -> Generator[Ask, Page, Page | PageError]:
    try:
        return (yield ask)
    except PageError as error:
        return error
