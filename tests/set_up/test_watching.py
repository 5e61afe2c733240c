"""A long installation: its output is kept, signs of life are given, and a stop leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from set_up import watching
from set_up.place import Place, SetupError
from set_up.watching import ABOUT_SO_MANY_FILES, Progress
from tests.patience import patience


@pytest.mark.parametrize(
    ("line", "doing"),
    [
        ("  [17/140] /usr/bin/g++ -DGGML_BUILD", "compiling llama.cpp, step 17 of 140"),
        ("Collecting textual>=8.2.8 (from leads-local==0.1.0)", "installing textual"),
        ("  ggml-alloc.c\n", f"compiling llama.cpp, file 1 of about {ABOUT_SO_MANY_FILES}"),
        ("     3>llama-vocab.cpp\n", f"compiling llama.cpp, file 1 of about {ABOUT_SO_MANY_FILES}"),
        ("  -- Detecting C compiler ABI info", "preparing"),
        ("  C:\\ll\\x\\ggml.c(12,3): warning C4244: conversion", "preparing"),
        ("", "preparing"),
    ],
)
def test_what_pip_says_becomes_what_a_person_wants_to_know(line: str, doing: str) -> None:
    progress = Progress()
    progress.read(line)
    assert progress.doing == doing


def test_visual_studio_tells_no_steps_so_its_files_are_counted() -> None:
    progress = Progress()
    for number in range(ABOUT_SO_MANY_FILES + 3):
        progress.read(f"  file{number}.cpp\n")
        progress.read("  Microsoft (R) C/C++ Optimizing Compiler Version 19.44\n")
    assert progress.doing == f"compiling llama.cpp, file {number + 1} of about {number + 1}"


def test_output_is_kept_and_signs_of_life_are_given(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watching, "SECONDS_BETWEEN_SIGNS_OF_LIFE", 0)
    script = "import sys; print('  [1/2] g++'); print('to stderr', file=sys.stderr); sys.exit(3)"
    assert watching.watch(place, [sys.executable, "-c", script], {}) == 3
    assert "to stderr" in place.log.read_text()
    assert "step 1 of 2" in capsys.readouterr().err


def test_a_log_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"install\.log can't be written"):
        watching.watch(Place(tmp_path / "missing"), [sys.executable, "-c", ""], {})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file that is always full is Linux's")
def test_a_disk_that_fills_up_meanwhile_does_not_stop_the_show(place: Place) -> None:
    place.log.symlink_to("/dev/full")
    assert watching.watch(place, [sys.executable, "-c", "print('x\\n' * 100_000)"], {}) == 0


TIDY = "def tidy(*_):\n time.sleep(1); print('tidied up'); sys.exit(1)\nsignal.signal(signal.SIGINT, tidy)"
STUBBORN = "signal.signal(signal.SIGINT, signal.SIG_IGN)"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="presses Ctrl-C by a signal")
@pytest.mark.parametrize(("manner", "tidied"), [(TIDY, True), (STUBBORN, False)], ids=["tidy", "stubborn"])
def test_a_stop_waits_until_pip_has_put_its_things_away_but_not_for_ever(
    manner: str, tidied: bool, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip gets the same Ctrl-C from the terminal."""
    work = "print('at work', os.getpid(), flush=True)\ntime.sleep(15)\nprint('slept on')"
    script = f"import os, signal, sys, time\n{manner}\n{work}"
    monkeypatch.setattr(watching, "SECONDS_TO_END", patience(5) if tidied else 0.5)
    found: list[int] = []

    def press() -> None:
        while not (said := re.search(r"at work (\d+)\n", place.log.read_text() if place.log.exists() else "")):
            time.sleep(0.05)
        found.append(int(said[1]))
        os.kill(found[0], signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    presser = threading.Thread(target=press)
    presser.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            watching.watch(place, [sys.executable, "-c", script], {})
    finally:
        signal.signal(signal.SIGINT, before)
        presser.join(patience(10))
    log = place.log.read_text()
    assert ("tidied up" in log) == tidied and "slept on" not in log
    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)
