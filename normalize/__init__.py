"""Archive to rows to release: what the reports say."""

from importlib import import_module
from typing import Any

from normalize.document import read_document
from normalize.model import Report
from normalize.readers import UnreadableDocument

__all__ = ["Report", "UnreadableDocument", "load", "read_document"]


def __getattr__(name: str) -> Any:
    """``load`` of ``normalize.loading``: Arrow comes only with it, for reading a document does without."""
    if name == "load":
        return import_module("normalize.loading").load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
