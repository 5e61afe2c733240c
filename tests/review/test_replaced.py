"""Another version is put in the place of an open review: no decision lands in it, and none is lost.

What sync clients, ``cp``, file managers and people do is done here as they do it: a rename over the file, new bytes in
the same file, the folder gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.errors import InputError, ReviewError
from leads_local.records import Choice, Citation, Question, Stage
from leads_local.review import backups, opening
from leads_local.review.annotations import Field
from leads_local.review.database import ReviewReplaced
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.protocol import Keywords
from leads_local.review.read_models import PutBackReport, RecordFilter
from leads_local.review.review import Review
from leads_local.review.sqlite_errors import error_for_code
from tests.review import old_reviews
from tests.review.conftest import Import

Replace = Callable[[Path, Path], None]


def by_rename(version: Path, review: Path) -> None:
    part = review.with_name("sync-part")
    shutil.copy(version, part)
    os.replace(part, review)  # noqa: PTH105


def in_place(version: Path, review: Path) -> None:
    shutil.copyfile(version, review)


@pytest.fixture
def monday(review: Review, add: Import, tmp_path: Path) -> Path:
    """A copy from when the review had other records, whose numbers are other papers' now."""
    file = tmp_path / "copies" / "monday.leads"
    file.parent.mkdir()
    other = Review.create(file, Question(population="adults"))
    other.close()
    add([Citation(title=f"Title {n}", abstract="words", number=n) for n in range(1, 9)])
    review.db.copy_to(tmp_path / "copies" / "same.leads")
    return file


def standing(path: Path) -> dict[int, tuple[str, str]]:
    with Review.read(path) as opened:
        ids = opened.record_ids(Stage.ABSTRACT)
        views = (opened.record(record) for record in ids)
        return {
            view.id: (view.citation.title, view.decisions[Stage.ABSTRACT].choice)
            for view in views
            if Stage.ABSTRACT in view.decisions
        }


def rescued(path: Path, ending: str) -> list[Path]:
    if ending == ".leads":
        return [copy.path for copy in reversed(backups.list_copies(path)) if copy.why == "rescued"]
    return [
        file
        for file in sorted(path.parent.glob(f"{path.stem}.rescued-*{ending}"))
        if not file.name.endswith(".put-back.jsonl")
    ]


@pytest.mark.parametrize("replace", [by_rename, in_place])
@pytest.mark.parametrize("which", ["monday.leads", "same.leads"])
def test_nothing_is_decided_in_another_version(review: Review, monday: Path, replace: Replace, which: str) -> None:
    version = monday.with_name(which)
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "before", "Ann")
    review.record(2)
    before = version.read_bytes()
    replace(version, review.path)
    with pytest.raises(ReviewReplaced) as caught:
        review.decide(2, Stage.ABSTRACT, Choice.EXCLUDE, "after", "Ann")
    assert review.path.read_bytes() == before
    acts = [json.loads(line) for line in rescued(review.path, ".jsonl")[-1].read_text().splitlines()[1:]]
    assert [(act["subject"]["title"], act["said"]["choice"], act["reviewer"]) for act in acts] == [
        ("Title 1", "include", "Ann"),
        ("Title 2", "exclude", "Ann"),
    ]
    assert str(rescued(review.path, ".jsonl")[-1]) in caught.value.hint
    if replace is by_rename:  # the open file is still there for this program
        assert standing(rescued(review.path, ".leads")[-1]) == {1: ("Title 1", "include")}


@pytest.mark.parametrize("replace", [by_rename, in_place])
def test_looking_is_enough_to_notice(review: Review, monday: Path, replace: Replace) -> None:
    review.check_same()
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE)
    review.check_same()
    replace(monday, review.path)
    with pytest.raises(ReviewReplaced, match="replaced by another version"):
        review.check_same()


