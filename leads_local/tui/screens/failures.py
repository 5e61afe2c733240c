"""What the model could not answer: which record, which question, why, and what it wrote instead."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from leads_local.review.read_models import ModelFailure
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui.error_guard import Guarded
from leads_local.tui.session import Session

_SHOWN = 500


class FailuresScreen(Guarded, ModalScreen[bool]):
    """A list, and beneath it all that is known of the failure under the cursor. Returns whether to ask again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,exclamation_mark", "leave", "Close"),
        Binding("r", "retry", "Ask again"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._failures: list[ModelFailure] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large"):
            yield Static(markup=False, id="failures-heading")
            yield OptionList(compact=True)
            with VerticalScroll(id="failure-scroll"):
                yield Static(markup=False, id="failure")

    def on_mount(self) -> None:
        everything = self._session.review.failures()
        self._failures = everything[:_SHOWN]
        if everything:
            more = f", the first {_SHOWN}" if len(everything) > _SHOWN else ""
            heading = f"{len(everything):,} without an answer{more}. r asks them again, Escape closes."
        else:
            heading = "The model has failed at nothing. Escape closes."
        self.query_one("#failures-heading", Static).update(Content.styled(heading, "bold"))
        titles = {s.id: s.title for s in self._session.review.summaries([f.record_id for f in self._failures])}
        options = self.query_one(OptionList)
        for failure in self._failures:
            compared = "only to compare" if failure.comparison else ""
            what = safe_line(", ".join(part for part in (failure.task, failure.item, failure.stage, compared) if part))
            options.add_option(
                Option(Content.assemble((f"{what}  ", "$text-accent"), safe_line(titles.get(failure.record_id, ""))))
            )
        if self._failures:
            options.highlighted = 0
        options.focus()

    def action_leave(self) -> None:
        self.dismiss(False)

    def action_retry(self) -> None:
        self.dismiss(bool(self._failures))

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        failure = self._failures[event.option_index]
        raw = safe_block(failure.raw) or "(nothing)"
        parts: list[Content | str] = [Content.styled("Why: ", "bold"), safe_block(failure.reason)]
        parts += ["\n", Content.styled("What the model wrote: ", "bold"), raw]
        self.query_one("#failure", Static).update(Content.assemble(*parts))
