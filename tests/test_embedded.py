"""Reports in a page's script, and as JSON."""

from __future__ import annotations

import html
import json

import pytest

from normalize import Report, read_document
from normalize.readers.embedded import json_markup, script_markup

TABLE = (
    '<h1>阳高县人民政府2023年政府信息公开工作年度报告</h1><table><tr><td colspan="4">第二十条第（一）项</td></tr>'
    "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
    "<tr><td>行政规范性文件</td><td>5</td><td>2</td><td>17</td></tr></table>"
)
QUOTED = json.dumps(TABLE)
ESCAPED = QUOTED.replace("<", "\\u003c").replace(">", "\\u003e").replace("/", "\\/")
HEX = QUOTED.replace("<", "\\x3c").replace(">", "\\x3e")
ENTITIES = json.dumps(TABLE.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))
SINGLE = "'" + TABLE.replace("/", "\\/") + "'"


def issued(report: Report) -> tuple[str, float | None]:
    return next((each.status, each.value) for each in report.figures if each.indicator == "proactive.normdocs.issued")


@pytest.mark.parametrize("literal", [QUOTED, ESCAPED, HEX, ENTITIES, SINGLE])
def test_a_report_in_the_script_of_its_page(literal: str) -> None:
    script = f"window._CONFIG = {{DETAIL: {{content: {literal}}}}};"
    page = f"<html><head><title>年报</title></head><body><div id=app></div><script>{script}</script></body></html>"
    report = read_document(page.encode())
    assert issued(report) == ("reported", 5.0)
    assert (report.report_year, report.body) == (2023, "阳高县人民政府")
    assert "in_script" in report.flags


@pytest.mark.parametrize("literal", [QUOTED, ESCAPED, ENTITIES])
def test_a_report_that_comes_as_json(literal: str) -> None:
    report = read_document(f'{{"code": 200, "data": {{"id": 7, "content": {literal}}}}}'.encode())
    assert (issued(report), report.reader, report.media_type) == (("reported", 5.0), "html", "text/html")


def test_a_report_shipped_in_parts() -> None:
    head, rows = TABLE.split("</h1>")
    other = rows.replace("行政规范性文件", "规章").replace("<td>5</td>", "<td>8</td>")
    parts = f"{json.dumps(head + '</h1>' + rows)}, {json.dumps(other + ' ' * 200)}"
    report = read_document(f"<html><body><script>var parts = [{parts}];</script></body></html>".encode())
    assert issued(report) == ("reported", 5)
    assert next(each.value for each in report.figures if each.indicator == "proactive.rules.issued") == 8


@pytest.mark.parametrize("page", ["<div>{}</div>", '<iframe width=1 srcdoc="{}"></iframe>', "<p>文</p><p>{}</p>"])
def test_a_report_escaped_once_too_often(page: str) -> None:
    report = read_document(f"<html><body>{page.format(html.escape(TABLE))}</body></html>".encode())
    assert issued(report) == ("reported", 5)
    assert "in_script" in report.flags


def test_tables_on_the_page_itself_win() -> None:
    page = f"<html><body>{TABLE}<script>var old = {QUOTED.replace('<td>5<', '<td>9<')};</script></body></html>"
    report = read_document(page.encode())
    assert (issued(report), "in_script" in report.flags) == (("reported", 5.0), False)


def test_a_menu_in_the_script_of_a_page_of_prose_is_not_its_text() -> None:
    prose = "阳高县人民政府2013年政府信息公开工作年度报告主动公开政府信息。" * 30
    page = f"<html><body><p>{prose}</p><script>var menu = {json.dumps('<div>栏目</div>' * 60)};</script></body></html>"
    report = read_document(page.encode())
    assert "in_script" not in report.flags
    assert all("栏目" not in each.text for each in report.sections)


@pytest.mark.parametrize(
    "text", ["", "{", "<script>", '<script>"\\', "<script>'" + "\\" * 9999, "[" * 9999, '{"a": "' + "x" * 999]
)
def test_nothing_is_embedded(text: str) -> None:
    assert (json_markup(text), script_markup(text)) == ("", "")
