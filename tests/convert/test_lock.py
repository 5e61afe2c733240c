"""Locks on files: one holder at a time, let go with the process however it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from convert.lock import lock_file

HOLD = """
import sys, time
from pathlib import Path
from convert.lock import lock_file
held = lock_file(Path(sys.argv[1]))
print(held is not None, flush=True)
time.sleep(60)
"""


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "True\n"
        assert lock_file(path) is None
        holder.kill()
        holder.wait()
    file = lock_file(path)
    assert file is not None
    assert lock_file(path) is None
    file.close()


def test_a_name_that_was_removed_or_replaced_is_locked_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    first = lock_file(path)
    assert first is not None
    path.unlink()
    second = lock_file(path)
    assert second is not None and path.stat().st_ino != 0
    (tmp_path / "other").write_bytes(b"")
    (tmp_path / "other").replace(path)
    third = lock_file(path)
    assert third is not None
    for file in (first, second, third):
        file.close()
