"""Notes, tags, priorities and corrections on the screening screen: a key each, stored before it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from leads_local.records import Choice, Stage
from leads_local.review.annotations import Field, Priority
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.review import Review
from leads_local.tui.screens.screening import ScreeningScreen
from tests.tui.conftest import SIZES, WIDE, Opened, app_of, shown, told, until, write_records


async def screening(pilot: Pilot[int]) -> ScreeningScreen:
    await pilot.press("2")
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, ScreeningScreen)
    return screen


def first(path: Path) -> int:
    with Review.read(path) as review:
        return review.record_ids(Stage.ABSTRACT)[0]


@pytest.mark.parametrize("size", SIZES)
async def test_a_note_is_written_shown_and_undone(opened: Opened, review_path: Path, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        screen = await screening(pilot)
        await pilot.press("N")
        await pilot.pause()
        pilot.app.screen.query_one(TextArea).text = "ask [b]them[/b]\nabout n"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "note by Kim, " in shown(app_of(pilot))
        assert "ask [b]them[/b]" in shown(app_of(pilot))
        with Review.read(review_path) as review:
            assert [(one.text, one.reviewer) for one in review.annotations(first(review_path)).notes] == [
                ("ask [b]them[/b]\nabout n", "Kim")
            ]
        await pilot.press("N")
        await pilot.pause()
        assert pilot.app.screen.query_one(TextArea).text == "ask [b]them[/b]\nabout n"
        await pilot.press("escape")
        await pilot.press("U")
        await pilot.pause()
        assert "note by Kim" not in shown(app_of(pilot))
        assert "Undone: note on record" in told(app_of(pilot))
        assert not screen.query_one("#added").display


async def test_tags_are_given_taken_off_and_searched(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        record = screen.records.key
        await pilot.press("number_sign")
        await pilot.pause()
        pilot.app.screen.query_one(Input).value = "rct, Cluster trial"
        await pilot.press("enter")
        await pilot.pause()
        assert "#Cluster-trial #rct" in shown(app_of(pilot))
        await pilot.press("slash")
        screen.query_one("#search", Input).value = "#RCT"
        await pilot.press("enter")
        await until(pilot, lambda: list(screen.records.ids) == [record])
        await pilot.press("number_sign")
        await pilot.pause()
        assert pilot.app.screen.query_one(Input).value == "Cluster-trial, rct"
        pilot.app.screen.query_one(Input).value = "Cluster-trial"
        await pilot.press("enter")
        await pilot.pause()
        with Review.read(review_path) as review:
            assert review.annotations(record).tags == ("Cluster-trial",)


async def test_words_and_a_tag_are_searched_together(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        ids = review.record_ids(Stage.ABSTRACT)
        review.set_tags(ids[-1], ["pilot"])
        review.set_tags(ids[0], ["pilot"])
        review.set_priority(ids[-2], Priority.HIGH)
    async with opened() as pilot:
        screen = await screening(pilot)
        for term, found in (
            ("#pilot trial", [ids[-1]]),
            ("#pilot year<1995", [ids[0]]),
            ("!high", [ids[-2]]),
            ("#nothing", []),
        ):
            await pilot.press("slash")
            screen.query_one("#search", Input).value = term
            await pilot.press("enter")
            await until(pilot, lambda found=found: list(screen.records.ids) == found)  # type: ignore[misc]


async def test_priority(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        await screening(pilot)
        await pilot.press("P", "h")
        await pilot.pause()
        assert "priority high" in shown(app_of(pilot))
        await pilot.press("P", "n")
        await pilot.pause()
        assert "Priority" not in shown(app_of(pilot)).split("Record")[0]
        with Review.read(review_path) as review:
            assert review.annotations(first(review_path)).priority is None


async def test_a_correction_is_shown_in_list_and_detail_with_what_was_imported(
    opened: Opened, review_path: Path
) -> None:
    record = first(review_path)
    with Review.read(review_path) as review:
        imported = review.citation(record)
    async with opened(size=(140, 40)) as pilot:
        await screening(pilot)
        await pilot.press("C", "t")
        await pilot.pause()
        pilot.app.screen.query_one(Input).value = "A corrected title"
        await pilot.press("enter")
        await pilot.pause()
        page = shown(app_of(pilot))
        assert page.count("A corrected title") >= 3, "list, head, and what was corrected"
        assert "title corrected by Kim" in page
        await pilot.press("C", "a")
        await pilot.pause()
        assert pilot.app.screen.query_one(TextArea).text == imported.abstract
        pilot.app.screen.query_one(TextArea).text = "Other words."
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Other words." in shown(app_of(pilot))
        with Review.read(review_path) as review:
            assert (review.citation(record).title, review.citation(record).abstract) == (
                "A corrected title",
                "Other words.",
            )
        await pilot.press("C", "b")
        await pilot.pause()
        with Review.read(review_path) as review:
            assert review.citation(record) == imported
        assert "all is as it was imported again" in told(app_of(pilot))
        await pilot.press("U")
        await pilot.pause()
        with Review.read(review_path) as review:
            assert (review.citation(record).title, review.citation(record).abstract) == (
                "A corrected title",
                "Other words.",
            ), "one undo takes both back"


async def test_a_record_is_set_apart_and_may_be_grouped_again(
    opened: Opened, review_path: Path, tmp_path: Path
) -> None:
    with Review.open(review_path) as review:
        titles = [review.citation(record).title for record in range(1, 21)]
        review.import_file(write_records(tmp_path / "again.csv", [*titles, "One more"]))
        assert review.dedupe().duplicates
        head = next(one for one in review.record_ids(Stage.ABSTRACT) if review.record(one).duplicates)
        (other,) = (one.id for one in review.record(head).duplicates)
        review_end = review.record_ids(Stage.ABSTRACT)[-1]
    async with opened(size=WIDE) as pilot:
        screen = await screening(pilot)
        screen.records.select(review_end)
        await pilot.pause()
        await pilot.press("S")
        assert "This record is grouped with no other." in told(app_of(pilot))
        screen.records.select(head)
        await pilot.press("S", "2")
        await pilot.pause()
        assert f"Record {other} is another report than record {head}, and stays so. U takes that back." in told(
            app_of(pilot)
        )
        assert other in screen.records.ids
        screen.records.select(other)
        await pilot.pause()
        await pilot.press("S")
        await pilot.pause()
        assert "Somebody has said that it is another report" in shown(app_of(pilot))
        await pilot.press("g")
        await pilot.pause()
        assert f"Record {other} may be grouped again, as it was or by the next search" in told(app_of(pilot))
        await pilot.press("U", "U")
        await pilot.pause()
        assert other not in screen.records.ids
    with Review.open(review_path) as review:
        assert review.record(other).id == head


async def test_what_a_field_cannot_hold_is_told_in_one_sentence(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        await screening(pilot)
        await pilot.press("C", "y")
        await pilot.pause()
        pilot.app.screen.query_one(Input).value = "soon"
        await pilot.press("enter")
        await pilot.pause()
        assert "“soon” is no year." in told(app_of(pilot))
        with Review.read(review_path) as review:
            assert review.annotations(first(review_path)).corrections == ()


async def test_others_notes_are_not_shown_before_one_has_decided_alone(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        record = review.record_ids(Stage.ABSTRACT)[0]
        review.set_rule(Stage.ABSTRACT, Rule(RuleKind.TWO))
        review.set_note(record, "surely not", "Bob")
    async with opened() as pilot:
        await screening(pilot)
        assert "surely not" not in shown(app_of(pilot))
        assert "1 note of others" in shown(app_of(pilot))
    with Review.open(review_path) as review:
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Kim")
    async with opened() as pilot:
        await screening(pilot)
        assert "surely not" in shown(app_of(pilot))


async def test_keys_do_nothing_where_no_record_is_in_view(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        screen.records.show([])
        for key in ("N", "number_sign", "P", "C"):
            await pilot.press(key)
            await pilot.pause()
            assert pilot.app.screen is screen


async def test_a_judgement_of_the_text_before_is_said_to_be_one(opened: Opened, extracted_path: Path) -> None:
    from leads_local.jobs import model_jobs
    from leads_local.tasks import prompts
    from tests.fake_engine import FakeEngine

    with Review.open(extracted_path) as review:
        assert list(model_jobs.screen(review, FakeEngine(), Stage.ABSTRACT, prompts.load("default")))
        record = review.record_ids(Stage.ABSTRACT)[0]
    async with opened(path=extracted_path) as pilot:
        await screening(pilot)
        assert "before this was corrected" not in shown(app_of(pilot))
    with Review.open(extracted_path) as review:
        review.correct(record, Field.JOURNAL, "Another")
        assert review.record(record).screenings
    async with opened(path=extracted_path) as pilot:
        await screening(pilot)
        assert "before this was corrected" not in shown(app_of(pilot)), "the model is not shown the journal"
    with Review.open(extracted_path) as review:
        review.correct(record, Field.ABSTRACT, "Another.")
    async with opened(path=extracted_path, size=(140, 40)) as pilot:
        await screening(pilot)
        assert "before this was corrected" in shown(app_of(pilot))
