"""What a title says: is it a disclosure report, of which year, and whose."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Whose = Literal["government", "office", "other"]

# Excluded before anything is included: what a keyword alone would take for a report.
FALSE_FRIENDS = re.compile(
    r"网站.{0,6}(年(度)?报|报表)|统计年|统计(数据|制度)|半年|季度|月报|公报|决算|预算|财务|审计报告|法治政府|依法行政"
    r"|企业年|社会责任|绩效|党务公开|厂务|村务|财政信息公开|指南|目录|制度|办法|细则|规定|方案|要点|清单|收费|处理费"
    r"|(通知|通报|函|意见|解读|问答|模板|格式|计划)(》)?$|关于(做好|报送|编制|印发|开展|征求).{0,30}报告?.{0,10}(的)?(通知|函)"
    r"|图解|一图|图说|培训|会议"
)
DISCLOSURE = r"(?:政府|政务|行政)?信息.{0,6}公开|公开|信息年度公开"
REPORT = re.compile(
    rf"(?:{DISCLOSURE}).{{0,12}}(?:年度?.{{0,4}}报告?|告年度报|报告|年报)"
    r"|年度?.{0,6}(?:信息)?公开.{0,8}(?:情况的?|工作的?)?报告|信息年度公开报告"
    # Without 公开 nothing but body and year may stand before it: there are yearly reports on everything.
    r"|(?:^|20\d\d年?度?|政府|办公室|[县区市旗州局委办厅镇乡道心门位])(?:政府)?(?:信息)?(?:工作)?(?:年度(?:工作)?报告|年?年报(?:汇总)?$)"
)
# A list may cut a title before the word that makes it a report.
CUT_REPORT = re.compile(r"信息公.{0,12}(…|\.{3,})$")

# What calls itself no report, and in a report column may be one.
SUMMARY = re.compile(
    r"20[0-3]\d年?度?.{0,16}信息公开(?:年度)?(?:工作)?(?:年度)?(?:开展|完成|进展|推进)?(?:总结|情况(?:说明)?|概况|概述|综述|汇报|小结)$"
)
CUT = re.compile(r"(…|\.{3,}|。{3})$")
# How a report's title begins, cut anywhere: whose it is, the year, and no word that a report's would not have.
_WHOSE = r"(?:[\u4e00-\u9fff]{2,12}?[省市县区旗州盟])?(?:人(?:民(?:政府?)?)?|政府?)?(?:办(?:公室?)?)?"
_WHEN = r"(?:20?\d{0,2}年?度?)?"
CUT_BEGINNING = re.compile(
    rf"^(?=.{{5}})(?:关于?)?{_WHEN}{_WHOSE}(?:关于?)?{_WHEN}(?:政(?:府|务)?)?(?:信息?)?(?:公开?)?(?:工作?)?(?:…|\.{{3,}}|。{{3}})$"
)
# The same, cut without a mark, within its last words.
CUT_END = re.compile(r"20\d\d年?度?(?:关于)?(?:政府|政务)?信息公开(?:工作)?(?:年度?)?$")
CHINESE_YEAR = re.compile(r"[二两][〇○零0OＯ][〇○零0O一二][〇○零0O一二三四五六七八九](?=[年至到和及与、/~–—-])")
CHINESE_DIGITS = str.maketrans("〇○零OＯ一二三四五六七八九两", "000001234567892")
# The year in which it was issued, where a title says so.
ISSUED = re.compile(r"20[0-3]\d年?(?:\d{1,2}月(?:\d{1,2}日)?)?(?:发布|公布|印发|编制)")
FILE_NUMBER = re.compile(r"[〔\[(（【](20\d\d)[〕\])）】]第?\d+号")
YEAR = re.compile(r"(?<!\d)(20[0-3]\d)(?!\d)")
# 2008-2009年度, 2008—09年度, 2008年5月1日至2009年3月: the later year may be short, and then has its 年 behind it.
DAY = r"(?:\d{1,2}月(?:\d{1,2}日)?)?"
SPAN = re.compile(rf"(?<!\d)(20[0-3]\d)年?度?{DAY}(?:[至到和及与、/~]|[-–—―]+)(?:(20[0-3]\d)(?!\d)|(\d\d)(?=年))")
REPORT_WORD = re.compile(r"报告|年报|告年度报|公开")
# Names of the report column; inside a disclosure hub shorter ones can mean nothing else.
COLUMN = re.compile(
    r"(?:政府|政务)?信息公开(?:工作)?年度?报告?(?!表)|公开年度?报告?(?!表)|信息公开工作报告$|^(?:历年|往年)?公开年报"
)
COLUMN_IN_HUB = re.compile(r"年度报告$|^(?:20\d\d年?)?年报$|年报汇总|^(?:本级|政府|工作)年报$")
# Names that leave open what is reported: only what such a column lists can show it. 政府工作报告 is another report.
PLAIN_COLUMN = re.compile(r"^(?:政府|政务)?(?:信息)?公开(?:工作)?(?:情况)?报告$")
NO_COLUMN = re.compile(r"网站.{0,6}年度?报|统计年|公报|预决算|决算|预算|财务|法治政府|依法行政|企业年|报表")
YEAR_TITLE = re.compile(r"^(20[0-3]\d)(年度?|年份)?(信息公开|政府信息公开)?(工作)?(年度?报告?|年报|报告)?$")

OFFICE = re.compile(r"(?:人民)?政府办(?:公室|公厅)?(?!事)|(?:^|(?<=[#省市县区旗州]))[府政]办(?:公室)?(?!事)")
# Words of bodies below or beside a government; a government's own title has none of them left once its name is gone.
OTHER_BODY = re.compile(
    r"局|委员会|办公室|办事处|中心|街道|[镇乡]|管委会|开发区|园区|高新区|新区|示范区|景区|法院|检察院|医院|学院|学校|中学|小学|幼儿园"
    r"|公司|集团|支队|大队|执法队|联合会|联社|总工会|妇联|残联|工商联|团委|县委|区委|市委|党校|农场|林场|牧场|苏木|研究[所院]|管理[所处站]"
    r"|服务[处站]|指挥部|银行|[图博档]\w{1,2}馆|档案馆|税务|公安|人社|(?<!人)民政|教体|住建|厅|各(单位|部门|乡)|部门|红十字"
)
# Bodies that no list names, by how they end: 金融办, 供销社, 公路段, 气象站.
SMALL_BODY = re.compile(
    r"(?:[\u4e00-\u9fff][办站台段所处社队馆厂部]|疾控)(?=[|（(]|关于|(?:政府|政务)?信息|政务公开|公开|年度|年报|$)"
)
# A place before its government, or before the year of its report.
NAMED_PLACE = re.compile(
    r"[\u4e00-\u9fff]{2,}?(?:自治[县州旗]|[省市县区旗盟州])(?:人民)?政府|[\u4e00-\u9fff]{2,}?(?<![我全本])[市县区旗州]\|"
)
BODY = re.compile(
    r"(?:关于)?(?:20\d\d年?度?)?(?P<body>.+?)(?:关于)?(?:20\d\d|(?:政府|政务)信息公开|政务公开|信息.{0,4}公开|年度|年报)"
)
UNDATED = "the title names no year"
SPANS = "the title names the years"
PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌"
    "|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各"
)
SHORT_NAME = re.compile(
    rf"(?:(?:{PEOPLES})族|蒙古|哈萨克|柯尔克孜|维吾尔)*(?:自治[县州旗区]|特别行政区|新区|矿区|林区|[省市县区旗])$"
)


# A title is looked at from several sides, one right after the other.
@lru_cache(maxsize=1024)
def fold(title: str) -> str:
    """Return a title without white space, in compatibility form, Chinese years as digits, file numbers taken out."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", title))
    folded = CHINESE_YEAR.sub(lambda match: match[0].translate(CHINESE_DIGITS), folded)
    return FILE_NUMBER.sub("", folded)


