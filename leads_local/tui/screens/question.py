"""The review's question as a form: PICO and the reviewer's own criteria, for a new review and for one that is open.

What is typed here is the reviewer's own text; it is stored word for word. An empty part of PICO is not asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from leads_local import paths
from leads_local.app.criteria import format_criteria, parse_criteria, require_criterion
from leads_local.errors import InputError
from leads_local.records import Criterion, Question, Stage
from leads_local.tui import labels
from leads_local.tui.error_guard import Guarded
from leads_local.tui.screens.limit_list import LimitList
from leads_local.tui.screens.reasons_order import ReasonsOrder
from leads_local.tui.session import Session

Result = TypeVar("Result")

REVIEW_SUFFIX = ".leads"
_QUESTION_PARTS = (
    ("title", "Title", "what the review is called"),
    ("population", "Population", "who is studied"),
    ("intervention", "Intervention", "what is done"),
    ("comparison", "Comparison", "what it is compared with; may stay empty"),
    ("outcome", "Outcome", "what is measured; may stay empty"),
)


def new_review_path(text: str, title: str) -> Path:
    """Where a new review goes: the path typed, else one named after the title. InputError when something is there, or
    it has no folder; ConfigError for the home of nobody here."""
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in title.strip().lower()).strip("-")[:60]
    path = paths.expand(text.strip() or name or "review")
    if path.suffix != REVIEW_SUFFIX:
        path = path.with_name(path.name + REVIEW_SUFFIX)
    if path.exists():
        raise InputError(f"{path}: there is a file of that name already.", "Choose another name.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"{path.parent}: there is no such folder.", "Choose a folder that exists.")
    return path


class _QuestionForm(Guarded, ModalScreen[Result]):
    """The fields. Escape leaves without storing anything."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", priority=True),
        Binding("escape", "leave", "Cancel"),
    ]
    heading = ""
    with_file = False
    more_keys = ""
    known: Sequence[Criterion] = ()  # what the form was filled with

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog large", can_focus=False):
            yield Static(
                Content.assemble(
                    (self.heading, "bold"),
                    (f"   Tab: next field · Ctrl+s: save · Escape: leave{self.more_keys}", labels.MUTED),
                ),
                markup=False,
            )
            for name, label, explanation in _QUESTION_PARTS:
                yield Static(Content.assemble((label, "bold"), (f"  {explanation}", labels.MUTED)), markup=False)
                yield Input(id=name, compact=True)
            yield Static(
                Content.assemble(("Further criteria", "bold"), ("  one a line, Name: text", labels.MUTED)),
                markup=False,
            )
            yield TextArea(id="criteria", tab_behavior="focus", compact=True)
            if self.with_file:
                yield Static(
                    Content.assemble(
                        ("File", "bold"), ("  empty: named after the title, in this folder", labels.MUTED)
                    ),
                    markup=False,
                )
                yield Input(id="file", compact=True)

    def question(self) -> Question:
        return Question(**{name: self.query_one(f"#{name}", Input).value.strip() for name, _, _ in _QUESTION_PARTS})

    def criteria(self) -> list[Criterion]:
        return parse_criteria(self.query_one("#criteria", TextArea).text, self.known)

    def checked(self) -> tuple[Question, list[Criterion]]:
        """What was typed. InputError when there is nothing to judge records by."""
        question, criteria = self.question(), self.criteria()
        require_criterion(question, criteria)
        return question, criteria

    def action_save(self) -> None:
        raise NotImplementedError

    def action_leave(self) -> None:
        self.dismiss(None)


class NewReview(_QuestionForm[Path | None]):
    """Makes the file and returns its path."""

    heading = "A new review"
    with_file = True

    def action_save(self) -> None:
        from leads_local.review.review import Review

        question, criteria = self.checked()
        path = new_review_path(self.query_one("#file", Input).value, question.title)
        Review.create(path, question, criteria).close()
        self.dismiss(path)


class EditQuestion(_QuestionForm[bool | None]):
    """Changes the question of an open review; returns True when it was stored."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "reasons", "Reasons for exclusion", priority=True),
        Binding("ctrl+l", "limits", "Criteria checked by rule", priority=True),
    ]
    heading = "The review's question"
    more_keys = " · Ctrl+r: reasons for exclusion · Ctrl+l: criteria by rule (year, language, type, country)"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def on_mount(self) -> None:
        question = self._session.review.question
        for name, _, _ in _QUESTION_PARTS:
            self.query_one(f"#{name}", Input).value = getattr(question, name)
        self.known = self._own(question)
        self.query_one("#criteria", TextArea).text = format_criteria(self.known)

    def action_reasons(self) -> None:
        self.app.push_screen(ReasonsOrder(self._session))

    def action_limits(self) -> None:
        self.app.push_screen(LimitList(self._session))

    def _own(self, question: Question) -> list[Criterion]:
        """The reviewer's own criteria of both stages; those of one stage only are not changed here."""
        review = self._session.review
        both = {criterion.id for criterion in review.criteria(Stage.FULLTEXT)}
        own = review.criteria(Stage.ABSTRACT)[len(question.parts) :]
        return [criterion for criterion in own if criterion.id in both]

    def action_save(self) -> None:
        question, criteria = self.checked()
        self._session.review.set_question(question)
        self._session.review.set_criteria(criteria)
        self.dismiss(True)
