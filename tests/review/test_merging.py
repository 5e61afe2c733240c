"""What is merged and what is refused, and what a person is told of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from leads_local.documents import pool
from leads_local.errors import LeadsError
from leads_local.records import Choice, Citation, Criterion, Eligibility, Question, Stage
from leads_local.review import backups, merging
from leads_local.review.merging import Brought, Conflict
from leads_local.review.outcomes import OutcomeState, Rule, RuleKind
from leads_local.review.read_models import ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import acts, values
from tests.review import old_reviews
from tests.review.conftest import Import, paper
from tests.review.copies import copied, judge, merged, open_quickly, told

A = Stage.ABSTRACT
TEXTS = [Citation(title=f"Trial {number}", doi=f"10.1/{number}") for number in range(4)]


@pytest.fixture
def mine(review: Review, add: Import, path: Path) -> Path:
    """A review with four records, where two reviewers must agree."""
    add(TEXTS)
    review.set_rule(A, Rule(RuleKind.TWO))
    review.close()
    return path


@pytest.fixture
def theirs(mine: Path) -> Path:
    return copied(mine, "ben.leads")


def decide(path: Path, who: str, *choices: Choice) -> None:
    with open_quickly(path) as review:
        for record, choice in enumerate(choices, start=1):
            review.decide(record, A, choice, f"said by {who}", who)


def test_two_reviewers_work_apart_and_meet(mine: Path, theirs: Path) -> None:
    decide(mine, "Ann", Choice.INCLUDE, Choice.EXCLUDE)
    decide(theirs, "Ben", Choice.INCLUDE, Choice.INCLUDE, Choice.MAYBE)
    done = merged(mine, theirs)
    (report,) = done.reports
    assert report.reviewers == (Brought("Ben", 3, 0, 0, 0, 0),)
    assert report.conflicts == (Conflict(A, 2),)
    with Review.open(mine) as review:
        view = review.record(2)
        assert view.states[A] is OutcomeState.CONFLICT
        assert {vote.reviewer: vote.reason for vote in view.votes[A]} == {"Ann": "said by Ann", "Ben": "said by Ben"}
        assert review.record(1).decisions[A].choice is Choice.INCLUDE
        assert review.record(3).states[A] is OutcomeState.WAITING
        assert {(entry.action, entry.by) for entry in view.history} == {("decided", "Ann"), ("decided", "Ben")}
        (event,) = [event for event in review.events() if event.kind == "merge"]
        assert event.text == "ben.leads: 3 acts, 0 records, 0 PDFs, 0 answers of the model, 1 conflicts arose"


def test_the_review_as_it_was_is_kept_and_nothing_else_when_nothing_is_new(mine: Path, theirs: Path) -> None:
    before = told(mine)
    assert merged(mine, theirs).kept is None
    assert backups.list_copies(mine) == []
    decide(theirs, "Ben", Choice.INCLUDE)
    kept = merged(mine, theirs).kept
    assert kept is not None and "before-merge" in kept.name
    assert told(kept) == before != told(mine)
    bytes_before = mine.read_bytes()
    again = merged(mine, theirs)
    assert (again.kept, again.reports[0].acts, mine.read_bytes()) == (None, 0, bytes_before)


def test_records_and_pdfs_of_both_come_together(
    mine: Path, theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leads_local import citations

    document = paper("Trial 1", ["Words of a paper."])
    monkeypatch.setattr(pool, "read_many", lambda paths: iter([document]))
    (tmp_path / "one.pdf").write_bytes(b"%PDF")
    for path, name in ((mine, "Ann"), (theirs, "Ben")):
        citations.write(tmp_path / f"{name}.jsonl", [Citation(title=f"Only {name}"), Citation(title="Both")], "jsonl")
        with open_quickly(path) as review:
            review.acting = name
            review.import_file(tmp_path / f"{name}.jsonl")
            if name == "Ben":
                review.attach(tmp_path / "one.pdf")
                review.add_as_new(review.waiting_pdfs()[0].sha256)
                review.decide(review.record_ids(A)[4], A, Choice.INCLUDE, "", "Ben")
    done = merged(mine, theirs)
    assert done.reports[0].reviewers == (Brought("Ben", 1, 0, 2, 1, 1),)
    with Review.open(mine) as review:
        titles = {review.citation(record).title: record for record in review.record_ids(A)}
        decided = [title for title, record in titles.items() if review.record(record).votes]
        assert decided == ["Only Ben"], "on the same record, whatever its number is here"
        (attached,) = review.attachments()
        found = review.document(attached.record_id)
        assert found is not None and [one.text for one in found.passages] == [one.text for one in document.passages]
        assert sum(1 for title in titles if title.startswith("Only")) == 2


def test_the_models_answers_come_once(mine: Path, theirs: Path) -> None:
    for path in (mine, theirs):
        with open_quickly(path) as review:
            judge(review, 1, Eligibility.YES, "as in both")
    with open_quickly(theirs) as review:
        judge(review, 1, Eligibility.NO, "later")
        judge(review, 2, Eligibility.YES)
    assert merged(mine, theirs).reports[0].replies == 2
    with Review.open(mine) as review:
        assert review.db.number("SELECT count(*) FROM reply") == 3
        assert {one.eligibility for one in review.record(1).screenings[A].judgements} == {Eligibility.NO}
        assert [one.value.text for one in review.values(1)] == ["NO later", "the same"]
        assert review.db.number("SELECT count(*) FROM value") == 6


def test_what_is_verified_anywhere_is_shown_and_a_later_extraction_is_not_in_its_place(
    mine: Path, theirs: Path
) -> None:
    with open_quickly(mine) as review:
        judge(review, 1, Eligibility.YES, "first")
    theirs.write_bytes(mine.read_bytes())
    with open_quickly(mine) as review:
        judge(review, 1, Eligibility.NO, "second")
    with open_quickly(theirs) as review:
        review.verify(review.values(1)[0].id, ValueStatus.EDITED, "by Ben", reviewer="Ben")
    other = copied(theirs, "other.leads")
    merged(other, mine)
    assert merged(mine, theirs).reports[0].reviewers == (Brought("Ben", 0, 1, 0, 0, 0),)
    with Review.open(mine) as review:
        assert [(one.final_text, one.reviewer) for one in review.values(1)] == [("by Ben", "Ben")]
    assert told(other) == told(mine)


def test_the_same_undone_in_two_copies_is_redone(mine: Path, theirs: Path) -> None:
    decide(mine, "Ann", Choice.INCLUDE)
    theirs.write_bytes(mine.read_bytes())
    for path in (mine, theirs):
        with open_quickly(path) as review:
            assert review.undo_last("Ann")
    merged(mine, theirs)
    with open_quickly(mine) as review:
        assert not review.record(1).votes
        assert review.redo("Ann"), "one key press does it again"
        assert review.record(1).votes
    told(mine)


def test_groups_show_the_same_record_everywhere(tmp_path: Path) -> None:
    from leads_local import citations

    path = tmp_path / "a.leads"
    with Review.create(path, Question(population="adults")):
        pass
    other = copied(path, "b.leads")
    for name, one in (("zero", path), ("one", other)):
        file = tmp_path / f"{name}.jsonl"
        citations.write(file, [Citation(title="Same trial", doi="10.1/1", volume=name)], "jsonl")
        with open_quickly(one) as review:
            review.import_file(file)
            review.import_file(tmp_path / "zero.jsonl")
            review.dedupe()
    third = copied(path, "c.leads")
    merged(path, other)
    merged(other, third)
    assert told(path) == told(other)
    assert len(told(path)["groups"]) == 1  # type: ignore[arg-type]


def test_what_changed_in_what_is_asked_is_named(mine: Path, theirs: Path) -> None:
    with open_quickly(mine) as review:
        review.set_criteria([Criterion("Setting", "a ward")])
    with open_quickly(theirs) as review:
        review.set_question(Question(population="children"))
        review.set_criteria([Criterion("Setting", "at home")], Stage.FULLTEXT)
        review.set_rule(A, Rule(RuleKind.ONE))
    (report,) = merged(mine, theirs).reports
    assert set(report.changed) == {
        *("the question", "the rule of the abstract stage"),
        *("the criteria of the abstract stage", "the criteria of the fulltext stage"),
    }
    assert report.notices == (
        "Two criteria of the fulltext stage are called 'setting' now: give each a name of its own.",
    )


# ---------------------------------------------------------------- what is refused


def refused(mine: Path, other: Path) -> str:
    before = mine.read_bytes()
    with open_quickly(mine) as review, pytest.raises(LeadsError) as told_error:
        review.merge([other])
    assert mine.read_bytes() == before
    return str(told_error.value)


def test_another_review(mine: Path, tmp_path: Path) -> None:
    with Review.create(tmp_path / "x.leads", Question(population="adults")):
        pass
    assert "x.leads is another review than" in refused(mine, tmp_path / "x.leads")


def test_itself_and_what_is_not_there(mine: Path, tmp_path: Path) -> None:
    assert "is the review itself" in refused(mine, mine)
    assert "there is no such review file" in refused(mine, tmp_path / "none.leads")
    (tmp_path / "text.leads").write_text("words")
    assert "text.leads" in refused(mine, tmp_path / "text.leads")


def test_a_damaged_one(mine: Path, theirs: Path) -> None:
    raw = sqlite3.connect(theirs, isolation_level=None)
    raw.execute("DROP TRIGGER citation_keep")
    raw.execute("UPDATE citation SET title = 'Other words' WHERE record_id = 2")
    raw.close()
    assert "ben.leads is damaged" in refused(mine, theirs)


def test_one_whose_acts_somebody_has_rewritten_with_all_seals(mine: Path, theirs: Path) -> None:
    decide(theirs, "Ben", Choice.INCLUDE)
    with open_quickly(theirs) as review, review.db.transaction():
        review.db.write("DROP TRIGGER act_keep")
        review.db.write("UPDATE act SET said = replace(said, 'include', 'exclude') WHERE kind = 'decide'")
        trigger = "CREATE TRIGGER act_keep BEFORE UPDATE ON act BEGIN SELECT RAISE(ABORT, 'act is never changed'); END"
        review.db.write(trigger)
    assert "is not as leads-local wrote it: act 1 of session" in refused(mine, theirs)


def test_two_that_tell_one_act_differently(mine: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size=8: "5" * 2 * size)
    decide(mine, "Ann", Choice.INCLUDE)
    decide(theirs, "Ben", Choice.EXCLUDE)
    monkeypatch.undo()
    assert f"tell act 1 of session {'5' * 16} differently" in refused(mine, theirs)


def test_a_newer_one(mine: Path, theirs: Path) -> None:
    raw = sqlite3.connect(theirs, isolation_level=None)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    assert "was made by a newer leads-local" in refused(mine, theirs)


def test_a_source_that_was_read_differently(mine: Path, theirs: Path, tmp_path: Path) -> None:
    from leads_local import citations

    file = tmp_path / "more.jsonl"
    for path, number in ((mine, 1), (theirs, 2)):
        citations.write(file, [Citation(title=f"More {one}") for one in range(2)], "jsonl")
        with open_quickly(path) as review:
            read = citations.read_file(file)
            with pytest.MonkeyPatch.context() as patch:
                cut = type(read)(
                    **{**{n: getattr(read, n) for n in read.__slots__}, "citations": read.citations[:number]}
                )
                patch.setattr(
                    "leads_local.review.importing.read_parts", lambda path, *said, cut=cut: (one for one in [cut])
                )
                review.import_file(file)
    assert "have read the file" in refused(mine, theirs)


def test_one_bad_file_keeps_the_good_ones_out(mine: Path, theirs: Path, tmp_path: Path) -> None:
    decide(theirs, "Ben", Choice.INCLUDE)
    before = mine.read_bytes()
    with open_quickly(mine) as review, pytest.raises(LeadsError):
        review.merge([theirs, tmp_path / "none.leads"])
    assert mine.read_bytes() == before


def test_what_does_not_add_up_is_not_written(mine: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(theirs, "Ben", Choice.INCLUDE)
    monkeypatch.setattr(merging.standing, "rebuild", lambda db: None)
    assert "together the decision of Ben on record 1" in refused(mine, theirs)


# ---------------------------------------------------------------- earlier versions


@pytest.mark.parametrize("version", [1, 3, 4])
def test_a_copy_of_an_earlier_version_is_read_as_it_is(tmp_path: Path, version: int) -> None:
    old = tmp_path / "old.leads"
    old_reviews.make(old, version)
    new = copied(old, "new.leads")
    from leads_local.review import opening

    opening.upgrade(new, lambda db: db.path)
    before, bytes_before = told(new), old.read_bytes()
    assert merged(new, old).reports[0].acts == 0, "upgraded apart, they hold the same acts"
    assert told(new) == before and old.read_bytes() == bytes_before


def test_a_log_holds_every_act_once(mine: Path, theirs: Path) -> None:
    decide(mine, "Ann", Choice.INCLUDE)
    decide(theirs, "Ben", Choice.INCLUDE)
    merged(mine, theirs)
    merged(theirs, mine)
    with Review.open(mine) as one, Review.open(theirs) as other:
        first, second = (sorted(stored for _, stored in acts.stream(review.db)) for review in (one, other))
        assert first == second and len(set(first)) == len(first)
        assert values.said_rows(one.db) == {}
