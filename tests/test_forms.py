"""Tables to figures: quirks of real tables, each by hand; random layouts are in test_layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normalize import Report, codebook, read_document
from normalize.forms import read_grids
from normalize.grid import expand
from normalize.model import RawCell, RawTable

if TYPE_CHECKING:
    from normalize.model import Figure

COLUMNS2 = ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")
COLUMNS2019 = ("信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量")
RULE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
HEADER3 = (
    f"<tr><td rowspan=3 colspan=3>{RULE}</td><td colspan=7>申请人情况</td></tr>"
    "<tr><td rowspan=2>自然人</td><td colspan=5>法人或其他组织</td><td rowspan=2>总计</td></tr>"
    "<tr><td>商业企业</td><td>科研机构</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td></tr>"
)
FLAT3 = ("", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
RESULTS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
NEW = "一、本年新收政府信息公开申请数量"
CARRIED = "二、上年结转政府信息公开申请数量"
ONE_TO_SEVEN = ("1", "2", "3", "4", "5", "6", "7")


def row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def read(*tables: str) -> Report:
    return read_document(
        ("<html><body>" + "".join(f"<table>{table}</table>" for table in tables) + "</body></html>").encode()
    )


def placed(report: Report, prefix: str = "") -> list[Figure]:
    return [figure for figure in report.figures if figure.status != "missing" and figure.indicator.startswith(prefix)]


def values(report: Report, prefix: str = "") -> list[float | None]:
    return [figure.value for figure in placed(report, prefix)]


def claims(report: Report, prefix: str = "") -> list[tuple[str, str, float | None]]:
    """What is claimed without a flag."""
    return [
        (f.indicator, f.applicant, f.value) for f in placed(report, prefix) if f.status == "reported" and not f.flags
    ]


def test_flags_of_cells_and_tables_reach_their_figures() -> None:
    lines = [
        [RawCell("信息内容"), *(RawCell(text) for text in COLUMNS2[1:])],
        [RawCell("规章"), RawCell("1", flags=("ocr_doubtful",)), RawCell("7", flags=("unreadable",)), RawCell("3")],
    ]
    reading = read_grids([expand(RawTable(lines, 4, row_pages=(4, 5)))], [("ocr",)], 0)
    found = [(f.status, f.value, f.raw, f.flags, f.page) for f in reading.figures if f.status != "missing"]
    assert found == [
        ("reported", 1.0, "1", ("ocr", "ocr_doubtful"), 5),
        ("unreadable", None, "7", ("ocr", "unreadable"), 5),
        ("reported", 3.0, "3", ("ocr",), 5),
    ]


# Forms -------------------------------------------------------------------------------------------------------------


def test_all_cells_of_the_form_in_its_order() -> None:
    report = read(row(*COLUMNS2) + row("规章", "1", "2", "3"))
    assert report.form == "2021"
    assert [(f.indicator, f.applicant) for f in report.figures] == list(codebook.form_cells("2021"))
    assert [f.status for f in report.figures[3:]] == ["missing"] * 197


def test_the_table_decides_the_form_not_the_year() -> None:
    title = "<caption>某县2023年政府信息公开工作年度报告</caption>"
    report = read(title + row(*COLUMNS2019) + row("规章", "1", "2", "3"))
    assert (report.form, len(report.figures)) == ("2019", 198)
    assert values(report) == [1, 2, 3]


def test_the_year_decides_only_where_the_tables_do_not() -> None:
    page = f"<p>某县2020年政府信息公开工作年度报告</p><table>{row(*FLAT3)}{row(NEW, *ONE_TO_SEVEN)}</table>"
    report = read_document(page.encode())
    assert report.form == "2019"
    assert "form_from_year" in report.flags


def test_the_older_single_row_in_the_newer_form_is_kept_as_printed() -> None:
    report = read(
        row(*COLUMNS2) + row("规章", "1", "2", "3"),
        HEADER3 + "<tr><td>三、本年度办理结果</td><td colspan=2>（六）其他处理</td>" + row(*"0123456")[4:],
    )
    assert (report.form, len(report.figures)) == ("2021", 207)
    assert "form_mixed" in report.flags
    assert values(report, "apply.") == [0, 1, 2, 3, 4, 5, 6]
    assert {f.status for f in report.figures if f.indicator.startswith("apply.result.other.")} == {"missing"}


# Table two ---------------------------------------------------------------------------------------------------------


def test_spans_of_header_and_row_disagree() -> None:
    header = "<tr><td>信息内容</td><td>上一年项目数量</td><td colspan=2>本年增/减</td><td>处理决定数量</td></tr>"
    line = "<tr><td>行政许可</td><td colspan=2>37215</td><td>减2626</td><td>30200</td></tr>"
    assert claims(read(header + line)) == [
        ("permit.licence.items_prev", "", 37215),
        ("permit.licence.items_change", "", -2626),
        ("permit.licence.decisions", "", 30200),
    ]


def test_header_cut_at_its_line_breaks_is_mended_with_a_flag() -> None:
    report = read(row("信息内容", "本年新", "本年新", "对外公开总数量") + row("规章", "1", "2", "3"))
    assert values(report) == [1, 2, 3]
    assert all("header_damaged" in f.flags for f in placed(report))


def test_the_same_header_twice_is_mended_with_a_flag() -> None:
    report = read(row("信息内容", "本年新制作数量", "本年新制作数量", "对外公开总数量") + row("规章", "1", "2", "3"))
    assert values(report) == [1, 2, 3]
    assert all("header_damaged" in f.flags for f in placed(report))


def test_a_header_of_another_block_gives_nothing() -> None:
    report = read(
        row(*COLUMNS2019)
        + row("规章", "1", "2", "3")
        + row("第二十条第（九）项")
        + row("信息内容", "上一年项目数量", "本年增/减")
        + row("政府集中采购", "5", "6")
    )
    assert claims(report, "procure") == []


def test_a_block_without_its_header_gives_nothing() -> None:
    report = read(row(*COLUMNS2) + row("规章", "1", "2", "3") + row("第二十条第（五）项") + row("行政许可", "5"))
    assert values(report, "permit") == []
    assert [leftover.raw for leftover in report.leftovers] == ["5"]


def test_an_extra_row_is_left_over() -> None:
    extra = "其他主动公开文件（含以本单位名义印发的文件）"
    report = read(row(*COLUMNS2019) + row("规章", "1", "2", "3") + row(extra, "186", "86", "255"))
    assert values(report) == [1, 2, 3]
    assert [leftover.raw for leftover in report.leftovers] == [extra, "186", "86", "255"]


def test_extra_columns_are_left_over() -> None:
    header = row("信息内容", "本年处理决定数量", "区政府统计数", "区直单位统计数", "乡镇街道统计数")
    report = read(header + row("行政许可", "9", "2", "3", "4"))
    assert claims(report) == [("permit.licence.decisions", "", 9)]
    assert [leftover.raw for leftover in report.leftovers] == ["2", "3", "4"]


def test_one_value_cell_over_several_columns_is_open() -> None:
    report = read(row(*COLUMNS2) + "<tr><td>规章</td><td colspan=3>5</td></tr>")
    assert [(f.status, f.value, f.raw) for f in placed(report)] == [("ambiguous", None, "5")] * 3


@pytest.mark.parametrize("label", ["规章(县级无此项)", "规 章", "規(guī)章", "1.规章", "<p>规</p><p>章</p>"])
def test_labels_of_rows(label: str) -> None:
    assert values(read(row(*COLUMNS2) + row(label, "1", "2", "3"))) == [1, 2, 3]


@pytest.mark.parametrize(
    ("header", "cell", "value", "unit", "flags"),
    [
        ("本年收费金额（单位：万元）", "43.788", 43.788, "万元", ()),
        ("本年收费金额（单位：万元）", "43.788万元", 43.788, "万元", ()),
        ("本年收费金额（单位：万元）", "119253.55元", 119253.55, "元", ("unit_conflict",)),
        ("本年收费金额", "8040", 8040, "", ("unit_missing",)),
    ],
)
def test_money(header: str, cell: str, value: float, unit: str, flags: tuple[str, ...]) -> None:
    (figure,) = placed(read(row("信息内容", header) + row("行政事业性收费", cell)))
    assert (figure.value, figure.unit, figure.flags) == (value, unit, flags)


# Table three -------------------------------------------------------------------------------------------------------


def test_blank_cell_between_label_and_values_is_no_value() -> None:
    line = f"<tr><td colspan=2>{NEW}</td><td></td>" + "".join(f"<td>{n}</td>" for n in range(1, 7)) + "<td></td></tr>"
    assert values(read(HEADER3 + line)) == [1, 2, 3, 4, 5, 6, None]


def test_columns_in_another_order() -> None:
    header = ("", "总计", *FLAT3[1:7])
    report = read(row(*header) + row(NEW, "7", "1", "2", "3", "4", "5", "6"))
    assert values(report) == [1, 2, 3, 4, 5, 6, 7]


def test_a_lost_header_says_so() -> None:
    report = read(row(*COLUMNS2) + row("规章", "1", "2", "3"), row(NEW, *ONE_TO_SEVEN))
    assert values(report, "apply") == [1, 2, 3, 4, 5, 6, 7]
    assert claims(report, "apply") == []


def test_an_extra_column_is_left_over() -> None:
    header = (*FLAT3[:7], "小计", "总计")
    report = read(row(*header) + row(NEW, *ONE_TO_SEVEN[:6], "999", "7"))
    assert values(report) == [1, 2, 3, 4, 5, 6, 7]
    assert [leftover.raw for leftover in report.leftovers if leftover.raw == "999"] == ["999"]


@pytest.mark.parametrize("count", [1, 3, 6])
def test_too_few_values_are_open(count: int) -> None:
    report = read(row(*FLAT3) + row(NEW, *ONE_TO_SEVEN[:count]))
    assert [f.status for f in placed(report)] == ["ambiguous"] * 7


def test_a_row_without_its_label_is_nobodys() -> None:
    report = read(HEADER3 + row("三、本年度办理结果", "（三）不予公开", "", *ONE_TO_SEVEN))
    assert placed(report) == []
    assert [leftover.raw for leftover in report.leftovers] == list(ONE_TO_SEVEN)


def test_a_second_different_copy_makes_the_row_doubtful() -> None:
    table = row(*FLAT3) + row(NEW, *ONE_TO_SEVEN)
    report = read(table, table.replace("<td>7</td>", "<td>70</td>"))
    assert "copies_differ" in report.flags
    assert {f.applicant: f.flags for f in placed(report)}["total"] == ("copies_differ",)
    assert ("apply.new", "natural_person", 1.0) in claims(report)


def test_a_second_equal_copy_changes_nothing() -> None:
    table = row(*FLAT3) + row(NEW, *ONE_TO_SEVEN)
    assert [f.flags for f in placed(read(table, table))] == [()] * 7


def test_a_cell_over_two_rows_is_nobodys() -> None:
    second = "二、上年结转政府信息公开申请数量"
    first = "<tr><td>" + NEW + "</td><td rowspan=2>5</td>" + "<td>0</td>" * 6 + "</tr>"
    report = read(row(*FLAT3) + first + row(second, *"000000"))
    assert {f.status for f in placed(report) if f.applicant == "natural_person"} == {"ambiguous"}


# Table four --------------------------------------------------------------------------------------------------------

GROUPS4 = (
    "<tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr>"
    + "<tr>" + "".join(f"<td rowspan=2>{result}</td>" for result in RESULTS)
    + "<td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>"
    + row(*RESULTS, *RESULTS)
)  # fmt: skip
FIFTEEN = [str(n) for n in range(11, 26)]


def test_table_four() -> None:
    report = read(GROUPS4 + row(*FIFTEEN))
    assert [value for _, _, value in claims(report)] == list(range(11, 26))


def test_a_blank_row_before_the_values() -> None:
    assert values(read(GROUPS4 + row(*[""] * 15) + row(*FIFTEEN))) == list(range(11, 26))


def test_a_blank_row_alone_is_blank() -> None:
    assert [f.status for f in placed(read(GROUPS4 + row(*[""] * 15)))] == ["blank"] * 15


def test_two_rows_of_values_are_doubtful() -> None:
    report = read(GROUPS4 + row(*FIFTEEN) + row(*FIFTEEN[::-1]))
    assert claims(report) == []
    assert "several_rows" in report.flags


@pytest.mark.parametrize("short", [FIFTEEN[:14], ["/"] * 14])
@pytest.mark.parametrize("first", [True, False])
def test_a_row_beside_one_that_is_short_of_a_value_is_doubtful(short: list[str], first: bool) -> None:
    rows = row(*short) + row(*FIFTEEN[::-1]) if first else row(*FIFTEEN[::-1]) + row(*short)
    assert {f.flags for f in placed(read(GROUPS4 + rows))} == {("several_rows",)}


def test_fourteen_values_are_open() -> None:
    assert claims(read(GROUPS4 + row(*FIFTEEN[:14]))) == []


def test_header_on_one_page_and_values_on_the_next() -> None:
    assert values(read(GROUPS4, row(*FIFTEEN))) == list(range(11, 26))


# Origin ------------------------------------------------------------------------------------------------------------


def test_each_figure_names_its_place() -> None:
    report = read(row("甲", "乙"), row(*COLUMNS2) + row("规章", "1", "/", ""))
    found = [(f.table_no, f.row_no, f.col_no, f.raw, f.status) for f in placed(report)]
    assert found == [(1, 1, 1, "1", "reported"), (1, 1, 2, "/", "not_applicable"), (1, 1, 3, "", "blank")]


def test_tables_that_are_not_statutory_are_left_over_as_such() -> None:
    report = read(row(*COLUMNS2) + row("规章", "1", "2", "3"), row("姓名", "电话") + row("某某", "12345"))
    assert {leftover.reason for leftover in report.leftovers} == {"not_statutory"}
    assert [leftover.raw for leftover in report.leftovers] == ["姓名", "电话", "某某", "12345"]


# Two reports on one page ---------------------------------------------------------------------------------------------


def three_rows(first: int) -> str:
    return HEADER3 + "".join(
        f"<tr><td colspan=3>{label}</td>" + "".join(f"<td>{first + at}</td>" for at in range(7)) + "</tr>"
        for label in (NEW, "二、上年结转政府信息公开申请数量")
    )


def two_rows(first: int) -> str:
    return row(*COLUMNS2) + row("规章", *map(str, range(first, first + 3))) + row("行政规范性文件", "5", "6", "7")


def test_what_only_one_of_two_reports_on_a_page_prints_is_doubtful() -> None:
    last = row("四、结转下年度继续办理", *ONE_TO_SEVEN)
    report = read(three_rows(10) + last, three_rows(30))
    assert claims(report) == []
    assert {f.flags for f in placed(report, "apply.new")} == {("copies_differ",)}
    assert {f.flags for f in placed(report, "apply.carried_out")} == {("two_reports",)}


def test_a_table_printed_twice_leaves_the_others_alone() -> None:
    report = read(two_rows(1), three_rows(10), three_rows(30))
    assert [value for *_, value in claims(report)] == [1, 2, 3, 5, 6, 7]
    assert claims(read(two_rows(1), three_rows(10), two_rows(1), three_rows(10))) == claims(
        read(two_rows(1), three_rows(10))
    )


def test_a_misprint_in_a_copy_leaves_the_other_cells_alone() -> None:
    report = read(two_rows(1), two_rows(1).replace("<td>2<", "<td>22<"))
    assert [value for *_, value in claims(report)] == [1, 3, 5, 6, 7]


# Table three: columns of nobody's form -------------------------------------------------------------------------------


def test_a_column_of_row_numbers_before_the_applicants_is_left_over() -> None:
    header = HEADER3.replace("<td colspan=7>", "<td rowspan=3>行次</td><td colspan=7>")
    report = read(header + f"<tr><td colspan=3>{NEW}</td><td>1</td>{row(*ONE_TO_SEVEN)[4:]}")
    assert [value for *_, value in claims(report)] == [1, 2, 3, 4, 5, 6, 7]
    assert [(each.raw, each.reason) for each in report.leftovers] == [("1", "no_place")]


def test_a_total_of_the_organisations_is_not_the_total() -> None:
    header = HEADER3.replace("colspan=7", "colspan=8").replace("colspan=5", "colspan=6")
    header = header.replace("<td>其他</td>", "<td>其他</td><td>合计</td>")
    report = read(header + f"<tr><td colspan=3>{NEW}</td>{row(*'123456', '20', '21')[4:]}")
    assert [value for *_, value in claims(report)] == [1, 2, 3, 4, 5, 6, 21]


def test_a_blank_over_several_columns_is_a_blank_in_each() -> None:
    report = read(
        HEADER3
        + f"<tr><td colspan=3>{NEW}</td><td colspan=6></td><td>5</td></tr>"
        + "<tr><td colspan=3>四、结转下年度继续办理</td><td colspan=6>4</td><td>5</td></tr>"
    )
    assert [f.status for f in placed(report, "apply.new")] == ["blank"] * 6 + ["reported"]
    assert {f.status for f in placed(report, "apply.carried_out")} == {"ambiguous"}


# Table four: rows that name their group ------------------------------------------------------------------------------

GROUPS = {"行政复议": "recon", "未经复议直接起诉": "suit_direct", "复议后起诉": "suit_after_recon"}
NUMBERS4 = [float(number) for number in range(101, 116)]


def fives() -> list[list[str]]:
    return [[str(101 + 5 * group + at) for at in range(5)] for group in range(3)]


@pytest.mark.parametrize(
    "table",
    [
        row("类别", *RESULTS) + "".join(row(name, *five) for name, five in zip(GROUPS, fives(), strict=True)),
        row("", "", *RESULTS)
        + row("行政复议", "", *fives()[0])
        + f"<tr><td rowspan=2>行政诉讼</td><td>未经复议直接起诉</td>{row(*fives()[1])[4:]}"
        + row("复议后起诉", *fives()[2]),
        "".join(
            f"<tr><td rowspan=5>{name}</td>" + "<tr>".join(row(*pair)[4:] for pair in zip(RESULTS, five, strict=True))
            for name, five in zip(GROUPS, fives(), strict=True)
        ),
    ],
    ids=["a row a group", "with 行政诉讼 beside them", "a row a result"],
)
def test_rows_of_table_four_that_name_their_group(table: str) -> None:
    report = read(table)
    if "类别" in table or "rowspan=5" in table:
        assert [value for *_, value in claims(report, "review")] == NUMBERS4
    else:
        assert [value for *_, value in claims(report, "review")][5:] == NUMBERS4[5:]


def test_the_total_over_several_rows_of_table_four_is_as_doubtful_as_they_are() -> None:
    header = f"<tr><td rowspan=2></td><td colspan=5>行政复议</td></tr>{row(*RESULTS)}"
    report = read(header + row("县政府办", *"12345") + row("合计", *"67899"))
    assert claims(report) == []
    assert {f.flags for f in placed(report)} == {("several_rows",)}


# A table that cannot be read beside one of the year before -----------------------------------------------------------


def unlabelled(*numbers: str) -> str:
    """Table three of which no row has its label."""
    return HEADER3 + "".join(
        "<tr><td colspan=3></td>" + "".join(f"<td>{n}</td>" for n in numbers) + "</tr>" for _ in "abcd"
    )


@pytest.mark.parametrize(
    ("unread", "read_before", "prefix", "flagged"),
    [
        (unlabelled(*ONE_TO_SEVEN), three_rows(10), "apply", True),
        (unlabelled(*"/" * 7), three_rows(10), "apply", True),
        # Numbers that are all there again are no other report's.
        (unlabelled(*map(str, range(10, 17))), three_rows(10), "apply", False),
        # A header that stands alone, its rows in the next table.
        (HEADER3, three_rows(10), "apply", False),
        (row(*COLUMNS2) + row("", "4", "5", "6"), two_rows(1), "proactive", True),
        (GROUPS4 + row(*FIFTEEN[:14]), GROUPS4 + row(*FIFTEEN[::-1]), "review", True),
        (GROUPS4 + row("本年度未发生"), GROUPS4 + row(*FIFTEEN), "review", True),
        (row("单位：件") + HEADER3, three_rows(10), "apply", False),
        (GROUPS4 + row(*["0"] * 14), GROUPS4 + row(*["0"] * 15), "review", False),
    ],
)
def test_a_table_of_which_no_row_can_be_told_makes_the_other_one_doubtful(
    unread: str, read_before: str, prefix: str, flagged: bool
) -> None:
    doubts = [("two_reports" in figure.flags) for figure in placed(read(read_before, unread), prefix)]
    assert doubts
    assert all(doubts) if flagged else not any(doubts)


@pytest.mark.parametrize("lost", [None, 3])
def test_a_row_that_numbers_the_columns_is_not_the_values(lost: int | None) -> None:
    numbering = [str(number) for number in range(1, 16) if number != lost]
    assert values(read(GROUPS4 + row(*numbering) + row(*FIFTEEN)), "review") == list(range(11, 26))
    assert placed(read(GROUPS4 + row(*numbering) + row("本年度无行政复议案件"))) == []


@pytest.mark.parametrize(
    ("rows", "flags"),
    [
        (row(*FLAT3) + row(NEW, *[""] * 7) + row("", *ONE_TO_SEVEN), ("several_rows",)),
        (row(*COLUMNS2) + row("规章", "", "", "") + row("", "1", "/", "3"), ("several_rows",)),
        (row(*FLAT3) + row(NEW, *[""] * 7), ()),
        (row(*FLAT3) + row(NEW, *[""] * 7) + row(*[""] * 8), ()),
        (row(*FLAT3) + row(NEW, *[""] * 7) + row(CARRIED, *ONE_TO_SEVEN), ()),
        # A row under a label of its own, and numbers that only follow further down.
        (row(*COLUMNS2) + row("规章", "", "", "") + row("其他主动公开文件", "1", "2", "3"), ()),
        (row(*COLUMNS2) + row("规章", "", "", "") + row(*FLAT3) + row("", *ONE_TO_SEVEN), ()),
    ],
)
def test_a_row_that_a_page_break_parted_from_its_numbers_is_doubtful(rows: str, flags: tuple[str, ...]) -> None:
    assert {f.flags for f in placed(read(rows)) if f.indicator != "apply.carried_in"} == {flags}


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ('<img src="n.png">', "unreadable"),
        ('<p><img src="n.png" width=18 height=20></p>', "unreadable"),
        ('<img src="/images/spacer.gif">', "blank"),
        ('<img src="n.png" width=1 height=1>', "blank"),
        ('3<img src="n.png">', "reported"),
    ],
)
def test_a_number_printed_as_a_picture_is_not_a_blank(cell: str, status: str) -> None:
    assert [f.status for f in placed(read(row(*COLUMNS2) + row("规章", cell, cell, cell)))] == [status] * 3


CHART = [("予以公开", "12"), ("部分公开", "3"), ("重复申请", "4"), ("总计", "19")]
APPLICANTS = ("数量（件）", "9", "9", "9", "9", "9", "9", "9")


@pytest.mark.parametrize(
    "beside",
    [
        row("办理结果", "件数") + "".join(row(*line) for line in CHART),
        row(*FLAT3) + row(*APPLICANTS),
        row(*FLAT3) + row(*APPLICANTS) * 3,
        row("行政复议", "3", "行政诉讼", "2"),
        "".join(row(label, "9") for label in FLAT3[1:]),
    ],
)
def test_a_summary_beside_the_tables_leaves_them_alone(beside: str) -> None:
    tables = [row(*FLAT3) + row("（一）予以公开", *ONE_TO_SEVEN), GROUPS4 + row(*FIFTEEN)]
    report = read(beside, *tables)
    assert claims(report) == claims(read(*tables))
    assert len(claims(report)) == 22
