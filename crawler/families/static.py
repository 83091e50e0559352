"""The fallback for lists of no known family: read the pager before guessing, try addresses, compare what they bring.

In this order: a next link (下一页), a pager call, 共N页 with trial of the usual addresses. A page that brings nothing
new is never taken for the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.families import pager

if TYPE_CHECKING:
    from crawler.families.links import Links
    from crawler.families.reading import Reading
    from crawler.page import Page

name = "static"


def recognise(page: Page) -> bool:  # noqa: ARG001 - the fallback takes every page
    """Tell that any page will do."""
    return True


def read(page: Page, found: Links) -> Reading:
    """Read the list along its next links, or page by page where only a count is given."""
    return (yield from pager.walk(page, found, pager.USUAL))
