"""湖南省 shared platform: the list comes as JSON from a host of the province, ``/search/common/search/<channel>``.

Recognised by that address in a script, with the channel behind it or in ``var channelId``. The host is another site
than the county's, and is asked only because the page names it. Where it does not give the list, static pages
``index_2.html`` may: they are read if the page holds articles.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.families import claims, pager
from crawler.families.jsonlist import part_of
from crawler.families.links import articles
from crawler.families.parts import in_parts
from crawler.families.reading import Ask
from crawler.families.ucap import FIELDS

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "hunan"

ENDPOINT = re.compile(r"""["'](https?://[^"'\s/]{1,100}/search/common/search/)(\w{0,64})["'?]""")
CHANNEL = re.compile(r"""\bchannelId\s*=\s*["']?\s*(\w{1,64})""")
FORMS = (pager.one_based, pager.zero_based)
# Published articles only, as the portals' own script asks.
USUAL = {"datas[0][key]": "status", "datas[0][value]": "4", "_pageSize": "20", "_isAgg": "true"}


def recognise(page: Page) -> bool:
    """Tell whether a list page names the province's service."""
    return bool(ENDPOINT.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the channel to its stated total, or the static pages where there is no channel or no reply."""
    endpoint, channel = ENDPOINT.search(page.text), CHANNEL.search(page.text)
    number = endpoint[2] or (channel[1] if channel else "") if endpoint else ""
    if endpoint is None or not number:
        return (yield from pager.walk(page, found, FORMS))
    url = f"{endpoint[1]}{number}"

    def ask(part: int, _read: int) -> Ask:
        return Ask(url, tuple((USUAL | {"page": str(part)}).items()), named=True)

    end = yield from in_parts((ask,), lambda reply: part_of(reply, FIELDS), found, size=20)
    if end.proved or not articles(page):
        return end
    static = yield from pager.walk(page, found, FORMS)
    # Without a pager the page's own rows prove no end, since the service holds the list.
    return static if static.proved and claims.claim_of(page) else end
