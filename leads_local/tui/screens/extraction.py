"""The extraction screen: for each included report the values that the model read, each with the passage that it stands
in; and of which study it is.

A verdict (accepted, edited, rejected) is stored before anything on the screen changes, and the next value to check
follows. The model's own text stays beside an edited one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from leads_local.app.outcome import format_count
from leads_local.records import Stage
from leads_local.review.read_models import RecordSummary, StoredValue, ValueStatus
from leads_local.review.sights import ChangedMeanwhile
from leads_local.review.studies import Study
from leads_local.terminal_text import safe_line
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.messages import CursorMoved, RowChosen
from leads_local.tui.screens.base import WORK_KEYS, ReviewScreen
from leads_local.tui.screens.edit_value import EditValue
from leads_local.tui.session import Session
from leads_local.tui.widgets.evidence_view import EvidenceView
from leads_local.tui.widgets.study_list import StudyList
from leads_local.tui.widgets.value_list import ValueList, shown_text

_AROUND = 3  # passages shown before and after the quoted one where the terminal is wide


class ExtractionScreen(ReviewScreen):
    """Reports, their values, and the evidence for the value under the cursor."""

    place = "extraction"
    detail = "#evidence-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "a", "accept", "Accept", tooltip="Accept this value as the model gives it, and go to the next one to check."
        ),
        Binding(
            "e", "edit", "Edit", tooltip="Write down what is right (also Enter). The model's text is kept beside yours."
        ),
        Binding("r", "reject", "Reject", tooltip="Reject this value: it will not be in the table."),
        Binding("u", "unverify", "Undo", tooltip="Take back what you said of this value: it is to be checked again."),
        Binding("n", "study(1)", "Next report", tooltip="Go to the next report."),
        Binding("p", "study(-1)", "Previous report", show=False, tooltip="Go to the report before."),
        Binding("v", "paper", "Paper", tooltip="Read the whole paper, at the place of this value."),
        Binding("w", "page", "Page", tooltip="See the page as it is printed, with the values on it marked."),
        *WORK_KEYS,
    ]

    def __init__(self, leads: LeadsInterface, session: Session) -> None:
        super().__init__(leads, session)
        self._study = 0
        self._studies: dict[int, Study] = {}

    # ------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        yield Static(id="status", markup=False)
        with Container(id="split"):
            with Vertical(id="left"):
                yield StudyList(self._fetch, self._checked, self._label_of, id="studies")
                yield ValueList(id="values")
            with VerticalScroll(id="evidence-scroll", can_focus=False):
                yield EvidenceView(id="evidence", markup=False)

    def on_mount(self) -> None:
        self.values.focus()

    @property
    def studies(self) -> StudyList:
        return self.query_one(StudyList)

    @property
    def values(self) -> ValueList:
        return self.query_one(ValueList)

    # ------------------------------------------------------------ reading the review

    def _fetch(self, ids: Sequence[int]) -> list[RecordSummary]:
        return self.session.review.summaries(ids, Stage.FULLTEXT)

    def _label_of(self, record_id: int) -> str:
        """How the study of a report is called."""
        study = self._studies.get(record_id)
        return study.label if study is not None else ""

    def _checked(self, record_id: int) -> tuple[int, int]:
        """How many values of a report were looked at, and how many there are."""
        values = self.session.review.values(record_id)
        return sum(stored.status != ValueStatus.PROPOSED for stored in values), len(values)

    def refresh_review(self) -> None:
        self._studies = {report: study for study in self.session.review.studies() for report in study.reports}
        self.studies.show(self.session.studies(), self.studies.key)
        self._show_values(self.values.key)
        self._show_status()

    def work_changed(self) -> None:
        self.studies.forget()
        self._show_values(self.values.key)

    def _show_status(self) -> None:
        count = len(self.studies.ids)
        if not count:
            text = Content(" No study yet: include records and attach their PDFs first (1 says what is next).")
        else:
            checked, total = self._checked(self._study) if self._study else (0, 0)
            place = self.studies.cursor + 1
            head = Content.styled(f" Report {place:,} of {count:,}", "bold")
            checked_of = f"{checked:,} of {format_count(total, 'value')} checked"
            text = Content.assemble(head, self._study_in_words(), ": ", (checked_of, "bold $text-accent"))
        self.query_one("#status", Static).update(text, layout=False)

    def _study_in_words(self) -> str:
        """Of which study the report is, and which others are of it."""
        study = self._studies.get(self._study)
        if study is None:
            return ""
        others = [str(report) for report in study.reports if report != self._study]
        with_others = f" with {', '.join(others)}" if others else ""
        return f" ({safe_line(study.label)}{with_others})"

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        if event.list_id == "studies":
            if self.studies.key != self._study:
                self._study = self.studies.key
                self._show_values()
            self._show_status()
        else:
            self._show_evidence()

    def _show_values(self, keep: int = 0) -> None:
        self.values.show(self.session.review.values(self._study) if self._study else [], keep)

    def _show_evidence(self) -> None:
        stored = self.values.current
        document = self.session.document_of(stored) if stored is not None else None
        paper = document or (self.session.document(self._study) if stored is not None else None)
        around = _AROUND if self.has_class("-wide") else 0
        self.query_one(EvidenceView).show(stored, document, around, paper.notice if paper is not None else "")
        self.query_one("#evidence-scroll").scroll_home(animate=False)

    # ------------------------------------------------------------ verdicts

    def _verify(
        self, seen: StoredValue | None, status: ValueStatus, text: str = "", note: str = "", move: bool = True
    ) -> None:
        """``seen`` is the value as it was on the screen when the key was pressed."""
        if seen is None:
            return
        try:
            self.session.review.verify(seen.id, status, text, note, self.session.reviewer, seen)
        except ChangedMeanwhile as error:
            self.leads.report(error)
            move = False
        self._show_values(seen.id)
        self.studies.forget([self._study])
        self._show_status()
        if move and not self.values.next_to_check():
            self.leads.tell("All values of this report are checked. n goes to the next report.")

    def action_accept(self) -> None:
        self._verify(self.values.current, ValueStatus.ACCEPTED)

    def action_reject(self) -> None:
        self._verify(self.values.current, ValueStatus.REJECTED)

    def action_unverify(self) -> None:
        self._verify(self.values.current, ValueStatus.PROPOSED, move=False)

    def action_edit(self) -> None:
        stored = self.values.current
        if stored is not None:
            self.leads.ask(EditValue(stored, shown_text(stored)), partial(self._edited, stored))

    def _edited(self, seen: StoredValue, answer: tuple[str, str] | None) -> None:
        if answer is not None:
            self._verify(seen, ValueStatus.EDITED, *answer)

    @on(RowChosen)
    def _row_chosen(self, event: RowChosen) -> None:
        if event.list_id == "values":
            self.action_edit()
        else:
            self.values.focus()

    # ------------------------------------------------------------ elsewhere

    def action_study(self, step: int) -> None:
        self.studies.action_move(step)

    def action_paper(self) -> None:
        self.leads.show_paper(self._study, self.values.key)

    def action_page(self) -> None:
        stored = self.values.current
        placed = stored is not None and stored.page > 0
        self.leads.show_page(self._study, self.values.key if placed else 0)

    def job_stage(self) -> Stage | None:
        return None
