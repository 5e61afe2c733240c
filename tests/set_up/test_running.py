"""Running the program: its end is waited for, and nothing of the folder is run in place of Python's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from set_up import running
from set_up.place import ROOT, Place
from tests.patience import patience

CHILD = """
import signal, sys, time
try:
    print("at work", flush=True)
    time.sleep(100)
except KeyboardInterrupt:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    time.sleep(2)
    print("ended in order", flush=True)
    sys.exit(130)
"""
PARENT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from set_up import running
from set_up.place import Place

class Here(Place):
    python = sys.executable

running.ROOT = Path({{folder!r}})
code = running.run(Here(Path("unused")), "slow_to_end")
print("the parent has", code, flush=True)
sys.exit(code)
"""


def test_nothing_of_the_folder_is_run_in_place_of_pythons_own(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(
        running.subprocess, "run", lambda command, **_: ran.append(command) or subprocess.CompletedProcess(command, 0)
    )
    assert running.run(place, "leads_local", "demo") == 0
    assert ran == [[str(place.python), "-P", "-m", "leads_local", "demo"]]


def test_who_is_killed_ends_as_a_shell_says_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, -9))
    assert running.run(place, "x") == 137


def test_ctrl_c_means_afterwards_what_it_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with running.outlasting_ctrl_c():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with running.outlasting_ctrl_c():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN, "nohup is for children, too"
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="presses Ctrl-C by a signal to the process group")
@pytest.mark.parametrize("with_make", [False, True])
def test_a_program_that_ends_slowly_is_waited_for_and_its_code_goes_through(with_make: bool, tmp_path: Path) -> None:
    """The child takes two seconds; Ctrl-C is pressed again meanwhile."""
    if with_make and not shutil.which("make"):
        pytest.skip("make is not installed")
    (tmp_path / "slow_to_end.py").write_text(CHILD)
    (tmp_path / "parent.py").write_text(PARENT.replace("{folder!r}", repr(str(tmp_path))))
    command = [sys.executable, str(tmp_path / "parent.py")]
    if with_make:
        (tmp_path / "Makefile").write_text(f"demo:\n\t@{' '.join(command)}\n")
        command = ["make", "-C", str(tmp_path), "demo"]
    given = {**os.environ, "PYTHONPATH": str(tmp_path)}
    process = subprocess.Popen(
        command, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
    )
    assert process.stdout is not None
    said = "".join(iter(process.stdout.readline, "at work\n"))  # make says first where it goes
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.6)
    os.killpg(process.pid, signal.SIGINT)
    said += process.communicate(timeout=patience(30))[0]
    assert "ended in order\nthe parent has 130" in said, f"the child was killed while it was ending: {said}"
    assert process.returncode != 0 if with_make else process.returncode == 130
