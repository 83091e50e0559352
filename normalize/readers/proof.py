"""Numbers of a scan proved by the sums that the forms print; a row that does not add up is read again.

Table three: the seventh value of a row is the sum of six. Table four: the fifth value of each group is the sum of four
(notices 国办公开办函〔2019〕60号 and 〔2021〕30号). Every value of the two tables stands in exactly one such sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from normalize.readers.stitch import PageCell, PageTable

_APPLICANTS, _RESULTS, _GROUPS = 7, 5, 3
DOUBTFUL, UNPROVEN = "ocr_doubtful", "ocr_unproven"


def prove(table: PageTable, again: Callable[[PageCell], list[str]]) -> None:
    """Read the cells of sums that fail once more, and mark those that stay in doubt.

    ``again`` gives other readings of a cell. Where another reading of one cell alone makes its sum hold, that reading
    counts; the cell is marked all the same. Where none or several do, all cells of the sum are marked.
    """
    for cells in sums(table):
        if _holds([cell.text for cell in cells]):
            continue
        cures = [
            (cell, text)
            for index, cell in enumerate(cells)
            for text in dict.fromkeys(again(cell))
            if _holds([text if place == index else other.text for place, other in enumerate(cells)])
        ]
        doubted = cells
        if len(cures) == 1:
            cures[0][0].text = cures[0][1]
            doubted = [cures[0][0]]
        for cell in doubted:
            if DOUBTFUL not in cell.flags:
                cell.flags = (*cell.flags, DOUBTFUL)


def proven_cells(table: PageTable) -> list[PageCell]:
    """The cells of the sums that hold."""
    return [cell for cells in sums(table) if _holds([cell.text for cell in cells]) for cell in cells]


def sums(table: PageTable) -> list[list[PageCell]]:
    """The cells of each sum that a table prints, its total last, where all of them are numbers."""
    found: list[list[PageCell]] = []
    for row in table.rows():
        values: list[PageCell] = []
        for cell in reversed(row):
            if not cell.text.isascii() or not cell.text.isdecimal():
                break
            values.insert(0, cell)
        if len(values) == _RESULTS * _GROUPS:
            found += [values[start : start + _RESULTS] for start in range(0, len(values), _RESULTS)]
        elif len(values) == _APPLICANTS:
            found.append(values)
    return found


def _holds(texts: list[str]) -> bool:
    return all(map(str.isdecimal, texts)) and sum(map(int, texts[:-1])) == int(texts[-1])
