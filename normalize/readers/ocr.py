"""Pictures of text lines to text (rapidocr, its own models, offline); the models are loaded once a process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from normalize.readers.unreadable import needed

if TYPE_CHECKING:
    from normalize.readers.ruling import Image

_NARROW = [3, 48, 64]
_BATCH = 16


def recognise(lines: list[Image], *, narrow: bool = False) -> list[tuple[str, float]]:
    """The text of each picture of one line, and how sure the model is of it (0 to 1).

    ``narrow`` where all lines are a few characters long. Raises UnreadableDocument (``needs_extra``).
    """
    if not lines:
        return []
    cv2 = needed("cv2", "ocr")
    pictures = [cv2.cvtColor(line, cv2.COLOR_GRAY2BGR) for line in lines]
    found = _model(narrow=narrow).recognize_txt(pictures)
    return [(str(text), float(score)) for text, score in zip(found.txts, found.scores, strict=True)]


@cache
def _model(*, narrow: bool) -> Any:
    return needed("rapidocr", "ocr").RapidOCR(
        params={"Global.log_level": "error", "Rec.rec_batch_num": _BATCH}
        | ({"Rec.rec_img_shape": _NARROW} if narrow else {})
    )
