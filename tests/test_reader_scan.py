"""Scans: the grid of rules, numbers read twice, sums that prove them."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from normalize import read_document
from normalize.model import Document, RawTable, TextBlock
from normalize.readers import UnreadableDocument, proof, read, scan
from normalize.readers.ruling import Straight, straighten
from normalize.readers.stitch import PageCell, PageTable
from tests import documents

if TYPE_CHECKING:
    from pathlib import Path

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2", reason="opencv is not installed (extra ocr)")
pytest.importorskip("rapidocr", reason="rapidocr is not installed (extra ocr)")
Image = pytest.importorskip("PIL.Image")


def small(seed: int) -> tuple[documents.Figures, bytes]:
    """A report with tables two and four only, on one page: 25 figures."""
    values = {key: text for key, text in documents.figures(seed).items() if not key[0].startswith("apply.")}
    two, _, four = documents.tables(documents.figures(seed))
    return values, documents.pdf([documents.TITLE, documents.HEADINGS[0], two, documents.HEADINGS[2], four])


def no_silent_error(data: bytes, values: documents.Figures) -> int:
    report = read_document(data)
    assert documents.wrong(report, values) == []
    return documents.right(report, values)


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("PNG", {}),
        pytest.param("JPEG", {"dpi": 150, "turned": -0.7, "noise": 8}, marks=pytest.mark.slow),
        pytest.param("JPEG", {"dpi": 300, "noise": 15, "stamp": True}, marks=pytest.mark.slow),
        pytest.param("TIFF", {"stamp": True}, marks=pytest.mark.slow),
    ],
    ids=["png", "jpeg_150", "jpeg_300", "tiff_stamped"],
)
def test_a_scan(kind: str, how: dict[str, Any]) -> None:
    values, data = small(2)
    made = documents.picture(documents.scans(data, **how), kind)
    report = read_document(made)
    assert documents.wrong(report, values) == []
    assert documents.right(report, values) == 25
    assert (report.body, report.report_year, report.reader) == ("云川县人民政府", 2023, "ocr")
    assert all("ocr" in figure.flags for figure in report.figures if figure.status == "reported")


def test_a_pdf_of_scans_says_that_it_was_guessed() -> None:
    values, data = small(3)
    made = documents.picture(documents.scans(data), "PDF")
    document, _ = read(made)
    assert [part.flags for part in document.parts if isinstance(part, RawTable)] == [("ocr",), ("ocr",)]
    assert no_silent_error(made, values) == 25


def test_a_page_that_holds_its_report_as_pictures() -> None:
    values, data = small(5)
    pictures = [b64encode(documents.picture([page], "JPEG")).decode() for page in documents.scans(data)]
    images = "".join(f'<p><img src="data:image/jpeg;base64,{each}"></p>' for each in pictures)
    page = f"<html><head><title>{documents.TITLE}</title></head><body><p>{documents.TITLE}</p>{images}</body></html>"
    report = read_document(page.encode())
    assert documents.wrong(report, values) == []
    assert documents.right(report, values) == 25
    assert (report.reader, report.flags) == ("html", [])
    assert all("ocr" in figure.flags for figure in report.figures if figure.status == "reported")


@pytest.mark.slow
def test_a_word_file_of_pictures() -> None:
    word = pytest.importorskip("docx", reason="python-docx is not installed")
    values, data = small(4)
    document = word.Document()
    document.add_paragraph(documents.TITLE)
    document.add_picture(BytesIO(documents.picture(documents.scans(data), "PNG")))
    assert no_silent_error(documents._saved(document.save), values) == 25


@pytest.mark.slow
def test_the_whole_form() -> None:
    values = documents.figures(7)
    scans = documents.scans(documents.pdf(documents.parts(values), row_height=26))
    assert no_silent_error(documents.picture(scans, "PDF"), values) >= 196


@pytest.mark.slow
def test_tight_rows_cut_by_pages(tmp_path: Path) -> None:
    values = documents.figures(8)
    data = documents.convert(documents.docx(documents.parts(values)), "docx", "pdf", tmp_path)
    assert no_silent_error(documents.picture(documents.scans(data), "PDF"), values) >= 196


def test_a_rule_goes_on_below_a_stamp() -> None:
    page = np.full((900, 700, 3), 255, np.uint8)
    for x in (100, 300, 500):
        cv2.line(page, (x, 100), (x, 700), (0, 0, 0), 2)
    for y in (100, 400, 700):
        cv2.line(page, (100, y), (500, y), (0, 0, 0), 2)
    # The ring of a stamp, opaque, runs along the rule in the middle.
    cv2.rectangle(page, (285, 200), (315, 260), (40, 40, 220), -1)
    (cells,) = straighten(page).tables
    assert len(cells) == 4


def test_no_table_no_figures() -> None:
    page = np.full((600, 400, 3), 255, np.uint8)
    cv2.putText(page, "2023", (50, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
    document, _ = read(documents.picture([page], "PNG"))
    assert document.parts == [TextBlock("2023")]


def test_an_empty_page() -> None:
    assert read(documents.picture([np.full((300, 200, 3), 255, np.uint8)], "PNG"))[0].parts == []


def test_transparent_paper_is_white() -> None:
    picture = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    out = BytesIO()
    picture.save(out, "PNG")
    assert read(out.getvalue())[0].parts == []


def test_pixels_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_PIXELS", 1_000)
    with pytest.raises(UnreadableDocument, match="300 x 200 pixels, the limit is 1000") as error:
        read(documents.picture([np.zeros((200, 300, 3), np.uint8)], "PNG"))
    assert error.value.code == "too_large"


def test_frames_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_FRAMES", 2)
    with pytest.raises(UnreadableDocument, match="3 frames, the limit is 2"):
        read(documents.picture([np.full((20, 30, 3), 255, np.uint8)] * 3, "TIFF"))


def test_damaged() -> None:
    data = documents.picture([np.full((200, 300, 3), 255, np.uint8)], "PNG")
    with pytest.raises(UnreadableDocument) as error:
        read(data[:60])
    assert error.value.code == "damaged"


def test_without_ocr_a_pdf_of_scans_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_image: object, _number: int) -> None:
        raise UnreadableDocument("needs_extra", "install it")

    _, data = small(3)
    monkeypatch.setattr("normalize.readers.pdf.read_scan", absent)
    with pytest.raises(UnreadableDocument, match=r"gongkai\[ocr\]") as error:
        read(documents.picture(documents.scans(data), "PDF"))
    assert error.value.code == "needs_extra"


def test_without_ocr_pictures_in_a_document_are_a_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_image: object, _number: int) -> None:
        raise UnreadableDocument("needs_extra", "install it")

    monkeypatch.setattr(scan, "read_scan", absent)
    document = Document("docx", [])
    scan.read_pictures([documents.picture([np.full((20, 30, 3), 255, np.uint8)], "PNG")] * 2, document)
    assert (document.parts, document.flags) == ([], ["pages_unread"])


# Proof -------------------------------------------------------------------------------------------------------------


def row(*texts: str) -> PageTable:
    return PageTable([PageCell(text, 10.0 * at, 0, 10.0 * (at + 1), 10) for at, text in enumerate(texts)])


def proved(table: PageTable, others: dict[str, list[str]]) -> list[tuple[str, tuple[str, ...]]]:
    proof.prove(table, lambda cell: others.get(cell.text, []))
    return [(cell.text, cell.flags) for cell in table.cells]


def test_a_row_that_adds_up_is_left_alone() -> None:
    table = row("规章", "1", "0", "2", "0", "0", "0", "3")
    assert {flags for _, flags in proved(table, {"1": ["7"]})} == {()}


def test_another_reading_mends_a_row() -> None:
    table = row("69", "0", "2", "0", "0", "0", "61")
    assert proved(table, {"69": ["59", "69"]})[0] == ("59", ("ocr_doubtful",))
    assert {flags for _, flags in proved(table, {})[1:]} == {()}


def test_a_row_that_two_readings_would_mend_stays_in_doubt() -> None:
    table = row("69", "10", "0", "0", "0", "0", "69")
    found = proved(table, {"69": ["59"], "10": ["0"]})
    assert [text for text, _ in found] == ["69", "10", "0", "0", "0", "0", "69"]
    assert {flags for _, flags in found} == {("ocr_doubtful",)}


def test_the_groups_of_table_four_are_sums() -> None:
    table = row("1", "1", "0", "0", "2", "0", "0", "0", "0", "0", "3", "0", "0", "0", "8")
    assert [flags for _, flags in proved(table, {})] == [()] * 10 + [("ocr_doubtful",)] * 5


def test_blanks_and_signs_are_no_sum() -> None:
    assert proof.sums(row("1", "", "0", "0", "0", "0", "9")) == []
    assert proof.sums(row("1", "2", "3")) == []


@pytest.mark.parametrize(
    ("read_as", "number"),
    [("O", "0"), ("l2", "12"), (" 3 0 ", "30"), ("一", "-"), ("其他", "其他"), ("合计 l", "合计l")],
)
def test_letters_that_look_like_digits(read_as: str, number: str) -> None:
    assert scan._number(read_as) == number


@pytest.mark.parametrize(
    ("readings", "agreed"),
    [
        ([("7", 0.9)], None),
        ([("7", 0.9), ("7", 0.6)], "7"),
        ([("7", 0.9), ("1", 0.9)], None),
        ([("7", 0.9), ("1", 0.9), ("1", 0.5)], "1"),
        ([("", 0.0), ("", 0.0)], None),
    ],
)
def test_two_readings_agree(readings: list[tuple[str, float]], agreed: str | None) -> None:
    assert scan._agreed(readings) == agreed


def test_a_cell_of_which_no_two_readings_agree_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["7", "1", "4"])
    monkeypatch.setattr(scan, "recognise", lambda lines, **_: [(next(answers), 0.9) for _ in lines])
    cell = PageCell("", 0, 0, 40, 40)
    page = Straight(np.full((50, 50), 255, np.uint8), np.zeros((50, 50), np.uint8), [], 27.0)
    scan._read_numbers(page, [(cell, (10, 10, 20, 30))], [[cell]])
    assert (cell.text, cell.flags) == ("7", ("unreadable",))


def test_a_number_that_its_sum_proves_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []

    def answer(lines: list[object], **_: object) -> list[tuple[str, float]]:
        rounds.append(len(lines))
        texts = ["4", "0", "0", "0", "0", "0", "4"] if len(lines) == 7 else ["0"] * len(lines)
        return [(text, 0.6 if text == "0" else 0.8) for text in texts]

    monkeypatch.setattr(scan, "recognise", answer)
    cells = row("", "", "", "", "", "", "").cells
    page = Straight(np.full((50, 90), 255, np.uint8), np.zeros((50, 90), np.uint8), [], 27.0)
    scan._read_numbers(page, [(cell, (10, 10, 20, 30)) for cell in cells], [cells])
    # The two fours were not certain; a second and a third reading gave them another value twice.
    assert rounds == [7, 2, 2]
    assert [cell.text for cell in cells] == ["0"] * 7
    assert {cell.flags for cell in cells} == {(), ("ocr_doubtful",)}


def test_what_no_sum_proves_says_so() -> None:
    table = row("规章", "1", "0", "2", "0", "0", "0", "3")
    scan._grade(table)
    assert {cell.flags for cell in table.cells} == {()}
    table = row("规章", "1", "", "/", "69")
    table.cells[-1].flags = ("ocr_doubtful",)
    scan._grade(table)
    assert [cell.flags for cell in table.cells] == [(), *[("ocr_unproven",)] * 3, ("ocr_doubtful",)]
