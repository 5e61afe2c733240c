"""The keys by which people add to the record in view: a note, tags, a priority, a correction."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from leads_local.app.annotating import (
    NO_PRIORITY,
    describe_correction,
    describe_priority,
    describe_restored,
    describe_tags,
)
from leads_local.app.duplicates import apart_in_words, describe_rejoining, describe_separation
from leads_local.app.outcome import Outcome
from leads_local.review.annotations import Field, Priority, in_words, stored_of, tidy_tags
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import labels
from leads_local.tui.screens.base import ReviewScreen
from leads_local.tui.screens.pick import Dialog, PickItem, PickOne, TextPrompt

ANNOTATING_KEYS: list[BindingType] = [
    Binding("N", "note", "Note", show=False, tooltip="Write a note on this record; each reviewer has their own."),
    Binding(
        "number_sign",
        "tags",
        "Tags",
        show=False,
        tooltip="Give this record tags, or take them off. / with #tag lists the records that have one.",
    ),
    Binding("P", "priority", "Priority", show=False, tooltip="Say that this record is to be looked at first, or last."),
    Binding(
        "C",
        "correct",
        "Correct",
        show=False,
        tooltip="Correct the record's title, abstract, authors, …; what was imported is kept.",
    ),
    Binding(
        "S",
        "separate",
        "No duplicate",
        show=False,
        tooltip="Say that one of the records that are shown as one here is no duplicate, or may be grouped again.",
    ),
]
_BACK = "as imported"
_FIELD_KEYS = {
    Field.TITLE: "t",
    Field.ABSTRACT: "a",
    Field.AUTHORS: "u",
    Field.YEAR: "y",
    Field.JOURNAL: "j",
    Field.VOLUME: "v",
    Field.ISSUE: "i",
    Field.PAGES: "g",
    Field.DOI: "d",
    Field.PMID: "p",
    Field.LANGUAGE: "l",
    Field.KIND: "k",
}


class TextBox(Dialog):
    """A text of several lines. Returns it; None, by Escape, when it is to stay as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "save", "Save", priority=True)]

    def __init__(self, question: str, text: str) -> None:
        super().__init__()
        self._question = question
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(safe_line(self._question), "bold"), markup=False)
            yield TextArea(safe_block(self._text), id="box", tab_behavior="focus", compact=True)
            yield Static(Content.styled("Ctrl+s stores it, Escape leaves all as it is.", labels.MUTED), markup=False)

    def action_save(self) -> None:
        self.dismiss(self.query_one(TextArea).text)


