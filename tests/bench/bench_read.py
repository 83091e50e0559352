# ruff: noqa: T201 - what a bench finds goes to the terminal
"""How quickly a page becomes checked rows, beside what the usual parsers take for the same pages.

The pages are those of ``tests/cases``, each cell wrapped in the markup that Word and WPS write, some 55 KB each.
"""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from lxml import etree, html

from normalize import read_document
from normalize.placing import forget_layouts

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = Path(__file__).resolve().parent.parent / "cases"
NAMES = ("huaian-2024", "suqian-2023", "hongze-2023", "shanghai-office-2019")
ROUNDS = 15
REPEATS = 5
CELL = re.compile(r"<td([^>]*)>([^<]*)</td>")
WORDY = (
    r'<td\1 valign="center" style="width:37.5pt;padding:0 5.4pt;border:0.5pt solid windowtext;">'
    r'<p class="MsoNormal" align="center" style="text-align:center;">'
    r'<span style="font-size:12pt;font-family:仿宋_GB2312;">\2</span></p></td>'
)


def pages() -> list[bytes]:
    """The pages as a portal serves them."""
    return [CELL.sub(WORDY, (CASES / name / "source.html").read_text("utf-8")).encode() for name in NAMES]


def by_lxml(page: bytes) -> None:
    """The tree alone."""
    html.fromstring(page.decode())


def by_pandas(page: bytes) -> None:
    """Raw tables without meaning."""
    pd.read_html(io.StringIO(page.decode()), flavor="lxml")


def by_gongkai(page: bytes) -> None:
    """Figures, checks, chapters, of a page whose tables are laid out like others'."""
    read_document(page)


def by_gongkai_alone(page: bytes) -> None:
    """The same of a page whose layout was never seen before."""
    forget_layouts()
    read_document(page)


def fastest(work: list[Callable[[bytes], None]], data: list[bytes]) -> list[float]:
    """Seconds of processor time a page, the best of several rounds; the rounds of all take turns."""
    best = [float("inf")] * len(work)
    for _ in range(ROUNDS):
        for number, read in enumerate(work):
            for page in data:
                read(page)
            start = time.process_time()
            for _ in range(REPEATS):
                for page in data:
                    read(page)
            best[number] = min(best[number], (time.process_time() - start) / REPEATS / len(data))
    return best


def main() -> None:
    """Print milliseconds a page and the ratios to hold."""
    data = pages()
    by_gongkai(data[0])
    lxml, pandas, gongkai, alone = fastest([by_lxml, by_pandas, by_gongkai, by_gongkai_alone], data)
    size = sum(map(len, data)) / len(data) / 1000
    print(f"{len(data)} pages of {size:.0f} KB; libxml2 {'.'.join(map(str, etree.LIBXML_VERSION))}")
    for name, seconds in (
        ("lxml parse", lxml),
        ("pandas.read_html", pandas),
        ("read_document", gongkai),
        ("  of a new layout", alone),
    ):
        print(f"{name:18}{seconds * 1000:8.2f} ms a page{1 / seconds:10.0f} pages a second")
    print(f"read_document / lxml parse        {lxml / gongkai:6.2f}  (hold 0.50)")
    print(f"read_document / pandas.read_html  {pandas / gongkai:6.2f}  (hold 3.00)")


if __name__ == "__main__":
    main()
