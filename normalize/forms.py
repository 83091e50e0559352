"""Grids to figures of the forms 2019 and 2021, by label; what is left over is recorded.

The forms: notices 国办公开办函〔2019〕60号 and 〔2021〕30号, sections two, three and four.
The table decides which form a report follows, never its year.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.align import Column, align, header_columns, is_blank
from normalize.codebook import Label, find_label
from normalize.model import Figure, Leftover
from normalize.values import header_unit, parse

if TYPE_CHECKING:
    from normalize.grid import Grid, GridCell

_OTHER_ROWS = ("apply.result.other", "apply.result.other.no_correction", "apply.result.other.fee_unpaid")
_MISC = "apply.result.other.misc"
_RESULT_TOTAL = "apply.result.total"
_ORDER4 = [i.code for i in codebook.form_indicators("2021", "4")]
_ONLY_2019 = {i.code for i in codebook.form_indicators("2019", "2")} - {i.code for i in codebook.form_indicators("2021", "2")}
_ONLY_2021 = {i.code for i in codebook.form_indicators("2021", "2")} - {i.code for i in codebook.form_indicators("2019", "2")}
_ORDERS2 = {
    tuple(i.code.rpartition(".")[2] for i in codebook.form_indicators(form, "2") if (i.block, i.row_label) == row)
    for form in codebook.TABLE_FORMS
    for row in {(i.block, i.row_label) for i in codebook.form_indicators(form, "2")}
}
_MAX_LEFTOVER_TEXT = 500

Labelled = list[tuple["GridCell", Label | None]]


@dataclass(slots=True)
class Reading:
    """What the grids of one document hold: the form, its cells, and what could not be placed."""

    form: str
    figures: list[Figure]
    leftovers: list[Leftover]
    flags: list[str]


@dataclass(slots=True)
class _Sheet:
    """What has been read so far; headers stay in force when a page break cuts a table in two."""

    year: int
    found: dict[tuple[str, str], Figure] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    columns2: list[Column] = field(default_factory=list)
    header3: list[list[GridCell]] = field(default_factory=list)
    columns3: list[Column] = field(default_factory=list)
    header4: list[list[GridCell]] = field(default_factory=list)
    columns4: list[Column] = field(default_factory=list)
    blank4: tuple[Grid, int, int, list[GridCell]] | None = None
    section: str = ""
    last_row3: str = ""


def read_grids(grids: list[Grid], table_flags: list[tuple[str, ...]], year: int) -> Reading:
    """Place the cells of a document's grids on the form that they follow.

    ``table_flags`` are the flags of each grid's source table; ``year`` is the report year (0: unknown), used only where
    the tables hold nothing that tells the forms apart. The figures are all cells of the form in its order
    (198 of 2019, 200 of 2021), ``missing`` where the document has none.
    """
    sheet = _Sheet(year)
    for number, (grid, flags) in enumerate(zip(grids, table_flags, strict=True)):
        _read_table(sheet, grid, number, flags)
    form = _form(sheet)
    return Reading(form, _all_cells(sheet, form), sheet.leftovers, sorted(sheet.flags))


def _read_table(sheet: _Sheet, grid: Grid, number: int, flags: tuple[str, ...]) -> None:
    before = len(sheet.found)
    unplaced: list[Leftover] = []
    if not _continues(sheet):
        sheet.section = ""
    for row_no, cells in enumerate(grid.rows):
        row = [(cell, None if is_blank(cell.text) else find_label(cell.text)) for cell in cells]
        used = _read_row(sheet, grid, number, row_no, row, flags)
        unplaced.extend(
            Leftover(number, row_no, cell.col, cell.text[:_MAX_LEFTOVER_TEXT], "no_place")
            for cell, label in row
            if cell.row == row_no and label is None and not is_blank(cell.text) and id(cell) not in used
        )
    _flush_blank4(sheet, flags)
    if len(sheet.found) == before and not sheet.section:
        unplaced = [replace(leftover, reason="not_statutory") for leftover in unplaced]
    sheet.leftovers.extend(unplaced)


def _continues(sheet: _Sheet) -> bool:
    """Whether the next table may be the rest of the last one: a header was read and its row is still to come."""
    return sheet.section == "4" and bool(sheet.header4) and not any(code in sheet.seen for code in _ORDER4)


def _read_row(sheet: _Sheet, grid: Grid, number: int, row_no: int, row: Labelled, flags: tuple[str, ...]) -> set[int]:
    """Read one row; the identities of the cells that were understood come back."""
    kinds = {label.kind for cell, label in row if label and cell.row == row_no}
    if "block" in kinds:
        sheet.section, sheet.columns2 = "2", []
    if "column2" in kinds:
        return _header2(sheet, row)
    if "row2" in kinds:
        return _row2(sheet, grid, number, row_no, row, flags)
    if (leaf := _leaf3(sheet, row, row_no)) is not None:
        return _row3(sheet, grid, number, row_no, row, leaf, flags)
    if "applicant" in kinds:
        return _header3(sheet, row)
    if kinds & {"column4", "group4"}:
        return _header4(sheet, row)
    if sheet.section == "3" and not sheet.columns3 and kinds & {"other", "total"}:
        return _header3(sheet, row)
    if sheet.section == "4" and not kinds:
        return _row4(sheet, grid, number, row_no, row, flags)
    if any(label and label.kind == "heading" and label.code == "3" for _, label in row):
        sheet.section, sheet.columns3, sheet.header3 = "3", [], [[cell for cell, _ in row]]
    return set()


# Section two -------------------------------------------------------------------------------------------------------


def _header2(sheet: _Sheet, row: Labelled) -> set[int]:
    sheet.section = "2"
    start = next((i for i, (_, label) in enumerate(row) if label and label.kind == "column2"), 0)
    stub = next((i for i, (_, label) in enumerate(row) if label and label.kind == "stub"), None)
    cells = row[start if stub is None else stub + 1 :]
    while cells and is_blank(cells[-1][0].text):
        cells.pop()
    columns: list[Column] = []
    for cell, label in cells:
        code = label.code if label and label.kind == "column2" else None
        columns.append(Column(code, cell.col, cell.end, header_unit(cell.text), ("label_fuzzy",) if label and label.fuzzy else ()))
    sheet.columns2 = _mend2(columns, [cell.text for cell, _ in cells])
    return {id(cell) for cell, _ in cells}


def _mend2(columns: list[Column], texts: list[str]) -> list[Column]:
    """Give a header that was cut at its line breaks its names back where the form leaves one reading.

    本年新 / 本年新 / 对外公开总数量: the second half of the first two labels is lost; the third and the number of columns
    name the block, whose order is fixed. A label printed twice (本年新制作数量 / 本年新制作数量) likewise.
    """
    codes = [column.code for column in columns]
    if len(set(codes)) == len(codes) and None not in codes:
        return columns
    for order in _ORDERS2:
        if len(order) != len(codes) or not any(code in order for code in codes if code):
            continue
        # A label stands where the form has it, or is a second copy of its neighbour, or is a known beginning.
        fits = (
            code == name or (code is None and _begins(text, name)) or (code is not None and code in codes[:place])
            for place, (code, name, text) in enumerate(zip(codes, order, texts, strict=True))
        )
        if all(fits):
            return [replace(column, code=name, flags=(*column.flags, "header_damaged")) for column, name in zip(columns, order, strict=True)]
    return columns


def _begins(text: str, code: str) -> bool:
    key = codebook.label_key(text)
    return bool(key) and any(
        codebook.label_key(i.column_label).startswith(key) for form in codebook.TABLE_FORMS for i in codebook.form_indicators(form, "2") if i.code.endswith("." + code)
    )


def _row2(sheet: _Sheet, grid: Grid, number: int, row_no: int, row: Labelled, flags: tuple[str, ...]) -> set[int]:
    sheet.section = "2"
    place = next(i for i, (cell, label) in enumerate(row) if label and label.kind == "row2" and cell.row == row_no)
    label = row[place][1]
    assert label is not None  # noqa: S101 - narrows the type; found by the line above
    values = [cell for cell, other in row[place + 1 :] if other is None or other.kind not in ("row2", "column2")]
    columns = sheet.columns2
    if not values or not columns:
        return set()
    codes = [f"{label.code}.{column.code}" if column.code and codebook.by_code(f"{label.code}.{column.code}") else None for column in columns]
    targets = [(code, "") if code else None for code in codes]
    flags += ("label_fuzzy",) if label.fuzzy else ()
    return _place(sheet, grid, number, row_no, values, columns, targets, flags)


# Section three -----------------------------------------------------------------------------------------------------


def _leaf3(sheet: _Sheet, row: Labelled, row_no: int) -> tuple[int, str, bool] | None:
    """Index, code and fuzziness of the label that names a row of table three, or None where the row has no such label or no value."""
    leaf: tuple[int, str, bool] | None = None
    in_other = sheet.last_row3 in _OTHER_ROWS
    for index, (cell, label) in enumerate(row):
        if label is None:
            if leaf is not None:
                break
            continue
        code = ""
        if label.kind == "row3":
            code = label.code
            in_other = in_other or code in _OTHER_ROWS
        elif label.kind == "other" and in_other and leaf_follows(row, index):
            code = _MISC
        elif label.kind == "total" and sheet.section == "3" and leaf_follows(row, index):
            code = _RESULT_TOTAL
        elif label.kind not in ("group3", "other", "total", "heading"):
            return None
        if code and cell.row == row_no:
            leaf = (index, code, label.fuzzy)
    return leaf if leaf is not None and leaf[0] + 1 < len(row) else None


def leaf_follows(row: Labelled, index: int) -> bool:
    """Whether only values stand to the right of a cell, and at least one of them."""
    rest = row[index + 1 :]
    return bool(rest) and all(label is None for _, label in rest)


def _header3(sheet: _Sheet, row: Labelled) -> set[int]:
    if sheet.section != "3" or sheet.columns3:
        sheet.section, sheet.header3 = "3", []
    sheet.columns3 = []
    sheet.header3.append([cell for cell, _ in row])
    return {id(cell) for cell, _ in row}


def _applicant(cell: GridCell) -> str | None:
    label = find_label(cell.text)
    if label is None or label.kind not in ("applicant", "other", "total"):
        return None
    return {"other": "org.other", "total": "total"}.get(label.kind, label.code)


def _columns3(sheet: _Sheet, count: int) -> list[Column]:
    """The columns in force for a row of ``count`` values; the form's own order stands in for a header that is lost or damaged."""
    if not sheet.columns3:
        firsts = [cell.col for row in sheet.header3 for cell in row if _applicant(cell)]
        entries = header_columns(sheet.header3, min(firsts)) if firsts else []
        sheet.columns3 = [Column(_applicant(cell), cell.col, cell.end) for cell, _ in entries]
    codes = [column.code for column in sheet.columns3]
    standard = list(codebook.applicant_codes())
    if None not in codes and sorted(map(str, codes)) == sorted(standard):
        return sheet.columns3
    known = [code for code in codes if code]
    if count == len(standard) and len(codes) <= len(standard) and known == [code for code in standard if code in known]:
        flag = "header_damaged" if known else "header_missing"
        return [Column(code, -1, -1, flags=(flag,)) for code in standard]
    return sheet.columns3


