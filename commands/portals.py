"""Commands on the catalogue: portals check, portals discover."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.console import (
    DATA,
    DivisionsOption,
    ListFormat,
    PortalsOption,
    SettingOption,
    err,
    fail,
    out,
    say,
    show_rows,
)
from commands.running import progress_line, scrapy_settings

if TYPE_CHECKING:
    from crawler.survey import Finding


def portals_check(
    portals: PortalsOption = DATA / "portals.csv",
    divisions: DivisionsOption = DATA / "divisions.csv",
    live: Annotated[bool, typer.Option("--live", help="Visit home pages and columns too.")] = False,
    county: Annotated[list[str] | None, typer.Option(help="With --live: division code; may be given again.")] = None,
    form: Annotated[ListFormat, typer.Option("--format")] = ListFormat.TABLE,
    setting: SettingOption = None,
) -> None:
    """Check the catalogue; with --live also that each portal answers, whose it is, and which family it has.

    Example: `gongkai portals check --live --county 140221 --format csv > portals-report.csv`
    """
    from crawler.catalogue import holdings, remarks
    from crawler.identity import Places
    from crawler.portals import PortalError, read_portals
    from crawler.survey import findings_table

    if live:
        found = _survey(portals, divisions, tuple(county or ()), scrapy_settings(setting or []), check_only=True)
        show_rows(findings_table(found), form)
        return
    try:
        rows = read_portals(portals, divisions)
        said = remarks(rows, Places(divisions))
    except PortalError as error:
        fail(str(error))
    show_rows(holdings(rows), form)
    for remark in said:
        err.print(remark, markup=False, highlight=False, soft_wrap=True)
    err.print(f"{portals}: {len(rows)} rows, no fault, {len(said)} remarks", highlight=False)


def portals_discover(
    code: Annotated[list[str], typer.Option(help="Division code; may be given again.")],
    portals: PortalsOption = DATA / "portals.csv",
    divisions: DivisionsOption = DATA / "divisions.csv",
    write: Annotated[bool, typer.Option("--write", help="Write what was found into the catalogue.")] = False,
    setting: SettingOption = None,
) -> None:
    """Look for report columns from the home pages on, show the path, and propose catalogue rows.

    Example: `gongkai portals discover --code 140221`
    """
    from crawler.catalogue import write_row
    from crawler.portals import PortalError

    for finding in _survey(portals, divisions, tuple(code), scrapy_settings(setting or []), check_only=False):
        out.print(f"{finding.portal.code} {finding.portal.name}", style="bold", highlight=False)
        for step in finding.path:
            say(f"  {step.stage:9} {step.url}  {step.note}")
        new = finding.proposal
        if new is None:
            say(f"  {finding.code}: {finding.detail}")
            continue
        for name in ("hub_url", "list_url", "family"):
            old, found = getattr(finding.portal, name), getattr(new, name)
            same = "as it is" if old == found else f"was {old or 'empty'}"
            say(f"  {name} = {found} ({same})")
        if write and new != finding.portal:
            try:
                write_row(portals, divisions, finding.portal, new)
            except PortalError as error:
                fail(str(error))
            err.print(f"{portals}: row of {finding.portal.code} written", highlight=False)


def _survey(
    portals: Path, divisions: Path, codes: tuple[str, ...], settings: dict[str, str], *, check_only: bool
) -> list[Finding]:
    from crawler.portals import PortalError
    from crawler.run import survey

    with progress_line("looking") as show:
        try:
            return survey(
                portals=portals,
                divisions=divisions,
                counties=codes,
                check_only=check_only,
                settings={"LOG_LEVEL": "ERROR", **settings},
                on_event=show,
            )
        except PortalError as error:
            fail(str(error))
