"""The chapters of a report: their headings and text, also where numbering is odd or absent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.fold import label_key, squeeze
from normalize.model import Document, Section, TextBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE_FIRST = "0"
_NUMBERED = re.compile(r"^([一二三四五六七八九十])、(?!本年新收|上年结转|本年度办理|结转下)\D{2,}$")
_NUMERALS = "一二三四五六七八九十"
_LONGEST_HEADING = 40


def read_sections(document: Document) -> list[Section]:
    """The chapters in reading order, each from its heading to the next; tables are left out.

    ``section`` is the statutory chapter (``1`` to ``6``) that the heading's words name, else the number printed before
    it, and ``0`` for what stands before the first heading. Chapters without text are kept: empty is a fact too.
    """
    sections = [Section(BEFORE_FIRST, "", "")]
    lines: list[str] = []
    for line in _lines(document):
        key = _chapter(line)
        if key:
            sections[-1].text = "\n".join(lines)
            sections.append(Section(key, line, ""))
            lines = []
        else:
            lines.append(line)
    sections[-1].text = "\n".join(lines)
    return [section for section in sections if section.text or section.heading]


def _lines(document: Document) -> Iterator[str]:
    for part in document.parts:
        if isinstance(part, TextBlock):
            yield from (line.strip() for line in part.text.split("\n") if line.strip())


def _chapter(line: str) -> str:
    if len(line) > _LONGEST_HEADING:
        return ""
    named = codebook.section_keys().get(label_key(line))
    if named:
        return named
    match = _NUMBERED.match(squeeze(line))
    return str(_NUMERALS.index(match[1]) + 1) if match else ""
