"""Figures in prose: what is claimed, as annual or cumulative, and what is passed over."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from normalize import read_document
from normalize.model import Section
from normalize.narrative import read_narrative

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/narrative.csv"))
Claim = tuple[str, float, str]
RECEIVED = "apply.received.total"


def claims(
    text: str, *, form: str = "2014", year: int = 2016, body: str = "", heading: str = "一、概述"
) -> list[Claim]:
    """What a chapter's text is read to say of its year."""
    return [(n.indicator, n.value, n.unit) for n in read_narrative([Section("1", heading, text)], form, year, body)]


def spans(text: str, year: int = 2016) -> list[tuple[float, bool]]:
    return [(n.value, n.cumulative) for n in read_narrative([Section("1", "", text)], "2014", year, "")]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_figures_of_real_reports(folder: Path) -> None:
    report = read_document((folder / "source.html").read_bytes())
    with (folder / "narrative.csv").open(encoding="utf-8", newline="") as file:
        expected = [
            (row["indicator"], float(row["value"]), row["unit"], row["cumulative"] == "1", row["approximate"] == "1",
             row["section"], row["quote"])
            for row in csv.DictReader(file)
        ]  # fmt: skip
    found = [(n.indicator, n.value, n.unit, n.cumulative, n.approximate, n.section, n.quote) for n in report.narrative]
    assert found == expected
    assert report.flags == ["no_tables"]


def test_there_are_cases() -> None:
    assert len(CASES) == 3


def test_a_quote_stands_where_it_says() -> None:
    text = "（一）概述\n2016年， 全县共收到政府信息公开申请 12 件，\n办结 11 件。其中同意公开8件；部分公开1件。"
    found = read_narrative([Section("3", "", text)], "2014", 2016, "")
    assert [n.value for n in found] == [12, 11, 8, 1]
    assert [text[n.start : n.end] for n in found] == [n.quote for n in found]
    assert found[0].quote == "全县共收到政府信息公开申请 12 件"
    assert {n.section for n in found} == {"3"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全县共收到政府信息公开申请12件。", [(RECEIVED, 12, "件")]),
        ("收到12件政府信息公开申请。", [(RECEIVED, 12, "件")]),
        ("全縣共收到政府信息公開申請１２件。", [(RECEIVED, 12, "件")]),
        ("收到公民、法人和其他组织政府信息公开申请共计十二件。", [(RECEIVED, 12, "件")]),
        ("收到政府信息公开申请数为1,234件。", [(RECEIVED, 1234, "件")]),
        ("主动公开政府信息1.2万条。", [("proactive.items.total", 1.2, "万条")]),
        (
            "收到政府信息公开申请3件，其中当面申请1件、网络申请2件。",
            [(RECEIVED, 3, "件"), ("apply.received.in_person", 1, "件"), ("apply.received.online", 2, "件")],
        ),
        (
            "因政府信息公开引发行政复议134件、行政诉讼57件。",
            [("review.recon14.total", 134, "件"), ("review.suit14.total", 57, "件")],
        ),
        (
            "共制发规范性文件12件，主动公开规范性文件11件。",
            [("proactive.normdocs.made_total", 12, "件"), ("proactive.items.normdocs", 11, "件")],
        ),
        ("召开新闻发布会3次，在线访谈5期。", [("respond.press.total", 3, "次"), ("respond.interview.total", 5, "期")]),
        (
            "受理政府信息公开申请859件，申请数量较去年回落12.3%；答复政府信息公开申请805件。",
            [(RECEIVED, 859, "件"), ("apply.reply.total", 805, "件")],
        ),
        ("政府信息公开收费共计0元。", [("fee.request_charges", 0, "元")]),
        ("举办政府信息公开培训班2期，培训人员300人次。", [("meet.trainings", 2, "期"), ("meet.trainees", 300, "人次")]),
    ],
)
def test_claimed(text: str, expected: list[Claim]) -> None:
    assert claims(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # Two things, or two numbers.
        "因政府信息公开引发行政复议、行政诉讼共57件。",
        "因政府信息公开申请行政复议和行政诉讼案件3件。",
        "收到政府信息公开申请12件13件。",
        "收到并答复政府信息公开申请12件。",
        "行政复议、行政诉讼各2件。",
        # Something else.
        "受理低保申请312件。",
        "公开财政信息45条，财政信息主动公开45条，主动公开机构职能类信息45条。",
        "重点领域主动公开政府信息33条。",
        "12345热线办结3000件，网民留言答复30件。",
        "县政府门户网站访问量12万人次。",
        "法制办受理行政复议案件120件。",
        # A part, or another body.
        "其中，通过网络收到政府信息公开申请9件。",
        "其中主动公开政府信息300条。",
        "县教育局收到政府信息公开申请5件。",
        "各乡镇收到政府信息公开申请5件。",
        "县本级收到政府信息公开申请4件。",
        # Another year, a comparison, a plan, a part of the year.
        "2015年收到政府信息公开申请12件。",
        "收到政府信息公开申请比去年增加3件。",
        "计划全年主动公开政府信息1000条。",
        "上半年，收到政府信息公开申请12件。",
        "2016年1月1日至6月30日，收到政府信息公开申请12件。",
        # A span that the words leave open.
        "2016年累计主动公开政府信息1000条。",
        "近三年来，主动公开政府信息900条。",
        # Numbers that may be others.
        "收到政府信息公开申请12，345件。",
        "收到政府信息公开申请1 136件。",
        "未收到政府信息公开申请。",
    ],
)
def test_passed_over(text: str) -> None:
    assert claims(text) == []


