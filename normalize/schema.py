"""The one declaration of every table of a release: columns, types, labels, units, keys and row groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA_VERSION = "1.0"
PARTITION = "report_year"

STRING = pa.string()
INT = pa.int32()
FLOAT = pa.float64()
BOOL = pa.bool_()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Arrow type, Chinese and English label, and unit where it has one.

    ``repeats`` is false where hardly a value stands twice, so that a dictionary of them would only take room.
    """

    name: str
    type: pa.DataType
    label: str
    label_en: str
    unit: str = ""
    repeats: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a release.

    ``columns`` are those inside the files; ``report_year`` is in the path (``report_year=2023/``).
    ``sort`` says by which columns the rows of one year are sorted, ``key`` what is unique within a release.
    ``caution`` warns, in Chinese and English, of what its users trip over. A row group ends at ``group_rows`` rows, or
    sooner where much text has gathered.
    """

    name: str
    label: str
    label_en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sort: tuple[str, ...]
    group_rows: int = 16_384
    caution: str = ""
    caution_en: str = ""

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the files, labels and units in the fields' metadata."""
        return pa.schema([_field(column) for column in self.columns], metadata=self._metadata())

    def position(self, column: str) -> int:
        """Where ``column`` stands in a row; ValueError if the table has no such column."""
        return [each.name for each in self.columns].index(column)

    def _metadata(self) -> dict[str, str]:
        return {
            "table": self.name,
            "label": self.label,
            "label_en": self.label_en,
            "caution": self.caution,
            "caution_en": self.caution_en,
            "schema_version": SCHEMA_VERSION,
            "sorted_by": " ".join(self.sort),
        }


def _field(column: Column) -> pa.Field:
    metadata = {"label": column.label, "label_en": column.label_en}
    if column.unit:
        metadata["unit"] = column.unit
    return pa.field(column.name, column.type, metadata=metadata)


REPORT_ID = Column("report_id", STRING, "报告标识", "Report identifier: division, year, digest of the address")
DIVISION = Column("division_code", STRING, "行政区划代码", "Division code (GB/T 2260) in the report year")
LINEAGE = Column("lineage_code", STRING, "沿革代码", "Code of the unit of the latest table the division leads to")
PROVINCE = Column("province", STRING, "省级", "Province")
PREFECTURE = Column("prefecture", STRING, "地级", "Prefecture")
COUNTY = Column("county", STRING, "县级", "County")
BODY = Column("body", STRING, "发布机关", "Body that reports")
BODY_LEVEL = Column("body_level", STRING, "机关层级", "Level of the body")
FORM = Column("form", STRING, "表式", "Statutory form (2008, 2014, 2019, 2021; empty: no statutory table)")
INDICATOR = Column("indicator", STRING, "指标代码", "Indicator code of the codebook")
APPLICANT = Column("applicant", STRING, "申请人类别", "Applicant column of table three, or empty")
SHA256 = Column("sha256", STRING, "内容摘要", "SHA-256 of the document the row was read from")
TABLE_NO = Column("table_no", INT, "表序", "Table within the document, from 0; -1: not in a table")
ROW_NO = Column("row_no", INT, "行序", "Row within the table, from 0; -1: not in a table")
COL_NO = Column("col_no", INT, "列序", "Column within the table, from 0; -1: not in a table")
URL = Column("url", STRING, "网址", "Address of the document")
REPORT_FLAGS = Column("flags", STRING, "报告标记", "What to beware of in the report, separated by spaces")

