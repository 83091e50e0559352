"""Outcomes: one for each year, each with the right code and words; what answers, files and redirects amount to."""

from __future__ import annotations

from datetime import date

import pytest
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, DownloadFailedError, DownloadTimeoutError
from scrapy.http import HtmlResponse, Response

from crawler.blocks import fault_in
from crawler.files import files_of, is_document
from crawler.outcomes import CODES, KEPT, STOPS, Fault, Findings, Report, fault_of, report_years, rows_of
from crawler.page import Page
from crawler.portals import Portal
from crawler.sites import is_home, site_of
from crawler.visit import Visit
from tests.portals.faulty import CODES as FAULTY_CODES

PORTAL = Portal("140221", "阳高县", "county", "http://e.gov.cn/", list_url="http://e.gov.cn/nb/")
TODAY = date(2026, 11, 24)


def report(year: int, url: str = "http://e.gov.cn/1.html", **fields: object) -> Report:
    known: dict[str, object] = {
        "title": "年报",
        "whose": "government",
        "doubt": "",
        "sha256": url,
        "substance": "text",
    }
    return Report(year=year, url=url, **(known | fields))  # type: ignore[arg-type]


def judge(findings: Findings, year: int = 2020) -> tuple[str, str, str]:
    rows = rows_of(PORTAL, "http://e.gov.cn/nb/", [year], findings, "run")
    assert len(rows) == 1
    assert (rows[0].code, rows[0].name, rows[0].report_year, rows[0].run_id) == ("140221", "阳高县", year, "run")
    return rows[0].outcome, rows[0].url, rows[0].detail


def test_every_year_has_one_row() -> None:
    findings = Findings(reports=[report(2009)], listed=1, proof="one page")
    rows = rows_of(PORTAL, "http://e.gov.cn/nb/", range(2008, 2026), findings, "run")
    assert [row.report_year for row in rows] == list(range(2008, 2026))
    assert [row.outcome for row in rows] == ["year_missing", "found", *["year_missing"] * 16]


@pytest.mark.parametrize(
    ("findings", "outcome", "url"),
    [
        (Findings(reports=[report(2020)]), "found", "http://e.gov.cn/1.html"),
        (Findings(reports=[report(2020), report(2020)]), "found", "http://e.gov.cn/1.html"),
        (Findings(reports=[report(2020), report(2020, "http://e/2")]), "ambiguous", "http://e.gov.cn/1.html"),
        (
            Findings(reports=[report(2020, "http://e/office", whose="office"), report(2020)]),
            "found",
            "http://e.gov.cn/1.html",
        ),
        (Findings(reports=[report(2020, doubt="the title names no year")]), "year_inferred", "http://e.gov.cn/1.html"),
        (Findings(reports=[report(2020, substance="image")]), "image_only", "http://e.gov.cn/1.html"),
        (Findings(reports=[report(2020, substance="image", files=1)]), "found", "http://e.gov.cn/1.html"),
        (Findings(reports=[report(2020, substance="nothing")]), "soft404", "http://e.gov.cn/1.html"),
        (
            Findings(reports=[report(2020, substance="nothing", lost=[Fault("unreachable", "http://e/f", "")])]),
            "attachment_failed",
            "http://e/f",
        ),
        (Findings(faults=[Fault("paging_stuck", "http://e/l", "")], listed=9), "paging_stuck", "http://e/l"),
        (Findings(year_faults={2020: [Fault("soft404", "http://e/d", "")]}, listed=1), "soft404", "http://e/d"),
        (Findings(year_faults={2019: [Fault("soft404", "http://e/d", "")]}, listed=1), "year_missing", PORTAL.list_url),
        (Findings(undated=["http://e/u"], listed=1), "ambiguous", "http://e/u"),
        (Findings(listed=3), "year_missing", PORTAL.list_url),
        (Findings(), "no_column", PORTAL.list_url),
    ],
)
def test_outcome_of_a_year(findings: Findings, outcome: str, url: str) -> None:
    assert judge(findings)[:2] == (outcome, url)


def test_codes_that_are_used_are_explained() -> None:
    assert KEPT | STOPS | set(FAULTY_CODES.values()) <= CODES.keys()


@pytest.mark.parametrize(
    ("text", "years"),
    [("", range(2008, 2026)), ("2020", range(2020, 2021)), ("2019-2023", range(2019, 2024))],
)
def test_report_years(text: str, years: range) -> None:
    assert report_years(text, TODAY) == years


