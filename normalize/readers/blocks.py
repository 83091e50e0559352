"""What readers of word processors share: paragraphs and tables in order to text blocks and raw tables."""

from __future__ import annotations

from normalize.model import Document, RawCell, RawTable, TextBlock

_LONGEST_CELL = 1_000


def is_data(rows: list[list[RawCell]]) -> bool:
    """Whether rows are a table of data; one column, or whole chapters in a cell, is prose in a box."""
    return any(len(row) > 1 for row in rows) and all(len(cell.text) <= _LONGEST_CELL for row in rows for cell in row)


def gather(reader: str, blocks: list[str | RawTable]) -> Document:
    """The document of these blocks: text between tables as one block, the first line its title."""
    document = Document(reader, [])
    text: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            text.append(block)
            continue
        if any(line.strip() for line in text):
            document.parts.append(TextBlock("\n".join(text).strip("\n")))
        text = []
        document.parts.append(block)
    if any(line.strip() for line in text):
        document.parts.append(TextBlock("\n".join(text).strip("\n")))
    document.title = first_line(document.parts)
    return document


def first_line(parts: list[TextBlock | RawTable]) -> str:
    """The first line of text among the parts of a document, empty where there is none."""
    texts = (part.text for part in parts if isinstance(part, TextBlock))
    return next((line.strip() for text in texts for line in text.split("\n") if line.strip()), "")
