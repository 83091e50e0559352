"""OFD (GB/T 33190) to text blocks and raw tables: text with its places, lines, templates and page blocks.

A page is a list of objects, each in a frame (``Boundary``) and turned or scaled by its own matrix (``CTM``), in
millimetres. What is not supported is refused by name: text that is only numbers of glyphs, and encrypted files.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from normalize.model import Document
from normalize.readers.blocks import first_line
from normalize.readers.layer import Char, lay_out, level, printed, upright
from normalize.readers.limits import member, open_zip, parse_xml
from normalize.readers.pages import Page, assemble
from normalize.readers.scan import read_pictures
from normalize.readers.unreadable import UnreadableDocument, needed

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from lxml import etree

MAX_PAGES = 200
MAX_OBJECTS = 200_000
_POINTS = 72 / 25.4
_DEEPEST = 16
_MOST_STEPS = 10_000
_STRAIGHT = 0.6
_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
# How many numbers follow each letter of a path; only the last two are a place.
_NUMBERS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}

Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(slots=True)
class _Canvas:
    """The characters and rules of one page, in points."""

    chars: list[Char] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    objects: int = 0


@dataclass(slots=True)
class _Package:
    """The files of an OFD, and the resources that its pages name by number."""

    packed: zipfile.ZipFile
    names: dict[str, str]
    templates: dict[str, str] = field(default_factory=dict)
    composites: dict[str, etree._Element] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)

    def xml(self, path: str) -> etree._Element:
        """A part by its path; case and leading slashes are not always kept."""
        return parse_xml(self.data(path), path)

    def data(self, path: str) -> bytes:
        """The bytes of a file in the package."""
        name = self.names.get(path.lstrip("/").lower())
        if name is None:
            raise UnreadableDocument("damaged", f"{path} is not in the OFD file; fetch it again")
        return member(self.packed, name)


def read_ofd(data: bytes) -> Document:
    """The document that an OFD file holds; the first, where it holds several.

    Raises UnreadableDocument with the codes ``damaged``, ``encrypted``, ``too_large``, ``too_deep``, ``needs_extra``
    and ``unsupported``.
    """
    plumber = needed("pdfplumber", "docs")
    with open_zip(data) as packed:
        names = {name.replace("\\", "/").lstrip("/").lower(): name for name in packed.namelist()}
        if "encryptions.xml" in names:
            raise UnreadableDocument("encrypted", "the OFD file is encrypted")
        package = _Package(packed, names)
        root, base = _document(package)
        _resources(package, root, base)
        places = [posixpath.join(base, page.get("BaseLoc") or "") for page in _all(root, "Pages/Page")]
        if len(places) > MAX_PAGES:
            raise UnreadableDocument("too_large", f"{len(places)} pages, more than the limit of {MAX_PAGES}")
        document = Document("ofd", [])
        pages, pictures = [], []
        for number, place in enumerate(places, 1):
            canvas = _draw_page(package, place)
            pages.append(_page(plumber, canvas, number))
            if not canvas.chars:
                pictures += [package.data(path) for path in canvas.pictures]
        document.parts.extend(assemble(pages))
        read_pictures(pictures, document)
    document.title = first_line(document.parts)
    return document


def _page(plumber: Any, canvas: _Canvas, number: int) -> Page:
    xs = [char["x1"] for char in canvas.chars] + [edge["x1"] for edge in canvas.edges]
    ys = [char["bottom"] for char in canvas.chars] + [edge["bottom"] for edge in canvas.edges]
    frame = SimpleNamespace(edges=canvas.edges, bbox=(0, 0, max(xs, default=0), max(ys, default=0)))
    return lay_out(plumber, frame, number, printed(canvas.chars))[0]


def _document(package: _Package) -> tuple[etree._Element, str]:
    """The root of the first document, and the folder that it lies in."""
    body = _first(package.xml("OFD.xml"), "DocBody/DocRoot")
    path = (body.text or "").strip() if body is not None else ""
    if not path:
        raise UnreadableDocument("damaged", "OFD.xml names no document; fetch it again")
    return package.xml(path), posixpath.dirname(path.lstrip("/"))


def _resources(package: _Package, root: etree._Element, base: str) -> None:
    for template in _all(root, "CommonData/TemplatePage"):
        package.templates[template.get("ID") or ""] = posixpath.join(base, template.get("BaseLoc") or "")
    for kind in ("PublicRes", "DocumentRes"):
        for part in _all(root, f"CommonData/{kind}"):
            path = posixpath.join(base, (part.text or "").strip())
            if path.lstrip("/").lower() not in package.names:
                continue
            resources = package.xml(path)
            folder = posixpath.join(posixpath.dirname(path), resources.get("BaseLoc") or "")
            for unit in _all(resources, "CompositeGraphicUnits/CompositeGraphicUnit"):
                package.composites[unit.get("ID") or ""] = unit
            for media in _all(resources, "MultiMedias/MultiMedia"):
                file = _first(media, "MediaFile")
                if file is not None and media.get("Type") == "Image":
                    package.media[media.get("ID") or ""] = posixpath.join(folder, (file.text or "").strip())


def _draw_page(package: _Package, path: str) -> _Canvas:
    canvas = _Canvas()
    root = package.xml(path)
    for template in _all(root, "Template"):
        place = package.templates.get(template.get("TemplateID") or "")
        if place:
            _draw_layers(package, package.xml(place), canvas)
    _draw_layers(package, root, canvas)
    return canvas


def _draw_layers(package: _Package, root: etree._Element, canvas: _Canvas) -> None:
    for layer in _all(root, "Content/Layer"):
        _draw(package, layer, canvas, _SAME, 0)


def _draw(package: _Package, parent: etree._Element, canvas: _Canvas, outer: Matrix, depth: int) -> None:
    """Draw the objects of a layer, a page block or a composite unit."""
    if depth > _DEEPEST:
        raise UnreadableDocument("too_deep", f"blocks inside blocks, more than {_DEEPEST} deep")
    for element in _children(parent):
        if _name(element) == "PageBlock":
            _draw(package, element, canvas, outer, depth + 1)
        elif element.get("Visible") != "false":
            _draw_object(package, element, canvas, outer, depth)


def _draw_object(package: _Package, element: etree._Element, canvas: _Canvas, outer: Matrix, depth: int) -> None:
    canvas.objects += 1
    if canvas.objects > MAX_OBJECTS:
        raise UnreadableDocument("too_large", f"more than {MAX_OBJECTS} objects on a page")
    kind, resource = _name(element), element.get("ResourceID") or ""
    if kind == "TextObject":
        _text(element, canvas, outer)
    elif kind == "PathObject":
        _path(element, canvas, outer)
    elif kind == "ImageObject" and resource in package.media:
        canvas.pictures.append(package.media[resource])
    elif kind == "CompositeObject" and resource in package.composites:
        content = _first(package.composites[resource], "Content")
        if content is not None:
            _draw(package, content, canvas, _times(_frame(element), outer), depth + 1)


# Text --------------------------------------------------------------------------------------------------------------


def _text(element: etree._Element, canvas: _Canvas, outer: Matrix) -> None:
    matrix = _times(_frame(element), outer)
    size = _number(element.get("Size"), 0)
    wide = _number(element.get("HScale"), 1)
    x = y = 0.0
    for code in _all(element, "TextCode"):
        x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
        text = (code.text or "").strip("\n")
        if not text.strip() and _first(element, "CGTransform") is not None:
            raise UnreadableDocument("unsupported", "its text is numbers of glyphs without characters")
        right, down = _deltas(code.get("DeltaX")), _deltas(code.get("DeltaY"))
        at = (x, y)
        for number, char in enumerate(text):
            canvas.chars.append(_char(char, at, size, wide, matrix))
            at = (
                at[0] + _step(right, number, 0.0 if down else _advance(char, size * wide)),
                at[1] + _step(down, number, 0.0),
            )


def _char(text: str, at: tuple[float, float], size: float, wide: float, matrix: Matrix) -> Char:
    """A character as pdfplumber has it; its place is the left end of its base line."""
    width = _advance(text, size * wide)
    corners = [_apply(matrix, at[0] + dx, at[1] + dy) for dx in (0.0, width) for dy in (-0.86 * size, 0.14 * size)]
    xs, ys = [corner[0] * _POINTS for corner in corners], [corner[1] * _POINTS for corner in corners]
    box = {"x0": min(xs), "x1": max(xs), "top": min(ys), "bottom": max(ys)}
    height = box["bottom"] - box["top"]
    return {
        **box, "text": text, "size": height, "width": box["x1"] - box["x0"], "height": height, "doctop": box["top"],
        "upright": abs(matrix[1]) < abs(matrix[0]), "fontname": "", "matrix": matrix,
    }  # fmt: skip


def _advance(char: str, size: float) -> float:
    return size if ord(char) > 0x2E80 or char in "“”‘’—…" else size / 2


def _deltas(text: str | None) -> list[float]:
    """The steps between characters; ``g 3 2.5`` stands for 2.5 three times."""
    words = iter((text or "").split())
    steps: list[float] = []
    for word in words:
        if word == "g":
            count, step = int(_number(next(words, ""), 0)), _number(next(words, ""), 0)
            steps += [step] * min(max(count, 0), _MOST_STEPS - len(steps))
        else:
            steps.append(_number(word, 0))
        if len(steps) >= _MOST_STEPS:
            break
    return steps


def _step(steps: list[float], number: int, usual: float) -> float:
    if not steps:
        return usual
    # Fewer steps than characters: the last one holds on.
    return steps[min(number, len(steps) - 1)]


# Lines -------------------------------------------------------------------------------------------------------------


def _path(element: etree._Element, canvas: _Canvas, outer: Matrix) -> None:
    """The straight level and upright lines of a path; a filled bar thinner than a letter is a line too."""
    data = _first(element, "AbbreviatedData")
    if data is None or not data.text:
        return
    matrix = _times(_frame(element), outer)
    for start, end in _segments(data.text):
        (x0, y0), (x1, y1) = _apply(matrix, *start), _apply(matrix, *end)
        x0, y0, x1, y1 = (value * _POINTS for value in (x0, y0, x1, y1))
        if abs(y1 - y0) <= _STRAIGHT < abs(x1 - x0):
            canvas.edges.append(level((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif abs(x1 - x0) <= _STRAIGHT < abs(y1 - y0):
            canvas.edges.append(upright((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


def _segments(data: str) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The sides of a path (GB/T 33190, abbreviated data), curves by their ends."""
    tokens = _TOKEN.findall(data)
    start = here = (0.0, 0.0)
    place = 0
    while place < len(tokens):
        letter = tokens[place].upper()
        count = _NUMBERS.get(letter, 0)
        numbers = [_number(token, 0) for token in tokens[place + 1 : place + 1 + count]]
        place += 1 + count
        if letter == "C":
            yield here, start
            here = start
        elif len(numbers) == count >= 2:
            there = (numbers[-2], numbers[-1])
            if letter in ("M", "S"):
                start = there
            elif letter == "L":
                yield here, there
            here = there


# Geometry ----------------------------------------------------------------------------------------------------------


def _frame(element: etree._Element) -> Matrix:
    """From an object's own coordinates to those of what holds it: its matrix, then its frame's corner."""
    x, y = ([_number(token, 0) for token in (element.get("Boundary") or "").split()] + [0.0, 0.0])[:2]
    own = [_number(token, 0) for token in (element.get("CTM") or "").split()]
    matrix: Matrix = tuple(own) if len(own) == len(_SAME) else _SAME  # type: ignore[assignment]
    return _times(matrix, (1, 0, 0, 1, x, y))


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default


# XML: names without their name space, which files write in several ways ----------------------------------------------


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: etree._Element) -> Iterator[etree._Element]:
    return (child for child in element if isinstance(child.tag, str))


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    found = [element]
    for step in path.split("/"):
        found = [child for parent in found for child in _children(parent) if _name(child) == step]
    return found


def _first(element: etree._Element, path: str) -> etree._Element | None:
    return next(iter(_all(element, path)), None)
