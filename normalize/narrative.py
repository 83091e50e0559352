"""Figures that a report states in prose, each with its quote and place in its chapter.

A number is claimed only where its clause holds no other number and names one thing by words that stand right before it
(收到政府信息公开申请12件) or around it (收到12件政府信息公开申请); the words are those of ``prose.csv``.
A clause that compares, plans, or speaks of another body or another year is passed over, and so is a total whose span is
open (2014年…累计…). Statements that nothing happened (未收到申请) print no number and give none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from normalize import codebook
from normalize.fold import simplify
from normalize.model import Narrative, Section
from normalize.numerals import chinese_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from normalize.codebook import Statement

_NUMERALS = "〇零一二两三四五六七八九十百千"
_UNITS = "亿元|万元|元|件次|人次|条次|场次|件|条|次|人|名|个|篇|份|宗|起|例|期|场|处|项"
_FIGURE = re.compile(
    rf"(?<![\d./第])(?<!\d[\s,，])(?P<number>\d{{1,3}}(?:[,，]\d{{3}})+(?!\d)|\d+(?:\.\d+)?|(?<![{_NUMERALS}])[{_NUMERALS}]+)"
    rf"\s*(?P<about>[余多])?(?P<scale>[万亿](?!元))?(?P<about2>[余多])?\s*(?P<unit>{_UNITS})(?P<about3>左右|以上)?"
)
# The last digit of a figure with its unit: a quick look at all of the text, where few sentences hold one.
_HINT = re.compile(rf"[\d{_NUMERALS}]\s*[余多]?[万亿]?[余多]?\s*(?:{_UNITS})")
_SENTENCE_END = re.compile(r"[。！!？?]|\n")
_BREAK = re.compile(r"[,，;；()（）、\[\]。！!？?]")
_FILLER = re.compile(
    r"(?:总数量|总数|总量|总计|合计|共计|累计|数量|件数|条数|人数|次数|数|共|计|已|达到|达|为|约|近|超过|逾|了|有|:|：)+$"
)
_ABOUT = re.compile(r"约|近|超过|逾|将近")
_COMPARES = re.compile(
    r"同比|[比较][上去前]|去年|上年(?!度?结转)|上一年(?!度?结转)|以前年度|每|平均|人均|日均|月均|目标|计划|预计|力争|不少于|至少|占"
    r"|增加|增长|减少|下降|上升|各$|分别|比例|[省市县区镇乡]级|期间"
)
_OTHER_BODY = re.compile(
    r"(?P<name>[\u3400-\u9fff]{0,10}(?:办公[室厅]|政府办|局|委员会|委|镇|乡|街道|办事处|中心|本级))"
    r"(?=共|已|累计|全年|本年|主动|收到|受理|办理|公开|新收|接到|通过|制[定发]|出台|印发|发布|召开|举[办行])"
)
_OWN_BODY = re.compile(r"[我全]|所有|本[局办镇乡委街中单]")
_SPAN = re.compile(r"[自从]?(20\d\d)年\d+月(?:\d+日)?起?[至到—~-](?:(20\d\d)年)?(\d+)月(?:\d+日)?止?")
# Spans that are neither the year nor all years.
_OTHER_SPAN = re.compile(
    r"半年|季度|本月|\d月份|近[两三几五十\d]年|[两二三四五六七八九十几多\d]年来|(?<![较比与同])(?:[去前]年|上一?年(?!度?结转))"
)
_SINCE = re.compile(
    r"以来|至今|迄今|历年|[到至]?目前|截[至止]|[至到](?:20\d\d年)?(?:年)?底|20\d\d年[底末]|[自从].{0,25}(?:施行|实施)"
)
_WITHIN = re.compile(r"全年|本年度?|今年|当年|年度?内|(?<![自从至止到])(?P<year>20\d\d)年度?(?![底末以起\d])")
_YEAR = re.compile(r"(20\d\d)年")
_YEAR_TOTAL = re.compile(r"(?:全年|本年度?|今年|当年|年度?内)(?:共|已)?累计")
_DECEMBER = "12"
# A line that is not this long is a heading or a cell, not one that a page's width broke.
_SHORT_LINE = 25
_LONGEST_SENTENCE = 1_000
_TAIL = 2
LAST_YEAR_OF_2008 = 2013
_LAST_YEARS = (("2008", LAST_YEAR_OF_2008), ("2014", 2018), ("2019", 2020))


@dataclass(frozen=True, slots=True)
class _Whose:
    """The report that speaks: its form, its year (0: unknown) and its body."""

    form: str
    year: int
    body: str


@dataclass(frozen=True, slots=True)
class _Clause:
    """One clause with its one number: the words before and after it, those of the clause before, and the topic.

    The topic is the chapter's heading and all of the sentence before the number.
    """

    head: str
    tail: str
    previous: str
    topic: str
    unit: str


def read_narrative(sections: Iterable[Section], form: str, year: int, body: str) -> list[Narrative]:
    """The figures that the chapters state, in reading order; ``start`` and ``end`` are offsets in a chapter's text.

    The indicator is the one of the report's ``form``, or where it has none, of the form in force in its ``year`` (0:
    unknown, the newest). ``value`` and ``unit`` are as printed (1.2 and 万条); ``approximate`` says that 余, 多 or 约
    stood there. ``cumulative`` figures run over several years, by the words before them (累计, 截至…底, 自…以来).
    ``body`` is whose report it is: what a part of it did is not claimed for it.
    """
    whose = _Whose(form or _form_of(year), year, body)
    return [
        narrative
        for section in sections
        for start, end in _sentences(section.text)
        for narrative in _read_sentence(section, start, end, whose)
    ]


def _form_of(year: int) -> str:
    return next((form for form, last in _LAST_YEARS if 0 < year <= last), "2021")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """The extents of the sentences that hold a figure; a line broken by the page's width goes on in the next."""
    places = [match.start() for match in _HINT.finditer(text)]
    for start, end in _all_sentences(text) if places else ():
        holds_figure = bisect_left(places, end) > bisect_left(places, start)
        if holds_figure and end - start <= _LONGEST_SENTENCE:
            yield start, end


