"""The data dictionary in Chinese and English, made from the schema and the codebook alone.

``python -m normalize.dictionary docs`` writes both files.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from normalize import codebook
from normalize.panel import FORMS, all_series, read_expressions, tables
from normalize.schema import OUTCOMES, PARTITION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normalize.codebook import CheckRule, Indicator
    from normalize.schema import Table

Language = Literal["zh", "en"]
FILES: dict[Language, str] = {"en": "dictionary.md", "zh": "dictionary.zh.md"}

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("数据字典", "Data dictionary"),
    "made": (
        "由 `normalize/schema.py` 与 `data/codebook` 生成，请勿手改：`python -m normalize.dictionary docs`。",
        "Made from `normalize/schema.py` and `data/codebook`; not to be edited: `python -m normalize.dictionary docs`.",
    ),
    "tables": ("数据表", "Tables"),
    "key": ("主键", "Key"),
    "sorted": ("排序", "Sorted by"),
    "caution": ("注意", "Caution"),
    "column": ("列", "Column"),
    "type": ("类型", "Type"),
    "unit": ("单位", "Unit"),
    "meaning": ("含义", "Meaning"),
    "year": ("报告年度（在路径中，不在文件内；0 为不明）", "Report year (in the path, not in the file); 0: unknown"),
    "statuses": ("单元格状态", "Statuses of figures"),
    "status": ("状态", "Status"),
    "flags": ("标记", "Flags"),
    "flag": ("标记", "Flag"),
    "of": ("属于", "Carried by"),
    "applicants": ("申请人类别", "Applicants"),
    "code": ("代码", "Code"),
    "indicators": ("指标", "Indicators"),
    "form": ("表式", "Form"),
    "place": ("表内位置", "Place in the form"),
    "note": ("说明", "Note"),
    "checks": ("校验", "Checks"),
    "forms": ("表式", "Forms"),
    "severity": ("严重程度", "Severity"),
    "origin": ("依据", "Origin"),
    "identity": ("关系", "Identity"),
    "series": ("跨表式序列", "Harmonised series"),
    "break": ("断点", "Break"),
}
_STATUSES: dict[str, tuple[str, str]] = {
    "reported": ("单元格为一个数", "a number stands there"),
    "blank": ("单元格存在而为空", "the cell is there and empty"),
    "not_applicable": ("表示“无”的记号：/、—、无", "a mark for nothing: /, —, 无"),
    "text": ("有文字而无单一数字", "words, no single number"),
    "ambiguous": ("原文丢失单元格边界", "the source lost the cell borders"),
    "unreadable": ("字符损坏", "damaged characters"),
    "missing": ("文件中没有该行或该列", "the form's row or column is not in the document"),
}


def dictionary(language: Language) -> str:
    """The dictionary as Markdown."""
    say = {name: words[0 if language == "zh" else 1] for name, words in _WORDS.items()}
    lines = [f"# {say['title']}", "", say["made"], "", f"## {say['tables']}"]
    for table in (*tables(), OUTCOMES):
        lines += _table(table, language, say)
    statuses = ((f"`{name}`", words[0 if language == "zh" else 1]) for name, words in _STATUSES.items())
    lines += ["", f"## {say['statuses']}", "", *_grid([say["status"], say["meaning"]], statuses)]
    flags = ((f"`{each.code}`", each.of, _either(each.label, each.label_en, language)) for each in codebook.flags())
    lines += ["", f"## {say['flags']}", "", *_grid([say["flag"], say["of"], say["meaning"]], flags)]
    applicants = ((f"`{each.code}`", _either(each.label, each.label_en, language)) for each in codebook.applicants())
    lines += ["", f"## {say['applicants']}", "", *_grid([say["code"], say["meaning"]], applicants)]
    for form in FORMS:
        lines += ["", f"## {say['indicators']}: {say['form']} {form}", ""]
        heads = [say["code"], say["meaning"], say["unit"], say["type"], say["place"], say["note"]]
        lines += _grid(heads, (_indicator(each, language) for each in codebook.form_indicators(form)))
    heads = [say["code"], say["meaning"], say["forms"], say["severity"], say["origin"], say["identity"], say["note"]]
    lines += ["", f"## {say['checks']}", "", *_grid(heads, (_check(rule, language) for rule in codebook.check_rules()))]
    return "\n".join([*lines, *_series(language, say)]) + "\n"


def _either(chinese: str, english: str, language: Language) -> str:
    return chinese if language == "zh" else english


def _table(table: Table, language: Language, say: dict[str, str]) -> list[str]:
    columns = [
        (
            f"`{each.name}`", str(each.type), each.unit, _either(each.label, each.label_en, language),
        )
        for each in table.columns
    ]  # fmt: skip
    return [
        "",
        f"### {table.name}",
        "",
        f"{_either(table.label, table.label_en, language)}.",
        f"{say['key']}: {', '.join(f'`{name}`' for name in table.key)}. {say['sorted']}: {', '.join(table.sort)}.",
        "",
        f"**{say['caution']}.** {_either(table.caution, table.caution_en, language)}",
        "",
        *_grid(
            [say["column"], say["type"], say["unit"], say["meaning"]],
            [*columns, (f"`{PARTITION}`", "int32", "", say["year"])],
        ),
    ]


def _indicator(each: Indicator, language: Language) -> tuple[str, ...]:
    place = " · ".join(filter(None, [each.table, each.block, each.row_label, each.column_label]))
    axis = "@" if each.axis else ""
    label = _either(each.label, each.label_en, language)
    return f"`{each.code}{axis}`", label, each.unit, each.value_type, place, each.note


def _check(rule: CheckRule, language: Language) -> tuple[str, ...]:
    identity = f"{rule.left} {rule.op} {rule.right}".strip()
    label = _either(rule.label, rule.label_en, language)
    return rule.check, label, " ".join(rule.forms), rule.severity, rule.origin, f"`{identity}`", rule.note


def _series(language: Language, say: dict[str, str]) -> list[str]:
    expressions = read_expressions()
    heads = [say["code"], say["meaning"], *(f"{say['form']} {form}" for form in FORMS), say["break"], say["note"]]
    rows = (
        (
            f"`{each.column}`",
            _either(each.label, each.label_en, language),
            *(f"`{text}`" if (text := expressions[each.name][form]) else "" for form in FORMS),
            each.break_form,
            each.note,
        )
        for each in all_series()
    )
    return ["", f"## {say['series']}", "", *_grid(heads, rows)]


def _grid(heads: list[str], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]


def main(folder: Path) -> None:
    """Write both dictionaries into ``folder``."""
    for language, name in FILES.items():
        (folder / name).write_text(dictionary(language), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
