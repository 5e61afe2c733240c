"""Which record of a group shows for all of them: this file's choice, of which the log knows nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields

from leads_local.records import Citation


def choose(
    records: Iterable[int],
    texts: Mapping[int, Citation],
    pdfs: Collection[int],
    stored: Collection[int],
    screened: Collection[int],
) -> int:
    """Which record stands for the others (``records``, oldest first): of those in ``texts``, which are the ones that
    are in the review (where none is, the oldest stands for them), one that came from a database, not from a PDF; of
    those one with an abstract; of those the one that stood for a group or was screened before, so that nothing that
    people know changes its number without need; of those the one that says most; of those the oldest."""

    def rank(record: int) -> tuple[bool, bool, bool, bool, int]:
        citation = texts[record]
        filled = sum(1 for field in fields(citation) if getattr(citation, field.name))
        known = (record in stored, record in screened)
        return (record not in pdfs, bool(citation.abstract.strip()), *known, filled)

    known = list(records)
    return max((record for record in known if record in texts), key=rank, default=known[0])  # of equals the first
