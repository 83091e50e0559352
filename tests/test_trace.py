"""From a published value back to the WARC record and the cell."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from captures import Archive
from gongkai import app
from normalize import read_document
from normalize.loading import LoadError, load
from normalize.release import build
from normalize.show import print_tables
from normalize.trace import trace
from tests.archives import open_writer, put

CASES = Path(__file__).parent / "cases"
URL = "http://www.example.gov.cn/nb/2023.html"
LOOSE = (
    "<h1>阳高县人民政府2023年政府信息公开工作年度报告</h1><table><tr><td colspan=4>第二十条第（一）项"
    "<tr><td>信息内容<td>本年制发件数<td>本年废止件数<td>现行有效件数<tr><td>规章<td>0<td>0<td>0"
    "<tr><td>行政规范性文件<td>5<td><p>2</p></td><td>17</table>"
)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A release of one page, and its archive."""
    with closing(open_writer(tmp_path / "archive")) as writer:
        put(writer, URL, LOOSE.encode())
    build(tmp_path / "archive", tmp_path / "releases", reader=read_document)
    return tmp_path


def identifier(made: Path) -> str:
    return str(load("reports", made / "releases")["report_id"][0])


@pytest.mark.parametrize(
    ("indicator", "value", "markup"),
    [
        ("proactive.normdocs.issued", 5.0, "<td>5"),
        ("proactive.normdocs.repealed", 2.0, "<td><p>2</p></td>"),
        ("proactive.normdocs.in_force", 17.0, "<td>17"),
    ],
)
def test_a_figure_leads_to_its_markup(made: Path, indicator: str, value: float, markup: str) -> None:
    (step,) = trace(made / "releases", made / "archive", identifier(made), indicator)
    assert (step.figure["value"], step.markup, step.agrees) == (value, markup, True)
    assert step.row == ("行政规范性文件", "5", "2", "17")
    assert step.capture is not None
    assert (step.capture.url, step.capture.sha256) == (URL, step.report["sha256"])
    with Archive(made / "archive") as archive:
        assert markup in archive.read(step.capture).decode()


def test_a_cell_that_is_missing_stands_nowhere(made: Path) -> None:
    steps = trace(made / "releases", made / "archive", identifier(made), "apply.new")
    assert [(step.figure["status"], step.row, step.markup) for step in steps] == [("missing", (), "")] * 7


def test_an_archive_without_the_document(made: Path, tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "other")) as writer:
        put(writer, URL, b"<p>another page</p>")
    (step,) = trace(made / "releases", tmp_path / "other", identifier(made), "proactive.normdocs.issued")
    assert (step.capture, step.again, step.agrees) == (None, None, False)


def test_a_figure_of_another_file_of_the_report_leads_to_that_file(tmp_path: Path) -> None:
    first, second = LOOSE.split("<tr><td>规章", maxsplit=1)[0], "<tr><td>行政规范性文件<td>5<td>2<td>17</table>"
    header = "<tr><td colspan=2>第二十条第（八）项<tr><td>信息内容<td>本年收费金额（单位：万元）"
    two = f"<table>{header}<tr><td>行政事业性收费<td>3</table>"
    with closing(open_writer(tmp_path / "archive")) as writer:
        put(writer, URL, f"{first}{second}".encode())
        put(writer, f"{URL}/fees.html", f"{LOOSE.split('<table>', maxsplit=1)[0]}{two}".encode(), kind="attachment")
    build(tmp_path / "archive", tmp_path / "releases", reader=read_document)
    found = {
        code: trace(tmp_path / "releases", tmp_path / "archive", identifier(tmp_path), code)[0]
        for code in ("proactive.normdocs.issued", "fee.admin.amount")
    }
    captures = {code: step.capture.url for code, step in found.items() if step.capture}
    assert captures == {"proactive.normdocs.issued": URL, "fee.admin.amount": f"{URL}/fees.html"}
    assert [(step.markup, step.agrees) for step in found.values()] == [("<td>5", True), ("<td>3", True)]


@pytest.mark.parametrize(
    ("report_id", "indicator", "said"),
    [
        ("", "apply.gone", "no indicator 'apply.gone'"),
        ("", "procure.central.amount", "form 2021 has no cell procure.central.amount"),
        ("140221-2023-0000000000", "apply.new", "no report 140221-2023-0000000000"),
        ("140221-1999-0000000000", "apply.new", "no year 1999"),
        ("140221", "apply.new", "140221 is no report's identifier"),
    ],
)
def test_what_is_not_there_is_named(made: Path, report_id: str, indicator: str, said: str) -> None:
    with pytest.raises(LoadError, match=said):
        trace(made / "releases", made / "archive", report_id or identifier(made), indicator)


def test_the_command_prints_the_way(made: Path) -> None:
    places = ["--releases", str(made / "releases"), "--archive", str(made / "archive")]
    result = CliRunner().invoke(app, ["trace", identifier(made), "proactive.normdocs.repealed", *places])
    lines = dict(line.split(None, 1) for line in result.stdout.splitlines() if " " in line)
    assert result.exit_code == 0
    assert lines["figure"] == "proactive.normdocs.repealed = 2 (reported, printed '2')"
    assert lines["cell"] == "table 0, row 3, column 2"
    assert lines["row"] == "行政规范性文件 | 5 | 2 | 17"
    assert lines["markup"] == "<td><p>2</p></td>"
    assert ".warc.gz at byte " in lines["record"]
    result = CliRunner().invoke(app, ["trace", identifier(made), "apply.gone", *places])
    assert (result.exit_code, "no indicator 'apply.gone'" in result.stderr) == (2, True)


def test_read_shows_the_tables_with_their_statuses() -> None:
    file = str(CASES / "hongze-2023" / "source.html")
    plain = CliRunner().invoke(app, ["read", file])
    shown = CliRunner().invoke(app, ["read", file, "--show"], env={"COLUMNS": "160"})
    tables = shown.stdout[len(plain.stdout.splitlines()) :]
    assert ("table 0" in plain.stdout, "table 0" in tables) == (False, True)
    legend = " ".join(" ".join(shown.stdout.splitlines()[-3:]).split())
    assert legend.endswith("reported flagged blank not_applicable text ambiguous unreadable left over")


def test_each_cell_has_the_colour_of_its_status() -> None:
    page = LOOSE.replace("<td>5<td>", "<td>5余件<td>").replace("<td>17", "<td>见附件")
    console = Console(record=True, width=160, file=io.StringIO())
    print_tables(read_document(page.encode()), console)
    styled = {segment.text.strip(): str(segment.style) for segment in console._record_buffer}
    assert styled["5余件"] == "black on yellow"
    assert styled["2"] == "green"
    assert styled["见附件"] == "magenta"
    assert styled["行政规范性文件"] in ("none", "None")