@pytest.mark.parametrize("text", ["x", "2020-", "2023-2019", "2007-2010", "2026", "2019-2026"])
def test_years_out_of_reach_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"years '{text}'"):
        report_years(text, TODAY)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, "<html><title>年报</title><body>正文</body></html>", None),
        (200, f"<html><title>年报</title><body>{'正文' * 300}请输入验证码</body></html>", None),
        (200, f"<html><title>年报</title><body>{'电话03514042222' * 50}</body></html>", None),
        (200, "<html><body>电话0351-4042222</body></html>", None),
        (200, "<html><title>404 Not Found</title></html>", "soft404"),
        (200, "<html><body>您访问的页面不存在</body></html>", "soft404"),
        (200, "<html><body>该信息已被删除</body></html>", "soft404"),
        (200, "<html><body>抱歉，您所访问的页面没有找到</body></html>", "soft404"),
        (200, "<html><body>没有找到您要的页面</body></html>", "soft404"),
        (200, "<html><body>您无权访问此页面</body></html>", "forbidden_page"),
        (200, "<html><body>Request Rejected</body></html>", "forbidden_page"),
        (200, "<html><title>安全验证</title></html>", "captcha"),
        (200, "<html><body>访问过于频繁，请稍后再试</body></html>", "throttled"),
        (200, f"<html>{'<a href=/>栏目</a>' * 6}<form>请输入验证码</form></html>", None),
        (405, "<html><body>您访问的URL可能对网站造成安全威胁，您的访问被阻断</body></html>", "forbidden_page"),
        (503, "<html><title>Just a moment...</title></html>", "cookie_gate"),
        (404, "<html><body>没有这个页面。查询：请输入验证码</body></html>", "soft404"),
        (200, "<script>var arg1='ABC'; acw_sc__v2</script>", "waf_aliyun"),
        (202, "<script>$_ts=1</script>", "waf_ruishu"),
        (412, "<script>$_ts=1</script>", "waf_ruishu"),
        (521, "", "waf_jsl"),
        (401, "", "forbidden_page"),
        (403, "", "forbidden_page"),
        (404, "", "soft404"),
        (405, "", "soft404"),
        (410, "", "soft404"),
        (429, "", "throttled"),
        (500, "", "unreachable"),
        (503, "", "unreachable"),
    ],
)
def test_answers_that_are_no_content(status: int, body: str, code: str | None) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8"}
    fault = fault_in(HtmlResponse("http://e.gov.cn/", status=status, headers=headers, body=body.encode()))
    assert (fault.code if fault else None) == code


@pytest.mark.parametrize(
    ("status", "body", "stops"),
    [
        (200, "<html><title>安全验证</title></html>", True),
        (200, "<html><body>当前访问疑似黑客攻击，已被网站管理员设置为拦截</body></html>", True),
        (200, "<html><body>您的请求带有不合法参数，已被网站管理员设置拦截</body></html>", True),
        (403, "<html><body>The requested URL was rejected. Your support ID is: 7</body></html>", True),
        (412, "<script>$_ts=1</script>", True),
        (429, "", True),
        # A mere refusal of one page.
        (200, "<html><body>您无权访问此页面</body></html>", False),
        (200, "<html><title>Access Denied</title></html>", False),
        (200, "<html><body>参数错误：非法请求</body></html>", False),
        (200, f"<html>{'<a href=/>栏目</a>' * 6}<p>该操作已被拦截</p></html>", False),
        (403, "", False),
        (404, "", False),
        (500, "", False),
    ],
)
def test_what_stands_before_a_host_stops_it(status: int, body: str, stops: bool) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8"}
    fault = fault_in(HtmlResponse("http://e.gov.cn/", status=status, headers=headers, body=body.encode()))
    assert fault
    assert fault.stops == stops


@pytest.mark.parametrize(
    ("error", "url", "code", "detail"),
    [
        (DownloadTimeoutError(), "http://e/", "unreachable", "no answer in time after 3 tries"),
        (CannotResolveHostError(), "http://e/", "unreachable", "the host has no address after 3 tries"),
        (
            DownloadFailedError("SSL: UNSAFE"),
            "https://e/",
            "tls_failed",
            "DownloadFailedError: SSL: UNSAFE after 3 tries",
        ),
        (
            DownloadFailedError("SSL: UNSAFE"),
            "http://e/",
            "unreachable",
            "DownloadFailedError: SSL: UNSAFE after 3 tries",
        ),
    ],
)
def test_failed_downloads_in_words(error: Exception, url: str, code: str, detail: str) -> None:
    assert fault_of(error, Request(url), 3) == Fault(code, url, detail)


def test_files_of_a_report_page() -> None:
    page = Page(
        "http://e.gov.cn/nb/202101/t20210120_1.html",
        """<a href="./P020210120.pdf" oldsrc="/protect/P0dead.pdf">附件.pdf</a> <a href="/qr.pdf">二维码</a>
        <a href="/module/download/downfile.jsp?classid=0&filename=a.pdf">下载</a> <a href="./next.html">下一篇</a>
        <script>var hasFJ='<a href="./P020210121.docx">附件1</a><BR/> <a href="./P020210122.xls">附件2</a>';</script>
        <script>var pdf = "/files/b.pdf";</script>
        <iframe src="/pdfjs/viewer.html?file=%2Ffiles%2Fc.pdf"></iframe><embed src="d.pdf">
        <a href="P020210120.pdf">又一次</a>""",
    )
    assert [link.url.removeprefix("http://e.gov.cn") for link in files_of(page)] == [
        "/nb/202101/P020210120.pdf",
        "/module/download/downfile.jsp?classid=0&filename=a.pdf",
        "/nb/202101/P020210121.docx",
        "/nb/202101/P020210122.xls",
        "/files/b.pdf",
        "/files/c.pdf",
        "/nb/202101/d.pdf",
    ]


