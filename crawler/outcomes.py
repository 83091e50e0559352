"""Why a report year has what it has: the codes, the faults behind them, and one row per portal and year."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from captures import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from scrapy import Request

    from crawler.portals import Portal
    from crawler.titles import Whose

FIRST_YEAR = 2008

# Every code that an outcome row may carry, and what it says.
CODES = {
    "found": "the report is archived",
    "year_inferred": "a report is archived whose year is in doubt: worked out from its publication, or one of several",
    "ambiguous": "several reports claim the year, or one names no year",
    "image_only": "the report is archived, and is a picture",
    "unreachable": "the portal did not answer, or answered with a server error",
    "tls_failed": "no secure connection could be made",
    "robots_disallow": "the portal's robots.txt forbids it",
    "waf_jsl": "a script gate (加速乐) stands before the portal",
    "waf_ruishu": "a script gate (瑞数) stands before the portal",
    "waf_aliyun": "a script gate (阿里云) stands before the portal",
    "waf_cookie": "a cookie gate (云锁) stands before the portal",
    "cookie_gate": "the portal sends its reader in a circle until a cookie is set",
    "captcha": "the portal asks to prove that its reader is human",
    "throttled": "the portal asks for fewer requests",
    "hdr_required": "the portal answers, and refuses its report column to a reader that is no browser",
    "identity_mismatch": "the address shows another body's site",
    "offsite_redirect": "the address leads to another site",
    "soft404": "the page is gone, whatever its status says",
    "to_home": "the address leads to the home page",
    "no_hub": "the home page leads to no disclosure hub and to no report column",
    "no_column": "no report column is known, or its page is none",
    "js_list": "the list is filled by a script that no family here can read",
    "empty_list": "the column lists nothing",
    "paging_stuck": "the list goes on, or claims more, where no further page is given",
    "budget_exhausted": "the visit ended before the column was read to its end",
    "year_missing": "the column was read to its proved end, and has no report of the year",
    "attachment_failed": "the report is in a file that did not come",
    "charset_failed": "the titles of the list cannot be decoded",
    "forbidden_page": "the portal refuses the page",
    "family_unknown": "the page broke the reader of its family",
}
# With these a report is in the archive.
KEPT = frozenset({"found", "year_inferred", "ambiguous", "image_only"})
# After these the host is left alone.
STOPS = frozenset({"waf_jsl", "waf_ruishu", "waf_aliyun", "waf_cookie", "cookie_gate", "captcha", "throttled"})

# With these the portal was not looked at, so that a report that was there may still be.
NOT_SEEN = STOPS | {
    "unreachable", "tls_failed", "robots_disallow", "budget_exhausted", "hdr_required", "forbidden_page",
}  # fmt: skip

TLS_WORDS = ("ssl", "tls", "certificate")


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong at an address: a code of CODES and the same in words.

    A ``gate`` stands before all that is behind the address, as a firewall does.
    """

    code: str
    url: str
    detail: str
    gate: bool = False

    @property
    def stops(self) -> bool:
        """Whether the host is to be left alone after it."""
        return self.gate or self.code in STOPS


