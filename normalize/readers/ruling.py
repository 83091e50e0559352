"""Scans made straight, and the cells that their rules enclose (OpenCV).

Rules are what is long and thin; a cell is a patch of paper that rules close off. Red ink (a stamp) is left out, since
only the red channel of a picture is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from normalize.readers.stitch import PageCell, rulers
from normalize.readers.unreadable import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Box = tuple[float, float, float, float]

# A page of 200 dpi has 2,339 pixels from top to bottom; the sizes below are for that.
PAGE_HEIGHT = 2_339
_LEAST_SCALE, _MOST_SCALE = 0.5, 2.0
_LEVEL_RULE, _UPRIGHT_RULE = 84, 24
_GAP = 5
_REACH = 12
_CUT = 31
_STROKE_BREAK, _RULE_BREAKS = 1, 0.06
_LONGEST_STROKE = 60
_SMALL = 900
_LEAST_CELL = 12
_MELT, _LINE = 15, 27.0
_SAME_LINE = 12.0
_MOST_SKEW = 5.0
_RED, _LIGHT = 35, 110
# As far as the ring of a stamp may run along a rule.
_HIDDEN = 121
# A piece of a level and of an upright rule beside a stamp is at least this long.
_LONG_PIECE, _PIECE = 30, 10


@dataclass(slots=True)
class Straight:
    """A page made straight: ``ink`` is 255 where something is printed, rules left out; ``line`` a line's height."""

    gray: Image
    ink: Image
    tables: list[list[PageCell]]
    line: float


def straighten(image: Image) -> Straight:
    """A picture of a page, its printed lines level, and its tables as cells without text, in pixels.

    ``image`` is a picture of one (gray) or of three channels (blue, green, red).
    """
    cv2 = needed("cv2", "ocr")
    gray, stamped = (image, np.zeros_like(image)) if image.ndim == 2 else _without_stamps(cv2, image)
    scale = min(max(PAGE_HEIGHT / max(gray.shape), _LEAST_SCALE), _MOST_SCALE)
    if abs(scale - 1) > 0.1:
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=way)
        stamped = cv2.resize(stamped, gray.shape[::-1], interpolation=cv2.INTER_NEAREST)
    angle = _skew(cv2, _ink(cv2, gray))
    if angle:
        height, width = gray.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
        gray = cv2.warpAffine(gray, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
        stamped = cv2.warpAffine(stamped, turn, (width, height), flags=cv2.INTER_NEAREST)
    ink = _ink(cv2, gray)
    level, upright = _rules(cv2, _bridged(cv2, ink, stamped))
    rules = cv2.bitwise_or(level, upright)
    tables = _tables(cv2, rules)
    printed = cv2.bitwise_and(ink, cv2.bitwise_not(cv2.dilate(rules, np.ones((3, 3), np.uint8))))
    return Straight(gray, printed, tables, _line_height(cv2, printed))


def _line_height(cv2: Any, printed: Image) -> float:
    """The usual height of a line of print: letters side by side melt into one patch that is wider than high."""
    melted = cv2.dilate(printed, np.ones((1, _MELT), np.uint8))
    _, _, patches, _ = cv2.connectedComponentsWithStats(melted, connectivity=8)
    heights = [height for _, _, width, height, area in patches[1:] if width > 3 * height and area > _MELT * _MELT]
    return float(np.median(heights)) if heights else _LINE


def _bridged(cv2: Any, ink: Image, stamped: Image) -> Image:
    """The ink, and where a stamp hid it, what joins the ink on both sides: a rule goes on below a stamp."""
    if not stamped.any():
        return ink
    joined = np.zeros_like(ink)
    for piece, gap in (((1, _LONG_PIECE), (1, _HIDDEN)), ((_PIECE, 1), (_HIDDEN, 1))):
        pieces = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(piece, np.uint8))
        joined |= cv2.morphologyEx(pieces, cv2.MORPH_CLOSE, np.ones(gap, np.uint8))
    bridged: Image = ink | (joined & cv2.dilate(stamped, np.ones((5, 5), np.uint8)))
    return bridged


def _without_stamps(cv2: Any, image: Image) -> tuple[Image, Image]:
    """The red channel, with paper where a picture is plainly red; and 255 where that is."""
    smooth = cv2.GaussianBlur(image, (3, 3), 0).astype(np.int16)
    red = smooth[:, :, 2]
    stamped = (red - smooth[:, :, :2].max(axis=2) > _RED) & (red > _LIGHT)
    gray = image[:, :, 2].copy()
    gray[stamped] = 255
    return gray, stamped.astype(np.uint8) * 255


def _ink(cv2: Any, gray: Image) -> Image:
    """255 where something is printed: darker than its surroundings, specks smoothed away."""
    smooth = cv2.GaussianBlur(gray, (3, 3), 0)
    local: Image = cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, 51, 25)
    return local


