"""The life of a review on the simulated Windows: what must be closed is closed before it is renamed or removed, and who
holds a file for a moment is waited for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from leads_local import durable
from leads_local.errors import ReviewError
from leads_local.jobs.lease import StageTaken, hold_stage, require_free
from leads_local.records import Choice, Citation, Question, Stage
from leads_local.review import backups, opening
from leads_local.review.checking import check_file
from leads_local.review.database import Database, ReviewReplaced
from leads_local.review.review import Review
from tests.review import old_reviews
from tests.review.conftest import Import
from tests.review.test_opening import put_copy_beside_journal

pytestmark = pytest.mark.usefixtures("windows")
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; from leads_local.cli.__main__ import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def decided(review: Review, add: Import) -> Review:
    add([Citation(title=f"Title {n % 4}", abstract="words", doi=f"10.5555/{n % 4}") for n in range(5)])
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "first", "Ann")
    return review


def test_from_the_first_decision_to_a_copy_that_is_put_back(decided: Review) -> None:
    path = decided.path
    assert decided.dedupe().duplicates
    before = (datetime.now() - timedelta(days=1)).timestamp()
    decided.close()
    os.utime(path, (before, before))
    with Review.open(path) as review:
        assert [copy.why for copy in backups.list_copies(path)] == ["daily"]
        review.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
        copy = review.back_up()
        review.decide(3, Stage.ABSTRACT, Choice.EXCLUDE)
        with hold_stage(review.db, "abstract", "Screening"), pytest.raises(StageTaken):
            require_free(review.db, "abstract")
    done = backups.restore(path, copy)
    assert (done.decided, check_file(path).sound) == (2, True)
    assert done.kept is not None and check_file(done.kept).sound
    assert {one.name for one in path.parent.iterdir()} - {"records.jsonl"} == {path.name, f"{path.name}.copies"}
    assert not [one for one in backups.copies_folder(path).iterdir() if one.suffix != ".leads"]


def test_daily_copies_beyond_the_last_seven_go(decided: Review) -> None:
    path = decided.path
    decided.close()
    for days in range(12, 0, -1):
        then = (datetime.now() - timedelta(days=days)).timestamp()
        os.utime(path, (then, then))
        with Review.open(path) as review:
            assert review.notices == []
    assert len(backups.list_copies(path)) == backups.DAILY_COPIES_KEPT


def test_an_older_review_is_upgraded(path: Path) -> None:
    old_reviews.make(path, 2)
    kept = opening.upgrade(path, lambda db: backups.back_up(db, why="before-upgrade"))
    assert kept is not None
    with Review.open(path) as review:
        assert review.question.title == "Old"


@pytest.mark.parametrize("state", ["damaged", "no review", "gone"])
def test_going_back_from_any_state(decided: Review, state: str) -> None:
    copy = decided.back_up()
    decided.close()
    if state == "damaged":
        decided.path.write_bytes(decided.path.read_bytes().replace(b"Title 3", b"Title 8"))
    elif state == "no review":
        decided.path.write_bytes(b"x" * 5000)
    else:
        decided.path.unlink()
    done = backups.restore(decided.path, copy)
    assert check_file(decided.path).sound
    assert (done.kept is None) == (state == "gone")


def test_a_journal_of_another_version_is_set_aside(decided: Review, tmp_path: Path) -> None:
    decided.close()
    put_copy_beside_journal(decided, tmp_path)


def test_what_is_said_while_new_bytes_come_is_kept_and_put_back(decided: Review, tmp_path: Path) -> None:
    """A sync client can't rename over an open file there, but it can write into it."""
    decided.db.copy_to(version := tmp_path / "version.leads")
    decided.decide(2, Stage.ABSTRACT, Choice.EXCLUDE, "", "Ann")
    decided.record(3)
    shutil.copyfile(version, decided.path)
    with pytest.raises(ReviewReplaced):
        decided.decide(3, Stage.ABSTRACT, Choice.EXCLUDE, "", "Ann")
    decided.close()
    with Review.open(decided.path) as there:
        (kept,) = there.rescued()
        assert there.put_back(kept).done == 2
        assert there.rescued() == []


# ---------------------------------------------------------------- files that others hold


def test_a_copy_is_put_back_though_a_scanner_looks_at_the_review(decided: Review) -> None:
    copy = decided.back_up()
    decided.close()
    scanner = decided.path.open("rb")
    timer = threading.Timer(0.5, scanner.close)
    timer.start()
    backups.restore(decided.path, copy)
    timer.join()
    assert check_file(decided.path).sound


