"""The families of portals whose catalogue row names none, from the list pages that they showed in earlier runs."""

from __future__ import annotations

import logging
from http import HTTPStatus
from itertools import chain, islice
from typing import TYPE_CHECKING

from captures import PayloadError
from crawler.coverage import shows
from crawler.families import family_of, static
from crawler.page import Page, decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from captures import Archive, Capture
    from crawler.coverage import Body

logger = logging.getLogger(__name__)

# So many list pages of a portal are looked at to tell its software.
LOOKED_AT = 5


def recognised(archive: Archive, bodies: set[Body]) -> dict[Body, str]:
    """Return the family of each of the bodies whose pages tell it.

    Pages of the last runs that read the portal's list go first: what it shows since may be what no reader knows. A page
    that the archive cannot give back is told of, and how many they are.
    """
    if not bodies:
        return {}
    codes = {code for code, _ in bodies}
    read = _last_read(archive, bodies)
    pages: dict[str, list[Capture]] = {}
    for capture in archive.captures(kind="list", newest=False):
        if capture.portal_code in codes and capture.http_status == HTTPStatus.OK:
            pages.setdefault(capture.portal_code, []).append(capture)

    def order(capture: Capture) -> tuple[bool, str]:
        return (capture.portal_code, capture.run_id) in read, capture.fetched_at

    lost: list[PayloadError] = []
    found = {
        code: _family(archive, sorted(captures, key=order, reverse=True), lost) for code, captures in pages.items()
    }
    for error in lost:
        logger.warning("%s", error)
    if lost:
        logger.warning("the families of portals were told without %d list pages that cannot be read", len(lost))
    return {(code, name): found[code] for code, name in bodies if found.get(code)}


def _last_read(archive: Archive, bodies: set[Body]) -> set[tuple[str, str]]:
    """Code and run of the newest outcome of each portal year that shows its list."""
    found = set()
    for history in archive.histories():
        newest = next(history)
        if (newest.code, newest.name) in bodies and (row := next(filter(shows, chain((newest,), history)), None)):
            found.add((row.code, row.run_id))
    return found


def _family(archive: Archive, captures: Iterable[Capture], lost: list[PayloadError]) -> str:
    """The family of the first page that tells one; of pages that are the same, one is looked at.

    What cannot be read goes into ``lost``.
    """
    different: dict[str, Capture] = {}
    for capture in captures:
        different.setdefault(capture.sha256, capture)
    for capture in islice(different.values(), LOOKED_AT):
        try:
            body = archive.read(capture)
        except PayloadError as error:
            lost.append(error)
            continue
        name = family_of(Page(capture.final_url, decode(body, capture.charset), len(body))).name
        if name != static.name:
            return name
    return ""
