"""Form 2008: the two families of local annexes in made-up fillings."""

from __future__ import annotations

import pytest

from normalize import Report, codebook, read_document

SHANGHAI = ("指标名称", "计量单位", "代码", "本期实际", "本年累计")
ROWS_A = codebook.form_indicators("2008", "A")
TRUTH_A = {indicator.code: 1000.0 + number for number, indicator in enumerate(ROWS_A, 1)}
FUJIAN = [
    ("主动公开信息数", "g1.proactive.total"),
    ("其中:1.政府网站", "g1.proactive.channel.website"),
    ("2.政府公报", "g1.proactive.channel.gazette"),
    ("受理依申请公开信息总数", "g1.apply.total"),
    ("其中:1.当面申请数", "g1.apply.by.in_person"),
    ("2.传真申请数", "g1.apply.by.fax"),
    ("3.电子邮件申请数", "g1.apply.by.email"),
    ("4.网上申请数", "g1.apply.by.web"),
    ("5.信函申请数", "g1.apply.by.letter"),
    ("6.其他形式申请数", "g1.apply.by.other"),
    ("本年度对申请的答复总数", "g1.apply.reply.total"),
    ("其中:1.同意公开答复数", "g1.apply.reply.granted"),
    ("2.同意部分公开答复数", "g1.apply.reply.partial"),
    ("3.否决公开答复总数", "g1.apply.reply.refused"),
    ("行政复议数", "g1.review.recon"),
    ("行政诉讼数", "g1.review.suit"),
    ("行政申诉数", "g1.review.appeal"),
]


def read(rows: list[tuple[str, ...]], year: int = 2010) -> Report:
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return read_document(f"<h1>某县人民政府{year}年政府信息公开工作年度报告</h1><table>{table}</table>".encode())


def values(report: Report) -> dict[str, float]:
    return {figure.indicator: figure.value for figure in report.figures if figure.value is not None}


def shanghai_rows() -> list[tuple[str, ...]]:
    return [(i.row_label, i.unit, f"{n:02d}", "7", str(1000 + n)) for n, i in enumerate(ROWS_A, 1)]


def test_the_family_of_shanghai_gives_the_year() -> None:
    report = read([SHANGHAI, *shanghai_rows()])
    assert (report.form, len(report.figures)) == ("2008", 41)
    assert values(report) == TRUTH_A
    # What one period of several held is none of the year's figures.
    assert {(left.raw, left.reason) for left in report.leftovers} == {("7", "no_place")}


def test_one_cell_a_line_gives_the_same() -> None:
    text = "\n".join(cell for row in [SHANGHAI, *shanghai_rows()] for cell in row)
    report = read_document(f"某县人民政府2010年政府信息公开工作年度报告\n\n{text}".encode())
    assert (report.form, values(report)) == ("2008", TRUTH_A)


def test_a_line_that_lost_a_cell_is_open() -> None:
    rows = shanghai_rows()
    rows[4] = (*rows[4][:3], rows[4][4])
    text = "\n".join(cell for row in [SHANGHAI, *rows] for cell in row)
    report = read_document(f"某县人民政府2010年政府信息公开工作年度报告\n\n{text}".encode())
    status = {figure.indicator: figure.status for figure in report.figures}
    assert status[ROWS_A[4].code] == "ambiguous"
    assert values(report) == {code: value for code, value in TRUTH_A.items() if code != ROWS_A[4].code}


def test_a_period_alone_is_the_year_of_an_annual_report() -> None:
    rows = [(label, unit, code, year) for label, unit, code, _, year in shanghai_rows()]
    assert values(read([("指标名称", "计量单位", "代码", "本期实际"), *rows])) == TRUTH_A
    assert values(read([("指标名称", "计量单位", "代码", "本期实际（本月累计）"), *rows])) == {}


def test_the_family_of_fujian_gives_the_year_and_leaves_the_total_over() -> None:
    rows = [(label, str(1000 + n), str(5000 + n)) for n, (label, _) in enumerate(FUJIAN)]
    report = read([("指标名称", "2009年度", "历年累计"), *rows], 2009)
    assert report.form == "2008"
    assert values(report) == {code: 1000.0 + n for n, (_, code) in enumerate(FUJIAN)}
    assert [(left.raw, left.reason) for left in report.leftovers] == [(row[2], "cumulative") for row in rows]


@pytest.mark.parametrize(("year", "base"), [(2008, 100.0), (2009, 200.0)])
def test_of_two_years_the_report_s_own_counts(year: int, base: float) -> None:
    rows = [(label, str(100 + n), str(200 + n)) for n, (label, _) in enumerate(FUJIAN)]
    found = values(read([("指标名称", "2008年度", "2009年度"), *rows], year))
    assert found == {code: base + n for n, (_, code) in enumerate(FUJIAN)}


def test_columns_of_other_years_are_not_claimed() -> None:
    rows = [(label, str(100 + n), str(200 + n)) for n, (label, _) in enumerate(FUJIAN)]
    report = read([("指标名称", "2008年度", "历年累计"), *rows], 2012)
    assert values(report) == {}
    assert {figure.status for figure in report.figures} == {"ambiguous", "missing"}
