"""Help and the command palette name every key of every screen, because both are made from the bindings."""

from __future__ import annotations

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.widgets import Input, Static

from leads_local.records import Choice, Stage
from leads_local.review.review import Review
from leads_local.tui.commands import list_commands, shown_key
from leads_local.tui.screens.help import GLOSSARY, HelpScreen
from tests.tui.conftest import NARROW, WIDE, Opened, app_of, shown


@pytest.mark.parametrize("place", ["1", "2", "3"])
async def test_every_key_of_a_screen_is_explained_and_each_key_means_one_thing(opened: Opened, place: str) -> None:
    async with opened() as pilot:
        await pilot.press(place)
        app = app_of(pilot)
        listed = list(list_commands(app, app.screen))
        bindings = [
            b for cls in type(app.screen).__mro__ for b in cls.__dict__.get("BINDINGS", ()) if isinstance(b, Binding)
        ]
        ours = [
            b
            for b in bindings
            if b.action.split("(")[0] in dir(type(app.screen))
            or hasattr(app.screen, f"action_{b.action.split('(')[0]}")
        ]
        unexplained = [
            b.key
            for b in ours
            if not b.tooltip and b.description and type(app.screen).__module__.startswith("leads_local")
        ]
        assert set(unexplained) <= {"tab", "shift+tab", "ctrl+c,super+c"}
        keys = [key for command in listed if command.node is app.screen for key in command.key.split(" or ")]
        assert len(keys) == len(set(keys))
        assert [command.key for command in listed if command.action == "quit"] == ["q or Ctrl+q"]


@pytest.mark.parametrize(("size", "key"), [(NARROW, "question_mark"), (WIDE, "f1")], ids=["80x24", "140x40"])
async def test_help_explains_keys_and_words(opened: Opened, size: tuple[int, int], key: str) -> None:
    async with opened(size=size) as pilot:
        await pilot.press("2", key)
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, HelpScreen)
        assert "Include this record" in shown(app_of(pilot))
        assert len(screen.query(Static)) >= 4
        await pilot.press("end")
        await pilot.pause()
        assert GLOSSARY[-1][0] in shown(app_of(pilot))
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, HelpScreen)


async def test_the_palette_does_what_the_key_does(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("2")
        first = app_of(pilot).session
        assert first is not None
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert isinstance(pilot.app.screen, CommandPalette)
        pilot.app.screen.query_one(Input).value = "Maybe"
        await pilot.pause(0.5)
        await pilot.press("enter", "enter")
        await pilot.pause()
        with Review.open(first.path) as review:
            decided = [review.record(i).decisions.get(Stage.ABSTRACT) for i in review.record_ids(Stage.ABSTRACT)[:1]]
        assert [d.choice for d in decided if d] == [Choice.MAYBE]


def test_keys_are_shown_as_they_stand_on_the_keyboard() -> None:
    assert shown_key("question_mark,f1") == "? or F1"
    assert shown_key("q,ctrl+q") == "q or Ctrl+q"
    assert shown_key("pagedown,space") == "PgDn or Space"
