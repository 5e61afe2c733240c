"""Nothing is replaced unseen: two windows on one file, two people, a merge and an undo in between."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leads_local.engine import ModelInfo, Reply
from leads_local.records import Choice, Citation, ExtractedValue, Stage
from leads_local.review import log_check, rescue
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.review import Review
from leads_local.review.sights import ChangedMeanwhile
from leads_local.review.store import job_rows, values
from tests.review.conftest import Import

A = Stage.ABSTRACT
RECORDS = [
    Citation(title="Walking", doi="10.1/1"),
    Citation(title="Walking", doi="10.1/1"),
    Citation(title="Swimming"),
    Citation(title="Rowing"),
]


@pytest.fixture
def window(review: Review, add: Import) -> Review:
    review.acting = "Ann"
    add(RECORDS)
    return review


@pytest.fixture
def other(window: Review, path: Path) -> Iterator[Review]:
    """Another window, or another program, on the same file."""
    with Review.open(path) as opened:
        opened.acting = "Ann"
        yield opened


def acts(review: Review) -> int:
    return review.db.number("SELECT count(*) FROM act")


HAPPENED: dict[str, tuple[Callable[[Review], object], str]] = {
    "oneself elsewhere": (
        lambda other: other.decide(3, A, Choice.INCLUDE),
        "record 3: you decided include in another window",
    ),
    "another person": (lambda other: other.decide(3, A, Choice.MAYBE, reviewer="Ben"), "record 3: Ben decided maybe"),
    "an adjudication": (
        lambda other: (other.decide(3, A, Choice.MAYBE, reviewer="Ben"), other.adjudicate(3, A, Choice.EXCLUDE)),
        "record 3: Ben decided maybe",
    ),
}


@pytest.mark.parametrize("what", HAPPENED)
@pytest.mark.parametrize("key", ["decide", "decide_many"])
def test_what_happened_meanwhile_stops_a_decision(window: Review, other: Review, what: str, key: str) -> None:
    happen, told = HAPPENED[what]
    seen = window.sight_of(window.record(3), A)
    happen(other)
    before = acts(window)
    with pytest.raises(ChangedMeanwhile, match=told) as stopped:
        if key == "decide":
            window.decide(3, A, Choice.EXCLUDE, seen=seen)
        else:
            window.decide_many([4, 3], A, Choice.EXCLUDE, seen={3: seen})
    assert "Nothing was stored" in str(stopped.value)
    assert stopped.value.records == (3,)
    assert acts(window) == before
    window.decide(3, A, Choice.EXCLUDE, seen=window.sight_of(window.record(3), A))
    assert window.record(3).votes[A][-1].choice is Choice.EXCLUDE


def test_an_undo_elsewhere_stops_a_decision(window: Review, other: Review) -> None:
    window.decide(3, A, Choice.INCLUDE)
    seen = window.sight_of(window.record(3), A)
    other.undo_last()
    with pytest.raises(ChangedMeanwhile, match="the decision include by you was taken back"):
        window.decide(3, A, Choice.EXCLUDE, seen=seen)


def test_a_merge_elsewhere_stops_a_decision_and_so_does_its_end(window: Review, other: Review) -> None:
    seen, head = {record: window.sight_of(window.record(record), A) for record in (1, 2)}, 1
    other.dedupe()
    assert window.record(2).id == head
    with pytest.raises(ChangedMeanwhile, match="it was put together with 1 as one report") as stopped:
        window.decide(2, A, Choice.EXCLUDE, seen=seen[2])
    assert stopped.value.records == (head,)
    with pytest.raises(ChangedMeanwhile):
        window.decide_many([1, 2], A, Choice.EXCLUDE, seen=seen)
    together = window.sight_of(window.record(2), A)
    other.undo_last()
    with pytest.raises(ChangedMeanwhile, match="it is one report with 2 no longer"):
        window.decide(1, A, Choice.EXCLUDE, seen=together)
    window.decide(1, A, Choice.EXCLUDE, seen=seen[1])


def test_an_adjudication_elsewhere_stops_another(window: Review, other: Review) -> None:
    window.decide(3, A, Choice.INCLUDE)
    window.decide(3, A, Choice.EXCLUDE, reviewer="Ben")
    seen = window.sight_of(window.record(3), A)
    other.adjudicate(3, A, Choice.INCLUDE, reviewer="Cem")
    with pytest.raises(ChangedMeanwhile, match="it was settled as include by Cem"):
        window.adjudicate(3, A, Choice.EXCLUDE, seen=seen)
    seen = window.sight_of(window.record(3), A)
    other.undo_last("Cem")
    with pytest.raises(ChangedMeanwhile, match="what held of it was taken back"):
        window.adjudicate(3, A, Choice.EXCLUDE, seen=seen)


def test_what_one_may_not_see_neither_stops_nor_is_told(window: Review, other: Review) -> None:
    window.set_rule(A, Rule(RuleKind.TWO))
    seen = window.sight_of(window.record(3), A)
    other.decide(3, A, Choice.INCLUDE, reviewer="Ben")
    assert window.sight_of(window.record(3), A) == seen
    window.decide(3, A, Choice.INCLUDE, seen=seen)
    seen = window.sight_of(window.record(3), A)
    other.decide(3, A, Choice.MAYBE, reviewer="Ben")
    with pytest.raises(ChangedMeanwhile, match="Ben decided maybe"):
        window.decide(3, A, Choice.EXCLUDE, seen=seen)


def test_other_records_do_not_stop_a_decision(window: Review, other: Review) -> None:
    seen = window.sight_of(window.record(3), A)
    other.decide(4, A, Choice.INCLUDE)
    other.decide(3, Stage.ABSTRACT, Choice.INCLUDE)
    other.undo_last()
    window.decide(3, A, Choice.EXCLUDE, seen=seen)


def test_many_are_seen_as_each_is(window: Review) -> None:
    window.dedupe()
    window.decide(3, A, Choice.INCLUDE, "as asked")
    window.decide(3, A, Choice.EXCLUDE, reviewer="Ben")
    window.decide(1, A, Choice.MAYBE)
    assert window.sights([1, 3, 4], A) == {head: window.sight_of(window.record(head), A) for head in (1, 3, 4)}


def test_a_verdict_is_not_replaced_unseen(window: Review, other: Review) -> None:
    question = job_rows.RowQuestion("characteristics", "extraction", 3)
    with window.db.transaction():
        window.db.write(
            "INSERT INTO document (sha256, path, problem, notice, how, at) VALUES ('s', 'p', '', '', '', '')"
        )
        job_rows.add_reply(window.db, question, Reply("x"), "", ModelInfo("m", "m"), "p", ())
        values.add(window.db, 3, 1, 1, ExtractedValue("characteristics", "Country", "Nepal"), current=True)
    (seen,) = window.values(3)
    other.verify(seen.id, "accepted", reviewer="Ben")
    before = acts(window)
    with pytest.raises(ChangedMeanwhile, match="record 3: Ben has accepted this value meanwhile"):
        window.verify(seen.id, "rejected", seen=seen)
    assert acts(window) == before
    (seen,) = window.values(3)
    other.verify(seen.id, "edited", "India")
    with pytest.raises(ChangedMeanwhile, match="you have edited this value meanwhile in another window"):
        window.verify(seen.id, "rejected", seen=seen)
    (seen,) = window.values(3)
    assert other.undo_last() and other.undo_last("Ben")
    with pytest.raises(ChangedMeanwhile, match="what was said of this value was taken back meanwhile"):
        window.verify(seen.id, "rejected", seen=seen)
    assert window.verify(seen.id, "rejected", seen=window.values(3)[0]).status == "rejected"


# ---------------------------------------------------------------- many at once


def test_many_are_decided_as_one_gesture(window: Review, path: Path) -> None:
    window.decide(3, A, Choice.MAYBE, "unclear")
    made = window.decide_many([1, 3, 4, 3], A, Choice.EXCLUDE, " too old ")
    assert [(one.record_id, one.reason) for one in made] == [(1, "too old"), (3, "too old"), (4, "too old")]
    assert {window.record(record).decisions[A].choice for record in (1, 3, 4)} == {Choice.EXCLUDE}
    assert len(window.undo_last()) == 3
    assert window.record(3).decisions[A].reason == "unclear"
    assert A not in window.record(1).decisions
    assert len(window.redo()) == 3
    assert len(window.undo_decisions(A, "Ann")) == 3
    assert "3 records, abstract: exclude taken back" in [event.text for event in window.events()]
    with contextlib.closing(window.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


def test_many_are_decided_whole_or_not_at_all(window: Review) -> None:
    before = acts(window)
    with pytest.raises(Exception, match="there is no record 99"):
        window.decide_many([1, 3, 99], A, Choice.EXCLUDE)
    assert acts(window) == before
    window.decide(1, A, Choice.INCLUDE)
    with pytest.raises(Exception, match="record 3 is not included by its abstract"):
        window.decide_many([1, 3], Stage.FULLTEXT, Choice.EXCLUDE)
    assert Stage.FULLTEXT not in window.record(1).decisions


def test_many_are_rescued_one_by_one_when_the_review_is_replaced(window: Review, path: Path) -> None:
    """Each with what it was instead of; nothing of what failed before."""
    window.decide(1, A, Choice.MAYBE, "unclear")
    copy = window.back_up(path.parent / "copy.leads")
    with Review.open(copy) as elsewhere:  # says once more what is replaced here
        elsewhere.decide_at("2999-01-01T00:00:00.000Z", 1, A, Choice.MAYBE, "unclear", "Ann")
    with pytest.raises(Exception, match="no record 99"):
        window.decide_many([4, 99], A, Choice.MAYBE)
    window.decide_many([1, 3], A, Choice.EXCLUDE, "too old")
    path.unlink()
    copy.rename(path)
    with pytest.raises(Exception, match="rescue"):
        window.decide_many([4], A, Choice.INCLUDE)
    (file,) = rescue.find_files(path)
    with Review.open(path) as again:
        again.acting = "Ann"
        report = again.put_back(file)
        assert (report.done, report.there, report.by_hand) == (3, 0, ())
        assert {record: again.record(record).decisions[A].choice for record in (1, 3, 4)} == {
            1: Choice.EXCLUDE,
            3: Choice.EXCLUDE,
            4: Choice.INCLUDE,
        }
