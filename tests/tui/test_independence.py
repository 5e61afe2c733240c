"""Where reviewers are to decide without knowing what the others did, the screening screen gives nothing of it away; who
has decided, or is to settle a difference, sees all."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from leads_local.records import Choice, Stage
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.tui.screens.pick import PickOne
from leads_local.tui.screens.screening import ScreeningScreen
from tests.tui.conftest import WIDE, Opened, app_of, shown, told

A = Stage.ABSTRACT
GIVEN_AWAY = "a reason of Ann's"


async def look(pilot: Pilot[int], filtered: str = "") -> str:
    """All that the screening screen shows, with the cursor on the first record."""
    await pilot.press("2")
    await pilot.pause()
    if filtered:
        await pilot.press("f", filtered)
        await pilot.pause()
    assert isinstance(pilot.app.screen, ScreeningScreen)
    return shown(app_of(pilot))


@pytest.mark.parametrize("kind", [RuleKind.TWO, RuleKind.SECOND_CHECK])
async def test_nothing_is_seen_of_what_another_decided(opened: Opened, review_path: Path, kind: RuleKind) -> None:
    with Review.open(review_path) as review:
        review.set_rule(A, Rule(kind))
        review.decide(1, A, Choice.INCLUDE, GIVEN_AWAY, "Ann")
        review.undo(A, "Ann")
    async with opened(WIDE) as pilot:
        untouched = await look(pilot)
        assert "Ann" not in untouched, "what she took back is not seen either"
    with Review.open(review_path) as review:
        review.decide(1, A, Choice.EXCLUDE, GIVEN_AWAY, "Ann")
    async with opened(WIDE) as pilot:
        assert await look(pilot) == untouched
        await pilot.press("a")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, PickOne)
        assert "Ann" not in shown(app_of(pilot)) + told(app_of(pilot))
        if kind is RuleKind.SECOND_CHECK:
            await pilot.press("f", "w")
            await pilot.pause()
            assert isinstance(pilot.app.screen, ScreeningScreen)
            assert list(pilot.app.screen.records.ids) == [], "what waits would be what was excluded"
            await pilot.press("f", "a")
        await pilot.press("m")
        await pilot.press("home")
        await pilot.pause()
        assert GIVEN_AWAY in shown(app_of(pilot))


async def test_who_settles_a_difference_sees_both(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.set_rule(A, Rule(RuleKind.TWO))
        review.decide(1, A, Choice.INCLUDE, "", "Ann")
        review.decide(1, A, Choice.EXCLUDE, GIVEN_AWAY, "Bob")
        assert review.record_ids(A, RecordFilter.CONFLICT) == [1]
    async with opened(WIDE) as pilot:
        seen = await look(pilot, "d")
        assert "Ann" in seen and GIVEN_AWAY in seen
        await pilot.press("a")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PickOne)
