"""The exit codes of ``gongkai run``: each one as docs/operating.md tells schedulers."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import operations.run
from gongkai import app
from operations.history import History
from operations.lock import LockedError
from operations.model import Alarm, RunError, Status, Summary
from tests.operating import ROOT, county, plan_of, served, words_of

if TYPE_CHECKING:
    from pathlib import Path

    from operations.model import Plan

YEARS = [2023, 2024]
NEW, STANDING = Alarm("gone", "140221 阳高县", "2022"), Alarm("gone", "140221 阳高县", "2022", standing=True)
LIMITED = "the crawl was ended by CLOSESPIDER_PAGECOUNT; the next run goes on where it was"


@pytest.mark.parametrize(
    ("status", "alarms", "words", "code"),
    [
        (Status.OK, [], [], 0),
        (Status.OK, [], ["--strict"], 0),
        (Status.OK, [NEW], [], 0),
        (Status.OK, [NEW], ["--strict"], 1),
        (Status.OK, [STANDING], ["--strict"], 0),
        (Status.REFUSED, [NEW], ["--strict"], 4),
        (Status.REFUSED, [], [], 4),
        (Status.FAILED, [NEW], ["--strict"], 5),
        (Status.FAILED, [], [], 5),
        (Status.STOPPED, [], [], 6),
        (Status.STOPPED, [NEW], ["--strict"], 6),
    ],
)
def test_code_of_each_end(
    status: Status, alarms: list[Alarm], words: list[str], code: int, *, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = Summary(run_id="20260201T023000Z", host="h", started_at="2026-02-01T02:30:00Z", status=status, alarms=alarms)
    monkeypatch.setattr(operations.run, "run", lambda *_, **__: told)
    ended = CliRunner().invoke(app, ["run", "--state", str(tmp_path), *words])
    assert (ended.exit_code, ended.stderr) == (code, "")
    assert f"Run 20260201T023000Z: {status}" in ended.stdout


@pytest.mark.parametrize(("error", "code"), [(RunError("wrong"), 2), (LockedError("process 7 runs"), 3)])
def test_run_that_cannot_begin(monkeypatch: pytest.MonkeyPatch, error: Exception, code: int) -> None:
    def refuse(*_: Any, **__: Any) -> Summary:
        raise error

    monkeypatch.setattr(operations.run, "run", refuse)
    ended = CliRunner().invoke(app, ["run"])
    assert (ended.exit_code, ended.stdout) == (code, "")
    assert str(error) in ended.stderr


def ended(plan: Plan, *more: str) -> tuple[int, Summary]:
    done = subprocess.run([*words_of(plan), *more], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    told = json.loads(done.stdout)
    return done.returncode, History(plan.state).read(told["run_id"])


@pytest.mark.slow
def test_alarm_refusal_and_limit_as_a_scheduler_sees_them(tmp_path: Path) -> None:
    portals = {"140221": county("阳高县", YEARS), "140222": county("天镇县", YEARS, seed=9)}
    with served(portals):
        plan = plan_of(tmp_path, portals)
        code, whole = ended(plan, "--strict")
        assert (code, whole.status, len(whole.new)) == (0, Status.OK, 4)
        code, first = ended(plan, "-s", "CLOSESPIDER_PAGECOUNT=1")
        assert (code, first.status, first.errors) == (6, Status.STOPPED, [LIMITED])
        assert (first.crawl_finished, first.measures["reports in the release"]) == (False, 4)
        code, second = ended(plan, "--strict")
        assert (code, second.status, second.errors) == (0, Status.OK, [])
        assert (second.crawl_run, second.measures["reports in the release"]) == (first.crawl_run, 4)
        portals["140221"].fault = "empty"
        code, third = ended(plan, "--strict")
        assert (code, third.status) == (1, Status.OK)
        assert ("gone", "140221 阳高县") in {(alarm.kind, alarm.subject) for alarm in third.alarms}
        code, fourth = ended(plan, "--strict")
        assert (code, fourth.alarms) == (0, [])  # told once
        # An archive that was lost: what is left must not become the release.
        shutil.rmtree(plan.archive)
        code, fifth = ended(plan)
        assert (code, fifth.status, fifth.release_id) == (4, Status.REFUSED, fourth.release_id)
        assert (plan.releases / "latest").resolve().name == fourth.release_id
        code, sixth = ended(plan, "--allow-shrink")
        assert (code, sixth.measures["reports in the release"]) == (0, 2)
