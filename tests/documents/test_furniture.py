"""What repeats at the edge of pages is furniture; what a table repeats inside them is not."""

from __future__ import annotations

from leads_local.documents import furniture
from leads_local.documents.geometry import Fragment, Frame, Sheet
from tests.documents.conftest import HEIGHT, WIDTH, printed, rule, sheet

TOPICS = ["aspirin", "placebo", "blinding", "follow-up", "outcomes", "adverse events"]


def pages(*extra: list[Fragment]) -> list[Sheet]:
    result = []
    for number, topic in enumerate(TOPICS, start=1):
        edge = [
            printed(50, 40, "Journal of Made-up Trials 2021"),
            printed(500, 40, str(300 + number)),
            printed(250, 815, f"Page {number} of 6"),
        ]
        body = [printed(50, 70, f"This page tells of {topic}"), printed(50, 82, f"all along, {topic} and so on")]
        body += [
            printed(50, 768, f"until it comes, {topic} and all,"),
            printed(50, 780, f"to where it ends with {topic}"),
        ]
        result.append(sheet(number, [*edge, *body, *(items[number - 1] for items in extra)]))
    return result


def texts(sheets: list[Sheet]) -> tuple[list[str], list[str]]:
    parts = furniture.split_off(sheets)
    return tuple([f.text for s in sheets for f in parts[s.number, 0][which]] for which in (0, 1))  # type: ignore[return-value]


def test_heads_feet_and_numbers_are_furniture_and_nothing_is_lost() -> None:
    sheets = pages()
    content, edge = texts(sheets)
    assert len(edge) == 18 and len(content) == 24
    assert not any("Journal" in text or "Page " in text for text in content)


def test_a_table_that_goes_on_keeps_its_repeated_rows() -> None:
    content, _ = texts(pages([printed(50, 94, "28 weeks") for _ in TOPICS], [printed(250, 94, "12.5") for _ in TOPICS]))
    assert content.count("28 weeks") == 6 and content.count("12.5") == 6


def test_a_number_that_is_no_page_number_is_content() -> None:
    cells = [printed(300, 70, number) for number in ("69", "12", "48", "7", "95", "31")]
    content, _ = texts(pages(cells))
    assert {"69", "12", "48", "7", "95", "31"} <= set(content)


def test_heads_that_differ_from_page_to_page_are_known_by_their_place() -> None:
    heads = ["Miller et al.", "Thumbs in pain", "Miller et al. 2021", "Pain in thumbs"]
    sheets = [
        sheet(n, [printed(50, 40, head), *(printed(50, 90 + 12 * row, f"{TOPICS[n]} {row}") for row in range(20))])
        for n, head in enumerate(heads, start=1)
    ]
    content, edge = texts(sheets)
    assert edge == heads and len(content) == 80


def test_one_page_has_no_furniture_and_marks_printed_sideways_are() -> None:
    page = pages()[0]
    aside = Frame(270, HEIGHT, WIDTH, (printed(100, 20, "Downloaded by a library"),))
    alone = Sheet(1, WIDTH, HEIGHT, (*page.frames, aside))
    parts = furniture.split_off([alone])
    assert [f.text for f in parts[1, 1][1]] == ["Downloaded by a library"]
    assert "Journal of Made-up Trials 2021" in [f.text for f in parts[1, 0][0]]


def test_rules_of_the_page_repeat_and_rules_of_tables_do_not() -> None:
    sheets = [sheet(n, [printed(50, 100, "text")], [rule(50), rule(200 + 20 * n)]) for n in range(1, 6)]
    found = furniture.repeated_rules(sheets)
    assert found == {furniture.rule_key(rule(50))}


def test_double_spacing_makes_no_running_heads() -> None:
    """In a manuscript all lines stand apart, the first and last of each page no further than the others."""
    sheets = []
    for number in range(1, 7):
        lines = [
            printed(72, 72 + 27 * row, f"{TOPICS[(number + row) % 6]} in line {row} of page {number}", 12)
            for row in range(26)
        ]
        sheets.append(sheet(number, [*lines, printed(300, 800, str(number), 12)]))
    content, edge = texts(sheets)
    assert edge == [str(n) for n in range(1, 7)] and len(content) == 6 * 26


def test_a_place_that_lines_share_without_a_word_is_no_running_head() -> None:
    heads = ["Methods", "Discussion", "Limitations", "Conclusions"]
    sheets = [
        sheet(n, [printed(50, 40, head), *(printed(50, 90 + 12 * row, f"{TOPICS[n]} {row}") for row in range(20))])
        for n, head in enumerate(heads, start=1)
    ]
    assert texts(sheets)[1] == []
