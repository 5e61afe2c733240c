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
    code = "import os; from convert import temporary\nwith temporary.folder() as place:\n    (place / 'x').touch(); os.kill(os.getpid(), 9)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == -9 and len(list(tmp_path.iterdir())) == 1
    (tmp_path / "leads-local-notes").mkdir()
    with temporary.folder() as first, temporary.folder() as second:
        assert sorted(tmp_path.iterdir()) == sorted([first, second, tmp_path / "leads-local-notes"])
    assert [path.name for path in tmp_path.iterdir()] == ["leads-local-notes"]
