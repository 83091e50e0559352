"""Synthetic archives of any size, to measure with: made-up figures in pages that look like real ones.

Nothing here is a real report. Every page says so in its title, its text and its address (``synthetic.invalid``), and
archives made here are never published.

Example: ``python -m tests.bench.synthetic --reports 3000 /tmp/synthetic``
"""

from __future__ import annotations

import argparse
import csv
import itertools
import random
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crawler.archive import ArchiveWriter
from normalize import codebook
from normalize.divisions import DIVISIONS
from tests.archives import put

if TYPE_CHECKING:
    from collections.abc import Iterator

YEARS = (2019, 2020, 2021, 2022, 2023, 2024)
HOST = "http://synthetic.invalid"
MARK = "合成数据"
OFFICES = (
    "人民政府", "财政局", "民政局", "教育局", "公安局", "司法局", "水利局", "林业局", "审计局", "统计局", "交通运输局",
    "农业农村局", "文化和旅游局", "卫生健康局", "应急管理局", "市场监督管理局", "生态环境局", "自然资源局",
)  # fmt: skip
CELL = '<td style="border:1px solid #000000;padding:5px 10px;" align="center" valign="middle">'
SPAN = '<span style="font-family:宋体;font-size:14px;color:#333333;">'
APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
RESULTS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
PROSE = (
    "{place}{year}年坚持以公开为常态、不公开为例外，全年主动公开政府信息{a}条，其中通过政府网站公开{b}条、政务新媒体公开{c}条。"
    "全年收到政府信息公开申请{d}件，均在法定期限内答复。共组织培训{e}次，参训{f}人次，完善制度{g}项，公开目录更新{a}条。"
)
Values = dict[tuple[str, str], float]


class Body(NamedTuple):
    """Who reports: division code, the place's name and the body's."""

    code: str
    place: str
    name: str


def bodies(number: int) -> Iterator[Body]:
    """So many bodies: all counties' governments first, then their offices."""
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        counties = [
            (row["code"], row["name"])
            for row in csv.DictReader(file)
            if row["level"] == "county" and int(row["valid_from"]) <= YEARS[0] and not row["valid_to"]
        ]
    for index in range(number):
        office, county = divmod(index, len(counties))
        code, place = counties[county]
        name = OFFICES[office % len(OFFICES)]
        extra = f"第{office // len(OFFICES)}" if office >= len(OFFICES) else ""
        yield Body(code, place, f"{place}{extra}{name}")


def draw(form: str, rng: random.Random, level: float) -> Values:
    """Figures of one report: mostly noughts, sums that hold, requests about the body's own ``level``."""
    values: Values = dict.fromkeys(codebook.form_cells(form), 0.0)
    for indicator in codebook.form_indicators(form, "2"):
        size = rng.choice((0, 0, 9, 60, 4_000, 90_000))
        values[indicator.code, ""] = (
            round(rng.uniform(0, size), 4) if indicator.value_type == "decimal" else float(rng.randint(0, size))
        )
    leaves = [
        each.code
        for each in codebook.form_indicators(form, "3")
        if each.code.startswith("apply.result.") and each.code != "apply.result.total"
    ]
    requests = int(level * rng.lognormvariate(0.0, 0.3))
    for _ in range(min(requests, 400)):
        who = rng.choices(codebook.applicant_codes()[:-1], (80, 12, 1, 2, 3, 2))[0]
        values[rng.choice(leaves) if rng.random() < 0.4 else "apply.result.granted", who] += 1
    for who in codebook.applicant_codes()[:-1]:
        values["apply.result.total", who] = sum(values[code, who] for code in leaves)
        values["apply.new", who] = values["apply.result.total", who]
    for each in codebook.form_indicators(form, "3"):
        values[each.code, "total"] = sum(values[each.code, who] for who in codebook.applicant_codes()[:-1])
    for block in ("review.recon", "review.suit_direct", "review.suit_after_recon"):
        parts = [f"{block}.{name}" for name in ("upheld", "corrected", "other", "pending")]
        for code in parts:
            values[code, ""] = float(rng.choice((0, 0, 0, 1, 2, 7)))
        values[f"{block}.total", ""] = sum(values[code, ""] for code in parts)
    return values


def page(body: Body, year: int, values: Values, rng: random.Random) -> str:
    """One report as a portal shows it, about 45 KB."""
    form = "2019" if year < 2021 else "2021"
    title = f"{body.name}{year}年政府信息公开工作年度报告"
    chapters = [f"<p>{_prose(body, year, rng)}</p>" for _ in range(8)]
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="ArticleTitle" content="{title}"><meta name="Description" content="{MARK}">'
        f'<meta name="PubDate" content="{year + 1}-01-2{rng.randint(0, 9)}"></head><body><h1>{title}</h1>'
        f"<p>{MARK}（synthetic）：本页数字均为编造，只供测试。</p><h2>一、总体情况</h2>{''.join(chapters[:4])}"
        f"<h2>二、主动公开政府信息情况</h2>{_table_two(form, values)}"
        f"<h2>三、收到和处理政府信息公开申请情况</h2>{_table_three(form, values)}"
        f"<h2>四、政府信息公开行政复议、行政诉讼情况</h2>{_table_four(form, values)}"
        f"<h2>五、存在的主要问题及改进情况</h2>{''.join(chapters[4:])}<h2>六、其他需要报告的事项</h2><p>无。</p></body></html>"
    )


