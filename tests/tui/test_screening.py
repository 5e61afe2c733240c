"""Screening: every key stores what it says before the screen moves on, and what the screen says is what the review
holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input

from leads_local.records import Choice, Stage
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.protocol import Keywords
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.review import Review
from leads_local.tui.screens.reason import ReasonDialog
from leads_local.tui.screens.screening import ScreeningScreen
from leads_local.tui.widgets.abstract_view import AbstractView
from tests.tui.conftest import HOSTILE, SIZES, WIDE, Opened, app_of, shown, told, until


async def screening(pilot: Pilot[int]) -> ScreeningScreen:
    """Go to the screening screen."""
    await pilot.press("2")
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, ScreeningScreen)
    return screen


def stored(path: Path, stage: Stage = Stage.ABSTRACT) -> dict[int, tuple[Choice, str, str]]:
    """What the file holds, read with a connection of its own: record → choice, reason, reviewer."""
    with Review.open(path) as review:
        views = [review.record(record_id) for record_id in review.record_ids(stage)]
        return {v.id: (d.choice, d.reason, d.reviewer) for v in views if (d := v.decisions.get(stage)) is not None}


@pytest.mark.parametrize(("key", "choice"), [("i", Choice.INCLUDE), ("m", Choice.MAYBE)])
async def test_a_key_decides_and_the_next_undecided_follows(
    opened: Opened, review_path: Path, key: str, choice: Choice
) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        ids = screen.records.ids
        await pilot.press(key)
        await pilot.pause()
        assert stored(review_path) == {ids[0]: (choice, "", "Kim")}
        assert screen.records.key == ids[1]
        assert "1 of 20 decided" in shown(app_of(pilot))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (["enter"], ""),
        (["0"], ""),
        (["1"], "Wrong population"),
        (["tab", *"own", "enter"], "own"),
        (["down", "enter"], "Wrong population"),
    ],
)
async def test_an_exclusion_asks_for_the_reason_which_may_be_left_out(
    opened: Opened, review_path: Path, keys: list[str], reason: str
) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        first = screen.records.key
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReasonDialog)
        assert stored(review_path) == {}
        await pilot.press(*keys)
        await pilot.pause()
        assert stored(review_path) == {first: (Choice.EXCLUDE, reason, "Kim")}


async def test_escape_takes_an_exclusion_back_unmade(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        first = screen.records.key
        await pilot.press("e", "escape")
        assert stored(review_path) == {}
        assert screen.records.key == first


async def test_a_reason_given_before_is_offered_and_moves_no_key(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.decide(review.record_ids(Stage.ABSTRACT)[0], Stage.ABSTRACT, Choice.INCLUDE)
        review.decide(review.record_ids(Stage.ABSTRACT)[0], Stage.FULLTEXT, Choice.EXCLUDE, "[b]Retracted[/]")
    async with opened() as pilot:
        await screening(pilot)
        await pilot.press("e")
        await pilot.pause()
        assert "1  Wrong population" in shown(app_of(pilot))
        assert "[b]Retracted[/]" in shown(app_of(pilot))


async def test_undo_takes_decisions_back_in_turn_and_goes_there(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        ids = screen.records.ids
        await pilot.press("i", "m", "u")
        await pilot.pause()
        assert stored(review_path) == {ids[0]: (Choice.INCLUDE, "", "Kim")}
        assert screen.records.key == ids[1]
        await pilot.press("u", "u")
        await pilot.pause()
        assert stored(review_path) == {}
        assert "0 of 20 decided" in shown(app_of(pilot))


async def test_decided_records_are_passed_over_and_the_end_is_said(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        ids = review.record_ids(Stage.ABSTRACT)
        for record_id in ids[2:-1]:
            review.decide(record_id, Stage.ABSTRACT, Choice.EXCLUDE)
    async with opened() as pilot:
        screen = await screening(pilot)
        await pilot.press("down", "i")
        await pilot.pause()
        assert screen.records.key == ids[-1]
        await pilot.press("i")
        await pilot.pause()
        assert screen.records.key == ids[0]
        await pilot.press("i")
        await pilot.pause()
        assert "20 of 20 decided" in shown(app_of(pilot))
        assert "All titles and abstracts are decided" in told(app_of(pilot))


async def test_what_is_not_settled_is_not_counted_as_decided(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.set_rule(Stage.ABSTRACT, Rule(RuleKind.TWO))
        ids = review.record_ids(Stage.ABSTRACT)
        for record_id in ids[:2]:
            review.decide(record_id, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ann")
    async with opened(size=WIDE) as pilot:
        screen = await screening(pilot)
        assert "0 of 20 decided · f all" in shown(app_of(pilot)), "who has yet to decide is told nothing of Ann's"
        for key, told_now in (
            ("m", "0 of 20 decided · 1 in conflict · f all"),
            ("i", "1 of 20 decided · 1 in conflict · f all"),
            ("i", "1 of 20 decided · 1 in conflict · 1 waiting · f all"),
            ("u", "1 of 20 decided · 1 in conflict · f all"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert told_now in shown(app_of(pilot))
            assert screen.counts == screen.session.review.outcome_counts(Stage.ABSTRACT)


async def test_the_end_says_what_waits_for_others(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.set_rule(Stage.ABSTRACT, Rule(RuleKind.TWO))
        review.decide_many(review.record_ids(Stage.ABSTRACT)[1:], Stage.ABSTRACT, Choice.EXCLUDE, reviewer="Kim")
    async with opened() as pilot:
        await screening(pilot)
        await pilot.press("i")
        await pilot.pause()
        assert "Nothing is left for you to decide: 20 waiting. f lists them." in told(app_of(pilot))


async def test_filters_list_what_they_say_and_rows_stay_until_then(opened: Opened) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        ids = list(screen.records.ids)
        await pilot.press("f", "u")
        await pilot.pause()
        await pilot.press("i")
        await pilot.pause()
        assert screen.records.ids == ids
        for key, show, expected in (
            ("i", RecordFilter.INCLUDED, ids[:1]),
            ("u", RecordFilter.UNDECIDED, ids[1:]),
            ("e", RecordFilter.EXCLUDED, []),
            ("a", RecordFilter.ALL, ids),
        ):
            await pilot.press("f", key)
            await pilot.pause()
            assert screen.showing is show
            assert list(screen.records.ids) == expected


async def test_an_empty_list_answers_every_key(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        await pilot.press("f", "m")
        await pilot.pause()
        await pilot.press(*"iemnpdov", "enter", "end")
        await pilot.pause()
        assert screen.records.key == 0
        assert stored(review_path) == {}
        assert "No records here" in shown(app_of(pilot))


async def test_search_lists_what_it_finds_and_escape_lists_all_again(opened: Opened) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        await pilot.press("slash", "W", "2", "y", "e", "a", "r", "<")
        screen.query_one("#search", Input).value = '"TRIAL 7 of" walking'
        await until(pilot, lambda: len(screen.records.ids) == 1)
        assert screen.query_one("#search", Input).has_focus, "found while one types"
        await pilot.press("enter")
        assert [screen.session.review.citation(i).title for i in screen.records.ids] == ["Trial 7 of walking and sleep"]
        assert screen.records.has_focus
        kept = screen.records.key
        await pilot.press("escape")
        await pilot.pause()
        assert len(screen.records.ids) == 20
        assert screen.records.key == kept
        assert not screen.query_one("#search", Input).display


async def test_typing_in_the_search_field_decides_nothing(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        await screening(pilot)
        await pilot.press("slash", *"ieq1")
        assert stored(review_path) == {}
        assert isinstance(pilot.app.screen, ScreeningScreen)


async def test_the_stage_of_full_texts_has_decisions_of_its_own(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        first = screen.records.key
        await pilot.press("i", "t")
        await pilot.pause()
        assert list(screen.records.ids) == [first]
        assert "No full text is attached" in shown(app_of(pilot))
        await pilot.press("e", "enter")
        await pilot.pause()
        assert stored(review_path)[first][0] is Choice.INCLUDE
        assert stored(review_path, Stage.FULLTEXT)[first][0] is Choice.EXCLUDE


async def test_the_models_word_is_shown_beside_and_can_be_hidden(opened: Opened) -> None:
    async with opened(size=WIDE) as pilot:
        screen = await screening(pilot)
        await pilot.press("s", "enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        view = screen.session.review.record(screen.records.key)
        judgements = view.screenings[Stage.ABSTRACT].judgements
        text = shown(app_of(pilot))
        for judgement in judgements:
            assert f"{judgement.eligibility}  {judgement.criterion.name}" in text
        score = f"{view.scores[Stage.ABSTRACT]:+.2f}"
        assert score in text
        await pilot.press("v")
        await pilot.pause()
        text = shown(app_of(pilot))
        assert score not in text
        assert "judgement is hidden" in text
        assert f"{judgements[0].eligibility}  {judgements[0].criterion.name}" not in text


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_keywords_are_marked_in_two_ways_that_need_no_colour(
    opened: Opened, review_path: Path, theme: str
) -> None:
    with Review.open(review_path) as review:
        review.set_keywords(Keywords(("randomised", "[red]x"), ("usual care",)))
    async with opened(size=WIDE) as pilot:
        pilot.app.theme = theme
        screen = await screening(pilot)
        assert "We randomised 100 adults to walking or usual care." in shown(app_of(pilot))
        assert shown(app_of(pilot)).count("[red]x[/]") == 2
        content = screen.query_one(AbstractView).content
        assert isinstance(content, Content)
        spans = {content.plain[span.start : span.end]: str(span.style) for span in content.spans}
        assert "underline" in spans["randomised"] and "reverse" not in spans["randomised"]
        assert "reverse" in spans["usual care"] and "underline" not in spans["usual care"]
        assert len(spans) == 2
        strip = screen.query_one(AbstractView).render_line(0)
        styles = {segment.text: segment.style for segment in strip if segment.style is not None}
        assert styles["randomised"].underline and styles["usual care"].reverse


async def test_order_by_score(opened: Opened) -> None:
    async with opened() as pilot:
        screen = await screening(pilot)
        await pilot.press("s", "enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.press("o")
        await pilot.pause()
        assert list(screen.records.ids) == screen.session.review.record_ids(
            Stage.ABSTRACT, RecordFilter.ALL, RecordOrder.SCORE
        )


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_titles_are_shown_as_they_are(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        screen = await screening(pilot)
        for title in HOSTILE[:4]:
            assert screen.session.review.citation(screen.records.key).title == title
            assert shown(app_of(pilot)).count(title) == 2  # in the list and above the abstract
            await pilot.press("j")
            await pilot.pause()


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_what_one_needs_is_in_view(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        await screening(pilot)
        text = shown(app_of(pilot))
        for words in (
            "Exercise for sleep",
            "0 of 20 decided",
            "We randomised 100 adults",
            "not decided yet",
            "i Include",
            "? Help",
            "s starts",
        ):
            assert words in text, words
