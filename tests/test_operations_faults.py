"""Runs under faults of network, disk, clock and processes: nothing is lost, and the next run completes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from captures import Archive, verify
from captures.index import INDEX_NAME
from captures.warc import warc_files
from normalize.published import load_release, verify_release
from operations.history import History
from operations.model import Plan, Status, Summary
from operations.text import markdown
from tests.operating import ROOT, SETTINGS, county, is_whole, plan_of, run_at, served, start, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.operating import FaultyNow

pytestmark = pytest.mark.slow
YEARS = (2022, 2023)
GOOD = "140221"
# What the outcome of a portal with this fault is, and a word of its detail.
NETWORK = {
    "reset": ("unreachable", "closed"),
    "drip": ("unreachable", "no answer in time"),
    "truncated": ("unreachable", "ResponseDataLossError"),
    "wrong length": ("paging_stuck", "cut off"),
    "bad gzip": ("unreachable", "decompress"),
    "5xx": ("unreachable", "HTTP 503"),
    "redirect loop": ("unreachable", "max redirections"),
    "dns": ("unreachable", "no address"),
}
CODES = {fault: f"1402{number}" for number, fault in enumerate(NETWORK, 22)}


def good(*faults: str) -> dict[str, FaultyNow]:
    """One good portal, and one for each fault."""
    portals = {GOOD: county("阳高县", YEARS)}
    return portals | {
        CODES[fault]: county(f"第{CODES[fault]}测试县", YEARS, seed=int(CODES[fault])) for fault in faults
    }


class Storm(NamedTuple):
    """What two runs showed: one with every fault of the network, one when all is well again."""

    portals: dict[str, FaultyNow]
    plan: Plan
    faulty: Summary
    healed: Summary
    outcomes: dict[str, dict[int, tuple[str, str]]]


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    folder = tmp_path_factory.mktemp("storm")
    portals = good(*NETWORK)
    with served(portals):
        for fault in NETWORK.keys() - {"dns"}:
            portals[CODES[fault]].fault = fault
        plan = plan_of(folder, portals, settings=SETTINGS | {"DOWNLOAD_TIMEOUT": "2"})
        catalogue = plan.portals.read_text(encoding="utf-8")
        lost = portals[CODES["dns"]]
        nowhere = catalogue.replace(f"127.0.0.1:{lost.port}", "www.no-such-host.invalid")
        plan.portals.write_text(nowhere, encoding="utf-8")
        faulty = run_at(plan)
        with Archive(plan.archive) as archive:
            rows = archive.outcomes()
        outcomes: dict[str, dict[int, tuple[str, str]]] = {}
        for row in rows:
            outcomes.setdefault(row.code, {})[row.report_year] = (row.outcome, row.detail)
        for portal in portals.values():
            portal.fault = ""
        plan.portals.write_text(catalogue, encoding="utf-8")
        yield Storm(portals, plan, faulty, run_at(plan), outcomes)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("reset", marks=pytest.mark.fault("connection reset")),
        pytest.param("drip", marks=pytest.mark.fault("slow drip")),
        pytest.param("truncated", marks=pytest.mark.fault("truncated body")),
        pytest.param("wrong length", marks=pytest.mark.fault("wrong length")),
        pytest.param("bad gzip", marks=pytest.mark.fault("bad gzip")),
        pytest.param("5xx", marks=pytest.mark.fault("5xx storm")),
        pytest.param("redirect loop", marks=pytest.mark.fault("redirect loop")),
        pytest.param("dns", marks=pytest.mark.fault("DNS failure")),
    ],
)
def test_fault_of_the_network(fault: str, storm: Storm) -> None:
    portal = storm.portals[CODES[fault]]
    code, word = NETWORK[fault]
    # The faulty portal says what is wrong, year by year, and no year of it passes for missing.
    for year in range(2021, 2025):
        outcome, detail = storm.outcomes[CODES[fault]][year]
        assert outcome == code or (fault == "wrong length" and outcome == "found"), (year, outcome, detail)
        assert outcome == "found" or word in detail
    assert storm.faulty.status is Status.OK
    assert f"- {code.replace('_', chr(92) + '_')}: " in markdown(storm.faulty)
    # The good portal is unharmed, and when the fault is over everything is there.
    assert {year for year, (outcome, _) in storm.outcomes[GOOD].items() if outcome == "found"} == set(YEARS)
    assert is_whole(storm.plan, storm.healed, storm.portals)
    mended = {(report.body, report.report_year) for report in (*storm.healed.new, *storm.healed.changed)}
    assert (f"{portal.name}人民政府", 2023) in mended
    assert verify(storm.plan.archive) == []


def test_many_portals_that_fall_together_are_an_alarm(storm: Storm) -> None:
    """Once they had shown their reports: three or more for one reason are told as one."""
    for fault in NETWORK.keys() - {"dns"}:
        storm.portals[CODES[fault]].fault = "5xx"
    summary = run_at(storm.plan)
    assert {alarm.kind for alarm in summary.alarms if not alarm.standing} >= {"portals", "family"}
    assert {(alarm.subject, alarm.kind) for alarm in summary.alarms} >= {("unreachable", "portals"), ("trs", "family")}
    assert {fall.family for fall in summary.fallen} == {"trs"}
    assert len(summary.fallen) == len(NETWORK) - 1
    assert summary.calls
    assert is_whole(storm.plan, summary, storm.portals)
    again = run_at(storm.plan)
    assert [alarm.kind for alarm in again.alarms if not alarm.standing] == []
    assert not again.calls


# Processes


class Site(NamedTuple):
    """A portal served, and the plan of its runs."""

    portals: dict[str, FaultyNow]
    plan: Plan


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    portals = good("reset")
    with served(portals):
        yield Site(portals, plan_of(tmp_path, portals))


def asked(site: Site) -> int:
    return sum(len(portal.requests) for portal in site.portals.values())


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def stage(plan: Plan) -> str:
    last = History(plan.state).last()
    return last.stage if last else ""


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def is_gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"


@pytest.mark.fault("kill -9 in crawl")
def test_run_killed_while_it_crawls(site: Site) -> None:
    for portal in site.portals.values():
        portal.slow = 0.2
    with start(site.plan) as process:
        wait_for(lambda: asked(site) >= 4)
        (crawl,) = children(process.pid)
        process.kill()
        wait_for(lambda: is_gone(crawl), 5)
    for portal in site.portals.values():
        portal.slow = 0
    summary = run_at(site.plan)
    assert is_whole(site.plan, summary, site.portals)
    assert "at work on: crawl" in summary.interrupted
    assert "never ended" in markdown(summary)
    killed, *_ = [run for run in History(site.plan.state).past() if run.run_id != summary.run_id]
    assert killed.status is Status.FAILED
    # The crawl went on: what had been received was not asked for again but for what was in flight.
    assert max(portal.requests.count(("GET", portal.list_path)) for portal in site.portals.values()) <= 2
    with Archive(site.plan.archive) as archive:
        assert len(archive.runs()) == 1
    assert verify(site.plan.archive) == []


@pytest.mark.fault("kill -9 in crawl")
def test_crawl_that_dies_is_told_and_what_it_received_is_built(site: Site) -> None:
    with start(site.plan) as process:
        for portal in site.portals.values():
            portal.slow = 0.2
        wait_for(lambda: asked(site) >= 8)
        (crawl,) = children(process.pid)
        os.kill(crawl, signal.SIGKILL)
        output, _ = process.communicate(timeout=60)
    told = json.loads(output)
    assert (process.returncode, told["status"]) == (5, "failed")
    assert "crawl: its process was ended by SIGKILL" in told["errors"]
    for portal in site.portals.values():
        portal.slow = 0
    assert is_whole(site.plan, run_at(site.plan), site.portals)


@pytest.mark.fault("kill -9 in build")
def test_run_killed_while_it_builds(site: Site) -> None:
    first = run_at(site.plan)
    site.portals[GOOD].reports.append(county("阳高县", [2024]).reports[0])
    site.portals[GOOD].files = site.portals[GOOD].build()
    with start(site.plan) as process:
        wait_for(lambda: stage(site.plan) == "build")
        (build,) = children(process.pid)
        process.kill()
        wait_for(lambda: is_gone(build), 5)
    assert load_release(site.plan.releases).release_id == first.release_id
    summary = run_at(site.plan)
    assert is_whole(site.plan, summary, site.portals)
    assert "at work on: build" in summary.interrupted
    assert [report.report_year for report in summary.new] == [2024]
    assert verify_release(load_release(site.plan.releases).path) == []


@pytest.mark.fault("two runs at once")
def test_second_run_says_who_is_at_work(site: Site) -> None:
    for portal in site.portals.values():
        portal.slow = 0.3
    with start(site.plan) as first:
        wait_for(lambda: asked(site) >= 1)
        with start(site.plan) as second:
            output, errors = second.communicate(timeout=30)
        assert (second.returncode, output) == (3, "")
        assert f"process {first.pid} on " in errors
        assert "runs since 20" in errors
        for portal in site.portals.values():
            portal.slow = 0
        told, _ = first.communicate(timeout=60)
    assert first.returncode == 0
    assert json.loads(told)["measures"]["reports in the release"] == 2 * len(YEARS)


@pytest.mark.fault("SIGTERM")
def test_run_that_is_told_to_stop_ends_in_time_and_goes_on_later(tmp_path: Path) -> None:
    """At a portal that answers too late for a graceful end: the crawl waits for it, and is ended."""
    portals = good("reset")
    with served(portals):
        plan = plan_of(tmp_path, portals)
        slow = Plan(**{name: getattr(plan, name) for name in Plan.__struct_fields__} | {
            "settings": plan.settings | {"DOWNLOAD_TIMEOUT": "90"}
        })  # fmt: skip
        for portal in portals.values():
            portal.slow, portal.prompt = 60, 3
        with start(slow) as process:
            wait_for(lambda: any(len(portal.requests) == 3 for portal in portals.values()))
            time.sleep(0.5)
            began = time.monotonic()
            process.terminate()
            output, errors = process.communicate(timeout=60)
            took = time.monotonic() - began
        told = json.loads(output)
        assert took < 30, took
        assert (process.returncode, told["status"]) == (6, "stopped"), errors
        assert "stopped by SIGTERM; the next run goes on where this one was" in told["errors"]
        for portal in portals.values():
            portal.slow = 0
        summary = run_at(plan)
        assert is_whole(plan, summary, portals)
        with Archive(plan.archive) as archive:
            assert len(archive.runs()) == 1


@pytest.mark.fault("SIGTERM")
def test_build_that_is_told_to_stop(site: Site) -> None:
    with start(site.plan) as process:
        wait_for(lambda: stage(site.plan) == "build")
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(output)["status"]) == (6, "stopped")
    assert is_whole(site.plan, run_at(site.plan), site.portals)


# Disk


def in_small_disk(folder: Path, plan: Plan, options: str, prepare: str = "") -> subprocess.CompletedProcess[str]:
    """Run with the archive on a file system of its own, mounted with these options in a name space of its own."""
    script = (
        f'mount -t tmpfs -o {options.partition(";")[0]} tmpfs "{plan.archive}" || exit 77; '
        f'cp -r "{folder}/before/." "{plan.archive}/"; {prepare} "$@"; code=$?; '
        f'rm -rf "{folder}/after"; cp -r "{plan.archive}" "{folder}/after"; exit $code'
    )
    words = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *words_of(plan)]
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    return done


def set_aside(plan: Plan, folder: Path) -> None:
    shutil.rmtree(folder / "before", ignore_errors=True)
    shutil.move(plan.archive, folder / "before")
    plan.archive.mkdir()


def put_back(plan: Plan, folder: Path) -> None:
    shutil.rmtree(plan.archive)
    shutil.move(folder / "after", plan.archive)


def grown(site: Site) -> None:
    """A third report, heavy enough to fill a small disk."""
    reports = county("阳高县", [2024]).reports
    heavy = reports[0]._replace(html=reports[0].html + f"<!--{os.urandom(400_000).hex()}-->".encode())
    site.portals[GOOD].reports.append(heavy)
    site.portals[GOOD].files = site.portals[GOOD].build()


@pytest.mark.fault("full disk")
def test_full_disk_in_the_crawl(site: Site, tmp_path: Path) -> None:
    first = run_at(site.plan)
    grown(site)
    set_aside(site.plan, tmp_path)
    done = in_small_disk(tmp_path, site.plan, "size=400k")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"]) == (5, "failed"), done.stderr
    put_back(site.plan, tmp_path)
    assert verify(site.plan.archive) == []
    assert load_release(site.plan.releases).rows["reports"] == 2 * len(YEARS)
    summary = run_at(site.plan)
    assert is_whole(site.plan, summary, site.portals)
    assert first.release_id != summary.release_id


@pytest.mark.fault("read-only archive")
def test_read_only_archive(site: Site, tmp_path: Path) -> None:
    run_at(site.plan)
    grown(site)
    set_aside(site.plan, tmp_path)
    done = in_small_disk(tmp_path, site.plan, "size=9m", f'mount -o remount,ro tmpfs "{site.plan.archive}" &&')
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"]) == (5, "failed"), done.stderr
    assert any("crawl: " in error and "writ" in error for error in told["errors"]), told["errors"]
    put_back(site.plan, tmp_path)
    assert is_whole(site.plan, run_at(site.plan), site.portals)


@pytest.mark.fault("corrupt index")
@pytest.mark.parametrize("how", ["garbage", "page", "absent"])
def test_corrupt_index_is_rebuilt_from_the_warcs(how: str, site: Site) -> None:
    run_at(site.plan)
    index = site.plan.archive / INDEX_NAME
    content = bytearray(index.read_bytes())
    for leftover in site.plan.archive.glob(f"{INDEX_NAME}-*"):
        leftover.unlink()
    if how == "absent":
        index.unlink()
    else:
        begin = 0 if how == "garbage" else 4096
        content[begin : begin + 3000] = os.urandom(3000)
        index.write_bytes(content)
    summary = run_at(site.plan)
    assert is_whole(site.plan, summary, site.portals)
    assert any("rebuilt" in repair for repair in summary.repairs), summary.repairs
    assert "Mended" in markdown(summary)
    assert summary.not_modified > 0
    assert verify(site.plan.archive) == []


@pytest.mark.fault("torn WARC record")
@pytest.mark.parametrize("what", ["behind the index", "the index is ahead"])
def test_torn_record(what: str, site: Site) -> None:
    run_at(site.plan)
    *_, last = warc_files(site.plan.archive)
    if what == "behind the index":
        with last.open("ab") as file:
            file.write(last.read_bytes()[:300])
    else:
        os.truncate(last, last.stat().st_size - 100)
    summary = run_at(site.plan)
    assert is_whole(site.plan, summary, site.portals)
    assert any(last.name in repair for repair in summary.repairs)
    assert verify(site.plan.archive) == []


# Clock


@pytest.mark.fault("clock going back")
def test_clock_that_goes_back(site: Site) -> None:
    first = run_at(site.plan, "2026-05-01T00:00:00+00:00")
    site.portals[GOOD].reports.append(county("阳高县", [2024]).reports[0])
    site.portals[GOOD].files = site.portals[GOOD].build()
    second = run_at(site.plan, "2026-04-30T00:00:00+00:00")
    third = run_at(site.plan, "2026-05-02T00:00:00+00:00")
    assert is_whole(site.plan, third, site.portals)
    assert [report.report_year for report in (*second.new, *third.new)] == [2024]
    assert (second.seconds, History(site.plan.state).names()) == (
        0.0,
        [third.run_id, second.run_id, first.run_id],
    )
    assert verify(site.plan.archive) == []
    assert sys.maxsize > third.requests > 0


def test_logs_are_json_alone_and_name_portal_and_report(site: Site) -> None:
    pytest.importorskip("pythonjsonlogger", reason="JSON logs need the extra operate")
    with start(site.plan, "--log-json") as process:
        output, errors = process.communicate(timeout=60)
    assert json.loads(output)["status"] == "ok"
    told = [json.loads(line) for line in errors.splitlines()]
    visited = {each["portal"] for each in told if each["message"] == "portal visited"}
    assert visited == set(site.portals)
    assert sum(each["message"] == "portal year" for each in told) == 4 * len(site.portals)
    assert len([each["report"] for each in told if each["message"] == "report new"]) == 2 * len(YEARS)
