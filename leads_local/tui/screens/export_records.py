"""The questions before records are written into a file for another program: which, and for which program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local.citations.telling import Target
from leads_local.records import Stage
from leads_local.review.read_models import RecordFilter
from leads_local.tui import file_tasks
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.pick import PickItem, PickOne
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
)
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
        self._stage, self._show = Stage.ABSTRACT, RecordFilter.ALL

    def ask_which(self) -> None:
        self._leads.ask(PickOne("Which records?", _WHICH), self._which_given)

    def _which_given(self, answer: str | None) -> None:
        if answer:
            stage, show = answer.split()
            self._stage, self._show = Stage(stage), RecordFilter(show)
            self._leads.ask(PickOne("For which program are decisions told?", _FOR), self._target_given)

    def _target_given(self, answer: str | None) -> None:
        from leads_local.app.exporting import blind_in_words, order_records

        if not answer:
            return
        wanted = [] if self._show is RecordFilter.ALL else [self._show]
        order = order_records(self._session.review, self._path, Target(answer), self._stage, wanted)
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
