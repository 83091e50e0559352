"""The data dictionary, as ``docs`` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.model import View, Words
from normalize.dictionary import dictionary

if TYPE_CHECKING:
    from explorer.model import Asked
    from explorer.source import Source


def show(source: Source, asked: Asked) -> View:  # noqa: ARG001 - every view is asked alike
    """The view of the dictionary: made from the schema and the codebook alone."""
    heading, _, text = dictionary(asked.language).partition("\n")
    return View(heading.removeprefix("# "), [Words(text)])
