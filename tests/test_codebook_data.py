"""The codebook's CSV files: complete forms, targets that exist, expressions that name real indicators."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

CODEBOOK = Path(__file__).parent.parent / "data" / "codebook"
TERM = re.compile(r"^(?P<code>\{row\}|\d+|[a-z][\w.]*?(?:\.\*)?)(?:@(?P<applicant>[a-z_.]+))?(?P<lag>\[t-1\])?$")
IDENTITIES = {"=", "<=", ">="}
NAMED_RULES = {
    "above_median", "all_zero_if", "copy_other", "copy_previous", "decimal", "same_year", "integer", "items_misfiled",
    "no_number", "none", "prose", "prose_some", "ratio", "share", "signed_integer", "unit_doubtful", "zero_decisions",
    "zero_or_blank",
}  # fmt: skip

Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (CODEBOOK / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


INDICATORS = read("indicators.csv")
APPLICANTS = [row["applicant"] for row in read("applicants.csv")]
CHECKS = read("checks.csv")
CODES = {
    form: {row["indicator"] for row in INDICATORS if row["form"] == form} for form in ("2008", "2014", "2019", "2021")
}


def cells(form: str) -> Counter[str]:
    per_table: Counter[str] = Counter()
    for row in INDICATORS:
        if row["form"] == form:
            per_table[row["table"]] += len(APPLICANTS) if row["axis"] == "applicant" else 1
    return per_table


def unknown_terms(expression: str, form: str) -> list[str]:
    """Terms of an expression that name no indicator or applicant of the form."""
    unknown = []
    for term in re.split(r" [+-] ", expression) if expression else []:
        match = TERM.match(term)
        if not match or match["applicant"] not in {None, *APPLICANTS}:
            unknown.append(term)
            continue
        code = match["code"]
        prefix = code.removesuffix("*")
        known = code == "{row}" or code.isdigit() or code in CODES[form]
        if not known and not (prefix != code and any(name.startswith(prefix) for name in CODES[form])):
            unknown.append(term)
    return unknown


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("2019", {"2": 22, "3": 23 * 7, "4": 15}),
        ("2021", {"2": 10, "3": 25 * 7, "4": 15, "6": 3}),
        ("2014", {"T": 58}),
        ("2008", {"A": 35, "B": 2, "N": 4}),
    ],
)
def test_every_cell_of_a_form_is_declared(form: str, expected: dict[str, int]) -> None:
    assert cells(form) == expected


def test_statutory_tables_add_up_to_198_and_200_cells() -> None:
    totals = {form: sum(n for table, n in cells(form).items() if table in "234") for form in ("2019", "2021")}
    assert totals == {"2019": 198, "2021": 200}


def test_an_indicator_stands_once_in_a_form_and_positions_are_unique() -> None:
    assert not [key for key, n in Counter((r["form"], r["indicator"]) for r in INDICATORS).items() if n > 1]
    assert not [key for key, n in Counter((r["form"], r["table"], r["position"]) for r in INDICATORS).items() if n > 1]


def test_statutory_positions_run_from_one_without_gaps() -> None:
    for form, table, last in [
        ("2019", "2", 22),
        ("2019", "3", 23),
        ("2019", "4", 15),
        ("2021", "2", 10),
        ("2021", "3", 25),
    ]:
        positions = [int(r["position"]) for r in INDICATORS if (r["form"], r["table"]) == (form, table)]
        assert positions == list(range(1, last + 1)), (form, table)


def test_a_cell_is_found_by_its_labels_alone() -> None:
    keys = Counter(
        (r["form"], r["table"], r["block"], r["row_label"], r["column_label"])
        for r in INDICATORS
        if r["form"] != "2008"
    )
    assert not [key for key, n in keys.items() if n > 1]


def test_labels_units_and_types_are_filled() -> None:
    assert not [r["indicator"] for r in INDICATORS if not (r["label"] and r["label_en"] and r["value_type"])]
    assert {r["value_type"] for r in INDICATORS} == {"integer", "signed_integer", "decimal"}
    unitless = {r["indicator"] for r in INDICATORS if not r["unit"]}
    assert unitless == {"procure.central.amount", "g1.fee.charged", "g1.fee.waived"}


def test_labels_differ_within_a_form() -> None:
    assert not [key for key, n in Counter((r["form"], r["label"]) for r in INDICATORS).items() if n > 1]


@pytest.mark.parametrize(
    ("form", "indicator", "expected"),
    [
        ("2019", "permit.licence.items_change", ("第二十条第(五)项", "行政许可", "本年增/减", "项")),
        ("2019", "proactive.normdocs.made_new", ("第二十条第(一)项", "规范性文件", "本年新制作数量", "件")),
        ("2021", "proactive.normdocs.issued", ("第二十条第(一)项", "行政规范性文件", "本年制发件数", "件")),
        ("2021", "fee.admin.amount", ("第二十条第(八)项", "行政事业性收费", "本年收费金额(单位:万元)", "万元")),
        ("2021", "apply.result.denied.state_secret", ("三、本年度办理结果>(三)不予公开", "1.属于国家秘密", "", "件")),
        ("2021", "apply.carried_out", ("", "四、结转下年度继续办理", "", "件")),
        ("2021", "review.suit_after_recon.pending", ("行政诉讼>复议后起诉", "", "尚未审结", "件")),
    ],
)
def test_a_cell_carries_the_labels_of_the_form(form: str, indicator: str, expected: tuple[str, ...]) -> None:
    (row,) = [r for r in INDICATORS if (r["form"], r["indicator"]) == (form, indicator)]
    assert (row["block"], row["row_label"], row["column_label"], row["unit"]) == expected


def test_applicants_are_the_seven_columns_of_table_three() -> None:
    assert APPLICANTS == [
        "natural_person",
        "org.business",
        "org.research",
        "org.public_interest",
        "org.legal_service",
        "org.other",
        "total",
    ]


def test_variants_point_at_labels_that_exist() -> None:
    targets = {
        "row": {r["row_label"] for r in INDICATORS},
        "column": {r["column_label"] for r in INDICATORS},
        "block": {r["block"] for r in INDICATORS},
        "applicant": set(APPLICANTS),
        "section": set("123456"),
    }
    variants = read("label_variants.csv")
    assert not [v for v in variants if v["target"] not in targets[v["kind"]] or v["target"] == v["variant"]]
    assert not [key for key, n in Counter((v["kind"], v["variant"]) for v in variants).items() if n > 1]
    assert {v["target"] for v in variants if v["kind"] == "section"} == set("123456")


def test_checks_name_indicators_of_their_forms() -> None:
    unknown = {
        (check["check"], form, side): terms
        for check in CHECKS
        for form in check["forms"].split()
        for side in ("left", "right")
        if check["level"] == "report"
        and (side, check["op"]) not in {("right", "prose"), ("right", "prose_some")}
        and (terms := unknown_terms(check[side], form))
    }
    assert not unknown


def test_prose_names_known_indicators_and_checks_name_known_statements() -> None:
    prose = read("prose.csv")
    assert {row[f"form_{form}"] for row in prose for form in CODES} - {""} <= set.union(*CODES.values())
    assert {c["right"] for c in CHECKS if c["op"].startswith("prose")} <= {row["statement"] for row in prose}


def test_release_checks_name_indicators_of_one_of_their_forms() -> None:
    for check in CHECKS:
        if check["level"] == "release":
            for side in ("left", "right"):
                missing = [set(unknown_terms(check[side], form)) for form in check["forms"].split()]
                assert not set.intersection(*missing), check["check"]


def test_checks_use_known_words() -> None:
    assert {c["level"] for c in CHECKS} == {"report", "release"}
    assert {c["axis"] for c in CHECKS} == {"", "applicant", "part", "row"}
    assert {c["severity"] for c in CHECKS} == {"hard", "soft", "note"}
    assert {c["origin"] for c in CHECKS} == {"official", "implied", "derived"}
    assert {c["op"] for c in CHECKS} - IDENTITIES == NAMED_RULES
    assert not [c["check"] for c in CHECKS if c["op"] in IDENTITIES and not (c["left"] and c["right"])]
    assert not [c["check"] for c in CHECKS if not (c["label"] and c["label_en"])]


def test_a_check_stands_once_per_form() -> None:
    keys = Counter((c["check"], form) for c in CHECKS for form in c["forms"].split())
    assert not [key for key, n in keys.items() if n > 1]


def test_every_check_is_there() -> None:
    families = {re.sub(r"(?<=\d)[a-f]$", "", c["check"]) for c in CHECKS}
    expected = {f"S3-{n}" for n in range(1, 7)} | {f"S4-{n}" for n in range(1, 5)} | {f"S2-{n}" for n in range(1, 8)}
    expected |= {"TX-1", "TX-2"} | {f"T-{n}" for n in range(1, 16)}
    expected |= {f"Y-{n:02}" for n in range(1, 7)} | {f"P-{n:02}" for n in range(1, 12)}
    assert families == expected


def test_crosswalk_series_name_indicators_of_their_forms() -> None:
    series = read("crosswalk.csv")
    assert len({row["series"] for row in series}) == len(series) == 20
    unknown = {
        (row["series"], form): terms
        for row in series
        for form in CODES
        if (terms := unknown_terms(row[f"form_{form}"], form))
    }
    assert not unknown


def test_files_are_plain_csv() -> None:
    for path in sorted(CODEBOOK.glob("*.csv")):
        data = path.read_bytes()
        assert b"\r" not in data and data.endswith(b"\n") and not data.startswith(b"\xef\xbb\xbf"), path.name
        widths = {len(row) for row in csv.reader(data.decode("utf-8").splitlines())}
        assert len(widths) == 1, path.name
