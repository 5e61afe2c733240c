"""What stands in a figure or in the margin is in no sentence of the text beside it; a framed table is no figure."""

from __future__ import annotations

from dataclasses import replace

from leads_local.documents import layout
from leads_local.documents.figures import find_figures
from leads_local.documents.geometry import Fragment, Rule, Shape
from leads_local.documents.margins import split_off_notes
from leads_local.records import Passage, PassageKind
from tests.documents.conftest import column, printed, rule, sheet

AXES = [Rule(120, 90, 121, 210, False), Rule(120, 209, 280, 210, True)]
TEXT = ["the patients of the trial were seen each"] * 40


def labels() -> list[Fragment]:
    found = [printed(102, 92 + 24 * n, str(100 - 20 * n), 6) for n in range(6)]
    found += [printed(120 + 30 * n, 218, str(12 * n), 6) for n in range(6)]
    found += [printed(120 + 30 * n, 232, str(75 - 12 * n), 6) for n in range(6)]
    return [*found, printed(50, 232, "Number at risk", 6), printed(200, 120, "Exercise arm", 6)]


def read(fragments: list[Fragment], rules: list[Rule]) -> list[Passage]:
    page = sheet(1, fragments, rules)
    return list(layout.build_passages([page, sheet(2, column(320, 80, TEXT))]))


def test_numbers_of_axes_are_in_no_sentence_and_numbers_at_risk_are_a_row() -> None:
    passages = read([*labels(), *column(320, 80, TEXT)], AXES)
    running = [p for p in passages if p.kind in {PassageKind.PARAGRAPH, PassageKind.HEADING}]
    assert [p.text for p in running if any(c.isdigit() for c in p.text)] == []
    assert [p.text for p in passages if p.kind is PassageKind.TABLE_ROW] == [
        "Number at risk | 75 | 63 | 51 | 39 | 27 | 15"
    ]
    assert "Exercise arm" in [p.text for p in passages]
    assert any(p.text.startswith("100 80 60") for p in passages if p.kind is PassageKind.FURNITURE)


def test_a_sentence_goes_on_after_a_figure() -> None:
    """The figure stands at the head of the right column, the sentence ends the left one."""
    shifted = [replace_x(f, 270) for f in labels()]
    rules = [replace(r, x0=r.x0 + 270, x1=r.x1 + 270) for r in AXES]
    passages = read([*column(50, 80, TEXT), *shifted, *column(320, 260, TEXT[:20])], rules)
    assert max(p.text.count("patients") for p in passages) >= 60


def replace_x(fragment: Fragment, by: float) -> Fragment:
    return Fragment.of([replace(w, x0=w.x0 + by, x1=w.x1 + by) for w in fragment.words])


def test_curves_are_a_figure_and_a_grid_is_none() -> None:
    curves = [Shape(100 + 20 * n, 100 + 10 * n, 130 + 20 * n, 120 + 10 * n, False) for n in range(8)]
    inside = [printed(150, 130, "Arm A", 6), printed(20, 130, "far away", 6)]
    assert [f.text for f in find_figures(inside, [], curves, 10)[0].fragments] == ["Arm A"]
    grid = [rule(100 + 20 * n, 60, 500) for n in range(6)] + [
        Rule(x, 100, x + 0.5, 200.5, False) for x in (60, 200, 350)
    ]
    cells = [printed(x, 114 + 20 * n, f"{n}.5", 8) for n in range(5) for x in (70, 210, 360)]
    assert find_figures(cells, grid, [], 10) == []


def test_notes_in_the_margin_stand_apart() -> None:
    notes = [printed(20, 140, "Received", 6), printed(20, 152, "in May", 6)]
    passages = read([*column(120, 80, TEXT), *notes], [])
    assert "Received in May" in [p.text for p in passages]
    assert not any("seen each Received" in p.text for p in passages)


def test_a_column_of_small_type_and_a_box_of_text_are_text() -> None:
    references = [f"{n}. Somebody A, Somebody B. A trial of something. 20{n}" for n in range(10, 30)]
    assert split_off_notes([*column(50, 80, TEXT), *column(320, 80, references, size=8)], 10)[1] == []
    curves = [Shape(100 + 20 * n, 100 + 10 * n, 130 + 20 * n, 120 + 10 * n, False) for n in range(8)]
    box = [printed(110, 110 + 9 * n, "a line of small type in a box with round corners", 6) for n in range(5)]
    assert find_figures(box, [], curves, 10) == []
