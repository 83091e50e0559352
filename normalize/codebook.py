"""The codebook: forms, indicators, labels and checks, read from ``data/codebook`` and nowhere else."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

from rapidfuzz import fuzz, process

from normalize.fold import bare_label_key, key_of, label_key, squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).resolve().parent.parent / "data" / "codebook"
TABLE_FORMS = ("2019", "2021")
# Indicators of form 2021 that the form asks for in words only.
PROSE_TABLE = "6"

LabelKind = Literal[
    "block", "stub", "row2", "column2", "row3", "group3", "applicant", "other", "total", "column4", "group4", "heading"
]


class CodebookError(Exception):
    """A file of the codebook is damaged; names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of one form; ``position`` orders the cells of a table."""

    form: str
    table: str
    position: int
    code: str
    axis: str
    block: str
    row_label: str
    column_label: str
    label: str
    label_en: str
    unit: str
    value_type: str
    note: str


@dataclass(frozen=True, slots=True)
class Applicant:
    """One column of table three."""

    code: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Flag:
    """What is doubtful or was bent; ``of`` is what carries the flag: figure, report or panel."""

    code: str
    of: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One identity; see ``normalize.checks`` for the grammar of ``left`` and ``right``."""

    check: str
    forms: tuple[str, ...]
    level: str
    axis: str
    left: str
    op: str
    right: str
    severity: str
    origin: str
    label: str
    label_en: str
    note: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a printed label names: its kind and the code it stands for."""

    kind: LabelKind
    code: str
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class RowLabel:
    """What the label of a row of form 2008 or 2014 stands for.

    ``codes`` are the indicators that the form prints under it, none for a heading.
    """

    codes: tuple[str, ...]
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure that reports state in prose; ``normalize.narrative`` says how the words are used.

    ``codes`` maps a form to the indicator that the figure is of.
    """

    name: str
    codes: dict[str, str]
    units: frozenset[str]
    endings: tuple[str, ...]
    after: str
    needs: str
    near: str
    topic: str
    excludes: str
    stock: bool


# What is unique within each table.
_KEYS = {
    "applicants.csv": ("applicant",),
    "checks.csv": ("check", "forms"),
    "crosswalk.csv": ("series",),
    "flags.csv": ("flag", "of"),
    "indicators.csv": ("form", "indicator"),
    "label_variants.csv": ("kind", "variant"),
    "prose.csv": ("statement", "endings", "after", "needs", "near"),
}


