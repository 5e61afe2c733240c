"""What is believed of a file only after it was checked: its schema, every byte of it, its version, what lies beside
it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from leads_local.errors import ReviewError
from leads_local.records import Choice, Citation, Question, Stage
from leads_local.review import backups, leftovers, opening, schema
from leads_local.review.database import DamagedReview
from leads_local.review.opening import OldReview
from leads_local.review.review import Review
from tests.review import old_reviews
from tests.review.conftest import Import


def raw(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


@pytest.fixture
def decided(review: Review, add: Import) -> Review:
    add([Citation(title=f"Title {n}", abstract="words", doi=f"10.5555/{n}") for n in range(5)])
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "first", "Ann")
    review.close()
    return review


# ---------------------------------------------------------------- what another program did to it


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "CREATE TRIGGER bad AFTER INSERT ON outcome BEGIN UPDATE outcome SET choice = 'exclude'; END",
            "trigger called 'bad'",
        ),
        ("CREATE VIEW shown AS SELECT 1", "view called 'shown'"),
        ("CREATE INDEX more ON citation (title)", "index called 'more'"),
        ("CREATE TABLE more (a)", "table called 'more'"),
        ("DROP TRIGGER decision_follows", "the trigger decision_follows is missing"),
        ("DROP INDEX record_by_head", "the index record_by_head is missing"),
        ("ALTER TABLE event ADD COLUMN more TEXT", "the table event was changed"),
        ("UPDATE review SET title = 'Other'", "the table review holds something else"),
        ("UPDATE outcome SET choice = 'exclude'", "the table outcome holds something else"),
        (
            "INSERT INTO event (kind, text, reviewer) VALUES ('x', 'y', '')",
            "the table event has 3 rows where 2 were written",
        ),
        ("DELETE FROM outcome", "the table outcome has 0 rows where 1 were written"),
        (
            "PRAGMA foreign_keys = OFF; UPDATE record SET source_id = 99 WHERE id = 2",
            "a row of record refers to a row of source",
        ),
        ("PRAGMA user_version = 2", "was added by another program"),
        ("PRAGMA user_version = 0", "file version 0, which there never was"),
        ("PRAGMA user_version = -1", "file version -1, which there never was"),
    ],
)
def test_what_another_program_changed_is_named_and_nothing_is_written(
    decided: Review, statement: str, named: str
) -> None:
    with raw(decided.path) as other:
        other.executescript(statement)
    other.close()
    before = decided.path.read_bytes()
    with pytest.raises(ReviewError) as caught:
        Review.open(decided.path)
    assert named in caught.value.message or isinstance(caught.value, OldReview)
    assert decided.path.read_bytes() == before
    if isinstance(caught.value, OldReview):
        with pytest.raises(DamagedReview, match=named):
            opening.upgrade(decided.path, lambda db: decided.path)
    assert decided.path.read_bytes() == before


def test_a_changed_letter_is_found(decided: Review) -> None:
    data = decided.path.read_bytes()
    assert data.count(b"Title 3") == 1
    decided.path.write_bytes(data.replace(b"Title 3", b"Title 8"))
    with pytest.raises(
        DamagedReview, match="the table citation holds something else than was written into it"
    ) as caught:
        Review.open(decided.path)
    assert "leads-local restore" in caught.value.hint
    with Review.read(decided.path) as opened:
        assert "citation" in opened.notices[0]
        assert opened.citation(4).title == "Title 8"
        with pytest.raises(ReviewError, match="open only to be read"):
            opened.decide(1, Stage.ABSTRACT, Choice.EXCLUDE)


def test_a_file_that_has_changed_is_looked_at_again_whoever_has_it_open(decided: Review) -> None:
    with Review.open(decided.path):
        Review.open(decided.path).close()
        decided.path.write_bytes(decided.path.read_bytes().replace(b"Title 3", b"Title 8"))
        with pytest.raises(DamagedReview, match="citation"):
            Review.open(decided.path)


def test_a_bad_cell_costs_its_row_which_is_named(decided: Review) -> None:
    other = raw(decided.path)
    other.execute("DROP TRIGGER citation_keep")
    other.execute("UPDATE citation SET authors = '[\"half' WHERE record_id = 2")
    other.execute("UPDATE citation SET title = CAST(x'ff41' AS TEXT) WHERE record_id = 3")
    other.close()
    with Review.read(decided.path) as opened:
        assert [summary.id for summary in opened.summaries([1, 2, 3])] == [1, 3]
        assert opened.citation(3).title == "\N{REPLACEMENT CHARACTER}A"
        assert opened.unreadable() == ["citation of record 2"]
        with pytest.raises(DamagedReview, match="the citation of record 2 can't be read"):
            opened.citation(2)


def test_functions_of_this_program_can_not_be_called_from_the_file(decided: Review) -> None:
    with Review.open(decided.path) as opened:
        assert opened.db.number("PRAGMA trusted_schema") == 0


def test_another_connection_of_this_program_is_no_other_program(decided: Review) -> None:
    with Review.open(decided.path) as one, Review.open(decided.path) as two:
        one.decide(2, Stage.ABSTRACT, Choice.INCLUDE)
        two.decide(3, Stage.ABSTRACT, Choice.EXCLUDE)
        one.undo(Stage.ABSTRACT)
    with Review.open(decided.path) as opened:
        assert opened.counts().screened == 2


def test_a_statement_that_fails_leaves_no_mark_in_the_seals(decided: Review) -> None:
    with Review.open(decided.path) as opened, opened.db.transaction():
        opened.record_event("before", "")
        with pytest.raises(sqlite3.IntegrityError):
            opened.db.write("INSERT INTO event (id, kind, text, reviewer) VALUES (1, '', '', '')")
        opened.record_event("after", "")
    with Review.open(decided.path) as opened:
        assert [event.kind for event in opened.events()][-2:] == ["before", "after"]


def test_a_statement_of_many_rows_that_failed_half_way_is_never_committed(decided: Review) -> None:
    with Review.open(decided.path) as opened:
        rows = [(50, "x"), (1, "y")]
        failing = contextlib.suppress(sqlite3.IntegrityError)
        with pytest.raises(RuntimeError, match="never committed"), opened.db.transaction(), failing:
            opened.db.write_many("INSERT INTO event (id, kind, text, reviewer) VALUES (?, ?, '', '')", rows)
        assert "x" not in [event.kind for event in opened.events()]
    Review.open(decided.path).close()


# ---------------------------------------------------------------- versions


@pytest.mark.parametrize("version", range(1, len(schema.MIGRATIONS)))
def test_an_older_file_is_read_without_a_change(path: Path, version: int) -> None:
    old_reviews.make(path, version)
    before = path.read_bytes()
    with pytest.raises(OldReview, match=f"file version {version}") as caught:
        Review.open(path)
    assert "leads-local upgrade" in caught.value.hint
    with Review.read(path) as opened:
        assert opened.question.title == "Old"
        assert opened.record(1).decisions[Stage.ABSTRACT].reviewer == "Ann"
        with pytest.raises(ReviewError, match="open only to be read"):
            opened.decide(1, Stage.ABSTRACT, Choice.EXCLUDE)
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]


@pytest.mark.parametrize("version", range(1, len(schema.MIGRATIONS)))
def test_upgrading_keeps_the_old_file_and_all_that_it_held(path: Path, version: int) -> None:
    old_reviews.make(path, version)
    kept = opening.upgrade(path, lambda db: backups.back_up(db, why="before-upgrade"))
    assert kept is not None
    with raw(kept) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (version,)
        assert copy.execute("SELECT title FROM citation").fetchone() == ("Title",)
    copy.close()
    with Review.open(path) as opened:
        assert opened.db.number("PRAGMA user_version") == len(schema.MIGRATIONS)
        assert opened.record(1).decisions[Stage.ABSTRACT].choice is Choice.INCLUDE
        opened.decide(1, Stage.ABSTRACT, Choice.EXCLUDE)
    assert opening.upgrade(path, lambda db: kept) is None


def test_copies_of_an_older_file_are_known_as_one_review(path: Path) -> None:
    other = path.with_name("other.leads")
    for file in (path, other):
        old_reviews.make(file, 2)
        opening.upgrade(file, lambda db: path)
    with Review.open(path) as one, Review.open(other) as two:
        births = [opened.db.number("SELECT token FROM generation WHERE number = 1") for opened in (one, two)]
    assert births[0] == births[1] != 0


def test_two_reviews_are_not_known_as_one(path: Path) -> None:
    reviews = [Review.create(path.with_name(name), Question(population="adults")) for name in ("a.leads", "b.leads")]
    births = {made.db.number("SELECT token FROM generation WHERE number = 1") for made in reviews}
    for made in reviews:
        made.close()
    assert len(births) == 2


# ---------------------------------------------------------------- files


def test_what_is_no_ordinary_file(tmp_path: Path) -> None:
    os.mkfifo(fifo := tmp_path / "pipe.leads")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket.leads"))
    for path in (fifo, tmp_path / "socket.leads", Path("/dev/zero")):
        with pytest.raises(ReviewError, match="no ordinary file"):
            Review.open(path)
    listening.close()


def test_a_new_review_is_its_owners(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Review.create(tmp_path / "new.leads", Question(population="adults")).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.leads").stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["file", "folder", "disk"])
def test_where_nothing_can_be_written_a_review_is_read(
    decided: Review, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    refused = decided.path if what == "file" else decided.path.parent
    if what == "disk":
        real = os.statvfs(refused)
        flags = os.statvfs_result((*real[:8], real.f_flag | os.ST_RDONLY, *real[9:]))
        monkeypatch.setattr(os, "statvfs", lambda path: flags)
    else:
        monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK or Path(path) != refused)
    with Review.open(decided.path) as opened:
        assert what in opened.read_only
        assert opened.counts().screened == 1
        with pytest.raises(ReviewError, match=what) as caught:
            opened.decide(2, Stage.ABSTRACT, Choice.INCLUDE)
        assert "Copy it" in caught.value.hint


def test_an_older_review_in_wal_format_is_read_where_nothing_can_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_reviews.make(path, 2)
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK)
    with Review.read(path) as opened:
        assert opened.question.title == "Old"


# ---------------------------------------------------------------- what lies beside it


def left_open(path: Path) -> sqlite3.Connection:
    """A connection of an earlier program, whose changes stand in the -wal."""
    connection = raw(path)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("UPDATE review SET title = 'Later'")
    return connection


def crash(path: Path, to: Path) -> None:
    """Copy a file and what lies beside it, as a killed program would have left them."""
    for ending in ("", "-wal", "-journal"):
        if (file := leftovers.path_beside(path, ending)).exists():
            shutil.copy2(file, leftovers.path_beside(to, ending))


def test_the_wal_that_a_killed_older_program_left_belongs_to_its_file(path: Path, tmp_path: Path) -> None:
    old_reviews.make(path, 2)
    crashed = tmp_path / "crashed" / "pain.leads"
    crashed.parent.mkdir()
    with left_open(path) as open_:
        shutil.copy(path, crashed)
        shutil.copy(leftovers.path_beside(path, "-wal"), leftovers.path_beside(crashed, "-wal"))
    open_.close()
    with Review.read(crashed) as opened:
        assert opened.question.title == "Later"
        assert not opened.notices


def test_a_wal_that_was_just_being_copied_into_its_file_belongs_to_it(path: Path, tmp_path: Path) -> None:
    old_reviews.make(path, 2)
    crashed = tmp_path / "crashed" / "pain.leads"
    crashed.parent.mkdir()
    with left_open(path) as open_:
        open_.execute("PRAGMA wal_checkpoint(PASSIVE)")
        shutil.copy(leftovers.path_beside(path, "-wal"), leftovers.path_beside(crashed, "-wal"))
        shutil.copy(path, crashed)
    open_.close()
    assert leftovers.find_foreign(crashed) == []


@pytest.mark.parametrize("new", [False, True])
def test_a_wal_of_the_version_that_a_copy_replaced_is_set_aside(
    path: Path, tmp_path: Path, decided: Review, new: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap: decisions in the -wal would land on the records of the copy. No folder for temporary files is needed to
    tell."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monday = tmp_path / "monday.leads"
    if new:
        shutil.copy(path, monday)
    path.unlink()
    old_reviews.make(path, 2)
    if not new:
        shutil.copy(path, monday)
    with left_open(path) as open_:
        crashed = tmp_path / "crashed" / "pain.leads"
        crashed.parent.mkdir()
        shutil.copy(leftovers.path_beside(path, "-wal"), leftovers.path_beside(crashed, "-wal"))
    open_.close()
    shutil.copy(monday, crashed)
    with Review.read(crashed) as opened:
        assert opened.question.title == ("Pain" if new else "Old")
        (notice,) = opened.notices
        assert "another version" in notice and "set-aside" in notice
    assert [file.name for file in crashed.parent.iterdir() if "set-aside" in file.name]
    copies = [one for one in backups.list_copies(crashed) if one.why == "with-unfinished-changes"]
    assert bool(copies) is not new
    assert [file.suffix for file in leftovers.path_beside(crashed, ".copies").iterdir()] == [".leads"] * len(copies)
    if copies:  # the times may have said too much: both were copied to another computer, say
        with Review.read(copies[0].path) as opened:
            assert opened.question.title == "Later"


def hot(path: Path, to: Path) -> None:
    """Leave at ``to`` what a program that was killed inside a commit leaves: half a change, and the journal that takes
    it back."""
    connection = raw(path)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("PRAGMA cache_spill = 1")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DROP TRIGGER citation_keep")
    connection.execute("UPDATE citation SET abstract = ?", ("x" * 200_000,))
    to.parent.mkdir(exist_ok=True)
    crash(path, to)
    connection.execute("ROLLBACK")
    connection.close()


def test_the_journal_of_a_killed_program_takes_its_half_change_back(decided: Review, tmp_path: Path) -> None:
    crashed = tmp_path / "crashed" / "pain.leads"
    hot(decided.path, crashed)
    assert leftovers.path_beside(crashed, "-journal").stat().st_size > 0
    with Review.open(crashed) as opened:
        assert opened.citation(1).abstract == "words"
        assert not opened.notices


def test_a_journal_of_the_version_that_a_copy_replaced_is_set_aside(decided: Review, tmp_path: Path) -> None:
    put_copy_beside_journal(decided, tmp_path)


def put_copy_beside_journal(decided: Review, tmp_path: Path) -> None:
    """A closed review is copied, changed, and left by a killed program with its journal; then the copy takes its
    place. The journal must not be played into it."""
    monday = tmp_path / "monday.leads"
    shutil.copy(decided.path, monday)
    with Review.open(decided.path) as opened:
        for record in (2, 3, 4):
            opened.decide(record, Stage.ABSTRACT, Choice.EXCLUDE)
    crashed = tmp_path / "crashed" / "pain.leads"
    hot(decided.path, crashed)
    shutil.copy(monday, crashed)
    with Review.open(crashed) as opened:
        assert opened.counts().screened == 1
        assert "another version" in opened.notices[0]


# ---------------------------------------------------------------- locks


def test_opening_a_file_again_gives_up_no_lock_of_this_process(decided: Review) -> None:
    """On POSIX systems closing any descriptor of a file drops all locks of the process on it."""
    other = (
        "import sys; from leads_local.errors import ReviewError; from leads_local.review.review import Review\n"
        "try: Review.open(sys.argv[1], busy_seconds=0.1).record_event('x', 'y'); print('wrote')\n"
        "except ReviewError as error: print(error.message)\n"
    )
    with Review.open(decided.path) as one, one.db.transaction():
        one.record_event("held", "")
        Review.open(decided.path).close()
        Review.read(decided.path).close()
        with pytest.raises(RuntimeError, match="not copied"):
            one.back_up()
        done = subprocess.run(
            [sys.executable, "-c", other, str(decided.path)],
            capture_output=True,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
    assert "is in use by another program" in done.stdout, done


def test_a_link_that_leads_to_itself_is_no_review(tmp_path: Path) -> None:
    (loop := tmp_path / "knee.leads").symlink_to(loop)
    with pytest.raises(ReviewError, match=r"knee\.leads can't be opened"):
        Review.open(loop)
    with pytest.raises(ReviewError, match="already exists"):
        Review.create(loop, Question(population="adults"))


def test_a_review_that_gets_no_name_on_a_disk_without_links_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    with monkeypatch.context() as failing, pytest.raises(ReviewError, match="can't be made: Op"):
        failing.setattr(os, "replace", refused)
        Review.create(tmp_path / "knee.leads", Question(population="adults"))
    assert list(tmp_path.iterdir()) == []
    Review.create(tmp_path / "knee.leads", Question(population="adults")).close()
    assert [path.name for path in tmp_path.iterdir()] == ["knee.leads"]
