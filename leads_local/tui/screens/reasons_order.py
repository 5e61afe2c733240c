"""The review's reasons for exclusion in the order in which they count: to be put in another order, added to, retired.

Nothing is stored before it is saved; then all of it is one step, which undo takes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from leads_local.review.reasons import LONGEST_TEXT, Reason, new_key
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.screens.changing import ChangingDialog
from leads_local.tui.session import Session


class ReasonsOrder(ChangingDialog):
    """Changes the list of an open review. A reason keeps its key wherever it stands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "move(-1)", "Earlier"),
        Binding("minus", "move(1)", "Later"),
        Binding("r", "retire", "Retire or use again"),
    ]
    heading = "Reasons for exclusion: the first that applies counts"
    keys_told = "+ up · - down · r retire or use again · Tab: a new one · Ctrl+s: save · Escape: leave all as it was"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._reasons = list(session.review.reasons())

    def below(self) -> Iterable[Widget]:
        yield Input(placeholder="a new reason; Enter adds it at the end", max_length=LONGEST_TEXT)

    def options(self) -> Sequence[Option]:
        return [self._option(reason) for reason in self._reasons]

    @staticmethod
    def _option(reason: Reason) -> Option:
        note = "  retired" if reason.retired else ""
        style = labels.MUTED if reason.retired else ""
        key = (f"{reason.key}  ", "bold $text-accent")
        return Option(Content.assemble(key, Content.styled(safe_line(reason.text), style), (note, labels.MUTED)))

    @property
    def _place(self) -> int | None:
        return self.query_one(OptionList).highlighted

    def action_move(self, step: int) -> None:
        place = self._place
        if place is not None and 0 <= place + step < len(self._reasons):
            self._reasons.insert(place + step, self._reasons.pop(place))
            self.show(place + step)

    def action_retire(self) -> None:
        place = self._place
        if place is not None:
            self._reasons[place] = replace(self._reasons[place], retired=not self._reasons[place].retired)
            self.show(place)

    @on(Input.Submitted)
    def _add(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text:
            self._reasons.append(Reason(new_key(self._reasons), text))
            event.input.value = ""
            self.show(len(self._reasons) - 1)

    def action_save(self) -> None:
        self._session.review.set_reasons(self._reasons)
        self.dismiss(None)
