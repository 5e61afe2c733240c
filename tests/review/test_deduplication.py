"""Duplicate groups: explained, stable when run again, taken apart for good by a person."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from leads_local.citations import duplicates
from leads_local.errors import ReviewError
from leads_local.records import Choice, Citation, Progress, Stage
from leads_local.review import deduplication, log_check
from leads_local.review.annotations import Field
from leads_local.review.database import Database
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.read_models import UNMATCHED, RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import acts, citations, compared, groups, pairs
from tests.citations import more_duplicate_pairs
from tests.review.conftest import Import

A = Stage.ABSTRACT
THIN = Citation(title="Aspirin against low back pain in adults", doi="10.1/a")
RICH = Citation(
    title="Aspirin against low back pain in adults",
    doi="10.1/a",
    abstract="Adults took aspirin.",
    authors=("Doe, J",),
    year=2001,
)
ELSE = Citation(title="Ginger tea for nausea after surgery", doi="10.1/b", abstract="Women drank tea.")


def heads(review: Review) -> dict[int, int]:
    return {member.id: member.head for member in groups.members(review.db)}


def test_the_record_with_an_abstract_stands_for_its_group(review: Review, add: Import) -> None:
    thin, other, rich = add([THIN, ELSE, RICH])
    report = review.dedupe()
    assert (report.records, report.groups, report.duplicates) == (3, 1, 1)
    assert heads(review) == {thin: rich, other: other, rich: rich}
    view = review.record(thin)
    assert view.id == rich
    assert [duplicate.id for duplicate in view.duplicates] == [thin]
    assert view.reasons
    assert review.record_ids(A) == [other, rich]


def test_running_again_changes_nothing(review: Review, add: Import) -> None:
    add([THIN, ELSE, RICH, RICH, ELSE])
    first = review.dedupe()
    stored = groups.stored_groups(review.db)
    assert review.dedupe() == first
    assert groups.stored_groups(review.db) == stored


def test_a_group_keeps_its_head_when_it_grows(review: Review, add: Import) -> None:
    one, two = add([RICH, THIN])
    review.dedupe()
    (three,) = add([Citation(**{**_fields(RICH), "journal": "A journal", "volume": "7", "pages": "1-9"})], "more.jsonl")
    assert review.dedupe().duplicates == 2
    assert heads(review) == {one: one, two: one, three: one}


def _fields(citation: Citation) -> dict[str, object]:
    return {name: getattr(citation, name) for name in citation.__dataclass_fields__}


def test_a_record_with_an_abstract_takes_over_from_those_without(review: Review, add: Import) -> None:
    placed = replace(RICH, abstract="", doi="", volume="7", pages="3-9")
    one, two = add([placed, placed])
    review.dedupe()
    review.decide(one, A, Choice.INCLUDE, reviewer="Ann")
    (three,) = add([replace(placed, abstract=RICH.abstract)], "more.jsonl")
    review.dedupe()
    assert set(heads(review).values()) == {three}
    assert review.record(two).decisions[A].reviewer == "Ann"
    assert review.record_ids(A, RecordFilter.INCLUDED) == [three]


def test_separated_records_stay_apart(review: Review, add: Import) -> None:
    one, two, three = add([RICH, THIN, THIN])
    review.dedupe()
    review.decide(one, A, Choice.EXCLUDE)
    review.separate(two)
    assert heads(review) == {one: one, two: two, three: one}
    assert review.record(two).decisions == {}
    review.dedupe()
    assert heads(review)[two] == two
    add([THIN], "more.jsonl")
    review.dedupe()
    assert heads(review)[two] == two
    review.rejoin(two)
    review.dedupe()
    assert heads(review)[two] == one


def test_separating_the_head_leaves_the_others_together(review: Review, add: Import) -> None:
    one, two, three = add([RICH, THIN, THIN])
    review.dedupe()
    review.separate(one)
    assert heads(review) == {one: one, two: two, three: two}
    assert review.record(two).reasons
    review.separate(three)
    assert heads(review) == {one: one, two: two, three: three}
    assert groups.stored_groups(review.db) == {}


def test_decisions_come_through_grouping_and_back(review: Review, add: Import) -> None:
    one, two = add([THIN, RICH])
    review.decide(one, A, Choice.INCLUDE, "yes", "Ann")
    review.decide(two, A, Choice.EXCLUDE, "no", "Bob")
    report = review.dedupe()
    assert report.conflicts == (two,)
    assert A not in review.record(one).decisions, "two reviewers differ: nothing holds"
    assert [entry.decision.reviewer for entry in review.record(one).history] == ["Ann", "Bob"]
    assert review.record_ids(A, RecordFilter.NEEDS_LOOK) == [two]
    assert review.counts().conflicts == 1
    review.separate(two)
    assert review.record(one).decisions[A].choice is Choice.INCLUDE
    assert review.record(two).decisions[A].choice is Choice.EXCLUDE


def conflicts(review: Review) -> list[int]:
    """The conflicts at the abstract stage: the list, the number and the report say the same."""
    found = review.record_ids(A, RecordFilter.NEEDS_LOOK)
    assert groups.conflicting_heads(review.db) == found
    assert review.counts().conflicts == len(found)
    return found


def test_a_conflict_is_settled_by_looking_again(review: Review, add: Import) -> None:
    one, two, three = add([THIN, RICH, THIN])
    review.decide(one, A, Choice.INCLUDE)
    review.decide(two, A, Choice.EXCLUDE)
    review.dedupe()
    assert conflicts(review) == [two]
    review.decide(one, A, Choice.INCLUDE)
    assert conflicts(review) == []
    assert review.record_ids(A, RecordFilter.INCLUDED) == [two]
    review.dedupe()
    assert conflicts(review) == []
    review.separate(three)
    assert conflicts(review) == []
    review.undo(A)
    assert conflicts(review) == [two]


@pytest.mark.parametrize("rule", [Rule(), Rule(RuleKind.LATEST)])
@pytest.mark.parametrize("settle", ["decide", "adjudicate"])
def test_a_settled_conflict_does_not_come_back_when_a_third_copy_arrives(
    review: Review, add: Import, rule: Rule, settle: str
) -> None:
    review.set_rule(A, rule)
    one, two = add([THIN, RICH])
    review.decide(one, A, Choice.INCLUDE, reviewer="Ann")
    review.decide(two, A, Choice.EXCLUDE, reviewer="Ann")
    review.dedupe()
    assert conflicts(review) == [two]
    getattr(review, settle)(one, A, Choice.INCLUDE, reviewer="Ann")
    assert conflicts(review) == []
    (three,) = add([replace(THIN, volume="9")], "third.jsonl")
    assert review.dedupe().conflicts == ()
    assert review.record(three).id == two
    assert conflicts(review) == []
    (four,) = add([replace(THIN, volume="10")], "fourth.jsonl")
    review.decide(four, A, Choice.INCLUDE, reviewer="Ann")
    review.dedupe()
    assert conflicts(review) == [], "it says the same as what was settled"
    (five,) = add([replace(THIN, volume="11")], "fifth.jsonl")
    review.decide(five, A, Choice.EXCLUDE, reviewer="Ann")
    review.dedupe()
    assert conflicts(review) == [two], "four and five differ, and nobody has looked since"
    review.decide(two, A, Choice.INCLUDE, reviewer="Ann")
    assert conflicts(review) == []
    review.undo_last("Ann")
    assert conflicts(review) == [two]


def test_what_settled_a_conflict_settles_it_no_more_once_it_is_undone(review: Review, add: Import) -> None:
    one, two = add([THIN, RICH])
    review.decide(one, A, Choice.INCLUDE, reviewer="Ann")
    review.decide(two, A, Choice.EXCLUDE, reviewer="Ann")
    review.dedupe()
    review.decide(two, A, Choice.EXCLUDE, reviewer="Ann")
    add([replace(THIN, volume="9")], "third.jsonl")
    review.acting = "Bob"
    review.dedupe()
    assert conflicts(review) == []
    review.undo(A, "Ann")
    assert conflicts(review) == [two]


def test_a_conflict_is_settled_by_saying_the_same_again(review: Review, add: Import) -> None:
    """The records still differ, but somebody has looked since they were grouped."""
    one, two = add([THIN, RICH])
    review.decide(one, A, Choice.INCLUDE)
    review.decide(two, A, Choice.EXCLUDE)
    review.dedupe()
    assert conflicts(review) == [two]
    assert review.record(two).decisions == {} and review.outcome_counts(A).conflict == 1, "it counts as undecided"
    review.decide(two, A, Choice.EXCLUDE)
    assert review.record(two).decisions[A].choice is Choice.EXCLUDE
    assert conflicts(review) == []
    assert review.dedupe().conflicts == ()
    review.undo(A)
    assert conflicts(review) == [two]


def test_no_full_text_is_decided_while_its_abstracts_differ(review: Review, add: Import) -> None:
    one, two = add([THIN, RICH])
    review.decide(one, A, Choice.MAYBE)
    review.decide(two, A, Choice.INCLUDE)
    review.dedupe()
    with pytest.raises(ReviewError, match="not included by its abstract"):
        review.decide(two, Stage.FULLTEXT, Choice.EXCLUDE)
    assert conflicts(review) == [two]


def test_equal_decisions_are_no_conflict(review: Review, add: Import) -> None:
    for record in add([THIN, RICH]):
        review.decide(record, A, Choice.EXCLUDE)
    assert review.dedupe().conflicts == ()


def test_a_found_group_is_not_taken_apart_by_new_records(review: Review, add: Import) -> None:
    """What was corrected since contradicts a further copy of the other record: that is left to a person."""
    long = replace(RICH, abstract="Adults took aspirin against their pain three times a day for many weeks.")
    one, two = add([THIN, long])
    review.dedupe()
    review.correct(one, Field.ABSTRACT, "Registered as NCT01234567.")
    (three,) = add([replace(long, doi="", abstract=f"{long.abstract} NCT07654321.")], "more.jsonl")
    report = review.dedupe()
    assert heads(review) == {one: two, two: two, three: three}
    assert report.doubts == 1
    (doubt,) = review.doubts()
    assert (doubt.one, doubt.other) == (two, three) and "speaks against" in doubt.reason


def test_an_import_while_comparing_is_not_missed(review: Review, add: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    add([RICH])
    find, calls = duplicates.find, []

    def slow(records: list[Citation], *rest: object, **known: Any) -> duplicates.Duplicates:
        calls.append(len(records))
        if len(calls) == 1:
            thread = threading.Thread(target=lambda: _import_elsewhere(review))
            thread.start()
            thread.join()
        return find(records, **known)

    def _import_elsewhere(first: Review) -> None:
        from leads_local.review.store import citations

        with Review.open(first.path) as other, other.db.transaction():
            citations.add(other.db, 1, [THIN])

    monkeypatch.setattr(duplicates, "find", slow)
    assert review.dedupe().records == 2
    assert calls == [1, 2]


def test_what_was_compared_by_other_rules_is_compared_anew(review: Review, add: Import) -> None:
    add([RICH, ELSE])
    review.dedupe()
    assert [compared.count_waiting(review.db, rules) for rules in (duplicates.RULES, duplicates.RULES + 1)] == [0, 2]


def test_others_can_write_while_many_records_are_read(
    review: Review, add: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    add([RICH, THIN])
    monkeypatch.setattr(deduplication, "_MANY", 0)
    said, meanwhile = pairs.said, list[str]()

    def write() -> None:
        with Review.open(review.path) as other:
            other.set_tags(1, ["meanwhile"], reviewer="Bo")
            meanwhile.append("written")

    def read(db: Database) -> dict[tuple[int, int], bool]:
        if not meanwhile:
            thread = threading.Thread(target=write)
            thread.start()
            thread.join()
        return said(db)

    monkeypatch.setattr(pairs, "said", read)
    review.dedupe()
    assert meanwhile == ["written"]


def test_a_record_that_only_says_it_was_made_for_a_pdf_is_compared_like_any_other(review: Review, add: Import) -> None:
    """An export of ours names that kind, and can be imported again."""
    one, two = add([replace(THIN, kind=UNMATCHED), replace(RICH, kind=UNMATCHED)])
    review.dedupe()
    (three,) = add([ELSE], "more.jsonl")
    assert heads(review) == {one: two, two: two, three: three}


def test_progress_is_passed_on(review: Review, add: Import) -> None:
    add([THIN, RICH])
    seen: list[Progress] = []
    review.dedupe(seen.append)
    assert seen


def test_why_and_since_when_records_are_one_report_is_what_the_log_has(review: Review, add: Import) -> None:
    add([THIN, RICH])
    review.dedupe()
    first = groups.stored_groups(review.db)
    (three,) = add([replace(RICH, doi="")], "more.jsonl")
    review.dedupe()
    grown = groups.stored_groups(review.db)
    assert [len(group.reasons) for group in (*first.values(), *grown.values())] == [1, 2]
    review.separate(three)
    assert groups.stored_groups(review.db) == first, "as if the third had never been there"
    assert list(log_check.find_breaks(review.db)) == []
    review.undo_last()
    assert groups.stored_groups(review.db) == grown
    review.separate(1)
    assert list(log_check.find_breaks(review.db)) == []


def test_taking_back_a_group_reads_what_it_is_about(
    review: Review, add: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the whole log, nor all records, which takes seconds where there are 100,000."""
    one, two = add([RICH, THIN])
    review.dedupe()
    review.separate(two)
    members = groups.members

    def some(db: Database, heads: Sequence[int] | None = None) -> list[groups.GroupedRecord]:
        assert heads is not None
        return members(db, heads)

    def none(db: Database) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(groups, "members", some)
    monkeypatch.setattr(acts, "stream", none)
    monkeypatch.setattr(citations, "all_names", none)
    assert review.undo_last()
    assert review.record(two).id == one
    assert review.redo()
    assert review.record(two).id == two


