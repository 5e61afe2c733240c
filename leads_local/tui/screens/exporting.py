"""Exporting, as it is asked for on the screen: what, to which folder, and whether also what one may not know yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from leads_local.tui import file_tasks
from leads_local.tui.file_tasks import Chore
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.export_records import RecordsDialogs
from leads_local.tui.screens.pick import PickItem, PickOne, TextPrompt
from leads_local.tui.session import Session

_RECORDS = "records"
_REFERENCES = "references"
_WHAT = [
    PickItem("t", "Tables, citations and the audit trail", ""),
    PickItem("a", "These, and annotated PDFs: each value highlighted in its paper", "annotated"),
    PickItem("p", "Tables, and a report for a browser, with pictures of places", "report"),
    PickItem("b", "All of this", "annotated report"),
    PickItem("r", "Records with decisions, for Zotero, Rayyan, ASReview and others", _RECORDS),
    PickItem("l", "Reference lists of the included papers, as candidates", _REFERENCES),
]
_NEW_FILE = "What the review does not have is written as candidates. Look through them, then import the file (i)."
_FILE = "Its name says in which format: .ris .nbib .bib .xml .csv .xlsx .jsonl .json"
_FOLDER = "It is made where it is missing. Files of an earlier export there are replaced."


@dataclass(frozen=True, slots=True)
class ExportDialog:
    """``start`` runs the work under a name beside the screen."""

    leads: LeadsInterface
    session: Session
    start: Callable[[str, Chore], None]

    def ask(self) -> None:
        self.leads.ask(PickOne("Export what?", _WHAT), self._ask_folder)

    def _ask_folder(self, what: str | None) -> None:
        if what is None:
            return
        if what == _RECORDS:
            self.leads.ask(TextPrompt("Into which file?", _FILE, f"{self.session.path.stem}.ris"), self._ask_records)
            return
        if what == _REFERENCES:
            name = f"{self.session.path.stem}-references.ris"
            self.leads.ask(TextPrompt("Into which new file?", _NEW_FILE, name), self._write_references)
            return
        folder = f"{self.session.path.stem}-export"

        def given(text: str | None) -> None:
            if text:
                self._ask_unblind(file_tasks.typed_target(text), what)

        self.leads.ask(TextPrompt("Export to which folder?", _FOLDER, folder), given)

    def _ask_records(self, text: str | None) -> None:
        if text:
            RecordsDialogs(self.leads, self.session, file_tasks.typed_target(text)).ask_which()

    def _write_references(self, text: str | None) -> None:
        if text:
            self.start("Reference lists", file_tasks.export_references(file_tasks.typed_target(text)))

    def _ask_unblind(self, folder: Path, what: str) -> None:
        from leads_local.app.exporting import blind_in_words

        def answered(answer: str | None) -> None:
            if answer:
                self._export(folder, what, unblind=True)

        if told := blind_in_words(self.session.review):
            answers = [PickItem("n", "Don't export", ""), PickItem("u", "Export, and know it", "unblind")]
            self.leads.ask(PickOne("Export all the same?", answers, "", told), answered)
        else:
            self._export(folder, what, unblind=False)

    def _export(self, folder: Path, what: str, *, unblind: bool) -> None:
        chore = file_tasks.export_tables(folder, unblind, annotated="annotated" in what, report="report" in what)
        self.start("Export", chore)
