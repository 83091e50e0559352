"""What real reports do, line by line: each irregularity on a page of ours, with the cell as it was seen, end to end.

The marks (A1 …) name the lines of the list of irregularities from which the samples are taken; the words and numbers in
the cells are those of the reports it cites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normalize import read_document

if TYPE_CHECKING:
    from normalize.model import Report

ITEMS, PURCHASES = "上一年项目数量|本年增/减|处理决定数量", "采购项目数量|采购总金额"
LICENCE = ("permit.licence.items_prev", "permit.licence.items_change", "permit.licence.decisions")
NORMDOCS = ("proactive.normdocs.issued", "proactive.normdocs.repealed", "proactive.normdocs.in_force")
APPLICANTS = "自然人|商业企业|科研机构|社会公益组织|法律服务机构|其他|总计"
COLUMNS = (
    "natural_person",
    "org.business",
    "org.research",
    "org.public_interest",
    "org.legal_service",
    "org.other",
    "total",
)

Cell = tuple[str, float | None]


def table(*rows: str) -> str:
    """A table of rows whose cells are parted by bars; ``3*x`` is a cell over three columns."""
    return f"<table>{''.join(f'<tr>{cells(row)}</tr>' for row in rows)}</table>"


def cells(row: str) -> str:
    found = []
    for text in row.split("|"):
        span, star, rest = text.partition("*")
        found.append(f"<td colspan={span}>{rest}</td>" if star and span.isdecimal() else f"<td>{text}</td>")
    return "".join(found)


def read(*parts: str, title: str = "某县2021年政府信息公开工作年度报告") -> Report:
    return read_document(f"<h1>{title}</h1>{''.join(parts)}".encode())


def said(report: Report, indicator: str, applicant: str = "") -> Cell:
    """Status and value of one cell."""
    found = next(each for each in report.figures if (each.indicator, each.applicant) == (indicator, applicant))
    return found.status, found.value


def flags(report: Report, indicator: str, applicant: str = "") -> tuple[str, ...]:
    return next(each.flags for each in report.figures if (each.indicator, each.applicant) == (indicator, applicant))


def items(row: str, header: str = ITEMS) -> Report:
    """A report with the block of licences of form 2019."""
    return read(table("4*第二十条第（五）项", f"信息内容|{header}", f"行政许可|{row}"))


def purchases(row: str, header: str = PURCHASES) -> Report:
    return read(table("3*第二十条第（九）项", f"信息内容|{header}", f"政府集中采购|{row}"))


def normdocs(row: str, label: str = "行政规范性文件", header: str = "本年制发件数|本年废止件数|现行有效件数") -> Report:
    return read(table("4*第二十条第（一）项", f"信息内容|{header}", f"{label}|{row}"))


def applications(*rows: str, header: str = APPLICANTS) -> Report:
    return read(table(f"3*申请人情况|{header}", *(f"3*{row}" for row in rows)))


# A. Values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "row", "expected"),
    [
        ("A1", "37215|减2626|30200", [("reported", 37215), ("reported", -2626), ("reported", 30200)]),
        ("A2", "16|本年增5|21", [("reported", 16), ("reported", 5), ("reported", 21)]),
        ("A3", "21|+19|40", [("reported", 21), ("reported", 19), ("reported", 40)]),
        ("A4", "72|-3|322", [("reported", 72), ("reported", -3), ("reported", 322)]),
        ("A5", "4801|1740|6377", [("reported", 4801), ("reported", 1740), ("reported", 6377)]),
        ("A6", "1|0/0|1", [("reported", 1), ("text", None), ("reported", 1)]),
        ("A7", "1|未增未减|1", [("reported", 1), ("text", None), ("reported", 1)]),
        ("A15", "31批次|0|201件", [("reported", 31), ("reported", 0), ("reported", 201)]),
        ("A15", "6項|0|1", [("reported", 6), ("reported", 0), ("reported", 1)]),
        ("A19", "4|4|-", [("reported", 4), ("reported", 4), ("not_applicable", None)]),
        ("A20", "無|無|無", [("not_applicable", None)] * 3),
        ("A21", "&nbsp;0|&nbsp; &nbsp;0|&nbsp;112", [("reported", 0), ("reported", 0), ("reported", 112)]),
        ("A22", "&amp;nbsp;4|4&amp;ensp;|&amp;#160;4", [("reported", 4), ("reported", 4), ("reported", 4)]),
        ("A22", "? 0|0|0", [("reported", 0), ("reported", 0), ("reported", 0)]),
        ("A22", "1<a href=x>2</a>|1|1", [("text", None), ("reported", 1), ("reported", 1)]),
        ("A23", "0|0|11398889", [("reported", 0), ("reported", 0), ("reported", 11398889)]),
        ("A", "１２|，|1,234", [("reported", 12), ("text", None), ("reported", 1234)]),
        ("A", "/|12%|十二", [("not_applicable", None), ("text", None), ("reported", 12)]),
        ("B8", "|3|4", [("blank", None), ("reported", 3), ("reported", 4)]),
        ("B9", "||", [("blank", None)] * 3),
        ("B11", "\u3000\u3000|\u3000|1", [("blank", None), ("blank", None), ("reported", 1)]),
    ],
)
def test_values(mark: str, row: str, expected: list[Cell]) -> None:
    report = items(row)
    assert [said(report, code) for code in LICENCE] == expected, mark


@pytest.mark.parametrize(
    ("mark", "cell", "header", "expected"),
    [
        ("A8", "4018.6万元", "采购总金额", (4018.6, "万元", ())),
        ("A8", "3.449萬元", "采购总金额", (3.449, "万元", ())),
        ("A9", "709455.9元", "采购总金额", (709455.9, "元", ())),
        ("A10", "97676.00", "采购总金额", (97676.0, "", ("unit_missing",))),
        ("A11", "477.35", "采购总金额(万元)", (477.35, "万元", ())),
    ],
)
def test_purchases(mark: str, cell: str, header: str, expected: tuple[float, str, tuple[str, ...]]) -> None:
    report = purchases(f"1|{cell}", f"采购项目数量|{header}")
    figure = next(each for each in report.figures if each.indicator == "procure.central.amount")
    assert (figure.value, figure.unit, figure.flags) == expected, mark


@pytest.mark.parametrize(
    ("mark", "cell", "expected"),
    [
        ("A12", "43.788万元", ("reported", 43.788, "万元", ())),
        ("A13", "119253.55", ("reported", 119253.55, "万元", ("unit_suspect",))),
        ("A14", "59237.2449", ("reported", 59237.2449, "万元", ())),
    ],
)
def test_fees(mark: str, cell: str, expected: tuple[str, float, str, tuple[str, ...]]) -> None:
    title = "宿迁市2023年政府信息公开工作年度报告" if mark == "A14" else "某县林业局2021年政府信息公开工作年度报告"
    block = table("2*第二十条第（八）项", "信息内容|本年收费金额（单位：万元）", f"行政事业性收费|{cell}")
    figure = next(each for each in read(block, title=title).figures if each.indicator == "fee.admin.amount")
    assert (figure.status, figure.value, figure.unit, figure.flags) == expected, mark


@pytest.mark.parametrize(
    ("mark", "cell", "expected"),
    [
        ("A16", "22 （其中修订 16 件）", ("reported", 22, ("remark",))),
        ("A16", "55（含自然失效 29 件）", ("reported", 55, ("remark",))),
        ("A17", "其中自然災害救助資金給付項目全年救助13781戶31696人次", ("text", None, ())),
        ("A18", "5.626836萬元", ("reported", 5.626836, ("money_in_count",))),
        ("F", "260余", ("reported", 260, ("approximate",))),
        ("F", "273余项", ("reported", 273, ("approximate",))),
    ],
)
def test_counts_with_words(mark: str, cell: str, expected: tuple[str, float | None, tuple[str, ...]]) -> None:
    report = items(f"{cell}|0|0")
    assert (*said(report, LICENCE[0]), flags(report, LICENCE[0])) == expected, mark


# B. Blank and missing cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "row", "expected"),
    [
        ("B1", "258|12|&nbsp;|&nbsp;|1|1|&nbsp;", [258, 12, None, None, 1, 1, None]),
        ("B2", "1|0|0|0|0|0|", [1, 0, 0, 0, 0, 0, None]),
        ("B3", "||||||&nbsp;0", [None, None, None, None, None, None, 0]),
    ],
)
def test_blank_applicants(mark: str, row: str, expected: list[float | None]) -> None:
    report = applications(f"一、本年新收政府信息公开申请数量|{row}")
    found = [said(report, "apply.new", column) for column in COLUMNS]
    assert found == [("blank" if value is None else "reported", value) for value in expected], mark


@pytest.mark.parametrize(("mark", "row"), [("B4", "0|0|0|0|0"), ("B5", "1|1"), ("B7", "|0"), ("B6", "7*0")])
def test_too_few_values_are_open(mark: str, row: str) -> None:
    report = applications(f"一、本年新收政府信息公开申请数量|{row}")
    assert {said(report, "apply.new", column) for column in COLUMNS} == {("ambiguous", None)}, mark


@pytest.mark.parametrize(("mark", "line"), [("B4", "0\n0\n0\n0\n0"), ("B5", "1\n1"), ("B5", "0")])
def test_too_few_values_in_a_text_are_open(mark: str, line: str) -> None:
    header = "\n".join(["三、收到和处理政府信息公开申请情况", "申请人情况", *APPLICANTS.split("|")])
    rows = "一、本年新收政府信息公开申请数量", line, "二、上年结转政府信息公开申请数量"
    report = read_document("\n".join(["某县2020年政府信息公开工作年度报告", header, *rows]).encode())
    assert {said(report, "apply.new", column) for column in COLUMNS} == {("ambiguous", None)}, mark


def test_b10_a_bare_no_break_space_is_blank() -> None:
    results = "结果维持|结果纠正|其他结果|尚未审结|总计"
    values = "|".join(["10", "&nbsp;", "1", "&nbsp;", "11", *["0"] * 10])
    report = read(
        table("5*行政复议|10*行政诉讼", "5*|5*未经复议直接起诉|5*复议后起诉", "|".join([results] * 3), values)
    )
    assert said(report, "review.recon.upheld") == ("reported", 10)
    assert said(report, "review.recon.corrected") == ("blank", None)
    assert said(report, "review.recon.total") == ("reported", 11)


# C. Labels and headers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "label", "indicator"),
    [
        ("C3", "2.其他法律行政止公开", "apply.result.denied.law_prohibited"),
        ("C3", "二、上年结转政府信息公开数量", "apply.carried_in"),
        ("C11", "4.无正当理由大量反复 申请", "apply.result.not_processed.vexatious"),
        ("C11", "01 一、本年新收政府信息公开申请数量", "apply.new"),
        ("C11", "一、本年新收政府信息公开申请数量<a href=x>1</a>", "apply.new"),
        ("C12", "<p>一、本年新收政府</p><p>信息公开申请数量</p>", "apply.new"),
        (
            "C15",
            "1、申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
            "apply.result.other.no_correction",
        ),
    ],
)
def test_labels_of_table_three(mark: str, label: str, indicator: str) -> None:
    report = applications(f"{label}|1|2|3|4|5|6|21")
    assert [said(report, indicator, column)[1] for column in COLUMNS] == [1, 2, 3, 4, 5, 6, 21], mark


@pytest.mark.parametrize(
    ("mark", "label", "header"),
    [
        ("C3", "行政规范性文件", "本年制发件数|本年废止件数|现行有效件"),
        ("C3", "行政规范性文件", "本年发件|本年废止件数|现行有效件数"),
        ("C11", "行政规范性 文件", "本年制发 件数|本年废止件数|现行有效件数"),
        ("C13", "规范性文件", "本年制发件数|本年废止件数|现行有效件数"),
        ("C14", "行政规范性文件", "本年制发件数量|本年废止件数|现行有效件数"),
        ("C18", "规范性文件(指各行政机关印发的有正式文号的文件)", "本年制发件数|本年废止件数|现行有效件数"),
        ("C18", "行政规范性文件<sup>1</sup>", "本年制发件数①|本年废止件数*|现行有效件数<sup>[2]</sup>"),
        ("C18", "&amp;nbsp;行政规范性文件", "本年制发件数&amp;nbsp;|本年废止件数|现行有效件数"),
    ],
)
def test_labels_of_table_two(mark: str, label: str, header: str) -> None:
    report = normdocs("5|2|17", label, header)
    assert [said(report, code)[1] for code in NORMDOCS] == [5, 2, 17], mark


def test_c1_the_misprinted_fee() -> None:
    report = read(table("2*第二十条第（八）项", "信息内容|本年收费金额（单位：万元）", "行政事业型收费|3"))
    assert (said(report, "fee.admin.amount"), flags(report, "fee.admin.amount")) == (("reported", 3), ())


def test_c2_the_misprinted_decisions() -> None:
    report = read(table("2*第二十条第（五）项", "信息内容|本年处理绝对数量", "行政许可|7"))
    assert said(report, "permit.licence.decisions") == ("reported", 7)


@pytest.mark.parametrize(("mark", "header"), [("C5", "上一年项目数量|本年增/|处理决定数量")])
def test_a_header_that_lost_its_end(mark: str, header: str) -> None:
    report = items("72|-3|322", header)
    assert [said(report, code)[1] for code in LICENCE] == [72, -3, 322], mark


@pytest.mark.parametrize(
    ("mark", "header"), [("C4", "本年新|本年新|对外公开总数量"), ("C6", "本年新制作数量|本年新制作数量|对外公开总数量")]
)
def test_a_header_that_lost_its_names_is_doubtful(mark: str, header: str) -> None:
    report = normdocs("2|3|30", "规范性文件", header)
    codes = [f"proactive.normdocs.{name}" for name in ("made_new", "disclosed_new", "disclosed_total")]
    assert [said(report, code)[1] for code in codes] == [2, 3, 30], mark
    assert all("header_damaged" in flags(report, code) for code in codes), mark


def test_c7_a_header_of_another_block_claims_nothing() -> None:
    report = read(table("3*第二十条第（九）项", "信息内容|上一年项目数量|本年增/减", "政府集中采购|5|7"))
    assert not [each for each in report.figures if each.status == "reported"]


def test_c8_another_word_for_an_applicant() -> None:
    header = APPLICANTS.replace("科研机构", "科研企业")
    report = read(table(f"3*申请人情况|{header}", "3*一、本年新收政府信息公开申请数量|1|2|3|4|5|6|21"))
    assert said(report, "apply.new", "org.research") == ("reported", 3)


@pytest.mark.parametrize("block", ["第二十条(五)项", "第二十条 第（五）项", "第二十条第", "第二十条第5项"])
def test_c9_c10_headings_of_blocks(block: str) -> None:
    report = read(table(f"4*{block}", f"信息内容|{ITEMS}", "行政许可|1|2|3"))
    assert [said(report, code)[1] for code in LICENCE] == [1, 2, 3]


def test_c10_a_blank_row_label_is_nobodys() -> None:
    report = read(
        table(
            "4*第二十条第（一）项", "信息内容|本年制发件数|本年废止件数|现行有效件数", "|1|2|3", "行政规范性文件|4|5|6"
        )
    )
    assert said(report, "proactive.rules.issued") == ("missing", None)
    assert said(report, "proactive.normdocs.issued") == ("reported", 4)


def test_c16_a_misplaced_bracket() -> None:
    stub = "(本列)数据的勾稽关系为:第一项加第二项之和，等于第三项加第四项之和)"
    report = read(table(f"3*{stub}|{APPLICANTS}", "3*一、本年新收政府信息公开申请数量|1|2|3|4|5|6|21"))
    assert said(report, "apply.new", "total") == ("reported", 21)


def test_c17_labels_that_hold_digits() -> None:
    header = "上一年项目数量 (指2019年事项数)|本年增/减（减用负值表示,如 -8）|处理决定数量"
    assert [said(items("5|-2|9", header), code)[1] for code in LICENCE] == [5, -2, 9]


def test_c18a_the_body_corrects_the_form() -> None:
    block = table("4*第二十条第（一）项", "信息内容|本年制发件数|本年废止件数|现行有效件数", "规章(县级无此项)|0|0|0")
    assert said(read(block), "proactive.rules.issued") == ("reported", 0)


@pytest.mark.parametrize(
    ("heading", "section"),
    [("三、收到的处理政府信息公开申请情况", "3"), ("五、存在问题及改进情况", "5"), ("二、主动公开政府政府情况", "2")],
)
def test_c19_headings_of_chapters(heading: str, section: str) -> None:
    assert [each.section for each in read(f"<p>{heading}</p><p>正文。</p>").sections][-1:] == [section]


# D. Structure ---------------------------------------------------------------------------------------------------------


def test_d1_an_extra_row_is_left_over() -> None:
    report = read(
        table(
            "4*第二十条第（一）项", "信息内容|本年新制作数量|本年新公开数量|对外公开总数量", "规范性文件|1|2|3",
            "其他主动公开文件(含以本单位名义印发的文件)|186|86|255",
        )
    )  # fmt: skip
    assert said(report, "proactive.normdocs.disclosed_total") == ("reported", 3)
    assert {"186", "86", "255"} <= {each.raw for each in report.leftovers}


def test_d2_a_home_made_table() -> None:
    report = normdocs("2|30", "規範性檔案", "本年新製作數量|對外公開總數量")
    assert said(report, "proactive.normdocs.made_new") == ("reported", 2)
    assert said(report, "proactive.normdocs.disclosed_new") == ("missing", None)
    assert said(report, "proactive.normdocs.disclosed_total") == ("reported", 30)
    assert "header_damaged" in flags(report, "proactive.normdocs.disclosed_total")


def test_d3_one_block_alone() -> None:
    report = purchases("53|6944.93元")
    assert said(report, "procure.central.projects") == ("reported", 53)
    assert said(report, "permit.licence.decisions") == ("missing", None)


@pytest.mark.parametrize(
    ("mark", "rows"),
    [
        (
            "D4",
            [
                "<td colspan=3 rowspan=3></td>|7*申请人情况",
                "自然人|5*法人或其他组织|",
                "|商业企业|科研机构|社会公益组织|法律服务机构|其他|总计",
            ],
        ),
        (
            "D5",
            [
                "|||申请人情况||||||",
                "|||自然人|法人或其他组织|||||总计",
                "||||商业企业|科研机构|社会公益组织|法律服务机构|其他|",
            ],
        ),
    ],
)
def test_headers_of_table_three(mark: str, rows: list[str]) -> None:
    rows = [row.replace("<td colspan=3 rowspan=3></td>", "3*") for row in rows]
    if mark == "D4":
        rows[1:] = [f"3*|{rows[1]}", f"3*{rows[2]}".replace("3*|", "3*||")]
    report = read(table(*rows, "3*一、本年新收政府信息公开申请数量|1|2|3|4|5|6|21"))
    assert [said(report, "apply.new", column) for column in COLUMNS] == [
        ("reported", value) for value in (1, 2, 3, 4, 5, 6, 21)
    ], mark


def test_a_sum_below_rows_without_labels_is_not_the_forms_total() -> None:
    report = applications("一、本年新收政府信息公开申请数量|1|2|3|4|5|6|21", "合计|9|9|9|9|9|9|9")
    assert said(report, "apply.result.total", "total") == ("missing", None)


@pytest.mark.parametrize(("number", "flagged"), [("2", False), ("7", True)])
def test_a_table_that_cannot_be_read_makes_doubtful_what_it_names_otherwise(number: str, flagged: bool) -> None:
    header = "信息内容|本年处理决定数量"
    upright = table("2*第二十条第（六）项", header, "行政处罚|2", "行政强制|3")
    turned = table("信息内容|行政处罚|行政许可", f"全年数量|{number}|5")
    found = flags(read(turned, upright), "enforce.penalty.decisions")
    assert found == (("two_reports",) if flagged else ())
    assert flags(read(turned, upright), "enforce.coercion.decisions") == ()


@pytest.mark.parametrize(
    ("rowspan", "expected"),
    [(2, [("reported", value) for value in (1, 2, 3, 4, 5, 6, 21)]), (1, [("ambiguous", None)] * 7)],
)
def test_a_row_pushed_over_a_column_of_numbers_claims_nothing(rowspan: int, expected: list[Cell]) -> None:
    head = "<tr><td colspan=3></td><td>行次</td>" + cells(APPLICANTS)
    whole = f"<tr><td rowspan={rowspan}>三、本年度办理结果</td><td colspan=2>（一）予以公开</td><td>3</td>" + cells(
        "0|" * 6
    )
    total = "<tr><td colspan=2>（七）总计</td><td>22</td>" + cells("1|2|3|4|5|6|21")
    report = read(f"<table>{head}{whole}{total}</table>")
    assert [said(report, "apply.result.total", column) for column in COLUMNS] == expected


@pytest.mark.parametrize(("number", "doubtful"), [("2.000", ("not_integer",)), ("2.00", ()), ("1,234", ())])
def test_a_point_before_three_digits_may_part_thousands(number: str, doubtful: tuple[str, ...]) -> None:
    assert flags(normdocs(f"{number}|1|1"), "proactive.normdocs.issued") == doubtful


def test_d6_spans_of_header_and_rows_differ() -> None:
    report = read(
        table("5*第二十条第（五）项", "信息内容|上一年项目数量|2*本年增/减|处理决定数量", "行政许可|2*72|-3|322")
    )
    assert [said(report, code)[1] for code in LICENCE] == [72, -3, 322]


def test_d7_the_older_single_row_in_the_newer_form() -> None:
    report = read(
        table("2*第二十条第（八）项", "信息内容|本年收费金额（单位：万元）", "行政事业性收费|3"),
        table(f"3*申请人情况|{APPLICANTS}", "3*（六）其他处理|0|0|0|0|0|0|0", "3*（七）总计|1|0|0|0|0|0|1"),
    )
    assert (report.form, len(report.figures)) == ("2021", 207)
    assert said(report, "apply.result.other", "total") == ("reported", 0)
    assert said(report, "apply.result.other.misc", "total") == ("missing", None)


def test_d8_d9_empty_rows_and_a_caption() -> None:
    report = read(
        table(
            "4*單位:東陽市水務局　2023年度", "4*第二十条第（五）项", f"信息内容|{ITEMS}", "|||", "行政许可|1|2|3", "|||"
        )
    )
    assert [said(report, code)[1] for code in LICENCE] == [1, 2, 3]


def test_d12_a_page_in_layout_tables() -> None:
    inner = table("4*第二十条第（五）项", f"信息内容|{ITEMS}", "行政许可|1|2|3")
    around = "<table><tr><td></td><td>{}</td></tr></table>"
    report = read(around.format(around.format(f"<p>二、主动公开政府信息情况</p>{inner}")))
    assert [said(report, code)[1] for code in LICENCE] == [1, 2, 3]


def test_d13_a_header_of_the_trial_form_is_doubtful() -> None:
    report = normdocs("1|2|3", "规范性文件", "本年度实际产生数量|对外公开数量|制作")
    assert not [each for each in report.figures if each.status == "reported" and not each.flags]


def test_d15_columns_of_parts_are_not_the_county() -> None:
    header = "区政府统计数|区直单位统计数|乡镇街道统计数|现行有效件数"
    report = normdocs("1|2|3|6", "行政规范性文件", header)
    assert not [each for each in report.figures if each.status == "reported" and not each.flags]


# E. The form does not follow the year ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "block", "form"),
    [
        (
            "某县2023年政府信息公开工作年度报告",
            ("3*第二十条第（九）项", f"信息内容|{PURCHASES}", "政府集中采购|1|2元"),
            "2019",
        ),
        (
            "某县2020年政府信息公开工作年度报告",
            ("2*第二十条第（八）项", "信息内容|本年收费金额（单位：万元）", "行政事业性收费|3"),
            "2021",
        ),
    ],
)
def test_the_table_decides_the_form(title: str, block: tuple[str, ...], form: str) -> None:
    report = read(table(*block), title=title)
    assert (report.form, "form_from_year" in report.flags) == (form, False)


@pytest.mark.parametrize(("year", "flagged"), [(2014, True), (2019, True), (2020, False), (2021, False)])
def test_a_form_older_than_itself_is_a_doubtful_year(year: int, flagged: bool) -> None:
    title = f"阳高县{year}年政府信息公开工作年度报告"
    block = table("4*第二十条第（一）项", "信息内容|本年制发件数|本年废止件数|现行有效件数", "规章|0|0|0")
    assert ("year_conflict" in read(block, title=title).flags) is flagged


def test_a_report_of_2019_without_tables() -> None:
    report = read("<p>一、概述</p><p>2019年，主动公开政府信息12条。</p>", title="某县2019年政府信息公开工作年度报告")
    assert (report.form, report.figures, "no_tables" in report.flags) == ("", [], True)


# F. Numbers that do not agree stay as printed, and a check says so --------------------------------------------------


@pytest.mark.parametrize(
    ("row", "check"), [("25532|减2345|23187", "S2-6a"), ("16|本年增5|21", "S2-6a"), ("21|+19|40", "S2-6a")]
)
def test_decisions_filled_with_items(row: str, check: str) -> None:
    report = items(row)
    assert [each.result for each in report.checks if each.check == check] == ["fail"]


def test_a_total_that_is_none() -> None:
    results = "结果维持|结果纠正|其他结果|尚未审结|总计"
    values = "|".join(["10", "1", "0", "0", "0", "5", "0", "0", "0", "0", *["0"] * 5])
    report = read(
        table("5*行政复议|10*行政诉讼", "5*|5*未经复议直接起诉|5*复议后起诉", "|".join([results] * 3), values)
    )
    assert [each.result for each in report.checks if each.check == "S4-1"] == ["fail"]
    assert said(report, "review.recon.total") == ("reported", 0)


def test_one_request_of_nobody() -> None:
    report = applications("一、本年新收政府信息公开申请数量|0|0|0|0|1|0|0")
    failed = [(each.check, each.left, each.right) for each in report.checks if each.result == "fail"]
    assert ("S3-3", 0.0, 1.0) in failed


@pytest.mark.parametrize("rules", ["2|0|2", "5|5|5", "0|0|6"])
def test_rules_of_bodies_that_make_none(rules: str) -> None:
    title = "陶江县松木塘镇2022年政府信息公开工作年度报告"
    block = table("4*第二十条第（一）项", "信息内容|本年制发件数|本年废止件数|现行有效件数", f"规章|{rules}")
    report = read(block, title=title)
    assert [each.result for each in report.checks if each.check == "S2-1"] == ["fail"]


# G. Year and body -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("关于2021年度政府信息公开情况的报告", 2021),
        ("某乡2021年政府信息公开 工作告年度报", 2021),
        ("某乡2021年度政府信息公开年度工作年度报告", 2021),
        ("某乡2021年政府信息年度公开报告", 2021),
        ("某市2021年政务信息公开年度报告", 2021),
        ("某镇2021年信息公开年报", 2021),
    ],
)
def test_titles(title: str, year: int) -> None:
    assert read(title=title).report_year == year


@pytest.mark.parametrize(
    "period",
    [
        "统计期限自2020年1月1日起，截至2087年底",
        "至2020你那12月31日",
        "自2020年1月1日至12月21日",
        "自2020年1月日起至2020年12月31日止",
    ],
)
def test_a_misprinted_period_does_not_move_the_year(period: str) -> None:
    assert read(f"<p>{period}</p>", title="某县2020年政府信息公开工作年度报告").report_year == 2020


def test_last_years_text_is_not_this_years() -> None:
    report = read("<p>2022年，我镇收到政府信息公开申请12件。</p>", title="某镇2023年政府信息公开工作年度报告")
    assert report.narrative == []


def test_fuzzy_counts_in_prose_are_approximate() -> None:
    report = read("<p>一、总体情况</p><p>2021年，主动公开政府信息260余条。</p>")
    assert [(each.value, each.approximate) for each in report.narrative] == [(260.0, True)]


# H. Chapters ----------------------------------------------------------------------------------------------------------


def test_chapters_that_start_again() -> None:
    headings = ["一、组织领导", "二、工作机制", "一、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况"]
    report = read(*(f"<p>{heading}</p><p>正文。</p>" for heading in headings))
    assert [each.heading for each in report.sections if each.heading] == headings
    assert [each.section for each in report.sections][-2:] == ["2", "3"]


@pytest.mark.parametrize(
    ("heading", "section"),
    [("总体情况", "1"), ("主动公开政府信息情况", "2"), ("六、其他需要报告的事项", "6")],
)
def test_headings_without_number_or_text(heading: str, section: str) -> None:
    assert read(f"<p>{heading}</p>").sections[-1].section == section


# I. What is not in the page -------------------------------------------------------------------------------------------


def test_headings_with_nothing_between() -> None:
    headings = (
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
    )
    report = read(*(f"<p>{heading}</p>" for heading in headings), "<p>相关附件：</p>")
    assert (report.form, "no_tables" in report.flags, [each.section for each in report.sections]) == (
        "", True, ["0", "2", "3", "4"],
    )  # fmt: skip


def test_table_two_as_a_sentence_claims_no_cell() -> None:
    report = read("<p>我局无行政规范性文件本年制发件数，行政处罚8件。</p>")
    assert not [each for each in report.figures if each.status == "reported"]


def test_a_table_told_again_in_prose_changes_nothing() -> None:
    block = table("4*第二十条第（五）项", f"信息内容|{ITEMS}", "行政许可|1|2|3")
    report = read("<p>行政许可上一年项目数量1，本年增/减2，处理决定数量3。</p>", block)
    assert [(said(report, code), flags(report, code)) for code in LICENCE] == [
        (("reported", value), ()) for value in (1, 2, 3)
    ]


# J. Encoding and text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "label", "header"),
    [
        ("traditional", "行政規範性文件", "本年制發件數|本年廢止件數|現行有效件數"),
        ("over-converted", "行政規範性檔案", "本年製發件數|本年廢止件數|現行有效件數"),
        ("pinyin", "行政規(guī)范性文件", "本年制發(fā)件數(shù)|本年廢止件數(shù)|現(xiàn)行有效件數(shù)"),
    ],
)
def test_other_characters(mark: str, label: str, header: str) -> None:
    report = normdocs("5|2|17", label, header)
    assert [said(report, code)[1] for code in NORMDOCS] == [5, 2, 17], mark


def test_every_repeated_line_removed_is_open() -> None:
    lines = ["某乡2019年政府信息公开工作年度报告", "申请人情况", *APPLICANTS.split("|")]
    lines += [
        "一、本年新收政府信息公开申请数量",
        "0",
        "二、上年结转政府信息公开申请数量",
        "三、本年度办理结果",
        "（一）予以公开",
    ]
    report = read_document("\n".join(lines).encode())
    assert not [each for each in report.figures if each.status == "reported"]


def test_cells_run_together_are_parted_with_a_flag() -> None:
    header = ["第二十条第（一）项", "信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
    report = read_document("\n".join(["某县2021年政府信息公开工作年度报告", *header, "行政规范性文件000"]).encode())
    assert [said(report, code)[1] for code in NORMDOCS] == [0, 0, 0]
    assert all("run_together" in flags(report, code) for code in NORMDOCS)


def test_page_furniture_is_not_the_report() -> None:
    report = read(
        "<p>分享到: 无标题111文档</p><p>访问量：12345</p>",
        table("4*第二十条第（五）项", f"信息内容|{ITEMS}", "行政许可|1|2|3"),
    )
    assert [said(report, code)[1] for code in LICENCE] == [1, 2, 3]


# K. Text out of PDF ---------------------------------------------------------------------------------------------------


def test_kangxi_radicals_are_folded_and_stay_in_raw() -> None:
    report = applications("⼀、本年新收政府信息公开申请数量|⾏|2|3|4|5|6|21")
    assert said(report, "apply.new", "total") == ("reported", 21)
    assert next(each.raw for each in report.figures if each.status == "text") == "⾏"


def test_a_vertical_group_label() -> None:
    label = "<br>".join("三、本年度办理结果")
    report = read(table(f"3*申请人情况|{APPLICANTS}", f"{label}|2*（一）予以公开|1|2|3|4|5|6|21"))
    assert said(report, "apply.result.granted", "total") == ("reported", 21)
