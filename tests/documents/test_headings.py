"""Headings and the title are told by their type and their words, against the type of the running text."""

from __future__ import annotations

from leads_local.documents.geometry import Fragment, Frame
from leads_local.documents.headings import body_font, body_size, mark_headings
from leads_local.documents.paragraphs import Block, Line
from leads_local.records import PassageKind
from tests.documents.conftest import HEIGHT, WIDTH, printed

FRAME = Frame(0, WIDTH, HEIGHT, ())


def block(*fragments: Fragment, page: int = 1) -> Block:
    lines = tuple(Line(page, FRAME, f) for f in fragments)
    return Block(PassageKind.PARAGRAPH, lines, fragments[0].size, all(f.bold for f in fragments))


TEXT = block(*(printed(50, 100 + 12 * n, "Running text of the paper that is long enough to be one.") for n in range(6)))


def kinds(*blocks: Block) -> list[str]:
    return [b.kind.value for b in mark_headings(blocks, 10.0)]


def test_size_and_font_of_the_running_text() -> None:
    assert body_size([TEXT, block(printed(50, 50, "A big title of it all", 20))]) == 10.0
    assert body_font([TEXT], 10.0) == "Serif"
    assert body_size([]) == 0.0


def test_title_names_and_headings() -> None:
    title = block(printed(50, 50, "A randomised trial of zoltrexin for pain", 18))
    more = block(printed(50, 70, "in adults with sore thumbs", 18))
    found = mark_headings(
        [
            block(printed(50, 30, "JOURNAL", 24)),
            title,
            more,
            block(printed(50, 85, "Anna Miller, Bo Smith", 12)),
            block(printed(50, 100, "Abstract")),
            TEXT,
            block(printed(50, 100, "Study design and setting", bold=True)),
            TEXT,
            block(printed(50, 100, "Sample size", font="Sans")),
            TEXT,
            block(printed(50, 100, "This bold sentence is no heading.", bold=True)),
            TEXT,
        ],
        10.0,
    )
    assert [b.kind.value for b in found] == (
        [
            "paragraph",
            "title",
            "paragraph",
            "heading",
            "paragraph",
            "heading",
            "paragraph",
            "heading",
            "paragraph",
            "paragraph",
            "paragraph",
        ]
    )
    assert found[1].text == "A randomised trial of zoltrexin for pain in adults with sore thumbs"


def test_labels_of_a_figure_are_no_headings() -> None:
    labels = [block(printed(50, 100 + 20 * n, f"Assessed group {n}", bold=True)) for n in range(6)]
    assert kinds(block(printed(50, 90, "Methods", bold=True)), TEXT, *labels)[2:] == ["paragraph"] * 6