REPORTS = Table(
    "reports",
    "报告",
    "One row per report",
    (
        REPORT_ID,
        DIVISION,
        LINEAGE,
        PROVINCE,
        PREFECTURE,
        COUNTY,
        BODY,
        BODY_LEVEL,
        Column("scope", STRING, "口径", "Whose figures the report covers"),
        FORM,
        Column("title", STRING, "标题", "Title"),
        Column("published", STRING, "发布日期", "Date of publication (ISO 8601), empty: not stated"),
        Column("period_start", STRING, "统计起始日", "First day covered (ISO 8601), empty: not stated"),
        Column("period_end", STRING, "统计截止日", "Last day covered (ISO 8601), empty: not stated"),
        URL,
        SHA256,
        Column("media_type", STRING, "媒体类型", "Media type of the document"),
        Column("reader", STRING, "读取器", "Reader that took the document apart"),
        Column("fetched_at", STRING, "首次采集时间", "When these bytes were first received (ISO 8601, UTC)"),
        Column("cells_reported", INT, "有数单元格数", "Figures with status reported"),
        Column("cells_flagged", INT, "有标记单元格数", "Figures that carry a flag"),
        Column("checks_failed", INT, "未通过校验数", "Checks with result fail"),
        REPORT_FLAGS,
    ),
    key=("report_id",),
    sort=("division_code", "body", "url"),
    caution="同一机关同一年可有两份文件（标记 versions_differ）。机关、年份、口径取自文件本身，有冲突时以标记说明。",
    caution_en=(
        "One body and year may have two documents (flag versions_differ). Body, year and scope are what the "
        "document says; conflicts are flagged."
    ),
)

FIGURES = Table(
    "figures",
    "统计数",
    "One row per statutory cell",
    (
        REPORT_ID,
        DIVISION,
        BODY_LEVEL,
        FORM,
        INDICATOR,
        APPLICANT,
        Column("value", FLOAT, "数值", "Number as printed; null where no single number stands", "as in column unit"),
        Column("unit", STRING, "单位", "Unit of money as printed (元, 万元, 亿元); else empty"),
        Column("status", STRING, "状态", "What stands in the cell: reported, blank, not_applicable, text and so on"),
        Column("raw", STRING, "原文", "Text of the cell"),
        Column("flags", STRING, "标记", "What to beware of in the figure, separated by spaces"),
        SHA256,
        Column("page", INT, "页码", "Page of the document, from 1; 0: the source has no pages"),
        TABLE_NO,
        ROW_NO,
        COL_NO,
    ),
    key=("report_id", "indicator", "applicant"),
    sort=("division_code", "body", "url", "order of the form"),
    caution=(
        "空白、0 与“/”是三回事：value 为空不等于 0。金额单位看 unit（元或万元）。"
        "表式 2019 与 2021 的表二口径不同。先看 status 与 flags。"
    ),
    caution_en=(
        "Blank, 0 and / are three facts: a null value is not 0. Money stands in the unit beside it. Table "
        "two counts other things in form 2021 than in 2019. Look at status and flags first."
    ),
)

CHECKS = Table(
    "checks",
    "校验",
    "One row per identity evaluated on a report",
    (
        REPORT_ID,
        Column("check", STRING, "校验代码", "Check code of the codebook"),
        APPLICANT,
        Column("severity", STRING, "严重程度", "hard, soft or note"),
        Column("result", STRING, "结果", "pass, fail or not_evaluable"),
        Column("left", FLOAT, "左值", "Left side"),
        Column("right", FLOAT, "右值", "Right side"),
        Column("difference", FLOAT, "差额", "Left side minus right side"),
        Column("cells", STRING, "所用单元格", "Figures used, separated by spaces"),
    ),
    key=("report_id", "check", "applicant", "cells"),
    sort=("division_code", "body", "url", "order of the codebook"),
    group_rows=65_536,
    caution="校验不改数。fail 表示原文数字不符或读取有误；not_evaluable 表示缺数而非通过。",
    caution_en=(
        "A check changes no value. fail says that the source does not add up or was misread; not_evaluable "
        "says that numbers are missing, not that it holds."
    ),
)

