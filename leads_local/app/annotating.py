"""What is told of notes, tags, priorities and corrections: the same sentences on the command line and on the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from leads_local.app.outcome import Outcome, format_count
from leads_local.records import Stage
from leads_local.review.acts import Act, ActKind
from leads_local.review.annotations import Annotations, Correction, Field
from leads_local.review.read_models import RecordView
from leads_local.review.review import Review
from leads_local.review.store import annotation_rows as store

JUDGED_BEFORE = "The model judged the record as it was before this was corrected; it is asked again when it next works."
NO_PRIORITY = "normal"
"""The word for a report of whose priority nothing was said, or nothing any more."""


def tags_in_words(tags: Iterable[str]) -> str:
    return " ".join(f"#{tag}" for tag in tags)


def describe_tags(review: Review, record_id: int) -> Outcome:
    added = review.annotations(record_id)
    return Outcome((f"Record {record_id}: {tags_in_words(added.tags) or 'no tags'}.",))


def describe_all_tags(review: Review) -> Outcome:
    """Every tag with how many reports have it."""
    pairs = {(tag, head) for head, tag, _ in store.heads_with(review.db, ActKind.TAG)}
    counted = Counter(tag for tag, _ in pairs)
    lines = tuple(f"#{tag}: {format_count(number, 'report')}" for tag, number in sorted(counted.items()))
    return Outcome(lines or ("No record has a tag.",))


def describe_priority(review: Review, record_id: int) -> Outcome:
    return Outcome((f"Record {record_id}: priority {review.annotations(record_id).priority or NO_PRIORITY}.",))


def describe_notes(review: Review, record_id: int) -> Outcome:
    """The notes that the person may see, each with whose it is."""
    added = review.annotations(record_id)
    lines = tuple(f"Record {record_id}: {line}" for line in notes_in_words(added))
    return Outcome(lines or (f"Record {record_id}: no note.",), hidden_in_words(added))


def notes_in_words(added: Annotations) -> tuple[str, ...]:
    return tuple(f"note by {note.reviewer or 'somebody'}, {_day(note.at)}: {note.text}" for note in added.notes)


def hidden_in_words(added: Annotations) -> tuple[str, ...]:
    """That there are notes which are not told yet."""
    if not added.hidden_notes:
        return ()
    return (f"{format_count(added.hidden_notes, 'note')} of others: to be read once you have decided for yourself.",)


def describe_correction(review: Review, record_id: int, field: Field) -> Outcome:
    """What the record has now, and what was imported."""
    found = [one for one in store.corrections(review.db, [record_id]) if one.field is field]
    lines = tuple(f"Record {record_id}: {correction_in_words(one)}" for one in found)
    return Outcome(lines or (f"Record {record_id}: the {field} is as it was imported.",))


def describe_restored(record_id: int, restored: bool = True) -> Outcome:
    """That all of a record is as it was imported again, or was so before."""
    return Outcome((f"Record {record_id}: all is as it was imported{' again' if restored else ''}.",))


def correction_in_words(one: Correction) -> str:
    who = f" by {one.reviewer}" if one.reviewer else ""
    if one.newer:
        return f"{one.field} is that of a newer export, imported{who}, {_day(one.at)}; before it was “{one.imported}”."
    return f"{one.field} corrected{who}, {_day(one.at)}, to “{one.text}”; imported was “{one.imported}”."


def judged_before_correction(view: RecordView, stage: Stage) -> bool:
    """Whether what the model says of the abstract is of another text than the one that stands."""
    screening = view.screenings.get(stage)
    if stage is not Stage.ABSTRACT or screening is None:
        return False
    read = (one for one in view.annotations.corrections if one.record_id == view.id and one.field in _READ_BY_MODEL)
    return any(one.at > screening.at for one in read)


_READ_BY_MODEL = (Field.TITLE, Field.ABSTRACT)


def act_in_words(act: Act, record: int) -> str:
    """An act of these kinds in a few words."""
    text, about = act.said_parts()["text"], act.subject_parts()[2]
    by = f" by {act.reviewer}" if act.reviewer else ""
    match act.kind:
        case ActKind.NOTE:
            return f"note on record {record}{' taken away' if text is None else ''}{by}"
        case ActKind.TAG:
            return f"tag #{about} {'taken off' if text is None else 'on'} record {record}{by}"
        case ActKind.PRIORITY:
            return f"priority {text or NO_PRIORITY} of record {record}{by}"
        case ActKind.STUDY:
            return f"record {record} {'taken out of a study' if text is None else 'linked into a study'}{by}"
        case ActKind.DISTINCT:
            said = "perhaps of one study with another after all" if text is None else "not of one study with another"
            return f"record {record} {said}{by}"
    return f"{about} of record {record} {'as imported again' if text is None else 'corrected'}{by}"


def _day(at: str) -> str:
    return at[:10]
