"""NFCMS, the sibling of 广东's gkmlpt for ordinary columns: static lists counted from 1.

Recognised by the script ids ``NFCMS_SITE_ID`` and ``NFCMS_POST_ID``, and by articles ``/content/post_<id>.html``
(older: ``content_<id>.html``). Page 2 is ``index_2.html``; a mobile twin is called ``mpost_<id>.html``.
"""

from __future__ import annotations

import re

from crawler.families import pager

MARK = re.compile(r"NFCMS_(SITE|POST)_ID|/content/(m?post|content)_\d+\.html")
family = pager.Paged("nfcms", MARK, (pager.one_based,))