class _Line(dict[str, str]):
    """A line of a table by column; a column that is asked for and not there is a fault of the table."""

    def __init__(self, path: Path, cells: Mapping[str, str]) -> None:
        super().__init__(cells)
        self._path = path

    def __missing__(self, column: str) -> NoReturn:
        raise CodebookError(f"{self._path}: no column {column}; restore the table from the repository")


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table of the codebook.

    Raises CodebookError where it cannot be read, a line has not the columns of the first, or a code stands twice; so
    does asking a row for a column that the table lacks.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows: list[dict[str, str]] = [_Line(path, row) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CodebookError(f"{path}: cannot be read ({error}); restore it from the repository") from error
    seen: dict[tuple[str, ...], int] = {}
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise CodebookError(f"{path}, line {line}: not the columns that the table has; correct the line")
        key = tuple(row[column] for column in _KEYS[path.name])
        if (first := seen.setdefault(key, line)) != line:
            named = " ".join(filter(None, key))
            raise CodebookError(f"{path}, line {line}: {named} stands in line {first} already; remove one of them")
    return rows


def _rows(name: str) -> list[dict[str, str]]:
    return read_table(FOLDER / name)


@cache
def indicators() -> tuple[Indicator, ...]:
    """All indicators in the order of their forms, tables and positions."""
    found: list[Indicator] = []
    for line, row in enumerate(_rows("indicators.csv"), 2):
        if not row["position"].isdecimal():
            raise CodebookError(f"{FOLDER / 'indicators.csv'}, line {line}: position is no number; correct the line")
        found.append(
            Indicator(
                row["form"], row["table"], int(row["position"]), row["indicator"], row["axis"], row["block"],
                row["row_label"], row["column_label"], row["label"], row["label_en"], row["unit"], row["value_type"],
                row["note"],
            )
        )  # fmt: skip
    return tuple(found)


@cache
def applicants() -> tuple[Applicant, ...]:
    """The seven columns of table three, in the form's order."""
    return tuple(Applicant(row["applicant"], row["label"], row["label_en"]) for row in _rows("applicants.csv"))


@cache
def applicant_codes() -> tuple[str, ...]:
    """The seven applicant codes, in the form's order; the last is ``total``."""
    return tuple(applicant.code for applicant in applicants())


@cache
def flags() -> tuple[Flag, ...]:
    """All flags, by what carries them."""
    return tuple(Flag(row["flag"], row["of"], row["label"], row["label_en"]) for row in _rows("flags.csv"))


@cache
def check_rules() -> tuple[CheckRule, ...]:
    """All checks, those inside one report and those across reports."""
    return tuple(
        CheckRule(
            row["check"], tuple(row["forms"].split()), row["level"], row["axis"], row["left"], row["op"], row["right"],
            row["severity"], row["origin"], row["label"], row["label_en"], row["note"],
        )
        for row in _rows("checks.csv")
    )  # fmt: skip


@cache
def form_indicators(form: str, table: str = "") -> tuple[Indicator, ...]:
    """The indicators of one form in the order of its cells, of one table where ``table`` is given."""
    return tuple(i for i in indicators() if i.form == form and table in ("", i.table))


@cache
def form_cells(form: str) -> tuple[tuple[str, str], ...]:
    """The (indicator, applicant) keys of a form's cells in its order.

    There are 41 for form 2008, 58 for 2014, 198 for 2019 and 200 for 2021.
    """
    return tuple(
        (indicator.code, applicant)
        for indicator in form_indicators(form)
        if indicator.table != PROSE_TABLE
        for applicant in (applicant_codes() if indicator.axis else ("",))
    )


@cache
def by_code(code: str) -> Indicator | None:
    """An indicator by its code, the newest form's where several hold it."""
    found = [i for i in indicators() if i.code == code]
    return found[-1] if found else None


@cache
def value_type(code: str) -> str:
    """What an indicator counts: ``integer``, ``signed_integer`` or ``decimal``; ``integer`` where it is unknown."""
    indicator = by_code(code)
    return indicator.value_type if indicator else "integer"


@cache
def table3_rows() -> tuple[Indicator, ...]:
    """The rows of table three of both forms in one order, the older row （六）其他处理 before the newer three."""
    order: dict[str, tuple[int, int, Indicator]] = {}
    for form in TABLE_FORMS:
        for indicator in form_indicators(form, "3"):
            known = order.get(indicator.code)
            if known is None or form == "2021":
                order[indicator.code] = (indicator.position, form == "2021", indicator)
    return tuple(entry[2] for entry in sorted(order.values(), key=lambda entry: entry[:2]))


@cache
def only_in(form: str) -> frozenset[str]:
    """The indicators of table two that only this one of the two forms has: they tell the forms apart."""
    own = {i.code for i in form_indicators(form, "2")}
    return frozenset(own - {i.code for other in TABLE_FORMS if other != form for i in form_indicators(other, "2")})


@cache
def orders2() -> tuple[tuple[str, ...], ...]:
    """The orders in which the blocks of table two print their columns, as the last parts of the indicators' codes."""
    orders: dict[tuple[str, ...], None] = {}
    for form in TABLE_FORMS:
        rows: dict[tuple[str, str], list[str]] = {}
        for indicator in form_indicators(form, "2"):
            rows.setdefault((indicator.block, indicator.row_label), []).append(indicator.code.rpartition(".")[2])
        orders.update(dict.fromkeys(map(tuple, rows.values())))
    return tuple(orders)


@lru_cache(maxsize=4096)
def begins_column(key: str, column: str) -> bool:
    """Whether a folded text begins the label of a column of table two."""
    labels = (
        i.column_label for form in TABLE_FORMS for i in form_indicators(form, "2") if i.code.endswith(f".{column}")
    )
    return bool(key) and any(label_key(label).startswith(key) for label in labels)


@cache
def version() -> str:
    """Sixteen hex digits that change with any file of the codebook.

    Every table is read for it, so that a damaged one is told before work begins. Raises CodebookError.
    """
    digest = hashlib.sha256()
    for name in sorted(_KEYS):
        read_table(FOLDER / name)
        digest.update(name.encode())
        digest.update((FOLDER / name).read_bytes())
    return digest.hexdigest()[:16]


# Labels that name no cell of their own but tell where in the forms a row stands.
_FIXED: dict[str, Label] = {
    "信息内容": Label("stub", ""),
    "申请人情况": Label("heading", "3"),
    "法人或其他组织": Label("heading", "3"),
    "本列数据的勾稽关系为第一项加第二项之和等于第三项加第四项之和": Label("heading", "3"),
    "本列数据的勾稽关系第一项第二项第三项第四项": Label("heading", "3"),
    "本年度办理结果": Label("group3", "result"),
    "不予公开": Label("group3", "denied"),
    "无法提供": Label("group3", "unavailable"),
    "不予处理": Label("group3", "not_processed"),
    "行政复议": Label("group4", "recon"),
    "行政诉讼": Label("heading", "4"),
    "未经复议直接起诉": Label("group4", "suit_direct"),
    "复议后起诉": Label("group4", "suit_after_recon"),
    "其他": Label("other", ""),
    "总计": Label("total", ""),
    "合计": Label("total", ""),
}  # fmt: skip
_BLOCK_DIGITS = "一五六八九"
# Marks of notes about a label (raised ones begin with ^), and a space that was escaped once too often.
_MARK = r"(?:\^[^\u3400-\u9fff]{1,6}|[①-⑳*＊※†‡]|&(?:nbsp|ensp|emsp);)"
# A row's own number stands before the form's.
_OWN_NUMBER = r"\d{1,3}\s+(?=[一二三四五六七八九十]{1,2}、|[(（]|\d{1,2}[.、．])"
_MARKS = re.compile(rf"^(?:{_OWN_NUMBER}|(?:{_MARK}\s*)+)|(?:\s*{_MARK})+$")
_FUZZY_CUTOFF = 80
_FUZZY_MINIMUM = 4


@cache
def _labels() -> dict[str, Label]:
    """Every folded label of the two forms, the variants included."""
    targets = _targets()
    found = dict(_FIXED)
    for digit in _BLOCK_DIGITS:
        found[f"第二十条第{digit}项"] = found[f"第二十条{digit}项"] = Label("block", digit)
    found["第二十条第"] = Label("block", "")
    printed = [(text, label) for (_, text), label in targets.items()]
    printed += [
        (row["variant"], targets[row["kind"], row["target"]])
        for row in _rows("label_variants.csv")
        if (row["kind"], row["target"]) in targets
    ]
    for text, label in printed:
        for key in (squeeze(text), label_key(text), bare_label_key(text)):
            # One character alone is no label: （四）无, cut off at a page's end, counts only with its number.
            if len(key) > 1:
                found.setdefault(key, label)
    return found


def _targets() -> dict[tuple[str, str], Label]:
    """What the labels of the forms stand for, by kind and the label's text as ``label_variants.csv`` names it."""
    targets: dict[tuple[str, str], Label] = {}
    for indicator in (i for form in TABLE_FORMS for i in form_indicators(form)):
        prefix, _, suffix = indicator.code.rpartition(".")
        if indicator.table == "2":
            targets["row", indicator.row_label] = Label("row2", prefix)
            targets["column", indicator.column_label] = Label("column2", suffix)
        elif indicator.table == "3":
            targets["row", indicator.row_label] = Label("row3", indicator.code)
            if ">" in indicator.block:
                targets["block", indicator.block] = Label("group3", indicator.code.split(".")[2])
        elif indicator.table == "4":
            targets["column", indicator.column_label] = Label("column4", suffix)
    for applicant in applicants():
        label = Label("applicant", applicant.code)
        targets["applicant", applicant.code] = label
        if applicant.label not in _FIXED:
            targets["applicant", applicant.label] = label
    return targets


@lru_cache(maxsize=65536)
def find_label(text: str) -> Label | None:
    """What a printed label stands for, or None where it is no label of the statutory tables.

    Looked up by its folded key, then without remarks in brackets, then without the marks of notes, then by likeness
    where the text is long enough.
    """
    # Most cells are blank or a plain number, and no label is.
    if len(text) > 200 or text.isdecimal() or not text or text.isspace():
        return None
    labels = _labels()
    for key in (squeeze(text), label_key(text), bare_label_key(text)):
        if key in labels:
            return labels[key]
    if (plain := _MARKS.sub("", text)) != text:
        return find_label(plain)
    return _by_likeness(bare_label_key(text))


def _by_likeness(key: str) -> Label | None:
    """The label that a folded text is most like; None where it is like none or several."""
    if len(key) < _FUZZY_MINIMUM or any(char.isdigit() for char in key):
        return None
    labels = _labels()
    best = process.extract(key, _long_keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY_CUTOFF, limit=2)
    if not best:
        return None
    label = labels[best[0][0]]
    # Two different labels that are equally near: nobody can tell which one is meant.
    if len(best) > 1 and labels[best[1][0]] != label and best[0][1] - best[1][1] < 5:
        return None
    return Label(label.kind, label.code, fuzzy=True)


@cache
def _long_keys() -> tuple[str, ...]:
    return tuple(key for key in _labels() if len(key) >= _FUZZY_MINIMUM)


@cache
def section_keys() -> dict[str, str]:
    """The folded headings of the six statutory chapters, each with its number."""
    return {label_key(row["variant"]): row["target"] for row in _rows("label_variants.csv") if row["kind"] == "section"}


@cache
def _header_pattern() -> re.Pattern[str]:
    keys = sorted((key for key, label in _labels().items() if label.kind in ("stub", "column2")), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, keys)))


