"""The figures of a run as OpenMetrics, for Prometheus' textfile collector."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from operations.history import replace_file
from operations.model import RunError, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from operations.model import Summary


def check_metrics() -> None:
    """Raise RunError where the extra is missing."""
    if find_spec("prometheus_client") is None:
        raise RunError('--metrics needs prometheus-client: pip install "gongkai[operate]"')


def write_metrics(summary: Summary, last_good: Summary | None, path: Path) -> None:
    """Write a run's figures to a file in one step; RunError where it cannot be written."""
    client = import_module("prometheus_client")
    registry = client.CollectorRegistry()

    def gauge(name: str, text: str, values: Mapping[str, float], label: str = "") -> None:
        made = client.Gauge(f"gongkai_{name}", text, [label] if label else [], registry=registry)
        for key, value in values.items():
            (made.labels(key) if label else made).set(value)

    good = summary if summary.status is Status.OK else last_good
    gauge("run_ended_timestamp_seconds", "When the last run ended", {"": _seconds(summary.ended_at)})
    if good:
        gauge("run_good_timestamp_seconds", "When the last good run ended", {"": _seconds(good.ended_at)})
    gauge("run_status", "How the last run ended", {each: summary.status is each for each in Status}, "status")
    gauge("run_duration_seconds", "How long it took", {"": summary.seconds})
    gauge("run_requests", "Requests that it made", {"": summary.requests})
    gauge("run_received_bytes", "Bytes that it received", {"": summary.bytes})
    gauge("run_portals", "Portals that it visited", {"": summary.portals})
    gauge("run_outcomes", "Portal years by outcome", summary.outcomes, "outcome")
    reports = {"new": len(summary.new), "changed": len(summary.changed), "withdrawn": len(summary.withdrawn)}
    gauge("run_reports", "Reports by what became of them", reports, "change")
    gauge("measure", "Figures that runs are compared by", summary.measures, "measure")
    kinds = sorted({alarm.kind for alarm in summary.alarms})
    counts = {kind: sum(alarm.kind == kind for alarm in summary.alarms) for kind in kinds}
    gauge("alarms", "What a person should look at", counts, "kind")
    if summary.coverage:
        both = {"now": summary.coverage.kept, "a year ago": summary.coverage.kept_a_year_ago}
        gauge("covered_portals", "Portals with the report that is due", both, "when")
    try:
        # OpenMetrics, which for gauges the older text format that the collector reads as well takes as it is.
        replace_file(path, import_module("prometheus_client.openmetrics.exposition").generate_latest(registry))
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}; name a file that can be written with --metrics") from error


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0
