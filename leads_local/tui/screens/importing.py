"""Importing, as it is asked for on the screen: which file, what the columns of a table hold that are not known, and how
it was searched for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual.screen import Screen

from leads_local.citations.previews import TablePreview
from leads_local.review.review import Review
from leads_local.tui import file_tasks
from leads_local.tui.file_tasks import Chore
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.column_list import ColumnList
from leads_local.tui.screens.pick import TextPrompt
from leads_local.tui.screens.search_form import SearchForm
from leads_local.tui.session import Session

_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_WHICH = "RIS, PubMed, CSV, XLSX or another export, a ZIP or a folder of them. Type its path, or drag it."


@dataclass(frozen=True, slots=True)
class ImportDialog:
    """``start`` runs the work under a name beside the ``screen``."""

    leads: LeadsInterface
    session: Session
    screen: Screen[None]
    start: Callable[[str, Chore], None]

    def ask(self) -> None:
        self.leads.ask(TextPrompt("Import which file?", _WHICH), self._given)

    def _given(self, text: str | None) -> None:
        """A workbook takes a while to look into."""
        if not text:
            return
        path = file_tasks.typed_path(text)
        if path.suffix.lower() in _WORKBOOKS:
            look = partial(self._look_into, path)
            self.screen.run_worker(look, group="preview", thread=True, exit_on_error=False)
        else:
            self._import(path, file_tasks.preview_columns(self.session.review, path))

    def _look_into(self, path: Path) -> None:
        with Review.read(self.session.path) as review:
            found = file_tasks.preview_columns(review, path)
        self.screen.app.call_from_thread(self._import, path, found)

    def _import(self, path: Path, found: TablePreview | None) -> None:
        if found is not None and found.asks:
            self.leads.ask(ColumnList(found), partial(self._said, path))
        else:
            self._said(path, "")

    def _said(self, path: Path, said: str | None) -> None:
        if said is not None:
            heading = f"How was {path.name} searched for? The report has to say it; it can be said later, too (o, h)."
            form = SearchForm(heading, "Escape imports without it.")
            self.leads.ask(form, partial(self._searched, path, said))

    def _searched(self, path: Path, columns: str, searched: dict[str, str] | None) -> None:
        self.start("Import", file_tasks.import_citations(path, columns, searched or {}))
