"""From a number to its source: the archived document with the cell marked, its address, time and digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from captures import Archive, ArchiveError
from explorer import settings
from explorer.archived import ANCHOR, show_html, show_other
from explorer.model import Archived, Block, Cell, Link, Picture, Table, Text, View
from explorer.queries import county as query
from explorer.queries import source as bytes_of
from explorer.views.pieces import applicant_label, figure_cell, indicator_label, records
from explorer.words import say
from normalize.readers import UnreadableDocument

if TYPE_CHECKING:
    from captures import Capture
    from explorer.model import Asked
    from explorer.source import Source

NOWHERE = (-1, -1, -1)


def show(source: Source, asked: Asked) -> View:
    """The view of a source: of a figure, or of a report as a whole."""
    title = say("source", asked.language)
    found = query.report(source, asked.get("report"))
    if found.empty:
        return View(title, [Text(asked.either("此版本没有这份报告。", "This release has no such report."), "note")])
    report = found.iloc[0]
    figures = query.figures(source, report["report_id"], report["report_year"])
    rows = figures[(figures["indicator"] == asked.get("indicator")) & (figures["applicant"] == asked.get("applicant"))]
    figure = next(records(rows), None)
    digest = figure.sha256 if figure is not None else report["sha256"]
    facts: list[list[Cell]] = [
        [
            Cell(say("body", asked.language)),
            Cell(
                f"{report['body']} {report['report_year']}",
                to=Link(
                    "county",
                    {"code": report["division_code"], "body": report["body"], "year": str(report["report_year"])},
                ),
            ),
        ]
    ]
    if figure is not None:
        name = indicator_label(figure.indicator, asked) + (
            f" · {applicant_label(figure.applicant, asked)}" if figure.applicant else ""
        )
        value = figure_cell(figure, report["report_id"])
        facts += [
            [Cell(name, title=figure.indicator), Cell(value.text, value.tone, title=value.title)],
            [Cell(say("status", asked.language)), Cell(figure.status)],
            [Cell(asked.either("原文", "As printed")), Cell(figure.raw)],
            [Cell(say("flags", asked.language)), Cell(figure.flags or "—")],
        ]
    blocks, capture = _document(report, figure, digest, asked)
    facts += [
        [Cell(say("address", asked.language)), Cell(capture.url if capture else report["url"])],
        [Cell(say("fetched", asked.language)), Cell(capture.fetched_at if capture else report["fetched_at"])],
        [Cell("sha256"), Cell(digest)],
    ]
    if capture:
        facts.append([Cell("WARC"), Cell(f"{capture.warc_file} @ {capture.offset} + {capture.length}")])
    return View(title, [Table("facts", ["", ""], facts), *blocks])


def _document(report: Any, figure: Any, digest: str, asked: Asked) -> tuple[list[Block], Capture | None]:
    place, capture = settings.current().archive, None
    try:
        capture = bytes_of.capture(place, digest, report["division_code"], report["url"])
        if capture is None:
            said = asked.either(
                "存档中没有这些字节；请指明此版本所用的存档。",
                "The archive does not hold these bytes: name the one that the release was made from.",
            )
            return [Text(said, "doubt")], None
        with Archive(place) as archive:
            data = archive.read(capture)
        return _shown(data, capture, figure, asked), capture
    except (ArchiveError, UnreadableDocument) as error:
        return [Text(str(error), "doubt")], capture


def _shown(data: bytes, capture: Capture, figure: Any, asked: Asked) -> list[Block]:
    place = (figure.table_no, figure.row_no, figure.col_no) if figure is not None else NOWHERE
    known = {"division_code": capture.portal_code, "list_title": capture.list_title}
    markup = "html" in capture.media_type and data.lstrip()[:1] in (b"<", b"\xef", b"\xff")
    shown = (
        show_html(data, capture.charset, place, **known)
        if markup
        else show_other(data, figure.page if figure is not None else 0, place, **known)
    )
    blocks: list[Block] = []
    if figure is not None:
        blocks.append(_said(shown.text, figure, marked=shown.marked, asked=asked))
    if shown.png:
        blocks.append(Picture(shown.png, f"{asked.either('第', 'page ')}{figure.page}{asked.either('页', '')}"))
    return [*blocks, Archived(shown.html, ANCHOR if shown.marked else "")]


def _said(text: str | None, figure: Any, *, marked: bool, asked: Asked) -> Text:
    if figure.table_no < 0:
        return Text(asked.either("文件中没有这一格。", "The document has no such cell."), "note")
    if figure.status == "ambiguous":
        return Text(
            asked.either(
                "原文丢失了单元格边界：数字散在此行，不能确定属于哪一格。",
                "The source lost the cell borders: the numbers stand in this row, and whose they are cannot be told.",
            ),
            "doubt",
        )
    if text is not None and text.split() != figure.raw.split():
        return Text(asked.either(f"现在读出的文字不同：{text}", f"The cell reads otherwise now: {text}"), "doubt")
    if not marked:
        return Text(
            asked.either(
                "此数由文字重建，页面上没有可标的格。",
                "This value was rebuilt from text: the page has no cell to mark.",
            ),
            "doubt",
        )
    return Text(asked.either("下面标出的就是这一格。", "The cell is marked below."), "note")
