"""A work package is written, opened and taken back by keys; the screen says what it is and what is out."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input

from leads_local.records import Choice, Stage
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.packages import PackageOrder
from leads_local.review.review import Review
from leads_local.tui.app import LeadsApp
from leads_local.tui.screens.give_package import GivePackage
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.pick import TextPrompt
from tests.tui.conftest import SIZES, Opened, app_of, shown, until

A = Stage.ABSTRACT


def words(app: LeadsApp) -> str:
    """What is on the screen, however its lines are broken."""
    return " ".join(shown(app).split())


async def fill(pilot: Pilot[int], **fields: str) -> None:
    """Fill the dialog in, and write."""
    app = app_of(pilot)
    await until(pilot, lambda: isinstance(app.screen, GivePackage))
    for name, text in fields.items():
        app.screen.query_one(f"#{name}", Input).value = text
    app.screen.query_one("#reviewer", Input).focus()
    await pilot.press("enter")
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_it_is_given_out_and_comes_back(
    opened: Opened, review_path: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    file = review_path.with_name(f"{review_path.stem}-ann-b.leads")
    async with opened(size=size) as pilot:
        app = app_of(pilot)
        await pilot.press("k", "w", "a")
        await fill(pilot, reviewer="Ann [b]", which="3, 5-6")
        await until(pilot, lambda: file.exists())
        await app.workers.wait_for_complete()
        await until(
            pilot, lambda: "3 reports for Ann [b] to decide" in words(app) and "leads-local merge" in shown(app)
        )
        await pilot.pause()
    with Review.open(file) as package:
        assert [record for record, _, _ in package.named_records()] == [3, 5, 6]
        package.decide(3, A, Choice.INCLUDE, "", "Ann [b]")
    async with opened(size=size) as pilot:
        app = app_of(pilot)
        await pilot.press("k", "m")
        await until(pilot, lambda: isinstance(app.screen, TextPrompt))
        app.screen.query_one(Input).value = str(file)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen) and "From Ann [b]: 1 decision" in words(app))
    with Review.read(review_path) as review:
        assert review.given_packages()[0].back.decided == 1


async def test_the_screen_says_what_is_out_and_what_a_package_is(
    opened: Opened, review_path: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ann.leads"
    with Review.open(review_path) as review:
        review.acting = "Ben"
        review.share(file, PackageOrder("Ann", A, (3, 5)))
    async with opened(size=(140, 60)) as pilot:
        assert "Work packages given out" in words(app_of(pilot))
        assert "Ann: 2 reports, abstract stage" in words(app_of(pilot))
    file.replace(review_path)
    async with opened(size=(140, 60)) as pilot:
        assert "The work package in numbers" in words(app_of(pilot))
        assert "This is a work package for Ann: 2 of the" in words(app_of(pilot))


async def test_conflicts_go_to_who_settles_them(opened: Opened, review_path: Path, tmp_path: Path) -> None:
    with Review.open(review_path) as review:
        review.set_rule(A, Rule(RuleKind.TWO), "Ben")
        for who, choice in (("Ben", Choice.INCLUDE), ("Ann", Choice.EXCLUDE)):
            review.decide(9, A, choice, "", who)
    file = tmp_path / "cay.leads"
    async with opened() as pilot:
        await pilot.press("k", "w", "c")
        await fill(pilot, reviewer="Cay", file=str(file))
        await until(pilot, file.exists)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
    with Review.read(file) as package:
        assert {vote.reviewer for vote in package.record(9).votes[A]} == {"Ann", "Ben"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reviewer": ""}, "A reviewer's name is empty"),
        ({"reviewer": "Ann", "which": "9-3"}, "'9-3' is no number or range"),
        ({"reviewer": "Ann", "which": "nonsense"}, "says nothing that can be looked up"),
    ],
)
async def test_what_cannot_be_is_told(opened: Opened, review_path: Path, fields: dict[str, str], said: str) -> None:
    async with opened() as pilot:
        app = app_of(pilot)
        await pilot.press("k", "w", "a")
        await fill(pilot, **fields)
        await until(pilot, lambda: said in words(app))
        if isinstance(app.screen, GivePackage):
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
    assert [one.name for one in review_path.parent.glob("*.leads")] == [review_path.name]


async def test_a_box_that_is_not_chosen_has_no_cross(opened: Opened) -> None:
    """Its colour alone would say so to nobody who sees none."""
    async with opened() as pilot:
        pilot.app.push_screen(GivePackage(str(A), Path("knee.leads")))
        await pilot.pause()
        box = pilot.app.screen.query_one("#scores", Checkbox)
        assert "X" not in str(box.render())
        box.toggle()
        await pilot.pause()
        assert "X" in str(box.render())
        box.toggle()
        await pilot.pause()
        assert "X" not in str(box.render())
