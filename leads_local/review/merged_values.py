"""Which extracted values are shown after two copies of a review were brought together.

Each copy shows the values of its latest extraction and those that people have verified. Together: of the answers to
one question the latest one's, and what people have verified anywhere. It looks only at questions in which one of the
copies differs from what they are together, so that nothing else changes, and says the same whichever copy takes from
the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from leads_local.review import shown_values
from leads_local.review.database import Database
from leads_local.review.read_models import StoredValue
from leads_local.review.store import values
from leads_local.review.store.taking_over import Taken


def settle(db: Database, other: Database, taken: Taken, said_before: Mapping[int, object]) -> None:
    """Inside a transaction, when it is known what people say of values; ``said_before``: what they said here."""
    stored = {one.id: one for one in values.stream(db)}
    answers = values.answers(db)
    concerned = {
        answers[value].question for value in _differing(db, other, taken, said_before, stored) if value in answers
    }
    by_question: dict[tuple[int, str, str], list[StoredValue]] = defaultdict(list)
    for value, answer in answers.items():
        if answer.question in concerned:
            by_question[answer.question].append(stored[value])
    for found in by_question.values():
        latest = shown_values.latest_replies({answers[one.id] for one in found})
        shown_values.set_shown(db, found, shown_values.shown_of(found, answers, latest))


def _differing(
    db: Database, other: Database, taken: Taken, said_before: Mapping[int, object], stored: Mapping[int, StoredValue]
) -> set[int]:
    """The values that one copy lacks or does not show, or of which people say something else together."""
    shown, said = values.current_ids(db), values.said_rows(db)
    theirs, said_there = values.current_ids(other), values.said_rows(other)
    found = taken.new_values | {
        value for value in said.keys() | said_before if said.get(value) != said_before.get(value)
    }
    for there, here in taken.value_ids.items():
        if (here in shown) != (there in theirs) or said.get(here) != said_there.get(there):
            found.add(here)
    theirs_here = set(taken.record_ids.values())  # of other records a work package has nothing to say
    lacking = stored.keys() - set(taken.value_ids.values())
    return found | {value for value in lacking if not taken.part or stored[value].record_id in theirs_here}
