"""An archive in one JSON file and a reader of JSON documents, for tests of what comes after reading."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

from captures import Capture, Outcome, PayloadError, Run
from normalize.codebook import form_cells
from normalize.model import Check, Figure, Leftover, Narrative, Report, Section, Status
from normalize.readers import UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

FETCHED = "2025-03-01T00:00:00Z"
COUNTY = "阳高县人民政府"

Value = float | str


def capture(url: str, payload: bytes = b"", **fields: Any) -> Capture:
    """A capture of a detail page of 阳高县, other fields as given."""
    made = Capture(
        url=url, final_url=url, portal_code="140221", kind="detail", list_title="报告", list_date="2025-02-01",
        fetched_at=FETCHED, http_status=200, media_type="text/html", charset="utf-8",
        sha256=hashlib.sha256(payload).hexdigest(), warc_file="run-00000.warc.gz", offset=0, length=1, robots="allowed",
        run_id="run",
    )  # fmt: skip
    return replace(made, **fields)


def document(body: str = COUNTY, year: int = 2023, form: str = "2021", **fields: Any) -> dict[str, Any]:
    """A document: a form full of zeros but for ``values``, by ``indicator`` or ``indicator@applicant``."""
    return {"body": body, "year": year, "form": form, **fields}


class FakeArchive:
    """What a build needs of an archive, from ``archive.json``."""

    def __init__(self, path: Path) -> None:
        self._content: dict[str, Any] = json.loads((path / "archive.json").read_text(encoding="utf-8"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._content = {}

    def captures(self, *, kind: str | None = None, newest: bool = True) -> Iterator[Capture]:
        assert not newest
        found = (Capture(**fields) for fields in self._content["captures"])
        yield from (each for each in found if each.kind == kind)

    def read(self, capture: Capture) -> bytes:
        if capture.url.endswith("lost"):
            raise PayloadError("/somewhere/run-00000.warc.gz: not the bytes that were received")
        return str(self._content["payloads"][capture.url]).encode()

    def outcomes(self) -> list[Outcome]:
        return [Outcome(**fields) for fields in self._content["outcomes"]]

    def runs(self) -> list[Run]:
        return [Run("run", FETCHED, len(self._content["captures"]), len(self._content["outcomes"]))]


def write_archive(
    path: Path, documents: Mapping[str, dict[str, Any]], captures: Mapping[str, dict[str, Any]] | None = None
) -> Path:
    """Write a fake archive of documents by address; ``captures`` sets fields of their captures."""
    payloads = {url: json.dumps(content) for url, content in documents.items()}
    made = [capture(url, payload.encode(), **(captures or {}).get(url, {})) for url, payload in payloads.items()]
    outcome = Outcome("140221", "阳高县", 2023, "found", "http://a.example/1", "1 report", "run")
    content = {
        "captures": [{name: getattr(each, name) for name in Capture.__dataclass_fields__} for each in made],
        "payloads": payloads,
        "outcomes": [{name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}],
    }
    path.mkdir(parents=True, exist_ok=True)
    (path / "archive.json").write_text(json.dumps(content), encoding="utf-8")
    return path


def read_json(data: bytes, *, url: str, media_type: str, division_code: str, list_title: str) -> Report:
    """Read a document of ``document``; ``raises`` and ``dies`` make it fail as asked."""
    assert media_type in ("text/html; charset=utf-8", "application/pdf; charset=utf-8")
    content = json.loads(data)
    if "raises" in content:
        raise ValueError(content["raises"])
    if "unreadable" in content:
        raise UnreadableDocument(content["unreadable"], f"{url}: nothing to read")
    if "dies" in content:
        os._exit(9)
    return report(content, division_code=division_code, list_title=list_title)


def report(content: Mapping[str, Any], division_code: str = "140221", list_title: str = "报告") -> Report:
    """The report of a document."""
    form = content["form"]
    return Report(
        form=form, body=content["body"], body_level=content.get("body_level", "county_government"),
        scope=content.get("scope", "county"),
        division_code=content.get("division_code", division_code), report_year=content["year"],
        title=list_title, published=content.get("published", "2024-01-31"), period_start="", period_end="",
        reader="json", media_type="text/html",
        figures=figures(form, content.get("values", {}), content.get("flags", {}))[: content.get("first_figures")],
        checks=[
            Check("S3-1", "total", "hard", result, 5.0, 4.0, 1.0, ("apply.new@total", "apply.carried_in@total"))
            for result in content.get("checks", [])
        ],
        narrative=[Narrative("apply.new", 3.0, "件", False, "1", "收到申请3件", 0, 6)],
        sections=[Section("1", "一、总体情况", content.get("text", "收到申请3件。"))],
        leftovers=[Leftover(0, 1, 2, "备注", "no label")], flags=list(content.get("report_flags", [])),
    )  # fmt: skip


def figures(form: str, values: Mapping[str, Value], flags: Mapping[str, str]) -> list[Figure]:
    """All figures of a form: 0, or what ``values`` says: a number, one with its unit (``1.5 万元``), or a status."""
    return [_figure(indicator, applicant, values, flags) for indicator, applicant in form_cells(form)]


def _figure(indicator: str, applicant: str, values: Mapping[str, Value], flags: Mapping[str, str]) -> Figure:
    key = f"{indicator}@{applicant}" if applicant else indicator
    given = values.get(key, 0.0)
    value, unit, status = (given, "", "reported") if isinstance(given, float) else _words(given)
    raw = "" if value is None else f"{value:g}"
    return Figure(
        indicator, applicant, value, unit, cast("Status", status), raw, tuple(flags.get(key, "").split()), 0, 2, 3, 4
    )


def _words(given: str) -> tuple[float | None, str, str]:
    number, _, unit = given.partition(" ")
    return (float(number), unit, "reported") if unit else (None, "", given)
