"""OFD: text and rules under matrices, in templates, blocks and composite units."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from normalize import read_document
from normalize.model import RawTable, TextBlock
from normalize.readers import UnreadableDocument, ofd, read
from tests import documents
from tests.documents import OfdCanvas

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pdfplumber", reason="pdfplumber is not installed (extra docs)")


@pytest.mark.parametrize("turned", [False, True], ids=["plain", "turned"])
@pytest.mark.parametrize("height", [24, 37])
def test_every_figure(height: float, *, turned: bool) -> None:
    values = documents.figures(int(height))
    report = read_document(documents.ofd(documents.parts(values), turned=turned, row_height=height))
    assert documents.right(report, values) == 200
    assert (report.body, report.report_year, report.reader) == ("云川县人民政府", 2023, "ofd")
    assert report.media_type == "application/ofd"
    assert report.leftovers == []


def test_another_reader_finds_the_same_text() -> None:
    """The files of our own writer are OFD to others as well."""
    ofdkit = pytest.importorskip("ofdkit", reason="ofdkit is not installed")
    import tempfile  # noqa: PLC0415

    for turned in (False, True):
        with tempfile.NamedTemporaryFile(suffix=".ofd") as file:
            file.write(documents.ofd(documents.parts(documents.figures()), turned=turned))
            file.flush()
            with ofdkit.open(file.name) as opened:
                assert opened.text().startswith(documents.TITLE)


def converted(data: bytes, folder: Path, *, text: bool) -> bytes:
    """A PDF as the library easyofd makes an OFD of it: its letters without its rules, or its pages as pictures."""
    if find_spec("easyofd") is None:
        pytest.skip("easyofd is not installed (extra writers)")
    (folder / "made.pdf").write_bytes(data)
    made = f"OFD().pdf2ofd(open('made.pdf', 'rb').read(), optional_text={text})"
    code = f"from easyofd.ofd import OFD; open('made.ofd', 'wb').write({made})"
    # A process of its own: the library writes into the folder that it runs in.
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, timeout=120)
    return (folder / "made.ofd").read_bytes()


def test_a_library_writes_letters_without_rules(tmp_path: Path) -> None:
    values = documents.figures(31)
    report = read_document(converted(documents.pdf(documents.parts(values)), tmp_path, text=True))
    problems = documents.wrong(report, values)
    assert {found for *_, found, _ in problems} <= {None}
    assert documents.right(report, values) >= 186


@pytest.mark.slow
def test_a_library_writes_pages_as_pictures(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="rapidocr is not installed (extra ocr)")
    values = documents.figures(31)
    report = read_document(converted(documents.pdf(documents.parts(values)), tmp_path, text=False))
    assert documents.wrong(report, values) == []
    assert documents.right(report, values) >= 196


def page(objects: str, *, more: dict[str, str] | None = None, common: str = "") -> bytes:
    canvas = OfdCanvas(turned=True)
    canvas.showPage()
    members = {
        "OFD.xml": "<OFD><DocBody><DocRoot>/Doc_0/Document.xml</DocRoot></DocBody></OFD>",
        "Doc_0/Document.xml": f"<Document><CommonData>{common}</CommonData><Pages><Page ID='1' "
        "BaseLoc='Pages/P/Content.xml'/></Pages></Document>",
        "Doc_0/Pages/P/Content.xml": f"<Page><Content><Layer>{objects}</Layer></Content></Page>",
    }
    return documents.zipped({name: text.encode() for name, text in (members | (more or {})).items()})


def text_of(data: bytes) -> str:
    return "\n".join(part.text for part in read(data)[0].parts if isinstance(part, TextBlock))


def test_steps_between_letters() -> None:
    code = '<TextObject Boundary="10 10 99 9" Size="4"><TextCode X="0" Y="4" DeltaX="g 2 4 20">政府信息</TextCode>'
    code += "</TextObject>"
    assert text_of(page(code)) == "政府信 息"


def test_what_is_not_visible_does_not_count() -> None:
    code = '<TextObject Boundary="10 10 99 9" Size="4" Visible="{}"><TextCode X="0" Y="4">{}</TextCode></TextObject>'
    assert text_of(page(code.format("false", "旧") + code.format("true", "新"))) == "新"


def test_composite_units() -> None:
    resources = (
        "<Res BaseLoc='Res'><CompositeGraphicUnits><CompositeGraphicUnit ID='5' Width='9' Height='9'><Content>"
        "<TextObject Boundary='0 0 99 9' Size='4'><TextCode X='0' Y='4'>印章</TextCode></TextObject></Content>"
        "</CompositeGraphicUnit></CompositeGraphicUnits></Res>"
    )
    common = "<DocumentRes>DocumentRes.xml</DocumentRes>"
    objects = "<CompositeObject ID='6' ResourceID='5' Boundary='20 20 9 9'/>"
    assert text_of(page(objects, more={"Doc_0/DocumentRes.xml": resources}, common=common)) == "印章"


def test_units_that_hold_themselves_are_refused() -> None:
    resources = (
        "<Res><CompositeGraphicUnits><CompositeGraphicUnit ID='5'><Content><CompositeObject ResourceID='5'/></Content>"
        "</CompositeGraphicUnit></CompositeGraphicUnits></Res>"
    )
    with pytest.raises(UnreadableDocument) as error:
        read(
            page(
                "<CompositeObject ResourceID='5'/>",
                more={"Doc_0/R.xml": resources},
                common="<PublicRes>R.xml</PublicRes>",
            )
        )
    assert error.value.code == "too_deep"


def test_numbers_of_glyphs_are_refused_by_name() -> None:
    code = (
        '<TextObject Boundary="10 10 99 9" Size="4"><CGTransform CodePosition="0" CodeCount="1" GlyphCount="1">'
        '<Glyphs>7</Glyphs></CGTransform><TextCode X="0" Y="4"> </TextCode></TextObject>'
    )
    with pytest.raises(UnreadableDocument, match="glyphs without characters") as error:
        read(page(code))
    assert error.value.code == "unsupported"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"OFD.xml": "<OFD/>"}, "damaged"),
        ({"OFD.xml": "<OFD><DocBody><DocRoot>Doc_0/Gone.xml</DocRoot></DocBody></OFD>"}, "damaged"),
        ({"OFD.xml": "<OFD/>", "Encryptions.xml": "<E/>"}, "encrypted"),
    ],
)
def test_refused(members: dict[str, str], code: str) -> None:
    with pytest.raises(UnreadableDocument) as error:
        read(documents.zipped({name: text.encode() for name, text in members.items()}))
    assert error.value.code == code


def test_objects_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofd, "MAX_OBJECTS", 20)
    with pytest.raises(UnreadableDocument, match="more than 20 objects") as error:
        read(documents.ofd(documents.parts(documents.figures())))
    assert error.value.code == "too_large"


def test_pages_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofd, "MAX_PAGES", 1)
    with pytest.raises(UnreadableDocument, match="pages, more than the limit of 1"):
        read(documents.ofd(documents.parts(documents.figures())))


def test_a_table_over_pages_knows_them() -> None:
    document, _ = read(documents.ofd(documents.parts(documents.figures()), row_height=31))
    tables = [part for part in document.parts if isinstance(part, RawTable)]
    assert [len(table.rows) for table in tables] == [14, 28, 4]
    assert set(tables[1].row_pages) == {1, 2}
