"""One indicator over all bodies: how its values are spread, who ranks where, and medians by province and year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from explorer import charts
from explorer.model import Block, Cell, Chart, Choice, Heading, Link, Table, Text, View
from explorer.queries import indicator as query
from explorer.views.pieces import amount, applicant_label, indicator_label, records, source_link
from explorer.words import say
from normalize import codebook

if TYPE_CHECKING:
    from explorer.model import Asked
    from explorer.source import Source

# A share of fewer cases than this is chance, and is not ranked; a median of fewer bodies is not drawn.
LEAST_CASES = 30
LEAST_BODIES = 5
TOP = 50
BINS = 30
WHOLE = "apply.result.total"
FIRST = "apply.new"


def show(source: Source, asked: Asked) -> View:
    """The view of one indicator."""
    years = query.years(source)
    if not years:
        return View(
            say("indicator", asked.language),
            [Text(asked.either("此版本没有报告。", "This release has no reports."), "note")],
        )
    known = {
        each.code: each
        for form in ("2021", "2019", "2014", "2008")
        for each in reversed(codebook.form_indicators(form))
    }
    code = asked.get("indicator", FIRST)
    chosen = known.get(code) or known[FIRST]
    code = chosen.code
    applicants = codebook.applicant_codes()[::-1] if chosen.axis else ("",)
    applicant = asked.get("applicant") if asked.get("applicant") in applicants else applicants[0]
    year = asked.year() if asked.year() in years else years[0]
    levels = {
        "county": asked.either("县级", "county"),
        "city": asked.either("地级", "city"),
        "province": asked.either("省级", "province"),
        "department": asked.either("部门", "department"),
        "township": asked.either("乡镇", "township"),
    }
    level = asked.get("level") if asked.get("level") in levels else "county"
    can_share = code.startswith("apply.result.") and code != WHOLE
    measure = "share" if can_share and asked.get("measure") == "share" else "value"
    measures = {"value": say("value", asked.language)} | (
        {"share": asked.either("占办理结果总计", "share of all results")} if can_share else {}
    )
    choices = [
        Choice(
            "indicator",
            say("indicator", asked.language),
            {each: f"{indicator_label(each, asked)} · {each}" for each in sorted(known)},
            code,
            ("applicant", "measure"),
        ),
        Choice(
            "applicant",
            say("applicant", asked.language),
            {each: applicant_label(each, asked) if each else "—" for each in applicants},
            applicant,
        ),
        Choice("year", say("year", asked.language), {str(each): str(each) for each in years}, str(year)),
        Choice("level", say("level", asked.language), levels, level),
        Choice("measure", say("measure", asked.language), measures, measure),
    ]
    money = chosen.value_type == "decimal"
    of = WHOLE if measure == "share" else ""
    frame = query.values(source, code, applicant, level, int(year or 0), money=money, of=of)
    blocks = _year(frame, measure, applicant, asked)
    trend = query.medians(source, code, applicant, level, LEAST_CASES, money=money, of=of)
    return View(indicator_label(code, asked), [*blocks, *_trend(trend, asked)], choices)


def _year(frame: pd.DataFrame, measure: str, applicant: str, asked: Asked) -> list[Block]:
    of = len(frame)
    ranked = frame[frame["value"].notna()].reset_index(drop=True)
    said = [asked.either(f"{len(ranked)} / {of} 份报告有数", f"n = {len(ranked)} of {of} reports hold a number")]
    if measure == "share":
        few = ~(ranked["whole"] >= LEAST_CASES)
        said.append(
            asked.either(
                f"分母不足 {LEAST_CASES} 件的 {int(few.sum())} 份不排名",
                f"{int(few.sum())} with fewer than {LEAST_CASES} cases are not ranked",
            )
        )
        ranked = ranked[~few].copy()
        ranked["share"] = ranked["value"] / ranked["whole"]
        ranked = ranked.sort_values("share", ascending=False, kind="stable")
    doubtful = int((ranked["flags"] != "").sum())
    if doubtful:
        said.append(asked.either(f"{doubtful} 个存疑（⚑）", f"{doubtful} in doubt (⚑)"))
    blocks: list[Block] = [Text("；".join(said) if asked.language == "zh" else "; ".join(said))]
    if ranked.empty:
        return blocks
    shown = "share" if measure == "share" else "value"
    ranks = ranked[shown].rank(ascending=False, method="min").astype(int)
    title = asked.either("分布（99 百分位以内）", "Distribution (up to the 99th percentile)")
    counts = _bins(ranked[shown])
    blocks.append(Chart("distribution", title, lambda: charts.histogram(counts, title, say("n", asked.language))))
    rows = [
        [*_rank(rank, row, measure, applicant, asked)]
        for rank, row in zip(ranks.head(TOP), records(ranked.head(TOP)), strict=True)
    ]
    head = [say(name, asked.language) for name in ("rank", "body", "province", "value")]
    head += [asked.either("分母", "of cases"), say("share", asked.language)] if measure == "share" else []
    return [*blocks, Heading(asked.either("排名", "Ranking")), Table("ranking", head, rows, ranked, len(ranked))]


def _rank(rank: int, row: Any, measure: str, applicant: str, asked: Asked) -> list[Cell]:
    doubt = bool(row.flags)
    cells = [
        Cell(str(rank), number=True),
        Cell(row.body, to=Link("county", {"code": row.division_code, "body": row.body, "year": str(row.report_year)})),
        Cell(row.province),
        Cell(
            amount(row.value).text + (" ⚑" if doubt else ""),
            "doubt" if doubt else "",
            source_link(row.report_id, asked.get("indicator", FIRST), applicant),
            row.flags,
            number=True,
        ),
    ]
    if measure == "share":
        cells += [amount(row.whole), Cell(f"{100 * row.share:.1f} %", number=True)]
    return cells


def _bins(values: pd.Series[float]) -> pd.DataFrame:
    inside = values[values <= values.quantile(0.99)]
    cut = pd.cut(inside, min(BINS, max(int(inside.nunique()), 1)))
    counts = cut.value_counts(sort=False)
    return pd.DataFrame(
        {
            "start": [each.left for each in counts.index],
            "end": [each.right for each in counts.index],
            "n": counts.to_numpy(),
        }
    )


def _trend(frame: pd.DataFrame, asked: Asked) -> list[Block]:
    enough = frame[frame["n"] >= LEAST_BODIES]
    said = asked.either(
        f"各省各年中位数；不足 {LEAST_BODIES} 个机关的不画（{len(frame) - len(enough)} 格）",
        f"Medians by province and year; of fewer than {LEAST_BODIES} bodies none is drawn ({len(frame) - len(enough)} cells)",
    )
    blocks: list[Block] = [Heading(asked.either("各省趋势", "Trend by province")), Text(said, "quiet")]
    if len(enough):
        blocks.append(Chart("trend", said, lambda: charts.median_map(enough, said)))
    rows = [
        [Cell(row.province), Cell(str(row.report_year)), amount(row.median), amount(row.n)] for row in records(enough)
    ]
    return [
        *blocks,
        Table(
            "trend",
            [say(name, asked.language) for name in ("province", "year", "median", "n")],
            rows,
            frame,
            len(enough),
        ),
    ]
