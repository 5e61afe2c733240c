"""Importing on the screen: a table whose columns are not known is asked about, with its first rows."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input, TextArea

from leads_local.app.citations import FIELDS
from leads_local.tui.screens.column_list import _KEYS, ColumnList
from leads_local.tui.screens.search_form import SearchForm
from tests.tui.conftest import WIDE, Opened, app_of, shown, told
from tests.tui.test_lists import review_of, text_of

TABLE = "Arbeit;Fazit;Ort\nGehen [b]für[/b] Knie;Wir teilten zu.;Bonn\n"


async def test_a_table_with_columns_that_are_not_known_is_asked_about(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text(TABLE, encoding="utf-8")
    async with opened(size=WIDE) as pilot:
        before = review_of(pilot).counts().identified
        await pilot.press("i")
        await pilot.pause()
        pilot.app.screen.query_one(Input).value = str(tmp_path / "some.csv")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ColumnList)
        assert "One column has to hold the titles" in text_of(pilot)
        assert "Arbeit not known Gehen [b]für[/b] Knie" in text_of(pilot)
        await pilot.press("ctrl+s")
        assert isinstance(pilot.app.screen, ColumnList), "without titles nothing is imported"
        for key, (_, words) in zip(_KEYS, FIELDS, strict=True):
            assert key in words.lower(), "each is chosen by a letter of its words"
        await pilot.press("enter", "t", "down", "enter", "a")
        await pilot.pause()
        assert "Fazit abstract Wir teilten zu." in text_of(pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SearchForm)
        await pilot.press("escape")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        review = review_of(pilot)
        assert review.counts().identified == before + 1
        assert review.citation(before + 1).abstract == "Wir teilten zu."
        assert "Ort" in shown(app_of(pilot))


async def test_a_record_is_typed_by_hand(opened: Opened) -> None:
    async with opened(size=WIDE) as pilot:
        before = review_of(pilot).counts().identified
        await pilot.press("m")
        await pilot.pause()
        pilot.app.screen.query_one("#title", Input).value = "Rowing [b]for[/b] knees"
        pilot.app.screen.query_one("#year", Input).value = "long ago"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "“long ago” is no year" in told(app_of(pilot))
        pilot.app.screen.query_one("#year", Input).value = "2021"
        pilot.app.screen.query_one("#abstract", TextArea).text = "We asked 84 adults."
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert f"Record {before + 1} was added: Rowing [b]for[/b] knees" in told(app_of(pilot))
        assert review_of(pilot).citation(before + 1).abstract == "We asked 84 adults."
        assert f"{before + 1:,}" in text_of(pilot)
