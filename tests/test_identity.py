"""Whose site a page is: code before name, former codes and names, same names elsewhere, copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.identity import Identity, Place, Places, agrees, contradicts, mismatch
from crawler.page import Page
from crawler.portals import Portal

YANGGAO = Place(("140221",), ("阳高县",))
GULOU = Place(("320106",), ("鼓楼区",))
DONGCHENG = Place(("110101", "110103"), ("东城区", "崇文区"))


def page(title: str = "", *, code: str = "", name: str = "", body: str = "") -> Page:
    metas = f'<meta name="SITEIDCODE" content="{code}">' if code else ""
    metas += f"<meta name='SiteName' content='{name}'>" if name else ""
    return Page("http://e.gov.cn/", f"<html><head><title>{title}</title>{metas}</head><body>{body}</body></html>")


@pytest.mark.parametrize(
    ("seen", "place", "why"),
    [
        (page(code="1402210001"), YANGGAO, ""),
        (page("天镇县人民政府", code="1402210001"), YANGGAO, ""),
        (page("阳高县人民政府"), YANGGAO, ""),
        (page("首页", name="阳高县人民政府门户网站"), YANGGAO, ""),
        (page("首页", body="主办：阳高县人民政府"), YANGGAO, ""),
        (page("阳高县人民政府", code="1402000001"), YANGGAO, ""),
        (page("阳高县人民政府", code="1400000001"), YANGGAO, ""),
        (page("大同市人民政府", code="1402000001"), YANGGAO, "the site is that of 1402000001"),
        (page("鼓楼区人民政府", code="3203020001"), GULOU, "the site is that of 3203020001"),
        (page("鼓楼区人民政府", code="3201000001"), GULOU, ""),
        (page("东城区", code="1101030001"), DONGCHENG, ""),
        (page("崇文区人民政府"), DONGCHENG, ""),
        (page("真人游戏", name="娱乐城"), YANGGAO, "the page names neither 阳高县 nor its code: 娱乐城 真人游戏"),
        (page(), YANGGAO, "the page names neither 阳高县 nor its code: it has no title"),
        (page("阳高縣", code="1402210001", body="政府信息公開 陽高縣人民政府"), YANGGAO, "the page is a copy"),
        (page("阳高县", code="bm14000002"), YANGGAO, "the site is that of bm14000002"),
    ],
)
def test_home_page_is_the_bodys_own(seen: Page, place: Place, why: str) -> None:
    said = mismatch(seen, place)
    assert said.startswith(why)
    assert bool(said) == bool(why)


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (page(code="1402210001", body="政府网站标识码：1402000001"), "1402210001"),
        (page(code="none", body="政府网站标识码：1402210001"), "1402210001"),
        (page(body="政府网站标识码: <b>1402210001</b>"), "1402210001"),
        (page(body='<a href="//zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=1402210001&url=x">'), "1402210001"),
        (page(body="<script id='_jiucuo_' sitecode='1402210001' src='jiucuo.js'></script>"), "1402210001"),
        (page(body="电话 1402210001"), ""),
    ],
)
def test_code_is_in_the_meta_the_footer_or_the_button(seen: Page, code: str) -> None:
    assert Identity.of(seen).code == code


@pytest.mark.parametrize(
    ("seen", "is_own"),
    [
        (page(code="1402210001"), True),
        (page("阳高县政府信息公开"), True),
        (page("阳高县政府信息公开", code="1402000001"), True),
        (page("阳高县政府信息公开", code="3203020001"), False),
        (page("政府信息公开", body="阳高县人民政府"), False),
        (page("政府信息公開", code="1402210001", body="政府信息公開"), False),
    ],
)
def test_site_outside_the_catalogue_has_to_say_whose_it_is(seen: Page, is_own: bool) -> None:
    assert agrees(seen, YANGGAO) == is_own


@pytest.mark.parametrize(
    ("code", "contradicted"),
    [
        *(("1402210001", False), ("1402220001", False), ("1402000001", False), ("1400000001", False), ("", False)),
        *(("bm14000002", False), ("1403000001", True), ("3203020001", True)),
    ],
)
def test_list_may_lie_on_the_site_of_the_city_and_no_further(code: str, contradicted: bool) -> None:
    assert bool(contradicts(page("年报", code=code), YANGGAO)) == contradicted


DIVISIONS = """code,name,province,level,valid_from,valid_to,successors
610118,鄠邑区,陕西省,county,2016,,
610125,户县,陕西省,county,2008,2015,610118
310106,静安区,上海市,county,2008,,
310108,闸北区,上海市,county,2008,2014,310106
320812,清江浦区,江苏省,county,2016,,
320802,清河区,江苏省,county,2008,2015,320812
320811,清浦区,江苏省,county,2008,2015,320812
420600,襄樊市,湖北省,prefecture,2008,2009,
420600,襄阳市,湖北省,prefecture,2010,,
130502,襄都区,河北省,county,2020,,
130503,信都区,河北省,county,2020,,
130521,邢台县,河北省,county,2008,2019,130502 130503
"""


@pytest.mark.parametrize(
    ("code", "name", "level", "renamed"),
    [
        ("610118", "鄠邑区", "county", ("户县",)),
        ("420600", "襄阳市", "city", ("襄樊市",)),
        # Places joined with others, or split, are not the place of today.
        ("310106", "静安区", "county", ()),
        ("320812", "清江浦区", "county", ()),
        ("130502", "襄都区", "county", ()),
    ],
)
def test_names_that_the_same_place_bore_before(
    code: str, name: str, level: str, renamed: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "divisions.csv").write_text(DIVISIONS, encoding="utf-8")
    place = Places(tmp_path / "divisions.csv").of(Portal(code, name, level, "http://e.gov.cn/"))
    assert place.renamed == renamed
    assert set(renamed) <= set(place.names)


def test_places_that_the_project_knows() -> None:
    places = Places(Path(__file__).parent.parent / "data" / "divisions.csv")
    renamed = {name: places.of(Portal(code, name, "county", "x")).renamed for code, name in places.counties().items()}
    assert sum(map(bool, renamed.values())) > 180
    assert (renamed["鄠邑区"], renamed["淮安区"], renamed["兰陵县"]) == (("户县",), ("楚州区",), ("苍山县",))
    assert (renamed["綦江区"], renamed["静安区"]) == ((), ())
