"""The words of the explorer in Chinese and English, and the groups and colours of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.model import Asked, Language

_WORDS: dict[str, tuple[str, str]] = {
    "coverage": ("覆盖", "Coverage"),
    "county": ("县区", "County"),
    "compare": ("对比", "Compare"),
    "indicator": ("指标", "Indicator"),
    "quality": ("质量", "Quality"),
    "runs": ("采集", "Runs"),
    "dictionary": ("字典", "Dictionary"),
    "source": ("出处", "Source"),
    "release": ("数据版本", "Release"),
    "province": ("省份", "Province"),
    "prefecture": ("地级", "Prefecture"),
    "year": ("年度", "Year"),
    "body": ("机关", "Body"),
    "form": ("表式", "Form"),
    "outcome": ("结果", "Outcome"),
    "detail": ("说明", "Detail"),
    "value": ("数值", "Value"),
    "status": ("状态", "Status"),
    "flags": ("标记", "Flags"),
    "flag": ("标记", "Flag"),
    "unit": ("单位", "Unit"),
    "label": ("项目", "Item"),
    "change": ("变化", "Change"),
    "note": ("说明", "Note"),
    "check": ("校验", "Check"),
    "severity": ("严重程度", "Severity"),
    "says": ("关系", "Identity"),
    "left": ("左值", "Left"),
    "right": ("右值", "Right"),
    "cells": ("单元格", "Cells"),
    "share": ("占比", "Share"),
    "found": ("已得", "Found"),
    "portals": ("门户", "Portals"),
    "portal_years": ("门户年", "Portal years"),
    "family": ("系统", "Family"),
    "reports": ("报告数", "Reports"),
    "reader": ("读取器", "Reader"),
    "address": ("网址", "Address"),
    "fetched": ("采集时间", "Fetched"),
    "published": ("发布日期", "Published"),
    "section": ("章节", "Chapter"),
    "quote": ("引文", "Quote"),
    "rank": ("名次", "Rank"),
    "level": ("层级", "Level"),
    "applicant": ("申请人", "Applicant"),
    "measure": ("量", "Measure"),
    "n": ("数量", "n"),
    "of": ("总数", "of"),
    "median": ("中位数", "Median"),
    "all": ("全部", "all"),
    "run": ("运行", "Run"),
    "started": ("开始", "Started"),
    "kind": ("类别", "Kind"),
    "subject": ("对象", "Subject"),
    "language": ("语言", "Language"),
    "download": ("下载", "Download"),
    "file": ("文件", "File"),
}

# Okabe and Ito's colours, told apart by every kind of colour vision; greys for what is not there.
BLUE, SKY, ORANGE, VERMILION, GREY, PALE = "#0072B2", "#56B4E9", "#E69F00", "#D55E00", "#9A9A9A", "#E4E4E4"
OUTCOME_GROUPS: dict[str, tuple[str, str, str]] = {
    "kept": ("已得", "found", BLUE),
    "kept_doubtful": ("已得（存疑）", "found, in doubt", SKY),
    "absent": ("栏目中没有", "not in the column", GREY),
    "no_list": ("未找到栏目", "no readable column", PALE),
    "refused": ("被拒绝", "refused", ORANGE),
    "failed": ("访问失败", "failed", VERMILION),
}
_GROUP_OF = {
    "found": "kept",
    "year_inferred": "kept_doubtful",
    "ambiguous": "kept_doubtful",
    "image_only": "kept_doubtful",
    "year_missing": "absent",
    "empty_list": "absent",
    "no_hub": "no_list",
    "no_column": "no_list",
    "js_list": "no_list",
    "to_home": "no_list",
    "soft404": "no_list",
    "identity_mismatch": "no_list",
    "offsite_redirect": "no_list",
    "robots_disallow": "refused",
    "waf_jsl": "refused",
    "waf_ruishu": "refused",
    "waf_aliyun": "refused",
    "waf_cookie": "refused",
    "cookie_gate": "refused",
    "captcha": "refused",
    "throttled": "refused",
    "hdr_required": "refused",
    "forbidden_page": "refused",
}
KEPT = tuple(code for code, group in _GROUP_OF.items() if group.startswith("kept"))
# With these the portal was not looked at, so that a report that was there may still be.
NOT_SEEN = (
    "unreachable", "tls_failed", "budget_exhausted",
    *(code for code, group in _GROUP_OF.items() if group == "refused"),
)  # fmt: skip


def say(name: str, language: Language) -> str:
    """A word of the explorer; the name itself where it has none."""
    chinese, english = _WORDS.get(name, (name, name))
    return chinese if language == "zh" else english


def group_of(outcome: str) -> str:
    """The group of an outcome; what is not known is a failure."""
    return _GROUP_OF.get(outcome, "failed")


def group_label(group: str, asked: Asked) -> str:
    """The name of a group of outcomes."""
    return asked.either(*OUTCOME_GROUPS[group][:2])
