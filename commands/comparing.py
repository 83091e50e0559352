"""Commands that look into a release: panel, check, diff."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.console import DATA, ListFormat, ReleasesOption, err, fail, out, year_span


class DiffFormat(StrEnum):
    """How ``diff`` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    HTML = "html"


class PanelFormat(StrEnum):
    """What ``panel`` writes."""

    CSV = "csv"
    XLSX = "xlsx"
    DTA = "dta"


def panel(
    output: Annotated[Path, typer.Option(help="The file to write.")],
    form: Annotated[PanelFormat, typer.Option("--format", help="xlsx needs the extra xlsx; dta is Stata 118.")],
    years: Annotated[str, typer.Option(help="Report years, 2019-2024 or 2023; all where not given.")] = "",
    province: Annotated[str | None, typer.Option(help="A province's name or its two digits.")] = None,
    releases: ReleasesOption = DATA / "releases",
) -> None:
    """Write the harmonised panel for a spreadsheet or for Stata, each column with its label.

    Example: `gongkai panel --format dta --output panel.dta --years 2019-2024`
    """
    from normalize.exports import export_panel
    from normalize.published import ReleaseError

    span = year_span(years)
    asked = range(span[0], span[1] + 1) if span else None
    try:
        rows = export_panel(releases, output, form.value, years=asked, province=province)
    except ReleaseError as error:
        fail(str(error))
    err.print(f"{rows} rows written to {output}", highlight=False)


def check(
    releases: ReleasesOption = DATA / "releases",
    form: Annotated[ListFormat, typer.Option("--format")] = ListFormat.TABLE,
    limit: Annotated[int, typer.Option(min=0, help="Table: so many of the gravest; 0: all.")] = 20,
    strict: Annotated[bool, typer.Option(help="Exit with 1 where a hard check failed.")] = False,
) -> None:
    """Show the checks that failed, the hard ones first, each with its cells and where they stand.

    Example: `gongkai check --strict`
    """
    from normalize.failures import failed_checks
    from normalize.release import ReleaseError
    from normalize.show import print_failures

    try:
        frame = failed_checks(releases)
    except ReleaseError as error:
        fail(str(error))
    if form is ListFormat.CSV:
        sys.stdout.write(frame.to_csv(index=False, lineterminator="\n"))
    else:
        print_failures(frame.head(limit or len(frame)), out)
        counts = frame["severity"].value_counts()
        told = ", ".join(f"{counts[each]} {each}" for each in ("hard", "soft", "note") if each in counts)
        more = f"; the {limit} gravest are shown, --limit 0 shows all" if 0 < limit < len(frame) else ""
        out.print(f"{len(frame)} checks failed{': ' + told if told else ''}{more}", highlight=False)
    if strict and (frame["severity"] == "hard").any():
        raise typer.Exit(1)


def diff(
    first: Annotated[int, typer.Argument(help="The earlier report year.")],
    second: Annotated[int, typer.Argument(help="The later report year.")],
    body: Annotated[str | None, typer.Option(help="A body's full name.")] = None,
    division: Annotated[str | None, typer.Option(help="A division code, or the start of one.")] = None,
    province: Annotated[str | None, typer.Option(help="A province's name or its two digits.")] = None,
    indicator: Annotated[
        str | None, typer.Option(help="An indicator or series, or the first parts of its code.")
    ] = None,
    series: Annotated[bool, typer.Option(help="Compare the harmonised series, not the figures.")] = False,
    jumps: Annotated[bool, typer.Option(help="Flag changes beyond the body's own history and its peers'.")] = False,
    releases: ReleasesOption = DATA / "releases",
    every: Annotated[bool, typer.Option("--all", help="Table: unchanged figures too.")] = False,
    totals: Annotated[bool, typer.Option(help="Table: of table three only the totals.")] = False,
    form: Annotated[DiffFormat, typer.Option("--format")] = DiffFormat.TABLE,
    output: Annotated[Path | None, typer.Option(help="A file to write to; parquet needs one.")] = None,
) -> None:
    """Compare two report years, figure by figure or series by series.

    Example: `gongkai diff 2023 2024 --province 江苏省 --series --format html --output diff.html`
    """
    from normalize.diff import years
    from normalize.release import ReleaseError

    if form is DiffFormat.PARQUET and output is None:
        fail("--format parquet: name a file with --output")
    try:
        frame = years(
            releases, first, second, body=body, division=division, province=province, indicator=indicator,
            series=series, jumps=jumps,
        )  # fmt: skip
    except ReleaseError as error:
        fail(str(error))
    what = body or division or province or "all bodies"
    if form is DiffFormat.TABLE:
        _print_diff(frame, what, (first, second), every=every, totals=totals)
    elif form is DiffFormat.PARQUET:
        with _writing(output):
            frame.to_parquet(output, index=False)
    else:
        _write_text(_diff_text(frame, form, what), output)


def _diff_text(frame: Any, form: DiffFormat, what: str) -> str:
    from explorer.diff_page import diff_page

    if form is DiffFormat.HTML:
        return diff_page(frame, what)
    if form is DiffFormat.CSV:
        return str(frame.to_csv(index=False, lineterminator="\n"))
    return str(frame.to_json(orient="records", force_ascii=False, indent=1)) + "\n"


def _write_text(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    with _writing(output):
        output.write_text(text, encoding="utf-8")


@contextmanager
def _writing(output: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fail(f"{output}: {error.strerror or error}; name a file that can be written")


def _print_diff(frame: Any, what: str, span: tuple[int, int], *, every: bool, totals: bool) -> None:
    from normalize.show import print_frame

    first, second = span
    rows = frame[frame["applicant"].isin(["", "total"])] if totals else frame
    changed = rows if every else rows[(rows["change"] != 0) | (rows["note"] != "")]
    columns = ["indicator", "applicant", f"value_{first}", f"value_{second}", "change", "percent", "unit", "note"]
    if "jump" in frame:
        columns[-1:] = ["jump", "history_n", "peers_n", "peers_of", "note"]
        changed = changed.astype(dict.fromkeys(columns[-5:-1], object)).fillna(dict.fromkeys(columns[-5:-1], ""))
    if changed["body"].nunique() > 1:
        columns.insert(0, "body")
    shown = changed[columns].rename(columns={f"value_{first}": str(first), f"value_{second}": str(second)})
    title = f"{what}, {first} to {second}: {len(changed)} of {len(rows)} figures changed or doubtful"
    print_frame(shown, title, out, folded=("body", "indicator", "note"))
