"""Which extracted values are shown after two copies of a review were brought together.

Each copy shows the values of its latest extraction and those that people have verified. Together: of the answers to one
question the latest one's, and what people have verified anywhere. It looks only at questions in which the copies differ,
so that nothing else changes, and says the same whichever copy takes from the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from leads_local.review import proposals
from leads_local.review.database import Database
from leads_local.review.read_models import StoredValue, ValueStatus
from leads_local.review.store import values
from leads_local.review.store.values import Answer


def settle(db: Database, came: set[int], shown: Mapping[int, bool]) -> None:
    """``came``: the values that are new here; ``shown``: whether the other copy shows those that were here. Inside a
    transaction, when what people said of them is known."""
    stored = {one.id: one for one in values.stream(db)}
    answers = values.answers(db)
    differ = came | {value for value, there in shown.items() if stored[value].current != there}
    concerned = {answers[value].question for value in differ if value in answers}
    by_question: dict[tuple[int, str, str], list[StoredValue]] = defaultdict(list)
    for value, one in stored.items():
        if value in answers and answers[value].question in concerned:
            by_question[answers[value].question].append(one)
    for found in by_question.values():
        candidates = [one for one in found if one.current or shown.get(one.id) or _is_verified(one)]
        wanted = _shown_of(candidates, answers)
        for current in (True, False):
            changed = [one.id for one in found if one.current != current and (one.id in wanted) == current]
            values.set_current(db, changed, current)


def _shown_of(candidates: list[StoredValue], answers: Mapping[int, Answer]) -> set[int]:
    verified = [one for one in candidates if _is_verified(one)]
    latest = _latest({answers[one.id] for one in candidates})
    return {one.id for one in verified} | {
        one.id
        for one in candidates
        if answers[one.id].reply in latest
        and not any(
            answers[other.id].reply != answers[one.id].reply and proposals.is_settled_by(one.value, other)
            for other in verified
        )
    }


def _latest(found: set[Answer]) -> set[int]:
    """The latest of a question's answers; where that is about a part of the paper, the latest about each part."""
    if not found:
        return set()
    last = max(found, key=lambda answer: answer.newest)
    by_part: dict[int, Answer] = {}
    for answer in sorted(found, key=lambda answer: answer.newest):
        if answer.way == last.way:
            by_part[answer.part] = answer
    return {answer.reply for answer in by_part.values()}


def _is_verified(one: StoredValue) -> bool:
    return one.status is not ValueStatus.PROPOSED
