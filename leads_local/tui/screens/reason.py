"""Why a record is excluded: one of the review's reasons by its key, own words, or (by its abstract) none. Escape takes
the exclusion back unmade.

A full text that could not be had excludes nothing; it can be said here, where people look for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from leads_local.records import Stage
from leads_local.review.reasons import NOT_RETRIEVED, Reason
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.screens.pick import Dialog

_NONE = Reason("0", "")
_MISSING = Reason("-", NOT_RETRIEVED)


class ReasonDialog(Dialog):
    """Returns the reason, "" for none given, ``NOT_RETRIEVED`` when there is no full text to exclude, None when the
    record is not to be excluded after all."""

    def __init__(self, reasons: Sequence[Reason], title: str, stage: Stage) -> None:
        super().__init__()
        self._optional = stage is Stage.ABSTRACT
        self._reasons = [*([_NONE] if self._optional else []), *reasons, *([] if self._optional else [_MISSING])]
        self._title = title

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            head = Content.styled("Exclude: why?", "bold")
            yield Static(head, markup=False)
            yield Static(Content.styled(safe_line(self._title), labels.MUTED), markup=False, classes="one-line")
            yield OptionList(*map(self._option, self._reasons), compact=True)
            yield Input(placeholder="or Tab, and in your own words")
            yield Static(Content.styled("A key or Enter excludes. Escape: don't exclude.", labels.MUTED), markup=False)

    @staticmethod
    def _option(reason: Reason) -> Option:
        text = "Give no reason" if reason is _NONE else safe_line(reason.text)
        key = reason.key if len(reason.key) == 1 else " "  # the others are chosen with the arrows
        note = "  not retrieved; no exclusion" if reason is _MISSING else ""
        return Option(Content.assemble((f"{key}  ", "bold $text-accent"), text, (note, labels.MUTED)))

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0

    def on_key(self, event: events.Key) -> None:
        if self.query_one(Input).has_focus:
            return
        for reason in self._reasons:
            if reason.key and event.character == reason.key:
                event.stop()
                self.dismiss(reason.text)
                return

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._reasons[event.option_index].text)

    @on(Input.Submitted)
    def _own_words(self, event: Input.Submitted) -> None:
        if self._optional or event.value.strip():
            self.dismiss(event.value.strip())
