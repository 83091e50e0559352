"""What the tests say of faults, gathered: ``--write-reliability`` writes docs/reliability.md from the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests import reliability

if TYPE_CHECKING:
    from collections.abc import Generator

_SEEN: pytest.StashKey[list[reliability.Seen]] = pytest.StashKey[list[reliability.Seen]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-reliability", action="store_true", help="write docs/reliability.md from this run")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SEEN] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    mark = item.get_closest_marker("fault")
    if mark and call.when == "call":
        # Written into the report, because with several processes the test has run in another.
        report.user_properties.append(("fault", [str(mark.args[0]), str(item.location[2]).partition("[")[0]]))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    told: dict[str, Any] = dict(report.user_properties)
    if report.when == "call" and "fault" in told and _CONFIG:
        name, test = told["fault"]
        injected = int(told.get("injected", 1))
        _CONFIG[0].stash[_SEEN].append(reliability.Seen(name, test, injected, passed=report.passed))


def pytest_sessionstart(session: pytest.Session) -> None:
    _CONFIG[:] = [session.config]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--write-reliability") and not hasattr(session.config, "workerinput"):
        seen: list[reliability.Seen] = session.config.stash[_SEEN]
        reliability.write(seen)


_CONFIG: list[pytest.Config] = []
