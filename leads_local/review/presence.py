"""Which records are in the review: all that came in, but for those of a source that was withdrawn and for a PDF's own
record once the PDF belongs to another record, or to none.

Why it exists: nothing that came in is ever deleted, and yet a wrong import must leave lists, counts and jobs. An absent
record keeps its place in its group, and what was decided on it stays: where another source has the same report, that
record goes on with the decisions. A group of which no record is left has no outcome.

Invariant: a record that is absent stands for no other one that is not.
"""

from __future__ import annotations

from collections.abc import Iterable

from leads_local.errors import ReviewError
from leads_local.review import heads
from leads_local.review.database import Database
from leads_local.review.store import citations, groups


def require_present(db: Database, record_id: int) -> None:
    """Raise ReviewError where the report of a record has left the review."""
    if citations.is_absent(db, record_id):
        raise ReviewError(
            f"{db.path}: record {record_id} is not in the review any more: its source was withdrawn, or its PDF "
            "belongs to another record.",
            "`leads-local sources` and `leads-local pdfs --list` show which, and take it back.",
        )


def choose_heads(db: Database, changed: Iterable[int]) -> set[int]:
    """Have a record that is in the review stand for each group of which a record has left or come back. Returns the
    records of these groups. Inside a transaction."""
    concerned = groups.heads_of(db, sorted(changed))
    if not concerned:  # as with each decision
        return set()
    members, stored = groups.of_heads(db, concerned), groups.stored_groups(db, concerned)
    grouped = [record for head in stored for record in members[head]]
    texts = citations.read_many(db, grouped)
    pdfs, screened = citations.made_for_pdfs(db, grouped), groups.screened_ids(db, grouped)
    for head, group in stored.items():
        best = heads.choose(members[head], texts, pdfs, (), screened)
        if best != head:
            groups.form_group(db, best, members[head], group.reasons, group.clock)
    return {record for records in members.values() for record in records}
