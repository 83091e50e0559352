"""Rows of a report column that do not call themselves reports, and may be: pictures without words, and summaries.

They are looked at once all others are read, for years that have no report yet, and only their pages can show them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler import titles
from crawler.details import own_title
from crawler.families.links import (
    ARTICLE,
    FILE,
    FOLDER,
    Link,
    articles,
    base_of,
    canonical,
    date_in,
    folder_of,
    resolve,
    title_of,
)
from crawler.sites import is_home, site_of
from crawler.substance import substance_of

if TYPE_CHECKING:
    from crawler.jobs import Candidate
    from crawler.page import Page

# What pictures are called that are called nothing.
WORDLESS = re.compile(r"^(?:[\w-]*\.(?:jpe?g|png|gif|bmp|webp)|图片?\d*|封面|image\d*|img\d*)?$", re.IGNORECASE)
SITE_NAME = re.compile(r"[-_|—–]")
FILE_YEAR = re.compile(r"(?<!\d)(20[0-3]\d)(?!\d)")
# A page of reports as pictures has few; one with more is a gallery.
MAX_ROWS = 20
MAX_PICTURES = 500
FORM_SINCE = 2019


def spare_rows(page: Page) -> list[Link]:
    """Return the pictures without words that lead where a list's reports are, or below the list."""
    wordless = [link for link in map(_pictured, islice(page.root.root.iter("img"), MAX_PICTURES)) if link]
    wordless = [replace(link, url=url) for link in wordless if (url := resolve(base_of(page), link.url))]
    if not wordless:
        return []
    here, below = site_of(page.url), page.url.rpartition("/")[0] + "/"
    beside = {folder_of(link.url) for link in articles(page) if titles.is_report(link.title)}
    rows = {
        canonical(link.url): link
        for link in wordless
        if site_of(link.url) == here and not is_home(link.url) and _is_row(link, below, beside)
    }
    rows.pop(canonical(page.url), None)
    return list(rows.values())[:MAX_ROWS]


def _pictured(image: Any) -> Link | None:
    """The link around a picture, if it has no words; its address as it is written."""
    anchor = next(islice(image.iterancestors("a"), 1), None)
    if anchor is None or not anchor.get("href") or not WORDLESS.match(title := title_of(anchor)):
        return None
    return Link(title, anchor.get("href"))


def _is_row(link: Link, below: str, beside: set[str]) -> bool:
    path = urlsplit(link.url).path
    if FOLDER.search(path):
        return False
    return link.url.startswith(below) or (
        folder_of(link.url) in beside and bool(ARTICLE.search(path) or FILE.search(path))
    )


def from_page(candidate: Candidate, page: Page) -> Candidate | None:
    """Let the page of a row without words say what it is; None where it is no report."""
    if candidate.link.title and titles.is_summary(candidate.link.title):
        return candidate
    own = next(filter(titles.is_report, (own_title(page), *SITE_NAME.split(page.title))), "")
    if not own:
        return None
    link = replace(candidate.link, title=own, date=candidate.link.date or date_in(page.meta("PubDate")))
    year, doubt = titles.dated(own, candidate.column, link.date)
    return replace(candidate, link=link, year=year, doubt=doubt)


def file_year(url: str) -> int | None:
    """Return the year that a file is called after, or None where it is called after none, or after several."""
    years = set(FILE_YEAR.findall(urlsplit(url).path.rpartition("/")[2]))
    return int(years.pop()) if len(years) == 1 else None


def summary_doubt(candidate: Candidate, page: Page) -> str:
    """Return why what calls itself no report may be none: since 2019 a report has the form's tables."""
    title, year = candidate.link.title, candidate.year
    if not candidate.spare or year is None or year < FORM_SINCE or not titles.is_summary(title):
        return ""
    return "" if substance_of(page).is_statutory else f"it is called {title}, and has none of the form's tables"
