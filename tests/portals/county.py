"""A fake county site: home page, disclosure hub, report column, each way to be hard to find a switch."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, ClassVar

from tests.portals.base import Answer, FakePortal

if TYPE_CHECKING:
    from aiohttp import web

    from tests.portals.base import Report

HUB = "/zwgk/zfxxgk/"
COLUMN = HUB + "zfxxgknb/"
FIXED = (("政府信息公开指南", "zn/"), ("政府信息公开制度", "zd/"), ("法定主动公开内容", "fd/"))
FALSE_FRIENDS = (("政府网站年度报表", "/wzbb/"), ("法治政府建设年度报告", "/fzzf/"), ("部门决算", "/bmjs/"))

PLAIN_FRIENDS = (("政府工作报告", "/zfgzbg/"), ("政务公开工作报告", "/zwgkbg/"))


class CountyPortal(FakePortal):
    """Home page -> hub with its four columns -> list of reports; ``code`` is the division's.

    ``departments`` are titles of other bodies' reports; ``others`` further files by address.
    """

    family = "county"
    list_path = COLUMN
    quirk_names: ClassVar[frozenset[str]] = frozenset(
        {
            *("splash", "frame", "frameset", "script_home", "image_link", "direct", "column_type", "button_code"),
            *("footer_code", "name_only", "wrong_site", "city_code", "resold", "converted", "no_hub", "no_column"),
            *("site_map", "sitemap_xml", "robots_sitemap", "guess", "iframe_column", "script_column", "units"),
            *("year_folders", "gone", "moved", "empty_column", "forbidden", "false_friends", "waf_inside"),
            *(
                "no_year_column",
                "plain_column",
                "shown_in_hub",
                "shown_with_more",
                "box_link",
                "two_columns",
                "written_nav",
            ),
        }
    )

    def __init__(
        self, name: str, code: str, *args: object, departments: tuple[str, ...] = (), **kwargs: object
    ) -> None:
        super().__init__(name, *args, **kwargs)  # type: ignore[arg-type]
        self.code = code
        self.departments = departments
        self.others: dict[str, Answer] = {}

    # Where the catalogue says that the column is, for portals whose row names one.
    @property
    def column_path(self) -> str:
        """The address of the column."""
        return "/xxgk2024/nb/" if "moved" in self.quirks else COLUMN

    def build(self) -> dict[str, Answer]:
        """Return home page, hub, column and articles."""
        files = self._doors() | self._hub() | self._column()
        if "written_nav" in self.quirks:
            files["/js/nav.js"] = Answer(f"document.write('{self._anchor('政府信息公开', HUB)}');".encode())
        for number, report in enumerate(self.reports):
            body = self.detail(report, 'class="TRS_Editor"')
            files[self._article(number, report)] = Answer(body)
        for number, title in enumerate(self.departments):
            text = "本机关依法公开政府信息，办理依申请公开。" * 12
            body = self.page(title, f"<h1>{escape(title)}</h1><div class='TRS_Editor'><p>{text}{number}</p></div>")
            files[f"{self.column_path}202101/t20210120_{9000 + number}.html"] = Answer(body)
        return files | self.others

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Refuse what a quirk refuses."""
        if "forbidden" in self.quirks and request.path.startswith(COLUMN):
            return Answer(b"", status=403)
        if "waf_inside" in self.quirks and request.path == HUB:
            return Answer(b"<script>document.cookie='__jsl_clearance=1'</script>", status=521)
        if "robots_sitemap" in self.quirks and request.path == "/robots.txt":
            return Answer(f"User-agent: *\nAllow: /\nSitemap: {self.home_url}maps/all.xml\n".encode(), "text/plain")
        return None

    def _robots(self, request: web.Request) -> Answer | None:
        return None if "robots_sitemap" in self.quirks else super()._robots(request)

    # The way to the hub

    def _doors(self) -> dict[str, Answer]:
        home = self._home()
        if "splash" in self.quirks:
            splash = self.page(self.name, '<a href="/main/">点击进入</a>').replace(self._nav(), b"")
            return {"/": Answer(splash), "/main/": Answer(home)}
        if "frame" in self.quirks:
            return {"/": Answer(b"<html><iframe src='/main/'></iframe></html>"), "/main/": Answer(home)}
        if "frameset" in self.quirks:
            frames = b"<html><frameset><frame src='/top/'><frame src='/main/'></frameset></html>"
            return {"/": Answer(frames), "/top/": Answer(b"<html><body>.</body></html>"), "/main/": Answer(home)}
        if "script_home" in self.quirks:
            return {"/": Answer(b"<script>window.location.href='/main/';</script>"), "/main/": Answer(home)}
        return {"/": Answer(home)}

    def _nav(self) -> bytes:
        return f'<a href="{self.list_path}">政府信息公开年报</a>'.encode()

    def _home(self) -> bytes:
        links = [("首页", "/"), ("新闻动态", "/xw/"), ("依申请公开", "/ysq/")]
        if not {"no_hub", "guess", "sitemap_xml", "robots_sitemap", "site_map"} & self.quirks:
            links.append(("政府信息公开", HUB))
        if "direct" in self.quirks:
            links.append(("政府信息公开年报", self.column_path))
        if "site_map" in self.quirks:
            links.append(("网站地图", "/map.html"))
        return self._shell(f"{self._site_name()}门户网站", links, identity=True)

    def _site_name(self) -> str:
        if "wrong_site" in self.quirks or "resold" in self.quirks:
            return "某某商城" if "resold" in self.quirks else "大同市人民政府"
        return f"{self.name}人民政府"

    def _shell(self, title: str, links: list[tuple[str, str]], body: str = "", *, identity: bool = False) -> bytes:
        code = {"wrong_site": "1402000001", "city_code": f"{self.code[:4]}000001", "resold": ""}
        digits = next((code[quirk] for quirk in code if quirk in self.quirks), f"{self.code}0001")
        meta = foot = ""
        if "footer_code" in self.quirks:
            foot = f"政府网站标识码：{digits}"
        elif "button_code" in self.quirks:
            foot = f'<a href="http://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code={digits}">找错</a>'
        elif "name_only" not in self.quirks and digits:
            meta = f'<meta name="SiteIDCode" content="{digits}">'
        if not identity:
            meta = ""
        nav = "".join(self._anchor(text, url) for text, url in links)
        if "written_nav" in self.quirks and identity:
            nav = "<script src='/js/jquery.js'></script><script src='/js/nav.js'></script>"
        text = (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>{meta}'
            f'<meta name="SiteName" content="{self._site_name()}"></head><body><div>{nav}</div>{body}'
            f'<div class="foot">{foot}</div></body></html>'
        )
        if "converted" in self.quirks:
            text = text.replace("县", "縣").replace("公开", "公開")
        return text.encode()

    def _anchor(self, text: str, url: str) -> str:
        if "image_link" in self.quirks:
            return f'<a href="{url}"><img src="/i.png" alt="{text}"></a>'
        if "box_link" in self.quirks:
            return f'<select onchange="location.href=this.value"><option value="{url}">{text}</option></select>'
        return f'<a href="{url}">{text}</a>'

    def _hub(self) -> dict[str, Answer]:
        links = [(text, HUB + path) for text, path in FIXED]
        if "false_friends" in self.quirks:
            links += FALSE_FRIENDS
        if not {"no_column", "shown_in_hub", "shown_with_more"} & self.quirks:
            links.append((self._column_name("年报"), self.column_path))
        if "two_columns" in self.quirks:
            links.append(("历年政府信息公开年报", HUB + "lnnb/"))
        if "plain_column" in self.quirks:
            links[:0] = PLAIN_FRIENDS
        hub = self._shell("政府信息公开", links, self._panel())
        files = {HUB: Answer(hub)} | {HUB + path: Answer(self._shell(text, links)) for text, path in FIXED}
        for text, path in (("新闻动态", "/xw/"), ("依申请公开", "/ysq/"), *FALSE_FRIENDS, *PLAIN_FRIENDS):
            files[path] = Answer(self._shell(text, []))
        column = f"{self.home_url.rstrip('/')}{self.column_path}"
        places = f"<urlset><url><loc>{self.home_url}xw/</loc></url><url><loc>{column}</loc></url></urlset>".encode()
        if "sitemap_xml" in self.quirks:
            files["/sitemap.xml"] = Answer(places, "application/xml")
        if "robots_sitemap" in self.quirks:
            index = f"<sitemapindex><sitemap><loc>{self.home_url}maps/1.xml</loc></sitemap></sitemapindex>".encode()
            files |= {"/maps/all.xml": Answer(index, "text/xml"), "/maps/1.xml": Answer(places, "text/xml")}
        if "site_map" in self.quirks:
            files["/map.html"] = Answer(self._shell("网站地图", [("政府信息公开年报", self.column_path)]))
        return files

    def _panel(self) -> str:
        """The newest reports on the hub itself."""
        if not {"shown_in_hub", "shown_with_more"} & self.quirks:
            return ""
        more = f'<a href="{self.column_path}">更多&gt;&gt;</a>' if "shown_with_more" in self.quirks else ""
        return f"<div><h3>政府信息公开年报{more}</h3><ul>{self._rows(list(enumerate(self.reports))[:3])}</ul></div>"

    # The column

    def _column_name(self, short: str) -> str:
        """What links call the column."""
        if "plain_column" in self.quirks:
            return "公开报告"
        return short if "no_year_column" in self.quirks else "政府信息公开年报"

    def _article(self, number: int, report: Report) -> str:
        stamp = report.date.replace("-", "")
        return f"{self.column_path}{stamp[:6]}/t{stamp}_{1000 + number}.html"

    def _rows(self, reports: list[tuple[int, Report]]) -> str:
        return "".join(
            f'<li><a href="{self._article(number, report)}">{escape(self.shown(report))}</a>'
            f"<span>{report.date}</span></li>"
            for number, report in reports
        )

    def _column(self) -> dict[str, Answer]:  # noqa: PLR0911 - one return a quirk
        path = self.column_path
        meta = '<meta name="ColumnType" content="信息公开年报">' if "column_type" in self.quirks else ""
        title = "信息" if "column_type" in self.quirks else self._column_name("政府信息公开年报")
        if "iframe_column" in self.quirks:
            frame = Answer(self._shell(title, [], "<iframe src='/frames/nb/'></iframe>"))
            return {path: frame, "/frames/nb/": Answer(self._list(title, meta))}
        if "script_column" in self.quirks:
            return {
                path: Answer(b"<script>location.href='/frames/nb/'</script>"),
                "/frames/nb/": Answer(self._list(title, meta)),
            }
        if "year_folders" in self.quirks:
            return self._year_folders(path)
        if "units" in self.quirks:
            return self._units(path)
        if {"no_column", "gone"} & self.quirks:
            return {}
        if "two_columns" in self.quirks:
            return self._two_columns(path, title, meta)
        return {path: Answer(self._list(title, meta))}

    def _two_columns(self, path: str, title: str, meta: str) -> dict[str, Answer]:
        older = self._list("历年政府信息公开年报", meta, slice(3, None))
        return {path: Answer(self._list(title, meta, slice(3))), HUB + "lnnb/": Answer(older)}

    def _list(self, title: str, meta: str, part: slice = slice(None)) -> bytes:
        rows = "" if "empty_column" in self.quirks else self._rows(list(enumerate(self.reports))[part])
        for number, department in enumerate(self.departments):
            url = f"{self.column_path}202101/t20210120_{9000 + number}.html"
            rows += f'<li><a href="{url}">{escape(department)}</a><span>2021-01-20</span></li>'
        page = self._shell(title, [("首页", "/"), (self._column_name(title), self.column_path)], f"<ul>{rows}</ul>")
        return page.replace(b"</head>", f"{meta}</head>".encode())

    def _year_folders(self, path: str) -> dict[str, Answer]:
        """Folders that share no form, as sites have them."""
        forms = ("{}/", "gknb{}/", "{}n/", "{}nb/")
        links, files = [], {}
        for number, report in enumerate(self.reports):
            year = int(report.date[:4]) - 1
            folder = path + forms[number % len(forms)].format(year)
            links.append((f"{year}年", folder))
            files[folder] = Answer(self._shell(f"{year}年", links[:], f"<ul>{self._rows([(number, report)])}</ul>"))
        # The newest year's folder is the column's own page, and only it links the others.
        return files | {path: Answer(self._shell("政府信息公开年报", links))}

    def _units(self, path: str) -> dict[str, Answer]:
        links = [("县政府", f"{path}xzf/"), ("县教育局", f"{path}jyj/"), ("王官屯镇", f"{path}wgt/")]
        own = Answer(self._shell("县政府", links, f"<ul>{self._rows(list(enumerate(self.reports)))}</ul>"))
        files = {path: Answer(self._shell("政府信息公开年报", links)), f"{path}xzf/": own}
        for folder, number in (("jyj", 1), ("wgt", 2)):
            article = f"{path}{folder}/202101/t20210120_{number}.html"
            rows = f'<li><a href="{article}">2020年政府信息公开工作年度报告</a><span>2021-01-20</span></li>'
            files[f"{path}{folder}/"] = Answer(self._shell(folder, links, f"<ul>{rows}</ul>"))
            text = "本单位依法公开政府信息，办理依申请公开。" * 12
            files[article] = Answer(self._shell("2020年政府信息公开工作年度报告", [], f"<p>{text}{folder}</p>"))
        return files
