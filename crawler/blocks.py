"""Recognises answers that are no content: gates, refusals, throttling, and pages that are gone.

For recognition only: a gate is recorded and its host left alone, no challenge is ever solved.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.outcomes import Fault
from crawler.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.http import Response

# Real reports are longer; a page this small is looked at for what it says of itself.
SMALL_PROSE = 400
HEAD = 8192

JSL = re.compile(rb"__jsl(?:_clearance|uid)")
RUISHU = re.compile(rb"\$_ts\b")
ALIYUN = re.compile(rb"acw_sc__v2|var arg1=")
YUNSUO = re.compile(rb"yunsuo_session|yd_cookie")
# A page of nothing but a script that sets a cookie and asks for itself again.
COOKIE_GATE = re.compile(
    rb"sbu_fpc\.js|document\.cookie\s*=[\s\S]{0,2000}location\.(reload|href|replace)|location\.reload\("
)
# Challenges of Cloudflare, 360 and others that a browser passes by its script; a page with a list never has them.
CHALLENGE = re.compile(
    rb"_cf_chl_opt|cf-browser-verification|/cdn-cgi/challenge-platform/|WZWS_|wzwschallenge|wzws-waf"
)
TEXT = re.compile(rb"<(a|p|td|li|iframe|frame)\b", re.IGNORECASE)
LINK = re.compile(rb"<a\b", re.IGNORECASE)
CAPTCHA = re.compile(r"安全验证|人机验证|请输入验证码|滑动验证|访问验证")
# A firewall that takes its reader for an attacker; it stands before the whole host.
FIREWALL = re.compile(
    r"(访问|请求|操作)(已)?被?(拦截|阻断)|您的访问请求可能|Request\s*Rejected|requested\s*URL\s*was\s*rejected"
    r"|设置(为)?(拦截|阻断)|(疑似|可能)(为|是)?(黑客)?攻击|造成安全威胁|网站防火墙|Web应用防火墙",
    re.IGNORECASE,
)
# What a server says of one page that it keeps for others.
BLOCKED = re.compile(
    r"(访问|请求|操作)(已)?被?拒绝|Access\s*Denied|无权访问|(不合法|非法|恶意)的?(请求|参数)|禁止访问|访问禁止",
    re.IGNORECASE,
)
# Challenges in words; a browser would be let in after a while.
WAITING = re.compile(
    r"Just\s*a\s*moment|正在进行?(浏览器)?安全检(查|测)|安全检查中|打开浏览器的?javascript.{0,4}刷新",
    re.IGNORECASE,
)
# What a server says that failed and answers 200 all the same.
FAILED = re.compile(
    r"Server\s*Error\s*in\s*'|HTTP\s*Status\s*5\d\d|Fatal\s*error\s*:|Traceback\s*\(most|java\.(lang|sql|io)\.\w+Exception"
    r"|Internal\s*Server\s*Error|(服务器|数据库)(内部)?(错误|出错|异常|连接失败)|Error\s*establishing\s*a\s*database",
    re.IGNORECASE,
)
BUSY = re.compile(r"访问过于频繁|请求过于频繁|访问频率")
GONE = re.compile(
    r"您访问的页面|(找不到|没有?找到|无法找到)(该|您|相关)?.{0,6}页|已(被)?删除|不存在的(页面|网页)"
    r"|(页面|网页|内容|信息|资源|文章|栏目|文件|地址)(已经?)?(不存在|未找到|找不到|没有?找到|(已|被)?下线|失效)"
    # A number among other words is no error: 404 rows, the 404th of a list.
    r"|(?:^|[^\w]|error|http|错误|出错了?|页面?)404(?:$|[^\w]|页|错误|error)",
    re.IGNORECASE,
)
# What stands before a host, and what one page says of itself.
CHALLENGES = ((CAPTCHA, "captcha"), (WAITING, "cookie_gate"), (BUSY, "throttled"), (FIREWALL, "forbidden_page"))
REFUSALS = (
    *((BUSY, "throttled"), (FIREWALL, "forbidden_page"), (BLOCKED, "forbidden_page")),
    *((FAILED, "unreachable"), (GONE, "soft404")),
)
# What stands before a host has none of its navigation; a form of the site that asks for a code has.
MAX_LINKS = 5


def fault_in(response: Response) -> Fault | None:
    """Return the fault that an answer is, by markers, status and a small page's words; None for content."""
    if gate := _gate(response):
        return Fault(gate[0], response.url, gate[1], gate=True)
    said = _said(response)
    if said and (challenge := _words(said, CHALLENGES)) and _stands_alone(response):
        return _said_fault(response, challenge, gate=True)
    if status := _status(response.status):
        return Fault(status[0], response.url, status[1])
    refusal = _words(said, REFUSALS)
    return _said_fault(response, refusal) if refusal else None


def _gate(response: Response) -> tuple[str, str] | None:
    head = response.body[:HEAD]
    status = response.status
    if status == 521 or JSL.search(head):
        return "waf_jsl", f"HTTP {status} with the script gate of 加速乐"
    if status in (202, 412) and (RUISHU.search(head) or (status == 412 and b"<script" in head)):
        return "waf_ruishu", f"HTTP {status} with the script gate of 瑞数"
    # Scripts of a page set cookies and send their reader on without being a gate.
    if len(response.body) >= HEAD or b"javascript" in (response.headers.get("Content-Type") or b"").lower():
        return None
    return _gate_alone(head, status)


def _gate_alone(head: bytes, status: int) -> tuple[str, str] | None:
    """A gate that is all that its page holds."""
    if ALIYUN.search(head):
        return "waf_aliyun", f"HTTP {status} with the script gate of 阿里云"
    if YUNSUO.search(head):
        return "waf_cookie", f"HTTP {status} with the cookie gate of 云锁"
    if CHALLENGE.search(head) or (COOKIE_GATE.search(head) and not TEXT.search(head)):
        return "cookie_gate", f"HTTP {status} with a script that sets a cookie and asks again"
    return None


def _status(status: int) -> tuple[str, str] | None:
    if status < 300:
        return None
    known = {401: "forbidden_page", 403: "forbidden_page", 429: "throttled"}
    code = known.get(status) or ("unreachable" if status >= 500 else "soft404")
    return code, f"HTTP {status}"


def _said(response: Response) -> str:
    """What a page says of itself: all of a small one, the title of others."""
    media_type = (response.headers.get("Content-Type") or b"").lower()
    if b"html" not in media_type and not response.body[:512].lstrip().lower().startswith((b"<!doctype", b"<html")):
        return ""
    page = Page.of(response)
    return page.title if len(page.prose) > SMALL_PROSE else f"{page.title} {page.prose}"


def _stands_alone(response: Response) -> bool:
    """Tell whether an answer can be no page of the site; what a site says of what is not there is one."""
    return response.status not in (404, 410) and len(LINK.findall(response.body)) <= MAX_LINKS


def _said_fault(response: Response, found: tuple[str, str], *, gate: bool = False) -> Fault:
    return Fault(found[0], response.url, f"HTTP {response.status}, and the page says {found[1]}", gate=gate)


def words_of_refusal(text: str) -> tuple[str, str] | None:
    """Return the code and the words with which a text refuses what was asked for, or None."""
    return _words(text, (*CHALLENGES, *REFUSALS))


def _words(text: str, marks: Iterable[tuple[re.Pattern[str], str]]) -> tuple[str, str] | None:
    return next(((code, match[0]) for mark, code in marks if (match := mark.search(text))), None)
