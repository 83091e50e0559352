"""Outcomes of years of runs: the same answers from the few that tell as from all, and at no greater cost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from captures import Archive, Outcome, Run
from captures.index import INDEX_NAME, open_index
from crawler.coverage import changes, recent
from crawler.outcomes import KEPT, NOT_SEEN
from operations.crawled import covered, kept, recovered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FIRST = datetime(2025, 1, 6, tzinfo=UTC)
CODES = ["found", "year_missing", "unreachable", "budget_exhausted", "soft404"]
PORTALS = [("140221", "甲县"), ("140221", "甲县教育局"), ("140222", "乙县")]


def week(number: int) -> str:
    return f"{FIRST + timedelta(weeks=number):%Y-%m-%dT%H:%M:%S.000Z}"


def store(path: Path, runs: Sequence[Sequence[tuple[tuple[str, str], int, str]]]) -> list[tuple[Outcome, str]]:
    """Write the outcomes of weekly runs into an index and return them with their times."""
    stored = []
    with closing(open_index(path, write=True)) as index, index:
        for number, rows in enumerate(runs):
            index.execute("INSERT INTO runs VALUES (?, ?)", (f"run{number:03}", week(number)))
            for (code, name), year, outcome in rows:
                detail = "the run ended (shutdown)" if outcome == "budget_exhausted" else ""
                row = Outcome(code, name, year, outcome, f"http://e/{number}", detail, f"run{number:03}")
                values = (row.code, row.name, row.report_year, row.outcome, row.url, row.detail, row.run_id)
                index.execute("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, week(number)))
                stored.append((row, week(number)))
    return stored


def key(row: Outcome) -> tuple[str, str, int]:
    return row.code, row.name, row.report_year


def by_portal_year(stored: Iterable[tuple[Outcome, str]]) -> list[list[Outcome]]:
    rows = sorted((row for row, _ in stored), key=key)
    return [list(group) for _, group in groupby(rows, key=key)]


visits = st.lists(st.tuples(st.sampled_from(PORTALS), st.integers(2022, 2023), st.sampled_from(CODES)), max_size=8)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.lists(visits, max_size=7), st.integers(0, 7))
def test_few_outcomes_tell_what_all_do(runs: list[list[tuple[tuple[str, str], int, str]]], until: int) -> None:
    with TemporaryDirectory() as folder:
        stored = store(Path(folder), runs)
        with Archive(folder) as opened:
            assert [list(history)[::-1] for history in opened.histories()] == by_portal_year(stored)
            few, then = list(recent(opened)), list(recent(opened, week(until)))
            newest = opened.outcomes()
    every = [row for group in by_portal_year(stored) for row in group if not row.is_cut_short]
    past = {id(row) for row, when in stored if when <= week(until)}
    assert newest == [
        next((row for row in reversed(group) if not row.is_cut_short), group[-1]) for group in by_portal_year(stored)
    ]
    assert changes(few) == changes(every)
    assert kept(few) == kept(every)
    assert covered(few, then, 2023) == covered(every, [row for row in every if id(row) in past], 2023)
    for number in range(len(runs)):
        assert recovered(few, f"run{number:03}") == recovered(every, f"run{number:03}") or number < len(runs) - 1


def steps(path: Path, ask: Callable[[Archive], object]) -> int:
    """How many hundreds of steps SQLite takes to answer."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with Archive(path) as opened:
        opened._index.set_progress_handler(count, 100)
        ask(opened)
    return taken


def weekly(weeks: int) -> list[list[tuple[tuple[str, str], int, str]]]:
    return [[(portal, year, "found") for portal in PORTALS for year in range(2008, 2026)] for _ in range(weeks)]


def test_years_of_runs_cost_no_more_to_ask_than_a_month(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    for folder, weeks in ((few, 4), (many, 260)):
        folder.mkdir()
        store(folder, weekly(weeks))
    for ask in (
        lambda opened: opened.outcomes(),
        lambda opened: list(recent(opened)),
        lambda opened: list(recent(opened, week(2))),
        lambda opened: opened.run_outcomes("run003"),
        lambda opened: opened.run_outcomes("run003", *PORTALS[0]),
    ):
        assert steps(many, ask) <= steps(few, ask) + 1


def test_index_made_before_is_read_and_whoever_writes_makes_it_quick(tmp_path: Path) -> None:
    stored = store(tmp_path, weekly(3))
    with closing(sqlite3.connect(tmp_path / INDEX_NAME)) as index:
        index.executescript("DROP INDEX outcomes_by_run; DROP INDEX outcomes_by_portal")
    before = (tmp_path / INDEX_NAME).read_bytes()
    with Archive(tmp_path) as opened:
        assert [list(history)[::-1] for history in opened.histories()] == by_portal_year(stored)
        assert len(opened.run_outcomes("run001", "140222", "乙县")) == 18
        assert opened.runs()[1] == Run("run001", week(1), 0, 54)
    assert (tmp_path / INDEX_NAME).read_bytes() == before
    open_index(tmp_path, write=True).close()
    with closing(sqlite3.connect(tmp_path / INDEX_NAME)) as index:
        names = {name for (name,) in index.execute("SELECT name FROM sqlite_master WHERE tbl_name = 'outcomes'")}
    assert names == {"outcomes", "outcomes_by_run", "outcomes_by_portal"}


def test_archive_without_outcomes_has_no_history(tmp_path: Path) -> None:
    store(tmp_path, [])
    with Archive(tmp_path) as opened:
        assert (list(opened.histories()), opened.outcomes(), list(recent(opened)), opened.started()) == ([], [], [], {})


def test_words_of_the_crawler_are_as_these_tests_take_them() -> None:
    assert {"found"} <= KEPT
    assert {"unreachable", "budget_exhausted"} <= NOT_SEEN
