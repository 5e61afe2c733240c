"""What could be read of a paper: counted from what the reader made of it, and told in one line."""

from __future__ import annotations

import pytest

from leads_local.documents.pictured_tables import without_rows
from leads_local.documents.reading_report import Reading, describe, from_json, read_from, to_json
from leads_local.records import Document, Page, PageState, PassageKind
from tests.documents.conftest import passage

PAGES = tuple(
    Page(number, 595.0, 842.0, 1000, state)
    for number, state in enumerate([PageState.READ, PageState.DAMAGED, PageState.DRAWN, PageState.BLANK], 1)
)
PASSAGES = (
    passage("Of 84 patients \ufffd2.03 points were lost.", 0),
    passage("Table 1. Baseline of both groups", 1, PassageKind.CAPTION),
    passage("Age | 54.2 | 53.9", 2, PassageKind.TABLE_ROW, page=2),
    passage("Nothing else was found in anybody.", 3),
    passage("Table 2. Outcomes", 4, PassageKind.CAPTION, page=2),
    passage("A running head", 5, PassageKind.FURNITURE),
)


def test_pages_signs_tables_and_words_are_counted() -> None:
    reading = read_from(Document("a.pdf", "a", PAGES, PASSAGES, missing=1))
    assert reading.unread == (2, 3) and dict(reading.states)[4] is PageState.BLANK
    assert (reading.pages, reading.missing, reading.signs, reading.unreadable_signs) == (4, 1, ((1, 1),), 1)
    assert (reading.tables, reading.bare) == (1, (("Table 2", 2),))
    assert reading.words == sum(len(one.text.split()) for one in PASSAGES[:5])
    assert reading.looked_at and not reading.whole


def test_a_line_says_all_of_it() -> None:
    line = describe(read_from(Document("a.pdf", "a", PAGES, PASSAGES, missing=1)))
    assert line == (
        "2 of 4 pages read (page 2 damaged; page 3 drawn; page 4 blank), 1 missing from the file, 1 unreadable sign "
        "(page 1), 1 table and 1 without rows (Table 2 on page 2), 27 words"
    )


def test_a_whole_paper_and_one_that_an_earlier_version_read() -> None:
    whole = read_from(Document("a.pdf", "a", PAGES[:1], PASSAGES[3:4]))
    assert whole.whole and describe(whole) == "1 of 1 pages read, 0 tables, 6 words"
    old = read_from(Document("a.pdf", "a", (Page(1, 595.0, 842.0, 100),), PASSAGES[3:4]))
    assert not old.looked_at and not old.whole and "earlier version" in describe(old)


@pytest.mark.parametrize("lost", [{"missing": 1}, {"rebuilt": True}, {"signs": ((1, 2),)}, {"pictured": ((3, 1),)}])
def test_each_loss_alone_makes_a_paper_not_whole(lost: dict[str, object]) -> None:
    assert Reading(pages=3).whole and not Reading(pages=3, **lost).whole  # type: ignore[arg-type]


def test_there_and_back() -> None:
    reading = read_from(Document("a.pdf", "a", PAGES, PASSAGES, missing=1, rebuilt=True))
    assert from_json(to_json(reading)) == reading
    for text in ("", "[]", "{}", '{"pages": 1}', "null"):
        with pytest.raises(ValueError):
            from_json(text)


def test_rows_of_the_table_before_are_not_a_caption_s_own() -> None:
    caption, row = PassageKind.CAPTION, PassageKind.TABLE_ROW
    made = [("Table 1. A", caption), ("A | 1", row), ("Tabelle 2. B", caption), ("Table 3. C", caption), ("C | 1", row)]
    passages = [passage(text, n, kind) for n, (text, kind) in enumerate(made)]
    assert [one.name for one in without_rows(passages)] == ["Tabelle 2"]
    under = [passage("A | 1", 0, row), passage("Table 1. A", 1, caption)]
    assert not list(without_rows(under))
