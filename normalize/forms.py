"""Grids to figures of the forms, by label; what is left over is recorded.

The forms 2019 and 2021: notices 国办公开办函〔2019〕60号 and 〔2021〕30号, sections two, three and four. The older ones
are read by ``normalize.statistics`` (2014) and ``normalize.annexes`` (2008).
The table decides which form a report follows, never its year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.align import is_blank
from normalize.annexes import annex_tables
from normalize.codebook import find_label
from normalize.model import NOT_READ, Figure, Leftover
from normalize.row_table import has_stub
from normalize.sheet import COPIES, MAX_LEFTOVER_TEXT, Row, Sheet
from normalize.statistics import statistics_tables
from normalize.table_four import TableFour
from normalize.table_three import OTHER_GROUP, SINGLE_OTHER, TableThree
from normalize.table_two import TableTwo

if TYPE_CHECKING:
    from normalize.grid import Grid

_FIRST_YEAR_OF_2021 = 2021
# A label and a number.
_CHART = 2


@dataclass(slots=True)
class Reading:
    """What the grids of one document hold: the form, its cells, and what could not be placed."""

    form: str
    figures: list[Figure]
    leftovers: list[Leftover]
    flags: list[str]


@dataclass(slots=True)
class _Reader:
    """Sends each row to the table that its labels name; ``section`` is the table of the rows before it."""

    sheet: Sheet = field(default_factory=Sheet)
    two: TableTwo = field(default_factory=TableTwo)
    three: TableThree = field(default_factory=TableThree)
    four: TableFour = field(default_factory=TableFour)
    section: str = ""

    def read_table(self, grid: Grid, number: int, flags: tuple[str, ...]) -> None:
        """Read one grid, the ``number``-th of the document."""
        sheet, before = self.sheet, len(self.sheet.found)
        rows_before = sheet.rows
        sheet.used.clear()
        if not (self.section == "4" and self.four.open_header()):
            self.section = ""
        rows = [
            Row(grid, number, row_no, cells, [find_label(cell.text) for cell in cells], flags, grid.page_of(row_no))
            for row_no, cells in enumerate(grid.rows)
        ]
        if NOT_READ in flags:
            sheet.note_unread(rows)
            return
        is_chart = _is_chart(rows)
        for row in () if is_chart else rows:
            self.read_row(row)
        self.four.close(sheet)
        if sheet.rows == rows_before and not is_chart:
            sheet.note_unread(rows)
        used, reason = sheet.used, "no_place" if self.section or len(sheet.found) > before else "not_statutory"
        sheet.leftovers.extend(
            Leftover(number, row.row_no, cell.col, cell.text[:MAX_LEFTOVER_TEXT], reason)
            for row in rows
            for cell, label in zip(row.cells, row.labels, strict=True)
            if label is None and id(cell) not in used and cell.row == row.row_no and not is_blank(cell.text)
        )

    def read_row(self, row: Row) -> None:
        """Read one row by the kinds of its labels."""
        kinds, sheet = row.kinds(), self.sheet
        if "block" in kinds:
            self.section = "2"
            self.two.new_block()
        if "column2" in kinds:
            self.section = "2"
            self.two.read_header(row, sheet)
        elif "row2" in kinds:
            self.section = "2"
            self.two.read_row(row, sheet)
        elif leaf := self.three.leaf(row, inside=self.section == "3"):
            self.section = "3"
            self.three.read_row(row, leaf, sheet)
        elif self._is_header3(row, kinds):
            self.three.read_header(row, sheet, first=self.section != "3")
            self.section = "3"
        elif (self.section == "4" or "group4" in kinds) and self.four.read_named_row(row, sheet):
            self.section = "4"
        elif kinds & {"column4", "group4"}:
            self.four.read_header(row, sheet, first=self.section != "4")
            self.section = "4"
        elif self.section == "4" and kinds <= {"total"}:
            self.four.read_row(row, sheet)
        elif self.section in ("2", "3") and not kinds:
            sheet.read_unlabelled(row)

    def _is_header3(self, row: Row, kinds: set[str]) -> bool:
        """Applicants, or words that stand above or beside them in the header only."""
        if "applicant" in kinds or any(label and (label.kind, label.code) == ("heading", "3") for label in row.labels):
            return True
        return self.section == "3" and self.three.open_header() and bool(kinds & {"other", "total"})


def _is_chart(rows: list[Row]) -> bool:
    """Whether a table only gives one number for each result, as text beside the form does: 予以公开 12."""
    if not rows or any(len(row.cells) > _CHART or row.row_no in row.grid.loose for row in rows):
        return False
    head = {label.kind for label in rows[0].labels if label}
    return not head & {"applicant", "total"} and any(
        label and label.kind == "row3" for row in rows for label in row.labels
    )


def read_grids(grids: list[Grid], table_flags: list[tuple[str, ...]], year: int) -> Reading:
    """Place the cells of a document's grids on the form that they follow.

    ``table_flags`` are the flags of each grid's source table; ``year`` is the report year (0: unknown), used only where
    the tables hold nothing that tells the forms apart. The figures are all cells of the form in its order
    (41 of 2008, 58 of 2014, 198 of 2019, 200 of 2021; 207 where a report of 2021 prints the older single row
    （六）其他处理), ``missing`` where the document has none; no figures where it holds no statutory cell at all.
    A table of one figure a row is never searched for the cells of the newer forms, which share words with it.
    """
    tables = list(enumerate(zip(grids, table_flags, strict=True)))
    stubbed = {number for number, (grid, _) in tables if has_stub(grid)}
    reader = _Reader()
    for number, (grid, flags) in tables:
        if number not in stubbed:
            reader.read_table(grid, number, flags)
    if not reader.sheet.found and (older := _read_rows(tables, year)):
        return older
    for number, (grid, flags) in tables:
        if number in stubbed:
            reader.read_table(grid, number, flags)
    sheet = reader.sheet
    if COPIES in sheet.flags:
        sheet.doubt_single()
    sheet.doubt_unread()
    form = _form(sheet, year)
    return Reading(form, _all_cells(sheet, form), sheet.leftovers, sorted(sheet.flags))


def _read_rows(tables: list[tuple[int, tuple[Grid, tuple[str, ...]]]], year: int) -> Reading | None:
    """The form of one figure a row of which the tables hold more, or None where they hold none."""
    readers = (statistics_tables(year), annex_tables(year))
    for reader in readers:
        for number, (grid, flags) in tables:
            reader.read_table(grid, number, flags)
    best = max(readers, key=lambda reader: len(reader.sheet.found))
    sheet = best.sheet
    if not sheet.found:
        return None
    sheet.doubt_unread()
    return Reading(best.form, _all_cells(sheet, best.form), sheet.leftovers, sorted(sheet.flags))


def _form(sheet: Sheet, year: int) -> str:
    """The form that the labels show; the year only where nothing else tells, with a flag."""
    seen = sheet.seen()
    older, newer = (len(seen & codebook.only_in(form)) for form in codebook.TABLE_FORMS)
    if older and newer:
        sheet.flags.add("form_mixed")
    if older or newer:
        return "2019" if older > newer else "2021"
    if seen & set(OTHER_GROUP):
        return "2021"
    if SINGLE_OTHER in seen:
        return "2019"
    if not seen:
        return ""
    sheet.flags.add("form_from_year")
    return "2019" if 0 < year < _FIRST_YEAR_OF_2021 else "2021"


def _all_cells(sheet: Sheet, form: str) -> list[Figure]:
    if not form:
        return []
    cells = list(codebook.form_cells(form))
    if form == "2021" and SINGLE_OTHER in sheet.seen():
        # The older single row is kept as printed; the three that replaced it are missing.
        sheet.flags.add("form_mixed")
        if set(OTHER_GROUP) & sheet.seen():
            # Beside one of the three it is rather the heading of their group, whose first label was lost.
            sheet.doubt([(SINGLE_OTHER, applicant) for applicant in codebook.applicant_codes()], "group_row")
        place = next(index for index, (code, _) in enumerate(cells) if code in OTHER_GROUP)
        cells[place:place] = [(SINGLE_OTHER, applicant) for applicant in codebook.applicant_codes()]
    found = dict(sheet.found)
    figures = [found.pop(cell) if cell in found else Figure(*cell, None, "", "missing", "") for cell in cells]
    sheet.leftovers.extend(
        Leftover(f.table_no, f.row_no, f.col_no, f.raw[:MAX_LEFTOVER_TEXT], "other_form") for f in found.values()
    )
    return figures
