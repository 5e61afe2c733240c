"""Rows of work and the log of replies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leads_local.engine.types import FinishReason, ModelInfo, Reply
from leads_local.records import AS_TRAINED, Citation, ScreeningMethod, ScreeningMode
from leads_local.review.read_models import WorkState
from leads_local.review.review import Review
from leads_local.review.store import job_rows
from tests.review.conftest import Import

REPLY = Reply("x", '{"a": 1}', FinishReason.STOP, "", 10, 4, 5, 2, 1.5, 0.25)


@pytest.fixture
def question(add: Import) -> job_rows.RowQuestion:
    (record,) = add([Citation(title="One")])
    return job_rows.RowQuestion("arms", "extraction", record, "item", "key")


def keep(review: Review, question: job_rows.RowQuestion, reason: str = "", reply: Reply = REPLY) -> int:
    return job_rows.add_reply(review.db, question, reply, reason, ModelInfo("m", "m", "hash"), "pack", ("references",))


def test_a_question_asked_anew_is_pending_whatever_it_was(review: Review, question: job_rows.RowQuestion) -> None:
    with review.db.transaction():
        row = job_rows.make_pending(review.db, question)
        job_rows.settle_row(review.db, row, "failed", "why", keep(review, question, "why"))
        assert job_rows.rows(review.db, "extraction")[job_rows.row_address(question)].state == "failed"
        again = job_rows.make_pending(review.db, replace(question, key="other"))
    assert again.id == row.id
    assert job_rows.rows(review.db, "extraction") == {job_rows.row_address(question): again}
    assert review.work() == WorkState(1, 0, 0)


def test_what_only_compares_ways_stands_beside_what_counts_once_for_each_way(
    review: Review, question: job_rows.RowQuestion
) -> None:
    triage = ScreeningMethod(ScreeningMode.TRIAGE)
    asked = [
        question,
        replace(question, comparison=True),
        replace(question, comparison=True, way=triage),
    ]
    with review.db.transaction():
        made = [job_rows.make_pending(review.db, one) for one in asked]
        again = [job_rows.make_pending(review.db, one) for one in asked]
        job_rows.settle_row(review.db, made[1], "failed", "why", keep(review, asked[1], "why"))
    assert [row.id for row in made] == [row.id for row in again] == [1, 2, 3]
    for row, way in zip(made, (None, AS_TRAINED, triage), strict=True):
        (found,) = job_rows.rows(review.db, "extraction", comparison=way).values()
        assert found.question == row.question
    assert job_rows.count_states(review.db, "extraction") == WorkState(1, 0, 0)
    assert [failure.comparison for failure in review.failures()] == [True]
    assert review.db.numbers("SELECT comparison FROM reply") == [1]
    assert not review.summaries([question.record_id])[0].failed
    assert job_rows.failures(review.db, question.record_id) == []


def test_a_late_reply_does_not_settle_a_question_that_has_changed(
    review: Review, question: job_rows.RowQuestion
) -> None:
    with review.db.transaction():
        row = job_rows.make_pending(review.db, question)
        job_rows.make_pending(review.db, replace(question, key="other"))
        job_rows.settle_row(review.db, row, "done", "", keep(review, question))
    assert review.work() == WorkState(1, 0, 0)


def test_only_good_replies_answer(review: Review, question: job_rows.RowQuestion) -> None:
    with review.db.transaction():
        keep(review, question, "cut off")
        assert job_rows.newest_answer(review.db, "key") is None
        good = keep(review, question)
        keep(review, question, "an error", Reply("x", finish=FinishReason.ERROR))
    found = job_rows.newest_answer(review.db, "key")
    assert found is not None
    assert found == (good, replace(REPLY, id="key"))
    assert job_rows.newest_answer(review.db, "other") is None


def test_dropped_questions_leave_their_replies(review: Review, question: job_rows.RowQuestion) -> None:
    with review.db.transaction():
        row = job_rows.make_pending(review.db, question)
        job_rows.settle_row(review.db, row, "done", "", keep(review, question))
        job_rows.drop_rows(review.db, [row])
    assert review.work().total == 0
    assert job_rows.newest_answer(review.db, "key") is not None


def test_failures_have_their_raw_text(review: Review, question: job_rows.RowQuestion) -> None:
    with review.db.transaction():
        row = job_rows.make_pending(review.db, question)
        job_rows.settle_row(review.db, row, "failed", "cut off", keep(review, question, "cut off"))
    (failure,) = review.failures()
    assert (failure.record_id, failure.task, failure.item, failure.reason, failure.raw) == (
        1,
        "arms",
        "item",
        "cut off",
        '{"a": 1}',
    )
    assert job_rows.failures(review.db, 99) == []
