"""The catalogue kept: what it holds, one row written anew, and the commands that look at portals live."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from crawler.catalogue import holdings, remarks, write_row
from crawler.identity import Places
from crawler.portals import Portal, PortalError, read_portals
from crawler.run import survey_async
from crawler.survey import findings_table
from tests.portals.catalogue import QUICK, county_reports
from tests.portals.county import COLUMN, HUB, CountyPortal

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
HEADER = "code,name,level,home_url,hub_url,list_url,family,render,status,note"
ROWS = (
    '140221,阳高县,county,http://a.gov.cn/,,http://a.gov.cn/nb/,,,active,"a, ""b"""',
    "140222,天镇县,county,http://b.gov.cn/,,,,,active,",
    "140222,天镇县,county,http://b.gov.cn/,,http://b.gov.cn/2/,trs,,active,",
)


def catalogue(folder: Path, ending: str = "\n", mark: bytes = b"") -> Path:
    path = folder / "portals.csv"
    path.write_bytes(mark + ending.join([HEADER, *ROWS, ""]).encode())
    (folder / "divisions.csv").write_text("code,name\n140221,阳高县\n140222,天镇县\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("ending", "mark"), [("\n", b""), ("\r\n", b"\xef\xbb\xbf")])
def test_one_row_is_written_and_every_other_byte_stays(ending: str, mark: bytes, tmp_path: Path) -> None:
    path = catalogue(tmp_path, ending, mark)
    before = path.read_bytes().split(b"\n")
    old = read_portals(path, tmp_path / "divisions.csv")[1]
    new = Portal(old.code, old.name, old.level, old.home_url, "http://b.gov.cn/gk/", "http://b.gov.cn/nb/,1/", "trs")
    write_row(path, tmp_path / "divisions.csv", old, new)
    after = path.read_bytes().split(b"\n")
    assert [number for number, line in enumerate(after) if line != before[number]] == [2]
    row = '140222,天镇县,county,http://b.gov.cn/,http://b.gov.cn/gk/,"http://b.gov.cn/nb/,1/",trs,,active,'
    assert after[2] == (row + ending.removesuffix("\n")).encode()
    assert len(after) == len(before)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["divisions.csv", "portals.csv"]


def test_catalogue_that_would_not_be_sound_is_not_written(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    before = path.read_bytes()
    old = read_portals(path, tmp_path / "divisions.csv")[1]
    twin = Portal(old.code, old.name, old.level, old.home_url, "", "http://b.gov.cn/2/", "trs")
    with pytest.raises(PortalError, match="same code and list_url as line"):
        write_row(path, tmp_path / "divisions.csv", old, twin)
    absent = Portal("140223", "广灵县", "county", "http://c.gov.cn/")
    with pytest.raises(PortalError, match="0 rows for 140223 广灵县"):
        write_row(path, tmp_path / "divisions.csv", absent, absent)
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["divisions.csv", "portals.csv"]


def test_catalogue_without_the_columns_is_not_written(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    path.write_text("code,name,level,home_url\n140221,阳高县,county,http://a.gov.cn/\n", encoding="utf-8")
    (old,) = read_portals(path, tmp_path / "divisions.csv")
    with pytest.raises(PortalError, match="no column hub_url, list_url, family: add it"):
        write_row(path, tmp_path / "divisions.csv", old, old)


def test_what_the_catalogue_holds_and_lacks() -> None:
    rows = read_portals(DATA / "portals.csv", DATA / "divisions.csv")
    by_level = {row["level"]: row for row in holdings(rows)}
    assert (by_level["county"]["rows"], by_level["city"]["rows"], by_level["province"]["rows"]) == (2841, 333, 31)
    said = remarks(rows, Places(DATA / "divisions.csv"))
    assert "350527 金门县: no portal" in said
    assert not [remark for remark in said if "home page of" in remark]
    shared = [
        Portal("140221", "甲县", "county", "http://a.gov.cn/"),
        Portal("140222", "乙县", "county", "http://a.gov.cn/"),
    ]
    assert (
        remarks(shared, Places(DATA / "divisions.csv"))[-1] == "http://a.gov.cn/: home page of 2 bodies, 140221 140222"
    )


def test_places_know_codes_and_names_from_before() -> None:
    places = Places(DATA / "divisions.csv")
    place = places.of(Portal("110101", "东城区", "county", "http://a.gov.cn/"))
    assert place.codes == ("110101", "110103")
    assert place.names == ("东城区", "崇文区")
    assert places.province("140221") == "山西省"
    assert places.province("999999") == "99"


async def test_live_check_says_who_answers_and_which_family(tmp_path: Path) -> None:
    portals = [
        CountyPortal("阳高县", "140221", county_reports("阳高县")),
        CountyPortal("天镇县", "140222", quirks={"wrong_site", "gone"}),
        CountyPortal("广灵县", "140223", quirks={"robots_deny"}),
    ]
    async with AsyncExitStack() as stack:
        for portal in portals:
            await stack.enter_async_context(portal)
        lines = [f"{each.code},{each.name},county,{each.home_url},{each.list_url}" for each in portals]
        (tmp_path / "portals.csv").write_text("\n".join(["code,name,level,home_url,list_url", *lines, ""]), "utf-8")
        (tmp_path / "divisions.csv").write_text("\n".join(["code", *(each.code for each in portals)]), "utf-8")
        found = await survey_async(
            portals=tmp_path / "portals.csv", divisions=tmp_path / "divisions.csv", check_only=True, settings=QUICK
        )
        assert [path for _, path in portals[0].requests] == ["/robots.txt", "/", COLUMN]
    said = [
        tuple(row[key] for key in ("code", "reached", "identity", "list", "seen_family"))
        for row in findings_table(found)
    ]
    assert said == [
        ("140221", "ok", "ok", "ok", "trs"),
        ("140222", "identity_mismatch", "mismatch", "soft404", ""),
        ("140223", "robots_disallow", "", "robots_disallow", ""),
    ]
    assert not (tmp_path / "archive").exists()


async def gongkai(*arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gongkai", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


async def test_discover_shows_the_path_and_writes_where_told(tmp_path: Path) -> None:
    path = tmp_path / "portals.csv"
    flags = ["portals", "discover", "--code", "140221", "--portals", str(path)]
    flags += [part for name, value in QUICK.items() for part in ("-s", f"{name}={value}")]
    async with CountyPortal("阳高县", "140221", county_reports("阳高县")) as portal:
        home = portal.home_url.rstrip("/")
        path.write_text(f"{HEADER}\n140221,阳高县,county,{home}/,,,,,active,\n", encoding="utf-8")
        before = path.read_bytes()
        code, shown, errors = await gongkai(*flags)
        assert (code, path.read_bytes()) == (0, before), errors
        written = await gongkai(*flags, "--write")
    assert shown.splitlines() == [
        "140221 阳高县",
        f"  reach     {home}/  home page",
        f"  identity  {home}/  the site is the portal's",
        f"  hub       {home}{HUB}  the disclosure hub",
        f"  column    {home}{COLUMN}  the page calls itself so, and lists reports of 7 years",
        f"  hub_url = {home}{HUB} (was empty)",
        f"  list_url = {home}{COLUMN} (was empty)",
        "  family = trs (was empty)",
    ]
    assert written[0] == 0
    assert path.read_text(encoding="utf-8").splitlines()[1] == (
        f"140221,阳高县,county,{home}/,{home}{HUB},{home}{COLUMN},trs,,active,"
    )


async def test_hub_that_shows_some_reports_is_not_written_down_as_their_list(tmp_path: Path) -> None:
    path = tmp_path / "portals.csv"
    flags = ["portals", "discover", "--code", "140221", "--portals", str(path), "--write"]
    flags += [part for name, value in QUICK.items() for part in ("-s", f"{name}={value}")]
    async with CountyPortal("阳高县", "140221", county_reports("阳高县"), {"shown_in_hub"}) as portal:
        home = portal.home_url.rstrip("/")
        path.write_text(f"{HEADER}\n140221,阳高县,county,{home}/,,,,,active,\n", encoding="utf-8")
        before = path.read_bytes()
        _, shown, errors = await gongkai(*flags)
    assert f"  column    {home}{HUB}  the hub itself lists reports" in shown, errors
    assert "list_url" not in shown
    assert path.read_bytes() == before


async def test_check_lists_the_faults_of_a_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "portals.csv"
    path.write_text("code,name,level,home_url,family\n140221,阳高县,county,http://a.gov.cn/,teapot\n", encoding="utf-8")
    code, output, errors = await gongkai("portals", "check", "--portals", str(path))
    assert (code, output) == (2, "")
    assert "line 2, column family: 'teapot'" in errors


async def test_status_counts_by_province_and_raises_alarms(tmp_path: Path) -> None:
    flags = [part for name, value in QUICK.items() for part in ("-s", f"{name}={value}")]
    path, archive = tmp_path / "portals.csv", str(tmp_path / "archive")
    crawl = ["crawl", "--portals", str(path), "--archive", archive, "--years", "2020-2021", *flags]
    status = ["status", "--portals", str(path), "--archive", archive]
    async with CountyPortal("阳高县", "140221", county_reports("阳高县")) as portal:
        path.write_text(f"{HEADER}\n140221,阳高县,county,{portal.home_url},,{portal.list_url},trs,,active,\n", "utf-8")
        assert (await gongkai(*crawl))[0] == 0
        calm = await gongkai(*status, "--by", "province", "--format", "csv", "--strict")
        portal.reports = [each for each in portal.reports if "2020年" not in each.title]
        portal.files = portal.build()
        assert (await gongkai(*crawl))[0] == 0
        raised = await gongkai(*status, "--by", "family", "--format", "csv", "--strict")
    assert calm[::2] == (0, "")
    assert list(csv.DictReader(io.StringIO(calm[1]))) == [
        {
            "province": "山西省",
            "portals": "1",
            "years": "2",
            "found": "2",
            "share": "100.0%",
            "missing": "0",
            "failed": "0",
            "new": "0",
            "gone": "0",
        }
    ]
    assert raised[0] == 1
    assert raised[1].splitlines()[1] == "trs,1,2,1,50.0%,1,0,0,1"
    said = "alarm (gone): 140221 阳高县: reports of 2020 were there and are not any more (year_missing)"
    assert raised[2].strip() == said
