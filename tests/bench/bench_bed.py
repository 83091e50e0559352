"""Crawls the whole test bed in one run and prints what it came to: recall, precision, outcomes, requests a report.

Example: ``python -m tests.bench.bench_bed``
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.portals.bed import bed, crawl_bed


def main() -> None:
    """Crawl and print."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(crawl_bed(Path(folder), bed()))
    sys.stdout.write("\n".join([*figures.lines(), f"{time.perf_counter() - start:.1f} s, {figures.summary}", ""]))


if __name__ == "__main__":
    main()