def test_what_the_body_itself_did_is_its_own() -> None:
    text = "县教育局收到政府信息公开申请5件。"
    assert claims(text, body="某县教育局") == [(RECEIVED, 5, "件")]


def test_the_chapter_may_name_the_topic() -> None:
    heading = "五、因政府信息公开申请行政复议、提起行政诉讼情况"
    assert claims("行政复议案件0件。", heading=heading) == [("review.recon14.total", 0, "件")]
    assert claims("行政复议案件0件。") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全年主动公开政府信息512条。", [(512, False)]),
        ("截至12月31日，全年主动公开政府信息512条。", [(512, False)]),
        ("全年累计主动公开政府信息512条。", [(512, False)]),
        ("自2016年1月1日起至2016年12月31日止，主动公开政府信息512条。", [(512, False)]),
        ("到目前累计主动公开政府信息512条。", [(512, True)]),
        ("截至2016年底，我县共主动公开政府信息512条。", [(512, True)]),
        ("自2008年5月1日《条例》施行以来，主动公开政府信息512条，其中政府网站500条。", [(512, True), (500, True)]),
        ("自2008年5月1日起至2016年12月31日，主动公开政府信息512条。", [(512, True)]),
        ("累计主动公开政府信息512条。其中政府网站500条。", [(512, True), (500, True)]),
        ("截至2016年底，设立政府信息公开查阅点5个。", [(5, False)]),
    ],
)
def test_annual_and_cumulative(text: str, expected: list[tuple[float, bool]]) -> None:
    assert spans(text) == expected


@pytest.mark.parametrize(
    ("text", "approximate"),
    [
        ("主动公开政府信息260条。", False),
        ("主动公开政府信息260余条。", True),
        ("主动公开政府信息260多条。", True),
        ("主动公开政府信息约260条。", True),
        ("主动公开政府信息260条左右。", True),
        ("主动公开政府信息超过260条。", True),
    ],
)
def test_approximate(text: str, *, approximate: bool) -> None:
    found = read_narrative([Section("1", "", text)], "2014", 2016, "")
    assert [(n.value, n.approximate) for n in found] == [(260, approximate)]


@pytest.mark.parametrize(
    ("form", "year", "indicator"),
    [
        ("", 2012, "g1.apply.total"),
        ("", 2016, "apply.received.total"),
        ("", 2020, "apply.new"),
        ("", 2024, "apply.new"),
        ("", 0, "apply.new"),
        ("2019", 2016, "apply.new"),
    ],
)
def test_the_indicator_is_the_form_s(form: str, year: int, indicator: str) -> None:
    assert claims("收到政府信息公开申请12件。", form=form, year=year) == [(indicator, 12, "件")]


TABLES = """
<table><tr><td>行政复议</td></tr><tr><td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td></tr>
<tr><td>1</td><td>0</td><td>0</td><td>2</td><td>3</td></tr></table>
<table><tr><td></td><td>自然人</td><td>商业企业</td><td>科研机构</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td><td>总计</td></tr>
<tr><td>一、本年新收政府信息公开申请数量</td><td>9</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>9</td></tr>
<tr><td>二、上年结转政府信息公开申请数量</td><td>2</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>2</td></tr>
<tr><td>四、结转下年度继续办理</td><td>1</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>1</td></tr></table>
"""


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("收到政府信息公开申请9件。", {"TX-2": ("pass", 9.0)}),
        ("收到政府信息公开申请11件。", {"TX-2": ("pass", 11.0)}),
        ("收到政府信息公开申请10件，结转下年度1件。", {"TX-2": ("fail", 10.0), "TX-1c": ("pass", 1.0)}),
        ("因政府信息公开引发行政复议4件。", {"TX-1a": ("fail", 4.0)}),
        ("因政府信息公开引发行政复议3件。收到政府信息公开申请9余件。", {"TX-1a": ("pass", 3.0)}),
        ("截至2023年底共收到政府信息公开申请90件。", {}),
    ],
)
def test_prose_against_tables(prose: str, expected: dict[str, tuple[str, float]]) -> None:
    page = f"<h1>某县人民政府2023年政府信息公开工作年度报告</h1><p>{prose}</p>{TABLES}"
    checks = read_document(page.encode()).checks
    found = {c.check: (c.result, c.right) for c in checks if c.check.startswith("TX-") and c.result != "not_evaluable"}
    assert found == expected


@pytest.mark.parametrize(("year", "form"), [(2012, "2008"), (2013, "2008"), (2014, ""), (2016, "")])
def test_before_2014_figures_in_prose_alone_are_form_2008(year: int, form: str) -> None:
    page = f"<h1>某县人民政府{year}年政府信息公开工作年度报告</h1><p>主动公开政府信息30条。</p>"
    report = read_document(page.encode())
    assert (report.form, report.figures, report.flags) == (form, [], ["no_tables"])
    assert [n.value for n in report.narrative] == [30]


def test_prose_without_figures_has_no_form() -> None:
    report = read_document("<h1>某县人民政府2012年政府信息公开工作年度报告</h1><p>见附件。</p>".encode())
    assert (report.form, report.narrative) == ("", [])


def test_long_text_takes_little_time() -> None:
    text = "收到政府信息公开申请12件，" * 5_000 + "\n" + "一" * 200_000 + "\n" + "12 " * 50_000
    assert claims(text) == []
