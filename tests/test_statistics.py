"""Form 2014 (统计表): made-up fillings of the form read back in many layouts; damaged ones claim nothing wrong."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from normalize import codebook, read_document
from normalize.codebook import find_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from normalize import Report

Line = tuple[str, str, str]

HEADINGS = {
    1: "一、主动公开情况",
    5: "(二)通过不同渠道和方式公开政府信息的情况",
    11: "二、回应解读情况",
    13: "(二)通过不同渠道和方式回应解读的情况",
    21: "三、依申请公开情况",
    55: "八、机构建设和保障经费情况",
    62: "九、政府信息公开会议和培训情况",
}
INDICATORS = {indicator.position: indicator for indicator in codebook.form_indicators("2014")}
TRUTH = {indicator.code: 1000.0 + position for position, indicator in INDICATORS.items()}
HEADER: Line = ("统计指标", "单位", "统计数")
TITLE = "某县人民政府2016年政府信息公开工作年度报告"


def form_lines() -> list[Line]:
    """The form's 65 rows, each figure 1000 and the number of its row."""
    return [
        (HEADINGS[row], "——", "——")
        if row in HEADINGS
        else (INDICATORS[row].row_label, INDICATORS[row].unit, str(1000 + row))
        for row in range(1, 66)
    ]


def html(lines: list[Line]) -> str:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<html><body><h1>{TITLE}</h1><table>{rows}</table></body></html>"


def titled(text: str) -> str:
    return f"{TITLE}\n\n{text}"


def pipes(lines: list[Line]) -> str:
    return titled("\n".join(f"| {' | '.join(line)} |" for line in lines))


def tabs(lines: list[Line]) -> str:
    return titled("\n".join("\t".join(line) for line in lines))


def spaces(lines: list[Line]) -> str:
    return titled("\n".join("  ".join(cell for cell in line if cell) for line in lines))


def cells(lines: list[Line]) -> str:
    return titled("\n".join(cell for line in lines for cell in line if cell))


def paragraphs(lines: list[Line]) -> str:
    return titled("\n\n".join(cell for line in lines for cell in line if cell))


LAYOUTS = [html, pipes, tabs, spaces, cells, paragraphs]
layouts = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)


def read(text: str) -> Report:
    return read_document(text.encode())


def values(report: Report) -> dict[str, float]:
    return {figure.indicator: figure.value for figure in report.figures if figure.value is not None}


@layouts
def test_the_whole_form_reads_back(layout: Callable[[list[Line]], str]) -> None:
    report = read(layout([HEADER, *form_lines()]))
    assert (report.form, len(report.figures)) == ("2014", 58)
    assert values(report) == TRUTH
    assert report.leftovers == []


def test_a_table_without_its_header_reads_back() -> None:
    assert values(read(html(form_lines()))) == TRUTH


def test_figures_stand_in_the_order_of_the_form_with_their_units() -> None:
    figures = read(html([HEADER, *form_lines()])).figures
    assert [figure.indicator for figure in figures] == list(TRUTH)
    assert {figure.indicator: figure.unit for figure in figures if figure.unit} == {
        "fee.request_charges": "万元",
        "org.budget": "万元",
    }


def test_rows_that_no_printed_form_confirmed_are_doubtful() -> None:
    figures = read(html([HEADER, *form_lines()])).figures
    flagged = {figure.indicator for figure in figures if "form_unconfirmed" in figure.flags}
    assert flagged == {i.code for i in INDICATORS.values() if i.note == "unconfirmed"}
    assert len(flagged) == 28


@pytest.mark.parametrize(
    ("line", "indicator", "value", "unit", "flags"),
    [
        (("七、依申请公开信息收取的费用", "元", "350"), "fee.request_charges", 350.0, "元", ()),
        (("七、依申请公开信息收取的费用", "万元", "0.35"), "fee.request_charges", 0.35, "万元", ()),
        (("七、依申请公开信息收取的费用", "", "0.35"), "fee.request_charges", 0.35, "", ("unit_missing",)),
        (("七、依申请公开信息收取的费用（万元）", "", "0.35"), "fee.request_charges", 0.35, "万元", ()),
        (("七、依申请公开信息收取的费用", "万元", "350"), "fee.request_charges", 350.0, "万元", ("unit_suspect",)),
        (("七、依申请公开信息收取的费用", "千元", "3"), "fee.request_charges", 3.0, "", ("unit_unclear",)),
        (("（一）收到申请数", "件", "12件"), "apply.received.total", 12.0, "", ()),
        (("（一）收到申请数", "条", "12"), "apply.received.total", 12.0, "", ("unit_differs",)),
        (("（一）收到申请数", "千件", "12"), "apply.received.total", 12.0, "", ("unit_unclear",)),
        (("（一）收到申请", "件", "12"), "apply.received.total", 12.0, "", ("label_fuzzy",)),
        (
            ("6．政府信息公开查阅点数", "个", "7"),
            "org.reading_points",
            7.0,
            "",
            ("label_fuzzy", "form_unconfirmed"),
        ),
    ],
)
def test_units_and_labels_that_differ(
    line: Line, indicator: str, value: float, unit: str, flags: tuple[str, ...]
) -> None:
    lines = [line if find_row("2014", old[0]) == find_row("2014", line[0]) else old for old in form_lines()]
    lines = [old for old in lines if TRUTH.get(indicator) is None or old[2] != str(int(TRUTH[indicator]))]
    report = read(html([HEADER, *lines, *([] if line in lines else [line])]))
    figure = next(figure for figure in report.figures if figure.indicator == indicator)
    assert (figure.value, figure.unit, figure.flags) == (value, unit, flags)