@lru_cache(maxsize=1024)
def is_report(title: str) -> bool:
    """Tell whether a title inside a report column is a yearly disclosure report's; false friends are excluded first."""
    folded = fold(title)
    if FALSE_FRIENDS.search(folded):
        return False
    return bool(REPORT.search(folded) or CUT_REPORT.search(folded) or YEAR_TITLE.match(folded))


def may_be_report(title: str) -> bool:
    """Tell whether a title that its list cut short may be a report's, which only its page then says."""
    folded = fold(title)
    if FALSE_FRIENDS.search(folded):
        return False
    if not CUT.search(folded):
        return bool(CUT_END.search(folded))
    return bool(YEAR.search(folded) or CUT_BEGINNING.match(folded))


def is_summary(title: str) -> bool:
    """Tell whether a title is that of a year's summary of disclosure, which some columns hold in a report's place."""
    if "公开" not in title:
        return False
    folded = fold(title)
    return bool(SUMMARY.search(folded)) and not FALSE_FRIENDS.search(folded)


def names_column(text: str, *, in_hub: bool = False) -> bool:
    """Tell whether a text is the name of a column of yearly disclosure reports; in a hub shorter names are."""
    folded = fold(text)
    if NO_COLUMN.search(folded):
        return False
    return bool(COLUMN.search(folded) or (in_hub and COLUMN_IN_HUB.search(folded)))


