"""What links and pages promise on the way to a report column: which may lead to the hub, which are the column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler import titles
from crawler.choices import options
from crawler.families import family_of, sent_on, targets, xxgk
from crawler.families.links import ARTICLE, FOLDER, Link, anchors, canonical, resolve
from crawler.sites import is_local

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.page import Page

# What links to the hub are called; the best match counts.
HUB_WORDS = (
    (60, re.compile(r"政府信息公开(专栏|平台|目录|网)?$|政府信息公开(专栏|平台)")),
    (50, re.compile(r"信息公开")),
    (40, re.compile(r"政务公开|^公开$|^阳光政务$")),
    (35, re.compile(r"法定主动公开内容|政府信息公开指南|政府信息公开制度")),
    (20, re.compile(r"网站地图|站点地图")),
    (10, re.compile(r"依申请公开")),
)
HUB_PATH = re.compile(r"zfxxgk|xxgk|zwgk|gkmlpt|/public/column/|openness|govInfoPub", re.IGNORECASE)
COLUMN_PATH = re.compile(
    r"zfxxgknb|xxgknb|z?f?xxgkg?z?ndbg|gknb|ndbg|/nb(/|\.|$)|annualreport|[?&]type=3\b|[?&](type|para)=\w*nb\b",
    re.IGNORECASE,
)
# The hub's navigation has these four by rule (国办公开办函〔2019〕61号); two of them make a hub.
FIXED_COLUMNS = (
    re.compile(r"信息公开指南|^指南$|^公开指南$"),
    re.compile(r"信息公开制度|^制度$|^公开制度$"),
    re.compile(r"法定主动公开"),
    re.compile(r"公开.{0,4}年度?报|^年报$|^年度报告$"),
)
WEAKEST_HUB = 35
UNNAMED_HUB = 30
# The government's own page on a page of units.
UNIT = 45
COLUMN = 100
# What is called no more than reports on disclosure goes after all columns by name, and before the ways to other hubs.
PLAIN_COLUMN = 90
REPORT_COLUMN_TYPE = "信息公开年报"
ENTRANCE = re.compile(r"^(点击)?进入|首页|主页|进站|ENTER", re.IGNORECASE)
ORGAN = re.compile(r"/public/column/(\d+)")
# A site map of a large portal names tens of thousands of pages; columns are few.
MAX_GUESSES = 4


def doors(home_url: str) -> list[str]:
    """Return the addresses under which a home page may answer: as given, the other scheme, with and without www."""
    parts = urlsplit(home_url)
    host = parts.hostname or ""
    found = [home_url]
    # A port belongs to one scheme, and an IP address has no www.
    if parts.port is not None or is_local(home_url):
        return found
    other = "http" if parts.scheme == "https" else "https"
    twin = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    found += [f"{other}://{host}/", f"{parts.scheme}://{twin}/", f"{other}://{twin}/"]
    return list(dict.fromkeys(found))


def leads_on(page: Page) -> bool:
    """Tell whether a page has a link that may lead to the hub."""
    return any(hub_score(link) >= WEAKEST_HUB for link in (*anchors(page), *options(page)))


def hub_score(link: Link, *, in_hub: bool = False) -> int:
    """Return how likely a link leads to the hub (10 to 70) or is the column itself (90 and more); 0 for others."""
    if is_column_link(link, in_hub=in_hub):
        return COLUMN + bool(COLUMN_PATH.search(link.url))
    if titles.may_name_column(link.title) and not link.is_file:
        return PLAIN_COLUMN
    text = titles.fold(link.title)
    if titles.report_year(text) or len(text) > 20 or ARTICLE.search(urlsplit(link.url).path):
        return 0
    # A picture without words may be the way in, called by nothing but its address.
    if not text:
        return UNNAMED_HUB if HUB_PATH.search(link.url) and FOLDER.search(urlsplit(link.url).path) else 0
    score = next((points for points, words in HUB_WORDS if words.search(text)), 0)
    return score + 10 if score and HUB_PATH.search(link.url) else score


def column_evidence(page: Page, *, trusted: bool) -> str:
    """Return what shows a page to be a report column, or an empty string; ``trusted`` where a link called it so."""
    own = _own_names(page)
    if REPORT_COLUMN_TYPE in page.meta("ColumnType") and not page.meta("ArticleTitle"):
        return f"ColumnType is {REPORT_COLUMN_TYPE}"
    named = any(titles.names_column(name, in_hub=trusted) for name in own)
    reports = years_listed(page)
    if named and not page.meta("ArticleTitle"):
        return f"the page calls itself so, and lists reports of {len(reports)} years"
    if trusted and (len(reports) > 1 or not (page.meta("ArticleTitle") or any(map(titles.NO_COLUMN.search, own)))):
        return f"a link calls it so, and it lists reports of {len(reports)} years"
    return ""


def listing_evidence(page: Page) -> str:
    """Return what shows a page of an open name (公开报告) to be a report column: only that it lists such reports."""
    reports = years_listed(page)
    return f"it lists reports of {len(reports)} years" if reports and not page.meta("ArticleTitle") else ""


def years_listed(page: Page) -> set[int]:
    """Return the years of the disclosure reports that a page links."""
    links = [link for link in anchors(page) if "公开" in link.title or "年报" in link.title or "年度报告" in link.title]
    years = (titles.report_year(link.title) for link in links if titles.is_report(link.title))
    return {year for year in years if year}


def _own_names(page: Page) -> list[str]:
    heads = page.root.xpath("//h1 | //*[contains(@class, 'position') or contains(@class, 'crumb')]//a[last()]")
    texts = [page.meta("ColumnName"), re.split(r"[-_|—–]", page.title)[0]]
    texts += [head.xpath("string()").get("") for head in heads[:5]]
    return [text for text in map(titles.fold, texts) if 0 < len(text) <= 40 and not titles.report_year(text)]


def is_column_link(link: Link, *, in_hub: bool) -> bool:
    """A column's name has no year: with one it is a report, or the column of a year."""
    if link.is_file or titles.report_year(link.title) is not None:
        return False
    return titles.names_column(link.title, in_hub=in_hub)


