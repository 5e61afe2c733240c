"""Tables of many looks give the same rows: filled bands, a grid, nothing at all between rows; heads of several lines
and over several columns; columns that nearly touch."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.documents import tables
from leads_local.documents.geometry import Fragment, Rule, Shape
from leads_local.documents.tables import Table
from tests.bench.table_layouts import Layout, Sample, write_sample
from tests.bench.tables import score
from tests.documents.conftest import column, printed, rule
from tests.documents.test_tables import BODY, CAPTION, ROWS, cells, text


def find(fragments: list[Fragment], rules: list[Rule], shapes: list[Shape] | None = None) -> list[Table]:
    return tables.find_tables(fragments, rules, BODY, shapes or [])[0]


def bands(first: float, count: int, step: float = 28.0, high: float = 14.0) -> list[Shape]:
    return [Shape(56, first + step * n, 520, first + step * n + high, True) for n in range(count)]


@pytest.mark.parametrize("caption", [[CAPTION], [printed(60, 100, "TA B L E 1 Baseline", 9)], []])
@pytest.mark.parametrize("first", [108.0, 122.0])
def test_filled_bands_are_rows_whichever_of_them_are_filled(caption: list[Fragment], first: float) -> None:
    rows = [*ROWS, ["Vomiting", "3", "4", "0.70"], ["Pain", "5", "6", "0.60"]]
    after = column(60, 220, ["The text goes on below the table in the type of the paper."] * 4)
    found = find([*caption, *cells(rows, 118), *after], [], bands(first, 3))
    assert [text(t) for t in found] == [rows] and found[0].head


def test_aligned_values_without_caption_rule_or_band_are_a_table() -> None:
    after = column(60, 220, ["The text goes on below the table in the type of the paper."] * 4)
    rows = [*ROWS, ["Vomiting", "3", "4", "0.70"], ["Pain", "5", "6", "0.60"]]
    assert [text(t) for t in find([*cells(rows, 118), *after], [])] == [rows]
    assert find(after, []) == []


def test_every_column_has_its_whole_head() -> None:
    """A head over two columns stands over each of them; the lines of a head are one row."""
    x = (60.0, 220.0, 290.0, 360.0, 430.0)
    head = [printed(235, 118, "Drug (n=41)", 8), printed(370, 118, "Placebo (n=40)", 8)]
    head += [printed(at, 132, word, 8) for at, word in zip(x, ["Outcome", "Mean", "SD", "Mean", "SD"], strict=True)]
    body = []
    for n in range(4):
        values = [f"Item {n}", "1.5", "0.2", "1.6", "0.3"]
        body += [printed(at, 148 + 14 * n, word, 8) for at, word in zip(x, values, strict=True)]
    rules = [rule(106, 56, 520), rule(122, 215, 320), rule(122.5, 355, 460), rule(137, 56, 520), rule(195, 56, 520)]
    found = find([CAPTION, *head, *body], rules)
    assert text(found[0])[0] == [
        "Outcome",
        "Drug (n=41) Mean",
        "Drug (n=41) SD",
        "Placebo (n=40) Mean",
        "Placebo (n=40) SD",
    ]
    assert text(found[0])[1] == ["Item 0", "1.5", "0.2", "1.6", "0.3"]


def test_a_second_head_between_two_rules_is_one_row() -> None:
    upper = cells([["", "Drug", "Placebo", "P"], ["Age", "58", "60", "0.3"]], 118)
    lower = cells([["", "Elderly", "Elderly", "P"], ["", "drug", "placebo", ""], ["Pain", "3", "4", "0.4"]], 146)
    rules = [rule(y, 60, 520) for y in (106, 122, 136, 164, 180)]
    found = find([CAPTION, *upper, *lower], rules)
    assert [row for row in text(found[0]) if row[1] != ""][2] == ["", "Elderly drug", "Elderly placebo", "P"]


def test_columns_that_nearly_touch_are_parted_by_what_all_lines_keep_free() -> None:
    labels = ["Age in years", "Women", "Body mass index", "Smoker", "Pain", "Nausea"]
    fragments = []
    for n, label in enumerate(labels):
        width = printed(0, 100, label, 8).width
        words = printed(120 - width, 118 + 14 * n, label, 8)  # set flush right, 3.2 points before the values
        fragments.append(Fragment.of([*words.words, *printed(words.x1 + 3.2, 118 + 14 * n, f"{n}.5", 8).words]))
        fragments.append(printed(250, 118 + 14 * n, f"{n}.7", 8))
    found = find([CAPTION, *fragments], [rule(106, 20, 520), rule(200, 20, 520)])
    assert text(found[0]) == [[label, f"{n}.5", f"{n}.7"] for n, label in enumerate(labels)]


def test_rules_between_all_rows_say_which_lines_are_one_row() -> None:
    wrapped = cells([["Item", "Text", "Time", ""], ["1", "One thing", "Week 1", ""]], 118)
    wrapped += cells([["", "and Another", "Week 2", ""]], 141, leading=9)
    more = cells([["2", "A third", "Week 3", ""]], 156) + cells([["3", "A fourth", "Week 4", ""]], 171)
    rules = [rule(y, 60, 520) for y in (106, 122, 146, 161, 176)]
    found = find([CAPTION, *wrapped, *more], rules)
    assert text(found[0])[1][:3] == ["1", "One thing and Another", "Week 1 Week 2"]
    assert [row[0] for row in text(found[0])] == ["Item", "1", "2", "3"]


LAYOUTS = [
    Layout(1, "zebra", "TA B L E {n} {title}", columns=5, empty=True, notes=True),
    Layout(2, "grid", "Tabelle {n} {title}", wrapped=True, align="centre", gap=4.5),
    Layout(3, "rules", "Tabla {n}. {title}", columns=5, spanning=True, align="right", groups=True),
    Layout(4, "row rules", "", wrapped=True, place="left"),
    Layout(5, "rules", "Table {n}. {title}", place="beside", head_lines=2, notes=True),
    Layout(6, "none", "", columns=5, align="left"),
    Layout(7, "zebra", "eTable {n}. {title}", turned=True),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.seed} {layout.parting}")
def test_whole_tables_from_a_pdf(tmp_path: Path, layout: Layout) -> None:
    sample: Sample = write_sample(layout, tmp_path)
    exact, _, sentences = score(sample)
    assert all(exact) and all(sentences)
