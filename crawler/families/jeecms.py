"""JEECMS: static lists whose files end in ``.jhtml``, counted from 1.

Recognised by that ending. Page 2 is ``index_2.jhtml``, and ``index_1.jhtml`` is the first.
"""

from __future__ import annotations

import re

from crawler.families import pager

MARK = re.compile(r"""\.jhtml(?:["'?]|$)""")
family = pager.Paged("jeecms", MARK, (pager.one_based,))
