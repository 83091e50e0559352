"""What a figure that was read is worth against the cell that a person keyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normalize.model import Figure

Row = dict[str, str]
VERDICTS = ("right", "flagged", "lost", "silent")
IN_YUAN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def says(figure: Figure, gold: Row) -> bool:
    """Whether a figure gives the value of the gold cell; money is compared in 元 where both name a unit."""
    if figure.value is None or not gold["value"]:
        return False
    ours, theirs = figure.value, float(gold["value"])
    if figure.unit in IN_YUAN and gold["unit"] in IN_YUAN:
        return round(ours * IN_YUAN[figure.unit], 4) == round(theirs * IN_YUAN[gold["unit"]], 4)
    return ours == theirs


def verdict(gold: Row, figure: Figure | None) -> str:
    """right, flagged, lost or silent."""
    known_gap = gold["status"] in ("missing", "ambiguous")
    if figure is None:
        return "right" if known_gap else "lost"
    claimed = figure.status == "reported"
    if gold["status"] == "reported":
        right = claimed and says(figure, gold)
    else:
        right = figure.status == gold["status"] or (known_gap and not claimed)
    if right:
        return "right"
    return "silent" if claimed and not figure.flags else "flagged"