def _all_sentences(text: str) -> Iterator[tuple[int, int]]:
    start, line = 0, 0
    for match in _SENTENCE_END.finditer(text):
        end, after = match.span()
        if text[end] == "\n":
            length, line = end - line, after
            last = text[end - 1]
            if last in ",，、" or (length >= _SHORT_LINE and last not in ";；:："):
                continue
        # 其中… goes on with what the sentence before said.
        if text[after : after + 3].lstrip().startswith("其中"):
            continue
        yield start, end
        start = after
    yield start, len(text)


def _read_sentence(section: Section, start: int, end: int, whose: _Whose) -> Iterator[Narrative]:
    raw = section.text[start:end]
    folded = simplify(raw)
    if len(folded) != len(raw):
        folded = raw
    figures = list(_FIGURE.finditer(folded))
    breaks, starts = _breaks(folded, figures), [figure.start() for figure in figures]
    for figure in figures:
        first, last = _extent(breaks, figure, len(folded))
        alone = bisect_left(starts, last) - bisect_left(starts, first) == 1
        if not alone or "，" in raw[figure.start("number") : figure.end("number")]:
            continue
        clause = _clause(section.heading, folded, breaks, figure, (first, last))
        statement = _statement(clause, whose.body)
        code = statement.codes[whose.form] if statement else ""
        before = _compact(folded[: figure.start()])
        cumulative = _cumulative(before, whose.year) if code else None
        if statement and statement.stock and cumulative and "累计" not in before:
            # Staff and reading points are counted at a day: 截至年底 says when, not how long.
            cumulative = False
        number = _number(figure["number"])
        if cumulative is None or number is None:
            continue
        quote = raw[first:last]
        first += len(quote) - len(quote.lstrip())
        quote = quote.strip()
        about = figure["about"] or figure["about2"] or figure["about3"] or _is_about(clause.head)
        yield Narrative(
            code, number, (figure["scale"] or "") + figure["unit"], cumulative, section.section, quote,
            start + first, start + first + len(quote), approximate=bool(about),
        )  # fmt: skip


def _breaks(text: str, figures: list[re.Match[str]]) -> list[int]:
    """Where clauses end; 、 ends one only behind a figure, and a comma inside a number none."""
    ends = {figure.end() for figure in figures}
    inside = {place for figure in figures for place in range(figure.start(), figure.end())}
    return [
        match.start()
        for match in _BREAK.finditer(text)
        if match.start() not in inside and (match[0] != "、" or match.start() in ends)
    ]


