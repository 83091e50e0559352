"""What all commands share: where they print, how they fail, and the options that mean the same everywhere."""

from __future__ import annotations

import csv
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# What goes to a file or a pipe need not be squeezed into lines of a terminal's width.
WIDEST = 1_000
DATA = Path(__file__).resolve().parent.parent / "data"
# Results go to standard output alone, so that they can be piped; all else goes to standard error.
out = Console(soft_wrap=False)
err = Console(stderr=True)

# What a schedule is set up with holds for whoever looks after it: every command reads the same environment.
ArchiveOption = Annotated[Path, typer.Option("--archive", envvar="GONGKAI_ARCHIVE", help="Folder of the archive.")]
PortalsOption = Annotated[Path, typer.Option("--portals", envvar="GONGKAI_PORTALS", help="The catalogue of portals.")]
DivisionsOption = Annotated[
    Path, typer.Option("--divisions", envvar="GONGKAI_DIVISIONS", help="The table of divisions.")
]
SettingOption = Annotated[list[str] | None, typer.Option("-s", help="Scrapy setting, NAME=VALUE; may be given again.")]
ReleasesOption = Annotated[Path, typer.Option("--releases", envvar="GONGKAI_RELEASES", help="Folder of the releases.")]
StateOption = Annotated[
    Path, typer.Option("--state", envvar="GONGKAI_STATE", help="Folder of the lock and of the records of runs.")
]


class ListFormat(StrEnum):
    """How lists are printed."""

    TABLE = "table"
    CSV = "csv"


# Exceptions of these packages name file, place and remedy in their text.
OWN = frozenset({"captures", "crawler", "normalize", "operations"})


class Commands(TyperGroup):
    """The commands; what no command expected ends in one clear line all the same, where the error says all there is."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the line names."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if not error.filename or not error.strerror:
                raise
            fail(f"{error.filename}: {error.strerror}; name a place that can be read and written")
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in OWN:
                raise
            fail(str(error))


def fail(message: str) -> NoReturn:
    """End with one clear line and exit code 2."""
    err.print(f"gongkai: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


def say(text: str) -> None:
    """Print one line of a result as it is, however long."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def complain(text: str) -> None:
    """Print one line of trouble on standard error, and go on."""
    err.print(text, style="red", markup=False, highlight=False, soft_wrap=True)


def year_span(years: str) -> tuple[int, int] | None:
    """Read ``2023`` or ``2019-2024``; None where nothing is given."""
    if not years:
        return None
    first, _, last = years.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal():
        fail(f"--years {years}: write 2023 or 2019-2024")
    return int(first), int(last or first)


def show_rows(rows: Sequence[dict[str, Any]], form: ListFormat) -> None:
    """Print rows of one kind as a table or as csv; nothing where there are none."""
    if not rows:
        return
    if form is ListFormat.CSV:
        write_csv(list(rows[0]), rows)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(rows[0]):
        # Nothing is cut off: the first column names what the others tell of, and those are folded.
        table.add_column(name, no_wrap=place == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row.values()))
    (out if out.is_terminal else Console(file=out.file, width=WIDEST)).print(table)


def write_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Print rows as csv on standard output."""
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
