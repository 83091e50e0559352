"""What a run tells: notifications, metrics, logs, records, tolerances; against servers on loopback."""

from __future__ import annotations

import json
import logging
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from typer.testing import CliRunner

from gongkai import app
from operations.drift import TOLERANCES, Tolerance, drifts, is_worse, lag, tolerances
from operations.history import History, NewerError
from operations.lock import LockedError, only_run
from operations.logs import log_json
from operations.metrics import write_metrics
from operations.model import Alarm, Coverage, Report, RunError, Status, Summary
from operations.notify import notify
from operations.text import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

runner = CliRunner()


def summary(run_id: str = "20260201T023000Z", **more: Any) -> Summary:
    when = datetime.strptime(run_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).isoformat()
    return Summary(**{"run_id": run_id, "host": "h", "started_at": when, "ended_at": when, "status": Status.OK} | more)


ALARMED = summary(
    alarms=[Alarm("family", "trs", "3 portals show no report"), Alarm("gone", "140221 阳高县", "2022", standing=True)],
    new=[Report("140221-2024-0", "140221", "阳高县人民政府", 2024, "http://a.example/1")],
    outcomes={"found": 3},
    coverage=Coverage(2025, 3, 9, 4, 9),
)


# Notifications


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    received: list[dict[str, Any]] = []  # noqa: RUF012 - one server, one list

    def do_POST(self) -> None:
        self.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[int]:
    Hook.received.clear()
    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_webhook(hook: int) -> None:
    pytest.importorskip("apprise", reason="notifications need the extra operate")
    assert notify(ALARMED, markdown(ALARMED), [f"json://127.0.0.1:{hook}/told"]) == []
    (told,) = Hook.received
    assert told["title"] == "Gongkai run 20260201T023000Z: ok, 1 new alarms"
    assert told["type"] == "warning"
    assert "**family** trs: 3 portals show no report" in told["message"]


def test_mail() -> None:
    pytest.importorskip("apprise", reason="notifications need the extra operate")

    class Inbox(Message):
        mails: list[Any]

        def handle_message(self, message: Any) -> None:
            self.mails.append(message)

    inbox = Inbox()
    inbox.mails = []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        place = f"mailto://127.0.0.1:{port}?from=gongkai@example.org&to=you@example.org"
        assert notify(ALARMED, markdown(ALARMED), [place]) == []
    finally:
        controller.stop()
    (mail,) = inbox.mails
    assert mail["To"].endswith("you@example.org>") or mail["To"] == "you@example.org"
    parts = "".join(part.get_payload(decode=True).decode() for part in mail.walk() if not part.is_multipart())
    assert "3 portals show no report" in parts


def test_whom_to_tell() -> None:
    assert ALARMED.calls
    assert not summary(alarms=[Alarm("family", "trs", "", standing=True)]).calls
    assert [summary(status=status).calls for status in Status] == [False, True, True, False, True]


# Metrics and logs


def test_metrics(tmp_path: Path) -> None:
    parser = pytest.importorskip("prometheus_client.parser", reason="metrics need the extra operate")
    strict = pytest.importorskip("prometheus_client.openmetrics.parser", reason="metrics need the extra operate")
    path = tmp_path / "gongkai.prom"
    failed = msgspec.structs.replace(ALARMED, status=Status.FAILED)
    write_metrics(failed, summary("20260101T023000Z"), path)
    found, same = (
        {
            (sample.name, *sample.labels.values()): sample.value
            for family in each.text_string_to_metric_families(path.read_text(encoding="utf-8"))
            for sample in family.samples
        }
        for each in (parser, strict)
    )
    assert found == same
    assert found["gongkai_run_good_timestamp_seconds",] == datetime(2026, 1, 1, 2, 30, tzinfo=UTC).timestamp()
    assert found["gongkai_run_ended_timestamp_seconds",] == datetime(2026, 2, 1, 2, 30, tzinfo=UTC).timestamp()
    assert (found["gongkai_run_status", "failed"], found["gongkai_run_status", "ok"]) == (1, 0)
    assert (found["gongkai_alarms", "family"], found["gongkai_run_reports", "new"]) == (1, 1)
    assert found["gongkai_covered_portals", "a year ago"] == 4
    with pytest.raises(RunError, match="name a file that can be written"):
        write_metrics(failed, None, tmp_path / "nowhere" / "x.prom")


def test_json_logs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pythonjsonlogger", reason="JSON logs need the extra operate")
    kept = logging.root.handlers[:]
    try:
        log_json()
        logging.getLogger("operations.run").info("report new", extra={"portal": "140221", "report": "140221-2024-0"})
        logging.getLogger("scrapy.core").info("of no interest")
    finally:
        logging.root.handlers[:] = kept
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["message"], told["portal"], told["report"]) == ("report new", "140221", "140221-2024-0")
    assert told["level"] == "INFO"


# Records


