"""Keeps the catalogue: what it holds and lacks, and one row written anew without touching another."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.portals import GOVERNMENTS, PortalError, read_portals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.identity import Places
    from crawler.portals import Portal

# What a survey may propose to change.
PROPOSED = ("hub_url", "list_url", "family")


def holdings(portals: Sequence[Portal]) -> list[dict[str, str | int]]:
    """Return for each level how many rows there are, and how many name hub, column and family."""
    rows: list[dict[str, str | int]] = []
    for level in dict.fromkeys(portal.level for portal in portals):
        of_level = [portal for portal in portals if portal.level == level]
        rows.append(
            {
                "level": level,
                "rows": len(of_level),
                "hub": sum(bool(portal.hub_url) for portal in of_level),
                "column": sum(bool(portal.list_url) for portal in of_level),
                "family": sum(bool(portal.family) for portal in of_level),
                "retired": sum(portal.status == "retired" for portal in of_level),
            }
        )
    return rows


def remarks(portals: Sequence[Portal], places: Places) -> list[str]:
    """Return what is no fault and yet worth a look: counties without a portal, home pages that several share."""
    known = {portal.code for portal in portals}
    absent = [f"{code} {name}: no portal" for code, name in places.counties().items() if code not in known]
    homes = Counter(
        portal.home_url for portal in {(each.code, each.home_url): each for each in portals if _governs(each)}.values()
    )
    shared = [
        f"{home}: home page of {count} bodies, "
        + " ".join(portal.code for portal in portals if portal.home_url == home and _governs(portal))
        for home, count in homes.items()
        if count > 1
    ]
    return absent + shared


def write_row(path: Path, divisions: Path, old: Portal, new: Portal) -> None:
    """Write hub, column and family of one row anew, all at once or not at all; every other byte stays.

    Raises PortalError where the row is not there once, a column is missing, or the catalogue would not be sound.
    """
    text = path.read_bytes().decode("utf-8-sig")
    mark = "\ufeff" if path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
    lines = text.splitlines(keepends=True)
    header = next(csv.reader(lines[:1]), [])
    missing = [name for name in PROPOSED if name not in header]
    if missing:
        raise PortalError(f"{path}: line 1: no column {', '.join(missing)}: add it to the header first")
    spans = [span for span in _spans(lines) if _is_row(dict(zip(header, span[2], strict=False)), old)]
    if len(spans) != 1:
        raise PortalError(f"{path}: {len(spans)} rows for {old.code} {old.name} with this column: edit it by hand")
    start, end, cells = spans[0]
    row = dict(zip(header, cells, strict=True)) | {name: getattr(new, name) for name in PROPOSED}
    lines[start:end] = [_line([row[name] for name in header], lines[end - 1])]
    _replace(path, divisions, mark + "".join(lines))


def _governs(portal: Portal) -> bool:
    return portal.level in GOVERNMENTS and portal.status != "retired"


def _spans(lines: list[str]) -> list[tuple[int, int, list[str]]]:
    """The cells of each row, and the lines that it takes up."""
    reader = csv.reader(lines)
    found, start = [], 0
    for cells in reader:
        found.append((start, reader.line_num, cells))
        start = reader.line_num
    return found[1:]


def _is_row(row: dict[str, str], portal: Portal) -> bool:
    known = {name: value.strip() for name, value in row.items()}
    return (known.get("code"), known.get("name"), known.get("list_url")) == (portal.code, portal.name, portal.list_url)


def _line(cells: list[str], before: str) -> str:
    """A row as a line that ends as the old one did."""
    ending = before[len(before.rstrip("\r\n")) :]
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=ending).writerow(cells)
    return buffer.getvalue()


def _replace(path: Path, divisions: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        draft = Path(file.name)
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        read_portals(draft, divisions)
        draft.chmod(path.stat().st_mode)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