class RefusedError(IgnoreRequest):
    """A request that is not made, or whose answer is not taken; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.code}: {fault.detail}")
        self.fault = fault


@dataclass(slots=True)
class Report:
    """One report met: its year and body, the digest of its text or file, and the files that failed.

    ``doubt`` says why the year is doubtful; ``sums_up`` that the text speaks for all of the place; ``span`` are the
    years that the title names, where these are several.
    """

    year: int
    title: str
    url: str
    whose: Whose
    doubt: str
    sha256: str
    substance: str
    sums_up: bool = False
    span: range = range(0)
    files: int = 0
    lost: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Findings:
    """What a visit brought: reports, faults of single years, faults that leave every year open, else the proof.

    ``listed`` counts titles that are reports, ``others`` those of them that belong to other bodies.
    """

    reports: list[Report] = field(default_factory=list)
    year_faults: dict[int, list[Fault]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    undated: list[str] = field(default_factory=list)
    proof: str = ""
    listed: int = 0
    others: int = 0


def report_years(text: str, today: date) -> range:
    """Read a range of report years ("2019-2023", "2020", or empty for 2008 to the last completed year).

    Raises ValueError, naming the form, for anything else.
    """
    last = today.year - 1
    if not text:
        return range(FIRST_YEAR, last + 1)
    first, dash, end = text.partition("-")
    end = end if dash else first
    if not (first.isdecimal() and end.isdecimal()):
        raise ValueError(f"years {text!r}: give one year or a range, such as 2019-2023")
    years = range(int(first), int(end) + 1)
    if not years or years[0] < FIRST_YEAR or years[-1] > last:
        raise ValueError(f"years {text!r}: reports exist from {FIRST_YEAR} to {last}, the earlier year first")
    return years


def cut_short(rows: Iterable[Outcome]) -> set[tuple[str, str]]:
    """Return code and name of the portals whose visit the end of a run cut short; ``rows`` are its own, by time.

    A run that goes on later has further rows for their years; reports found before the end do not make a visit whole.
    """
    newest = {(row.code, row.name, row.report_year): row for row in rows}
    return {(row.code, row.name) for row in newest.values() if row.is_cut_short}


def rows_of(portal: Portal, url: str, years: Sequence[int], findings: Findings, run_id: str) -> list[Outcome]:
    """Return exactly one outcome for each year; ``url`` is the portal's own address, for years without a better one."""
    rows = []
    for year in years:
        outcome, where, detail = _judge(year, findings)
        rows.append(Outcome(portal.code, portal.name, year, outcome, where or url, detail, run_id))
    return rows


def _judge(year: int, findings: Findings) -> tuple[str, str, str]:
    reports = [report for report in findings.reports if report.year == year]
    # A report of several years stands in for one that has none of its own.
    reports = reports or [report for report in findings.reports if year in report.span]
    if reports:
        return _of_reports(reports)
    for fault in (*findings.year_faults.get(year, ()), *findings.faults):
        return fault.code, fault.url, fault.detail
    if findings.undated:
        return "ambiguous", findings.undated[0], "no report names the year, and this one names none"
    if not findings.listed:
        return "no_column", "", f"the column lists no report ({findings.proof})"
    others = f"; {findings.others} reports of other bodies are listed" if findings.others else ""
    return "year_missing", "", f"the list was read to its end: {findings.proof}{others}"


def _of_reports(reports: list[Report]) -> tuple[str, str, str]:
    """A government's own report goes before its office's; two different ones of a kind leave it open which counts."""
    own = [report for report in reports if report.whose == "government"] or reports
    own = sorted(own, key=lambda report: not report.sums_up)
    different = {report.sha256: report for report in own}
    best = own[0]
    if best.substance == "nothing" and not best.files:
        lost = best.lost[0] if best.lost else Fault("soft404", best.url, "the page holds no report text, table or file")
        return ("attachment_failed" if best.lost else "soft404"), lost.url, lost.detail
    if len(different) > 1:
        return "ambiguous", best.url, "several reports: " + " ".join(report.url for report in different.values())
    notes = [f"{fault.code} of a file: {fault.url}: {fault.detail}" for fault in best.lost]
    if best.whose == "office":
        notes.append("published as the government office's")
    if best.doubt:
        return "year_inferred", best.url, "; ".join([best.doubt, *notes])
    if best.substance == "image" and not best.files:
        return "image_only", best.url, "; ".join(notes)
    return "found", best.url, "; ".join(notes)


def fault_of(error: BaseException | None, request: Request, tries: int) -> Fault:
    """Put a download that failed for good after so many tries into words."""
    if isinstance(error, RefusedError):
        return error.fault
    if isinstance(error, IgnoreRequest) and "during decompression" in str(error):
        return Fault("unreachable", request.url, "the answer is larger than allowed")
    after = f" after {tries} tries" if tries > 1 else ""
    words = next(_words(error), f"{type(error).__name__}: {error}")
    secure = request.url.startswith("https:") and any(word in str(error).lower() for word in TLS_WORDS)
    return Fault("tls_failed" if secure else "unreachable", request.url, f"{words}{after}")


def _words(error: BaseException | None) -> Iterator[str]:
    kinds = {
        DownloadConnectionRefusedError: "connection refused",
        DownloadTimeoutError: "no answer in time",
        CannotResolveHostError: "the host has no address",
        DownloadCancelledError: "the answer is larger than allowed",
    }
    yield from (text for kind, text in kinds.items() if isinstance(error, kind))
