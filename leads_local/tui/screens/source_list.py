"""What was imported, with counts and how it was searched for, and taking a wrong import out of the review or having it
back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from leads_local import files
from leads_local.app.sources import (
    describe_search,
    describe_source,
    describe_withdrawal,
    details_in_words,
    differences_in_words,
)
from leads_local.review.read_models import Source
from leads_local.review.search_details import NOTHING, SearchDetails
from leads_local.tui import file_tasks
from leads_local.tui.screens.listing import ListDialog
from leads_local.tui.screens.pick import TextPrompt
from leads_local.tui.screens.search_form import SearchForm
from leads_local.tui.screens.taking import TakingDialogs


class SourceList(ListDialog[Source]):
    """Keys act on the import under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "search_form", "How searched", tooltip="Say how it was searched for: database, day, strategy, …"),
        Binding("w", "withdraw", "Withdraw", tooltip="Take this import out of the review. Nothing is deleted."),
        Binding("b", "back", "Have back", tooltip="Have this import back, which was withdrawn."),
        Binding("r", "retractions", "Retractions", tooltip="Find retracted papers by Retraction Watch's list."),
        Binding("d", "decisions", "Decisions", tooltip="Take in what another screening tool says in its records."),
    ]

    def read(self) -> Sequence[Source]:
        return self.session.review.sources()

    def in_words(self, item: Source) -> str:
        return f"{item.number}: {describe_source(item)}"

    def heading(self, items: Sequence[Source]) -> str:
        if not items:
            return "Nothing has been imported yet. Escape closes."
        keys = "h says how one was searched; w withdraws one that was wrong, with its records; b has it back; d takes"
        return f"Imports. {keys} decisions in; r finds retractions. Escape closes."

    def details(self, item: Source) -> Sequence[str]:
        told = details_in_words(self._said(item))
        differ = differences_in_words(self.read(), self.session.review.search_details())
        return (told or "How it was searched for was not said: h.", *differ)

    def _said(self, source: Source) -> SearchDetails:
        return self.session.review.search_details().get(source.sha256, NOTHING)

    def action_search_form(self) -> None:
        if source := self.chosen():
            heading = f"How was {files.name_of(source.path)} searched for?"
            form = SearchForm(heading, "Escape leaves all as it is.", self._said(source))
            self.leads.ask(form, partial(self._search_told, source))

    def _search_told(self, source: Source, typed: dict[str, str] | None) -> None:
        if typed and describe_search(self.session.review, source.sha256, typed):
            told = details_in_words(self._said(source)) or "nothing is said any more"
            self.done(f"{files.name_of(source.path)}: {told}.")

    def action_withdraw(self) -> None:
        if source := self.chosen():
            explanation = "Its records leave lists, counts and exports. Nothing is deleted; b has them back."
            question = f"Why is {files.name_of(source.path)} withdrawn?"
            self.leads.ask(TextPrompt(question, explanation), partial(self._reason_given, source))

    def _reason_given(self, source: Source, reason: str | None) -> None:
        if reason is not None:
            self._change(source, reason, withdrawn=True)

    def action_back(self) -> None:
        if source := self.chosen():
            self._change(source, "", withdrawn=False)

    def action_retractions(self) -> None:
        explanation = (
            "Its CSV, as it was downloaded. What it names is tagged and told in every list; nothing is removed."
        )
        self.leads.ask(TextPrompt("Where is Retraction Watch's list?", explanation), self._list_given)

    def _list_given(self, text: str | None) -> None:
        if text:
            chore = file_tasks.note_retractions(file_tasks.typed_path(text))
            self.dismiss(None)  # what comes of it is told below the overview
            self.leads.start_chore("Looking for retractions", chore)

    def action_decisions(self) -> None:
        if source := self.chosen():
            begun = partial(self.dismiss, None)  # what comes of it is told below the overview
            TakingDialogs(self.leads, self.session, str(source.number), begun).show()

    def _change(self, source: Source, reason: str, *, withdrawn: bool) -> None:
        review = self.session.review
        changed = review.withdraw(source.sha256, reason, withdrawn=withdrawn)
        self.done(" ".join(describe_withdrawal(changed, review).lines))