def may_name_column(text: str) -> bool:
    """Tell whether a text names a column of reports on disclosure, and not that they are the yearly ones."""
    return bool(PLAIN_COLUMN.match(fold(text)))


@lru_cache(maxsize=1024)
def report_year(title: str) -> int | None:
    """Return the report year that a title names, or None; of several the last one before the report words counts."""
    folded = fold(title)
    if span := years_in(folded):
        return span[-1]
    folded = ISSUED.sub("", folded)
    years = list(YEAR.finditer(folded))
    if not years:
        return None
    words = max((match.start() for match in REPORT_WORD.finditer(folded)), default=0)
    before = [year for year in years if year.start() < words]
    return int((before[-1] if before else years[0])[1])


@lru_cache(maxsize=1024)
def years_in(title: str) -> range:
    """Return the years that a title spans (2008-2009年度), or an empty range where it names no more than one."""
    match = SPAN.search(fold(title))
    if match is None:
        return range(0)
    first = int(match[1])
    last = int(match[2] or match[1][:2] + match[3])
    return range(first, last + 1) if first < last else range(0)


def column_year(title: str) -> int | None:
    """Return the year of a sub-column whose name is a year, with or without report words; None for other names."""
    match = YEAR_TITLE.match(fold(title))
    return int(match[1]) if match else None


def inferred_year(published: str) -> int | None:
    """Return the year before a publication date (ISO) from January to June, when reports appear; else None."""
    match = re.match(r"(20\d\d)-(\d\d)", published)
    return int(match[1]) - 1 if match and int(match[2]) <= 6 else None


def dated(title: str, column: int | None, published: str) -> tuple[int | None, str]:
    """Return a report's year and why it is doubtful (or an empty string): title, its column's year, publication (ISO).

    A report appears when its year is over, so that a year of publication betrays itself by the date beside it.
    Of a span of years the last counts, always in doubt.
    """
    if span := years_in(title):
        return span[-1], f"{SPANS} {span[0]} to {span[-1]}"
    named, issued = report_year(title), re.match(r"(20\d\d)-(\d\d)", published)
    early = issued is not None and int(issued[2]) <= 6
    if named:
        doubt = (
            f"the title names {named}, and is of {published}" if early and issued and int(issued[1]) == named else ""
        )
        return named, doubt
    if column and early and issued and int(issued[1]) == column:
        return column - 1, f"the title names no year, and its column's {column} is that of publication"
    if column:
        return column, ""
    return inferred_year(published), UNDATED


