"""Extraction: each verdict is stored before the screen moves on, and each value shows its passage or says that there is
none."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from leads_local.records import (
    Box,
    Choice,
    Document,
    ExtractedValue,
    Passage,
    PassageKind,
    Quote,
    QuotePlace,
    Span,
    Stage,
)
from leads_local.review.read_models import StoredValue, ValueStatus
from leads_local.review.review import Review
from leads_local.tui import labels
from leads_local.tui.screens.edit_value import EditValue
from leads_local.tui.screens.extraction import ExtractionScreen
from leads_local.tui.screens.paper import PaperScreen
from leads_local.tui.widgets.evidence_view import _passage_lines
from tests.tui.conftest import SIZES, WIDE, Opened, app_of, shown, told


async def extraction(pilot: Pilot[int]) -> ExtractionScreen:
    await pilot.press("3")
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, ExtractionScreen)
    return screen


def stored(path: Path, value_id: int) -> StoredValue:
    """A value as the file holds it."""
    with Review.open(path) as review:
        return next(
            v for record in review.record_ids(Stage.ABSTRACT)[:3] for v in review.values(record) if v.id == value_id
        )


@pytest.mark.parametrize(("key", "status"), [("a", ValueStatus.ACCEPTED), ("r", ValueStatus.REJECTED)])
async def test_a_key_verifies_and_the_next_to_check_follows(
    opened: Opened, extracted_path: Path, key: str, status: ValueStatus
) -> None:
    async with opened(path=extracted_path) as pilot:
        screen = await extraction(pilot)
        first = screen.values.key
        await pilot.press(key)
        await pilot.pause()
        held = stored(extracted_path, first)
        assert (held.status, held.reviewer) == (status, "Kim")
        assert held.final_text == (held.value.text if status is ValueStatus.ACCEPTED else "")
        assert screen.values.key != first
        assert screen.values.current is not None
        assert screen.values.current.status is ValueStatus.PROPOSED
        assert "1 of" in shown(app_of(pilot))
        assert labels.STATUS[status].text in shown(app_of(pilot))


@pytest.mark.parametrize("key", ["e", "enter"])
async def test_an_edit_keeps_the_models_text_beside(opened: Opened, extracted_path: Path, key: str) -> None:
    async with opened(path=extracted_path) as pilot:
        screen = await extraction(pilot)
        before = screen.values.current
        assert before is not None
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(pilot.app.screen, EditValue)
        pilot.app.screen.query_one("#text", Input).value = "84 [b]"
        pilot.app.screen.query_one("#note", Input).value = "table 1"
        await pilot.press("enter")
        await pilot.pause()
        held = stored(extracted_path, before.id)
        assert (held.status, held.final_text, held.note) == (ValueStatus.EDITED, "84 [b]", "table 1")
        assert held.value == before.value
        screen.values.action_first()
        await pilot.pause()
        assert "You: 84 [b]" in shown(app_of(pilot))


async def test_escape_leaves_a_value_as_it_is_and_undo_makes_it_open_again(
    opened: Opened, extracted_path: Path
) -> None:
    async with opened(path=extracted_path) as pilot:
        screen = await extraction(pilot)
        first = screen.values.key
        await pilot.press("e", "x", "escape")
        assert stored(extracted_path, first).status is ValueStatus.PROPOSED
        await pilot.press("a", "home", "u")
        await pilot.pause()
        assert stored(extracted_path, first).status is ValueStatus.PROPOSED
        assert screen.values.key == first


async def test_studies_are_those_with_a_paper_and_each_has_its_values(opened: Opened, extracted_path: Path) -> None:
    async with opened(path=extracted_path) as pilot:
        screen = await extraction(pilot)
        review = screen.session.review
        ids = review.record_ids(Stage.ABSTRACT)[:2]
        assert list(screen.studies.ids) == ids
        for step, record_id in (("", ids[0]), ("n", ids[1]), ("n", ids[1]), ("p", ids[0])):
            await pilot.press(*step)
            await pilot.pause()
            assert screen.values.key in [v.id for v in review.values(record_id)]
        assert "Report 1 of 2 (" in shown(app_of(pilot))


async def test_once_full_texts_are_decided_only_those_included_are_listed(opened: Opened, extracted_path: Path) -> None:
    with Review.open(extracted_path) as review:
        first, second, third = review.record_ids(Stage.FULLTEXT)
        review.decide(second, Stage.FULLTEXT, Choice.INCLUDE)
        review.decide(first, Stage.FULLTEXT, Choice.EXCLUDE, "x")
        review.decide(third, Stage.FULLTEXT, Choice.INCLUDE)
    async with opened(path=extracted_path) as pilot:
        screen = await extraction(pilot)
        assert list(screen.studies.ids) == [second, third]


async def test_what_was_not_read_of_a_paper_stands_beside_each_of_its_values(
    opened: Opened, extracted_path: Path
) -> None:
    with Review.open(extracted_path) as review, review.db.transaction():
        review.db.write("UPDATE document SET notice = 'Page 2 of 3 is damaged [b].' WHERE sha256 LIKE '%1'")
    async with opened(path=extracted_path) as pilot:
        screen = await extraction(pilot)
        for value in screen.session.review.values(screen.studies.key):
            assert screen.values.select(value.id)
            await pilot.pause()
            assert "Not all of the paper is read: Page 2 of 3 is damaged [b]." in " ".join(shown(app_of(pilot)).split())
        assert "A sign here could not be read" not in shown(app_of(pilot))
        await pilot.press("n")
        await pilot.pause()
        assert "Not all of the paper" not in shown(app_of(pilot))


def test_a_passage_with_a_sign_that_can_not_be_read_says_so() -> None:
    unsure, sure = (
        Document("a.pdf", "a", passages=(Passage(0, PassageKind.PARAGRAPH, text, (Span(0, 9, 1, Box(0, 0, 9, 9)),)),))
        for text in ("It was \ufffd2.", "It was −2.")
    )
    quote = Quote("was", "normalised", 0, (QuotePlace(1, Box(0, 0, 9, 9)),))
    value = StoredValue(1, 1, ExtractedValue("results", "Pain", "was", quote=quote), ValueStatus.PROPOSED)
    for document, said in ((unsure, True), (sure, False)):
        text = "".join(str(part) for part in _passage_lines(value, quote, document, 0))
        assert ("A sign here could not be read" in text) is said


async def test_the_end_of_a_study_is_said(opened: Opened, extracted_path: Path) -> None:
    with Review.open(extracted_path) as review:
        values = review.values(review.record_ids(Stage.ABSTRACT)[0])
        for value in values[1:]:
            review.verify(value.id, ValueStatus.ACCEPTED)
    async with opened(path=extracted_path) as pilot:
        await extraction(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert "All values of this report are checked" in told(app_of(pilot))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_every_value_shows_its_passage_or_says_that_there_is_none(
    opened: Opened, extracted_path: Path, size: tuple[int, int]
) -> None:
    async with opened(path=extracted_path, size=size) as pilot:
        screen = await extraction(pilot)
        seen = set()
        for value in screen.session.review.values(screen.studies.key):
            assert screen.values.select(value.id)
            await pilot.pause()
            text = " ".join(shown(app_of(pilot)).split())
            quote = value.value.quote
            if quote is not None and quote.found:
                assert f"In the paper, page {value.page}" in text
                seen.add("found")
            elif value.value.text and quote is None:
                assert "check by hand" in text
            elif value.value.text:
                assert labels.NO_QUOTE in text
                seen.add("not found")
        assert seen == {"found", "not found"}
        assert "Exercise for sleep" in text
        assert "a Accept" in text


async def test_names_that_look_like_markup_are_shown_as_they_are(opened: Opened, extracted_path: Path) -> None:
    async with opened(path=extracted_path, size=WIDE) as pilot:
        screen = await extraction(pilot)
        value = next(v for v in screen.session.review.values(screen.studies.key) if v.value.item == "[b]Design[/b]")
        screen.values.select(value.id)
        await pilot.pause()
        assert shown(app_of(pilot)).count("[b]Design[/b]") == 2


async def test_the_paper_opens_at_the_quote(opened: Opened, extracted_path: Path) -> None:
    async with opened(path=extracted_path) as pilot:
        screen = await extraction(pilot)
        value = next(v for v in screen.session.review.values(screen.studies.key) if v.page)
        screen.values.select(value.id)
        await pilot.press("v")
        await pilot.pause()
        paper = pilot.app.screen
        assert isinstance(paper, PaperScreen)
        assert paper.page == value.page
        await pilot.press("escape")
        assert pilot.app.screen is screen


async def test_without_studies_every_key_is_answered(opened: Opened) -> None:
    async with opened() as pilot:
        screen = await extraction(pilot)
        await pilot.press("a", "e", "r", "u", "n", "p", "v", "enter", "tab", "enter", "j", "k")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert "No study yet" in shown(app_of(pilot))
