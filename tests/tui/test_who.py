"""Who is at the keyboard is asked before a review is first worked on."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from leads_local import config
from leads_local.config import Settings
from leads_local.records import Choice, Stage
from leads_local.review.review import Review
from leads_local.tui.app import LeadsApp
from leads_local.tui.messages import ReviewChosen
from leads_local.tui.screens.home import HomeScreen
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.who import NameDialog
from tests.tui.conftest import Opened, shown, told

NOBODY = Settings(keep_awake=False)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "root")
    monkeypatch.delenv("LEADS_LOCAL_REVIEWER")


async def test_a_person_is_asked_once_and_known_from_then_on(opened: Opened, review_path: Path) -> None:
    async with opened(settings=NOBODY) as pilot:
        assert isinstance(pilot.app.screen, NameDialog) and isinstance(pilot.app, LeadsApp)
        assert "root" not in shown(pilot.app)
        await pilot.press("enter")
        await pilot.pause()
        assert "A reviewer's name is empty." in shown(pilot.app)
        await pilot.press(*" Ana ", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, OverviewScreen)
        assert config.load().reviewer == "Ana"
        await pilot.press("2", "i")
        await pilot.pause()
        assert pilot.app.session is not None
        record = pilot.app.session.review.record_ids(Stage.ABSTRACT)[0]
        with Review.read(review_path) as there:
            assert there.record(record).votes[Stage.ABSTRACT][0].reviewer == "Ana"
        await pilot.press("0")
        await pilot.pause()
        pilot.app.post_message(ReviewChosen(review_path))
        await pilot.pause()
        await pilot.pause()
        assert isinstance(pilot.app.screen, OverviewScreen), "not asked again"


async def test_an_account_of_a_person_is_offered_and_not_taken(
    opened: Opened, review_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "meier")
    with Review.open(review_path) as review:
        review.decide(review.record_ids(Stage.ABSTRACT)[0], Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ben")
    async with opened(settings=NOBODY) as pilot:
        assert isinstance(pilot.app, LeadsApp) and pilot.app.session is not None
        assert "meier" in shown(pilot.app)
        assert any("there are so far: Ben." in str(part.content) for part in pilot.app.screen.query(Static))
        assert pilot.app.session.review.acting == ""
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.session.review.acting == "meier"


async def test_who_does_not_say_goes_back_to_the_list_of_reviews(opened: Opened) -> None:
    async with opened(settings=NOBODY) as pilot:
        assert isinstance(pilot.app, LeadsApp)
        await pilot.press("escape")
        for _ in range(50):
            await pilot.pause(0.02)
            if isinstance(pilot.app.screen, HomeScreen):
                break
        assert isinstance(pilot.app.screen, HomeScreen)
        assert pilot.app.session is None
        assert "You can work on a review once you have a name" in told(pilot.app)
        assert config.load().reviewer == ""


async def test_a_review_that_is_only_read_asks_nobody(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Review, "writable", property(lambda review: False))
    async with opened(settings=NOBODY) as pilot:
        assert isinstance(pilot.app.screen, OverviewScreen)


async def test_a_name_like_anothers_is_pointed_out(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.decide(review.record_ids(Stage.ABSTRACT)[0], Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ána")
    async with opened(settings=Settings(reviewer="ana", keep_awake=False)) as pilot:
        assert isinstance(pilot.app, LeadsApp)
        assert "this review has a reviewer 'Ána': the two count as two people" in told(pilot.app)
