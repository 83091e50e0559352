"""The main job on sample portals: demo."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from commands.comparing import check, diff
from commands.console import fail, out
from commands.crawling import crawl, status
from commands.releases import build


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Where archive and release go; a new temporary folder where not given.")
    ] = None,
) -> None:
    """Run the main job on sample portals of this machine: crawl, build, check, diff.

    The portals are served on loopback; their pages hold the figures of real reports. Runs from a checkout.

    Example: `gongkai demo --folder demo`
    """
    try:
        from tests.portals.demo import sample_portals
    except ModuleNotFoundError as error:
        fail(f"the sample portals are not here ({error.name}); clone the repository and run make demo there")
    place = folder or Path(tempfile.mkdtemp(prefix="gongkai-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    archive, releases = place / "archive", place / "releases"
    with sample_portals(place) as portals:
        _headline("1 of 5: crawl the sample portals into a WARC archive")
        crawl(
            portals=portals,
            archive=archive,
            setting=["DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "CONTACT=demo"],
            years="2019-2024",
        )
    _headline("2 of 5: coverage; a year without a report says why")
    status(archive=archive)
    _headline("3 of 5: read the archive and publish a Parquet release")
    build(archive=archive, releases=releases)
    _headline("4 of 5: identities that do not hold, as printed by the sources")
    check(releases=releases)
    _headline("5 of 5: 宿迁市, 2023 against 2024")
    diff(2023, 2024, body="宿迁市人民政府", releases=releases, totals=True)
    out.print("Load it:", style="bold")
    out.print(f"  import pandas as pd; pd.read_parquet({str(releases / 'latest' / 'figures')!r})", soft_wrap=True)


def _headline(text: str) -> None:
    out.rule(f"[bold]{text}", align="left")
