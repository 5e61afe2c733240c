"""Copies, going back, checking, upgrading, and another version in the review's place: all with keys."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from leads_local.config import Settings
from leads_local.records import Choice, Stage
from leads_local.review import backups, opening
from leads_local.review.database import DamagedReview, ReviewReplaced
from leads_local.review.review import Review
from leads_local.tui import app_reviews
from leads_local.tui.app import LeadsApp, run_ui
from leads_local.tui.messages import ReviewChosen
from leads_local.tui.screens.home import HomeScreen
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.pick import PickOne
from leads_local.tui.screens.report import ReportScreen
from leads_local.tui.screens.screening import ScreeningScreen
from tests.review import old_reviews
from tests.tui.conftest import SIZES, Opened, app_of, shown, told, until


def decided_by_ben(review: Path, folder: Path) -> Path:
    """A copy of the review in which Ben has included record 9."""
    version = Path(shutil.copy(review, folder / "version.leads"))
    with Review.open(version) as other:
        other.decide(9, Stage.ABSTRACT, Choice.INCLUDE, "", "Ben")
    return version


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_a_copy_is_made_and_gone_back_to(opened: Opened, review_path: Path, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        app = app_of(pilot)
        await pilot.press("k", "b")
        await pilot.pause()
        assert "A copy was made" in shown(app)
        (copy,) = backups.list_copies(review_path)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScreeningScreen))
        await pilot.press("i")
        await pilot.pause()
        with Review.open(review_path) as review:
            assert review.counts().sought == 1
        await pilot.press("1")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
        await pilot.press("k", "r")
        await pilot.pause()
        assert "by hand" in shown(app)
        await pilot.press("1")
        await until(
            pilot, lambda: isinstance(app.screen, OverviewScreen) and "with 0 of 20 records decided" in told(app)
        )
        with Review.open(review_path) as review:
            assert review.counts().sought == 0
        kept = next(one for one in backups.list_copies(review_path) if one.why == "before-restore")
        with Review.open(kept.path) as review:
            assert review.counts().sought == 1
        assert copy.path.exists()


async def test_the_file_is_checked(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("k", "c")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "sleep.leads is sound" in shown(app_of(pilot))


async def test_without_copies_there_is_none_to_go_back_to(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("k", "r")
        await pilot.pause()
        assert "no copies" in told(app_of(pilot))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_a_version_in_its_place_is_noticed_and_what_was_said_put_back(
    opened: Opened, review_path: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    version = decided_by_ben(review_path, tmp_path)
    async with opened(size=size) as pilot:
        app = app_of(pilot)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScreeningScreen))
        await pilot.press("i")
        await pilot.pause()
        os.replace(version, review_path)  # noqa: PTH105
        await until(pilot, lambda: "Another version of this review" in shown(app))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen) and "put back" in told(app))
        with Review.open(review_path) as there:
            counts = there.counts()
            assert counts.sought == 2  # Ben's and the one from before
        assert "1 put back" in told(app) and "not put back yet" not in told(app)


async def test_ones_own_version_is_put_back(opened: Opened, review_path: Path, tmp_path: Path) -> None:
    version = decided_by_ben(review_path, tmp_path)
    async with opened() as pilot:
        app = app_of(pilot)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScreeningScreen))
        await pilot.press("i")
        await pilot.pause()
        os.replace(version, review_path)  # noqa: PTH105
        await until(pilot, lambda: "Another version of this review" in shown(app))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen) and "version is back" in told(app))
        with Review.open(review_path) as there:
            assert there.counts().sought == 1
        other_one = next(one for one in backups.list_copies(review_path) if one.why == "before-restore")
        with Review.open(other_one.path) as there:
            assert there.record(9).decisions[Stage.ABSTRACT].reviewer == "Ben"


async def test_what_was_not_put_back_at_once_is_offered_again(
    opened: Opened, review_path: Path, tmp_path: Path
) -> None:
    version = decided_by_ben(review_path, tmp_path)
    with Review.open(review_path) as review:
        review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "", "Kim")
        os.replace(version, review_path)  # noqa: PTH105
        with pytest.raises(ReviewReplaced):
            review.check_same()
    async with opened() as pilot:
        assert "not put back yet" in told(app_of(pilot))
        await pilot.press("k", "p")
        await pilot.pause()
        with Review.open(review_path) as there:
            assert there.record(1).decisions[Stage.ABSTRACT].choice is Choice.EXCLUDE
            assert not there.notices


async def test_a_review_whose_folder_is_gone(opened: Opened, review_path: Path, home: Path) -> None:
    folder = review_path.parent / "reviews"
    folder.mkdir()
    path = Path(shutil.move(review_path, folder / "sleep.leads"))
    async with opened(path=path) as pilot:
        app = app_of(pilot)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScreeningScreen))
        await pilot.press("i")
        await pilot.pause()
        shutil.rmtree(folder)
        await until(pilot, lambda: "not there any more" in shown(app))
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))
        assert app.session is None
    (copy,) = (home / "data" / "rescued").glob("*.leads")
    with Review.open(copy) as kept:
        assert kept.counts().sought == 1


@pytest.mark.parametrize("answer", ["u", "n", "l"])
async def test_an_older_review_is_upgraded_only_when_asked(opened: Opened, tmp_path: Path, answer: str) -> None:
    old_reviews.make(path := tmp_path / "old.leads", 2)
    before = path.read_bytes()
    async with opened(path=None) as pilot:
        app = app_of(pilot)
        app.post_message(ReviewChosen(path))
        await until(pilot, lambda: isinstance(app.screen, PickOne))
        assert "earlier version" in shown(app)
        await pilot.press(answer)
        if answer == "n":
            await until(pilot, lambda: isinstance(app.screen, HomeScreen))
            assert path.read_bytes() == before
            return
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
        if answer == "u":
            assert "it is kept as" in told(app)
        else:
            await nothing_can_be_changed(pilot)
            assert path.read_bytes() == before


async def nothing_can_be_changed(pilot: Pilot[int]) -> None:
    """A review that is only looked at is shown, and neither a key nor the model's work changes it."""
    app = app_of(pilot)
    assert "can only be read" in told(app)
    await pilot.press("s")
    await pilot.pause()
    assert told(app).count("can only be read") == 2  # when it was opened, and now
    await pilot.press("g")
    await app.workers.wait_for_complete()
    await pilot.pause()
    assert "can't be changed: it " in " ".join(shown(app).split())
    await pilot.press("2")
    await until(pilot, lambda: isinstance(app.screen, ScreeningScreen))
    await pilot.press("i")
    await until(pilot, lambda: "can't be changed: it " in told(app))
    await pilot.press("1")
    await until(pilot, lambda: isinstance(app.screen, OverviewScreen))


