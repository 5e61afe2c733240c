"""What the three screens of an open review have in common: the bars above and below, the keys for the model's work, the
layout's steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer

from leads_local.app.deciding import describe_taken
from leads_local.records import AS_TRAINED, Stage
from leads_local.review.taking_back import ActOnRecord
from leads_local.tui import labels
from leads_local.tui.error_guard import Guarded
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.messages import ChoreEnded
from leads_local.tui.model_job import WorkView
from leads_local.tui.screens.failures import FailuresScreen
from leads_local.tui.screens.pick import PickItem, PickOne
from leads_local.tui.session import Session
from leads_local.tui.widgets.bars import TopBar, WorkBar

_MOST_TOLD = 3  # of what one key has undone: a notice covers a part of the screen
# A screen puts these behind its own keys, which are used more often and must be seen first in a narrow footer.
WORK_KEYS: list[BindingType] = [
    Binding("s", "start", "Run model", tooltip="Let the model work on all that is pending here. What is done is kept."),
    Binding("x", "stop", "Stop", tooltip="Stop the model's work. It goes on from there when it is started again."),
    Binding(
        "exclamation_mark", "failures", "Failures", show=False, tooltip="List what the model could not answer, and why."
    ),
    Binding(
        "pagedown,space",
        "scroll_detail(1)",
        "Text down",
        show=False,
        tooltip="Read on in the text, wherever the cursor is.",
    ),
    Binding("pageup,b", "scroll_detail(-1)", "Text up", show=False, tooltip="Read back in the text."),
    Binding(
        "U",
        "take_back",
        "Undo anything",
        show=False,
        tooltip="Take back the last thing that you did to the review, whatever it was; as often as you like.",
    ),
    Binding("Y", "redo", "Redo", show=False, tooltip="Do again what you undid last."),
]


class ReviewScreen(Guarded, Screen[None]):
    """A place in the open review. Narrow terminals stack list and detail; from 120 columns on they stand side by
    side."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012
    place = ""
    detail = ""  # the selector of what PageUp and PageDown scroll, wherever the focus is

    def __init__(self, leads: LeadsInterface, session: Session) -> None:
        super().__init__()
        self.leads = leads
        self.session = session
        self._busy = False
        self.stale = True  # what is shown was not read from the review since the screen was last gone to

    def compose(self) -> ComposeResult:
        yield TopBar(id="top", markup=False)
        yield from self.body()
        yield WorkBar(id="work", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def body(self) -> ComposeResult:
        raise NotImplementedError

    def refresh_review(self) -> None:
        """Read again what this screen shows: the screen is back in view, or much has changed."""
        raise NotImplementedError

    def work_changed(self) -> None:
        """The model has answered something; called at most twice a second, and once at the end, while this screen is in
        view."""

    def chore_ended(self, event: ChoreEnded) -> None:
        """An import or the like is over while this screen is in view."""

    def on_mount(self) -> None:
        self.leads.work_signal.subscribe(self, self._show_work)

    def on_screen_resume(self) -> None:
        self._show_top()
        self._show_work(self.leads.work_view)
        if self.stale:
            self.stale = False
            self.refresh_review()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_top)

    def _show_top(self) -> None:
        self.query_one(TopBar).show(self.session.title, self.place)

    def _show_work(self, view: WorkView) -> None:
        self.query_one(WorkBar).show(view)
        if view.busy != self._busy:  # the footer shows one of two keys
            self._busy = view.busy
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        busy = self.leads.work_view.busy
        if action == "start":
            return not busy
        if action == "stop":
            return busy
        return True

    # ------------------------------------------------------------ keys

    def job_stage(self) -> Stage | None:
        """What ``s`` starts here: screening at a stage, or (None) extraction."""
        raise NotImplementedError

    def action_take_back(self) -> None:
        self._tell_taken(self.session.review.undo_last(), "undone")

    def action_redo(self) -> None:
        self._tell_taken(self.session.review.redo(), "redone")

    def _tell_taken(self, acts: Sequence[ActOnRecord], done: str) -> None:
        outcome = describe_taken(acts, done, _MOST_TOLD)
        self.leads.tell(" ".join(outcome.lines))
        if outcome.results:
            self.refresh_review()

    def action_start(self) -> None:
        """Screening is begun in a way that the person chooses, and goes on in that way."""
        stage, review = self.job_stage(), self.session.review
        nothing_to_choose = not (self.session.has_model and review.writable)
        if stage is None or nothing_to_choose or review.begun_method(stage) is not None:
            self.leads.start_work(stage)
        else:
            self.choose_way(stage)

    def choose_way(self, stage: Stage) -> None:
        """Ask in which way to screen, and start."""
        begun = self.session.review.begun_method(stage)
        answers = [PickItem(key, label, str(way)) for key, way, label in labels.METHODS]
        explanation = labels.METHOD_CHANGE_NOTE if begun else labels.METHOD_CHOICE_NOTE
        self.leads.ask(
            PickOne("How shall the model screen?", answers, str(begun or AS_TRAINED), explanation),
            partial(self._way_chosen, stage),
        )

    def _way_chosen(self, stage: Stage, chosen: str | None) -> None:
        way = next((way for _, way, _ in labels.METHODS if str(way) == chosen), None)
        if way is not None:
            self.leads.start_work(stage, way=way)

    def action_stop(self) -> None:
        self.leads.stop_work()

    def action_failures(self) -> None:
        self.leads.ask(FailuresScreen(self.session), self._failures_seen)

    def _failures_seen(self, retry: bool | None) -> None:
        if retry:
            self.leads.start_work(self.job_stage(), retry=True)

    def action_scroll_detail(self, direction: int) -> None:
        if self.detail:
            view = self.query_one(self.detail, VerticalScroll)
            step = max(1, view.scrollable_content_region.height - 1)
            view.scroll_relative(y=direction * step, animate=False)
