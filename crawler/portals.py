"""The catalogue of portals: the only reader of portals.csv."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.families import FAMILY_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

REQUIRED = ("code", "name", "level", "home_url")
OPTIONAL = ("hub_url", "list_url", "family", "render", "status", "note")
GOVERNMENTS = ("province", "city", "county")
BODIES = ("department", "township", "zone")
STATUSES = ("", "active", "retired")
RENDERS = ("", "true", "false")


class PortalError(Exception):
    """The catalogue cannot be used; the text lists every bad row with file, line, column, value and remedy."""


@dataclass(frozen=True, slots=True)
class Portal:
    """One row of the catalogue: a body's web site and, where known, its report column.

    ``code`` is a division code (GB/T 2260); bodies below a county may carry up to twelve digits. ``family`` is empty
    where the family is to be detected. ``render`` says that the list exists only after scripts have run.
    """

    code: str
    name: str
    level: str
    home_url: str
    hub_url: str = ""
    list_url: str = ""
    family: str = ""
    render: bool = False
    status: str = "active"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell of the catalogue."""

    line: int
    column: str
    value: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.value!r}: {self.remedy}"


def read_portals(path: Path, divisions_path: Path) -> list[Portal]:
    """Read and check the whole catalogue.

    Raises PortalError, which lists all bad rows, when a column is missing or unknown, a code is not in the divisions, a
    URL is absent or no web address, a level, family or status is unknown, or a row is there twice.
    """
    codes = _division_codes(divisions_path)
    header, rows = _table(path)
    faults = _header_faults(header)
    if faults:
        raise PortalError(_message(path, faults))
    portals = []
    seen: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        found = [*_row_faults(line, row, codes), *_duplicate(line, row, seen)]
        faults += found
        if not found:
            portals.append(_portal(row))
    if faults:
        raise PortalError(_message(path, faults))
    return portals


def select(portals: Sequence[Portal], counties: Sequence[str], path: Path) -> list[Portal]:
    """Return the active portals, or those of the given codes; raises PortalError for a code that has no row."""
    known = {portal.code for portal in portals}
    absent = [code for code in counties if code not in known]
    if absent:
        raise PortalError(f"{path}: no row has the code {', '.join(absent)}: add one, or correct the code asked for")
    wanted = set(counties) or known
    return [portal for portal in portals if portal.code in wanted and portal.status != "retired"]


def _division_codes(path: Path) -> frozenset[str]:
    header, rows = _table(path)
    if "code" not in header:
        raise PortalError(f"{path}: line 1: the column code is missing: name the file of divisions")
    return frozenset(row["code"] for _, row in rows)


def _table(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PortalError(f"{path}: no such file: name an existing CSV file") from None
    except UnicodeDecodeError as error:
        raise PortalError(f"{path}: byte {error.start} is not UTF-8: save the file as UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    rows = []
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            raise PortalError(
                f"{path}: line {reader.line_num}: {len(cells)} cells under {len(header)} columns: "
                "quote cells that hold a comma"
            )
        rows.append((reader.line_num, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}))
    return header, rows


def _header_faults(header: list[str]) -> list[Fault]:
    missing = [Fault(1, name, "", "the column is missing: add it") for name in REQUIRED if name not in header]
    unknown = [
        Fault(1, name, name, f"no such column: use {', '.join((*REQUIRED, *OPTIONAL))}")
        for name in header
        if name not in REQUIRED + OPTIONAL
    ]
    return missing + unknown


def _row_faults(line: int, row: dict[str, str], codes: frozenset[str]) -> Iterator[Fault]:
    if not _known(row["code"], row["level"], codes):
        yield Fault(line, "code", row["code"], "not a code of divisions.csv: give the body's division code")
    if not row["name"]:
        yield Fault(line, "name", "", "the name is empty: give the body's name")
    choices = {
        "level": GOVERNMENTS + BODIES,
        "family": ("", *sorted(FAMILY_NAMES)),
        "render": RENDERS,
        "status": STATUSES,
    }
    for column, allowed in choices.items():
        value = row.get(column, allowed[0])
        if value not in allowed:
            yield Fault(line, column, value, f"unknown {column}: use {', '.join(filter(None, allowed))}")
    if not row["home_url"]:
        yield Fault(line, "home_url", "", "no URL: give the address of the portal's home page")
    for column in ("home_url", "hub_url", "list_url"):
        value = row.get(column, "")
        if value and not _is_web(value):
            yield Fault(line, column, value, "not a web address: give one that starts with http:// or https://")


def _known(code: str, level: str, codes: frozenset[str]) -> bool:
    """Tell whether a code is a division's, or for a body below it starts with one."""
    if level in BODIES:
        return code.isdecimal() and 6 <= len(code) <= 12 and code[:6] in codes
    return code in codes


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _duplicate(line: int, row: dict[str, str], seen: dict[tuple[str, ...], int]) -> Iterator[Fault]:
    """A government may have several rows only for different columns; bodies below it share its code."""
    body = row["name"] if row["level"] in BODIES else ""
    key = (row["code"], body, row.get("list_url", ""))
    if key in seen:
        yield Fault(line, "code", row["code"], f"same code and list_url as line {seen[key]}: remove one of the two")
    seen.setdefault(key, line)


def _portal(row: dict[str, str]) -> Portal:
    return Portal(
        code=row["code"],
        name=row["name"],
        level=row["level"],
        home_url=row["home_url"],
        hub_url=row.get("hub_url", ""),
        list_url=row.get("list_url", ""),
        family=row.get("family", ""),
        render=row.get("render", "") == "true",
        status=row.get("status", "") or "active",
        note=row.get("note", ""),
    )


def _message(path: Path, faults: list[Fault]) -> str:
    count = f"{len(faults)} fault" + ("s" if len(faults) > 1 else "")
    return "\n".join([f"{path}: {count}, nothing was crawled", *(f"  {fault}" for fault in faults)])