class AnnotatingScreen(ReviewScreen):
    """A screen with a record in view that people can add to."""

    @property
    def record_in_view(self) -> int:
        """Its number, 0 for none."""
        raise NotImplementedError

    def record_changed(self, record_id: int) -> None:
        """Show a record as it is now."""
        raise NotImplementedError

    def _tell_change(self, record_id: int, outcome: Outcome) -> None:
        self.record_changed(record_id)
        for line in outcome.lines:
            self.leads.tell(line)

    def action_note(self) -> None:
        if record_id := self.record_in_view:
            review = self.session.review
            own = [note for note in review.annotations(record_id).notes if note.reviewer == review.acting]
            text = next((note.text for note in own if note.record_id == record_id), "")
            self.leads.ask(TextBox("Your note on this record", text), partial(self._noted, record_id))

    def _noted(self, record_id: int, text: str | None) -> None:
        if text is not None:
            self.session.review.set_note(record_id, text)
            self.record_changed(record_id)

    def action_tags(self) -> None:
        if record_id := self.record_in_view:
            held = self.session.review.annotations(record_id).tags
            known = self.session.review.tag_names()
            told = f"Tags are separated by commas. In this review: {safe_line(', '.join(known))}" if known else ""
            ask = TextPrompt("Tags of this record", told or "Tags are separated by commas.", ", ".join(held))
            self.leads.ask(ask, partial(self._tagged, record_id, held))

    def _tagged(self, record_id: int, held: tuple[str, ...], text: str | None) -> None:
        if text is None:
            return
        wanted = tidy_tags([text])
        kept = {tag.casefold() for tag in wanted}
        off = [tag for tag in held if tag.casefold() not in kept]
        if self.session.review.set_tags(record_id, wanted, off):
            self._tell_change(record_id, describe_tags(self.session.review, record_id))

    def action_priority(self) -> None:
        if record_id := self.record_in_view:
            now = self.session.review.annotations(record_id).priority
            answers = [PickItem(word[0], word, word) for word in (*Priority, NO_PRIORITY)]
            ask = PickOne("When is this record to be looked at?", answers, now or NO_PRIORITY)
            self.leads.ask(ask, partial(self._prioritised, record_id))

    def _prioritised(self, record_id: int, word: str | None) -> None:
        if word is not None:
            priority = Priority(word) if word != NO_PRIORITY else None
            if self.session.review.set_priority(record_id, priority):
                self._tell_change(record_id, describe_priority(self.session.review, record_id))

    def action_correct(self) -> None:
        if record_id := self.record_in_view:
            answers = [PickItem(key, field, field) for field, key in _FIELD_KEYS.items()]
            if self.session.review.annotations(record_id).corrections:
                answers.append(PickItem("b", "Have all be as it was imported again", _BACK))
            self.leads.ask(PickOne("Correct what?", answers), partial(self._correct_field, record_id))

    def _correct_field(self, record_id: int, chosen: str | None) -> None:
        if chosen is None:
            return
        if chosen == _BACK:
            self._restore(record_id)
            return
        field = Field(chosen)
        text = in_words(field, stored_of(self.session.review.citation(record_id), field))
        if field is Field.ABSTRACT:
            ask: Dialog = TextBox("The abstract as it should be", text)
        else:
            hint = "Authors are separated by semicolons." if field is Field.AUTHORS else ""
            ask = TextPrompt(f"The {field} as it should be", hint, text)
        self.leads.ask(ask, partial(self._corrected, record_id, field))

    def _corrected(self, record_id: int, field: Field, text: str | None) -> None:
        if text is not None and self.session.review.correct(record_id, field, text):
            self._tell_change(record_id, describe_correction(self.session.review, record_id, field))

    def action_separate(self) -> None:
        if not self.record_in_view:
            return
        view = self.session.review.record(self.record_in_view)
        together = [(view.id, view.citation.title), *((one.id, one.title) for one in view.duplicates)]
        answers = [
            PickItem(str(place) if place < 10 else " ", f"{record}: {title}", str(record))
            for place, (record, title) in enumerate(together, 1)
            if len(together) > 1
        ]
        apart = apart_in_words(view.apart, view.apart_from)
        if apart:
            answers.append(PickItem("g", "Let it be grouped again, by the next search for duplicates", _BACK))
        if not answers:
            self.leads.tell("This record is grouped with no other.")
            return
        question = "Which record is another report than the others?" if len(together) > 1 else apart
        self.leads.ask(
            PickOne(question, answers, explanation=apart if len(together) > 1 else ""),
            partial(self._set_apart, view.id),
        )

    def _set_apart(self, record_id: int, chosen: str | None) -> None:
        if chosen == _BACK:
            self.session.review.rejoin(record_id)
            self._tell_separation(describe_rejoining(record_id))
        elif chosen is not None:
            others = self.session.review.separate(int(chosen))
            self._tell_separation(describe_separation(int(chosen), others))

    def _tell_separation(self, outcome: Outcome) -> None:
        self.refresh_review()
        for line in outcome.lines:
            self.leads.tell(f"{line} U takes that back.")

    def _restore(self, record_id: int) -> None:
        if self.session.review.restore_imported(record_id):
            self._tell_change(record_id, describe_restored(record_id))
