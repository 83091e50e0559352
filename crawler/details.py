"""What the page behind a link of a list amounts to: a report with its files, another list, another body's, or none."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from crawler import titles
from crawler.blocks import words_of_refusal
from crawler.families.links import Link, articles, date_in, is_cut
from crawler.files import files_of, leads_of, pictures_of
from crawler.outcomes import Fault, Report
from crawler.page import squeeze
from crawler.substance import substance_of

if TYPE_CHECKING:
    from crawler.columns import Scope
    from crawler.jobs import Candidate
    from crawler.page import Page
    from crawler.substance import Substance

SITE_NAME = re.compile(r"[-_|—–]")
Kind = Literal["report", "list", "other body", "refused", "undated", "other year"]


@dataclass(frozen=True, slots=True)
class Detail:
    """A page that a list calls a report: its kind, and the candidate as the page itself completes it.

    ``fault`` is why the year that the list gives it is left without a report. ``files`` and ``leads``, pages that may
    hold what this one does not, belong to its ``report``.
    """

    kind: Kind
    candidate: Candidate
    fault: Fault | None = None
    report: Report | None = None
    files: tuple[Link, ...] = ()
    leads: tuple[Link, ...] = ()


def detail_of(candidate: Candidate, page: Page, body: bytes, scope: Scope) -> Detail:
    """Return what a candidate's page amounts to; ``body`` are its bytes as received."""
    held = substance_of(page)
    files = files_of(page)
    if held.kind == "nothing" and not files and _is_list(page):
        return Detail("list", candidate)
    corrected = _corrected(candidate, page)
    if corrected and (named := _of_another(corrected, page, scope)):
        corrected = replace(corrected, link=replace(corrected.link, title=named))
    whose = scope.body_of(corrected.link.title, corrected.body) if corrected else None
    if corrected is None or whose is None:
        return Detail("other body", candidate)
    candidate = replace(corrected, body=whose)
    if not held.is_statutory and not files and (refusal := _refusal(candidate, page, held.text)):
        return Detail("refused", candidate, refusal)
    if candidate.year is None:
        return Detail("undated", candidate)
    year, doubt, fault = _settled(candidate, candidate.year, page, held)
    if {year, *titles.years_in(candidate.link.title)}.isdisjoint(scope.years):
        return Detail("other year", candidate, fault)
    digest = hashlib.sha256(held.text.encode() if held.kind == "text" else body).hexdigest()
    report = report_of(replace(candidate, year=year, doubt=doubt), page.url, digest, scope, held)
    pictures = pictures_of(page, held.images) if not files else []
    leads = leads_of(page) if held.kind != "text" and not files else ()
    return Detail("report", candidate, fault, report, (*files, *pictures), tuple(leads))


def report_of(candidate: Candidate, url: str, digest: str, scope: Scope, held: Substance | None = None) -> Report:
    """Return the report that a candidate turned out to be; without a page to hold it, it is a file."""
    title = candidate.link.title
    return Report(
        *(candidate.year or 0, title, url, scope.whose(title, candidate.body), candidate.doubt, digest),
        substance=held.kind if held else "file",
        sums_up=held.sums_up if held else False,
        span=titles.years_in(title),
    )


def _settled(candidate: Candidate, listed: int, page: Page, held: Substance) -> tuple[int, str, Fault | None]:
    """The report's year and its doubt, once the page has spoken, and the fault of the listed year if it lost it."""
    year, doubt = titles.settled(listed, candidate.doubt, held.text)
    if candidate.doubt:
        return year, doubt, None
    year, doubt = titles.against(year, _headline(page), held.text)
    if not doubt:
        year, doubt = titles.misnamed(year, candidate.link.date, held.text)
    return year, doubt, Fault("soft404", page.url, doubt) if year != listed else None


def own_title(page: Page) -> str:
    """Return what a page of an article calls itself."""
    return _headline(page) or page.title


def _headline(page: Page) -> str:
    return page.meta("ArticleTitle") or squeeze(page.root.xpath("string((//h1)[1])").get(""))


def _of_another(candidate: Candidate, page: Page, scope: Scope) -> str:
    """The page's own title where it names another body and the list nobody: a heading of the list may have said whose.

    Empty for others. The site's name behind a title is none of it.
    """
    if titles.names(candidate.link.title, scope.portal.name):
        return ""
    own = next(filter(titles.is_report, SITE_NAME.split(_headline(page))), "")
    return own if own and scope.body_of(own, "") != "" else ""


def _refusal(candidate: Candidate, page: Page, text: str) -> Fault | None:
    """Why a page is not the report that its list calls it: it says so, or is another article, or None."""
    if gone := words_of_refusal(text):
        return Fault(gone[0], page.url, f"the page says {gone[1]}")
    own = page.meta("ArticleTitle")
    if not own or titles.is_report(own) or is_cut(candidate.link.title):
        return None
    shown = titles.fold(candidate.link.title) in titles.fold(page.prose)
    return None if shown else Fault("soft404", page.url, f"the page is another article: {own}")


def _is_list(page: Page) -> bool:
    """Tell whether what a list calls a report is another list of reports."""
    return not page.meta("ArticleTitle") and any(titles.is_report(link.title) for link in articles(page))


def _corrected(candidate: Candidate, page: Page) -> Candidate | None:
    """Let the page itself complete a title that its list cut short or left without a year.

    None where it shows the link to be no report.
    """
    link = candidate.link
    cut = is_cut(link.title)
    if titles.years_in(link.title) or not (candidate.doubt or candidate.year is None or cut):
        return candidate
    published = link.date or date_in(page.meta("PubDate"))
    own = own_title(page)
    if not titles.is_report(own):
        if cut and not titles.is_report(link.title):
            return None
        own = link.title
    year, doubt = titles.dated(own, candidate.column, published)
    if cut and titles.report_year(own) is None and (named := titles.report_year(link.title)):
        year, doubt = named, ""
    return replace(candidate, link=replace(link, title=own), year=year or candidate.year, doubt=doubt)
