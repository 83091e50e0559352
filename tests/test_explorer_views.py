"""The views of the explorer, without a browser: what they say of the sample release, and that nothing is markup."""

from __future__ import annotations

import itertools
import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from crawler.outcomes import CODES
from crawler.outcomes import KEPT as CRAWLER_KEPT
from explorer.ahead import make_ahead
from explorer.markup import table_html, text_html
from explorer.model import Asked, Cell, Chart, Choice, Link, Table, Text, View
from explorer.page import page
from explorer.queries import indicator as query
from explorer.source import Source
from explorer.views import compare, county, coverage, indicator, quality
from explorer.views.forms import form_tables, layout
from explorer.words import _GROUP_OF, KEPT, group_of
from gongkai import app
from normalize import codebook
from normalize.loading import load
from normalize.published import ReleaseError

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
if TYPE_CHECKING:
    from explorer.model import Language
    from explorer.settings import Settings

HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x">'


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(SAMPLE, {"321300": "hanweb"})


def table(view: View, name: str) -> list[list[str]]:
    (found,) = (block for block in view.blocks if isinstance(block, Table) and block.name == name)
    return [[cell.text for cell in row] for row in found.rows]


def choice(view: View, name: str) -> Choice:
    return next(each for each in view.choices if each.name == name)


def test_every_outcome_has_a_group() -> None:
    known = {code for code in CODES if code in _GROUP_OF}
    assert set(KEPT) == CRAWLER_KEPT
    assert {code for code in CODES if group_of(code) == "failed"} == CODES.keys() - known
    assert {"unreachable", "tls_failed", "attachment_failed"} <= CODES.keys() - known


def test_coverage_counts_portal_years(source: Source) -> None:
    view = coverage.show(source, Asked({}))
    assert table(view, "coverage") == [
        ["山西省", "6", "1", "16.7 %"],
        ["上海市", "6", "1", "16.7 %"],
        ["江苏省", "18", "4", "22.2 %"],
    ]
    assert ["hanweb", "1", "6", "2", "33.3 %"] in table(view, "families")
    rows = table(coverage.show(source, Asked({"province": "江苏省"})), "outcomes")
    assert rows[-1] == ["321300 宿迁市", "–", "–", "–", "–", "●", "●"]


def test_a_county_shows_every_year_and_each_cell_leads_to_its_source(source: Source) -> None:
    view = county.show(source, Asked({"code": "140221"}, "en"))
    years = table(view, "years")
    assert [row[:3] for row in years if row[1] == "report"] == [["2020", "report", "2019"]]
    assert [row[1] for row in years if row[0] == "2023"] == ["year_missing"]
    (shown,) = (block for block in view.blocks if isinstance(block, Table) and block.name == "table-4")
    first = shown.rows[-1][0]
    assert first.to is not None
    assert first.to.asked["indicator"] == "review.recon.upheld"
    assert len(table(view, "checks")) == 3


def test_two_years_are_compared(source: Source) -> None:
    view = compare.show(source, Asked({"code": "321300", "year": "2024"}))
    assert (choice(view, "year").value, choice(view, "year2").value) == ("2024", "2023")
    largest = table(view, "changes")[0]
    assert largest[1:4] == ["1808595", "1573179", "▼ -235416"]
    tables = [block for block in view.blocks if isinstance(block, Table) and block.name.startswith("table-")]
    cells = [cell for block in tables for row in block.rows for cell in row if not cell.head]
    assert len(cells) == 200
    both = load("figures", SAMPLE, county="321300").pivot(
        index=["indicator", "applicant"], columns="report_year", values="value"
    )
    differ = int((both[2023] != both[2024]).sum())
    assert sum(" → " in cell.text for cell in cells) == sum(cell.tone in ("up", "down") for cell in cells) == differ
    assert ("1808595 → 1573179", "down") in {(cell.text, cell.tone) for cell in cells}


def test_two_forms_are_compared_cell_by_cell(source: Source) -> None:
    view = compare.show(source, Asked({"code": "140221", "code2": "320813"}, "en"))
    assert "The forms differ (2021, 2019)" in " ".join(block.text for block in view.blocks if isinstance(block, Text))
    rows = table(view, "cells")
    assert len(rows) == len({row[0] for row in rows}) > 200
    assert any(row[2] == "not_in_form" for row in rows)


