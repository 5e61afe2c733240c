"""The core: questions, decisions and their undoing, lists, counts, verification."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.engine.types import ModelInfo, Reply
from leads_local.errors import ReviewError
from leads_local.records import Choice, Citation, Criterion, ExtractedValue, Question, Stage
from leads_local.review.acts import ActKind
from leads_local.review.read_models import RecordFilter, ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import acts, job_rows, values
from tests.review.conftest import QUESTION, Attach, Import, paper

A, F = Stage.ABSTRACT, Stage.FULLTEXT


def names(criteria: tuple[Criterion, ...]) -> list[str]:
    return [criterion.name for criterion in criteria]


def test_what_is_written_is_read_back(review: Review) -> None:
    review.close()
    with Review.open(review.path) as again:
        assert again.question == QUESTION
        assert names(again.criteria()) == ["Population", "Intervention", "Comparison", "Outcome", "Design"]
        assert all(criterion.id for criterion in again.criteria())


def test_empty_parts_of_the_question_are_not_asked(path: Path) -> None:
    with Review.create(
        path, Question(population="adults", comparison="  ", outcome="pain"), [Criterion("Design", "RCT")]
    ) as review:
        assert names(review.criteria()) == ["Population", "Outcome", "Design"]


def test_a_criterion_that_comes_back_is_the_same_one(review: Review) -> None:
    before = review.criteria()
    review.set_question(Question(population="children"))
    review.set_criteria([])
    assert names(review.criteria()) == ["Population"]
    review.set_question(QUESTION)
    review.set_criteria([Criterion("Design", "randomised trial")])
    assert review.criteria() == before


def test_criteria_of_one_stage_only(review: Review) -> None:
    review.set_criteria([Criterion("Language", "English")], F)
    assert names(review.criteria(F)) == [*names(review.criteria(A)), "Language"]


def test_deciding_and_undoing(review: Review, add: Import) -> None:
    one, two = add([Citation(title="One"), Citation(title="Two")])
    review.decide(one, A, Choice.INCLUDE, "looks right", "Ann")
    review.decide(two, A, Choice.EXCLUDE, reviewer="Ann")
    review.decide(one, A, Choice.EXCLUDE, "on reflection", "Ann")
    taken = review.undo(A)
    assert taken is not None
    assert (taken.record_id, taken.choice, taken.reason) == (one, Choice.EXCLUDE, "on reflection")
    assert review.record(one).decisions[A].choice is Choice.INCLUDE
    assert review.undo(A).record_id == two  # type: ignore[union-attr]
    assert review.undo(A).record_id == one  # type: ignore[union-attr]
    assert review.undo(A) is None
    assert review.counts().screened == 0
    actions = [(entry.action, entry.decision.choice) for entry in review.record(one).history]
    assert actions == [
        ("decided", Choice.INCLUDE),
        ("decided", Choice.EXCLUDE),
        ("undone", Choice.EXCLUDE),
        ("undone", Choice.INCLUDE),
    ]


def test_undo_of_one_reviewer_leaves_the_others(review: Review, add: Import) -> None:
    one, two = add([Citation(title="One"), Citation(title="Two")])
    review.decide(one, A, Choice.INCLUDE, reviewer="Ann")
    review.decide(two, A, Choice.INCLUDE, reviewer="Bob")
    assert review.undo(A, "Ann").record_id == one  # type: ignore[union-attr]
    assert review.undo(A, "Ann") is None
    assert review.record(two).decisions[A].reviewer == "Bob"
    assert review.events()[-1].reviewer == "Ann"


def test_a_full_text_is_decided_only_after_its_abstract(review: Review, add: Import) -> None:
    (one,) = add([Citation(title="One")])
    for choice in (None, Choice.MAYBE, Choice.EXCLUDE):
        if choice:
            review.decide(one, A, choice)
        with pytest.raises(ReviewError, match=f"record {one} is not included by its abstract"):
            review.decide(one, F, Choice.INCLUDE)
    review.decide(one, A, Choice.INCLUDE)
    review.decide(one, F, Choice.EXCLUDE, "wrong design")
    assert review.counts().reasons == (("wrong design", 1),)


@pytest.mark.parametrize("record", [0, -1, 99])
def test_a_record_that_is_none(review: Review, add: Import, record: int) -> None:
    add([Citation(title="One")])
    for ask in (review.record, review.document, review.values, review.separate, review.rejoin, review.citation):
        with pytest.raises(ReviewError, match=f"no record {record}"):
            ask(record)
    with pytest.raises(ReviewError, match=f"no record {record}"):
        review.decide(record, A, Choice.INCLUDE)


def test_lists_follow_the_decisions(review: Review, add: Import, attach: Attach) -> None:
    ids = add([Citation(title=f"Title number {n}", authors=("Doe, J",), year=2000 + n) for n in range(5)])
    for record, choice in zip(ids, (Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE, Choice.INCLUDE), strict=False):
        review.decide(record, A, choice)
    attach(ids[0], paper("Title number 0", ["Text."]))
    assert review.record_ids(A) == ids
    assert review.record_ids(A, RecordFilter.UNDECIDED) == [ids[4]]
    assert review.record_ids(A, RecordFilter.INCLUDED) == [ids[0], ids[3]] == review.record_ids(F)
    assert review.record_ids(A, RecordFilter.MAYBE) == [ids[2]]
    assert review.record_ids(F, RecordFilter.NEEDS_LOOK) == [ids[3]]
    first, last = review.summaries([ids[0], ids[4]])
    assert (first.choice, first.has_fulltext, first.year, first.authors) == (Choice.INCLUDE, True, 2000, ("Doe, J",))
    assert (last.choice, last.has_fulltext, last.score, last.failed) == (None, False, None, False)
    assert [summary.id for summary in review.summaries([ids[2], 77, ids[0]])] == [ids[2], ids[0]]
    assert review.summaries([ids[0]], F)[0].choice is None


def test_the_flow(review: Review, add: Import, attach: Attach) -> None:
    ids = add([Citation(title=f"Title number {n}") for n in range(6)])
    for record in ids[:4]:
        review.decide(record, A, Choice.INCLUDE)
    review.decide(ids[4], A, Choice.EXCLUDE)
    for record in ids[:3]:
        attach(record, paper(f"Paper {record}", ["Text."]))
    review.decide(ids[0], F, Choice.INCLUDE)
    review.decide(ids[1], F, Choice.EXCLUDE, "no outcome")
    counts = review.counts()
    assert (counts.identified, counts.duplicates, counts.to_screen, counts.screened, counts.unscreened) == (
        6,
        0,
        6,
        5,
        1,
    )
    assert (counts.excluded, counts.maybe, counts.sought, counts.not_retrieved, counts.awaiting) == (1, 0, 4, 1, 1)
    assert (counts.assessed, counts.fulltext_excluded, counts.included) == (2, 1, 1)
    assert counts.sources[0][1] == 6
    review.decide(ids[1], A, Choice.EXCLUDE)  # its full-text decision counts no more, and is kept
    assert review.counts().fulltext_excluded == 0
    review.undo(A)
    assert review.counts() == counts


@pytest.mark.parametrize("choice", [Choice.INCLUDE, Choice.EXCLUDE])
def test_a_report_that_somebody_has_read_was_retrieved_though_its_file_is_not_here(
    review: Review, add: Import, choice: Choice
) -> None:
    one, two, three = add([Citation(title=f"Title number {n}") for n in range(3)])
    for record in (one, two, three):
        review.decide(record, A, Choice.INCLUDE)
    review.decide(one, F, choice, "read on paper")
    review.decide(two, F, Choice.MAYBE)
    counts = review.counts()
    assert (counts.sought, counts.not_retrieved, counts.assessed, counts.awaiting) == (3, 2, 1, 0)


def test_verifying(review: Review, add: Import) -> None:
    (one,) = add([Citation(title="One")])
    with review.db.transaction():
        review.db.write(
            "INSERT INTO document (sha256, path, problem, notice, how, at) VALUES ('s', 'p', '', '', '', '')"
        )
        job_rows.add_reply(
            review.db,
            job_rows.RowQuestion("characteristics", "extraction", one),
            Reply("x"),
            "",
            ModelInfo("m", "m"),
            "p",
            (),
        )
        values.add(review.db, one, 1, 1, ExtractedValue("characteristics", "Country", "Nepal"), current=True)
    (stored,) = review.values(one)
    assert (stored.status, stored.final_text) == (ValueStatus.PROPOSED, "Nepal")
    assert review.verify(stored.id, "accepted", reviewer="Ann").final_text == "Nepal"
    edited = review.verify(stored.id, ValueStatus.EDITED, "India", "see page 2", "Bob")
    assert (edited.final_text, edited.note, edited.reviewer, edited.value.text) == (
        "India",
        "see page 2",
        "Bob",
        "Nepal",
    )
    assert review.verify(stored.id, "rejected").final_text == ""
    assert review.verify(stored.id, "proposed").final_text == "Nepal"
    said = [act.said_parts()["status"] for act, _ in acts.of_kinds(review.db, [ActKind.VERIFY])]
    assert said == ["accepted", "edited", "rejected", "proposed"]
    with pytest.raises(ReviewError, match="no value 99"):
        review.verify(99, "accepted")
    with pytest.raises(ReviewError, match="no status"):
        review.verify(stored.id, "seen")


@pytest.mark.parametrize("name", ["Population", "population", "Design", "DESIGN"])
def test_no_two_criteria_have_one_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "named.leads"
    own = [Criterion("Design", "trial"), Criterion(name, "again")]
    with pytest.raises(ReviewError, match="two criteria called"):
        Review.create(path, Question(population="adults"), own)
    assert not list(tmp_path.iterdir())
    with Review.create(path, Question(outcome="pain"), own[:1]) as review:
        before = review.criteria()
        with pytest.raises(ReviewError, match="two criteria called"):
            review.set_criteria([*own, Criterion("Population", "x"), Criterion("population", "y")])
        assert review.criteria() == before
