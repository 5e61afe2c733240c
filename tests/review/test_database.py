"""Opening and creating: each unusable file is refused with one sentence that names it, and is left as it was."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from leads_local import ending
from leads_local.errors import ReviewError
from leads_local.records import Choice, Citation, Question, Stage
from leads_local.review import backups, database, opening, schema, seal
from leads_local.review.database import DamagedReview
from leads_local.review.review import Review
from tests.review import old_reviews

ROOT = Path(__file__).resolve().parents[2]


def refusal(path: Path) -> ReviewError:
    with pytest.raises(ReviewError) as caught:
        Review.open(path, busy_seconds=0.1)
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 2
    return caught.value


def test_a_missing_file_is_not_made(path: Path) -> None:
    assert "no such review" in refusal(path).message
    assert not path.exists()


def test_a_folder(tmp_path: Path) -> None:
    assert "folder" in refusal(tmp_path).message


@pytest.mark.parametrize("content", [b"", b"TY  - JOUR\n", b"SQLite format 3", b"\x00" * 5000])
def test_what_is_no_sqlite_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "not a leads-local review" in refusal(path).message
    assert path.read_bytes() == content


def test_another_programs_sqlite_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE review (id)")
    before = path.read_bytes()
    assert "not a leads-local review" in refusal(path).message
    assert path.read_bytes() == before


def test_a_file_from_a_newer_program(review: Review) -> None:
    review.close()
    with closing(sqlite3.connect(review.path)) as other:
        other.execute("PRAGMA user_version = 99")
    assert "newer leads-local (file version 99" in refusal(review.path).message


def test_a_file_cut_short(review: Review) -> None:
    review.close()
    whole = review.path.read_bytes()
    review.path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refusal(review.path).message


def test_a_file_with_wrong_bytes(review: Review) -> None:
    review.close()
    data = bytearray(review.path.read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    review.path.write_bytes(data)
    assert "damaged" in refusal(review.path).message


def test_a_file_that_another_program_holds(review: Review) -> None:
    review.close()
    other = sqlite3.connect(review.path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert "in use by another program" in refusal(review.path).message
    finally:
        other.close()
    Review.open(review.path).close()


def test_a_read_only_file(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    review.db._connection.execute("PRAGMA query_only = ON")  # SQLite's own answer to writing where one may not
    with pytest.raises(ReviewError, match="read-only"):
        review.record_event("x", "y")


def test_a_disk_without_room(review: Review) -> None:
    pages = review.db.number("PRAGMA page_count")
    review.db._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ReviewError, match="no room left") as caught, review.db.transaction():
        for _ in range(1000):
            review.db.write("INSERT INTO event (kind, text, reviewer) VALUES ('x', ?, '')", ("y" * 1000,))
    assert "Free some space" in caught.value.hint
    assert [event.kind for event in review.events()] == ["create"]


def test_creating_never_overwrites(review: Review) -> None:
    before = review.question
    with pytest.raises(ReviewError, match="already exists"):
        Review.create(review.path, Question(population="others"))
    assert review.question == before


@pytest.mark.parametrize("part", ["missing/new.leads", "file.txt/new.leads"])
def test_creating_needs_a_folder(tmp_path: Path, part: str) -> None:
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(ReviewError):
        Review.create(tmp_path / part, Question(population="adults"))
    assert [file.name for file in tmp_path.iterdir()] == ["file.txt"]


def test_creating_leaves_nothing_when_it_fails(path: Path) -> None:
    def fill(_: database.Database) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        opening.create(path, fill)
    assert list(path.parent.iterdir()) == []


def test_what_killed_creations_left_behind_goes_away(path: Path) -> None:
    old, young = (path.with_name(f"{path.name}.{name}.part") for name in ("1-1", "2-2"))
    for part in (old, young):
        part.write_bytes(b"half a file")
    os.utime(old, (0, 0))
    Review.create(path, Question(population="adults")).close()
    with Review.open(path) as review:
        assert review.question.population == "adults"
    assert sorted(file.name for file in path.parent.iterdir()) == [
        path.name,
        young.name,
    ]  # the young one may be another program's


def test_of_two_creations_at_once_one_wins(path: Path) -> None:
    script = (
        "import sys, pathlib, time; from leads_local.review.review import Review; from leads_local.records import "
        "Question\n"
        "from leads_local.errors import ReviewError\n"
        "sys.stdin.readline()\n"
        "try: Review.create(sys.argv[1], Question(population=sys.argv[2])).close(); print('made')\n"
        "except ReviewError as error: print(error)\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    programs = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for name in ("one", "two")
    ]
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    said = [program.communicate()[0].strip() for program in programs]
    assert sorted(one == "made" for one in said) == [False, True]
    assert any("already exists" in one for one in said)
    with Review.open(path) as review:
        assert review.question.population == ("one", "two")[said.index("made")]


def test_settings_of_a_connection(review: Review) -> None:
    names = (
        "journal_mode",
        "foreign_keys",
        "synchronous",
        "application_id",
        "trusted_schema",
        "cell_size_check",
        "recursive_triggers",
    )
    pragmas = {name: review.db.rows(f"PRAGMA {name}")[0][0] for name in names}
    assert pragmas == {
        "journal_mode": "delete",
        "foreign_keys": 1,
        "synchronous": 3,
        "application_id": schema.APPLICATION_ID,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "recursive_triggers": 1,
    }


def test_changes_need_a_transaction(review: Review) -> None:
    for change in (review.db.write, review.db.insert):
        with pytest.raises(RuntimeError):
            change("DELETE FROM work")
    with pytest.raises(RuntimeError):
        review.db.write_many("DELETE FROM work WHERE id = ?", [(1,)])


def test_a_transaction_is_all_or_nothing(review: Review) -> None:
    with pytest.raises(KeyError), review.db.transaction():
        review.record_event("x", "y")  # joins the transaction around it
        raise KeyError
    assert [event.kind for event in review.events()] == ["create"]


def test_a_snapshot_does_not_move(review: Review) -> None:
    with Review.open(review.path, busy_seconds=0.1) as other:
        with review.db.snapshot():
            before = review.events()
            with pytest.raises(ReviewError, match="in use"):
                other.record_event("x", "y")
            assert review.events() == before
        other.record_event("x", "y")
    assert len(review.events()) == len(before) + 1


def test_a_private_copy_does_not_move_and_hinders_nobody(review: Review, path: Path) -> None:
    copy = review.db.copied()
    before = copy.number("SELECT count(*) FROM event")
    with Review.open(path) as other, copy.snapshot():
        other.record_event("x", "y")
        assert copy.number("SELECT count(*) FROM event") == before
    copy.close()
    assert review.db.number("SELECT count(*) FROM event") == before + 1
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_two_connections_write_in_turn(review: Review, add: object) -> None:
    add([Citation(title=f"Title {n}", abstract="words") for n in range(40)])  # type: ignore[operator]

    def decide(records: range, reviewer: str) -> None:
        with Review.open(review.path) as own:
            for record in records:
                own.decide(record, Stage.ABSTRACT, Choice.INCLUDE, reviewer=reviewer)

    threads = [threading.Thread(target=decide, args=(range(1, 41), name)) for name in ("Ann", "Bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert review.counts().sought == 40
    assert review.db.number("SELECT count(DISTINCT clock) FROM act WHERE kind = 'decide'") == 80


def test_half_surrogates_can_be_stored(review: Review) -> None:
    review.record_event("x", "caf\udce9.pdf")
    assert review.events()[-1].text == "caf?.pdf"


def test_the_file_belongs_to_the_thread_that_opened_it(review: Review) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        try:
            review.events()
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert isinstance(caught[0], sqlite3.ProgrammingError)


def test_nothing_is_written_inside_a_snapshot_whose_end_would_take_it_back(review: Review) -> None:
    with review.db.snapshot():
        with pytest.raises(RuntimeError, match="snapshot"):
            review.record_event("test", "would be lost")
        with pytest.raises(RuntimeError, match="snapshot"):
            review.db.write("UPDATE review SET title = 'lost'")
    review.record_event("test", "kept")
    assert review.events()[-1].text == "kept"


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ending.Ended(15), MemoryError])
def test_what_sqlite_swallows_of_a_function_of_ours_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: type[BaseException] | BaseException
) -> None:
    """SQLite calls Python for each row; Ctrl-C there is Ctrl-C, neither damage nor a fault of ours, and nothing is
    stored."""
    kind = raised if isinstance(raised, type) else type(raised)
    with Review.create(tmp_path / "x.leads", Question(population="adults")) as review:
        hash_row, before = seal.hash_row, review.question

        def fail(table: str, cells: object) -> int:
            raise raised

        monkeypatch.setattr(seal, "hash_row", fail)
        if isinstance(raised, ending.Ended):
            monkeypatch.setattr(ending._EndRequest, "number", raised.number)
        with pytest.raises(kind):
            review.set_question(Question(population="children"))
        database.KNOWN_SOUND.clear()
        with pytest.raises(kind) if kind is not MemoryError else pytest.raises(DamagedReview):
            Review.open(review.path)
        monkeypatch.setattr(seal, "hash_row", hash_row)
        assert review.question == before


def test_every_connection_that_writes_waits_for_the_disk_itself(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Mac fullfsync is what makes "on disk when it ends" true when the plug is pulled."""
    found: list[tuple[str, int, int]] = []

    class Noted(sqlite3.Connection):
        uri = ""

        def close(self) -> None:
            if "mode=rw" in self.uri:
                asked = [self.execute(f"PRAGMA {name}").fetchone()[0] for name in ("fullfsync", "synchronous")]
                found.append((self.uri.rpartition("/")[2], *asked))
            super().close()

    real = sqlite3.connect

    def connect(place: str, **options: object) -> sqlite3.Connection:
        made: Noted = real(place, factory=Noted, **options)  # type: ignore[call-overload]
        made.uri = str(place)
        return made

    monkeypatch.setattr(sqlite3, "connect", connect)
    with Review.create(path, Question(population="adults")) as review:
        review.record_event("x", "y")
        copy = review.back_up()
    backups.restore(path, copy)
    old_reviews.make(other := path.with_name("old.leads"), 2)
    opening.upgrade(other, lambda db: path)
    assert len(found) >= 7
    assert {(fullfsync, synchronous >= 2) for _, fullfsync, synchronous in found} == {(1, True)}, found
