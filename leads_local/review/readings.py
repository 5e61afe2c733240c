"""What could be read of each paper of the review: the files that it consists of, and what is missing of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leads_local.review.attachments import Attachment, FileLink
from leads_local.review.database import Database
from leads_local.review.store import documents, values

if TYPE_CHECKING:
    from leads_local.documents.reading_report import Reading


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file of a paper: what it is to the report, and what could be read of it."""

    file: Attachment
    link: FileLink
    reading: Reading

    @property
    def whole(self) -> bool:
        return not self.file.problem and self.reading.whole


@dataclass(frozen=True, slots=True)
class PaperReading:
    """One report with its files. ``left_out``: the sections that did not fit into the model's context when it was asked
    about the paper; empty while it was not."""

    record_id: int
    title: str
    files: tuple[FileReading, ...]
    left_out: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.left_out and all(file.whole for file in self.files)


def read_papers(db: Database) -> list[PaperReading]:
    """Every report of the review that has a file, by its number."""
    readings = documents.readings(db)
    found: dict[int, list[FileReading]] = {}
    titles: dict[int, str] = {}
    for file in documents.attachments(db):
        for link in file.links:
            if not link.absent:
                titles[link.record_id] = link.title
                found.setdefault(link.record_id, []).append(FileReading(file, link, readings[file.sha256]))
    return [
        PaperReading(record, titles[record], tuple(files), _left_out(db, record))
        for record, files in sorted(found.items())
    ]


def _left_out(db: Database, record: int) -> tuple[str, ...]:
    said = (part for stored in values.of_head(db, record) for part in stored.left_out)
    return tuple(dict.fromkeys(said))
