"""A table's rows come out one by one, their cells in order and under their headers, with and without rules."""

from __future__ import annotations

from leads_local.documents import tables
from leads_local.documents.geometry import Fragment, Rule
from leads_local.documents.tables import Table
from tests.documents.conftest import column, printed, rule

BODY = 10.0
COLUMNS = (60.0, 250.0, 340.0, 430.0)
ROWS = [
    ["", "Drug (n=41)", "Placebo (n=40)", "P"],
    ["Age (years)", "58.7", "60.8", "0.304"],
    ["Women, n (%)", "14 (34.1)", "12 (30.0)", ""],
    ["Nausea", "2", "1", "0.81"],
]


def cells(rows: list[list[str]], top: float, leading: float = 14.0, size: float = 8.0) -> list[Fragment]:
    found = []
    for place, row in enumerate(rows):
        found += [printed(x, top + leading * place, text, size) for x, text in zip(COLUMNS, row, strict=True) if text]
    return found


def read(fragments: list[Fragment], rules: list[Rule]) -> tuple[list[Table], list[Fragment]]:
    return tables.find_tables(fragments, rules, BODY)


def text(table: Table) -> list[list[str]]:
    return [[" ".join(line.text for line in cell.lines) for cell in row] for row in table.rows]


CAPTION = printed(60, 100, "Table 1. Baseline characteristics", 9)
RULES = [rule(106, 60, 520), rule(122, 60, 520), rule(170, 60, 520)]


def test_cells_in_order_and_empty_ones_kept() -> None:
    after = column(60, 200, ["The text goes on below the table in the type of the paper."] * 4)
    found, left = read([*after, *cells(ROWS, 118), CAPTION], RULES)
    assert [text(t) for t in found] == [ROWS]
    assert [line.text for line in found[0].caption] == [CAPTION.text]
    assert left == after


def test_without_rules_the_aligned_lines_are_the_table() -> None:
    after = column(60, 200, ["The text goes on below the table in the type of the paper."] * 4)
    found, left = read([CAPTION, *cells(ROWS, 118), *after], [])
    assert [text(t) for t in found] == [ROWS] and left == after


def test_without_a_caption_rules_of_one_length_are_enough() -> None:
    found, _ = read(cells(ROWS, 118), RULES)
    assert text(found[0])[1:] == ROWS[1:]


def test_a_table_that_goes_on_overleaf_has_no_last_rule() -> None:
    found, left = read([CAPTION, *cells(ROWS, 118)], RULES[:2])
    assert text(found[0]) == ROWS and not left


def test_what_stands_close_under_a_closed_table_is_not_its_row() -> None:
    """Justified in a narrow column, running text has gaps as wide as those between cells."""
    spaced = cells([["Mean pain at 26", "weeks was", "3.6", "(SD 2.1)"]], 181, size=BODY)
    found, left = read([CAPTION, *cells(ROWS, 118), *spaced], RULES)
    assert text(found[0]) == ROWS and left == spaced


def test_wrapped_cells_are_one_row_and_values_are_never_merged() -> None:
    rows = [
        ["Length of postoperative stay", "6.1", "6.4", "0.48"],
        ["in days", "", "", ""],
        ["Grade", "", "", "0.29"],
        ["1", "39", "34", ""],
        ["2", "1", "4", ""],
    ]
    found, _ = read([CAPTION, *cells(rows, 118, leading=10)], [rule(106, 60, 520), rule(170, 60, 520)])
    assert text(found[0]) == [["Length of postoperative stay in days", *rows[0][1:]], *rows[2:]]


def test_values_close_under_each_other_stay_two_rows_where_others_are_set_apart() -> None:
    rows = [
        ["Pain", "3.1", "3.6", "0.4"], ["", "2.9", "3.0", "0.5"], ["Sleep", "7.1", "6.9", "0.1"],
        ["", "7.0", "6.8", "0.2"], ["Mood", "1.1", "1.2", "0.3"], ["", "1.3", "1.4", "0.6"],
    ]  # fmt: skip
    fragments = [
        one for place, row in enumerate(rows) for one in cells([row], 120 + 30 * (place // 2) + 10 * (place % 2))
    ]
    found, _ = read([CAPTION, *fragments], [rule(106, 60, 520), rule(195, 60, 520)])
    assert text(found[0]) == rows


def test_a_label_between_two_rows_belongs_to_the_first() -> None:
    fragments = [*cells([["Breads and cereals,", "2.63", "2.61", "0.82"]], 120), printed(60, 129, "servings a day", 8)]
    fragments += cells([["", "2.65", "2.59", ""], ["", "2.66", "2.58", ""]], 134)
    found, _ = read([CAPTION, *fragments], [rule(106, 60, 520), rule(155, 60, 520)])
    assert text(found[0]) == [
        ["Breads and cereals, servings a day", "2.63", "2.61", "0.82"],
        ["", "2.65", "2.59", ""],
        ["", "2.66", "2.58", ""],
    ]


def test_notes_stand_apart_from_rows() -> None:
    notes = [
        printed(60, 180, "Notes: a t-test was used for all of the comparisons.", 7),
        printed(60, 188, "Abbreviations: n, number.", 7),
    ]
    found, left = read([CAPTION, *cells(ROWS, 118), *notes], RULES)
    assert [n.text for n in found[0].notes] == [n.text for n in notes] and not left


def test_two_columns_of_text_between_rules_are_no_table() -> None:
    line = "text of a column that is long enough for it"
    fragments = column(60, 120, [line] * 20) + column(310, 120, [line] * 20)
    found, left = read(fragments, [rule(100, 60, 540), rule(110, 60, 540), rule(380, 60, 540)])
    assert not found and left == fragments


def test_a_sentence_that_begins_with_table_is_no_caption() -> None:
    fragments = column(
        60,
        100,
        [
            "Table 1 shows the baseline characteristics of the groups",
            "and the text goes on in the same way here and there",
        ],
    )
    assert read(fragments, []) == ([], fragments)
