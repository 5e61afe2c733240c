"""What came of a newer export of known records, and of a list of retractions: frozen, complete in themselves (see
``read_models``)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that was known: which fields have a newer text now."""

    record: int
    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewerReport:
    """What came of a newer export. ``changed``: records whose text it has replaced; ``noticed``: records with what has
    become of their papers, as it is tagged; ``left``: what stays as it is for a reason, a few words each."""

    changed: tuple[Changed, ...] = ()
    noticed: tuple[tuple[int, str], ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A report of the review that a list of retractions names: what has become of it, when and why."""

    record: int
    title: str
    notice: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetractionReport:
    """``entries`` of the list were compared; ``papers`` of the review are among them, of which ``new`` were tagged for
    it; ``unknown`` entries are of a nature that is not known here."""

    entries: int
    papers: tuple[ListedPaper, ...]
    new: int
    unknown: int = 0


NOTHING_NEWER = NewerReport()
