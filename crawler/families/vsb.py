"""博达 VisualSiteBuilder (VSB): static lists whose pages are numbered from the end.

Recognised by ``Announced by Visual SiteBuilder``, ``_sitegray``, ``/system/resource/js/`` and its pager. Page 2 of 31
is ``<list>/30.htm`` and the last is ``1.htm``, so that an address holds other articles once the list has grown: only
next links (下页) are followed, nothing is worked out. Known quirks: a captcha after a few downloads, after which the
host is left alone; pages that say 您无权访问.
"""

from __future__ import annotations

import re

from crawler.families import pager

MARK = re.compile(
    r"Announced by Visual SiteBuilder|_sitegray(/_sitegray)?(_d)?\.(js|css)|_simple_list_gotopage_fun\(\d+"
    r"|/system/resource/js/(counter|dynclicks|gotopage)\.js|id=\"vsb_content(_\d+)?\"|_jsq_\(|_showDynClickBatch\("
    r"|href=\"[^\"]{0,200}\.vsb\.css\"|urltype=(tree\.TreeTempUrl|egovinfo\.\w+)&(amp;)?wbtreeid=\d+"
)
family = pager.Paged("vsb", MARK, forms=())
