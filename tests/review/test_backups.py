"""Copies of a review, going back to one, and whether a review is sound."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from leads_local.errors import InputError, LeadsError, ReviewError
from leads_local.records import Choice, Citation, Stage
from leads_local.review import backups, leftovers
from leads_local.review.checking import check_file
from leads_local.review.database import DamagedReview, ReviewReplaced
from leads_local.review.review import Review
from tests.review import old_reviews
from tests.review.conftest import Import


@pytest.fixture
def decided(review: Review, add: Import) -> Review:
    add([Citation(title=f"Title {n}", abstract="words", number=n) for n in range(5)])
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "first", "Ann")
    return review


def test_the_one_file_is_the_whole_review_while_nothing_is_being_written(decided: Review, tmp_path: Path) -> None:
    """A file manager's copy, with the program open and never closed, as when its terminal is closed."""
    assert [file.name for file in decided.path.parent.iterdir() if file.name.startswith(decided.path.name)] == [
        decided.path.name
    ]
    shutil.copy(decided.path, copy := tmp_path / "copy.leads")
    with Review.open(copy) as opened:
        assert opened.counts().screened == 1


def test_a_copy_is_the_review_of_that_moment_while_others_write(decided: Review) -> None:
    stop = threading.Event()

    def write() -> None:
        with Review.open(decided.path) as own:
            while not stop.is_set():
                own.record_event("x", "y")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [decided.back_up() for _ in range(3)]
    finally:
        stop.set()
        thread.join()
    assert len({*made}) == 3
    for copy in made:
        assert check_file(copy).sound
    assert [one.path for one in backups.list_copies(decided.path)] == sorted(made, reverse=True)


def test_a_copy_overwrites_nothing(decided: Review, tmp_path: Path) -> None:
    (file := tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        decided.back_up(file)
    assert file.read_text() == "mine"
    with pytest.raises(InputError, match="can't be written"):
        decided.back_up(tmp_path / "nowhere" / "x.leads")
    assert decided.back_up(tmp_path).parent == tmp_path


def days_old(path: Path, days: int) -> None:
    then = (datetime.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def test_the_first_opening_of_a_day_keeps_what_the_last_day_left(decided: Review) -> None:
    decided.close()
    assert backups.list_copies(decided.path) == []
    for days in range(12, 0, -1):
        days_old(decided.path, days)
        for _ in range(2):
            Review.open(decided.path).close()
    made = backups.list_copies(decided.path)
    assert [one.why for one in made] == ["daily"] * backups.DAILY_COPIES_KEPT
    assert made[0].made == f"{datetime.now() - timedelta(days=1):%Y-%m-%d}"
    with Review.open(decided.path) as opened:
        opened.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    with Review.read(made[0].path) as copy:
        assert copy.counts().screened == 1


def test_a_daily_copy_that_can_not_be_made_hinders_nobody(decided: Review) -> None:
    decided.close()
    days_old(decided.path, 2)
    backups.copies_folder(decided.path).write_text("in the way")
    with Review.open(decided.path) as opened:
        assert "daily copy" in opened.notices[0] and "leads-local backup" in opened.notices[0]
        opened.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)


def test_going_back_keeps_what_was_there(decided: Review) -> None:
    copy = decided.back_up()
    decided.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    decided.close()
    done = backups.restore(decided.path, copy)
    assert (done.records, done.decided) == (5, 1)
    with Review.open(decided.path) as opened:
        assert opened.counts().screened == 1
        assert opened.events()[-1].kind == "restore"
    assert done.kept is not None
    with Review.open(done.kept) as opened:
        assert opened.counts().screened == 2
    back = backups.restore(decided.path, done.kept)
    assert back.decided == 2


def test_a_link_to_the_review_stays_a_link(decided: Review, tmp_path: Path) -> None:
    copy = decided.back_up()
    decided.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    decided.close()
    (link := tmp_path / "link.leads").symlink_to(decided.path)
    backups.restore(link, copy)
    assert link.is_symlink()
    with Review.open(decided.path) as opened:
        assert opened.counts().screened == 1


def test_an_open_program_notices_that_its_review_went_back(decided: Review) -> None:
    copy = decided.back_up()
    decided.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    backups.restore(decided.path, copy)
    with pytest.raises(ReviewReplaced):
        decided.decide(3, Stage.ABSTRACT, Choice.EXCLUDE)


def test_nothing_goes_back_under_a_program_that_is_writing(decided: Review) -> None:
    copy = decided.back_up()
    with decided.db.transaction():
        decided.record_event("x", "y")
        with pytest.raises(ReviewError, match="in use"):
            backups.restore(decided.path, copy)
    with Review.open(decided.path) as opened:
        assert opened.events()[-1].kind == "x"


@pytest.mark.parametrize("state", ["damaged", "no review", "gone", "older"])
def test_going_back_from_any_state(decided: Review, state: str) -> None:
    copy = decided.back_up()
    decided.close()
    if state == "damaged":
        data = bytearray(decided.path.read_bytes())
        data[8192:] = b"\xa5" * (len(data) - 8192)
        decided.path.write_bytes(data)
    elif state == "no review":
        decided.path.write_text("something else")
    elif state == "gone":
        decided.path.unlink()
    else:
        decided.path.unlink()
        old_reviews.make(decided.path, 2)
    before = decided.path.read_bytes() if decided.path.exists() else None
    done = backups.restore(decided.path, copy)
    with Review.open(decided.path) as opened:
        assert opened.counts().screened == 1
    assert (done.kept is None) == (before is None)
    if done.kept is not None and state in ("damaged", "no review"):
        assert done.kept.read_bytes() == before


def test_going_back_over_a_wal_and_a_journal_puts_neither_into_the_copy(decided: Review) -> None:
    copy = decided.back_up()
    decided.close()
    for ending in ("-wal", "-journal"):
        leftovers.path_beside(decided.path, ending).write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))
    backups.restore(decided.path, copy)
    assert check_file(decided.path).sound
    assert not [file for file in decided.path.parent.iterdir() if file.name.endswith(("-wal", "-journal"))]


