"""Archive to rows to release: what the reports say."""

from normalize.document import read_document
from normalize.model import Report
from normalize.readers import UnreadableDocument

__all__ = ["Report", "UnreadableDocument", "read_document"]
