"""Terminals that know little: narrow, without colours or escape sequences, of another encoding, with noise on the
line."""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import struct
import sys
import termios
from pathlib import Path

import pytest

from leads_local.records import Criterion, Question
from leads_local.review.review import Review
from tests.patience import patience
from tests.terminal import LEADS, Terminal

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
RIS = "TY  - JOUR\nTI  - Trial {0} of walking ≠ running, said at quite some length\nAB  - We randomised.\nER  -\n\n"


@pytest.fixture
def review(tmp_path: Path) -> Path:
    file = tmp_path / "some citations whose name is longer than a terminal is wide.ris"
    file.write_text("".join(RIS.format(number) for number in range(20)), "utf-8")
    with Review.create(tmp_path / "a.leads", Question("Walking ≠", "adults"), [Criterion("Design", "trial")]) as made:
        made.import_file(file)
    return tmp_path / "a.leads"


def decisions(review: Path) -> int:
    connection = sqlite3.connect(review)
    try:
        return int(connection.execute("SELECT count(*) FROM decision").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"NO_COLOR": "1"}, ASCII], ids=["dumb", "no colours", "C"])
def test_progress_keeps_to_a_narrow_line_and_sends_no_escape_sequence(
    review: Path, environment: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "tests.fake_program", "0.15", "screen", review]
    with Terminal(command, environment) as terminal:
        fcntl.ioctl(terminal._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
        assert terminal.ended(patience(60)) == 0
        seen = terminal.seen.decode()
    bars = [line for line in re.split(r"[\r\n]", seen) if "|" in line]
    assert bars and max(map(len, bars)) <= 40, bars
    assert "\x1b" not in seen and "20 of 20 done" in seen


@pytest.mark.parametrize(
    "environment",
    [ASCII, {"PYTHONIOENCODING": "latin-1:strict"}, {"TERM": "dumb"}, {"TERM": ""}, {"NO_COLOR": "1"}],
    ids=["C", "latin-1", "dumb", "no name", "no colours"],
)
def test_the_interface_opens_and_takes_decisions(review: Path, environment: dict[str, str]) -> None:
    with Terminal([*LEADS, "open", review], environment) as terminal:
        terminal.until(lambda: b"Walking" in terminal.seen)
        terminal.read(0.3)
        terminal.type("2")
        terminal.until(lambda: b"Trial 0 of walking" in terminal.seen)
        terminal.read(0.3)
        for noise in (b"\xe9", b"\xff\xfe", "é".encode()[:1]):  # the last may begin a character, which the key ends
            os.write(terminal._master, noise)
            terminal.read(0.1)
        terminal.type("i")
        terminal.until(lambda: decisions(review) == 1)
        terminal.type("q")
        assert terminal.ended(10) == 0
        assert b"Traceback" not in terminal.seen
        if environment is ASCII:
            assert terminal.seen.isascii()


@pytest.mark.parametrize("environment", [ASCII, {"LC_ALL": "C.UTF-8"}], ids=["C", "UTF-8"])
def test_a_question_that_is_answered_with_noise_is_asked_again(environment: dict[str, str]) -> None:
    with Terminal([sys.executable, "-c", ASK], environment) as terminal:
        terminal.until(lambda: b"[y/N]" in terminal.seen)
        os.write(terminal._master, b"\xe9\xff\n")
        terminal.until(lambda: terminal.seen.count(b"[y/N]") == 2)
        os.write(terminal._master, b"\n")
        assert terminal.ended(10) == 5
        assert b"Traceback" not in terminal.seen
        assert ("Upgrade ? now" if environment is ASCII else "Upgrade ≠ now").encode() in terminal.seen


ASK = r"""
import sys
from leads_local import streams
streams.prepare()
from leads_local.cli.echo import ask_yes_or_no
sys.exit(4 if ask_yes_or_no("Upgrade \u2260 now?") else 5)
"""