def _row3(sheet: _Sheet, grid: Grid, number: int, row_no: int, row: Labelled, leaf: tuple[int, str, bool], flags: tuple[str, ...]) -> set[int]:
    index, code, fuzzy = leaf
    sheet.section = "3"
    values = [cell for cell, _ in row[index + 1 :]]
    columns = _columns3(sheet, len(values)) or [Column(code, -1, -1) for code in codebook.applicant_codes()]
    if len(values) == len(columns) + 1 and not is_blank(values[0].text) and parse(values[0].text).status == "text":
        # A label that the form does not have stands between group and values: not this row's figures.
        return set()
    sheet.last_row3 = code
    targets = [(code, column.code) if column.code else None for column in columns]
    return _place(sheet, grid, number, row_no, values, columns, targets, flags + (("label_fuzzy",) if fuzzy else ()))


# Section four ------------------------------------------------------------------------------------------------------


def _header4(sheet: _Sheet, row: Labelled) -> set[int]:
    if sheet.section != "4" or sheet.columns4:
        sheet.section, sheet.header4 = "4", []
    sheet.columns4 = []
    sheet.header4.append([cell for cell, _ in row])
    return {id(cell) for cell, _ in row}


def _column4(cell: GridCell, above: list[GridCell]) -> str | None:
    label = find_label(cell.text)
    if label is None or label.kind not in ("column4", "total"):
        return None
    group = next((found.code for upper in reversed(above) if (found := find_label(upper.text)) and found.kind == "group4"), "")
    return f"review.{group}.{label.code or 'total'}" if group else None


