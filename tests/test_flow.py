"""Text without tables: each style of real renderings by hand; random texts are in test_layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normalize import Report, read_document
from normalize.flow import rebuild

if TYPE_CHECKING:
    from normalize.model import Figure

HEAD2 = ["二、主动公开政府信息情况", "第二十条第(一)项"]
COLUMNS2 = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
HEAD3 = [
    "三、收到和处理政府信息公开申请情况",
    "申请人情况",
    "自然人",
    "法人或其他组织",
    "总计",
    "商业企业",
    "科研机构",
    "社会公益组织",
    "法律服务机构",
    "其他",
]
NEW = "一、本年新收政府信息公开申请数量"
CARRIED = "二、上年结转政府信息公开申请数量"
PRINTED3 = [
    "三、收到和处理政府信息公开申请情况",
    "自然人 法人或其他组织 总计",
    "商业企业 科研机构 社会公益组织 法律服务机构 其他",
]
RESULTS = "结果维持 结果纠正 其他结果 尚未审结 总计"


def read(*lines: str) -> Report:
    return read_document("\n".join(lines).encode())


def placed(report: Report, prefix: str = "") -> list[Figure]:
    return [figure for figure in report.figures if figure.status != "missing" and figure.indicator.startswith(prefix)]


def values(report: Report, prefix: str = "") -> list[float | None]:
    return [figure.value for figure in placed(report, prefix)]


def statuses(report: Report, prefix: str = "") -> list[str]:
    return [figure.status for figure in placed(report, prefix)]


@pytest.mark.parametrize(
    "lines",
    [
        [*HEAD2, *COLUMNS2, "规章", "1", "2", "3"],
        [line + " |" for line in [*HEAD2[1:], *COLUMNS2, "规章", "1", "2", "3"]],
        ["\n\n".join([*HEAD2, *COLUMNS2, "规章", "1", "2", "3"])],
        [*HEAD2, " | ".join(COLUMNS2) + " |", "规章 | 1 | 2 | 3 |"],
        [*HEAD2, "| " + " | ".join(COLUMNS2) + " |", "| --- | --- | --- | --- |", "| 规章 | 1 | 2 | 3 |"],
        [*HEAD2, "|" + "|".join(COLUMNS2) + "|", "|规章|1|2|3|"],
        [*HEAD2, "\t".join(COLUMNS2), "规章\t1\t2\t3"],
        [*HEAD2, " ".join(COLUMNS2), "规章 1 2 3"],
        [*HEAD2, "   ".join(COLUMNS2), "规章      1      2     3"],
        [*HEAD2, "".join(COLUMNS2), "规章 1 2 3"],
        [
            *HEAD2,
            "信息內(nèi)容",
            "本年制發(fā)件數(shù)",
            "本年廢(fèi)止件數(shù)",
            "現(xiàn)行有效件數(shù)",
            "規(guī)章",
            "1",
            "2",
            "3",
        ],
        [*HEAD2, "⼀ 、", *COLUMNS2, "规章", "1", "2", "3"],
    ],
    ids=[
        "lines",
        "trailing_pipes",
        "paragraphs",
        "pipes",
        "markdown",
        "tight_pipes",
        "tabs",
        "spaces",
        "aligned",
        "header_run_together",
        "mojibake",
        "stray_line",
    ],
)
def test_styles_of_table_two(lines: list[str]) -> None:
    report = read(*lines)
    assert (report.form, report.reader) == ("2021", "text")
    assert values(report) == [1, 2, 3]
    assert [figure.flags for figure in placed(report)] == [()] * 3


def test_cells_that_ran_together_say_so() -> None:
    report = read(*HEAD2, *COLUMNS2, "规章000", "行政规范性文件12")
    assert [(f.status, f.value) for f in placed(report, "proactive.rules")] == [("reported", 0.0)] * 3
    assert all("run_together" in f.flags for f in placed(report))
    assert statuses(report, "proactive.normdocs") == ["ambiguous"] * 3


@pytest.mark.parametrize("lost", [1, 2])
def test_a_short_row_is_open(lost: int) -> None:
    report = read(*HEAD2, *COLUMNS2, "规章", *["0"] * (3 - lost), "行政规范性文件", "1", "2", "3")
    assert statuses(report, "proactive.rules") == ["ambiguous"] * 3
    assert values(report, "proactive.normdocs") == [1, 2, 3]


def test_blank_cells_between_pipes_are_blank() -> None:
    report = read(*HEAD2, " | ".join(COLUMNS2), "规章 | 1 |  | 3 |")
    assert [(f.status, f.value) for f in placed(report)] == [("reported", 1.0), ("blank", None), ("reported", 3.0)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2", "3", "4", "5", "6", "7"], [1, 2, 3, 4, 5, 6, 7]),
        (["1", "1"], [None] * 7),
        (["0"], [None] * 7),
        (["1", "2", "3", "4", "5", "6"], [None] * 7),
    ],
)
def test_table_three_in_lines(cells: list[str], expected: list[float | None]) -> None:
    report = read(*HEAD3, NEW, *cells, CARRIED, *["9"] * 7)
    assert values(report, "apply.new") == expected
    assert values(report, "apply.carried_in") == [9] * 7


def test_other_and_total_are_rows_only_where_the_form_has_them() -> None:
    rows = ["(六)其他处理", "3.其他", *["3"] * 7, "(七)总计", *["4"] * 7, "四、结转下年度继续办理", *["5"] * 7]
    first = "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"
    report = read(*HEAD3, NEW, *["1"] * 7, *rows[:1], first, *["2"] * 7, *rows[1:])
    assert values(report, "apply.result.other.no_correction") == [2] * 7
    assert values(report, "apply.result.other.misc") == [3] * 7
    assert values(report, "apply.result.total") == [4] * 7
    assert values(report, "apply.carried_out") == [5] * 7


def test_lines_of_a_pdf() -> None:
    report = read(
        *PRINTED3,
        f"{NEW} 3001 53 0 0 61 4 3119",
        f"{CARRIED} 34 0 0 0 0 0 34",
        "（一）予以公开 1288 21 0 0 50 3 1362",
    )
    assert values(report, "apply.new") == [3001, 53, 0, 0, 61, 4, 3119]
    assert values(report, "apply.carried_in") == [34, 0, 0, 0, 0, 0, 34]
    assert values(report, "apply.result.granted") == [1288, 21, 0, 0, 50, 3, 1362]


def test_a_label_broken_around_its_line_is_read_but_flagged() -> None:
    report = read(
        *PRINTED3,
        f"{NEW} 1 1 1 1 1 1 6",
        f"{CARRIED} 2 2 2 2 2 2 12",
        "（一）予以公开 3 3 3 3 3 3 18",
        "（二）部分公开（区分处理的，只计这一情",
        "4 4 4 4 4 4 24",
        "形，不计其他情形）",
    )
    assert values(report, "apply.new") == [1, 1, 1, 1, 1, 1, 6]
    found = placed(report, "apply.result.partial")
    assert [figure.value for figure in found] in ([], [None] * 7) or all(figure.flags for figure in found)


def test_seven_numbers_without_a_label_are_nobodys() -> None:
    assert placed(read(*PRINTED3, "1 2 3 4 5 6 7", "8 9 10 11 12 13 14")) == []


def test_page_numbers_are_no_values() -> None:
    report = read(*HEAD3, NEW, "1", "2", "3", "- 4 -", "4", "5", "— 5 —", "6", "7", CARRIED)
    assert values(report, "apply.new") == [1, 2, 3, 4, 5, 6, 7]


def test_table_four() -> None:
    report = read(
        "四、政府信息公开行政复议、行政诉讼情况",
        "行政复议 行政诉讼",
        f"{RESULTS} 未经复议直接起诉 复议后起诉",
        f"{RESULTS} {RESULTS}",
        "72 64 178 37 351 17 1 5 3 26 8 4 4 4 20",
    )
    assert values(report, "review") == [72, 64, 178, 37, 351, 17, 1, 5, 3, 26, 8, 4, 4, 4, 20]


@pytest.mark.parametrize("count", [14, 16])
def test_table_four_with_another_number_of_values_is_open(count: int) -> None:
    report = read(
        "四、政府信息公开行政复议、行政诉讼情况",
        *f"行政复议 行政诉讼 {RESULTS} 未经复议直接起诉 复议后起诉 {RESULTS} {RESULTS}".split(),
        *["1"] * count,
        "五、存在的主要问题及改进情况",
    )
    assert [f for f in placed(report, "review") if f.status == "reported"] == []


def test_prose_is_no_table() -> None:
    text = "2020年，全县新收政府信息公开申请12件，办结12件。行政许可37215件，行政处罚25532件。"
    assert rebuild(text) == []
    assert read("某县2020年政府信息公开工作年度报告", text).form == ""


@pytest.mark.parametrize("text", ["", "\n\n", "|||", "| --- |", "\t\t", "1 2 3 4 5 6 7"])
def test_nothing_to_rebuild(text: str) -> None:
    assert rebuild(text) == []


@pytest.mark.parametrize("indent", ["\t\t", "    ", ""])
def test_indented_cells_one_a_line(indent: str) -> None:
    report = read(*(indent + line for line in [*HEAD3, NEW, *"1234567", CARRIED, *"7654321"]))
    assert values(report, "apply.new") == [1, 2, 3, 4, 5, 6, 7]
    assert values(report, "apply.carried_in") == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("mark", ["- 3 -", "第 3 页 共 9 页", "第3页", "第3页,共9页", "Page 3 of 9"])
def test_page_numbers_inside_a_row_are_none_of_its_values(mark: str) -> None:
    report = read(*HEAD3, NEW, *"123", mark, *"4567", CARRIED, *"7654321")
    assert values(report, "apply.new") == [1, 2, 3, 4, 5, 6, 7]


def test_a_header_of_two_labels_on_a_line_is_no_misprint() -> None:
    report = read(*HEAD2, "信息内容 本年处理决定数量", "行政许可 5")
    assert [(each.value, each.flags) for each in placed(report, "permit")] == [(5, ())]


def test_a_misprinted_heading_is_not_the_last_cell_of_a_row() -> None:
    report = read(*HEAD2, *COLUMNS2, "行政规范性文件", "3", "5", "第二十条第（五", "信息内容", "本年处理决定数量")
    assert statuses(report) == ["ambiguous"] * 3


@pytest.mark.parametrize(
    "lines",
    [
        [*HEAD2, *COLUMNS2, "1", "2", "3", "规章", "4", "5", "6", "行政规范性文件"],
        [*HEAD2, *COLUMNS2, "1 2 3", "规章", "4 5 6", "行政规范性文件"],
        [*HEAD2, "信息内容 本年处理决定数量", "1", "行政处罚", "4", "行政强制"],
        [*HEAD3, *"1234567", NEW, *"8901234", CARRIED, "三、本年度办理结果"],
    ],
)
def test_labels_behind_their_values_give_no_unflagged_number(lines: list[str]) -> None:
    found = placed(read(*lines))
    assert found
    assert all(figure.flags or figure.status == "ambiguous" for figure in found)


@pytest.mark.parametrize("torn", ["本年\n制发件数", "本年\n\n制发件数"])
def test_a_head_cut_before_words_that_are_a_label_too(torn: str) -> None:
    head = " |\n| ".join(["第二十条第(一)项", "信息内容"]) + f" | {torn} | 本年废止件数 | 现行有效件数 |"
    report = read(*HEAD2[:1], f"| {head}", "| 规章 | 1 | 2 | 3 |")
    wrong = [figure for figure in placed(report) if figure.status == "reported" and not figure.flags]
    assert [figure.value for figure in wrong] in ([], [1, 2, 3])


def test_a_total_before_the_applicants_is_doubtful() -> None:
    head = [*HEAD3[:2], "总计", *HEAD3[2:4], *HEAD3[5:]]
    assert all(figure.flags for figure in placed(read(*head, NEW, *"7123456"), "apply.new"))


def test_words_with_a_number_are_a_cell_of_table_three() -> None:
    report = read(*HEAD3, NEW, "约12", *"123456", CARRIED, "1", "共3件", *"12345", "（七）总计", *"1234567")
    assert values(report, "apply.new") == [None, 1, 2, 3, 4, 5, 6]
    assert values(report, "apply.carried_in") == [1, None, 1, 2, 3, 4, 5]


def test_words_among_the_values_of_a_line() -> None:
    head = ["二、主动公开政府信息情况", "第二十条第(五)项", "信息内容 上一年项目数量 本年增/减 处理决定数量"]
    report = read(*head, "行政许可 37215 减2626 30200", "其他对外管理服务事项 4801 1740 未统计")
    assert values(report, "permit.licence") == [37215, -2626, 30200]
    assert statuses(report, "permit.other_service") == ["reported", "reported", "text"]


@pytest.mark.parametrize("rest", ["8 586", ".25"])
def test_half_a_number_behind_a_full_row_opens_it(rest: str) -> None:
    found = placed(read(*HEAD2, *COLUMNS2, "规章", "1", "2", "3", rest, "行政规范性文件", "4", "5", "6"))
    assert [figure.status for figure in found] == ["ambiguous"] * 3 + ["reported"] * 3


def test_a_row_that_lost_the_number_which_the_others_have_more_is_doubtful() -> None:
    rows = [*NEW.split(), "1", *"1234567", *CARRIED.split(), "2", *"1234567", "（七）总计", "3", *"123456"]
    found = placed(read(*HEAD3, *rows))
    assert all(figure.status == "ambiguous" or "row_longer" in figure.flags for figure in found)


def test_rows_are_read_by_the_header_above_them() -> None:
    other = [*HEAD3[:2], "总计", *HEAD3[2:4], *HEAD3[5:]]
    report = read(*other, NEW, *"7123456", *HEAD3, CARRIED, *"1234567")
    assert all(figure.flags for figure in placed(report, "apply.new"))
    assert [(figure.value, figure.flags) for figure in placed(report, "apply.carried_in")] == [
        (value, ()) for value in (1, 2, 3, 4, 5, 6, 7)
    ]


def test_marks_without_width_are_no_part_of_labels_and_numbers() -> None:
    mark = "\u200b"
    lines = [f"1{mark}.属于国家秘密 " + " ".join(f"{number}{mark}" for number in range(1, 8))]
    assert values(read(*HEAD3, *lines), "apply.result.denied") == [1, 2, 3, 4, 5, 6, 7]


# A table that cannot be read beside one of the year before -----------------------------------------------------------

ROWS3 = [f"{NEW} 11 0 0 0 0 0 11", f"{CARRIED} 2 0 0 0 0 0 2"]
STRANGE3 = ["??? 5 0 0 0 0 0 5", "???? 1 0 0 0 0 0 1"]


@pytest.mark.parametrize("joint", [" ", "\n", "\t"])
@pytest.mark.parametrize("first", [True, False])
def test_rows_of_last_year_are_doubtful_where_this_years_cannot_be_read(joint: str, first: bool) -> None:
    known, strange = ([line.replace(" ", joint) for line in lines] for lines in (ROWS3, STRANGE3 * 15))
    both = [*HEAD3, *known, "上年度：", *HEAD3, *strange] if first else [*HEAD3, *strange, *HEAD3, *known]
    doubts = ["two_reports" in figure.flags for figure in placed(read(*both), "apply.new")]
    assert doubts == [True] * 7
    assert {figure.flags for figure in placed(read(*HEAD3, *known), "apply.new")} == {()}


@pytest.mark.parametrize(
    ("strange", "flagged"), [(["行政许可", "7"], True), (["行政许可类", "8"], True), (["行政许可", "3"], False)]
)
def test_a_block_without_its_header_makes_the_row_doubtful(strange: list[str], flagged: bool) -> None:
    block = ["第二十条第(五)项", "信息内容"]
    report = read(*HEAD2[:1], *block, "本年处理决定数量", "行政许可", "3", "上年度情况如下：", *block, *strange)
    assert [figure.flags for figure in placed(report)] == [("two_reports",) if flagged else ()]


def test_numbers_of_the_columns_are_not_the_values() -> None:
    numbering, numbers = [str(number) for number in range(1, 16)], [str(number) for number in range(21, 36)]
    head = ["四、政府信息公开行政复议、行政诉讼情况", "行政复议 行政诉讼", f"{RESULTS} 未经复议直接起诉 复议后起诉"]
    head.append(f"{RESULTS} {RESULTS}")
    for lines in (
        [" ".join(numbering), " ".join(numbers)],
        [*numbering, *numbers],
        ["\t".join(numbering), "\t".join(numbers)],
    ):
        assert values(read(*head, *lines)) == list(range(21, 36))
    assert placed(read(*head, " ".join(numbering))) == []


def test_columns_below_a_column_of_the_form_are_not_it() -> None:
    head = ["第二十条第(五)项", "信息内容\t本年处理决定数量", "区直\t镇街\t合计"]
    assert [figure.flags for figure in placed(read(*head, "行政许可\t7\t5\t12"))] == [("header_damaged",)]


def test_groups_of_table_four_in_another_order_are_doubtful() -> None:
    lines = [
        "四、政府信息公开行政复议、行政诉讼情况",
        "行政诉讼 行政复议",
        f"未经复议直接起诉 复议后起诉 {RESULTS}",
        f"{RESULTS} {RESULTS}",
        " ".join(map(str, range(21, 36))),
    ]
    assert {figure.flags for figure in placed(read(*lines))} == {("header_damaged",)}


def test_numbers_below_a_row_without_any_are_its_own_perhaps() -> None:
    rows = ["\t".join([NEW, *[""] * 7]), "\t".join(["", *"3000003"]), "\t".join([CARRIED, *"1000001"])]
    report = read(*HEAD3, *rows)
    assert {figure.flags for figure in placed(report, "apply.new")} == {("several_rows",)}
    assert values(report, "apply.carried_in") == [1, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("joint", [" ", "\t", "|"])
def test_a_row_of_table_four_beside_one_that_is_short_of_a_value_is_doubtful(joint: str) -> None:
    head = ["四、政府信息公开行政复议、行政诉讼情况", "行政复议 行政诉讼", f"{RESULTS} 未经复议直接起诉 复议后起诉"]
    rows = [joint.join(map(str, range(21, 35))), joint.join(map(str, range(41, 56)))]
    report = read(*head, f"{RESULTS} {RESULTS}", *rows)
    assert len(placed(report)) == 15
    assert all("several_rows" in figure.flags for figure in placed(report))


@pytest.mark.parametrize("joint", [" ", "\n", "\t"])
def test_a_chart_of_results_before_the_table_leaves_it_alone(joint: str) -> None:
    chart = [joint.join(line) for line in (("予以公开", "12"), ("部分公开", "3"), ("重复申请", "4"))]
    report = read("办理结果", *chart, *HEAD3, f"{NEW} 1 0 0 0 0 0 1", "（一）予以公开 5 0 0 0 0 0 5")
    assert [(f.indicator, f.value, f.flags) for f in placed(report) if f.applicant == "total"] == [
        ("apply.new", 1, ()),
        ("apply.result.granted", 5, ()),
    ]
