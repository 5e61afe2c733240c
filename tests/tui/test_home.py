"""Beginning without a review: the ones opened last, one by its path, or a new one made from its question."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from leads_local.errors import InputError
from leads_local.records import Criterion, Question, Stage
from leads_local.review.review import Review
from leads_local.tui import recent
from leads_local.tui.screens import question
from leads_local.tui.screens.home import HomeScreen
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.question import EditQuestion, NewReview
from tests.tui.conftest import HOSTILE, SIZES, Opened, app_of, shown, told


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_recent_reviews_are_listed_by_name_and_enter_opens(
    opened: Opened, review_path: Path, size: tuple[int, int]
) -> None:
    odd = review_path.with_name("[red]x[ ].leads")
    odd.write_bytes(review_path.read_bytes())
    for path in (odd, review_path):
        recent.remember(path)
    async with opened(path=None, size=size) as pilot:
        text = shown(app_of(pilot))
        assert "[red]x[ ]" in text
        assert "sleep" in text
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, OverviewScreen)


async def test_a_review_is_opened_by_its_path(opened: Opened, review_path: Path) -> None:
    async with opened(path=None) as pilot:
        assert "No review yet" in shown(app_of(pilot))
        await pilot.press("o")
        pilot.app.screen.query_one(Input).value = f"'{review_path}'"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, OverviewScreen)


@pytest.mark.parametrize("name", [*HOSTILE[:3], "none.leads", "notes.txt"])
async def test_what_is_no_review_is_one_sentence(opened: Opened, tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("not a review", encoding="utf-8")
    async with opened(path=None) as pilot:
        await pilot.press("o")
        pilot.app.screen.query_one(Input).value = str(tmp_path / name)
        await pilot.press("enter")
        await pilot.pause()
        assert name.split("/")[0] in told(app_of(pilot))
        assert isinstance(pilot.app.screen, HomeScreen)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_a_new_review_is_made_from_its_question(opened: Opened, tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(path=None, size=size) as pilot:
        await pilot.press("n")
        await pilot.pause()
        form = pilot.app.screen
        assert isinstance(form, NewReview)
        for label in ("Population", "Intervention", "Comparison", "Outcome", "Further criteria", "File"):
            assert label in shown(app_of(pilot))
        form.query_one("#title", Input).value = "[b]Sleep[/]"
        form.query_one("#population", Input).value = "Adults"
        form.query_one("#criteria", TextArea).text = "Design: randomised"
        form.query_one("#file", Input).value = str(tmp_path / "new")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, OverviewScreen)
        assert "[b]Sleep[/]" in shown(app_of(pilot))
    with Review.open(tmp_path / "new.leads") as review:
        assert review.question == Question("[b]Sleep[/]", "Adults")
        assert [(c.name, c.text) for c in review.criteria()] == [("Population", "Adults"), ("Design", "randomised")]


async def test_a_question_without_criteria_is_refused_and_nothing_is_made(opened: Opened, tmp_path: Path) -> None:
    async with opened(path=None) as pilot:
        await pilot.press("n")
        pilot.app.screen.query_one("#file", Input).value = str(tmp_path / "new")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "no criterion yet" in told(app_of(pilot))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, HomeScreen)
    assert not (tmp_path / "new.leads").exists()


async def test_the_question_of_an_open_review_can_be_changed(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.set_criteria([Criterion("Length", "12 weeks or more")], Stage.FULLTEXT)
    async with opened() as pilot:
        await pilot.press("c")
        await pilot.pause()
        form = pilot.app.screen
        assert isinstance(form, EditQuestion)
        assert form.query_one("#criteria", TextArea).text == "Design: Randomised trial"
        form.query_one("#comparison", Input).value = ""
        form.query_one("#criteria", TextArea).text = "Design: Any trial\n\nLanguage: English"
        await pilot.press("ctrl+s")
        await pilot.pause()
    with Review.open(review_path) as review:
        names = ["Population", "Intervention", "Outcome", "Design", "Language"]
        assert [c.name for c in review.criteria()] == names
        assert [c.name for c in review.criteria(Stage.FULLTEXT)] == [*names, "Length"]


# ---------------------------------------------------------------- what is typed


def test_a_file_is_named_after_the_title_and_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert question.new_review_path("", "Sleep & Exercise: a review") == Path("sleep---exercise--a-review.leads")
    assert question.new_review_path("", "") == Path("review.leads")
    assert question.new_review_path("a.b", "x") == Path("a.b.leads")
    Path("taken.leads").touch()
    for text in ("taken", "no/such/folder/new"):
        with pytest.raises(InputError):
            question.new_review_path(text, "x")
