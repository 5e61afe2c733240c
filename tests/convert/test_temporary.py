"""A temporary folder goes with its block, and those of killed processes with the next."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from convert import temporary
from convert.errors import ConvertError


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


FULL = """
mount -t tmpfs -o size=8k none "$TMPDIR"
"$PYTHON" -m convert "$@"
"""


def test_a_full_place_for_temporary_files_is_said_and_nothing_left(tmp_path: Path, small: Path) -> None:
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no disk of our own can be made here")
    place, out = tmp_path / "temporary", tmp_path / "x.gguf"
    place.mkdir()
    asked = [str(small), "--quant", "Q8_0", "--out", str(out), "--quiet"]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL, "sh", *asked],
        env=os.environ | {"PYTHON": sys.executable, "TMPDIR": str(place)}, capture_output=True, text=True,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.startswith(f"Error: {place}/"), done.stderr
    assert "could not be written: the disk is full. Make room on that disk, or name another folder" in done.stderr
    assert "in TMPDIR.\n" in done.stderr and [path.name for path in tmp_path.iterdir()] == ["temporary"]


def test_no_place_for_temporary_files_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp', '/var/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    for opened in (temporary.folder, temporary.stream):
        with (
            pytest.raises(ConvertError, match=r"No folder for temporary files can be written to\. Make"),
            opened(),
        ):
            pass
