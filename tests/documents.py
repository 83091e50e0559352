"""Documents of every format, made by us: the form of 2021 with known figures, its spans as the notice prints them."""

from __future__ import annotations

import random
import subprocess
import zipfile
from importlib import import_module
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from normalize import codebook
from normalize.model import RawCell, RawTable

if TYPE_CHECKING:
    from normalize import Report

Figures = dict[tuple[str, str], str]
Rows = list[list[RawCell]]

TITLE = "云川县人民政府2023年政府信息公开工作年度报告"
BEFORE = [
    TITLE,
    "本报告根据《中华人民共和国政府信息公开条例》编制，所列数据的统计期限自2023年1月1日起至2023年12月31日止。",
    "一、总体情况",
    "全年公开政府信息一千余条。",
]
HEADINGS = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况")
AFTER = ["五、存在的主要问题及改进情况", "公开的时效还不够。", "六、其他需要报告的事项", "无其他需要报告的事项。"]
# Groups of table three over several leaves; the other rows of the results are one label.
_GROUPS = ("(三)", "(四)", "(五)", "(六)")


def figures(seed: int = 1, *, largest: int = 400) -> Figures:
    """Figures for every cell of the form that satisfy all its sums."""
    dice = random.Random(seed)  # noqa: S311 - the same figures in every run
    found: Figures = {}
    for indicator in codebook.form_indicators("2021", "2"):
        money = indicator.value_type == "decimal"
        found[indicator.code, ""] = f"{dice.uniform(1, 9999):.4f}" if money else str(dice.choice((0, 3, 17, 98123)))
    people = codebook.applicant_codes()[:-1]
    rows = [i.code for i in codebook.form_indicators("2021", "3")]
    for who in people:
        results = {code: dice.choice((0, 0, 1, dice.randint(0, largest))) for code in rows[2:-2]}
        total, carried_in, carried_out = sum(results.values()), dice.randint(0, 9), dice.randint(9, 40)
        column = {
            "apply.new": total + carried_out - carried_in,
            "apply.carried_in": carried_in,
            **results,
            "apply.result.total": total,
            "apply.carried_out": carried_out,
        }
        found.update({(code, who): str(value) for code, value in column.items()})
    for code in rows:
        found[code, "total"] = str(sum(int(found[code, who]) for who in people))
    for group in ("recon", "suit_direct", "suit_after_recon"):
        values = {name: dice.randint(0, 30) for name in ("upheld", "corrected", "other", "pending")}
        values["total"] = sum(values.values())
        found.update({(f"review.{group}.{name}", ""): str(value) for name, value in values.items()})
    return found


def tables(values: Figures) -> list[RawTable]:
    """The three tables of the form with these figures."""
    return [RawTable(_table_two(values)), RawTable(_table_three(values)), RawTable(_table_four(values))]


def _table_two(values: Figures) -> Rows:
    rows: Rows = []
    for block, group in groupby(codebook.form_indicators("2021", "2"), key=lambda i: i.block):
        rows.append([RawCell(_wide(block), colspan=4)])
        lines = [(label, list(cells)) for label, cells in groupby(group, key=lambda i: i.row_label)]
        span = 3 // len(lines[0][1])
        rows.append([RawCell("信息内容"), *(RawCell(_wide(i.column_label), colspan=span) for i in lines[0][1])])
        rows += [
            [RawCell(label), *(RawCell(values[i.code, ""], colspan=span) for i in cells)] for label, cells in lines
        ]
    return rows


def _table_three(values: Figures) -> Rows:
    relation = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    names = [applicant.label for applicant in codebook.applicants()]
    rows = [
        [RawCell(relation, 3, 3), RawCell("申请人情况", colspan=7)],
        [RawCell(names[0], 2), RawCell("法人或其他组织", colspan=5), RawCell(names[-1], 2)],
        [RawCell(name) for name in names[1:-1]],
    ]
    indicators = codebook.form_indicators("2021", "3")
    seen: set[str] = set()
    for indicator in indicators:
        own = [RawCell(values[indicator.code, who]) for who in codebook.applicant_codes()]
        result, _, group = indicator.block.partition(">")
        stubs = []
        if result and result not in seen:
            stubs.append(RawCell(result, sum(i.block.startswith(result) for i in indicators)))
        if group and group not in seen:
            stubs.append(RawCell(_wide(group), sum(i.block == indicator.block for i in indicators)))
        seen |= {result, group}
        leaf = RawCell(_wide(indicator.row_label), colspan=1 if group else 2 if result else 3)
        rows.append([*stubs, leaf, *own])
    return rows


