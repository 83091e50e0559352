"""Text without tables to raw tables: rows of the statutory forms rebuilt around their labels.

Sources that lost their tables print one cell per line or paragraph, cells between pipes or tabs, or whole rows as lines
of a PDF's text layer. Rows are rebuilt as label and values; how many cells a row had is left to the form, so that a row
with too few values stays open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from normalize import codebook
from normalize.align import is_numbering
from normalize.bordered import has_cells, is_table, level, runs, split
from normalize.codebook import Label, find_label
from normalize.fold import squeeze
from normalize.lines import PrintedRow, place_rows
from normalize.model import NOT_READ, RawCell, RawTable
from normalize.sheet import PRINTED, is_numbers
from normalize.values import parse

Mode = Literal["", "header2", "row2", "header3", "row3", "header4", "row4"]

_DIGIT = re.compile(r"\d")
_PAGE_NUMBER = re.compile(
    r"^\s*(?:[-—–－―]{1,2}\s*\d{1,3}\s*[-—–－―]{1,2}|第\s*\d{1,3}\s*页(?:\s*[,，/]?\s*共\s*\d{1,3}\s*页)?"
    r"|page\s*\d{1,3}(?:\s*of\s*\d{1,3})?)\s*$",
    re.IGNORECASE,
)
_VALUE = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?(?:亿元|万元|元|件|项|个)?|[/\-—–]|——|--")
# The second half of a number that was cut.
_REST = re.compile(r"\s*[.,]\d")
_JOINED = re.compile(r"(\D+?)(\d+)")
_SECTIONS = (
    ("2", re.compile(r"^(?:[一二三四五六七八]、)?主动公开政府(?:信息|政府).{0,4}情况")),
    ("3", re.compile(r"^(?:[一二三四五六七八]、)?收到[和的]处理政府信息公开申请")),
    ("4", re.compile(r"^(?:[一二三四五六七八]、)?(?:因?政府信息公开)(?:工作)?(?:被申请)?(?:提起)?行政复议")),
    ("5", re.compile(r"^[一二三四五六七八]、\D{2,}$")),
)
_RESULTS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
_RESULT = re.compile("|".join(_RESULTS))
_GROUPS4 = ("行政复议", "未经复议直接起诉", "复议后起诉")
# The labels above the results in the order in which a text prints them.
_ABOVE4 = ("行政复议", "行政诉讼", "未经复议直接起诉", "复议后起诉")
_GROUP4 = re.compile("|".join(_ABOVE4))
# Words that begin so are a heading, misprinted perhaps, and never the last cell of the row before.
_HEADING = re.compile(
    r"第[一二三四五六七八九十]|[一二三四五六七八九十]{1,2}、|[（(][一二三四五六七八九十]{1,2}[）)]|\d{1,2}[.．、]\D"
)
_ORGANISATIONS = ["org.business", "org.research", "org.public_interest", "org.legal_service", "other"]
_ORDERS3 = (["natural_person", *_ORGANISATIONS, "total"], ["natural_person", "total", *_ORGANISATIONS])
_APPLICANTS = len(codebook.applicant_codes())
# Beside the form's rows, table three has some that are local.
_LOCAL_ROWS = 4
# The label of a row and one number.
_CHART = 2
# Of so many lines one row is read where none is.
_FEW = 8
# So many numbers in a row are a row of table four that lost some.
_FEWEST4 = 2 * len(_RESULTS)
_MAX_VALUE_TEXT = 40
_SHORT_VALUE_TEXT = 12
# From this share of lines with a blank line below, a text prints one cell a paragraph.
_PARAGRAPHS = 0.6
_LONG_TEXT = 60
# A row of table four has fifteen values; a line of far more words is prose, or hostile.
_MOST_PARTS = 60
# A cell that is only an empty line; blank cells between pipes or tabs are empty strings.
_BLANK_LINE = "\n"


def rebuild(text: str) -> list[tuple[RawTable, tuple[str, ...]]]:
    """The statutory tables that a text holds, each with its flags; empty where it holds none."""
    builder = _Builder()
    for line in _lines(text):
        _read_line(builder, line)
    builder.close()
    return builder.tables


@dataclass(slots=True)
class _Line:
    """One printed line or paragraph: its text, and its cells where pipes or tabs keep them apart.

    ``rows`` are those of a whole table that stands in the text as it is.
    """

    text: str
    cells: list[str] | None = None
    rows: list[list[str]] | None = None


def _lines(text: str) -> list[_Line]:
    """Split a text into printed units; blank cells are kept where the layout shows them."""
    text = level(text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"))
    printed = text.split("\n")
    filled = sum(1 for line in printed if line.strip())
    apart = sum(1 for line, below in pairwise(printed) if line.strip() and not below.strip())
    if filled and apart / filled > _PARAGRAPHS:
        units = [
            unit
            for part in text.split("\n\n")
            for unit in ([part] if part.strip().count("\n") < 3 else part.split("\n"))
        ]
        return [line for run in runs(unit.strip("\n") for unit in units) for line in _run(run, paragraphs=True)]
    return [line for run in runs(printed) for line in _run(run, paragraphs=False)]


def _run(run: list[str], *, paragraphs: bool) -> list[_Line]:
    """The lines of a run: one whole table, or line by line."""
    if not has_cells(run[0]):
        return [line for unit in run for line in _plain(unit, blank=paragraphs or unit != "")]
    rows = split(run, _is_head)
    if is_table(rows) and any(_is_head(cell) for row in rows for cell in row):
        return [_Line("", rows=[row for row in rows if row])]
    return [line for unit, row in zip(run, rows, strict=True) for line in _celled(unit, row)]


def _is_head(cell: str) -> bool:
    label = find_label(cell)
    return label is not None and label.kind in ("column2", "applicant", "column4")


def _plain(unit: str, *, blank: bool) -> list[_Line]:
    if not unit.strip():
        return [_Line(_BLANK_LINE)] if blank else []
    return [] if _PAGE_NUMBER.match(unit) else [_Line(unit)]


def _celled(unit: str, cells: list[str]) -> list[_Line]:
    if not cells:
        # A lone pipe opens a row; a pipe behind white space closes a blank cell.
        return [_Line("")] if unit[:1].isspace() else []
    return [_Line(unit, cells) if len(cells) > 1 else _Line(cells[0])]


@dataclass(slots=True)
class _Region:
    """What stands below one header of a statutory table: the labels printed there, its numbers, its rows.

    ``table`` is 2, 3 or 4, nothing outside of them. ``lines`` are those of several cells without a label, ``rows``
    counts what was read.
    """

    table: str = ""
    labels: list[str] = field(default_factory=list)
    blocks: set[str] = field(default_factory=set)
    numbers: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    rows: int = 0

    def table_of_it(self) -> RawTable:
        """A table that only tells what could not be read."""
        lines = [[label] for label in self.labels] + ([self.numbers] if self.numbers else []) + self.lines
        return RawTable([[RawCell(text) for text in line] for line in lines])


@dataclass(slots=True)
class _Builder:
    """Collects labels and values into tables; ``mode`` is what the next cell belongs to.

    ``early``: a value stood behind the header before any label, so that labels may stand behind their values.
    ``unread`` are the headers below which no row could be read, ``count3`` the rows of table three that were printed,
    ``unplaced`` the values of those that could not be told.
    """

    tables: list[tuple[RawTable, tuple[str, ...]]] = field(default_factory=list)
    mode: Mode = ""
    section: str = ""
    header2: list[str] = field(default_factory=list)
    header3: list[Label] = field(default_factory=list)
    header4: list[str] = field(default_factory=list)
    label: str = ""
    printed_label: str = ""
    values: list[str] = field(default_factory=list)
    rows3: list[list[str]] = field(default_factory=list)
    printed: list[PrintedRow] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    last_row3: str = ""
    early: bool = False
    region: _Region = field(default_factory=_Region)
    unread: list[_Region] = field(default_factory=list)
    count3: int = 0
    unplaced: list[str] = field(default_factory=list)

    def doubts(self) -> tuple[str, ...]:
        """What is doubtful about the rows below the header in hand."""
        return ("label_around",) if self.early else ()

    def expected(self) -> int:
        """How many values the row in hand has on the form."""
        return {"row2": len(self.header2), "row3": _APPLICANTS, "row4": 3 * len(_RESULTS)}.get(self.mode, 0)

    def enter(self, table: str) -> None:
        """A header begins, or with an empty name a chapter: of what stood before it, keep what was not read."""
        before = self.region
        # A label of a group may be taken for that of a row; of a whole table, one row is not read then.
        if before.table and _FEW * before.rows <= len(before.lines):
            self.unread.append(before)
        self.region = _Region(table)

    def end_row(self, *, gap: bool = False) -> None:
        """Close the row in hand; ``gap`` where what follows stands outside the table."""
        label, values, mode = self.label, self.values, self.mode
        if gap:
            # Blank lines before a new chapter are layout, not cells.
            while values and values[-1] == _BLANK_LINE:
                values.pop()
        self.label, self.values = "", []
        if mode in ("row2", "row3", "row4"):
            self.mode = ""
        if not values:
            if mode == "row3":
                # A label alone on its line: its values may follow as a printed row.
                self.fragments.append(self.printed_label)
            return
        if mode == "row2" and self.header2:
            self.region.rows += 1
            _emit(self, [["信息内容", *self.header2], [label, *values]], self.doubts())
        elif mode == "row3":
            self.region.rows += 1
            self.count3 += 1
            self.rows3.append([label, *values])
        elif mode == "row4":
            self.add_row4(values)

    def add_below(self, cells: list[str]) -> bool:
        """Put numbers below a row that has none, for they may be its own; False where the row before has some."""
        if self.rows3 and not "".join(self.rows3[-1][1:]).strip():
            self.rows3.append(["", *cells])
            return True
        rows = self.tables[-1][0].rows if self.tables and self.region.table == "2" else []
        if rows and not "".join(cell.text for cell in rows[-1][1:]).strip():
            rows.append([RawCell(text) for text in ("", *cells)])
            return True
        return False

    def add_row4(self, values: list[str]) -> None:
        """Table four in the form's own layout; the flag says that the header could not be read in full."""
        header4 = squeeze("".join(self.header4))
        above = list(dict.fromkeys(_GROUP4.findall(header4)))
        whole = _RESULT.findall(header4) == list(_RESULTS) * len(_GROUPS4)
        flags = () if whole and above == sorted(above, key=_ABOVE4.index) else ("header_damaged",)
        wanted = len(_GROUPS4) * len(_RESULTS)
        if is_numbering(values[:wanted]):
            # The columns are numbered; the values may follow.
            del values[:wanted]
            if not values:
                self.mode = "header4"
                return
        self.region.rows += 1
        groups = [RawCell(group, colspan=len(_RESULTS)) for group in _GROUPS4]
        header = [RawCell(result) for _ in _GROUPS4 for result in _RESULTS]
        self.tables.append(
            (RawTable([groups, header, [RawCell(value) for value in values]], loose=frozenset((2,))), flags)
        )
        self.header4 = []

    def end_table3(self) -> None:
        """Close table three: first its rows by label, then the rows that the text layer of a PDF printed as lines."""
        header = self.end_rows3()
        placed = place_rows(self.printed, self.fragments)
        known = {id(row.values) for row in placed}
        self.unplaced += [value for row in self.printed if id(row.values) not in known for value in row.values]
        self.count3 += len(self.printed)
        for row in placed:
            # A label around its values reads both ways where a line is missing.
            _emit(self, [*header, [row.label, *row.values]], ("label_around",) if row.around else ())
        self.printed, self.fragments, self.early = [], [], False

    def end_rows3(self) -> list[list[str]]:
        """Close the rows of table three below the header in hand; gives that header."""
        header = [["", *(a.label for a in codebook.applicants())]] if _complete(self.header3) else []
        if not self.header3 and len(self.rows3) > 1 and all(len(row) == _CHART for row in self.rows3):
            # A label and a number each, before any header: a chart of the results.
            self.rows3 = []
        if self.rows3:
            longer = sum(len(row) > 1 + _APPLICANTS for row in self.rows3)
            # Where most rows hold a number more than the form, one that does not has lost one.
            _emit(self, header + self.rows3, self.doubts() + (("row_longer",) if 2 * longer > len(self.rows3) else ()))
            self.rows3 = []
        return header

    def close(self) -> None:
        """Close whatever is open; a table that was not read is told of, so that no other one is taken for it."""
        self.end_row(gap=True)
        self.end_table3()
        self.enter("")
        if self.count3 > len(codebook.table3_rows()) + _LOCAL_ROWS and self.unplaced:
            # More rows than the form has: there are two tables, and what could not be told may be this report's.
            self.unread.append(_Region("3", [a.label for a in codebook.applicants()], numbers=self.unplaced))
        if self.tables:
            for region in self.unread:
                self.tables.append((region.table_of_it(), (NOT_READ,)))


