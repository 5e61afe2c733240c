"""Small questions: one of a few choices, or one line of text. Each can be left with Escape, which changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.error_guard import Guarded

_CHOOSES = "Enter chooses, Escape leaves all as it is."
NUMBER_KEYS = "123456789"
"""Keys for the lines of a list of that many at most."""


@dataclass(frozen=True, slots=True)
class PickItem:
    """One answer: the key that gives it at once, its words, and what the dialog returns for it."""

    key: str
    label: str
    value: str


class Dialog(Guarded, ModalScreen[str | None]):
    """A box in the middle; Escape closes it with None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss_none", "Cancel")]

    def action_dismiss_none(self) -> None:
        self.dismiss(None)


class PickOne(Dialog):
    """One of a few choices, by its key or with the arrows and Enter. A long explanation is scrolled, so that the
    choices stay in sight."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "read(1)", "Read on", priority=True, show=False),
        Binding("pageup", "read(-1)", "Read back", priority=True, show=False),
    ]

    def __init__(self, question: str, choices: Sequence[PickItem], current: str = "", explanation: str = "") -> None:
        super().__init__()
        self._question = question
        self._explanation = explanation
        self._choices = list(choices)
        self._current = current

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog explained" if self._explanation else "dialog"):
            yield Static(Content.styled(safe_line(self._question), "bold"), markup=False)
            if self._explanation:
                with VerticalScroll(can_focus=False, id="explanation"):
                    yield Static(Content(self._explanation), markup=False)
            options = [
                Option(Content.assemble((f"{choice.key}  ", "bold $text-accent"), safe_line(choice.label)))
                for choice in self._choices
            ]
            yield OptionList(*options, compact=True)
            yield Static(Content.styled(_CHOOSES, labels.MUTED), id="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self.call_after_refresh(self._tell_of_more)
        options = self.query_one(OptionList)
        options.highlighted = next((i for i, choice in enumerate(self._choices) if choice.value == self._current), 0)

    def _tell_of_more(self) -> None:
        if any(told.max_scroll_y for told in self.query(VerticalScroll)):
            self.query_one("#keys", Static).update(Content.styled(f"{_CHOOSES} PgDn reads on.", labels.MUTED))

    def action_read(self, direction: int) -> None:
        for told in self.query(VerticalScroll):
            told.scroll_relative(y=direction * max(1, told.size.height - 1), animate=False)

    def on_key(self, event: events.Key) -> None:
        for choice in self._choices:
            if event.character == choice.key:
                event.stop()
                self.dismiss(choice.value)
                return

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].value)


class TextPrompt(Dialog):
    """One line of text. An empty answer counts as one; Escape doesn't."""

    def __init__(self, question: str, explanation: str = "", value: str = "") -> None:
        super().__init__()
        self._question = question
        self._explanation = explanation
        self._value = value

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(safe_line(self._question), "bold"), markup=False)
            if self._explanation:
                yield Static(Content(self._explanation), markup=False)
            yield Input(value=safe_line(self._value))
            yield Static(Content.styled("Enter accepts, Escape leaves all as it is.", labels.MUTED), markup=False)

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