def _table_four(values: Figures) -> Rows:
    results = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    return [
        [RawCell("行政复议", colspan=5), RawCell("行政诉讼", colspan=10)],
        [
            *(RawCell(result, 2) for result in results),
            RawCell("未经复议直接起诉", colspan=5),
            RawCell("复议后起诉", colspan=5),
        ],
        [RawCell(result) for _ in range(2) for result in results],
        [RawCell(values[i.code, ""]) for i in codebook.form_indicators("2021", "4")],
    ]


def _wide(text: str) -> str:
    """A label with the brackets that the form prints."""
    return text.replace("(", "（").replace(")", "）")


def parts(values: Figures) -> list[str | RawTable]:
    """A whole report: its prose and its tables."""
    own = tables(values)
    return [*BEFORE, HEADINGS[0], own[0], HEADINGS[1], own[1], HEADINGS[2], own[2], *AFTER]


def wrong(report: Report, values: Figures) -> list[tuple[str, str, str, object, object]]:
    """The cells of a report that are neither what was written nor doubtful: they would be silent errors or losses."""
    found = {(figure.indicator, figure.applicant): figure for figure in report.figures}
    problems: list[tuple[str, str, str, object, object]] = []
    for key, text in values.items():
        figure = found.get(key)
        if figure is None or figure.status == "missing":
            problems.append((*key, text, None, "lost"))
        elif figure.status == "reported" and figure.value != float(text):
            problems.append((*key, text, figure.value, figure.flags))
    return problems


def right(report: Report, values: Figures) -> int:
    """How many cells say exactly what was written."""
    found = {(figure.indicator, figure.applicant): figure for figure in report.figures}
    return sum(
        found[key].status == "reported" and found[key].value == float(text)
        for key, text in values.items()
        if key in found
    )


def slots(table: RawTable) -> list[list[tuple[int, int]]]:
    """For each row the place (row, column) of each of its cells, spans counted."""
    taken: set[tuple[int, int]] = set()
    places = []
    for row_no, row in enumerate(table.rows):
        line, column = [], 0
        for cell in row:
            while (row_no, column) in taken:
                column += 1
            line.append((row_no, column))
            taken |= {(row_no + r, column + c) for r in range(cell.rowspan) for c in range(cell.colspan)}
        places.append(line)
    return places


def width(table: RawTable) -> int:
    """How many columns a table has."""
    return sum(cell.colspan for cell in table.rows[0])


# Writers -----------------------------------------------------------------------------------------------------------


def docx(content: list[str | RawTable]) -> bytes:
    """A Word file by python-docx, cells merged as the form merges them."""
    word = pytest.importorskip("docx", reason="python-docx is not installed")
    document = word.Document()
    for item in content:
        if isinstance(item, str):
            document.add_paragraph(item)
        else:
            docx_table(document, item)
    return _saved(document.save)


def docx_table(document: Any, table: RawTable) -> Any:
    """One table of a Word file."""
    made = document.add_table(len(table.rows), width(table))
    made.style = "Table Grid"
    for places, row in zip(slots(table), table.rows, strict=True):
        for (line, column), cell in zip(places, row, strict=True):
            first = made.cell(line, column)
            if cell.rowspan > 1 or cell.colspan > 1:
                first = first.merge(made.cell(line + cell.rowspan - 1, column + cell.colspan - 1))
            first.text = cell.text
    return made


def html(content: list[str | RawTable]) -> bytes:
    """A page with the same tables."""
    return f"<html><head><title>{TITLE}</title></head><body>{''.join(map(_html, content))}</body></html>".encode()


def _html(item: str | RawTable) -> str:
    if isinstance(item, str):
        return f"<p>{item}</p>"
    lines = (
        "".join(f'<td rowspan="{cell.rowspan}" colspan="{cell.colspan}">{cell.text}</td>' for cell in row)
        for row in item.rows
    )
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def pdf(content: list[str | RawTable], *, row_height: float = 24) -> bytes:
    """A PDF by reportlab's canvas: ruled tables that any row may cut at a page's end, page numbers at the foot."""
    module = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab is not installed")
    out = BytesIO()
    canvas = module.Canvas(out)
    Paper(canvas, pdf_font(), row_height).set(content)
    canvas.save()
    return out.getvalue()


def ofd(content: list[str | RawTable], *, turned: bool = False, row_height: float = 24) -> bytes:
    """An OFD file. With ``turned`` its rules are thin bars in a template, its text in page blocks under a matrix."""
    canvas = OfdCanvas(turned=turned)
    Paper(canvas, "", row_height).set(content)
    return canvas.packed()