def _complete(header: list[Label]) -> bool:
    """Whether all seven applicants were printed in the form's order, and nothing that the form does not have.

    The total is printed last or, where the header's rows are read one by one, behind 自然人; elsewhere its column may
    stand elsewhere too.
    """
    kinds = list(dict.fromkeys(label.code if label.kind == "applicant" else label.kind for label in header))
    return kinds in _ORDERS3


def _emit(builder: _Builder, rows: list[list[str]], flags: tuple[str, ...] = ()) -> None:
    table = RawTable([[RawCell(text) for text in row] for row in rows], loose=frozenset(range(len(rows))))
    builder.tables.append((table, flags))


# Lines -------------------------------------------------------------------------------------------------------------


def _read_line(builder: _Builder, line: _Line) -> None:
    if line.rows is not None:
        builder.end_row(gap=True)
        builder.enter("")
        builder.mode, builder.header2 = "", []
        builder.tables.append((RawTable([[RawCell(cell) for cell in row] for row in line.rows]), ()))
        return
    if line.cells is not None:
        _read_cells(builder, line.cells)
        _note(builder, line.cells)
    elif not _section(builder, line.text):
        _read_text(builder, line.text)
        _note(builder, [line.text] if find_label(line.text) else line.text.split())


def _read_text(builder: _Builder, text: str) -> None:
    if find_label(text) is None and _read_printed(builder, text):
        return
    for token in _tokens(text):
        _read_token(builder, token)


