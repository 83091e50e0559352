"""JSP lists of 绵竹, 晋中, 咸阳 and 新疆: ``/info/iList.jsp?node_id=&cat_id=``, counted by ``cur_page`` from 1.

Recognised by that address.
"""

from __future__ import annotations

import re

from crawler.families import pager

MARK = re.compile(r"/info/iList\.jsp\?")
family = pager.Paged("ilist-jsp", MARK, (pager.by_parameter("cur_page"),))