class OfdCanvas:
    """Draws on pages of OFD what reportlab's canvas draws on pages of PDF: places in points, y upwards."""

    def __init__(self, *, turned: bool = False) -> None:
        self.turned, self.size = turned, 10.0
        self.pages: list[tuple[list[str], list[str]]] = []
        self.rules: list[str] = []
        self.texts: list[str] = []

    def setFont(self, _font: str, size: float) -> None:  # noqa: N802 - as reportlab names it
        self.size = size

    def drawCentredString(self, x: float, y: float, text: str) -> None:  # noqa: N802
        self.drawString(x - len(text) * self.size / 4, y, text)

    def drawString(self, x: float, y: float, text: str) -> None:  # noqa: N802
        steps = [_mm(self.size if ord(char) > 0x2E80 else self.size / 2) for char in text]
        left, base, size = _mm(x), _mm(842 - y), _mm(self.size)
        body = _escaped(text)
        if self.turned:
            deltas = " ".join(f"{step * 10:.3f}" for step in steps[:-1])
            self.texts.append(
                f'<PageBlock ID="7"><TextObject ID="8" Boundary="0 0 210 297" Font="3" Size="{size * 10:.3f}" '
                f'CTM="0.1 0 0 0.1 0 0"><TextCode X="{left * 10:.3f}" Y="{base * 10:.3f}" DeltaX="{deltas}">{body}'
                "</TextCode></TextObject></PageBlock>"
            )
            return
        even = len(set(steps[:-1])) == 1
        deltas = f"g {len(steps) - 1} {steps[0]:.3f}" if even else " ".join(f"{step:.3f}" for step in steps[:-1])
        self.texts.append(
            f'<ofd:TextObject ID="8" Boundary="{left:.3f} {base - size:.3f} 99 {size * 1.2:.3f}" Font="3" '
            f'Size="{size:.3f}"><ofd:TextCode X="0" Y="{size:.3f}" DeltaX="{deltas}">{body}</ofd:TextCode>'
            "</ofd:TextObject>"
        )

    def rect(self, x: float, y: float, width: float, height: float) -> None:
        for x0, y0, x1, y1 in (
            (x, y, x + width, y),
            (x, y + height, x + width, y + height),
            (x, y, x, y + height),
            (x + width, y, x + width, y + height),
        ):
            self.line(x0, y0, x1, y1)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        left, right_, top, bottom = _mm(min(x0, x1)), _mm(max(x0, x1)), _mm(842 - max(y0, y1)), _mm(842 - min(y0, y1))
        if self.turned:
            right_, bottom = max(right_, left + 0.1), max(bottom, top + 0.1)
            self.rules.append(
                f'<PathObject ID="9" Boundary="0 0 210 297" Fill="true" Stroke="false"><AbbreviatedData>M {left:.3f} '
                f"{top:.3f} L {right_:.3f} {top:.3f} L {right_:.3f} {bottom:.3f} L {left:.3f} {bottom:.3f} C"
                "</AbbreviatedData></PathObject>"
            )
            return
        self.rules.append(
            f'<ofd:PathObject ID="9" Boundary="{left:.3f} {top:.3f} {right_ - left + 1:.3f} {bottom - top + 1:.3f}" '
            f'LineWidth="0.25"><ofd:AbbreviatedData>M 0 0 L {right_ - left:.3f} {bottom - top:.3f}'
            "</ofd:AbbreviatedData></ofd:PathObject>"
        )

    def showPage(self) -> None:  # noqa: N802
        self.pages.append((self.rules, self.texts))
        self.rules, self.texts = [], []

    def packed(self) -> bytes:
        """The whole file."""
        numbers = range(len(self.pages))
        pages = "".join(f'<ofd:Page ID="{20 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in numbers)
        templates = "".join(f'<ofd:TemplatePage ID="{60 + n}" BaseLoc="Tpls/Tpl_{n}/Content.xml"/>' for n in numbers)
        members = {
            "OFD.xml": f'<ofd:OFD {_OFD} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>'
            "Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"<ofd:Document {_OFD}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
            f"</ofd:PhysicalBox></ofd:PageArea>{templates if self.turned else ''}</ofd:CommonData><ofd:Pages>{pages}"
            "</ofd:Pages></ofd:Document>",
        }
        for number, (rules, texts) in enumerate(self.pages):
            page = f"Doc_0/Pages/Page_{number}/Content.xml"
            if self.turned:
                members[f"Doc_0/Tpls/Tpl_{number}/Content.xml"] = _bare_page("".join(rules))
                members[page] = _bare_page("".join(texts), f'<Template TemplateID="{60 + number}"/>')
            else:
                layer = f"<ofd:Layer>{''.join(rules + texts)}</ofd:Layer>"
                members[page] = f"<ofd:Page {_OFD}><ofd:Content>{layer}</ofd:Content></ofd:Page>"
        return zipped({name: text.encode() for name, text in members.items()})


_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def _bare_page(objects: str, template: str = "") -> str:
    content = f"<Content><Layer>{objects}</Layer></Content>"
    return f'<Page xmlns="http://www.ofdspec.org/2016">{template}{content}</Page>'


def _mm(points: float) -> float:
    return points * 25.4 / 72


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


class Paper:
    """Sets prose and tables on pages of A4, as a word processor would: spans are cut where a page ends."""

    def __init__(self, canvas: Any, font: str, row_height: float) -> None:
        self.canvas, self.font, self.row_height = canvas, font, row_height
        self.page, self.y = 1, 790.0

    def turn(self) -> None:
        """End the page."""
        self.canvas.setFont(self.font, 9)
        self.canvas.drawCentredString(297, 24, f"- {self.page} -")
        self.canvas.showPage()
        self.page, self.y = self.page + 1, 790.0

    def prose(self, text: str) -> None:
        """A paragraph."""
        for start in range(0, len(text), 44):
            if self.y < 70:
                self.turn()
            self.canvas.setFont(self.font, 11)
            self.canvas.drawString(50, self.y, text[start : start + 44])
            self.y -= 18

    def table(self, table: RawTable) -> None:
        """A table; its rows go overleaf where the page is full."""
        widths = _WIDTHS[width(table)]
        edges = [45 + sum(widths[:column]) for column in range(len(widths) + 1)]
        cells = [
            (line, line + cell.rowspan, edges[column], edges[column + cell.colspan], cell.text)
            for places, row in zip(slots(table), table.rows, strict=True)
            for (line, column), cell in zip(places, row, strict=True)
        ]
        start = 0
        while start < len(table.rows):
            stop = min(len(table.rows), start + int((self.y - 50) / self.row_height))
            for top, bottom, left, right_, text in cells:
                if top < stop and bottom > start:
                    shown = text if top >= start else ""
                    self._cell(max(top, start) - start, min(bottom, stop) - start, left, right_, shown)
            self.y -= (stop - start) * self.row_height + 18
            if stop < len(table.rows):
                self.turn()
            start = stop

    def _cell(self, top: int, bottom: int, left: float, right_: float, text: str) -> None:
        height = (bottom - top) * self.row_height
        high = self.y - top * self.row_height
        self.rule(left, high - height, right_, high)
        for size in (8, 7, 6):
            room = max(int((right_ - left - 4) / size), 1)
            lines = [text[at : at + room] for at in range(0, len(text), room)]
            if len(lines) * (size + 1) < height:
                break
        self.canvas.setFont(self.font, size)
        for number, line in enumerate(lines):
            self.write(left, right_, high - (size + 1) * (number + 1), line, size)
        self.after(left, right_, high, text, size)

    def rule(self, left: float, low: float, right_: float, high: float) -> None:
        """The border of a cell."""
        self.canvas.rect(left, low, right_ - left, high - low)

    def write(self, left: float, right_: float, y: float, line: str, size: float) -> None:
        """One line of a cell's text."""
        self.canvas.drawString(left + 2, y, line)

    def after(self, left: float, right_: float, high: float, text: str, size: float) -> None:
        """What else is drawn in a cell."""

    def set(self, content: list[str | RawTable]) -> None:
        """All of a report."""
        for item in content:
            if isinstance(item, str):
                self.prose(item)
            else:
                self.table(item)
        self.turn()


_WIDTHS = {4: [180, 110, 110, 110], 10: [34, 60, 150, *[38] * 7], 15: [34] * 15}


def pdf_font() -> str:
    """A font that holds Chinese characters: an embedded one where the system has it, else one every reader knows."""
    metrics = import_module("reportlab.pdfbase.pdfmetrics")
    if FONT.exists():
        if "song" not in metrics.getRegisteredFontNames():
            fonts = import_module("reportlab.pdfbase.ttfonts")
            metrics.registerFont(fonts.TTFont("song", str(FONT), subfontIndex=0))
        return "song"
    if "STSong-Light" not in metrics.getRegisteredFontNames():
        metrics.registerFont(import_module("reportlab.pdfbase.cidfonts").UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"


FONT = Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")


def xlsx(content: list[str | RawTable]) -> bytes:
    """A workbook by openpyxl: prose and tables one below the other, numbers as numbers."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = openpyxl.Workbook()
    sheet, line = book.active, 1
    for item in content:
        if isinstance(item, str):
            sheet.cell(line, 1, item)
            line += 1
            continue
        for places, row in zip(slots(item), item.rows, strict=True):
            for (down, right_), cell in zip(places, row, strict=True):
                top, left = line + down, right_ + 1
                number = cell.text.replace(".", "", 1).isdigit()
                sheet.cell(top, left, float(cell.text) if number else cell.text)
                if cell.rowspan > 1 or cell.colspan > 1:
                    sheet.merge_cells(None, top, left, top + cell.rowspan - 1, left + cell.colspan - 1)
        line += len(item.rows)
    return _saved(book.save)


def convert(data: bytes, source: str, target: str, folder: Path) -> bytes:
    """The same document in another format, by LibreOffice; skips where that is not installed."""
    from shutil import which  # noqa: PLC0415

    office = which("soffice") or which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    path = folder / f"made.{source}"
    path.write_bytes(data)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    command = [office, f"-env:UserInstallation={home.as_uri()}", "--headless", "--convert-to", target]
    subprocess.run([*command, "--outdir", str(folder / "out"), str(path)], check=True, capture_output=True, timeout=120)
    return (folder / "out" / f"made.{target.partition(':')[0]}").read_bytes()


def printed_by_browser(content: list[str | RawTable], style: str, folder: Path) -> bytes:
    """The page of ``html`` with a style, as Chromium prints it; skips where that is not installed."""
    from shutil import which  # noqa: PLC0415

    browser = which("chromium") or which("chromium-browser") or which("google-chrome")
    if browser is None:
        pytest.skip("Chromium is not installed")
    page = html(content).replace(b"<head>", f"<head><meta charset=utf-8><style>{style}</style>".encode())
    (folder / "page.html").write_bytes(page)
    target = folder / "page.pdf"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    command += [f"--print-to-pdf={target}", (folder / "page.html").as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return target.read_bytes()


def zipped(members: dict[str, bytes], *, gbk: bool = False) -> bytes:
    """A zip archive; with ``gbk`` its names are in GBK without a mark that says so, as Chinese Windows wrote them."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = _GbkInfo(name) if gbk else zipfile.ZipInfo(name)
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


class _GbkInfo(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name that zipfile calls
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _saved(save: Any) -> bytes:
    out = BytesIO()
    save(out)
    return out.getvalue()


# Scans -------------------------------------------------------------------------------------------------------------


def scans(data: bytes, *, dpi: int = 200, turned: float = 0.5, noise: float = 12, stamp: bool = False) -> list[Any]:
    """The pages of a PDF as a scanner would give them: turned by some degrees, with noise, perhaps stamped in red."""
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed (extra docs)")
    cv2 = pytest.importorskip("cv2", reason="opencv is not installed (extra ocr)")
    numpy = import_module("numpy")
    if not FONT.exists():
        pytest.skip("fonts-wqy-zenhei, which the pages are printed in, is not installed")
    dice = numpy.random.default_rng(1)
    pages = []
    for page in pdfium.PdfDocument(data):
        image = page.render(scale=dpi / 72).to_numpy()[:, :, :3].copy()
        height, width_ = image.shape[:2]
        if stamp:
            red = numpy.full_like(image, 255)
            cv2.circle(red, (int(width_ * 0.6), int(height * 0.4)), int(width_ * 0.12), (60, 60, 230), dpi // 25)
            # Ink is translucent: what is black below it stays black.
            image = (image.astype(int) * red // 255).astype(numpy.uint8)
        turn = cv2.getRotationMatrix2D((width_ / 2, height / 2), turned, 1)
        image = cv2.warpAffine(image, turn, (width_, height), borderValue=(255, 255, 255))
        pages.append(numpy.clip(image + dice.normal(0, noise, image.shape), 0, 255).astype(numpy.uint8))
    return pages


def picture(pages: list[Any], kind: str) -> bytes:
    """Pages as one file: ``PNG`` and ``JPEG`` of one page, ``TIFF`` and ``PDF`` of several."""
    images = [import_module("PIL.Image").fromarray(page[:, :, ::-1]) for page in pages]
    out = BytesIO()
    more = {"save_all": True, "append_images": images[1:]} if kind in ("TIFF", "PDF") else {}
    images[0].save(out, kind, **more)
    return out.getvalue()
