"""The screening screen: decide record after record, with the model's suggestion beside the abstract.

A decision is stored before anything on the screen changes, and the next undecided record follows. The list stays as it
was drawn up (decided records keep their row) until the filter, order or stage is chosen anew, so that nothing moves
under the reader's eyes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from leads_local.app.deciding import outcome_counts_in_words, visible_history, visible_votes
from leads_local.errors import InputError
from leads_local.jobs import rationales
from leads_local.ranking.calibration import Calibration
from leads_local.records import Stage
from leads_local.review.protocol import NO_KEYWORDS
from leads_local.review.read_models import RecordFilter, RecordOrder, RecordSummary
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.messages import CursorMoved, RecordsFound, RowChosen, SearchFailed, SearchPrepared
from leads_local.tui.screens.annotating import ANNOTATING_KEYS, AnnotatingScreen
from leads_local.tui.screens.base import WORK_KEYS
from leads_local.tui.screens.marking import MarkingScreen
from leads_local.tui.screens.pick import PickItem as Answer
from leads_local.tui.screens.pick import PickOne
from leads_local.tui.searching import Search, Searcher
from leads_local.tui.session import Session
from leads_local.tui.widgets.abstract_view import AbstractView, RecordHead, fulltext_note
from leads_local.tui.widgets.annotation_lines import AnnotationLines
from leads_local.tui.widgets.judgement_panel import DecisionLine, JudgementPanel
from leads_local.tui.widgets.limit_lines import LimitLines
from leads_local.tui.widgets.record_list import RecordList


class ScreeningScreen(AnnotatingScreen, MarkingScreen):
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
        Binding(
            "slash",
            "search",
            "Search",
            tooltip="List only what holds the words that you type, has a #tag, is !high, or is of year<2010, say.",
        ),
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
        *ANNOTATING_KEYS,
        *WORK_KEYS,
    ]

    def __init__(self, leads: LeadsInterface, session: Session) -> None:
        super().__init__(leads, session)
        self.order = RecordOrder.ENTRY
        self.blind = False
        self.term = ""
        self._before_search = 0  # the record to go back to while a search is typed, 0 once it is entered
        self._preparing = ""
        self._searcher = Searcher(
            session.path,
            lambda wanted, ids: self.post_message(RecordsFound(wanted.term, ids)),
            lambda progress: self.post_message(SearchPrepared(progress)),
            lambda wanted, error: self.post_message(SearchFailed(wanted.term, wanted.typing, error)),
        )
        self._total = 0
        self._listed: list[int] = []
        self._calibration = Calibration()
        self._keywords = NO_KEYWORDS

    # ------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        yield Static(id="status", markup=False)
        yield Input(
            placeholder='words, “a phrase” in "", #tag, !high, year<2010, note~words; Escape ends the search',
            compact=True,
            id="search",
        )
        with Container(id="split"):
            yield RecordList(self._fetch, id="records")
            with VerticalScroll(id="detail", can_focus=False):
                yield RecordHead(id="head", markup=False)
                yield DecisionLine(id="decision", markup=False)
                yield AnnotationLines(id="added", markup=False)
                yield LimitLines(id="limits", markup=False)
                yield AbstractView(id="abstract", markup=False)
                yield JudgementPanel(id="judgement", markup=False)

    def on_mount(self) -> None:
        self.query_one("#search").display = False
        self.records.focus()

    def _fetch(self, ids: Sequence[int]) -> list[RecordSummary]:
        return self.session.review.summaries(ids, self.stage)

    # ------------------------------------------------------------ reading the review

    def refresh_review(self) -> None:
        self.reload(self.records.key)

    def reload(self, keep: int = 0) -> None:
        review = self.session.review
        self._listed = review.record_ids(self.stage, self.showing, self.order)
        self.undecided = set(review.record_ids(self.stage, RecordFilter.TO_DO))
        self._total = len(self._listed) if self.showing is RecordFilter.ALL else len(review.record_ids(self.stage))
        self.count_outcomes()
        self._calibration = review.calibration(self.stage)
        self._keywords = review.protocol().keywords
        self.records.scores_shown = not self.blind
        self.records.chance = self._calibration.chance if self.order is RecordOrder.CHANCE else None
        if self.term:
            self._search(self.term)
        else:
            self.records.show(self._listed, keep)
        self.show_status()

    def work_changed(self) -> None:
        self.records.forget()
        self.show_record()

    def show_status(self) -> None:
        parts: list[Content | str | tuple[str, str]] = [" ", ("t ", "$text-accent"), (labels.STAGE[self.stage], "bold")]
        parts += [": ", (f"{self.counts.settled:,} of {self._total:,} decided", "bold")]
        parts += [part for told in outcome_counts_in_words(self.counts) for part in (" · ", told)]
        parts += [" · ", ("f ", "$text-accent"), f"{labels.FILTER_NAMES[self.showing]} ({len(self.records.ids):,})"]
        if self.term:
            parts += [" · ", ("/ ", "$text-accent"), f"“{safe_line(self.term)}”"]
        if self._preparing:
            parts += [" · ", self._preparing]
        parts += [" · ", ("o ", "$text-accent"), labels.ORDER_NAMES[self.order]]
        if self.marked:
            parts += [" · ", ("D ", "$text-accent"), f"{len(self.marked):,} marked"]
        self.query_one("#status", Static).update(Content.assemble(*parts), layout=False)

    @on(CursorMoved)
    def _cursor_moved(self) -> None:
        self.query_one("#detail").scroll_home(animate=False)
        self.show_record()

    def show_record(self) -> None:
        key = self.records.key
        view = self.view = self.session.review.record(key) if key else None
        citation = view.citation if view else None
        duplicates, fulltext = len(view.duplicates) if view else 0, fulltext_note(view, self.stage)
        self.query_one(RecordHead).show(citation, duplicates, fulltext, self._keywords)
        self.query_one(AnnotationLines).show(view, self.stage)
        self.query_one(LimitLines).show(view)
        self.query_one(AbstractView).show(citation, self._keywords)
        votes = visible_votes(self.session.review, view, self.stage) if view else ()
        history = visible_history(self.session.review, view, self.stage) if view else ()
        screening = view.screenings.get(self.stage) if view else None
        self.query_one(DecisionLine).show(view, votes, self.stage, self.session.reviewer, self.blind)
        self.query_one(JudgementPanel).show(
            view, history, self.stage, self.blind, self.session.has_model, self._calibration
        )
        if screening is not None and rationales.missing_positions(screening, every=True):
            self.leads.record_opened(self.stage, key)

    @property
    def record_in_view(self) -> int:
        return self.records.key

    def record_changed(self, record_id: int) -> None:
        self.records.forget([record_id])
        self.show_record()

    # ------------------------------------------------------------ the model's work

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
            RecordFilter.EARLIER_WORDING: "c",
            RecordFilter.CHANGED: "g",
            RecordFilter.RULED_OUT: "r",
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
        self.unmark()
        self.reload()

    def action_hide(self) -> None:
        self.blind = not self.blind
        self.records.scores_shown = not self.blind
        self.records.refresh()
        self.show_record()

    def action_search(self) -> None:
        self._before_search = self.records.key
        field = self.query_one("#search", Input)
        field.display = True
        field.focus()

    def action_leave_search(self) -> None:
        self.query_one("#search", Input).display = False
        self.records.focus()
        self._searcher.close()
        if self.term:
            self.term = ""
            self.query_one("#search", Input).value = ""
            self.reload(self._before_search or self.records.key)

    @on(Input.Changed, "#search")
    def _search_typed(self, event: Input.Changed) -> None:
        term = event.value.strip()
        if term != self.term:
            self.term = term
            self._search(term, typing=True)

    @on(Input.Submitted, "#search")
    def _search_submitted(self, event: Input.Submitted) -> None:
        self.term = event.value.strip()
        self._before_search = 0
        self.records.focus()
        self.query_one("#search").display = bool(self.term)
        self.reload(self.records.key)

    def _search(self, term: str, *, typing: bool = False) -> None:
        self._searcher.ask(Search(term, self._listed, self.stage, self.session.reviewer, typing))

    def on_unmount(self) -> None:
        self._searcher.close()

    @on(SearchPrepared)
    def _search_prepared(self, event: SearchPrepared) -> None:
        at = event.progress
        self._preparing = f"{at.what.lower()}: {at.done:,} of {at.total:,}" if at.done < at.total else ""
        self.show_status()

    @on(SearchFailed)
    def _search_failed(self, event: SearchFailed) -> None:
        if not (event.typing and isinstance(event.error, InputError)):
            self.leads.report(event.error)

    @on(RecordsFound)
    def _records_found(self, event: RecordsFound) -> None:
        if event.term == self.term:
            self.records.show(event.ids, self.records.key)
            self.show_status()

    # ------------------------------------------------------------ elsewhere

    @on(RowChosen)
    def _row_chosen(self) -> None:
        self.action_paper()

    def action_paper(self) -> None:
        self.leads.show_paper(self.records.key)

    def job_stage(self) -> Stage | None:
        return self.stage
