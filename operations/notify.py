"""Tells people of a run, by e-mail, webhook or whatever else Apprise reaches."""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from operations.model import RunError, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from operations.model import Summary

log = logging.getLogger(__name__)


def check_places(places: Sequence[str]) -> None:
    """Raise RunError where the extra is missing, or where an address is none; it is not shown, for it holds secrets."""
    if not places:
        return
    if find_spec("apprise") is None:
        raise RunError('--notify needs Apprise: pip install "gongkai[operate]"')
    for number, place in enumerate(places, 1):
        if not _client().add(place):
            raise RunError(f"--notify, address {number}: not understood; write jsons://HOST/PATH or mailtos://…")


def notify(summary: Summary, text: str, places: Sequence[str]) -> list[str]:
    """Send a run's summary to every place and return which of them did not take it, without their secrets."""
    failed = []
    for place in places:
        client = _client()
        client.add(place)
        kind = "failure" if summary.status in (Status.FAILED, Status.REFUSED) else "warning"
        if not client.notify(
            title=title(summary),
            body=text,
            body_format="markdown",
            notify_type=kind if summary.calls else "success",
        ):
            failed.append(client[0].url(privacy=True))
    for name in failed:
        log.error("the summary of run %s did not reach %s", summary.run_id, name)
    return failed


def title(summary: Summary) -> str:
    """Say in one line how a run ended."""
    fresh = sum(not alarm.standing for alarm in summary.alarms)
    what = f"{fresh} new alarms" if fresh else f"{len(summary.new)} new reports"
    return f"Gongkai run {summary.run_id}: {summary.status}, {what}"


def _client() -> Any:
    # What it logs of an address that it does not understand is the address, with its secrets.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return import_module("apprise").Apprise()