@pytest.mark.parametrize("form", ["2019", "2021"])
@pytest.mark.parametrize("table", ["2", "3", "4"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_table_is_laid_out_as_its_form_prints_it(form: str, table: str, language: Language) -> None:
    known = {each.code for each in codebook.form_indicators(form)}
    own = dict(form_tables(form, known))[table]
    rows = layout(own, lambda code, who: Cell(f"{code}@{who}"), Asked({}, language))
    # Every place of the grid is held by exactly one cell.
    held: dict[tuple[int, int], Cell] = {}
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while (number, column) in held:
                column += 1
            for place in itertools.product(range(number, number + cell.down), range(column, column + cell.across)):
                assert place not in held
                held[place] = cell
    wide = {"2": 4, "3": 10, "4": 15}[table]
    figures = [cell.text for row in rows for cell in row if not cell.head]
    wanted = [f"{code}@{who}" for code, who in codebook.form_cells(form) if code in {each.code for each in own}]
    assert sorted(figures) == sorted(wanted)
    if table != "2":
        assert held.keys() == set(itertools.product(range(len(rows)), range(wide)))
    # Above each figure of table three stands its applicant.
    if table == "3":
        assert [held[2, column].text for column in (4, 9)] == (
            ["商业企业", "总计"] if language == "zh" else ["Business enterprise", "All applicants"]
        )
        assert [held[7, column].text for column in (0, 1)] == (
            ["三、本年度办理结果", "(三)不予公开"] if language == "zh" else ["Results this year", "Refused"]
        )


def test_units_that_cannot_be_compared_have_no_change() -> None:
    row = compare._Side("fee.admin.amount", "", 2.0, "万元", "reported", "2", "")
    two = {f"{name}_1": value for name, value in row._asdict().items()}
    pair = type("Pair", (), two | {"status_2": "reported", "value_2": 30_000.0, "unit_2": "元"})
    assert compare._change(pair) == (10_000.0, "元")
    assert compare._change(type("Pair", (), vars(pair) | {"unit_2": ""})) == (None, "万元 / —")


def test_texts_are_cut_into_what_went_and_what_came() -> None:
    assert compare.pieces("甲。乙。丙。", "甲。丁。丙。") == [
        ("same", "甲。"),
        ("old", "乙。"),
        ("new", "丁。"),
        ("same", "丙。"),
    ]


def test_long_chapters_are_cut_and_say_so() -> None:
    long = "甲。" * 15_000
    assert county._beginning(long, Asked({})) == long[: county.MOST_CHARACTERS] + "……（全章 30000 字，以下略）"
    assert county._beginning("甲。", Asked({})) == "甲。"
    assert compare._is_long(long, "")
    assert not compare._is_long("甲。" * compare.SENTENCES, "")
    assert sum(len(text) for _, text in compare.pieces(long, long)) == 2 * compare.SENTENCES


def test_a_ranking_says_of_how_many_and_leaves_out_small_numbers(source: Source) -> None:
    asked = {"indicator": "apply.result.granted", "measure": "share", "level": "city", "year": "2024"}
    view = indicator.show(source, Asked(asked, "en"))
    said = next(block.text for block in view.blocks if isinstance(block, Text))
    assert said == "n = 2 of 2 reports hold a number; 0 with fewer than 30 cases are not ranked"
    assert [row[0] for row in table(view, "ranking")] == ["1", "2"]
    county_level = indicator.show(source, Asked(asked | {"level": "county", "year": "2023"}, "en"))
    assert "fewer than 30" in next(block.text for block in county_level.blocks if isinstance(block, Text))


def test_the_share_behind_a_median_is_that_of_the_report(source: Source) -> None:
    code, whole = "apply.result.granted", indicator.WHOLE
    figures = load("figures", SAMPLE, county="321300", years=2024, indicator=[code, whole], applicant="total")
    values = figures.set_index("indicator")["value"]
    found = query.medians(source, code, "total", "city", 30, money=False, of=whole)
    (share,) = found[(found["report_year"] == 2024) & (found["province"] == "江苏省")].itertuples()
    others = load("figures", SAMPLE, years=2024, indicator=[code, whole], applicant="total")
    others = others[others["body_level"] == "city"].pivot_table(index="report_id", columns="indicator", values="value")
    assert values[code] / values[whole] in list(others[code] / others[whole])
    assert share.n == len(others)
    assert share.median == pytest.approx((others[code] / others[whole]).median())


def test_money_is_compared_in_yuan_whatever_it_is_printed_in(source: Source) -> None:
    charged = query.values(source, "fee.admin.amount", "", "city", 2024, money=True)
    assert charged["value"].tolist() == [961_716_000.0, 727_012_578.0]
    bought = query.values(source, "procure.central.amount", "", "county", 2020, money=True)
    assert bought["value"].tolist() == [40_186_000.0]


def test_an_answer_is_the_asker_s_own(source: Source) -> None:
    first = source.rows("SELECT count(*) AS n FROM reports")
    first["n"] = -1
    assert list(source.rows("SELECT count(*) AS n FROM reports")["n"]) == [6]


def test_quality_leads_to_the_reports(source: Source) -> None:
    view = quality.show(source, Asked({"check": "S4-1"}))
    assert [row[0] for row in table(view, "checks")][:2] == ["S4-1", "S4-3"]
    assert table(view, "failures")[0][0] == "洪泽区人民政府"


@pytest.mark.parametrize("show", [coverage.show, county.show, compare.show, indicator.show, quality.show])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_an_address_should_not_hold_does_no_harm(source: Source, show: Any, language: Language) -> None:
    names = ["code", "province", "body", "year", "code2", "year2", "indicator", "applicant", "check", "flag", "level"]
    hostile = dict.fromkeys(names, "' OR 1=1; --" + HOSTILE)
    view = show(source, Asked(hostile, language))
    blocks = [block for block in view.blocks if not isinstance(block, Chart)]
    assert HOSTILE not in page(view.title, blocks, language)


def test_nothing_is_shown_unescaped() -> None:
    cell = Cell(HOSTILE, title=HOSTILE + '" onload="x', to=Link("county", {"code": HOSTILE}))
    shown = table_html(Table(HOSTILE, [HOSTILE], [[cell]]), lambda link: "/county?code=" + link.asked["code"])
    shown += text_html(Text(HOSTILE))
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'onload="x' not in shown


def test_the_page_of_a_county_needs_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "140221.html"
    done = CliRunner().invoke(app, ["report", "--county", "140221", "--releases", str(SAMPLE), "--output", str(out)])
    assert done.exit_code == 0, done.output
    text = out.read_text(encoding="utf-8")
    assert "阳高县人民政府" in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert "<script" not in text
    assert "src=" not in text
    assert "href=" not in text


def test_explore_takes_places_as_they_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Settings] = []
    monkeypatch.setattr("explorer.serve.serve", lambda settings, _host, _port: asked.append(settings))
    words = ["--releases", "s3://bucket/releases", "--archive", "s3://bucket/archive", "--state", "runs"]
    done = CliRunner().invoke(app, ["explore", *words])
    assert done.exit_code == 0, done.output
    (settings,) = asked
    # Made absolute, a place on an object store would be a folder of this machine.
    places = (settings.releases, settings.archive, settings.state)
    assert places == (Path("s3://bucket/releases"), Path("s3://bucket/archive"), Path("runs"))
    assert settings.families["659011"] == "ilist-jsp"


@pytest.mark.parametrize("words", [["--county", "999999"], ["--county", "140221", "--year", "1999"]])
def test_what_is_not_there_is_said_in_a_line(words: list[str]) -> None:
    done = CliRunner().invoke(app, ["report", *words, "--releases", str(SAMPLE)])
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_release_that_is_missing_damaged_or_empty(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release here"):
        Source(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    manifest = json.loads((SAMPLE / "release.json").read_text(encoding="utf-8"))
    manifest |= {"release_id": "empty", "files": [], "rows": {}, "reports_by_year": {}}
    (empty / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    with closing(Source(empty)) as nothing:
        for show in (coverage.show, county.show, compare.show, indicator.show, quality.show):
            assert show(nothing, Asked({})).title
    damaged = tmp_path / "damaged"
    shutil.copytree(SAMPLE, damaged)
    for file in (damaged / "reports").rglob("*.parquet"):
        file.write_bytes(b"no parquet")
    with pytest.raises(ReleaseError, match="cannot be read"):
        Source(damaged)


def test_what_was_made_ahead_is_not_asked_again_in_either_language(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("altair", reason="charts need the extra explore")
    with closing(Source(SAMPLE)) as fresh:
        make_ahead(fresh)
        monkeypatch.setattr(fresh, "_answer", lambda query, values: pytest.fail(f"asked again: {query} {values}"))
        for show in (county.show, compare.show, quality.show, indicator.show):
            assert show(fresh, Asked({}, "en")).blocks


def test_a_damaged_release_is_left_to_the_view_that_meets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(query: str, values: object) -> None:
        raise ReleaseError("cannot be read")

    with closing(Source(SAMPLE)) as fresh:
        monkeypatch.setattr(fresh, "_answer", damaged)
        make_ahead(fresh)
        with pytest.raises(ReleaseError, match="cannot be read"):
            quality.show(fresh, Asked({}))
