"""Money whose unit is in doubt: none is printed, or 元 stands where 万元 is meant. Flagged, never converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from normalize.model import Figure

MISSING = "unit_missing"
SUSPECT = "unit_suspect"
UNCLEAR = "unit_unclear"

_YUAN = {"元": 1.0, "万元": 1e4, "亿元": 1e8}
_PROJECTS = "procure.central.projects"
# In yuan, far beyond what such bodies report: fees of 淮安市 2024 are 96,171.6万元, of 宿迁市 2023 59,237万元.
_MOST = {
    "fee.admin.amount": {"province": 1e11, "city": 2e9, "county": 1e9, "": 1e8},
    "procure.central.amount": {"province": 1e12, "city": 5e10, "county": 5e9, "": 5e8},
    "fee.request_charges": {"province": 1e8, "city": 1e7, "county": 1e6, "": 1e6},
    "org.budget": {"province": 1e9, "city": 3e8, "county": 1e8, "": 5e7},
}
# A purchase below this many yuan was hardly counted in yuan.
_LEAST_A_PROJECT = 1_000


def doubt_units(figures: list[Figure], body_level: str) -> list[Figure]:
    """The figures, money whose unit is missing or cannot be right with a flag.

    ``unit_missing`` where neither cell nor header prints one; ``unit_suspect`` where the amount in its printed unit is
    beyond what a body of that level reports, or below 1,000 yuan for each purchase (checks P-04 and P-05).
    """
    money = [place for place, figure in enumerate(figures) if figure.indicator in _MOST and figure.value]
    if not money:
        return figures
    projects = next((figure.value for figure in figures if figure.indicator == _PROJECTS), None)
    found = figures.copy()
    for place in money:
        found[place] = _doubt(figures[place], body_level, projects)
    return found


def _doubt(figure: Figure, body_level: str, projects: float | None) -> Figure:
    if figure.unit not in _YUAN:
        return figure if UNCLEAR in figure.flags else replace(figure, flags=(*figure.flags, MISSING))
    yuan = abs(figure.value or 0) * _YUAN[figure.unit]
    most = _MOST[figure.indicator]
    too_much = yuan > most.get(body_level, most[""])
    bought = projects if figure.indicator.startswith("procure.") else None
    too_little = bought is not None and yuan < _LEAST_A_PROJECT * bought
    return replace(figure, flags=(*figure.flags, SUSPECT)) if too_much or too_little else figure
