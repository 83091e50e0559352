"""Scans to text blocks and raw tables: a grid of rules (``ruling``), the text of each cell (``ocr``).

A number that no sum proves is read twice, as it stands and smoothed; where the two disagree a third time, enlarged;
where no two agree the cell is ``unreadable``. Every figure carries the flag ``ocr``, and a second one says how sure it
is: none where a printed sum proves it, ``ocr_unproven`` where two readings agree, ``ocr_doubtful``.
"""

from __future__ import annotations

import re
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from normalize.model import Document
from normalize.readers.blocks import first_line
from normalize.readers.ocr import recognise
from normalize.readers.pages import Page, assemble
from normalize.readers.proof import DOUBTFUL, UNPROVEN, prove, proven_cells
from normalize.readers.ruling import Straight, straighten
from normalize.readers.stitch import PageCell, PageTable, fill_holes
from normalize.readers.unreadable import UnreadableDocument, needed

if TYPE_CHECKING:
    from normalize.readers.ruling import Image

    Box = tuple[int, int, int, int]

MAX_PIXELS = 40_000_000
MAX_FRAMES = 50
_LEAST_INK = 10
# Lines stand at least this far apart, in heights of a line.
_PITCH = 1.2
_VALLEY = 0.4
_MARGIN = 3
_LEAST_HEIGHT = 24
_SURE, _CERTAIN = 0.5, 0.9
# A cell of few and small marks is a number or a sign, not a label.
_WIDEST_NUMBER = 8.0
_LOOK_ALIKE = str.maketrans("OoＯ〇lI|丨｜Ｉ—一－–", "0000111111----")
_PLAIN = re.compile(r"[\d.,+\-/%]+")


def read_image(data: bytes) -> Document:
    """The document that a picture holds, each frame of it a page.

    Raises UnreadableDocument with the codes ``damaged``, ``too_large`` (pixels, frames) and ``needs_extra``.
    """
    pages = [read_scan(image, number) for number, image in enumerate(_frames(data), 1)]
    document = Document("ocr", assemble(pages))
    document.title = first_line(document.parts)
    return document


def read_pictures(pictures: list[bytes], document: Document) -> None:
    """Add what pictures in a document hold; the flag ``pages_unread`` where no OCR is installed."""
    pages: list[Page] = []
    for data in pictures:
        try:
            pages += [read_scan(image, len(pages) + number) for number, image in enumerate(_frames(data), 1)]
        except UnreadableDocument as error:
            flag = "pages_unread" if error.code == "needs_extra" else "picture_unread"
            if flag not in document.flags:
                document.flags.append(flag)
    document.parts.extend(assemble(pages))


def _frames(data: bytes) -> list[Image]:
    """The frames of a picture in gray or in blue, green and red."""
    pillow = needed("PIL.Image", "ocr")
    try:
        with pillow.open(BytesIO(data)) as picture:
            frames = getattr(picture, "n_frames", 1)
            width, height = picture.size
            if frames > MAX_FRAMES:
                raise UnreadableDocument("too_large", f"{frames} frames, the limit is {MAX_FRAMES}")
            if width * height > MAX_PIXELS:
                raise UnreadableDocument("too_large", f"{width} x {height} pixels, the limit is {MAX_PIXELS}")
            return [_pixels(picture, number) for number in range(frames)]
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
        raise UnreadableDocument("damaged", f"the picture cannot be opened: {error}; fetch it again") from error


def _pixels(picture: Any, number: int) -> Image:
    picture.seek(number)
    if picture.mode in ("1", "L", "I;16"):
        return np.asarray(picture.convert("L"))
    seen = picture.convert("RGBA")
    paper = needed("PIL.Image", "ocr").new("RGBA", seen.size, "white")
    paper.alpha_composite(seen)
    return np.ascontiguousarray(np.asarray(paper.convert("RGB"))[:, :, ::-1])