def settled(year: int, doubt: str, prose: str) -> tuple[int, str]:
    """Let a report's own text decide between a year that it is doubted to be of and the one before."""
    if not doubt or doubt == UNDATED or doubt.startswith(SPANS):
        return year, doubt
    said = {each: len(re.findall(rf"(?<!\d){each}年(?!\d?\d月)", prose)) for each in (year, year - 1)}
    if said[year] > said[year - 1]:
        return year, ""
    return (
        (year - 1, doubt)
        if said[year - 1] > said[year] and "names" in doubt and "column" not in doubt
        else (year, doubt)
    )


def against(year: int, own: str, prose: str) -> tuple[int, str]:
    """Weigh the year that a list gives a report against its page's own title: the text decides, else it is doubtful."""
    named = report_year(own) if is_report(own) and not years_in(own) else None
    if named in (None, year):
        return year, ""
    said, listed = (prose.count(f"{each}年") for each in (named, year))
    if listed > said:
        return year, ""
    return (named if said > listed else year), f"the list names {year}, and the page {named}"


def misnamed(year: int, published: str, prose: str) -> tuple[int, str]:
    """Doubt a title's year where the report came a year too late, and its text speaks of the year between."""
    issued = re.match(r"(20\d\d)-(0[1-6])", published)
    if issued is None or int(issued[1]) != year + 2:
        return year, ""
    said = {each: len(re.findall(rf"(?<!\d){each}年", prose)) for each in (year, year + 1)}
    return (year + 1, f"the title names {year}, and the text {year + 1}") if said[year + 1] > said[year] else (year, "")


@lru_cache(maxsize=1024)
def whose(title: str, name: str) -> Whose:
    """Tell whose report a title names: the portal's own government, its office, or another body.

    ``name`` is the portal's name in the catalogue. A title that names nobody is the government's, for the column is.
    """
    rest = _without_own(re.sub(r"20\d\d年?度?", "|", fold(title)), name)
    office = OFFICE.search(rest)
    if office:
        rest = rest.replace(office[0], "|", 1)
    if OTHER_BODY.search(rest) or SMALL_BODY.search(rest) or NAMED_PLACE.search(rest):
        return "other"
    return "office" if office else "government"


def under_one_name(title: str, name: str, former: Sequence[str]) -> str:
    """Return a title with the names that a place bore before put into that of today."""
    folded = fold(title)
    for each in former:
        folded = re.sub(rf"(?<![\u4e00-\u9fff]){each}|(?<=[省市州盟年]){each}", name, folded)
    return folded


def names(title: str, name: str) -> bool:
    """Tell whether a title names a place, in full or short."""
    folded = fold(title)
    short = short_name(name)
    return name in folded or bool(short and short in folded)


def body_of(title: str, name: str) -> str:
    """Return the full name of the department or township whose report a title names; empty where it names none.

    ``name`` is the place whose body it is; another place's government is no body of it.
    """
    folded = fold(title)
    rest = _without_own(re.sub(r"20\d\d年?度?", "|", folded), name)
    if NAMED_PLACE.search(rest):
        return ""
    match = BODY.match(folded)
    if match is None or not (OTHER_BODY.search(match["body"]) or SMALL_BODY.search(match["body"])):
        return ""
    return full_name(match["body"], name)


def full_name(body: str, name: str) -> str:
    """Return a body's name with that of its place before it, in one form for 教育局, 县教育局, and 阳高县教育局."""
    own = body.removeprefix(name)
    short = short_name(name)
    if own == body and short:
        own = re.sub(rf"^{re.escape(short)}[省市县区旗州盟]?", "", body)
    return name + re.sub(r"^[省市县区旗州盟](?!人民)", "", own)


def _without_own(title: str, name: str) -> str:
    """Replace the portal's own name, in full or short, with a mark that keeps its neighbours apart."""
    title = title.replace(name, "#")
    short = short_name(name)
    return re.sub(rf"{re.escape(short)}(?:自治)?[省市县区旗州盟]?", "#", title) if short else title


def short_name(name: str) -> str:
    """Return a place's name without its kind (阳高县: 阳高), or empty where less than two characters would be left."""
    short = SHORT_NAME.sub("", name)
    return short if len(short) >= 2 else ""
