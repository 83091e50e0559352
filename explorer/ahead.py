"""Views made before anybody asks for them: a release keeps their answers, and Altair its first charts of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.app_views import VIEWS
from explorer.model import Asked, Chart
from normalize.published import ReleaseError

if TYPE_CHECKING:
    from explorer.source import Source

# The views that take the longest the first time.
AHEAD = ("county", "compare", "indicator", "quality")


def make_ahead(source: Source) -> None:
    """Make the views ahead with nothing chosen, and their charts.

    The first chart of a kind takes Altair five times as long as the next. What a damaged release answers is left to the
    view that meets it.
    """
    try:
        for name in AHEAD:
            for block in VIEWS[name](source, Asked({})).blocks:
                if isinstance(block, Chart):
                    block.draw().to_dict()
    except ReleaseError:
        return
