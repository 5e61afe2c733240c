"""A temporary folder goes with its block, and those of killed processes with the next."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from convert import temporary


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_what_a_killed_process_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os; from convert import temporary\nwith temporary.folder() as place:\n    (place / 'x').touch(); "
        "os.kill(os.getpid(), 9)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == -9 and len(list(tmp_path.iterdir())) == 1
    (tmp_path / "leads-local-notes").mkdir()
    with temporary.folder() as first, temporary.folder() as second:
        assert sorted(tmp_path.iterdir()) == sorted([first, second, tmp_path / "leads-local-notes"])
    assert [path.name for path in tmp_path.iterdir()] == ["leads-local-notes"]


@pytest.mark.skipif(sys.platform == "win32", reason="accounts and links of POSIX")
def test_nothing_else_in_the_temp_folder_is_taken_for_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mark = f".leads-local-convert--{temporary._host()}-{(1 << 31) - 1}-"  # a process that no system has
    names = [
        "leads-local-2026-reviews",
        "leads-local-4194305-abcdefgh",
        ".leads-local-convert",
        f"{mark}notes",
        f"{mark}01234567-mine",
    ]
    names += [
        f"{mark}0123456",
        f"{mark}01234567.bak",
        f".leads-local-convert--elsewhere-{(1 << 31) - 1}-01234567",
        f"a{mark}01234567",
    ]
    kept = [tmp_path / name for name in names]
    for path in kept:
        path.mkdir()
        (path / "review.leads").touch()
    file, link, left = (tmp_path / f"{mark}0123456{end}" for end in "789")
    file.touch()
    link.symlink_to(kept[0])
    left.mkdir()
    with monkeypatch.context() as other:
        other.setattr(temporary.os, "geteuid", lambda: os.getuid() + 1)
        with temporary.folder():
            assert left.exists()
    with temporary.folder() as made:
        assert sorted(tmp_path.iterdir()) == sorted([*kept, file, link, made])
        assert made.stat().st_mode & 0o777 == 0o700
    assert all((path / "review.leads").exists() for path in kept)