def test_going_back_under_an_open_program_is_refused_and_changes_nothing(
    decided: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "PATIENCE", 0.1)
    copy = decided.back_up()
    decided.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    with pytest.raises(ReviewError, match="can't be replaced: Access is denied") as caught:
        backups.restore(decided.path, copy)
    assert "Close it in other programs" in caught.value.hint
    decided.decide(3, Stage.ABSTRACT, Choice.EXCLUDE)
    assert decided.counts().screened == 3
    assert [one for one in decided.path.parent.iterdir() if one.name.endswith(".part")] == []


@pytest.mark.parametrize("held", [False, True])
def test_a_review_that_can_not_be_made_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    monkeypatch.setattr(durable, "PATIENCE", 0.1)
    holding = []

    def fill(db: Database) -> None:
        if held:
            holding.append(db.path.open("rb"))
        raise ReviewError("the real reason.")

    (tmp_path / "new").mkdir()
    with pytest.raises(ReviewError, match=r"the real reason\."):
        opening.create(tmp_path / "new" / "knee.leads", fill)
    if not held:
        assert list((tmp_path / "new").iterdir()) == []
        return
    holding[0].close()
    (part,) = (tmp_path / "new").iterdir()  # which a scanner held the whole time; it goes with the next
    os.utime(part, (1, 1))
    Review.create(tmp_path / "new" / "knee.leads", Question(population="adults")).close()
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["knee.leads"]


def test_a_name_that_is_taken_meanwhile_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "knee.leads"

    def take(db: Database) -> None:
        path.write_bytes(b"mine")

    with pytest.raises(ReviewError, match="already exists"):
        opening.create(path, take)
    assert path.read_bytes() == b"mine"
    assert [one.name for one in tmp_path.iterdir()] == ["knee.leads"]


def test_on_a_disk_without_links_no_empty_review_is_ever_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a stick: the name is given in one step, which Windows refuses where it is taken."""

    def refused(*_: object) -> None:
        raise OSError(22, "The request is not supported")

    path, named = tmp_path / "knee.leads", []
    monkeypatch.setattr(os, "link", refused)
    for step in ("rename", "replace"):
        real = getattr(os, step)

        def give(one: Path, other: Path, real: Callable[[Path, Path], None] = real) -> None:
            if Path(other) == path:
                named.append(path.exists())
            real(one, other)

        monkeypatch.setattr(os, step, give)
    Review.create(path, Question(population="adults")).close()
    assert named == [False]


# ---------------------------------------------------------------- what may only be read


def test_a_file_that_is_marked_read_only_is_read(decided: Review) -> None:
    decided.close()
    decided.path.chmod(0o444)
    real = os.access
    with pytest.MonkeyPatch.context() as as_user:
        as_user.setattr(os, "access", lambda path, mode: real(path, mode) and (Path(path) != decided.path or mode == 4))
        with Review.open(decided.path) as review:
            assert review.read_only == "you may only read the file"
            with pytest.raises(ReviewError, match="you may only read the file"):
                review.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    decided.path.chmod(0o600)


def test_a_folder_that_takes_no_files_is_noticed_at_opening(decided: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows says of every folder that it may be written to; the rights of a share are known by trying."""
    decided.close()

    def refused(**_: object) -> None:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refused)
    with Review.open(decided.path) as review:
        assert not review.writable and "you may not write to its folder" in review.read_only
        assert review.counts().screened == 1
    monkeypatch.undo()


# ---------------------------------------------------------------- as programs


@pytest.mark.slow
def test_the_commands_as_programs(tmp_path: Path) -> None:
    def leads(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        assert done.returncode == 0, done
        return done.stdout

    (tmp_path / "two.ris").write_text("TY  - JOUR\nTI  - One\nER  - \nTY  - JOUR\nTI  - Two\nER  - \n", "utf-8")
    review = "Knie Übersicht.leads"
    leads("init", review, "--population", "adults")
    leads("import", review, "two.ris")
    leads("dedupe", review)
    copy = leads("backup", review).strip()
    leads("decide", review, "1", "include")
    assert json.loads(leads("status", review, "--json"))["counts"]["screened"] == 1
    leads("restore", review, "--from", str(copy))
    assert "is sound" in leads("check", review)
    assert json.loads(leads("status", review, "--json"))["counts"]["screened"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [review, f"{review}.copies", "two.ris"]
    with closing(opening.open_file(tmp_path / review)) as db:
        assert db.number("SELECT count(*) FROM record") == 2