def _columns4(sheet: _Sheet, count: int) -> list[Column]:
    if not sheet.columns4:
        firsts = [cell.col for row in sheet.header4 for cell in row if (label := find_label(cell.text)) and label.kind in ("column4", "total")]
        entries = header_columns(sheet.header4, min(firsts)) if firsts else []
        sheet.columns4 = [Column(_column4(cell, above), cell.col, cell.end) for cell, above in entries]
    codes = [column.code for column in sheet.columns4]
    if codes and None not in codes and len(set(codes)) == len(codes):
        return sheet.columns4
    if count == len(_ORDER4):
        return [Column(code, -1, -1, flags=("header_damaged",)) for code in _ORDER4]
    return []


def _row4(sheet: _Sheet, grid: Grid, number: int, row_no: int, row: Labelled, flags: tuple[str, ...]) -> set[int]:
    cells = [cell for cell, _ in row]
    first = min((column.col for column in _columns4(sheet, len(cells))), default=0)
    values = [cell for cell in cells if cell.col >= first]
    columns = _columns4(sheet, len(values))
    if not columns or len(values) < len(columns):
        return set()
    if all(is_blank(cell.text) for cell in values):
        sheet.blank4 = sheet.blank4 or (grid, number, row_no, values)
        return set()
    if any((column.code or "", "") in sheet.found for column in columns):
        sheet.flags.add("several_rows")
        for column in columns:
            known = sheet.found.get((column.code or "", ""))
            if known is not None:
                sheet.found[known.indicator, ""] = replace(known, flags=(*known.flags, "several_rows"))
        return set()
    sheet.blank4 = None
    return _place(sheet, grid, number, row_no, values, columns, [(column.code, "") if column.code else None for column in columns], flags)


