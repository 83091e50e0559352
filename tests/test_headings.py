"""Whose report and which year: titles as real pages print them, and each conflict a flag."""

from __future__ import annotations

import pytest

from normalize.headings import Heading, is_report_title, read_heading
from normalize.model import Document, TextBlock


def heading(*lines: str, title: str = "", portal: str = "", listed: str = "", **metas: str) -> Heading:
    """The heading of a page of these lines."""
    document = Document("html", [TextBlock("\n".join(lines))], title=title, metas=metas)
    return read_heading(document, portal_code=portal, list_title=listed)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("阳高县人民政府2020年政府信息公开工作年度报告", (2020, "阳高县人民政府", "county", "government", "140221")),
        ("阳高县2020年政府信息公开工作年度报告", (2020, "阳高县", "county", "government", "140221")),
        (
            "阳高县人民政府２０２０年政府信息公开工作年度报告",
            (2020, "阳高县人民政府", "county", "government", "140221"),
        ),
        ("陽高縣人民政府2020年政府信息公開工作年度報告", (2020, "陽高縣人民政府", "county", "government", "140221")),
        (
            "阳高县人民政府政府信息公开工作年度报告（2020年度）",
            (2020, "阳高县人民政府", "county", "government", "140221"),
        ),
        (
            "2020年阳高县卫生健康和体育局政府信息公开工作年度报告",
            (2020, "阳高县卫生健康和体育局", "department", "department", "140221"),
        ),
        ("阳高县政府办公室2021年政府信息公开工作年度报告", (2021, "阳高县政府办公室", "county", "office", "140221")),
        (
            "南京市鼓楼区人民政府2022年政府信息公开工作年度报告",
            (2022, "南京市鼓楼区人民政府", "county", "government", "320106"),
        ),
        ("鼓楼区人民政府2022年政府信息公开工作年度报告", (2022, "鼓楼区人民政府", "county", "government", "")),
        (
            "县退役军人事务局2020年度政府信息公开工作年度报告",
            (2020, "县退役军人事务局", "department", "department", ""),
        ),
        ("2022年度螅镇政府信息公开工作年度报告", (2022, "螅镇", "township", "township", "")),
        ("昌图县七家子镇2023年政府信息公开 工作告年度报", (2023, "昌图县七家子镇", "township", "township", "211224")),
        ("泾县黄村镇2014年政府信息年度公开报告", (2014, "泾县黄村镇", "township", "township", "341823")),
        (
            "舒兰市市场监督管理局2016年政务信息公开年度报告",
            (2016, "舒兰市市场监督管理局", "department", "department", "220283"),
        ),
        ("诸暨市牌头镇2018年信息公开年报", (2018, "诸暨市牌头镇", "township", "township", "330681")),
        (
            "衢州市衢江区湖南镇2021年政府信息公开工作年度报告",
            (2021, "衢州市衢江区湖南镇", "township", "township", "330803"),
        ),
        ("关于2021年度政府信息公开情况的报告", (2021, "", "unknown", "unknown", "")),
        ("2020年政府信息公开工作年度报告", (2020, "", "unknown", "unknown", "")),
        ("2023年度政府信息公开工作年度报告", (2023, "", "unknown", "unknown", "")),
    ],
)
def test_titles(title: str, said: tuple[int, str, str, str, str]) -> None:
    found = heading(title)
    assert (found.report_year, found.body, found.body_level, found.scope, found.division_code) == said
    assert found.flags == []


@pytest.mark.parametrize(
    "text",
    [
        "2020年度政府网站工作年度报表",
        "2022年度部门决算",
        "2021年财政预算公开报告",
        "政府信息公开指南",
        "信息公开目录",
        "2021年法治政府建设年度报告",
        "某县人民政府公报",
        "联系我们",
    ],
)
def test_what_is_no_title(text: str) -> None:
    assert not is_report_title(text)
    assert heading(text).report_year == 0


def test_body_on_the_line_above() -> None:
    found = heading("上海市人民政府办公厅", "2019年政府信息公开工作年度报告", "发布日期：2020-01-31")
    assert (found.body, found.report_year, found.published) == ("上海市人民政府办公厅", 2019, "2020-01-31")
    assert (found.body_level, found.scope, found.division_code) == ("province", "office", "310000")


def test_a_year_that_cannot_be_is_not_taken_from_the_text() -> None:
    assert heading("截至2087年底", "阳高县人民政府2020年政府信息公开工作年度报告").report_year == 2020


