"""What is left open fails the test that left it, and no other."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

HEAD = """
import contextlib, pytest, socket, sqlite3, subprocess, sys

class Cycle:
    def __init__(self, *held):
        self.held, self.itself = held, self
"""
OPENED = {
    "file": "open(__file__)",
    "connection": "sqlite3.connect(':memory:')",
    "socket": "socket.socket()",
    "process": "subprocess.Popen([sys.executable, '-c', ''], stdout=subprocess.PIPE)",
}
MADE = "@pytest.fixture\ndef made_{name}():\n    return {made}\n\ndef test_{name}(made_{name}):\n    pass\n"
WAYS = {
    "in the test": "def test_{name}():\n    left = {opened}\n",
    "in a cycle": "def test_{name}():\n    left = Cycle({opened})\n",
    "by a fixture": MADE.replace("{made}", "{opened}"),
    "by a fixture, in a cycle": MADE.replace("{made}", "Cycle({opened})"),
}
CASES = {case: f"{number:02}" for number, case in enumerate(itertools.product(OPENED, WAYS))}
CLOSED = "def test_closed_{name}():\n    with contextlib.closing({opened}): pass\n"


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The tests in a file of their own that fail with the settings of this project; a passing one comes after each that
    leaves something open."""
    file = tmp_path_factory.mktemp("tests") / "test_some.py"
    bodies = [HEAD, *(CLOSED.format(name=what, opened=one) for what, one in OPENED.items() if what != "process")]
    for (what, way), name in CASES.items():
        bodies.append(WAYS[way].format(name=name, opened=OPENED[what]))
        bodies.append(f"def test_after_{name}():\n    pass\n")
    file.write_text("\n".join(bodies))
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(file.parent)]
    options = ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "tests.left_open", str(file)]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True)
    assert "passed" in done.stdout, done.stdout + done.stderr
    return set(re.findall(r"^(?:FAILED|ERROR) \S*test_some.py::test_(\w+)", done.stdout, re.MULTILINE))


@pytest.mark.parametrize(("what", "way"), CASES)
def test_what_is_left_open_fails_its_own_test(failed: set[str], what: str, way: str) -> None:
    assert CASES[what, way] in failed


def test_what_is_closed_passes_and_so_does_what_comes_after(failed: set[str]) -> None:
    assert failed <= set(CASES.values())
