"""What several views share: cells of figures, the choice of a report, names of indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.model import Asked, Cell, Choice, Link
from explorer.queries import county as query
from explorer.words import say
from normalize import codebook
from normalize.show import number

if TYPE_CHECKING:
    import pandas as pd

    from explorer.model import Tone
    from explorer.source import Source

_TONES: dict[str, Tone] = {"blank": "blank", "not_applicable": "blank", "missing": "missing", "reported": ""}


def records(frame: pd.DataFrame) -> Any:
    """The rows of a frame, each with its columns as attributes."""
    return frame.itertuples(index=False)


def amount(value: Any) -> Cell:
    """A number; an empty cell where there is none."""
    text = "" if value is None or value != value else number(float(value))  # noqa: PLR0124 - NaN
    return Cell(text, number=True)


def share(part: float, whole: float) -> Cell:
    """A share in percent."""
    return Cell(f"{100 * part / whole:.1f} %" if whole else "", number=True)


def source_link(report_id: str, indicator: str, applicant: str) -> Link:
    """The way from a figure to its source."""
    return Link("source", {"report": report_id, "indicator": indicator, "applicant": applicant})


def figure_cell(row: Any, report_id: str) -> Cell:
    """A figure as a cell: its number, or a word for why there is none; a sign where it is in doubt."""
    shown = number(row.value) + row.unit if row.value == row.value and row.value is not None else row.status
    tone: Tone = "doubt" if row.flags else _TONES.get(row.status, "doubt")
    title = " · ".join(filter(None, (row.status, repr(row.raw), row.flags)))
    return Cell(
        f"{shown} ⚑" if row.flags else shown,
        tone,
        source_link(report_id, row.indicator, row.applicant),
        title,
        number=True,
    )


def indicator_label(code: str, asked: Asked) -> str:
    """An indicator's name; its code where the codebook has none."""
    found = codebook.by_code(code)
    return asked.either(found.label, found.label_en) if found else code


def applicant_label(code: str, asked: Asked) -> str:
    """The name of a column of table three."""
    return next((asked.either(each.label, each.label_en) for each in codebook.applicants() if each.code == code), code)


def pick(source: Source, asked: Asked, suffix: str = "", year: int | None = None) -> tuple[list[Choice], pd.DataFrame]:
    """The choices of province, county, body and year, and the report chosen: one row, or none.

    ``suffix`` tells the second of two reports from the first in the address; ``year`` is the one to begin with.
    """
    names = {name: f"{name}{suffix}" for name in ("province", "code", "body", "year")}
    known = query.provinces(source)
    code = asked.get(names["code"])
    province = (query.province_of(source, code) if code else "") or asked.get(names["province"])
    province = province if province in known else next(iter(known), "")
    counties = query.counties(source, province)
    code = code if code in counties else next(iter(counties), "")
    reports = query.reports(source, code)
    bodies = list(dict.fromkeys(reports["body"]))
    body = asked.get(names["body"])
    body = body if body in bodies else next(iter(bodies), "")
    own = reports[reports["body"] == body].drop_duplicates("report_year")
    years = [str(each) for each in own["report_year"]]
    wanted = asked.get(names["year"], str(year or ""))
    chosen = wanted if wanted in years else next(iter(years), "")
    mark = f" {suffix}" if suffix else ""
    choices = [
        Choice(
            names["province"],
            say("province", asked.language) + mark,
            {each: each for each in known},
            province,
            (names["code"], names["body"]),
        ),
        Choice(names["code"], say("county", asked.language) + mark, counties, code, (names["body"],)),
        Choice(names["body"], say("body", asked.language) + mark, {each: each for each in bodies}, body),
        Choice(names["year"], say("year", asked.language) + mark, {each: each for each in years}, chosen),
    ]
    return choices, own[own["report_year"] == (int(chosen) if chosen else -1)]