def test_records(tmp_path: Path) -> None:
    history = History(tmp_path)
    runs = ["20250127T023000Z", "20250301T023000Z", "20260126T023000Z", "20260127T023000Z"]
    for name in runs:
        history.write(summary(name), "text")
    history.write(summary("20260201T023000Z", status=Status.FAILED))
    assert [run.run_id for run in history.past()][:2] == ["20260201T023000Z", "20260127T023000Z"]
    good, year = history.last_good(), history.a_year_before(datetime(2026, 2, 1, tzinfo=UTC))
    assert good
    assert year
    assert (good.run_id, year.run_id) == ("20260127T023000Z", "20250127T023000Z")
    assert history.a_year_before(datetime(2026, 6, 1, tzinfo=UTC)) is None
    assert history.read(runs[0]) == summary(runs[0])
    (tmp_path / "runs" / "20250301T023000Z.json").write_text("{", encoding="utf-8")
    assert len(list(history.past())) == 4


def test_a_newer_record_is_refused(tmp_path: Path) -> None:
    History(tmp_path).write(summary(version=2))
    with pytest.raises(NewerError, match="record version 2, this gongkai reads 1; update it"):
        History(tmp_path).last()
    told = runner.invoke(app, ["runs", "list", "--state", str(tmp_path)])
    assert (told.exit_code, told.stdout) == (2, "")


def test_runs_are_shown(tmp_path: Path) -> None:
    History(tmp_path).write(ALARMED)
    told = runner.invoke(app, ["runs", "list", "--state", str(tmp_path), "--format", "csv"])
    assert told.stdout.splitlines()[1] == "20260201T023000Z,ok,0,1,0,2,0,"
    told = runner.invoke(app, ["runs", "show", "--state", str(tmp_path), "--format", "json"])
    assert json.loads(told.stdout)["alarms"][0]["subject"] == "trs"
    assert runner.invoke(app, ["runs", "show", "no", "--state", str(tmp_path)]).exit_code == 2


def test_lock(tmp_path: Path) -> None:
    second = only_run(tmp_path, "later")
    told = pytest.raises(LockedError, match=r"process \d+ on .+ runs since 2026-02-01T00:00:00Z")
    with only_run(tmp_path, "2026-02-01T00:00:00Z"), told, second:
        pass
    with only_run(tmp_path, "later"):
        pass


# Tolerances


@pytest.mark.parametrize(
    ("now", "before", "worse"),
    [(90, 100, False), (94, 100, False), (89, 100, True), (1, 5, False), (980, 1000, False), (110, 100, False)],
)
def test_count_and_percentage(now: float, before: float, worse: bool) -> None:
    """Ten percent of ten are one, and one is nothing; more is better here."""
    assert is_worse(now, before, Tolerance(5, 10, -1)) is worse


def test_what_has_its_season_is_compared_with_last_year() -> None:
    now = {"new reports": 0.0, "reports in the release": 100.0}
    last = summary(measures={"new reports": 900.0, "reports in the release": 120.0})
    year = summary("20250201T023000Z", measures={"new reports": 5.0, "reports in the release": 20.0})
    assert [alarm.subject for alarm in drifts(now, last, year, TOLERANCES)] == ["reports in the release"]
    assert drifts(now, None, None, TOLERANCES) == []
    spring = summary("20250201T023000Z", measures={"new reports": 500.0})
    assert [alarm.subject for alarm in drifts(now, None, spring, TOLERANCES)] == ["new reports"]


def test_coverage_against_last_year() -> None:
    (alarm,) = lag(Coverage(2025, 100, 3000, 150, 3000), Tolerance(10, 5, -1))
    assert alarm.detail.startswith("100 of 3000 portals have the report of 2025; a year ago 150 of 3000")
    assert lag(Coverage(2025, 100, 3000, 105, 3000), Tolerance(10, 5, -1)) == []
    # The catalogue has doubled: what counts is the share.
    assert lag(Coverage(2025, 200, 3000, 105, 1500), Tolerance(10, 5, -1)) == []
    assert lag(Coverage(2025, 0, 3000, 0, 0), Tolerance(10, 5, -1)) == []


def test_tolerances_are_given_by_name() -> None:
    assert tolerances(["requests=5,2.5"])["requests"] == Tolerance(5, 2.5, +1, seasonal=True)
    for text in ("requests", "nothing=1,2", "requests=1", "requests=a,b"):
        with pytest.raises(RunError, match="write NAME=COUNT,PERCENT"):
            tolerances([text])


def test_wrong_arguments_get_one_line(tmp_path: Path) -> None:
    for words, told in (
        (["--tolerance", "x"], "write NAME=COUNT,PERCENT"),
        (["-s", "x"], "write NAME=VALUE"),
        (["--years", "x"], "write 2023 or 2019-2024"),
        (["--state", str(Path(__file__) / "x")], "name a folder that can be written to"),
    ):
        result = runner.invoke(app, ["run", *words])
        assert (result.exit_code, result.stdout) == (2, "")
        assert told in " ".join(result.stderr.split())
