"""Keys typed faster than the screen follows do what they do when they are typed slowly: none is lost, and none reaches
what was in view before."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot
from textual.widgets import Static

from leads_local.records import Choice, Stage
from leads_local.review.review import Review
from leads_local.tui.app import LeadsApp
from leads_local.tui.app_keys import KeysInOrder
from tests.terminal import LEADS, Terminal
from tests.tui.conftest import Opened, shown

NAMES = {" ": "space", "/": "slash", "?": "question_mark", "!": "exclamation_mark"}  # as Textual calls them


def key(name: str) -> events.Key:
    return events.Key(NAMES.get(name, name), name if len(name) == 1 else None)


# From the overview of a review. Each opens a dialog, a field, a screen or another place, and goes on typing.
TYPED = {
    "a reason by its number": ["2", "e", "1"],
    "a reason in own words": ["2", "e", "tab", *"no adults", "enter", "i"],
    "an exclusion taken back": ["2", "e", "escape", "i"],
    "a filter, and a way of screening": ["2", "w", "escape", "f", "i", "m"],
    "a search that begins with a key that decides": ["2", "/", *"insomnia trial", "enter"],
    "a search, left, then a decision": ["2", "/", *"trial 1", "escape", "m"],
    "failures, and help": ["2", "!", "escape", "e", "2", "?", "escape", "e", "3"],
    "an import of what is not there": ["i", *"no such file", "enter", "2", "i"],
    "copies": ["k", "b", "k", "r", "1", "2", "e", "0"],
    "the question": ["c", "end", *" 2i", "ctrl+s", "2", "i"],
    "a verdict, then words of one's own": ["3", "a", "e", *"12 i", "enter", "a"],
    "the paper": ["3", "v", "/", *"aspirin", "enter", "escape", "escape", "a"],
    "home, and back": ["2", "i", "0", "enter", "2", "i"],
}


async def outcome(
    opened: Opened, source: Path, folder: Path, keys: list[str], at_once: bool
) -> tuple[list[str], object]:
    """What is in view after ``keys``, and what people have decided in the file."""
    folder.mkdir()
    path = Path(shutil.copy(source, folder / "sleep.leads"))
    async with opened(path=path) as pilot:
        for name in keys:
            pilot.app.post_message(key(name))
            if not at_once:
                await settle(pilot)
        await settle(pilot)
        assert isinstance(pilot.app, LeadsApp)
        text = shown(pilot.app).replace(str(folder), "FOLDER")
    with Review.open(path) as review:
        views = [review.record(record_id) for record_id in review.record_ids(Stage.ABSTRACT)]
        said = {v.id: [(stage, d.choice, d.reason) for stage, d in v.decisions.items()] for v in views}
        verdicts = {v.id: [(o.status, o.final_text) for o in review.values(v.id)] for v in views}
    return re.sub(r"\d{4}-\d\d-\d\d.\d\d:\d\d(:\d\d)?", "TIME", text).splitlines(), (said, verdicts)


async def settle(pilot: Pilot[int]) -> None:
    """Wait until all keys have done what they do, searches in threads among it."""
    assert isinstance(pilot.app, KeysInOrder)
    async with asyncio.timeout(60):
        for _ in range(2):
            while pilot.app._key_at_work:
                await pilot.pause(0.01)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()


@pytest.mark.parametrize("keys", TYPED.values(), ids=TYPED.keys())
async def test_typed_at_once_is_typed_slowly(
    opened: Opened, extracted_path: Path, tmp_path: Path, keys: list[str]
) -> None:
    slow = await outcome(opened, extracted_path, tmp_path / "slow", keys, at_once=False)
    fast = await outcome(opened, extracted_path, tmp_path / "fast", keys, at_once=True)
    assert fast[1] == slow[1]
    assert fast[0] == slow[0]


# ---------------------------------------------------------------- a handler that never returns


class Waiting(Static, can_focus=True):
    """Waits at the key w until it is told that it is over."""

    def __init__(self) -> None:
        super().__init__()
        self.over = asyncio.Event()

    async def on_key(self, event: events.Key) -> None:
        if event.key == "w":
            await self.over.wait()


class Harness(KeysInOrder):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "count", priority=True)]
    counted = 0

    def compose(self) -> ComposeResult:
        yield Waiting()

    def action_count(self) -> None:
        self.counted += 1


async def test_a_key_that_never_ends_does_not_keep_the_others() -> None:
    app = Harness()
    async with app.run_test():
        try:
            for name in "xwx":
                app.post_message(key(name))
            await asyncio.sleep(0.5)
            assert app.counted == 1  # the second waits for the one before it, for a while
            async with asyncio.timeout(20):
                while app.counted < 2:
                    await asyncio.sleep(0.05)
        finally:
            app.query_one(Waiting).over.set()


# ---------------------------------------------------------------- from outside


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of Unix")
def test_in_a_terminal_a_reason_and_a_search_typed_in_one_go(review_path: Path) -> None:
    with Terminal([*LEADS, "open", review_path]) as terminal:
        terminal.until(lambda: b"What to do next" in terminal.seen)
        terminal.type("2e1/insomnia\rq")
        assert terminal.ended(20.0) == 0
    with Review.open(review_path) as review:
        decisions = [review.record(record_id).decisions for record_id in review.record_ids(Stage.ABSTRACT)]
    assert [(d.choice, d.reason) for by_stage in decisions for d in by_stage.values()] == [
        (Choice.EXCLUDE, "Wrong population")
    ]
