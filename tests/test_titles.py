"""Titles as portals print them: report or not, which year, whose."""

from __future__ import annotations

import pytest

from crawler import titles


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("阳高县人民政府2020年政府信息公开工作年度报告", 2020),
        ("2020年度政府信息公开年度报告", 2020),
        ("2020年信息年度公开报告", 2020),
        ("关于2021年度政府信息公开情况的报告", 2021),
        ("上海市人民政府办公厅2019年政府信息公开工作年度报告", 2019),
        ("政府信息公开工作年度报告（2020年度）", 2020),
        ("2021年发布的2020年政府信息公开年度报告", 2020),
        ("阳高县人民政府2020年政府信息公开工作年度报告（2021年发布）", 2020),
        ("阳政发〔2021〕3号关于2020年政府信息公开年度报告", 2020),
        ("二〇一九年政府信息公开工作年度报告", 2019),
        ("二○一八年度政府信息公开年报", 2018),
        ("二0一五年政府信息公开年报", 2015),
        ("２０２２年政府信息公开年报", 2022),
        ("20 20 年 政府信息公开年报", 2020),
        ("2020年年报", 2020),
        ("2020年", 2020),
        ("2016政府信息公开年报", 2016),
        ("阳高县人民政府办公室2020年政府信息公开工...", 2020),
        ("2008-2009年度政府信息公开年报", 2009),
        ("2008—09年度政府信息公开年报", 2009),
        ("二〇〇八至二〇〇九年政府信息公开年报", 2009),
        ("2023年度（2024年发布）政府信息公开年报", 2023),
        ("政府信息公开 工作告年度报", None),
        ("政府信息公开工作情况报告", None),
        ("政务信息公开年度报告", None),
        ("信息公开年报", None),
        ("公开年报", None),
        ("年报汇总", None),
    ],
)
def test_report_titles_and_their_years(title: str, year: int | None) -> None:
    assert titles.is_report(title)
    assert titles.report_year(title) == year


@pytest.mark.parametrize(
    ("title", "span"),
    [
        ("2008-2009年度政府信息公开年报", (2008, 2009)),
        ("阳高县2008—09年度政府信息公开年报", (2008, 2009)),
        ("2008年至2010年政府信息公开年报", (2008, 2009, 2010)),
        ("2008、2009年度政府信息公开年报", (2008, 2009)),
        ("2008年5月1日至2009年3月31日政府信息公开年报", (2008, 2009)),
        ("二〇〇八至二〇〇九年政府信息公开年报", (2008, 2009)),
        ("2008年5月1日至2008年12月31日政府信息公开年报", ()),
        ("2023年度（2024年发布）政府信息公开年报", ()),
        ("2020年政府信息公开年报2021-01-20", ()),
    ],
)
def test_a_span_of_years_is_always_in_doubt(title: str, span: tuple[int, ...]) -> None:
    assert tuple(titles.years_in(title)) == span
    year, doubt = titles.dated(title, None, f"{2024 if not span else span[-1] + 1}-08-01")
    assert bool(doubt) == bool(span)
    if span:
        assert (year, doubt) == (span[-1], f"the title names the years {span[0]} to {span[-1]}")
        # What the text says cannot settle it: it says both.
        assert titles.settled(span[-1], doubt, "2009年2009年2009年2009年") == (span[-1], doubt)


@pytest.mark.parametrize(
    "title",
    [
        "阳高县政府网站2020年工作年度报表",
        "2019年政府网站年度报告",
        "2020年第3期政府公报",
        "2019年部门决算",
        "2020年度预决算公开报告",
        "阳高县2020年法治政府建设年度报告",
        "2020年上半年统计数据",
        "统计年报",
        "企业年报公示",
        "政府信息公开指南",
        "政府信息公开目录",
        "政府信息公开制度",
        "政府信息公开信息处理费收取标准的通知",
        "关于做好2020年政府信息公开年度报告编制工作的通知",
        "图解：2020年政府信息公开年度报告",
        "2020年一季度政府信息公开情况报告",
        "依申请公开",
        "首页",
        "",
    ],
)
def test_false_friends_are_no_reports(title: str) -> None:
    assert not titles.is_report(title)


