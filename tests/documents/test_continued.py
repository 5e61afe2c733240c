"""A table that goes on overleaf without its heads has them again, and its first row the label that it stands under."""

from __future__ import annotations

from leads_local.documents import layout
from leads_local.documents.geometry import Fragment, Rule
from leads_local.records import Passage, PassageKind
from tests.documents.conftest import printed, rule, sheet
from tests.documents.test_tables import cells

FIRST = [
    ["Outcome", "Drug (n=41)", "Placebo (n=40)", "P"],
    ["Pain", "3.1", "4.5", "0.01"],
    ["Fatigue", "2.0", "2.1", "0.9"],
]
SECOND = [["", "2.2", "2.3", "0.8"], ["Sleep", "7.1", "6.9", "0.4"], ["Weight", "70", "71", "0.5"]]
ENDS = [rule(136, 60, 520), rule(120, 60, 520), rule(180, 60, 520)]


def read(caption: str, second: list[list[str]], page: int = 2) -> list[Passage]:
    text = [printed(60, 400 + 12 * n, "The text of the paper goes on in its own type", 10) for n in range(20)]
    one = [printed(60, 112, "Table 1. Results", 9), *cells(FIRST, 131), *text]
    two: list[Fragment] = [*cells(second, 131), *text]
    rules: list[Rule] = [rule(120, 60, 520), rule(136, 60, 520), rule(150, 60, 520), rule(180, 60, 520)]
    if caption:
        two.append(printed(60, 112, caption, 9))
    between = [sheet(number, text) for number in range(2, page)]
    return list(layout.build_passages([sheet(1, one, ENDS), *between, sheet(page, two, rules)]))


def rows(passages: list[Passage]) -> list[str]:
    return [p.text for p in passages if p.kind is PassageKind.TABLE_ROW]


def test_heads_and_label_are_carried_on_from_where_they_are_printed() -> None:
    for caption in ("", "Table 1. (continued)", "Table 1. Results"):
        passages = read(caption, SECOND)
        head, first = rows(passages)[3:5]
        assert head == "Outcome | Drug (n=41) | Placebo (n=40) | P" and first == "Fatigue | 2.2 | 2.3 | 0.8"
        row = next(p for p in passages if p.text == first)
        assert {s.page for s in row.spans if "2.2" in row.text[s.start : s.end]} == {2}
        assert row.spans[0].page == 1 and row.text[row.spans[0].start : row.spans[0].end].startswith("Fatigue")


def test_another_table_is_left_as_it_is() -> None:
    columns = [[*row[:3], ""] for row in SECOND]
    assert rows(read("", columns))[3] == " | 2.2 | 2.3", "another number of columns is another table"
    assert rows(read("", SECOND, page=3))[3] == " | 2.2 | 2.3 | 0.8", "a page lies between"
    assert rows(read("Table 2. Safety", SECOND))[3] == " | 2.2 | 2.3 | 0.8"
    again = [FIRST[0], *SECOND[1:]]
    assert rows(read("Table 1. (continued)", again)).count("Outcome | Drug (n=41) | Placebo (n=40) | P") == 2
