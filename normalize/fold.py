"""Printed text to keys for matching: width, script, numbering and punctuation folded away.

Only keys are folded; what a document prints is kept as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_TO_SIMPLIFIED = OpenCC("t2s")
# NFKC makes these of each other, but takes a hundred times as long; what holds no others it only glances at.
_NARROW = tuple(zip("，：；（）？！％．／－～\u3000", ",:;()?!%./-~ ", strict=True))
# Copies made by faulty converters carry a reading behind the character: 規(guī)章, 內(nèi)容.
_READING = re.compile(r"(?<=[\u3400-\u9fff])\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)", re.IGNORECASE)
_NUMBERING = re.compile(
    r"^(?:[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）][、.．]?|(?:\d{1,2}|[一二三四五六七八九十]{1,3})[、.．,，:：])+"
)
_BRACKETED = re.compile(r"[（(\[【][^（(\[【]*?[)）\]】]")
# Marks without width; a soft hyphen is one where no line ends at it.
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_NOT_WORD = re.compile(r"[\W_]+")


def simplify(text: str) -> str:
    """Text in NFKC and simplified characters, readings in brackets dropped, white space kept."""
    for wide, narrow in _NARROW:
        text = text.replace(wide, narrow)
    text = unicodedata.normalize("NFKC", text)
    if "(" in text:
        text = _READING.sub("", text)
    simplified: str = _TO_SIMPLIFIED.convert(text)
    return simplified


@lru_cache(maxsize=65536)
def label_key(text: str) -> str:
    """The key of a label: ``simplify``, then numbering, white space and punctuation removed."""
    return strip_key(_NUMBERING.sub("", squeeze(text)))


@lru_cache(maxsize=65536)
def bare_label_key(text: str) -> str:
    """As ``label_key``, with remarks in brackets removed too: 规章(县级无此项) gives 规章."""
    return strip_key(_BRACKETED.sub("", _NUMBERING.sub("", squeeze(text))))


@lru_cache(maxsize=65536)
def squeeze(text: str) -> str:
    """``simplify`` without any white space, visible or not."""
    return _INVISIBLE.sub("", "".join(simplify(text).split()))


def strip_key(text: str) -> str:
    """Text without punctuation."""
    return _NOT_WORD.sub("", text)


def key_of(text: str) -> str:
    """A stretch of text in simplified characters without white space and punctuation, numbering kept."""
    return strip_key("".join(simplify(text).split()))
