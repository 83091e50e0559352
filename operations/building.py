"""The build as a step of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from captures import ArchiveError
from normalize import read_document
from normalize.codebook import CodebookError
from normalize.corrections import CorrectionError
from normalize.release import GateError, ReleaseError, build
from operations.logs import log_json

if TYPE_CHECKING:
    from collections.abc import Callable


def step(
    arguments: dict[str, Any], progress: Callable[[str, int], None], tell: Callable[..., None]
) -> dict[str, Any] | None:
    """Build and publish, tell which release there is now, and return why it failed, if it did."""
    if arguments["json_logs"]:
        log_json()
    done = 0

    def read(now: int, _total: int) -> None:
        nonlocal done
        progress("document", now - done)
        done = now

    try:
        release = build(
            Path(arguments["archive"]),
            Path(arguments["releases"]),
            workers=arguments["workers"],
            reader=read_document,
            allow_shrink=arguments["allow_shrink"],
            on_progress=read,
        )
    except GateError as error:
        return {"text": str(error), "gate": True}
    except (ArchiveError, ReleaseError, CorrectionError, CodebookError) as error:
        return {"text": str(error), "gate": False}
    tell(result={"release_id": release.release_id})
    return None