@pytest.mark.parametrize(
    "period",
    [
        "统计期限自2020年1月1日至2020年12月31日",
        "统计期限为2020年1月1日起至12月31日止",
        "统计期限：2020年1月—12月",
        "统计期限自 2020 年 1 月 1 日至 2020 年 12 月 31 日",
    ],
)
def test_period_confirms_the_year(period: str) -> None:
    found = heading("阳高县2020年政府信息公开工作年度报告", period)
    assert (found.period_start, found.period_end) == ("2020-01-01", "2020-12-31")
    assert found.flags == []


def test_period_of_another_year_is_a_conflict() -> None:
    found = heading("阳高县2020年政府信息公开工作年度报告", "统计期限为2019年1月1日至2019年12月31日")
    assert (found.report_year, found.flags) == (2020, ["year_conflict"])


def test_period_stands_in_for_a_title_without_year() -> None:
    found = heading("政府信息公开工作情况报告", "统计期限自2020年1月1日至2020年12月31日")
    assert (found.report_year, found.flags) == (2020, ["year_from_period"])


def test_year_from_the_date_of_publication_says_so() -> None:
    found = heading("政府信息公开工作年度报告", pubdate="2024-01-15 10:00")
    assert (found.report_year, found.published, found.flags) == (2023, "2024-01-15", ["year_inferred"])


def test_a_late_date_of_publication_tells_no_year() -> None:
    found = heading("政府信息公开工作年度报告", pubdate="2024-11-15")
    assert (found.report_year, found.published, found.flags) == (0, "2024-11-15", [])


def test_metas_name_the_report() -> None:
    found = heading("正文", articletitle="洪泽区人民政府2023年政府信息公开工作年度报告")
    assert (found.report_year, found.body, found.division_code) == (2023, "洪泽区人民政府", "320813")


def test_list_title_stands_in() -> None:
    found = heading("政府信息公开工作年度报告", listed="阳高县人民政府2023年政府信息公开工作年度报告")
    assert (found.report_year, found.body, found.flags) == (2023, "阳高县人民政府", [])


def test_list_and_page_of_different_years_are_a_conflict() -> None:
    found = heading(
        "阳高县人民政府2020年政府信息公开工作年度报告", listed="阳高县人民政府2021年政府信息公开工作年度报告"
    )
    assert "year_conflict" in found.flags


def test_portal_stands_in_for_a_title_without_body() -> None:
    found = heading("2020年政府信息公开工作年度报告", portal="140221")
    assert (found.body, found.division_code, found.flags) == ("阳高县人民政府", "140221", ["body_from_portal"])


def test_portal_decides_between_counties_of_one_name() -> None:
    found = heading("鼓楼区人民政府2022年政府信息公开工作年度报告", portal="320106")
    assert (found.division_code, found.flags) == ("320106", [])


def test_body_of_another_county_is_a_conflict() -> None:
    found = heading("天镇县人民政府2020年政府信息公开工作年度报告", portal="140221")
    assert (found.body, found.flags) == ("天镇县人民政府", ["body_conflict"])


def test_nothing_said() -> None:
    assert heading("联系我们") == Heading()


@pytest.mark.parametrize(
    ("title", "portal", "said"),
    [
        ("县政府办公室2021年政府信息公开工作年度报告", "140221", ("阳高县政府办公室", "county", "office", "140221")),
        (
            "县退役军人事务局2020年政府信息公开工作年度报告",
            "140221",
            ("阳高县退役军人事务局", "department", "department", "140221"),
        ),
        ("龙泉镇2020年政府信息公开工作年度报告", "140221", ("阳高县龙泉镇", "township", "township", "140221")),
    ],
)
def test_a_title_without_place_uses_the_portal(title: str, portal: str, said: tuple[str, str, str, str]) -> None:
    found = heading(title, portal=portal)
    assert (found.body, found.body_level, found.scope, found.division_code) == said
    assert found.flags == ["body_from_portal"]


def test_a_county_on_the_portal_of_its_city_keeps_its_own_code() -> None:
    found = heading("宿城区人民政府2021年政府信息公开工作年度报告", portal="321300")
    assert (found.body, found.division_code, found.flags) == ("宿城区人民政府", "321302", [])


def test_a_county_of_elsewhere_on_a_portal_is_a_conflict() -> None:
    found = heading("衢州市衢江区湖南镇2021年政府信息公开工作年度报告", portal="330303")
    assert (found.body, found.division_code, found.flags) == ("衢州市衢江区湖南镇", "330303", ["body_conflict"])


def test_the_signature_stands_in_for_a_title_without_body() -> None:
    found = heading("2020年政府信息公开工作年度报告", "总体情况", "阳高县教育局", "2021年1月20日", portal="140221")
    assert (found.body, found.scope, found.flags) == ("阳高县教育局", "department", ["body_from_signature"])


