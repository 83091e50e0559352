"""Fake portals that fail, each in one known way."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Self

from tests.portals.base import Answer, FakePortal

if TYPE_CHECKING:
    from aiohttp import web

JSL = b"<script>document.cookie='__jsl_clearance=1|abc';location.href=location.pathname;</script>"
RUISHU = b'<script>$_ts=window["$_ts"];</script><script src="/4QbVtADbnLVIc/d.FxJzG50F.js"></script>'
LIST_PATH = "/zfxxgk/zfxxgknb/"
OTHER_SITE = "http://www.gov.cn/zhengce/"

ANSWERS = {
    "error500": Answer("服务器错误".encode(), status=500),
    "gone": Answer(b"<html><title>404</title></html>", status=404),
    "forbidden": Answer(b"", status=403),
    "throttled": Answer(b"", status=429),
    "jsl": Answer(JSL, status=521),
    "ruishu": Answer(RUISHU, status=412),
    "captcha": Answer("<html><title>安全验证</title><body>请输入验证码</body></html>".encode()),
    "soft404": Answer("<html><title>页面不存在</title><body>您访问的页面不存在</body></html>".encode()),
    "to_home": Answer(b"", status=301, location="/"),
    "circle": Answer(b"", status=302, location=LIST_PATH),
    "offsite": Answer(b"", status=302, location=OTHER_SITE),
    "empty": Answer("<html><title>政府信息公开年报</title><body><ul></ul></body></html>".encode()),
    "script": Answer(b"<html><body><div id='app'></div><script>$.ajax({url:'/api'})</script></body></html>"),
    "robots_deny": Answer(b"<html></html>"),
    "robots_403": Answer(b"<html></html>"),
    "robots_500": Answer(b"<html></html>"),
    "hang": Answer(b""),
    "refuse": Answer(b""),
}
# What each fault is to be called.
CODES = {
    "error500": "unreachable",
    "gone": "no_column",
    "forbidden": "forbidden_page",
    "throttled": "throttled",
    "jsl": "waf_jsl",
    "ruishu": "waf_ruishu",
    "captcha": "captcha",
    "soft404": "no_column",
    "to_home": "to_home",
    "circle": "cookie_gate",
    "offsite": "offsite_redirect",
    "empty": "empty_list",
    "script": "js_list",
    "robots_deny": "robots_disallow",
    "robots_403": "robots_disallow",
    "robots_500": "unreachable",
    "hang": "unreachable",
    "refuse": "unreachable",
}


class FaultyPortal(FakePortal):
    """A portal whose column fails with ``fault``, a key of CODES."""

    list_path = LIST_PATH

    def __init__(self, name: str, fault: str, *, host: str = "127.0.0.1") -> None:
        quirks = {fault} & self.site_quirks
        super().__init__(name, quirks=quirks, host=host)
        self.fault = fault

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        if self.fault == "refuse":
            await super().__aexit__()
            with socket.socket() as probe:
                probe.bind((self.host, 0))
                self.port = probe.getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        if self.fault != "refuse":
            await super().__aexit__(*error)

    def build(self) -> dict[str, Answer]:
        """Return the one page there is."""
        return {LIST_PATH: ANSWERS[self.fault]}

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Keep a request waiting where the portal hangs."""
        if self.fault == "hang" and request.path == LIST_PATH:
            await asyncio.sleep(30)
        return None
