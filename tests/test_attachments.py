"""From a portal to a release where reports are published as attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from normalize.release import build
from tests import documents
from tests.portals.base import Answer
from tests.portals.catalogue import crawl_portals
from tests.portals.hanweb import HanwebPortal

if TYPE_CHECKING:
    from pathlib import Path

    from normalize.model import RawTable

pytest.importorskip("pdfplumber", reason="pdfplumber is not installed (extra docs)")
pytest.importorskip("python_calamine", reason="python-calamine is not installed (extra docs)")
pytest.importorskip("docx", reason="python-docx is not installed (extra docs)")
COUNTY = "阳高县"
PROSE = ("<p>" + "全年公开政府信息一千余条。" * 20 + "</p>").encode()


def title(year: int) -> str:
    return f"{COUNTY}人民政府{year}年政府信息公开工作年度报告"


def report(year: int, **values: str) -> list[str | RawTable]:
    """A whole report with our figures of that year."""
    whole = documents.parts({**documents.figures(year), **{(code, ""): text for code, text in values.items()}})
    return [title(year), *(part.replace("2023", str(year)) if isinstance(part, str) else part for part in whole[1:])]


async def test_reports_in_attachments(tmp_path: Path) -> None:
    files = {
        2020: (PROSE, [("报告全文.pdf", documents.pdf(report(2020)))]),
        2021: (
            PROSE,
            [(f"表{n}.xlsx", documents.xlsx([t])) for n, t in enumerate(documents.tables(documents.figures(2021)))],
        ),
        2022: (b"", [("下载.docx", documents.docx(report(2022))), ("下载.pdf", documents.pdf(report(2022)))]),
        2023: (
            b"",
            [
                ("a.docx", documents.docx(report(2023))),
                ("b.pdf", documents.pdf(report(2023, **{"permit.licence.decisions": "555"}))),
            ],
        ),
    }
    published = [(title(year), f"{year + 1}-01-20", html, tuple(own)) for year, (html, own) in files.items()]
    async with HanwebPortal(COUNTY, published, per_page=9) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
    release = build(tmp_path / "archive", tmp_path / "releases")
    reports = pd.read_parquet(release.path / "reports")
    found = {
        year: sorted(zip(rows["cells_reported"], map(sorted, rows["flags"].str.split()), strict=True))
        for year, rows in reports.groupby("report_year")
    }
    assert found == {
        2020: [(200, ["several_files"])],
        2021: [(200, ["several_files"])],
        2022: [(200, ["duplicate_dropped", "several_files"])],
        2023: [(200, ["several_files", "versions_differ"]), (200, ["versions_differ"])],
    }
    figures = pd.read_parquet(release.path / "figures")
    for year in (2020, 2021, 2022):
        rows = figures[figures["report_year"] == year]
        cells = zip(rows["indicator"], rows["applicant"], strict=True)
        assert dict(zip(cells, rows["value"], strict=True)) == {
            cell: float(text) for cell, text in documents.figures(year).items()
        }
    assert figures[figures["report_year"] == 2021]["sha256"].nunique() == 3


@pytest.mark.slow
async def test_a_report_whose_page_shows_pictures(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="rapidocr is not installed (extra ocr)")
    values = documents.figures(2023)
    pages = documents.scans(documents.pdf(report(2023), row_height=26))
    files = {f"/upload/{number}.jpg": documents.picture([page], "JPEG") for number, page in enumerate(pages)}
    shown = "".join(f'<p><img src="{path}"></p>' for path in files).encode()
    async with _Gallery(COUNTY, [(title(2023), "2024-01-20", shown)], files) as portal:
        await crawl_portals(tmp_path, {"140221": portal})
    release = build(tmp_path / "archive", tmp_path / "releases")
    (found,) = pd.read_parquet(release.path / "reports").to_dict("records")
    assert (found["report_year"], found["body"], found["reader"]) == (2023, f"{COUNTY}人民政府", "ocr")
    assert "several_files" in found["flags"].split()
    rows = pd.read_parquet(release.path / "figures")
    read = rows[rows["status"] == "reported"]
    assert len(read) >= 196
    assert all("ocr" in flags.split() for flags in read["flags"])
    assert all(row["value"] == float(values[row["indicator"], row["applicant"]]) for row in read.to_dict("records"))


class _Gallery(HanwebPortal):
    """A portal that serves pictures as well."""

    def __init__(self, name: str, reports: list[tuple[object, ...]], pictures: dict[str, bytes]) -> None:
        self.pictures = pictures
        super().__init__(name, reports, per_page=9)

    def build(self) -> dict[str, Answer]:
        return super().build() | {path: Answer(data, "image/jpeg") for path, data in self.pictures.items()}
