"""Whose report a document is, of which year and period: from title, list, period and metas, each conflict a flag."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from normalize.body import find_body, portal_body
from normalize.fold import simplify
from normalize.model import Document, TextBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPORT = re.compile(
    r"(?:政[府务]?)?信息(?:年度)?公开.{0,12}?(?:年度?报告?|年报|报告)|信息公开.{0,4}工作告?年度?报?|政务公开.{0,6}年度?报告?|20\d{2}年年?报"
)
_NOT_REPORT = re.compile(r"网站.{0,6}年[度报]|决算|预算|公报|法治政府|统计年|指南|目录$")
# A line without any of these is no title, in whatever script it is printed.
_IN_EVERY_TITLE = "公报報"
_YEAR = re.compile(r"(20[0-3]\d|二[〇零○Oo0]{1}[一二三〇零○]{1}[〇零○一二三四五六七八九])\s*年?(?:度)?")
_DIGITS = str.maketrans("〇零○Oo一二三四五六七八九", "00000123456789")
_TAIL = re.compile(r"(?:关于)?(?:政府|政务)?信息(?:年度)?公开.*$|(?:关于)?政务公开.*$|年报$|年度报告$")
_LEAD = re.compile(r"^(?:关于|Page\d+|[-–—_:：·、])+|(?:[-–—_:：·、]|关于)+$", re.IGNORECASE)
_PERIOD = re.compile(
    r"(20\d{2})年(?:度)?(\d{1,2})月(?:(\d{1,2})日)?(?:起)?(?:至|到|[-–—~～])(?:(20\d{2})年)?(\d{1,2})月(?:(\d{1,2})日)?",
)
_PUBLISHED = re.compile(r"发布(?:时间|日期)[:：]?(20\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_DATE = re.compile(r"(20\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_BODY_LINE = re.compile(r"(?:政府|局|委|委员会|办|办公室|办公厅|厅|镇|乡|街道|办事处|管委会|中心|院)$")
_BODY_CHARS = re.compile(r"^[\u3400-\u9fff][\u3400-\u9fff\d（）()·]{1,39}$")
# A page's frame: 2020年报_审计局.
_BODY_BEHIND = re.compile(r"20\d{2}年年?报[_|-](.+)$")
_LONGEST_TITLE = 70
_LAST_INFERRED_MONTH = 6


@dataclass(slots=True)
class Heading:
    """What a document says of itself; ``report_year`` is 0 and strings are empty where it says nothing."""

    title: str = ""
    report_year: int = 0
    body: str = ""
    body_level: str = "unknown"
    scope: str = "unknown"
    division_code: str = ""
    published: str = ""
    period_start: str = ""
    period_end: str = ""
    flags: list[str] = field(default_factory=list)


def read_heading(document: Document, *, portal_code: str = "", list_title: str = "") -> Heading:
    """Whose report and which year.

    The year stands in the title; the period confirms it (``year_conflict`` where they differ) or stands in for it, and
    the date of publication gives it only with the flag ``year_inferred``. The URL is never asked.
    """
    lines = list(_lines(document))
    heading = Heading()
    titles = _titles(document, lines, list_title)
    heading.title = titles[0][0] if titles else list_title or document.title
    plain = simplify("".join(lines))
    _set_period(heading, plain)
    heading.published = _published(document, plain)
    _set_year(heading, [year for _, year, _ in titles if year])
    _set_body(heading, titles, portal_code)
    return heading


def _lines(document: Document) -> Iterator[str]:
    for part in document.parts:
        if isinstance(part, TextBlock):
            yield from ("".join(line.split()) for line in part.text.split("\n") if line.strip())


def _titles(document: Document, lines: list[str], list_title: str) -> list[tuple[str, int, str]]:
    """Title, year and body of each place that names the report, the surest first; the page's frame comes last."""
    found = [_read_title(text) for text in (document.metas.get("articletitle", ""), list_title) if text]
    for index, line in enumerate(lines):
        if len(line) > _LONGEST_TITLE or not is_report_title(line):
            continue
        title, year, body = _read_title(line)
        before = lines[index - 1] if index else ""
        if not body and _BODY_LINE.search(simplify(before)) and _BODY_CHARS.match(before):
            title, body = before + title, before
        found.append((title, year, body))
        if year:
            break
    found.append(_read_title(document.title))
    found = [entry for entry in found if is_report_title(entry[0])]
    return sorted(found, key=lambda entry: (entry[1] == 0, entry[2] == ""))


