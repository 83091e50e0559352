"""The crawler's settings: polite by default, no open ports, the contact in the user agent."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler import settings as module
from crawler.spiders.reports import ReportsSpider


def project_settings(**extra: str) -> Settings:
    merged = Settings()
    merged.setmodule("crawler.settings", priority="project")
    merged.setdict(extra, priority="cmdline")
    ReportsSpider.update_settings(merged)
    return merged


def test_scrapy_knows_the_spiders() -> None:
    assert SpiderLoader.from_settings(project_settings()).list() == ["discover", "reports"]


def test_crawls_are_polite_and_open_no_port() -> None:
    merged = project_settings()
    assert merged.getbool("ROBOTSTXT_OBEY")
    assert merged.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert merged.getfloat("DOWNLOAD_DELAY") >= 2
    assert not merged.getbool("TELNETCONSOLE_ENABLED")
    assert not merged.getbool("REMOTE_CONTROL_ENABLED")
    assert 429 not in merged.getlist("RETRY_HTTP_CODES")


AGENT = "gongkai/0.1 (research on government disclosure reports)"


@pytest.mark.parametrize(
    ("extra", "agent"),
    [
        ({}, AGENT),
        ({"CONTACT": "a@b.org"}, f"{AGENT[:-1]}; +a@b.org)"),
        ({"CONTACT": "a@b.org", "USER_AGENT": "own"}, "own"),
    ],
)
def test_contact_goes_into_the_user_agent(extra: dict[str, str], agent: str) -> None:
    assert project_settings(**extra)["USER_AGENT"] == agent


def test_every_setting_says_why() -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    lines = source.splitlines()
    plain = {"ROOT", "BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE"}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id not in plain:
            block = lines[: node.lineno - 1]
            while block and block[-1].strip() and not block[-1].startswith("#"):
                block.pop()
            assert block and block[-1].startswith("# "), f"{node.targets[0].id} has no reason above it"
