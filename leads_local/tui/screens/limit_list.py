"""The criteria that are checked by rule: with what each says of how many reports, to be added to, taken out, and to be
told whether what is not within one is screened.

Nothing is stored before it is saved, and what would be taken out before screening is shown first; then all of it is one
step, which undo takes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from leads_local.app import limits as words
from leads_local.citations.limits import Limit
from leads_local.errors import LeadsError
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import labels
from leads_local.tui.screens.pick import Dialog, PickItem, PickOne
from leads_local.tui.session import Session

_KEYS_TOLD = (
    "x take out before screening what is not within it, or not · - take the criterion away · Tab: a new one · "
    "Ctrl+s: save · Escape: leave all as it was"
)
_HINT = "such as Language: language only English; German"
_FIELDS_TOLD = "A new one by language, year, publication type, journal country or address country; only or not:"
_APPLY = "apply"


class LimitList(Dialog):
    """Changes the limits of an open review. Returns "changed" when it has."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "exclude", "Take out before screening, or not"),
        Binding("minus", "remove", "Take away"),
        Binding("ctrl+s", "save", "Save", priority=True),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._limits = list(session.review.limits())

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled("Criteria that are checked by rule, not by the model", "bold"), markup=False)
            yield OptionList(compact=True)
            yield Static(_FIELDS_TOLD, markup=False)
            yield Input(placeholder=_HINT)
            yield Static(id="preview", markup=False)
            yield Static(Content.styled(_KEYS_TOLD, labels.MUTED), markup=False)

    def on_mount(self) -> None:
        self._show(0)
        self.query_one(OptionList if self._limits else Input).focus()

    def _show(self, place: int) -> None:
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options(map(self._option, self._limits))
        listed.highlighted = min(place, len(self._limits) - 1) if self._limits else None
        look = partial(self._look, tuple(self._limits))
        self.run_worker(look, group="preview", exclusive=True, thread=True, exit_on_error=False)

    def _look(self, limits: Sequence[Limit]) -> None:
        """What would follow from these, counted in a thread: a review may be large."""
        from leads_local.review.review import Review

        worker = get_current_worker()
        try:
            with Review.read(self._session.path) as review:
                told = words.describe_preview(review, limits) if limits else ()
        except LeadsError as error:
            told = (str(error),)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._tell, "\n".join(told))

    def _tell(self, told: str) -> None:
        if self.is_mounted:
            self.query_one("#preview", Static).update(Content.styled(safe_block(told), labels.MUTED))

    @staticmethod
    def _option(limit: Limit) -> Option:
        mark = ("  takes out", "bold $text-warning") if limit.excludes else ("  shows its answer", labels.MUTED)
        return Option(Content.assemble((safe_line(limit.name), "bold"), f"  {safe_line(limit.in_words())}", mark))

    @property
    def _place(self) -> int | None:
        return self.query_one(OptionList).highlighted

    def action_exclude(self) -> None:
        place = self._place
        if place is not None:
            self._limits[place] = replace(self._limits[place], excludes=not self._limits[place].excludes)
            self._show(place)

    def action_remove(self) -> None:
        place = self._place
        if place is not None:
            del self._limits[place]
            self._show(place)

    @on(Input.Submitted)
    def _add(self, event: Input.Submitted) -> None:
        if event.value.strip():
            limit = words.parse(event.value, ":")
            self._limits = list(words.change(self._limits, [f"{limit.name}={limit.in_words()}"]))
            event.input.value = ""
            self._show(len(self._limits) - 1)

    def action_save(self) -> None:
        review = self._session.review
        excludes = any(limit.excludes for limit in self._limits)
        then = review.preview_limits(self._limits) if excludes else None  # which reads every record
        if then is None or not then.ruled_out.keys() - review.ruled_out().keys():
            self._store()
            return
        told = "\n".join(words.preview_in_words(review, then))
        answers = [PickItem("y", "Yes: they are not screened unless a person decides them", _APPLY)]
        answers.append(PickItem("n", "No: go back to the list", ""))
        ask = PickOne("Take these out before screening?", answers, "", safe_block(told))
        self.app.push_screen(ask, lambda chosen: self._store() if chosen == _APPLY else None)

    def _store(self) -> None:
        self.dismiss("changed" if self._session.review.set_limits(self._limits) else None)