def split_header(text: str) -> list[str]:
    """The labels of a header of table two that ran together; empty where the text is anything else."""
    if len(text) > 100:
        return []
    key = key_of(text)
    found = _header_pattern().findall(key)
    return found if len(found) > 1 and "".join(found) == key else []


@cache
def row3_keys(code: str) -> tuple[str, ...]:
    """The folded labels of a row of table three, those of the variants included."""
    return tuple(
        key for key, label in _labels().items() if label.kind == "row3" and label.code == code and len(key) > 2
    )


# Forms of one figure a row -----------------------------------------------------------------------------------------

UNCONFIRMED = "unconfirmed"
_AMONG = re.compile(r"^其中[:：]?")
_ROW_CUTOFF = 88
_UNCONFIRMED_CUTOFF = 80


@cache
def _row_labels(form: str) -> dict[str, tuple[str, ...]]:
    """The folded row labels of form 2008 or 2014 and their indicators; the headings have none."""
    variants: dict[str, list[str]] = {}
    for row in _rows("label_variants.csv"):
        if row["kind"] == "row":
            variants.setdefault(row["target"], []).append(row["variant"])
    found: dict[str, tuple[str, ...]] = {}
    for indicator in form_indicators(form):
        for text in (indicator.row_label, *variants.get(indicator.row_label, ())):
            codes = found.setdefault(_row_key(text), ())
            if indicator.code not in codes:
                found[_row_key(text)] = (*codes, indicator.code)
    for indicator in form_indicators(form):
        for part in filter(None, indicator.block.split(">")):
            found.setdefault(_row_key(part), ())
    return found