def _skew(cv2: Any, ink: Image) -> float:
    """By how many degrees the page is turned: where its rows of ink and of paper are told apart best."""
    small = cv2.resize(ink, (_SMALL, _SMALL * ink.shape[0] // ink.shape[1]), interpolation=cv2.INTER_AREA)
    middle = (small.shape[1] / 2, small.shape[0] / 2)

    def contrast(angle: float) -> float:
        turned = cv2.warpAffine(small, cv2.getRotationMatrix2D(middle, angle, 1), (small.shape[1], small.shape[0]))
        rows = turned.sum(axis=1, dtype=np.float64)
        return float(np.square(np.diff(rows)).sum())

    best = 0.0
    for step, reach in ((0.5, _MOST_SKEW), (0.1, 0.5), (0.02, 0.1)):
        best = max(np.arange(best - reach, best + reach + step / 2, step), key=contrast)
    return float(best)


def _rules(cv2: Any, ink: Image) -> tuple[Image, Image]:
    """The level and the upright rules, gaps in them closed."""
    lines = _long(cv2, ink, (_LEVEL_RULE, 1), (1, 3))
    count, labels, found, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    keep = np.zeros(count, np.uint8)
    for number in range(1, count):
        x, y, width, height, _ = found[number]
        # The heads of letters in a line are broken between the letters.
        strip = ink[y : y + height, x : x + width].any(axis=0)
        keep[number] = 255 * (height > _LEVEL_RULE or strip.mean() > 1 - _RULE_BREAKS)
    # A stamp may have cut a rule.
    level = cv2.morphologyEx(keep[labels], cv2.MORPH_CLOSE, np.ones((1, _CUT), np.uint8))
    # An upright rule goes from one level rule to the next; the upright strokes of letters do not.
    between = cv2.bitwise_and(ink, cv2.bitwise_not(cv2.dilate(level, np.ones((5, 1), np.uint8))))
    upright = _long(cv2, between, (1, _UPRIGHT_RULE), (3, 1))
    count, labels, found, _ = cv2.connectedComponentsWithStats(upright, connectivity=8)
    keep = np.zeros(count, np.uint8)
    for number in range(1, count):
        x, y, width, height, _ = found[number]
        keep[number] = 255 * _is_rule(ink, level, x + width // 2, y, y + height)
    rules = cv2.morphologyEx(keep[labels] | level, cv2.MORPH_CLOSE, np.ones((2 * _REACH, 1), np.uint8))
    return level, cv2.bitwise_and(rules, cv2.dilate(keep[labels], np.ones((4 * _REACH, 1), np.uint8)))


def _is_rule(ink: Image, level: Image, x: int, top: int, bottom: int) -> bool:
    """Whether an upright line is inked without a break from the level rule above it to that below it."""
    above = np.flatnonzero(level[max(top - _REACH, 0) : top + 1, x])
    below = np.flatnonzero(level[bottom - 1 : bottom + _REACH, x])
    if not above.size or not below.size:
        return False
    strip = ink[max(top - _REACH, 0) + above[-1] : bottom + below[0], max(x - 2, 0) : x + 3]
    length = strip.shape[0]
    breaks = length - int(np.count_nonzero(strip.any(axis=1)))
    return bool(breaks <= (_STROKE_BREAK if length < _LONGEST_STROKE else _RULE_BREAKS * length))


def _long(cv2: Any, ink: Image, shape: tuple[int, int], thick: tuple[int, int]) -> Image:
    """What is at least as long as ``shape`` in its direction; an uneven rule is thickened across it first."""
    gap = (_GAP, 1) if shape[1] == 1 else (1, _GAP)
    thickened = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_RECT, thick))
    closed = cv2.morphologyEx(thickened, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, gap))
    found: Image = cv2.morphologyEx(closed, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
    return found


def _tables(cv2: Any, rules: Image) -> list[list[PageCell]]:
    """The cells of each table from top to bottom: patches of paper inside one connected net of rules."""
    closed = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    count, _, nets, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    tables = []
    for x, y, width, height, _ in nets[1:count]:
        if width < 2 * _LEVEL_RULE or height < _UPRIGHT_RULE:
            continue
        cells = _cells(cv2, closed[y : y + height, x : x + width])
        if cells:
            tables.append([PageCell("", c.x0 + x, c.top + y, c.x1 + x, c.bottom + y) for c in cells])
    return sorted(tables, key=lambda cells: min(cell.top for cell in cells))


def _cells(cv2: Any, net: Image) -> list[PageCell]:
    count, _, patches, _ = cv2.connectedComponentsWithStats(255 - net, connectivity=4)
    boxes = []
    for x, y, width, height, area in patches[1:count]:
        # Rounded or cut corners may be missing; a patch that is far from its frame is the paper around the table.
        outside = x == 0 or y == 0 or x + width == net.shape[1] or y + height == net.shape[0]
        if width >= _LEAST_CELL and height >= _LEAST_CELL and not (outside and area < 0.9 * width * height):
            boxes.append((float(x), float(y), float(x + width), float(y + height)))
    # Strokes that touch close off patches as well; but a true cell never lies within another.
    boxes = [box for box in boxes if not any(_within(box, other) for other in boxes if other is not box)]
    xs = rulers([x for box in boxes for x in (box[0], box[2])], _SAME_LINE)
    ys = rulers([y for box in boxes for y in (box[1], box[3])], _SAME_LINE)
    return [PageCell("", _near(xs, x0), _near(ys, y0), _near(xs, x1), _near(ys, y1)) for x0, y0, x1, y1 in boxes]


def _within(box: Box, other: Box) -> bool:
    return other[0] <= box[0] and other[1] <= box[1] and other[2] >= box[2] and other[3] >= box[3]


def _near(lines: list[float], value: float) -> float:
    return min(lines, key=lambda line: abs(line - value))
