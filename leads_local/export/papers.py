"""The PDFs behind what is included, each once, with the values that were read from it; and where its file is now."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePath

from leads_local import files
from leads_local.review.attachments import Attachment
from leads_local.review.read_models import StoredValue
from leads_local.review.review import Review
from leads_local.review.store import documents, values

ValueOfReport = tuple[int, StoredValue]
"""A value with the report (the head of its group) that it is a value of."""


@dataclass(slots=True)
class PaperValues:
    """One PDF: ``reports`` are those that it is the full text of or that have values from it, in order."""

    attachment: Attachment
    reports: list[int] = field(default_factory=list)
    values: list[ValueOfReport] = field(default_factory=list)

    @property
    def name(self) -> str:
        return files.name_of(self.attachment.path)


@dataclass(frozen=True, slots=True)
class IncludedPapers:
    """``without_pdf``: the included reports that no PDF is attached to, with the values that they have all the same."""

    papers: tuple[PaperValues, ...]
    without_pdf: dict[int, list[StoredValue]]


def included_papers(review: Review) -> IncludedPapers:
    """The files of the included reports: each one's full text, and whatever other file its values are from."""
    found: dict[str, PaperValues] = {}
    without: dict[int, list[StoredValue]] = {}
    known = {one.sha256: one for one in documents.attachments(review.db)}
    for head in review.included()[1]:
        own = documents.of_head(review.db, head)
        if own is not None:
            _paper(found, own, head)
        for stored in values.of_head(review.db, head):
            attachment = known.get(stored.document, own)
            if attachment is None:
                without.setdefault(head, []).append(stored)
            else:
                _paper(found, attachment, head).values.append((head, stored))
        if own is None:
            without.setdefault(head, [])
    return IncludedPapers(tuple(found.values()), without)


def _paper(found: dict[str, PaperValues], attachment: Attachment, head: int) -> PaperValues:
    paper = found.setdefault(attachment.sha256, PaperValues(attachment))
    if head not in paper.reports:
        paper.reports.append(head)
    return paper


def locate(review: Review, attachment: Attachment) -> Path:
    """Where the file of an attachment is likely to be: where it was when it was attached, else beside the review or in
    a folder there, as where both were moved together. It need not be there; whoever opens it compares its SHA-256."""
    stored, folder = files.path_of(attachment.path), Path(review.path).absolute().parent
    parts = PurePath(str(stored).replace("\\", "/")).parts
    places = (stored, folder / stored, *(folder.joinpath(*parts[place:]) for place in range(1, len(parts))))
    return next((place for place in places if not files.why_unreadable(files.on_disk(place))), stored)
