"""Lists that a page's own script asks an endpoint for, on platforms of no known family.

Only what the page itself spells out is asked for: the address, and every field by a value or by a name that a script of
the page gives one. A call without a number of a page may be anything, a counter or a form, and is left alone; not so
one that stands as the source of a script, or asks for a file with data, which changes nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler import titles
from crawler.families.handlers import PART, SUM
from crawler.families.jsonlist import WRITTEN, part_of
from crawler.families.links import Links, articles, base_of, resolve
from crawler.families.parts import Part, in_parts, rows_on
from crawler.families.reading import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from crawler.families.links import Link
    from crawler.families.reading import End
    from crawler.page import Page

CALL = re.compile(r"(?:(?:\$|\bjQuery)\.(ajax|get|post|getJSON)|\baxios(?:\.(get|post))?|\bfetch)\(\s*")
# What follows is what becomes of the answer.
ANSWERED = re.compile(r"\bfunction\b|=>|\.then\(|\b(?:success|error|complete|beforeSend)\b")
ADDRESS = re.compile(rf"(?:\{{[\s\S]{{0,400}}?\burl\s*:\s*)?({SUM})")
POSTED = re.compile(r"""\b(?:type|method)\s*:\s*["']post["']""", re.IGNORECASE)
FIELDS = re.compile(r"\b(?:data|params|body)\s*:\s*(JSON\.stringify\(\s*)?\{([^{}]{0,1000})\}")
# Short forms have them behind the address: $.get(url, {…}).
SECOND = re.compile(r",\s*(JSON\.stringify\(\s*)?\{([^{}]{0,1000})\}")
FIELD = re.compile(rf"""["']?(\w{{1,60}})["']?\s*:\s*({SUM})""")
AS_JSON = re.compile(r"""contentType["']?\s*:\s*["']application/json""", re.IGNORECASE)
# What stands in a field of the page.
IN_FIELD = re.compile(
    r"""(?:\$|\bjQuery)\(\s*["']#([\w-]{1,60})["']\s*\)\.val\(\)|getElementById\(\s*["']([\w-]{1,60})["']\s*\)\.value"""
)
REPLIES = re.compile(r"[?&](?:\w*callback|jsonp|cb)=", re.IGNORECASE)
DATA_FILE = re.compile(r"\.(?:json|js|txt)$", re.IGNORECASE)
WINDOW = 2000
# A page makes few; one with hundreds is hostile.
MAX_CALLS = 20
MAX_LISTS = 4
# How what is no list of reports ends.
NO_LIST = frozenset({"js_list", "empty_list", "paging_stuck", "soft404"})
SENT = replace(
    WRITTEN,
    total=("total", "totalCount", "totalNum", "totalElements", "totalRecord", "totalRecords", "recordCount", "count"),
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request for one page of a list, as a script makes it; ``turned`` is the field that counts the pages, if any."""

    url: str
    fields: tuple[tuple[str, str], ...]
    turned: str
    posted: bool
    as_json: bool

    def ask(self, number: int, _rows: int) -> Ask:
        """Return the request for page ``number``, counted from 1."""
        first = dict(self.fields).get(self.turned)
        page = str(number - 1 if first == "0" else number)
        fields = [(name, page if name == self.turned else value) for name, value in self.fields]
        if not self.posted:
            return Ask(f"{self.url}?{urlencode(fields)}" if fields else self.url)
        if self.as_json:
            return Ask(self.url, json=json.dumps({name: _typed(value) for name, value in fields}, ensure_ascii=False))
        return Ask(self.url, form=tuple(fields))


def calls(page: Page, turns: re.Pattern[str]) -> list[Call]:
    """Return the requests for lists that the scripts of a page spell out; ``turns`` are names of a page's number."""
    found: dict[Call, None] = {}
    scripts = [_filled(page, script) for script in page.root.xpath("//script[not(@src)]/text()").getall()]
    for match in islice(chain.from_iterable(map(CALL.finditer, scripts)), MAX_CALLS):
        said = ANSWERED.split(match.string[match.end() : match.end() + WINDOW], maxsplit=1)[0]
        if call := _call(page, match, said, turns):
            found[call] = None
    if REPLIES.search(page.text):
        found |= dict.fromkeys(_sources(page, turns))
    return list(found)


def _sources(page: Page, turns: re.Pattern[str]) -> Iterator[Call]:
    """The scripts whose address names what is to be called with the reply."""
    for source in page.root.xpath("//script/@src").getall():
        url = resolve(base_of(page), source) if REPLIES.search(source) else None
        if url:
            fields = tuple(parse_qsl(urlsplit(url).query))
            turned = next((name for name, given in fields if turns.match(name) and given.isdecimal()), "")
            yield Call(url.partition("?")[0], fields, turned, posted=False, as_json=False)


def _filled(page: Page, script: str) -> str:
    """A script with the values of the page's fields in the place of the calls that read them."""

    def value(match: re.Match[str]) -> str:
        field = page.root.xpath("//input[@id = $name]/@value", name=match[1] or match[2]).get()
        return match[0] if field is None or "'" in field else f"'{field}'"

    return IN_FIELD.sub(value, script)


def called(page: Page, found: Links, turns: re.Pattern[str]) -> Generator[Ask, Page, End | None]:
    """Read what the page's scripts ask for, from its first part on, in as far as it lists reports.

    None where nothing of the kind is spelled out. A page may ask for its news too: the end of another list proves
    nothing, and one that begins without a report is not read on.
    """
    ends, refused = [], None
    for call in calls(page, turns)[:MAX_LISTS]:
        listed = Links()
        end = yield from in_parts((call.ask,), _reports_first(listed) if call.turned else _all_at_once, listed)
        if _reports(listed.values()):
            found.add(listed.values())
            ends.append(end)
        elif end.code not in NO_LIST:
            refused = refused or end
    return next((end for end in ends if not end.proved), ends[0]) if ends else refused


def _reports_first(listed: Links) -> Callable[[Page], Part | None]:
    """What reads a reply, JSON or a piece of HTML; None for one that begins a list of something else.

    A total that is the count of a reply's own rows is believed once the next has none.
    """

    def parse(page: Page) -> Part | None:
        part = part_of(page, SENT) or (Part(rows_on(page)) if articles(page) else None)
        if part is None or not (_reports(listed.values()) or _reports(part.rows.values())):
            return None
        return replace(part, total=None) if part.total == len(part.rows) > 0 else part

    return parse


def _all_at_once(page: Page) -> Part | None:
    """Read the reply to a call that turns no pages: without a total it is all there is."""
    part = part_of(page, SENT)
    if part is None or not _reports(part.rows.values()):
        return None
    return part if part.total is not None else replace(part, total=len(part.rows))


def _reports(links: Iterable[Link | None]) -> bool:
    return any(link and (titles.is_report(link.title) or titles.may_be_report(link.title)) for link in links)


def _call(page: Page, match: re.Match[str], said: str, turns: re.Pattern[str]) -> Call | None:
    value = _reader(page, turns)
    address = ADDRESS.match(said)
    url = resolve(base_of(page), value(address[1]) or "") if address else None
    short = match[1] not in (None, "ajax") or match[2] == "post"
    written = FIELDS.search(said) or (SECOND.search(said) if short else None)
    pairs = [(field[1], value(field[2])) for field in FIELD.finditer(written[2])] if written else []
    pairs = [(name, "1" if given is None and turns.match(name) else given) for name, given in pairs]
    if url is None or any(given is None for _, given in pairs):
        return None
    fields = (*parse_qsl(urlsplit(url).query), *((name, given or "") for name, given in pairs))
    turned = next((name for name, given in fields if turns.match(name) and given.isdecimal()), None)
    if turned is None:
        return None if fields or not DATA_FILE.search(url) else Call(url, (), "", posted=False, as_json=False)
    by_axios = match[2] == "post"
    as_json = bool(by_axios or AS_JSON.search(said) or (written and written[1]))
    posted = by_axios or match[1] == "post" or bool(POSTED.search(said))
    return Call(url.partition("?")[0], fields, turned, posted, as_json)


def _reader(page: Page, turns: re.Pattern[str]) -> Callable[[str], str | None]:
    """What reads an expression of strings, numbers and names of the page; None where a name has no plain value.

    Where a script counts pages in a variable of its own, it begins at the first.
    """

    def plain(term: str) -> str | None:
        if term[:1] in ("'", '"'):
            return term[1:-1]
        if term.isdecimal():
            return term
        name = term.rpartition(".")[2]
        # What stands between two strings of a sum is no value: '?cid=' + cid + '&page='.
        given = re.search(rf"""\b{name}["']?\s*[:=]\s*(?:["']([^"'+]{{0,200}})["']|(\d{{1,19}})\b)""", page.text)
        value = (given[1] or given[2] or "") if given else None
        return "1" if turns.match(name) and not (value and value.isdecimal()) else value

    def read(expression: str) -> str | None:
        parts = [plain(term) for term in PART.findall(expression)]
        return None if None in parts else "".join(each for each in parts if each)

    return read


def _typed(value: str) -> str | int:
    """Numbers are sent as such, unless that would lose a nought before them."""
    return int(value) if value.isdecimal() and str(int(value)) == value and len(value) < 16 else value