def read_scan(image: Image, number: int) -> Page:
    """What stands on a picture of a page: its tables, and its lines of text between them."""
    needed("rapidocr", "ocr")
    page = straighten(image)
    tables = [fill_holes(cells) for cells in page.tables]
    prose = _prose(page, tables)
    boxes = _read_cells(page, tables)

    def again(cell: PageCell) -> list[str]:
        """Other readings of a cell: in four more ways, the last ones enlarged."""
        looks = [look(page.gray, boxes[id(cell)]) for look in _LOOKS]
        return [_number(text) for text, _ in recognise(looks)]

    for cells in tables:
        table = PageTable(cells)
        prove(table, again)
        _grade(table)
    found = Page(number)
    tops = [min(cell.top for cell in cells) for cells in tables]
    for index, cells in enumerate(tables):
        before = tops[index - 1] if index else -1.0
        found.items += [text for top, text in prose if before < top <= tops[index]]
        found.items.append(PageTable(cells, ("ocr",)))
    found.items += [text for top, text in prose if not tops or top > tops[-1]]
    return found


def _grade(table: PageTable) -> None:
    """Mark the numbers, signs and blanks that no sum proves and that are not in doubt already."""
    proven = {id(cell) for cell in proven_cells(table)}
    for cell in table.cells:
        if id(cell) not in proven and not cell.flags and (not cell.text.strip() or _PLAIN.fullmatch(cell.text)):
            cell.flags = (UNPROVEN,)


def _prose(page: Straight, tables: list[list[PageCell]]) -> list[tuple[float, str]]:
    """The lines of text outside the tables, each with its top."""
    ink = page.ink.copy()
    for cells in tables:
        top, bottom = min(cell.top for cell in cells), max(cell.bottom for cell in cells)
        ink[int(top) - _MARGIN : int(bottom) + _MARGIN] = 0
    boxes = _lines(ink, 0, 0, page.line)
    texts = recognise([_crop(page.gray, box) for box in boxes])
    return [(float(box[1]), text) for box, (text, _) in zip(boxes, texts, strict=True) if text.strip()]


def _read_cells(page: Straight, tables: list[list[PageCell]]) -> dict[int, Box]:
    """Give each cell its text; the places of what was read, by the cell's identity."""
    lines: list[tuple[PageCell, Box]] = []
    numbers: list[tuple[PageCell, Box]] = []
    for cell in (cell for cells in tables for cell in cells):
        x, y = int(cell.x0) + _MARGIN, int(cell.top) + _MARGIN
        boxes = _lines(page.ink[y : int(cell.bottom) - _MARGIN, x : int(cell.x1) - _MARGIN], x, y, page.line)
        short = len(boxes) == 1 and boxes[0][2] - boxes[0][0] <= _WIDEST_NUMBER * (boxes[0][3] - boxes[0][1])
        (numbers if short else lines).extend((cell, box) for box in boxes)
    texts = recognise([_crop(page.gray, box) for _, box in lines])
    for (cell, _), (text, _) in zip(lines, texts, strict=True):
        cell.text = f"{cell.text}\n{text}" if cell.text else text
    _read_numbers(page, numbers, tables)
    return {id(cell): box for cell, box in [*lines, *numbers]}


def _read_numbers(page: Straight, numbers: list[tuple[PageCell, Box]], tables: list[list[PageCell]]) -> None:
    """Read short cells until two readings agree; a cell of which no two do is unreadable.

    A cell that was read with certainty and whose sum holds needs no second reading.
    """
    readings: list[list[tuple[str, float]]] = [[] for _ in numbers]
    settled: set[int] = set()
    for look in _LOOKS[:3]:
        open_ = [
            index
            for index, found in enumerate(readings)
            if _agreed(found) is None and id(numbers[index][0]) not in settled
        ]
        crops = [look(page.gray, numbers[index][1]) for index in open_]
        for index, (text, score) in zip(open_, recognise(crops, narrow=True), strict=True):
            readings[index].append((_number(text), score))
        if look is _crop:
            settled = _settled(numbers, readings, tables)
    for (cell, _), found in zip(numbers, readings, strict=True):
        if id(cell) not in settled:
            _settle(cell, found)


def _settled(
    numbers: list[tuple[PageCell, Box]], readings: list[list[tuple[str, float]]], tables: list[list[PageCell]]
) -> set[int]:
    """The cells, by identity, whose first reading is certain and makes its sum hold."""
    for (cell, _), found in zip(numbers, readings, strict=True):
        cell.text = found[0][0]
    proven = {id(cell) for cells in tables for cell in proven_cells(PageTable(cells))}
    # A nought looks like the letter, which costs it certainty, but no other digit looks like either.
    return {
        id(cell)
        for (cell, _), ((text, score), *_) in zip(numbers, readings, strict=True)
        if id(cell) in proven and score > (_SURE if text == "0" else _CERTAIN)
    }


