"""The protocol on the screen: what is typed is checked as a whole, shown before it is stored, and never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from leads_local.records import Choice, Stage
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.protocol import Keywords
from leads_local.review.review import Review
from leads_local.tui.screens.protocol_menu import ProtocolText
from leads_local.tui.screens.report import ReportScreen
from tests.tui.conftest import SIZES, WIDE, Opened, app_of, shown, told

A = Stage.ABSTRACT


async def press(pilot: Pilot[int], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return shown(app_of(pilot))


async def type_protocol(pilot: Pilot[int], before: str, after: str) -> str:
    """Change the text that is open, and have it stored."""
    box = pilot.app.screen.query_one(TextArea)
    assert before in box.text
    box.text = box.text.replace(before, after)
    return await press(pilot, "ctrl+s")


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_all_of_it_is_changed_as_one_text(opened: Opened, review_path: Path, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        assert "It is not locked." in await press(pilot, "r")
        await press(pilot, "e")
        assert isinstance(pilot.app.screen, ProtocolText)
        text = await type_protocol(pilot, "include = []", 'include = ["[b]trial", "random*"]')
        assert "new keyword for including: [b]trial" in text
        await press(pilot, "y")
        assert "The protocol is changed" in told(app_of(pilot))
        with Review.read(review_path) as review:
            assert review.protocol().keywords == Keywords(("[b]trial", "random*"))
        await press(pilot, "U")
        with Review.read(review_path) as review:
            assert review.protocol().keywords == Keywords()


async def test_a_mistake_loses_nothing(opened: Opened, review_path: Path) -> None:
    async with opened(size=WIDE) as pilot:
        await press(pilot, "r", "e")
        await type_protocol(pilot, "include = []", 'include = ["trial"')
        assert "the protocol that you typed, line " in told(app_of(pilot))
        assert isinstance(pilot.app.screen, ProtocolText)
        await type_protocol(pilot, 'include = ["trial"', 'include = ["trial"]')
        await press(pilot, "b")
        assert 'include = ["trial"]' in pilot.app.screen.query_one(TextArea).text
        await type_protocol(pilot, 'include = ["trial"]', "include = []")
        assert "Nothing is changed." in told(app_of(pilot))
        with Review.read(review_path) as review:
            assert len(review.protocol_history()) == 1


async def test_what_somebody_else_changed_meanwhile_is_not_replaced(opened: Opened, review_path: Path) -> None:
    async with opened(size=WIDE) as pilot:
        await press(pilot, "r", "e")
        with Review.open(review_path) as other:
            other.set_keywords(Keywords(("other",)))
        await type_protocol(pilot, "include = []", 'include = ["mine"]')
        await press(pilot, "y")
        assert "changed by somebody else meanwhile" in told(app_of(pilot))
        assert "mine" in pilot.app.screen.query_one(TextArea).text
        with Review.read(review_path) as review:
            assert review.protocol().keywords == Keywords(("other",))


async def test_a_rule_is_set_and_undone(opened: Opened, review_path: Path) -> None:
    async with opened(size=WIDE) as pilot:
        await press(pilot, "r", "r", "a", "t")
        assert "At the abstract stage two reviewers must agree from now on" in told(app_of(pilot))
        with Review.read(review_path) as review:
            assert review.rules()[A] == Rule(RuleKind.TWO)
        await press(pilot, "U")
        with Review.read(review_path) as review:
            assert review.rules()[A] == Rule()
        await press(pilot, "r", "r", "f", "s")
        pilot.app.screen.query_one(Input).value = "2"
        await press(pilot, "enter")
        assert "'2' is no share. Give a number from 0 to 1" in told(app_of(pilot))
        await press(pilot, "r", "r", "f", "s")
        pilot.app.screen.query_one(Input).value = "0.25"
        await press(pilot, "enter")
        with Review.read(review_path) as review:
            assert review.rules()[Stage.FULLTEXT] == Rule(RuleKind.SHARE, 0.25)


async def test_it_is_locked_and_later_changes_are_deviations(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.decide(1, A, Choice.INCLUDE, reviewer="Kim")
    async with opened(size=WIDE) as pilot:
        await press(pilot, "r", "l", "l")
        with Review.read(review_path) as review:
            (lock,) = review.locks()
        assert lock.by == "Kim" and lock.sha256 in told(app_of(pilot))
        assert "The protocol is locked since" in await press(pilot, "r")
        await press(pilot, "e")
        await type_protocol(pilot, "Adults with insomnia", "Children")
        await press(pilot, "y")
        text = await press(pilot, "r", "h")
        assert isinstance(pilot.app.screen, ReportScreen)
        assert "DEVIATION: population of the question: Children" in text
        await press(pilot, "escape")
        text = await press(pilot, "r", "o")
        assert "1 record decided by an earlier wording of the criteria at the abstract stage" in text
