"""Rows of work and the log of replies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leads_local.records import Citation, Finish, ModelInfo, Reply
from leads_local.review.review import Review
from leads_local.review.store import work
from leads_local.review.views import WorkState
from tests.review.conftest import Import

REPLY = Reply("x", '{"a": 1}', Finish.STOP, "", 10, 4, 5, 2, 1.5, 0.25)


@pytest.fixture
def question(add: Import) -> work.Question:
    (record,) = add([Citation(title="One")])
    return work.Question("arms", "extraction", record, "item", "key")


def keep(review: Review, question: work.Question, reason: str = "", reply: Reply = REPLY) -> int:
    return work.add_reply(review.db, question, reply, reason, ModelInfo("m", "m", "hash"), "pack", ("references",))


def test_a_question_asked_anew_is_pending_whatever_it_was(review: Review, question: work.Question) -> None:
    with review.db.transaction():
        row = work.ask_anew(review.db, question)
        work.settle(review.db, row, "failed", "why", keep(review, question, "why"))
        assert work.rows(review.db, "extraction")[work.slot(question)].state == "failed"
        again = work.ask_anew(review.db, replace(question, key="other"))
    assert again.id == row.id
    assert work.rows(review.db, "extraction") == {work.slot(question): again}
    assert review.work() == WorkState(1, 0, 0)


def test_a_late_reply_does_not_settle_a_question_that_has_changed(review: Review, question: work.Question) -> None:
    with review.db.transaction():
        row = work.ask_anew(review.db, question)
        work.ask_anew(review.db, replace(question, key="other"))
        work.settle(review.db, row, "done", "", keep(review, question))
    assert review.work() == WorkState(1, 0, 0)


def test_only_good_replies_answer(review: Review, question: work.Question) -> None:
    with review.db.transaction():
        keep(review, question, "cut off")
        assert work.answered(review.db, "key") is None
        good = keep(review, question)
        keep(review, question, "an error", Reply("x", finish=Finish.ERROR))
    found = work.answered(review.db, "key")
    assert found is not None
    assert found == (good, replace(REPLY, id="key"))
    assert work.answered(review.db, "other") is None


def test_dropped_questions_leave_their_replies(review: Review, question: work.Question) -> None:
    with review.db.transaction():
        row = work.ask_anew(review.db, question)
        work.settle(review.db, row, "done", "", keep(review, question))
        work.drop(review.db, [row])
    assert review.work().total == 0
    assert work.answered(review.db, "key") is not None


def test_failures_have_their_raw_text(review: Review, question: work.Question) -> None:
    with review.db.transaction():
        row = work.ask_anew(review.db, question)
        work.settle(review.db, row, "failed", "cut off", keep(review, question, "cut off"))
    (failure,) = review.failures()
    assert (failure.record_id, failure.task, failure.item, failure.reason, failure.raw) == (1, "arms", "item", "cut off", '{"a": 1}')
    assert work.failures(review.db, 99) == []
