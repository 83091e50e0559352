"""One received page, decoded once."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from lxml import etree
from parsel import Selector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from scrapy.http import Response

DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
HEADER = re.compile(r"charset\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
# Every GBK label is read as its superset, because portals label what they do not check.
WIDENED = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030"}
# What servers say that say the same of everything; a page in Chinese is in none of these.
WESTERN = frozenset({"iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "us-ascii", "ascii"})
# Either end tag will do: some portals write but one, and some write more behind it.
OPENED = re.compile("<(html|body)[\\s>]", re.IGNORECASE)
CLOSED = re.compile("</(html|body|frameset)\\s*>", re.IGNORECASE)
VISIBLE = etree.XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
ALL_TEXT = etree.XPath("string()", smart_strings=False)
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Page:
    """A page of a portal: its address, its text, and its size in bytes as received."""

    url: str
    text: str
    size: int = 0

    @classmethod
    def of(cls, response: Response) -> Page:
        """Decode a response once: byte order mark, UTF-8, declared label widened, gb18030; else with fewest losses."""
        page = _PAGES.get(response)
        if page is None:
            body = response.body
            header = HEADER.search((response.headers.get("Content-Type") or b"").decode("latin-1"))
            page = _PAGES[response] = cls(response.url, decode(body, header[1] if header else ""), len(body))
        return page

    @cached_property
    def is_cut(self) -> bool:
        """Whether the page ends before its end: a server that gives a wrong length sends no more than that."""
        return bool(OPENED.search(self.text)) and not CLOSED.search(self.text)

    @cached_property
    def root(self) -> Selector:
        """The page's tree."""
        return Selector(text=self.text or "<html/>", type="html")

    def fold_up(self) -> None:
        """Let go of the tree, which is many times the text; who asks for it again has it made again."""
        self.__dict__.pop("root", None)

    @cached_property
    def title(self) -> str:
        """The document's title, or empty."""
        first = next(self.root.root.iter("title"), None)
        return "" if first is None else squeeze(ALL_TEXT(first))

    def meta(self, name: str) -> str:
        """Return the content of a meta element, its name compared without case, or an empty string."""
        return self._metas.get(name.lower(), "")

    @cached_property
    def _metas(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for meta in self.root.root.iter("meta"):
            name, content = meta.get("name"), meta.get("content")
            if name is not None and content is not None:
                found.setdefault(name.lower(), content.strip())
        return found

    @cached_property
    def prose(self) -> str:
        """The visible text, without white space, scripts and styles."""
        return visible(next(self.root.root.iter("body"), None))


def visible(element: Any) -> str:
    """Return the visible text of an element (or of None), without white space, scripts and styles."""
    if element is None:
        return ""
    # Where nothing is hidden, libxml2 puts the text together ten times as fast.
    hidden = next(element.iterdescendants("script", "style"), None) is not None
    text = "".join(VISIBLE(element)) if hidden else ALL_TEXT(element)
    return "".join(text.split())


T = TypeVar("T")


def once(read: Callable[[Page], T]) -> Callable[[Page], T]:
    """Keep what a function makes of a page as long as the page lives: several ask for the same."""
    kept: WeakKeyDictionary[Page, T] = WeakKeyDictionary()

    @wraps(read)
    def known(page: Page) -> T:
        if page not in kept:
            kept[page] = read(page)
        return kept[page]

    return known


def squeeze(text: str) -> str:
    """Return a text with its runs of white space made one blank."""
    return " ".join(text.split())


def decode(body: bytes, header_label: str) -> str:
    """Decode a page's bytes; what no label fits comes back with replacement characters, never with losses unseen."""
    if not body.startswith(tuple(bom for bom, _ in BOMS)) and (text := _nearly_utf8(body)) is not None:
        return text
    labels = list(dict.fromkeys(_labels(body, header_label)))
    for label in labels:
        try:
            return body.decode(label)
        except UnicodeDecodeError:
            continue
    return min((body.decode(label, "replace") for label in labels), key=lambda text: text.count("�"))


def _nearly_utf8(body: bytes) -> str | None:
    """The text of a page in UTF-8, perhaps with a few broken characters where a list cut titles by bytes; else None.

    Other encodings would read it too, and make all of it unreadable.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        whole = len(text) - len(text.encode("ascii", "ignore"))
        return text if text.count("�") * 20 < whole else None


def _labels(body: bytes, header_label: str) -> Iterator[str]:
    yield from (label for bom, label in BOMS if body.startswith(bom))
    yield "utf-8"
    declared = DECLARED.search(body[:4096])
    for label in (declared[1].decode("ascii") if declared else "", header_label):
        widened = WIDENED.get(label.lower(), label)
        # A label that names no text codec is a typing error of the portal.
        if widened and widened.lower() not in WESTERN and _is_text_codec(widened):
            yield widened
    yield "gb18030"


def _is_text_codec(label: str) -> bool:
    try:
        b"".decode(label)
    except LookupError:
        return False
    return True


# Several look at one response: what is wrong with it, what it says.
_PAGES: WeakKeyDictionary[Response, Page] = WeakKeyDictionary()
