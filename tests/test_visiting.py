"""Visits side by side: as many hosts as there may be requests, none forgotten that had no turn, none past a gate."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from captures import Archive
from crawler.run import crawl_async
from tests.portals.base import Answer, FakePortal
from tests.portals.catalogue import BODY, QUICK, county_reports, crawl_portals
from tests.portals.trs import TrsPortal

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {"140221": "阳高县", "140222": "天镇县", "140223": "广灵县"}


async def test_hosts_are_visited_in_turn_and_those_without_a_turn_are_booked(tmp_path: Path) -> None:
    portals = {code: TrsPortal(name, county_reports(name)) for code, name in NAMES.items()}
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        await crawl_portals(tmp_path, portals, CONCURRENT_REQUESTS="1", CLOSESPIDER_PAGECOUNT="4")
        asked = [len(portal.requests) for portal in portals.values()]
        with Archive(tmp_path / "archive") as archive:
            rows = archive.outcomes()
        await crawl_portals(tmp_path, portals, CONCURRENT_REQUESTS="1")
    assert asked[0] >= 4
    assert asked[1:] == [0, 0]
    assert Counter(row.code for row in rows) == dict.fromkeys(NAMES, 7)
    unseen = {(row.outcome, row.detail) for row in rows if row.code != "140221"}
    told = "the run ended (closespider_pagecount) before the column was read to its end"
    assert unseen == {("budget_exhausted", told)}
    with Archive(tmp_path / "archive") as archive:
        assert {row.outcome for row in archive.outcomes()} == {"found"}


async def test_page_of_one_portal_is_never_told_to_another(tmp_path: Path) -> None:
    portals = {code: TrsPortal(name, county_reports(name, 2022, 2023)) for code, name in NAMES.items()}
    async with AsyncExitStack() as stack:
        for portal in portals.values():
            await stack.enter_async_context(portal)
        # The first request of a visit is made where the last answer to the one before came.
        await crawl_portals(tmp_path, portals, CONCURRENT_REQUESTS="1")
    for portal in portals.values():
        details = {path for _, path in portal.requests if "/t202" in path}
        assert len(details) >= 2
        assert {portal.referers[path] for path in details if path.endswith(".html")} == {portal.list_url}
        assert {told for path, told in portal.referers.items() if path in ("/robots.txt", portal.list_path)} == {""}
        assert all(told.startswith(portal.home_url) for told in portal.referers.values() if told)


FIREWALL = "<html><body>当前访问疑似黑客攻击，已被网站管理员设置为拦截</body></html>"
CAPTCHA = "<html><title>安全验证</title><body>请输入验证码</body></html>"
REFUSAL = "<html><body>您无权访问此页面</body></html>"


class SharedHost(FakePortal):
    """The columns of three counties on one host; one report of the first is answered by ``said``."""

    def __init__(self, said: str) -> None:
        super().__init__("大同市")
        self.said = said

    def build(self) -> dict[str, Answer]:
        """Return a column of two reports for each county."""
        files: dict[str, Answer] = {}
        for code, name in NAMES.items():
            titles = {year: f"{name}人民政府{year}年政府信息公开工作年度报告" for year in (2023, 2022)}
            rows = "".join(f"<li><a href='{year}.html'>{title}</a>{year + 1}-01-20" for year, title in titles.items())
            files[f"/{code}/"] = Answer(self.page("政府信息公开年报", f"<ul>{rows}</ul>"))
            for year, title in titles.items():
                text = f"{BODY.decode()}{name}{year}"
                files[f"/{code}/{year}.html"] = Answer(self.page(title, f"<div id=zoom>{text}</div>"))
        return files | {"/140221/2023.html": Answer(self.said.encode())}


async def crawl_shared(folder: Path, said: str) -> tuple[list[str], dict[tuple[str, int], tuple[str, str]]]:
    """Crawl three counties of one host; the addresses asked for, and outcome and detail by code and year."""
    async with SharedHost(said) as host:
        rows = [f"{code},{name},county,{host.home_url},{host.home_url}{code}/" for code, name in NAMES.items()]
        (folder / "portals.csv").write_text("\n".join(["code,name,level,home_url,list_url", *rows, ""]), "utf-8")
        (folder / "divisions.csv").write_text("\n".join(["code", *NAMES, ""]), "utf-8")
        await crawl_async(
            portals=folder / "portals.csv",
            divisions=folder / "divisions.csv",
            archive=folder / "archive",
            years=(2022, 2023),
            settings=QUICK,
        )
    with Archive(folder / "archive") as archive:
        outcomes = {(row.code, row.report_year): (row.outcome, row.detail) for row in archive.outcomes()}
    return [path for _, path in host.requests if path != "/robots.txt"], outcomes


@pytest.mark.parametrize(("said", "code"), [(FIREWALL, "forbidden_page"), (CAPTCHA, "captcha")])
async def test_gate_that_answers_200_stops_its_host_for_the_run(said: str, code: str, tmp_path: Path) -> None:
    asked, outcomes = await crawl_shared(tmp_path, said)
    assert asked == ["/140221/", "/140221/2023.html"]
    assert {outcome for outcome, _ in outcomes.values()} == {code}
    assert len(outcomes) == 6
    assert outcomes["140223", 2022][1].startswith("the host is left alone since http://127.0.0.1:")
    assert "/140221/2023.html: HTTP 200, and the page says " in outcomes["140223", 2022][1]


async def test_refusal_of_one_page_costs_its_year_alone(tmp_path: Path) -> None:
    asked, outcomes = await crawl_shared(tmp_path, REFUSAL)
    assert len(asked) == 9
    assert outcomes.pop(("140221", 2023))[0] == "forbidden_page"
    assert {outcome for outcome, _ in outcomes.values()} == {"found"}