def _flush_blank4(sheet: _Sheet, flags: tuple[str, ...]) -> None:
    """A row of blanks under the header of table four is the answer only where no other row gives one."""
    if sheet.blank4 is None:
        return
    grid, number, row_no, values = sheet.blank4
    sheet.blank4 = None
    columns = _columns4(sheet, len(values))
    if any((column.code or "", "") in sheet.found for column in columns):
        return
    _place(sheet, grid, number, row_no, values, columns, [(column.code, "") if column.code else None for column in columns], flags)


# Cells -------------------------------------------------------------------------------------------------------------


def _place(
    sheet: _Sheet,
    grid: Grid,
    number: int,
    row_no: int,
    values: list[GridCell],
    columns: list[Column],
    targets: list[tuple[str, str] | None],
    flags: tuple[str, ...],
) -> set[int]:
    """Put a row's values into their cells; where the alignment is open, all of the row's cells are ``ambiguous``."""
    aligned = align(values, columns, loose=row_no in grid.loose)
    if aligned is None:
        raw = " ".join(cell.text.strip() for cell in values if not is_blank(cell.text))
        for target in targets:
            if target:
                _claim(sheet, Figure(*target, None, "", "ambiguous", raw, flags, grid.page, number, row_no, values[0].col))
        return {id(cell) for cell in values}
    for cell, column, target in zip(aligned, columns, targets, strict=True):
        if target:
            _claim(sheet, _figure(grid, number, row_no, cell, target, flags + column.flags, column.unit))
    return {id(cell) for cell, target in zip(aligned, targets, strict=True) if target}


