"""Commands that show a release: explore in a browser, report as a page of its own."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from commands.console import (
    DATA,
    ArchiveOption,
    DivisionsOption,
    PortalsOption,
    ReleasesOption,
    StateOption,
    err,
    fail,
    say,
)


class Language(StrEnum):
    """The language of labels."""

    ZH = "zh"
    EN = "en"


def report(
    county: Annotated[str, typer.Option(help="The county's six-digit division code.")],
    year: Annotated[int | None, typer.Option(help="Whose tables are shown; the newest where not given.")] = None,
    language: Annotated[Language, typer.Option("--lang", help="The language of labels.")] = Language.ZH,
    output: Annotated[Path | None, typer.Option(help="A file to write to.")] = None,
    releases: ReleasesOption = DATA / "releases",
) -> None:
    """Write a county's series, tables, checks and peers as one HTML page that needs nothing else.

    Example: `gongkai report --county 140221 --output 140221.html`
    """
    from explorer.report import county_page

    text = county_page(releases, county, year, language.value)
    if output is None:
        say(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output}: {error.strerror}; name a file that can be written")
    err.print(f"written to {output}", highlight=False)


def explore(
    releases: ReleasesOption = DATA / "releases",
    archive: ArchiveOption = DATA / "archive",
    portals: PortalsOption = DATA / "portals.csv",
    divisions: DivisionsOption = DATA / "divisions.csv",
    state: StateOption = DATA / "operations",
    host: Annotated[
        str, typer.Option(help="The address to listen at; who can reach it can read the release.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8501,
) -> None:
    """Look at a release in the browser: coverage, a county's years, what changed, and where a number stands.

    Example: `gongkai explore --releases data/sample`
    """
    from crawler.portals import PortalError, read_portals
    from explorer.serve import serve
    from explorer.settings import Settings

    try:
        families = {portal.code: portal.family for portal in read_portals(portals, divisions)}
    except PortalError as error:
        fail(str(error))
    try:
        serve(Settings(releases, archive, state, families), host, port)
    except ModuleNotFoundError as error:
        fail(f'{error.name} is not installed; explore needs an extra: pip install "gongkai[explore]"')
