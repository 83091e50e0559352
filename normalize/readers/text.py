"""Plain text to one text block; its tables are rebuilt by ``normalize.flow``."""

from __future__ import annotations

from normalize.model import Document, TextBlock

_LONGEST_TITLE = 200


def read_text(text: str) -> Document:
    """The document that a plain text is: one block, its line breaks kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")[:_LONGEST_TITLE]
    return Document("text", [TextBlock(text)] if text.strip() else [], title=first)