@pytest.fixture
def damaged(review_path: Path) -> Path:
    raw = sqlite3.connect(review_path, isolation_level=None)
    raw.execute("DROP TRIGGER citation_keep")
    raw.execute("UPDATE citation SET title = 'Another title' WHERE record_id = 2")
    raw.close()
    return review_path


async def test_a_damaged_review_is_looked_at_and_exported(opened: Opened, damaged: Path, tmp_path: Path) -> None:
    """With what the command line says of it."""
    before = damaged.read_bytes()
    with pytest.raises(DamagedReview) as caught:
        Review.open(damaged)
    async with opened(path=None) as pilot:
        app = app_of(pilot)
        app.post_message(ReviewChosen(damaged))
        await until(pilot, lambda: isinstance(app.screen, PickOne))
        assert "".join(caught.value.hint.split()) in "".join(shown(app).replace("│", "").split())
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
        assert "is read as far as that is possible" in told(app)
        await nothing_can_be_changed(pilot)
        await pilot.press("e", "t")
        await pilot.pause()
        app.screen.query_one(Input).value = str(tmp_path / "tables")
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await until(pilot, lambda: "damaged review is not in them" in " ".join(shown(app).split()))
        assert isinstance(app.screen, ReportScreen)
    assert (tmp_path / "tables" / "records.csv").exists()
    assert damaged.read_bytes() == before


async def test_a_damaged_review_that_is_named_at_the_start_is_asked_about(damaged: Path) -> None:
    app = LeadsApp(Settings(), first=damaged)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, PickOne))
        assert "is damaged" in shown(app)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))