def _prose(body: Body, year: int, rng: random.Random) -> str:
    numbers = {name: rng.randint(1, 9999) for name in "abcdefg"}
    return PROSE.format(place=body.place, year=year, **numbers)


def _cell(content: object, spans: str = "") -> str:
    text = f"{content:.15g}" if isinstance(content, float) else str(content)
    return f"{CELL[:3]}{spans}{CELL[3:]}{SPAN}{text}</span></td>"


def _row(*cells: str) -> str:
    return f'<tr style="height:28px;">{"".join(cells)}</tr>'


def _table(rows: list[str]) -> str:
    return f'<table border="1" cellspacing="0" style="width:100%;border-collapse:collapse;">{"".join(rows)}</table>'


def _table_two(form: str, values: Values) -> str:
    blocks: dict[str, dict[str, list[codebook.Indicator]]] = {}
    for indicator in codebook.form_indicators(form, "2"):
        blocks.setdefault(indicator.block, {}).setdefault(indicator.row_label, []).append(indicator)
    rows: list[str] = []
    for block, lines in blocks.items():
        heads = [each.column_label for each in next(iter(lines.values()))]
        spans = [""] * (len(heads) - 1) + [f' colspan="{4 - len(heads)}"']
        rows.append(_row(_cell(block, ' colspan="4"')))
        rows.append(_row(_cell("信息内容"), *map(_cell, heads, spans)))
        for label, cells in lines.items():
            rows.append(_row(_cell(label), *map(_cell, (values[each.code, ""] for each in cells), spans)))
    return _table(rows)


def _table_three(form: str, values: Values) -> str:
    rule = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    rows = [
        _row(_cell(rule, ' colspan="3" rowspan="3"'), _cell("申请人情况", ' colspan="7"')),
        _row(_cell("自然人", ' rowspan="2"'), _cell("法人或其他组织", ' colspan="5"'), _cell("总计", ' rowspan="2"')),
        _row(*map(_cell, APPLICANTS[1:6])),
    ]
    indicators = codebook.form_indicators(form, "3")
    blocks = [each.block for each in indicators]
    tops = [block.partition(">")[0] for block in blocks]
    for place, each in enumerate(indicators):
        numbers = [_cell(values[each.code, who]) for who in codebook.applicant_codes()]
        top, _, group = each.block.partition(">")
        if not top:
            rows.append(_row(_cell(each.row_label, ' colspan="3"'), *numbers))
            continue
        stub = [] if tops.index(top) < place else [_cell(top, f' rowspan="{tops.count(top)}"')]
        if not group:
            rows.append(_row(*stub, _cell(each.row_label, ' colspan="2"'), *numbers))
            continue
        if blocks.index(each.block) == place:
            stub.append(_cell(group, f' rowspan="{blocks.count(each.block)}"'))
        rows.append(_row(*stub, _cell(each.row_label), *numbers))
    return _table(rows)


def _table_four(form: str, values: Values) -> str:
    rows = [
        _row(_cell("行政复议", ' colspan="5"'), _cell("行政诉讼", ' colspan="10"')),
        _row(
            *(_cell(name, ' rowspan="2"') for name in RESULTS),
            _cell("未经复议直接起诉", ' colspan="5"'),
            _cell("复议后起诉", ' colspan="5"'),
        ),
        _row(*map(_cell, RESULTS * 2)),
        _row(*(_cell(values[each.code, ""]) for each in codebook.form_indicators(form, "4"))),
    ]
    return _table(rows)


def report_url(number: int) -> str:
    """The address of a report by its number."""
    return f"{HOST}/{number // len(YEARS)}/{YEARS[number % len(YEARS)]}.html"


def write_archive(path: Path, reports: int, *, first: int = 0, step: int = 1, seed: int = 1) -> None:
    """Add a run to an archive: the reports from number ``first`` below ``reports``, every ``step``-th of them.

    Bodies report over six years. Another ``seed`` gives the same reports other figures.
    """
    ticks = itertools.count()
    start = datetime(2026, 1, seed, tzinfo=UTC)
    with closing(ArchiveWriter(path, now=lambda: start + timedelta(milliseconds=10 * next(ticks)))) as writer:
        for number, (body, year) in enumerate(itertools.product(bodies(-(-reports // len(YEARS))), YEARS)):
            if number < first or number >= reports or (number - first) % step:
                continue
            rng = random.Random(f"{seed}-{number}")  # noqa: S311 - made-up figures
            # Bodies differ as much as they do; a body's own years are alike.
            level = random.Random(number // len(YEARS)).lognormvariate(3.0, 1.5)  # noqa: S311
            values = draw("2019" if year < 2021 else "2021", rng, level)
            content = page(body, year, values, rng).encode()
            put(
                writer,
                report_url(number),
                content,
                headers={"Content-Type": "text/html; charset=utf-8"},
                portal_code=body.code,
                list_title=f"{body.name}{year}年政府信息公开工作年度报告",
            )


def main() -> None:
    """Write an archive where the command line says."""
    parser = argparse.ArgumentParser(description="Write a synthetic archive, never to be published.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--reports", type=int, default=3000)
    asked = parser.parse_args()
    write_archive(asked.archive, asked.reports)


if __name__ == "__main__":
    main()