def test_another_county_in_the_signature_is_a_conflict() -> None:
    found = heading("阳高县2020年政府信息公开工作年度报告", "天镇县人民政府", "2021年1月20日")
    assert (found.body, found.flags) == ("阳高县", ["body_conflict"])


@pytest.mark.parametrize(
    ("opening", "flags"),
    [
        ("根据条例规定，现公布建水县民族宗教事务局2020年政府信息公开工作年度报告", ["body_conflict"]),
        ("根据条例规定，现公布面甸镇2020年政府信息公开工作年度报告", []),
        ("根据条例规定，现公布2020年政府信息公开工作年度报告", []),
    ],
)
def test_another_body_in_the_opening_words_is_a_conflict(opening: str, flags: list[str]) -> None:
    found = heading("面甸镇2020年政府信息公开工作年度报告", opening)
    assert (found.body, found.flags) == ("面甸镇", flags)


@pytest.mark.parametrize(
    ("signed", "conflict"),
    [("2020年2月19日", True), ("2021年2月19日", False), ("2020年12月30日", False), ("2023年7月1日", False)],
)
def test_a_report_signed_before_its_year_was_over_is_a_conflict(signed: str, conflict: bool) -> None:
    found = heading("阳高县人民政府2020年政府信息公开工作年度报告", "阳高县人民政府", signed)
    assert found.report_year == 2020
    assert ("year_conflict" in found.flags) is conflict


def test_published_before_its_year_was_over_is_a_conflict() -> None:
    found = heading("阳高县人民政府2020年政府信息公开工作年度报告", pubdate="2020-02-19")
    assert found.years == {"title1": 2020, "publication": 2019}
    assert found.flags == ["year_conflict"]


OTHERS = ("阳高县人民政府2023年政府信息公开工作年度报告", "阳高县人民政府2021年政府信息公开工作年度报告")
OWN = "阳高县人民政府2022年政府信息公开工作年度报告"
TEXT = ("一、总体情况", "全县公开信息。")
PERIOD = "统计期限自2022年1月1日至2022年12月31日"


@pytest.mark.parametrize(
    ("lines", "title", "flags"),
    [
        ((*OTHERS, OWN, *TEXT), "", ["year_conflict"]),
        ((*OTHERS, OWN, PERIOD, *TEXT), "", []),
        ((*OTHERS, OWN, *TEXT, "阳高县人民政府", "2023年1月20日"), "", []),
        ((OWN, *OTHERS, *TEXT), OWN, ["year_conflict"]),
        ((OWN, *OTHERS, PERIOD, *TEXT), OWN, []),
        ((OWN, *TEXT, *OTHERS), "", []),
    ],
)
def test_of_a_list_of_reports_above_the_text_the_nearest_is_its_own(
    lines: tuple[str, ...], title: str, flags: list[str]
) -> None:
    found = heading(*lines, title=title)
    assert (found.report_year, found.body, found.flags) == (2022, "阳高县人民政府", flags)


@pytest.mark.parametrize(
    "lines",
    [
        ("阳高县人民政府2022年", "政府信息公开工作年度报告"),
        ("首页", "2022年阳高县人民政府信息公开", "工作年度报告"),
        ("阳高县人民政府", "2022年度", "政府信息公开工作年度报告"),
        ("阳高县人民政府", "2022年政府信息公开工作年度报告"),
    ],
)
def test_a_title_over_several_lines(lines: tuple[str, ...]) -> None:
    found = heading(*lines, *TEXT)
    assert (found.report_year, found.body, found.flags) == (2022, "阳高县人民政府", [])


@pytest.mark.parametrize(
    "lines",
    [
        ("首页", "2022年", "政府信息公开年报"),
        ("阳高县人民政府", "2023年", "2022年", "政府信息公开年报"),
        ("年报", "2023年", "政府信息公开工作年度报告"),
    ],
)
def test_years_of_a_menu_are_no_part_of_a_title(lines: tuple[str, ...]) -> None:
    assert heading(*lines, *TEXT).report_year == 0


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("阳高县人民政府办公室关于印发《阳高县人民政府2022年政府信息公开工作年度报告》的通知", "阳高县人民政府"),
        ("《阳高县教育局2022年政府信息公开工作年度报告》", "阳高县教育局"),
        ("【年报】阳高县人民政府2022年政府信息公开工作年度报告", "阳高县人民政府"),
    ],
)
def test_titles_within_titles(title: str, body: str) -> None:
    found = heading(title)
    assert (found.report_year, found.body, found.flags) == (2022, body, [])


def test_the_first_of_two_years_counts_and_is_a_conflict() -> None:
    found = heading("阳高县人民政府2021年至2022年政府信息公开工作年度报告")
    assert (found.report_year, found.body, found.flags) == (2021, "阳高县人民政府", ["year_conflict"])


