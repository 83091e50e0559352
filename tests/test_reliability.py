"""docs/reliability.md is that of these tests: every fault of the issue has a row, every row its tests."""

from __future__ import annotations

from tests.reliability import marked, written

# What must be survived, each with a test that injects it.
FAULTS = {
    *("connection reset", "slow drip", "truncated body", "wrong length", "bad gzip", "5xx storm", "DNS failure"),
    *("redirect loop", "kill -9 in crawl", "kill -9 in build", "kill -9 in publish", "full disk", "read-only archive"),
    *("clock going back", "corrupt index", "torn WARC record", "two runs at once", "SIGTERM", "reader that hangs"),
    "reader that dies",
}


def test_every_fault_is_injected() -> None:
    assert {fault for fault, _ in marked()} == FAULTS


def test_document_is_of_these_tests() -> None:
    assert written() == marked()
