"""How many rows of tables with known cells are read right, by layout: python -m tests.bench.tables [COUNT [FIRST]].

Prints for each trait of a layout the share of rows whose cells all come out, each whole and in order, in one row; of
rows that stand in order on one line of the text; of tables with all rows right; and the share of running text that
stands whole. Asserts nothing.
"""

from __future__ import annotations

import re
import sys
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path

from leads_local.documents import reader
from leads_local.records import Document, PassageKind
from tests.bench.table_layouts import Sample, write_samples


def tidy(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()  # a raised figure is a figure


def read_rows(document: Document) -> list[list[str]]:
    rows = [p.text for p in document.passages if p.kind is PassageKind.TABLE_ROW]
    return [[tidy(cell) for cell in row.split(" | ") if cell.strip()] for row in rows]


def same_row(got: list[str], row: list[str]) -> bool:
    """Whether the cells are these."""
    return row == got


def in_order(line: str, row: list[str]) -> bool:
    at = 0
    for cell in row:
        at = line.find(cell, at)
        if at < 0:
            return False
        at += len(cell)
    return True


def score(sample: Sample) -> tuple[list[bool], list[bool], list[bool]]:
    """For each row of the sample: exactly read, on one line; for each column of running text: whole."""
    document = reader.read(sample.path)
    rows = read_rows(document)
    lines = [tidy(p.text) for p in document.passages if p.kind is not PassageKind.FURNITURE]
    wanted = [[tidy(cell) for cell in row] for table in sample.tables for row in table if len(row) > 1]
    exact = [any(same_row(got, row) for got in rows) for row in wanted]
    near = [any(in_order(line, row) for line in lines) for row in wanted]
    flat = " ".join(lines)
    return exact, near, [text in flat for text in sample.sentences]


def traits(sample: Sample) -> list[str]:
    layout = sample.layout
    kinds = [f"parting {layout.parting}", f"place {layout.place}", f"align {layout.align}", f"gap {layout.gap:g}"]
    kinds += [f"caption {layout.caption.split('{')[0].strip() or 'none'}", f"head lines {layout.head_lines}"]
    for name in ("wrapped", "spanning", "groups", "empty", "notes", "marks", "turned", "continued"):
        if getattr(layout, name):
            kinds.append(name)
    return ["all", *kinds]


def main() -> None:
    count, first = (int(a) for a in (*sys.argv[1:], *("200", "0")[len(sys.argv) - 1 :]))
    found: dict[str, list[tuple[list[bool], list[bool], list[bool]]]] = defaultdict(list)
    bad: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for sample in write_samples(count, Path(folder), first):
            result = score(sample)
            for trait in traits(sample):
                found[trait].append(result)
            if not all(result[0]):
                bad.append(f"{sample.layout.seed}:{sum(result[0])}/{len(result[0])}")
    print(f"{'trait':26} files   exact  on line  whole tables  text whole")
    for trait, results in sorted(found.items()):
        exact = [one for each, _, _ in results for one in each]
        near = [one for _, each, _ in results for one in each]
        text = [one for _, _, each in results for one in each]
        whole = sum(all(each) for each, _, _ in results) / len(results)
        shares = (sum(x) / max(1, len(x)) for x in (exact, near))
        print(f"{trait:26} {len(results):5} ", *(f"{x:7.3f}" for x in shares), f"{whole:12.3f}", end="")
        print(f"{sum(text) / max(1, len(text)):12.3f}")
    print("not whole:", " ".join(bad[:60]))


if __name__ == "__main__":
    main()
