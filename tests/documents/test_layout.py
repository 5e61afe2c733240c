"""Pages become passages in reading order, whole, each with the place of every line."""

from __future__ import annotations

import runpy
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.documents import layout, reader
from leads_local.documents.sections import paper_text
from leads_local.records import PassageKind
from tests.documents.conftest import column, printed, rule, sheet

# Least scores of each paper with the developers' scorer: paragraphs, order, words, rows; and the most that may be
# broken.
LEAST = {
    "PMC4736379": (0.95, 0.99, 0.98, 0.7),
    "PMC7836185": (0.95, 0.99, 0.99, 0.6),
    "PMC7886100": (0.85, 0.99, 0.99, 0.9),
    "PMC7899845": (0.95, 0.99, 0.99, 0.6),
    "PMC7923597": (0.93, 0.99, 0.99, 0.9),
    "PMC7937420": (0.95, 0.99, 0.99, 0.9),
    "PMC7969308": (0.95, 0.99, 0.99, 0.6),
}


def lines(topic: str, count: int) -> list[str]:
    return [f"the {topic} of line {n} went on to the end of it and" for n in range(count)]


def test_columns_one_after_the_other_and_the_sentence_whole() -> None:
    left, right = lines("left", 10), lines("right", 10)
    left[-1] = "the left column ends within a treat-"
    right[0] = "ment that goes on here and further on up to"
    left[-1] += "x" * (len(left[0]) - len(left[-1]) - 1) + "-"
    page = sheet(1, column(50, 100, left) + column(320, 100, right))
    text = [p.text for p in layout.build_passages([page])]
    assert len(text) == 1
    assert text[0].index("left of line 8") < text[0].index("ment that goes on") < text[0].index("right of line 9")
    assert "- ment" not in text[0]


def test_a_paragraph_over_two_pages_is_whole_and_furniture_stands_apart() -> None:
    pages = []
    for number in (1, 2, 3):
        head = [printed(50, 40, "Journal of Made-up Trials"), printed(500, 40, f"{100 + number}")]
        pages.append(sheet(number, head + column(50, 100, lines(["first", "second", "third"][number - 1], 12))))
    passages = layout.build_passages(pages)
    body = [p for p in passages if p.kind is not PassageKind.FURNITURE]
    assert len(body) == 1 and {s.page for s in body[0].spans} == {1, 2, 3}
    assert "Journal" not in body[0].text and "101" not in body[0].text
    assert sum(p.kind is PassageKind.FURNITURE for p in passages) == 6


def test_a_table_between_the_halves_of_a_paragraph_follows_it() -> None:
    table = [
        printed(50, 300, "Table 1. Baseline", 9),
        printed(50, 325, "Age", 9),
        printed(250, 325, "61", 9),
        printed(400, 325, "62", 9),
    ]
    table += [printed(50, 340, "Women", 9), printed(250, 340, "30", 9), printed(400, 340, "31", 9)]
    page = sheet(
        1, column(50, 100, lines("first", 15)) + table + column(50, 370, lines("second", 10)), [rule(308), rule(346)]
    )
    passages = layout.build_passages([page])
    assert [p.kind.value for p in passages] == ["paragraph", "caption", "table_row", "table_row"]
    assert [p.text for p in passages[2:]] == ["Age | 61 | 62", "Women | 30 | 31"]
    assert "second of line 9" in passages[0].text


def test_a_table_overleaf_is_read_behind_the_paragraph_that_speaks_of_it() -> None:
    table = [printed(50, 100, "Table 1. Baseline", 9)]
    for base, cells in ((125, ("Age", "61", "62")), (140, ("Women", "30", "31"))):
        table += [printed(x, base, cell, 9) for x, cell in zip((50, 250, 400), cells, strict=True)]
    first = column(50, 100, [*lines("first", 6), "and as Table 1 shows.", *["Another paragraph of", "two lines."]])
    pages = [sheet(1, first), sheet(2, table + column(50, 200, lines("second", 8)), [rule(108), rule(146)])]
    kinds = [(p.kind.value, p.page) for p in layout.build_passages(pages)]
    assert kinds == [
        ("paragraph", 1),
        ("caption", 2),
        ("table_row", 2),
        ("table_row", 2),
        *[("paragraph", 1), ("paragraph", 2)],
    ]


WORDS = st.lists(st.text("abcdeXYZ19.-", min_size=1, max_size=9), min_size=1, max_size=8).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(20, 400), st.integers(50, 800), WORDS, st.sampled_from([8.0, 10.0, 14.0])),
        min_size=1,
        max_size=30,
    )
)
def test_whatever_is_printed_spans_make_up_the_text_and_no_word_is_lost(
    marks: list[tuple[int, int, str, float]],
) -> None:
    page = sheet(1, [printed(x, y, text, size) for x, y, text, size in marks])
    passages = layout.build_passages([page, sheet(2, [printed(50, 100, "more")])])
    assert [p.order for p in passages] == list(range(len(passages)))
    for passage in passages:
        assert "".join(passage.text[s.start : s.end] for s in passage.spans) == passage.text
    kept = unicodedata.normalize("NFKC", "".join(p.text for p in passages))  # a raised figure is a figure
    for sign in "abcdeXYZ19":
        assert kept.count(sign) == sum(text.count(sign) for _, _, text, _ in marks) + "more".count(sign)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the script beside the checkout leaves its files open
@pytest.mark.parametrize("name", LEAST)
def test_real_papers_score_clearly_above_plain_extraction(shared: Path, tmp_path: Path, name: str) -> None:
    score = runpy.run_path(str(shared.parent / "tools" / "score_pdf_text.py"))["main"]
    document = reader.read(shared / "pdfs" / f"{name}.pdf")
    (tmp_path / "text").write_text(paper_text(document.passages).text, encoding="utf-8")
    got = score(str(shared / "pdfs" / f"{name}.truth.txt"), str(tmp_path / "text"))
    assert got["broken"] <= 0.003
    assert all(
        got[key] >= least for key, least in zip(("paragraphs", "order", "words", "rows"), LEAST[name], strict=True)
    ), got