def test_blanks_and_marks_are_no_numbers() -> None:
    lines = [
        (label, unit, {"1022": "", "1023": "/", "1024": "无"}.get(cell, cell)) for label, unit, cell in form_lines()
    ]
    status = {figure.indicator: figure.status for figure in read(html([HEADER, *lines])).figures}
    assert status["apply.received.total"] == "blank"
    assert status["apply.received.in_person"] == status["apply.received.fax"] == "not_applicable"


def test_rows_of_a_province_are_left_over() -> None:
    extra = ("2.主动公开机构领导、机构设置及人事信息", "条", "77")
    lines = form_lines()
    report = read(html([HEADER, *lines[:4], extra, *lines[4:]]))
    assert values(report) == TRUTH
    assert [(left.raw, left.reason) for left in report.leftovers] == [(cell, "no_place") for cell in extra]


def test_a_column_beside_the_form_is_left_over() -> None:
    lines = [(*line[:2], line[2] + "</td><td>5") for line in form_lines()]
    report = read(html([("统计指标", "单位", "统计数</td><td>备注"), *lines]))
    assert values(report) == TRUTH
    assert {left.raw for left in report.leftovers} == {"5"}


def test_two_groups_of_columns_side_by_side() -> None:
    lines = form_lines()
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in (*left, *right)) + "</tr>"
        for left, right in zip([HEADER, *lines[:33]], [HEADER, *lines[32:]], strict=True)
    )
    found = values(read(f"<h1>{TITLE}</h1><table>{rows}</table>"))
    assert {code: value for code, value in found.items() if not code.startswith("review.")} == {
        code: value for code, value in TRUTH.items() if not code.startswith("review.")
    }


def test_a_table_cut_by_a_page_goes_on() -> None:
    lines = form_lines()
    first, second = html([HEADER, *lines[:63]]), html(lines[63:])
    assert values(read(first + second)) == TRUTH


def test_outcomes_belong_to_the_block_above_them() -> None:
    lines = [line for line in form_lines() if not line[0].startswith(("四、", "五、"))]
    found = values(read(html([HEADER, *lines])))
    assert not [code for code in found if code.startswith("review.")]


def test_a_row_of_the_wrong_block_is_not_claimed() -> None:
    lines = [
        (label.replace("或者驳回原告诉讼请求数", "数"), unit, cell) if cell == "1050" else (label, unit, cell)
        for label, unit, cell in form_lines()
    ]
    found = values(read(html([HEADER, *lines])))
    assert found["review.recon14.upheld"] == 1046.0
    assert "review.suit14.upheld" not in found


def test_a_number_beside_a_heading_fails_its_check() -> None:
    lines = [(label, unit, "9" if label == HEADINGS[21] else cell) for label, unit, cell in form_lines()]
    report = read(html([HEADER, *lines]))
    assert [(left.raw, left.reason) for left in report.leftovers] == [("9", "heading_number")]
    assert next((c.result, c.left) for c in report.checks if c.check == "T-15") == ("fail", 1.0)


