"""Whose report a document is, of which year and period: from title, list, period and metas, each conflict a flag."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from normalize.body import Body, find_body, of_portal
from normalize.fold import simplify, squeeze
from normalize.model import Document, TextBlock
from normalize.signature import Signature, read_signature

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPORT = re.compile(
    r"(?:政[府务]?)?信息(?:年度)?公开.{0,12}?(?:年度?报告?|年报|报告)|信息公开.{0,4}工作告?年度?报?|政务公开.{0,6}年度?报告?|20\d{2}年年?报"
)
_NOT_REPORT = re.compile(
    r"网站.{0,6}年[度报]|决算|预算|公报|法治政府|统计年|指南|目录$|半年|季度|会议|召开|培训|编[制写]|征集"
)
# A line without any of these is no title, in whatever script it is printed.
_IN_EVERY_TITLE = "公报報"
_YEAR = re.compile(r"(20[0-3]\d|二[〇零○Oo0]{1}[一二三〇零○]{1}[〇零○一二三四五六七八九])\s*年?(?:度)?")
_DIGITS = str.maketrans("〇零○Oo一二三四五六七八九", "00000123456789")
_TAIL = re.compile(r"(?:关于)?(?:政府|政务)?信息(?:年度)?公开.*$|(?:关于)?政务公开.*$|年报$|年度报告$")
_LEAD = re.compile(
    r"^(?:关于|Page\d+|【[^【】]*】|\[[^\[\]]*\]|\d{1,2}月(?:\d{1,2}日)?|[-–—_:：·、“\"])+"
    r"|(?:[-–—_:：·、“\"]|关于|[公发]布|(?<!\d)\d\d年度?)+$",
    re.IGNORECASE,
)
# Of two years in a title the first counts; the other is no part of the name.
_SECOND_YEAR = re.compile(r"(?:至|到|和|及|[-–—~～、])?(?:20[0-3]\d年?度?|\d{1,5}年度?)")
# 2008-2009年度, 2008—09年度, 2008年5月至2009年3月: a report of several years, of which one alone would be a guess.
_SPAN = re.compile(
    r"(?<!\d)(?P<first>20[0-3]\d)年?度?(?:\d{1,2}月(?:\d{1,2}日)?)?(?:[至到和及与、/~～]|[-–—―]+)"
    r"(?:20[0-3]\d(?!\d)|\d\d(?=年))(?<!(?P=first))"
)
_QUOTED = re.compile(r"《([^《》]+)》")
_PERIOD = re.compile(
    r"(20\d{2})年(?:度)?(\d{1,2})月(?:(\d{1,2})日)?(?:起)?(?:至|到|[-–—~～])(?:(20\d{2})年)?(\d{1,2})月(?:(\d{1,2})日)?",
)
_PUBLISHED = re.compile(r"发布(?:时间|日期)[:：]?(20\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_DATE = re.compile(r"(20\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_BODY_LINE = re.compile(
    r"(?:政府|局|委|委员会|办|办公室|办公厅|厅|镇|乡|街道|办事处|管委会|中心|院|[中小大]学|学校|公司|队|所|站|馆)$"
)
_PLACE_LINE = re.compile(r"[省市县縣区區旗州]$")
_BODY_CHARS = re.compile(r"^[\u3400-\u9fff][\u3400-\u9fff\d（）()·]{1,39}$")
# A page's frame: 2020年报_审计局. A title: 年度报告（审计局）.
_BODY_BEHIND = re.compile(r"20\d{2}年年?报[_|-](.+)$|[报報]告?[(（]([\u3400-\u9fff]+)[)）]$")
_TITLE_END = re.compile(r"[报報告度表》](?:[(（][^()（）]*[)）])?$")
# Links to other reports below the text are no titles of this one.
_TO_OTHERS = re.compile(r"^[<《\[【]?[上下前后]一?[篇条页则]|^相关(?:链接|文章|阅读|信息)")
# A title that names nobody begins so.
_NAMELESS = re.compile(r"(?:关于|關於)?[(（【\[]?(?:20[0-3]\d|二[〇零○Oo]|[政信本我])")
# A title, its year (0: none) and its body.
Title = tuple[str, int, str]
_LONGEST_TITLE = 70
_LAST_INFERRED_MONTH = 6
# A report of a year may come out in its last weeks.
_EARLIEST_MONTH = 12
_OPENING = re.compile(
    r"现(?:公布|将)(?P<name>[\u3400-\u9fff]{3,25}?)(?:20\d\d年?度?)?(?:政府)?信息公开(?:工作)?年度?报告?"
)
_PARTS = ("department", "township")
_CHAPTER = re.compile(r"^[一1][、.．](?=.{2,30}$)")
_BARE_YEAR = re.compile(r"^(?:20[0-3]\d|二[〇零○Oo]..)年?度?$")
_PART = re.compile(r"^[\u3400-\u9fff\d〇○（）()]{2,40}$")
# A title is looked for in the lines above the first chapter, in so many where there is none.
_TOP = 80


@dataclass(slots=True)
class Heading:
    """What a document says of itself; ``report_year`` is 0 and strings are empty where it says nothing.

    ``years`` are the report years that its parts name, by part: title, period, signature and publication (the year in
    which a report is signed or published is that of the report or a later one: it is there only where it is earlier).
    """

    title: str = ""
    report_year: int = 0
    body: str = ""
    body_level: str = "unknown"
    scope: str = "unknown"
    division_code: str = ""
    published: str = ""
    period_start: str = ""
    period_end: str = ""
    years: dict[str, int] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)


def read_heading(document: Document, *, portal_code: str = "", list_title: str = "") -> Heading:
    """Whose report and which year.

    The year stands in the title; the period confirms it (``year_conflict`` where they differ) or stands in for it, and
    the date of publication gives it only with the flag ``year_inferred``. A report signed or published before its year
    was over is a conflict too. The body stands in the title; the signature (``body_from_signature``) or the portal
    (``body_from_portal``) stands in for it, and another body's name in signature or opening words is a
    ``body_conflict``. The URL is never asked.
    """
    lines = list(_lines(document))
    heading = Heading()
    titles, others = _titles(document, lines, list_title)
    heading.title = titles[0][0] if titles else list_title or document.title
    plain = simplify("".join(lines))
    _set_period(heading, plain)
    heading.published = _published(document, plain)
    signature = read_signature(lines)
    _set_year(heading, [year for _, year, _ in titles if year], others, signature)
    if "year_conflict" not in heading.flags and any(_SPAN.search(squeeze(title)) for title, _, _ in titles):
        heading.flags.append("year_conflict")
    _set_body(heading, [body for _, _, body in titles if body], signature.body, portal_code)
    _compare_opening(heading, plain, portal_code)
    return heading


def _lines(document: Document) -> Iterator[str]:
    for part in document.parts:
        if isinstance(part, TextBlock):
            yield from ("".join(line.split()) for line in part.text.split("\n") if line.strip())


def _titles(document: Document, lines: list[str], list_title: str) -> tuple[list[Title], list[int]]:
    """The places that name the report, the surest first, and other years that titles above the text name.

    The list and the page's own metas come first, its frame last. Of titles of several years, as in a list of all
    reports beside the text, those count whose year the list, the metas or the frame name, else the one nearest above
    the first chapter.
    """
    named = [_read_title(text) for text in (document.metas.get("articletitle", ""), list_title) if text]
    named = [entry for entry in named if is_report_title(entry[0])]
    frame = [entry for entry in (_read_title(document.title),) if is_report_title(entry[0])]
    printed = _printed_titles(lines)
    years = [year for _, year, _ in printed if year]
    told = next((year for _, year, _ in (*named, *frame) if year in years), years[-1] if years else 0)
    found = [*named, *(entry for entry in printed if entry[1] in (0, told)), *frame]
    others = [year for year in dict.fromkeys(years) if year != told]
    return sorted(found, key=lambda entry: (entry[1] == 0, entry[2] == "")), others


def _printed_titles(lines: list[str]) -> list[Title]:
    """The lines above the first chapter that can be the title; the first ones of all where none of these has a year."""
    chapter = next((index for index, line in enumerate(lines) if _CHAPTER.match(line)), 0)
    top = lines[: chapter or _TOP]
    found = list(_title_lines(top))
    if any(year for _, year, _ in found):
        return found
    found += filter(None, (_over_lines(top, index) for index in range(1, len(top))))
    if any(year for _, year, _ in found):
        return found
    found = []
    for entry in _title_lines(lines):
        if not _TITLE_END.search(entry[0]):
            # Below the first chapter, last year's report is talked about.
            continue
        found.append(entry)
        if entry[1]:
            break
    return found


def _title_lines(lines: list[str]) -> Iterator[Title]:
    for index, line in enumerate(lines):
        if len(line) > _LONGEST_TITLE or not is_report_title(line) or _TO_OTHERS.match(line):
            continue
        title, year, body = _read_title(line)
        before = lines[index - 1] if index else ""
        if not body and _NAMELESS.match(line) and _BODY_LINE.search(simplify(before)) and _BODY_CHARS.match(before):
            title, body = before + title, before
        yield title, year, body


def _over_lines(lines: list[str], last: int) -> Title | None:
    """A title broken over two or three lines, the last of which is given; only one that names both body and year.

    A bare year on a line stands in lists of reports; it is part of a title only where the document begins with that.
    """
    if not _PART.match(lines[last]) or "月" in lines[last]:
        # A date below a title is none of its lines.
        return None
    for first in range(last - 1, max(last - 3, -1), -1):
        if not _PART.match(lines[first]):
            return None
        if first and any(map(_BARE_YEAR.match, lines[first - 1 : last])):
            continue
        text = "".join(lines[first : last + 1])
        if len(text) > _LONGEST_TITLE or not is_report_title(text):
            continue
        entry = _read_title(text)
        if entry[1] and (_BODY_LINE.search(simplify(entry[2])) or _PLACE_LINE.search(entry[2])):
            return entry
    return None


# The same lines stand in list, metas, frame and text of a page, and on other pages of its site.
@lru_cache(maxsize=4096)
def is_report_title(text: str) -> bool:
    """Whether a line can be the title of a disclosure report; reports on web sites, budgets and gazettes are not."""
    if not any(char in text for char in _IN_EVERY_TITLE):
        return False
    plain = squeeze(text)
    return _REPORT.search(plain) is not None and _NOT_REPORT.search(plain) is None


@lru_cache(maxsize=4096)
def _read_title(text: str) -> Title:
    title = "".join(text.split())
    if (quoted := _QUOTED.search(title)) and is_report_title(quoted[1]):
        title = quoted[1]
    plain = squeeze(title)
    year = _YEAR.search(plain)
    if len(plain) != len(title):
        # Width folding changed the length, so that places no longer agree: the folded text is printed.
        title = plain
    start = _TAIL.search(plain)
    end = start.start() if start else len(title)
    kept = title[: min(year.start(), end)] + title[year.end() : end] if year else title[:end]
    body = _LEAD.sub("", _SECOND_YEAR.sub("", kept)).strip("()（）")
    if start and start[0].startswith("政府") and body.endswith("人民"):
        # 某县人民政府信息公开…: the tail took the second half of 人民政府.
        body += "政府"
    behind = _BODY_BEHIND.search(title)
    if behind and (behind[1] or (not body and _BODY_LINE.search(simplify(behind[2])))):
        body = behind[1] or behind[2]
    return text.strip(), int(year[1].translate(_DIGITS)) if year else 0, body if _BODY_CHARS.match(body) else ""


def _set_period(heading: Heading, plain: str) -> None:
    matches = list(_PERIOD.finditer(plain))
    if not matches:
        return
    # A report's period is one year; of several years are the plans that it mentions.
    match = next((each for each in matches if each[4] in (None, each[1])), matches[0])
    first, last = match[1], match[4] or match[1]
    heading.period_start = _iso(first, match[2], match[3] or "1")
    heading.period_end = _iso(last, match[5], match[6] or "31")


def _iso(year: str, month: str, day: str) -> str:
    return f"{int(year):04d}-{int(month):02d}-{int(day):02d}"


def _published(document: Document, plain: str) -> str:
    match = _DATE.search(document.metas.get("pubdate", "")) or _PUBLISHED.search(plain)
    return _iso(match[1], match[2], match[3]) if match else ""


def _set_year(heading: Heading, years: list[int], others: list[int], signature: Signature) -> None:
    period = int(heading.period_end[:4]) if heading.period_end else 0
    if years:
        heading.report_year = years[0]
    elif period:
        heading.report_year = period
        heading.flags.append("year_from_period")
    elif heading.published and int(heading.published[5:7]) <= _LAST_INFERRED_MONTH:
        heading.report_year = int(heading.published[:4]) - 1
        heading.flags.append("year_inferred")
    elif 0 < signature.month <= _LAST_INFERRED_MONTH and not heading.published:
        heading.report_year = signature.year - 1
        heading.flags.append("year_inferred")
    in_title = {year.translate(_DIGITS) for year in _YEAR.findall(squeeze(heading.title))}
    issued = {signature.year, int(heading.published[:4]) if heading.published else 0}
    if heading.report_year not in (period, *(year - 1 for year in issued)):
        # Nothing says which of the titles above the text is its own.
        years = [*years, *others]
    heading.years = {f"title{place}": year for place, year in enumerate(dict.fromkeys(years), 1)}
    if period:
        heading.years["period"] = period
    published = (int(heading.published[:4]), int(heading.published[5:7])) if heading.published else (0, 0)
    for part, (year, month) in {"signature": (signature.year, signature.month), "publication": published}.items():
        if year and (year < heading.report_year or (year == heading.report_year and month < _EARLIEST_MONTH)):
            heading.years[part] = year - 1
    if len({*heading.years.values()}) > 1 or len(in_title) > 1:
        heading.flags.append("year_conflict")


def _set_body(heading: Heading, names: list[str], signed: str, portal_code: str) -> None:
    year = heading.report_year
    name = names[0] if names else ""
    if not name and signed:
        name = signed
        heading.flags.append("body_from_signature")
    if portal_code and not find_body(name, year, portal_code).division_code:
        # A name without its place, or none at all: the portal is that place's.
        completed = of_portal(name, portal_code, year)
        if completed != name:
            heading.flags.append("body_from_portal")
        name = completed
    body = find_body(name, year, portal_code)
    heading.body, heading.body_level, heading.scope = body.name, body.level, body.scope
    heading.division_code = _surer(portal_code, body.division_code)
    named = {find_body(other, year, portal_code).division_code for other in (*names, signed) if other} - {""}
    foreign = portal_code and body.division_code and not _related(portal_code, body.division_code)
    in_titles = any(_is_another(find_body(other, year, portal_code), body) for other in names[1:])
    in_signature = signed and body.scope in _PARTS and _is_another(find_body(signed, year, portal_code), body)
    if foreign or in_titles or in_signature or any(not _related(one, other) for one in named for other in named):
        heading.flags.append("body_conflict")


def _compare_opening(heading: Heading, plain: str, portal_code: str) -> None:
    """Another bureau's or county's name in the opening words (现公布…): text taken over from its report."""
    match = _OPENING.search(plain)
    if match is None:
        return
    said = find_body(match["name"], heading.report_year, portal_code)
    if _is_other(said, find_body(heading.body, heading.report_year, portal_code)):
        heading.flags.append("body_conflict")


def _is_another(said: Body, own: Body) -> bool:
    """Whether two names are of two offices: 教育局 and 卫健局, but not 卫健局 and 卫生健康和体育局.

    A government's own name says nothing against its office's.
    """
    scopes = {said.scope, own.scope}
    if not scopes.intersection(_PARTS) or not scopes.issubset((*_PARTS, "government")):
        return False
    short, long = sorted(("".join(said.name.split()), "".join(own.name.split())), key=len)
    rest = iter(simplify(long))
    return len(scopes) > 1 or not all(char in rest for char in simplify(short))


def _is_other(said: Body, own: Body) -> bool:
    if said.division_code and own.division_code and not _related(said.division_code, own.division_code):
        return True
    if said.scope not in _PARTS or own.scope not in _PARTS:
        return False
    return said.scope != own.scope or not (said.name.endswith(own.name[-2:]) or own.name.endswith(said.name[-2:]))


def _surer(portal_code: str, code: str) -> str:
    """A county's own code on the portal of its city; else the portal's, where there is one."""
    return code if not portal_code or (code and code.startswith(_area(portal_code))) else portal_code


def _related(portal_code: str, code: str) -> bool:
    """Whether two divisions are one, or one lies in the other: a county may publish on its city's portal."""
    return portal_code.startswith(_area(code)) or code.startswith(_area(portal_code))


def _area(code: str) -> str:
    """The digits that all divisions of a division's area share."""
    return code[:2] if code.endswith("0000") else code.removesuffix("00")