def test_only_a_review_is_replaced(decided: Review, tmp_path: Path) -> None:
    copy = decided.back_up()
    (tmp_path / "thesis").mkdir()
    (paper := tmp_path / "paper.pdf").write_bytes(b"%PDF-")
    os.mkfifo(fifo := tmp_path / "fifo.leads")
    for target in (tmp_path / "thesis", paper, fifo):
        with pytest.raises(InputError):
            backups.restore(target, copy)
    assert paper.read_bytes() == b"%PDF-" and (tmp_path / "thesis").is_dir()


def test_who_could_read_the_review_still_can(decided: Review) -> None:
    copy = decided.back_up()
    decided.close()
    decided.path.chmod(0o664)
    backups.restore(decided.path, copy)
    assert decided.path.stat().st_mode & 0o777 == 0o664


def test_a_check_beside_a_program_that_writes_is_of_one_moment(decided: Review) -> None:
    stop = threading.Event()

    def write() -> None:
        with Review.open(decided.path) as own:
            while not stop.is_set():
                own.record_event("x", "y")
                time.sleep(0.03)

    thread = threading.Thread(target=write)
    thread.start()
    script = (
        "import sys; from leads_local.review.checking import check_file; "
        "print(check_file(__import__('pathlib').Path(sys.argv[1])).findings)"
    )
    try:
        for _ in range(3):
            done = subprocess.run(
                [sys.executable, "-c", script, str(decided.path)],
                capture_output=True,
                text=True,
                cwd=Path(__file__).resolve().parents[2],
            )
            assert done.stdout.strip() == "()", done
    finally:
        stop.set()
        thread.join()


def test_a_damaged_copy_is_not_gone_back_to(decided: Review) -> None:
    copy = decided.back_up()
    copy.write_bytes(copy.read_bytes().replace(b"Title 3", b"Title 9"))
    before = decided.path.read_bytes()
    with pytest.raises(DamagedReview, match="citation"):
        backups.restore(decided.path, copy)
    with pytest.raises(InputError, match="the review itself"):
        backups.restore(decided.path, decided.path)
    with pytest.raises(LeadsError):
        backups.restore(decided.path, copy.with_name("nothing.leads"))
    assert decided.path.read_bytes() == before


def test_a_copy_of_an_older_version_is_put_back_as_it_is(decided: Review, tmp_path: Path) -> None:
    decided.close()
    old_reviews.make(old := tmp_path / "old.leads", 2)
    with pytest.raises(InputError, match="another review"):
        backups.restore(decided.path, old)
    decided.path.unlink()
    backups.restore(decided.path, old)
    with Review.read(decided.path) as opened:
        assert opened.question.title == "Old"


# ---------------------------------------------------------------- check


def test_a_sound_review(decided: Review) -> None:
    report = check_file(decided.path)
    assert report.sound and report.generation >= 3
    assert decided.undo(Stage.ABSTRACT) is not None
    assert check_file(decided.path).sound


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (
            "DROP TRIGGER decision_still_follows; UPDATE decision SET choice = 'exclude'",
            "of Ann on record 1 at the abstract stage is exclude, by its history include",
        ),
        ("DROP TRIGGER decision_stays; DELETE FROM decision", "stage is none, by its history include"),
        (
            "UPDATE outcome SET choice = 'maybe'",
            "what holds of record 1 at the abstract stage is maybe, by the decisions",
        ),
        ("DELETE FROM outcome", "what holds of record 1 at the abstract stage is nothing, by the decisions include"),
        ("DROP TRIGGER act_keep; UPDATE act SET reviewer = 'Eve' WHERE kind = 'decide'", "is not as it was written"),
        ("DROP TRIGGER act_stay; DELETE FROM act WHERE kind = 'question'", "are missing, the first is number 2"),
        ("UPDATE record SET separate = 1 WHERE id = 3", "record 3 is set apart by the table or the log, not by both"),
        ("UPDATE review SET population = 'x'", "the question is not the one that the log has"),
        ("DROP TRIGGER event_stay; DELETE FROM event WHERE id = 1", "rows of event are missing"),
        ("DROP TRIGGER citation_keep; UPDATE citation SET urls = '{' WHERE record_id = 4", "citation"),
    ],
)
def test_what_check_finds(decided: Review, statements: str, named: str) -> None:
    decided.close()
    other = sqlite3.connect(decided.path, isolation_level=None)
    other.executescript(statements)
    other.close()
    report = check_file(decided.path)
    assert any(named in what for what in report.findings)
    assert not report.sound


def test_a_file_of_which_nothing_can_be_read_is_a_finding(decided: Review) -> None:
    copy = decided.back_up()
    decided.close()
    data = decided.path.read_bytes()
    decided.path.write_bytes(data[: len(data) // 2])
    report = check_file(decided.path)
    assert not report.sound and "nothing of it can be read" in report.findings[0]
    assert [one.path for one in report.copies] == [copy]


def test_of_an_earlier_versions_file_is_said_what_can_not_be_told(tmp_path: Path) -> None:
    old_reviews.make(old := tmp_path / "old.leads", 2)
    report = check_file(old)
    assert report.sound and not report.sealed


def test_check_changes_nothing(decided: Review) -> None:
    decided.close()
    before, when = decided.path.read_bytes(), decided.path.stat().st_mtime_ns
    time.sleep(0.02)
    check_file(decided.path)
    assert (decided.path.read_bytes(), decided.path.stat().st_mtime_ns) == (before, when)
