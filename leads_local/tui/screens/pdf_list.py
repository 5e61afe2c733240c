"""Every PDF of the review with the report that it belongs to, and what a person says of one: link it, make it a new
record, ignore it, take it from its record. Those that wait for that stand first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from leads_local import files
from leads_local.app.documents import describe_file, in_order
from leads_local.app.outcome import format_count
from leads_local.review.read_models import Attachment, FileRole
from leads_local.tui.screens.listing import ListDialog
from leads_local.tui.screens.pick import PickItem, PickOne, TextPrompt

_KEYS = "123456789"
_ROLES = (
    PickItem("m", "The paper itself, instead of that one: the model reads it", FileRole.MAIN),
    PickItem("s", "A supplement", FileRole.SUPPLEMENT),
    PickItem("p", "The protocol", FileRole.PROTOCOL),
)


class PdfList(ListDialog[Attachment]):
    """Keys act on the file under the cursor; ``U`` in the overview takes back what was said here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "link", "Link", tooltip="Say which record this PDF belongs to."),
        Binding("n", "new", "New record", tooltip="Make a record of this PDF, which then counts as identified."),
        Binding("i", "ignore", "Ignore", tooltip="This PDF is wanted for no record."),
        Binding("u", "unlink", "Unlink", tooltip="Take this PDF from its record; it waits then."),
    ]

    def read(self) -> Sequence[Attachment]:
        return in_order(self.session.review.attachments())

    def in_words(self, item: Attachment) -> str:
        return describe_file(item)

    def heading(self, items: Sequence[Attachment]) -> str:
        if not items:
            return "No PDFs have been attached yet: p in the overview reads a folder. Escape closes."
        waiting = sum(1 for one in items if one.waits)
        keys = "l links one to a record, n makes it a new record, i ignores it, u takes it from its record"
        return f"{format_count(len(items), 'PDF')}, {waiting:,} waiting for you. {keys}. Escape closes."

    def action_new(self) -> None:
        if file := self.chosen():
            self.done(describe_file(self.session.review.add_as_new(file.sha256)))

    def action_ignore(self) -> None:
        if file := self.chosen():
            self.done(describe_file(self.session.review.ignore(file.sha256)))

    def action_unlink(self) -> None:
        if file := self.chosen():
            self.done(describe_file(self.session.review.unlink(file.sha256)))

    def action_link(self) -> None:
        if file := self.chosen():
            question = f"{files.name_of(file.path)}: which record does it belong to?"
            self.leads.ask(
                TextPrompt(question, "Its number, or words of its title.", file.title), partial(self._named, file)
            )

    def _named(self, file: Attachment, text: str | None) -> None:
        if not text:
            return
        review = self.session.review
        if text.isdecimal():
            self._choose_role(file, text)
            return
        found = review.find_by_title(text, len(_KEYS))
        if not found:
            self.leads.tell(f"No record has all of these words in its title: {text}", "warning")
            return
        answers = [PickItem(key, f"{one.id}: {one.title}", str(one.id)) for key, one in zip(_KEYS, found, strict=False)]
        self.leads.ask(PickOne("Which of these?", answers), partial(self._choose_role, file))

    def _choose_role(self, file: Attachment, record: str | None) -> None:
        """Ask which of the report's files it is where the report has another one."""
        if not record:
            return
        other = self.session.review.record(int(record)).fulltext
        if other is None or other.sha256 == file.sha256:
            self._link(file, record, FileRole.MAIN)
            return
        question = f"Record {record} has {files.name_of(other.path)} already. What is this one?"
        self.leads.ask(PickOne(question, _ROLES, FileRole.SUPPLEMENT), partial(self._link, file, record))

    def _link(self, file: Attachment, record: str, role: str | None) -> None:
        if role:
            self.done(describe_file(self.session.review.link(file.sha256, int(record), FileRole(role))))
