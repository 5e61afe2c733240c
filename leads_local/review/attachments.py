"""What a PDF of the review is: to which reports it belongs, and what of it the model is to read for one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from leads_local.records import PageRange

LINKED_BY_HAND = "linked by hand"


class FileRole(StrEnum):
    """Which of a report's files one is. MAIN: the paper; the model reads the others after it, as far as there is
    room."""

    MAIN = "main"
    SUPPLEMENT = "supplement"
    PROTOCOL = "protocol"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class FilePart:
    """What a PDF is to one of the records that it belongs to: which of its report's files, and which pages of it; None
    for all."""

    role: FileRole = FileRole.MAIN
    pages: PageRange | None = None


WHOLE_PAPER = FilePart()


@dataclass(frozen=True, slots=True)
class FileLink:
    """A report that a PDF belongs to. ``record_id`` is the record that stands for it; ``absent``: it has left the
    review."""

    record_id: int
    title: str
    role: FileRole = FileRole.MAIN
    page_range: PageRange | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """One PDF with the report that it belongs to: ``record_id`` is 0 while that is none. ``how`` says why it was linked
    there. ``problem``: why it can't be read. ``pages``: how many it has. ``unmatched``: it matched no record, so that
    an earlier version made one for it, to which it belongs. ``role``: which of its report's files it is;
    ``page_range``: which of its pages are that report's, None for all. ``ignored``: a person wants it for no record.
    ``absent``: its record has left the review. ``also``: the further reports that it belongs to."""

    path: str
    sha256: str
    record_id: int
    title: str
    how: str
    problem: str = ""
    notice: str = ""
    pages: int = 0
    unmatched: bool = False
    role: FileRole = FileRole.MAIN
    ignored: bool = False
    absent: bool = False
    page_range: PageRange | None = None
    also: tuple[FileLink, ...] = ()

    @property
    def links(self) -> tuple[FileLink, ...]:
        """All reports that it belongs to."""
        if not self.record_id:
            return ()
        return (FileLink(self.record_id, self.title, self.role, self.page_range, self.absent), *self.also)

    @property
    def waits(self) -> bool:
        """Whether a person has to say what it is: it can be read, and belongs to no record of the review."""
        return bool(self.sha256) and not (self.problem or self.ignored or (self.record_id and not self.absent))


@dataclass(frozen=True, slots=True)
class FurtherFile:
    """A file that goes with a report's paper and is read after it: a supplement, a protocol, a correction. ``ocr``
    as in ``Paper``."""

    sha256: str
    document_id: int
    role: FileRole
    file_name: str
    pages: PageRange | None = None
    ocr: str = ""


PASSAGES_OF_A_FILE = 1_000_000
"""By so much the numbers of the passages of one file of a paper differ from those of the next: no file has as many."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What the model reads of a report: a file that can be read, or only the pages of it that are the report's, and
    after that what goes with it. ``serves``: the report's record by its name in every copy, where the file belongs to
    another record first. ``ocr``: what the text that OCR read of the file is called, "" where it read none."""

    sha256: str
    document_id: int = 0
    pages: PageRange | None = None
    serves: str = ""
    further: tuple[FurtherFile, ...] = ()
    ocr: str = ""

    @property
    def text_name(self) -> str:
        """What its text is called: the same for two reports that share it."""
        further = "".join(f" with {one.role} {_called(one.sha256, one.pages, one.ocr)}" for one in self.further)
        return f"{_called(self.sha256, self.pages, self.ocr)}{further}"

    @property
    def name(self) -> str:
        """What it is called in the keys of questions about it: another one for each report that is asked about."""
        return f"{self.text_name}{f' for {self.serves}' if self.serves else ''}"

    def locate(self, passage: int) -> tuple[int, int]:
        """The document that a passage of the whole paper is of, and its number there."""
        file, number = divmod(passage, PASSAGES_OF_A_FILE)
        return (self.further[file - 1].document_id, number) if file > 0 else (self.document_id, passage)


def _called(sha256: str, pages: PageRange | None, ocr: str) -> str:
    return f"{sha256}{f' {pages.in_words()}' if pages else ''}{f' by OCR {ocr}' if ocr else ''}"