def test_every_check_of_the_form_is_evaluated() -> None:
    adding_up = {
        "1002": "30", "1003": "4", "1004": "5", "1006": "1", "1007": "20", "1008": "3", "1009": "4", "1010": "2",
        "1012": "2", "1014": "3", "1015": "1", "1016": "2", "1017": "1", "1018": "6", "1019": "0", "1020": "1",
        "1022": "12", "1023": "2", "1024": "0", "1025": "7", "1026": "3", "1027": "12", "1028": "10", "1029": "2",
        "1030": "12", "1031": "1", "1032": "5", "1033": "1", "1034": "2", "1035": "0", "1036": "1", "1037": "1",
        "1038": "0", "1039": "0", "1040": "0", "1041": "1", "1042": "1", "1043": "1", "1044": "0", "1045": "2",
        "1046": "1", "1047": "0", "1048": "0", "1049": "1", "1050": "1", "1051": "0", "1052": "0", "1053": "0",
        "1054": "0", "1056": "1", "1057": "2", "1058": "5", "1059": "2", "1060": "3", "1061": "1.5", "1063": "2",
        "1064": "1", "1065": "40",
    }  # fmt: skip
    lines = [(label, unit, adding_up.get(cell, cell)) for label, unit, cell in form_lines()]
    checks = [check for check in read(html([HEADER, *lines])).checks if check.check.startswith("T-")]
    assert {check.check.rstrip("abcdef") for check in checks} == {f"T-{number}" for number in range(1, 16)}
    assert {check.check: check.result for check in checks if check.result != "pass"} == {}
    wrong = [(label, unit, "13" if cell == "12" and "收到" in label else cell) for label, unit, cell in lines]
    failed = [check for check in read(html([HEADER, *wrong])).checks if check.result == "fail"]
    assert [(check.check, check.left, check.right) for check in failed] == [("T-1", 13.0, 12.0)]


def test_a_newer_form_beside_it_wins() -> None:
    newer = "<table><tr><td>信息内容</td><td>本年收费金额</td></tr><tr><td>行政事业性收费</td><td>5</td></tr></table>"
    report = read(html([HEADER, *form_lines()]) + newer)
    assert (report.form, values(report)) == ("2021", {"fee.admin.amount": 5.0})


def test_few_labels_are_no_form() -> None:
    report = read(html([("政府网站在线访谈次数", "次", "3"), ("收到申请数", "件", "4"), ("访问量", "次", "5")]))
    assert (report.form, report.figures, report.flags) == ("", [], ["no_tables"])


def damaged(draw: random.Random) -> list[Line]:
    """The form with some cells blank, lost or doubled."""
    lines: list[tuple[str, ...]] = [HEADER, *form_lines()]
    for _ in range(draw.randint(1, 6)):
        row = draw.randrange(len(lines))
        line = list(lines[row])
        if not line:
            continue
        place = draw.randrange(len(line))
        match draw.choice(("lost", "blank", "doubled", "row")):
            case "lost":
                del line[place]
            case "blank":
                line[place] = ""
            case "doubled":
                line.insert(place, line[place])
            case "row":
                line = []
        lines[row] = tuple(line)
    return lines  # type: ignore[return-value]


@layouts
def test_a_damaged_form_claims_nothing_wrong(layout: Callable[[list[Line]], str]) -> None:
    for seed in range(40):
        report = read(layout(damaged(random.Random(seed))))  # noqa: S311 - chance for tests, not for secrets
        wrong = {
            figure.indicator: (figure.value, TRUTH[figure.indicator])
            for figure in report.figures
            if figure.value is not None
            and figure.value != TRUTH[figure.indicator]
            and not set(figure.flags) - {"form_unconfirmed"}
        }
        assert not wrong, (layout.__name__, seed)


YEARS = {
    "two years, the report's last": (("2015年", "2016年"), (0, 1)),
    "two years, the report's first": (("2016年度", "2015年度"), (1, 0)),
    "years without a word": (("2015", "2016"), (0, 1)),
    "this year and the last": (("上年数", "本年数"), (0, 1)),
    "the form's own head beside another": (("统计数", "上年统计数"), (1, 0)),
    "parts and their total": (("县本级", "乡镇", "合计"), (0, 0, 1)),
    "remarks": (("统计数", "备注"), (1, 0)),
}


@pytest.mark.parametrize(("heads", "kept"), YEARS.values(), ids=YEARS.keys())
def test_the_header_tells_which_column_counts(heads: tuple[str, ...], kept: tuple[int, ...]) -> None:
    lines = [
        [label, unit, *(cell if keep else str(77 + place) for place, keep in enumerate(kept))]
        for label, unit, cell in form_lines()
    ]
    rows = [["统计指标", "单位", *heads], *lines]
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    assert values(read(f"<html><body><h1>{TITLE}</h1><table>{table}</table></body></html>")) == TRUTH
    assert values(read(titled("\n".join("\t".join(row) for row in rows)))) == TRUTH


@pytest.mark.parametrize("heads", [("2014年", "2015年"), ("2015年",), ("县本级", "乡镇"), ("上年数",)])
def test_no_column_of_another_year_or_part_is_the_figure(heads: tuple[str, ...]) -> None:
    """One cell a line, where rows with a blank hold as many numbers as one column would."""
    lines = [HEADER[:2] + heads, *((label, unit, "77") for label, unit, _ in form_lines())]
    report = read(titled("\n".join(cell for line in lines for cell in line)))
    assert {figure.status for figure in report.figures} == {"ambiguous"}
    assert values(report) == {}


