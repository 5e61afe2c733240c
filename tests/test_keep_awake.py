"""This computer is kept awake while the model works, where the system offers that; nothing of it stays behind; and what
is said of it is true."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from leads_local import keep_awake
from leads_local.app import doctor
from leads_local.config import Settings

KEEP, FORGET = 0x80000001, 0x80000000
CAFFEINATE = '#!/bin/sh\necho "$@" > {told}\n{act}\n'
posix = pytest.mark.skipif(os.name == "nt", reason="the program here is a shell script")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Windows' wish not to sleep: ``calls`` are (state, thread); ``answer`` is what it says."""
    kernel = SimpleNamespace(calls=[], answer=FORGET)

    def set_state(state: int) -> int:
        kernel.calls.append((state, threading.get_ident()))
        return int(kernel.answer)

    library = SimpleNamespace(SetThreadExecutionState=SimpleNamespace(argtypes=None, restype=None))
    library.SetThreadExecutionState = set_state
    monkeypatch.setattr(keep_awake, "SYSTEM", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: library, raising=False)
    return kernel


@pytest.fixture
def caffeinate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """macOS with a program of that name that notes what it is told, then does something."""

    def make(act: str) -> Path:
        program, told = tmp_path / "caffeinate", tmp_path / "told"
        program.write_text(CAFFEINATE.format(told=told, act=act))
        program.chmod(0o755)
        monkeypatch.setattr(keep_awake, "CAFFEINATE", str(program))
        return told

    monkeypatch.setattr(keep_awake, "SYSTEM", "darwin")
    monkeypatch.setattr(keep_awake, "_ALIVE_SECONDS", 1.5)
    return make


def linux(monkeypatch: pytest.MonkeyPatch, *parents: str, has_logind: bool = True, release: str = "6.8.0") -> None:
    monkeypatch.setattr(keep_awake, "SYSTEM", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if has_logind else None)
    monkeypatch.setattr(keep_awake.platform, "release", lambda: release)


def test_windows_is_asked_by_a_thread_that_lives_as_long(windows: SimpleNamespace) -> None:
    with keep_awake.while_working(True) as said:
        ((state, thread),) = windows.calls
        assert state == KEEP and thread != threading.get_ident()
        assert thread in {one.ident for one in threading.enumerate()}
    assert windows.calls == [(KEEP, thread), (FORGET, thread)]
    assert thread not in {one.ident for one in threading.enumerate()}
    assert "is kept awake" in said and "closed lid" in said and "battery" in said


def test_windows_is_told_however_the_work_ends(windows: SimpleNamespace) -> None:
    with pytest.raises(KeyboardInterrupt), keep_awake.while_working(True):
        raise KeyboardInterrupt
    assert [state for state, _ in windows.calls] == [KEEP, FORGET]


def test_what_windows_refuses_is_not_said_to_be_so(windows: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    windows.answer = 0
    with keep_awake.while_working(True) as said:
        assert said == "This computer may fall asleep while the model works; the work goes on when it wakes."
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: SimpleNamespace())
    with keep_awake.while_working(True) as said:
        assert "may fall asleep" in said
    assert not [one for one in threading.enumerate() if one.name == "keep-awake"]


@posix
def test_caffeinate_watches_this_process_and_is_gone_afterwards(caffeinate: Callable[[str], Path]) -> None:
    told = caffeinate("exec sleep 600")
    with pytest.raises(ValueError, match="stopped"), keep_awake.while_working(True) as said:
        assert told.read_text().split() == ["-i", "-w", str(os.getpid())]
        (asking,) = [one for one in psutil.Process().children() if "sleep" in one.name()]
        assert os.getsid(asking.pid) != os.getsid(0)  # Ctrl-C is for us
        assert "is kept awake" in said and "closed lid" in said
        raise ValueError("stopped")
    assert not asking.is_running()


@posix
@pytest.mark.parametrize("act", ["exit 1", ""])
def test_a_caffeinate_that_is_refused_is_not_said_to_help(caffeinate: Callable[[str], Path], act: str) -> None:
    caffeinate(act)
    with keep_awake.while_working(True) as said:
        assert "may fall asleep" in said


def test_a_mac_without_it_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(keep_awake, "SYSTEM", "darwin")
    monkeypatch.setattr(keep_awake, "CAFFEINATE", str(tmp_path / "none"))
    with keep_awake.while_working(True) as said:
        assert "may fall asleep" in said


def test_on_linux_a_person_is_told_what_to_do_where_it_helps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def said() -> str:
        with keep_awake.while_working(True) as told:
            return told

    monkeypatch.setattr(keep_awake, "_PROC", tmp_path)
    linux(monkeypatch)
    assert said().endswith("begin the command with: systemd-inhibit --what=idle:sleep")
    linux(monkeypatch, has_logind=False)
    assert said().endswith("the work goes on when it wakes.")
    linux(monkeypatch, release="5.15.153.1-microsoft-standard-WSL2")
    assert said().endswith("the work goes on when it wakes.")
    linux(monkeypatch)
    parents = {os.getppid(): ("bash", 77), 77: ("systemd-inhibit", 55), 55: ("bash", 1)}
    for number, (name, parent) in parents.items():
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "status").write_text(f"Name:\t{name}\nUmask:\t0022\nPPid:\t{parent}\n")
    assert said() == ""
    (tmp_path / "77" / "status").write_text("Name:\tmake\nPPid:\t55\n")
    assert "systemd-inhibit" in said()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux' own names of processes")
def test_the_names_of_real_processes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not keep_awake._is_inhibited()
    monkeypatch.setattr(keep_awake, "INHIBIT", psutil.Process(os.getppid()).name()[:15])
    assert keep_awake._is_inhibited()


def test_nothing_is_asked_or_said_where_the_settings_say_so(windows: SimpleNamespace) -> None:
    with keep_awake.while_working(False) as said:
        assert said == ""
    assert not windows.calls


def test_the_doctor_tells_what_the_system_answers(windows: SimpleNamespace) -> None:
    assert "is kept awake" in doctor.check_sleep(Settings()).found
    assert [state for state, _ in windows.calls] == [KEEP, FORGET]
    windows.answer = 0
    assert "may fall asleep" in doctor.check_sleep(Settings()).found
    windows.calls.clear()
    assert "keep_awake" in doctor.check_sleep(Settings(keep_awake=False)).found and not windows.calls