def is_report_title(text: str) -> bool:
    """Whether a line can be the title of a disclosure report; reports on web sites, budgets and gazettes are not."""
    if not any(char in text for char in _IN_EVERY_TITLE):
        return False
    plain = "".join(simplify(text).split())
    return _REPORT.search(plain) is not None and _NOT_REPORT.search(plain) is None


def _read_title(text: str) -> tuple[str, int, str]:
    title = "".join(text.split())
    plain = simplify(title)
    year = _YEAR.search(plain)
    if len(plain) != len(title):
        # Width folding changed the length, so that places no longer agree: the folded text is printed.
        title = plain
    start = _TAIL.search(plain)
    end = start.start() if start else len(title)
    kept = title[: min(year.start(), end)] + title[year.end() : end] if year else title[:end]
    body = _LEAD.sub("", kept).strip("()（）")
    if start and start[0].startswith("政府") and body.endswith("人民"):
        # 某县人民政府信息公开…: the tail took the second half of 人民政府.
        body += "政府"
    if behind := _BODY_BEHIND.search(title):
        body = behind[1]
    return text.strip(), int(year[1].translate(_DIGITS)) if year else 0, body if _BODY_CHARS.match(body) else ""


def _set_period(heading: Heading, plain: str) -> None:
    match = _PERIOD.search(plain)
    if match is None:
        return
    first, last = match[1], match[4] or match[1]
    heading.period_start = _iso(first, match[2], match[3] or "1")
    heading.period_end = _iso(last, match[5], match[6] or "31")


def _iso(year: str, month: str, day: str) -> str:
    return f"{int(year):04d}-{int(month):02d}-{int(day):02d}"


def _published(document: Document, plain: str) -> str:
    match = _DATE.search(document.metas.get("pubdate", "")) or _PUBLISHED.search(plain)
    return _iso(match[1], match[2], match[3]) if match else ""


def _set_year(heading: Heading, years: list[int]) -> None:
    period = int(heading.period_end[:4]) if heading.period_end else 0
    if years:
        heading.report_year = years[0]
        in_title = {year.translate(_DIGITS) for year in _YEAR.findall(simplify(heading.title))}
        if len(set(years)) > 1 or len(in_title) > 1 or (period and period != years[0]):
            heading.flags.append("year_conflict")
    elif period:
        heading.report_year = period
        heading.flags.append("year_from_period")
    elif heading.published and int(heading.published[5:7]) <= _LAST_INFERRED_MONTH:
        heading.report_year = int(heading.published[:4]) - 1
        heading.flags.append("year_inferred")


def _set_body(heading: Heading, titles: list[tuple[str, int, str]], portal_code: str) -> None:
    name = next((body for _, _, body in titles if body), "")
    if not name and portal_code:
        name = portal_body(portal_code, heading.report_year)
        heading.flags.append("body_from_portal")
    body = find_body(name, heading.report_year, portal_code)
    heading.body, heading.body_level, heading.scope = body.name, body.level, body.scope
    heading.division_code = portal_code or body.division_code
    named = {find_body(other, heading.report_year, portal_code).division_code for _, _, other in titles if other} - {""}
    foreign = portal_code and body.division_code and not _related(portal_code, body.division_code)
    if foreign or len(named) > 1:
        heading.flags.append("body_conflict")


def _related(portal_code: str, code: str) -> bool:
    """Whether a body may publish on a portal: the same division, or one above it of which only the name was printed."""
    return code == portal_code or portal_code.startswith(code.rstrip("0") if code.endswith("00") else code)
