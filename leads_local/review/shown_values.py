"""Which of the values that were ever extracted for a place are shown: what people have verified, and what the answer
that stands proposes, as long as nobody has said what holds there.

``proposals`` keeps to that when an answer comes; here is what follows when a person says something of a value, takes it
back or says it again, and when copies of a review were brought together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from leads_local.records import ExtractedValue
from leads_local.review.database import Database
from leads_local.review.read_models import StoredValue, ValueStatus
from leads_local.review.store import values
from leads_local.review.store.values import Answer

ValueAddress = tuple[str, str, str, str]


def follow(db: Database, value_id: int) -> None:
    """Show what is to be shown in the place of a value of which something else is said now: one that a later extraction
    had set aside is shown as long as it is verified, and no longer. Inside a transaction."""
    found, answers = values.of_same_place(db, value_id), values.answers(db, value_id)
    if value_id not in answers:
        return
    standing = values.standing_replies(db, value_id)
    latest = latest_replies([one for one in answers.values() if one.reply in standing] or answers.values())
    set_shown(db, found, shown_of(found, answers, latest))


def set_shown(db: Database, found: Sequence[StoredValue], wanted: set[int]) -> None:
    """Show those of the values that are ``wanted``, and no others. Inside a transaction."""
    for current in (True, False):
        changed = [one.id for one in found if one.current != current and (one.id in wanted) == current]
        values.set_current(db, changed, current)


def shown_of(found: Sequence[StoredValue], answers: Mapping[int, Answer], latest: set[int]) -> set[int]:
    """Which values are shown where the ``latest`` replies are the answer that stands. What a person has said of one of
    its values sets none of the others aside, also where they are from other parts of the paper."""
    verified = [one for one in found if one.status is not ValueStatus.PROPOSED]
    return {one.id for one in verified} | {
        one.id
        for one in found
        if answers[one.id].reply in latest
        and not any(answers[other.id].reply not in latest and is_settled_by(one.value, other) for other in verified)
    }


def latest_replies(found: Iterable[Answer]) -> set[int]:
    """The latest of a question's answers; where that is about a part of the paper, the latest about each part."""
    in_order = sorted(found, key=lambda answer: answer.newest)
    by_part = {answer.part: answer.reply for answer in in_order if answer.way == in_order[-1].way}
    return set(by_part.values())


def value_address(value: ExtractedValue) -> ValueAddress:
    """What a value is a value of."""
    return (value.task, value.item, value.group, value.part)


def is_settled_by(value: ExtractedValue, stored: StoredValue) -> bool:
    """Whether what a person has said of ``stored`` is what holds in the place of ``value``."""
    if value_address(value) != value_address(stored.value):
        return False
    if stored.status in (ValueStatus.ACCEPTED, ValueStatus.EDITED):
        return True
    return stored.status is ValueStatus.REJECTED and stored.value.text == value.text
