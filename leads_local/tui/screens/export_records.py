"""The questions before records are written into a file for another program: which, and for which program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local.app.conditions import parse_term
from leads_local.citations.telling import Target
from leads_local.records import Stage
from leads_local.review.read_models import RecordFilter
from leads_local.tui import file_tasks
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.pick import PickItem, PickOne, TextPrompt
from leads_local.tui.session import Session

if TYPE_CHECKING:
    from leads_local.export.records import RecordsOrder

_WHICH = (
    PickItem("a", "All records", f"{Stage.ABSTRACT} {RecordFilter.ALL}"),
    PickItem("i", "Included by their abstracts", f"{Stage.ABSTRACT} {RecordFilter.INCLUDED}"),
    PickItem("x", "Excluded by their abstracts", f"{Stage.ABSTRACT} {RecordFilter.EXCLUDED}"),
    PickItem("u", "Undecided by their abstracts", f"{Stage.ABSTRACT} {RecordFilter.UNDECIDED}"),
    PickItem("f", "Included by their full texts", f"{Stage.FULLTEXT} {RecordFilter.INCLUDED}"),
    PickItem("e", "Excluded by their full texts", f"{Stage.FULLTEXT} {RecordFilter.EXCLUDED}"),
    PickItem("w", "Those of a tag, a year or another condition …", "where"),
)
_CONDITIONS = "Such as tag=rct, year>2010, title~knee, source=2 or maybe. Where there are several, all must hold."
_FOR = (
    PickItem("z", "Zotero, EndNote and others, or leads-local again", Target.PLAIN),
    PickItem("r", "Rayyan", Target.RAYYAN),
    PickItem("a", "ASReview", Target.ASREVIEW),
    PickItem("c", "Covidence", Target.COVIDENCE),
    PickItem("p", "EPPI-Reviewer", Target.EPPI),
)


class RecordsDialogs:
    """Asks until it is known what goes into the file, and starts to write it."""

    def __init__(self, leads: LeadsInterface, session: Session, path: Path) -> None:
        self._leads, self._session, self._path = leads, session, path
        self._stage, self._wanted = Stage.ABSTRACT, list[str]()

    def ask_which(self) -> None:
        from leads_local.export.records import format_of

        format_of(self._path)  # refuses a name that says no format before anything is asked
        self._leads.ask(PickOne("Which records?", _WHICH), self._which_given)

    def _which_given(self, answer: str | None) -> None:
        if answer == "where":
            self._leads.ask(TextPrompt("Which records?", _CONDITIONS), self._conditions_given)
        elif answer:
            stage, show = answer.split()
            self._ask_target(Stage(stage), [] if show == RecordFilter.ALL else [show])

    def _conditions_given(self, text: str | None) -> None:
        if text:
            conditions, others = parse_term(text)
            self._ask_target(Stage.ABSTRACT, [*conditions, *others])

    def _ask_target(self, stage: Stage, wanted: list[str]) -> None:
        self._stage, self._wanted = stage, wanted
        self._leads.ask(PickOne("For which program are decisions told?", _FOR), self._target_given)

    def _target_given(self, answer: str | None) -> None:
        from leads_local.app.exporting import blind_in_words, order_records

        if not answer:
            return
        order = order_records(self._session.review, self._path, Target(answer), self._stage, self._wanted)
        doubts = [f"{self._path} is there already, and would be replaced."] if self._path.exists() else []
        told = blind_in_words(self._session.review, order.heads)
        if not (doubts or told):
            self._write(order, unblind=False)
            return
        answers = [PickItem("n", "Don't export", ""), PickItem("w", "Write it, and know that", "write")]
        question = PickOne("Export all the same?", answers, "", "\n".join([*doubts, *([told] if told else [])]))
        order = replace(order, replace=bool(doubts))
        self._leads.ask(question, lambda said: self._write(order, unblind=bool(told)) if said else None)

    def _write(self, order: RecordsOrder, *, unblind: bool) -> None:
        self._leads.start_chore("Export", file_tasks.export_records(order, unblind))