def _note(builder: _Builder, cells: list[str]) -> None:
    """Remember the labels and numbers of a table as long as no row of it was read."""
    region = builder.region
    if not region.table or region.rows or len(cells) > _MOST_PARTS:
        return
    labels = list(filter(find_label, cells))
    region.labels += labels
    numbers = [cell for cell in cells if cell not in labels and parse(cell).status in PRINTED]
    if labels or len(cells) == 1:
        region.numbers += numbers
    elif numbers or len(cells) >= _APPLICANTS:
        region.lines.append(cells)


def _section(builder: _Builder, text: str) -> bool:
    """Whether a line is a chapter's heading; what was open is closed then."""
    if len(text) > _LONG_TEXT or find_label(text) is not None:
        return False
    key = squeeze(text)
    for section, pattern in _SECTIONS:
        if pattern.match(key):
            builder.end_row(gap=True)
            if section != "3" or builder.section != "3":
                builder.end_table3()
            builder.enter("")
            builder.section = section
            builder.mode = "header4" if section == "4" else ""
            builder.header2 = builder.header2 if section == "2" else []
            return True
    return False


def _tokens(text: str) -> list[str]:
    """A line as one cell, or as several labels of a header that stand beside each other or run together."""
    label = find_label(text)
    if label is not None and not label.fuzzy:
        return [text]
    if joined := codebook.split_header(text):
        return joined
    parts = text.split()
    kinds = {named.kind for part in parts if (named := find_label(part))}
    return parts if len(parts) > 1 and kinds & {"column2", "applicant", "column4", "group4", "stub"} else [text]