NARRATIVE = Table(
    "narrative",
    "文中数字",
    "One row per figure stated in prose",
    (
        REPORT_ID,
        INDICATOR,
        Column("value", FLOAT, "数值", "Number as stated", "as in column unit"),
        Column("unit", STRING, "单位", "Unit as stated"),
        Column("cumulative", BOOL, "累计", "Whether the number is a running total over years"),
        Column("section", STRING, "章节", "Chapter that states it"),
        Column("quote", STRING, "引文", "Words that state it", repeats=False),
        Column("start", INT, "起始位置", "Offset of the quote in the chapter's text", "characters"),
        Column("end", INT, "结束位置", "Offset after the quote in the chapter's text", "characters"),
        Column("approximate", BOOL, "约数", "Whether the words say 余, 多, 约 or the like"),
    ),
    key=("report_id", "indicator", "section", "start"),
    sort=("division_code", "body", "url", "order in the document"),
    caution="文中数字常与表格口径不同，也可能是历年累计（cumulative）。",
    caution_en="Prose often covers another scope than the tables, or running totals (cumulative).",
)

SECTIONS = Table(
    "sections",
    "章节",
    "One row per chapter of a report",
    (
        REPORT_ID,
        Column("section", STRING, "章节", "Chapter key: 1 to 6, or 0 before the first"),
        Column("heading", STRING, "章节标题", "Heading as printed"),
        Column("text", STRING, "正文", "Text of the chapter", repeats=False),
    ),
    key=("report_id", "section", "heading"),
    sort=("division_code", "body", "url", "order in the document"),
    caution="章节按标题切分，编号缺失或错乱时可能偏移。",
    caution_en="Chapters are cut at their headings; where numbering is absent or odd the cut may be off.",
)

LEFTOVERS = Table(
    "leftovers",
    "未归位内容",
    "One row per cell or document that could not be placed",
    (
        REPORT_ID,
        TABLE_NO,
        ROW_NO,
        COL_NO,
        Column("raw", STRING, "原文", "Text of the cell, or address of the document"),
        Column("reason", STRING, "原因", "Why it could not be placed"),
    ),
    key=("report_id", "table_no", "row_no", "col_no", "raw", "reason"),
    sort=("division_code", "body", "url", "order in the document"),
    caution="此表越长，该报告的表格越不合规；其中数字未计入 figures。",
    caution_en="What stands here is not in figures; a long list tells of an unusual table.",
)

OUTCOMES = Table(
    "outcomes",
    "采集结果",
    "One row per portal and report year",
    (
        Column("code", STRING, "门户区划代码", "Division code of the portal"),
        Column("name", STRING, "门户名称", "Name of the portal"),
        Column("outcome", STRING, "结果", "found, or why there is no report"),
        URL,
        Column("detail", STRING, "说明", "The outcome in words"),
        Column("run_id", STRING, "采集批次", "Crawl that says so"),
    ),
    key=("code", "name", "url", "report_year"),
    sort=("code", "name", "url"),
    caution="没有报告不等于没有公开：看 outcome 与 detail。",
    caution_en="No report here does not mean that none was published: see outcome and detail.",
)

PANEL_IDENTITY = (REPORT_ID, DIVISION, LINEAGE, PROVINCE, PREFECTURE, COUNTY, BODY, BODY_LEVEL, FORM)


def panel_table(series: Iterable[tuple[str, str, str]]) -> Table:
    """The wide table: one row per body and year, a value and a flag column per series ``(column, label, label_en)``."""
    columns: list[Column] = []
    for name, label, label_en in series:
        columns.append(Column(name, FLOAT, label, label_en, "cases or items"))
        columns.append(Column(f"{name}_flag", STRING, f"{label}(标记)", f"{label_en}: why it is empty or doubtful"))
    return Table(
        "panel",
        "面板",
        "One row per body and year, harmonised series side by side",
        (*PANEL_IDENTITY, *columns, REPORT_FLAGS),
        key=("report_id",),
        sort=("division_code", "body", "url"),
        caution="跨表式序列有断点（见指标手册）；任一组成项无数则序列为空，不以 0 补。",
        caution_en=(
            "Series break where the forms change (see the dictionary); a series is null where any part has no "
            "number, never filled with 0."
        ),
    )


def report_tables(panel: Table) -> tuple[Table, ...]:
    """The tables filled from reports, in the order in which a release lists them."""
    return (REPORTS, FIGURES, CHECKS, NARRATIVE, SECTIONS, LEFTOVERS, panel)
