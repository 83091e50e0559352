"""The comparison of two years as an HTML page, and the ways in which the command prints it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from explorer.diff_page import diff_page, totals
from gongkai import app
from normalize.diff import years
from tests.fake_archive import COUNTY, document
from tests.test_diff import publish

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "天镇县<script>人民政府"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(
        tmp_path_factory.mktemp("page"),
        document(year=2023, values={"apply.new@total": 10.0, "fee.admin.amount": "2 万元"}),
        document(year=2024, values={"apply.new@total": 15.0, "fee.admin.amount": "3 万元"}),
        document(OTHER, 2023, division_code="140222", values={"apply.new@total": 100.0}),
        document(OTHER, 2024, division_code="140222", values={"apply.new@total": "blank"}),
    )


class Outline(HTMLParser):
    """The elements that are open at the end, and those that fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetches: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        self.fetches += [tag for name, _ in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_sums_count_only_bodies_that_report_both_years(releases: Path) -> None:
    sums = totals(years(releases, 2023, 2024), 2023, 2024).set_index("indicator")
    assert sums.loc["apply.new"].to_dict() == {
        "label": "本年新收政府信息公开申请数量·总计", "unit": "件", "n": 1, "of": 2, "2023": 10.0, "2024": 15.0,
        "change": 5.0, "percent": 50.0,
    }  # fmt: skip
    assert sums.loc["review.recon.total", "n"] == 2


def test_the_page_is_whole_and_fetches_nothing(releases: Path) -> None:
    page = diff_page(years(releases, 2023, 2024), f"{OTHER} & 阳高县")
    outline = Outline()
    outline.feed(page)
    assert (outline.open, outline.fetches) == ([], [])
    assert "<script" not in page
    assert "天镇县&lt;script&gt;人民政府 &amp; 阳高县: 2023 → 2024" in page
    assert "Largest changes (2 of 2)" in page
    assert '<td class="n">15</td>' in page


def test_without_the_extra_the_page_says_what_is_missing(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.page.find_spec", lambda _: None)
    assert "Charts need the extra explore" in diff_page(years(releases, 2023, 2024), "all")


def test_charts_are_drawn_into_the_page(releases: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    assert diff_page(years(releases, 2023, 2024), "all").count("<svg") == 2


def run(releases: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["diff", "2023", "2024", "--releases", str(releases), *words])
    return done.exit_code, done.stdout


def test_every_format(releases: Path, tmp_path: Path) -> None:
    asked = ("--body", COUNTY, "--indicator", "apply.new")
    expected: list[dict[str, Any]] = json.loads(
        years(releases, 2023, 2024, body=COUNTY, indicator="apply.new").to_json(orient="records")
    )
    assert json.loads(run(releases, *asked, "--format", "json")[1]) == expected
    assert run(releases, *asked, "--format", "csv")[1].count("\n") == 8
    assert run(releases, *asked, "--format", "html")[1].startswith("<!DOCTYPE html>")
    file = tmp_path / "diff.parquet"
    assert run(releases, *asked, "--format", "parquet", "--output", str(file))[0] == 0
    assert pd.read_parquet(file)["change"].max() == 5
    assert run(releases, *asked, "--format", "parquet")[0] == 2
    page = tmp_path / "diff.html"
    assert run(releases, "--series", "--format", "html", "--output", str(page))[0] == 0
    assert "新收申请" in page.read_text(encoding="utf-8")
    assert run(releases, "--format", "csv", "--output", str(tmp_path / "no" / "file"))[0] == 2


def test_table_with_jumps(releases: Path) -> None:
    code, shown = run(releases, "--jumps", "--province", "山西省", "--totals")
    assert code == 0
    assert "histor" in shown
    assert "NA" not in shown
    assert "山西省, 2023 to 2024" in shown