def _read_printed(builder: _Builder, text: str) -> bool:
    """Read a line that prints a row: words, then values parted by spaces. False where the line is no such row."""
    parts = text.split()
    if len(parts) > _MOST_PARTS:
        return False
    count = 0
    while count < len(parts) and _VALUE.fullmatch(squeeze(parts[-1 - count])):
        count += 1
    label, values = _leaf_words(parts[: len(parts) - count]), parts[len(parts) - count :]
    if count == _APPLICANTS:
        builder.end_row()
        builder.printed.append(PrintedRow(label, values, len(builder.fragments)))
        builder.region.rows += 1
        return True
    if not label and _is_row4(builder, values):
        builder.end_row()
        builder.add_row4(values)
        builder.mode = ""
        return True
    found = find_label(label) if label and count else None
    if found is None and (split := _label_first(builder, parts)):
        label, values = split
        found = find_label(label)
    if found is not None and found.kind in ("row2", "row3"):
        _start(builder, "row2" if found.kind == "row2" else "row3", label)
        builder.values = values
        builder.end_row()
        return True
    return _read_joined(builder, text)


def _is_row4(builder: _Builder, cells: list[str]) -> bool:
    """Whether cells are a row of table four; one that lost some of them is told by its numbers."""
    count = len(cells)
    return builder.section == "4" and (count == 3 * len(_RESULTS) or (count >= _FEWEST4 and is_numbers(cells)))