@pytest.fixture
def exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Review]:
    """An open review, bytes of whose file were exchanged inside a commit."""
    with Review.create(tmp_path / "x.leads", Question(population="adults")) as made:
        citations.write(file := tmp_path / "x.jsonl", [Citation(title="One"), Citation(title="Two")], "jsonl")
        made.import_file(file)
    review = Review.open(made.path)
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "before", "Ann")
    note_commit = review.db._note_commit

    def exchange(following: tuple[int, int] | None) -> None:
        data = review.path.read_bytes()
        assert data.count(b"Two") >= 1
        review.path.write_bytes(data.replace(b"Two", b"Ten"))
        note_commit(following)

    with monkeypatch.context() as patch:
        patch.setattr(review.db, "_note_commit", exchange)
        review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "meanwhile", "Ann")
    yield review
    with contextlib.suppress(ReviewReplaced):
        review.close()


def test_bytes_exchanged_inside_a_commit_are_noticed_when_the_review_is_closed(exchanged: Review) -> None:
    """Time and size of the file are then taken for those of the program's own writing, and its pages are remembered as
    they were: nothing else tells."""
    review = exchanged
    review.decide(1, Stage.ABSTRACT, Choice.MAYBE, "after", "Ann")
    with pytest.raises(ReviewReplaced, match=r"is damaged: .* exchanged while it was open"):
        review.close()
    acts = [json.loads(line) for line in rescued(review.path, ".jsonl")[-1].read_text().splitlines()[1:]]
    assert [act["said"]["reason"] for act in acts] == ["before", "meanwhile", "after"]


def test_they_are_noticed_by_a_look_while_it_is_open(exchanged: Review) -> None:
    """From another thread, as the screen does it."""
    acts = exchanged.said_since_look()
    with ThreadPoolExecutor() as threads:
        damage = threads.submit(opening.find_damage_aside, exchanged.path).result()
    assert damage
    with pytest.raises(ReviewReplaced, match=r"citation .* exchanged while it was open"):
        exchanged.note_look(acts, damage)
    exchanged.close()
    assert len(rescued(exchanged.path, ".jsonl")) == 1, "what was said is kept once"


def test_what_was_looked_at_is_looked_at_again_when_something_was_said(review: Review, add: Import) -> None:
    add([Citation(title="One")])
    assert review.said_since_look() == 0
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE)
    assert review.said_since_look() == 1
    damage = opening.find_damage_aside(review.path)
    assert damage == []
    review.note_look(1, damage)
    assert review.said_since_look() == 0
    review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE)
    assert review.said_since_look() == 2


def test_a_file_that_can_not_be_looked_at_now_is_not_sound_for_that(review: Review) -> None:
    review.path.unlink()
    assert opening.find_damage_aside(review.path) is None


