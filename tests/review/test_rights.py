"""Who may read a review: told where it is more than its owner, kept where a copy takes its place."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from leads_local.errors import ReviewError
from leads_local.records import Question
from leads_local.review import backups, opening, rights
from leads_local.review.review import Review

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights come with the folder on Windows")
ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534


@pytest.fixture
def open_way(review: Review, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A review in a folder that all may enter, whatever lies above it."""
    review.close()
    folder = review.path.parent
    folder.chmod(0o755)
    real = Path.stat

    def stat_(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = real(self, follow_symlinks=follow_symlinks)
        if self != folder and folder.is_relative_to(self):
            return os.stat_result((found.st_mode | 0o055, *found[1:]))
        return found

    monkeypatch.setattr(Path, "stat", stat_)
    return review.path


@pytest.mark.parametrize(
    ("file", "folder", "group", "told"),
    [
        (0o600, 0o755, "root", ""),
        (0o644, 0o755, "root", "all accounts"),
        (0o644, 0o700, "root", ""),  # nobody gets there
        (0o640, 0o755, "ward7", "the group ward7"),
        (0o640, 0o750, "ward7", "the group ward7"),
        (0o640, 0o700, "ward7", ""),
        (0o660, 0o770, "anna", ""),  # a group of her own, as many systems make them
    ],
)
def test_who_else_may_read_it_is_told(
    open_way: Path, monkeypatch: pytest.MonkeyPatch, file: int, folder: int, group: str, told: str
) -> None:
    monkeypatch.setattr(rights, "account_name", lambda number: "anna")
    monkeypatch.setattr(rights, "_group_name", lambda number: group)
    open_way.chmod(file)
    open_way.parent.chmod(folder)
    found = rights.notices(open_way)
    assert bool(found) == bool(told)
    assert not told or (told in found[0] and "chmod 600" in found[0])


def test_copies_and_what_is_put_back_have_the_rights_of_the_review(review: Review) -> None:
    private = review.back_up()
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(private.parent.stat().st_mode) == 0o700
    private.unlink()
    private.parent.rmdir()
    review.path.chmod(0o660)
    copy = review.back_up()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o660
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o770  # a colleague may go back to it
    review.close()
    done = backups.restore(review.path, copy)
    assert stat.S_IMODE(review.path.stat().st_mode) == 0o660
    assert done.kept is not None and stat.S_IMODE(done.kept.stat().st_mode) == 0o660


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="gives files to a group")
def test_the_group_that_a_review_was_given_to_stays(review: Review) -> None:
    before = review.back_up()
    os.chown(review.path, -1, NOBODY)
    review.path.chmod(0o660)
    after = review.back_up()
    review.close()
    backups.restore(review.path, before)
    found = [(one.stat().st_gid, stat.S_IMODE(one.stat().st_mode)) for one in (before, after, review.path)]
    assert found == [(os.getegid(), 0o600), (NOBODY, 0o660), (NOBODY, 0o660)]


def test_a_group_that_can_not_be_given_is_given_nothing(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refused)
    (made := tmp_path / "made").touch(0o600)
    found, real = list(review.path.stat()), Path.stat
    found[0], found[5] = stat.S_IFREG | 0o660, found[5] + 1
    monkeypatch.setattr(Path, "stat", lambda path: os.stat_result(found) if path == review.path else real(path))
    rights.adopt(made, review.path)
    assert stat.S_IMODE(real(made).st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="acts as another account")
@pytest.mark.parametrize(
    ("mode", "told"), [(0o755, "can't be read: it belongs to"), (0o700, "can't be opened: Permis")]
)
def test_a_colleague_who_is_kept_out_reads_why_and_what_to_do(mode: int, told: str) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own lets nobody else in
        path = Path(folder) / "pain.leads"
        Review.create(path, Question(population="adults")).close()
        Path(folder).chmod(mode)
        program = (
            f"import grp, os, pwd, sys; sys.path.insert(0, {str(ROOT)!r})\n"
            "from leads_local.review.review import Review\n"
            f"os.setgid({NOBODY}); os.setuid({NOBODY})\ntry: Review.open({str(path)!r})\n"
            "except Exception as error: print(type(error).__name__, error)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.startswith(f"ReviewError {path} {told}"), done
    if mode == 0o755:
        assert "the account root" in done.stdout and "chmod 660 'pain.leads'" in done.stdout
        assert "leads-local backup --to FOLDER" in done.stdout


def test_one_that_is_ones_own_says_so(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ReviewError, match="you have no right to"):
        opening.open_file(review.path)