@pytest.mark.parametrize(
    ("title", "name", "whose"),
    [
        ("阳高县人民政府2020年政府信息公开工作年度报告", "阳高县", "government"),
        ("大同市阳高县人民政府2020年政府信息公开年报", "阳高县", "government"),
        ("江苏省淮安市洪泽区人民政府2023年政府信息公开年度报告", "洪泽区", "government"),
        ("关于2020年县政府信息公开工作的报告", "阳高县", "government"),
        ("2020年政府信息公开年度报告", "阳高县", "government"),
        ("三都县2020年政府信息公开年报", "三都水族自治县", "government"),
        ("镇宁布依族苗族自治县人民政府2020年政府信息公开年报", "镇宁布依族苗族自治县", "government"),
        ("镇雄县2020年政府信息公开年报", "镇雄县", "government"),
        ("乡宁县人民政府2020年政府信息公开年报", "乡宁县", "government"),
        ("城区人民政府2020年政府信息公开年报", "城区", "government"),
        ("宿迁市人民政府2023年政府信息公开年度报告", "宿迁市", "government"),
        ("阳高县人民政府办公室2020年政府信息公开年报", "阳高县", "office"),
        ("县政府办2020年政府信息公开年报", "阳高县", "office"),
        ("上海市人民政府办公厅2019年政府信息公开工作年度报告", "上海市", "office"),
        ("阳高县教育局2020年政府信息公开年报", "阳高县", "other"),
        ("阳高县发展和改革委员会2020年年报", "阳高县", "other"),
        ("中共阳高县委办公室2020年政府信息公开年报", "阳高县", "other"),
        ("阳高县王官屯镇人民政府2020年政府信息公开年报", "阳高县", "other"),
        ("昌图县七家子镇政府信息公开工作年度报告", "昌图县", "other"),
        ("阳高县金融办2020年政府信息公开年报", "阳高县", "other"),
        ("阳高县供销合作社联合社2020年政府信息公开年报", "阳高县", "other"),
        ("阳高县公路段2020年政府信息公开年报", "阳高县", "other"),
        ("阳高县疾控2020年政府信息公开年报", "阳高县", "other"),
        ("阳高县政府办2020年政府信息公开年报", "阳高县", "office"),
        ("阳高县府办2020年政府信息公开年报", "阳高县", "office"),
        ("阳高县财政办2020年政府信息公开年报", "阳高县", "other"),
        ("汉台区2020年政府信息公开年报", "汉台区", "government"),
        ("荔湾区南源街道办事处2020年政府信息公开年报", "荔湾区", "other"),
        ("大余县民政局2020年政府信息公开年报", "大余县", "other"),
        ("随县经济开发区2019年政府信息公开年报", "随县", "other"),
        ("杨凌示范区审计局2022年政府信息公开年报", "杨陵区", "other"),
        ("朔城区政府信息公开年报", "阳高县", "other"),
        ("淮安市人民政府2024年政府信息公开年度报告", "洪泽区", "other"),
        ("涟水县2023年政府信息公开年报", "清江浦区", "other"),
        ("关于我市2023年政府信息公开工作的年度报告", "宿迁市", "government"),
    ],
)
def test_whose_report_a_title_names(title: str, name: str, whose: str) -> None:
    assert titles.whose(title, name) == whose


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("2020年", 2020),
        ("2020年度", 2020),
        ("2020", 2020),
        ("2020年政府信息公开年报", 2020),
        ("2020年度政府信息公开年度报告", 2020),
        ("二〇二〇年", 2020),
        ("阳高县2020年年报", None),
        ("历年年报", None),
        ("2020年1月", None),
    ],
)
def test_names_of_year_columns(title: str, year: int | None) -> None:
    assert titles.column_year(title) == year