def test_what_was_rescued_is_put_back_into_the_version_that_is_there(review: Review, monday: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    review.decide(2, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    review.decide(2, Stage.ABSTRACT, Choice.EXCLUDE, "wrong design", "Ann")
    review.decide(3, Stage.ABSTRACT, Choice.MAYBE, "", "Ann")
    review.undo(Stage.ABSTRACT, "Ann")
    review.separate(5, [4])
    by_rename(monday.with_name("same.leads"), review.path)
    with pytest.raises(ReviewReplaced):
        review.decide(4, Stage.ABSTRACT, Choice.EXCLUDE, "", "Ann")
    review.close()
    with Review.open(review.path) as there:
        there.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "", "Ben")
        done = there.put_back(rescued(review.path, ".jsonl")[-1])
        assert (done.done, done.there, done.by_hand) == (4, 0, ()), "Ben's decision stays beside Ann's"
        assert there.rescued() == []
        again = there.put_back(next(review.path.parent.glob("*.put-back.jsonl")))
        assert (again.done, again.there) == (0, 4)
        assert there.record_ids(Stage.ABSTRACT, RecordFilter.CONFLICT) == [1]
    assert {record: choice for record, (_, choice) in standing(review.path).items()} == {2: "exclude", 4: "exclude"}


def test_what_was_rescued_goes_into_no_other_review(review: Review, monday: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE)
    by_rename(monday, review.path)
    with pytest.raises(ReviewReplaced):
        review.check_same()
    with Review.open(review.path) as other, pytest.raises(ReviewError, match="another review"):
        other.put_back(rescued(review.path, ".jsonl")[-1])


def test_a_file_that_holds_nothing_rescued(review: Review, tmp_path: Path) -> None:
    for content in (
        "",
        "x",
        "{}",
        "[" * 100_000,
        '{"format": "leads-local rescue 1"}',
        '{"format": "leads-local rescue 1", "review": "1"}\n{}',
    ):
        (file := tmp_path / "x.rescued-1.jsonl").write_text(content)
        with pytest.raises(InputError, match="no rescued decisions"):
            review.put_back(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_what_never_ends_is_not_read(review: Review, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "x.rescued-1.jsonl")
    (file := tmp_path / "y.rescued-1.jsonl").touch()
    os.truncate(file, 1 << 40)
    for place, said in (
        (pipe, "a pipe"),
        (Path("/dev/zero"), "a device"),
        (tmp_path, "a folder"),
        (file, "larger than 64 MB"),
    ):
        with pytest.raises(InputError, match=said):
            review.put_back(place)


def test_the_folder_is_deleted(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "reviews"
    folder.mkdir()
    with Review.create(folder / "pain.leads", Question(population="adults")) as review:
        review.set_question(Question(population="adults", outcome="pain"))
        shutil.rmtree(folder)
        with pytest.raises(ReviewReplaced, match="moved or deleted") as caught:
            review.set_question(Question(population="children"))
    kept = sorted((home / "data" / "rescued").iterdir())
    assert [file.suffix for file in kept] == [".jsonl", ".leads"]
    assert all(str(file) in caught.value.hint for file in kept)
    with Review.read(kept[1]) as opened:
        assert opened.question == Question(population="adults", outcome="pain")
    assert not folder.exists()


def test_the_folder_is_deleted_and_the_account_has_none(tmp_path: Path, homeless: None) -> None:
    folder = tmp_path / "reviews"
    folder.mkdir()
    with Review.create(folder / "pain.leads", Question(population="adults")) as review:
        review.set_question(Question(population="adults", outcome="pain"))
        shutil.rmtree(folder)
        with pytest.raises(ReviewReplaced, match="moved or deleted") as caught:
            review.set_question(Question(population="children"))
    assert "could not be kept: question: the review: population adults" in caught.value.hint


def test_a_later_version_that_goes_on_from_this_one_is_gone_on_with(review: Review, monday: Path) -> None:
    """As when another computer went on and its file came back, or a program saves by renaming."""
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE)
    later = monday.with_name("later.leads")
    review.db.copy_to(later)
    with Review.open(later) as other:
        other.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    by_rename(later, review.path)
    review.decide(3, Stage.ABSTRACT, Choice.MAYBE)
    assert {record: choice for record, (_, choice) in standing(review.path).items()} == {
        1: "include",
        2: "exclude",
        3: "maybe",
    }


def write_much(review: Review) -> None:
    """More than memory is given for, so that of a large transaction some is in the file before it is committed."""
    review.db.execute("PRAGMA cache_size = 10")
    review.db.write("UPDATE review SET title = 'lost'")
    for number in range(20):
        review.record_event("much", f"{number}" * 20_000)


@pytest.mark.parametrize("large", [False, True])
def test_a_replacement_inside_the_transaction_is_noticed_before_the_commit(
    review: Review, monday: Path, large: bool
) -> None:
    before = (version := monday.with_name("same.leads")).read_bytes()
    with pytest.raises(ReviewReplaced), review.db.transaction(large=large):
        write_much(review)
        by_rename(version, review.path)
        write_much(review)
    assert review.path.read_bytes() == before


@pytest.mark.parametrize("large", [False, True])
def test_new_bytes_inside_the_transaction_are_noticed_before_the_commit(
    review: Review, monday: Path, large: bool
) -> None:
    before, length = monday.read_bytes(), review.path.stat().st_size
    with pytest.raises(ReviewReplaced), review.db.transaction(large=large):
        write_much(review)
        assert (review.path.stat().st_size > length) is large
        in_place(monday, review.path)
    assert review.path.read_bytes() == before


def test_a_large_transaction_that_fails_is_taken_back(review: Review, add: Import) -> None:
    add([Citation(title="One")])
    length = review.path.stat().st_size
    with pytest.raises(InputError), review.db.transaction(large=True):
        write_much(review)
        raise InputError("no")
    assert review.path.stat().st_size == length and opening.find_damage(review.path) == []
    with review.db.transaction(large=True):
        write_much(review)
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE)
    assert standing(review.path) == {1: ("One", "include")}


def test_a_disk_that_can_not_be_read_is_no_other_version(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large transaction has written into the file by then, and only its journal takes that back."""

    def fail(sql: str, parameters: object = ()) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error_for_code(review.path, sqlite3.SQLITE_IOERR) from error

    length = review.path.stat().st_size
    with monkeypatch.context() as failing, pytest.raises(ReviewError, match="the disk reports an error"):  # noqa: SIM117
        with review.db.transaction(large=True):
            write_much(review)
            assert review.path.stat().st_size > length
            failing.setattr(review.db, "row", fail)
    assert review.path.stat().st_size == length and opening.find_damage(review.path) == []


def test_another_time_on_the_file_is_no_other_version(review: Review) -> None:
    """Network drives and Windows write the time of a change down when they like."""
    with review.db.transaction():
        review.db.write("UPDATE review SET title = 'kept'")
        os.utime(review.path, (1, 1))
    assert review.question.title == "kept"


def test_a_replacement_right_after_the_commit_is_noticed(
    review: Review, monday: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = review.db._require_same_file, []

    def looked() -> None:
        asked.append(1)
        if len(asked) == 2:  # before the transaction, and after its commit
            by_rename(monday.with_name("same.leads"), review.path)
        real()

    monkeypatch.setattr(review.db, "_require_same_file", looked)
    with pytest.raises(ReviewReplaced):
        review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    assert standing(review.path) == {}
    assert standing(rescued(review.path, ".leads")[-1]) == {1: ("Title 1", "include")}
    with Review.open(review.path) as there:
        assert there.put_back(rescued(review.path, ".jsonl")[-1]).done == 1


@pytest.mark.parametrize("gone", [False, True])
def test_closing_is_enough_to_notice(review: Review, monday: Path, gone: bool) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    if gone:
        review.path.unlink()
    else:
        by_rename(monday.with_name("same.leads"), review.path)
    with pytest.raises(ReviewReplaced) as caught:
        review.close()
    assert standing(rescued(review.path, ".leads")[-1]) == {1: ("Title 1", "include")}
    assert caught.value.acts is not None
    review.close()


def test_what_is_kept_is_kept_once(review: Review, monday: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE)
    by_rename(monday.with_name("same.leads"), review.path)
    for _ in range(3):
        with pytest.raises(ReviewReplaced):
            review.check_same()
    review.close()
    assert len(rescued(review.path, ".leads")) == len(rescued(review.path, ".jsonl")) == 1


def test_bytes_of_a_sibling_with_as_many_commits_are_not_written_over(review: Review, monday: Path) -> None:
    """SQLite takes its memory of the pages for valid then: the number of changes is the same."""
    version = monday.with_name("same.leads")
    with Review.open(version) as other:
        other.decide(2, Stage.ABSTRACT, Choice.EXCLUDE, "", "Ben")
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    number = slice(24, 28)
    while version.read_bytes()[number] != review.path.read_bytes()[number]:
        behind = version if version.read_bytes()[number] < review.path.read_bytes()[number] else review.path
        with Review.open(behind) as other:
            other.record_event("x", "y")
    review.check_same()
    in_place(version, review.path)
    with pytest.raises(ReviewReplaced):
        review.decide(3, Stage.ABSTRACT, Choice.MAYBE, "", "Ann")
    assert standing(review.path) == {2: ("Title 2", "exclude")}


@pytest.mark.parametrize("what", ["0 bytes", "another program's", "older"])
def test_whatever_is_put_in_its_place_is_told_and_what_was_said_kept(review: Review, tmp_path: Path, what: str) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE) if review.record_ids(Stage.ABSTRACT) else review.record_event(
        "x", "y"
    )
    other = tmp_path / "other"
    if what == "older":
        old_reviews.make(other, 2)
    else:
        other.touch()
        if what == "another program's":
            with sqlite3.connect(other) as raw:
                raw.execute("CREATE TABLE x (y)")
            raw.close()
    os.replace(other, review.path)  # noqa: PTH105
    for _ in range(2):
        with pytest.raises(ReviewReplaced):
            review.record_event("after", "")
    assert rescued(review.path, ".leads")
    assert review.events()[0].kind == "create", "the connection is to the old file still"


def test_a_journal_of_the_old_file_is_not_put_into_the_new_one(review: Review, monday: Path) -> None:
    version = monday.with_name("later.leads")
    review.db.copy_to(version)
    with Review.open(version) as other:
        other.decide(2, Stage.ABSTRACT, Choice.EXCLUDE, "", "Ben")
    before = version.read_bytes()
    review.path.with_name(review.path.name + "-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(600))
    os.replace(version, review.path)  # noqa: PTH105
    with pytest.raises(ReviewReplaced):
        review.check_same()
    assert review.path.read_bytes() == before


def test_a_later_version_with_another_schema_is_not_gone_on_with(review: Review, monday: Path) -> None:
    version = monday.with_name("later.leads")
    review.db.copy_to(version)
    raw = sqlite3.connect(version, isolation_level=None)
    raw.execute("CREATE TRIGGER more AFTER INSERT ON decision BEGIN SELECT 1; END")
    raw.close()
    by_rename(version, review.path)
    with pytest.raises(ReviewReplaced):
        review.decide(3, Stage.ABSTRACT, Choice.MAYBE)


def test_undoing_is_put_back_as_it_was(review: Review, monday: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "", "Ann")
    review.undo(Stage.ABSTRACT, "Ann")
    by_rename(monday.with_name("same.leads"), review.path)
    with pytest.raises(ReviewReplaced):
        review.check_same()
    with Review.open(review.path) as there:
        assert there.put_back(rescued(review.path, ".jsonl")[-1]).done == 1
        assert standing(review.path) == {1: ("Title 1", "include")}


def test_a_decision_beside_another_reviewers_is_put_back_and_replaces_nothing(review: Review, monday: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    review.db.copy_to(version := monday.with_name("with-ann.leads"))
    review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "wrong design", "Bob")
    by_rename(version, review.path)
    with pytest.raises(ReviewReplaced):
        review.check_same()
    with Review.open(review.path) as there:
        done = there.put_back(rescued(review.path, ".jsonl")[-1])
        assert (done.done, done.by_hand) == (1, ())
        assert [entry.decision.reviewer for entry in there.record(1).history] == ["Ann", "Bob"]
        assert there.record_ids(Stage.ABSTRACT, RecordFilter.NEEDS_LOOK) == [1]
    assert standing(review.path) == {}


def test_what_could_not_be_had_is_put_back_and_a_protocol_is_named(review: Review, monday: Path) -> None:
    same = monday.with_name("same.leads")
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ann")
    review.set_not_retrieved(1, reviewer="Ann")
    review.set_keywords(Keywords(("trial",)))
    by_rename(same, review.path)
    with pytest.raises(ReviewReplaced):
        review.decide(2, Stage.ABSTRACT, Choice.INCLUDE)
    with contextlib.suppress(ReviewError):
        review.close()
    with Review.open(review.path) as there:
        file = rescued(review.path, ".jsonl")[-1]
        done = there.put_back(file)
        assert there.record(1).not_retrieved_by == "Ann"
        assert [line for line in done.by_hand if line.startswith("set_keywords") and "trial" in line]


def test_an_act_that_failed_is_not_rescued(review: Review, monday: Path) -> None:
    with pytest.raises(ReviewError, match="no record 99"):
        review.decide(99, Stage.ABSTRACT, Choice.INCLUDE)
    assert review.undo(Stage.ABSTRACT) is None
    by_rename(monday, review.path)
    with pytest.raises(ReviewReplaced) as caught:
        review.check_same()
    assert rescued(review.path, ".jsonl") == []
    assert ".leads" in caught.value.hint


def put_back(review: Review, version: Path) -> tuple[Review, PutBackReport]:
    by_rename(version, review.path)
    with pytest.raises(ReviewReplaced):
        review.check_same()
    there = Review.open(review.path)
    return there, there.put_back(rescued(review.path, ".jsonl")[-1])


def test_the_decisions_of_two_reviewers_are_both_put_back(review: Review, monday: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "", "Bob")
    review.decide(2, Stage.ABSTRACT, Choice.MAYBE, "", "Ann")
    review.undo(Stage.ABSTRACT)
    there, done = put_back(review, monday.with_name("same.leads"))
    with there:
        assert (done.done, done.by_hand) == (2, ())
        said = [(vote.reviewer, vote.choice) for vote in there.record(1).votes[Stage.ABSTRACT]]
        assert said == [("Ann", Choice.INCLUDE), ("Bob", Choice.EXCLUDE)]
        assert there.record(2).votes == {}


def test_what_was_undone_and_redone_is_put_back_as_it_was_left(review: Review, monday: Path) -> None:
    review.acting = "Ann"
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE)
    review.undo_last()
    review.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    review.separate(3, [4])
    review.undo_last()
    review.undo_last()
    review.redo()
    there, done = put_back(review, monday.with_name("same.leads"))
    with there:
        assert (done.done, done.by_hand) == (1, ()), "2 is excluded again; 3 is not set apart"
    assert standing(review.path) == {2: ("Title 2", "exclude")}


def test_what_was_decided_at_once_is_put_back_as_one(review: Review, monday: Path) -> None:
    review.acting = "Ann"
    review.decide_many([1, 2, 3, 4], Stage.ABSTRACT, Choice.INCLUDE)
    review.decide(4, Stage.ABSTRACT, Choice.MAYBE)
    review.decide_many([5, 6], Stage.ABSTRACT, Choice.EXCLUDE)
    review.undo_last()
    review.correct(7, Field.TITLE, "Other")
    review.correct(7, Field.YEAR, "2001")
    review.restore_imported(7)
    review.correct(7, Field.YEAR, "2002")
    there, done = put_back(review, monday.with_name("same.leads"))
    with there:
        assert (done.done, done.there, done.by_hand) == (5, 1, ())
        assert (there.citation(7).title, there.citation(7).year) == ("Title 7", 2002)
        said = standing(there.path)
        assert said == {number: (f"Title {number}", "maybe" if number == 4 else "include") for number in range(1, 5)}
        (together,) = [taken for taken in (undone(there) for _ in range(3)) if len(taken) > 1]
        assert together == {1, 2, 3}
        assert standing(there.path) == {}


def undone(review: Review) -> set[int]:
    return {record for _, record in review.undo_last("Ann")}


def test_what_was_said_before_this_session_and_undone_is_named(review: Review, monday: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    review.db.copy_to(version := monday.with_name("with-ann.leads"))
    review.close()
    with Review.open(review.path) as again:
        again.undo_last("Ann")
        there, done = put_back(again, version)
        with there:
            assert done.done == 0
            assert [line for line in done.by_hand if line.startswith("undo: record 1 (Title 1): what decide")]


def test_what_is_not_repeated_is_named(review: Review, monday: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    review.adjudicate(1, Stage.ABSTRACT, Choice.EXCLUDE, "too old", "Cem")
    review.set_rule(Stage.ABSTRACT, Rule(RuleKind.TWO))
    review.set_question(Question(title="Another"))
    there, done = put_back(review, monday.with_name("same.leads"))
    with there:
        assert done.done == 1
        begun = [line.split(",")[0] for line in done.by_hand]
        assert begun == [
            "adjudicate: record 1 (Title 1): stage abstract",
            "rule: the review: stage abstract",
            "question: the review: title Another",
        ]
