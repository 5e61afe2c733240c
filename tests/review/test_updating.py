"""A review is continued as an update: what was decided stays, the flow has PRISMA's form for updates, and what was
excluded when something else was asked can be screened again. (Random histories of it are in test_states and
test_merging_states.)"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.errors import InputError, ReviewError
from leads_local.export import about
from leads_local.export.sheets import prisma_sheet
from leads_local.records import Choice, Citation, Criterion, Eligibility, Stage
from leads_local.review import log_check
from leads_local.review.prisma import flow_lines, update_in_words
from leads_local.review.prisma_counts import UpdateCounts
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from tests.review.conftest import Import
from tests.review.copies import copied, judge, merged, told


def cited(*topics: int) -> list[Citation]:
    return [Citation(title=f"Topic {topic} in adults with pain", doi=f"10.1/{topic}") for topic in topics]


def update_of(review: Review) -> UpdateCounts:
    update = review.counts().update
    assert update is not None
    return update


def numbers(review: Review) -> dict[str, int]:
    return {line.key: line.number for line in flow_lines(review.counts())}


@pytest.fixture
def finished(review: Review, add: Import) -> list[int]:
    """Six records: 1 and 2 of one report, included; 3 excluded by its abstract, 4 by its full text; 5 still sought, 6
    not screened."""
    review.acting = "Ann"
    ids = add(cited(1, 1, 3, 4, 5, 6), "first.jsonl")
    review.dedupe()
    for record in (ids[0], ids[3], ids[4]):
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    review.decide(ids[2], Stage.ABSTRACT, Choice.EXCLUDE, "no trial")
    review.decide(ids[0], Stage.FULLTEXT, Choice.INCLUDE)
    review.decide(ids[3], Stage.FULLTEXT, Choice.EXCLUDE, "wrong design")
    return ids


def test_the_flow_of_an_update_counts_what_is_new(review: Review, add: Import, finished: list[int]) -> None:
    assert review.counts().update is None and update_in_words(review.counts()) == ""
    review.begin_update("  Update\n2027 ")
    assert update_in_words(review.counts()).startswith("Update: Update 2027, begun on 20")
    new = add(cited(1, 3, 7, 8, 8), "second.jsonl")
    review.dedupe()
    review.decide(new[2], Stage.ABSTRACT, Choice.INCLUDE)
    review.decide(new[2], Stage.FULLTEXT, Choice.INCLUDE)
    n = numbers(review)
    assert (n["previous"], n["dropped"], n["unsettled"], n["left"]) == (1, 0, 0, 2)
    assert (n["source 1"], n["carried"], n["identified"], n["duplicates"], n["known"]) == (5, 2, 7, 3, 2)
    assert (n["to_screen"], n["screened"], n["unscreened"], n["excluded"]) == (4, 2, 2, 0)
    assert (n["sought"], n["not_retrieved"], n["assessed"], n["fulltext_excluded"]) == (2, 1, 1, 0)
    assert (n["included"], n["total"]) == (1, 2)
    labels = [line.label for line in flow_lines(review.counts())]
    assert labels[:2] == [
        "Studies included in the previous version",
        "Reports of studies included in the previous version",
    ]
    assert labels[-4:] == [
        *("New studies included in review", "Reports of new included studies"),
        *("Studies included in all", "Reports of included studies in all"),
    ]
    assert (n["previous_studies"], n["studies"], n["total_studies"]) == (1, 1, 2)
    assert "records.jsonl" not in str(labels) and "Records identified in second.jsonl" in labels
    progress = {one.stage: (one.records, one.decided) for one in review.counts().progress}
    assert progress == {Stage.ABSTRACT: (4, 2), Stage.FULLTEXT: (2, 1)}
    assert list(log_check.find_breaks(review.db)) == []


def test_a_search_run_again_asks_nothing_that_was_decided(review: Review, add: Import, finished: list[int]) -> None:
    review.begin_update("Update 2027")
    before = review.record_ids(Stage.ABSTRACT, RecordFilter.TO_DO)
    add(cited(6, 5, 4, 3, 1), "again.jsonl")
    review.dedupe()
    assert review.record_ids(Stage.ABSTRACT, RecordFilter.TO_DO) == before
    assert (update_of(review).known, review.counts().unscreened) == (5, 1)


def test_the_models_work_is_told_of_what_the_update_counts(review: Review, add: Import, finished: list[int]) -> None:
    for record in finished[2:]:
        judge(review, record, Eligibility.NO)
    assert review.counts().progress[0].screened == 4
    review.begin_update("Update 2027")
    new = add(cited(7, 8), "second.jsonl")
    assert [one.screened for one in review.counts().progress] == [2, 0], "what is left of the previous version, is not"
    judge(review, new[0], Eligibility.YES)
    assert [(one.records, one.screened) for one in review.counts().progress] == [(4, 3), (1, 0)]


def test_what_is_decided_again_moves_into_the_flow(review: Review, finished: list[int]) -> None:
    review.begin_update("Update 2027")
    review.decide(finished[2], Stage.ABSTRACT, Choice.INCLUDE)
    assert (update_of(review).left, update_of(review).carried, review.counts().sought) == (1, 3, 2)
    review.decide(finished[3], Stage.FULLTEXT, Choice.EXCLUDE, "wrong design")  # looked at again, and the same
    assert (update_of(review).left, review.counts().fulltext_excluded) == (0, 1)
    review.undo_last()
    review.undo_last()
    assert (update_of(review).left, update_of(review).carried, review.counts().sought) == (2, 2, 1)
    review.decide(finished[0], Stage.FULLTEXT, Choice.EXCLUDE, "wrong design")
    now = update_of(review)
    assert (now.previous, now.dropped, now.total, review.counts().fulltext_excluded) == (1, 1, 0, 0)
    review.decide(finished[0], Stage.FULLTEXT, Choice.MAYBE)
    assert (update_of(review).dropped, update_of(review).unsettled) == (0, 1)


def test_what_is_undone_after_it_was_the_previous_versions_all_the_same(review: Review, finished: list[int]) -> None:
    """The act that is taken back is older than the update, the taking back is not."""
    review.undo_last()
    review.redo()
    review.begin_update("Update 2027")
    review.undo(Stage.FULLTEXT, "Ann")
    assert update_of(review).left == 1 and update_of(review).carried == 3
    assert list(log_check.find_breaks(review.db)) == []


def test_continuing_is_undone_and_done_again(review: Review, add: Import, finished: list[int]) -> None:
    first = review.counts()
    review.begin_update("Update 2027")
    second = review.counts()
    assert [act.kind for act, _ in review.undo_last()] == ["update"]
    assert (review.counts(), review.updates()) == (first, [])
    review.redo()
    assert review.counts() == second
    add(cited(9), "second.jsonl")
    review.begin_update("Update 2028")
    assert (review.counts().sources, update_of(review).label) == ((), "Update 2028")
    review.undo_last()
    assert (update_of(review).label, [one.label for one in review.updates()]) == ("Update 2027", ["Update 2027"])
    assert [number for _, number in review.counts().sources] == [1]


def test_what_is_no_update_is_refused(review: Review, add: Import) -> None:
    with pytest.raises(ReviewError, match="nothing to continue"):
        review.begin_update("Update 2027")
    add(cited(1))
    review.begin_update("Update 2027")
    for label, why in (
        ("", "needs a name"),
        (" \n", "needs a name"),
        ("x" * 81, "needs a name"),
        ("Update  2027", "already"),
    ):
        with pytest.raises(InputError, match=why):
            review.begin_update(label)
    assert len(review.updates()) == 1


def test_a_withdrawn_source_that_is_had_back_is_new(review: Review, add: Import, finished: list[int]) -> None:
    add(cited(9), "wrong.jsonl")
    wrong = review.sources()[-1]
    review.withdraw(wrong.sha256)
    review.begin_update("Update 2027")
    assert review.counts().sources == ()
    review.withdraw(wrong.sha256, withdrawn=False)
    assert [number for _, number in review.counts().sources] == [1]


def test_a_damaged_memory_of_the_previous_version_is_found(review: Review, finished: list[int]) -> None:
    review.begin_update("Update 2027")
    with review.db.transaction():
        review.db.write("UPDATE previous_choice SET choice = 'include' WHERE choice = 'exclude'")
        review.db.write("DELETE FROM previous_source")
    found = "\n".join(log_check.find_breaks(review.db))
    assert "is of the review's previous version by the table or the log, not by both" in found
    assert "what held in the previous version of" in found and "by its history exclude" in found


def test_an_export_says_what_its_numbers_are(review: Review, finished: list[int]) -> None:
    assert "Update" not in about.page_text(review, [])
    review.begin_update("Update 2027")
    text = " ".join(about.page_text(review, []).split())
    assert "Update: Update 2027, begun on 20" in text and "the previous version included 1 reports" in text
    rows = {row[1]: row for row in prisma_sheet(review).rows()}
    assert rows["previous"] == ("previous", "previous", "Reports of studies included in the previous version", 1)
    assert (rows["total"][3], rows["included"][2:]) == (1, ("Reports of new included studies", 0))


def test_copies_that_go_on_apart_are_one_update(review: Review, add: Import, finished: list[int], path: Path) -> None:
    review.close()
    other = copied(path, "other.leads")
    with Review.open(path) as here:
        here.acting = "Ann"
        here.begin_update("Update 2027")
    with Review.open(other) as there:
        there.acting = "Ben"
        there.decide(finished[5], Stage.ABSTRACT, Choice.EXCLUDE)
    both = copied(path, "both.leads")
    merged(both, other)
    merged(other, path)
    assert told(both) == told(other)
    with Review.read(both) as review:
        assert update_of(review).left + update_of(review).carried == 4


# ---------------------------------------------------------------- another wording


def test_what_was_excluded_when_something_else_was_asked_is_listed(review: Review, finished: list[int]) -> None:
    assert review.excluded_earlier(Stage.ABSTRACT) == review.excluded_earlier(Stage.FULLTEXT) == []
    review.set_criteria([Criterion("Design", "any trial")])
    assert review.excluded_earlier(Stage.ABSTRACT) == [finished[2]]
    assert review.excluded_earlier(Stage.FULLTEXT) == [finished[3]]
    review.decide(finished[2], Stage.ABSTRACT, Choice.EXCLUDE, "no trial")
    assert review.excluded_earlier(Stage.ABSTRACT) == []
    review.undo_last()
    assert review.excluded_earlier(Stage.ABSTRACT) == [finished[2]]


def test_only_the_stage_that_asks_otherwise_is_concerned(review: Review, finished: list[int]) -> None:
    review.set_criteria([Criterion("Length", "a year")], Stage.FULLTEXT)
    assert review.excluded_earlier(Stage.ABSTRACT) == []
    assert review.excluded_earlier(Stage.FULLTEXT) == [finished[3]]


def test_what_is_asked_as_before_again_concerns_what_was_decided_between(review: Review, finished: list[int]) -> None:
    review.set_question(replace(review.question, title="Another title"))
    assert review.excluded_earlier(Stage.ABSTRACT) == []
    review.set_question(replace(review.question, population="children"))
    review.decide(finished[5], Stage.ABSTRACT, Choice.EXCLUDE)
    assert review.excluded_earlier(Stage.ABSTRACT) == [finished[2]]
    review.undo_last("Nobody")
    review.set_question(replace(review.question, population="adults with pain"))
    assert review.excluded_earlier(Stage.ABSTRACT) == [finished[5]]
    review.undo_last()
    assert review.excluded_earlier(Stage.ABSTRACT) == [finished[2]], "children are asked about again"
