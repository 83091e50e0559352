"""How well each reader reads each form: ``python -m tests.bench.accuracy docs/accuracy.md`` writes the table.

Sources: the golden cases of this repository; tables of known figures drawn in random layouts, whole and damaged; texts
in all styles; and, where GONGKAI_CORPUS names a folder of real reports with hand-keyed cells (see
``tests/test_corpus.py``), those. Without that folder its part of the file stays as it is.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from normalize import UnreadableDocument, read_document
from tests.layouts import (
    DAMAGES,
    STYLES,
    TEXT_DAMAGES,
    Answer,
    damage,
    damage_text,
    draw,
    draw_layout,
    draw_truth,
    page,
    render,
    text_rows,
)
from tests.verdicts import VERDICTS, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normalize import Report

CASES = Path(__file__).parent.parent / "cases"
CORPUS_HEADING = "## Real reports with hand-keyed cells"
FORMS = ("2019", "2021")
DRAWN, DAMAGED, TEXTS = 200, 20, 10
HEAD = """# Accuracy

Made by `python -m tests.bench.accuracy docs/accuracy.md`, not to be edited; a slow test fails where it is stale.

A cell is *right* where status and value are the source's; *flagged* where nothing false is claimed: another status
without a value, or a value that carries a flag; *lost* where no row stands for it; *silent* where a value is claimed,
without a flag, that the source does not give there. Damaged sources are meant to be flagged: what counts there is that
nothing is silent.
"""

Gold = dict[str, str]
# What is counted: source, reader, form.
Key = tuple[str, str, str]


def tally(source: str, report: Report, gold: list[Gold], counts: dict[Key, Counter[str]]) -> None:
    """Add one document's verdicts to the counts of its source, reader and form."""
    if not gold:
        return
    figures = {(figure.indicator, figure.applicant): figure for figure in report.figures}
    found = counts[source, report.reader, report.form or "none"]
    found["documents"] += 1
    found.update(verdict(row, figures.get((row["indicator"], row["applicant"]))) for row in gold)


def golds(answers: dict[tuple[str, str], Answer]) -> list[Gold]:
    """Cells of known content as rows of a gold table."""
    return [
        {
            "indicator": indicator,
            "applicant": applicant,
            "status": status,
            "value": "" if value is None else repr(value),
            "unit": unit,
        }
        for (indicator, applicant), (status, value, unit) in answers.items()
    ]


def golden_cases(counts: dict[Key, Counter[str]]) -> None:
    """Figures of real reports in markup of our own."""
    for expected in sorted(CASES.glob("*/expected.csv")):
        document = next(expected.parent.glob("source.*"))
        tally("golden cases", read_document(document.read_bytes(), name=document.name), rows(expected), counts)


def layouts(counts: dict[Key, Counter[str]]) -> None:
    """Known figures in random layouts, whole and damaged in each way."""
    for number in range(DRAWN):
        layout = draw_layout(number)
        drawing = draw(draw_truth(FORMS[number % 2], number), layout)
        tally("random layouts", read_document(page(drawing, layout)), golds(drawing.answers), counts)
    for kind in sorted(DAMAGES):
        for number in range(DAMAGED):
            layout = draw_layout(number)
            drawing = draw(draw_truth(FORMS[number % 2], number), layout)
            damage(drawing, kind, number)
            tally("damaged layouts", read_document(page(drawing, layout)), golds(drawing.answers), counts)


def texts(counts: dict[Key, Counter[str]]) -> None:
    """Known figures, no cell blank, in each style of text, whole and damaged."""
    for style in STYLES:
        for number in range(TEXTS):
            truth = draw_truth(FORMS[number % 2], number, plain=True)
            gold = golds({key: cell.answer for key, cell in truth.cells.items()})
            tally("texts", read_document(render(text_rows(truth), style)), gold, counts)
            broken = text_rows(truth)
            damage_text(broken, TEXT_DAMAGES[number % len(TEXT_DAMAGES)], number)
            tally("damaged texts", read_document(render(broken, style)), gold, counts)


def corpus(folder: Path, counts: dict[Key, Counter[str]]) -> None:
    """Real reports: each file of a case against the case's cells."""
    gold: dict[str, list[Gold]] = defaultdict(list)
    for row in rows(folder / "gold.csv"):
        gold[row["case"]].append(row)
    for file in sorted(folder.iterdir()):
        if file.stem not in gold or file.suffix == ".csv":
            continue
        try:
            report = read_document(file.read_bytes(), name=file.name)
        except UnreadableDocument:
            continue
        tally("real reports", report, gold[file.stem], counts)


def rows(path: Path) -> list[Gold]:
    """The rows of a csv file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(counts: dict[Key, Counter[str]]) -> Iterator[str]:
    """The counts as a Markdown table."""
    yield "| source | reader | form | documents | cells | right | flagged | lost | silent |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for (source, reader, form), found in counts.items():
        cells = sum(found[name] for name in VERDICTS)
        said = [found["documents"], cells, f"{found['right']} ({found['right'] / cells:.2%})"]
        said += [found[name] for name in VERDICTS[1:]]
        yield f"| {source} | {reader} | {form} | {' | '.join(map(str, said))} |"


def own() -> str:
    """The part that this repository alone makes."""
    counts: dict[Key, Counter[str]] = defaultdict(Counter)
    golden_cases(counts)
    layouts(counts)
    texts(counts)
    return "\n".join([HEAD, "## Cases and layouts of this repository", "", *table(dict(sorted(counts.items()))), ""])


def real(folder: Path) -> str:
    """The part on real reports."""
    counts: dict[Key, Counter[str]] = defaultdict(Counter)
    corpus(folder, counts)
    return "\n".join([CORPUS_HEADING, "", *table(dict(sorted(counts.items()))), ""])


def main(path: Path) -> None:
    """Write the file anew."""
    folder = os.environ.get("GONGKAI_CORPUS", "")
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    kept = old[old.index(CORPUS_HEADING) :] if CORPUS_HEADING in old else ""
    path.write_text(f"{own()}\n{real(Path(folder)) if folder else kept}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