@pytest.mark.parametrize(
    ("body", "document"),
    [(b"%PDF-1.7", True), (b"PK\x03\x04", True), (b"\xd0\xcf\x11\xe0", True), (b"<html>", False), (b"", False)],
)
def test_documents_are_told_by_their_bytes(body: bytes, document: bool) -> None:
    assert is_document(body) is document


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("http://www.yanggao.gov.cn/a", "yanggao.gov.cn"),
        ("https://xxgk.yanggao.gov.cn:8080/", "yanggao.gov.cn"),
        ("http://www.jiaodong.net/", "jiaodong.net"),
        ("http://127.0.0.1:8001/", "127.0.0.1:8001"),
        ("http://[::1]:8001/", "[::1]:8001"),
        ("http://localhost:1/", "localhost:1"),
    ],
)
def test_sites(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(("url", "home"), [("http://e/", True), ("http://e/index.html", True), ("http://e/nb/", False)])
def test_home_pages(url: str, home: bool) -> None:
    assert is_home(url) is home


class TestVisit:
    YEARS = range(2019, 2021)

    def visit(self, budget: int = 50) -> Visit:
        return Visit([PORTAL], self.YEARS, budget)

    @staticmethod
    def page(url: str, text: str) -> Response:
        return HtmlResponse(url, headers={"Content-Type": "text/html"}, body=text.encode())

    def answered(self, visit: Visit, text: str) -> None:
        job = visit.take()
        assert job
        visit.answer(job, self.page(job.ask.url, f"<html><body>{text}</body></html>"))

    def test_links_to_other_sites_are_not_followed(self) -> None:
        visit = self.visit()
        self.answered(visit, '<a href="http://127.0.0.1:9/2020_00001.html">2020年政府信息公开年报</a>')
        assert visit.take() is None
        row = visit.outcomes("")[1]
        assert (row.outcome, row.detail) == ("offsite_redirect", "the address is on another site")

    def test_budget_ends_a_visit(self) -> None:
        visit = self.visit(budget=1)
        self.answered(
            visit, '<a href="/20001.html">2020年政府信息公开年报</a><a href="/20002.html">2019年政府信息公开年报</a>'
        )
        assert visit.take() is None
        assert {(row.outcome, row.detail) for row in visit.outcomes("")} == {
            ("budget_exhausted", "the budget of 1 requests is spent")
        }

    def test_host_that_fails_again_and_again_is_left_alone(self) -> None:
        visit = self.visit()
        rows = "".join(f'<a href="/{n}.html">2020年政府信息公开年报{n}</a>' for n in range(20001, 20009))
        self.answered(visit, rows)
        for _ in range(3):
            job = visit.take()
            assert job
            visit.fail(job, Fault("unreachable", job.ask.url, "no answer in time"))
        assert visit.take() is None

    def test_column_that_lists_no_report_is_none(self) -> None:
        visit = self.visit()
        self.answered(visit, '<a href="/20001.html">关于放假的公告</a>')
        assert {row.outcome for row in visit.outcomes("")} == {"no_column"}

    def test_years_of_sub_columns_serve_titles_without_one(self) -> None:
        visit = self.visit()
        self.answered(visit, '<a href="2020n/">2020年</a><a href="2009n/">2009年</a><a href="bm/">县直部门</a>')
        self.answered(visit, '<a href="30001.html">政府信息公开工作年度报告</a>')
        job = visit.take()
        assert job
        assert (job.ask.url, job.referer) == ("http://e.gov.cn/nb/2020n/30001.html", "http://e.gov.cn/nb/2020n/")
        visit.answer(job, self.page(job.ask.url, f"<html><body>{'公开' * 200}</body></html>"))
        assert [row.outcome for row in visit.outcomes("")] == ["year_missing", "found"]

    def test_fault_of_a_year_column_concerns_its_year_alone(self) -> None:
        visit = self.visit()
        self.answered(visit, '<a href="2020n/">2020年</a><a href="20001.html">2018年政府信息公开年报</a>')
        job = visit.take()
        assert job
        visit.fail(job, Fault("forbidden_page", job.ask.url, "HTTP 403"))
        assert [row.outcome for row in visit.outcomes("")] == ["year_missing", "forbidden_page"]

    def test_title_that_cannot_be_decoded_is_a_fault(self) -> None:
        visit = self.visit()
        job = visit.take()
        assert job
        body = "<a href='/20001.html'>2020年".encode() + b"\xff\xfe" + "政府信息公开年报</a>".encode()
        visit.answer(job, HtmlResponse(job.ask.url, headers={"Content-Type": "text/html"}, body=body))
        assert {row.outcome for row in visit.outcomes("")} == {"charset_failed"}

    def test_report_that_is_a_file(self) -> None:
        visit = self.visit()
        self.answered(visit, '<a href="/2020.pdf">2020年政府信息公开年报</a>')
        job = visit.take()
        assert job
        assert job.kind == "attachment"
        visit.answer(job, Response(job.ask.url, body=b"%PDF-1.4"))
        assert [row.outcome for row in visit.outcomes("")] == ["year_missing", "found"]