def _figure(grid: Grid, number: int, row_no: int, cell: GridCell, target: tuple[str, str], flags: tuple[str, ...], unit: str) -> Figure:
    code, applicant = target
    indicator = codebook.by_code(code)
    value_type = indicator.value_type if indicator else "integer"
    value = parse(cell.text, value_type=value_type, unit=unit)
    status, amount = value.status, value.number
    if cell.bottom - cell.row > 1:
        # One cell printed across several rows: whose number it is, nobody can tell.
        status, amount, flags = "ambiguous", None, (*flags, "merged_cell")
    return Figure(code, applicant, amount, value.unit if amount is not None else "", status, cell.text, flags + value.flags, grid.page, number, row_no, cell.col)


def _claim(sheet: _Sheet, figure: Figure) -> None:
    """Record a figure; a second, different one for the same cell makes both doubtful."""
    key = (figure.indicator, figure.applicant)
    sheet.seen.add(figure.indicator)
    known = sheet.found.get(key)
    if known is None:
        sheet.found[key] = figure
        return
    if (known.status, known.value, known.unit) == (figure.status, figure.value, figure.unit):
        return
    sheet.flags.add("copies_differ")
    sheet.found[key] = replace(known, flags=(*known.flags, "copies_differ"))
    sheet.leftovers.append(Leftover(figure.table_no, figure.row_no, figure.col_no, figure.raw[:_MAX_LEFTOVER_TEXT], "second_copy"))


def _form(sheet: _Sheet) -> str:
    """The form that the labels show; the year only where nothing else tells, with a flag."""
    older, newer = len(sheet.seen & _ONLY_2019), len(sheet.seen & _ONLY_2021)
    if older and newer:
        sheet.flags.add("form_mixed")
    if older or newer:
        return "2019" if older > newer else "2021"
    if sheet.seen & {*_OTHER_ROWS[1:], _MISC}:
        return "2021"
    if _OTHER_ROWS[0] in sheet.seen:
        return "2019"
    if not sheet.seen:
        return ""
    sheet.flags.add("form_from_year")
    return "2019" if 0 < sheet.year < 2021 else "2021"


def _all_cells(sheet: _Sheet, form: str) -> list[Figure]:
    if not form:
        return []
    cells = list(codebook.form_cells(form))
    if form == "2021" and _OTHER_ROWS[0] in sheet.seen:
        # The older single row （六）其他处理 inside the newer form is kept as printed.
        sheet.flags.add("form_mixed")
        place = next(index for index, (code, _) in enumerate(cells) if code == _OTHER_ROWS[1])
        cells[place:place] = [(_OTHER_ROWS[0], applicant) for applicant in codebook.applicant_codes()]
    figures = [sheet.found.pop(cell, None) or Figure(*cell, None, "", "missing", "") for cell in cells]
    sheet.leftovers.extend(
        Leftover(figure.table_no, figure.row_no, figure.col_no, figure.raw[:_MAX_LEFTOVER_TEXT], "other_form") for figure in sheet.found.values()
    )
    return figures