def _row_key(text: str) -> str:
    return bare_label_key(_AMONG.sub("", squeeze(text)))


@lru_cache(maxsize=16384)
def find_row(form: str, text: str) -> RowLabel | None:
    """What a printed label stands for on form 2008 or 2014, or None where it is none of its rows.

    Looked up by its folded key, then by likeness; rows that no source confirmed may differ more.
    """
    if len(text) > 100:
        return None
    labels, key = _row_labels(form), _row_key(text)
    if key in labels:
        return RowLabel(labels[key])
    if (plain := _MARKS.sub("", text)) != text:
        return find_row(form, plain)
    if len(key) < _FUZZY_MINIMUM or any(char.isdigit() for char in key):
        return None
    best = process.extract(key, labels.keys(), scorer=fuzz.ratio, score_cutoff=_UNCONFIRMED_CUTOFF, limit=2)
    if not best or (len(best) > 1 and best[0][1] - best[1][1] < 5):
        return None
    codes = labels[best[0][0]]
    confirmed = not codes or any(i.note != UNCONFIRMED for i in form_indicators(form) if i.code in codes)
    return None if confirmed and best[0][1] < _ROW_CUTOFF else RowLabel(codes, fuzzy=True)


@cache
def statements() -> tuple[Statement, ...]:
    """What reports state in prose, read from ``prose.csv``."""
    return tuple(
        Statement(
            row["statement"],
            {form: row[f"form_{form}"] for form in ("2008", "2014", "2019", "2021")},
            frozenset(row["units"].split()),
            tuple(row["endings"].split()),
            row["after"],
            row["needs"],
            row["near"],
            row["topic"],
            row["excludes"],
            row["stock"] == "yes",
        )
        for row in _rows("prose.csv")
    )


@cache
def statement_names(form: str) -> dict[str, str]:
    """The indicators of one form that prose states, each with the name of its statement."""
    return {statement.codes[form]: statement.name for statement in statements() if statement.codes.get(form)}