def _label_first(builder: _Builder, parts: list[str]) -> tuple[str, list[str]] | None:
    """The label and the values of a line where some are words: 行政许可 37215 减2626 30200."""
    for stop in range(1, len(parts)):
        label = find_label(" ".join(parts[:stop]))
        if label is not None and label.kind in ("row2", "row3") and not label.fuzzy:
            values = parts[stop:]
            wanted = len(builder.header2) if label.kind == "row2" else _APPLICANTS
            return (
                (" ".join(parts[:stop]), values) if len(values) == wanted and any(map(_DIGIT.search, values)) else None
            )
    return None


def _leaf_words(words: list[str]) -> str:
    """The label that names a row, without a group's label before it on the line."""
    for start in range(len(words)):
        text = " ".join(words[start:])
        label = find_label(text)
        if label is not None and (start == 0 or not label.fuzzy):
            return text
    return " ".join(words)


def _read_joined(builder: _Builder, text: str) -> bool:
    """Read a row of table two whose cells ran together: 规章000. One digit a column is taken so, and flagged."""
    match = _JOINED.fullmatch(squeeze(text)) if len(text) <= _LONG_TEXT else None
    label = find_label(match[1]) if match else None
    if match is None or label is None or label.kind != "row2" or not builder.header2:
        return False
    builder.end_row()
    builder.region.rows += 1
    digits = list(match[2]) if len(match[2]) == len(builder.header2) else [match[2]]
    _emit(builder, [["信息内容", *builder.header2], [match[1], *digits]], ("run_together",))
    return True


def _read_cells(builder: _Builder, cells: list[str]) -> None:
    """Read a row whose cells are kept apart: labels, then all values that the row has."""
    labels = [find_label(cell) if cell.strip() else None for cell in cells]
    leaf = max(
        (i for i, label in enumerate(labels) if label and label.kind in ("row2", "row3", "other", "total", "group3")),
        default=None,
    )
    names_row = (
        leaf is not None
        and leaf + 1 < len(cells)
        and not any(label and label.kind in ("applicant", "column2", "column4") for label in labels)
    )
    if names_row and leaf is not None and _row_label(builder, labels, leaf):
        builder.values = cells[leaf + 1 :]
        builder.end_row()
        return
    if not any(labels) and _is_row4(builder, cells):
        builder.end_row()
        builder.add_row4(cells)
        return
    builder.end_row()
    if not any(labels) and is_numbers(cells) and builder.add_below(cells):
        return
    for cell in cells:
        if cell.strip() and (find_label(cell) is not None or builder.mode == "header2"):
            _read_token(builder, cell)


def _row_label(builder: _Builder, labels: list[Label | None], leaf: int) -> bool:
    label = labels[leaf]
    assert label is not None  # noqa: S101 - narrows the type; the caller chose a labelled cell
    if label.kind == "row2":
        _start(builder, "row2", _label_text(label))
        return True
    for earlier in labels[:leaf]:
        if earlier is not None and earlier.kind == "row3":
            builder.last_row3 = earlier.code
    code = _row3_code(builder, label)
    if not code:
        return False
    _start_row3(builder, code)
    return True


# Cells -------------------------------------------------------------------------------------------------------------


def _read_token(builder: _Builder, text: str) -> None:
    label = find_label(text) if text.strip() else None
    if label is None:
        _read_value(builder, text)
        return
    if label.kind in ("block", "stub"):
        _start_header2(builder, label.code)
    elif label.kind == "column2":
        if builder.mode != "header2":
            _start_header2(builder)
        _read_header_part(builder, text)
    elif label.kind == "row2":
        _start(builder, "row2", text)
    elif code := _row3_code(builder, label):
        _start_row3(builder, code)
        builder.printed_label = text
    elif (
        label.kind == "applicant"
        or (label.kind == "heading" and label.code == "3")
        or (builder.mode == "header3" and label.kind in ("other", "total"))
    ):
        _read_header3(builder, label)
    elif label.kind in ("column4", "group4", "total", "heading") and (
        builder.mode in ("header4", "row4") or label.kind == "group4"
    ):
        _read_header4(builder, text)
    elif label.kind == "group3":
        builder.end_row()
        builder.fragments.append(text)


