"""Sections follow the order that papers keep to, whatever their headings repeat."""

from __future__ import annotations

from leads_local.documents.geometry import Frame
from leads_local.documents.outline import assign_sections
from leads_local.documents.paragraphs import Block, Line
from leads_local.records import Passage, PassageKind
from tests.documents.conftest import HEIGHT, WIDTH, passage, printed

FRAME = Frame(0, WIDTH, HEIGHT, ())
LONG = "We looked at what came of it in all of the people who took part in the trial. " * 5


def sections(*made: tuple[str, str, float, int]) -> list[str]:
    """The sections of passages given as (kind: t, h, p, c or r; text; type size; page)."""
    kinds = {
        "t": PassageKind.TITLE,
        "h": PassageKind.HEADING,
        "p": PassageKind.PARAGRAPH,
        "c": PassageKind.CAPTION,
        "r": PassageKind.TABLE_ROW,
    }
    passages: list[Passage] = []
    blocks: list[Block] = []
    for order, (kind, text, size, page) in enumerate(made):
        passages.append(passage(text, order, kinds[kind], page=page, width=10_000))
        blocks.append(Block(kinds[kind], (Line(page, FRAME, printed(50, 100, text[:40], size)),), size, kind == "h"))
    return [p.section for p in assign_sections(passages, blocks, 10.0)]


def h(text: str, page: int = 1, size: float = 10.0) -> tuple[str, str, float, int]:
    return "h", text, size, page


def p(text: str = LONG, page: int = 1, size: float = 10.0) -> tuple[str, str, float, int]:
    return "p", text, size, page


def test_a_structured_abstract_keeps_its_own_headings() -> None:
    found = sections(
        *(h("Abstract"), h("Background"), p(), h("Methods"), p(), h("Results"), p(), h("Conclusions"), p()),
        *(
            h("Background"),
            p(page=2),
            h("Methods", 2),
            p(page=2),
            h("Results", 3),
            p(page=3),
            h("Discussion", 3),
            p(page=3),
        ),
    )
    assert set(found[:9]) == {"abstract"}
    assert found[9:] == ["introduction"] * 2 + ["methods"] * 2 + ["results"] * 2 + ["discussion"] * 2


def test_labels_within_paragraphs_and_a_plain_abstract() -> None:
    labelled = sections(h("Abstract"), p("Background: " + LONG), p("Conclusions: " + LONG), h("Background"), p())
    assert labelled == ["abstract"] * 3 + ["introduction"] * 2
    assert sections(h("Abstract"), p(), h("Introduction"), p()) == ["abstract"] * 2 + ["introduction"] * 2


def test_an_abstract_without_a_heading() -> None:
    assert sections(("t", "A trial", 18, 1), p(), h("1. Introduction"), p())[1:] == [
        "abstract",
        "introduction",
        "introduction",
    ]
    assert sections(
        ("t", "A trial", 18, 1), p("Purpose: " + LONG), p("Methods: " + LONG), h("Introduction", 1, 14), p()
    ) == (["", "abstract", "abstract", "introduction", "introduction"])


def test_ethics_within_the_methods_is_methods_and_at_the_end_it_is_not() -> None:
    found = sections(
        *(
            h("1. Introduction", 1, 12),
            p(),
            h("2. Methods", 1, 12),
            p(),
            h("2.2. Ethics", 2),
            p(),
            h("Data availability", 2),
            p(),
        ),
        *(
            h("3. Results", 3, 12),
            p(page=3),
            h("4. Discussion", 3, 12),
            p(page=3),
            h("Ethics approval", 4),
            p(page=4),
            h("Funding", 4),
            p(page=4),
        ),
    )
    assert found[2:8] == ["methods"] * 6
    assert found[-4:] == ["declarations"] * 2 + ["funding"] * 2


def test_a_footnote_section_in_small_type_does_not_swallow_the_text_after_it() -> None:
    found = sections(
        h("Introduction", 1, 12),
        p(),
        h("Funding", 1, 7),
        p("Paid by no one at all.", size=7),
        p(page=2),
        h("Methods", 2, 12),
        p(page=2),
    )
    assert (
        found == ["introduction"] * 2 + ["funding"] * 2 + ["introduction"] + ["methods"] * 2
        or found[4] == "introduction"
    )


def test_tables_belong_to_the_section_that_speaks_of_them() -> None:
    found = sections(
        *(
            h("Introduction"),
            p(),
            h("Methods"),
            p(),
            h("Results"),
            p("Pain fell (Table 2). " + LONG),
            h("Discussion"),
            p(),
        ),
        *(("c", "Table 2. Pain", 9, 3), ("r", "Pain | 3 | 4", 9, 3), p(page=3), ("c", "Figure 9. Unspoken of", 9, 3)),
    )
    assert found[8:] == ["results", "results", "discussion", "discussion"]