@pytest.mark.parametrize("header", [HEADER, ()], ids=["header", "no header"])
@pytest.mark.parametrize("first", [33, 46, 51])
def test_two_groups_of_columns_are_read_one_after_the_other(header: tuple[str, ...], first: int) -> None:
    lines = form_lines()
    left, right = lines[:first], lines[first:]
    height = max(len(left), len(right))
    padded = [[*part, *([("", "", "")] * (height - len(part)))] for part in (left, right)]
    rows = [(*header, *header)] if header else []
    rows += [(*one, *other) for one, other in zip(*padded, strict=True)]
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    assert values(read(f"<html><body><h1>{TITLE}</h1><table>{table}</table></body></html>")) == TRUTH


@pytest.mark.parametrize("header", [("序号", *HEADER), ()], ids=["header", "no header"])
@pytest.mark.parametrize("between", ["\n", "\t", " ", " | "], ids=["lines", "tabs", "spaces", "pipes"])
def test_numbers_of_the_rows_before_their_labels_are_no_figures(header: tuple[str, ...], between: str) -> None:
    rows = [header, *((str(number), *line) for number, line in enumerate(form_lines(), 1))]
    assert values(read(titled("\n".join(between.join(row) for row in rows)))) == TRUTH


def test_the_number_of_the_next_row_does_not_fill_a_blank() -> None:
    lines = [(label, unit) if cell in ("1022", "1030") else (label, unit, cell) for label, unit, cell in form_lines()]
    text = "\n".join(cell for number, line in enumerate(lines, 1) for cell in (str(number), *line))
    expected = {code: value for code, value in TRUTH.items() if value not in (1022, 1030)}
    assert values(read(titled(text))) == expected


def test_blanks_between_pipes_are_blank_and_rules_are_no_cells() -> None:
    lines = [HEADER, *((label, unit, "" if cell == "1022" else cell) for label, unit, cell in form_lines())]
    piped = [" | ".join(line) for line in lines]
    marked = [f"| {line} |" for line in piped]
    for text in ("\n".join(piped), "\n".join([marked[0], "|---|---|---|", *marked[1:]])):
        report = read(titled(text))
        assert values(report) == {code: value for code, value in TRUTH.items() if value != 1022}
        assert next(f.status for f in report.figures if f.indicator == "apply.received.total") == "blank"


# Another table beside the report's own -------------------------------------------------------------------------------

HEAD = ("统计指标", "单位", "统计数")
RECEIVED = [("（一）收到申请数", "件", "7"), ("1.当面申请数", "件", "3"), ("2.传真申请数", "件", "4")]
STRANGE = [("???", "件", str(number)) for number in range(9)]


def _flags_of(report: Report) -> set[tuple[str, ...]]:
    return {tuple(sorted(set(f.flags) - {"form_unconfirmed"})) for f in report.figures if f.status == "reported"}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("beside", [STRANGE, []])
def test_a_table_of_last_year_is_doubtful_beside_one_that_cannot_be_read(
    first: bool, beside: list[tuple[str, str, str]]
) -> None:
    expected = {("two_reports",)} if beside else {()}
    tables = [[HEAD, *beside], [HEAD, *RECEIVED]] if first else [[HEAD, *RECEIVED], [HEAD, *beside]]
    markup = "".join(
        "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows) + "</table>"
        for rows in tables
    )
    assert _flags_of(read_document(markup.encode())) == expected
    for joint in ("\t", "\n", " "):
        text = "\n上年度\n".join("\n".join(joint.join(row) for row in rows) for rows in tables)
        assert _flags_of(read_document(text.encode())) == expected


def test_a_row_shorter_than_most_without_a_header_is_doubtful() -> None:
    rows = ["（一）收到申请数 件 7 5", "1.当面申请数 件 3 1", "2.传真申请数 件 4", "3.网络申请数 件 2 2"]
    assert _flags_of(read_document("\n".join(rows).encode())) == {("row_longer",)}


def test_a_number_behind_a_label_of_a_column_of_labels_is_doubtful() -> None:
    """All labels first, then all numbers: the page number between two labels is none of them."""
    labels = [*(row[0] for row in RECEIVED[:2]), "4", RECEIVED[2][0]]
    report = read_document("\n".join([HEAD[0], HEAD[2], *labels, *map(str, range(20))]).encode())
    assert [(f.indicator, f.value) for f in report.figures if f.status == "reported"] == [
        ("apply.received.in_person", 4)
    ]
    assert _flags_of(report) == {("label_around",)}
