"""Discovery: each way that a report column can hide, each reason why there is none, and what it may cost."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from captures import Archive
from crawler.discovery import BUDGETS, Discovery, Want
from crawler.families.links import Link, anchors
from crawler.families.reading import End, PageError
from crawler.identity import Place
from crawler.leads import column_evidence, doors, hub_score, listing_evidence
from crawler.page import Page
from crawler.portals import Portal
from crawler.run import crawl_async
from crawler.sites import site_of
from tests.portals.catalogue import QUICK, YEARS, county_reports
from tests.portals.county import COLUMN, HUB, CountyPortal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from captures import Outcome
    from crawler.run import CrawlSummary

ALL_YEARS = list(range(YEARS[0], YEARS[1] + 1))
FOUND = dict.fromkeys(ALL_YEARS, "found")


async def crawl_counties(
    folder: Path,
    portals: list[CountyPortal],
    *,
    lists: bool = False,
    families: tuple[str, ...] = (),
    bodies: str = "own",
    due: bool = False,
    **settings: str,
) -> CrawlSummary:
    """Crawl county sites that the catalogue knows by their home pages, or with ``lists`` by their old columns."""
    rows = ["code,name,level,home_url,list_url,family"]
    for number, portal in enumerate(portals):
        level = "city" if portal.code.endswith("00") else "county"
        column = portal.list_url if lists else ""
        family = families[number] if families else ""
        rows.append(f"{portal.code},{portal.name},{level},{portal.home_url},{column},{family}")
    (folder / "portals.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    (folder / "divisions.csv").write_text("\n".join(["code", *(portal.code for portal in portals), ""]), "utf-8")
    return await crawl_async(
        portals=folder / "portals.csv",
        divisions=folder / "divisions.csv",
        archive=folder / "archive",
        years=YEARS,
        bodies=bodies,
        due=due,
        settings=QUICK | settings,
    )


def outcomes_of(folder: Path) -> dict[tuple[str, str], dict[int, Outcome]]:
    found: dict[tuple[str, str], dict[int, Outcome]] = {}
    with Archive(folder / "archive") as archive:
        for row in archive.outcomes():
            found.setdefault((row.code, row.name), {})[row.report_year] = row
    return found


def codes_of(folder: Path) -> dict[str, dict[int, str]]:
    return {code: {year: row.outcome for year, row in rows.items()} for (code, _), rows in outcomes_of(folder).items()}


# What each quirk comes to, for portals of which the catalogue knows the home page alone.
EXPECTED = {
    "": "found",
    "splash": "found",
    "box_link": "found",
    "written_nav": "found",
    "two_columns": "found",
    "frame": "found",
    "frameset": "found",
    "script_home": "found",
    "image_link": "found",
    "direct": "found",
    "column_type": "found",
    "button_code": "found",
    "footer_code": "found",
    "name_only": "found",
    "city_code": "found",
    "site_map": "found",
    "sitemap_xml": "found",
    "robots_sitemap": "found",
    "iframe_column": "found",
    "script_column": "found",
    "year_folders": "found",
    "units": "found",
    "false_friends": "found",
    "no_year_column": "found",
    "plain_column": "found",
    "shown_with_more": "found",
    "wrong_site": "identity_mismatch",
    "resold": "identity_mismatch",
    "converted": "identity_mismatch",
    "no_hub": "no_hub",
    "guess": "no_hub",
    "no_column": "no_column",
    "empty_column": "empty_list",
    "waf_inside": "waf_jsl",
    "robots_deny": "robots_disallow",
    "robots_500": "unreachable",
}


# With these a portal is asked for a site map that it may not have.
SITEMAPS = ("sitemap_xml", "robots_sitemap", "site_map")


async def test_column_is_found_or_the_reason_named(tmp_path: Path) -> None:
    portals = []
    for number, quirk in enumerate(EXPECTED):
        name = f"第{number}测试县"
        portals.append(CountyPortal(name, f"{150001 + number}", county_reports(name), {quirk} - {""}))
    async with AsyncExitStack() as stack:
        for portal in portals:
            await stack.enter_async_context(portal)
        await crawl_counties(tmp_path, portals)
    codes = codes_of(tmp_path)
    for portal, (quirk, code) in zip(portals, EXPECTED.items(), strict=True):
        assert codes[portal.code] == dict.fromkeys(ALL_YEARS, code), quirk
        assert portal.max_in_flight == 1, quirk
        asked = [path for _, path in portal.requests if path != "/robots.txt"]
        assert len(asked) == len(set(asked)), (quirk, asked)
        if quirk not in {*SITEMAPS, "no_hub", "guess", "no_column", "shown_with_more"}:
            portal.assert_no_unknown()
        assert len(asked) <= sum(BUDGETS.values()) + len(ALL_YEARS), quirk


async def test_reports_of_a_resold_domain_are_not_fetched(tmp_path: Path) -> None:
    async with CountyPortal("阳高县", "140221", county_reports("阳高县"), {"resold"}) as portal:
        await crawl_counties(tmp_path, [portal])
    assert [path for _, path in portal.requests] == ["/robots.txt", "/"]
    row = outcomes_of(tmp_path)["140221", "阳高县"][2020]
    assert row.detail == "the page names neither 阳高县 nor its code: 某某商城 某某商城门户网站"


@pytest.mark.parametrize("family", ["trs"])
async def test_address_that_the_family_usually_has_is_tried(family: str, tmp_path: Path) -> None:
    async with CountyPortal("阳高县", "140221", county_reports("阳高县"), {"guess"}) as portal:
        await crawl_counties(tmp_path, [portal], families=(family,))
    assert codes_of(tmp_path)["140221"] == FOUND


async def test_reports_that_the_hub_itself_shows_may_not_be_all(tmp_path: Path) -> None:
    async with CountyPortal("阳高县", "140221", county_reports("阳高县"), {"shown_in_hub"}) as portal:
        await crawl_counties(tmp_path, [portal])
    rows = outcomes_of(tmp_path)["140221", "阳高县"]
    shown = dict.fromkeys((2021, 2022, 2023), "found")
    assert {year: row.outcome for year, row in rows.items()} == dict.fromkeys(ALL_YEARS, "no_column") | shown
    told = f"the hub {portal.home_url}{HUB[1:]} shows reports, and leads to no column that lists all"
    assert rows[2020].detail == told


async def test_moved_column_is_found_again(tmp_path: Path) -> None:
    reports = [report for report in county_reports("阳高县") if "2019年" not in str(report[0])]
    async with CountyPortal("阳高县", "140221", reports, {"moved"}) as portal:
        await crawl_counties(tmp_path, [portal], lists=True)
        moved = f"{portal.home_url}xxgk2024/nb/"
        old = portal.list_url
    rows = outcomes_of(tmp_path)["140221", "阳高县"]
    assert {year: row.outcome for year, row in rows.items()} == FOUND | {2019: "year_missing"}
    assert rows[2019].url == moved
    assert rows[2020].detail == f"the catalogue's column {old} (no_column) has moved to {moved}"


@pytest.mark.parametrize(
    ("quirk", "code", "said"),
    [
        ("gone", "no_column", "HTTP 404"),
        ("empty_column", "empty_list", "no article is linked"),
    ],
)
async def test_column_that_is_gone_for_good_keeps_its_own_reason(
    quirk: str, code: str, said: str, tmp_path: Path
) -> None:
    async with CountyPortal("阳高县", "140221", county_reports("阳高县"), {quirk}) as portal:
        await crawl_counties(tmp_path, [portal], lists=True)
    rows = outcomes_of(tmp_path)["140221", "阳高县"]
    assert {row.outcome for row in rows.values()} == {code}
    assert (rows[2020].url, rows[2020].detail[: len(said)]) == (portal.list_url, said)


@pytest.mark.parametrize("lists", [False, True])
async def test_column_refused_to_a_program_while_the_home_page_is_served(lists: bool, tmp_path: Path) -> None:
    async with CountyPortal("阳高县", "140221", county_reports("阳高县"), {"forbidden"}) as portal:
        await crawl_counties(tmp_path, [portal], lists=lists)
        assert portal.referers[COLUMN] == f"{portal.home_url.rstrip('/')}{HUB}"
    assert set(codes_of(tmp_path)["140221"].values()) == {"hdr_required"}


async def test_reports_on_the_site_of_the_city(tmp_path: Path) -> None:
    listed = county_reports("阳高县", 2019, 2021) + county_reports("天镇县") + county_reports("大同市", 2020, 2020)
    city = CountyPortal("大同市", "140200", listed)
    county = CountyPortal("阳高县", "140221", quirks={"no_column"})
    async with city, county:
        await crawl_counties(tmp_path, [city, county])
    codes = codes_of(tmp_path)
    assert codes["140221"] == dict.fromkeys(ALL_YEARS, "year_missing") | dict.fromkeys(range(2019, 2022), "found")
    assert codes["140200"] == dict.fromkeys(ALL_YEARS, "year_missing") | {2020: "found"}


async def test_gap_between_years_is_looked_for_on_the_site_of_the_city(tmp_path: Path) -> None:
    own = [report for report in county_reports("阳高县") if "2020年" not in str(report[0])]
    city = CountyPortal("大同市", "140200", county_reports("阳高县", 2019, 2021))
    county = CountyPortal("阳高县", "140221", own)
    async with city, county:
        await crawl_counties(tmp_path, [city, county])
        fetched = [path for _, path in city.requests if "/t20" in path]
    assert codes_of(tmp_path)["140221"] == FOUND
    assert fetched == [f"{COLUMN}202101/t20210120_1001.html"]


async def test_departments_and_townships_are_kept_apart(tmp_path: Path) -> None:
    departments = (
        "阳高县教育局2020年政府信息公开工作年度报告",
        "2020年王官屯镇人民政府政府信息公开年报",
        "天镇县人民政府2020年政府信息公开年报",
        "阳高县人民政府办公室2019年政府信息公开工作年度报告",
    )
    reports = county_reports("阳高县", 2020, 2020)
    async with CountyPortal("阳高县", "140221", reports, departments=departments) as portal:
        await crawl_counties(tmp_path, [portal])
        own = outcomes_of(tmp_path)
        await crawl_counties(tmp_path, [portal], bodies="all")
        every = outcomes_of(tmp_path)
    assert list(own) == [("140221", "阳高县")]
    assert sorted(every) == [("140221", "阳高县"), ("140221", "阳高县教育局"), ("140221", "阳高县王官屯镇人民政府")]
    for rows in (own, every):
        government = {year: row.outcome for year, row in rows["140221", "阳高县"].items()}
        assert {year for year, code in government.items() if code == "found"} == {2019, 2020}
    for body, title in (("阳高县教育局", "9000"), ("阳高县王官屯镇人民政府", "9001")):
        years = every["140221", body]
        assert sorted(years) == ALL_YEARS
        assert (years[2020].outcome, years[2021].outcome) == ("found", "year_missing")
        assert years[2020].url.endswith(f"_{title}.html")


async def test_columns_of_units_are_read_where_all_bodies_are_wanted(tmp_path: Path) -> None:
    async with CountyPortal("阳高县", "140221", county_reports("阳高县"), {"units"}) as portal:
        await crawl_counties(tmp_path, [portal])
        asked = [path for _, path in portal.requests]
        await crawl_counties(tmp_path, [portal], bodies="all")
    assert not [path for path in asked if "/jyj/" in path or "/wgt/" in path]
    rows = outcomes_of(tmp_path)
    assert [name for _, name in sorted(rows)] == ["阳高县", "阳高县教育局", "阳高县王官屯镇"]
    assert rows["140221", "阳高县王官屯镇"][2020].url.endswith("/wgt/202101/t20210120_2.html")


# The search itself, without a network


PORTAL = Portal("140221", "阳高县", "county", "http://www.dtyg.gov.cn/")
PLACE = Place(("140221",), ("阳高县",))
HOME = '<title>阳高县人民政府</title><meta name="SiteIDCode" content="1402210001">'


def search(
    answers: Callable[[str], str | PageError], parent: Portal | None = None, portal: Portal = PORTAL
) -> tuple[Discovery, End, list[Want]]:
    """Run a discovery against pages by address."""
    sites = {site_of(portal.home_url)}
    discovery = Discovery(portal, PLACE, sites, parent)
    pages, wants = discovery.run(), []
    try:
        want = next(pages)
        while True:
            wants.append(want)
            answer = answers(want.ask.url)
            if isinstance(answer, PageError):
                want = pages.throw(answer)
            else:
                want = pages.send(Page(want.ask.url, answer, len(answer)))
    except StopIteration as stop:
        return discovery, stop.value, wants


def test_other_scheme_and_www_are_tried() -> None:
    assert doors("http://www.dtyg.gov.cn/") == [
        "http://www.dtyg.gov.cn/",
        "https://www.dtyg.gov.cn/",
        "http://dtyg.gov.cn/",
        "https://dtyg.gov.cn/",
    ]
    assert doors("http://127.0.0.1:8000/") == ["http://127.0.0.1:8000/"]


FOUR = (
    "<a href='/zn/'>政府信息公开指南</a><a href='/zd/'>政府信息公开制度</a><a href='/fd/'>法定主动公开内容</a>"
    "<a href='/nb/'>政府信息公开年报</a>"
)
TREE = (
    "<script>var zNodes = [{name: '信息公开', children: [{id: 1, name: '政府信息公开指南', url: '/zn/'},"
    "{id: 2, name: '政府信息公开制度', url: '/zd/'}, {id: 3, name: '年报', url: '/nb/'}]}];</script>"
)


@pytest.mark.parametrize(
    "pages",
    [
        {"/": f"{HOME}<a href='/zwgk/'>政务公开</a>", "/zwgk/": "<iframe src='t.html'></iframe>", "/zwgk/t.html": FOUR},
        {
            "/": f"{HOME}<a href='/zwgk/'>政务公开</a>",
            "/zwgk/": "<a href='/jyj/'>县教育局</a><a href='/xzf/'>县政府</a>",
            "/xzf/": FOUR,
        },
        {"/": f"{HOME}<a href='/zwgk/'>政务公开</a>", "/zwgk/": TREE},
        {
            "/": "<script>if (phone) {location.href='/m/'} else {location.href='/pc/'}</script>",
            "/pc/": f"{HOME}<a href='/zwgk/'>政务公开</a>",
            "/zwgk/": FOUR,
        },
        {
            "/": f"{HOME}<a href='javascript:;' onclick='go(3)'>政务公开</a>"
            "<script>function go(n) {window.location.href = '/nav/' + n + '.html'}</script>",
            "/nav/3.html": FOUR,
        },
    ],
    ids=["hub in a frame", "page of units", "tree in a script", "door for telephones", "function"],
)
def test_hub_that_hides(pages: dict[str, str]) -> None:
    served = {**pages, "/nb/": "<title>政府信息公开年报</title><a href='/t20210120_1.html'>2020年政府信息公开年报</a>"}
    discovery, end, wants = search(lambda url: served[url.removeprefix("http://www.dtyg.gov.cn")])
    assert (end.code, [found.url for found in discovery.columns]) == ("", ["http://www.dtyg.gov.cn/nb/"])
    assert len(wants) == len(served)


@pytest.mark.parametrize("jump", [True, False])
@pytest.mark.parametrize(
    ("host", "title", "code"),
    [
        ("www.dt.gov.cn", "阳高县人民政府", ""),
        # What has another's name or is no government's is left alone.
        ("www.dt.gov.cn", "天镇县人民政府", "mismatch"),
        ("www.ad.com", "阳高县人民政府", "mismatch"),
    ],
)
def test_portal_that_moved_to_another_host(host: str, title: str, code: str, *, jump: bool) -> None:
    new = f"http://{host}/yg/"

    def answer(url: str) -> str | PageError:
        if url == new:
            return f"<title>{title}</title><a href='nb/'>政府信息公开年报</a>"
        if url == f"{new}nb/":
            return "<title>政府信息公开年报</title><a href='/t20210120_1.html'>2020年政府信息公开年报</a>"
        if jump:
            return f"<script>location.href = '{new}'</script>"
        return PageError("offsite_redirect", f"the address redirects to another site: {new}")

    discovery, end, wants = search(answer)
    if code:
        assert end.code == ("identity_mismatch" if jump else "offsite_redirect")
        assert discovery.columns == []
        assert all(want.ask.url != f"{new}nb/" for want in wants)
    else:
        assert [found.url for found in discovery.columns] == [f"{new}nb/"]
        assert len(wants) == 3


def test_dead_site_is_asked_at_each_of_its_doors_and_nothing_else() -> None:
    parent = Portal("140200", "大同市", "city", "http://www.dt.gov.cn/")
    _, end, wants = search(lambda url: PageError("unreachable", f"no answer from {url}"), parent)
    assert (end.code, end.detail) == ("unreachable", "no answer from http://www.dtyg.gov.cn/")
    assert [want.ask.url for want in wants] == doors(PORTAL.home_url)


def test_hub_of_another_host_counts_where_it_says_whose_it_is() -> None:
    column = "<title>政府信息公开年报</title><a href='/t20210120_1.html'>2020年政府信息公开年报</a>"
    nav = "<a href='/zn/'>政府信息公开指南</a><a href='/zd/'>政府信息公开制度</a><a href='/nb/'>政府信息公开年报</a>"
    pages = {
        "http://www.dtyg.gov.cn/": f"{HOME}<a href='http://xxgk.other.gov.cn/'>政府信息公开</a>"
        "<a href='http://yanggao.sxgk.gov.cn/'>信息公开</a><a href='http://ad.com/'>政府信息公开年报</a>",
        "http://xxgk.other.gov.cn/": f"<title>天镇县政府信息公开</title>{nav}",
        "http://yanggao.sxgk.gov.cn/": f"<title>阳高县政府信息公开</title>{nav}",
        "http://yanggao.sxgk.gov.cn/nb/": column,
    }
    discovery, end, wants = search(lambda url: pages[url])
    assert end.code == ""
    assert [column.url for column in discovery.columns] == ["http://yanggao.sxgk.gov.cn/nb/"]
    assert discovery.hub_url == "http://yanggao.sxgk.gov.cn/"
    assert [want.ask.url for want in wants] == list(pages)
    assert [want.ask.named for want in wants] == [False, True, True, False]


@pytest.mark.parametrize(
    ("hub", "page", "column"),
    [
        ("/gkmlpt/index", "<script>window._CONFIG = {SID:'1', TREE:[]}</script>", "/gkmlpt/annualreport"),
        ("/yg/gkmlpt/index", "<script>window._CONFIG = {SID:'1', TREE:[]}</script>", "/yg/gkmlpt/annualreport"),
        ("/public/column/652?type=4", "<script>Ls.ajax()</script>", "/public/column/652?type=3"),
    ],
)
def test_column_that_only_a_script_knows(hub: str, page: str, column: str) -> None:
    pages = {
        "/": f"{HOME}<a href='{hub}'>政府信息公开</a>",
        hub: f"<title>政府信息公开</title>{page}",
        column: "<title>政府信息公开年报</title>",
    }
    discovery, _, wants = search(lambda url: pages[url.removeprefix("http://www.dtyg.gov.cn")])
    assert [found.url for found in discovery.columns] == [f"http://www.dtyg.gov.cn{column}"]
    assert len(wants) == 3


def test_category_that_only_the_tree_names() -> None:
    tree = "/module/xxgk/tree.jsp?area=11&divid=div4"
    search_page = "/module/xxgk/search.jsp?infotypeId=F01&area=11&divid=div4"
    pages = {
        "/": f"{HOME}<a href='/col/col4/'>政府信息公开</a>",
        "/col/col4/": f"<title>政府信息公开</title><script>loadDynamic('{tree}', 'div4')</script>",
        tree: """<script>d.add(2,0,'<a onclick="funclick(\\'F01\\')">政府信息公开年报</a>')</script>""",
        search_page: "<tr><td><a href='/art/2021/1/20/art_4_1.html'>2020年政府信息公开年报</a></td></tr>",
    }
    discovery, _, wants = search(lambda url: pages[url.removeprefix("http://www.dtyg.gov.cn")])
    assert [found.url for found in discovery.columns] == [f"http://www.dtyg.gov.cn{search_page}"]
    assert [found.family for found in discovery.columns] == ["jcms-xxgk"]
    assert len(wants) == len(pages)


def test_fragment_that_tells_columns_of_guangdong_apart_is_kept() -> None:
    page = Page("http://e.gov.cn/", "<a href='/gkmlpt/index#77'>年报</a><a href='/a/#77'>年报</a>")
    assert [link.url for link in anchors(page)] == ["http://e.gov.cn/gkmlpt/index#77", "http://e.gov.cn/a/"]


@pytest.mark.parametrize(
    ("code", "home", "column"),
    [
        ("441900", "<a href='/news/1/'>新闻</a>", "/gkmlpt/annualreport"),
        (
            "140221",
            "<a href='/ygxrmzf/c106573/202002/0123456789abcdef0123456789abcdef.shtml'>新闻</a>",
            "/ygxrmzf/zfxxgk/common_zfxxgknb.shtml",
        ),
    ],
)
def test_address_that_a_platform_usually_has_is_tried(code: str, home: str, column: str) -> None:
    place = f"<title>阳高县人民政府</title>{home}<a href='/weather/'>天气</a>"
    found, _, _ = search(
        lambda url: {"/": place, column: "<title>政府信息公开年报</title>"}.get(
            url.removeprefix("http://www.dtyg.gov.cn"), "<title>没有</title>"
        ),
        portal=Portal(code, "阳高县", "county", PORTAL.home_url),
    )
    assert [each.url for each in found.columns] == [f"http://www.dtyg.gov.cn{column}"]


def test_budgets_end_a_search_in_a_maze() -> None:
    def maze(url: str) -> str:
        links = "".join(f"<a href='{url}{n}/'>政府信息公开{'年报' if n % 2 else ''}</a>" for n in range(30))
        return f"<title>{'阳高县人民政府' if url == PORTAL.home_url else '公报'}</title>{links}"

    parent = Portal("140200", "大同市", "city", "http://www.dt.gov.cn/")
    _, end, wants = search(maze, parent)
    assert end.code == "no_hub"
    assert len(wants) <= sum(BUDGETS.values())
    stages = [BUDGETS["hub"] + BUDGETS["column"] + 1, BUDGETS["fallback"], BUDGETS["parent"]]
    assert len(wants) <= sum(stages)


@pytest.mark.parametrize(
    ("text", "url", "score"),
    [
        ("政府信息公开年报", "http://e.gov.cn/zfxxgknb/", 101),
        ("政府信息公开工作年度报告", "http://e.gov.cn/a/", 100),
        ("信息公开年报", "http://e.gov.cn/a/", 100),
        ("政府信息公开", "http://e.gov.cn/zwgk/", 70),
        ("政府信息公开", "http://e.gov.cn/a/", 60),
        ("信息公开", "http://e.gov.cn/a/", 50),
        ("政务公开", "http://e.gov.cn/a/", 40),
        ("法定主动公开内容", "http://e.gov.cn/a/", 35),
        ("网站地图", "http://e.gov.cn/map.html", 20),
        ("依申请公开", "http://e.gov.cn/a/", 10),
        ("", "http://e.gov.cn/zfxxgk/", 30),
        ("", "http://e.gov.cn/zwgk/t20240101_1.html", 0),
        ("", "http://e.gov.cn/a/", 0),
        ("公开报告", "http://e.gov.cn/zfxxgk/", 90),
        ("政务公开工作报告", "http://e.gov.cn/a/", 90),
        ("政府信息公开工作报告", "http://e.gov.cn/a/", 100),
        ("政府工作报告", "http://e.gov.cn/a/", 0),
        ("2020年部门决算公开报告", "http://e.gov.cn/a/", 0),
        ("政府网站工作年度报表", "http://e.gov.cn/a/", 0),
        ("法治政府建设年度报告", "http://e.gov.cn/a/", 0),
        ("年报", "http://e.gov.cn/a/", 0),
        ("阳高县2020年政府信息公开年报", "http://e.gov.cn/t20210120_1.html", 0),
        ("新闻", "http://e.gov.cn/zwgk/", 0),
    ],
)
def test_links_are_ranked(text: str, url: str, score: int) -> None:
    assert hub_score(Link(text, url)) == score


@pytest.mark.parametrize(
    ("listed", "is_column"),
    [
        ("<a href=1.html>阳高县2020年政府信息公开工作年度报告</a>", True),
        ("<a href=1.html>阳高县2020年政府信息公开报告</a>", True),
        ("<a href=1.html>阳高县2020年政府工作报告</a>", False),
        ("<a href=1.html>2020年部门决算公开报告</a>", False),
        ("<a href=1.html>政府信息公开报告</a>", False),
        ("<meta name=ArticleTitle content=x><a href=1.html>阳高县2020年政府信息公开报告</a>", False),
    ],
)
def test_open_names_count_by_what_is_listed(listed: str, is_column: bool) -> None:
    page = Page("http://e.gov.cn/a/", f"<title>公开报告</title>{listed}")
    assert column_evidence(page, trusted=False) == ""
    assert bool(listing_evidence(page)) == is_column


def test_short_names_count_in_a_hub_alone() -> None:
    assert hub_score(Link("年报", "http://e.gov.cn/a/"), in_hub=True) == 100
    assert hub_score(Link("企业年报", "http://e.gov.cn/a/"), in_hub=True) == 0


@pytest.mark.parametrize(
    ("html", "trusted", "is_column"),
    [
        ('<meta name="ColumnType" content="信息公开年报"><title>信息</title>', False, True),
        ('<meta name="ColumnType" content="信息公开年报"><meta name="ArticleTitle" content="x">', False, False),
        ("<title>政府信息公开年报-阳高县</title>", False, True),
        ("<title>政府网站年度报表</title>", True, False),
        ("<title>年报</title>", False, False),
        ("<title>年报</title>", True, True),
        ("<title>阳高县</title>", False, False),
        ("<title>阳高县</title>", True, True),
        ("<title>2020年政府信息公开年报</title><meta name='ArticleTitle' content='x'>", True, False),
    ],
)
def test_what_shows_a_page_to_be_the_column(html: str, trusted: bool, is_column: bool) -> None:
    assert bool(column_evidence(Page("http://e.gov.cn/a/", html), trusted=trusted)) == is_column
