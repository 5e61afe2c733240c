"""Why a record is excluded: one of the reasons offered by its number, own words, or none. Escape takes the exclusion
back unmade."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.screens.pick import Dialog

_KEYS = 9


class ReasonDialog(Dialog):
    """Returns the reason, "" for none given, None when the record is not to be excluded after all."""

    def __init__(self, reasons: Sequence[str], title: str) -> None:
        super().__init__()
        self._reasons = list(reasons)
        self._title = title

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            head = Content.styled("Exclude: why?", "bold")
            yield Static(head, markup=False)
            yield Static(Content.styled(safe_line(self._title), labels.MUTED), markup=False, classes="one-line")
            options = [Option(Content.assemble(("0  ", "bold $text-accent"), "Give no reason"))]
            for number, reason in enumerate(self._reasons, 1):
                key = str(number) if number <= _KEYS else " "  # the others are chosen with the arrows
                options.append(Option(Content.assemble((f"{key}  ", "bold $text-accent"), safe_line(reason))))
            yield OptionList(*options, compact=True)
            yield Input(placeholder="or Tab, and in your own words")
            yield Static(
                Content.styled("A number or Enter excludes. Escape: don't exclude.", labels.MUTED), markup=False
            )

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0

    def on_key(self, event: events.Key) -> None:
        if self.query_one(Input).has_focus or event.character is None or not event.character.isdecimal():
            return
        number = int(event.character)
        if number <= len(self._reasons):
            event.stop()
            self._leave(number)

    def _leave(self, number: int) -> None:
        self.dismiss("" if number == 0 else self._reasons[number - 1])

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self._leave(event.option_index)

    @on(Input.Submitted)
    def _own_words(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
