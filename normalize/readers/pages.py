"""Pages with positioned cells to text blocks and raw tables: what PDF, OFD and scans have in common.

Prose that was drawn in boxes is text again, running lines and page numbers go, and a table cut by a page is joined.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from normalize.codebook import find_label
from normalize.model import RawTable, TextBlock
from normalize.readers.stitch import PageCell, PageTable, join

_PAGE_NUMBER = re.compile(r"[-—–－·.\s]*(?:\d{1,3}|第\s*\d{1,3}\s*页(?:\s*[,，/]?\s*共\s*\d{1,3}\s*页)?)[-—–－·.\s]*")
_RUNNING_SHARE = 0.6
_OWN_NUMBER = re.compile(r"第\s*\d{1,3}\s*页|[-—–]\s*\d{1,3}\s*[-—–]|\b\d{1,3}\s*/\s*\d{1,3}$")
_WORDS = re.compile(r"[^\W\d]")
# Radicals that a font's table gives instead of the characters they look like; NFKC mends U+2F00..2FDF but not these.
_RADICALS = str.maketrans(
    "⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻥⻦⻨⻩⻬⻮⻰⺸⻁⻤",
    "民西见角贝车长门青韦页风飞食马骨鱼鸟麦黄齐齿龙羊虎鬼",
)
_RADICAL = re.compile(r"[\u2e80-\u2fdf]")


@dataclass(slots=True)
class Page:
    """One page: its number from 1, and its text and tables from top to bottom."""

    number: int
    items: list[str | PageTable] = field(default_factory=list)


def mend_radicals(text: str) -> str:
    """Text with Kangxi and CJK radicals replaced by the characters that they stand for."""
    return _RADICAL.sub(lambda match: unicodedata.normalize("NFKC", match[0]).translate(_RADICALS), text)


def assemble(pages: list[Page]) -> list[TextBlock | RawTable]:
    """The parts of a document in reading order."""
    _drop_running_lines(pages)
    parts: list[TextBlock | RawTable] = []
    text: list[str] = []
    run: list[tuple[int, PageTable]] = []

    def close() -> None:
        if run:
            parts.extend(join(run))
            run.clear()

    for page in pages:
        for item in (part for whole in page.items for part in _unbox(whole)):
            if isinstance(item, str):
                close()
                text.append(item)
                continue
            if text:
                parts.append(TextBlock("\n".join(text)))
                text.clear()
            # A table goes on only where nothing stands between, and on the page that follows.
            if run and run[-1][0] < page.number - 1:
                close()
            run.append((page.number, item))
    close()
    if text:
        parts.append(TextBlock("\n".join(text)))
    return parts


def _unbox(item: str | PageTable) -> list[str | PageTable]:
    """Text as it is; of a table the rows that are one cell from side to side and no label are prose, not table."""
    if isinstance(item, str):
        return [item] if item.strip() else []
    rows = item.rows()
    first, last = 0, len(rows)
    while first < last and _is_prose(rows[first]):
        first += 1
    while last > first and _is_prose(rows[last - 1]):
        last -= 1
    before = "\n".join(cell.text for row in rows[:first] for cell in row).strip()
    after = "\n".join(cell.text for row in rows[last:] for cell in row).strip()
    table = [item.between(rows[first:last])] if last > first else []
    return [*([before] if before else []), *table, *([after] if after else [])]


def _is_prose(row: list[PageCell]) -> bool:
    return len(row) == 1 and find_label(row[0].text) is None


def _drop_running_lines(pages: list[Page]) -> None:
    """Take away page numbers, and the first or last line of a page where most pages have it, but for its number."""
    for page in pages:
        for at in (0, -1):
            _drop_number(page, at, len(pages))
    for at in (0, -1):
        edges = Counter(line for page in pages if (line := _running(page, at)))
        running = {line for line, count in edges.items() if count >= max(2, len(pages) * _RUNNING_SHARE)}
        for page in pages:
            if _running(page, at) in running:
                _drop_line(page, at)


def _running(page: Page, at: int) -> str:
    """The first or last line of a page without the page's number; empty where it has no words."""
    line = _OWN_NUMBER.sub("", _edge(page, at))
    return line if _WORDS.search(line) else ""


def _edge(page: Page, at: int) -> str:
    """The first (0) or last (-1) line of a page, empty where a table stands there."""
    item = page.items[at] if page.items else ""
    return item.strip("\n").split("\n")[at].strip() if isinstance(item, str) else ""


def _drop_number(page: Page, at: int, count: int) -> None:
    """Take away a page number on the first (0) or last (-1) line of a page, or a line that ends with it: 2/3."""
    line = _edge(page, at)
    if _PAGE_NUMBER.fullmatch(line or "x") or re.search(rf"(?:^|\s){page.number}\s*/\s*{count}$", line):
        _drop_line(page, at)


def _drop_line(page: Page, at: int) -> None:
    lines = str(page.items[at]).strip("\n").split("\n")
    del lines[at]
    page.items[at] = "\n".join(lines)
    if not lines:
        del page.items[at]