def _start_header2(builder: _Builder, block: str = "") -> None:
    """A header of table two begins; ``block`` is the block whose heading it is, which a table prints once."""
    builder.end_row()
    if builder.region.table != "2" or block in builder.region.blocks:
        builder.enter("2")
    if block:
        builder.region.blocks.add(block)
    builder.mode, builder.header2, builder.early = "header2", [], False


def _start(builder: _Builder, mode: Mode, label: str) -> None:
    builder.end_row()
    builder.mode, builder.label = mode, label


def _start_row3(builder: _Builder, code: str) -> None:
    indicator = codebook.by_code(code)
    _start(builder, "row3", indicator.row_label if indicator else "")
    builder.last_row3 = code


def _label_text(label: Label) -> str:
    """The form's own label of a row of table two."""
    return next(
        i.row_label for i in codebook.indicators() if i.table == "2" and i.code.rpartition(".")[0] == label.code
    )


def _row3_code(builder: _Builder, label: Label) -> str:
    """The row of table three that a label starts; 其他 and 总计 count as rows only where the form has them."""
    if label.kind == "row3":
        return label.code
    begun = builder.mode == "row3" or (builder.mode == "" and bool(builder.rows3))
    if label.kind == "other" and begun and builder.last_row3.startswith("apply.result.other"):
        return "apply.result.other.misc"
    if label.kind == "total" and begun:
        return "apply.result.total"
    return ""


def _read_header3(builder: _Builder, label: Label) -> None:
    builder.end_row()
    if builder.mode != "header3":
        builder.end_rows3()
        builder.enter("3")
        builder.mode, builder.early = "header3", False
        builder.header3 = []
    if label.kind != "heading":
        builder.header3.append(label)


def _read_header4(builder: _Builder, text: str) -> None:
    builder.end_row()
    region = builder.region
    if region.table != "4" or region.rows or region.numbers or region.lines:
        builder.enter("4")
    builder.mode = "header4"
    builder.header4.append(text)


def _read_value(builder: _Builder, text: str) -> None:
    if builder.mode == "header2":
        _read_header_part(builder, text)
    elif builder.mode in ("row2", "row3", "row4"):
        _read_row_value(builder, text)
    elif (
        builder.mode == "header4"
        and text.strip()
        and parse(text).status in ("reported", "not_applicable")
        and _RESULT.search(squeeze("".join(builder.header4)))
    ):
        builder.mode = "row4"
        builder.values = [text]
    elif builder.mode == "header4":
        builder.header4.append(text)
    elif text.strip():
        builder.early = builder.early or (builder.mode == "header3" and parse(text).status == "reported")
        builder.fragments.append(text)


def _read_header_part(builder: _Builder, text: str) -> None:
    """A header label may be cut into two cells: 本年新 / 制作数量."""
    if not text.strip():
        return
    status = parse(text).status
    if status in ("reported", "ambiguous") or len(text) > _LONG_TEXT:
        builder.mode, builder.early = "", status in ("reported", "ambiguous")
        return
    header = builder.header2
    if (
        header
        and find_label(header[-1]) is None
        and (label := find_label(header[-1] + text))
        and label.kind == "column2"
        # What is a label alone may stand beside another that the form does not have.
        and not (label.fuzzy and find_label(text))
    ):
        header[-1] += text
        return
    header.append(text)


def _read_row_value(builder: _Builder, text: str) -> None:
    full = len(builder.values) >= builder.expected()
    if not text.strip():
        if not full:
            builder.values.append(text)
        return
    if parse(text, "signed_integer").status in ("reported", "not_applicable", "ambiguous") or _REST.match(text):
        builder.values.append(text)
        return
    # Words in a row of table three are a cell of it where they hold a number: 约12, 共3件.
    may_be_cell = builder.mode == "row2" or (len(text) <= _SHORT_VALUE_TEXT and _DIGIT.search(text))
    if full or not may_be_cell or len(text) > _MAX_VALUE_TEXT or _HEADING.match(text.strip()):
        builder.end_row(gap=True)
        builder.fragments.append(text)
        return
    builder.values.append(text)