@pytest.mark.parametrize(
    ("printed", "listed"),
    [
        ("阳高县2008—09年度政府信息公开年报", ""),
        ("阳高县人民政府2008年政府信息公开年报", "2008-2009年度政府信息公开年报"),
        ("阳高县人民政府2009年政府信息公开年报", "2008-09年度政府信息公开年报"),
    ],
)
def test_a_span_of_years_in_any_title_is_a_conflict(printed: str, listed: str) -> None:
    assert heading(printed, listed=listed).flags == ["year_conflict"]


def test_a_period_within_one_year_is_no_span() -> None:
    assert heading("阳高县2008年5月1日至2008年12月31日政府信息公开年报").flags == []


def test_half_a_year_is_no_report_year() -> None:
    assert heading("阳高县人民政府2022年上半年政府信息公开工作报告").report_year == 0


def test_the_period_of_a_plan_is_not_the_reports() -> None:
    found = heading("政府信息公开工作年度报告", "规划期限为2021年1月至2025年12月", PERIOD)
    assert (found.report_year, found.period_end, found.flags) == (2022, "2022-12-31", ["year_from_period"])


def test_the_year_before_the_signature_says_that_it_is_inferred() -> None:
    found = heading("政府信息公开工作年度报告", *TEXT, "阳高县人民政府", "2023年1月20日")
    assert (found.report_year, found.flags) == (2022, ["year_inferred", "body_from_signature"])


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("2022年政府信息公开工作年度报告（阳高县教育局）", "阳高县教育局"),
        ("2022年政府信息公开工作年度报告（更正）", ""),
        ("阳高县教育局“2022年政府信息公开工作年度报告”", "阳高县教育局"),
        ("2022年1月1日至2022年12月31日阳高县教育局政府信息公开工作年度报告", "阳高县教育局"),
        ("阳高县教育局公布2022年政府信息公开工作年度报告", "阳高县教育局"),
        ("阳高县教育局2202年政府信息公开工作年度报告", "阳高县教育局"),
        ("阳高县教育局022年政府信息公开工作年度报告", "阳高县教育局"),
    ],
)
def test_the_body_in_odd_places_of_a_title(title: str, body: str) -> None:
    assert heading(title).body == body


def test_the_site_above_a_title_that_names_its_body_is_not_the_body() -> None:
    assert heading("阳高县人民政府", "2022年政府信息公开工作年度报告（天镇县教育局）").body == "天镇县教育局"


@pytest.mark.parametrize("date", ["发布日期：2023-01-20", "（2023年1月20日）", "2023年1月20日"])
def test_a_date_below_a_title_without_a_year_is_not_its_year(date: str) -> None:
    found = heading("阳高县教育局政府信息公开工作年度报告", date, *TEXT)
    assert found.report_year in (0, 2022)


@pytest.mark.parametrize(
    "line",
    [
        "上一篇：阳高县人民政府2021年政府信息公开工作年度报告",
        "下一条:阳高县人民政府2023年政府信息公开年报",
        "（一）2021年政府信息公开工作年度报告中的问题已整改",
        "热点：阳高县召开2023年政府信息公开工作年度报告编制会议",
    ],
)
def test_other_reports_named_on_a_page_are_not_its_title(line: str) -> None:
    assert heading("阳高县政务公开情况", *TEXT, line).report_year == 0
    assert heading(OWN, *TEXT, line).report_year == 2022


@pytest.mark.parametrize(
    ("printed", "listed", "conflict"),
    [
        ("阳高县教育局", "阳高县卫健局", True),
        ("阳高县人民政府", "阳高县教育局", True),
        ("阳高县龙泉镇人民政府", "阳高县教育局", True),
        ("阳高县卫生健康和体育局", "阳高县卫健局", False),
        ("阳高县发展和改革局", "县发改局", False),
        ("阳高县人民政府", "阳高县人民政府办公室", False),
        ("阳高县龙泉镇", "阳高县龙泉镇人民政府", False),
    ],
)
def test_another_office_in_the_list_is_a_conflict(printed: str, listed: str, conflict: bool) -> None:
    tail = "2022年政府信息公开工作年度报告"
    found = heading(printed + tail, *TEXT, portal="140221", listed=listed + tail)
    assert ("body_conflict" in found.flags) is conflict


@pytest.mark.parametrize(("signed", "conflict"), [("阳高县卫生健康局", True), ("阳高县教育体育局", False)])
def test_another_office_in_the_signature_is_a_conflict(signed: str, conflict: bool) -> None:
    found = heading("阳高县教育局2022年政府信息公开工作年度报告", *TEXT, signed, "2023年1月20日")
    assert ("body_conflict" in found.flags) is conflict
