"""The crawl as a step of a run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captures import ArchiveError
from crawler.portals import PortalError
from crawler.run import crawl
from operations.logs import log_json

if TYPE_CHECKING:
    from collections.abc import Callable

PATHS = ("portals", "divisions", "archive")


def step(
    arguments: dict[str, Any], progress: Callable[[str, int], None], tell: Callable[..., None]
) -> dict[str, Any] | None:
    """Crawl, tell what was done, and return why it failed, if it did."""
    if arguments.pop("json_logs"):
        log_json()
        arguments["settings"] = {**arguments["settings"], "LOG_ENABLED": "False"}
    years = arguments["years"]
    given = arguments | {name: Path(arguments[name]) for name in PATHS} | {"years": years and tuple(years)}
    try:
        summary = crawl(**given, on_event=progress)
    except (PortalError, ArchiveError, ValueError) as error:
        return {"text": str(error), "gate": False}
    tell(result=asdict(summary))
    return None
