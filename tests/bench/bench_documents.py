# ruff: noqa: T201 - what a bench finds goes to the terminal
"""Speed of the readers of attachments, as ratios in one run: ``python -m tests.bench.bench_documents [PDF ...]``.

Holds: a PDF at most 1.5 times what pdfplumber alone takes for its tables; docx at most 50 ms, a workbook at most 20 ms;
a scanned page at most 6 s on two idle cores.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from normalize.readers import read
from tests import documents

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 7


def best(work: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """The shortest of some runs, in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def plumber_tables(data: bytes) -> None:
    """What pdfplumber alone does for the tables of a PDF."""
    import pdfplumber  # noqa: PLC0415

    with pdfplumber.open(BytesIO(data)) as pdf:
        for page in pdf.pages:
            page.extract_tables()


def main(paths: list[str]) -> None:
    """Print one line a format."""
    parts = documents.parts(documents.figures(1))
    pdfs = {"our PDF": documents.pdf(parts)} | {Path(path).name: Path(path).read_bytes() for path in paths}
    for name, data in pdfs.items():
        alone, ours = best(partial(plumber_tables, data)), best(partial(read, data))
        print(f"{name}: {ours * 1e3:.0f} ms, {ours / alone:.2f} x pdfplumber's tables (hold: 1.5)")
    for name, data, hold in (
        ("docx", documents.docx(parts), 50),
        ("xlsx", documents.xlsx(parts), 20),
        ("ofd", documents.ofd(parts), None),
    ):
        print(f"{name}: {best(partial(read, data)) * 1e3:.1f} ms" + (f" (hold: {hold} ms)" if hold else ""))
    page = documents.picture(documents.scans(pdfs["our PDF"])[1:2], "JPEG")
    read(page)
    print(f"scanned page of 183 cells: {best(partial(read, page), 2):.1f} s (hold: 6 s on two idle cores)")


if __name__ == "__main__":
    main(sys.argv[1:])
