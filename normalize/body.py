"""The body of a report: its level, its scope, and the division it belongs to, from its printed name."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from normalize.divisions import DIVISIONS, STILL_VALID, all_divisions
from normalize.fold import squeeze

Scope = Literal["government", "office", "department", "township", "zone", "unknown"]

_OFFICE = re.compile(r"^(?:人民)?政府?(?:办公[室厅]|办)$|^府办(?:公室)?$|^政务公开办(?:公室)?$")
_GOVERNMENT = re.compile(r"^(?:人民政府|政府|人民)?$")
_DEPARTMENT = re.compile(
    r"(?:局|委|委员会|办|办公室|厅|中心|院|队|支队|大队|站|所|处|会|社|公司|集团|学校|大学|银行|分局)$"
)
_TOWNSHIP = re.compile(
    r"(?:镇|乡|民族乡|街道|街道办|街道办事处|苏木|办事处)(?:人民政府|政府|办事处|党政办公室|党政办)?$"
)
_ZONE = re.compile(r"(?:开发区|高新区|保税区|度假区|示范区|园区|新区|工业园|产业园|试验区)(?:管委会|管理委员会)?$")
_NO_PLACE = re.compile(r"^[本我]?[省市县区旗州盟](?=[\u3400-\u9fff]{2})")
_PLACE = re.compile(r"[省市县区旗州盟]")
_LEVELS = ("province", "city", "county")


@dataclass(frozen=True, slots=True)
class Body:
    """A body: its ``level`` (province, city, county, department, township, zone or unknown) and ``scope``.

    ``division_code`` is empty where the name alone does not tell it.
    """

    name: str
    level: str
    scope: Scope
    division_code: str


@dataclass(frozen=True, slots=True)
class _Name:
    code: str
    name: str
    province: str
    prefecture: str
    level: str
    first: int
    last: int


@lru_cache(maxsize=8192)
def find_body(name: str, year: int, portal_code: str = "") -> Body:
    """What the printed ``name`` of a body says, looked up in the division table of ``year``.

    ``portal_code`` decides between counties of one name. A name that fits several divisions, or none, has no code.
    """
    rest = squeeze(name)
    place: _Name | None = None
    for level in _LEVELS:
        fitting = [n for n in _starting(rest, level, year) if _inside(n, place)]
        longest = [n for n in fitting if len(n.name) == max(len(m.name) for m in fitting)]
        chosen = next((n for n in longest if n.code == portal_code), longest[0] if len(longest) == 1 else None)
        if chosen is not None:
            place, rest = chosen, rest[len(chosen.name) :]
        elif longest:
            # Several counties of that name: the rest of the name still tells its kind.
            return Body(name, *_kind(rest[len(longest[0].name) :], level), division_code="")
    return Body(name, *_kind(rest, place.level if place else ""), division_code=place.code if place else "")


def _kind(rest: str, level: str) -> tuple[str, Scope]:
    """Level and scope from what follows the place's name."""
    if level and _GOVERNMENT.match(rest):
        return level, "government"
    if level and _OFFICE.match(rest):
        return level, "office"
    if _TOWNSHIP.search(rest):
        return "township", "township"
    if _ZONE.search(rest):
        return "zone", "zone"
    if _DEPARTMENT.search(rest):
        return "department", "department"
    return level or "unknown", "unknown"


def _inside(name: _Name, place: _Name | None) -> bool:
    return place is None or place.name in (name.province, name.prefecture)


def _starting(text: str, level: str, year: int) -> list[_Name]:
    """The divisions of a level whose name opens the text, those valid in the year if there are any."""
    found = [name for name in _by_start().get((level, text[:2]), ()) if text.startswith(name.name)]
    return [name for name in found if name.first <= year <= name.last] or list(
        {name.code: name for name in found}.values()
    )


@cache
def _by_start() -> dict[tuple[str, str], list[_Name]]:
    names: dict[tuple[str, str], list[_Name]] = defaultdict(list)
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            last = int(row["valid_to"] or STILL_VALID)
            name = _Name(
                row["code"], row["name"], row["province"], row["prefecture"], row["level"], int(row["valid_from"]), last
            )
            names[name.level, name.name[:2]].append(name)
    return names


def of_portal(name: str, portal_code: str, year: int) -> str:
    """A body's name that lacks its place, with the name of the division whose portal it is on.

    县退役军人事务局 on the portal of 阳高县 is 阳高县退役军人事务局; no name at all is the government's own.
    """
    rest = squeeze(name)
    rest = _NO_PLACE.sub("", rest)
    government = portal_body(portal_code, year)
    if not rest or _GOVERNMENT.match(rest) or not government:
        return government or name
    if rest == squeeze(name) and _PLACE.search(name[:-2]):
        # A place that the table does not know: not to be put below another.
        return name
    return government.removesuffix("人民政府") + rest


def portal_body(portal_code: str, year: int) -> str:
    """The name of the government that a portal belongs to; empty where the code is not in the table."""
    place = all_divisions().place(portal_code, year)
    name = place.county or place.prefecture or place.province
    return f"{name}人民政府" if name else ""
