"""The screening screen: decide record after record, with the model's suggestion beside the abstract.

A decision is stored before anything on the screen changes, and the next undecided record follows. The list stays as it
was drawn up (decided records keep their row) until the filter, order or stage is chosen anew, so that nothing moves
under the reader's eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from leads_local.app.deciding import standing_in_words, visible_votes
from leads_local.app.outcome import format_count
from leads_local.jobs import rationales
from leads_local.ranking.calibration import Calibration
from leads_local.records import Choice, Stage
from leads_local.review.outcomes import OutcomeState
from leads_local.review.read_models import RecordFilter, RecordOrder, RecordSummary, RecordView
from leads_local.review.reasons import means_not_retrieved
from leads_local.terminal_text import safe_line
from leads_local.tui import labels, titles
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.messages import CursorMoved, RowChosen, TitlesFound
from leads_local.tui.screens.base import WORK_KEYS, ReviewScreen
from leads_local.tui.screens.pick import PickItem as Answer
from leads_local.tui.screens.pick import PickOne
from leads_local.tui.screens.reason import ReasonDialog
from leads_local.tui.session import Session
from leads_local.tui.widgets.abstract_view import AbstractView, RecordHead
from leads_local.tui.widgets.judgement_panel import DecisionLine, JudgementPanel
from leads_local.tui.widgets.record_list import RecordList


class ScreeningScreen(ReviewScreen):
    """Include, exclude, maybe: at the stage of titles and abstracts, and again at the stage of full texts."""

    place = "screening"
    detail = "#detail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "decide('include')", "Include", tooltip="Include this record: it goes on to the next stage."),
        Binding("e", "exclude", "Exclude", tooltip="Exclude this record; asks for the reason."),
        Binding("m", "decide('maybe')", "Maybe", tooltip="Put this record aside, to be decided later."),
        Binding("u", "undo", "Undo", tooltip="Take back the latest decision of this stage. The history keeps both."),
        Binding(
            "a",
            "adjudicate",
            "Settle",
            show=False,
            tooltip="Settle what holds where the reviewers differ; it holds until it is undone.",
        ),
        Binding("f", "filter", "Filter", tooltip="Choose which records are listed: all, undecided, included, …"),
        Binding("slash", "search", "Search", tooltip="List only records whose titles hold the words that you type."),
        Binding("t", "stage", "Stage", show=False, tooltip="Change between titles and abstracts, and full texts."),
        Binding(
            "o",
            "order",
            "Order",
            show=False,
            tooltip="Order by the model's score, by probability of inclusion, or as imported.",
        ),
        Binding("n", "step(1)", "Next", show=False, tooltip="The next record (also ↓ and j)."),
        Binding("p", "step(-1)", "Previous", show=False, tooltip="The record before (also ↑ and k)."),
        Binding(
            "v",
            "hide",
            "Hide or show the model",
            show=False,
            tooltip="Screen without seeing what the model says, or see it again.",
        ),
        Binding(
            "r", "reasons", "Reasons", show=False, tooltip="Let the model give missing reasons, also in what you open."
        ),
        Binding(
            "w",
            "way",
            "Way of asking",
            show=False,
            tooltip="Choose how the model screens, and let it begin: full, triage, layout.",
        ),
        Binding("d", "paper", "Paper's text", show=False, tooltip="Read the full text of this paper (also Enter)."),
        Binding("escape", "leave_search", "End the search", show=False, tooltip="Leave the search and list all again."),
        *WORK_KEYS,
    ]

    def __init__(self, leads: LeadsInterface, session: Session) -> None:
        super().__init__(leads, session)
        self.stage = Stage.ABSTRACT
        self.showing = RecordFilter.ALL
        self.order = RecordOrder.ENTRY
        self.blind = False
        self.term = ""
        self._undecided: set[int] = set()
        self._total = 0
        self._listed: list[int] = []
        self._calibration = Calibration()

    # ------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        yield Static(id="status", markup=False)
        yield Input(
            placeholder="words of a title; Enter goes to the list, Escape ends the search", compact=True, id="search"
        )
        with Container(id="split"):
            yield RecordList(self._fetch, id="records")
            with VerticalScroll(id="detail", can_focus=False):
                yield RecordHead(id="head", markup=False)
                yield DecisionLine(id="decision", markup=False)
                yield AbstractView(id="abstract", markup=False)
                yield JudgementPanel(id="judgement", markup=False)

    def on_mount(self) -> None:
        self.query_one("#search").display = False
        self.records.focus()

    @property
    def records(self) -> RecordList:
        return self.query_one(RecordList)

    def _fetch(self, ids: Sequence[int]) -> list[RecordSummary]:
        return self.session.review.summaries(ids, self.stage)

    # ------------------------------------------------------------ reading the review

    def refresh_review(self) -> None:
        self.reload(self.records.key)

    def reload(self, keep: int = 0) -> None:
        """Draw the list up anew, with the cursor on the record ``keep`` if it is in it."""
        review = self.session.review
        self._listed = review.record_ids(self.stage, self.showing, self.order)
        self._undecided = set(review.record_ids(self.stage, RecordFilter.TO_DO))
        self._total = len(self._listed) if self.showing is RecordFilter.ALL else len(review.record_ids(self.stage))
        self._calibration = review.calibration(self.stage)
        self.records.scores_shown = not self.blind
        self.records.chance = self._calibration.chance if self.order is RecordOrder.CHANCE else None
        if self.term:
            self._search(self.term)
        else:
            self.records.show(self._listed, keep)
        self._show_status()

    def work_changed(self) -> None:
        self.records.forget()
        self._show_record()

    def _show_status(self) -> None:
        decided = self._total - len(self._undecided)
        parts: list[Content | str | tuple[str, str]] = [" ", ("t ", "$text-accent"), (labels.STAGE[self.stage], "bold")]
        parts += [": ", (f"{decided:,} of {self._total:,} decided", "bold")]
        parts += [" · ", ("f ", "$text-accent"), f"{labels.FILTER_NAMES[self.showing]} ({len(self.records.ids):,})"]
        if self.term:
            parts += [" · ", ("/ ", "$text-accent"), f"“{safe_line(self.term)}”"]
        parts += [" · ", ("o ", "$text-accent"), labels.ORDER_NAMES[self.order]]
        self.query_one("#status", Static).update(Content.assemble(*parts), layout=False)

    @on(CursorMoved)
    def _cursor_moved(self) -> None:
        self.query_one("#detail").scroll_home(animate=False)
        self._show_record()

    def _show_record(self) -> None:
        key = self.records.key
        view = self.session.review.record(key) if key else None
        citation = view.citation if view else None
        self.query_one(RecordHead).show(citation, len(view.duplicates) if view else 0, _fulltext_note(view, self.stage))
        self.query_one(AbstractView).show(citation)
        votes = visible_votes(self.session.review, view, self.stage) if view else ()
        screening = view.screenings.get(self.stage) if view else None
        self.query_one(DecisionLine).show(view, votes, self.stage, self.session.reviewer, self.blind)
        self.query_one(JudgementPanel).show(
            view, votes, self.stage, self.blind, self.session.has_model, self._calibration
        )
        if screening is not None and rationales.missing_positions(screening, every=True):
            self.leads.record_opened(self.stage, key)

    # ------------------------------------------------------------ deciding

    def action_decide(self, choice: str, reason: str = "") -> None:
        record_id = self.records.key
        if not record_id:
            return
        self.session.review.decide(record_id, self.stage, Choice(choice), reason, self.session.reviewer)
        self._go_on_from(record_id)

    def _go_on_from(self, record_id: int) -> None:
        """To the next undecided record, where something was said of this one."""
        self._undecided.discard(record_id)
        self.records.forget([record_id])
        following = self.records.next_after(record_id, self._undecided)
        if following:
            self.records.select(following)
        else:
            self._show_record()
            self.leads.tell(self._all_done())
        self._show_status()

    def _all_done(self) -> str:
        if self._undecided:
            return "No undecided record is left in this list. f shows others."
        return f"All {labels.STAGE[self.stage]} are decided. u takes a decision back."

    def action_exclude(self) -> None:
        record_id = self.records.key
        if record_id:
            self._ask_reason(record_id, partial(self._excluded, record_id))

    def _ask_reason(self, record_id: int, then: Callable[[str | None], None]) -> None:
        title = self.session.review.summaries([record_id])[0].title
        self.leads.ask(ReasonDialog(self.session.reasons(), title, self.stage), then)

    def _excluded(self, record_id: int, reason: str | None) -> None:
        if reason is None or not self.records.select(record_id):
            return
        if self._says_not_retrieved(record_id, reason):
            self._go_on_from(record_id)
        else:
            self.action_decide(Choice.EXCLUDE, reason)

    def _says_not_retrieved(self, record_id: int, reason: str) -> bool:
        """Whether that is no reason for exclusion but says that there is no full text; it is stored then."""
        missing = self.stage is Stage.FULLTEXT and means_not_retrieved(reason)
        return missing and self.session.review.set_not_retrieved(record_id)

    def action_undo(self) -> None:
        decision = self.session.review.undo(self.stage, self.session.reviewer)
        if decision is None:
            self.leads.tell("There is no decision to take back at this stage.")
            return
        self._undecided = set(self.session.review.record_ids(self.stage, RecordFilter.TO_DO))
        self.records.forget([decision.record_id])
        if not self.records.select(decision.record_id):
            self.leads.tell(f"Taken back: {decision.choice}. The record is not in this list; f shows all.")
        self._show_record()
        self._show_status()

    def action_adjudicate(self) -> None:
        record_id = self.records.key
        view = self.session.review.record(record_id) if record_id else None
        if view is None or view.states.get(self.stage) not in (OutcomeState.CONFLICT, OutcomeState.WAITING):
            self.leads.tell("The reviewers do not differ here. f lists where they do.")
            return
        answers = [Answer(choice.value[0], labels.CHOICE[choice].text, choice.value) for choice in Choice]
        told = " ".join(standing_in_words(view, self.stage))
        self.leads.ask(PickOne("What holds?", answers, explanation=told), partial(self._adjudicated, view.id))

    def _adjudicated(self, record_id: int, choice: str | None) -> None:
        if choice is None:
            return
        if choice == Choice.EXCLUDE:
            self._ask_reason(record_id, partial(self._settle, record_id, Choice.EXCLUDE))
        else:
            self._settle(record_id, Choice(choice), "")

    def _settle(self, record_id: int, choice: Choice, reason: str | None) -> None:
        if reason is None:
            return
        if not self._says_not_retrieved(record_id, reason):
            self.session.review.adjudicate(record_id, self.stage, choice, reason)
        self._undecided.discard(record_id)
        self.records.forget([record_id])
        self._show_record()
        self._show_status()

    def action_reasons(self) -> None:
        key = self.records.key
        screening = self.session.review.record(key).screenings.get(self.stage) if key else None
        if screening is None:
            self.leads.tell("The model has not judged this record. s starts it.")
        elif not rationales.missing_positions(screening, every=True):
            self.leads.tell("All reasons are there.")
        else:
            self.leads.explain(self.stage, key)

    def action_way(self) -> None:
        if self.leads.work_view.busy:
            self.leads.tell("The model is at work; x stops it.", "warning")
        else:
            self.choose_way(self.stage)

    def action_step(self, step: int) -> None:
        self.records.action_move(step)

    # ------------------------------------------------------------ what is listed

    def action_filter(self) -> None:
        keys = {
            RecordFilter.ALL: "a",
            RecordFilter.UNDECIDED: "u",
            RecordFilter.TO_DO: "y",
            RecordFilter.INCLUDED: "i",
            RecordFilter.EXCLUDED: "e",
            RecordFilter.MAYBE: "m",
            RecordFilter.CONFLICT: "d",
            RecordFilter.WAITING: "w",
            RecordFilter.NEEDS_LOOK: "n",
        }
        answers = [Answer(keys[show], labels.FILTER_NAMES[show], show.value) for show in RecordFilter]
        self.leads.ask(PickOne("Which records to list?", answers, self.showing.value), self._filtered)

    def _filtered(self, value: str | None) -> None:
        if value is not None:
            self.showing = RecordFilter(value)
            self.reload(self.records.key)

    def action_order(self) -> None:
        orders = list(RecordOrder)
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]
        self.reload()
        if self.order is RecordOrder.CHANCE:
            self.leads.tell(self._calibration.in_words())

    def action_stage(self) -> None:
        self.stage = Stage.FULLTEXT if self.stage is Stage.ABSTRACT else Stage.ABSTRACT
        self.reload()

    def action_hide(self) -> None:
        self.blind = not self.blind
        self.records.scores_shown = not self.blind
        self.records.refresh()
        self._show_record()

    def action_search(self) -> None:
        field = self.query_one("#search", Input)
        field.display = True
        field.focus()

    def action_leave_search(self) -> None:
        self.query_one("#search", Input).display = False
        self.records.focus()
        if self.term:
            self.term = ""
            self.query_one("#search", Input).value = ""
            self.reload(self.records.key)

    @on(Input.Submitted, "#search")
    def _search_submitted(self, event: Input.Submitted) -> None:
        self.term = event.value.strip()
        self.records.focus()
        self.query_one("#search").display = bool(self.term)
        self.reload(self.records.key)

    def _search(self, term: str) -> None:
        self.run_worker(
            partial(self._find, list(self._listed), term),
            group="search",
            exclusive=True,
            thread=True,
            exit_on_error=False,
        )

    def _find(self, ids: list[int], term: str) -> None:
        """In a thread."""
        worker = get_current_worker()
        try:
            found = titles.search_file(self.session.path, ids, term, lambda: worker.is_cancelled)
        except Exception as error:
            self.app.call_from_thread(self.leads.report, error)
            return
        if not worker.is_cancelled:
            self.post_message(TitlesFound(term, found))

    @on(TitlesFound)
    def _titles_found(self, event: TitlesFound) -> None:
        if event.term == self.term:
            self.records.show(event.ids, self.records.key)
            self._show_status()

    # ------------------------------------------------------------ elsewhere

    @on(RowChosen)
    def _row_chosen(self) -> None:
        self.action_paper()

    def action_paper(self) -> None:
        self.leads.show_paper(self.records.key)

    def job_stage(self) -> Stage | None:
        return self.stage


def _fulltext_note(view: RecordView | None, stage: Stage) -> str:
    """What there is of the paper, in words; "" where that is not of interest."""
    if view is None:
        return ""
    if view.fulltext is None:
        return "No full text is attached." if stage is Stage.FULLTEXT else ""
    if view.fulltext.problem:
        return f"The full text can't be read: {view.fulltext.problem}"
    return f"d opens the full text ({format_count(view.fulltext.pages, 'page')}). {view.fulltext.notice}".strip()