def test_only_what_is_new_is_compared(review: Review, add: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is like it, and the groups of that; a further time nothing is."""
    numbered = [Citation(title=f"{word} for the sleep of shift workers in a port", year=2001) for word in WORDS]
    first = add([*numbered, RICH, ELSE])
    find, calls = duplicates.find, []

    def told(records: Sequence[Citation], *rest: object, **known: Any) -> duplicates.Duplicates:
        calls.append((len(records), len(known["new"])))
        return find(records, **known)

    monkeypatch.setattr(duplicates, "find", told)
    review.dedupe()
    more = add([THIN, Citation(title="Cold baths against swollen knees of dancers")], "more.jsonl")
    assert review.dedupe().duplicates == 1
    assert calls == [(len(first), len(first)), (3, 2)]
    assert review.dedupe().duplicates == 1
    assert calls[2:] == [(0, 0)]
    assert review.dedupe(anew=True).duplicates == 1
    assert calls[3:] == [(len(first) + 2, len(first) + 2)]
    assert review.record(more[0]).id == first[-2]


WORDS = ("Melatonin", "Caffeine", "Naps", "Bright light", "Earplugs", "Chamomile tea", "Exercise", "Cool rooms")


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_in_parts_the_same_is_found_as_at_once(review: Review, add: Import, parts: int) -> None:
    pairs = [pair for pair in more_duplicate_pairs.duplicates() if pair[0].startswith(("translation", "DOI", "Jr"))]
    records = [record for _, one, other in pairs for record in (one, other)]
    whole = duplicates.find(records)
    size = -(-len(records) // parts)
    for number in range(parts):
        add(records[number * size : (number + 1) * size], f"{number}.jsonl")
        review.dedupe()
    found = {group.records for group in review.duplicate_groups()}
    assert found == {tuple(member + 1 for member in group.members) for group in whole.groups}


def test_what_changed_is_compared_again(review: Review, add: Import) -> None:
    """A correction, what is taken back, and an import that was withdrawn while others came."""
    one, two = add([RICH, replace(ELSE, doi="")])
    review.acting = "Ann"
    review.dedupe()
    (three,) = add([ELSE], "more.jsonl")
    review.correct(two, Field.TITLE, RICH.title)
    review.correct(two, Field.DOI, "10.1000/a")
    review.correct(one, Field.DOI, "10.1000/a")
    review.dedupe()
    assert heads(review) == {one: one, two: one, three: three}
    review.undo_last()
    review.undo_last()
    review.undo_last()
    review.undo_last()
    assert heads(review) == {one: one, two: two, three: three}
    assert review.dedupe().duplicates == 1, "two is like three again"
    review.undo_last()
    assert review.dedupe().duplicates == 1
    first = review.sources()[0].sha256
    review.withdraw(first)
    add([replace(RICH, abstract="")], "later.jsonl")
    review.dedupe()
    review.withdraw(first, withdrawn=False)
    assert review.dedupe().duplicates == 2


def test_a_pair_that_is_no_longer_said_is_compared_again(review: Review, add: Import) -> None:
    one, two = add([RICH, THIN])
    review.acting = "Ann"
    review.separate(one, [two])
    assert review.dedupe().duplicates == 0
    review.undo_last()
    assert review.dedupe().duplicates == 1
