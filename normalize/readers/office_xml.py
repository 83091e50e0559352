"""Word and Excel files saved as one XML file, often named .doc or .xls: Word's read here, Excel's by LibreOffice.

Word writes two kinds: the parts of a docx one after another (Flat OPC), and the format of 2003, whose elements have the
same names in another name space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from normalize.readers.excel import read_workbook
from normalize.readers.limits import parse_xml
from normalize.readers.office import convert
from normalize.readers.word import read_body

if TYPE_CHECKING:
    from lxml import etree

    from normalize.model import Document

_NAMES = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OLD_NAMES = b"http://schemas.microsoft.com/office/word/2003/wordml"
_STRICT_NAMES = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_W = f"{{{_NAMES.decode()}}}"
_ANNOTATION = "{http://schemas.microsoft.com/aml/2001/core}annotation"
# Elements of 2003 that were renamed.
_RENAMED = {f"{_W}vmerge": f"{_W}vMerge", f"{_W}hmerge": f"{_W}hMerge"}


def read_word_xml(data: bytes) -> Document:
    """The document of a Word file saved as XML. Raises UnreadableDocument (``damaged``)."""
    root = parse_xml(data.replace(_OLD_NAMES, _NAMES).replace(_STRICT_NAMES, _NAMES), "the file")
    if root.tag == f"{_W}wordDocument":
        _as_of_today(root)
    else:
        root = next(root.iter(f"{_W}document"), root)
    styles = next(root.getroottree().iter(f"{_W}styles"), None)
    return read_body(root, styles, "the file")


def _as_of_today(root: etree._Element) -> None:
    """Give the elements of the format of 2003 their present names, and take out what is marked as deleted."""
    for element in list(root.iter(*_RENAMED)):
        element.tag = _RENAMED[str(element.tag)]
    for note in list(root.iter(_ANNOTATION)):
        if note.get(f"{_W}type") == "Word.Deletion":
            note.tag = f"{_W}del"


def read_excel_xml(data: bytes) -> Document:
    """The document of an Excel file saved as XML. Raises UnreadableDocument (``needs_program``, ``damaged`` ...)."""
    return read_workbook(convert(data, "xml", "xlsx"))
