"""What the file knows of studies: which reports were said to be of which, which are not of one, how people call them,
and where texts may tell.

Labels are read where they stand, in the last act of each study that holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leads_local.review.acts import ActKind
from leads_local.review.database import Database
from leads_local.review.store import acts, citations
from leads_local.review.store.rows import UNREADABLE_ERRORS, read_rows


@dataclass(frozen=True, slots=True)
class PaperText:
    """A passage of a file of ``report``, of which that has the pages ``first`` to ``last``, 0 for all."""

    report: int
    section: str
    text: str
    spans: str
    first: int
    last: int

    @property
    def page(self) -> int:
        """On which it begins, 0 where that can't be read."""
        try:
            return int(json.loads(self.spans)[0][2])
        except UNREADABLE_ERRORS:
            return 0

    @property
    def is_of_the_report(self) -> bool:
        return not self.last or self.first <= self.page <= self.last


def memberships(db: Database) -> list[tuple[int, int, str, str]]:
    """(report, record of it, study that it was said to be of, why), in the order of records."""
    rows = db.rows(
        "SELECT r.head, n.record_id, n.about, n.text FROM annotation n JOIN record r ON r.id = n.record_id "
        "WHERE n.kind = 'study' ORDER BY n.record_id, n.about"
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def names(db: Database) -> list[tuple[int, str]]:
    """(report, study that it was said to be of)."""
    return [(report, name) for report, _, name, _ in memberships(db)]


def labels(db: Database) -> dict[str, str]:
    """What people call studies, by their names, in the order in which it was said; "" where they took that back."""
    found: dict[str, str] = {}
    for _, act, _ in acts.holding(db, ActKind.LABEL):
        (study,) = act.subject_parts()
        found.pop(study, None)
        found[study] = act.said_parts()["label"]
    return found


def distinct(db: Database) -> list[tuple[int, str, int, int]]:
    """(record, what the register is about, both reports) where it was said that two are not of one study."""
    rows = db.rows(
        "SELECT n.record_id, n.about, r.head FROM annotation n JOIN record r ON r.id = n.record_id "
        "WHERE n.kind = 'distinct' ORDER BY n.record_id, n.about"
    )
    told = read_rows(db, "annotation of record", rows, lambda row: (row[0], row[1], row[2], json.loads(row[1])))
    return [
        (record, about, head, citations.head(db, citations.find_named(db, *name))) for record, about, head, name in told
    ]


def paper_texts(db: Database, heads: Sequence[int]) -> Iterator[PaperText]:
    """Of the papers of these reports all that is neither a reference nor a running head."""
    rows = db.stream(
        "SELECT r.head, p.section, p.text, p.spans, f.first_page, f.last_page FROM json_each(?) i "
        "CROSS JOIN record r ON r.head = i.value CROSS JOIN file_link f ON f.record_id = r.id "
        "CROSS JOIN document o ON o.id = f.document_id CROSS JOIN passage p ON p.document_id = o.id "
        "WHERE o.problem = '' AND p.section <> 'references' AND p.kind <> 'furniture'",
        (json.dumps(list(heads)),),
    )
    yield from (PaperText(*row) for row in rows)
