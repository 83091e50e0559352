"""The catalogue: what is read, what is refused, and that every row leads to a first request."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.families import FAMILY_NAMES
from crawler.portals import Portal, PortalError, read_portals, select
from crawler.visit import Visit

DATA = Path(__file__).resolve().parent.parent / "data"
HEADER = "code,name,level,home_url,hub_url,list_url,family,render,status,note"


def read(folder: Path, *lines: str, header: str = HEADER) -> list[Portal]:
    (folder / "divisions.csv").write_text("code,name\n140221,阳高县\n140222,天镇县\n", encoding="utf-8")
    (folder / "portals.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return read_portals(folder / "portals.csv", folder / "divisions.csv")


def test_row_is_read_whole(tmp_path: Path) -> None:
    row = '140221,阳高县,county,http://a.gov.cn/,http://a.gov.cn/gk/,http://a.gov.cn/nb/,trs,true,retired,"a, b"'
    assert read(tmp_path, row) == [
        Portal(
            code="140221",
            name="阳高县",
            level="county",
            home_url="http://a.gov.cn/",
            hub_url="http://a.gov.cn/gk/",
            list_url="http://a.gov.cn/nb/",
            family="trs",
            render=True,
            status="retired",
            note="a, b",
        )
    ]


def test_four_columns_are_enough(tmp_path: Path) -> None:
    portals = read(tmp_path, "140221,阳高县,county,http://a.gov.cn/", header="code,name,level,home_url")
    assert portals == [Portal("140221", "阳高县", "county", "http://a.gov.cn/")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("149999,某县,county,http://a.gov.cn/,,,,,,", "line 2, column code: '149999': not a code of divisions.csv"),
        ("140221,,county,http://a.gov.cn/,,,,,,", "line 2, column name: '': the name is empty"),
        ("140221,阳高县,shire,http://a.gov.cn/,,,,,,", "line 2, column level: 'shire': unknown level: use province"),
        ("140221,阳高县,county,,,,,,,", "line 2, column home_url: '': no URL"),
        ("140221,阳高县,county,a.gov.cn,,,,,,", "line 2, column home_url: 'a.gov.cn': not a web address"),
        ("140221,阳高县,county,http://a.gov.cn/,,ftp://a/,,,,", "line 2, column list_url: 'ftp://a/': not a web"),
        ("140221,阳高县,county,http://a.gov.cn:x/,,,,,,", "line 2, column home_url: 'http://a.gov.cn:x/'"),
        ("140221,阳高县,county,http://a.gov.cn/,,,tsr,,,", "line 2, column family: 'tsr': unknown family: use dedecms"),
        ("140221,阳高县,county,http://a.gov.cn/,,,,,gone,", "line 2, column status: 'gone': unknown status"),
        ("140221,阳高县,county,http://a.gov.cn/,,,,yes,,", "line 2, column render: 'yes': unknown render"),
        ("140221,阳高县,county,http://a.gov.cn/", "line 2: 4 cells under 10 columns: quote cells"),
    ],
)
def test_bad_row_is_refused_with_place_and_remedy(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PortalError) as refused:
        read(tmp_path, row)
    assert str(tmp_path / "portals.csv") in str(refused.value)
    assert said in str(refused.value)


def test_all_bad_rows_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(PortalError) as refused:
        read(
            tmp_path,
            "140221,阳高县,county,http://a.gov.cn/,,http://a.gov.cn/nb/,,,,",
            "140222,天镇县,county,,,,unknown,,,",
            "140221,阳高县,county,http://b.gov.cn/,,http://a.gov.cn/nb/,,,,",
        )
    lines = str(refused.value).splitlines()
    assert lines[0].endswith("3 faults, nothing was crawled")
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "line 3, column family",
        "line 3, column home_url",
        "line 4, column code",
    ]
    assert "same code and list_url as line 2: remove one of the two" in lines[3]


def test_code_may_have_several_columns_and_bodies(tmp_path: Path) -> None:
    portals = read(
        tmp_path,
        "140221,阳高县,county,http://a.gov.cn/,,http://a.gov.cn/nb/,,,,",
        "140221,阳高县,county,http://a.gov.cn/,,http://a.gov.cn/old/,,,,",
        "140221,阳高县教育局,department,http://a.gov.cn/,,,,,,",
        "140221,阳高县民政局,department,http://a.gov.cn/,,,,,,",
        "140221100,龙泉镇,township,http://a.gov.cn/,,,,,,",
    )
    assert [portal.level for portal in portals] == ["county", "county", "department", "department", "township"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("code,name,home_url", "line 1, column level: '': the column is missing: add it"),
        ("code,name,level,home_url,famliy", "line 1, column famliy: 'famliy': no such column: use code, name"),
    ],
)
def test_bad_header_is_refused(header: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PortalError, match="1 fault, nothing was crawled") as refused:
        read(tmp_path, header=header)
    assert said in str(refused.value)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(PortalError, match=r"absent\.csv: no such file"):
        read_portals(tmp_path / "absent.csv", DATA / "divisions.csv")
    (tmp_path / "gbk.csv").write_bytes("code,name,level,home_url\n140221,阳高县,county,x".encode("gbk"))
    with pytest.raises(PortalError, match=r"gbk\.csv: byte \d+ is not UTF-8"):
        read_portals(tmp_path / "gbk.csv", DATA / "divisions.csv")


def test_selection_leaves_out_retired_portals_and_refuses_unknown_codes(tmp_path: Path) -> None:
    portals = read(
        tmp_path,
        "140221,阳高县,county,http://a.gov.cn/,,,,,,",
        "140222,天镇县,county,http://b.gov.cn/,,,,,retired,",
    )
    assert [portal.code for portal in select(portals, [], tmp_path)] == ["140221"]
    with pytest.raises(PortalError, match="no row has the code 140223"):
        select(portals, ["140221", "140223"], tmp_path)


def test_every_row_of_the_catalogue_leads_to_its_first_request() -> None:
    portals = read_portals(DATA / "portals.csv", DATA / "divisions.csv")
    listed = [portal for portal in portals if portal.list_url]
    assert len(portals) == 3205
    assert len(listed) >= 60
    for portal in portals:
        assert portal.family in FAMILY_NAMES | {""}
        visit = Visit([portal], range(2008, 2025), 10)
        job = visit.take()
        if portal.list_url:
            assert job is not None, portal
            assert (job.kind, job.ask.url) == ("list", portal.list_url)
        else:
            assert job is not None, portal
            assert (job.kind, job.ask.url) == ("list", portal.home_url)