def test_run_ui_begins_with_what_there_is_to_ask(damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Path | None] = []
    monkeypatch.setattr("leads_local.ending.watch_terminal", lambda: None)  # tests have none
    monkeypatch.setattr(LeadsApp, "run", lambda app: begun.append(app._first))
    assert run_ui(damaged, Settings()) == 0
    assert begun == [damaged]


async def test_from_a_damaged_review_one_goes_back_to_a_copy(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.back_up()
    review_path.write_bytes(review_path.read_bytes()[:9000])
    async with opened(path=None) as pilot:
        app = app_of(pilot)
        app.post_message(ReviewChosen(review_path))
        await until(pilot, lambda: isinstance(app.screen, PickOne))
        await pilot.press("r")
        await pilot.pause()
        await pilot.press("1")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
        assert "with 0 of 20 records decided" in told(app)
    with Review.open(review_path) as review:
        assert review.counts().identified == 20


async def test_a_review_that_can_only_be_read_is_shown_and_says_so(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK)
    async with opened() as pilot:
        app = app_of(pilot)
        assert "can only be read" in told(app)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScreeningScreen))
        await pilot.press("i")
        await pilot.pause()
        assert "can't be changed" in told(app)


async def test_where_a_review_lies_is_told_at_its_first_opening(opened: Opened, review_path: Path) -> None:
    (review_path.parent / ".stfolder").mkdir()
    for times in (1, 0):
        async with opened() as pilot:
            assert told(app_of(pilot)).count("kept in step with other computers by Syncthing") == times


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_a_copy_is_merged(opened: Opened, review_path: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    version = decided_by_ben(review_path, tmp_path)
    async with opened(size=size) as pilot:
        app = app_of(pilot)
        await pilot.press("k", "m")
        await pilot.pause()
        app.screen.query_one(Input).value = str(version)
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await until(pilot, lambda: "Merging: done." in shown(app))
        assert "Ben: 1 decision" in shown(app)
    with Review.open(review_path) as review:
        assert review.record(9).decisions[Stage.ABSTRACT].reviewer == "Ben"


def exchange_in_next_commit(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    note_commit = review.db._note_commit

    def exchange(following: tuple[int, int] | None) -> None:
        monkeypatch.setattr(review.db, "_note_commit", note_commit)
        data = review.path.read_bytes()
        at = data.index(b"sleep")
        review.path.write_bytes(data[:at] + b"SLEEP" + data[at + 5 :])
        note_commit(following)

    monkeypatch.setattr(review.db, "_note_commit", exchange)


@pytest.mark.parametrize("idle", [True, False])
async def test_bytes_exchanged_inside_a_commit_are_told(
    opened: Opened, review_path: Path, monkeypatch: pytest.MonkeyPatch, idle: bool
) -> None:
    """When nobody types any more; else when the review is closed."""
    monkeypatch.setattr(app_reviews, "_IDLE_SECONDS", -1.0 if idle else 1e9)
    async with opened() as pilot:
        app = app_of(pilot)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScreeningScreen))
        assert app.session is not None
        exchange_in_next_commit(app.session.review, monkeypatch)
        await pilot.press("i")
        await pilot.pause()
        if idle:
            await until(pilot, lambda: "a part of one" in shown(app))
            assert "is damaged" in shown(app)
            await pilot.press("l")
        else:
            app._look()
            await pilot.press("0")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen) and app.session is None)
        assert idle or "is damaged" in told(app)
    (kept,) = review_path.parent.glob("*.rescued-*.jsonl")
    assert '"include"' in kept.read_text()


async def test_a_look_at_a_sound_file_is_made_once(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Path] = []
    find = opening.find_damage_aside

    def noted(path: Path) -> list[str] | None:
        looks.append(path)
        return find(path)

    monkeypatch.setattr(opening, "find_damage_aside", noted)
    monkeypatch.setattr(app_reviews, "_IDLE_SECONDS", -1.0)
    async with opened() as pilot:
        app = app_of(pilot)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ScreeningScreen))
        for number in (1, 2):
            await pilot.press("i")
            await pilot.pause()
            app._look()
            await until(pilot, lambda: not app._looking_whole)
            app._look()
            assert len(looks) == number
            assert app.session is not None and not app.session.review.said_since_look()
