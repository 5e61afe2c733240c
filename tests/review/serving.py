"""What a person may say of a PDF, and a simple model of what follows: for tests with random histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hypothesis import strategies as st

from leads_local.records import PageRange
from leads_local.review.attachments import WHOLE_PAPER, FilePart, FileRole
from leads_local.review.review import Review


class Saying(StrEnum):
    LINK = "link"
    ALSO = "also"
    UNLINK = "unlink"
    UNLINK_ONE = "unlink one"
    IGNORE = "ignore"
    ADD = "add_as_new"


SAYINGS = st.sampled_from([*Saying, Saying.ALSO, Saying.ALSO])
PARTS = st.sampled_from(
    [
        WHOLE_PAPER,
        FilePart(FileRole.SUPPLEMENT),
        FilePart(pages=PageRange(1, 1)),
        FilePart(pages=PageRange(2, 3)),  # which papers of one page don't have
    ]
)


def say_of_a_file(review: Review, sha256: str, what: Saying, record: int, part: FilePart) -> None:
    match what:
        case Saying.LINK | Saying.ALSO:
            review.link(sha256, record, part.role, part.pages, also=what is Saying.ALSO)
        case Saying.UNLINK:
            review.unlink(sha256)
        case Saying.UNLINK_ONE:
            review.unlink(sha256, record)
        case Saying.IGNORE:
            review.ignore(sha256)
        case Saying.ADD:
            review.add_as_new(sha256)


@dataclass
class Served:
    """The records that a file belongs to: ``first`` by itself, the others beside it."""

    first: int = 0
    parts: dict[int, FilePart] = field(default_factory=dict)

    def say(self, what: Saying, record: int, part: FilePart, heads: Mapping[int, int]) -> int | None:
        """Follow what was said. Returns the record that the file belongs to by itself (0: none) where that was said."""
        if what in (Saying.LINK, Saying.ADD):
            self.first, self.parts = record, {record: part if what is Saying.LINK else WHOLE_PAPER}
        elif what in (Saying.UNLINK, Saying.IGNORE):
            self.first, self.parts = 0, {}
        elif what is Saying.UNLINK_ONE:
            gone = {one for one in self.parts if heads[one] == heads[record]}
            self.parts = {one: what for one, what in self.parts.items() if one not in gone}
            if self.first not in gone:
                return None
            self.first = 0
        else:
            same = [one for one in (self.first, *sorted(self.parts)) if one and heads[one] == heads[record]]
            record = same[0] if same else record
            self.first = self.first if self.parts else record
            self.parts[record] = part
            return record if record == self.first else None
        return self.first
