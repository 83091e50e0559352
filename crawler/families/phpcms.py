"""PHPCMS: lists are ``/index.php?m=content&c=index&a=lists&catid=``, counted by ``page`` from 1.

Recognised by that address. Known quirk: portals that send their reader in a circle until a cookie is set, which is
recorded as ``cookie_gate``.
"""

from __future__ import annotations

import re

from crawler.families import pager

MARK = re.compile(r"index\.php\?m=content&(?:amp;)?c=index&(?:amp;)?a=(lists|show)&(?:amp;)?catid=\d+")
family = pager.Paged("phpcms", MARK, (pager.PAGE,))
