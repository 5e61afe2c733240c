"""What people say of two records stays: one report, or two, whatever is imported, merged, taken back and done again."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.citations import duplicates
from leads_local.errors import InputError
from leads_local.records import Choice, Citation, Stage
from leads_local.review import log_check
from leads_local.review.annotations import Field
from leads_local.review.review import Review
from leads_local.review.store import groups, pairs
from tests.review.conftest import Import
from tests.review.copies import copied, merged, open_quickly, told

# Two papers of one author that are taken for one, and copies of each from other databases.
FIRST = Citation(
    title="Balance training after stroke in adults: a randomised trial",
    authors=("Okoye, Ada",),
    year=2014,
    journal="Journal of Invented Trials",
    volume="8",
    pages="21-30",
    abstract="Sixty adults trained their balance three times a week.",
)
SECOND = replace(FIRST, journal="J Invent Trials", abstract="", pages="21-9")
COPY_OF_FIRST = replace(FIRST, authors=("Okoye A",), language="English")
COPY_OF_SECOND = replace(SECOND, authors=("Okoye A",))
UNSURE = replace(
    FIRST, title="Balance training after strokes in adults: a randomised trial", volume="", pages="", year=2017
)


def reports(review: Review) -> set[frozenset[int]]:
    """The groups of two records or more."""
    return {frozenset(group.records) for group in review.duplicate_groups()}


def sound(review: Review) -> None:
    with review.copied() as moment:
        assert list(log_check.find_breaks(moment.db)) == []


@pytest.mark.parametrize("later", list(permutations([COPY_OF_FIRST, COPY_OF_SECOND])))
def test_a_record_that_was_set_apart_gets_its_own_copies_and_no_others(
    review: Review, add: Import, later: tuple[Citation, ...]
) -> None:
    one, two = add([FIRST, SECOND])
    review.dedupe()
    assert reports(review) == {frozenset((one, two))}
    assert review.separate(two) == (one,)
    assert reports(review) == set()
    of = {COPY_OF_FIRST: one, COPY_OF_SECOND: two}
    for number, text in enumerate(later):
        (new,) = add([text], f"{number}.jsonl")
        review.dedupe()
        assert any({of[text], new} <= report for report in reports(review))
        assert not any({one, two} <= report for report in reports(review))
    assert review.dedupe().doubts == 0, "what was said of the two is said of their copies"
    assert review.record(one).apart_from == (two,)
    sound(review)


def test_what_is_as_like_to_both_is_left_to_a_person(review: Review, add: Import) -> None:
    one, two = add([FIRST, replace(FIRST, number=2)])
    review.dedupe()
    review.separate(one, [two])
    (three,) = add([FIRST], "more.jsonl")
    assert review.dedupe().doubts == 2
    assert reports(review) == set()
    assert all("other records speaks against" in doubt.reason for doubt in review.doubts())
    assert review.join_records(three, two) == (two, three)
    assert review.doubts() == []
    assert review.dedupe().doubts == 0


def test_undo_and_redo_of_a_pair(review: Review, add: Import) -> None:
    one, two = add([FIRST, SECOND])
    review.acting = "Ann"
    review.dedupe()
    review.separate(one)
    review.undo_last()
    assert reports(review) == {frozenset((one, two))} and pairs.said(review.db) == {}
    review.redo()
    review.dedupe()
    assert reports(review) == set()
    review.rejoin(two)
    review.dedupe()
    assert reports(review) == {frozenset((one, two))}
    sound(review)


def test_what_is_joined_by_hand_stays_one_and_overrules_what_was_said_against_it(review: Review, add: Import) -> None:
    one, two, other = add([FIRST, SECOND, Citation(title="A chapter on gait", year=1999)])
    review.dedupe()
    review.separate(two, [other])
    assert review.join_records(other, one) == (one, two, other)
    assert pairs.said(review.db) == {(one, other): True}
    (copy,) = add([COPY_OF_FIRST], "more.jsonl")
    review.dedupe()
    assert reports(review) == {frozenset((one, two, other, copy))}
    assert review.record(one).reasons[0] == "said to be the same report"
    assert review.separate(one) == (two, other, copy)
    assert frozenset((two, other, copy)) in reports(review), "the others stay together"
    sound(review)
    with pytest.raises(InputError, match="one report already"):
        review.join_records(two, other)
    with pytest.raises(InputError, match="not set apart"):
        review.rejoin(add([Citation(title="Alone")], "alone.jsonl")[0])


def test_whom_only_a_record_had_brought_together_stay_so_when_it_is_set_apart(review: Review, add: Import) -> None:
    one, two, three = add([Citation("A chapter on gait"), Citation("Rowing in Ghana"), Citation("Salt and sleep")])
    review.join_records(one, two)
    review.join_records(one, three)
    assert review.separate(one) == (two, three)
    assert reports(review) == {frozenset((two, three))}
    sound(review)


def test_a_joined_pair_holds_before_what_was_found(review: Review, add: Import) -> None:
    """A is one with B, and is not one with C: what had found B and C together gives way."""
    a, b, c = add([Citation(title="A chapter on gait", year=1999), FIRST, SECOND])
    review.dedupe()
    review.separate(a, [c])
    review.separate(b, [c])
    review.join_records(a, b)
    assert reports(review) == {frozenset((a, b))}
    review.dedupe()
    assert reports(review) == {frozenset((a, b))}
    sound(review)


@pytest.mark.parametrize("say_first", [True, False])
def test_pairs_and_groups_of_two_copies_come_together(review: Review, add: Import, path: Path, say_first: bool) -> None:
    """In one copy two records are set apart; in the other they are grouped with a later copy of one of them."""
    one, two = add([FIRST, SECOND])
    review.dedupe()
    review.close()
    theirs = copied(path, "theirs.leads")
    more = path.with_name("later.jsonl")
    with open_quickly(path) as mine:
        if say_first:
            mine.separate(one)
        else:
            mine.decide(one, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ann")
            mine.separate(one)
    citations.write(more, [COPY_OF_FIRST], "jsonl")
    with open_quickly(theirs) as other:
        other.import_file(more)
        other.dedupe()
        assert reports(other) == {frozenset((one, two, 3))}
    both = copied(path, "both.leads")
    merged(path, theirs)
    merged(theirs, both)
    assert told(path) == told(theirs)
    with open_quickly(path) as mine:
        assert reports(mine) == set(), "whose copy the third is can't be told from the log"
        mine.dedupe()
        assert reports(mine) == {frozenset((one, 3))}
        sound(mine)


def test_what_may_be_one_report_is_asked_once(review: Review, add: Import) -> None:
    one, two = add([FIRST, UNSURE])
    assert review.dedupe().doubts == 1
    (doubt,) = review.doubts()
    assert (doubt.one, doubt.other) == (one, two) and "the years differ (2014, 2017)" in doubt.reason
    assert review.dedupe().doubts == 1
    assert len([act for act in review.events() if act.kind == "dedupe"]) == 2
    acts = review.db.number("SELECT count(*) FROM act")
    review.dedupe(anew=True)
    assert review.db.number("SELECT count(*) FROM act") == acts, "what is known is not said again"
    review.separate(one, [two])
    assert review.doubts() == [] and review.dedupe().doubts == 0
    add([COPY_OF_FIRST, replace(UNSURE, language="English")], "more.jsonl")
    assert review.dedupe().doubts == 0
    assert len(reports(review)) == 2


def test_pairs_are_compared_again_only_when_something_may_have_changed(
    review: Review, add: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overview asks at each look."""
    one, two = add([FIRST, UNSURE])
    review.dedupe()
    compared: list[int] = []
    why = duplicates.why_in_doubt
    monkeypatch.setattr(duplicates, "why_in_doubt", lambda a, b: compared.append(1) or why(a, b))
    for _ in range(2):
        assert len(review.doubts()) == 1
        review.decide(one, Stage.ABSTRACT, Choice.INCLUDE)
    assert len(review.doubts()) == 1 and len(compared) == 1
    review.correct(two, Field.VOLUME, "31")
    assert review.doubts() == [] and len(compared) == 2
    review.undo_last()
    assert len(review.doubts()) == 1 and len(compared) == 3
    review.separate(one, [two])
    assert review.doubts() == []


def test_a_doubt_goes_when_a_correction_settles_it(review: Review, add: Import) -> None:
    one, two = add([FIRST, UNSURE])
    review.dedupe()
    review.correct(two, Field.PMID, "123")
    review.correct(one, Field.PMID, "456")
    assert review.doubts() == []


def test_a_withdrawn_source_takes_its_doubts_along(review: Review, add: Import) -> None:
    add([FIRST])
    add([UNSURE], "more.jsonl")
    review.dedupe()
    review.withdraw(review.sources()[1].sha256)
    assert review.doubts() == []
    review.undo_last()
    assert len(review.doubts()) == 1


def test_members_of_a_pair_are_heads_of_their_own(review: Review, add: Import) -> None:
    one, two = add([FIRST, SECOND])
    review.dedupe()
    review.separate(two)
    assert {member.head for member in groups.members(review.db)} == {one, two}
