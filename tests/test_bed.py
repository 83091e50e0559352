"""One crawl over every family, every quirk, every way to hide a column, and every failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.families import FAMILIES
from tests.portals.bed import bed, crawl_bed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
async def test_one_crawl_of_the_whole_bed(tmp_path: Path) -> None:
    benches = bed()
    assert {bench.portal.family for bench in benches.values()} > {family.name for family in FAMILIES}
    figures = await crawl_bed(tmp_path, benches)
    said = "\n".join(figures.lines())
    assert figures.portals >= 200, said
    assert figures.recall >= 0.99, said
    assert figures.precision == 1, said
    assert (figures.wrong, figures.strange) == ([], []), said
    assert figures.most_in_flight == 1, said
