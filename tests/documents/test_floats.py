"""Tables and figures stand behind what first speaks of them, whole; nothing is lost, and the rest keeps its order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.documents.floats import place_floats
from leads_local.documents.geometry import Frame
from leads_local.documents.paragraphs import Block, Line
from leads_local.records import Passage, PassageKind
from tests.documents.conftest import HEIGHT, WIDTH, passage, printed

FRAME = Frame(0, WIDTH, HEIGHT, ())
KINDS = {
    "p": PassageKind.PARAGRAPH,
    "h": PassageKind.HEADING,
    "c": PassageKind.CAPTION,
    "r": PassageKind.TABLE_ROW,
    "n": PassageKind.PARAGRAPH,  # a note under a table
    "a": PassageKind.PARAGRAPH,  # a word in a figure
    "s": PassageKind.PARAGRAPH,  # small type
    "f": PassageKind.FURNITURE,
}
TABLE = ("c 3 Table 1. A", "r 3 A | 1")
OTHER = "Nothing of the kind was said in the paper before this."


def placed(*made: str, sections: dict[int, str] | None = None) -> list[Passage]:
    """What is given as "kind page text" in a paper set in ten points, as it is read."""
    passages, blocks = [], []
    for order, (kind, page, text) in enumerate(one.split(" ", 2) for one in made):
        size = 8.0 if kind in "crns" else 10.0
        line = Line(int(page), FRAME, printed(50, 100, text[:40], size))
        cells = tuple((line,) for _ in text.split(" | ")) if kind == "r" else ()
        flags = {"note": kind == "n", "aside": kind == "a"}
        blocks.append(Block(KINDS[kind], (line,), size, cells=cells, begins=kind == "r", **flags))
        section = (sections or {}).get(order, "")
        passages.append(passage(text, order, KINDS[kind], section=section, page=int(page), width=10_000))
    found = place_floats(passages, blocks, 10.0)
    assert [p.order for p in found] == list(range(len(made)))
    assert sorted(p.text for p in found) == sorted(p.text for p in passages)
    return found


def texts(*made: str) -> list[str]:
    return [p.text[:8] for p in placed(*made)]


def test_a_table_with_its_notes_stands_behind_the_paragraph_that_speaks_of_it() -> None:
    found = placed(
        *("p 1 They were alike (Table 1).", f"p 1 {OTHER}", "f 1 Journal of Trials", f"p 2 {OTHER}"),
        *("c 3 Table 1. Baseline", "r 3 Age | 61 | 62", "n 3 Values are means.", f"p 3 {OTHER}"),
        sections={0: "results", 4: "references", 5: "references"},
    )
    assert [p.text[:8] for p in found[:4]] == ["They wer", "Table 1.", "Age | 61", "Values a"]
    assert {p.section for p in found[:4]} == {"results"}


def test_a_figure_brings_its_notes_and_the_words_in_it() -> None:
    assert texts(
        *(
            "p 1 See Fig. 1.",
            f"p 1 {OTHER}",
            "a 2 Control",
            "c 2 Fig. 1 Survival",
            "s 2 HR hazard ratio.",
            f"p 2 {OTHER}",
        )
    ) == ["See Fig.", "Fig. 1 S", "HR hazar", "Control", "Nothing ", "Nothing "]


def test_what_goes_on_overleaf_goes_along() -> None:
    again = texts(
        *("p 1 As Table 1 shows.", f"p 1 {OTHER}", "c 2 Table 1. All", "r 2 A | 1 | 2", "f 2 Journal"),
        *("c 3 Table 1 (continued)", "r 3 B | 1 | 2", f"p 3 {OTHER}"),
    )
    assert again == ["As Table", "Table 1.", "A | 1 | ", "Table 1 ", "B | 1 | ", "Nothing ", "Journal", "Nothing "]
    bare = [
        "p 1 As Table 1 shows.",
        f"p 1 {OTHER}",
        "c 2 Table 1. All",
        "r 2 A | 1 | 2",
        "f 2 Journal",
        "r 3 B | 1 | 2",
    ]
    assert texts(*bare)[:4] == ["As Table", "Table 1.", "A | 1 | ", "B | 1 | "]
    assert texts(*bare[:-1], "r 3 B | 1")[-1] == "B | 1"  # another table: it has other columns


def test_two_tables_of_one_sentence_follow_it_in_its_order() -> None:
    found = texts(
        *("p 1 In Tables 1 and 2.", f"p 1 {OTHER}", "c 2 Table 2. B", "r 2 B | 1", "c 3 Table 1. A", "r 3 A | 1")
    )
    assert found == ["In Table", "Table 1.", "A | 1", "Table 2.", "B | 1", "Nothing "]


def test_no_text_is_parted_by_it() -> None:
    cut = texts(
        "p 1 As Table 1 shows (1) this;",
        "p 1 (2) that, and",
        "p 2 this.",
        f"p 2 {OTHER}",
        *("c 3 Table 1. A", "r 3 A | 1"),
    )
    assert cut == ["As Table", "(2) that", "this.", "Table 1.", "A | 1", "Nothing "]
    headed = texts("p 1 As Table 1 shows, of which", "h 2 Results", f"p 2 {OTHER}", *TABLE)
    assert headed[:2] == ["As Table", "Table 1."]


def test_what_nothing_speaks_of_stays_where_it_is_printed() -> None:
    still = ["p 1 See Table 9 and Supplementary Table 1.", f"p 2 {OTHER}", *TABLE, "c 3 Table 9. B"]
    assert texts(*still) == [one.split(" ", 2)[2][:8] for one in still]  # and a caption without rows
    twice = ["p 1 As Table 1 shows.", f"p 1 {OTHER}", *("c 1 Table 1. A", "r 1 A | 1", "c 2 Table 1. B", "r 2 B | 1")]
    assert texts(*twice) == [one.split(" ", 2)[2][:8] for one in twice]  # of two reports in one file
    for section in ("abstract", "references", "declarations"):
        assert placed("p 1 As Table 1 shows.", f"p 1 {OTHER}", *TABLE, sections={0: section})[1].text == OTHER
    appended = placed("p 1 As Table 1 shows.", f"p 1 {OTHER}", *TABLE, sections={2: "appendix"})
    assert appended[1].text == OTHER


PIECES = st.tuples(
    st.sampled_from("pppcrrnasfh"),
    st.integers(1, 3),
    st.sampled_from(
        [
            "See Table 1.",
            "Table 1. A",
            "Tables 1 and 2 show",
            "Fig. 1 B",
            "A | 1",
            "(2) more",
            "Table 1 (continued)",
            OTHER,
        ]
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_nothing_is_lost_and_the_text_keeps_its_order(made: list[tuple[str, int, str]]) -> None:
    made = sorted(made, key=lambda one: one[1])
    found = placed(*(f"{kind} {page} {text}" for kind, page, text in made))
    headings = [p.text for p in found if p.kind is PassageKind.HEADING]
    assert headings == [text for kind, _, text in made if kind == "h"]