@pytest.mark.parametrize(
    ("published", "year"), [("2021-01-20", 2020), ("2021-06-30", 2020), ("2021-07-01", None), ("", None)]
)
def test_year_is_inferred_only_from_the_first_half_of_a_year(published: str, year: int | None) -> None:
    assert titles.inferred_year(published) == year


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("阳高县", "阳高"),
        ("三都水族自治县", "三都"),
        ("喀喇沁左翼蒙古族自治县", "喀喇沁左翼"),
        ("镇宁布依族苗族自治县", "镇宁"),
        ("随县", ""),
        ("临夏回族自治州", "临夏"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert titles.short_name(name) == short


@pytest.mark.parametrize(
    ("year", "published", "prose", "settled"),
    [
        (2021, "2023-01-20", "2022年，收到申请5件，2022年办结。与2021年相比", 2022),
        (2021, "2023-01-20", "2021年，收到申请5件，2021年办结。2022年计划", 2021),
        (2021, "2022-01-20", "2022年，2022年", 2021),
        (2021, "2023-09-20", "2022年，2022年", 2021),
        (2021, "", "2022年", 2021),
    ],
)
def test_title_of_the_year_before(year: int, published: str, prose: str, settled: int) -> None:
    said, doubt = titles.misnamed(year, published, prose)
    assert said == settled
    assert bool(doubt) == (said != year)


@pytest.mark.parametrize(
    ("title", "may"),
    [
        ("阳高县2020年政府信息公开", True),
        ("2020年政府信息公开工作年", True),
        ("2020年政府信息公开指南", False),
        ("2020年政府信息", False),
        ("政府信息公开", False),
    ],
)
def test_titles_cut_without_a_mark(title: str, may: bool) -> None:
    assert titles.may_be_report(title) == may


@pytest.mark.parametrize(
    ("text", "outside", "in_hub"),
    [
        ("政府信息公开年报", True, True),
        ("政府信息公开年度报告", True, True),
        ("政府信息公开工作年度报告", True, True),
        ("信息公开年报", True, True),
        ("公开年报", True, True),
        ("县区政府信息公开年度报告", True, True),
        ("年度报告", False, True),
        ("年报", False, True),
        ("2020年年报", False, True),
        ("年报汇总", False, True),
        ("政府网站工作年度报表", False, False),
        ("政府网站年度报告", False, False),
        ("法治政府建设年度报告", False, False),
        ("企业年报", False, False),
        ("统计年报", False, False),
        ("政府公报", False, False),
        ("部门决算", False, False),
        ("政府信息公开指南", False, False),
    ],
)
def test_names_of_the_column(text: str, outside: bool, in_hub: bool) -> None:
    assert (titles.names_column(text), titles.names_column(text, in_hub=True)) == (outside, in_hub)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("阳高县教育局2020年政府信息公开工作年度报告", "阳高县教育局"),
        ("2020年阳高县教育局政府信息公开工作年度报告", "阳高县教育局"),
        ("县教育局2020年政府信息公开年报", "阳高县教育局"),
        ("教育局2020年度政府信息公开年报", "阳高县教育局"),
        ("阳高教育局政府信息公开2020年年报", "阳高县教育局"),
        ("关于阳高县王官屯镇人民政府2020年政府信息公开年度报告", "阳高县王官屯镇人民政府"),
        ("王官屯镇2020年政府信息公开年度报告", "阳高县王官屯镇"),
        ("天镇县人民政府2020年政府信息公开年度报告", ""),
        ("阳高县人民政府2020年政府信息公开年度报告", ""),
        ("2020年政府信息公开年度报告", ""),
    ],
)
def test_body_that_a_title_names(title: str, body: str) -> None:
    assert titles.body_of(title, "阳高县") == body


@pytest.mark.parametrize(
    ("title", "whose"),
    [
        ("绍兴县人民政府2012年政府信息公开年报", "government"),
        ("绍兴市绍兴县2012年政府信息公开年报", "government"),
        ("2012年绍兴县政府信息公开年报", "government"),
        ("绍兴县教育局2012年政府信息公开年报", "other"),
        ("上虞县人民政府2012年政府信息公开年报", "other"),
    ],
)
def test_title_of_a_place_that_has_another_name_by_now(title: str, whose: str) -> None:
    assert titles.whose(titles.under_one_name(title, "柯桥区", ("绍兴县",)), "柯桥区") == whose


@pytest.mark.parametrize(
    ("title", "is_one"),
    [
        ("阳高县2023年度信息公开工作总结", True),
        ("2012年阳高县政府信息公开工作情况", True),
        ("二〇一〇年政府信息公开工作情况说明", True),
        ("阳高县政府信息公开工作总结", False),
        ("2023年政务公开工作总结", False),
        ("2023年政府信息公开工作年度报告", False),
        ("2023年财政信息公开工作总结", False),
        ("2023年政府信息公开工作情况统计表", False),
    ],
)
def test_summaries(title: str, is_one: bool) -> None:
    assert titles.is_summary(title) == is_one