def column_addresses(page: Page) -> list[Link]:
    """Columns that only the page's script knows, on platforms whose address for them is fixed."""
    if "/module/xxgk/tree.jsp" in page.url:
        return xxgk.categories(page)
    if above := xxgk.tree(page):
        return [Link("信息公开目录", above)]
    family = family_of(page)
    url = ""
    if family.name == "gkmlpt" and "/gkmlpt/annualreport" not in page.url:
        url = page.url.split("/gkmlpt/")[0] + "/gkmlpt/annualreport" if "/gkmlpt/" in page.url else ""
    elif family.name == "lonsun" and (organ := ORGAN.search(page.url)) and "type=3" not in page.url:
        url = urljoin(page.url, f"/public/column/{organ[1]}?type=3")
    return [Link("政府信息公开年报", url)] if url else []


def column_like(urls: Iterable[str]) -> list[str]:
    """The shortest addresses of a sitemap that have a column's words in them: articles lie below their column."""
    found = [url for url in urls if COLUMN_PATH.search(url) and not ARTICLE.search(urlsplit(url).path)]
    return sorted(found, key=len)[:MAX_GUESSES]


def onward(page: Page) -> list[str]:
    """Where a splash page or a frame leads."""
    found: list[str | None] = [sent_on(page), *targets(page)]
    found += [resolve(page.url, src) for src in page.root.xpath("//frame/@src | //iframe/@src").getall()]
    links = anchors(page)
    found += [link.url for link in links if ENTRANCE.search(titles.fold(link.title)) or len(links) == 1]
    here = canonical(page.url)
    return list(dict.fromkeys(url for url in found if url and (canonical(url) != here or url != page.url)))
