"""A review on a medium that can't be written to: what reads works and writes nothing, what changes says why not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leads_local.review import leftovers
from leads_local.review.review import Review
from tests.cli.conftest import Done
from tests.review.test_opening import hot

pytestmark = pytest.mark.slow  # six programs
ROOT = Path(__file__).resolve().parents[2]
MOUNT = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
RUN = """
import contextlib, io, json, sys
from leads_local import offline
offline.enforce = lambda: None
from leads_local.cli.__main__ import main
for command in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""
OnDisc = Callable[..., list[Done]]


@pytest.fixture
def on_disc(tmp_path: Path) -> Iterator[OnDisc]:
    """Run commands where nobody can write into the folder ``disc``, and see that nothing there has changed."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("needs a kernel that lets us mount")
    disc = tmp_path / "disc"

    def run(*commands: tuple[object, ...]) -> list[Done]:
        before = {path: path.read_bytes() for path in disc.iterdir()}
        asked = json.dumps([[str(one) for one in command] for command in commands])
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", MOUNT, "sh", str(disc), sys.executable, "-c", RUN, asked],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done
        assert {path: path.read_bytes() for path in disc.iterdir()} == before
        return [Done(*json.loads(line)) for line in done.stdout.splitlines()]

    yield run


@pytest.fixture
def burnt(review: Path, leads: Callable[..., Done], tmp_path: Path) -> Path:
    """The review as it lies on the disc."""
    assert leads("decide", review, 1, "include").code == 0
    (tmp_path / "disc").mkdir()
    return Path(shutil.copy2(review, tmp_path / "disc" / "knees.leads"))


def test_all_that_reads_works_and_all_that_changes_says_why_not(on_disc: OnDisc, burnt: Path, tmp_path: Path) -> None:
    reads = on_disc(
        ("status", burnt, "--json"),
        ("check", burnt),
        ("backup", burnt, "--to", tmp_path / "copy.leads"),
        ("export", burnt, "--to", tmp_path / "tables"),
        ("restore", burnt),
    )
    assert [done.code for done in reads] == [0, 0, 0, 0, 2], reads
    assert json.loads(reads[0].out)["counts"]["screened"] == 1
    assert "is sound" in reads[1].out
    assert "There are no copies" in reads[4].err
    with Review.open(tmp_path / "copy.leads") as copy:
        assert copy.counts().screened == 1
    changes = on_disc(
        ("decide", burnt, 2, "exclude"),
        ("dedupe", burnt),
        ("import", burnt, burnt),
        ("restore", burnt, "--from", tmp_path / "copy.leads"),
        ("backup", burnt),
        ("init", burnt.with_name("new.leads"), "--population", "adults"),
    )
    assert {done.code for done in changes} == {2}, changes
    assert "the disk that it lies on is read-only. Copy it to a folder that you may write to." in changes[0].err
    assert "the disk that it lies on is read-only" in changes[1].err
    assert "knees.leads can't be replaced: Read-only file system" in changes[3].err
    assert "leads-local backup --to FOLDER" in changes[4].err
    assert "can't be made: Read-only file system" in changes[5].err


def test_half_a_change_that_can_not_be_taken_back_there_is_named_with_the_way_out(
    on_disc: OnDisc, burnt: Path, tmp_path: Path
) -> None:
    """The program was killed inside a commit, and the folder was burnt or shared as it was."""
    sound = tmp_path / "sound.leads"
    shutil.copy2(burnt, sound)
    hot(sound, burnt)
    (done,) = on_disc(("status", burnt))
    assert done.code == 2
    assert "holds half of a change that was cut short" in done.err and "(knees.leads-journal)" in done.err
    assert "Copy both files into a folder that you may write to" in done.err
    (there := tmp_path / "there").mkdir()
    for ending in ("", "-journal"):
        shutil.copy2(leftovers.path_beside(burnt, ending), there)
    with Review.open(there / burnt.name) as mended:
        assert mended.counts().screened == 1
