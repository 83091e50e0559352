"""What ``bench_release`` measured, as the page ``docs/scale.md``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QUERIES = {
    "diff": {"series": False, "jumps": False},
    "diff_series": {"series": True, "jumps": False},
    "diff_jumps": {"series": False, "jumps": True},
}
AGAIN = ("nothing", "newest", "all")
MB = 1_000_000
ALL_REPORTS = 1_500_000
YEARS_OF_ALL = 18
YEARS_HERE = 6
NOT_RUN = "not run"

Measured = dict[str, Any]
HEAD = """# Scale

Made by `python -m tests.bench.bench_release --page docs/scale.md` from what it measured, not to be edited.

The archives are synthetic (`tests/bench/synthetic.py`): pages of 45 KB in the markup of word processors, with made-up
figures that are marked as such in every page and are never published. A report has some 200 figures.

{machine}. The machine's load reached {load} while builds and queries ran,
they themselves included: where it was more than a build's one or two processes, others worked as well, and times are an
upper bound. Processor time is that of all processes of a build; memory is what all of them hold together.
"""
MEMORY = "peak memory, MB"


def scale_page(known: Sequence[Measured]) -> str:
    """The page: a table of all sizes, ascending, and what all reports there are would take."""
    sizes = sorted(known, key=_number)
    loads = [part["load"] for each in sizes for part in each.values() if isinstance(part, dict) and "load" in part]
    days = sorted({each["date"] for each in sizes})
    machine = f"{sizes[-1]['machine']}; {' and '.join(days)}"
    load = f"{min(loads):.1f} to {max(loads):.1f}" if loads else "unknown"
    lines = [
        HEAD.format(machine=machine, load=load),
        "| what | to hold |" + "".join(f" {each['reports']:,} reports |" for each in sizes),
        "| --- | --- |" + " ---: |" * len(sizes),
    ]
    lines += [_row(what, mark, say, sizes) for what, mark, say in ROWS]
    lines += _linear(sizes)
    return "\n".join(lines + _all_reports(sizes)) + "\n"


def _cost(each: Measured) -> float:
    """Processor seconds of a report."""
    return float(_full(each)["cpu"]) / int(each["reports"])


def _row(what: str, mark: str, say: Callable[[Measured], str], sizes: Sequence[Measured]) -> str:
    return f"| {what} | {mark} | {' | '.join(_said(say, each) for each in sizes)} |"


def _said(say: Callable[[Measured], str], measured: Measured) -> str:
    try:
        return say(measured)
    except KeyError:
        return NOT_RUN


def _full(measured: Measured) -> Measured:
    """The full build by two processes, or by one where that alone was run; nothing where neither was."""
    found: Measured = measured.get("two") or measured.get("one") or {}
    return found


def _table(name: str) -> Callable[[Measured], str]:
    return lambda each: f"{each['tables'][name] / each['figures']:.2f}"


def _share(name: str) -> Callable[[Measured], str]:
    return lambda each: f"{100 * each[name]['cpu'] / each['one']['cpu']:.1f} % ({each[name]['cpu']:.0f} s)"


def _query(name: str) -> Callable[[Measured], str]:
    return lambda each: f"{each[name]['seconds']:.2f} s, {each[name]['peak'] / MB:.0f} MB"


ROWS: list[tuple[str, str, Callable[[Measured], str]]] = [
    ("archive, MB", "", lambda each: f"{each['archive'] / MB:.0f}"),
    ("full build, 1 process: seconds", "", lambda each: f"{each['one']['seconds']:.0f}"),
    (MEMORY, "below 1,500", lambda each: f"{each['one']['peak'] / MB:.0f}"),
    ("full build, 2 processes: seconds", "", lambda each: f"{each['two']['seconds']:.0f}"),
    (MEMORY, "below 1,500", lambda each: f"{each['two']['peak'] / MB:.0f}"),
    (
        "times as quick as 1 process",
        "1.7",
        lambda each: f"{each['one']['seconds'] / each['two']['seconds']:.2f}",
    ),
    ("processor time a report, ms", "", lambda each: f"{1000 * _cost(each):.1f}"),
    ("figures: bytes a figure, all columns", "2", _table("figures")),
    ("checks, in bytes a figure", "", _table("checks")),
    ("sections (the text of the chapters)", "", _table("sections")),
    ("narrative (quotes)", "", _table("narrative")),
    ("reports", "", _table("reports")),
    ("panel", "", _table("panel")),
    ("dictionaries, descriptions, licence", "", _table("")),
    ("release, MB", "", lambda each: f"{sum(each['tables'].values()) / MB:.0f}"),
    ("readings kept for the next build, MB", "", lambda each: f"{each['readings'] / MB:.0f}"),
    ("one county's years, ms", "50", lambda each: f"{1000 * each['county']['seconds']:.0f}"),
    ("diff of two years", "3 s, 500 MB with 2,850 reports a year", _query("diff")),
    ("diff by series", "", _query("diff_series")),
    ("diff with jumps (all years are looked at)", "", _query("diff_jumps")),
    ("build again, nothing changed but the crawl: share of a full build (processor)", "", _share("nothing")),
    ("1 % changed, all in the newest year", "5 %", _share("newest")),
    ("1 % changed, spread over all years", "5 %", _share("all")),
]


def _linear(sizes: Sequence[Measured]) -> list[str]:
    """How the cost of a report grows with their number, each size beside the least."""
    least, *others = (each for each in sizes if "cpu" in _full(each))
    if not others:
        return []
    said = ", ".join(f"{_cost(each) / _cost(least):.2f} at {each['reports']:,}" for each in others)
    return ["", f"Processor time of a report beside that at {least['reports']:,} (to hold: 1.10): {said}."]


def _number(measured: Measured) -> int:
    return int(measured["reports"])


def _all_reports(sizes: Sequence[Measured]) -> list[str]:
    most = max((each for each in sizes if {"diff", "cpu"} <= each.keys() | _full(each).keys()), key=_number)
    times = ALL_REPORTS / most["reports"]
    hours = _cost(most) * ALL_REPORTS / 3600
    release = sum(size for name, size in most["tables"].items() if name) * times / MB
    memory = max(each[part]["peak"] for each in sizes for part in ("one", "two") if part in each) / MB
    diff = most["diff"]["peak"] / MB
    a_year, here = ALL_REPORTS // YEARS_OF_ALL, most["reports"] // YEARS_HERE
    return [
        "",
        "## What 1.5 million reports need",
        "",
        f"Drawn out from {most['reports']:,} reports, whose costs grow with their number:",
        "",
        f"- **processor**: {hours:.1f} hours for a first build, shared among processes or machines; a later build",
        "  reads only what is new",
        f"- **memory**: {memory:,.0f} MB was the most that a build held with all its processes. It holds the row",
        f"  groups of one year, not all reports. A diff holds both years: {diff:,.0f} MB with {here:,} reports a year;",
        f"  {a_year:,} a year are to be expected",
        f"- **disk**: {most['archive'] * times / MB / 1000:.0f} GB for an archive of such pages (real ones bring more:"
        " their portal's frame, lists and files),",
        f"  {release / 1000:.1f} GB for each release, {most['readings'] * times / MB / 1000:.0f} GB for the readings",
    ]
