"""What may be one study, to be confirmed or turned down, and every study with its reports, to be renamed, added to or
taken apart. Nothing is linked but by a key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from leads_local.app import studies as told
from leads_local.app.outcome import format_count
from leads_local.review.studies import Study
from leads_local.review.study_suggestions import StudySuggestion
from leads_local.tui.screens.listing import ListDialog
from leads_local.tui.screens.pick import PickItem, PickOne, TextPrompt

_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"


class StudyDialog(ListDialog[StudySuggestion | Study]):
    """Keys act on the line under the cursor; ``U`` in the overview takes back what was said here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "one", "One study", tooltip="These reports are of one study."),
        Binding("n", "not_one", "Not one", tooltip="These are not of one study; it is not asked again."),
        Binding("l", "add", "Link", tooltip="Another report is of this study, too."),
        Binding("u", "take_out", "Take out", tooltip="A report is not of this study after all."),
        Binding("r", "rename", "Rename", tooltip="Say how this study is called, here and in exports."),
    ]

    def read(self) -> Sequence[StudySuggestion | Study]:
        review = self.session.review
        studies, suggestions = review.studies(), review.study_suggestions()
        self._shown = told.summaries(review, [report for study in studies for report in study.reports])
        self._disputed = told.disputed_in_words(review)
        return [*suggestions, *sorted(studies, key=lambda study: len(study.reports) == 1)]

    def in_words(self, item: StudySuggestion | Study) -> str:
        if isinstance(item, Study):
            return told.study_heading(item)
        return f"One study? {', '.join(map(str, item.reports))}: {'; '.join(item.reasons)}"

    def details(self, item: StudySuggestion | Study) -> Sequence[str]:
        if isinstance(item, Study):
            because = told.linked_because(self.session.review, item.reports)
            return [*list(told.study_lines(item, self._shown))[1:], *because]
        return list(told.suggestion_lines(item, self._shown))

    def heading(self, items: Sequence[StudySuggestion | Study]) -> str:
        if not items:
            return "No report is sought in full yet. Escape closes."
        open_ones = sum(1 for one in items if isinstance(one, StudySuggestion))
        counts = f"{format_count(open_ones, 'question')}, {format_count(len(items) - open_ones, 'study', 'studies')}."
        keys = "y one study, n not one; l links another report to a study, u takes one out, r renames it"
        return " ".join((counts, f"{keys}. Escape closes.", *self._disputed))

    # ------------------------------------------------------------ what may be one

    def _suggestion(self) -> StudySuggestion | None:
        chosen = self.chosen()
        if isinstance(chosen, Study):
            self.leads.tell("This is a study, not a question: l links a report to it, u takes one out.", "warning")
        return chosen if isinstance(chosen, StudySuggestion) else None

    def action_one(self) -> None:
        if found := self._suggestion():
            made = self.session.review.link_reports(found.reports, why="; ".join(found.reasons))
            self.done(f"{told.study_heading(made)}.")

    def action_not_one(self) -> None:
        if found := self._suggestion():
            new = self.session.review.tell_apart(found.reports)
            self.done(" ".join(told.describe_told_apart(found.reports, new).lines))

    # ------------------------------------------------------------ studies

    def _study(self) -> Study | None:
        chosen = self.chosen()
        if isinstance(chosen, StudySuggestion):
            self.leads.tell("This is a question, not a study: y says that it is one, n that it is not.", "warning")
        return chosen if isinstance(chosen, Study) else None

    def action_rename(self) -> None:
        if study := self._study():
            explanation = "In lists and exports. Nothing: first author and year of its earliest report."
            label = study.label if study.named else ""
            self.leads.ask(TextPrompt(f"How is {study.label} called?", explanation, label), partial(self._named, study))

    def _named(self, study: Study, label: str | None) -> None:
        if label is not None:
            self.done(f"{told.study_heading(self.session.review.label_study(study.number, label))}.")

    def action_add(self) -> None:
        if study := self._study():
            self.ask_record(f"Which report is of {study.label}, too?", "", partial(self._add, study))

    def _add(self, study: Study, record: int) -> None:
        self.done(f"{told.study_heading(self.session.review.link_reports([study.number, record]))}.")

    def action_take_out(self) -> None:
        if study := self._study():
            if len(study.reports) == 1:
                self.leads.tell("It has one report only.", "warning")
                return
            answers = [
                PickItem(key, self._titled(report), str(report))
                for key, report in zip(_KEYS, study.reports, strict=False)
            ]
            self.leads.ask(PickOne(f"Which report is not of {study.label}?", answers), self._take_out)

    def _titled(self, report: int) -> str:
        return told.report_in_words(report, self._shown)

    def _take_out(self, record: str | None) -> None:
        if record:
            left = self.session.review.unlink_reports([int(record)])
            self.done("; ".join(told.study_heading(study) for study in left))
