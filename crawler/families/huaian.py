"""淮安 cmsweb: static lists that state their rows in ``nsetpage``, a disclosure list as JSON, and pages of PDFs.

Recognised by ``/col/<a>_<b>/`` (an underscore, unlike Hanweb), ``nsetpage(1,<rows>,<size>,...)`` and
``/articleCommonController/lists.do``. Page 2 is ``index_2`` (1-based). Known quirks: county reports hang on one page of
PDFs (年报汇总) that lists every unit; the folder of a PDF names the year of publication, one after the report's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawler import titles
from crawler.families import claims, pager
from crawler.families.jsonlist import Fields, part_of
from crawler.families.links import anchors, articles, canonical
from crawler.families.parts import in_parts
from crawler.families.reading import Ask, attempt
from crawler.families.scripts import value_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from crawler.families.links import Link, Links
    from crawler.families.parts import Way
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "huaian"

ADDRESS = re.compile(r"/col/\d+_\d+/(index|list|art)")
SERVICE = re.compile(r"""["']([^"'\s]{0,200}/articleCommonController/lists\.do)["']""")
DIGEST = "汇总"
ASKED = ("topic", "title", "docNo", "orgname", "summary", "key", "deptid", "rdeptid")
FORMS = (pager.one_based,)
FIELDS = Fields(title=("title",), url=("link", "path"), host=("domain",), date=("releaseTime",), total=("total",))
PAGE_SIZE = "20"


def recognise(page: Page) -> bool:
    """Tell whether a list page is one of cmsweb, by its address, its pager call or its service."""
    return bool(ADDRESS.search(page.url) or claims.ROWS_CALL.search(page.text) or SERVICE.search(page.text))


def read(page: Page, found: Links) -> Reading:
    """Read the service that the page names, else the list's files; digests are opened for the PDFs they list."""
    if service := SERVICE.search(page.text):
        return (
            yield from in_parts(
                (_way(page, service[1]),), lambda reply: part_of(reply, FIELDS), found, size=int(PAGE_SIZE)
            )
        )
    end = yield from pager.walk(page, found, FORMS, _items)
    for key, link in list(found.items()):
        if DIGEST in link.title and not link.is_file:
            yield from _open(link, key, found)
    return end


def _items(page: Page) -> list[Link]:
    here = canonical(page.url)
    links = (link for link in anchors(page) if link.is_article or DIGEST in link.title)
    return [link for link in links if canonical(link.url) != here]


def _open(digest: Link, key: str, found: Links) -> Generator[Ask, Page, None]:
    """Put the files of a digest in its place."""
    page = yield from attempt(Ask(digest.url))
    files = [_named(link, digest) for link in articles(page) if link.is_file] if page else []
    if files:
        del found[key]
        found.add(files)


def _named(file: Link, digest: Link) -> Link:
    """A file that is only called after its unit is that unit's report of the digest's year."""
    if titles.is_report(file.title) or titles.report_year(digest.title) is None:
        return file
    return replace(file, title=file.title + digest.title.replace(DIGEST, ""), date=file.date or digest.date)


def _way(page: Page, service: str) -> Way:
    given = dict(parse_qsl(urlsplit(page.url).query))
    in_script = {name: value for name in ASKED if isinstance(value := value_of(page.text, name), str | int)}
    fields = dict.fromkeys(ASKED[:6], "") | {name: str(value) for name, value in in_script.items()}
    fields |= {name: given[name] for name in ASKED if name in given}

    def ask(number: int, _read: int) -> Ask:
        return Ask(urljoin(page.url, service), tuple({"page": str(number), "pagesize": PAGE_SIZE, **fields}.items()))

    return ask
