"""The documents that a report's page links, shows or loads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from lxml import etree
from parsel import Selector

from crawler import titles
from crawler.families.links import FILE, Link, anchors, anchors_with, base_of, canonical, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.page import Page

MAX_FILES = 10
MAX_LEADS = 3
# Scripts that name files are short; searching a huge one would take minutes.
MAX_SCRIPT = 100_000
NO_FILE = re.compile(r"二维码|打印|分享|关闭")
DOWNLOAD = re.compile(r"/(downfile|download)\.jsp$", re.IGNORECASE)
# A link that leads to a document has one of these in its address or is called after one.
FETCHED = re.compile(r"\.(pdf|docx?|xlsx?|wps|et|ofd|zip|rar)\b|down|attach|[?&]file=", re.IGNORECASE)
# A viewer shows what its parameter names, whatever that is called.
VIEWER = re.compile(r"viewer|pdf|preview|reader", re.IGNORECASE)
# What a page calls its files where their addresses do not say that they are some.
OFFERED = re.compile(
    r"^[\[【(（]?(?=.*(下载|附件|[原全正]文))(点击|在线)?(下载|查看|浏览)?(附件|[原全正]文|文件|报告)?\d*[:：]?(点击|在线)?(下载|查看)?[\]】)）]?$"
)
LINK_STRING = re.compile(r"""(["'])(?=[^\n]{0,300}<a\s)(.{1,4000}?)\1\s*;""")
PATH_STRING = re.compile(r"""["']([^"'\s<>]{1,300}\.(?:pdf|docx?|xlsx?|wps|ofd|zip|rar))["']""", re.IGNORECASE)
SCRIPTS = etree.XPath("//script/text()", smart_strings=False)
SHOWN = etree.XPath("//iframe/@src | //embed/@src | //object/@data", smart_strings=False)
# PDF, ZIP and its offices, old Office, RAR, RTF.
MAGIC = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"Rar!", b"{\\rtf")


PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
ORNAMENT = re.compile(r"^data:|icon|logo|banner|button|qrcode|ewm|weixin|share|spacer|loading", re.IGNORECASE)


def files_of(page: Page) -> list[Link]:
    """Return the documents of a report's page, each once, at most MAX_FILES.

    In this order: what it is itself a viewer of, links of the page, of strings in its scripts, viewers' ``file``
    parameters, frames and embedded objects.
    """
    found: dict[str, Link] = {}
    for link in (*_viewing(page), *_linked(page), *_in_scripts(page), *_shown(page)):
        if not NO_FILE.search(link.title):
            found.setdefault(canonical(link.url), link)
    return list(found.values())[:MAX_FILES]


def leads_of(page: Page) -> list[Link]:
    """Return what a page without text or files may hold its report in: frames, and links that offer a file.

    Their addresses do not say what they are. At most MAX_LEADS.
    """
    base = base_of(page)
    shown = [Link("", url) for target in SHOWN(page.root.root) if (url := resolve(base, target))]
    offered = [link for link in anchors(page) if OFFERED.search(link.title) or _is_itself(link, page)]
    found = {canonical(link.url): link for link in (*shown, *offered) if not NO_FILE.search(link.title)}
    found.pop(canonical(page.url), None)
    return list(found.values())[:MAX_LEADS]


def _is_itself(link: Link, page: Page) -> bool:
    """Tell whether a link on a report's page is called as the page is."""
    return titles.is_report(link.title) and titles.fold(link.title) in titles.fold(page.title)


def is_document(body: bytes) -> bool:
    """Tell by its first bytes whether a file is a document, whatever its name and header say."""
    return body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(MAGIC)


def is_picture(body: bytes) -> bool:
    """Tell by its first bytes whether a file is a picture."""
    return body.startswith(PICTURES)


def pictures_of(page: Page, images: Iterable[str]) -> list[Link]:
    """Return the pictures that a report is, at most MAX_FILES, without those of the layout."""
    urls = (resolve(base_of(page), image) for image in images if not ORNAMENT.search(image))
    return [Link("", url) for url in dict.fromkeys(urls) if url][:MAX_FILES]


def _viewing(page: Page) -> Iterator[Link]:
    if viewed := _viewed(page.url):
        yield Link("", viewed)


def _linked(page: Page) -> Iterator[Link]:
    for link in anchors_with(page, FETCHED):
        viewed = _viewed(link.url)
        if viewed:
            yield Link(link.title, viewed)
        elif link.is_file or DOWNLOAD.search(urlsplit(link.url).path) or FILE.search(link.title):
            yield link


def _in_scripts(page: Page) -> Iterator[Link]:
    base = base_of(page)
    for text in SCRIPTS(page.root.root):
        script = text[:MAX_SCRIPT]
        for match in LINK_STRING.finditer(script):
            for anchor in Selector(text=match[2].replace('\\"', '"'), type="html").xpath("//a[@href]"):
                url = resolve(base, anchor.attrib["href"])
                if url and FILE.search(urlsplit(url).path):
                    yield Link(anchor.xpath("string()").get(""), url)
        for match in PATH_STRING.finditer(script):
            if url := resolve(base, match[1]):
                yield Link("", url)


def _shown(page: Page) -> Iterator[Link]:
    base = base_of(page)
    for target in SHOWN(page.root.root):
        url = resolve(base, target)
        if url is None:
            continue
        viewed = _viewed(url)
        if viewed or FILE.search(urlsplit(url).path):
            yield Link("", viewed or url)


def _viewed(url: str) -> str | None:
    """The document that a viewer's address names, or None."""
    parts = urlsplit(url)
    for name in parse_qs(parts.query).get("file", []):
        if FILE.search(urlsplit(name).path) or ("/" in name and VIEWER.search(parts.path)):
            return resolve(url, name)
    return None
