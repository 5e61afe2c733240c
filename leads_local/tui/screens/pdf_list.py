"""Every PDF of the review with the reports that it belongs to, and what a person says of one: link it, to several
records too, make it a new record, ignore it, take it from its record. Those that wait for that stand first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from leads_local import files
from leads_local.app.documents import describe_file, in_order, parse_pages
from leads_local.app.outcome import format_count
from leads_local.app.reading import describe_readings
from leads_local.app.scans import take_back
from leads_local.review.attachments import Attachment, FileRole
from leads_local.tui import file_tasks
from leads_local.tui.screens.listing import ListDialog
from leads_local.tui.screens.pick import NUMBER_KEYS, PickItem, PickOne, TextPrompt
from leads_local.tui.screens.report import ReportScreen

_ALL = "0"
_THIS, _BACK = "this", "back"
_OCR = (
    PickItem("o", "Read the scanned pages of this one", _THIS),
    PickItem("a", "Those of all PDFs that no OCR has read", _ALL),
    PickItem("t", "Take back what OCR has read of this one", _BACK),
)
_ROLES = (
    PickItem("m", "The paper itself, instead of that one: the model reads it", FileRole.MAIN),
    PickItem("s", "A supplement: read after the paper", FileRole.SUPPLEMENT),
    PickItem("p", "The protocol", FileRole.PROTOCOL),
    PickItem("c", "A correction", FileRole.CORRECTION),
)


class PdfList(ListDialog[Attachment]):
    """Keys act on the file under the cursor; ``U`` in the overview takes back what was said here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "link", "Link", tooltip="Say which record this PDF belongs to."),
        Binding(
            "a", "also", "Also", tooltip="Link this PDF to a further record, too, or say which pages are a record's."
        ),
        Binding("n", "new", "New record", tooltip="Make a record of this PDF, which then counts as identified."),
        Binding("i", "ignore", "Ignore", tooltip="This PDF is wanted for no record."),
        Binding("u", "unlink", "Unlink", tooltip="Take this PDF from its record; it waits then."),
        Binding("o", "ocr", "OCR", tooltip="Read scanned pages by OCR, or take back what it has read."),
        Binding("r", "reading", "Reading", tooltip="What could be read of each paper: pages, signs, tables, files."),
    ]

    def read(self) -> Sequence[Attachment]:
        return in_order(self.session.review.attachments())

    def in_words(self, item: Attachment) -> str:
        return describe_file(item)

    def heading(self, items: Sequence[Attachment]) -> str:
        if not items:
            return "No PDFs have been attached yet: p in the overview reads a folder. Escape closes."
        waiting = sum(1 for one in items if one.waits)
        keys = "l links one to a record, a to a further one, n makes it a new record, i ignores it, u unlinks it"
        keys += ", o reads scanned pages by OCR, r tells what could be read"
        return f"{format_count(len(items), 'PDF')}, {waiting:,} waiting for you. {keys}. Escape closes."

    def action_reading(self) -> None:
        told = describe_readings(self.session.review)
        self.leads.ask(
            ReportScreen("What could be read of each paper", (*told.notices, "", *told.results)), lambda _: None
        )

    def action_ocr(self) -> None:
        if file := self.chosen():
            explanation = "It takes seconds a page. What it reads is marked wherever it is shown: compare each value."
            question = PickOne(f"{files.name_of(file.path)}: what is OCR to do?", _OCR, _THIS, explanation)
            self.leads.ask(question, partial(self._ocr, file))

    def _ocr(self, file: Attachment, what: str | None) -> None:
        if what == _BACK:
            self.done(describe_file(take_back(self.session.review, Path(file.sha256))))
        elif what:
            wanted = Path(file.sha256) if what == _THIS else None
            chore = file_tasks.read_scans(wanted, self.session.settings.ocr_languages)
            self.leads.start_chore("Reading scans", chore)
            self.dismiss(None)  # how far it has come is told below

    def action_new(self) -> None:
        if file := self.chosen():
            self.done(describe_file(self.session.review.add_as_new(file.sha256)))

    def action_ignore(self) -> None:
        if file := self.chosen():
            self.done(describe_file(self.session.review.ignore(file.sha256)))

    def action_unlink(self) -> None:
        file = self.chosen()
        if file is None or len(file.links) < 2:
            self._unlink(file, _ALL)
            return
        answers = [
            PickItem(key, f"Record {link.record_id}: {link.title}", str(link.record_id))
            for key, link in zip(NUMBER_KEYS, file.links, strict=False)
        ]
        question = f"{files.name_of(file.path)}: from which record is it to be taken?"
        self.leads.ask(PickOne(question, [*answers, PickItem("a", "All of them", _ALL)]), partial(self._unlink, file))

    def _unlink(self, file: Attachment | None, record: str | None) -> None:
        if file and record:
            self.done(describe_file(self.session.review.unlink(file.sha256, int(record))))

    def action_link(self) -> None:
        self._ask_record(also=False)

    def action_also(self) -> None:
        self._ask_record(also=True)

    def _ask_record(self, *, also: bool) -> None:
        if file := self.chosen():
            question = f"{files.name_of(file.path)}: which {'further ' if also else ''}record does it belong to?"
            self.ask_record(question, "" if also else file.title, partial(self._choose_role, file, also))

    def _choose_role(self, file: Attachment, also: bool, record: int) -> None:
        """Ask which of the report's files it is where the report has another one."""
        view = self.session.review.record(record)
        known = next((link for link in file.links if link.record_id == view.id), None)
        if view.fulltext is None or view.fulltext.sha256 == file.sha256 or (also and known):
            self._ask_pages(file, also, record, known.role if also and known else FileRole.MAIN)
            return
        question = f"Record {record} has {files.name_of(view.fulltext.path)} already. What is this one?"
        then = partial(self._ask_pages, file, also, record)
        self.leads.ask(PickOne(question, _ROLES, FileRole.SUPPLEMENT), then)

    def _ask_pages(self, file: Attachment, also: bool, record: int, role: str | None) -> None:
        """Ask which pages are the record's where the file may have those of others."""
        if not role:
            return
        if not also:
            self._link(file, also, record, role, "")
            return
        question = f"Which pages of {files.name_of(file.path)} are record {record}'s?"
        explanation = "The first and the last, counted from 1, as in 12-15; the model reads no others. Empty: all."
        self.leads.ask(TextPrompt(question, explanation), partial(self._link, file, also, record, role))

    def _link(self, file: Attachment, also: bool, record: int, role: str, pages: str | None) -> None:
        if pages is not None:
            shown = parse_pages(pages) if pages else None
            linked = self.session.review.link(file.sha256, record, FileRole(role), shown, also=also)
            self.done(describe_file(linked))