def _extent(breaks: list[int], figure: re.Match[str], length: int) -> tuple[int, int]:
    before, after = bisect_left(breaks, figure.start()), bisect_left(breaks, figure.end())
    return breaks[before - 1] + 1 if before else 0, breaks[after] if after < len(breaks) else length


def _clause(heading: str, text: str, breaks: list[int], figure: re.Match[str], extent: tuple[int, int]) -> _Clause:
    first, last = extent
    before = bisect_left(breaks, first - 1)
    previous = breaks[before - 1] + 1 if before else 0
    return _Clause(
        _compact(text[first : figure.start()]),
        _compact(text[figure.end() : last]),
        _compact(text[previous : max(first - 1, 0)]),
        _compact(heading + text[: figure.start()]),
        figure["unit"],
    )


def _compact(text: str) -> str:
    return "".join(text.split())


def _is_about(head: str) -> bool:
    filler = _FILLER.search(head)
    return filler is not None and _ABOUT.search(filler[0]) is not None


# What a clause speaks of ---------------------------------------------------------------------------------------------


@cache
def _by_tail() -> dict[str, list[tuple[Statement, str]]]:
    """The statements by the last characters of their endings, so that most clauses are told by one look."""
    found: dict[str, list[tuple[Statement, str]]] = defaultdict(list)
    for statement in codebook.statements():
        for ending in statement.endings:
            found[ending[-_TAIL:]].append((statement, ending))
    return dict(found)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _statement(clause: _Clause, body: str) -> Statement | None:
    """The one thing that a clause counts, or None."""
    head = _FILLER.sub("", clause.head)
    entries = _by_tail().get(head[-_TAIL:])
    if not entries or _COMPARES.search(clause.head + clause.tail) or _of_another(clause.head, body):
        return None
    ended = [statement for statement, ending in entries if head.endswith(ending)]
    found = {statement.name: statement for statement in ended if _says(statement, clause)}
    return next(iter(found.values())) if len(found) == 1 else None


def _says(statement: Statement, clause: _Clause) -> bool:
    if clause.unit not in statement.units:
        return False
    if statement.after:
        if not _pattern(statement.after).match(clause.tail):
            return False
    elif clause.tail:
        # Words behind the number may belong to what it counts: 公开政府信息12条目.
        return False
    wanted = (
        (statement.needs, clause.head),
        (statement.near, f"{clause.previous}|{clause.head}"),
        (statement.topic, clause.topic),
    )
    if not all(_pattern(pattern).search(text) for pattern, text in wanted if pattern):
        return False
    return not _pattern(statement.excludes).search(clause.head + clause.tail)


def _of_another(head: str, body: str) -> bool:
    """Whether a clause says what an office, bureau or town did that is not the report's own body."""
    match = _OTHER_BODY.search(head)
    if match is None or _OWN_BODY.search(match["name"]):
        return False
    own, name = body.replace("人民", ""), match["name"].replace("人民", "").lstrip("年度")
    return not (own and (own.endswith(name) or name.endswith(own)))


def _cumulative(before: str, year: int) -> bool | None:
    """Whether a figure runs over several years, by the words before it.

    None where they leave it open, or where the figure is of another year than the report's.
    """
    spans = list(_SPAN.finditer(before))
    if any(span[2] not in (None, span[1]) for span in spans):
        return True
    whole = all(span[3] == _DECEMBER and year in (0, int(span[1])) for span in spans)
    if not whole or _OTHER_SPAN.search(before):
        return None
    before = _SPAN.sub("本年", before)
    since = max((match.start() for match in _SINCE.finditer(before)), default=-1)
    within = max((match.start() for match in _WITHIN.finditer(before) if _is_year(match, year)), default=-1)
    total = "累计" in before
    if within < 0 and (since >= 0 or total):
        return True
    if since > within or (total and not _YEAR_TOTAL.search(before)):
        return None
    years = _YEAR.findall(before)
    return None if years and year and int(years[-1]) != year else False


def _is_year(match: re.Match[str], year: int) -> bool:
    return not match["year"] or not year or int(match["year"]) == year


def _number(text: str) -> float | None:
    if text[0] in _NUMERALS:
        number = chinese_number(text)
        return None if number is None else float(number)
    return float(text.replace(",", "").replace("，", ""))
