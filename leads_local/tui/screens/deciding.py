"""What the keys of the screening screen do that decide: nothing is replaced that the person did not see.

A decision is stored before anything on the screen changes. What was on the screen when the key was pressed is sent
along; where that is not what stands by now, nothing is stored, what happened is said, and the screen shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from leads_local.app.deciding import outcome_counts_in_words, standing_in_words, visible_votes
from leads_local.app.outcome import format_count
from leads_local.records import Choice, Stage
from leads_local.review.outcomes import OutcomeState
from leads_local.review.read_models import OutcomeCounts, RecordFilter, RecordView
from leads_local.review.reasons import means_not_retrieved
from leads_local.review.sights import ChangedMeanwhile, Sight
from leads_local.tui import labels
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.base import ReviewScreen
from leads_local.tui.screens.pick import PickItem as Answer
from leads_local.tui.screens.pick import PickOne
from leads_local.tui.screens.reason import ReasonDialog
from leads_local.tui.session import Session
from leads_local.tui.widgets.record_list import RecordList


class DecidingScreen(ReviewScreen):
    """A screen with a list of records, one of which is shown whole and decided."""

    def __init__(self, leads: LeadsInterface, session: Session) -> None:
        super().__init__(leads, session)
        self.stage = Stage.ABSTRACT
        self.showing = RecordFilter.ALL
        self.view: RecordView | None = None  # the record that is on the screen, as it is there
        self.undecided: set[int] = set()
        self.counts = OutcomeCounts()

    @property
    def records(self) -> RecordList:
        return self.query_one(RecordList)

    def reload(self, keep: int = 0) -> None:
        """Draw the list up anew, with the cursor on the record ``keep`` if it is in it."""
        raise NotImplementedError

    def show_record(self) -> None:
        """Read the record under the cursor and show it."""
        raise NotImplementedError

    def show_status(self) -> None:
        raise NotImplementedError

    def seen_view(self) -> RecordView | None:
        """The record under the cursor as it is on the screen, None when there is none."""
        key = self.records.key
        return self.view if self.view is not None and self.view.id == key else self._read(key)

    def _read(self, key: int) -> RecordView | None:
        return self.session.review.record(key) if key else None

    def action_decide(self, choice: str, reason: str = "") -> None:
        view = self.seen_view()
        if view is not None:
            self._decide(view.id, self.session.review.sight_of(view, self.stage), Choice(choice), reason)

    def _decide(self, record_id: int, seen: Sight, choice: Choice, reason: str) -> None:
        before = self._counted_as(record_id)
        try:
            self.session.review.decide(record_id, self.stage, choice, reason, self.session.reviewer, seen)
        except ChangedMeanwhile as error:
            self.show_change(record_id, error)
            return
        self.counts = self.counts.moved(before, self._counted_as(record_id))
        self._go_on_from(record_id)

    def count_outcomes(self) -> None:
        """Know how many reports are settled, from all of them; a single decision is followed by itself."""
        self.counts = self.session.review.outcome_counts(self.stage)

    def _counted_as(self, record_id: int) -> OutcomeState | None:
        """Where in ``counts`` a record is."""
        (one,) = self.session.review.summaries([record_id], self.stage)
        return None if one.state is OutcomeState.WAITING and one.own is None else one.state

    def _go_on_from(self, record_id: int) -> None:
        """To the next undecided record, where something was said of this one."""
        self.undecided.discard(record_id)
        self.records.forget([record_id])
        following = self.records.next_after(record_id, self.undecided)
        if following:
            self.records.select(following)
        else:
            self.show_record()
            self.leads.tell(self._all_done())
        self.show_status()

    def show_change(self, record_id: int, error: ChangedMeanwhile) -> None:
        """Say what happened to a record meanwhile, and show it as it is now, wherever the filter would put it."""
        self.leads.report(error)
        listed = set(self.records.ids).issuperset(error.records)
        if self.showing is RecordFilter.ALL or not listed:  # records may have become one, or several
            self.reload(error.records[0] if error.records and record_id not in error.records else record_id)
        else:
            self.decided_elsewhere()

    def decided_elsewhere(self) -> None:
        """Show anew what is listed; the list stays as it was drawn up."""
        self.undecided = set(self.session.review.record_ids(self.stage, RecordFilter.TO_DO))
        self.count_outcomes()
        self.records.forget()
        self.show_record()
        self.show_status()

    def _all_done(self) -> str:
        if self.undecided:
            return "No undecided record is left in this list. f shows others."
        if open_ones := outcome_counts_in_words(self.counts):
            return f"Nothing is left for you to decide: {', '.join(open_ones)}. f lists them."
        return f"All {labels.STAGE[self.stage]} are decided. u takes a decision back."

    def action_exclude(self) -> None:
        view = self.seen_view()
        if view is not None:
            seen = self.session.review.sight_of(view, self.stage)
            self.ask_reason(view.citation.title, partial(self._excluded, view.id, seen))

    def ask_reason(self, title: str, then: Callable[[str | None], None]) -> None:
        self.leads.ask(ReasonDialog(self.session.reasons(), title, self.stage), then)

    def _excluded(self, record_id: int, seen: Sight, reason: str | None) -> None:
        if reason is None or not self.records.select(record_id):
            return
        if self._says_not_retrieved(record_id, reason):
            self._go_on_from(record_id)
        else:
            self._decide(record_id, seen, Choice.EXCLUDE, reason)

    def _says_not_retrieved(self, record_id: int, reason: str) -> bool:
        """Whether that is no reason for exclusion but says that there is no full text; it is stored then."""
        missing = self.stage is Stage.FULLTEXT and means_not_retrieved(reason)
        return missing and self.session.review.set_not_retrieved(record_id)

    def action_undo(self) -> None:
        taken = self.session.review.undo_decisions(self.stage, self.session.reviewer)
        if not taken:
            self.leads.tell("There is no decision to take back at this stage.")
            return
        record_id, choice = taken[-1].record_id, taken[-1].choice
        if len(taken) > 1:
            self.leads.tell(f"Taken back: {choice} of {format_count(len(taken), 'record')} that were decided at once.")
        if not self.records.select(record_id):
            self.leads.tell(f"Taken back: {choice}. The record is not in this list; f shows all.")
        self.decided_elsewhere()

    def action_adjudicate(self) -> None:
        view = self.seen_view()
        unsettled = (OutcomeState.CONFLICT, OutcomeState.WAITING)
        if (
            view is None
            or view.states.get(self.stage) not in unsettled
            or not visible_votes(self.session.review, view, self.stage)
        ):
            self.leads.tell("The reviewers do not differ here. f lists where they do.")
            return
        answers = [Answer(choice.value[0], labels.CHOICE[choice].text, choice.value) for choice in Choice]
        told = " ".join(standing_in_words(view, self.stage))
        seen = self.session.review.sight_of(view, self.stage)
        then = partial(self._adjudicated, view.id, view.citation.title, seen)
        self.leads.ask(PickOne("What holds?", answers, explanation=told), then)

    def _adjudicated(self, record_id: int, title: str, seen: Sight, choice: str | None) -> None:
        if choice == Choice.EXCLUDE:
            self.ask_reason(title, partial(self._settle, record_id, seen, Choice.EXCLUDE))
        elif choice is not None:
            self._settle(record_id, seen, Choice(choice), "")

    def _settle(self, record_id: int, seen: Sight, choice: Choice, reason: str | None) -> None:
        if reason is None:
            return
        try:
            if not self._says_not_retrieved(record_id, reason):
                self.session.review.adjudicate(record_id, self.stage, choice, reason, seen=seen)
        except ChangedMeanwhile as error:
            self.show_change(record_id, error)
        else:
            self.decided_elsewhere()
