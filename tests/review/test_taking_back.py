"""Undo and redo of everything that a person does, as often as they like."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.documents import pool
from leads_local.errors import ReviewError
from leads_local.records import Choice, Citation, Criterion, Document, Question, Stage
from leads_local.records import Field as FormField
from leads_local.review import log_check
from leads_local.review.acts import UNDOABLE
from leads_local.review.annotations import Field, Priority
from leads_local.review.attachments import FileRole
from leads_local.review.outcomes import OutcomeState, Rule, RuleKind
from leads_local.review.protocol import Keywords
from leads_local.review.read_models import RecordFilter
from leads_local.review.reasons import Reason
from leads_local.review.review import Review
from leads_local.review.search_details import SearchDetails
from leads_local.review.store import pairs
from leads_local.tasks.forms import Form
from tests.review.conftest import Import, paper

A, F = Stage.ABSTRACT, Stage.FULLTEXT
TWICE = [Citation(title="Exercise in adults", doi="10.1/1"), Citation(title="Exercise in adults", doi="10.1/1")]


def state(review: Review) -> object:
    """All that a person can see of it."""
    views = [review.record(head) for head in review.record_ids(A)]
    plain = [(view.id, view.duplicates, view.reasons, view.decisions, view.votes, view.fulltext) for view in views]
    added = [(view.citation, view.annotations) for view in views]
    apart = pairs.said(review.db)
    shown = (plain, added, review.attachments(), review.sources(), review.counts())
    return shown, apart, review.search_details(), review.question, review.criteria(), review.protocol(), review.locks()


def sound(review: Review) -> None:
    with contextlib.closing(review.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


GESTURES: dict[str, Callable[[Review], object]] = {
    "retrieval": lambda review: review.set_not_retrieved(1),
    "decide": lambda review: review.decide(3, A, Choice.EXCLUDE, "not a trial"),
    "decide many": lambda review: review.decide_many([1, 3], A, Choice.MAYBE, "see the paper"),
    "change of mind": lambda review: review.decide(1, A, Choice.MAYBE),
    "adjudicate": lambda review: review.adjudicate(1, A, Choice.EXCLUDE),
    "rule": lambda review: review.set_rule(A, Rule(RuleKind.TWO)),
    "dedupe": lambda review: review.dedupe(),
    "apart": lambda review: review.separate(3, [1]),
    "question": lambda review: review.set_question(Question(title="Another", population="children")),
    "criteria": lambda review: review.set_criteria([Criterion("Design", "a trial")]),
    "note": lambda review: review.set_note(3, "ask the authors"),
    "tags": lambda review: review.set_tags(3, ["rct", "pilot"]),
    "priority": lambda review: review.set_priority(3, Priority.HIGH),
    "correct": lambda review: review.correct(3, Field.ABSTRACT, "Other words."),
    "link": lambda review: review.link(review.attachments()[0].sha256, 3),
    "supplement": lambda review: review.link(review.attachments()[0].sha256, 3, FileRole.SUPPLEMENT),
    "unlink": lambda review: review.unlink(review.attachments()[0].sha256),
    "ignore": lambda review: review.ignore(review.attachments()[0].sha256),
    "wait again": lambda review: review.unlink(review.attachments()[0].sha256),
    "new record": lambda review: review.add_as_new(review.attachments()[0].sha256),
    "withdraw": lambda review: review.withdraw(review.sources()[0].sha256, "a wrong search"),
    "back": lambda review: review.withdraw(review.sources()[0].sha256, withdrawn=False),
    "reasons": lambda review: review.set_reasons([*reversed(review.reasons()), Reason("z", "Too old")]),
    "form": lambda review: review.set_form(Form("Own", fields=(FormField("Country"),))),
    "keywords": lambda review: review.set_keywords(Keywords(("trial",), ("rat",))),
    "protocol": lambda review: review.set_protocol(
        replace(
            review.protocol(), question=Question(title="T", population="all"), rules={A: Rule(RuleKind.TWO), F: Rule()}
        )
    ),
    "lock": lambda review: review.lock_protocol(),
    "update": lambda review: review.begin_update("Update 2027"),
    "searched": lambda review: review.describe_search(
        review.sources()[0].sha256, SearchDetails("database", "Embase", claimed=4)
    ),
    "joined": lambda review: review.join_records(3, 1),
}


@pytest.fixture
def begun(review: Review, add: Import, path: Path, monkeypatch: pytest.MonkeyPatch) -> Review:
    review.acting = "Ann"
    add([*TWICE, Citation(title="Another trial")])
    review.decide(1, A, Choice.INCLUDE)
    monkeypatch.setattr(pool, "read_many", lambda paths: iter([paper("A paper of its own", ["Words."])]))
    (path.parent / "own.pdf").write_bytes(b"%PDF")
    review.attach(path.parent / "own.pdf")
    review.acting = "Dee"
    review.add_as_new(review.attachments()[0].sha256)
    review.acting = "Ann"
    return review


FIRST = {"ignore": "unlink", "wait again": "ignore", "new record": "unlink", "back": "withdraw"}
"""What must have been done for a gesture to be possible."""


def prepare(review: Review, gesture: str) -> None:
    if gesture in FIRST:
        prepare(review, FIRST[gesture])
        GESTURES[FIRST[gesture]](review)


@pytest.mark.parametrize("gesture", GESTURES)
def test_each_gesture_is_undone_and_redone(begun: Review, gesture: str) -> None:
    prepare(begun, gesture)
    before = state(begun)
    GESTURES[gesture](begun)
    after = state(begun)
    assert after != before
    for _ in range(2):
        assert begun.undo_last()
        assert state(begun) == before
        sound(begun)
        assert begun.redo()
        assert state(begun) == after
        sound(begun)
    assert begun.redo() == []


def test_all_of_them_one_after_the_other(begun: Review) -> None:
    states = [state(begun)]
    for gesture in GESTURES.values():
        gesture(begun)
        states.append(state(begun))
    for expected in reversed(states[:-1]):
        assert begun.undo_last()
        assert state(begun) == expected
    for expected in states[1:]:
        assert begun.redo()
        assert state(begun) == expected
    sound(begun)


def test_undo_outlasts_closing(begun: Review) -> None:
    before = state(begun)
    begun.decide(3, A, Choice.EXCLUDE)
    begun.close()
    with Review.open(begun.path) as again:
        again.acting = "Ann"
        assert again.undo_last()
        assert state(again) == before
    with Review.open(begun.path) as again:
        again.acting = "Ann"
        assert [act.kind for act, _ in again.redo()] == ["decide"]


def test_something_new_ends_redo(begun: Review) -> None:
    begun.decide(3, A, Choice.EXCLUDE)
    begun.undo_last()
    begun.decide(3, A, Choice.MAYBE)
    assert begun.redo() == []


def test_one_undoes_ones_own(begun: Review) -> None:
    begun.decide(3, A, Choice.EXCLUDE, reviewer="Bob")
    assert [(act.kind, act.reviewer, record) for act, record in begun.undo_last("Ann")] == [("decide", "Ann", 1)]
    assert begun.record(3).decisions[A].reviewer == "Bob"
    assert begun.undo_last("Cem") == []


def test_nothing_is_left_to_undo_but_what_came_in(begun: Review) -> None:
    while taken := begun.undo_last():
        assert all(act.kind in UNDOABLE for act, _ in taken)
    assert begun.counts().identified == 4
    sound(begun)


def test_an_adjudication_settles_a_conflict_and_its_undo_brings_it_back(begun: Review) -> None:
    begun.decide(1, A, Choice.EXCLUDE, "wrong design", "Bob")
    assert begun.record(1).states[A] is OutcomeState.CONFLICT
    assert A not in begun.record(1).decisions
    assert begun.record_ids(A, RecordFilter.CONFLICT) == [1]
    settled = begun.adjudicate(1, A, Choice.EXCLUDE, "wrong population", "Cem")
    assert begun.record(1).decisions[A] == settled
    assert begun.record_ids(A, RecordFilter.CONFLICT) == []
    begun.decide(1, A, Choice.MAYBE, reviewer="Bob")
    assert begun.record(1).decisions[A] == settled, "it holds whatever they say later"
    begun.undo_last("Cem")
    assert begun.record_ids(A, RecordFilter.CONFLICT) == [1]
    assert [(entry.action, entry.by) for entry in begun.record(1).history] == [
        *(("decided", "Ann"), ("decided", "Bob"), ("decided", "Cem"), ("decided", "Bob"), ("undone", "Cem"))
    ]


def test_there_is_nothing_to_settle_where_nobody_has_decided(begun: Review) -> None:
    with pytest.raises(ReviewError, match="nobody has decided record 3"):
        begun.adjudicate(3, A, Choice.INCLUDE)


def test_who_has_to_decide_what_where_two_must_agree(begun: Review) -> None:
    begun.set_rule(A, Rule(RuleKind.TWO))
    todo = RecordFilter.TO_DO
    assert begun.record_ids(A, RecordFilter.WAITING) == [1]
    assert begun.record_ids(A, todo) == [2, 3, 4], "Ann has decided 1"
    begun.acting = "Bob"
    assert begun.record_ids(A, todo) == [1, 2, 3, 4]
    begun.decide(1, A, Choice.INCLUDE)
    assert begun.record_ids(A, todo) == [2, 3, 4]
    assert begun.record_ids(A, RecordFilter.INCLUDED) == [1]


def test_what_made_the_review_is_not_taken_back(begun: Review) -> None:
    begun.acting = ""
    assert begun.undo_last() == [], "creating it was nobody's act, nor can it be undone by one who has no name"
    assert begun.question.population


def test_a_pdf_stays_with_the_record_that_it_was_linked_to(begun: Review) -> None:
    begun.dedupe()
    pdf = begun.attachments()[0].sha256
    begun.link(pdf, 2)
    begun.separate(2)
    sound(begun)
    begun.undo_last()
    begun.undo_last()
    sound(begun)


def test_a_pdf_that_had_no_record_has_none_again(begun: Review, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Document("broken.pdf", "b" * 64, problem="it is damaged")
    monkeypatch.setattr(pool, "read_many", lambda paths: iter([broken]))
    (path.parent / "broken.pdf").write_bytes(b"%PDF broken")
    begun.attach(path.parent / "broken.pdf")
    begun.link(broken.sha256, 3)
    begun.undo_last()
    assert begun.record(3).fulltext is None
    sound(begun)
    begun.redo()
    fulltext = begun.record(3).fulltext
    assert fulltext is not None and fulltext.sha256 == broken.sha256
    sound(begun)


def test_no_two_criteria_of_one_name_come_of_undo(begun: Review) -> None:
    begun.set_question(Question(title="Without a population"))
    begun.acting = "Bob"
    begun.set_criteria([Criterion("Population", "adults")])
    before = state(begun)
    with pytest.raises(ReviewError, match="two criteria called 'Population'"):
        begun.undo_last("Ann")
    assert state(begun) == before
    sound(begun)


def test_undo_at_a_stage_takes_back_only_what_is_in_its_list(review: Review, add: Import) -> None:
    one, two, three = add([Citation(title="One"), Citation(title="Two")]) + add([Citation(title="Three")], "more.jsonl")
    for record in (one, two, three):
        review.decide(record, A, Choice.INCLUDE)
        review.decide(record, F, Choice.EXCLUDE, "not a trial")
    review.decide(two, A, Choice.EXCLUDE)
    review.withdraw(review.sources()[1].sha256)
    assert review.record_ids(F) == [one]
    taken = review.undo(F)
    assert taken is not None and taken.record_id == one
    assert review.undo(F) is None
    last = review.undo(A)
    assert last is not None and (last.record_id, last.choice) == (two, Choice.EXCLUDE)
    taken = review.undo(F)
    assert taken is not None and taken.record_id == two
    review.withdraw(review.sources()[1].sha256, withdrawn=False)
    taken = review.undo(F)
    assert taken is not None and taken.record_id == three