def _settle(cell: PageCell, found: list[tuple[str, float]]) -> None:
    agreed = _agreed(found)
    cell.text = agreed if agreed is not None else found[0][0]
    if not any(_PLAIN.fullmatch(text) for text, _ in found):
        # Words are labels, and those are looked up.
        return
    if agreed is None:
        cell.flags = ("unreadable",)
    elif max(score for text, score in found if text == agreed) < _SURE or len(found) > 2:
        cell.flags = (DOUBTFUL,)


def _agreed(readings: list[tuple[str, float]]) -> str | None:
    """The text that two readings have in common, None where there is none."""
    texts = [text for text, _ in readings]
    return next((text for text in texts if text and texts.count(text) > 1), None)


def _number(text: str) -> str:
    """A reading with the letters that look like digits taken for them, where nothing else stands there."""
    plain = "".join(text.split()).translate(_LOOK_ALIKE)
    return plain if _PLAIN.fullmatch(plain) else "".join(text.split())


def _lines(ink: Image, x: int, y: int, height: float) -> list[Box]:
    """The boxes (left, top, right, bottom) of the lines of text in a patch that begins at ``x``, ``y``."""
    if ink.size == 0:
        return []
    rows = (ink > 0).sum(axis=1)
    found = []
    for top, bottom in (part for run in _runs(rows > 0, 2) for part in _split(rows, *run, height)):
        columns = np.flatnonzero(ink[top:bottom].any(axis=0))
        if int(rows[top:bottom].sum()) >= _LEAST_INK:
            found.append((x + int(columns[0]), y + top, x + int(columns[-1]) + 1, y + bottom))
    return found


def _split(rows: Any, top: int, bottom: int, height: float) -> list[tuple[int, int]]:
    """A stretch of ink too high for one line, cut where the lines in it meet: where there is least ink."""
    count = 1 + round((bottom - top - height) / (_PITCH * height))
    if count < 2:
        return [(top, bottom)]
    step = (bottom - top) / count
    reach = int(step / 3)
    middles = [top + int(step * number) for number in range(1, count)]
    cuts = [middle - reach + int(np.argmin(rows[middle - reach : middle + reach + 1])) for middle in middles]
    usual = float(np.median(rows[top:bottom]))
    # Large letters have no such gap.
    if any(rows[cut] > _VALLEY * usual for cut in cuts):
        return [(top, bottom)]
    return list(pairwise([top, *cuts, bottom]))


def _runs(filled: Any, gap: int) -> list[tuple[int, int]]:
    """The stretches of a row of booleans that are true, breaks of up to ``gap`` closed."""
    places = np.flatnonzero(filled)
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > gap + 1)
    starts, ends = [places[0], *places[breaks + 1]], [*places[breaks], places[-1]]
    return [(int(start), int(end) + 1) for start, end in zip(starts, ends, strict=True)]


def _crop(gray: Image, box: Box, room: float = 0.2) -> Image:
    """A line of text with some paper around it, at least as high as a line."""
    left, top, right, bottom = box
    pad = max(int((bottom - top) * room), 4, (_LEAST_HEIGHT - (bottom - top)) // 2)
    return gray[max(top - pad, 0) : bottom + pad, max(left - pad, 0) : right + pad]


def _smooth(gray: Image, box: Box) -> Image:
    """The same line without noise and with more room, so that a second reading is not the first over again."""
    cv2 = needed("cv2", "ocr")
    smooth: Image = cv2.normalize(cv2.bilateralFilter(_crop(gray, box, 0.35), 5, 60, 3), None, 0, 255, cv2.NORM_MINMAX)
    return smooth


def _enlarged(gray: Image, box: Box, times: float = 2.0) -> Image:
    cv2 = needed("cv2", "ocr")
    softened = cv2.GaussianBlur(_crop(gray, box, 0.25), (3, 3), 0)
    larger: Image = cv2.resize(softened, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    return larger


def _sharpened(gray: Image, box: Box) -> Image:
    """The same line three times as large, in black and white."""
    cv2 = needed("cv2", "ocr")
    sharp: Image = cv2.threshold(_enlarged(gray, box, 3.0), 0, 255, cv2.THRESH_OTSU)[1]
    return sharp


_LOOKS = (_crop, _smooth, _enlarged, _sharpened)
