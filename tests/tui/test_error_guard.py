"""Errors become sentences; only faults of ours are written down, and not being able to write them down is no error."""

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from leads_local import paths
from leads_local.errors import ReviewError
from leads_local.tui import error_guard
from leads_local.tui.error_guard import Guarded


def boom() -> Exception:
    try:
        raise KeyError("boom \ud800")
    except KeyError as error:
        return error


def test_an_error_for_people_is_said_as_it_is_and_not_logged() -> None:
    assert (
        error_guard.error_sentence(ReviewError("a.leads: is locked.", "Try again.")) == "a.leads: is locked. Try again."
    )
    assert not paths.log_file().exists()


def test_a_fault_is_logged_with_its_traceback_and_said_in_one_sentence() -> None:
    said = error_guard.error_sentence(boom())
    assert str(paths.log_file()) in said
    assert "boom" not in said
    error_guard.error_sentence(boom())
    log = paths.log_file().read_text(encoding="utf-8")
    assert log.count("Traceback") == 2
    assert "boom" in log


def test_a_log_that_cannot_be_written_is_no_error() -> None:
    paths.log_file().mkdir(parents=True)
    assert error_guard.error_sentence(boom())


def test_an_account_without_a_home_folder_has_no_log(homeless: None) -> None:
    assert "could not be written to a log file" in error_guard.error_sentence(boom())


class Fragile(Guarded, Static):
    def on_click(self) -> None:
        raise ValueError("clicked")

    def key_x(self) -> None:
        self.update("still alive")


class Harness(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.reported: list[Exception] = []

    def report(self, error: Exception) -> None:
        self.reported.append(error)

    def compose(self) -> ComposeResult:
        fragile = Fragile("whole")
        fragile.can_focus = True
        yield fragile


async def test_a_widget_lives_on_after_its_handler_failed() -> None:
    app = Harness()
    async with app.run_test() as pilot:
        fragile = app.query_one(Fragile)
        fragile.focus()
        await pilot.click(fragile)
        await pilot.click(fragile)
        await pilot.press("x")
        assert [str(error) for error in app.reported] == ["clicked", "clicked"]
        assert str(fragile.render()) == "still alive"


@pytest.mark.parametrize("text", ["[red]x[/]", "[@click=app.quit]x[/]"])
def test_a_sentence_keeps_what_looks_like_markup(text: str) -> None:
    assert error_guard.error_sentence(ReviewError(text)) == text
