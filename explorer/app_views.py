"""The views of the app by their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.views import compare, county, coverage, dictionary, indicator, quality, runs, source

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.model import Asked, View
    from explorer.source import Source

VIEWS: dict[str, Callable[[Source, Asked], View]] = {
    "coverage": coverage.show,
    "county": county.show,
    "compare": compare.show,
    "indicator": indicator.show,
    "quality": quality.show,
    "runs": runs.show,
    "dictionary": dictionary.show,
    "source": source.show,
}
